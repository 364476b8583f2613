"""Write what `pytest tests/faults` found into SECURITY.md; with --check, hold it against that."""

from __future__ import annotations

import os
import sys

from tests.faults.report import FOUND, PAGE, page


def main() -> int:
    """0 if the page is, or now has, what was found.

    Outside CI some faults can't be injected, so there the page may have more than was found.
    """
    if not FOUND.is_file():
        print("Nothing was found yet: run pytest tests/faults first.", file=sys.stderr)
        return 1
    text = PAGE.read_text(encoding="utf-8")
    now = page(text)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(now, encoding="utf-8")
        return 0
    known = text == now if os.environ.get("CI") else set(now.splitlines()) <= set(text.splitlines())
    if not known:
        print(
            "The table in SECURITY.md is not what tests/faults found: "
            "run python -m tests.faults and look at the difference.",
            file=sys.stderr,
        )
    return int(not known)


if __name__ == "__main__":
    sys.exit(main())
