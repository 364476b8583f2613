"""The doctor, where all is well and in states that are really broken: each has its line."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from alignlib import packaged
from alignlib.doctor import report, running, tools
from alignlib.doctor.checks import checks
from alignlib.doctor.finding import Finding, State, broken, note, private, well
from alignlib.doctor.models import CONVERTED
from alignlib.grading.wall import why_no_bubblewrap
from tests import browser

ROOT = Path(__file__).parents[1]
DOCTOR = [sys.executable, "-m", "alignlib", "doctor"]


@dataclass(frozen=True)
class Report:
    """What the command said as JSON: the findings by name, and how it ended."""

    findings: dict[str, list[Finding]]
    well: bool
    status: int

    def state(self, name: str) -> State:
        """The one of a name with a single line."""
        (only,) = self.findings[name]
        return only.state


def examined(
    command: list[str] = DOCTOR, **variables: str
) -> tuple[Report, subprocess.CompletedProcess[str]]:
    """What `alignlib doctor --json` says in a process of its own."""
    ran = subprocess.run(
        [*command, "--json"],
        env=os.environ | {"HF_HUB_OFFLINE": "1"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(ran.stdout)
    findings: dict[str, list[Finding]] = {}
    for each in said["findings"]:
        assert each.keys() == {"check", "name", "state", "found", "advice"}
        assert all(isinstance(text, str) for text in each.values())
        del each["check"]
        findings.setdefault(each["name"], []).append(Finding(**each))
    for found in findings.values():
        assert all(bool(each.advice) is (each.state != "well") for each in found), found
    return Report(findings, said["well"], ran.returncode), ran


def test_where_all_is_well_every_line_says_so() -> None:
    seen, ran = examined()
    assert ran.stderr == ""
    wrong = [each for found in seen.findings.values() for each in found if each.state == "broken"]
    assert not wrong
    assert (seen.well, seen.status) == (True, 0)
    required = {"torch", "transformers", "safetensors", "numpy", "peft"}
    always = {"Python", "alignlib", "cpu", "tiny", "smollm2", "home folder", "notebooks"}
    for name in required | always - {"smollm2"}:
        assert seen.state(name) == "well", name
    others = {"GPU", "cuda:0", "mps"} & seen.findings.keys()
    assert others
    assert always | {"sandbox", "browser", "extra gguf", "TensorBoard"} <= seen.findings.keys()
    (said,) = seen.findings["tiny"]
    assert "The sound of a dog is woof." in said.found


def test_where_torch_is_broken_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").write_text("raise OSError('libtorch_cpu.so: no such file')")
    ran = subprocess.run(
        DOCTOR,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    lines = ran.stdout.splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.startswith("✗ torch "))
    assert "can't be imported: OSError: libtorch_cpu.so: no such file" in lines[place]
    assert "→ pip install --force-reinstall --no-deps 'torch==" in lines[place + 1]
    for name in ("Python", "numpy", "home folder", "temporary folder"):
        assert [line for line in lines if line.startswith(f"✓ {name} ")], name
    for name in ("cpu", "tiny"):
        assert [line for line in lines if line.startswith(f"✗ {name} ")], name
    assert "are broken" in lines[-1]
    assert "\033" not in ran.stdout


def test_where_torch_ends_the_process_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("import os\nprint('noise', flush=True)\nos.abort()\n")
    seen, ran = examined(PYTHONPATH=str(tmp_path))
    assert (seen.well, seen.status, ran.stderr) == (False, 1, "")
    (torch,) = seen.findings["torch"]
    assert torch.state == "broken"
    assert torch.found == "Python was ended by SIGABRT while it was looked at"
    assert seen.state("Python") == seen.state("home folder") == "well"
    assert seen.findings.keys() >= checks().keys() - {"disk"}
    assert "temporary folder" in seen.findings


def test_what_hangs_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("import time\ntime.sleep(600)\n")
    others = [name for name in checks() if name != "torch"]
    code = running.START.format(path=[str(tmp_path), *sys.path], done=others, s=0.5)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert [json.loads(line) for line in ran.stdout.splitlines()] == [{"begins": "torch"}]
    assert ran.returncode == 1
    assert "Timeout" in ran.stderr


@pytest.fixture
def nearly_nothing(tmp_path: Path) -> list[str]:
    """Behind it no folder but a full one can be written, there is no home, and no program."""
    reason = why_no_bubblewrap()
    if reason is not None:
        browser.needed(reason)
    for name in ("programs", "small", "cache"):
        (tmp_path / name).mkdir()
    bwrap = str(shutil.which("bwrap"))
    bound = ["--ro-bind", "/", "/", "--dev", "/dev", "--size", "65536", "--tmpfs"]
    return [bwrap, *bound, str(tmp_path / "small"), "--chdir", str(tmp_path / "small"), "--"]


def test_each_thing_that_is_not_well_has_its_line_and_advice(
    nearly_nothing: list[str], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    for name, file in ((".building-x1", "weights"), (CONVERTED, "model.safetensors")):
        (cache / name).mkdir()
        (cache / name / file).write_bytes(b"half of it")
    seen, _ = examined(
        [*nearly_nothing, *DOCTOR],
        ALIGNLIB_CACHE=str(cache),
        HOME=str(tmp_path / "nowhere"),
        PATH=str(tmp_path / "programs"),
        TMPDIR=str(tmp_path / "small"),
    )
    assert (seen.well, seen.status) == (False, 1)
    unwritable, stopped, half = seen.findings["cache folder"]
    assert unwritable.state == "broken"
    assert "can't be written: Read-only file system" in unwritable.found
    assert "ALIGNLIB_CACHE" in unwritable.advice
    assert (stopped.state, half.state) == ("note", "note")
    assert "a conversion was stopped" in stopped.found
    assert half.found == f"{CONVERTED} is not whole"
    assert half.advice.startswith("It is made again")
    assert half.advice.endswith(CONVERTED)
    (home,) = seen.findings["home folder"]
    assert (home.state, home.found) == ("note", "~ is not there")
    for place, advice in (("temporary folder", "TMPDIR"), ("current folder", "go to another")):
        (found,) = seen.findings[place]
        assert (found.state, found.found) == ("broken", "0.0 GB free; a training run needs 0.1 GB")
        assert advice in found.advice
    (sandbox,) = seen.findings["sandbox"]
    assert (sandbox.state, "apt install bubblewrap" in sandbox.found) == ("note", True)
    assert seen.state("browser") == "note"
    assert seen.state("tiny") == seen.state("torch") == "well"


def test_a_package_whose_files_have_changed_is_named(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)

    def said(module: str, check: str) -> list[Finding]:
        code = (
            f"import dataclasses, json\nfrom alignlib.doctor import {module}\n"
            f"print(json.dumps([dataclasses.asdict(each) for each in {module}.{check}()]))"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        return [Finding(**each) for each in json.loads(ran.stdout)]

    (whole,) = said("packages", "alignlib")
    assert whole.state == "well"
    assert "files as they were installed" in whole.found
    weights = installed / "alignlib/tiny/model.safetensors"
    flip_a_bit(weights, weights.stat().st_size // 2)
    (changed,) = said("packages", "alignlib")
    assert changed.state == "broken"
    assert "1 of " in changed.found
    assert "alignlib/tiny/model.safetensors" in changed.found
    assert "--force-reinstall" in changed.advice
    flip_a_bit(weights, 20)  # in the header, which names the tensors
    (useless,) = said("models", "tiny")
    assert useless.state == "broken"
    assert "can't be opened" in useless.found


def flip_a_bit(file: Path, place: int) -> None:
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


def test_a_package_that_is_too_old_or_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "torch-1.0.dist-info"
    old.mkdir()
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 1.0\n")
    own = tmp_path / "alignlib-0.1.0.dist-info"
    own.mkdir()
    (own / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: alignlib\nVersion: 0.1.0\nRequires-Python: >=4\n"
        "Requires-Dist: torch>=2.6\nRequires-Dist: no-such-package>=1\n"
        "Requires-Dist: no-such-extra>=1; extra == 'grading'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    found = {name: list(check()) for name, check in checks().items() if name not in HEAVY}
    (python,), (torch,), (missing,) = found["Python"], found["torch"], found["no-such-package"]
    assert python.state == torch.state == missing.state == "broken"
    assert python.found.endswith("alignlib needs >=4")
    assert torch.found == "1.0; alignlib needs >=2.6"
    assert torch.advice == "pip install 'torch>=2.6'"
    assert missing.found == "is not installed"
    (extra,) = found["extras"]
    assert extra.state == "note"
    assert extra.advice == "Only for `alignlib grade`: pip install 'no-such-extra>=1'"


HEAVY = ("tiny", "smollm2", "cache folder", "notebooks", "sandbox")


FOUND = [well("one", "is there"), note("two", "is not", "get it"), broken("three", "is", "mend it")]


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of three lines."""
    monkeypatch.setattr(report, "look", lambda: iter([(each.name, each) for each in FOUND]))
    monkeypatch.delenv("NO_COLOR", raising=False)


class Terminal(io.StringIO):
    """Says that somebody is looking at it."""

    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_and_can_be_declined(
    three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped, seen, declined = io.StringIO(), Terminal(), Terminal()
    assert report.doctor(out=piped) == report.doctor(out=seen) == 1
    monkeypatch.setenv("NO_COLOR", "1")
    report.doctor(out=declined)
    assert piped.getvalue() == declined.getvalue()
    assert "\033[31m✗\033[0m three" in seen.getvalue()
    assert piped.getvalue().splitlines() == [
        "✓ one                is there",
        "! two                is not",
        "                     → get it",
        "✗ three              is",
        "                     → mend it",
        "",
        "1 thing is broken: do what stands below ✗.",
    ]


def test_an_output_that_has_only_ascii_gets_other_marks(three: None) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    report.doctor(out=out)
    lines = raw.getvalue().decode("ascii").splitlines()
    assert lines[0].startswith("+ one")
    assert lines[3].startswith("x three")
    assert lines[4].endswith("-> mend it")


def test_what_few_need_is_no_failure(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "look", lambda: iter([(each.name, each) for each in FOUND[:2]]))
    out = io.StringIO()
    assert report.doctor(out=out) == 0
    assert out.getvalue().endswith("\nEverything that is needed works.\n")


def test_neither_user_nor_machine_nor_home_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setattr("platform.node", lambda: "engine")
    said = private("/home/ada/x, /home/ada, /home/adam, /scratch/ada/y on engine: ada can't")
    assert said == "~/x, ~, /home/adam, /scratch/USER/y on HOST: USER can't"


def test_a_user_who_has_no_name_and_no_home_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    monkeypatch.delenv("HOME", raising=False)
    assert private("as it is") == "as it is"


def test_what_it_knows_by_name_is_called_so_elsewhere() -> None:
    assert browser.NAMES == tools.BROWSERS
    if packaged.is_installed():
        assert packaged.converted_folder().name == CONVERTED
