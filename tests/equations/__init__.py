"""The equation register: for every displayed equation of the book, a check that computes it.

To add an equation, label it in its chapter::

    $$
    a = b
    $$ (my-label)

and write its check in ``chapter_NN.py`` here (a new file is found by itself)::

    @checks(
        "my-label",
        right={"alignlib": the_package_function, "as printed": what_the_page_says},
        wrong={"a sum for a mean": ..., "off by one": ...},
    )
    def my_label(implementation: Callable[[float], float]) -> None:
        assert implementation(0.5) == pytest.approx(enumerated_or_by_definition(0.5))

A check takes one implementation and raises AssertionError where that disagrees with enumeration or
with the definition. ``tests/test_equations.py`` sees to it that each right implementation passes
its check, that each wrong one is caught by it, and that labels and checks match one to one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Implementation = TypeVar("Implementation")


@dataclass(frozen=True)
class Check:
    """The check of one equation, with implementations that must pass it and that must not.

    Attributes:
        label: of the equation.
        check: raises AssertionError where an implementation is wrong.
        right: by name, implementations that agree with the equation.
        wrong: by name, the mistakes that are typical for it.
    """

    label: str
    check: Callable[[Any], None]
    right: Mapping[str, Any]
    wrong: Mapping[str, Any]


class Register(dict[str, Check]):
    """The checks by their equation's label; each label once."""

    def add(self, check: Check) -> None:
        """Enter a check, unless it could not tell right from wrong or its label is taken."""
        if not check.right or not check.wrong:
            raise ValueError(
                f"The check of {check.label!r} needs at least one right and one wrong variant."
            )
        if check.label in self:
            raise ValueError(f"The equation {check.label!r} has two checks: keep one.")
        self[check.label] = check


REGISTER = Register()


def checks(
    label: str,
    *,
    right: Mapping[str, Implementation],
    wrong: Mapping[str, Implementation],
) -> Callable[[Callable[[Implementation], None]], Callable[[Implementation], None]]:
    """Register the decorated function as the check of an equation."""

    def register(check: Callable[[Implementation], None]) -> Callable[[Implementation], None]:
        REGISTER.add(Check(label, check, right, wrong))
        return check

    return register


def all_checks() -> list[Check]:
    """The checks of every ``chapter_*.py`` in this folder, in their order."""
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("chapter_"):
            importlib.import_module(f"{__name__}.{module.name}")
    return list(REGISTER.values())
