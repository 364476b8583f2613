"""Each directive of the book as plain Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from book.blocks import Directive
from book.context import Context

Convert = Callable[[str, Context, int], str]
Handler = Callable[[Directive, Context, int, Convert], str]


def convert_directive(directive: Directive, context: Context, line: int, convert: Convert) -> str:
    """The plain Markdown of a directive whose fence is on ``line``; ``convert`` does its body.

    Raises:
        ConversionError: if the directive is not one of ``DIRECTIVES``.
    """
    handler = DIRECTIVES.get(directive.name)
    if handler is None:
        known = ", ".join(sorted(DIRECTIVES))
        context.fail(
            f"the directive {{{directive.name}}} has no plain Markdown form, so Colab would show "
            f"it raw; known are: {known}",
            line,
        )
    return handler(directive, context, line, convert)


def math(content: str, number: str) -> str:
    """A displayed equation, with its number where it has one."""
    tag = f"\n\\tag{{{number}}}" if number else ""
    return f"$$\n{content.strip()}{tag}\n$$"


def _quote(title: str, body: str) -> str:
    lines = [f"**{title}**", "", *body.splitlines()] if body else [f"**{title}**"]
    return "\n".join(f"> {line}" if line else ">" for line in lines)


def _admonition(title: str) -> Handler:
    """An admonition with a fixed title; text after its name belongs to its body."""

    def handle(directive: Directive, context: Context, line: int, convert: Convert) -> str:
        parts = []
        if directive.argument:
            parts.append(convert(directive.argument, context, line))
        if directive.body:
            parts.append(convert(directive.body, context, line + directive.body_line))
        return _quote(title, "\n".join(parts))

    return handle


def _titled(directive: Directive, context: Context, line: int, convert: Convert) -> str:
    """An admonition or dropdown whose title is its argument."""
    if not directive.argument:
        context.fail(f"the directive {{{directive.name}}} needs a title", line)
    title = convert(directive.argument, context, line)
    return _quote(title, convert(directive.body, context, line + directive.body_line))


def _math(directive: Directive, context: Context, line: int, convert: Convert) -> str:
    name = str(directive.options.get("label") or directive.options.get("name") or "")
    number = context.label(name, "equation", line).number if name else ""
    return math("\n".join(filter(None, [directive.argument, directive.body])), number)


def _figure(directive: Directive, context: Context, line: int, convert: Convert) -> str:
    alt = str(directive.options.get("alt", "")).strip()
    if not alt:
        context.fail(f"the {directive.name} {directive.argument} has no :alt: text", line)
    if not (context.page.path.parent / directive.argument).is_file():
        context.fail(f"there is no file {directive.argument} beside the page", line)
    picture = f"![{alt}]({directive.argument})"
    if not directive.body.strip():
        return picture
    caption = convert(directive.body, context, line + directive.body_line)
    name = str(directive.options.get("name", ""))
    number = f" {context.label(name, 'figure', line).number}" if name else ""
    return f"{picture}\n\n**Figure{number}:** {caption}"


def _code(directive: Directive, context: Context, line: int, convert: Convert) -> str:
    fence = "````" if "```" in directive.body else "```"
    return f"{fence}{directive.argument}\n{directive.body}\n{fence}"


ADMONITIONS = {
    "note": "Note",
    "tip": "Tip",
    "hint": "Hint",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
    "attention": "Attention",
    "danger": "Danger",
    "error": "Error",
    "seealso": "See also",
}

DIRECTIVES: Mapping[str, Handler] = {
    **{name: _admonition(title) for name, title in ADMONITIONS.items()},
    "admonition": _titled,
    "dropdown": _titled,
    "math": _math,
    "figure": _figure,
    "image": _figure,
    "code": _code,
    "code-block": _code,
}
