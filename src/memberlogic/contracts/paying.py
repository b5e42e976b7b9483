"""CON-3: payments towards the initial fee, as the host was told of them; what was wrong is reversed, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, TypeVar

from attrs import evolve, field, frozen

from memberlogic.amounts import Money
from memberlogic.calendar import first_day_before
from memberlogic.contracts import announcing
from memberlogic.contracts.lapsing import LAPSED
from memberlogic.contracts.lifecycle import over_on, require_taken
from memberlogic.contracts.model import FINAL, Cancellation, CancellationKind, Contract, ContractStatus, Payment
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import status
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, PaymentId
from memberlogic.inputs import a_day, a_key, an_id, instance, optional
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "PAYING",
    "ContractPaid",
    "PaidAfterTheEnd",
    "PaidWhereItGoesOn",
    "Pay",
    "PaymentRecorded",
    "PaymentReversed",
    "ReversePayment",
    "paid_before_the_transfer",
    "pay",
    "reverse_payment",
    "with_payment",
]


R = TypeVar("R")


@frozen(kw_only=True)
class Pay:
    """A payment that the host was told of; today where no day is given."""

    contract: ContractId = field(validator=an_id)
    amount: Money = field(validator=instance(Money, "an amount of money"))
    paid_on: date | None = field(default=None, validator=optional(a_day))
    reference: str | None = field(default=None, validator=optional(a_key))

    def __attrs_post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise InvalidInput(path="amount", expected="an amount above 0", got=str(self.amount.minor))


@frozen(kw_only=True)
class ReversePayment:
    """A payment that was wrong or bounced: it counts no more from today on."""

    contract: ContractId = field(validator=an_id)
    payment: PaymentId = field(validator=an_id)


@frozen(kw_only=True)
class ContractPaid(Event):
    """A payment came in."""

    type: ClassVar[str] = "contract.paid"
    contract: ContractId
    payment: PaymentId
    paid_on: date
    amount: int
    currency: str


@frozen(kw_only=True)
class PaymentReversed(Event):
    """A payment counts no more."""

    type: ClassVar[str] = "contract.payment_reversed"
    contract: ContractId
    payment: PaymentId
    reversed_on: date


@frozen(kw_only=True)
class PaymentRecorded:
    """What a contract is after a payment, or after one was reversed, and what is still owed."""

    contract: ContractId
    payment: PaymentId
    status: ContractStatus
    owed: int

    def explain(self) -> Explanation:
        """Why it is what it is."""
        said = "is paid in full" if self.owed == 0 else f"owes {self.owed}"
        because = Because("CON-3", "contract.owes", {"owed": self.owed, "status": self.status.value})
        return Explanation(f"The contract {said} and is {self.status.value.replace('_', ' ')}.", (because,))


@frozen(kw_only=True)
class PayingFacts:
    """What the rules of paying look at."""

    wanted: Pay
    before: Settled
    paid_on: date


class PaymentToCome(RuleViolation):
    """What was not paid yet is no payment."""

    code = "payment.to_come"
    rule = "CON-3"
    sentence = "The payment is dated {paid_on}, after today, {today}."


class PaidAfterTheEnd(RuleViolation):
    """There is nothing left to pay for."""

    code = "payment.after_the_end"
    rule = "CON-3"
    sentence = "The contract is over from {over_on} on; a payment of {paid_on} does not count, only an earlier one."


class PaidWhereItGoesOn(RuleViolation):
    """It was transferred."""

    code = "payment.goes_on"
    rule = "CON-12"
    sentence = "The contract goes on as {successor}: the payment is recorded there."


class PaymentInAnotherCurrency(RuleViolation):
    """Amounts in two currencies cannot be added."""

    code = "payment.currency_differs"
    rule = "COM-6"
    sentence = "The initial fee is in {expected}; the payment is in {paid}."


class PaidTooMuch(RuleViolation):
    """Nobody pays more than is owed."""

    code = "payment.exceeds_owed"
    rule = "CON-3"
    sentence = "The contract owes {owed}; {paid} would be too much."


class PaymentReferenceUsed(RuleViolation):
    """The same payment does not come twice."""

    code = "payment.reference_used"
    rule = "CON-3"
    sentence = "The contract has a payment {payment} with this reference."


class PaymentAlreadyReversed(RuleViolation):
    """It counts no more already."""

    code = "payment.already_reversed"
    rule = "CON-3"
    sentence = "The payment {payment} was reversed on {reversed_on}."


@policy("CON-3", "A payment is not dated in the future.")
def must_have_been_paid(p: PayingFacts) -> MemberLogicError | None:
    """Today at the latest."""
    if p.paid_on <= p.before.today:
        return None
    return PaymentToCome(paid_on=p.paid_on.isoformat(), today=p.before.today.isoformat())


@policy("CON-12", "A contract that goes on at another studio is paid there.")
def must_be_paid_where_it_goes_on(p: PayingFacts) -> MemberLogicError | None:
    """It counts from the day of payment, also on the one before."""
    contract, filed = p.before.contract, p.before.contract.cancellation
    if p.before.status not in FINAL or filed is None or filed.kind is not CancellationKind.TRANSFERRED:
        return None
    return PaidWhereItGoesOn(successor=str(contract.successor))


@policy("CON-3", "A contract that has ended takes what was paid before its end.")
def must_have_been_paid_before_the_end(p: PayingFacts) -> MemberLogicError | None:
    """It may be told later (COM-21)."""
    contract = p.before.contract
    if p.before.status not in FINAL or status(contract, max(p.paid_on, contract.first_day)) not in FINAL:
        return None
    over = over_on(Course.of(contract))
    assert over is not None, "it has ended"
    return PaidAfterTheEnd(over_on=over.isoformat(), paid_on=p.paid_on.isoformat())


@policy("COM-6", "A payment is in the currency of the fee.")
def must_be_in_the_fees_currency(p: PayingFacts) -> MemberLogicError | None:
    """Currencies are not mixed."""
    fee = p.before.contract.fee
    if fee is None or fee.currency == p.wanted.amount.currency:
        return None
    return PaymentInAnotherCurrency(expected=fee.currency, paid=p.wanted.amount.currency)


@policy("CON-3", "A reference stands for one payment.")
def reference_must_be_new(p: PayingFacts) -> MemberLogicError | None:
    """A payment that was reversed frees its reference."""
    for each in p.before.contract.payments:
        if each.reference is not None and each.reference == p.wanted.reference and each.reversed_on is None:
            return PaymentReferenceUsed(payment=str(each.id))
    return None


@policy("CON-3", "Overpayment is refused.")
def must_not_exceed_what_is_owed(p: PayingFacts) -> MemberLogicError | None:
    """What was paid by any day counts."""
    owed = p.before.contract.owed_on(p.before.today)
    if p.wanted.amount.minor <= owed:
        return None
    return PaidTooMuch(owed=max(owed, 0), paid=p.wanted.amount.minor)


PAYING: Policies[PayingFacts] = Policies(
    must_have_been_paid,
    must_be_paid_where_it_goes_on,
    must_have_been_paid_before_the_end,
    must_be_in_the_fees_currency,
    reference_must_be_new,
    must_not_exceed_what_is_owed,
)


def pay(
    contract: Contract, wanted: Pay, id: PaymentId, now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, PaymentRecorded]:
    """A payment more. Paid in full before the first day the contract waits for it; later it is active from the day of
    the payment that completed the fee. A contract that has ended takes what was paid before its end (COM-21).

    Raises:
        IllegalTransition: if the contract has not taken over from another yet.
        RuleViolation: the first of :data:`PAYING` that refuses.
    """
    before = settled(contract, now)
    paid_on = wanted.paid_on or before.today
    require_taken(before.status, "pay")
    PAYING.require(PayingFacts(wanted=wanted, before=before, paid_on=paid_on))
    payment = Payment(id=id, paid_on=paid_on, amount=wanted.amount, reference=wanted.reference)
    after = with_payment(before.contract, payment)
    filed = ContractPaid(
        members=after.members,
        contract=after.id,
        payment=id,
        paid_on=paid_on,
        amount=wanted.amount.minor,
        currency=wanted.amount.currency,
    )
    return changed(before, after, filed, _recorded(after, id, before.today), new=(payment,))


def with_payment(contract: Contract, payment: Payment) -> Contract:
    """A contract with a payment more. A draft that lapsed and had been paid in full before did not lie on hold: it has
    not lapsed.
    """
    after = evolve(contract, payments=(*contract.payments, payment))
    filed = after.cancellation
    lapsed = filed is not None and filed.kind is CancellationKind.LAPSED and filed.reason == LAPSED
    if filed is not None and lapsed and after.paid_in_full_by(first_day_before(filed.effective_on)):
        return evolve(after, cancellation=None)
    return after


def reverse_payment(
    contract: Contract, wanted: ReversePayment, now: datetime, lapses: Cancellation | None = None
) -> Outcome[tuple[Changed, ...], Event | OfItself, PaymentRecorded]:
    """A payment counts no more from today on; what it did before stands.

    Args:
        lapses: the end that the contract has now, where it came by a switch that waits for its fee again (CON-12).

    Raises:
        NotFound: if the contract has no such payment.
        IllegalTransition: if the contract has ended.
        PaymentAlreadyReversed: if it was reversed before.
    """
    before = settled(contract, now)
    payment = next((each for each in contract.payments if each.id == wanted.payment), None)
    if payment is None:
        raise NotFound(kind="payment", id=wanted.payment)
    require_taken(before.status, "reverse_payment")
    if payment.reversed_on is not None:
        raise PaymentAlreadyReversed(payment=str(payment.id), reversed_on=payment.reversed_on.isoformat())
    # A payment that was dated back counts until today, one of today not at all.
    wrong = evolve(payment, reversed_on=before.today)
    others = tuple(wrong if each.id == wrong.id else each for each in contract.payments)
    after = evolve(before.contract, payments=others, cancellation=lapses or before.contract.cancellation)
    filed = PaymentReversed(members=after.members, contract=after.id, payment=payment.id, reversed_on=before.today)
    return changed(before, after, filed, _recorded(after, payment.id, before.today), different=(wrong,))


def _recorded(after: Contract, payment: PaymentId, today: date) -> PaymentRecorded:
    now_is = status(after, today)
    assert now_is is not None, "it is signed"
    return PaymentRecorded(contract=after.id, payment=payment, status=now_is, owed=after.owed_on(today))


def paid_before_the_transfer(
    paid: Outcome[tuple[Changed, ...], Event | OfItself, R], known: Mapping[ContractId, Contract], now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, R]:
    """A payment that is told after a transfer and was made before it: it counts on the contract before, too, from the
    day on which it was made (CON-12, COM-21).
    """
    facts, events = paid.facts, paid.events
    change = next(each for each in facts if any(isinstance(part, Payment) for part in each.new))
    payment = next(part for part in change.new if isinstance(part, Payment))
    following = change.contract
    while (before := _transferred_to(following, known)) is not None and payment.paid_on < following.first_day:
        one = settled(before, now)
        after = evolve(with_payment(one.contract, payment), version=before.version + 1, effective_at=now)
        facts = (*facts, Changed(contract=after, new=(payment,)))
        events = (*events, *one.announced, *announcing.corrected(one.contract, after, now))
        following = before
    return Outcome(facts, events, paid.result)


def _transferred_to(contract: Contract, known: Mapping[ContractId, Contract]) -> Contract | None:
    """The contract that was transferred to this one."""
    before = None if contract.predecessor is None else known.get(contract.predecessor)
    filed = None if before is None else before.cancellation
    return before if filed is not None and filed.kind is CancellationKind.TRANSFERRED else None
