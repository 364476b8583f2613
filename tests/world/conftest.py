"""What several tests of TinyWorld share, made once."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerFast

from alignlib.world.corpus import documents
from alignlib.world.tokenizer import build_tokenizer


@pytest.fixture(scope="session")
def corpus() -> list[str]:
    """20,000 documents that the tokenizer was not made from."""
    return documents(seed=0, block=1, n=20_000)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer of the tiny model."""
    return build_tokenizer()
