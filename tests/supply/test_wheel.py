"""The wheel holds the package and its data and nothing else, the same bytes each time."""

from __future__ import annotations

import email
import fnmatch
import shutil
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from tests.supply.installation import build
from tests.supply.project import ROOT, asked, project

DATA = (
    "explorables/models/*.safetensors",
    "explorables/reward_weights.json",
    "explorables/src/*.js",
    "explorables/static/*.css",
    "explorables/static/*.js",
    "grading/public/*.json",
    "py.typed",
    "tiny/*.json",
    "tiny/README.md",
    "tiny/chat_template.jinja",
    "tiny/model.safetensors",
    "world/*.csv",
)
"""What there is beside Python."""

MEGABYTES = 9
"""The most that the wheel may weigh: four models of 2.1 MB each, and the rest."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once."""
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """What the wheel says about itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        said = {name.rpartition("/")[2] for name in archive.namelist() if ".dist-info/" in name}
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "alignlib").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == here
    assert said == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "LICENSE"}


def test_every_file_is_of_a_kind_that_its_folder_has(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    data = [name for name in names if not name.endswith(".py")]
    for pattern in DATA:
        assert fnmatch.filter(data, f"alignlib/{pattern}"), f"There is no {pattern}."
    expected = {name for pattern in DATA for name in fnmatch.filter(data, f"alignlib/{pattern}")}
    assert set(data) == expected


def test_no_exercise_is_answered_in_the_wheel(wheel: Path) -> None:
    """A file of the catalogue ends with the exercise, its answer and its mistakes."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            assert "catalogue" not in name
            assert not archive.read(name).count(b"\nEXERCISE = Exercise("), name


def test_files_can_be_read_by_all_and_written_by_their_owner(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert {entry.external_attr >> 16 & 0o777 for entry in archive.infolist()} == {0o644}


def test_the_wheel_is_within_its_budget(wheel: Path) -> None:
    assert wheel.stat().st_size < MEGABYTES * 2**20


def test_the_same_source_gives_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    """In another folder, with other dates and other rights."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    unwanted = shutil.ignore_patterns("__pycache__")
    copied = shutil.copytree(
        ROOT / "alignlib", tmp_path / "alignlib", ignore=unwanted, copy_function=shutil.copyfile
    )
    (copied / "cli.py").chmod(0o600)
    again = build("wheel", tmp_path / "dist", tmp_path)
    assert again.read_bytes() == wheel.read_bytes()


def test_the_source_distribution_gives_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    source = build("sdist", tmp_path)
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / source.name.removesuffix(".tar.gz")
    assert {path.name for path in unpacked.iterdir()} == {
        *("alignlib", "pyproject.toml", "README.md", "LICENSE", "PKG-INFO", ".gitignore")
    }
    again = build("wheel", tmp_path / "dist", unpacked)
    assert again.read_bytes() == wheel.read_bytes()


def test_the_metadata_is_complete(metadata: Message) -> None:
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Summary"]
    assert metadata["Keywords"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    classifiers = metadata.get_all("Classifier") or []
    assert {f"Programming Language :: Python :: 3.{n}" for n in (11, 12, 13)} <= {*classifiers}
    assert "Typing :: Typed" in classifiers
    extras = {part[8:-1] for part in asked(project()) if part.startswith("package[")}
    assert set(metadata.get_all("Provides-Extra") or []) == extras
