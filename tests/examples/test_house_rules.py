"""A host's own rule under property tests: the right one holds, the wrong one is found, what it prints can be read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from examples.house_rules.staff import welcome_staff, welcome_staff_for_a_year
from examples.house_rules.test_staff import live

from memberlogic.testing import Bought, History, Joined, Waited

ROOT = Path(__file__).parents[2]


def test_the_example_runs_and_prints_a_story_that_can_be_read(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", str(ROOT / "examples" / "house_rules")],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    story = re.search(r"This is what happened:\n1\. Ana joins as \w+\.\n(\d+\. .+\.\n)+", done.stdout)
    assert story, done.stdout
    assert "joins as staff" in story[0]
    assert "days pass" in story[0]


def test_what_was_found_is_a_test_of_both():
    found = History(Joined("Ana", "staff"), Waited(365), Bought("Ana", 300_00))
    with pytest.raises(AssertionError, match="Ana rose above Silver"):
        live(found, welcome_staff_for_a_year)
    assert live(found, welcome_staff)["Ana"].scheme == "silver"
