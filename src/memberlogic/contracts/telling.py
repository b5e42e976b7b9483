"""COM-8, COM-12: what a contract is on a day, past or future, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.contracts.lifecycle import cancelled_on, status_on
from memberlogic.contracts.model import Contract, ContractStatus, Coverage
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import Span, next_change, spans
from memberlogic.errors import NotFound
from memberlogic.ids import ContractId, MemberId, RateId
from memberlogic.inputs import a_day, an_id, optional
from memberlogic.outcomes import Because, Explanation

__all__ = ["ContractTold", "OfContract", "OfContracts", "OnDay", "reachable", "tell", "tell_all"]


@frozen(kw_only=True)
class OnDay:
    """A contract on a day of its studio; today where none is given."""

    contract: ContractId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class OfContract:
    """A contract by id."""

    contract: ContractId = field(validator=an_id)


@frozen(kw_only=True)
class OfContracts:
    """The contracts of a member, on a day of each one's studio; today where none is given."""

    member: MemberId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class ContractTold:
    """A contract as it is on a day."""

    contract: ContractId
    studio: str
    signed_on: date
    start_on: date
    on: date
    status: ContractStatus | None
    """None on a day before it was signed."""
    rate: RateId
    rate_version: int
    """The rate in force on the day (CON-9)."""
    covered: tuple[Coverage, ...]
    """Who is on it on the day, the holder first."""
    owed: int
    term_end: date | None
    """The end of the term that runs on the day; None if there is none to come."""
    expires_on: date | None
    cancelled_to: date | None
    """The day on which a cancellation that is on file takes effect."""
    predecessor: ContractId | None
    """The contract that it follows, by a switch or a transfer (CON-12)."""
    successor: ContractId | None
    """The contract that follows it, or was to by a switch whose fee is awaited, or was never paid."""
    next_change: datetime | None
    """The next instant at which something changes by itself, seen from now."""
    spans: tuple[Span, ...]
    """Its statuses over past and known future."""

    def explain(self) -> Explanation:
        """Which fact makes it what it is."""
        match self.status:
            case None if self.on < self.signed_on:
                said, because = "was not signed yet", {"signed_on": self.signed_on.isoformat()}
            case None:
                begins = self.spans[0].since.isoformat()
                said, because = f"has not taken over from {self.predecessor} yet", {"begins": begins}
            case ContractStatus.CANCELLED:
                said, because = "is cancelled", {"effective_on": _iso(self.cancelled_to)}
            case ContractStatus.EXPIRED:
                said, because = "has expired", {"expires_on": _iso(self.expires_on)}
            case ContractStatus.ON_HOLD:
                said, because = "is on hold until it is paid", {"owed": str(self.owed)}
            case ContractStatus.PENDING:
                said, because = "waits for its first day", {"start_on": self.start_on.isoformat()}
            case ContractStatus.FROZEN | ContractStatus.ACTIVE:
                span = next(each for each in reversed(self.spans) if each.since <= self.on)
                said, because = f"is {self.status.value}", {"since": _iso(span.since), "until": _iso(span.until)}
        code = self.status.value if self.status else "not_signed" if self.on < self.signed_on else "not_taken_over"
        reason = Because("COM-8", f"contract.{code}", because)
        return Explanation(f"On {self.on.isoformat()} the contract {said}.", (reason,))


def _iso(day: date | None) -> str:
    return "no end" if day is None else day.isoformat()


def tell(contract: Contract, on: date | None, now: datetime) -> ContractTold:
    """A contract as it is on a day."""
    course, today = Course.of(contract), local_day(now, contract.studio.zone)
    day = on or today
    rate = course.rate_on(day)
    return ContractTold(
        contract=contract.id,
        studio=contract.studio.code,
        signed_on=contract.signed_on,
        start_on=contract.start_on,
        on=day,
        status=status_on(course, day),
        rate=rate.rate,
        rate_version=rate.version,
        covered=contract.covered_on(day),
        owed=max(0, contract.owed_on(day)),
        term_end=course.term_end_after(day),
        expires_on=course.expires_on,
        cancelled_to=cancelled_on(course),
        predecessor=contract.predecessor,
        successor=contract.successor,
        # What came about by now is no change to come, whether the jobs have announced it or not (COM-8).
        next_change=next_change(course, today),
        spans=tuple(spans(course)),
    )


def reachable(contract: Contract, actor: Actor) -> Contract:
    """The contract, if the actor may know of it.

    Raises:
        NotFound: for a member who is not on it; it does not exist for them (COM-11, COM-13).
    """
    if actor.member_id is not None and actor.member_id not in contract.members:
        raise NotFound(kind="contract", id=contract.id)
    return contract


def tell_all(contracts: Iterable[Contract], on: date | None, now: datetime) -> tuple[ContractTold, ...]:
    """Contracts as they are on a day."""
    return tuple(tell(each, on, now) for each in contracts)
