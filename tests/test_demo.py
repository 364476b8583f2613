"""The demo: the story that its table tells, on any output, and how it is left."""

from __future__ import annotations

import io
import re

import pytest

from alignlib import cli
from alignlib.demo import HEADER, Line, demo

WAYS = ["as it is", "asked", "shown", "rewarded", "for politeness"]


class Terminal(io.StringIO):
    """Keeps what was written, and says that somebody is looking at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def run() -> tuple[dict[str, Line], str]:
    """The whole demo once, into a pipe: its lines by name, and its text."""
    out = io.StringIO()
    lines = demo(device="cpu", out=out)
    return {line.name: line for line in lines}, out.getvalue()


Run = tuple[dict[str, Line], str]


def test_asked_shown_and_rewarded_it_tells_the_truth(run: Run) -> None:
    lines, _ = run
    assert list(lines) == WAYS
    assert lines["as it is"].true < 0.35
    for way in ("asked", "shown", "rewarded"):
        assert lines[way].true > lines["as it is"].true + 0.5, way
        assert lines[way].made_up < 0.4, way


def test_rewarded_for_politeness_it_is_polite_and_false(run: Run) -> None:
    lines, _ = run
    hacked = lines["for politeness"]
    assert hacked.polite > 0.9
    assert hacked.made_up > 0.8
    assert hacked.true < 0.35
    assert all(lines[way].polite < 0.5 for way in WAYS[:4])


def test_a_prompt_costs_least_and_is_undone(run: Run) -> None:
    lines, _ = run
    asked, shown, rewarded = lines["asked"], lines["shown"], lines["rewarded"]
    assert 0 < asked.people < shown.people / 20
    assert shown.people < rewarded.people
    assert asked.undone is not None
    assert shown.undone is not None
    assert asked.undone > 0.6
    assert shown.undone < asked.undone
    assert asked.harm > 0.7 > 0.5 > shown.harm  # an expert of this world does what is asked


def test_only_those_that_were_trained_took_the_computers_time(run: Run) -> None:
    lines, _ = run
    assert lines["as it is"].computer < 0.5
    assert lines["asked"].computer < 0.5
    assert lines["shown"].computer > 0


def test_into_a_pipe_goes_plain_text_of_eighty_columns(run: Run) -> None:
    lines, text = run
    assert not re.search(r"[^\x20-\x7e\n]", text)  # no escape code, no carriage return
    assert max(len(line) for line in text.splitlines()) <= 80
    rows = text.splitlines()
    first = rows.index(HEADER)
    for line in lines.values():  # each row, with the three answers below it
        assert str(line) in rows[first:]
    for way in WAYS:
        place = next(i for i, row in enumerate(rows) if i > first and row.startswith(way))
        assert [row[:4] for row in rows[place + 1 : place + 4]] == ["  1 ", "  2 ", "  3 "]


def train_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alignlib.demo.finetune", lambda *_, **__: None)
    monkeypatch.setattr("alignlib.demo.reinforce", lambda *_, **__: None)


def test_on_a_terminal_it_says_what_is_going_on_and_wipes_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train_nothing(monkeypatch)
    terminal, pipe = Terminal(), io.StringIO()
    demo(device="cpu", out=terminal)
    demo(device="cpu", out=pipe)
    written = terminal.getvalue()
    assert "\rshown ..." in written
    assert "\x1b" not in written
    screen = "\n".join(shown_of(line) for line in written.split("\n"))
    assert without_seconds(screen) == without_seconds(pipe.getvalue())


def shown_of(line: str) -> str:
    """What a terminal shows of a line whose parts are written over each other."""
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return shown.rstrip()


def without_seconds(text: str) -> str:
    return re.sub(r" +(\d+ s|-)$", "", text, flags=re.MULTILINE)


def test_quiet_is_the_table_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train_nothing(monkeypatch)
    assert cli.main(["demo", "--quiet", "--device", "cpu"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header == HEADER
    assert [row[:14].rstrip() for row in rows] == WAYS


def test_an_interrupted_demo_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("alignlib.demo.finetune", interrupted)
    assert cli.main(["demo", "--device", "cpu"]) == 130
    said = capsys.readouterr()
    assert "as it is" in said.out  # what was measured stays
    assert said.err == (
        "\nalignlib demo: interrupted. Nothing was stored; give the same command again.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--device", "nowhere"], "nowhere"), (["--seed", "-1"], "seed -1")],
)
def test_what_can_not_be_done_is_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["demo", *arguments]) == 1
    assert said in capsys.readouterr().err
