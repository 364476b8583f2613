"""Each role of the book as plain Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from book.citations import Reference
from book.context import Context

Role = Callable[[str, Context, int], str]

TITLED = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)


def convert_role(name: str, content: str, context: Context, line: int) -> str:
    """The readable text of ``{name}`content```.

    Raises:
        ConversionError: if the role is not one of ``ROLES``, or what it names does not exist.
    """
    if name not in ROLES:
        known = ", ".join(sorted(ROLES))
        context.fail(f"the role {{{name}}} has no plain Markdown form; known are: {known}", line)
    return ROLES[name](content, context, line)


def _split(content: str) -> tuple[str | None, str]:
    """``text <target>`` as (text, target); ``target`` alone as (None, target)."""
    match = TITLED.fullmatch(content)
    return (match["text"], match["target"]) if match else (None, content.strip())


def _equation(content: str, context: Context, line: int) -> str:
    return f"({context.label(content.strip(), 'equation', line).number})"


def _reference(content: str, context: Context, line: int) -> str:
    text, target = _split(content)
    label = context.label(target, None, line)
    if label.kind == "equation":
        context.fail(f"{target!r} is an equation; refer to it with {{eq}}", line)
    shown = text or label.title
    if not shown:
        context.fail(f"{target!r} stands before no heading; write {{ref}}`text <{target}>`", line)
    return shown


def _numbered(content: str, context: Context, line: int) -> str:
    text, target = _split(content)
    label = context.label(target, "figure", line)
    if text is None:
        return f"Figure {label.number}"
    return text.replace("%s", label.number).replace("{number}", label.number)


def _document(content: str, context: Context, line: int) -> str:
    text, target = _split(content)
    page = context.linked_page(target, line)
    shown = text or page.title
    return f"[{shown}]({context.notebook_link(page)})" if page.is_notebook else shown


def _term(content: str, context: Context, line: int) -> str:
    text, target = _split(content)
    return text or target


def _cite_text(content: str, context: Context, line: int) -> str:
    found = [context.reference(key.strip(), line) for key in content.split(",")]
    return ", ".join(_linked(f"{ref.authors} ({ref.year})", ref) for ref in found)


def _cite_parenthesis(content: str, context: Context, line: int) -> str:
    found = [context.reference(key.strip(), line) for key in content.split(",")]
    return "(" + "; ".join(_linked(f"{ref.authors}, {ref.year}", ref) for ref in found) + ")"


def _linked(text: str, reference: Reference) -> str:
    return f"[{text}]({reference.url})" if reference.url else text


def _code(content: str, context: Context, line: int) -> str:
    ticks = "``" if "`" in content else "`"
    return f"{ticks}{content}{ticks}"


def _api(content: str, context: Context, line: int) -> str:
    """A name of the package; ``~alignlib.sampling.sample`` shows its last part."""
    text, target = _split(content)
    shown = text or (target.rsplit(".", 1)[-1] if target.startswith("~") else target)
    return f"`{shown}`"


def _repository(content: str, context: Context, line: int) -> str:
    text, target = _split(content)
    return f"[{text or content}]({context.project.link(target if text else '')})"


def _math(content: str, context: Context, line: int) -> str:
    return f"${content}$"


def _tag(name: str) -> Role:
    return lambda content, context, line: f"<{name}>{content}</{name}>"


def _text(content: str, context: Context, line: int) -> str:
    return content


ROLES: Mapping[str, Role] = {
    "eq": _equation,
    "math:numref": _equation,
    "ref": _reference,
    "numref": _numbered,
    "doc": _document,
    "term": _term,
    "cite": _cite_parenthesis,
    "cite:p": _cite_parenthesis,
    "cite:t": _cite_text,
    "abbr": _text,
    "code": _code,
    "math": _math,
    "kbd": _tag("kbd"),
    "repository": _repository,
    "sub": _tag("sub"),
    "sup": _tag("sup"),
    **{f"py:{kind}": _api for kind in ("mod", "func", "class", "meth", "attr", "data", "exc")},
}
