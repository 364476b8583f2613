"""The folder that Gradescope's autograder needs, for some chapters and a secret seed.

Zip it and upload it. ``setup.sh`` installs Python's packages and bubblewrap into Gradescope's
image; ``run_autograder`` grades one submission and puts ``results.json`` where it is read.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from alignlib.errors import GradingError
from alignlib.grading.wall import PACKAGE

SETUP = """\
#!/usr/bin/env bash
# Run once, when Gradescope builds the image.
set -euo pipefail
cd "${AUTOGRADER:-/autograder}/source"
find_python() { command -v python3.13 python3.12 python3.11 | head -n 1; }
if [ -z "$(find_python)" ] || ! command -v bwrap >/dev/null; then
    apt-get update
    apt-get install -y bubblewrap python3 python3-venv
    [ -n "$(find_python)" ] || apt-get install -y python3.11 python3.11-venv
fi
"$(find_python)" -m venv env
env/bin/pip install --no-cache-dir torch ${TORCH_INDEX:+--index-url "$TORCH_INDEX"}
env/bin/pip install --no-cache-dir './course[grading]'
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
"$source/env/bin/alignlib" grade "$autograder/submission" --student submission \\
    --exercises "$source/catalogue" --seed-file "$source/seed" --out "$autograder/graded" \\
    --quiet{options}
cp "$autograder/graded/students/submission/results.json" "$autograder/results/results.json"
"""


def write_gradescope(
    out: Path, catalogue: Path, chapters: Sequence[str], secret: str, *, unprotected: bool = False
) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: the folder, which must not be there yet.
        catalogue: of the exercises.
        chapters: that count; all if none.
        secret: the seed of the private cases. It stands in the folder: keep it to yourself.
        unprotected: grade without bubblewrap where Gradescope's image can't have it.

    Raises:
        GradingError: if ``out`` is there already, or the package has no source beside it.
    """
    root = PACKAGE.parent
    if not (root / "pyproject.toml").is_file():
        raise GradingError(
            "The folder has the course's package in it, so it is made from a copy of the course: "
            "clone it, and install it with pip install --editable."
        )
    if out.exists():
        raise GradingError(f"{out} is there already: give another name, or remove it.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as temporary:
        made = Path(temporary) / "made"
        unwanted = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(PACKAGE, made / "course" / PACKAGE.name, ignore=unwanted)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(root / name, made / "course" / name)
        shutil.copytree(catalogue, made / "catalogue", ignore=unwanted)
        (made / "seed").write_text(f"{secret}\n", encoding="utf8")
        options = f" --chapters {' '.join(chapters)}" if chapters else ""
        options += " --unprotected" if unprotected else ""
        _script(made / "setup.sh", SETUP)
        _script(made / "run_autograder", RUN.format(options=options))
        os.replace(made, out)


def _script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf8")
    path.chmod(0o755)
