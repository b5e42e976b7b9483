"""The club is made once; every test has a copy of its own."""

from __future__ import annotations

import pytest
from tests.examples.desks import FrontDesk, made


@pytest.fixture(scope="session")
def club(tmp_path_factory):
    """The file of the demonstration's club."""
    return made(tmp_path_factory.mktemp("club"))


@pytest.fixture
def front_desk(club, tmp_path):
    """A desk of its own."""
    made = FrontDesk(club, tmp_path)
    yield made
    made.engine.dispose()
