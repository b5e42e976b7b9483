"""CON-17: until when a contract has to be cancelled so that it does not go on for another term."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from attrs import field, frozen

from memberlogic.calendar import local_day
from memberlogic.contracts.model import Contract
from memberlogic.contracts.reckoning import course_for, way_out
from memberlogic.ids import ContractId
from memberlogic.inputs import an_id, code, optional, whole

__all__ = ["Deadline", "DeadlinesPage", "PageOfDeadlines", "deadline", "due", "lazily"]


@frozen(kw_only=True)
class PageOfDeadlines:
    """The deadlines that come within so many days, among the next contracts in force."""

    within: int = field(validator=whole(least=1, most=3_660))
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    after: ContractId | None = field(default=None, validator=optional(an_id))
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
    """The deadlines among some contracts, and the last contract that was looked at; None if there are no more."""

    deadlines: tuple[Deadline, ...]
    last: ContractId | None


def _leaves(contract: Contract, received_on: date) -> date:
    """The day on which a contract ends by an ordinary cancellation that is received on a day."""
    course = course_for(contract, received_on)
    day = way_out(course, received_on).day
    return day if course.expires_on is None else min(day, course.expires_on)


def deadline(contract: Contract, today: date) -> Deadline | None:
    """The last day on which a cancellation can be received to the day to which one of today would be. None where it was
    cancelled, where it ends anyway, and where every day of receipt leads to a day of its own.
    """
    if contract.cancellation is not None:
        return None
    leaves, tomorrow, then = (_leaves(contract, today + timedelta(days=ahead)) for ahead in range(3))
    ends_anyway = course_for(contract, today).expires_on
    if leaves == ends_anyway or len({leaves, tomorrow, then}) == len((leaves, tomorrow, then)):
        return None
    # The day of leaving never comes sooner for a later receipt: found by halving.
    least, most = today, leaves
    while least < most:
        middle = least + (most - least + timedelta(days=1)) // 2
        least, most = (middle, most) if _leaves(contract, middle) <= leaves else (least, middle - timedelta(days=1))
    return Deadline(contract=contract.id, studio=contract.studio.code, receive_by=least, effective_on=leaves)


def due(contracts: Sequence[Contract], wanted: PageOfDeadlines, now: datetime) -> DeadlinesPage:
    """The deadlines that come within so many days of each contract's studio, today among them."""
    found = []
    for contract in contracts:
        today = local_day(now, contract.studio.zone)
        coming = deadline(contract, today)
        if coming is not None and coming.receive_by < today + timedelta(days=wanted.within):
            found.append(coming)
    return DeadlinesPage(deadlines=tuple(found), last=contracts[-1].id if contracts else None)


def lazily(read: Callable[[ContractId | None], DeadlinesPage]) -> Iterator[Deadline]:
    """Every deadline; the first page is read at once, so that a refusal is raised where it was asked for."""
    return _following(read, read(None))


def _following(read: Callable[[ContractId | None], DeadlinesPage], page: DeadlinesPage) -> Iterator[Deadline]:
    while page.last is not None:
        yield from page.deadlines
        page = read(page.last)
