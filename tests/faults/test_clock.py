"""The clock is wrong. Files are from the future, or from long ago."""

from __future__ import annotations

import itertools
import json
import os
import re
import time
from pathlib import Path

import pytest

import alignlib
from alignlib import LM, checksum, packaged
from alignlib.unfinished import BEFORE, CHECKPOINT
from tests.faults.report import Fault
from tests.small_training import assert_same, fresh, train, weights

LONG_AGO, FAR_OFF = 1.0, 4e9  # seconds since 1970: the latter are in 2096


def date(path: Path, seconds: float) -> None:
    os.utime(path, (seconds, seconds))


@pytest.mark.parametrize(
    "dates", list(itertools.permutations((LONG_AGO, FAR_OFF, FAR_OFF + 1))), ids=str
)
def test_dates_of_files_decide_nothing(
    llama: LM, tmp_path: Path, fault: Fault, dates: tuple[float, ...]
) -> None:
    """Not which checkpoint is the latest, nor whether a folder is free."""
    through, lm, rest = fresh(llama), fresh(llama), fresh(llama)
    expected = train(through).rows
    passes = iter(range(99))

    def stop(*_: object) -> None:
        if next(passes) == 5:
            raise KeyboardInterrupt

    lm.model.register_forward_hook(stop)
    with pytest.raises(KeyboardInterrupt):
        train(lm, checkpoint=tmp_path, checkpoint_every=2)
    before = json.loads(checksum.read(tmp_path / CHECKPOINT)["rows"])
    assert len(before) == 4
    (tmp_path / ".lock").touch()
    for name, seconds in zip((BEFORE, CHECKPOINT, ".lock"), dates, strict=True):
        date(tmp_path / name, seconds)
    rows = train(rest, checkpoint=tmp_path, checkpoint_every=2).rows
    assert rows[:4] == before[:4]  # with their seconds: only steps 5 and 6 were done again
    assert [row["loss"] for row in rows] == [row["loss"] for row in expected]
    assert_same(weights(rest), weights(through))
    fault(
        "Files of a run are dated in the future, or the latest checkpoint before the older one",
        happens="nothing: dates decide nothing, neither which checkpoint is the latest nor a lock",
        kept="weights and history, bit for bit",
    )


@pytest.mark.parametrize("seconds", [LONG_AGO, FAR_OFF])
def test_a_converted_model_is_judged_by_its_checksums(
    tmp_path: Path, fault: Fault, seconds: float
) -> None:
    (tmp_path / "model.safetensors").write_bytes(bytes(range(256)) * 64)
    packaged.seal(tmp_path)
    for path in (*tmp_path.iterdir(), tmp_path):
        date(path, seconds)
    assert packaged.is_intact(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(bytes(range(256)) * 63)
    date(tmp_path / "model.safetensors", seconds)
    assert not packaged.is_intact(tmp_path)
    fault(
        "The converted model is dated in the future, or long ago",
        happens="nothing: its checksums say whether it is whole",
        kept="the converted model, which is not made again",
    )


def test_durations_are_taken_from_a_clock_that_nobody_sets() -> None:
    """Of the time of day there is one use: the date in a model's card."""
    assert time.get_clock_info("perf_counter").monotonic
    assert not time.get_clock_info("perf_counter").adjustable
    package = Path(alignlib.__file__).parent
    wall = re.compile(r"\btime\.(time|localtime|gmtime)\b|\.(now|today|utcnow)\(|mtime")
    uses = [
        (path.relative_to(package).as_posix(), line.strip())
        for path in sorted(package.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if wall.search(line)
    ]
    assert uses == [("world/pretraining.py", '"date": datetime.date.today().isoformat(),')]
