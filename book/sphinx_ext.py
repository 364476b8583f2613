"""The book's Sphinx extension: stored outputs, chapter numbers, and a site that loads only itself.

``_config.yml`` names it under ``sphinx.local_extensions``.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from book import (
    accessibility,
    api,
    benchmarks,
    chapter_links,
    citing,
    explorables,
    latex,
    light,
    not_found,
    numbering,
    offline,
    printing,
    repository,
    social,
    status,
    stored,
    theme,
)

PARTS = (
    offline,
    theme,
    light,
    stored,
    numbering,
    citing,
    repository,
    chapter_links,
    explorables,
    accessibility,
    printing,
    latex,
    status,
    benchmarks,
    social,
    not_found,
    api,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parts with Sphinx."""
    for part in PARTS:
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
