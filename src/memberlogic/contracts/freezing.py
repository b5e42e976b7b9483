"""CON-5: a freeze is asked for: what the rate allows of it, what is breached, and what it moves if nothing is.

Each breach is a refusal of its own. The policy is that of the rate in force on the first day (CON-9).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.contracts.freeze_facts import FreezeFacts
from memberlogic.contracts.freeze_policies import FREEZING
from memberlogic.contracts.lifecycle import not_taken, require_taken
from memberlogic.contracts.model import Contract, ContractStatus, Freeze
from memberlogic.contracts.moving import Moves, moved_by
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import status
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, FreezeId
from memberlogic.inputs import a_day, an_id, code, optional
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = [
    "FileFreeze",
    "FreezeFiled",
    "FreezeRecorded",
    "facts_of",
    "freeze",
    "frozen_with",
    "recorded",
    "refusals_of",
]


@frozen(kw_only=True)
class FileFreeze:
    """A freeze ``[since, until)``; without an end where none is given."""

    contract: ContractId = field(validator=an_id)
    since: date = field(validator=a_day)
    until: date | None = field(default=None, validator=optional(a_day))
    reason: str = field(validator=code("a reason's code"))

    def __attrs_post_init__(self) -> None:
        if self.until is not None and self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())


@frozen(kw_only=True)
class FreezeFiled(Event):
    """A freeze was asked for and granted; that it began is an event of its own."""

    type: ClassVar[str] = "contract.freeze_filed"
    contract: ContractId
    freeze: FreezeId
    since: date
    until: date | None
    reason: str


@frozen(kw_only=True)
class FreezeRecorded:
    """What a freeze is after it was filed, ended early or withdrawn, what its contract is now, and what it moved."""

    contract: ContractId
    freeze: FreezeId
    status: ContractStatus
    since: date
    until: date | None
    """The first day that is not frozen, as far as is known; ``since`` if it was withdrawn."""
    moves: Moves

    def explain(self) -> Explanation:
        """What the freeze is, and what it moves."""
        if self.until == self.since:
            said = "The freeze was withdrawn."
        else:
            end = "without an end" if self.until is None else f"until {self.until.isoformat()}"
            said = f"The contract is frozen from {self.since.isoformat()}, {end}."
        figures = {"since": self.since.isoformat(), "until": None if self.until is None else self.until.isoformat()}
        return Explanation(said, (Because("CON-5", "freeze.days", figures), *self.moves.because))


def facts_of(before: Settled, wanted: FileFreeze) -> FreezeFacts:
    """What freezing looks at."""
    course = Course.of(before.contract)
    return FreezeFacts(
        contract=before.contract, course=course, today=before.today, since=wanted.since, until=wanted.until
    )


def frozen_with(contract: Contract, wanted: FileFreeze, id: FreezeId, today: date) -> tuple[Contract, Freeze]:
    """A contract with one more freeze."""
    filed = Freeze(id=id, since=wanted.since, until=wanted.until, reason=wanted.reason, filed_on=today)
    return evolve(contract, freezes=(*contract.freezes, filed)), filed


def freeze(
    contract: Contract, wanted: FileFreeze, id: FreezeId, now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, FreezeRecorded]:
    """A freeze more.

    Raises:
        IllegalTransition: if the contract is not paid or has ended.
        RuleViolation: the first of :data:`FREEZING` that refuses.
    """
    before = settled(contract, now)
    require_taken(before.status, "freeze")
    FREEZING.require(facts_of(before, wanted))
    after, filed = frozen_with(before.contract, wanted, id, before.today)
    event = FreezeFiled(
        members=after.members,
        contract=after.id,
        freeze=id,
        since=filed.since,
        until=filed.until,
        reason=filed.reason,
    )
    return changed(before, after, event, recorded(before, after, filed), new=(filed,))


def refusals_of(before: Settled, facts: FreezeFacts) -> tuple[MemberLogicError, ...]:
    """Everything that would refuse a freeze, in order."""
    state = not_taken(before.status, "freeze")
    return (*(() if state is None else (state,)), *FREEZING.refusals(facts))


def recorded(before: Settled, after: Contract, filed: Freeze) -> FreezeRecorded:
    """What the caller is told of a freeze that was filed or changed."""
    course = Course.of(after)
    comes_to = next((each for each in course.frozen if each.freeze.id == filed.id), None)
    now_is = status(after, before.today)
    assert now_is is not None, "it is signed"
    return FreezeRecorded(
        contract=after.id,
        freeze=filed.id,
        status=now_is,
        since=filed.since,
        until=filed.since if comes_to is None else comes_to.until,
        moves=moved_by(before.contract, after, filed.since),
    )
