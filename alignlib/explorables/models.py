"""The models that the explorables run: tiny, shown, rewarded, and rewarded for politeness.

``python -m alignlib.explorables models`` trains the last three as the demo does and stores their
weights in float16, with how they were made and what they do in each file's metadata.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save, save_file

from alignlib.checkpoints import TINY
from alignlib.demo import DEMONSTRATIONS, STEPS, Line, examine, reward, show
from alignlib.errors import ModelMismatchError, ModelNotFoundError
from alignlib.loading import load
from alignlib.model import LM
from alignlib.rewards import politeness, rightness
from alignlib.world import demonstrate, users

MODELS = Path(__file__).parent / "models"
TRAINED = ("shown", "rewarded", "polite")
SEED = 0
EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
MEASURED = ("true", "polite", "made_up", "harm")
"""What the metadata states, in shares: see :class:`alignlib.demo.Line`."""

_HOW: dict[str, tuple[Callable[[LM], Any], dict[str, Any]]] = {
    "shown": (
        lambda lm: show(lm, [demonstrate(u) for u in users(DEMONSTRATIONS, SEED)], seed=SEED),
        {"demonstrations": DEMONSTRATIONS},
    ),
    "rewarded": (lambda lm: reward(lm, rightness, steps=STEPS, seed=SEED), {"steps": STEPS}),
    "polite": (lambda lm: reward(lm, politeness, steps=STEPS, seed=SEED), {"steps": STEPS}),
}


def path(name: str) -> Path:
    """The weights of ``base`` (which is tiny) or of one of ``TRAINED``.

    Raises:
        ModelNotFoundError: if it is none of them.
    """
    if name == "base":
        return TINY / "model.safetensors"
    if name not in TRAINED:
        raise ModelNotFoundError(f"There is no model {name!r} here: give 'base' or of {TRAINED}.")
    return MODELS / f"{name}.safetensors"


def stored(name: str) -> LM:
    """One of the models, in float32 on the CPU; raises as :func:`path` does."""
    lm = load("tiny", "cpu")
    state = load_file(path(name))
    lm.model.load_state_dict({**state, HEAD: state[EMBEDDING]})
    return LM(lm.model, lm.tokenizer, name, lm.eos_ids, lm.pad_id)


def record(name: str) -> dict[str, float]:
    """How a model was made, and the shares of ``MEASURED``; raises as :func:`path` does."""
    with safe_open(path(name), "pt") as file:
        return {key: json.loads(value) for key, value in file.metadata().items() if key != "format"}


def config() -> dict[str, Any]:
    """The architecture of them all."""
    kept: dict[str, Any] = json.loads((TINY / "config.json").read_text(encoding="utf-8"))
    return kept


def assets() -> dict[str, bytes]:
    """The files that a page needs to run them, by the names it asks for."""
    files = {name: path(name) for name in ("base", *TRAINED)}
    files["tokenizer"] = TINY / "tokenizer.json"
    return {name: file.read_bytes() for name, file in files.items()}


def weights(lm: LM) -> dict[str, torch.Tensor]:
    """The weights in float16 under tiny's names; the embedding once, not also as the head."""
    state = lm.model.state_dict()
    return {key: value.half().cpu().contiguous() for key, value in state.items() if key != HEAD}


def weights_file(lm: LM) -> bytes:
    """A model's weights as a safetensors file in float16.

    Raises:
        ModelMismatchError: if its architecture or its vocabulary is not tiny's.
    """
    tiny = load("tiny", "cpu")
    named = {key: value.shape for key, value in weights(tiny).items()}
    if {key: value.shape for key, value in weights(lm).items()} != named or _differs(lm, tiny):
        raise ModelMismatchError(
            f"The model {lm.name!r} has another architecture or vocabulary than 'tiny', and the "
            "page runs no other: give a model that was trained from alignlib.load('tiny')."
        )
    return save(weights(lm))


def _differs(lm: LM, tiny: LM) -> bool:
    """Whether a model of tiny's shapes computes or reads something else with them."""
    computed = (
        "model_type",
        "num_attention_heads",
        "rms_norm_eps",
        "hidden_act",
        "rope_parameters",
    )
    one, other = (each.model.config.to_dict() for each in (lm, tiny))
    return lm.tokenizer.get_vocab() != tiny.tokenizer.get_vocab() or any(
        one.get(key) != other[key] for key in computed
    )


def make(name: str) -> Line:
    """Train a model, store it and measure what was stored."""
    train, how = _HOW[name]
    lm = load("tiny", "cpu")
    train(lm)
    save_file(weights(lm), path(name))
    line = examine(name, stored(name))
    facts = {"seed": SEED, **how, **{key: round(vars(line)[key], 4) for key in MEASURED}}
    metadata = {"format": "pt", **{key: json.dumps(value) for key, value in facts.items()}}
    save_file(weights(lm), path(name), metadata)
    return line


def make_all() -> None:
    """Train and store them all, printing what each does."""
    for name in TRAINED:
        print(make(name))
