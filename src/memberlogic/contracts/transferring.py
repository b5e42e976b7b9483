"""CON-12: a contract goes on at another studio from a day on: the same sale, with its days, payments and freezes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.calendar import Term, first_day_before
from memberlogic.contracts import announcing
from memberlogic.contracts.handing_on import (
    TransferWithdrawn,
    filed_as,
    followed,
    handed_on,
    still_there,
    voided,
    waits_for,
)
from memberlogic.contracts.lifecycle import require_taken, status_on
from memberlogic.contracts.model import FINAL, CancellationKind, Contract
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import Span, spans
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, ExternalId
from memberlogic.inputs import a_day, an_id, as_tuple, code, optional, sequence_of
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "TRANSFERRING",
    "PreviewTransfer",
    "Transfer",
    "TransferFiled",
    "TransferWithdrawal",
    "Transferred",
    "transfer",
    "withdraw_transfer",
]

FARTHEST_BACK = Term.of_months(3)
"""How far back a transfer may lie."""


@frozen(kw_only=True)
class PreviewTransfer:
    """A transfer to another studio on a day; today where none is given."""

    contract: ContractId = field(validator=an_id)
    studio: str = field(validator=code("a studio's code"))
    on: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class Transfer(PreviewTransfer):
    """Transfer a contract to another studio."""

    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


@frozen(kw_only=True)
class TransferFiled(Event):
    """A contract goes on at another studio from a day on."""

    type: ClassVar[str] = "contract.transfer_filed"
    contract: ContractId
    successor: ContractId
    studio: str
    day: date


@frozen(kw_only=True)
class Transferred:
    """The contract at the studio before, and the one that follows it, over past and known future."""

    contract: ContractId
    successor: ContractId | None
    """None in a preview."""
    studio: str
    on: date
    """The first day at the other studio."""
    before: tuple[Span, ...]
    after: tuple[Span, ...]

    def explain(self) -> Explanation:
        """What becomes of it."""
        figures = {"on": self.on.isoformat(), "studio": self.studio}
        because = Because("CON-12", "contract.transferred", dict(figures))
        return Explanation(f"From {self.on.isoformat()} on the contract goes on at another studio.", (because,))


@frozen(kw_only=True)
class TransferWithdrawal:
    """A contract stays where it is; the one that would have followed counts as never in force."""

    contract: ContractId
    successor: ContractId
    on: date


@frozen(kw_only=True)
class TransferringFacts:
    """What the rules look at."""

    before: Settled
    others: Mapping[ContractId, Contract]
    studio: Studio
    day: date


class SameStudio(RuleViolation):
    """Nothing would change."""

    code = "transfer.same_studio"
    rule = "CON-12"
    sentence = "The contract is at the studio {studio} already."


class TransferTooFarBack(RuleViolation):
    """Months ago others counted on it."""

    code = "transfer.too_far_back"
    rule = "CON-12"
    sentence = "The transfer would lie on {day}; the earliest possible day is {earliest}."


class TransferOutsideContract(RuleViolation):
    """There is nothing to transfer."""

    code = "transfer.day_outside"
    rule = "CON-12"
    sentence = "The contract is open from {first_day} until {end}; {day} lies outside."


class TransferAwaitsFee(RuleViolation):
    """It is not clear yet whether there will be such a contract."""

    code = "transfer.awaits_fee"
    rule = "CON-12"
    sentence = "The contract waits for the fee of a switch from {predecessor}; it is paid first."


@policy("CON-12", "A contract that waits for the fee of a switch is not transferred.")
def must_not_wait_for_a_fee(t: TransferringFacts) -> MemberLogicError | None:
    """The fee is paid first."""
    old = waits_for(t.before.contract, t.others)
    return None if old is None else TransferAwaitsFee(predecessor=str(old.id))


@policy("CON-12", "A contract is transferred to another studio.")
def must_be_another_studio(t: TransferringFacts) -> MemberLogicError | None:
    """Not to the one where it is."""
    return SameStudio(studio=t.studio.code) if t.studio.code == t.before.contract.studio.code else None


@policy("CON-12", "A transfer lies at most three months back.")
def must_not_lie_too_far_back(t: TransferringFacts) -> MemberLogicError | None:
    """By the days of the studio where it is."""
    earliest = FARTHEST_BACK.before(t.before.today)
    if t.day >= earliest:
        return None
    return TransferTooFarBack(day=t.day.isoformat(), earliest=earliest.isoformat())


@policy("CON-12", "A contract is transferred on a day on which it is open.")
def must_lie_in_the_contract(t: TransferringFacts) -> MemberLogicError | None:
    """A cancellation that is on file goes with it."""
    course, first_day = Course.of(t.before.contract), t.before.contract.first_day
    if t.day >= first_day and status_on(course, t.day) not in FINAL:
        return None
    end = next((each.since.isoformat() for each in spans(course) if each.status in FINAL), "further notice")
    return TransferOutsideContract(first_day=first_day.isoformat(), end=end, day=t.day.isoformat())


@policy("CON-12", "A contract is handed on once at a time.")
def must_not_be_handed_on(t: TransferringFacts) -> MemberLogicError | None:
    """A switch or transfer that is to come is withdrawn first."""
    return handed_on(t.before.contract, t.others, t.before.today)


TRANSFERRING: Policies[TransferringFacts] = Policies(
    must_not_be_handed_on,
    must_not_wait_for_a_fee,
    must_be_another_studio,
    must_not_lie_too_far_back,
    must_lie_in_the_contract,
)


def transfer(
    contract: Contract,
    others: Mapping[ContractId, Contract],
    wanted: PreviewTransfer,
    studio: Studio,
    id: ContractId,
    now: datetime,
) -> Outcome[tuple[Changed, ...], Event | OfItself, Transferred]:
    """The contract until the day, and from the day on the same sale at another studio: first day, terms, payments,
    freezes and a cancellation that is on file are those of the contract before.

    Raises:
        IllegalTransition: if the contract has ended.
        RuleViolation: the first of :data:`TRANSFERRING` that refuses.
    """
    before = settled(contract, now)
    require_taken(before.status, "transfer")
    day = wanted.on or before.today
    TRANSFERRING.require(TransferringFacts(before=before, others=others, studio=studio, day=day))
    on_it = still_there(before.contract, day)
    same = evolve(
        before.contract,
        id=id,
        studio=studio,
        coverage=on_it,
        begins_on=day,
        predecessor=contract.id,
        successor=None,
        announced_to=first_day_before(day),
        effective_at=now,
        version=0,
    )
    next_, announced = announcing.settle(same, now)
    ended = filed_as(CancellationKind.TRANSFERRED, before.today, day)
    old = evolve(before.contract, successor=id, cancellation=ended)
    filed = TransferFiled(members=old.members, contract=old.id, successor=id, studio=studio.code, day=day)
    told = Transferred(
        contract=old.id,
        successor=id,
        studio=studio.code,
        on=day,
        before=tuple(spans(Course.of(old))),
        after=tuple(spans(Course.of(next_))),
    )
    outcome = changed(before, old, filed, told)
    new = Changed(contract=next_, new=(*on_it, *next_.payments, *next_.freezes, *next_.gifts), drafted=True)
    return Outcome((new, *outcome.facts), (*outcome.events, *announced), told)


def withdraw_transfer(
    contract: Contract, others: Mapping[ContractId, Contract], now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, TransferWithdrawal]:
    """The contract as if there had been no transfer; a cancellation that had gone with it is its own again.

    Raises:
        IllegalTransition: if the contract has ended, or the day of the transfer has come.
        NothingToWithdraw: if no transfer is on file.
        AlreadyHandedOn: if the contract that follows is handed on itself.
    """
    before = settled(contract, now)
    require_taken(before.status, "withdraw_transfer")
    next_ = followed(before, others, CancellationKind.TRANSFERRED)
    gone, events = voided(next_)
    after = evolve(before.contract, cancellation=next_.contract.cancellation, successor=None)
    day = next_.contract.first_day
    filed = TransferWithdrawn(members=after.members, contract=after.id, successor=gone.contract.id, day=day)
    told = TransferWithdrawal(contract=after.id, successor=gone.contract.id, on=day)
    outcome = changed(before, after, filed, told)
    return Outcome((gone, *outcome.facts), (*outcome.events, *events), told)
