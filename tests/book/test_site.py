"""The course's site: built without a warning, complete, and made of the stored outputs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from bs4 import BeautifulSoup

from book.execute import execute_page
from book.notebook import Book, is_setup, read_notebook
from book.source import Page
from tests.book.conftest import CONFIG, ROOT, build_site, write_book

LOADING = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}


def _place(page: Page) -> Path:
    """A page below the repository's root, without its ending."""
    return page.path.relative_to(ROOT).with_suffix("")


def _html(site: Path, page: Page) -> BeautifulSoup:
    return BeautifulSoup((site / f"{_place(page)}.html").read_text(), "html.parser")


def test_every_page_is_built(site: Path, real_book: Book) -> None:
    for page in real_book.labels.pages.values():
        assert (site / f"{_place(page)}.html").is_file(), f"{page.stem} is not in _toc.yml"
    assert "chapters/index.html" in (site / "index.html").read_text()


def test_colab_opens_the_notebook_that_is_in_the_repository(site: Path, real_book: Book) -> None:
    address = real_book.project.repository_url.removeprefix("https://github.com/")
    start = f"https://colab.research.google.com/github/{address}/blob/{real_book.project.branch}/"
    for page in real_book.notebooks():
        links = {a["href"] for a in _html(site, page).select('a[href*="colab.research"]')}
        assert links == {f"{start}{_place(page)}.ipynb"}
        assert (ROOT / f"{_place(page)}.ipynb").is_file()


def test_the_notebook_and_the_source_can_be_downloaded(site: Path, real_book: Book) -> None:
    for page in real_book.notebooks():
        links = {str(a["href"]) for a in _html(site, page).select(".chapter-links a")}
        for path in (page.notebook_path, page.path):
            up = "../" * len(_place(page).parts[:-1])
            offered = site / "_sources" / path.relative_to(ROOT)
            assert f"{up}{offered.relative_to(site)}" in links
            assert offered.read_bytes() == path.read_bytes()


def test_the_outputs_are_those_of_the_notebook(site: Path, real_book: Book) -> None:
    for page in real_book.notebooks():
        notebook = read_notebook(page.notebook_path)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code" and not is_setup(cell)]
        removed = {"remove-cell", "remove-output"}
        shown = [c for c in cells if c.outputs and not removed & set(c.metadata.get("tags", []))]
        assert len(_html(site, page).select("div.cell_output")) == len(shown)
        text = _html(site, page).get_text()
        for output in (output for cell in shown for output in cell.outputs):
            if output.output_type == "stream":
                assert output.text.strip() in text


def test_equations_and_figures_have_the_notebook_s_numbers(site: Path, real_book: Book) -> None:
    for page in real_book.notebooks():
        html = _html(site, page)
        equations = [re.sub(r"[()#]", "", tag.get_text()) for tag in html.select("span.eqno")]
        assert equations == real_book.labels.numbers(page.stem, "equation")
        figures = [tag.get_text().split()[-1] for tag in html.select("span.caption-number")]
        assert figures == real_book.labels.numbers(page.stem, "figure")
        numbers = [tag.get_text().strip() for tag in html.select("h1 .section-number")]
        assert numbers == ([] if page.number is None else [f"{page.number}."])


def test_no_page_names_anything_to_load_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        if "_static" in path.parts:
            continue
        html = BeautifulSoup(path.read_text(), "html.parser")
        for name, attribute in LOADING.items():
            for tag in html.find_all(name):
                address = str(tag.get(attribute) or "")
                assert not re.match(r"(https?:)?//", address), f"{path.name} loads {address}"


def test_a_stale_notebook_and_a_bad_reference_stop_the_build_at_their_lines(tmp_path: Path) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    root.mkdir()
    text = "# Ask\n\n```{code-cell}\n1 + 1\n```\n\nFine.\n"
    book = write_book(root, {"02-ask": text, "index": "# Home\n"})
    page = book.labels.pages["02-ask"]
    execute_page(page, book)
    source = page.path.read_text().replace("Fine.", "Text.\n\nSee {ref}`nowhere`.")
    page.path.write_text(source)
    extension = f"sphinx:\n  local_extensions:\n    book.sphinx_ext: {ROOT}\n"
    off = 'execute:\n  execute_notebooks: "off"\nexclude_patterns: ["**.ipynb"]\n'
    colab = "launch_buttons:\n  colab_url: https://colab.research.google.com\n"
    (root / "_config.yml").write_text(CONFIG + off + colab + extension)
    toc = "format: jb-book\nroot: chapters/index\nchapters:\n- file: chapters/02-ask\n"
    (root / "_toc.yml").write_text(toc)

    run = build_site(root, out)
    assert run.returncode != 0
    printed = run.stdout + run.stderr
    assert "out of step with its notebook" in printed
    assert "python -m book execute 02-ask" in printed
    line = source.splitlines().index("See {ref}`nowhere`.") + 1
    assert f"02-ask.md:{line}: WARNING" in printed


def test_the_site_is_built_without_the_package_s_dependencies() -> None:
    without = "import sys; sys.modules |= dict.fromkeys(('numpy', 'torch', 'transformers'))"
    done = subprocess.run(
        [sys.executable, "-c", f"{without}; import book.sphinx_ext"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
