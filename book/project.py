"""Where the book's files are, and the public address that links and installs are derived from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from book.errors import BookError, ConfigError


@dataclass(frozen=True)
class Project:
    """The book's folder, and what ``_config.yml`` says of its address and of solutions."""

    root: Path
    repository_url: str
    branch: str
    solutions: bool = False

    @property
    def chapters(self) -> Path:
        return self.root / "chapters"

    @property
    def requirement(self) -> str:
        """What pip installs where the package is missing."""
        return f"alignlib[rewards] @ git+{self.repository_url}"

    @property
    def site_url(self) -> str:
        """The address of the site: that of GitHub Pages for the repository."""
        owner, name = self.repository_url.split("/")[-2:]
        return f"https://{owner}.github.io/{name}/"

    def link(self, path: str = "") -> str:
        """The address of the repository, or of a file or folder in it."""
        return f"{self.repository_url}/blob/{self.branch}/{path}" if path else self.repository_url

    def sources(self) -> list[Path]:
        """Every .md page of the book, in the order of their names; exercises come last."""
        exercises = self.chapters / "exercises"
        return [*sorted(self.chapters.glob("*.md")), *sorted(exercises.glob("*.md"))]

    def source(self, name: str) -> Path:
        """The .md page meant by a path, a file name or a stem (``02-ask``)."""
        stem = Path(name).stem
        for path in self.sources():
            if path.stem == stem:
                return path
        known = ", ".join(path.stem for path in self.sources()) or "none"
        raise BookError(f"there is no chapter {name!r} in {self.chapters}; there are: {known}")


def load_project(root: Path) -> Project:
    """Read ``_config.yml`` below ``root``.

    Raises:
        ConfigError: if the file or its ``repository.url`` or ``repository.branch`` is missing.
    """
    path = root / "_config.yml"
    if not path.is_file():
        raise ConfigError("no _config.yml here; run this from the repository's root", path)
    config = yaml.safe_load(path.read_text(encoding="utf8")) or {}
    repository = config.get("repository") or {}
    for key in ("url", "branch"):
        if not repository.get(key):
            raise ConfigError(f"repository.{key} is missing; Colab links need it", path)
    solutions = bool((config.get("exercises") or {}).get("solutions", False))
    return Project(root, str(repository["url"]).rstrip("/"), str(repository["branch"]), solutions)


def project_of(page: Path) -> Project:
    """The project of a page: ``_config.yml`` stands in one of the folders above it.

    Raises:
        ConfigError: if it does not, or lacks what a project needs.
    """
    roots = [folder for folder in page.parents if (folder / "_config.yml").is_file()]
    return load_project(roots[0] if roots else page.parent)
