"""The explorable ``next_tokens`` in a browser: the policy that it shows is the model's."""

from __future__ import annotations

import base64
import math
import re
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect

from alignlib import LM, chat, logprobs, sample
from alignlib.errors import PromptError
from alignlib.explorables import models
from alignlib.explorables.next_tokens import MODELS, next_tokens
from tests.explorables.conftest import OpenExplorable, axe_faults

QUESTION = "What is the capital of Peru?"


@pytest.fixture(scope="module")
def lms() -> dict[str, LM]:
    return {name: models.stored(name) for name in MODELS}


def policy(lm: LM, question: str, path: list[int]) -> torch.Tensor:
    """(V,) the probability of every token that may come next."""
    with torch.no_grad():
        ids = torch.tensor([[*lm.encode(chat(question)), *path]])
        logits: torch.Tensor = lm.model(ids).logits[0, -1]
    return logits.double().softmax(-1)


def number(text: str) -> float:
    """What a written probability says; of what is near to 1 at least how much."""
    digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(re.sub("·10", "e", text.replace("> ", "")).translate(digits))


def options(page: Page) -> list[tuple[str, float]]:
    rows = page.locator(".x-nt-options li").all()
    return [
        (row.locator(".x-nt-word").inner_text(), number(row.locator(".x-nt-number").inner_text()))
        for row in rows
    ]


def check(page: Page, lm: LM, path: list[int], question: str = QUESTION) -> None:
    """The page's actions are those of the model, with their probabilities."""
    pi = policy(lm, question, path)
    top = pi.topk(5)
    *named, (others, rest) = options(page)
    names = [str(lm.tokenizer.decode([int(token)])) for token in top.indices]
    for (shown, p), name, value in zip(named, names, top.values.tolist(), strict=True):
        assert shown == {"<|end|>": "end of text"}.get(name, name.strip() or shown)
        assert p == pytest.approx(value, rel=0.06, abs=1e-3)
    assert others == f"{len(pi) - 5:,} others together"
    assert rest == pytest.approx(float(1 - top.values.sum()), rel=0.06, abs=1e-3)


def start(open_explorable: OpenExplorable, **more: object) -> Page:
    page = open_explorable(next_tokens(), **more)
    expect(page.locator(".x-nt-options li")).to_have_count(6, timeout=20_000)
    return page


def likeliest(page: Page) -> None:
    page.get_by_role("button", name="Most probable").click()


@pytest.mark.browser
def test_the_most_probable_path_is_alignlibs_greedy_answer(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page, lm = start(open_explorable), lms["base"]
    drawn = sample(lm, [chat(QUESTION)], 1, 24, temperature=0.0, progress=False)
    (tokens,) = drawn.completions
    for t in range(len(tokens)):
        check(page, lm, tokens[:t])
        likeliest(page)
        expect(page.locator(".x-nt-path li")).to_have_count(t + 1)
    text = page.locator(".x-nt-text")
    expect(text.locator("strong")).to_have_text(drawn.texts[0])
    expect(text).to_contain_text("the text has ended")
    expect(page.get_by_role("button", name="Most probable")).to_be_disabled()
    total = float(logprobs(lm, [chat(QUESTION)], [tokens]).sequence[0])
    summed = page.locator('[data-key="log-probability"]').get_attribute("value")
    multiplied = page.locator('[data-key="probability"]').get_attribute("value")
    assert float(summed or "nan") == pytest.approx(total, abs=1e-3)
    assert float(multiplied or "nan") == pytest.approx(math.exp(total), rel=1e-3)


@pytest.mark.browser
def test_an_action_is_taken_with_the_keyboard_and_the_tree_says_so(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page, lm = start(open_explorable), lms["base"]
    second = int(policy(lm, QUESTION, []).topk(5).indices[1])
    name = str(lm.tokenizer.decode([second])).strip()
    page.locator(".x-nt-options button").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="You took")).to_contain_text(f"“{name}”")
    check(page, lm, [second])
    tree = page.get_by_role("img")
    expect(tree).to_have_attribute("aria-label", re.compile(rf"State 1: taken {re.escape(name)} "))
    first = page.locator(".x-nt-options button").first
    expect(first).to_be_focused()  # the reader goes on from there
    page.keyboard.press("Enter")
    third = int(policy(lm, QUESTION, [second]).argmax())
    check(page, lm, [second, third])
    page.locator(".x-nt-path button").nth(1).press("Enter")
    check(page, lm, [second])
    page.get_by_role("button", name="Back", exact=True).press("Enter")
    check(page, lm, [])
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_disabled()


@pytest.mark.browser
@pytest.mark.parametrize("name", list(MODELS))
def test_another_model_gives_the_same_state_other_probabilities(
    name: str, open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = start(open_explorable)
    likeliest(page)
    expect(page.locator(".x-nt-path li")).to_have_count(1)
    taken = [int(policy(lms["base"], QUESTION, []).argmax())]
    for each in ("polite" if name == "base" else "base", name):
        page.get_by_label("Model").select_option(each)
        said = page.get_by_text(f"read by another model: {MODELS[each]}.")
        expect(said).to_be_visible(timeout=20_000)
    shown = page.locator(".x-nt-path span").first
    p = float(policy(lms[name], QUESTION, [])[taken[0]])
    assert number(shown.inner_text()) == pytest.approx(p, rel=0.06, abs=1e-3)
    check(page, lms[name], taken)


@pytest.mark.browser
def test_sampling_repeats_after_a_restart(open_explorable: OpenExplorable) -> None:
    page = start(open_explorable)

    def walk() -> list[str]:
        for t in range(4):
            page.get_by_role("button", name="Sample one").click()
            expect(page.locator(".x-nt-path li")).to_have_count(t + 1)
        return page.locator(".x-nt-path li").all_inner_texts()

    first = walk()
    page.get_by_role("button", name="Restart").click()
    expect(page.locator(".x-nt-path li")).to_have_count(0)
    assert walk() == first


@pytest.mark.browser
def test_another_question_is_another_first_state(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = start(open_explorable)
    likeliest(page)
    field = page.get_by_label("Question")
    field.fill("What is in my hand?")
    field.press("Enter")
    expect(page.locator(".x-nt-text")).to_contain_text("What is in my hand?")
    check(page, lms["base"], [], "What is in my hand?")


@pytest.mark.browser
def test_a_question_that_is_too_long_changes_nothing(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page, lm = start(open_explorable), lms["base"]
    likeliest(page)
    taken = [int(policy(lm, QUESTION, []).argmax())]
    field = page.get_by_label("Question")
    for words in (300, 1000):
        long = ("dog " * words).strip()
        over = len(lm.encode(chat(long))) + 1 - 256
        field.fill(long)
        field.press("Enter")
        expect(page.get_by_text(f"The question is {over} tokens too long.")).to_be_visible()
        expect(field).to_have_value(QUESTION)
        check(page, lm, taken)
    likeliest(page)
    expect(page.locator(".x-nt-path li")).to_have_count(2)


@pytest.mark.browser
def test_no_action_is_taken_while_a_state_is_read(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = start(open_explorable)
    found = page.evaluate(
        """() => {
            const select = document.querySelector(".x-nt select");
            select.value = "polite";
            select.dispatchEvent(new Event("change"));
            document.querySelector(".x-nt-actions button").click();
            return document.querySelector(".x-nt-status").textContent;
        }"""
    )
    assert found == "loading …"
    expect(page.get_by_text(f"by another model: {MODELS['polite']}.")).to_be_visible()
    expect(page.locator(".x-nt-path li")).to_have_count(0)
    check(page, lms["polite"], [])
    page.evaluate(
        """() => {
            const first = document.querySelector(".x-nt-actions button");
            for (let press = 0; press < 20; press += 1) first.click();
        }"""
    )
    expect(page.locator(".x-nt-path li")).to_have_count(1)
    check(page, lms["polite"], [int(policy(lms["polite"], QUESTION, []).argmax())])


@pytest.mark.browser
def test_a_model_that_does_not_load_leaves_the_one_there_is(
    open_explorable: OpenExplorable, lms: dict[str, LM], tmp_path: Path
) -> None:
    page = start(open_explorable)
    broken = base64.b64encode(b"not a model at all").decode()
    script = f"globalThis.explorableAssets.shown = '{broken}';"
    (tmp_path / "_static/explorables/assets/shown.js").write_text(script)
    page.get_by_label("Model").select_option("shown")
    expect(page.get_by_text("The model can’t be run here")).to_be_visible()
    expect(page.get_by_label("Model")).to_have_value("base")
    likeliest(page)
    check(page, lms["base"], [int(policy(lms["base"], QUESTION, []).argmax())])


@pytest.mark.browser
def test_the_focus_stays_in_the_figure(open_explorable: OpenExplorable) -> None:
    page = start(open_explorable)
    focused = page.locator(":focus")
    first = page.locator(".x-nt-options button").first

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).press("Enter")

    press("Most probable")
    expect(focused).to_have_text("Most probable")
    press("Back")
    expect(first).to_be_focused()
    press("Sample one")
    press("Restart")
    expect(first).to_be_focused()
    page.get_by_role("button", name="Most probable").focus()
    height = page.locator(".x-nt-options").bounding_box()
    for _ in range(30):
        if "the text has ended" in page.locator(".x-nt-text").inner_text():
            break
        page.keyboard.press("Enter")
    expect(page.locator(".x-nt-text")).to_be_focused()
    after = page.locator(".x-nt-options").bounding_box()
    assert height
    assert after
    assert after["height"] == pytest.approx(height["height"], abs=8)  # nothing jumps


@pytest.mark.browser
def test_the_field_and_the_text_agree_or_the_page_says_so(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = start(open_explorable)
    field = page.get_by_label("Question")
    note = page.get_by_text("press Start here")
    expect(note).to_be_hidden()
    field.fill("What is in my hand?")
    expect(note).to_be_visible()
    field.press("Enter")
    expect(page.locator(".x-nt-text")).to_contain_text("What is in my hand?")
    expect(note).to_be_hidden()
    field.fill("   ")
    field.press("Enter")
    expect(page.get_by_text("Write a question first.")).to_be_visible()
    expect(field).to_have_value("What is in my hand?")
    page.get_by_label("Model").select_option("polite")
    expect(page.get_by_text("read by another model")).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".x-nt-text")).to_contain_text(QUESTION)
    expect(field).to_have_value(QUESTION)
    expect(page.get_by_label("Model")).to_have_value("base")
    check(page, lms["base"], [])


@pytest.mark.browser
def test_the_tree_says_how_many_states_it_leaves_out(open_explorable: OpenExplorable) -> None:
    page = start(open_explorable)
    before = page.locator(".x-nt-tree text").filter(has_text="before")
    for _ in range(4):
        likeliest(page)
    expect(before).to_have_count(0)
    likeliest(page)
    expect(before).to_have_text("… 1 token before")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_phone(open_explorable: OpenExplorable, scheme: str) -> None:
    page = start(open_explorable, viewport={"width": 320, "height": 800}, color_scheme=scheme)
    for _ in range(7):
        likeliest(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert axe_faults(page) == []


def test_an_empty_prompt_is_refused() -> None:
    with pytest.raises(PromptError, match="give a question"):
        next_tokens("  ")
