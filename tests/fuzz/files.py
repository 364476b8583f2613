"""Files of models, of benchmarks and of the book."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import alignlib
from alignlib import gguf_header
from alignlib.checkpoint_safety import check_numbers, stored_shapes
from alignlib.errors import AlignlibError
from benchmarks import results
from benchmarks.row import BenchmarkError
from book.blocks import parse_blocks
from book.context import Context
from book.convert import convert
from book.errors import BookError
from book.source import plain_title, read_cells
from tests.book.conftest import write_book
from tests.faults.models.hostile_files import LLAMA, gguf, safetensors, tensor
from tests.fuzz.target import SCALARS, Target, json_bytes, json_of, json_with, text_of, texts
from tests.random_models import write_model

_PLACE = Path(tempfile.mkdtemp(prefix="fuzz-"))


def check_safetensors(data: bytes) -> None:
    """A file is tensors that fit into it, or a ValueError."""
    file = _PLACE / "model.safetensors"
    file.write_bytes(data)
    with contextlib.suppress(ValueError):
        shapes = stored_shapes([file])
        assert sum(map(math.prod, shapes)) <= 2 * len(data)  # of half a byte, at the least


def check_gguf(data: bytes) -> None:
    """A file's header is no more than the file, or a ValueError."""
    file = _PLACE / "model.gguf"
    file.write_bytes(data)
    with contextlib.suppress(ValueError):
        header = gguf_header.read(file)
        assert 24 * len(header.shapes) + 12 * len(header.numbers) <= len(data)
        assert all(type(number) is int for number in header.numbers.values())


def check_config(data: bytes) -> None:
    """A config is let through or a ValueError."""
    value = json_of(data)
    with contextlib.suppress(ValueError):
        check_numbers(value if isinstance(value, dict) else {"a": value}, [(4, 8), (8,)])


@functools.cache
def _model() -> dict[str, str]:
    """The files of settings of a small random Llama, which lies in the place of models."""
    folder = write_model(_PLACE / "model", "llama")
    return {file.name: file.read_text() for file in folder.iterdir() if file.suffix == ".json"}


def _leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Everything in a JSON value that can be changed: what it is in, and its key there."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _leaves(inner)


def check_models(data: bytes) -> None:
    """A model of which settings were changed is opened, or an AlignlibError."""
    changes = json_of(data)
    if not isinstance(changes, list):
        return
    changed = {name: json.loads(text) for name, text in _model().items()}
    places = [place for name in sorted(changed) for place in _leaves(changed[name])]
    for change in changes:
        match change:
            case [int(number), value]:
                holder, key = places[number % len(places)]
                holder[key] = value
    for name, value in changed.items():
        (_PLACE / "model" / name).write_text(json.dumps(value))
    with contextlib.suppress(AlignlibError):
        lm = alignlib.load(_PLACE / "model", device="cpu")
        lm.check_ids(lm.encode("the cat."))


def check_results(data: bytes) -> None:
    """A file is a result, or a BenchmarkError."""
    file = _PLACE / "result.json"
    file.write_bytes(data)
    with contextlib.suppress(BenchmarkError):
        assert isinstance(results.read(file), results.Result)


@functools.cache
def _page() -> Context:
    pages = {"02-ask": "(here)=\n# Ask\n\n$$\na\n$$ (first)\n", "03-show": "# Show\n"}
    book = write_book(Path(tempfile.mkdtemp(prefix="fuzz-")), pages)
    return book.context(book.labels.pages["02-ask"])


def check_pages(data: bytes) -> None:
    """A page is a notebook's plain text, or a BookError."""
    context = _page()
    text = io.IncrementalNewlineDecoder(None, translate=True).decode(text_of(data))  # as a file's
    with contextlib.suppress(BookError):
        read_cells(text, context.page.path)
    with contextlib.suppress(BookError):
        assert convert(text, context, 1) == convert(text, context, 1)
    for block in parse_blocks(text).leaves:
        assert 0 <= block.start <= block.end <= text.count("\n") + 2
    assert isinstance(plain_title(text), str)


MYST = [
    "```{note}\n", "```{figure} a.png\n", "```{math}\n", "```{code-cell} ipython3\n", "```\n",
    ":::{tip}\n", ":::\n", ":name: a\n", ":alt: a\n", ":label: first\n", "---\n", "a: [\n",
    "a: b\n", "- a\n", "> ", "$$\n", "$$ (first)", "$", "(here)=\n", "{eq}`first`", "{ref}`here`",
    "{term}`a`", "{cite:t}`two`", "{doc}`03-show`", "{numref}`a`", "{exotic}`a`", "{eq}`", "`",
    "``", "[a](b.md)", "[](#here)", "![a](b)", "![](b)", "<project:#a>", "[^1]", "[^1]: a",
    "| a |\n|---|\n| b |\n", "# ", "% a\n", "+++\n", "\\", "\n", "    ", "\t", ":tags: [a\n",
    "# exercise: pass_at_k\n", "\0", "!!python/object:os.system", "&a *a", "\u2028", "\r",
    "\x0c", "\x85", "\ud800",
]  # fmt: skip
SIZES = (
    "vocab_size", "hidden_size", "num_hidden_layers", "layer_types", "text_config", "n_positions",
    "num_experts", 10**6, 2**24, 2**40, "rope_theta",
)  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(
        tensor,
        st.integers(-8, 64),
        st.integers(-8, 64),
        st.lists(st.integers(-1, 8) | st.just(2**62), max_size=3),
        st.sampled_from(["F32", "F16", "I64", "U8", "F4", "O8"]),
    ),
)
SETTINGS = st.dictionaries(
    st.text(max_size=4) | st.sampled_from(sorted(LLAMA)),
    st.integers(0, 2**32 - 1) | st.text(max_size=4) | st.binary(max_size=24),
    max_size=4,
)
RESULT = st.fixed_dictionaries(
    {},
    optional={
        name: SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(), SCALARS)
        for name in (*results.Result.__dataclass_fields__, "other")
    },
)

TARGETS = {
    "safetensors": Target(
        check_safetensors,
        st.builds(safetensors, HEADERS.map(json.dumps), st.binary(max_size=64)) | st.binary(),
    ),
    "gguf": Target(check_gguf, st.builds(gguf, SETTINGS) | st.binary().map(b"GGUF".__add__)),
    "config": Target(check_config, json_with(*SIZES)),
    "models": Target(
        check_models,
        json_bytes(
            st.lists(
                st.tuples(st.integers(0, 2**16), SCALARS | st.just([]) | st.just({})), max_size=2
            )
        ),
        0.15,
    ),
    "results": Target(check_results, json_bytes(RESULT) | json_with("goals", "rows")),
    "pages": Target(check_pages, texts(MYST)),
}
