"""Where members go and what they buy, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from memberlogic.ids import MemberId
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.returns import returned_of
from memberlogic.members.favourites import Habit, Use

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryHabits"]


class MemoryHabits:
    """The port ``Habits``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def bought(self, member: MemberId, since: date) -> Habit:
        """What purchases come to."""
        tenant = self._uow.tenant
        studios: dict[str, list[datetime]] = {}
        items: dict[str, tuple[int, datetime]] = {}
        for purchase in self._left(member, since):
            if purchase.studio is not None:
                studios.setdefault(purchase.studio, []).append(purchase.at)
            lines = tenant.purchase_lines[purchase.id]
            returned = returned_of(lines, tenant.returns_of.get(purchase.id, ()))
            for line, back in zip(lines, returned, strict=True):
                much, latest = items.get(line.item, (0, purchase.at))
                items[line.item] = much + line.quantity - back.quantity, max(latest, purchase.at)
        return Habit(studios=_uses({code: (len(at), max(at)) for code, at in studios.items()}), items=_uses(items))

    def visited(self, member: MemberId, since: date) -> Habit:
        """How often they were let in."""
        tenant = self._uow.tenant
        at: dict[str, list[datetime]] = {}
        for visit in (tenant.visits[id] for id in tenant.visits_of.get(member, ())):
            if visit.counts and visit.day >= since:
                at.setdefault(visit.studio, []).append(visit.at)
        return Habit(studios=_uses({code: (len(times), max(times)) for code, times in at.items()}))

    def _left(self, member: MemberId, since: date) -> Iterator[Purchase]:
        """The purchases of which something is left."""
        tenant = self._uow.tenant
        for account in tenant.accounts.values():
            if member in account.holders:
                for each in tenant.purchases_of.get(account.id, ()):
                    if each.business_day >= since and not any(r.whole for r in tenant.returns_of.get(each.id, ())):
                        yield each


def _uses(found: Mapping[str, tuple[int, datetime]]) -> tuple[Use, ...]:
    return tuple(Use(code=code, times=times, latest=latest) for code, (times, latest) in found.items() if times > 0)
