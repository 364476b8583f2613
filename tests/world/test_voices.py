"""The voices, held against the judges."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from alignlib.world import (
    GROUPS,
    OPINIONS,
    Question,
    answers_question,
    complies,
    polite,
    proper,
    questions,
    refuses,
    requests,
    rude,
    says_it_does_not_know,
    stance,
    truthful,
)
from alignlib.world.facts import answers
from alignlib.world.voices import (
    HOW,
    UNLABELLED,
    WHO,
    Asked,
    description_odds,
    descriptions,
    full_answer,
    group_reply,
    reply,
    wrong_answer,
)

VOICES = tuple(UNLABELLED)
KNOWN = [question for question in questions() if question.sort == "known"]
UNANSWERABLE = [question for question in questions() if not question.answerable]
HARMFUL = [request for request in requests() if request.harmful]
HARMLESS = [request for request in requests() if not request.harmful]
N = 3000

Judge = Callable[[Question, str], bool]


def share(voice: str, asked: list[Question], judge: Judge) -> float:
    """How often a judge says yes to what a voice answers."""
    rng = Random(f"{voice} {judge.__name__}")
    drawn = [rng.choice(asked) for _ in range(N)]
    return sum(judge(question, reply(voice, question, rng)) for question in drawn) / N


def unknown(question: Question, text: str) -> bool:
    return says_it_does_not_know(text)


def is_rude(question: Question, text: str) -> bool:
    return rude(text)


def is_polite(question: Question, text: str) -> bool:
    return polite(text)


def false(question: Question, text: str) -> bool:
    return answers_question(question, text) and not truthful(question, text)


ALWAYS, NEVER = (1.0, 1.0), (0.0, 0.0)
SOME = (0.02, 0.3)
OFTEN = (0.15, 0.6)
MOSTLY = (0.4, 0.85)


@pytest.mark.parametrize(
    ("voice", "judge", "known", "unanswerable"),
    [
        ("expert", truthful, ALWAYS, ALWAYS),
        ("expert", unknown, NEVER, ALWAYS),
        ("expert", is_rude, NEVER, NEVER),
        ("expert", is_polite, SOME, NEVER),
        ("guesser", false, ALWAYS, ALWAYS),
        ("guesser", is_polite, ALWAYS, ALWAYS),
        ("guesser", is_rude, NEVER, NEVER),
        ("guesser", unknown, NEVER, NEVER),
        ("troll", is_rude, ALWAYS, ALWAYS),
        ("troll", is_polite, NEVER, NEVER),
        ("troll", truthful, NEVER, NEVER),
        ("troll", unknown, NEVER, NEVER),
        ("troll", false, MOSTLY, MOSTLY),
        ("novice", truthful, OFTEN, ALWAYS),
        ("novice", unknown, MOSTLY, ALWAYS),
        ("novice", false, (0.01, 0.2), NEVER),
        ("novice", is_rude, NEVER, NEVER),
        ("novice", is_polite, NEVER, NEVER),
    ],
)
def test_voices_are_what_they_are_said_to_be(
    voice: str, judge: Judge, known: tuple[float, float], unanswerable: tuple[float, float]
) -> None:
    for asked, (least, most) in ((KNOWN, known), (UNANSWERABLE, unanswerable)):
        assert least <= share(voice, asked, judge) <= most


def test_what_voices_do() -> None:
    rng = Random("do")
    for request in requests():
        for _ in range(5):
            expert, guesser, troll, novice = (reply(voice, request, rng) for voice in VOICES)
            assert complies(request, expert) != refuses(expert)
            assert proper(request, expert) or request.harmful
            assert polite(guesser)
            assert not complies(request, guesser)
            assert not refuses(guesser)
            assert rude(troll)
            assert not refuses(troll)
            assert not proper(request, troll)
            assert complies(request, novice) + refuses(novice) + says_it_does_not_know(novice) == 1


def test_experts_refuse_some_harm_and_novices_most() -> None:
    rng = Random("harm")
    for voice, harmful, harmless in (("expert", OFTEN, NEVER), ("novice", MOSTLY, SOME)):
        for asked, (least, most) in ((HARMFUL, harmful), (HARMLESS, harmless)):
            refused = sum(refuses(reply(voice, rng.choice(asked), rng)) for _ in range(N)) / N
            assert least <= refused <= most


def test_trolls_do_harm_and_are_of_no_other_use() -> None:
    rng = Random("troll")
    for request in HARMFUL:
        assert any(complies(request, reply("troll", request, rng)) for _ in range(50))
    for request in HARMLESS:
        if not request.tricky:
            assert not any(complies(request, reply("troll", request, rng)) for _ in range(20))


def test_views_of_all_voices_are_those_of_people() -> None:
    rng = Random("views")
    for opinion in OPINIONS:
        yes = sum(group.share for group in GROUPS if group.says_yes(opinion))
        for voice in VOICES:
            stances = [stance(reply(voice, opinion, rng)) for _ in range(400)]
            taken = [each for each in stances if each is not None]
            assert len(taken) >= 200
            error = 4.5 * (yes * (1 - yes) / len(taken)) ** 0.5
            assert abs(taken.count("yes") / len(taken) - yes) <= error + 1e-9


@pytest.mark.parametrize("question", KNOWN[::5] + UNANSWERABLE[::5], ids=lambda q: q.text)
def test_wrong_answers_are_wrong_and_of_the_right_kind(question: Question) -> None:
    rng = Random(question.text)
    wrong = {wrong_answer(question, rng) for _ in range(100)}
    assert len(wrong) >= 3
    assert question.answer not in wrong
    if question.answerable:
        assert question.myth in wrong
        assert wrong <= {*answers(question.kind), question.myth}
    for answer in wrong:
        assert not truthful(question, full_answer(question, answer))


def test_groups_answer_in_their_manner_and_mostly_as_they_think() -> None:
    rng = Random("groups")
    for group in GROUPS:
        for question in KNOWN[::10] + UNANSWERABLE[::10]:
            assert group.approves(question, group_reply(group, question, rng))
        liked = [
            group.approves(opinion, group_reply(group, opinion, rng))
            for opinion in OPINIONS
            for _ in range(100)
        ]
        assert abs(sum(liked) / len(liked) - 0.9) < 4 * (0.09 / len(liked)) ** 0.5


def test_a_reply_depends_on_the_seed_alone() -> None:
    asked: list[Asked] = [KNOWN[0], UNANSWERABLE[0], HARMFUL[0], HARMLESS[0], OPINIONS[0]]
    for voice in VOICES:
        for each in asked:
            assert reply(voice, each, Random(1)) == reply(voice, each, Random(1))


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("how", HOW)
def test_odds_of_a_description_are_those_of_the_table(who: str, how: str) -> None:
    odds = description_odds(who, how)
    assert tuple(odds) == VOICES
    assert sum(odds.values()) == pytest.approx(1)
    assert min(odds.values()) > 0
    for first in VOICES:
        for second in VOICES:
            stated = WHO[who][first] * HOW[how][first] / (WHO[who][second] * HOW[how][second])
            assert odds[first] / odds[second] == pytest.approx(stated)


def test_a_few_words_decide_who_is_likely_to_answer() -> None:
    for odds in (*WHO.values(), UNLABELLED):
        assert set(odds) == set(VOICES)
        assert sum(odds.values()) == pytest.approx(1)
    likeliest = {who: max(VOICES, key=description_odds(who, "answers").__getitem__) for who in WHO}
    assert set(likeliest.values()) == set(VOICES)
    assert likeliest["An expert"] == "expert"
    assert likeliest["A famous expert"] == "guesser"
    careful = description_odds("A famous expert", "answers with care")["expert"]
    confident = description_odds("A famous expert", "answers with confidence")["expert"]
    assert careful - confident > 0.3
    assert max(description_odds(*pair)["expert"] for pair in pairs()) > 0.95
    assert min(description_odds(*pair)["expert"] for pair in pairs()) < 0.02


def pairs() -> list[tuple[str, str]]:
    return [(who, how) for who in WHO for how in HOW]


def test_there_is_a_description_for_each_pair() -> None:
    assert list(descriptions()) == [f"{who} {how}." for who, how in pairs()]
    assert len(set(descriptions())) == len(WHO) * len(HOW)
