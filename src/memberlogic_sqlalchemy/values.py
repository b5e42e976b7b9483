"""How ids, instants and days go into a database and come out: one codec for each kind of driver.

Hot statements are fixed text with our own binding (no per-call type processing); this is that binding.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, SafeUUID

from attrs import frozen

__all__ = ["LAST", "NATIVE", "NEVER", "PLAIN", "UTC_NAIVE", "Codec"]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""What never expires, as it is stored: NULLs sort differently everywhere."""

LAST = date(9999, 12, 31)
"""A day that never comes, as it is stored."""


@frozen
class Codec:
    """Conversions in both directions; ``None`` is left to the caller where a column may be empty."""

    id_in: Callable[[UUID], Any]
    id_out: Callable[[Any], UUID]
    at_in: Callable[[datetime], Any]
    at_out: Callable[[Any], datetime]
    day_in: Callable[[date], Any]
    day_out: Callable[[Any], date]

    def until_in(self, instant: datetime | None) -> Any:
        """An end that may be never."""
        return self.at_in(NEVER if instant is None else instant)

    def until_out(self, value: Any) -> datetime | None:
        """An end, None if never."""
        instant = self.at_out(value)
        return None if instant == NEVER else instant

    def id_or_none_in(self, id: UUID | None) -> Any:
        """An id that may be missing."""
        return None if id is None else self.id_in(id)

    def id_or_none_out(self, value: Any) -> UUID | None:
        """An id that may be missing."""
        return None if value is None else self.id_out(value)


def _same(value: Any) -> Any:
    return value


def _hex(id: UUID) -> str:
    return id.hex


def _from_hex(text: str) -> UUID:
    """What ``UUID(text)`` does with 32 digits, without its checks of all the other ways to make one."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int(text, 16))
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def _to_utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def _text_at(instant: datetime) -> str:
    return _to_utc(instant).isoformat(" ", "microseconds")[:26]


def _at_text(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def _naive(instant: datetime) -> datetime:
    return _to_utc(instant).replace(tzinfo=None)


def _aware(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC)


NATIVE = Codec(_same, _same, _same, _to_utc, _same, _same)
"""PostgreSQL: uuid, timestamptz, date."""

PLAIN = Codec(_hex, _from_hex, _text_at, _at_text, date.isoformat, date.fromisoformat)
"""SQLite: texts of fixed width, which sort as what they mean."""

UTC_NAIVE = Codec(_hex, _from_hex, _naive, _aware, _same, _same)
"""MariaDB and MySQL: CHAR(32), DATETIME(6) in UTC."""
