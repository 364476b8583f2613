"""Every page in a real browser, over http and straight from the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import PHONE, served

pytestmark = pytest.mark.browser


BEYOND = """root => {
    const { right } = root.getBoundingClientRect();
    const beyond = [...root.querySelectorAll("*")].filter((each) =>
        each.checkVisibility() && each.getBoundingClientRect().right > right + 1);
    return beyond.map((each) => each.outerHTML.slice(0, 100));
}"""
"""What of an explorable lies beyond its right edge."""


@pytest.fixture(scope="module", params=["http", "file"])
def address(request: pytest.FixtureRequest, site: Path) -> Iterator[str]:
    """Where the site is: on a local server, then on the disk."""
    if request.param == "file":
        yield site.as_uri()
    else:
        with served(site) as found:
            yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone-sized page in a fresh profile."""
    context = browser.new_context(viewport={"width": PHONE, "height": 844})
    yield context.new_page()
    context.close()


def _pages(site: Path) -> list[str]:
    pages = sorted(str(path.relative_to(site)) for path in site.glob("chapters/**/*.html"))
    return [*pages, "search.html"]


def test_every_page_is_whole_and_loads_only_itself(address: str, site: Path, page: Page) -> None:
    problems: list[str] = []
    name = ""
    page.on("pageerror", lambda error: problems.append(f"{name}: {error}"))
    page.on(
        "console",
        lambda line: problems.append(f"{name}: {line.text}") if line.type == "error" else None,
    )
    page.on(
        "requestfailed",
        lambda request: (
            None
            if request.failure == "net::ERR_ABORTED"  # by going on to the next page
            else problems.append(f"{name}: failed {request.url}")
        ),
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else problems.append(f"{name}: left the site for {request.url}")
        ),
    )
    for name in _pages(site):
        page.goto(f"{address}/{name}", wait_until="load")
        page.evaluate("window.MathJax ? MathJax.startup.promise.then(() => true) : true")
        problems += [f"{name}: {problem}" for problem in _faults(page)]
    assert problems == []


def _faults(page: Page) -> list[str]:
    """What is wrong with the page that is open."""
    faults = []
    formulas = page.locator("article .math").count()
    typeset = page.locator("article .math mjx-container").count()
    if typeset < formulas:
        faults.append(f"{typeset} of {formulas} formulas are typeset")
    if page.locator("mjx-merror, [data-mjx-error]").count():
        faults.append("a formula has an error")
    for picture in page.locator("article img").all():
        picture.scroll_into_view_if_needed()
        if picture.evaluate("picture => picture.naturalWidth") == 0:
            faults.append(f"a picture is empty: {picture.get_attribute('src')}")
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE:
        faults.append(f"is {width} pixels wide on a phone of {PHONE}")
    return faults


def test_a_plot_is_shown(address: str, page: Page, site: Path) -> None:
    chapters = [path for path in site.glob("chapters/*.html") if "cell_output" in path.read_text()]
    plots = 0
    for chapter in chapters:
        page.goto(f"{address}/chapters/{chapter.name}")
        plots += page.locator(".cell_output img").count()
    assert plots > 0


def test_search_finds_a_page(address: str, page: Page) -> None:
    page.goto(f"{address}/search.html?q=policy")
    page.locator("#search-results li a").first.wait_for(timeout=10_000)


def test_the_colours_follow_the_system(browser: Browser, address: str) -> None:
    backgrounds = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        opened = context.new_page()
        opened.goto(f"{address}/chapters/index.html")
        backgrounds.append(opened.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert backgrounds[0] != backgrounds[1]


def test_an_explorable_fits_a_phone(address: str, page: Page, site: Path) -> None:
    wide: list[str] = []
    for name in _pages(site):
        if 'class="explorable"' not in (site / name).read_text():
            continue
        page.goto(f"{address}/{name}")
        for figure in page.locator(".explorable").all():
            figure.scroll_into_view_if_needed()
            root = figure.locator(".x-root")
            root.wait_for()
            wide += [f"{name}: {text}" for text in root.evaluate(BEYOND)]
    assert wide == []
