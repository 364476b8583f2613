"""The displayed equations of a page, found by the parser that builds the site."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from markdown_it.token import Token

from book.blocks import parse_blocks, parse_directive, parser


def equation_labels(text: str) -> Iterator[str]:
    """The label of each displayed equation of a Markdown text; empty where it has none.

    Code is no equation. What is meant for one but is none to the parser, such as ``$$`` within a
    paragraph, comes out as one without a label.
    """
    for block in parse_blocks(text).leaves:
        if block.kind in ("math_block", "math_block_label"):
            yield block.token.info
        elif block.kind == "directive" and (directive := parse_directive(block.token)):
            if directive.name == "math":
                yield str(directive.options.get("label") or directive.options.get("name") or "")
            elif directive.name not in ("code", "code-block"):
                yield from equation_labels(directive.body)
    yield from ("" for token in parser().parse(text) if _holds_a_failed_equation(token))


def _holds_a_failed_equation(token: Token) -> bool:
    children = token.children or []
    dollars = any(
        before.type == "text" and before.content.endswith("$") and after.type == "math_inline"
        for before, after in pairwise(children)
    )
    return dollars or any(
        child.type == "text" and ("$$" in child.content or r"\begin{" in child.content)
        for child in children
    )
