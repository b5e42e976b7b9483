"""Every program in ``examples/`` runs in an empty folder and says what it should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
SAYS = {
    "first_lines.py": [
        "30 points left, 30 arrived; 70 are left to spend.",
        "points.insufficient: 500 points were asked for, and 70 are available.",
        "Ana has 70",
        "Ben has 30",
    ],
    "host_transaction.py": [
        "1 orders, 42 points",
        "sold without the gift: 50 points were asked for, and 42 are available.",
        "2 orders, 42 points",
        "the card was declined for 10000 cents: nothing was kept",
        "2 orders, 42 points",
    ],
    "async_club.py": ["51 points were asked for, and 50 are available.", "Ana has 30", "Ben has 20"],
}


def test_every_example_is_tried_here():
    assert {each.name for each in EXAMPLES.glob("*.py")} == set(SAYS)


@pytest.mark.parametrize("name", SAYS)
def test_an_example_runs_in_an_empty_folder(name, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = iter(done.stdout.splitlines())
    for line in SAYS[name]:
        assert line in said, f"{line!r} is missing, or not in this order, in:\n{done.stdout}"
