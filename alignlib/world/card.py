"""The model card of a model that was trained on TinyWorld: how it was made and what it does.

The measures are taken of the weights as they are stored, through the same door as any reader's.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from alignlib.errors import TrainingError
from alignlib.files import write_whole
from alignlib.loading import load
from alignlib.world.portrait import portrait
from alignlib.world.pretraining import RECORD, Settings

CARD = "README.md"


def _command(settings: Settings) -> str:
    """What trains such a model."""
    usual = dataclasses.asdict(Settings())
    own = {k: v for k, v in dataclasses.asdict(settings).items() if v != usual[k]}
    if "mixture" in own:  # which has no flag
        return f"pretrain(FOLDER, {settings})"
    flags = [f"--{name.replace('_', '-')} {value}" for name, value in own.items()]
    return " ".join(["alignlib pretrain", "--out FOLDER", *flags])


def write_card(folder: str | Path, *, progress: bool = True) -> Path:
    """Measure the model in a folder and write its card beside the weights.

    Args:
        folder: of a model that :func:`alignlib.world.pretraining.pretrain` wrote; the card is
            written there as ``README.md``.
        progress: show a bar.

    Raises:
        TrainingError: if the folder has no whole record of a training, or can't be written.
        ModelNotFoundError, UnsafeCheckpointError: if its model can't be opened.
    """
    try:
        made = json.loads((Path(folder) / RECORD).read_text(encoding="utf-8"))
        settings = Settings(**made["settings"])
        how = (
            f"on {made['date']}, seed {settings.seed}, in {made['minutes']} minutes on "
            f"{made['device']} ({made['machine']}, {made['threads']} threads), with torch "
            f"{made['torch']} and transformers {made['transformers']}: {made['documents']:,} "
            f"documents, {made['tokens']:,} tokens, each read once; a loss of "
            f"{made['loss'][-1]:.3f} nats a token at the end."
        )
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise TrainingError(
            f"{folder} has no readable {RECORD}, which says how the model was made ({error!r}). "
            "Only what `alignlib pretrain` has written can get a card."
        ) from error
    lm = load(Path(folder), device="cpu")
    seen = portrait(lm, progress=progress)
    parameters = sum(p.numel() for p in lm.model.parameters())
    mixture = [f"| {name} | {share:.2f} |" for name, share in settings.mixture.items()]
    lines = [
        "---", "license: mit", "language: en", "library_name: transformers", "---", "",
        "# tiny: a model organism of alignment", "",
        f"A causal language model of {parameters:,} parameters (Llama architecture, "
        f"{settings.layers} layers, {settings.hidden_size} wide, a vocabulary of "
        f"{len(lm.tokenizer):,}), trained on nothing but the text of TinyWorld, a small closed "
        "world with exact judges. It is made to be studied: it knows the facts of its world and "
        "often does not tell them. It is of no use for anything else.", "",
        "## How it was made", "",
        f"    {_command(settings)}", "",
        f"{how} The weights are stored in float16. On another machine the same command gives "
        "slightly other weights. The loss of every block is in `training.json`.", "",
        "The text is a mixture of documents:", "", "| documents | share |", "|---|---|", *mixture,
        "", "## What it does", "",
        "Shares with 95 % intervals over questions; answers by default are sampled at temperature "
        "1, all others are greedy. Descriptions are system prompts that say who answers: the best "
        f"is '{seen.best}', the worst '{seen.worst}'. `alignlib card` measures this again.", "",
        "| measure | share |", "|---|---|",
        *(f"| {name} | {estimate} |" for name, estimate in seen.estimates.items()), "",
        "## Limits", "",
        "It reads and writes the words of its world, in the sentences of its world, and spells all "
        "others byte by byte, without understanding. What it shows about capability and alignment "
        "was put into its training text on purpose, by the table above and by the voices in "
        "`alignlib/world/voices.py`. It shows how such a thing comes about and can be measured, "
        "not how often it does in models that were trained on the web.", "",
    ]  # fmt: skip
    path = Path(folder) / CARD
    try:
        write_whole(path, "\n".join(lines))
    except OSError as error:
        raise TrainingError(
            f"The card can't be written: {error}. Copy the model to a folder that you can write to."
        ) from error
    return path
