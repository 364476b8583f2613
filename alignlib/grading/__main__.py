"""``python -m alignlib.grading [CATALOGUE]``: write the public checks anew, and try the graders."""

from __future__ import annotations

import sys
from pathlib import Path

from alignlib.grading.exercise import load_exercises
from alignlib.grading.public import public_text
from alignlib.grading.trial import table

CATALOGUE = Path("chapters/exercises/catalogue")


def main(arguments: list[str]) -> int:
    """Do both for a catalogue folder, by default the course's; 1 if a grader can be fooled."""
    exercises = load_exercises(Path(arguments[0]) if arguments else CATALOGUE)
    folder = Path(__file__).parent / "public"
    wanted = {folder / f"{name}.json": public_text(each) for name, each in exercises.items()}
    for path in folder.glob("*.json"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf8")
    result = table(exercises)
    print(result)
    return int(not result.splitlines()[-1].startswith("kill rate"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
