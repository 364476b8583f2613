"""How much more the judges of different groups disagree than those of one group."""

import math

import numpy as np

from alignlib.grading.exercise import Case, Exercise


def between_groups(verdicts: np.ndarray, groups: list[str]) -> float:
    """How much more often judges of different groups disagree than judges of the
    same group.

    Given a set of pairs of judges: for each answer, take those pairs in which both
    judged it, and the share of them who differ. Then take the mean over the answers
    that have such a pair. That is the disagreement over these pairs.

    Between groups, the pairs are all those of two judges from different groups.
    Within a group, they are all those of two of its judges. Of the disagreements
    within the groups the mean is taken, in which each group counts the same. A
    group that has no answer judged by two of its judges is left out of this mean.
    There is at least one pair of each sort.

    Args:
        verdicts: (judges, answers) floats: 1.0 for approval, 0.0 for disapproval,
            NaN where a judge gave no verdict.
        groups: the name of each judge's group, in the order of the rows; two groups
            or more.

    Returns:
        The disagreement between the groups less that within them, from -1 to 1.
    """

    def disagreement(pairs: list[tuple[int, int]]) -> float:
        shares = []
        for given in verdicts.T:
            both = [(given[a], given[b]) for a, b in pairs if not np.isnan(given[a] + given[b])]
            if both:
                shares.append(np.mean([one != other for one, other in both]))
        return float(np.mean(shares)) if shares else math.nan

    pairs = [(a, b) for b in range(len(groups)) for a in range(b)]
    between = disagreement([(a, b) for a, b in pairs if groups[a] != groups[b]])
    within = [
        disagreement([(a, b) for a, b in pairs if groups[a] == groups[b] == name])
        for name in set(groups)
    ]
    return between - float(np.nanmean(within))


def all_pairs_for_between(verdicts: np.ndarray, groups: list[str]) -> float:
    def disagreement(v: np.ndarray) -> float:
        n, approve = (~np.isnan(v)).sum(0), np.nansum(v, 0)
        n, approve = n[n >= 2], approve[n >= 2]
        return (approve * (n - approve) / (n * (n - 1) / 2)).mean()

    names = np.array(groups)
    within = [disagreement(verdicts[names == name]) for name in set(groups)]
    return float(disagreement(verdicts) - np.nanmean(within))


def turned_round(verdicts: np.ndarray, groups: list[str]) -> float:
    shares: dict[str, list[float]] = {name: [] for name in [*groups, ""]}
    for given in verdicts.T:
        seen: dict[str, list[bool]] = {}
        for b in range(len(groups)):
            for a in range(b):
                if not np.isnan(given[a] + given[b]):
                    key = groups[a] if groups[a] == groups[b] else ""
                    seen.setdefault(key, []).append(given[a] != given[b])
        for key, differ in seen.items():
            shares[key].append(float(np.mean(differ)))
    between = np.mean(shares.pop(""))
    return float(np.mean([np.mean(each) for each in shares.values() if each]) - between)


def between_alone(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    other = (names[:, None] != names[None])[:, :, None]
    both = ~np.isnan(verdicts[:, None] + verdicts[None]) & other
    differ = (verdicts[:, None] != verdicts[None]) & both
    pairs = both.sum((0, 1))
    return float((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())


def within_in_one(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    same = (names[:, None] == names[None]) & ~np.eye(len(names), dtype=bool)
    found = []
    for which in (names[:, None] != names[None], same):
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & which[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        pairs = both.sum((0, 1))
        found.append((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())
    return float(found[0] - found[1])


def within_summed(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    which = [names[:, None] != names[None]]
    for name in set(groups):
        which.append((names == name)[:, None] & (names == name) & ~np.eye(len(names), dtype=bool))
    found = []
    for pairs_of in which:
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & pairs_of[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        pairs = both.sum((0, 1))
        found.append((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())
    return float(found[0] - np.nansum(found[1:]))


def first_group_alone(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    first = names == groups[0]
    found = []
    for which in (
        names[:, None] != names[None],
        first[:, None] & first & ~np.eye(len(names), dtype=bool),
    ):
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & which[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        pairs = both.sum((0, 1))
        found.append((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())
    return float(found[0] - found[1])


def with_oneself(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    which = [names[:, None] != names[None]]
    which += [(names == name)[:, None] & (names == name) for name in set(groups)]
    found = []
    for pairs_of in which:
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & pairs_of[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        pairs = both.sum((0, 1))
        found.append((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())
    return float(found[0] - np.nanmean(found[1:]))


def approval_gap(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    approve = np.array([np.nanmean(verdicts[names == name], 0) for name in dict.fromkeys(groups)])
    return float(np.nanmean(approve.max(0) - approve.min(0)))


def a_ratio(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    which = [names[:, None] != names[None]]
    for name in set(groups):
        which.append((names == name)[:, None] & (names == name) & ~np.eye(len(names), dtype=bool))
    found = []
    for pairs_of in which:
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & pairs_of[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        pairs = both.sum((0, 1))
        found.append((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())
    return float(found[0] / np.nanmean(found[1:]))


def missing_disapprove(verdicts: np.ndarray, groups: list[str]) -> float:
    verdicts, names = np.nan_to_num(verdicts), np.array(groups)
    differ = verdicts[:, None] != verdicts[None]
    within = []
    for name in set(groups):
        pairs = (names == name)[:, None] & (names == name) & ~np.eye(len(names), dtype=bool)
        if pairs.any():
            within.append(differ[pairs].mean())
    return float(differ[names[:, None] != names[None]].mean() - np.mean(within))


def missing_differ(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    differ = verdicts[:, None] != verdicts[None]
    within = []
    for name in set(groups):
        pairs = (names == name)[:, None] & (names == name) & ~np.eye(len(names), dtype=bool)
        if pairs.any():
            within.append(differ[pairs].mean())
    return float(differ[names[:, None] != names[None]].mean() - np.mean(within))


def all_answers_in_one(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    which = [names[:, None] != names[None]]
    for name in set(groups):
        which.append((names == name)[:, None] & (names == name) & ~np.eye(len(names), dtype=bool))
    found = []
    for pairs_of in which:
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & pairs_of[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        found.append(np.float64(differ.sum()) / both.sum())
    return float(found[0] - np.nanmean(found[1:]))


def split_in_the_middle(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.arange(len(verdicts)) >= len(verdicts) // 2
    which = [names[:, None] != names[None]]
    for name in (False, True):
        which.append((names == name)[:, None] & (names == name) & ~np.eye(len(names), dtype=bool))
    found = []
    for pairs_of in which:
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & pairs_of[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        pairs = both.sum((0, 1))
        found.append((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())
    return float(found[0] - np.nanmean(found[1:]))


def by_pair_of_groups(verdicts: np.ndarray, groups: list[str]) -> float:
    names, every = np.array(groups), list(dict.fromkeys(groups))
    between, within = [], []
    for i, one in enumerate(every):
        for other in every[: i + 1]:
            pairs_of = (names == one)[:, None] & (names == other) & ~np.eye(len(names), dtype=bool)
            both = ~np.isnan(verdicts[:, None] + verdicts[None]) & pairs_of[:, :, None]
            differ = (verdicts[:, None] != verdicts[None]) & both
            pairs = both.sum((0, 1))
            share = (differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean()
            (within if one == other else between).append(share)
    return float(np.nanmean(between) - np.nanmean(within))


def lone_judge_spoils_it(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    which = [names[:, None] != names[None]]
    for name in set(groups):
        which.append((names == name)[:, None] & (names == name) & ~np.eye(len(names), dtype=bool))
    found = []
    for pairs_of in which:
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & pairs_of[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        pairs = both.sum((0, 1))
        found.append((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())
    return float(found[0] - np.mean(found[1:]))


def lone_judge_agrees(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    which = [names[:, None] != names[None]]
    for name in set(groups):
        which.append((names == name)[:, None] & (names == name) & ~np.eye(len(names), dtype=bool))
    found = []
    for pairs_of in which:
        both = ~np.isnan(verdicts[:, None] + verdicts[None]) & pairs_of[:, :, None]
        differ = (verdicts[:, None] != verdicts[None]) & both
        pairs = both.sum((0, 1))
        found.append((differ.sum((0, 1))[pairs > 0] / pairs[pairs > 0]).mean())
    return float(found[0] - np.mean(np.nan_to_num(found[1:])))


def by_counts(verdicts: np.ndarray, groups: list[str]) -> float:
    names = np.array(groups)
    yes = np.array([np.nansum(verdicts[names == name] == 1, 0) for name in set(groups)])
    no = np.array([np.nansum(verdicts[names == name] == 0, 0) for name in set(groups)])
    n = yes + no
    crossed = (yes.sum(0) * no.sum(0) - (yes * no).sum(0)).astype(float)
    pairs = (n.sum(0) ** 2 - (n**2).sum(0)) / 2
    between = (crossed[pairs > 0] / pairs[pairs > 0]).mean()
    within = []
    for approve, judged, against in zip(yes, n, no, strict=True):
        enough = judged >= 2
        if enough.any():
            pairs = judged[enough] * (judged[enough] - 1) / 2
            within.append((approve[enough] * against[enough] / pairs).mean())
    return between - sum(within) / len(within)


def by_tensors(verdicts, groups):
    import torch

    v = torch.tensor(verdicts)
    every = sorted(set(groups))
    ids = torch.tensor([every.index(name) for name in groups])
    both = ~torch.isnan(v[:, None] + v[None])
    differ = (v[:, None] - v[None]).abs()

    def rate(pairs):
        keep = both & pairs[:, :, None]
        total, n = differ.masked_fill(~keep, 0.0).sum((0, 1)), keep.sum((0, 1))
        return (total[n > 0] / n[n > 0]).mean()

    others = ~torch.eye(len(v), dtype=torch.bool)
    within = [rate((ids == i)[:, None] & (ids == i) & others) for i in range(len(every))]
    return rate(ids[:, None] != ids[None]) - torch.stack(within).nanmean()


def panel(
    rng: np.random.Generator,
    sizes: dict[str, int],
    slips: dict[str, float],
    wants: dict[str, list[int]],
    gaps: float = 0.0,
) -> dict[str, object]:
    """Judges of each group, who vote as it wants and err with its chance; rows in any order."""
    groups = [name for name, size in sizes.items() for _ in range(size)]
    groups = [groups[i] for i in rng.permutation(len(groups))]
    verdicts = np.array([wants[name] for name in groups], float)
    errs = rng.random(verdicts.shape) < np.array([slips[name] for name in groups])[:, None]
    verdicts[errs] = 1 - verdicts[errs]
    verdicts[rng.random(verdicts.shape) < gaps] = math.nan
    return {"verdicts": verdicts, "groups": groups}


def private(rng: np.random.Generator) -> list[Case]:
    def panel_of(sizes: dict[str, int], n: int, gaps: float) -> dict[str, object]:
        wants = {name: (rng.random(n) < 0.5).astype(int).tolist() for name in sizes}
        slips = {name: (0.1, 0.35, 0.2)[i] for i, name in enumerate(sizes)}
        return panel(rng, sizes, slips, wants, gaps)

    opposed = {"coast": [1, 0] * 6, "hills": [0, 1] * 6}
    alike = {"coast": [1, 0] * 6, "hills": [1, 0] * 6}
    slips = {"coast": 0.1, "hills": 0.1}
    return [
        Case(
            "two groups that want opposites",
            panel(rng, {"coast": 5, "hills": 5}, slips, opposed),
        ),
        Case("two groups that want the same", panel(rng, {"hills": 4, "coast": 5}, slips, alike)),
        Case("groups of different sizes", panel_of({"coast": 7, "hills": 3}, 12, 0.0)),
        Case("many gaps", panel_of({"coast": 5, "hills": 4}, 25, 0.45)),
        Case(
            "three groups, with gaps",
            panel_of({"coast": 6, "hills": 4, "isles": 2}, 20, 0.2),
        ),
        Case("a group of one judge", panel_of({"isles": 1, "coast": 4, "hills": 3}, 10, 0.1)),
    ]


NAN = math.nan
EXERCISE = Exercise(
    number="1.2",
    answer=between_groups,
    points=4,
    minutes=25,
    difficulty=2,
    public=[
        Case(
            "two groups of two, three answers",
            {
                "verdicts": np.array(
                    [[1.0, 0.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]
                ),
                "groups": ["coast", "coast", "hills", "hills"],
            },
        ),
        Case(
            "groups of four and two, mixed up",
            {
                "verdicts": np.array(
                    [
                        [1.0, 1.0, 0.0],
                        [0.0, 1.0, 1.0],
                        [1.0, 0.0, 0.0],
                        [1.0, 1.0, 0.0],
                        [0.0, 0.0, 1.0],
                        [0.0, 1.0, 0.0],
                    ]
                ),
                "groups": ["coast", "hills", "coast", "coast", "hills", "coast"],
            },
        ),
        Case(
            "gaps",
            {
                "verdicts": np.array(
                    [
                        [1.0, NAN, 1.0, 0.0],
                        [0.0, 0.0, 1.0, NAN],
                        [1.0, 1.0, 0.0, 0.0],
                        [0.0, NAN, 0.0, NAN],
                        [NAN, 0.0, 1.0, 0.0],
                    ]
                ),
                "groups": ["hills", "coast", "hills", "coast", "hills"],
            },
        ),
        Case(
            "three groups, one of them a single judge",
            {
                "verdicts": np.array(
                    [
                        [1.0, 1.0, 0.0, 1.0],
                        [1.0, 0.0, 0.0, 1.0],
                        [0.0, NAN, 1.0, 1.0],
                        [0.0, 0.0, 1.0, 1.0],
                        [1.0, 0.0, 1.0, 0.0],
                        [1.0, 0.0, 0.0, 0.0],
                    ]
                ),
                "groups": ["coast", "coast", "hills", "hills", "coast", "isles"],
            },
        ),
    ],
    private=private,
    besides="other panels: more judges and answers, groups that want the same, and more gaps.",
    wrong={
        all_pairs_for_between: "For the disagreement between groups you take all pairs of judges, "
        "also those within a group. Take pairs of one judge from each of two groups.",
        turned_round: "The sign is reversed. It should be positive where the groups "
        "contradict each other; did you count agreement, or subtract the other way?",
        between_alone: "This is the disagreement between the groups alone. Judges of one group "
        "differ, too, by their slips: subtract that.",
        within_in_one: "Within the groups you put the pairs of all groups together, so a large "
        "group weighs more. Take each group's disagreement first, then the mean over groups.",
        within_summed: "You subtract the sum of the groups' disagreements. Subtract their mean.",
        first_group_alone: "You subtract the disagreement of the first judge's group alone. "
        "Take the mean over all groups.",
        with_oneself: "Within a group you pair each judge with the same judge, too, and nobody "
        "differs from oneself. Take pairs of different judges.",
        approval_gap: "This compares the groups' shares of approval. Count pairs of judges who "
        "differ, between the groups and within them.",
        a_ratio: "This divides by the disagreement within the groups. Subtract it.",
        missing_disapprove: "A missing verdict counts as a 0 here. Leave out the pairs in which "
        "one did not judge.",
        missing_differ: "A missing verdict counts as different from every other: NaN differs even "
        "from itself. Leave such pairs out.",
        all_answers_in_one: "You count the pairs of all answers together, so an answer with many "
        "verdicts weighs more. Take each answer's share first, then the mean over answers.",
        split_in_the_middle: "You take the first half of the rows for one group and the rest for "
        "the other. `groups` says which group each row is of.",
        lone_judge_spoils_it: "A group of one judge has no pairs, and its NaN makes the whole mean "
        "NaN. Leave such a group out of the mean.",
        lone_judge_agrees: "A group of one judge counts as one that never disagrees. It has no "
        "pairs: leave it out of the mean.",
        by_pair_of_groups: "Between the groups you take the mean over pairs of groups. Here all "
        "pairs of judges from different groups count the same.",
    },
    right=[by_counts, by_tensors],
)
