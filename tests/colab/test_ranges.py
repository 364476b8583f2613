"""Colab's stock packages lie in the ranges that the package asks for, so that none is replaced."""

from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.colab.runtime import ROOT, STOCK

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("dependency", PROJECT["dependencies"])
def test_the_stock_version_is_in_range(dependency: str) -> None:
    lines = [line for line in STOCK.read_text().splitlines() if not line.startswith("#")]
    stock = dict(line.split("==") for line in lines)
    versions = {canonicalize_name(name): version for name, version in stock.items()}
    asked = Requirement(dependency)
    assert versions[canonicalize_name(asked.name)] in asked.specifier
