"""Linear layers with a choice of library: the same numbers, gradients, copies and names."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import alignlib
from alignlib import LM, linear
from alignlib.linear import WORTHWHILE, Linear, product, speed_up

SHAPES = [(2, 8, 16), (256, 128, 344), (64, 576, 1536)]


@pytest.fixture(autouse=True)
def pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everywhere what is done on AMD's processors."""
    monkeypatch.setattr(linear, "PAYS", True)


def layers(inner: int, outer: int) -> tuple[nn.Linear, nn.Linear]:
    torch.manual_seed(0)
    plain = nn.Linear(inner, outer, bias=False)
    fast = copy.deepcopy(plain)
    speed_up(fast)
    assert type(fast) is Linear
    assert type(plain) is nn.Linear
    return plain, fast


@pytest.mark.parametrize(("rows", "inner", "outer"), SHAPES)
def test_products_and_gradients_are_torchs(rows: int, inner: int, outer: int) -> None:
    plain, fast = layers(inner, outer)
    x = torch.randn(2, rows, inner)
    one, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    expected, got = plain(one), fast(other)
    direction = torch.randn_like(expected)
    expected.backward(direction)
    got.backward(direction)
    for ours, theirs in [
        (got, expected),
        (other.grad, one.grad),
        (fast.weight.grad, plain.weight.grad),
    ]:
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4 * theirs.std().item())
    with torch.no_grad():
        assert torch.equal(fast(x), got)
        torch.testing.assert_close(product(x, plain.weight), expected, rtol=1e-4, atol=1e-4)


def test_large_products_and_only_these_are_onednns() -> None:
    fast = layers(1024, 1024)[1]
    assert WORTHWHILE <= 1024 * 1024
    assert "Product" in type(fast(torch.randn(1, 1024)).grad_fn).__name__
    for small in (layers(8, 8)[1](torch.randn(4, 8)), fast(torch.randn(0, 1024))):
        assert "Product" not in type(small.grad_fn).__name__


def test_a_frozen_weight_gets_no_gradient_and_autocast_goes_on() -> None:
    plain, fast = layers(1024, 1024)
    fast.weight.requires_grad_(False)
    x = torch.randn(4, 1024, requires_grad=True)
    fast(x).sum().backward()
    assert fast.weight.grad is None
    assert x.grad is not None
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(fast(x), plain(x))
        assert fast(x).dtype == torch.bfloat16


def test_other_dtypes_and_biases_are_left_to_torch() -> None:
    plain, fast = layers(1024, 1024)
    x = torch.randn(4, 1024, dtype=torch.float64)
    assert torch.equal(fast.double()(x), plain.double()(x))
    biased = nn.Sequential(nn.Linear(4, 4))
    speed_up(biased)
    assert type(biased[0]) is nn.Linear


def test_a_loaded_model_has_them_and_its_copies_their_own(llama_folder: Path) -> None:
    llama = alignlib.load(llama_folder, device="cpu")
    kinds = {type(each) for each in llama.model.modules() if isinstance(each, nn.Linear)}
    assert kinds == {Linear}
    twin = copy.deepcopy(llama.model)
    with torch.no_grad():
        twin.lm_head.weight.zero_()
    ids = torch.tensor([[3, 4]])
    assert not twin(ids).logits.any()
    assert llama.model(ids).logits.any()


def test_meta_tensors_pass() -> None:
    with torch.device("meta"):
        fast = Linear(2048, 2048, bias=False)
        assert fast(torch.empty(3, 2048)).shape == (3, 2048)


def test_torchs_counter_counts_its_operations() -> None:
    counts = []
    for layer in layers(1024, 1024):
        with FlopCounterMode(display=False) as counter:
            layer(torch.randn(4, 1024, requires_grad=True)).sum().backward()
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1] == 3 * 2 * 4 * 1024 * 1024


def test_second_derivatives_are_torchs() -> None:
    found = []
    for layer in layers(1024, 1024):
        x = torch.linspace(-1, 1, 2048).view(2, 1024).requires_grad_()
        (slope,) = torch.autograd.grad(layer(x).tanh().sum(), x, create_graph=True)
        found.append(torch.autograd.grad(slope.square().sum(), layer.weight)[0])
    torch.testing.assert_close(found[0], found[1], rtol=1e-3, atol=1e-5)


def test_a_single_vector_passes() -> None:
    plain, fast = layers(1024, 1024)
    x = torch.randn(1024, requires_grad=True)
    fast(x).sum().backward()
    torch.testing.assert_close(fast(x), plain(x), rtol=1e-4, atol=1e-4)


def test_where_it_does_not_pay_all_is_left_to_torch(
    llama_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, fast = layers(1024, 1024)
    monkeypatch.setattr(linear, "PAYS", False)
    x = torch.randn(4, 1024)
    assert torch.equal(fast(x), plain(x))
    assert torch.equal(product(x, fast.weight), plain(x))
    lm: LM = alignlib.load(llama_folder, device="cpu")
    assert not any(isinstance(each, Linear) for each in lm.model.modules())
