"""A model's files are hostile. None leads elsewhere, nor is believed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file

from alignlib.errors import ModelNotFoundError, UnsafeCheckpointError
from tests.faults.models.hostile_files import (
    LLAMA,
    array,
    edit,
    gguf,
    safetensors,
    tensor,
)
from tests.faults.models.opening import Opener
from tests.faults.report import Fault


def test_an_index_that_leads_elsewhere_is_refused(
    fault: Fault, opener: Opener, folder: Path
) -> None:
    names = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").rename(folder / "elsewhere.safetensors")
    places = ("../../etc/passwd", "/etc/passwd", "C:\\x.safetensors", "../x.safetensors", "x.bin")
    for place in places:
        edit(folder / "model.safetensors.index.json", weight_map=dict.fromkeys(names, place))
        assert isinstance(opener.refused(folder), UnsafeCheckpointError), place
    missing = dict.fromkeys(names, "model-00002.safetensors")
    edit(folder / "model.safetensors.index.json", weight_map=missing)
    assert "no model-00002.safetensors" in str(opener.refused(folder))
    edit(folder / "model.safetensors.index.json", weight_map=dict.fromkeys(names, "/etc/passwd"))
    fault(
        "An index of weights leads to a file elsewhere",
        happens=opener.refused(folder),
        kept="the file was not opened",
    )


def test_a_link_out_of_the_folder_is_refused(
    fault: Fault, opener: Opener, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("a password")
    for name in ("chat_template.jinja", "generation_config.json", "model.safetensors"):
        kept = (folder / name).read_bytes() if (folder / name).exists() else None
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(tmp_path / "secret")
        error = opener.refused(folder)
        assert isinstance(error, UnsafeCheckpointError)
        assert "a password" not in str(error)
        (folder / name).unlink()
        if kept is not None:
            (folder / name).write_bytes(kept)
    (folder / "additional_chat_templates").symlink_to(tmp_path)
    assert isinstance(opener.refused(folder), UnsafeCheckpointError)
    (tmp_path / "whole.gguf").write_bytes(gguf(LLAMA))
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "model.gguf").symlink_to(tmp_path / "whole.gguf")
    assert isinstance(opener.refused(tmp_path / "linked"), UnsafeCheckpointError)
    fault(
        "A file of a model is a link out of its folder",
        happens=error,
        kept="the file that it leads to was not read",
    )


def test_the_links_of_the_hubs_cache_are_followed(
    opener: Opener, llama_folder: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "models--a--b"
    snapshot = repository / "snapshots/0123456789"
    shutil.copytree(llama_folder, repository / "blobs")
    snapshot.mkdir(parents=True)
    for blob in (repository / "blobs").iterdir():
        (snapshot / blob.name).symlink_to(Path("../../blobs") / blob.name)
    assert opener.opened(snapshot).startswith("User: hello.")


def test_what_is_no_regular_file_is_not_waited_for(
    fault: Fault, opener: Opener, folder: Path
) -> None:
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        kept = (folder / name).read_bytes()
        (folder / name).unlink()
        os.mkfifo(folder / name)
        assert isinstance(opener.refused(folder), ModelNotFoundError), name
        (folder / name).unlink()
        (folder / name).write_bytes(kept)
    fault(
        "A file of a model is a pipe that nobody writes to",
        happens="ModelNotFoundError, at once",
        kept="the process goes on",
    )


WHOLE = {"a": tensor(0, 8, [2])}
LIES: dict[str, bytes] = {
    "nothing": b"",
    "less than a length": b"\x01\x02",
    "a length beyond the end": safetensors("{}", length=1_000),
    "a length of 2**63": safetensors("{}", length=2**63),
    "a length of 2**64 - 1": safetensors("{}", length=2**64 - 1),
    "no JSON": safetensors("{" * 64),
    "no object": safetensors("[]"),
    "no text": safetensors(b"\xff" * 64),
    "nested deep": safetensors('{"a":' * 100_000 + "1" + "}" * 100_000),
    "offsets beyond the end": safetensors(json.dumps({"a": tensor(0, 2**40, [2**38])}), bytes(8)),
    "offsets that overlap": safetensors(json.dumps({**WHOLE, "b": tensor(0, 8, [2])}), bytes(8)),
    "offsets in reverse": safetensors(json.dumps({"a": tensor(8, 0, [2])}), bytes(8)),
    "negative offsets": safetensors(json.dumps({"a": tensor(-8, 0, [2])}), bytes(8)),
    "offsets of text": safetensors('{"a": {"dtype": "F32", "shape": [1], "data_offsets": "08"}}'),
    "a hole": safetensors(json.dumps({**WHOLE, "b": tensor(16, 24, [2])}), bytes(24)),
    "more bytes than tensors": safetensors(json.dumps(WHOLE), bytes(999)),
    "another dtype": safetensors(json.dumps({"a": tensor(0, 8, [2], "F64")}), bytes(8)),
    "an unknown dtype": safetensors(json.dumps({"a": tensor(0, 8, [2], "O8")}), bytes(8)),
    "another shape": safetensors(json.dumps({"a": tensor(0, 8, [3])}), bytes(8)),
    "a shape that overflows": safetensors(json.dumps({"a": tensor(0, 8, [2**62, 8])}), bytes(8)),
    "a negative shape": safetensors(json.dumps({"a": tensor(0, 8, [-2])}), bytes(8)),
    "a name twice": safetensors(
        json.dumps(WHOLE)[:-1] + "," + json.dumps({"a": tensor(8, 16, [2])})[1:], bytes(16)
    ),
}


def test_headers_that_lie_are_refused(fault: Fault, opener: Opener, folder: Path) -> None:
    for name, content in LIES.items():
        (folder / "model.safetensors").write_bytes(content)
        error = opener.refused(folder)
        assert isinstance(error, ModelNotFoundError), name
        assert "no whole safetensors file" in str(error), name
    fault(
        "A safetensors header lies: lengths, offsets, shapes, dtypes, names",
        happens="ModelNotFoundError: it is no whole safetensors file",
        kept="no tensor was read",
    )


def test_a_header_that_is_true_and_of_no_model_is_refused(opener: Opener, folder: Path) -> None:
    many = {f"layer.{n}": tensor(4 * n, 4 * n + 4, [1]) for n in range(5_000)}
    empty = {"a": tensor(0, 0, [0, 2**40])}
    for header, size in ((WHOLE, 8), (many, 20_000), (empty, 0)):
        made = safetensors(json.dumps(header), bytes(size))
        (folder / "model.safetensors").write_bytes(made)
        assert isinstance(opener.refused(folder), ModelNotFoundError)
    edit(folder / "config.json", vocab_size=2**30)
    assert "makes a model of" in str(opener.refused(folder))


BROKEN_TOKENIZERS = {
    "an id of 10**15": {"type": "WordLevel", "vocab": {"a": 10**15}, "unk_token": "a"},
    "a negative id": {"type": "WordLevel", "vocab": {"a": -1}, "unk_token": "a"},
    "an id that is a text": {"type": "WordLevel", "vocab": {"a": "b"}, "unk_token": "a"},
    "merges of no token": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "zz"]]},
    "merges of one": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]},
    "an unknown token beyond the end": {"type": "Unigram", "unk_id": 10**9, "vocab": [["a", 0]]},
    "an unknown model": {"type": "Own", "vocab": {}},
    "no model": None,
}


def test_vocabularies_that_can_not_be_are_refused(
    fault: Fault, opener: Opener, folder: Path
) -> None:
    tokenizer = (folder / "tokenizer.json").read_text()
    for name, model in BROKEN_TOKENIZERS.items():
        edit(folder / "tokenizer.json", model=model)
        assert isinstance(opener.refused(folder), ModelNotFoundError), name
        (folder / "tokenizer.json").write_text(tokenizer)
    fault(
        "A vocabulary has huge or negative numbers, or merges of tokens that it lacks",
        happens="ModelNotFoundError, at once",
        kept="the process goes on",
    )


def test_padding_to_any_length_is_passed_over(opener: Opener, folder: Path) -> None:
    padding = {
        "strategy": {"Fixed": 10**10}, "direction": "Left", "pad_to_multiple_of": None,
        "pad_id": 0, "pad_type_id": 0, "pad_token": "a",
    }  # fmt: skip
    edit(folder / "tokenizer.json", padding=padding)
    assert opener.opened(folder) == "User: hello.\n\nAssistant:"


HUGE = 2**40
BROKEN_GGUF: dict[str, bytes] = {
    "nothing": b"",
    "the name alone": b"GGUF",
    "an unknown version": b"GGUF" + bytes(60),
    "counts of tensors": gguf(LLAMA, counts=(HUGE, len(LLAMA))),
    "counts of settings": gguf(LLAMA, counts=(1, 2**63)),
    "an array of bytes": gguf(LLAMA | {"x": array(0, HUGE)}),
    "an array of numbers": gguf(LLAMA | {"x": array(10, HUGE)}),
    "an array of texts": gguf(LLAMA | {"x": array(8, HUGE)}),
    "an array of arrays": gguf(LLAMA | {"x": array(9, HUGE)}),
    "an unknown type": gguf(LLAMA | {"x": b"\xff" * 4}),
    "many dimensions": gguf(LLAMA, [("a", [1] * 99, 0)]),
    "a shape that overflows": gguf(LLAMA, [("a", [2**62, 8], 0)]),
    "an offset beyond the end": gguf(LLAMA, [("a", [8, 4], HUGE)]),
}


def test_gguf_headers_that_lie_are_refused(fault: Fault, opener: Opener, tmp_path: Path) -> None:
    for name, content in BROKEN_GGUF.items():
        (tmp_path / "a.gguf").write_bytes(content)
        error = opener.refused(tmp_path / "a.gguf")
        assert isinstance(error, ModelNotFoundError), name
        assert "a.gguf" in str(error).replace(str(tmp_path / "a.gguf"), ""), name
    fault(
        "A GGUF header lies: counts, lengths, shapes, offsets, types",
        happens="ModelNotFoundError, at once",
        kept="no memory was taken for what is not there",
    )


def test_a_gguf_vocabulary_that_can_not_be_is_refused(opener: Opener, tmp_path: Path) -> None:
    """Its merge makes a token that is not there, and what is written in Rust panics."""
    (tmp_path / "a.gguf").write_bytes(gguf(LLAMA))
    assert isinstance(opener.refused(tmp_path / "a.gguf"), ModelNotFoundError)


def test_a_gguf_file_that_was_cut_off_is_refused(
    fault: Fault, opener: Opener, tmp_path: Path
) -> None:
    whole = gguf(LLAMA)
    for length in range(1, len(whole) - 128, len(whole) // 24):
        (tmp_path / "a.gguf").write_bytes(whole[:length])
        error = opener.refused(tmp_path / "a.gguf")
        assert isinstance(error, ModelNotFoundError), length
    fault(
        "A GGUF file was cut off",
        happens="ModelNotFoundError, which says that the file ends before",
        kept="the process goes on",
    )


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"llama.block_count": 10**6}, "block_count"),
        ({"llama.context_length": 10**9}, "context_length"),
        ({"llama.embedding_length": 2**22}, "makes a model of"),
    ],
)
def test_absurd_sizes_in_gguf_are_refused(
    opener: Opener, tmp_path: Path, settings: dict[str, int], says: str
) -> None:
    (tmp_path / "a.gguf").write_bytes(gguf(LLAMA | settings))
    assert says in str(opener.refused(tmp_path / "a.gguf"))
