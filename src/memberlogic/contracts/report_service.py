"""What a manager asks of a club's contracts (CON-17).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.contracts import deadlines, reporting
from memberlogic.contracts.deadlines import Deadline, DeadlinesPage, Look, PageOfDeadlines
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.reporting import (
    Absent,
    AbsentPage,
    ContractsMoved,
    ContractsStanding,
    Ending,
    EndingsPage,
    OverPeriod,
    PageOfAbsent,
    PageOfEndings,
    Retention,
    RetentionBetween,
    StandingOn,
)
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["ReportService"]

STANDING = Asks("contracts.standing", "reports.contracts:read", ContractsStanding)
MOVED = Asks("contracts.moved", "reports.contracts:read", ContractsMoved)
RETENTION = Asks("contracts.retention", "reports.contracts:read", Retention)
ENDING = Asks("contracts.ending", "reports.contracts:read", EndingsPage)
DEADLINES = Asks("contracts.deadlines", "reports.contracts:read", DeadlinesPage)
ABSENT = Asks("contracts.absent", "reports.visits:read", AbsentPage)


class ReportService:
    """Reports and lists over contracts. Days are business days of each contract's studio. Each takes a studio by its
    code, and raises ``NotFound`` if there is none.
    """

    _runner: Runner[ContractsWork]

    def standing(self, *, on: date | None = None, studio: str | None = None) -> ContractsStanding:
        """How many contracts have which status on a day, and how many people are on them, by studio.

        Args:
            on: past or future, as far as it is known; today in the organization's zone if left out.
        """
        return self._runner.ask(STANDING, StandingOn(on=on, studio=studio), self.standing_step)

    def standing_step(self, uow: ContractsWork, _: Actor, wanted: StandingOn) -> ContractsStanding:
        """Counting, inside a unit of work."""
        _require_there(uow, wanted.studio)
        on = wanted.on or local_day(uow.now, self._runner.organization.zone)
        return ContractsStanding(on=on, rows=tuple(uow.contract_reports.standing(on, wanted.studio)))

    def moved(self, *, since: date, until: date, studio: str | None = None) -> ContractsMoved:
        """What became of contracts on the days ``[since, until)``: signed, started, frozen, expired, cancelled by
        reason. A contract that follows another by a switch or a transfer is the same sale: it is not counted as signed
        or started again.
        """
        return self._runner.ask(MOVED, OverPeriod(since=since, until=until, studio=studio), self.moved_step)

    def moved_step(self, uow: ContractsWork, _: Actor, wanted: OverPeriod) -> ContractsMoved:
        """Counting, inside a unit of work."""
        _require_there(uow, wanted.studio)
        reports = uow.contract_reports
        counts = reports.moved(wanted.days, wanted.studio)
        return reporting.told(wanted, counts, reports.cancelled(wanted.days, wanted.studio))

    def retention(self, *, first: date, second: date, studio: str | None = None) -> Retention:
        """Of the people who are on an active contract on one day, how many are on one on a later day; with a studio,
        on one of its contracts on both days.

        Raises:
            InvalidInput: if the second day is not after the first.
        """
        wanted = RetentionBetween(first=first, second=second, studio=studio)
        return self._runner.ask(RETENTION, wanted, self.retention_step)

    def retention_step(self, uow: ContractsWork, _: Actor, wanted: RetentionBetween) -> Retention:
        """Counting, inside a unit of work."""
        _require_there(uow, wanted.studio)
        return reporting.retention(wanted, *uow.contract_reports.kept(wanted.first, wanted.second, wanted.studio))

    def ending(self, *, since: date, until: date, studio: str | None = None) -> Iterator[Ending]:
        """The contracts that end on the days ``[since, until)``, by a term or a cancellation on file, the soonest
        first, read as far as they are looked at.
        """

        def read(last: Ending | None) -> tuple[Ending, ...]:
            after = None if last is None else (last.on, last.contract)
            wanted = PageOfEndings(since=since, until=until, studio=studio, after=after)
            return self._runner.ask(ENDING, wanted, self.ending_step).endings

        return one_by_one(read)

    def ending_step(self, uow: ContractsWork, _: Actor, wanted: PageOfEndings) -> EndingsPage:
        """One page, inside a unit of work."""
        _require_there(uow, wanted.studio)
        return EndingsPage(tuple(uow.contract_reports.ending(wanted)))

    def absent(self, *, days: int, studio: str | None = None) -> Iterator[Absent]:
        """The people on a contract that is active today who have not been let in for so many days, in order of their
        ids, each with the day of their last visit, read as far as they are looked at. Whoever came on the first of
        these days is not among them; nor is a visit that was undone one.

        Args:
            days: how many, today among them, in the organization's zone.
            studio: only people on a contract of this studio; where they came does not matter.
        """

        def read(last: Absent | None) -> tuple[Absent, ...]:
            wanted = PageOfAbsent(days=days, studio=studio, after=None if last is None else last.member)
            return self._runner.ask(ABSENT, wanted, self.absent_step).absent

        return one_by_one(read)

    def absent_step(self, uow: ContractsWork, _: Actor, wanted: PageOfAbsent) -> AbsentPage:
        """One page, inside a unit of work."""
        _require_there(uow, wanted.studio)
        today = local_day(uow.now, self._runner.organization.zone)
        return AbsentPage(tuple(uow.contract_reports.absent(today, wanted)))

    def deadlines(self, *, within: int, studio: str | None = None) -> Iterator[Deadline]:
        """The contracts that go on for another term unless a cancellation is received within so many days, today among
        them, read as far as they are looked at, about in the order of these days: where one has passed, the contract
        keeps its place until its next term begins. Not those that were cancelled or end anyway, nor those that can be
        left every day alike. The cost grows with the contracts whose deadline is that near or has passed in this term,
        not with all in force.
        """

        def read(last: Look | None) -> DeadlinesPage:
            wanted = PageOfDeadlines(within=within, studio=studio, after=last)
            return self._runner.ask(DEADLINES, wanted, self.deadlines_step)

        return deadlines.lazily(read)

    def deadlines_step(self, uow: ContractsWork, _: Actor, wanted: PageOfDeadlines) -> DeadlinesPage:
        """One page, inside a unit of work."""
        _require_there(uow, wanted.studio)
        today = local_day(uow.now, self._runner.organization.zone)
        before = deadlines.looked_at_before(wanted, today)
        looked_at = uow.contract_reports.looked_at(before, wanted.studio, after=wanted.after, limit=wanted.size)
        return deadlines.due(looked_at, wanted, uow.now)


def _require_there(uow: ContractsWork, studio: str | None) -> None:
    """Refuse a studio that there is not: nothing would be told of it, which reads like an answer."""
    if studio is not None:
        uow.studios.get(studio)
