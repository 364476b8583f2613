"""A checkpoint is damaged. Something else than training has changed or removed the file."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from alignlib import LM, checksum
from alignlib.errors import TrainingError
from alignlib.unfinished import BEFORE, CHECKPOINT
from alignlib.world.pretraining import Settings, pretrain
from tests.faults.report import Fault
from tests.small_training import assert_at_rest, assert_same, fresh, train, weights


class StoppedError(Exception):
    """What stops a run after a checkpoint."""


def stop(lm: LM) -> float:
    raise StoppedError


def run(lm: LM, folder: Path | None, **settings: Any) -> list[dict[str, float]]:
    """Six steps with a checkpoint after each second."""
    rows = train(lm, checkpoint=folder, checkpoint_every=2, learning_rate=0.01, **settings).rows
    return [{name: row[name] for name in row if name != "seconds"} for row in rows]


@pytest.fixture(scope="module")
def stored(llama: LM, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The checkpoints after the second and the fourth step."""
    folder = tmp_path_factory.mktemp("stopped")
    steps = iter(range(99))
    lm = fresh(llama)
    handle = lm.model.register_forward_hook(lambda *_: stop(lm) if next(steps) == 4 else None)
    with pytest.raises(StoppedError):
        run(lm, folder)
    handle.remove()
    return {name: (folder / name).read_bytes() for name in (BEFORE, CHECKPOINT)}


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def is_whole(file: Path) -> bool:
    try:
        return "rows" in checksum.read(file)
    except ValueError:
        return False


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A file so small that nothing has to be left out."""
    file = tmp_path / "small.safetensors"
    tensors = {"a": torch.arange(12.0).view(3, 4), "b/step": torch.tensor(3.0)}
    checksum.save(file, tensors, {"rows": '[{"step": 1}]', "settings": '{"name": "é"}'})
    assert checksum.read(file)["settings"] == '{"name": "é"}'
    return file


def test_every_cut_is_noticed(small: Path) -> None:
    content = small.read_bytes()
    for length in range(len(content)):
        small.write_bytes(content[:length])
        assert not is_whole(small), length
    small.write_bytes(content + b"\0")
    assert not is_whole(small)
    small.write_bytes(content)
    assert is_whole(small)


def test_every_flipped_bit_is_noticed(small: Path) -> None:
    """Of the length, of the header, of the checksum itself, and of the tensors."""
    content = small.read_bytes()
    for bit in range(8 * len(content)):
        small.write_bytes(flipped(content, bit))
        assert not is_whole(small), bit


def test_a_file_without_a_checksum_is_not_believed(
    stored: dict[str, bytes], tmp_path: Path
) -> None:
    file = tmp_path / CHECKPOINT
    file.write_bytes(stored[CHECKPOINT])
    about = checksum.read(file)
    del about[checksum.ENTRY]
    about["settings"] = json.dumps({"a": f'"{checksum.ENTRY}":"{"0" * 64}"'})
    save_file(load_file(file), file, metadata=about)
    with pytest.raises(ValueError, match="it has no checksum"):
        checksum.read(file)


Damage = Callable[[bytes], bytes | None]
"""What is left of a file's content; None if the file is gone."""

DAMAGED: dict[str, tuple[Damage, str]] = {
    "is cut off": (lambda content: content[: len(content) // 2], "do not match its checksum"),
    "is cut off in its header": (lambda content: content[:50], "it is cut off"),
    "is emptied": (lambda content: b"", "it is empty"),
    "has a flipped bit": (lambda content: flipped(content, 8 * 50_001), "do not match"),
    "is some other file": (lambda content: b"hello" * 99, "it is cut off, or no safetensors"),
    "is gone": (lambda content: None, "it is not there"),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    llama: LM, stored: dict[str, bytes], tmp_path: Path, fault: Fault, how: str
) -> None:
    damage, why = DAMAGED[how]
    through, rest, again = fresh(llama), fresh(llama), fresh(llama)
    expected = run(through, None)
    left = damage(stored[CHECKPOINT])
    write(tmp_path, {BEFORE: stored[BEFORE]} | ({} if left is None else {CHECKPOINT: left}))
    with pytest.warns(UserWarning, match=f"can't be read: .*{why}.*after step 2") as warned:
        rows = run(rest, tmp_path)
    (said,) = warned
    assert str(tmp_path / CHECKPOINT) in str(said.message)
    assert rows == expected
    assert_same(weights(rest), weights(through))
    assert_at_rest(rest)
    assert is_whole(tmp_path / CHECKPOINT)
    assert is_whole(tmp_path / BEFORE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        run(again, tmp_path)
    assert_same(weights(again), weights(through))
    message = str(said.message).replace(str(tmp_path), "FOLDER")
    fault(
        f"The latest checkpoint {how}",
        happens=f"a warning: {message}",
        kept="the one before, and with it the weights and history in the end, bit for bit",
    )


def test_a_kill_before_the_next_checkpoint_leaves_the_good_one(
    llama: LM, stored: dict[str, bytes], tmp_path: Path
) -> None:
    """The damaged file is never what the next write keeps as the one before."""
    write(tmp_path, {BEFORE: stored[BEFORE], CHECKPOINT: b""})
    lm = fresh(llama)
    handle = lm.model.register_forward_hook(lambda *_: stop(lm))
    with pytest.warns(UserWarning, match="it is empty"), pytest.raises(StoppedError):
        run(lm, tmp_path)
    handle.remove()
    assert (tmp_path / CHECKPOINT).read_bytes() == stored[BEFORE]
    assert not (tmp_path / BEFORE).exists()


@pytest.mark.parametrize("alone", [True, False])
def test_where_no_checkpoint_is_whole_it_is_said_what_to_do(
    llama: LM, stored: dict[str, bytes], tmp_path: Path, fault: Fault, alone: bool
) -> None:
    lm, anew, through = fresh(llama), fresh(llama), fresh(llama)
    files = {CHECKPOINT: stored[CHECKPOINT][:-9]} | ({} if alone else {BEFORE: b""})
    write(tmp_path, files)
    with pytest.raises(TrainingError, match=r"can't be read.*Delete both files") as caught:
        run(lm, tmp_path)
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)
    for name, content in files.items():
        assert (tmp_path / name).read_bytes() == content
        (tmp_path / name).unlink()  # as the message says
    expected = run(through, None)
    assert run(anew, tmp_path) == expected
    assert_same(weights(anew), weights(through))
    fault(
        "The only checkpoint is damaged" if alone else "Both checkpoints are damaged",
        happens=caught.value,
        kept="the model as it was, and the damaged files",
    )


def test_a_checkpoint_that_can_not_be_read_just_now_is_not_replaced(
    stored: dict[str, bytes], llama: LM, tmp_path: Path, fault: Fault
) -> None:
    write(tmp_path, stored)
    latest = tmp_path / CHECKPOINT
    latest.unlink()
    latest.symlink_to(latest)  # the system follows it for a while and then refuses
    with pytest.raises(TrainingError, match="Nothing was changed: try again"):
        run(fresh(llama), tmp_path)
    assert latest.is_symlink()
    assert (tmp_path / BEFORE).read_bytes() == stored[BEFORE]
    fault(
        "The system can't read the latest checkpoint just now",
        happens="TrainingError: says why, and to try again",
        kept="both checkpoints",
    )


def test_a_pretraining_goes_on_from_the_checkpoint_before_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Settings(
        blocks=3, documents_per_block=12, tokens_per_batch=512,
        hidden_size=16, layers=1, heads=2, intermediate_size=16,
    )  # fmt: skip
    through, damaged = tmp_path / "through", tmp_path / "damaged"
    pretrain(through, short, progress=False)
    with monkeypatch.context() as patch:
        patch.setattr("alignlib.unfinished.forget", stop)  # after the last block
        with pytest.raises(StoppedError):
            pretrain(damaged, short, checkpoint_every=1, progress=False)
    (damaged / CHECKPOINT).write_bytes(b"")
    match = f"{re.escape(str(damaged))}.*it is empty.*after block 1"
    with pytest.warns(UserWarning, match=match):
        pretrain(damaged, short, checkpoint_every=1, progress=False)
    weights_in = (folder / "model.safetensors" for folder in (through, damaged))
    assert len({file.read_bytes() for file in weights_in}) == 1
    assert not list(damaged.glob("unfinished*"))
