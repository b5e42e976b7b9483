"""Adjustments by staff, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from memberlogic.amounts import Unit
from memberlogic.calendar import Days
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AdjustmentId, ClubId
from memberlogic.ledger.adjusted import Alone, StaffTotal
from memberlogic.ledger.model import Adjustment, AdjustmentState, WalletId

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryAdjustments"]


class MemoryAdjustments:
    """The port ``Adjustments``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: AdjustmentId) -> Adjustment:
        """One adjustment."""
        found = self._uow.tenant.adjustments.get(id)
        if found is None:
            raise NotFound(kind="adjustment", id=id)
        return found

    def _of(self, club: ClubId, unit: Unit, state: AdjustmentState) -> Iterable[Adjustment]:
        known = self._uow.tenant.adjustments.values()
        return [each for each in known if (each.club, each.wallet.unit, each.state) == (club, unit, state)]

    def waiting_for(self, wallet: WalletId) -> Sequence[Adjustment]:
        """What waits on a wallet."""
        known = self._uow.tenant.adjustments.values()
        return [each for each in known if each.wallet == wallet and each.state is AdjustmentState.WAITING]

    def alone(self, club: ClubId, unit: Unit, actor: str, day: date | None) -> Alone:
        """What an actor adjusted alone on a day."""
        mine = [
            each
            for each in self._of(club, unit, AdjustmentState.POSTED)
            if day is not None and each.turn is not None and (each.asked_by, each.business_day) == (actor, day)
        ]
        return Alone(len(mine), sum(abs(each.points) for each in mine))

    def put(self, adjustment: Adjustment) -> None:
        """Queue an adjustment."""

        def guard() -> None:
            taken = [
                each
                for each in self._of(adjustment.club, adjustment.wallet.unit, AdjustmentState.POSTED)
                if each.turn is not None
                and (each.asked_by, each.business_day, each.turn)
                == (adjustment.asked_by, adjustment.business_day, adjustment.turn)
            ]
            if any(each.id != adjustment.id for each in taken):
                raise ConcurrencyConflict(reason="the same person adjusted at the same moment")

        self._uow.queue(lambda: self._uow.tenant.adjustments.update({adjustment.id: adjustment}), guard)

    def waiting(self, club: ClubId, unit: Unit, after: Adjustment | None, limit: int) -> Sequence[Adjustment]:
        """What waits in a club."""
        known = sorted(self._of(club, unit, AdjustmentState.WAITING), key=lambda each: (each.asked_at, each.id))
        later = [each for each in known if after is None or (each.asked_at, each.id) > (after.asked_at, after.id)]
        return later[:limit]

    def by_staff(self, club: ClubId, unit: Unit, days: Days) -> Sequence[StaffTotal]:
        """What was posted, by who adjusted."""
        figures: dict[str, list[int]] = {}
        for each in self._of(club, unit, AdjustmentState.POSTED):
            if each.business_day in days:
                mine = figures.setdefault(each.asked_by, [])
                mine.append(each.points)
        return [
            StaffTotal(
                actor=actor,
                adjustments=len(points),
                up=sum(each for each in points if each > 0),
                down=-sum(each for each in points if each < 0),
            )
            for actor, points in sorted(figures.items())
        ]
