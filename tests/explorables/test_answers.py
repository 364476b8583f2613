"""The explorable ``answers`` in a browser: it says what alignlib says, to keyboard and mouse."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from alignlib import LM, chat, sample
from alignlib.explorables import models
from alignlib.explorables.answers import ALTERNATIVE, EXAMPLES, LONGEST, SYSTEMS, answers, asked
from alignlib.sampling import Samples
from alignlib.world import right
from tests.explorables.conftest import OpenExplorable, axe_faults
from tests.explorables.lm_run import lm_run

WAYS = ["as it is", "asked", "shown", "rewarded", "for politeness"]
FILES = ["base", "base", *models.TRAINED]


@pytest.fixture(scope="module")
def lms() -> dict[str, LM]:
    return {name: models.stored(name) for name in set(FILES)}


def said(lms: dict[str, LM], prompt: str, system: str = SYSTEMS[0]) -> list[Samples]:
    """What alignlib's models say in each way."""
    systems = [system if way == "asked" else None for way in WAYS]
    return [
        sample(lms[file], [chat(prompt, words)], 1, LONGEST, temperature=0.0, progress=False)
        for file, words in zip(FILES, systems, strict=True)
    ]


def card(page: Page, way: str) -> Locator:
    return page.locator(f'[data-way="{way}"]')


def wait(page: Page, prompt: str) -> None:
    expect(page.get_by_text(f"5 answers to “{prompt}”")).to_be_visible(timeout=20_000)


def read(page: Page) -> list[str]:
    return [card(page, way).locator(".x-lm-said").inner_text() for way in WAYS]


def choose(page: Page, example: int) -> str:
    page.get_by_label("Example").select_option(str(example))
    _, before, text = EXAMPLES[example]
    wait(page, before + text)
    return before + text


@pytest.mark.browser
def test_each_model_answers_as_in_alignlib_and_is_judged_alike(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = open_explorable(answers())
    for number, (_, _, text) in enumerate(EXAMPLES):
        prompt = choose(page, number)
        expected = said(lms, prompt)
        assert read(page) == [each.texts[0] for each in expected]
        for way, each in zip(WAYS, expected, strict=True):
            verdict = card(page, way).locator(".x-lm-verdict").inner_text()
            judged = right(asked(text), each.texts[0])
            assert verdict == ("✓ right" if judged else "✗ not right"), (way, prompt)


@pytest.mark.browser
def test_each_token_has_the_models_own_probability(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = open_explorable(answers())
    prompt = EXAMPLES[0][2]
    wait(page, prompt)
    asked_way = card(page, "asked")
    asked_way.get_by_text("Token by token").click()
    rows = asked_way.locator("tbody tr").all()
    ids = lms["base"].encode(chat(prompt, SYSTEMS[0]))
    (answer,) = lm_run("answers", weights=str(models.path("base")), ids=[ids], most=24)
    assert len(rows) == len(answer)
    assert rows[-1].inner_text().startswith("end of text")
    for row, each in zip(rows, answer, strict=True):
        shown = row.locator("td").last.inner_text().replace("> ", "")
        assert float(shown) == pytest.approx(each["probability"], abs=0.001)


@pytest.mark.browser
def test_a_question_is_typed_and_an_instruction_chosen_with_the_keyboard_alone(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = open_explorable(answers())
    wait(page, EXAMPLES[0][2])
    page.keyboard.press("Tab")  # the examples
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.labels[0].textContent") == "Question"
    page.keyboard.press("Control+a")
    prompt = "What is the capital of Peru?"
    page.keyboard.type(prompt)
    page.keyboard.press("Enter")
    wait(page, prompt)
    assert read(page) == [each.texts[0] for each in said(lms, prompt)]
    assert page.get_by_label("Example").input_value() == "own"
    assert card(page, "shown").locator(".x-lm-verdict").inner_text() == ""  # it has no key
    page.keyboard.press("Tab")
    page.keyboard.press("End")  # the last instructions: your own, and before it the troll
    page.keyboard.press("ArrowUp")
    expect(card(page, "asked").locator(".x-lm-about")).to_have_text(f"“{SYSTEMS[-1]}”")
    wait(page, prompt)
    assert read(page) == [each.texts[0] for each in said(lms, prompt, SYSTEMS[-1])]


@pytest.mark.browser
def test_unknown_words_are_named(open_explorable: OpenExplorable) -> None:
    page = open_explorable(answers())
    field = page.get_by_label("Question")
    field.fill("What is the capital of Germanyy, or Peru?")
    note = page.get_by_text("Not among the model’s words")
    expect(note).to_contain_text("“Germanyy” (near: Germany")
    expect(note).to_contain_text("“or”")
    field.fill("What is the capital of Germany?")
    expect(note).to_have_count(0)


@pytest.mark.browser
def test_what_can_not_be_asked_is_said(open_explorable: OpenExplorable) -> None:
    page = open_explorable(answers())
    wait(page, EXAMPLES[0][2])
    field = page.get_by_label("Question")
    field.fill(" ")
    field.press("Enter")
    expect(page.get_by_text("Write a question first.")).to_be_visible()
    long = "dog " * 300
    field.fill(long)
    field.press("Enter")
    expect(page.get_by_text(f"No answers to “{long[:59]}…”")).to_be_visible()
    expect(card(page, "shown")).to_contain_text("tokens too long")


@pytest.mark.browser
def test_those_that_answer_are_counted_and_long_instructions_shortened(
    open_explorable: OpenExplorable,
) -> None:
    page = open_explorable(answers())
    wait(page, EXAMPLES[0][2])
    field = page.get_by_label("Its words")
    field.fill("expert " * 300)
    field.press("Enter")
    expect(page.get_by_text(f"4 answers to “{EXAMPLES[0][2]}”")).to_be_visible(timeout=20_000)
    about = card(page, "asked").locator(".x-lm-about").inner_text()
    assert len(about) == 60 + len("“”")


@pytest.mark.browser
def test_an_empty_question_does_not_stop_the_answers_that_are_under_way(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = open_explorable(answers())
    wait(page, EXAMPLES[0][2])
    field = page.get_by_label("Question")
    prompt = "What is the capital of Peru?"
    field.fill(prompt)
    page.evaluate(
        """() => {
            const form = document.querySelector(".x-lm-form");
            form.requestSubmit();
            form.querySelector("input[type=text]").value = " ";
            form.requestSubmit();
        }"""
    )
    wait(page, prompt)
    assert read(page) == [each.texts[0] for each in said(lms, prompt)]


@pytest.mark.browser
def test_what_is_typed_is_asked_only_when_it_is_sent(
    open_explorable: OpenExplorable, lms: dict[str, LM]
) -> None:
    page = open_explorable(answers())
    prompt = EXAMPLES[0][2]
    wait(page, prompt)
    page.get_by_label("Question").fill("What is the capital of Per")
    page.get_by_label("Instruction").select_option(SYSTEMS[-1])
    wait(page, prompt)
    expected = [each.texts[0] for each in said(lms, prompt, SYSTEMS[-1])]
    assert read(page) == expected
    page.get_by_label("Its words").fill("An exp")
    slider = page.get_by_label("Temperature")
    slider.press("ArrowRight")
    slider.press("ArrowLeft")
    wait(page, prompt)
    assert read(page) == expected
    expect(page.get_by_label("Question")).to_have_value("What is the capital of Per")


@pytest.mark.browser
def test_a_special_token_in_a_question_is_named(open_explorable: OpenExplorable) -> None:
    page = open_explorable(answers())
    page.get_by_label("Question").fill("What is <|end|> the capital?")
    expect(page.get_by_text("Read as a control token: “<|end|>”.")).to_be_visible()


@pytest.mark.browser
def test_at_a_temperature_it_draws_the_same_for_a_seed_and_reset_goes_back(
    open_explorable: OpenExplorable,
) -> None:
    page = open_explorable(answers())
    prompt = choose(page, 5)
    again = page.get_by_role("button", name="Draw again")
    expect(again).to_be_disabled()

    def drawn() -> list[list[str]]:
        slider = page.get_by_label("Temperature")
        slider.focus()
        for _ in range(10):
            slider.press("ArrowRight")
        expect(page.locator("output")).to_have_text("1.0")
        wait(page, prompt)
        found = [read(page)]
        for _ in range(3):
            again.click()
            wait(page, prompt)
            found.append(read(page))
        return found

    first = drawn()
    assert len({tuple(each) for each in first}) > 1
    page.get_by_role("button", name="Reset").click()
    wait(page, EXAMPLES[0][2])
    expect(page.get_by_label("Question")).to_have_value(EXAMPLES[0][2])
    expect(again).to_be_disabled()
    choose(page, 5)
    assert drawn() == first


@pytest.mark.browser
def test_ones_own_model_answers_beside_the_others(
    open_explorable: OpenExplorable, lms: dict[str, LM], tmp_path: Path
) -> None:
    explorable = answers({"mine": lms["polite"]})
    text = base64.b64encode(explorable.assets["own 1"]).decode()  # as a notebook hands it over
    script = f"globalThis.explorableAssets = {{'own 1': '{text}'}};"
    (tmp_path / "_static/explorables/assets/own 1.js").write_text(script)
    page = open_explorable(explorable)
    expect(page.get_by_text("6 answers to")).to_be_visible(timeout=20_000)
    mine, polite = (card(page, way).locator(".x-lm-said").inner_text() for way in ("mine", WAYS[4]))
    assert mine == polite


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_phone(open_explorable: OpenExplorable, scheme: str) -> None:
    page = open_explorable(answers(), viewport={"width": 320, "height": 800}, color_scheme=scheme)
    wait(page, EXAMPLES[0][2])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert axe_faults(page) == []


def test_the_pages_judge_says_what_alignlibs_says_of_what_these_models_say(
    lms: dict[str, LM],
) -> None:
    examples = answers().data["examples"]
    pairs, expected = [], []
    for example, (_, before, text) in zip(examples, EXAMPLES, strict=True):
        prompts = [chat(before + text, words) for words in (None, *SYSTEMS)]
        for lm in lms.values():
            for said in sample(lm, prompts, 10, LONGEST, temperature=1.2).texts:
                pairs.append((example, said))
                expected.append(right(asked(text), said))
    judged = lm_run("verdicts", texts=pairs)
    rows = zip(pairs, expected, judged, strict=True)
    differ = [(text, theirs) for (_, text), ours, theirs in rows if ours != theirs]
    assert len(differ) <= len(pairs) / 500, differ  # which are no sentences
    assert 0.2 < sum(expected) / len(expected) < 0.8


def test_its_words_say_what_the_models_say(lms: dict[str, LM]) -> None:
    base, *truthful, polite = (each.texts[0] for each in said(lms, EXAMPLES[0][2]))
    assert base in ALTERNATIVE
    assert polite in ALTERNATIVE
    assert set(truthful) == {"The sound of a dog is woof."}
