# mypy: allow-untyped-calls
"""The code cells of a student's notebook, read as data."""

from __future__ import annotations

import symtable
import threading
import warnings
from collections.abc import Sequence

import nbformat

MOST_CELLS = 1_000
ONE_AT_A_TIME = threading.Lock()
"""What Python warns of is one setting for all threads."""
LARGEST = 20 * 2**20
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
        with ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without ids
            notebook = nbformat.reads(data.decode("utf8"), as_version=4)
        sources = [str(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    except UnicodeDecodeError:
        raise UnreadableError("it is no text in UTF-8, so no notebook") from None
    except RecursionError:
        raise UnreadableError("its JSON is nested too deeply") from None
    except Exception as error:  # whatever a broken notebook makes of the reader
        raise UnreadableError(
            f"it is no notebook, or was cut off ({type(error).__name__})"
        ) from None
    if len(sources) > MOST_CELLS:
        raise UnreadableError(f"it has more than {MOST_CELLS} code cells")
    return [source for source in sources if source.strip()]


def definers(cells: Sequence[str], name: str) -> list[int]:
    """The places of the cells that define or assign a name at their top level."""
    return [place for place, cell in enumerate(cells) if name in _bound(cell)]


def needed(cells: Sequence[str], name: str) -> set[int]:
    """The places of the cells that a name needs: those that define it, and what those use."""
    places: set[int] = set()
    names, todo = {name}, [name]
    while todo:
        for place in definers(cells, todo.pop()):
            if place not in places:
                places.add(place)
                new = _used(cells[place]) - names
                names |= new
                todo += new
    return places


def _bound(source: str) -> set[str]:
    """The names that a cell defines, assigns or imports at its top level."""
    table = _table(source)
    if table is None:
        return _by_its_look(source)
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def _used(source: str) -> set[str]:
    """The names that a cell takes from the notebook, in its functions too."""
    table = _table(source)
    if table is None:
        return set()
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        names |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global()}
    return names


def _table(source: str) -> symtable.SymbolTable | None:
    try:
        with ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _by_its_look(source: str) -> set[str]:
    """The functions of a cell that has a slip of syntax, or a line for the shell."""
    lines = (line.partition("(")[0].split() for line in source.splitlines())
    return {words[1] for words in lines if len(words) == 2 and words[0] == "def"}
