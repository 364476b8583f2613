"""The prose is spelt as in British English; names and terms are in project-words.txt."""

from __future__ import annotations

import json
from pathlib import Path

from tests.node import ROOT, run_node

CSPELL = "cspell/bin.mjs"
WORDS = ROOT / "project-words.txt"

TEXT = """\
---
kernelspec: wrngfront
---

# A colour with `wrngcode` and $wrngmath$

The behavior of {term}`wrngrole <x>`, of [a link](wrngtarget.md) and of `more
wrngcode`.

```{note}
Wrngnote.
```

```{code-cell}
:tags: [wrngtags]
wrngcell = 1
```

$$
wrngdisplay
$$ (wrnglabel)

Wrngprose.
"""


def sources() -> list[Path]:
    """The files whose prose is checked."""
    patterns = json.loads((ROOT / "cspell.json").read_text())["files"]
    return [path for pattern in patterns for path in ROOT.glob(pattern)]


def test_the_prose_is_spelt_right() -> None:
    run = run_node(CSPELL, "--no-progress")
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"Files checked: {len(sources())}" in run.stdout + run.stderr


def test_mistakes_are_found_in_prose_and_only_there(tmp_path: Path) -> None:
    path = tmp_path / "text.md"
    path.write_text(TEXT)
    options = ("--no-progress", "--no-summary", "--words-only", "--root", tmp_path)
    run = run_node(CSPELL, *options, "--config", ROOT / "cspell.json", path)
    assert run.stdout.split() == ["behavior", "Wrngnote", "Wrngprose"]


def test_the_word_list_is_sorted_and_used() -> None:
    words = WORDS.read_text().split()
    assert words == sorted(set(words), key=str.casefold)
    text = "\n".join(path.read_text() for path in sources()).casefold()
    assert [word for word in words if word.casefold() not in text] == []
