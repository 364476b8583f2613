"""The errors of the book: each names the place and says what to do."""

from __future__ import annotations

from pathlib import Path


class BookError(Exception):
    """A problem in the book's files, with the place where it can be mended."""

    def __init__(self, message: str, path: Path | None = None, line: int | None = None) -> None:
        self.message = message
        self.path = path
        self.line = line
        super().__init__(message)

    def __str__(self) -> str:
        if self.path is None:
            return self.message
        place = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


class ConfigError(BookError):
    """``_config.yml`` is missing something that the book is derived from."""


class SourceError(BookError):
    """A chapter's .md cannot be read as a notebook."""


class ConversionError(BookError):
    """MyST that has no plain Markdown counterpart, so a Colab reader would see it raw."""


class ExecutionError(BookError):
    """A cell failed while its chapter was executed."""
