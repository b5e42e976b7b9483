"""Types from outside: a host's program, checked strictly against what is installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

CONSUMER = Path(__file__).parent / "typing" / "consumer.py"


def test_a_consumer_is_checked_strictly(tmp_path):
    if find_spec("mypy") is None:
        pytest.skip("mypy is not installed here; `make types test` brings it")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--warn-unused-ignores"),
            f"--cache-dir={tmp_path}",
            str(CONSUMER),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
