"""An explorable on a page of its own, as the site has it, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from alignlib.explorables import Explorable
from book.explorables import copy_files
from book.theme import ASSETS
from tests.node import module

OpenExplorable = Callable[..., Page]

PAGE = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Explorable</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="_static/explorables/explorables.css">
<script defer src="_static/explorables.js"></script></head>
<body><main>{html}</main></body></html>
"""


def axe_faults(page: Page) -> list[str]:
    """What axe finds in the explorable that is open."""
    page.add_script_tag(path=module("axe-core/axe.min.js"))
    run = "axe.run('.explorable', { preload: false })"  # a page on the disk can't fetch its style
    found = page.evaluate(f"{run}.then(({{ violations }}) => violations)")
    return [f"{fault['id']}: {node['html'][:200]}" for fault in found for node in fault["nodes"]]


@pytest.fixture
def open_explorable(browser: Browser, tmp_path: Path) -> Iterator[OpenExplorable]:
    """Opens an explorable as it is on a static page; an error in the page fails the test.

    ``wait=False`` does not wait until it has come to life. Other keyword arguments are those of
    Playwright's ``new_context``.
    """
    static = tmp_path / "_static"
    static.mkdir()
    copy_files(static)
    (static / "explorables.js").write_bytes((ASSETS / "explorables.js").read_bytes())
    errors: list[str] = []
    contexts = []

    def open_page(explorable: Explorable, *, wait: bool = True, **options: object) -> Page:
        path = tmp_path / "index.html"
        path.write_text(PAGE.format(html=explorable.html))
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(path.as_uri())
        if wait:
            page.wait_for_selector("[data-mounted]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
