"""MyST text as plain Markdown with dollar mathematics, which every notebook viewer shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

from book.blocks import DIRECTIVE, Block, parse_blocks, parse_directive, parser
from book.context import Context
from book.directives import convert_directive, math
from book.inline import convert_inline

DROPPED = {"myst_target", "myst_line_comment"}
MYST_TOKENS = {*DROPPED, "myst_role", "myst_block_break", "colon_fence", "math_block_label"}


def convert(text: str, context: Context, line: int) -> str:
    """Convert a text that begins on ``line`` of the context's page.

    Raises:
        ConversionError: for anything that would be shown raw; it names the file and the line.
    """
    plain = _convert(text, context, line)
    for token in _all_tokens(parser().parse(plain)):
        if token.type in MYST_TOKENS or (token.type == "fence" and DIRECTIVE.match(token.info)):
            shown = (token.content or token.info).strip().split("\n")[0]
            context.fail(f"after conversion there is still a {token.type}: {shown}", line)
    return plain


def _convert(text: str, context: Context, line: int) -> str:
    blocks = parse_blocks(text)
    if blocks.has_footnotes:
        context.fail("footnotes have no plain form; write it in the text or a dropdown", line)
    for target in blocks.link_targets:
        if target.partition("#")[0].endswith(".md"):
            context.fail(f"write the link to {target} in place: [text]({target})", line)
    lines = text.split("\n")  # as the parser does; Python knows other ends of a line
    out: list[str] = []
    done = 0
    for block in blocks.leaves:
        out += lines[done : block.start]
        out += _convert_block(block, lines[block.start : block.end], context, line + block.start)
        done = block.end
        if block.kind == "directive" and done < len(lines) and lines[done].strip():
            out.append("")  # otherwise the next line would continue a quotation
    out += lines[done:]
    return _tidy("\n".join(out))


def _convert_block(block: Block, lines: list[str], context: Context, line: int) -> list[str]:
    token = block.token
    if block.kind in DROPPED:
        return []
    if block.kind in ("inline", "table"):
        return convert_inline("\n".join(lines), context, line).split("\n")
    if block.kind == "math_block_label":
        number = context.label(token.info, "equation", line).number
        return _indented(math(token.content, number), lines[0], "$$")
    if block.kind == "directive":
        try:
            directive = parse_directive(token)
        except ValueError as error:
            context.fail(str(error), line)
        if directive is not None:
            plain = convert_directive(directive, context, line, _convert)
            return _indented(plain, lines[0], token.markup)
    if block.kind in ("colon_fence", "myst_block_break"):
        context.fail(f"{lines[0].strip()!r} has no plain Markdown form", line)
    return lines


def _indented(plain: str, first_line: str, marker: str) -> list[str]:
    """The lines of a block inside a list or a quotation, with what stands before the block."""
    before = first_line[: first_line.index(marker)]
    after = re.sub(r"[^\s>]", " ", before)
    first, *rest = plain.splitlines()
    return [before + first, *((after + line).rstrip() for line in rest)]


def _tidy(text: str) -> str:
    """No blank lines at either end, where a target or a comment was dropped."""
    return text.strip("\n")


def _all_tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all_tokens(token.children or [])
