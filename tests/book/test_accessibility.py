"""The site for readers who can't see it, use no mouse, or have told their system what they need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.book.test_html import pages
from tests.browser import PHONE
from tests.node import module

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
SMALL = {"width": PHONE, "height": 844}
CHAPTER = "chapters/05-policy-gradient.html"
COLOURS = ["color-contrast", "link-in-text-block"]
"""What axe finds in one colour mode and not in the other."""

LAYOUTS = {"chapters/index.html", "chapters/api.html", CHAPTER, "search.html"}
"""The pages that are looked at on a phone, too."""

READY = """async () => {
    await window.MathJax?.startup?.promise;
    for (const box of document.querySelectorAll("details")) box.open = true;
    const deadline = Date.now() + 15000;
    for (const figure of document.querySelectorAll(".explorable")) {
        figure.scrollIntoView();
        while (!("mounted" in figure.dataset)) {
            if (Date.now() > deadline) throw new Error("an explorable was not brought to life");
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }
}"""

SHORTEN = """() => {
    const seen = {};
    for (const token of document.querySelectorAll(":is(pre, code, dt) span:not(:has(*))")) {
        const place = token.closest(".cell_input, .cell_output, dt, p, article")?.className;
        const kind = `${token.className} in ${place}`;
        seen[kind] = (seen[kind] ?? 0) + 1;
        if (seen[kind] > 2) token.replaceWith(token.textContent);
    }
}"""
"""Code is most of a page; two tokens of each kind in each kind of place are enough for axe."""

FOCUSED = """() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    return {
        name: element.outerHTML.slice(0, 100),
        ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        shown: element.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
        article: !!element.closest("article"),
    };
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh profile, without motion."""
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def _violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page that is open."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{fault['id']}: {node['html'][:200]}" for fault in found for node in fault["nodes"]]


def test_axe_finds_no_fault(page: Page, site: Path) -> None:
    axe = module("axe-core/axe.min.js").read_text()
    faults = []
    for path in [*pages(site), site / "404.html"]:
        name = str(path.relative_to(site))
        page.emulate_media(color_scheme="light")
        page.goto(path.as_uri())
        page.evaluate(READY)
        page.evaluate(SHORTEN)
        page.evaluate(axe)
        faults += [f"{name}: {fault}" for fault in _violations(page)]
        page.emulate_media(color_scheme="dark")
        faults += [f"{name}, dark: {fault}" for fault in _violations(page, COLOURS)]
        if name in LAYOUTS:
            page.set_viewport_size(SMALL)  # type: ignore[arg-type]
            page.wait_for_timeout(500)  # the theme's own tab stops follow after 300 ms
            faults += [f"{name}, phone: {fault}" for fault in _violations(page)]
            page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    assert faults == []


def test_the_skip_link_is_first_and_leads_to_the_text(page: Page, site: Path) -> None:
    page.goto((site / CHAPTER).as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


@pytest.mark.parametrize("forced", ["none", "active"])
@pytest.mark.parametrize("size", [DESKTOP, SMALL], ids=["desktop", "phone"])
def test_who_tabs_through_a_page_sees_where(
    browser: Browser, site: Path, size: dict[str, int], forced: str
) -> None:
    context = browser.new_context(viewport=size, reduced_motion="reduce", forced_colors=forced)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto((site / CHAPTER).as_uri())
    page.evaluate(READY)
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["name"][:5] != "<body":
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
    context.close()
    assert [stop["name"] for stop in seen[:-1] if not (stop["ring"] and stop["shown"])] == []
    assert sum(stop["article"] for stop in seen) > 10
    formulas = [stop["name"] for stop in seen if stop["name"].startswith("<mjx")]
    assert bool(formulas) == (size is SMALL)  # only what is wider than the phone


def test_the_list_of_chapters_is_folded_by_key(page: Page, site: Path) -> None:
    page.goto((site / CHAPTER).as_uri())
    toggle = page.get_by_role("button", name="Chapters")
    links = page.locator("#pst-primary-sidebar a")
    for shown in ("false", "true"):
        toggle.press("Enter")
        page.wait_for_selector(f".primary-toggle[aria-expanded={shown}]")
        assert links.first.is_visible() == (shown == "true")
        assert toggle.evaluate("button => button === document.activeElement")


@pytest.mark.parametrize(
    ("button", "dialog"), [("Chapters", "Chapters"), ("On this page", "On this page")]
)
def test_on_a_phone_lists_open_as_dialogs_by_key(
    page: Page, site: Path, button: str, dialog: str
) -> None:
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    page.goto((site / CHAPTER).as_uri())
    toggle = page.get_by_role("button", name=button)
    toggle.press("Enter")
    opened = page.get_by_role("dialog", name=dialog)
    assert opened.locator("a").first.is_visible()
    assert opened.evaluate("dialog => dialog.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert opened.is_hidden()
    assert toggle.evaluate("button => button === document.activeElement")


def test_the_search_is_opened_used_and_closed_by_key(page: Page, site: Path) -> None:
    page.goto((site / CHAPTER).as_uri())
    opened = page.get_by_role("dialog", name="Search")
    page.keyboard.press("Control+K")
    assert opened.is_visible()
    page.keyboard.press("Escape")
    assert opened.is_hidden()
    button = page.locator(".search-button-field")
    button.press("Enter")
    assert opened.get_by_role("searchbox").evaluate("box => box === document.activeElement")
    page.keyboard.type("policy")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=policy")
    page.locator("#search-results li a").first.wait_for()


def test_the_colour_mode_says_which_it_is(page: Page, site: Path) -> None:
    page.goto((site / CHAPTER).as_uri())
    for mode in ("System Settings", "Dark", "Light"):
        button = page.get_by_role("button", name=f"Colour mode: {mode}")
        button.press("Enter")


def test_nothing_moves_for_who_wants_no_motion(page: Page, site: Path) -> None:
    page.goto((site / CHAPTER).as_uri())
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => {
            const style = getComputedStyle(element);
            return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0
                || style.scrollBehavior === "smooth";
        }).map((element) => element.outerHTML.slice(0, 100))"""
    )
    assert moving == []
