"""Pages load fast: the main page is small, and what a page doesn't use is not loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser import served

pytestmark = pytest.mark.browser

MEGABYTE = 1_000_000
PICTURES = (".png", ".svg", ".jpg")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as found:
        yield found


def _loaded(browser: Browser, url: str) -> dict[str, int]:
    """By address, the bytes of all that a page loads before it is scrolled."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page: Page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(url, wait_until="networkidle")
    sizes = {response.url: len(response.body()) for response in responses if response.ok}
    context.close()
    return sizes


def test_the_main_page_is_under_a_megabyte_before_pictures(browser: Browser, address: str) -> None:
    sizes = _loaded(browser, f"{address}/chapters/index.html")
    total = sum(size for url, size in sizes.items() if not url.split("?")[0].endswith(PICTURES))
    assert 0 < total < MEGABYTE, sorted((size, url) for url, size in sizes.items())


def test_mathematics_is_loaded_where_there_is_some(browser: Browser, address: str) -> None:
    chapter = _loaded(browser, f"{address}/chapters/05-policy-gradient.html")
    assert any("mathjax" in url for url in chapter)
    main = _loaded(browser, f"{address}/chapters/index.html")
    assert not any("mathjax" in url for url in main)


def test_an_explorable_is_loaded_when_it_is_scrolled_to(
    browser: Browser, address: str, site: Path
) -> None:
    pages = sorted(site.glob("chapters/*.html"))
    with_one = [path for path in pages if 'class="explorable"' in path.read_text()]
    assert with_one
    for path in with_one:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(f"{address}/chapters/{path.name}", wait_until="networkidle")
        scripts = page.evaluate("performance.getEntriesByType('resource').map(each => each.name)")
        assert [url for url in scripts if url.split("?")[0].endswith("/explorables.js")]
        assert not [url for url in scripts if "/explorables/" in url and url.endswith(".js")]
        for figure in page.locator(".explorable").all():
            figure.scroll_into_view_if_needed()
            figure.locator(".x-root").wait_for()
        context.close()
