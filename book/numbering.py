"""Number a chapter by its file name, so that 02-ask is chapter 2 whatever stands before it.

Sphinx counts the numbered pages of the table of contents. Sections, figures and equations of
``NN-name`` get NN as their first part instead, as they have in the notebooks (book/labels.py).
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book.source import chapter_number


def setup(app: Sphinx) -> None:
    app.connect("env-get-updated", renumber, priority=900)  # after Sphinx has counted


def renumber(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Replace the first part of every number on the numbered chapters' pages."""
    changed = []
    for docname, sections in env.toc_secnumbers.items():
        chapter = chapter_number(PurePosixPath(docname).name)
        if chapter is None:
            continue
        changed.append(docname)
        for anchor, number in sections.items():
            sections[anchor] = _moved(number, chapter)
        for figures in env.toc_fignumbers.get(docname, {}).values():
            for node_id, number in figures.items():
                figures[node_id] = _moved(number, chapter)
        for reference in env.tocs[docname].findall(nodes.reference):
            reference["secnumber"] = _moved(reference.get("secnumber"), chapter)
        title = env.titles[docname]
        title["secnumber"] = _moved(title.get("secnumber"), chapter)
    return changed


def _moved(number: Any, chapter: int) -> Any:
    return (chapter, *number[1:]) if number else number
