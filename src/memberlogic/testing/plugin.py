"""Fixtures for pytest, there as soon as memberlogic is installed. Nothing else of the library is imported before a test
asks for one of them.

A host's own store takes the place of the one in memory by overriding one fixture in its ``conftest.py``::

    @pytest.fixture
    def memberlogic_storage(engine):
        return SqlAlchemyStorage(engine)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from memberlogic.application import Work
    from memberlogic.storing import Storage
    from memberlogic.testing.notifiers import RecordingNotifier
    from memberlogic.testing.worlds import World

__all__ = ["memberlogic_notifier", "memberlogic_storage", "memberlogic_world", "memberlogic_worlds"]


@pytest.fixture
def memberlogic_storage() -> Storage[Work]:
    """The store that tests act on: a new one in memory. Override it for a store of your own."""
    try:
        from memberlogic_memory import MemoryStorage
    except ImportError:
        pytest.fail("memberlogic-memory is not installed: install it, or override the fixture memberlogic_storage")
    return MemoryStorage()


@pytest.fixture
def memberlogic_worlds(memberlogic_storage: Storage[Work]) -> Callable[..., World]:
    """Makes worlds in the store, each an organization of its own: ``memberlogic_worlds(expiry=..., schemes=...)``."""
    from memberlogic.testing.worlds import World

    def make(**settings: Any) -> World:
        return World(memberlogic_storage, **settings)

    return make


@pytest.fixture
def memberlogic_world(memberlogic_worlds: Callable[..., World]) -> World:
    """A new organization with a club, and a clock that stands still."""
    return memberlogic_worlds()


@pytest.fixture
def memberlogic_notifier() -> RecordingNotifier:
    """A notifier that keeps what it is given to send."""
    from memberlogic.testing.notifiers import RecordingNotifier

    return RecordingNotifier()
