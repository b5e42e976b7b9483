"""COM-20: lists in pages by key, never by offset: stable under inserts, and read only as far as they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.ids import AccountId
from memberlogic.inputs import an_id, code, whole
from memberlogic.ledger.model import Entry, WalletId
from memberlogic.paging import going_on, one_by_one

__all__ = ["BEGINNING", "EntriesPage", "PageOfEntries", "Position", "lazily", "one_by_one", "up_to"]

Position: TypeAlias = tuple[datetime, UUID]
"""Where an entry stands: when it took effect, then its id."""

BEGINNING = datetime(1000, 1, 1, tzinfo=UTC)
"""Before anything was recorded."""

_PAGE = 500


@frozen(kw_only=True)
class PageOfEntries:
    """The next entries of a wallet."""

    account: AccountId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    after: Position | None = None
    size: int = field(default=_PAGE, validator=whole(least=1, most=1000))

    @property
    def wallet(self) -> WalletId:
        """The wallet's id."""
        return WalletId(self.account, self.unit)


@frozen
class EntriesPage:
    """Some entries, in order."""

    entries: tuple[Entry, ...]


def lazily(read: Callable[[Position | None], Sequence[Entry]]) -> Iterator[Entry]:
    """Every entry, as :func:`one_by_one`; ``read`` is given where the last one stands."""
    return one_by_one(lambda last: read(None if last is None else _position(last)))


def up_to(read: Callable[[Position | None], Sequence[Entry]], start: datetime, end: datetime) -> Iterator[Entry]:
    """The entries that took effect in ``[start, end)``."""
    page = read((start, UUID(int=0)))
    for entry in going_on(lambda last: read(_position(last)), page):
        if entry.effective_at >= end:
            return
        yield entry


def _position(entry: Entry) -> Position:
    return entry.effective_at, entry.id
