"""CON-17: until when a contract has to be cancelled so that it does not go on for another term."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from attrs import field, frozen

from memberlogic.calendar import first_day_before, local_day
from memberlogic.contracts.lifecycle import status_on
from memberlogic.contracts.model import IN_FORCE, Contract
from memberlogic.contracts.reckoning import course_for, left_every_day, way_out
from memberlogic.contracts.renewing import Course
from memberlogic.ids import ContractId
from memberlogic.inputs import code, optional, whole

__all__ = [
    "Deadline",
    "DeadlinesPage",
    "Look",
    "PageOfDeadlines",
    "deadline",
    "due",
    "lazily",
    "look_from",
    "looked_at_before",
]

Look = tuple[date, ContractId]
"""The day from which a contract is looked at, and the contract: a place in the list."""

_DAYS_APART = 2
"""At one instant it is nowhere more than two days later than elsewhere."""


@frozen(kw_only=True)
class PageOfDeadlines:
    """The deadlines that come within so many days, among the next contracts that are looked at."""

    within: int = field(validator=whole(least=1, most=3_660))
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    after: Look | None = None
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen(kw_only=True)
class Deadline:
    """A contract that goes on unless it is cancelled in time."""

    contract: ContractId
    studio: str
    receive_by: date
    """The last day of receipt, inclusive, of a cancellation to the day below."""
    effective_on: date
    """The day to which it would be cancelled."""


@frozen(kw_only=True)
class DeadlinesPage:
    """The deadlines among some contracts, and the last that was looked at; None if there are no more."""

    deadlines: tuple[Deadline, ...]
    last: Look | None


def _leaves(contract: Contract, received_on: date) -> date:
    """The day on which a contract ends by an ordinary cancellation that is received on a day."""
    course = course_for(contract, received_on)
    day = way_out(course, received_on).day
    return day if course.expires_on is None else min(day, course.expires_on)


def deadline(contract: Contract, today: date) -> Deadline | None:
    """The last day on which a cancellation can be received to the day to which one of today would be: today, where one
    of yesterday was to that day, too. None where it was cancelled, where it ends anyway, and where every day of receipt
    leads to a day of its own.
    """
    if contract.cancellation is not None:
        return None
    leaves, tomorrow, then = (_leaves(contract, today + timedelta(days=ahead)) for ahead in range(3))
    if leaves == course_for(contract, today).expires_on:
        return None
    alike = left_every_day(Course.of(contract), today) or len({leaves, tomorrow, then}) == len((leaves, tomorrow, then))
    if alike and not _is_the_last(contract, today, leaves):
        return None
    # The day of leaving never comes sooner for a later receipt: found by halving.
    least, most = today, leaves
    while least < most:
        middle = least + (most - least + timedelta(days=1)) // 2
        least, most = (middle, most) if _leaves(contract, middle) <= leaves else (least, middle - timedelta(days=1))
    return Deadline(contract=contract.id, studio=contract.studio.code, receive_by=least, effective_on=leaves)


def _is_the_last(contract: Contract, today: date, leaves: date) -> bool:
    """Whether many days of receipt led to one day until today, and none does from tomorrow on."""
    yesterday = first_day_before(today)
    if yesterday < contract.signed_on or left_every_day(Course.of(contract), yesterday):
        return False
    return _leaves(contract, yesterday) == leaves


def look_from(contract: Contract) -> date | None:
    """The day before which no deadline of a contract comes, on whatever day it is asked for, until a command changes
    it; None if none ever comes. It may be too early, never too late: by it a contract is found, which is then asked for
    its :func:`deadline`. Days before the last to which its changes were announced are not asked for.
    """
    course, since = Course.of(contract), max(contract.announced_to, contract.first_day)
    if contract.cancellation is not None:
        return None
    # A day of leaving never comes sooner for a later receipt, nor is it after the end of the term.
    if course.expires_on is not None and _leaves(contract, since) == course.expires_on:
        return None
    coming = deadline(contract, since)
    if coming is not None:
        return coming.receive_by
    return None if left_every_day(course, since) else since


def looked_at_before(wanted: PageOfDeadlines, today: date) -> date:
    """The first day from which a contract need not be looked at, wherever its studio is."""
    return today + timedelta(days=wanted.within + _DAYS_APART)


def due(looked_at: Sequence[tuple[date, Contract]], wanted: PageOfDeadlines, now: datetime) -> DeadlinesPage:
    """The deadlines of contracts in force that come within so many days where their studio is, today among them."""
    found = []
    for _, contract in looked_at:
        today = local_day(now, contract.studio.zone)
        coming = deadline(contract, today) if status_on(Course.of(contract), today) in IN_FORCE else None
        if coming is not None and coming.receive_by < today + timedelta(days=wanted.within):
            found.append(coming)
    last = (looked_at[-1][0], looked_at[-1][1].id) if looked_at else None
    return DeadlinesPage(deadlines=tuple(found), last=last)


def lazily(read: Callable[[Look | None], DeadlinesPage]) -> Iterator[Deadline]:
    """Every deadline; the first page is read at once, so that a refusal is raised where it was asked for."""
    return _following(read, read(None))


def _following(read: Callable[[Look | None], DeadlinesPage], page: DeadlinesPage) -> Iterator[Deadline]:
    while page.last is not None:
        yield from page.deadlines
        page = read(page.last)
