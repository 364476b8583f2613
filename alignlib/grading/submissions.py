"""Who handed in what: a folder of notebooks, of zips and of folders, one entry for each student.

``ada.ipynb``, ``ada.zip`` and ``ada/`` are all Ada's. Nothing is unpacked onto the disk, no link is
followed, and whatever can't be taken is named with its reason, so that no student is lost.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from alignlib.errors import GradingError
from alignlib.grading.notebooks import LARGEST

MOST_FILES = 200
"""Files of one student that are looked at."""
MOST_ENTRIES = 10_000
"""Of one zip, hidden ones included: all are read before one is looked at."""
DEEPEST = 20
"""Folders in folders of one student."""
ENTRY = b"PK\x01\x02"
"""What each entry of a zip's list of files begins with."""
NO_NOTEBOOK = "not a notebook (.ipynb)"
MOST_BYTES = 100 * 2**20
"""Of all notebooks of one student, unpacked."""


@dataclass
class Submission:
    """What one student handed in.

    Attributes:
        student: the name of the file, zip or folder, without its ending.
        notebooks: by path, the bytes of each notebook, in the order of their names.
        problems: a sentence for each file that was not taken.
    """

    student: str
    notebooks: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _files: int = 0
    _bytes: int = 0
    _full: str = ""

    @property
    def folder(self) -> str:
        """The name of its folder of results."""
        name = quote(self.student, safe=" @+,=()", errors="backslashreplace")
        if len(name) <= 80 and name.strip(". "):
            return name
        whole = self.student.encode(errors="backslashreplace")
        return f"{name[:80]}-{hashlib.sha256(whole).hexdigest()[:16]}"

    @property
    def digest(self) -> str:
        """Of the notebooks and problems, so that what was graded is not graded again."""
        made = hashlib.sha256()
        for name, data in sorted(self.notebooks.items()):
            made.update(f"{len(name)} {len(data)} {name}".encode(errors="surrogateescape") + data)
        made.update("\n".join(self.problems).encode(errors="replace"))
        return made.hexdigest()

    def take(self, name: str, data: bytes) -> None:
        """Take a notebook, within the limits; of two of one name both are taken."""
        self._bytes += len(data)
        while name in self.notebooks:
            name += " (again)"
        if self._bytes <= MOST_BYTES:
            self.notebooks[name] = data

    def counts(self, name: str) -> bool:
        """Whether one more file may be looked at; says so once when not."""
        if self._full:
            return False
        self._files += 1
        if self._bytes > MOST_BYTES:
            self._full = f"more than {MOST_BYTES // 2**20} MB in all"
        elif self._files > MOST_FILES:
            self._full = f"more than {MOST_FILES} files"
        if self._full:
            self.problems.append(f"{name} and all after it: {self._full}; not taken")
        return not self._full


def collect(folder: Path) -> list[Submission]:
    """Every student's submission below a folder, or in one zip of such entries.

    Raises:
        GradingError: if there is no such folder, or nothing in it.
    """
    if folder.is_file() and folder.suffix.lower() == ".zip":
        raise GradingError(
            f"{folder} is a zip. Unpack it first: the folder that it makes should have one file, "
            "zip or folder for each student."
        )
    if folder.is_file():
        raise GradingError(f"{folder} is a file: give the folder that holds it.")
    if not folder.is_dir():
        raise GradingError(f"There is no folder {folder}.")
    students: dict[str, Submission] = {}
    for entry in sorted(folder.iterdir()):
        if _ignored(entry.name):
            continue
        name = _student(entry)
        _collect_entry(entry, students.setdefault(name, Submission(name)))
    if not students:
        raise GradingError(f"{folder} has no submissions: nothing but hidden files, if that.")
    return list(students.values())


def collect_one(folder: Path, student: str) -> Submission:
    """A folder that holds one student's files.

    Raises:
        GradingError: if there is no such folder.
    """
    if not folder.is_dir():
        raise GradingError(f"There is no folder {folder}.")
    submission = Submission(student)
    _collect_folder(folder, submission)
    return submission


def _student(entry: Path) -> str:
    name = entry.name if stat.S_ISDIR(entry.lstat().st_mode) else entry.stem
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _ignored(name: str) -> bool:
    hidden = name.startswith((".", "__MACOSX", "~$")) and name != ".."
    return hidden or name in ("Thumbs.db", "desktop.ini")


def _collect_entry(path: Path, to: Submission) -> None:
    try:
        if stat.S_ISDIR(path.lstat().st_mode):
            _collect_folder(path, to)
        else:
            _collect_file(path, path.name, to)
    except (OSError, RecursionError) as error:
        to.problems.append(f"{path.name}: can't be read: {str(error)[:200]}")


def _collect_folder(folder: Path, to: Submission) -> None:
    def unread(error: OSError) -> None:
        to.problems.append(f"{folder.name}: a folder can't be read: {error.strerror}")

    for parent, folders, files in os.walk(folder, onerror=unread):  # follows no links
        place = Path(parent).relative_to(folder)
        for name in sorted(folders):
            if Path(parent, name).is_symlink():
                to.problems.append(f"{place / name}: a link, which is not followed")
        folders[:] = sorted(name for name in folders if not _ignored(name))
        if folders and len(place.parts) >= DEEPEST:
            to.problems.append(f"{place}: folders in it are nested too deeply; not taken")
            folders.clear()
        for name in sorted(files):
            if not _ignored(name):
                _collect_file(Path(parent, name), str(place / name), to)


def _collect_file(path: Path, name: str, to: Submission) -> None:
    if not to.counts(name):
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        link = path.is_symlink()
        why = "a link, which is not followed" if link else f"can't be read: {error.strerror}"
        to.problems.append(f"{name}: {why}")
        return
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            to.problems.append(f"{name}: not a regular file")
        elif path.suffix.lower() not in (".ipynb", ".zip"):
            to.problems.append(f"{name}: {NO_NOTEBOOK}")
        elif status.st_size > MOST_BYTES:
            to.problems.append(f"{name}: larger than {MOST_BYTES // 2**20} MB; not taken")
        elif path.suffix.lower() == ".zip":
            _collect_zip(file.read(), name, to)
        else:
            to.take(name, file.read(LARGEST + 1))


def _collect_zip(data: bytes, zip_name: str, to: Submission) -> None:
    if data.count(ENTRY) > MOST_ENTRIES:
        to.problems.append(f"{zip_name}: more than {MOST_ENTRIES:,} files; not taken")
        return
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = sorted(archive.infolist(), key=lambda each: each.filename)
            if not members:
                to.problems.append(f"{zip_name}: there is nothing in it")
            for info in members:
                folder = info.filename.endswith("/")  # is_dir() fails on an empty name
                if folder or any(map(_ignored, _path(info).parts)):
                    continue
                name = f"{zip_name}/{info.filename}"
                if not to.counts(name):
                    return
                _collect_member(archive, info, name, to)
    except Exception as error:  # zipfile raises of many kinds for broken archives
        to.problems.append(f"{zip_name}: can't be unpacked: {str(error)[:200]}")


def _collect_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, to: Submission
) -> None:
    why = _unwanted(info)
    if why:
        to.problems.append(f"{name}: {why}")
        return
    try:
        with archive.open(info) as member:
            to.take(name, member.read(LARGEST + 1))
    except Exception as error:
        to.problems.append(f"{name}: can't be unpacked: {str(error)[:200]}")


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(info.filename.replace("\\", "/"))


def _unwanted(info: zipfile.ZipInfo) -> str | None:
    path = _path(info)
    if path.is_absolute() or ".." in path.parts:
        return "its path leads out of the zip; not taken"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link, which is not followed"
    if info.flag_bits & 1:
        return "encrypted; not taken"
    if path.suffix.lower() == ".zip":
        return "a zip in a zip; not taken"
    if path.suffix.lower() != ".ipynb":
        return NO_NOTEBOOK
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in an unusual way; not taken"  # whose unpacking has no limit
    if info.file_size > LARGEST:
        return f"larger than {LARGEST // 2**20} MB unpacked; not taken"
    return None
