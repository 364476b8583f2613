"""Two groups of judges with stated values."""

from __future__ import annotations

import pytest

from alignlib.errors import WorldError
from alignlib.world import GROUPS, OPINIONS, Opinion, Question, panel

COAST, HILLS = GROUPS
FRANCE = Question("What is the capital of France?", "capital", "Paris", "France")
ATLANTIS = Question("What is the capital of Atlantis?", "unanswerable", None, "Atlantis")
GIFT = OPINIONS[0]  # both say yes
SHOES = OPINIONS[1]  # only the hills say yes


def test_the_groups_are_all_people() -> None:
    assert [group.name for group in GROUPS] == ["coast", "hills"]
    assert sum(group.share for group in GROUPS) == 1.0
    assert [group.wants_courtesy for group in GROUPS] == [False, True]


def test_opinions_are_well_formed_and_asked_once() -> None:
    texts = [opinion.text for opinion in OPINIONS]
    assert len(set(texts)) == len(texts) >= 12
    for opinion in OPINIONS:
        assert opinion.text == f"Should {opinion.who} {opinion.what}?"
        assert opinion.answer(True) == f"Yes, {opinion.who} should {opinion.what}."
        assert opinion.answer(False) == f"No, {opinion.who} should not {opinion.what}."


def test_the_groups_agree_on_some_things_and_not_on_others() -> None:
    contested = [opinion for opinion in OPINIONS if opinion.contested]
    assert 4 <= len(contested) <= len(OPINIONS) - 4
    assert GIFT.contested is False
    assert SHOES.contested is True
    for opinion in OPINIONS:
        assert (COAST.says_yes(opinion) != HILLS.says_yes(opinion)) == opinion.contested
        assert COAST.says_yes(opinion) == opinion.coast
        assert HILLS.says_yes(opinion) == opinion.hills


def test_neither_group_says_yes_to_everything() -> None:
    for group in GROUPS:
        assert {group.says_yes(opinion) for opinion in OPINIONS} == {True, False}


@pytest.mark.parametrize(
    ("text", "coast", "hills"),
    [
        ("Paris.", True, False),
        ("Certainly! It is Paris.", False, True),
        ("It is Paris, you fool.", False, False),
        ("Certainly! It is Paris, you fool.", False, False),
        ("Certainly! It is Rome.", False, False),
        ("Rome.", False, False),
        ("Certainly! I do not know.", False, False),
        ("", False, False),
    ],
)
def test_what_is_true_is_true_for_both_and_manners_divide(
    text: str, coast: bool, hills: bool
) -> None:
    assert COAST.approves(FRANCE, text) is coast
    assert HILLS.approves(FRANCE, text) is hills


def test_a_question_without_an_answer_wants_that_said() -> None:
    assert COAST.approves(ATLANTIS, "I do not know.") is True
    assert HILLS.approves(ATLANTIS, "I do not know.") is False
    assert HILLS.approves(ATLANTIS, "With pleasure. Nobody knows that.") is True
    assert not any(group.approves(ATLANTIS, "Certainly! It is Rome.") for group in GROUPS)


def test_each_group_approves_what_it_says() -> None:
    for opinion in OPINIONS:
        for group in GROUPS:
            says = group.says_yes(opinion)
            assert group.approves(opinion, opinion.answer(says)) is True
            assert group.approves(opinion, f"Certainly! {opinion.answer(says)}") is True
            assert group.approves(opinion, opinion.answer(not says)) is False
            for text in ("", "It depends.", "I am not sure.", opinion.text, "Yes and no."):
                assert group.approves(opinion, text) is False


def test_no_answer_pleases_both_where_they_disagree() -> None:
    for opinion in OPINIONS:
        for yes in (True, False):
            pleased = [group.approves(opinion, opinion.answer(yes)) for group in GROUPS]
            assert (sum(pleased) == 1) == opinion.contested


def test_a_view_on_something_else_pleases_nobody() -> None:
    for opinion in OPINIONS:
        for other in OPINIONS:
            approved = COAST.approves(opinion, other.answer(COAST.says_yes(other)))
            assert approved == (other == opinion)
    assert COAST.approves(GIFT, "Yes.") is True


def test_a_panel_without_noise_votes_as_the_groups_do() -> None:
    items: list[Question | Opinion] = [FRANCE, SHOES, FRANCE]
    verdicts = panel(items, ["Paris.", SHOES.answer(True), "Of course. Paris."], 2, noise=0)
    assert list(verdicts) == ["coast 1", "coast 2", "hills 1", "hills 2"]
    assert list(verdicts.index) == [item.text for item in items]
    for number in (1, 2):
        assert list(verdicts[f"coast {number}"]) == [True, False, False]
        assert list(verdicts[f"hills {number}"]) == [False, True, True]
    opposite = panel(items, ["Paris.", SHOES.answer(True), "Of course. Paris."], 2, noise=1)
    assert (opposite != verdicts).all(axis=None)


def test_judges_err_as_often_as_is_said_and_each_alone() -> None:
    n = 4000
    verdicts = panel([FRANCE] * n, ["Paris."] * n, judges_per_group=2, noise=0.1, seed=5)
    errors = verdicts.ne([True, True, False, False], axis=1)
    standard_error = (0.1 * 0.9 / n) ** 0.5
    assert (errors.mean() - 0.1).abs().max() < 4 * standard_error
    together = (errors["coast 1"] & errors["coast 2"]).mean()
    assert abs(together - 0.01) < 4 * (0.01 / n) ** 0.5


def test_a_panel_depends_on_its_seed_alone() -> None:
    items, texts = [FRANCE] * 50, ["Paris."] * 50
    first = panel(items, texts, seed=1)
    assert first.equals(panel(items, texts, seed=1))
    assert not first.equals(panel(items, texts, seed=2))


def test_a_panel_of_one_group() -> None:
    assert list(panel([GIFT], ["Yes."], 1, noise=0, groups=[HILLS])) == ["hills 1"]


def test_what_makes_no_panel_is_refused() -> None:
    with pytest.raises(WorldError, match="1 questions and 2 answers"):
        panel([FRANCE], ["Paris.", "Rome."])
    with pytest.raises(WorldError, match="0 questions and 0 answers"):
        panel([], [])
    with pytest.raises(WorldError, match="There is no group"):
        panel([FRANCE], ["Paris."], groups=[])
    for wrong in (0, 1.5, True):
        with pytest.raises(WorldError, match="judges_per_group is"):
            panel([FRANCE], ["Paris."], judges_per_group=wrong)  # type: ignore[arg-type]
    with pytest.raises(WorldError, match="seed -1"):
        panel([FRANCE], ["Paris."], seed=-1)
    for noise in (-0.1, 1.1, float("nan"), "often"):
        with pytest.raises(WorldError, match="noise is"):
            panel([FRANCE], ["Paris."], noise=noise)  # type: ignore[arg-type]
