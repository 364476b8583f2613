"""The API reference: the package's public names by module, from their docstrings.

The names are read from the sources, and what the package imports from elsewhere is mocked while
Sphinx reads the docstrings. So the book is built without the package's dependencies.

A module is listed with the names that ``alignlib/__init__.py`` or a subpackage's ``__init__.py``
exports from it and with those in its own ``__all__``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

PACKAGE = "alignlib"
PAGE = "chapters/api"
PLACE = "<!-- api -->"
"""Where on the page the reference goes."""


def setup(app: Sphinx) -> None:
    app.connect("config-inited", configure)
    app.connect("source-read", insert_reference)
    app.connect("missing-reference", find_exported)


def configure(app: Sphinx, config: Config) -> None:
    """Mock whatever the package imports, and let third-party types stand without a link."""
    package = Path(app.srcdir) / PACKAGE
    config.autodoc_mock_imports = sorted(third_party_imports(package))
    config.autodoc_member_order = "bysource"
    config.autodoc_typehints_format = "short"
    config.maximum_signature_line_length = 60
    config.napoleon_use_ivar = True
    config.nitpick_ignore_regex = [("py:.*", rf"(?!{PACKAGE}\.).*")]


def insert_reference(app: Sphinx, docname: str, content: list[str]) -> None:
    """Write the reference where the page says so."""
    if docname == PAGE:
        package = Path(app.srcdir) / PACKAGE
        for path in package.rglob("*.py"):
            app.env.note_dependency(str(path))
        content[0] = content[0].replace(PLACE, reference(package))


def find_exported(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Link ``alignlib.sample`` to ``alignlib.sampling.sample``, where it is documented.

    A type in a signature may be one that is not listed; only a docstring's own role must resolve.
    """
    if node.get("refdomain") != "py":
        return None
    parent, _, name = str(node["reftarget"]).rpartition(".")
    if parent != PACKAGE:
        return None if "refexplicit" in node else content
    for module, names in public_names(Path(app.srcdir) / PACKAGE).items():
        if name in dict(names):
            domain, target = env.get_domain("py"), f"{module}.{name}"
            docname, kind = str(node["refdoc"]), str(node["reftype"])
            return domain.resolve_xref(env, docname, app.builder, kind, target, node, content)
    return None


def reference(package: Path) -> str:
    """The MyST text of the reference: a section per module."""
    sections = []
    for module, names in sorted(public_names(package).items()):
        lines = [f"## {module}", "", "```{eval-rst}", f".. py:module:: {module}", ""]
        for name, kind in names:
            lines.append(f".. auto{kind}:: {module}.{name}")
            lines += ["   :members:", ""] if kind in ("class", "exception") else [""]
        sections.append("\n".join([*lines, "```"]))
    return "\n\n".join(sections)


def public_names(package: Path) -> dict[str, list[tuple[str, str]]]:
    """Module -> its public names in the order of its source, with autodoc's kind for each."""
    chosen: dict[str, set[str]] = {}
    trees = {_module(path, package): _parse(path) for path in sorted(package.rglob("*.py"))}
    for tree in trees.values():  # of a package's __init__, what it exports from its modules
        exported = _all_names(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names = {alias.name for alias in node.names} & exported
                chosen.setdefault(node.module, set()).update(names)
    for module, tree in trees.items():
        if module != package.name:
            chosen.setdefault(module, set()).update(_all_names(tree))
    listed = {
        module: [(name, kind) for name, kind in _definitions(trees[module]) if name in names]
        for module, names in chosen.items()
        if module in trees
    }
    return {module: names for module, names in listed.items() if names}


def third_party_imports(package: Path) -> set[str]:
    """The top-level modules that the package imports and that are not Python's or its own."""
    found: set[str] = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(_parse(path)):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.add(node.module)
    top = {name.partition(".")[0] for name in found}
    return top - set(sys.stdlib_module_names) - {package.name}


def _definitions(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, "function"
        elif isinstance(node, ast.ClassDef):
            yield node.name, "exception" if node.name.endswith("Error") else "class"
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, "data"
        elif isinstance(node, ast.Assign):
            yield from ((name.id, "data") for name in node.targets if isinstance(name, ast.Name))


def _all_names(tree: ast.Module) -> set[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(name, ast.Name) and name.id == "__all__" for name in node.targets
        ):
            return set(ast.literal_eval(node.value))
    return set()


def _module(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf8"), str(path))
