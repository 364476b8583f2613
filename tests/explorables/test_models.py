"""The stored models: each does what its file says, and what its name says."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load, load_file

import alignlib
from alignlib import LM, demo
from alignlib.checkpoints import TINY
from alignlib.errors import AlignlibError, ModelMismatchError, ModelNotFoundError
from alignlib.explorables import models
from alignlib.explorables.models import MEASURED, TRAINED
from book.explorables import ASSETS
from tests.random_models import write_model


@pytest.fixture(scope="module")
def measured() -> dict[str, demo.Line]:
    return {name: demo.examine(name, models.stored(name)) for name in ("base", *TRAINED)}


@pytest.mark.parametrize("name", TRAINED)
def test_it_does_what_its_file_says(name: str, measured: dict[str, demo.Line]) -> None:
    stated = models.record(name)
    assert stated["seed"] == models.SEED
    for measure in MEASURED:  # an answer or two of 96 may differ on another machine
        assert stated[measure] == pytest.approx(vars(measured[name])[measure], abs=0.03), measure


def test_it_does_what_its_name_says(measured: dict[str, demo.Line]) -> None:
    assert measured["base"].true < 0.35
    for name in ("shown", "rewarded"):
        assert measured[name].true > 0.9
        assert measured[name].made_up < 0.3
        assert measured[name].polite < 0.1
    assert measured["polite"].polite > 0.95
    assert measured["polite"].made_up > 0.95
    assert measured["polite"].true < 0.35


@pytest.mark.parametrize("name", TRAINED)
def test_its_file_is_as_tinys(name: str) -> None:
    own, tiny = load_file(models.path(name)), load_file(TINY / "model.safetensors")
    assert {k: (v.shape, v.dtype) for k, v in own.items()} == {
        k: (v.shape, v.dtype) for k, v in tiny.items()
    }
    assert models.path(name).stat().st_size < 2.2e6
    assert any(not torch.equal(own[key], tiny[key]) for key in tiny)


def test_making_stores_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: dict[str, demo.Line]
) -> None:
    monkeypatch.setattr(models, "MODELS", tmp_path)
    monkeypatch.setattr(models, "show", lambda *_, **__: None)  # so that it stays tiny
    line = models.make("shown")
    assert models.record("shown")["true"] == round(line.true, 4)
    assert line.true == measured["base"].true
    assert models.record("shown")["demonstrations"] == demo.DEMONSTRATIONS
    written = load_file(tmp_path / "shown.safetensors")
    assert all(torch.equal(written[k], v) for k, v in load_file(models.path("base")).items())


def test_the_site_has_the_same_files_as_a_notebook() -> None:
    assert {name: ASSETS[name].read_bytes() for name in models.assets()} == models.assets()


def test_a_name_that_is_none_of_them_is_an_error() -> None:
    with pytest.raises(ModelNotFoundError, match="'best' here"):
        models.stored("best")


def test_ones_own_model_becomes_a_file_of_half_precision(tiny: LM) -> None:
    own = load(models.weights_file(tiny))
    stored = load_file(TINY / "model.safetensors")
    assert own.keys() == stored.keys()
    assert all(torch.equal(own[key], stored[key]) for key in stored)


def test_a_model_of_another_architecture_is_refused(tmp_path: Path) -> None:
    other = alignlib.load(write_model(tmp_path / "llama", "llama"), device="cpu")
    with pytest.raises(ModelMismatchError, match=r"another architecture.*alignlib\.load\('tiny'\)"):
        models.weights_file(other)
    assert issubclass(ModelMismatchError, AlignlibError)


def test_a_model_of_tinys_shapes_that_computes_something_else_is_refused(tiny: LM) -> None:
    tiny.model.config.num_attention_heads = 8
    with pytest.raises(ModelMismatchError):
        models.weights_file(tiny)


@pytest.fixture
def tiny() -> LM:
    return alignlib.load("tiny", device="cpu")
