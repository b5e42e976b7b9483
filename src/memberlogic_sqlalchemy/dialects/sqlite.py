"""SQLite: one writer at a time. A command takes the write lock at once, and waits by being tried again: SQLite's own
busy handler lets writers starve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memberlogic_sqlalchemy.dialects.base import Wire
from memberlogic_sqlalchemy.values import PLAIN

__all__ = ["SQLiteWire"]

_PREPARED = "memberlogic.prepared"


class SQLiteWire(Wire):
    """pysqlite and aiosqlite."""

    codec = PLAIN

    def prepare(self, info: dict[Any, Any]) -> None:
        """Foreign keys are enforced, commits reach the disk, and a busy database says so at once."""
        if _PREPARED not in info:
            for pragma in ("foreign_keys = ON", "synchronous = FULL", "busy_timeout = 0"):
                self._cursor.execute(f"PRAGMA {pragma}")
            info[_PREPARED] = True

    def begin_work(self) -> Sequence[str]:
        """The write lock first."""
        return ("BEGIN IMMEDIATE",)

    def begin_reading(self) -> Sequence[str]:
        """A snapshot, in WAL without hindering the writer."""
        return ("BEGIN",)
