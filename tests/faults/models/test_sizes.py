"""A model's files are hostile. None takes more memory or time than its weights."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from alignlib.errors import ModelNotFoundError
from tests.faults.models.hostile_files import edit
from tests.faults.models.opening import Opener
from tests.faults.report import Fault
from tests.random_models import write_model


def test_a_file_of_settings_that_is_huge_is_not_read(
    fault: Fault, opener: Opener, folder: Path
) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "merges.txt", "config.json"):
        kept = (folder / name).read_bytes() if (folder / name).exists() else None
        (folder / name).touch()
        os.truncate(folder / name, 200 * 2**20)
        error = opener.refused(folder)
        assert "which no such file needs" in str(error)
        (folder / name).unlink()
        if kept is not None:
            (folder / name).write_bytes(kept)
    fault("A config.json of 200 MB", happens=error, kept="it was not read")


def test_settings_nested_without_end_are_refused(
    fault: Fault, opener: Opener, folder: Path
) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        kept = (folder / name).read_bytes()
        for depth in (900, 100_000):
            deep = '{"a":' * depth + "1" + "}" * depth
            (folder / name).write_text(deep)
            assert isinstance(opener.refused(folder), ModelNotFoundError), (name, depth)
        (folder / name).write_bytes(kept)
    for depth in (900, 100_000):
        nested = "[" * depth + "]" * depth
        config = json.loads((folder / "config.json").read_text())
        text = json.dumps({**config, "more": 0}).replace('"more": 0', f'"more": {nested}')
        (folder / "config.json").write_text(text)
        opener.refused(folder)
    fault(
        "Settings of a model are nested 100,000 deep",
        happens="ModelNotFoundError, at once",
        kept="the process goes on",
    )


ABSURD = {
    "vocab_size": 10**12,
    "num_hidden_layers": 10**6,
    "hidden_size": 2**40,
    "intermediate_size": 10**4000,
    "num_attention_heads": 10**9,
    "num_key_value_heads": 10**9,
    "head_dim": 2**31,
    "max_position_embeddings": 10**15,
    "sliding_window": 10**15,
    "layer_types": [10**9],
    "text_config": {"num_hidden_layers": 10**7},
}


def test_absurd_sizes_are_refused_before_anything_is_made(
    fault: Fault, opener: Opener, folder: Path
) -> None:
    config = (folder / "config.json").read_text()
    for name, size in ABSURD.items():
        edit(folder / "config.json", **{name: size})
        assert "its config says that" in str(opener.refused(folder)), name
        (folder / "config.json").write_text(config)
    edit(folder / "config.json", num_hidden_layers=10**6)
    fault(
        "A config asks for 1,000,000 layers",
        happens=opener.refused(folder),
        kept="no memory was taken for them",
    )


def test_sizes_that_the_files_do_not_hold_are_refused(
    fault: Fault, opener: Opener, folder: Path
) -> None:
    config = (folder / "config.json").read_text()
    for name, size in (("hidden_size", 2**20), ("vocab_size", 2**24), ("num_hidden_layers", 999)):
        wider = {"intermediate_size": 2**12} if name == "num_hidden_layers" else {}
        edit(folder / "config.json", **{name: size}, **wider)
        error = opener.refused(folder)
        assert "its config makes a model of" in str(error), name
        (folder / "config.json").write_text(config)
    edit(folder / "config.json", vocab_size=2**24)
    fault(
        "A config asks for a thousand times the weights that are there",
        happens=opener.refused(folder),
        kept="no memory was taken for them",
    )


@pytest.mark.parametrize(
    ("architecture", "settings", "says"),
    [
        ("gpt_neo", {"max_position_embeddings": 10**5}, "makes a model of"),  # with its masks
        ("gpt_neo", {"attention_types": [[["global"], 10**9]]}, "attention_types"),
        ("mpt", {"max_seq_len": 10**10}, "max_seq_len"),
        ("mpt", {"n_layers": 10**8}, "n_layers"),
    ],
)
def test_absurd_sizes_of_other_kinds(
    opener: Opener, tmp_path: Path, architecture: str, settings: dict[str, Any], says: str
) -> None:
    folder = write_model(tmp_path / "model", architecture)
    edit(folder / "config.json", **settings)
    assert says in str(opener.refused(folder))


def test_sizes_of_the_wrong_kind_are_typed_errors(
    fault: Fault, opener: Opener, folder: Path
) -> None:
    config = (folder / "config.json").read_text()
    sizes = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads")
    for name in sizes:
        for size in (-3, 0, 2.5, 1e300, float("nan"), "many", [4], {"a": 1}, True):
            edit(folder / "config.json", **{name: size})
            error = opener.refused(folder)
            assert isinstance(error, ModelNotFoundError), (name, size)
            (folder / "config.json").write_text(config)
    fault(
        "The sizes in a config are negative, broken, or no numbers",
        happens="ModelNotFoundError, at once",
        kept="the process goes on",
    )
