"""Training on two processes is training on one: real processes, started by real launchers."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch

from alignlib import LM
from alignlib.distributed import Share, share
from alignlib.history import Row
from alignlib.unfinished import BEFORE, CHECKPOINT
from tests import distributed_runs
from tests.distributed_runs import FINETUNING, REINFORCE, SHARDED, Outcome, size_of
from tests.faults.small_disk import contents
from tests.small_training import assert_same, fresh, gap, train, weights

TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
ACCELERATE = [
    "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines",
    "1", "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0",
]  # fmt: skip
OF_A_MACHINE = ("seconds", "samples_per_second")


def launch(*command: str) -> str:
    """What a command prints that starts several processes with one thread each."""
    root = Path(__file__).parents[1]
    threads = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, *command], env=os.environ | threads, cwd=root, timeout=240,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def one(llama: LM, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What the runs come to on one process."""
    folder = tmp_path_factory.mktemp("one")
    distributed_runs.main(llama.name, folder)
    outcomes: dict[str, Outcome] = torch.load(folder / "outcomes0.pt")
    return outcomes


@pytest.fixture(scope="module")
def two_in(llama: LM, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what they come to on two."""
    folder = tmp_path_factory.mktemp("two")
    launch(*TORCHRUN, "-m", "tests.distributed_runs", llama.name, str(folder))
    return folder


@pytest.fixture(scope="module")
def two(two_in: Path) -> list[dict[str, Outcome]]:
    """What the runs come to on each of two processes."""
    return [torch.load(two_in / f"outcomes{rank}.pt") for rank in range(2)]


def table(rows: list[Row]) -> list[Row]:
    return [{name: row[name] for name in row if name not in OF_A_MACHINE} for row in rows]


def assert_close(rows: list[Row], expected: list[Row], within: float) -> None:
    assert [row.keys() for row in rows] == [row.keys() for row in expected]
    for row, wanted in zip(table(rows), table(expected), strict=True):
        assert row == pytest.approx(wanted, rel=within, abs=within)


def assert_alike(
    one: dict[str, Outcome], two: list[dict[str, Outcome]], name: str, within: float
) -> tuple[Outcome, Outcome, Outcome]:
    """The processes agree to the bit, and with a single one to rounding."""
    expected, first, second = (each[name] for each in (one, *two))
    assert first["rows"] == second["rows"]
    assert_same(first["weights"], second["weights"])
    assert_close(first["rows"], expected["rows"], within)
    assert gap(first["weights"], expected["weights"]) < within
    return expected, first, second


@pytest.mark.parametrize(("dtype", "within"), [("float32", 1e-5), ("float64", 1e-9)])
@pytest.mark.parametrize("name", FINETUNING)
def test_finetuning_on_two_processes_is_finetuning_on_one(
    one: dict[str, Outcome], two: list[dict[str, Outcome]], name: str, dtype: str, within: float
) -> None:
    assert_alike(one, two, f"{name}, torch.{dtype}", within)


# In float64, since AdamW divides by a gradient's size: in float32 one that is all rounding moves a
# weight as far as any. The rest is the model's norms, which round to float32 in any dtype.
@pytest.mark.parametrize("name", REINFORCE)
def test_reinforce_on_two_processes_is_reinforce_on_one(
    one: dict[str, Outcome], two: list[dict[str, Outcome]], name: str
) -> None:
    expected, first, second = assert_alike(one, two, name, 1e-5)
    # Each completion is judged once, and they are those of one process.
    assert Counter(first["heard"] + second["heard"]) == Counter(expected["heard"])
    assert bool(second["heard"]) is (REINFORCE[name].get("prompts_per_step") != 1)


def of(two: list[dict[str, Outcome]], name: str, kind: str = "broken") -> tuple[Outcome, Outcome]:
    first, second = (outcomes[f"{kind}: {name}"] for outcomes in two)
    return first, second


def test_a_reward_that_raises_on_one_stops_all(two: list[dict[str, Outcome]]) -> None:
    first, second = of(two, "reward")
    after = of(two, "one step")[0]["weights"]
    for outcome in (first, second):
        assert outcome["kind"] == "RewardError"
        assert "'fails' raised ZeroDivisionError: no judge here" in outcome["message"]
        assert_same(outcome["weights"], after)
    assert first["message"].startswith("Process 1 has stopped, and this one with it: ")


def test_a_loss_or_a_gradient_that_is_no_number_on_one_stops_all(
    llama: LM, two: list[dict[str, Outcome]]
) -> None:
    for outcome in of(two, "gradient"):
        assert outcome["kind"] == "TrainingError"
        assert "The gradient of step 3 is no number" in outcome["message"]
        assert "after step 2" in outcome["message"]
        assert gap(outcome["weights"], weights(llama)) > 1e-4
    first, second = of(two, "loss")
    assert first["message"] == second["message"]
    assert "The loss of step 3 is no number" in first["message"]
    assert "after step 1" in first["message"]
    assert_same(first["weights"], first["kept"][1])
    assert_same(second["weights"], first["weights"])
    assert second["kept"] == []  # process 0 measures


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("seed", "Process 1 differs from process 0 in seed: give all the same"),
        ("pairs", "Process 1 differs from process 0 in pairs:"),
        ("model", "Process 1 differs from process 0 in weights:"),
        ("disk", "can't be written"),
    ],
)
def test_processes_that_can_not_train_together_say_so(
    two: list[dict[str, Outcome]], name: str, match: str
) -> None:
    for outcome in of(two, name):
        assert outcome["kind"] == "TrainingError"
        assert match in outcome["message"]


def test_all_go_on_from_the_first_one_s_checkpoint(
    llama: LM, two: list[dict[str, Outcome]], two_in: Path
) -> None:
    for outcomes in two:
        assert "enough" in outcomes["stopped"]["said"]
        assert outcomes["stopped"]["files"] == ["run0"]
        assert table(outcomes["resumed"]["rows"]) == table(outcomes["through"]["rows"])
        assert_same(outcomes["resumed"]["weights"], outcomes["through"]["weights"])
    # One process can take the run over, too.
    lm, left = fresh(llama), two_in / "left"
    assert contents(left).keys() == {BEFORE, CHECKPOINT}
    rows = train(lm, measures={"size": size_of}, evaluate_every=1, checkpoint=left).rows
    assert table(rows)[:5] == table(two[0]["through"]["rows"])[:5]  # not trained again
    assert_close(rows, two[0]["through"]["rows"], 1e-5)
    assert gap(weights(lm), two[0]["through"]["weights"]) < 1e-5


def test_what_a_user_s_function_trains_is_its_own(two: list[dict[str, Outcome]]) -> None:
    first, second = (outcomes["alone"] for outcomes in two)
    assert first["rows"] == second["rows"]
    assert first["rows"][0]["nested"] > 0
    assert "Finetuning" in first["shown"]
    assert second["shown"] == ""


@pytest.mark.parametrize("name", [*SHARDED["finetuning"], *SHARDED["reinforce"]])
def test_training_sharded_weights_is_training_whole_ones(
    one: dict[str, Outcome], two: list[dict[str, Outcome]], name: str
) -> None:
    expected = one[f"{name}, torch.float64" if name in FINETUNING else name]
    first, second = of(two, name, "sharded")
    assert first["rows"] == second["rows"]
    assert_same(first["weights"], second["weights"])
    within = 1e-9 if name in FINETUNING else 1e-5
    assert_close(first["rows"], expected["rows"], within)
    assert gap(first["weights"], expected["weights"]) < within
    if name in REINFORCE:
        assert Counter(first["heard"] + second["heard"]) == Counter(expected["heard"])


def test_sharded_weights_are_written_and_read_whole(
    llama: LM, two: list[dict[str, Outcome]], two_in: Path
) -> None:
    lm = fresh(llama)
    train(lm, checkpoint=two_in / "sharded0")
    whole = sum(parameter.numel() for parameter in lm.model.parameters())
    for outcomes in two:
        written = outcomes["sharded: written"]
        assert_same(outcomes["sharded: read"]["weights"], written["weights"])
        assert_same(weights(lm), written["weights"])
        assert written["held"] < 0.6 * whole
    assert not (two_in / "sharded1").exists()


def test_sharded_weights_go_back_and_what_can_not_be_is_refused(
    llama: LM, two: list[dict[str, Outcome]]
) -> None:
    first, second = of(two, "loss", "sharded")
    assert first["message"] == second["message"]
    assert "The loss of step 3 is no number" in first["message"]
    assert 1e-4 < gap(first["weights"], weights(llama)) < 1e-2  # one step's
    for name in ("adapter", "leash"):
        for outcome in of(two, name, "sharded"):
            assert outcome["kind"] == "TrainingError"
            assert "or shard out" in outcome["message"]


@pytest.mark.skipif(importlib.util.find_spec("accelerate") is None, reason="needs accelerate")
def test_accelerate_is_a_launcher_too(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os\n"
        "import alignlib\n"
        "from alignlib import processes\n"
        "lm = alignlib.load('tiny', device='cpu')\n"
        "history = alignlib.finetune(lm, [('a', 'b'), ('c', 'd')], epochs=1, progress=False)\n"
        "line = f'process {processes.rank()} of {processes.size()} {len(history)} step\\n'\n"
        "os.write(1, line.encode())  # at once: both write to one pipe\n"
    )
    printed = launch(*ACCELERATE, str(script))
    for rank in range(2):
        assert f"process {rank} of 2 1 step" in printed


@pytest.mark.parametrize("processes", [2, 3, 8])
def test_shares_are_balanced_and_whole(monkeypatch: pytest.MonkeyPatch, processes: int) -> None:
    monkeypatch.setattr("alignlib.distributed.size", lambda: processes)
    costs = [7, 1, 30, 4, 4, 12, 9, 1, 1, 16]
    parts = share(costs).parts
    assert sorted(item for part in parts for item in part) == list(range(len(costs)))
    loads = [sum(costs[item] for item in part) for part in parts]
    assert max(loads) <= max(max(costs), sum(costs) / processes + 7)
    keys = "abcabcabca"
    for part in share(costs, keys).parts:
        for item in part:
            assert {other for other, key in enumerate(keys) if key == keys[item]} <= set(part)


def test_one_process_has_the_whole_and_pays_nothing() -> None:
    assert share([3, 2, 1]) == Share([[0, 1, 2]])
    values = torch.arange(3)
    assert share([1, 1, 1]).whole(values) is values
    assert share([1, 1]).times(2).mine == [0, 1, 2, 3]
