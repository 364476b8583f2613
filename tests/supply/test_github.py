"""Workflows, Dependabot's settings and issue forms are well formed, and what they name is there."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from alignlib import cli
from tests.supply.project import ROOT, asked, project

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORM = GITHUB / "ISSUE_TEMPLATE" / "bug.yml"


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.dependabot", [GITHUB / "dependabot.yml"]),
    ],
    ids=["workflows", "dependabot"],
)
def test_a_file_keeps_to_its_schema(schema: str, files: list[Path]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    ran = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_commit_with_its_version(path: Path) -> None:
    """A tag can be moved to other code later; a commit can't."""
    text = path.read_text(encoding="utf-8")
    pinned = re.findall(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", text, re.MULTILINE)
    assert len(pinned) == text.count("uses:")


def test_an_action_is_the_same_commit_everywhere() -> None:
    used = set(re.findall(r"uses: (\S+)@(\w+)", "".join(each.read_text() for each in WORKFLOWS)))
    assert len({action for action, _ in used}) == len(used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_each_job_ends(path: Path) -> None:
    workflow = _load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 90, name
        assert "permissions" not in job, name


def test_what_the_workflows_run_is_there() -> None:
    text = "".join(each.read_text(encoding="utf-8") for each in WORKFLOWS)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for script in re.findall(r"\.ci/\w+", text):
        assert (ROOT / script).stat().st_mode & 0o111, script
    for module in re.findall(r"-m ((?:book|tests|alignlib|benchmarks)[\w.]*)", text):
        assert importlib.util.find_spec(module) is not None, module
    for target in re.findall(r"\bmake ([a-z]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for group in re.findall(r"--group (\w+)", text):
        assert f"group {group}" in asked(project()), group


def test_the_issue_form_has_what_github_asks_for() -> None:
    """By GitHub's rules, each field has a label and an id of its own."""
    form = _load(FORM)
    assert form.keys() == {"name", "description", "labels", "body"}
    fields = [each for each in form["body"] if each["type"] != "markdown"]
    assert {each["type"] for each in fields} == {"textarea"}
    assert all(each.keys() == {"type", "id", "attributes", "validations"} for each in fields)
    assert len({each["id"] for each in fields}) == len(fields)
    assert len({each["attributes"]["label"] for each in fields}) == len(fields)


def test_the_issue_form_asks_for_a_command_that_is_there() -> None:
    (command,) = set(re.findall(r"`alignlib (\w+)`", FORM.read_text(encoding="utf-8")))
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])
    assert left.value.code == 0


def test_reports_of_holes_are_led_to_the_security_page() -> None:
    """Its address is that of the repository, which stands in _config.yml."""
    assert (ROOT / "SECURITY.md").is_file()
    (link,) = _load(GITHUB / "ISSUE_TEMPLATE" / "config.yml")["contact_links"]
    assert link["url"] == f"{_load(ROOT / '_config.yml')['repository']['url']}/security/policy"
