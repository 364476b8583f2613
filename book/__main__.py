"""``python -m book``: from the chapters' sources to their notebooks, and whether they agree."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from book.check import check_page
from book.errors import BookError
from book.execute import execute_page, stderr_cells, write_atomically
from book.notebook import Book, build_notebook, load_book, notebook_text, read_notebook
from book.project import load_project
from book.refresh import refresh_page
from book.source import Page
from book.verification import record


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if all is well, 1 if a chapter is not."""
    parser = argparse.ArgumentParser(prog="python -m book", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the repository's root")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("execute", "execute chapters and write their notebooks"),
        ("refresh", "take over changed prose; keeps the outputs of unchanged code"),
        ("check", "say which notebooks are out of step; executes nothing"),
        ("solutions", "write the exercises' notebooks with their answers filled in"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("chapters", nargs="*", help="paths or stems (02-ask); default all")
        if name == "solutions":
            command.add_argument("--out", type=Path, default=Path("_build/solutions"))
    command = commands.add_parser("verified", help="put a test run of the notebooks on record")
    command.add_argument("report", nargs="?", type=Path, default=Path("_build/notebooks.xml"))
    options = parser.parse_args(arguments)
    try:
        project = load_project(options.root.resolve())
        if options.command == "verified":
            return _verified(load_book(project), options.report)
        if options.command == "solutions":
            return _solutions(load_book(project, "answer"), options.chapters, options.out)
        book = load_book(project)
        pages = _chosen(book, options.chapters)
        return {"execute": _execute, "refresh": _refresh, "check": _check}[options.command](
            book, pages
        )
    except BookError as error:
        print(error, file=sys.stderr)
        return 1


def _chosen(book: Book, names: list[str]) -> list[Page]:
    if not names:
        return book.notebooks()
    pages = [book.labels.pages[book.project.source(name).stem] for name in names]
    for page in pages:
        if not page.is_notebook:
            raise BookError("has no kernelspec in its front matter: no notebook", page.path)
    return pages


def _execute(book: Book, pages: list[Page]) -> int:
    for page in pages:
        print(f"{page.stem} ...", end=" ", flush=True)
        try:
            seconds = execute_page(page, book)
        except BookError:
            print("failed", flush=True)
            raise
        print(f"{seconds:.1f} s", flush=True)
        for count in stderr_cells(read_notebook(page.notebook_path)):
            print(f"  cell [{count}] wrote to stderr; readers will see it")
    return 0


def _refresh(book: Book, pages: list[Page]) -> int:
    for page in pages:
        refresh_page(page, book)
    return 0


def _solutions(book: Book, names: list[str], out: Path) -> int:
    pages = [page for page in _chosen(book, names) if page.path.parent.name == "exercises"]
    if not pages:
        raise BookError(f"no exercises are in {', '.join(names)}; give stems such as ex2-ask")
    out.mkdir(parents=True, exist_ok=True)
    for page in pages:
        path = out / f"{page.stem}-solutions.ipynb"
        write_atomically(path, notebook_text(build_notebook(page, book)))
        print(path)
    return 0


def _verified(book: Book, report: Path) -> int:
    runs = record(report, book)
    for stem, run in runs.items():
        print(f"{stem}: {run.cells} cells in {run.seconds} s, {run.failed or 'none'} failed")
    return 0


def _check(book: Book, pages: list[Page]) -> int:
    bad = []
    for page in pages:
        try:
            problems = check_page(page, book)
        except BookError as error:
            problems = [str(error)]
        if problems:
            bad.append(page.stem)
            print(f"{page.stem}: out of step")
            print("\n".join(f"  {problem}" for problem in problems))
    folders = (book.project.chapters, book.project.chapters / "exercises")
    orphans = [p for folder in folders for p in folder.glob("*.ipynb") if _is_orphan(p)]
    for path in orphans:
        print(f"{path.name}: has no source; delete it, or write {path.stem}.md")
    if bad:
        print(f"To mend: python -m book execute {' '.join(bad)}")
    if bad or orphans:
        return 1
    print(f"{len(pages)} notebook{'s' if len(pages) != 1 else ''} in step with the sources")
    return 0


def _is_orphan(notebook: Path) -> bool:
    return not notebook.with_suffix(".md").is_file()


if __name__ == "__main__":
    sys.exit(main())
