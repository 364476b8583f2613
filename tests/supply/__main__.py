"""Write the reasons in constraints.txt and the lists in THIRD-PARTY.md; or the bill of materials.

Usage:
    python -m tests.supply          # after a dependency has changed
    python -m tests.supply --check  # whether both are up to date
    python -m tests.supply sbom FILE.json
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.supply import bill, constraints, third_party


def main(arguments: list[str]) -> int:
    """0 if all is, or now is, up to date."""
    if arguments[:1] == ["sbom"] and len(arguments) == 2:
        bill.write(Path(arguments[1]))
        return 0
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = []
    for made in (constraints, third_party):
        text = made.FILE.read_text(encoding="utf-8")
        now = made.write(text)
        if now != text:
            stale.append(made.FILE.name)
            if not arguments:
                made.FILE.write_text(now, encoding="utf-8")
    if stale:
        what = " and ".join(stale)
        print(f"{what}: not up to date; run python -m tests.supply." if arguments else what)
    return int(bool(arguments and stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
