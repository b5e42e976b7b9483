"""CON-6: a freeze that began is ended early; one that has not begun is withdrawn. What was frozen stays frozen."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.calendar import first_day_after
from memberlogic.contracts import freeze_refusals as refused
from memberlogic.contracts.freezing import FreezeRecorded, recorded
from memberlogic.contracts.lifecycle import require_taken
from memberlogic.contracts.model import Contract, Freeze
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.renewing import Course
from memberlogic.errors import MemberLogicError, NotFound
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, FreezeId
from memberlogic.inputs import a_day, an_id, optional
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "ENDING",
    "WITHDRAWING",
    "EndFreeze",
    "FreezeEnded",
    "FreezeWithdrawn",
    "WithdrawFreeze",
    "end_freeze",
    "withdraw_freeze",
]


@frozen(kw_only=True)
class EndFreeze:
    """A freeze is to end on a day, the first one that is not frozen; tomorrow where none is given."""

    contract: ContractId = field(validator=an_id)
    freeze: FreezeId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class WithdrawFreeze:
    """A freeze that is to be as if it had not been filed."""

    contract: ContractId = field(validator=an_id)
    freeze: FreezeId = field(validator=an_id)


@frozen(kw_only=True)
class FreezeEnded(Event):
    """A freeze was made to end before its day; ``on`` is the first day that is not frozen."""

    type: ClassVar[str] = "contract.freeze_ended"
    contract: ContractId
    freeze: FreezeId
    on: date


@frozen(kw_only=True)
class FreezeWithdrawn(Event):
    """A freeze was withdrawn before it began."""

    type: ClassVar[str] = "contract.freeze_withdrawn"
    contract: ContractId
    freeze: FreezeId


@frozen(kw_only=True)
class EndingFacts:
    """What the rules of ending and withdrawing look at."""

    freeze: Freeze
    until: date | None
    """Where it ends by itself."""
    on: date
    today: date


@policy("CON-6", "What was withdrawn is over.")
def must_not_be_withdrawn(e: EndingFacts) -> MemberLogicError | None:
    """It never began."""
    return refused.FreezeWithdrawnAlready(freeze=str(e.freeze.id)) if e.freeze.withdrawn else None


@policy("CON-6", "A freeze ends tomorrow at the earliest.")
def must_not_end_before_tomorrow(e: EndingFacts) -> MemberLogicError | None:
    """The last frozen day is today."""
    if e.today < e.on:
        return None
    return refused.FreezeEndsTooSoon(on=e.on.isoformat(), earliest=first_day_after(e.today).isoformat())


@policy("CON-6", "A freeze ends after it began.")
def must_end_after_it_began(e: EndingFacts) -> MemberLogicError | None:
    """At least one day is left of it."""
    if e.freeze.since < e.on:
        return None
    return refused.FreezeNotBegun(since=e.freeze.since.isoformat(), on=e.on.isoformat())


@policy("CON-6", "A freeze can be shortened, not lengthened.")
def must_end_sooner(e: EndingFacts) -> MemberLogicError | None:
    """Before the day on which it ends by itself."""
    if e.until is None or e.on < e.until:
        return None
    return refused.FreezeEndsBefore(until=e.until.isoformat(), on=e.on.isoformat())


@policy("CON-6", "A freeze that has begun is not withdrawn.")
def must_not_have_begun(e: EndingFacts) -> MemberLogicError | None:
    """It began if its first day is today."""
    return None if e.today < e.freeze.since else refused.FreezeBegun(since=e.freeze.since.isoformat())


ENDING: Policies[EndingFacts] = Policies(
    must_not_be_withdrawn, must_not_end_before_tomorrow, must_end_after_it_began, must_end_sooner
)

WITHDRAWING: Policies[EndingFacts] = Policies(must_not_be_withdrawn, must_not_have_begun)


def _of(contract: Contract, id: FreezeId) -> Freeze:
    found = next((each for each in contract.freezes if each.id == id), None)
    if found is None:
        raise NotFound(kind="freeze", id=id)
    return found


def _facts(before: Settled, freeze: Freeze, on: date) -> EndingFacts:
    comes_to = next((each for each in Course.of(before.contract).frozen if each.freeze == freeze), None)
    return EndingFacts(freeze=freeze, until=None if comes_to is None else comes_to.until, on=on, today=before.today)


def _with(contract: Contract, freeze: Freeze) -> Contract:
    others = tuple(freeze if each.id == freeze.id else each for each in contract.freezes)
    return evolve(contract, freezes=others)


def end_freeze(
    contract: Contract, wanted: EndFreeze, now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, FreezeRecorded]:
    """A freeze ends on a day that is sooner; what it moved moves back by the days that were not frozen. Minimum and
    unit do not matter.

    Raises:
        NotFound: if the contract has no such freeze.
        IllegalTransition: if the contract has ended.
        RuleViolation: the first of :data:`ENDING` that refuses.
    """
    freeze = _of(contract, wanted.freeze)
    before = settled(contract, now)
    require_taken(before.status, "end_freeze")
    on = wanted.on or first_day_after(before.today)
    ENDING.require(_facts(before, freeze, on))
    ended = evolve(freeze, ended=on)
    after = _with(before.contract, ended)
    event = FreezeEnded(members=after.members, contract=after.id, freeze=freeze.id, on=on)
    return changed(before, after, event, recorded(before, after, ended), different=(ended,))


def withdraw_freeze(
    contract: Contract, wanted: WithdrawFreeze, now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, FreezeRecorded]:
    """A freeze that has not begun never begins.

    Raises:
        NotFound: if the contract has no such freeze.
        IllegalTransition: if the contract has ended.
        RuleViolation: the first of :data:`WITHDRAWING` that refuses.
    """
    freeze = _of(contract, wanted.freeze)
    before = settled(contract, now)
    require_taken(before.status, "withdraw_freeze")
    WITHDRAWING.require(_facts(before, freeze, freeze.since))
    withdrawn = evolve(freeze, ended=freeze.since)
    after = _with(before.contract, withdrawn)
    event = FreezeWithdrawn(members=after.members, contract=after.id, freeze=freeze.id)
    return changed(before, after, event, recorded(before, after, withdrawn), different=(withdrawn,))
