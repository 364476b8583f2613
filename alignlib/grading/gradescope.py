"""The folder that Gradescope's autograder needs, for some chapters and a secret seed.

Zip it and upload it. ``setup.sh`` installs Python's packages and bubblewrap into Gradescope's
image; ``run_autograder`` grades one submission and puts ``results.json`` where it is read.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from alignlib.errors import GradingError
from alignlib.grading.grading import writing
from alignlib.grading.wall import PACKAGE

SETUP = """\
#!/usr/bin/env bash
# Run once, when Gradescope builds the image.
set -euo pipefail
cd "${{AUTOGRADER:-/autograder}}/source"
export DEBIAN_FRONTEND=noninteractive
find_python() {{
    for name in python3.12 python3.11 python3.13; do
        if "$name" -c 'import ensurepip, venv' 2>/dev/null; then command -v "$name"; return; fi
    done
}}
apt-get update
apt-get install -y bubblewrap || true  # without it, see the guide for instructors
[ -n "$(find_python)" ] || apt-get install -y python3.12 python3.12-venv \\
    || apt-get install -y python3.11 python3.11-venv
"$(find_python)" -m venv env
{index}env/bin/pip install --no-cache-dir --constraint constraints.txt './course[grading]'
chmod -R go-rwx catalogue seed
"""
RUN = """\
#!/usr/bin/env bash
# Run for each submission.
set -euo pipefail
autograder="${{AUTOGRADER:-/autograder}}"
source="$autograder/source"
mkdir -p "$autograder/results" "$autograder/graded"
chmod 700 "$autograder/results" "$autograder/graded" "$autograder/submission"
"$source/env/bin/alignlib" grade "$autograder/submission" --single submission \\
    --exercises "$source/catalogue" --seed-file "$source/seed" --out "$autograder/graded" \\
    --memory 1.5 --quiet{options}
cp "$autograder/graded/students/submission/results.json" "$autograder/results/results.json"
"""


def write_gradescope(
    out: Path,
    catalogue: Path,
    chapters: Sequence[str],
    secret: str,
    *,
    unprotected: bool = False,
    torch_index: str = "",
) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: the folder, which must not be there yet.
        catalogue: of the exercises.
        chapters: that count; all if none.
        secret: the seed of the private cases. It stands in the folder: keep it to yourself.
        unprotected: grade without bubblewrap where Gradescope's image can't have it.
        torch_index: an index of PyTorch's CPU builds, or an empty text for the standard one.

    Raises:
        GradingError: if ``out`` is there already, or the package has no source beside it.
        OutputError: if ``out`` can't be written, as on a full disk.
    """
    root = PACKAGE.parent
    if not (root / "pyproject.toml").is_file():
        raise GradingError(
            "The folder has the course's package in it, so it is made from a copy of the course: "
            "clone it, and install it with pip install --editable."
        )
    if out.exists():
        raise GradingError(f"{out} is there already: give another name, or remove it.")
    options = f" --chapters {' '.join(chapters)}" if chapters else ""
    options += " --unprotected" if unprotected else ""
    index = f"export PIP_EXTRA_INDEX_URL={shlex.quote(torch_index)}\n" if torch_index else ""
    unwanted = shutil.ignore_patterns("__pycache__", ".*")
    with writing(out), _draft(out) as made:
        shutil.copytree(PACKAGE, made / "course" / PACKAGE.name, ignore=unwanted)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(root / name, made / "course" / name)
        shutil.copy(root / "constraints.txt", made)
        shutil.copytree(catalogue, made / "catalogue", ignore=unwanted)
        (made / "seed").write_text(f"{secret}\n", encoding="utf8")
        (made / "seed").chmod(0o600)
        _script(made / "setup.sh", SETUP.format(index=index))
        _script(made / "run_autograder", RUN.format(options=options))


@contextlib.contextmanager
def _draft(out: Path) -> Iterator[Path]:
    """A folder that becomes ``out`` if nothing fails inside."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as temporary:
        made = Path(temporary) / "made"
        made.mkdir(mode=0o700)
        yield made
        os.replace(made, out)


def _script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf8")
    path.chmod(0o755)
