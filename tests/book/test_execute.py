"""Executing a chapter: its notebook is reproducible, whole, or left alone."""

from __future__ import annotations

import pytest

from book.__main__ import main
from book.check import check_page
from book.errors import BookError, ConfigError, ExecutionError
from book.execute import execute_page
from book.notebook import SETUP_TAG, read_notebook
from book.project import load_project
from tests.book.conftest import MakeBook

CHAPTER = """\
# Ask

Text with {term}`a word`.

```{code-cell} ipython3
---
tags: [hide-input]
mystnb:
  image:
    alt: A small square.
---
import sys
from IPython.display import SVG
print("100%|####| 1/1 [00:00<00:00, 1.0it/s]", file=sys.stderr)
SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>')
```

```{code-cell} ipython3
for word in sorted({"b", "a"}):
    print(word)
object()
```
"""


def test_a_chapter_runs_to_the_same_bytes_and_is_in_step(make_book: MakeBook) -> None:
    book = make_book({"02-ask": CHAPTER})
    page = book.labels.pages["02-ask"]
    execute_page(page, book)
    first = page.notebook_path.read_bytes()
    execute_page(page, book)
    assert page.notebook_path.read_bytes() == first
    assert check_page(page, book) == []
    assert [path.name for path in page.path.parent.glob("*.ipynb*")] == ["02-ask.ipynb"]

    notebook = read_notebook(page.notebook_path)
    setup, text, picture, words = notebook.cells
    assert setup.metadata.tags == [SETUP_TAG]
    assert "alignlib[rewards] @ git+https://github.com/someone/some-book" in setup.source
    assert text.source == "# Ask\n\nText with a word."
    assert [cell.execution_count for cell in (setup, picture, words)] == [None, 1, 2]
    assert picture.metadata.tags == ["hide-input"]
    assert [output.output_type for output in picture.outputs] == ["execute_result"]
    assert picture.outputs[0].metadata["image/svg+xml"]["alt"] == "A small square."
    assert words.outputs[0].text == "a\nb\n"
    assert words.outputs[1].data == {"text/plain": "<object at 0x…>"}
    assert notebook.metadata.language_info == {"name": "python"}


def test_a_failing_cell_leaves_the_old_notebook_and_shows_the_traceback(
    make_book: MakeBook, capsys: pytest.CaptureFixture[str]
) -> None:
    book = make_book({"02-ask": "# Ask\n\n```{code-cell}\nvalue = 1\nvalue / 0\n```\n"})
    page = book.labels.pages["02-ask"]
    page.notebook_path.write_text("the old text")
    with pytest.raises(ExecutionError, match="ZeroDivisionError"):
        execute_page(page, book)
    assert page.notebook_path.read_text() == "the old text"

    assert main(["--root", str(book.project.root), "execute"]) == 1
    assert "value / 0" in capsys.readouterr().err


def test_nothing_runs_if_the_text_cannot_be_converted(make_book: MakeBook) -> None:
    book = make_book({"02-ask": "```{exotic}\n```\n\n```{code-cell}\nopen('ran', 'w')\n```\n"})
    with pytest.raises(BookError, match="exotic"):
        execute_page(book.labels.pages["02-ask"], book)
    assert not (book.project.chapters / "ran").exists()


def test_a_cell_runs_in_the_chapters_folder(make_book: MakeBook) -> None:
    book = make_book({"02-ask": "```{code-cell}\nopen('ran', 'w').close()\n```\n"})
    execute_page(book.labels.pages["02-ask"], book)
    assert (book.project.chapters / "ran").exists()


def test_an_unknown_chapter_names_the_known_ones(make_book: MakeBook) -> None:
    book = make_book({"02-ask": "# Ask\n"})
    with pytest.raises(BookError, match="there are: 02-ask"):
        book.project.source("03-show")


def test_a_missing_address_says_which(make_book: MakeBook) -> None:
    root = make_book({}).project.root
    (root / "_config.yml").write_text("repository:\n  url: x\n")
    with pytest.raises(ConfigError, match=r"repository\.branch"):
        load_project(root)
