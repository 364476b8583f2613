"""The runs that have to come out the same: ``python -m tests.reproducible_runs FOLDER``.

Each writes what it came to into the folder: its tensors, and its history without the seconds.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

import alignlib
from alignlib import LM, History, chat, finetune, reinforce, sample
from alignlib.rewards import Comparison, learn_reward, rightness
from alignlib.world import Demonstration, demonstrate, users
from alignlib.world.pretraining import Settings, pretrain
from tests.random_models import write_model
from tests.small_training import train, weights

TIMES = ("seconds", "samples_per_second")
"""What differs from run to run."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        tensors: weights, or samples with their log-probabilities, by name.
        rows: of the history; empty where there is none.
    """

    tensors: Mapping[str, Tensor]
    rows: Sequence[Mapping[str, float]] = ()

    def write(self, folder: Path, name: str) -> None:
        """Write it below the folder."""
        tensors = {key: each.contiguous() for key, each in self.tensors.items()}
        save_file(tensors, folder / f"{name}.safetensors")
        (folder / f"{name}.json").write_text(json.dumps(self.rows))

    @classmethod
    def read(cls, folder: Path, name: str) -> Outcome:
        """The outcome that was written there."""
        rows = json.loads((folder / f"{name}.json").read_text())
        return cls(load_file(folder / f"{name}.safetensors"), rows)


def _trained(lm: LM, history: History) -> Outcome:
    rows = [{key: row[key] for key in row if key not in TIMES} for row in history.rows]
    # Tied weights have two names and are written once.
    own = {name for name, _ in lm.model.named_parameters()}
    return Outcome({name: each for name, each in weights(lm).items() if name in own}, rows)


def _tiny() -> LM:
    return alignlib.load("tiny", device="cpu")


def _shown() -> list[Demonstration]:
    return [demonstrate(each) for each in users(24, seed=0)]


def shown(folder: Path, **settings: Any) -> Outcome:
    """Finetuning of all weights."""
    lm, pairs = _tiny(), [each.pair for each in _shown()]
    usual: dict[str, Any] = {"epochs": 3, "batch_size": 8, "learning_rate": 3e-4}
    history = finetune(lm, pairs, validation=pairs[:4], progress=False, **(usual | settings))
    return _trained(lm, history)


def dropping(folder: Path) -> Outcome:
    """Finetuning of an adapter, with dropout."""
    lm = alignlib.load(write_model(folder / "gpt2", "gpt2"), device="cpu")
    return _trained(lm, train(lm, lora_rank=2))


def rewarded(folder: Path, **settings: Any) -> Outcome:
    """Reward of sampled answers."""
    lm, asked = _tiny(), users(40, seed=0)
    usual: dict[str, Any] = {"steps": 4, "prompts_per_step": 4, "samples_per_prompt": 4}
    history = reinforce(
        lm,
        [chat(each.text) for each in asked],
        rightness,
        columns={"asked": asked},
        max_new_tokens=12,
        learning_rate=5e-4,
        progress=False,
        **(usual | settings),
    )
    return _trained(lm, history)


def leashed(folder: Path) -> Outcome:
    """Reward of an adapter on a leash, which learns from its samples twice."""
    return rewarded(
        folder, lora_rank=4, beta=0.05, leash="in the loss", updates_per_step=2, clip=0.2
    )


def pretrained(folder: Path) -> Outcome:
    """Pretraining of a model that is smaller still."""
    small = Settings(
        blocks=2,
        documents_per_block=48,
        tokens_per_batch=1024,
        hidden_size=32,
        layers=1,
        heads=2,
        intermediate_size=48,
    )
    table = pretrain(folder / "pretrained", small, progress=False).drop(columns="seconds")
    tensors = load_file(folder / "pretrained" / "model.safetensors")
    return Outcome(tensors, [table.loc[number].to_dict() for number in table.index])


def sampled(folder: Path, **settings: Any) -> Outcome:
    """Samples of different prompts."""
    prompts = [chat(each.text) for each in users(32, seed=3)]
    drawn = sample(_tiny(), prompts, 8, 12, progress=False, **settings)
    return Outcome({"tokens": drawn.tokens, "mask": drawn.mask, "logprobs": drawn.logprobs})


def learned(folder: Path) -> Outcome:
    """A reward learned from comparisons under the Bradley-Terry model."""
    made = _shown()
    comparisons = [
        Comparison(one.pair[0], str(one.pair[1]), str(other.pair[1]))
        for one, other in itertools.pairwise(made)
    ]
    reward = learn_reward(comparisons, seed=0)
    assert reward.accuracy is not None
    return Outcome({"weights": reward.weights}, [{"accuracy": reward.accuracy.value}])


Run = Callable[[Path], Outcome]

RUNS: dict[str, Run] = {
    "shown": shown,
    "dropping": dropping,
    "rewarded": rewarded,
    "leashed": leashed,
    "pretrained": pretrained,
    "sampled": sampled,
    "learned": learned,
}
OTHERWISE: dict[str, Run] = {
    "shown, in passes": lambda folder: shown(folder, micro_batch_size=3),
    "shown, in bfloat16": lambda folder: shown(folder, precision="bfloat16"),
    "rewarded, in passes": lambda folder: rewarded(folder, rows_at_once=3),
    "sampled, in batches": lambda folder: sampled(folder, batch_size=5),
}
"""The same runs with what should change nothing, or little."""


def main() -> None:
    """Make the runs; ``--otherwise`` makes the others too."""
    folder = Path(sys.argv[1])
    runs = RUNS | (OTHERWISE if "--otherwise" in sys.argv else {})
    for name, run in runs.items():
        run(folder).write(folder, name)
    used = {"threads": torch.get_num_threads(), "cpu": torch.backends.cpu.get_cpu_capability()}
    (folder / "used.json").write_text(json.dumps(used))


if __name__ == "__main__":
    main()
