"""Citations as readable text: who wrote it, when, and where to read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pybtex.database import Entry, parse_file
from pybtex.richtext import Text

from book.errors import SourceError


@dataclass(frozen=True)
class Reference:
    """One entry of references.bib: short names (``Ouyang et al.``), year and address."""

    authors: str
    year: str
    url: str


def load_references(path: Path) -> Mapping[str, Reference]:
    """Read a BibTeX file; a missing one is empty.

    Raises:
        SourceError: if an entry has no author or no year.
    """
    if not path.is_file():
        return {}
    entries = parse_file(str(path)).entries
    return {key: _reference(key, entry, path) for key, entry in entries.items()}


def _reference(key: str, entry: Entry, path: Path) -> Reference:
    year = entry.fields.get("year", "")
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    if not year or not people:
        raise SourceError(f"the entry {key!r} needs an author and a year", path)
    names = [_decode(" ".join([*person.prelast_names, *person.last_names])) for person in people]
    authors = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return Reference(authors, year, _url(entry))


def _url(entry: Entry) -> str:
    """Where the work is read: its url, else its DOI, else its arXiv page."""
    if "url" in entry.fields:
        return str(entry.fields["url"])
    if "doi" in entry.fields:
        return f"https://doi.org/{entry.fields['doi']}"
    if "eprint" in entry.fields:
        return f"https://arxiv.org/abs/{entry.fields['eprint']}"
    return ""


def _decode(name: str) -> str:
    return str(Text.from_latex(name))
