"""A user's first minute, by the Python of an environment that has the package and no extras."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import alignlib
from alignlib import chat, explorables, rewards, sample
from alignlib.errors import AlignlibError
from alignlib.grading import check


def main() -> None:
    """Load, sample, check an exercise, show a figure; then ask for each extra that isn't there."""
    assert Path(alignlib.__file__).is_relative_to(sys.prefix), alignlib.__file__
    tiny = alignlib.load("tiny", device="cpu")
    (answer,) = sample(tiny, [chat("What is the capital of France?")], seed=0).texts
    assert answer, "tiny says nothing."
    assert check("pass_at_k", lambda n, c, k: 0.5) is False
    assert explorables.policy_gradient().widget is not None
    with tempfile.NamedTemporaryFile(suffix=".gguf") as model:
        _says("gguf", lambda: alignlib.load(model.name))
    _says("vaderSentiment", lambda: rewards.sentiment(["Hello."], ["Good."]))
    _says("alt-profanity-check", lambda: rewards.toxicity(["Hello."], ["Good."]))


def _says(package: str, wants: Callable[[], object]) -> None:
    """Print the error of something that wants a package; it has to say how to install it."""
    try:
        wants()
    except AlignlibError as error:
        said = f"{type(error).__name__}: {error}"
        assert "pip install" in said, said
        assert package in said.partition("pip install")[2], said
        print(said)
    else:
        raise AssertionError(f"{package} is not missed.")


if __name__ == "__main__":
    main()
