"""COM-8: a contract's past and known future as spans of one status, made by the function that says its status; what is
stored of it to find it by, and the next instant at which something changes by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from memberlogic.calendar import first_day_after, start_of_day
from memberlogic.contracts.lifecycle import cancelled_on, over_on, status_on
from memberlogic.contracts.model import IN_FORCE, Contract, ContractStatus
from memberlogic.contracts.renewing import Course

__all__ = ["Span", "boundaries", "next_change", "next_change_of", "renewals", "spans", "started_on", "status"]


@frozen(kw_only=True)
class Span:
    """The days ``[since, until)`` during which a contract has one status; the last has no end."""

    status: ContractStatus
    since: date
    until: date | None

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Its first instant in a place."""
        return start_of_day(self.since, zone)

    def ends_at(self, zone: ZoneInfo) -> datetime | None:
        """The first instant after it in a place."""
        return None if self.until is None else start_of_day(self.until, zone)


def status(contract: Contract, day: date) -> ContractStatus | None:
    """The status of a contract on a day; None before it was signed."""
    return status_on(Course.of(contract), day)


def boundaries(course: Course) -> Sequence[date]:
    """Every day on which the status may change, in order."""
    contract = course.contract
    days = {contract.first_day, contract.start_on}
    days |= {each.paid_on for each in contract.payments}
    days |= {each.reversed_on for each in contract.payments if each.reversed_on is not None}
    days |= {each.since for each in course.frozen}
    days |= {each.until for each in course.frozen if each.until is not None}
    days |= {each for each in (cancelled_on(course), course.expires_on) if each is not None}
    return sorted(day for day in days if day >= contract.first_day)


def spans(course: Course) -> Sequence[Span]:
    """From the first day on which there is a status, without a gap; neighbours differ."""
    changes: list[tuple[date, ContractStatus]] = []
    for day in boundaries(course):
        now = status_on(course, day)
        if now is not None and (not changes or changes[-1][1] is not now):
            changes.append((day, now))
    ends = [*(day for day, _ in changes[1:]), None]  # a contract is something on the day of signing
    return [Span(status=now, since=day, until=end) for (day, now), end in zip(changes, ends, strict=True)]


def started_on(contract: Contract) -> date | None:
    """The day on which a sale came into force for the first time, if it did so on this contract and not on one that it
    was transferred from; None for one that follows by a switch, which goes on with what had started.
    """
    if contract.begins_on is None and contract.predecessor is not None:
        return None
    sale = spans(Course.of(evolve(contract, begins_on=None)))
    first = next((each.since for each in sale if each.status in IN_FORCE), None)
    return None if first is None or first < contract.first_day else first


def renewals(course: Course, since: date, until: date | None) -> Iterator[date]:
    """The days in ``[since, until)`` on which a term follows another while the contract is open (CON-9)."""
    last = min((day for day in (over_on(course), until) if day is not None), default=date.max)
    for end, stretch in course.term_ends(since, last):
        if course.stretch_on(end) is not stretch or course.term_end(stretch, 1) is not None:
            yield end


def next_change(course: Course, today: date | None = None) -> datetime | None:
    """The first instant of the next day on which the status changes or a term follows another, after those that were
    announced, and after a day if one is named; None if nothing will happen by itself.
    """
    announced = course.contract.announced_to
    since = first_day_after(announced if today is None else max(announced, today))
    days = [each.since for each in spans(course) if each.since >= since]
    days += islice(renewals(course, since, None), 1)
    return start_of_day(min(days), course.contract.studio.zone) if days else None


def next_change_of(contract: Contract) -> datetime | None:
    """:func:`next_change` of a contract."""
    return next_change(Course.of(contract))
