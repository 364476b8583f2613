"""The command line: what it makes, what it says when it can't, and how it is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import alignlib
from alignlib import cli

SMALL = [
    "--blocks", "2", "--documents-per-block", "32", "--hidden-size", "32", "--layers", "1",
    "--heads", "2", "--intermediate-size", "32", "--quiet",
]  # fmt: skip


def test_help_names_every_command() -> None:
    command = [sys.executable, "-m", "alignlib", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    for name in cli.COMMANDS:
        assert f"\n    {name}" in said.stdout


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_says_what_it_does_and_takes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main([command, "--help"])
    assert stopped.value.code == 0
    assert f"usage: alignlib {command} [-h] " in capsys.readouterr().out


def test_help_needs_none_of_the_packages() -> None:
    code = (
        "import sys\nfrom alignlib.cli import main\n"
        "try:\n    main(['--help'])\n"
        "finally:\n    assert {'torch', 'numpy', 'packaging'}.isdisjoint(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_package_that_is_missing_is_named_with_who_knows_more(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch.so is not there')")
    said = subprocess.run(
        [sys.executable, "-m", "alignlib", "demo"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert said.stderr == (
        "alignlib demo: libtorch.so is not there. `alignlib doctor` says what is not well here.\n"
    )


def test_a_reader_who_has_had_enough_gets_no_traceback() -> None:
    command = [sys.executable, "-m", "alignlib", "demo", "--device", "cpu"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1


def test_pretrain_makes_a_model_with_a_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # A folder that is called as the shipped model is gets a card of its own.
    assert cli.main(["pretrain", "--out", "tiny", *SMALL]) == 0
    assert "tiny/README.md" in capsys.readouterr().out
    lm = alignlib.load(tmp_path / "tiny", device="cpu")
    assert lm.model.config.hidden_size == 32
    card = Path("tiny/README.md").read_text()
    assert f"{lm.model.num_parameters():,} parameters" in card
    assert "--hidden-size 32" in card
    assert "truthful by default" in card


def test_an_error_is_a_sentence_and_not_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["pretrain", "--out", str(tmp_path), "--heads", "0"]) == 1
    assert "heads is 0" in capsys.readouterr().err
    assert cli.main(["card", "--out", str(tmp_path)]) == 1
    assert "training.json" in capsys.readouterr().err


def test_an_interrupted_run_says_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("alignlib.world.pretraining.documents", interrupted)
    assert cli.main(["pretrain", "--out", str(tmp_path), *SMALL]) == 130
    assert "the same command again" in capsys.readouterr().err


def test_an_interrupted_card_says_that_the_model_is_finished(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("alignlib.world.card.write_card", interrupted)
    assert cli.main(["pretrain", "--out", str(tmp_path), *SMALL]) == 130
    assert f"alignlib card --out {tmp_path}" in capsys.readouterr().err
    assert cli.main(["pretrain", "--out", str(tmp_path), *SMALL]) == 1  # and does not begin anew
    assert "holds a model already" in capsys.readouterr().err


@pytest.mark.parametrize("record", ["", "[]", '{"settings": {}}', '{"settings": {"blocks": 0}}'])
def test_a_record_that_is_not_whole_is_named_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], record: str
) -> None:
    (tmp_path / "training.json").write_text(record)
    assert cli.main(["card", "--out", str(tmp_path)]) == 1
    assert "no readable training.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["pretrain"], ["nothing"], ["pretrain", "--blocks", "x"]]
)
def test_a_call_that_is_none_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert stopped.value.code == 2
