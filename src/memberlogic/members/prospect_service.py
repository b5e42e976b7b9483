"""What a host calls to see what became of leads (MEM-12).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from memberlogic.actors import Actor
from memberlogic.members.ports import MembersWork
from memberlogic.members.prospecting import LeadReport, PageOfStage, ReportLeads, Stage, Staged, StagePage
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["ProspectService"]

LEAD_REPORT = Asks("members.lead_report", "members.leads:read", LeadReport)
STAGED = Asks("members.staged", "members.leads:read", StagePage)


class ProspectService:
    """What became of inquiries, and who stands at which stage."""

    _runner: Runner[MembersWork]

    def lead_report(self, *, since: date, until: date) -> LeadReport:
        """What became of the inquiries of a period (MEM-12), by source and studio: inquiries, prospects, conversions
        and rate, as far as is known now.

        A prospect is somebody who asked in the period, not having been a member before; converted, once they are one.

        Args:
            since: the first day.
            until: the day after the last.

        Raises:
            InvalidInput: for days that are none, or out of order.
        """
        return self._runner.ask(LEAD_REPORT, ReportLeads(since=since, until=until), self.lead_report_step)

    def lead_report_step(self, uow: MembersWork, _: Actor, wanted: ReportLeads) -> LeadReport:
        """Reporting, inside a unit of work."""
        return uow.prospects.report(wanted.days, uow.now)

    def staged(self, stage: Stage) -> Iterator[Staged]:
        """Everybody on the prospects' or the members' list now (MEM-12, COM-20), in order of their ids, read in pages
        as far as looked at. Former members stand on both.
        """
        return one_by_one(partial(self._staged_after, stage))

    def _staged_after(self, stage: Stage, last: Staged | None) -> tuple[Staged, ...]:
        page = PageOfStage(stage=stage, after=None if last is None else last.member)
        return self._runner.ask(STAGED, page, self.staged_step).people

    def staged_step(self, uow: MembersWork, _: Actor, wanted: PageOfStage) -> StagePage:
        """Listing people by stage, inside a unit of work."""
        people = uow.prospects.staged(wanted.stage, uow.now, after=wanted.after, limit=wanted.size)
        return StagePage(tuple(people))
