"""CON-7, CON-10: withdrawing a cancellation before it takes effect, and withdrawing from a contract within its
cooling-off time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from attrs import evolve, field, frozen

from memberlogic.contracts.cancellations import (
    CancellationTakenBack,
    CancellationWithdrawn,
    ContractWithdrawnFrom,
    WithdrawnFrom,
)
from memberlogic.contracts.cancelling import FollowedByAnother, ReceivedBeforeSigning, ReceivedInTheFuture
from memberlogic.contracts.following import one_after_the_other
from memberlogic.contracts.handing_on import voided, waits_for
from memberlogic.contracts.lifecycle import require_taken
from memberlogic.contracts.model import FOLLOWED, Cancellation, CancellationKind, Contract
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.spanning import status
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId
from memberlogic.inputs import a_day, an_id
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = ["WITHDRAWING_FROM", "WithdrawFrom", "withdraw_cancellation", "withdraw_from"]

WITHDRAWN = "withdrawn"
"""The reason of a contract that was withdrawn from; it needs none of the organization's list."""


@frozen(kw_only=True)
class WithdrawFrom:
    """Withdraw from a contract; the day of receipt counts."""

    contract: ContractId = field(validator=an_id)
    received_on: date = field(validator=a_day)


@frozen(kw_only=True)
class WithdrawingFacts:
    """What the rules of withdrawing from a contract look at."""

    wanted: WithdrawFrom
    before: Settled
    sale: Sequence[Contract]
    """The contract, with those that it took over from and those that follow it, the first that was signed at first."""

    @property
    def signed(self) -> Contract:
        """The contract that was signed: its rate says for how long, its day of signing from when."""
        return self.sale[0]

    @property
    def last_day(self) -> date | None:
        """The last day on which it can be withdrawn from; None if it never could."""
        days = self.signed.rate.terms.cooling_off_days
        return None if days is None else self.signed.signed_on + timedelta(days=days)


class NoCancellationFiled(RuleViolation):
    """There is nothing to withdraw."""

    code = "cancellation.none_filed"
    rule = "CON-7"
    sentence = "No cancellation of the contract is on file."


class NoCoolingOff(RuleViolation):
    """The rate has none."""

    code = "contract.no_cooling_off"
    rule = "CON-10"
    sentence = "The rate allows no withdrawal; the contract can be cancelled."


class FollowsAnother(RuleViolation):
    """It has not taken over yet."""

    code = "contract.follows_another"
    rule = "CON-10"
    sentence = "The contract follows {predecessor} by a switch that has not come: that is withdrawn, or that one."


class CoolingOffOver(RuleViolation):
    """It came too late."""

    code = "contract.cooling_off_over"
    rule = "CON-10"
    sentence = "The contract could be withdrawn from until {last_day}; the withdrawal was received on {received_on}."


@policy("CON-10", "A withdrawal was received today or before.")
def must_have_been_received(w: WithdrawingFacts) -> MemberLogicError | None:
    """A letter may be entered days after it came."""
    if w.wanted.received_on <= w.before.today:
        return None
    return ReceivedInTheFuture(received_on=w.wanted.received_on.isoformat(), today=w.before.today.isoformat())


@policy("CON-10", "A withdrawal is received on the day of signing or later.")
def must_be_received_after_signing(w: WithdrawingFacts) -> MemberLogicError | None:
    """Signing comes first."""
    received, signed = w.wanted.received_on, w.signed.signed_on
    if received >= signed:
        return None
    return ReceivedBeforeSigning(received_on=received.isoformat(), signed_on=signed.isoformat())


@policy("CON-10", "A contract is withdrawn from if its rate allows it.")
def rate_must_allow_it(w: WithdrawingFacts) -> MemberLogicError | None:
    """The rate as it was sold."""
    return NoCoolingOff() if w.last_day is None else None


@policy("CON-10", "A withdrawal is received within the cooling-off time, its last day inclusive.")
def must_be_in_time(w: WithdrawingFacts) -> MemberLogicError | None:
    """What counts is the receipt, not the filing."""
    if w.last_day is None or w.wanted.received_on <= w.last_day:
        return None
    return CoolingOffOver(last_day=w.last_day.isoformat(), received_on=w.wanted.received_on.isoformat())


@policy("CON-10", "A contract to which one switches later is not withdrawn from by itself.")
def must_have_taken_over(w: WithdrawingFacts) -> MemberLogicError | None:
    """Until its day, or until its fee is paid, the one before goes on: the switch can be withdrawn alone."""
    contract, known = w.before.contract, {each.id: each for each in w.sale}
    old = None if contract.predecessor is None else known.get(contract.predecessor)
    if old is None or old.cancellation is None or old.cancellation.kind is CancellationKind.TRANSFERRED:
        return None
    return FollowsAnother(predecessor=str(old.id)) if w.before.today < old.cancellation.effective_on else None


WITHDRAWING_FROM: Policies[WithdrawingFacts] = Policies(
    must_have_been_received,
    must_be_received_after_signing,
    rate_must_allow_it,
    must_be_in_time,
    must_have_taken_over,
)


def _followed(contract: Contract) -> MemberLogicError | None:
    filed = contract.cancellation
    if filed is None or filed.kind not in FOLLOWED:
        return None
    return FollowedByAnother(effective_on=filed.effective_on.isoformat())


def withdraw_cancellation(
    contract: Contract, now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, CancellationTakenBack]:
    """The contract without its cancellation: what it cut off is there again, limits of freezes not checked (CON-8).

    Raises:
        IllegalTransition: if the cancellation took effect.
        NoCancellationFiled: if there is none.
        FollowedByAnother: if it belongs to a switch or transfer, which is withdrawn instead.
    """
    before = settled(contract, now)
    require_taken(before.status, "withdraw_cancellation")
    filed = before.contract.cancellation
    if filed is None or filed.kind is CancellationKind.LAPSED:
        # A contract that waits for the fee of a switch lapses by itself; nobody cancelled it.
        raise NoCancellationFiled
    if (refusal := _followed(before.contract)) is not None:
        raise refusal
    after = evolve(before.contract, cancellation=None)
    event = CancellationWithdrawn(members=after.members, contract=after.id, effective_on=filed.effective_on)
    now_is = status(after, before.today)
    assert now_is is not None, "it is signed"
    result = CancellationTakenBack(contract=after.id, status=now_is, effective_on=filed.effective_on)
    return changed(before, after, event, result)


def withdraw_from(
    contract: Contract, known: Mapping[ContractId, Contract], wanted: WithdrawFrom, now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, WithdrawnFrom]:
    """The contract as never in force: cancelled from the day of signing. A cancellation on file gives way. Contracts
    that it took over from and that follow it are the same sale, and go with it.

    Args:
        known: the contracts that are linked with it by switches and transfers.

    Raises:
        IllegalTransition: if the contract has ended.
        RuleViolation: the first of :data:`WITHDRAWING_FROM` that refuses.
    """
    before = settled(contract, now)
    require_taken(before.status, "withdraw_from")
    old = waits_for(before.contract, known)
    if old is not None:
        raise FollowsAnother(predecessor=str(old.id))
    sale = one_after_the_other(before.contract, known, before.today)
    facts = WithdrawingFacts(wanted=wanted, before=before, sale=sale)
    WITHDRAWING_FROM.require(facts)
    assert facts.last_day is not None, "the rate allows it"
    cancellation = Cancellation(
        kind=CancellationKind.WITHDRAWN,
        reason=WITHDRAWN,
        received_on=wanted.received_on,
        filed_on=before.today,
        effective_on=contract.first_day,
    )
    after = evolve(before.contract, cancellation=cancellation)
    event = ContractWithdrawnFrom(
        members=after.members, contract=after.id, received_on=wanted.received_on, effective_on=facts.signed.signed_on
    )
    now_is = status(after, before.today)
    assert now_is is not None, "it is signed"
    result = WithdrawnFrom(contract=after.id, status=now_is, received_on=wanted.received_on, last_day=facts.last_day)
    outcome = changed(before, after, event, result)
    others = [voided(settled(each, now), wanted.received_on) for each in sale if each.id != contract.id]
    facts_of_others = tuple(each for each, _ in others)
    events = tuple(event for _, announced in others for event in announced)
    return Outcome((*outcome.facts, *facts_of_others), (*outcome.events, *events), result)
