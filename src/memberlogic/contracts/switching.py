"""CON-12: a contract is switched to another rate on a day: it ends on that day, and another on the new rate begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import ClassVar, TypeVar

from attrs import evolve, field, frozen

from memberlogic.amounts import Money
from memberlogic.calendar import first_day_after, first_day_before, local_day
from memberlogic.contracts import announcing
from memberlogic.contracts.drafting import CoversTooMany, RateNotOnSale, rates_from
from memberlogic.contracts.handing_on import (
    FollowerCancelled,
    SwitchWithdrawn,
    awaited,
    filed_as,
    followed,
    handed_on,
    still_there,
    voided,
    waits_for,
)
from memberlogic.contracts.lifecycle import require_taken
from memberlogic.contracts.model import BY_NOTICE, FINAL, Cancellation, CancellationKind, Contract, Coverage
from memberlogic.contracts.parts import SaleKind
from memberlogic.contracts.paying import PaymentRecorded
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.rates import Rate, SwitchPath
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import Span, spans, status
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, CoverageId, ExternalId, NewId, RateId
from memberlogic.inputs import a_day, an_id, as_tuple, optional, sequence_of
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "COMPLETING",
    "SWITCHING",
    "PreviewSwitch",
    "Switch",
    "SwitchCompleted",
    "SwitchFiled",
    "SwitchWithdrawal",
    "Switched",
    "completed",
    "given_up",
    "last_day_to_pay",
    "switch",
    "unpaid",
    "withdraw_switch",
]

R = TypeVar("R")
UNPAID = "switch_unpaid"
"""The reason of a contract whose switch lapsed."""


@frozen(kw_only=True)
class PreviewSwitch:
    """A switch to another rate on a day; today where none is given."""

    contract: ContractId = field(validator=an_id)
    rate: RateId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class Switch(PreviewSwitch):
    """Switch a contract to another rate."""

    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


@frozen(kw_only=True)
class SwitchFiled(Event):
    """A contract switches to another rate on a day, or on the later one on which the fee of the switch is paid."""

    type: ClassVar[str] = "contract.switch_filed"
    contract: ContractId
    successor: ContractId
    rate: RateId
    rate_version: int
    day: date
    pay_by: date | None


@frozen(kw_only=True)
class SwitchCompleted(Event):
    """The fee of a switch was paid: it takes effect on the day."""

    type: ClassVar[str] = "contract.switch_completed"
    contract: ContractId
    successor: ContractId
    day: date


@frozen(kw_only=True)
class Switched:
    """The contract that ends and the one that follows it, over past and known future."""

    contract: ContractId
    successor: ContractId | None
    """None in a preview."""
    rate: RateId
    rate_version: int
    on: date
    """The first day on the new rate; later if the fee is paid later."""
    fee: Money | None
    """What is to be paid before the switch takes effect; None if nothing is."""
    pay_by: date | None
    """The last day on which it can be paid; then the switch lapses."""
    before: tuple[Span, ...]
    after: tuple[Span, ...]

    def explain(self) -> Explanation:
        """What it waits for."""
        on = self.on.isoformat()
        if self.fee is None or self.pay_by is None:
            because = Because("CON-12", "contract.switched", {"on": on})
            return Explanation(f"The contract switches on {on}; nothing is owed for it.", (because,))
        figures = {"on": on, "fee": str(self.fee), "pay_by": self.pay_by.isoformat()}
        because = Because("CON-12", "contract.switches_when_paid", dict(figures))
        return Explanation(
            f"The contract switches on {on} or on the day of payment if that is later, and not at all if nothing is"
            f" paid by {self.pay_by.isoformat()}.",
            (because,),
        )


@frozen(kw_only=True)
class SwitchWithdrawal:
    """A contract stays on its rate; the one that would have followed counts as never in force."""

    contract: ContractId
    successor: ContractId
    on: date


@frozen(kw_only=True)
class SwitchingFacts:
    """What the rules look at."""

    before: Settled
    others: Mapping[ContractId, Contract]
    course: Course
    rate: Rate
    day: date

    @property
    def path(self) -> SwitchPath | None:
        """How the rate of the day lets it switch."""
        return self.course.rate_on(self.day).terms.path_to(self.rate.id)


class NoSuchPath(RuleViolation):
    """The rate says to which others a contract can be switched."""

    code = "switch.no_such_path"
    rule = "CON-12"
    sentence = "A contract on this rate cannot be switched to {rate}; it can to: {allowed}."


class SwitchTooEarly(RuleViolation):
    """The rate says after how many days."""

    code = "switch.too_early"
    rule = "CON-12"
    sentence = "The switch would lie on {day}; the earliest day by the contract's first day is {earliest}."


class SwitchTooFarBack(RuleViolation):
    """The rate says how far."""

    code = "switch.too_far_back"
    rule = "CON-12"
    sentence = "The switch would lie on {day}; the rate allows {earliest} at the earliest."


class SwitchAfterEnd(RuleViolation):
    """There is nothing to switch."""

    code = "switch.after_end"
    rule = "CON-12"
    sentence = "The contract is over on {end}; it cannot be switched on {day}."


class UnderCancellation(RuleViolation):
    """The cancellation is withdrawn first."""

    code = "switch.under_cancellation"
    rule = "CON-12"
    sentence = "The contract is cancelled to {effective_on}; the cancellation is withdrawn first."


class SwitchLapsed(RuleViolation):
    """The contract before is not what it was."""

    code = "switch.lapsed"
    rule = "CON-12"
    sentence = "The switch lapsed on {lapsed_on}, and the contract before waits for its fee no more."


@policy("CON-12", "A contract switches to the rates that its own lists.")
def must_be_a_path(s: SwitchingFacts) -> MemberLogicError | None:
    """The rate in force on the day of the switch."""
    if s.path is not None:
        return None
    allowed = [str(each.to) for each in s.course.rate_on(s.day).terms.switch_paths]
    return NoSuchPath(rate=str(s.rate.id), allowed=allowed)


@policy("CON-12", "A contract switches to a rate that is on sale.")
def rate_must_be_on_sale(s: SwitchingFacts) -> MemberLogicError | None:
    """To the version on sale now."""
    return None if s.rate.on_sale else RateNotOnSale(rate=str(s.rate.id))


@policy("CON-12", "A contract is handed on once at a time.")
def must_not_be_handed_on(s: SwitchingFacts) -> MemberLogicError | None:
    """A switch or transfer that is to come is withdrawn first."""
    return handed_on(s.before.contract, s.others, s.before.today)


@policy("CON-12", "A switch lies after the first day of the contract.")
def must_not_be_too_early(s: SwitchingFacts) -> MemberLogicError | None:
    """By as many days as the rate says."""
    contract, after = s.before.contract, 1 if s.path is None else s.path.after_days
    earliest = max(contract.start_on + timedelta(days=after), contract.first_day)
    return None if s.day >= earliest else SwitchTooEarly(day=s.day.isoformat(), earliest=earliest.isoformat())


@policy("CON-12", "A switch does not lie further back than the rate allows.")
def must_not_lie_too_far_back(s: SwitchingFacts) -> MemberLogicError | None:
    """Not before today, where it says nothing."""
    earliest = s.before.today - timedelta(days=0 if s.path is None else s.path.days_back)
    return None if s.day >= earliest else SwitchTooFarBack(day=s.day.isoformat(), earliest=earliest.isoformat())


@policy("CON-12", "A switch does not lie under a cancellation.")
def must_not_be_cancelled(s: SwitchingFacts) -> MemberLogicError | None:
    """It is withdrawn first."""
    filed = s.before.contract.cancellation
    return None if filed is None else UnderCancellation(effective_on=filed.effective_on.isoformat())


@policy("CON-12", "A switch lies in the term of the contract, or on the day on which it ends.")
def must_not_be_after_the_end(s: SwitchingFacts) -> MemberLogicError | None:
    """A switch does not prolong."""
    end = s.course.expires_on
    if end is None or s.day <= end:
        return None
    return SwitchAfterEnd(end=end.isoformat(), day=s.day.isoformat())


@policy("CON-11", "The new rate covers everybody who is on the contract.")
def must_not_cover_too_many(s: SwitchingFacts) -> MemberLogicError | None:
    """On the day of the switch and on every later one."""
    beside = [each for each in still_there(s.before.contract, s.day) if not each.holder]
    most = s.rate.terms.most_covered
    asked = max((sum(day in each for each in beside) for day in {s.day, *(each.since for each in beside)}), default=0)
    return CoversTooMany(most=most, asked=asked) if asked > most else None


SWITCHING: Policies[SwitchingFacts] = Policies(
    must_be_a_path,
    rate_must_be_on_sale,
    must_not_be_handed_on,
    must_not_be_too_early,
    must_not_lie_too_far_back,
    must_not_be_cancelled,
    must_not_be_after_the_end,
    must_not_cover_too_many,
)


def switch(
    contract: Contract,
    others: Mapping[ContractId, Contract],
    wanted: PreviewSwitch,
    rate: Rate,
    following: Mapping[RateId, Rate],
    id: ContractId,
    now: datetime,
    new_id: NewId,
) -> Outcome[tuple[Changed, ...], Event | OfItself, Switched]:
    """The contract cancelled to the day, and another on the new rate from the day on, for whoever is on it then. Where
    the path names a fee the other waits for it, and the contract goes on until it is paid.

    Args:
        following: the rates that the new one switches to at the end of a term (CON-9).

    Raises:
        IllegalTransition: if the contract has ended or is not paid.
        RuleViolation: the first of :data:`SWITCHING` that refuses.
    """
    before = settled(contract, now)
    require_taken(before.status, "switch")
    course, day = Course.of(before.contract), wanted.on or before.today
    facts = SwitchingFacts(before=before, others=others, course=course, rate=rate, day=day)
    SWITCHING.require(facts)
    assert facts.path is not None, "it is a path"
    coverage = tuple(
        evolve(each, id=CoverageId(new_id()), since=max(each.since, day)) for each in still_there(before.contract, day)
    )
    pay_by = None if facts.path.fee is None else last_day_to_pay(facts.path, before.today, course.expires_on)
    signed_on = min(before.today, day)
    new = Contract(
        id=id,
        rates=rates_from(rate, following),
        studio=before.contract.studio,
        signed_on=signed_on,
        start_on=day,
        coverage=coverage,
        cancellation=None if pay_by is None else unpaid(before.today, first_day_after(pay_by)),
        switch_fee=_owed(facts.path, rate),
        predecessor=contract.id,
        announced_to=first_day_before(signed_on),
        effective_at=now,
    )
    next_, announced = announcing.settle(new, now)
    old = evolve(before.contract, successor=id)
    if pay_by is None:
        old = evolve(old, cancellation=filed_as(CancellationKind.SWITCHED, before.today, day))
    filed = SwitchFiled(
        members=old.members,
        contract=old.id,
        successor=id,
        rate=rate.id,
        rate_version=rate.current.version,
        day=day,
        pay_by=pay_by,
    )
    told = Switched(
        contract=old.id,
        successor=id,
        rate=rate.id,
        rate_version=rate.current.version,
        on=day,
        fee=facts.path.fee,
        pay_by=pay_by,
        before=tuple(spans(Course.of(old))),
        after=tuple(spans(Course.of(next_))),
    )
    outcome = changed(before, old, filed, told)
    sold = SaleKind.SWITCHED if pay_by is None else None
    drafted = Changed(contract=next_, new=coverage, drafted=True, sold=sold)
    return Outcome((drafted, *outcome.facts), (*outcome.events, *announced), told)


def _owed(path: SwitchPath, rate: Rate) -> Money | None:
    """What is owed in the place of the initial fee: what the path says, or nothing."""
    initial = rate.terms.initial_fee
    if path.fee is not None or initial is None:
        return path.fee
    return Money(0, initial.currency)


def last_day_to_pay(path: SwitchPath, filed_on: date, end: date | None) -> date:
    """The last day on which the fee can be paid: before the day on which the contract ends, as far as that is known."""
    last = filed_on + timedelta(days=path.days_to_pay)
    return last if end is None else min(last, first_day_before(end))


def unpaid(today: date, day: date) -> Cancellation:
    """The end of a switch that nobody pays for: it comes about by waiting."""
    return Cancellation(
        kind=CancellationKind.LAPSED,
        reason=UNPAID,
        received_on=today,
        filed_on=today,
        effective_on=day,
    )


@frozen(kw_only=True)
class CompletingFacts:
    """What the rules look at when the fee of a switch is paid: the contract that would end, and the day."""

    before: Settled
    day: date


@policy("CON-12", "A switch does not lie under a cancellation.")
def must_still_not_be_cancelled(c: CompletingFacts) -> MemberLogicError | None:
    """Nor under one that came while the fee was awaited."""
    filed = c.before.contract.cancellation
    return None if filed is None else UnderCancellation(effective_on=filed.effective_on.isoformat())


@policy("CON-12", "A switch lies in the term of the contract, or on the day on which it ends.")
def must_still_not_be_over(c: CompletingFacts) -> MemberLogicError | None:
    """However late the fee is paid."""
    end = Course.of(c.before.contract).expires_on
    if end is None or c.day <= end:
        return None
    return SwitchAfterEnd(end=end.isoformat(), day=c.day.isoformat())


COMPLETING: Policies[CompletingFacts] = Policies(must_still_not_be_cancelled, must_still_not_be_over)


def completed(
    paid: Outcome[tuple[Changed, ...], Event | OfItself, PaymentRecorded],
    contract: Contract,
    others: Mapping[ContractId, Contract],
    now: datetime,
) -> Outcome[tuple[Changed, ...], Event | OfItself, PaymentRecorded]:
    """A payment, and if it completes the fee of a switch, the switch: on its day, or on that of the payment if later;
    also if it is told after the switch had lapsed.

    Args:
        contract: the one that is paid for, as it was before.

    Raises:
        SwitchLapsed: if it lapsed, and the contract before waits for it no more.
        RuleViolation: the first of :data:`COMPLETING` that refuses; the payment is refused with it.
    """
    (change,) = paid.facts
    next_ = change.contract
    waiting = waits_for(next_, others)
    now_was = settled(contract, now)
    ends = contract.cancellation
    if waiting is None and ends is not None and ends.reason == UNPAID and now_was.status in FINAL:
        raise SwitchLapsed(lapsed_on=ends.effective_on.isoformat())
    if waiting is None or not _paid(next_):
        return paid
    day = max(next_.start_on, *_paid_on(next_))
    old = settled(waiting, now)
    COMPLETING.require(CompletingFacts(before=old, day=day))
    later = tuple(_from(each, day) for each in next_.coverage if each.since < day)
    other = {each.id: each for each in later}
    begun = evolve(
        next_,
        start_on=day,
        cancellation=None,
        coverage=tuple(other.get(each.id, each) for each in next_.coverage),
    )
    ended = evolve(old.contract, cancellation=filed_as(CancellationKind.SWITCHED, old.today, day))
    filed = SwitchCompleted(members=ended.members, contract=ended.id, successor=begun.id, day=day)
    outcome = changed(old, ended, filed, paid.result)
    new = evolve(change, contract=begun, different=(*change.different, *later), sold=SaleKind.SWITCHED)
    both = (new, *outcome.facts)
    told = paid.events[: len(now_was.announced) + 1]
    corrected = announcing.corrected(now_was.contract, begun, now)
    now_is = status(begun, now_was.today)
    assert now_is is not None, "it is signed"
    return Outcome(both, (*told, *corrected, *outcome.events), evolve(paid.result, status=now_is))


def _paid(contract: Contract) -> bool:
    return contract.owed_on(max(_paid_on(contract))) <= 0


def _paid_on(contract: Contract) -> list[date]:
    return [each.paid_on for each in contract.payments if each.reversed_on is None]


def _from(coverage: Coverage, day: date) -> Coverage:
    return evolve(coverage, since=day if coverage.until is None else min(day, coverage.until))


def given_up(
    cancelled: Outcome[tuple[Changed, ...], Event | OfItself, R], others: Mapping[ContractId, Contract], now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, R]:
    """A contract that was cancelled, and with it a switch that waits for its fee: it lapses at once, as it could take
    effect no more.
    """
    change = cancelled.facts[0]
    old = change.contract
    today = local_day(now, old.studio.zone)
    next_ = awaited(evolve(old, cancellation=None), others, today)
    if next_ is None or next_.cancellation is None or next_.cancellation.reason != UNPAID:
        return cancelled
    before = settled(next_, now)
    after = evolve(
        before.contract,
        cancellation=unpaid(today, max(today, before.contract.first_day)),
        version=next_.version + 1,
        effective_at=now,
    )
    events = (*cancelled.events, *before.announced, *announcing.corrected(before.contract, after, now))
    return Outcome((*cancelled.facts, Changed(contract=after)), events, cancelled.result)


def withdraw_switch(
    contract: Contract, others: Mapping[ContractId, Contract], now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, SwitchWithdrawal]:
    """The contract as if there had been no switch: before its day, or while its fee is awaited.

    Raises:
        IllegalTransition: if the contract has ended, or the day of the switch has come.
        NothingToWithdraw: if no switch is on file.
        AlreadyHandedOn: if the contract that follows is handed on itself.
        FollowerCancelled: if the contract that follows was cancelled.
    """
    before = settled(contract, now)
    require_taken(before.status, "withdraw_switch")
    next_ = followed(before, others, CancellationKind.SWITCHED)
    under = next_.contract.cancellation
    if under is not None and under.kind in BY_NOTICE:
        raise FollowerCancelled(successor=str(next_.contract.id), effective_on=under.effective_on.isoformat())
    gone, events = voided(next_)
    after = evolve(before.contract, cancellation=None, successor=None)
    day = next_.contract.start_on
    filed = SwitchWithdrawn(members=after.members, contract=after.id, successor=gone.contract.id, day=day)
    told = SwitchWithdrawal(contract=after.id, successor=gone.contract.id, on=day)
    outcome = changed(before, after, filed, told)
    return Outcome((gone, *outcome.facts), (*outcome.events, *events), told)
