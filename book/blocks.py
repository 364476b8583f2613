"""The block structure of MyST text: which lines are a directive, an equation, a target or prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

DIRECTIVE = re.compile(r"\s*\{([^}]+)\}\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One leaf of the block structure: lines ``start`` to ``end`` (0-based, end excluded)."""

    kind: str
    start: int
    end: int
    token: Token


@dataclass(frozen=True)
class Directive:
    """A directive taken apart; ``body_line`` is its body's first line relative to the fence."""

    name: str
    argument: str
    options: dict[str, Any]
    body: str
    body_line: int


@cache
def parser() -> MarkdownIt:
    """The MyST syntax that the book uses; ``parse.myst_enable_extensions`` says the same."""
    return (
        MarkdownIt("commonmark")
        .enable("table")
        .use(myst_block_plugin)
        .use(myst_role_plugin)
        .use(footnote_plugin)
        .use(dollarmath_plugin)
        .use(colon_fence_plugin)
    )


@dataclass(frozen=True)
class Blocks:
    """A text's leaf blocks in order, with what stands outside them."""

    leaves: list[Block]
    link_targets: list[str]
    has_footnotes: bool


def parse_blocks(text: str) -> Blocks:
    """Split text into its leaf blocks."""
    env: dict[str, Any] = {}
    leaves = sorted(_leaves(parser().parse(text, env)), key=lambda block: block.start)
    targets = [reference["href"] for reference in env.get("references", {}).values()]
    return Blocks(leaves, targets, bool(env.get("footnotes", {}).get("refs")))


def parse_directive(token: Token) -> Directive | None:
    """Take a fence apart, or return None if it is a plain code block.

    Raises:
        ValueError: if its options are not names with values.
    """
    match = DIRECTIVE.fullmatch(token.info)
    if match is None:
        return None
    lines = token.content.splitlines()
    option_lines, skip = _option_lines(lines)
    try:
        options = yaml.safe_load("\n".join(option_lines)) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"the options of {{{match[1]}}} can't be read: {error}") from error
    if not isinstance(options, dict):
        raise ValueError(f"the options of {{{match[1]}}} are no names with values")
    while skip < len(lines) and not lines[skip].strip():
        skip += 1
    body = "\n".join(lines[skip:])
    return Directive(match[1].strip(), match[2].strip(), options, body, skip + 1)


def _option_lines(lines: list[str]) -> tuple[list[str], int]:
    """The YAML of a directive's options, and how many lines they take."""
    if lines and lines[0].strip() == "---":
        for end in range(1, len(lines)):
            if lines[end].strip() == "---":
                return lines[1:end], end + 1
    count = 0
    while count < len(lines) and re.match(r"\s*:[\w-]+:", lines[count]):
        count += 1
    return [_quoted(line.strip()[1:]) for line in lines[:count]], count


def _quoted(line: str) -> str:
    """``name: value`` with the value quoted: in this form a value is plain text, not YAML."""
    name, _, value = line.partition(":")
    return f"{name}: {yaml.safe_dump(value.strip(), width=10**6, default_style=chr(34)).strip()}"


def _leaves(tokens: list[Token]) -> Iterator[Block]:
    table_end = -1
    for token in tokens:
        if token.map is None:
            continue
        start, end = token.map
        if token.type == "table_open":
            table_end = end
            yield Block("table", start, end, token)
        elif start < table_end:
            continue
        elif token.type in ("fence", "colon_fence"):
            kind = "directive" if DIRECTIVE.fullmatch(token.info) else token.type
            yield Block(kind, start, end, token)
        elif token.nesting == 0:
            yield Block(token.type, start, end, token)
