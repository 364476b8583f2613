"""The code cells of a student's notebook, read as data."""

from __future__ import annotations

import functools
import json
import re
import symtable
import threading
import warnings
from collections.abc import Sequence
from typing import Any

MOST_CELLS = 1_000
ONE_AT_A_TIME = threading.Lock()
"""What Python warns of is one setting for all threads."""
LONGEST = 2**19
"""Characters of a cell that is looked through; reading one takes some 400 bytes for each."""
LARGEST = 10 * 2**20
"""Bytes of a notebook."""


class UnreadableError(Exception):
    """A file is no notebook that can be graded; the text says why."""


def code_cells(data: bytes) -> list[str]:
    """The sources of the code cells, in order, the empty ones left out.

    Raises:
        UnreadableError: if it is not a notebook, or one too large.
    """
    if len(data) > LARGEST:
        raise UnreadableError(f"it is larger than {LARGEST // 2**20} MB; clear its outputs")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableError("it is no text in UTF-8, so no notebook") from None
    except (ValueError, RecursionError):
        raise UnreadableError("it is no notebook, or was cut off") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise UnreadableError("it is no notebook of the current format: open it and save it anew")
    sources = [_source(cell) for cell in cells]
    if len(sources) > MOST_CELLS:
        raise UnreadableError(f"it has more than {MOST_CELLS} cells")
    return [source for source in sources if source.strip()]


def _source(cell: Any) -> str:
    """The text of a code cell, which a file has whole or in lines; none of another cell."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return ""
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def definers(cells: Sequence[str], name: str) -> list[int]:
    """The places of the cells that define, assign or import a name at their top level."""
    return [place for place, cell in enumerate(cells) if name in _names(cell)[0]]


def needed(cells: Sequence[str], name: str) -> set[int]:
    """The places of the cells that a name needs: those that define it, and what those use.

    A cell with ``from ... import *`` defines nobody knows what, so it is always needed.
    """
    binders: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        for bound in _names(cell)[0]:
            binders.setdefault(bound, []).append(place)
    places = {place for place, cell in enumerate(cells) if STAR.search(cell)}
    names, todo = {name}, [name]
    while todo:
        for place in binders.get(todo.pop(), ()):
            if place not in places:
                places.add(place)
                new = _names(cells[place])[1] - names
                names |= new
                todo += new
    return places


@functools.lru_cache(maxsize=2_000)
def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a cell makes at its top level, and those that it takes, functions included."""
    if len(source) > LONGEST:
        return frozenset(_by_its_look(source)), frozenset()
    table = _table(source) or _table(ASSIGNED.sub(r"\1None", MAGIC.sub(r"\1pass", source)))
    if table is None:
        return frozenset(_by_its_look(source)), frozenset()
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    used = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        used |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global()}
    return frozenset(bound), frozenset(used)


DEFINED = re.compile(r"^[ \t]*def[ \t]+([^\s(]+)[ \t]*(?=\(|$)", re.MULTILINE)
STAR = re.compile(r"^\s*from\s+\S+\s+import\s+\*", re.MULTILINE)
MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
ASSIGNED = re.compile(r"^([ \t]*[A-Za-z_][\w, ]*=[ \t]*)[%!].*$", re.MULTILINE)
"""Lines for IPython or the shell, and those of which the result is kept."""


def _table(source: str) -> symtable.SymbolTable | None:
    try:
        with ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _by_its_look(source: str) -> set[str]:
    """The functions of a cell that is very long, or has a slip of syntax, or a line for IPython."""
    return set(DEFINED.findall(source))
