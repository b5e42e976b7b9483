"""The clock is the host's (COM-2): nothing in the core reads the time by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

from memberlogic.inputs import require_instant

__all__ = ["Clock", "FixedClock", "SystemClock"]


class Clock(Protocol):
    """What the host gives to say what time it is."""

    def now(self) -> datetime:
        """The present instant, timezone-aware."""
        ...


class SystemClock:
    """The computer's clock, in UTC."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved: for tests, replays, and jobs run for a past instant."""

    def __init__(self, at: datetime) -> None:
        self._at = require_instant(at, "at")

    def now(self) -> datetime:
        """The instant at which it stands."""
        return self._at

    def set(self, at: datetime) -> None:
        """Stand at another instant, earlier or later."""
        self._at = require_instant(at, "at")

    def forward(self, by: timedelta) -> None:
        """Move on."""
        self._at += by
