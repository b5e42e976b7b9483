"""CON-16, COM-21: announcing what became of a contract by itself: each change once, in order, stamped with the day it
took effect. What late knowledge changes of days that were announced is one correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from attrs import evolve, frozen

from memberlogic.calendar import first_day_after, local_day, start_of_day
from memberlogic.contracts.model import FOLLOWED, Contract, ContractStatus
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import Span, renewals, spans
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, RateId

__all__ = [
    "ContractActivated",
    "ContractAwaitsStart",
    "ContractCancelled",
    "ContractExpired",
    "ContractFrozen",
    "ContractPutOnHold",
    "ContractRenewed",
    "ContractResumed",
    "ContractSwitched",
    "StatusCorrected",
    "corrected",
    "settle",
]


@frozen(kw_only=True)
class _Change(Event):
    contract: ContractId
    day: date


@frozen(kw_only=True)
class ContractPutOnHold(_Change):
    """What was paid was paid no more."""

    type: ClassVar[str] = "contract.put_on_hold"


@frozen(kw_only=True)
class ContractAwaitsStart(_Change):
    """A contract was paid and waits for its first day."""

    type: ClassVar[str] = "contract.awaits_start"


@frozen(kw_only=True)
class ContractActivated(_Change):
    """A contract came into force, or into force again."""

    type: ClassVar[str] = "contract.activated"


@frozen(kw_only=True)
class ContractFrozen(_Change):
    """A freeze began."""

    type: ClassVar[str] = "contract.frozen"


@frozen(kw_only=True)
class ContractResumed(_Change):
    """A freeze ended."""

    type: ClassVar[str] = "contract.resumed"


@frozen(kw_only=True)
class ContractExpired(_Change):
    """A term ended for good."""

    type: ClassVar[str] = "contract.expired"


@frozen(kw_only=True)
class ContractCancelled(_Change):
    """A cancellation took effect."""

    type: ClassVar[str] = "contract.cancelled"
    reason: str


@frozen(kw_only=True)
class ContractSwitched(_Change):
    """A contract ended because another follows it."""

    type: ClassVar[str] = "contract.switched"


@frozen(kw_only=True)
class ContractRenewed(_Change):
    """A term followed another, on the same rate or on the one that it switches to."""

    type: ClassVar[str] = "contract.renewed"
    rate: RateId
    rate_version: int


@frozen(kw_only=True)
class StatusCorrected(Event):
    """Something that was learnt late changed what a contract was on days that had been announced; what was announced
    stands. ``status`` is what it is now.
    """

    type: ClassVar[str] = "contract.status_corrected"
    contract: ContractId
    from_day: date
    status: ContractStatus


_CALLED: Mapping[ContractStatus, type[_Change]] = {
    ContractStatus.ON_HOLD: ContractPutOnHold,
    ContractStatus.PENDING: ContractAwaitsStart,
    ContractStatus.ACTIVE: ContractActivated,
    ContractStatus.FROZEN: ContractFrozen,
    ContractStatus.EXPIRED: ContractExpired,
}


def _announcement(contract: Contract, before: ContractStatus | None, span: Span) -> Event | None:
    """What a change of status is called; a contract that was drafted is on hold without a word."""
    if before is None and span.status is ContractStatus.ON_HOLD:
        return None
    if span.status is ContractStatus.CANCELLED:
        return _cancelled(contract, span)
    resumed = before is ContractStatus.FROZEN and span.status is ContractStatus.ACTIVE
    called = ContractResumed if resumed else _CALLED[span.status]
    return called(members=contract.members, contract=contract.id, day=span.since)


def _cancelled(contract: Contract, span: Span) -> Event:
    """A contract that another follows was not left."""
    cancellation = contract.cancellation
    assert cancellation is not None, "only a cancellation leads there"
    if cancellation.kind in FOLLOWED:
        return ContractSwitched(members=contract.members, contract=contract.id, day=span.since)
    return ContractCancelled(members=contract.members, contract=contract.id, day=span.since, reason=cancellation.reason)


def _changes(course: Course, since: date, until: date) -> Sequence[tuple[date, Event]]:
    """What happens on the days ``[since, until]``, in order; a change of status before a renewal of the same day."""
    contract = course.contract
    found: list[tuple[date, Event]] = []
    before = None
    for span in spans(course):
        event = _announcement(contract, before, span)
        if event is not None and since <= span.since <= until:
            found.append((span.since, event))
        before = span.status
    for day in renewals(course, since, first_day_after(until)):
        rate = course.rate_on(day)
        renewed = ContractRenewed(
            members=contract.members, contract=contract.id, day=day, rate=rate.rate, rate_version=rate.version
        )
        found.append((day, renewed))
    return sorted(found, key=lambda each: each[0])


def settle(contract: Contract, now: datetime) -> tuple[Contract, tuple[OfItself, ...]]:
    """A contract with everything announced that came about by now, and the announcements."""
    today = local_day(now, contract.studio.zone)
    if today <= contract.announced_to:
        return contract, ()
    found = _changes(Course.of(contract), first_day_after(contract.announced_to), today)
    return evolve(contract, announced_to=today), _of_itself(contract, found)


def _of_itself(contract: Contract, found: Sequence[tuple[date, Event]]) -> tuple[OfItself, ...]:
    return tuple(OfItself(event, start_of_day(day, contract.studio.zone)) for day, event in found)


def corrected(before: Contract, after: Contract, now: datetime) -> tuple[OfItself, ...]:
    """What a command changed of the days up to today, of a contract that was settled before: a change of today's status
    is announced as any other; one of earlier days is a correction.
    """
    today = local_day(now, after.studio.zone)
    then, course = spans(Course.of(before)), Course.of(after)
    since = spans(course)
    day = _first_difference(then, since, today)
    if day is None:
        return ()
    if day == today:
        found = [each for each in _changes(course, today, today) if not isinstance(each[1], ContractRenewed)]
        return _of_itself(after, found)
    status = next(each.status for each in reversed(since) if each.since <= today)
    event = StatusCorrected(members=after.members, contract=after.id, from_day=day, status=status)
    return (OfItself(event, start_of_day(day, after.studio.zone)),)


def _first_difference(before: Sequence[Span], after: Sequence[Span], today: date) -> date | None:
    """The first day up to today on which two courses differ."""
    days = sorted({each.since for each in (*before, *after) if each.since <= today})
    return next((day for day in days if _status(before, day) is not _status(after, day)), None)


def _status(of: Sequence[Span], day: date) -> ContractStatus | None:
    return next((each.status for each in reversed(of) if each.since <= day), None)
