"""Equal is equal in whatever form, and nothing else is."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from alignlib.grading.compare import difference, shown
from alignlib.grading.inside.codec import Generator, Other, decode, encode, plain

numbers = st.floats(allow_nan=False, width=32) | st.integers(-(2**62), 2**62)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values)
@settings(max_examples=200, deadline=None)
def test_a_value_comes_out_as_it_went_in(value: Any) -> None:
    assert plain(encode(value)) == value
    assert decode(encode(value)) == value
    assert difference(plain(encode(value)), plain(encode(value)), 1e-4) is None


@pytest.mark.parametrize(
    "given",
    [
        [[0.5, 1.0], [2.0, 3.0]],
        ((0.5, 1), (2, 3)),
        np.array([[0.5, 1], [2, 3]]),
        np.array([[0.5, 1], [2, 3]], dtype=np.float32),
        torch.tensor([[0.5, 1], [2, 3]]),
        torch.tensor([[0.5, 1], [2, 3]], dtype=torch.bfloat16),
        [torch.tensor([0.5, 1.0]), np.array([2, 3])],
        [[Fraction(1, 2), 1], [np.float64(2), torch.tensor(3)]],
    ],
)
def test_the_form_does_not_matter(given: Any) -> None:
    right = plain(encode(torch.tensor([[0.5, 1], [2, 3]], dtype=torch.float64)))
    assert difference(right, plain(encode(given)), 1e-4) is None


@pytest.mark.parametrize(
    ("right", "given", "says"),
    [
        (0.7, 0.64, "it is 0.64, and 0.7 is right"),
        (0.0, 1e-3, "and 0 is right"),
        (0.7, None, "it is None, where a number was expected"),
        (0.7, "0.7", "it is '0.7', where a number was expected"),
        (0.7, [0.7], "and 0.7 is right"),
        ([1.0, 2.0], 1.5, "and [1., 2.] is right"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], "its shape is (3,), and (2,) is right"),
        (0.7, math.nan, "it is nan"),
        (math.nan, 0.0, "it is 0, and nan is right"),
        ("yes", "no", "it is 'no', and 'yes' is right"),
        ({"a": 1.0}, {"a": 2.0}, "a: it is 2, and 1 is right"),
        ({"a": 1.0}, {"b": 1.0}, "{b: 1}"),
        ([[1], [2, 3]], [[1], [2, 4]], "item 2 of 2: it is [2, 4]"),
        (0.7, object(), "it is a builtins.object, where a number was expected"),
        (np.ones((30, 2)), np.zeros((30, 2)), "at [0, 0] it is 0, and 1 is right"),
        (None, 0.0, "it is 0, and None is right"),
    ],
)
def test_a_difference_says_what_and_where(right: Any, given: Any, says: str) -> None:
    found = difference(plain(encode(right)), plain(encode(given)), 1e-4)
    assert found is not None
    assert says in found


def test_nan_is_nan_and_infinity_infinity() -> None:
    assert difference([math.nan, math.inf], [math.nan, math.inf], 1e-4) is None
    assert difference([math.nan, math.inf], [math.nan, -math.inf], 1e-4) is not None


def test_the_tolerance_follows_the_largest_number() -> None:
    assert difference([1000.0, 0.0], [1000.05, 0.05], 1e-4) is None
    assert difference([1.0, 0.0], [1.0, 0.05], 1e-4) is not None
    assert difference(1e-6, 0.0, 1e-4) is not None, "a small answer is not nothing"


class Liar(float):
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


def test_only_the_data_of_an_answer_counts() -> None:
    assert difference(0.7, plain(encode(Liar(0.5))), 1e-4) is not None
    assert plain(encode(object())) == Other("builtins.object")
    assert plain(encode(1j * torch.ones(2))) == Other("a complex tensor")


@pytest.mark.parametrize(
    "value", [list(range(2_000_000)), torch.zeros(2_000_000), np.zeros(2_000_000), "x" * 200_000]
)
def test_an_answer_may_not_be_endless(value: Any) -> None:
    assert isinstance(plain(encode(value)), Other)


def test_a_list_that_holds_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert isinstance(plain(encode(endless)), Other)


def test_inputs_arrive_as_they_are() -> None:
    given = {
        "a": torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True),
        "b": torch.tensor([1, 2]),
        "c": torch.tensor([True]),
        "d": np.array([[1.5]]),
        "g": Generator(3),
    }
    made = decode(encode(given))
    assert list(made) == list(given)
    assert made["a"].requires_grad
    assert made["a"].dtype == torch.float64
    assert torch.equal(made["a"], given["a"])  # type: ignore[arg-type]
    assert made["b"].dtype == torch.int64
    assert made["c"].dtype == torch.bool
    assert made["d"].shape == (1, 1)
    expected = torch.rand(3, generator=torch.Generator().manual_seed(3))
    assert torch.equal(torch.rand(3, generator=made["g"]), expected)


def test_an_empty_tensor_keeps_its_shape() -> None:
    assert plain(encode(torch.zeros(0, 3))).shape == (0, 3)
    assert decode(encode(torch.zeros(0, 3))).shape == (0, 3)


def test_what_is_shown_is_short() -> None:
    assert len(shown(list(range(100_000)))) < 200
    assert len(shown("x" * 1000)) < 80
    assert shown([1.0, None]) == "[1, None]"
