"""What became of leads, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from memberlogic.calendar import Days
from memberlogic.ids import MemberId
from memberlogic.members.inquiries import Inquiry
from memberlogic.members.membership import MembershipStatus
from memberlogic.members.prospecting import LeadCounts, LeadReport, Stage, Staged

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryProspects"]


class MemoryProspects:
    """The port ``Prospects``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def report(self, days: Days, at: datetime) -> LeadReport:
        """What became of inquiries."""
        tenant = self._uow.tenant
        asked = [(each, tenant.lead_sources.get(each.member)) for i in tenant.inquiries.values() for each in i]
        asked = [(each, source) for each, source in asked if each.day in days]

        def counts(*, by_source: bool, by_studio: bool) -> tuple[LeadCounts, ...]:
            groups: dict[tuple[str | None, str | None], list[Inquiry]] = {}
            for each, source in asked:
                key = (source if by_source else None, each.studio if by_studio else None)
                groups.setdefault(key, []).append(each)
            in_order = sorted(groups.items(), key=lambda group: tuple((key is not None, key or "") for key in group[0]))
            return tuple(self._counted(*key, group, at) for key, group in in_order)

        return LeadReport(
            since=days.start,
            until=days.end,
            at=at,
            rows=counts(by_source=True, by_studio=True),
            sources=counts(by_source=True, by_studio=False),
            studios=counts(by_source=False, by_studio=True),
            total=self._counted(None, None, [each for each, _ in asked], at),
        )

    def _counted(self, source: str | None, studio: str | None, asked: Iterable[Inquiry], at: datetime) -> LeadCounts:
        inquiries = list(asked)
        joined = {each.member: self._first(each.member) for each in inquiries}
        new = {each.member for each in inquiries if (joined[each.member] or each.day_began) >= each.day_began}
        prospects = {member: joined[member] for member in new}
        converted = [first for first in prospects.values() if first is not None and first <= at]
        return LeadCounts(
            source=source,
            studio=studio,
            inquiries=len(inquiries),
            prospects=len(prospects),
            conversions=len(converted),
        )

    def _first(self, member: MemberId) -> datetime | None:
        spans = self._uow.tenant.memberships.get(member, ())
        return min((each.since for each in spans if each.status is MembershipStatus.MEMBER), default=None)

    def staged(self, stage: Stage, at: datetime, *, after: MemberId | None = None, limit: int) -> Sequence[Staged]:
        """Who stands on a list."""
        tenant = self._uow.tenant
        people = []
        for member in sorted(tenant.members):
            spans = tenant.memberships.get(member, ())
            status = next((each.status for each in spans if at in each), MembershipStatus.PROSPECT)
            if (after is None or member > after) and status in stage.statuses and not tenant.members[member].deleted:
                people.append(Staged(member=member, status=status))
        return people[:limit]
