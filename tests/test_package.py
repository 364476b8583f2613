"""The package's names: imported when they are used, and as if they had been there all along."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import alignlib


def in_a_new_process(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_name_is_the_one_that_type_checkers_see() -> None:
    tree = ast.parse(Path(str(alignlib.__file__)).read_text(encoding="utf8"))
    seen = {
        alias.name: str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("alignlib.")
        for alias in node.names
    }
    assert sorted(seen) == sorted(alignlib.__all__)
    for name, module in seen.items():
        assert getattr(alignlib, name) is getattr(importlib.import_module(module), name), name


def test_importing_the_package_imports_nothing_else() -> None:
    in_a_new_process(
        "import sys; import alignlib; assert {'torch', 'numpy'}.isdisjoint(sys.modules);"
        "assert {'chat', 'reinforce', '__file__'} <= set(dir(alignlib))"
    )


def test_a_function_goes_before_the_module_of_its_name() -> None:
    in_a_new_process(
        "import alignlib.agreement, alignlib.calibration, alignlib.logprobs, alignlib.reinforce\n"
        "import pickle, types\n"
        "from alignlib.reinforce import reinforce\n"
        "from alignlib import *\n"
        "import alignlib\n"
        "for name in ('agreement', 'calibration', 'logprobs', 'reinforce'):\n"
        "    assert isinstance(getattr(alignlib, name), types.FunctionType), name\n"
        "    assert globals()[name] is getattr(alignlib, name)\n"
        "    assert pickle.loads(pickle.dumps(getattr(alignlib, name))) is globals()[name]\n"
        "assert {*alignlib.__all__} <= globals().keys()\n"
    )


def test_a_module_is_there_without_an_import_of_its_own() -> None:
    in_a_new_process("import alignlib; assert issubclass(alignlib.errors.DeviceError, Exception)")


@pytest.mark.parametrize("name", ["smaple", "_private", "no name"])
def test_a_name_that_is_not_there_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"'alignlib' has no attribute '{name}'"):
        getattr(alignlib, name)
