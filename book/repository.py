"""Links to the public repository, whose address stands only in ``_config.yml``."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import ReferenceRole

from book.project import load_project


def setup(app: Sphinx) -> None:
    app.add_role("repository", RepositoryRole())


class RepositoryRole(ReferenceRole):
    """``{repository}`the code``` links the repository, ``the tests <tests>`` a folder in it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        project = load_project(Path(self.env.srcdir))
        url = project.link(self.target if self.has_explicit_title else "")
        return [nodes.reference(self.rawtext, self.title, refuri=url)], []
