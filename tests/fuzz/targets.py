"""All that is fuzzed, by name.

Left out: TinyWorld's tables of facts and questions, which are read from the package itself; and a
run's own checkpoint, which ``tests/faults`` damages.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.fuzz import files, grading, judging
from tests.fuzz.target import Target

TARGETS: Mapping[str, Target] = judging.TARGETS | grading.TARGETS | files.TARGETS
