"""A chat template is a program that came with a model: it gets so many steps, and no more.

Jinja's sandbox lets it neither reach Python nor count beyond 100,000, but loops in loops, or macros
that call macros, need not end within a lifetime. Left out: what one step may take, such as
``'a' * 10**10``.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import jinja2
from jinja2 import nodes

MOST_STEPS = 1_000_000
"""Lines of a compiled template; a real one takes a few dozen for each message."""


@contextlib.contextmanager
def limited(template: object, steps: int = MOST_STEPS) -> Iterator[None]:
    """Raise a RuntimeError where a template that is rendered in the block takes more steps.

    Args:
        template: its text; anything else is not believed to be short. Counting takes a tenth of a
            millisecond, so a template without loops in loops is left alone.
        steps: the most.
    """
    if isinstance(template, str) and not _nests(template):
        yield
        return
    left = steps

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != "<template>":
            return None
        if event == "line":
            left -= 1
            if left < 0:
                raise RuntimeError(f"it is not done after {steps:,} steps")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


CALLED: tuple[type[nodes.Node], ...] = (nodes.Macro, nodes.CallBlock, nodes.Block)
"""Parts of a template that others can call, and they themselves."""


@functools.lru_cache(maxsize=64)
def _nests(template: str) -> bool:
    """Whether a template has loops in loops, macros, blocks, or what only transformers can read."""
    try:
        tree = jinja2.Environment(extensions=["jinja2.ext.loopcontrols"]).parse(template)
    except Exception:
        return True
    if any(tree.find(kind) for kind in CALLED):
        return True
    loops = list(tree.find_all(nodes.For))
    return any(loop.recursive or loop.find(nodes.For) for loop in loops)
