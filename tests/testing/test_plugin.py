"""The pytest plugin, in a process of its own: fixtures for a host's tests, which cost nothing where nobody asks."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path):
    """Runs a host's tests, and answers what pytest said; no plugin is loaded but ours."""

    def tests(module: str, conftest: str = "", *, passed: int) -> str:
        (tmp_path / "test_host.py").write_text(dedent(module))
        (tmp_path / "conftest.py").write_text(dedent(conftest))
        command = [
            sys.executable,
            "-W",
            "error",
            "-m",
            "pytest",
            "-p",
            "memberlogic.testing.plugin",
            "-q",
            "-W",
            "error",
        ]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert f"{passed} passed" in done.stdout, done.stdout + done.stderr
        return done.stdout

    return tests


def test_a_hosts_tests_find_the_fixtures(run):
    run(
        """
        from memberlogic import After, Term
        from memberlogic.testing import given, has

        def test_a_world(memberlogic_world):
            ana = memberlogic_world.a_member("Ana").with_points(10)
            given(ana).when(lambda ana: None).then(has(ana, points=10))

        def test_worlds_of_ones_own(memberlogic_worlds):
            world = memberlogic_worlds(expiry=After(Term.of_days(1)))
            ana = world.a_member().with_points(10)
            world.wait(days=3)
            assert ana.points == 0
            assert memberlogic_worlds().organization != world.organization

        def test_what_is_sent(memberlogic_world, memberlogic_notifier):
            assert memberlogic_world.ml.relay(memberlogic_notifier).sent == 0
            assert memberlogic_notifier.sent == []
        """,
        passed=3,
    )


def test_a_store_of_the_hosts_takes_the_place_of_the_one_in_memory(run):
    run(
        """
        def test_it_is_the_hosts(memberlogic_world, tmp_path):
            memberlogic_world.a_member().with_points(10)
            assert (tmp_path / "club.db").stat().st_size > 0
        """,
        """
        import pytest
        from sqlalchemy import create_engine
        from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade

        @pytest.fixture
        def memberlogic_storage(tmp_path):
            engine = create_engine(f"sqlite:///{tmp_path}/club.db")
            upgrade(engine)
            yield SqlAlchemyStorage(engine)
            engine.dispose()
        """,
        passed=1,
    )


def test_it_imports_nothing_before_it_is_asked(run):
    run(
        """
        import sys

        def test_nothing_is_there():
            there = {each for each in sys.modules if each.startswith("memberlogic")}
            assert there == {"memberlogic", "memberlogic.testing", "memberlogic.testing.plugin"}
            assert not {"attrs", "attr", "cattrs", "hypothesis", "memberlogic_memory"} & set(sys.modules)
        """,
        passed=1,
    )


def test_who_has_no_store_is_told_what_to_do(run):
    said = run(
        """
        import pytest, sys

        def test_without(request, monkeypatch):
            monkeypatch.setitem(sys.modules, "memberlogic_memory", None)
            with pytest.raises(pytest.fail.Exception, match="override the fixture memberlogic_storage"):
                request.getfixturevalue("memberlogic_world")
        """,
        passed=1,
    )
    assert "failed" not in said


def test_it_is_an_entry_point():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"memberlogic": "memberlogic.testing.plugin"}
