"""The benchmarks: the timer, the counts, the files and the tables. No test looks at how fast."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from benchmarks import machine, results
from benchmarks.__main__ import main
from benchmarks.alternate import Done, Work, alternate
from benchmarks.goals import judge
from benchmarks.limit import shares
from benchmarks.picture import draw
from benchmarks.report import tables
from benchmarks.row import OURS, BenchmarkError, Row, check_counts

pytestmark = pytest.mark.usefixtures("trl")

ROOT = Path(__file__).parents[1]
CPU = torch.device("cpu")

ROW = Row(
    kind="sampling",
    case="different prompts",
    model="tiny",
    dtype="float32",
    setting={"batch": 16, "tokens": 32},
    unit="s",
    rounds={OURS: [1.0, 2.0, 4.0], "slow": [9.0, 9.0, 9.0], "generate": [3.0, 4.0, 6.0]},
    counts={"tokens": {OURS: 100, "slow": 100, "generate": 104}},
    more={"weight_bytes": 1000},
)


def made(rows: list[Row]) -> results.Result:
    return results.Result(
        "2026-01-02", "cpu", machine.describe(CPU), machine.versions(), {"rounds": 3},
        {"bandwidth": 1e-3, "float32": 50.0}, rows, judge(rows),
    )  # fmt: skip


def test_a_row_compares_with_the_best_of_the_others() -> None:
    assert ROW.best == "generate"
    assert ROW.ratios == [3.0, 2.0, 1.5]
    assert ROW.ratio == 2.0
    assert ROW.difference == pytest.approx(0.04)


def test_contenders_take_turns() -> None:
    order: list[tuple[str, int]] = []

    def contender(name: str, counted: int) -> object:
        @contextmanager
        def prepare(seed: int) -> Iterator[Work]:
            def work() -> Done:
                order.append((name, seed))
                return Done({"pieces": counted}, seconds=0.5)

            yield work

        return prepare

    contenders = {OURS: contender(OURS, 2), "other": contender("other", 3)}
    timed = alternate(contenders, 2, CPU)  # type: ignore[arg-type]
    assert [name for name, _ in order] == [OURS, "other", OURS, "other", "other", OURS]
    assert order[2][1] == order[3][1] != order[4][1]  # the seed is the round's
    assert timed.rounds == {OURS: [0.5, 0.5], "other": [0.5, 0.5]}
    assert timed.counts == {"pieces": {OURS: 4, "other": 6}}


def test_a_trial_keeps_the_fastest() -> None:
    def contender(seconds: float) -> object:
        @contextmanager
        def prepare(seed: int) -> Iterator[Work]:
            yield lambda: Done({}, seconds)

        return prepare

    timed = alternate(
        {OURS: contender(1.0), "slow": contender(3.0), "fast": contender(2.0)},  # type: ignore[dict-item]
        3, CPU, keep=1,
    )  # fmt: skip
    assert timed.rounds == {OURS: [1.0] * 3, "fast": [2.0] * 3}
    assert timed.tried == {"slow": 3.0, "fast": 2.0}


def test_sampling_draws_the_same_number_of_tokens_in_both() -> None:
    from benchmarks import sampling

    for case in (sampling.DIFFERENT, sampling.SHARED, sampling.ENDING):
        row = sampling.compare(
            "tiny", "float32", CPU, 8, case, 1, new_tokens=12, settings={"generate": {}}
        )
        assert set(row.rounds) == {OURS, "generate"}
        assert all(len(times) == 1 and times[0] > 0 for times in row.rounds.values())
        tokens = row.counts["tokens"]
        assert tokens[OURS] == tokens["generate"]
        repeats = row.counts["texts"][OURS] // 8
        whole = 8 * 12 * repeats
        assert tokens[OURS] < whole if case == sampling.ENDING else tokens[OURS] == whole
        check_counts(row)


def test_others_get_the_same_weights_in_layers_of_torch() -> None:
    from benchmarks import models

    ours, theirs = models.fresh("tiny", CPU), models.plain("tiny", CPU)
    kinds = {type(module) for module in theirs.model.modules()}
    assert not [kind for kind in kinds if kind.__module__.startswith("alignlib")]
    one, other = ours.model.state_dict(), theirs.model.state_dict()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    ids = torch.tensor([ours.encode("Who are you?")])
    with torch.no_grad():
        torch.testing.assert_close(
            ours.model(ids).logits, theirs.model(ids).logits, atol=1e-4, rtol=1e-4
        )


def test_finetuning_learns_the_same_in_both() -> None:
    from benchmarks import material, models, sft, trl_side

    trl_side.silence()
    before = dict(os.environ), torch.get_num_threads()
    pairs = material.pairs(models.fresh("tiny", CPU), 16)
    for dtype in ("bfloat16", "float32"):  # in this order: the first must leave nothing behind
        row = sft.compare("tiny", dtype, CPU, pairs, 1, batch_size=8, settings={"TRL": {}})
        check_counts(row)
        sft.check_losses(row)
        assert row.counts["steps"][OURS] % 2 == 0
        assert len(row.more["loss"]["TRL"]) == 2
        held_out = row.more["held_out_loss"]
        assert held_out[OURS] == pytest.approx(held_out["TRL"], rel=sft.APART[dtype])
        assert held_out[OURS] != pytest.approx(held_out["before"], rel=1e-3)
    assert (dict(os.environ), torch.get_num_threads()) == before
    row.more["loss_apart"] = 2 * sft.APART["float32"]
    with pytest.raises(BenchmarkError, match="do not learn the same"):
        sft.check_losses(row)


def test_steps_of_rloo_draw_the_same_number_of_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import rloo, trl_side

    trl_side.silence()
    monkeypatch.setattr(rloo, "SETTINGS", {"TRL": {}})
    monkeypatch.setattr(rloo, "NEW_TOKENS", 6)
    row = rloo.measure("tiny", "float32", CPU, 1, steps=3)
    check_counts(row)
    assert row.difference == 0
    each = row.counts["texts"][OURS]
    assert row.counts["tokens"][OURS] == 6 * each
    assert len(row.more["reward"]["TRL"][0]) == 3


def test_unequal_counts_are_no_comparison() -> None:
    check_counts(ROW)
    counts = {"tokens": {OURS: 100, "generate": 106}}
    with pytest.raises(BenchmarkError, match="differ by 6%"):
        check_counts(dataclasses.replace(ROW, counts=counts))


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    result = made([ROW])
    path = results.write(result, tmp_path)
    assert path.name == "cpu-2026-01-02-1.json"
    assert results.read(path) == result
    first = path.read_bytes()
    assert results.write(result, tmp_path).name == "cpu-2026-01-02-2.json"
    assert path.read_bytes() == first
    found = json.loads(first)
    assert found["rows"][0]["ratio"]["rounds"] == ROW.ratios
    assert found["goals"][0]["met"] is True
    assert os.uname().nodename not in json.dumps(found["machine"])


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    broken = dataclasses.replace(ROW, rounds={OURS: [float("nan")]})
    with pytest.raises(ValueError, match="JSON"):
        results.write(made([broken]), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_goals_are_judged_where_they_apply() -> None:
    [goal] = judge([ROW])
    assert (goal.wanted, goal.measured, goal.met) == (2.0, 2.0, True)
    assert judge([dataclasses.replace(ROW, dtype="bfloat16")]) == []
    [goal] = judge([dataclasses.replace(ROW, dtype="bfloat16", model="smollm2")])
    assert goal.wanted == 1.0
    memory = dataclasses.replace(ROW, kind="memory", rounds={OURS: [2.0], "TRL": [1.0]})
    assert [goal.met for goal in judge([memory])] == [False]


def test_shares_of_the_limit() -> None:
    [row] = shares([ROW], {"bandwidth": 1e-3, "float32": 50.0})
    assert row.rounds[OURS] == [1000 * 32 / 2.0 / 1e6]


def test_tables_of_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = results.write(made([ROW]), tmp_path)
    slower = dataclasses.replace(ROW, rounds={OURS: [2.0], "generate": [2.0]})
    two = results.write(made([slower]), tmp_path)
    assert main(["table", str(one), str(two)]) == 0
    printed = capsys.readouterr().out
    assert printed == tables([results.read(one), results.read(two)])
    assert "| 1.50 (1.00 to 3.00) |" in printed
    assert "| at least 2 | 2.00, 1.00 | 1 of 2 |" in printed


def test_a_file_that_is_no_result_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "no.json"
    path.write_text("[]")
    with pytest.raises(BenchmarkError, match=r"no\.json holds no result"):
        results.read(path)
    assert main(["table", str(path)]) == 1
    assert "no.json holds no result" in capsys.readouterr().err


def test_help() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert printed.returncode == 0
    for option in ("--models", "--device", "--dtypes", "--only", "--rounds", "--quick", "--out"):
        assert option in printed.stdout


def test_the_picture_has_a_line_for_each_goal_and_is_the_same_twice(tmp_path: Path) -> None:
    rows = [ROW, dataclasses.replace(ROW, setting={"batch": 1, "tokens": 32})]
    result = results.Result(
        "2000-01-01", "cpu", machine.describe(CPU), {}, {}, {}, rows, judge(rows)
    )
    for name in ("a.svg", "b.svg"):
        draw([result], tmp_path / name)
    first = (tmp_path / "a.svg").read_bytes()
    assert first == (tmp_path / "b.svg").read_bytes()
    assert first.count(b'id="ytick_') == 2
    assert b"<dc:date>" not in first


def test_the_results_on_record_can_be_read_and_have_goals() -> None:
    files = sorted((ROOT / "benchmarks" / "results").glob("cpu-*.json"))
    assert files
    for path in files:
        result = results.read(path)
        assert result.goals == judge(result.rows)
        for row in result.rows:
            check_counts(row)
