"""What a checkpoint's files say, looked at before anything is made from them.

None may lead to other files than safetensors beside its config, or to code. And a config is obeyed:
it says how many layers to make, and how large. So its numbers are held against the shapes of the
weights, which safetensors holds against the length of their file; nothing is allocated for what is
not there.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils.hub import cached_file

from alignlib import gguf_header
from alignlib.errors import ModelNotFoundError, UnsafeCheckpointError

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
_SETTINGS = (
    "config.json", "generation_config.json", "adapter_config.json", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
    INDEX,
)  # fmt: skip
_VOCABULARIES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "merges.txt")
LARGEST = dict.fromkeys(_SETTINGS, 2**24) | dict.fromkeys(_VOCABULARIES, 2**27)
"""Bytes of the files that are read besides the weights."""
MOST_PARTS = 1_000
"""Layers, experts and the like, unless there are more tensors; each is an object of Python's."""
MOST = 2**24
"""Of any other size, such as positions, unless a tensor is larger."""
SLACK = 2**26
"""Numbers that a model may hold besides those in its files: buffers that it computes by itself."""

Shapes = Sequence[tuple[int, ...]]

_PARTS = re.compile(
    r"(?:layers?|experts?|depth)$|^(?:n|num)_\w*(?:blocks?|groups?|stages?)$"
    r"|(?:block|expert|layer)_(?:\w+_)?count$"
)
_SIZES = re.compile(
    r"size|dim|width|layer|head|expert|emb|inner|inter|hidden|rank|position|seq|ctx|context|length"
    r"|window|block|group|stage|depth|types|codebook|channel|state|kernel|vocab|d_model|ffn"
)


def inspect(source: str | Path) -> None:
    """Look at a folder, or at a hub's repository whose weights are then downloaded.

    Raises:
        UnsafeCheckpointError: if its files lead elsewhere, or to code.
        ModelNotFoundError: if it is an adapter.
        ValueError, OSError: if a file is no such file, or says what can't be.
    """
    if _path(source, "adapter_config.json"):
        refuse_adapter(source)
    found = _path(source, "config.json")
    if found is None:
        raise ValueError("it has no config.json.")
    _path(source, "tokenizer.json")  # of a hub: be there to be looked at
    index_path = _path(source, INDEX)
    _check_files(found.parent)
    config = _read_json(found)
    index = _read_json(index_path) if index_path else {}
    files = {str(file) for file in index.get("weight_map", {}).values()}
    named = str(config.get("transformers_weights") or "")
    _refuse_unsafe_settings(source, config, files | ({named} if named else set()))
    chosen = [named] if named else [WEIGHTS] if _path(source, WEIGHTS) else sorted(files)
    shapes = stored_shapes(_paths(source, chosen or [WEIGHTS]))
    check_numbers(config, shapes)
    check_model(AutoConfig.from_pretrained(found.parent, trust_remote_code=False), shapes)


def inspect_gguf(file: Path) -> None:
    """Look at a GGUF file.

    Raises:
        ModelNotFoundError, ValueError, OSError: as :func:`inspect`.
    """
    if (file.parent / "adapter_config.json").is_file():
        refuse_adapter(file.parent)
    _check_link(file)
    header = gguf_header.read(file)
    check_numbers({name.split(".")[-1]: n for name, n in header.numbers.items()}, header.shapes)
    config = AutoConfig.from_pretrained(file.parent, gguf_file=file.name)
    check_model(config, header.shapes)


def refuse_adapter(source: str | Path) -> None:
    """Raise a :class:`ModelNotFoundError` that says what to do with an adapter."""
    raise ModelNotFoundError(
        f"{str(source)!r} holds an adapter: merge it into its model first, with peft's "
        "merge_and_unload(), and give the folder that you save the result in."
    )


def stored_shapes(files: Sequence[Path]) -> Shapes:
    """The shapes of all tensors in safetensors files; no tensor is read.

    Raises:
        ValueError: if a file is none, or its header does not fit its length.
    """
    shapes: list[tuple[int, ...]] = []
    for file in files:
        try:
            with safe_open(file, framework="pt") as stored:
                names = list(stored.keys())
                shapes += (tuple(stored.get_slice(name).get_shape()) for name in names)
        except (SafetensorError, OSError) as error:
            raise ValueError(f"{file.name} is no whole safetensors file: {error}.") from error
    return shapes


def check_numbers(config: Mapping[str, Any], shapes: Shapes) -> None:
    """Raise a ValueError where a config asks for far more than the tensors of these shapes hold."""
    largest = max((size for shape in shapes for size in shape), default=0)
    for name, value in _numbers(config):
        most = max(MOST_PARTS, len(shapes)) if _PARTS.search(name) else max(MOST, largest)
        if _SIZES.search(name) and abs(value) > most:
            raise ValueError(
                f"its config says that {name[:40]} is {str(value)[:20]}, and its files hold "
                f"{len(shapes)} tensors, the longest with {largest} rows."
            )


def check_model(config: Any, shapes: Shapes) -> None:
    """Raise a ValueError where a model has far more weights than the tensors of these shapes.

    Args:
        config: of transformers; the model is made of it without memory for its weights.
        shapes: of all tensors in its files.
    """
    own = copy.deepcopy(config)
    packed = 16 if own.to_dict().get("quantization_config") else 1  # weights in one stored number
    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(own, trust_remote_code=False)
    wanted = sum(each.numel() for each in (*model.parameters(), *model.buffers()))
    stored = sum(map(math.prod, shapes))
    if wanted > 2 * packed * stored + SLACK:  # tied weights are stored once
        raise ValueError(
            f"its config makes a model of {wanted:,} weights, and its files hold {stored:,}."
        )


def _check_link(file: Path) -> None:
    """Raise where a file is a link out of its folder."""
    home = file.parent.resolve()
    if home.parent.name == "snapshots":  # of the hub's cache, where files are links to blobs
        home = home.parent.parent
    if not file.resolve().is_relative_to(home):
        raise UnsafeCheckpointError(
            f"{file} is a link that leads out of its folder, to {file.resolve()}. Where you "
            "trust it, put the file itself there."
        )


def _check_files(folder: Path) -> None:
    """Raise where a file is too large to be what it is called, or a link out of the folder."""
    for file in folder.iterdir():
        read = file.name in LARGEST or file.suffix in (".safetensors", ".jinja")
        if not read and file.name != "additional_chat_templates":
            continue
        _check_link(file)
        if file.is_file() and file.stat().st_size > LARGEST.get(file.name, math.inf):
            raise ValueError(
                f"{file.name} has more than {LARGEST[file.name] // 2**20} MB, which no such file "
                "needs."
            )


def _refuse_unsafe_settings(source: str | Path, config: dict[str, Any], weights: set[str]) -> None:
    """Refuse settings that lead to other files than safetensors, or to code from the hub."""
    for file in sorted(weights):
        if not file.endswith(".safetensors") or Path(file).name != file or "\\" in file:
            raise UnsafeCheckpointError(
                f"The model {str(source)!r} keeps its weights in {file!r}. Only .safetensors files "
                "that lie beside its config are opened: choose a model that has them."
            )
    if _names_a_kernel(config):
        raise UnsafeCheckpointError(
            f"The config of {str(source)!r} asks for attention code from the hub, which alignlib "
            "never runs. Remove attn_implementation from it."
        )


def _names_a_kernel(config: dict[str, Any]) -> bool:
    """Whether a config, or one inside it, has an implementation with a hub id for a name."""
    return any(
        (key.endswith("_implementation") and "/" in str(value))
        or (isinstance(value, dict) and _names_a_kernel(value))
        for key, value in config.items()
    )


def _numbers(config: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Every whole number in a config, those in lists under the name of the list."""
    todo: list[tuple[str, Any]] = list(config.items())
    while todo:
        name, value = todo.pop()
        if isinstance(value, dict):
            todo += value.items()
        elif isinstance(value, list):
            todo += ((name, each) for each in value)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield name, value


def _path(source: str | Path, file: str) -> Path | None:
    """Where a file of a folder or of a hub's repository lies; None if there is none."""
    found = cached_file(str(source), file, _raise_exceptions_for_missing_entries=False)
    return None if found is None else Path(found)


def _paths(source: str | Path, files: Sequence[str]) -> list[Path]:
    found = []
    for file in files:
        path = _path(source, file)
        if path is None:
            raise ValueError(f"there is no {file[:80]} beside its config.")
        found.append(path)
    return found


def _read_json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} holds no settings by name")
    return content
