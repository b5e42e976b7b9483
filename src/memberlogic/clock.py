"""The clock is the host's (COM-2): nothing in the core reads the time by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


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
