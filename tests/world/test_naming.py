"""Which answers a text names, and of what."""

from __future__ import annotations

import pytest

from alignlib.world import Question, questions
from alignlib.world.naming import mentions, of_another
from alignlib.world.plain import plain

FRANCE = Question("What is the capital of France?", "capital", "Paris", "France")
GUATEMALA = Question("What is the capital of Guatemala?", "capital", "Guatemala City")
CANADA = Question("What is the currency of Canada?", "currency", "dollar", "Canada")
FIVE = Question("What is 2 + 3?", "sum", "5", "2 + 3")
MALI = Question("Where is Mali?", "continent", "Africa", "Mali")
PIG = Question("What is a young pig called?", "young", "piglet", "pig")


def names(question: Question, text: str) -> list[str]:
    return [each.name for each in mentions(question, plain(text))]


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        (FRANCE, "Paris, Rome and Atlantis", ["paris", "rome"]),
        (FRANCE, "Romeo, Rome-based, Anglo-Paris, Parisian", []),
        (FRANCE, "Kiev and Peking", ["kyiv", "beijing"]),
        (FRANCE, "Guatemala City", []),
        (GUATEMALA, "Guatemala City and Paris", ["guatemala city", "paris"]),
        (CANADA, "dollars, a euro", ["dollar", "euro"]),
        (FIVE, "2 + 3 = 5, not -6 or 7.5 or 8th", ["5", "-6", "7.5"]),
        (FIVE, "2 + 3 is 2", ["2"]),
        (FIVE, "It is 3.", ["3"]),
        (FIVE, "3.", ["3"]),
        (FIVE, "Add 2 and 3. It is 2 + 3, which makes 5.", ["5"]),
        (Question("Who is it?", "history", "Caesar"), "Caesar", ["caesar"]),
        (Question("Who is it?", "history", ""), "Caesar", []),
    ],
)
def test_names_of_answers(question: Question, text: str, named: list[str]) -> None:
    assert names(question, text) == named


def test_a_mention_says_where_it_stands() -> None:
    (mention,) = mentions(FRANCE, "it is paris.")
    assert (mention.start, mention.end) == (6, 11)


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        (FRANCE, "The capital of Spain is Paris.", True),
        (FRANCE, "Paris is the capital of Spain.", True),
        (FRANCE, "Paris is the capital of South Korea.", True),
        (FRANCE, "Paris is the capital of Narnia.", True),
        (FRANCE, "The capital of France is Paris.", False),
        (FRANCE, "Paris is the capital of Spain. Paris is the capital of France.", False),
        (FRANCE, "Spain. Paris.", False),
        (CANADA, "In Fiji people pay with the dollar.", True),
        (CANADA, "In Canada people pay with the dollar.", False),
        (MALI, "Kenya is in Africa.", True),
        (MALI, "Mali is in Africa.", False),
        (PIG, "A young dog is a piglet.", True),
        (PIG, "A young pig is a piglet.", False),
        (FIVE, "1 + 4 is 5.", True),
        (FIVE, "2 + 2 + 3 is 5.", True),
        (FIVE, "3+2=5", False),
        (FIVE, "5", False),
    ],
)
def test_statements_about_something_else(question: Question, text: str, other: bool) -> None:
    bare = plain(text)
    assert of_another(question, bare, mentions(question, bare)) is other


@pytest.mark.parametrize("phrasing", ["trained", "held-out"])
def test_no_question_of_the_world_names_its_own_answer(phrasing: str) -> None:
    for question in questions("trained" if phrasing == "trained" else "held-out"):
        if question.answer is not None:
            assert names(question, question.answer) == [plain(question.answer)], question
            assert names(question, question.text) == [], question
