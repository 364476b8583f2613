"""Python, alignlib and the packages that it needs or can use, against its own metadata."""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib
import importlib.util
import platform
from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING

from alignlib.doctor.finding import Finding, broken, first_line, note, well

if TYPE_CHECKING:
    from packaging.requirements import Requirement

USES = {
    "gguf": "to open GGUF files, and for SmolLM2 where there is no hub",
    "grading": "for `alignlib grade`",
    "rewards": "for the reward `sentiment` of chapter 7",
    "toxicity": "for the reward `toxicity`",
}
"""What each extra is for."""


def python() -> Iterator[Finding]:
    """The version of Python, against what alignlib asks for."""
    from packaging.specifiers import SpecifierSet

    version = platform.python_version()
    here = f"{version} on {platform.system()} {platform.machine()}"
    wanted = SpecifierSet(_wanted_python())
    if wanted.contains(version, prereleases=True):
        yield well("Python", here)
    else:
        yield broken(
            "Python",
            f"{here}; alignlib needs {wanted}",
            f"Make an environment with Python {wanted}, and install alignlib there.",
        )


def alignlib() -> Iterator[Finding]:
    """The version of alignlib, and whether its files are those that were installed."""
    try:
        own = metadata.distribution("alignlib")
    except metadata.PackageNotFoundError:
        yield broken(
            "alignlib",
            "is not installed, so what it needs is not known",
            "In the course's folder: pip install --editable .",
        )
        return
    listed = [file for file in own.files or [] if file.hash is not None and file.suffix != ".pth"]
    recorded = [file for file in listed if file.parts[0] == "alignlib"]
    if not recorded:
        yield well("alignlib", f"{own.version}, from its source")
        return
    changed = [str(file) for file in recorded if not _as_installed(file)]
    if not changed:
        yield well("alignlib", f"{own.version}, {len(recorded)} files as they were installed")
        return
    yield broken(
        "alignlib",
        f"{len(changed)} of {len(recorded)} files are not what was installed: "
        f"{', '.join(changed[:3])}",
        "Install it again, from where it came: pip install --force-reinstall --no-deps ...",
    )


def required() -> list[Requirement]:
    """What alignlib can't do without, and first what others of these need."""
    always = (each for each in _requirements() if _extra(each) is None)
    return sorted(always, key=lambda each: each.name not in ("numpy", "torch"))


def package(requirement: Requirement) -> Iterator[Finding]:
    """Whether a package is there, in a version that will do, and can be imported."""
    wrong = _wrong(requirement)
    name = requirement.name
    yield well(name, metadata.version(name)) if wrong is None else broken(name, *wrong)


def extras() -> Iterator[Finding]:
    """The packages that few need, one line for each group."""
    groups: dict[str, list[Requirement]] = {}
    for requirement in _requirements():
        if (extra := _extra(requirement)) is not None:
            groups.setdefault(extra, []).append(requirement)
    for extra, members in sorted(groups.items()):
        name = f"extra {extra}"
        wrong = [(each.name, *problem) for each in members if (problem := _wrong(each)) is not None]
        if not wrong:
            there = (f"{each.name} {metadata.version(each.name)}" for each in members)
            yield well(name, ", ".join(there))
            continue
        member, found, advice = wrong[0]
        yield note(name, f"{member} {found}", f"Only {USES.get(extra, 'some things')}: {advice}")


def board() -> Iterator[Finding]:
    """TensorBoard, which PyTorch writes for."""
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: F401
    except ImportError:
        yield note(
            "TensorBoard", "is not installed", "Only for `log_dir=`: pip install tensorboard"
        )
        return
    yield well("TensorBoard", "is installed")


def _wrong(requirement: Requirement) -> tuple[str, str] | None:
    """What is wrong with a package, and what to do; None if it is well."""
    name, wanted = requirement.name, requirement.specifier
    install = f"pip install '{name}{wanted}'"
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return "is not installed", install
    if not wanted.contains(version, prereleases=True):
        return f"{version}; alignlib needs {wanted}", install
    try:
        importlib.import_module(_module(name))
    except Exception as error:
        public = version.partition("+")[0]  # without the words for a build
        again = f"pip install --force-reinstall --no-deps '{name}=={public}'"
        return f"{version} can't be imported: {first_line(error)}", again
    return None


def _requirements() -> list[Requirement]:
    from packaging.requirements import Requirement

    try:
        listed = metadata.requires("alignlib") or []
    except metadata.PackageNotFoundError:
        return []
    return sorted(map(Requirement, listed), key=lambda each: each.name)


def _extra(requirement: Requirement) -> str | None:
    """The extra that a requirement belongs to; None if it is always needed."""
    words = str(requirement.marker or "").replace('"', "'").split("extra == '")
    return words[1].partition("'")[0] if len(words) > 1 else None


@functools.cache
def _modules() -> dict[str, str]:
    """For each distribution, by its plain name, a module that it brings."""
    found: dict[str, str] = {}
    for module, distributions in metadata.packages_distributions().items():
        for each in distributions:
            if not module.startswith("_"):
                found.setdefault(_plain(each), module)
    return found


def _module(name: str) -> str:
    usual = name.replace("-", "_")
    if importlib.util.find_spec(usual) is not None:
        return usual
    return _modules().get(_plain(name), usual)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _wanted_python() -> str:
    try:
        return str(metadata.metadata("alignlib")["Requires-Python"])
    except metadata.PackageNotFoundError:  # the next check says so
        return ""


def _as_installed(file: metadata.PackagePath) -> bool:
    assert file.hash is not None
    try:
        digest = hashlib.new(file.hash.mode, file.locate().read_bytes()).digest()  # type: ignore[attr-defined]
    except OSError:
        return False
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == file.hash.value
