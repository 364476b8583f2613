"""Roles and links within a line of text; code spans, images and escapes pass untouched."""

from __future__ import annotations

import re

from book.context import Context
from book.roles import convert_role

ROLE = re.compile(r"\{([a-zA-Z0-9_\-+:]+)\}(`+)")
CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
BRACKETS = r"\[((?:[^\[\]`]|`[^`]*`|\[[^\[\]]*\])*)\]\(([^()\s]+)((?:\s+\"[^\"]*\")?)\)"
IMAGE = re.compile("!" + BRACKETS)
LINK = re.compile(BRACKETS)
MYST_AUTOLINK = re.compile(r"<(?:project|path|inv):[^<>]*>")
INLINE_LABEL = re.compile(r"\$\$\s*\([^()]+\)\s*$", re.MULTILINE)


def convert_inline(text: str, context: Context, line: int) -> str:
    """Convert the roles and links of one block of prose that begins on ``line``.

    Raises:
        ConversionError: for a role or a link that a Colab reader would see raw or dead.
    """
    out: list[str] = []
    position = 0
    while position < len(text):
        piece, position = _next(text, position, context, line + text.count("\n", 0, position))
        out.append(piece)
    return "".join(out)


def _next(text: str, position: int, context: Context, line: int) -> tuple[str, int]:
    """The converted piece that begins at ``position``, and where the following one begins."""
    character = text[position]
    if character == "\\":
        return text[position : position + 2], position + 2
    if character == "{" and (role := ROLE.match(text, position)):
        end = text.find(role[2], role.end() + 1)
        if end < 0:
            context.fail(f"the role {{{role[1]}}} has no closing {role[2]}", line)
        content = re.sub(r"\s*\n[\s>]*", " ", text[role.end() : end])
        return convert_role(role[1], content, context, line), end + len(role[2])
    if character == "`":
        code = CODE.match(text, position)
        end = code.end() if code else position + len(_run(text, position))
        return text[position:end], end
    if character == "!" and (image := IMAGE.match(text, position)):
        if not image[1].strip():
            context.fail(f"the image {image[2]} has no alternative text", line)
        return image[0], image.end()
    if character == "[" and (link := LINK.match(text, position)):
        return _link(link, context, line), link.end()
    if character == "<" and (autolink := MYST_AUTOLINK.match(text, position)):
        context.fail(f"write {autolink[0]} as a link with a text: [text](target)", line)
    if character == "$" and (label := INLINE_LABEL.match(text, position)):
        context.fail(f"put a blank line before the $$ that is labelled {label[0][2:]}", line)
    return character, position + 1


def _run(text: str, position: int) -> str:
    match = re.compile("`+").match(text, position)
    return match[0] if match else ""


def _link(link: re.Match[str], context: Context, line: int) -> str:
    """A link to a chapter goes to its notebook; a link to another page becomes its text."""
    target, title = link[2], link[3]
    shown = convert_inline(link[1], context, line)
    if target.startswith("#"):
        return shown or context.label(target[1:], None, line).title
    if re.match(r"[a-z]+:", target):
        return f"[{shown}]({target}{title})"
    file = target.partition("#")[0]
    if not file.endswith(".md"):
        return f"[{shown}]({target}{title})"
    page = context.linked_page(file, line)
    shown = shown or page.title
    return f"[{shown}]({context.notebook_link(page)})" if page.is_notebook else shown
