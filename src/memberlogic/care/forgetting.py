"""MEM-9: what becomes of Member Care when a member is anonymised: the run that is active is cancelled, and what it has
queued is not sent. What was done stays, without notes; it names nobody.
"""

from __future__ import annotations

from collections.abc import Collection

from attrs import frozen

from memberlogic.care.closing import ended
from memberlogic.care.gathering import CareDesk
from memberlogic.care.model import EndReason
from memberlogic.care.ports import CareWork
from memberlogic.ids import MemberId
from memberlogic.members.model import Erasable, Holding

__all__ = ["MembersCare"]


@frozen
class MembersCare:
    """What Member Care contributes to anonymising."""

    desk: CareDesk

    def held(self, uow: CareWork, member: MemberId, kept: Collection[str], *, lock: bool) -> Holding:  # noqa: ARG002
        """Nothing keeps a member, and there is nothing personal beside the notes. Whoever only asks is told that a run
        would end.
        """
        running = [] if lock else self.desk.seen(uow, [*uow.care_runs.active([member]).values()])
        return Holding(ends=tuple(Erasable(name="care_runs") for each in running if each.active))

    def erase(self, uow: CareWork, member: MemberId, _: Collection[str]) -> None:
        """Cancel what runs."""
        stored = self.desk.held(uow, member)
        if stored is not None:
            self.desk.keep(uow, ended(stored, self.desk.settled(uow, stored), uow.now, EndReason.ANONYMISED))
