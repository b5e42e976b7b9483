"""CON-7: cancelling a contract. The day on which it takes effect is reckoned once, when it is filed, and stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from attrs import evolve, field, frozen

from memberlogic.contracts.cancellations import CancellationFiled, Cancelled, Moved, Reckoned
from memberlogic.contracts.lifecycle import require_taken
from memberlogic.contracts.model import FOLLOWED, Cancellation, CancellationKind, Contract
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.reckoning import Way, course_for, way_out
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import status
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, NewId, NoteId
from memberlogic.inputs import a_day, a_note, an_id, code, instance, optional
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "CANCELLING",
    "Cancel",
    "CancellingFacts",
    "EndsBeforeTakingOver",
    "FollowedByAnother",
    "PreviewCancellation",
    "cancel",
    "preview",
]


@frozen(kw_only=True)
class PreviewCancellation:
    """A cancellation: to the next day that the notice allows, or to a named one; an extraordinary one names its day."""

    contract: ContractId = field(validator=an_id)
    received_on: date = field(validator=a_day)
    to: date | None = field(default=None, validator=optional(a_day))
    extraordinary: bool = field(default=False, validator=instance(bool, "true or false"))

    def __attrs_post_init__(self) -> None:
        if self.extraordinary and self.to is None:
            raise InvalidInput(path="to", expected="the day of an extraordinary cancellation", got="None")


@frozen(kw_only=True)
class Cancel(PreviewCancellation):
    """Cancel a contract, for a reason."""

    reason: str = field(validator=code("a reason"))
    note: str | None = field(default=None, validator=optional(a_note))


@frozen(kw_only=True)
class CancellingFacts:
    """What the rules of cancelling look at."""

    wanted: PreviewCancellation
    before: Settled
    reason: str | None
    """None for a preview, which needs none."""
    reasons: Sequence[str]
    course: Course
    """As it is for a cancellation that was received on the day."""

    @property
    def contract(self) -> Contract:
        """The contract as it is today."""
        return self.before.contract

    @property
    def never_paid(self) -> bool:
        """Whether it is a draft that was never fully paid."""
        return not self.contract.paid_in_full_by(self.before.today)

    @property
    def kind(self) -> CancellationKind:
        """What it comes to."""
        if self.never_paid:
            return CancellationKind.NEVER_PAID
        return CancellationKind.EXTRAORDINARY if self.wanted.extraordinary else CancellationKind.ORDINARY


class CancellationReasonUnknown(RuleViolation):
    """The organization has no such reason."""

    code = "cancellation.reason_unknown"
    rule = "CON-7"
    sentence = "The reason is not on the organization's list: {allowed}."


class ReceivedInTheFuture(RuleViolation):
    """What was not received yet is no cancellation."""

    code = "cancellation.received_in_the_future"
    rule = "CON-7"
    sentence = "The cancellation would be received on {received_on}, after today, {today}."


class ReceivedBeforeSigning(RuleViolation):
    """There was nothing to cancel."""

    code = "cancellation.received_before_signing"
    rule = "CON-7"
    sentence = "The cancellation would be received on {received_on}; the contract was signed on {signed_on}."


class FollowedByAnother(RuleViolation):
    """Another contract follows."""

    code = "cancellation.followed_by_another"
    rule = "CON-7"
    sentence = "Another contract follows this one on {effective_on}; that is withdrawn first."


class CancelledBeforeReceipt(RuleViolation):
    """Only a withdrawal, a switch and a transfer end a contract in the past."""

    code = "cancellation.before_receipt"
    rule = "CON-7"
    sentence = "The contract would end on {to}, before the cancellation was received on {received_on}."


class DraftEndsAtOnce(RuleViolation):
    """There is nothing to wait for."""

    code = "cancellation.draft_ends_at_once"
    rule = "CON-7"
    sentence = "The contract was never fully paid and ends at once; no day can be named."


class EndsBefore(RuleViolation):
    """A cancellation does not prolong."""

    code = "cancellation.ends_before"
    rule = "CON-7"
    sentence = "The contract ends on {ends_on} anyway; it cannot be cancelled to {to}."


class NotByNotice(RuleViolation):
    """The notice does not allow that day."""

    code = "cancellation.not_by_notice"
    rule = "CON-7"
    sentence = (
        "By its notice the contract cannot be cancelled to {to}; the first possible day from then on is {possible}."
    )


class EndsBeforeTakingOver(RuleViolation):
    """Until its day the contract before it is in force, and that one goes on."""

    code = "cancellation.before_taking_over"
    rule = "CON-7"
    sentence = (
        "The contract takes over from {predecessor} on {begins}, by a switch, and would end on {to} before that:"
        " the switch is withdrawn, and {predecessor} cancelled."
    )


class LaterThanFiled(RuleViolation):
    """Who wants it to run on withdraws the cancellation."""

    code = "cancellation.later_than_filed"
    rule = "CON-7"
    sentence = "The contract is cancelled to {filed}; a cancellation to {effective_on} needs that one withdrawn first."


@policy("CON-7", "A reason is one of the organization's list.")
def reason_must_be_on_the_list(c: CancellingFacts) -> MemberLogicError | None:
    """Beside it there may be a note."""
    if c.reason is None or c.reason in c.reasons:
        return None
    return CancellationReasonUnknown(allowed=list(c.reasons))


@policy("CON-7", "A cancellation was received today or before.")
def must_have_been_received(c: CancellingFacts) -> MemberLogicError | None:
    """A letter may be entered days after it came."""
    if c.wanted.received_on <= c.before.today:
        return None
    return ReceivedInTheFuture(received_on=c.wanted.received_on.isoformat(), today=c.before.today.isoformat())


@policy("CON-7", "A cancellation is received on the day of signing or later.")
def must_be_received_after_signing(c: CancellingFacts) -> MemberLogicError | None:
    """Signing comes first."""
    received, signed = c.wanted.received_on, c.contract.signed_on
    if received >= signed:
        return None
    return ReceivedBeforeSigning(received_on=received.isoformat(), signed_on=signed.isoformat())


@policy("CON-7", "A contract that another follows is not cancelled.")
def must_not_be_followed(c: CancellingFacts) -> MemberLogicError | None:
    """The switch or transfer is withdrawn first."""
    filed = c.contract.cancellation
    if filed is None or filed.kind not in FOLLOWED:
        return None
    return FollowedByAnother(effective_on=filed.effective_on.isoformat())


@policy("CON-7", "A day before receipt is refused.")
def must_not_be_before_receipt(c: CancellingFacts) -> MemberLogicError | None:
    """The day of receipt is possible."""
    to, received = c.wanted.to, c.wanted.received_on
    if to is None or to >= received:
        return None
    return CancelledBeforeReceipt(to=to.isoformat(), received_on=received.isoformat())


@policy("CON-7", "A draft that was never fully paid ends at once.")
def draft_must_not_name_a_day(c: CancellingFacts) -> MemberLogicError | None:
    """Nothing is to be waited for."""
    return DraftEndsAtOnce() if c.never_paid and c.wanted.to is not None else None


@policy("CON-7", "A named day after the one on which the contract ends anyway is refused.")
def must_not_be_after_the_end(c: CancellingFacts) -> MemberLogicError | None:
    """A cancellation does not prolong."""
    to, ends = c.wanted.to, c.course.expires_on
    if to is None or ends is None or to <= ends:
        return None
    return EndsBefore(to=to.isoformat(), ends_on=ends.isoformat())


@policy("CON-7", "An ordinary cancellation keeps the notice.")
def must_keep_the_notice(c: CancellingFacts) -> MemberLogicError | None:
    """Also if it names its day."""
    to = c.wanted.to
    if to is None or c.wanted.extraordinary:
        return None
    possible = _not_after_the_end(c.course, _way(c).day)
    return None if possible == to else NotByNotice(to=to.isoformat(), possible=possible.isoformat())


@policy("CON-7", "A contract to which one switches later does not end before it takes over.")
def must_not_end_before_it_takes_over(c: CancellingFacts) -> MemberLogicError | None:
    """What the member wants to leave is the one before. One that is not paid for gives the switch up."""
    contract, effective_on = c.contract, _reckon(c).effective_on
    by_switch = contract.predecessor is not None and contract.begins_on is None
    if c.never_paid or not by_switch or effective_on >= contract.start_on:
        return None
    return EndsBeforeTakingOver(
        predecessor=str(contract.predecessor), begins=contract.start_on.isoformat(), to=effective_on.isoformat()
    )


@policy("CON-7", "A second cancellation is to an earlier or equal day.")
def must_not_be_later_than_filed(c: CancellingFacts) -> MemberLogicError | None:
    """It takes the place of the first."""
    filed, effective_on = c.contract.cancellation, _reckon(c).effective_on
    if filed is None or effective_on <= filed.effective_on:
        return None
    return LaterThanFiled(filed=filed.effective_on.isoformat(), effective_on=effective_on.isoformat())


CANCELLING: Policies[CancellingFacts] = Policies(
    reason_must_be_on_the_list,
    must_have_been_received,
    must_be_received_after_signing,
    must_not_be_followed,
    must_not_be_before_receipt,
    draft_must_not_name_a_day,
    must_not_be_after_the_end,
    must_keep_the_notice,
    must_not_end_before_it_takes_over,
    must_not_be_later_than_filed,
)


def preview(contract: Contract, wanted: PreviewCancellation, now: datetime) -> Reckoned:
    """To which day a contract would be cancelled.

    Raises:
        IllegalTransition: if the contract has ended.
        RuleViolation: the first of :data:`CANCELLING` that refuses.
    """
    return _decided(settled(contract, now), wanted, None, ())


def cancel(
    contract: Contract, wanted: Cancel, reasons: Sequence[str], now: datetime, new_id: NewId
) -> Outcome[tuple[Changed, ...], Event | OfItself, Cancelled]:
    """The contract with a cancellation on file, in the place of one to a later day. It stays as it is until then.

    Raises:
        IllegalTransition: if the contract has ended.
        RuleViolation: the first of :data:`CANCELLING` that refuses.
    """
    before = settled(contract, now)
    reckoned = _decided(before, wanted, wanted.reason, reasons)
    cancellation = Cancellation(
        kind=reckoned.kind,
        reason=wanted.reason,
        received_on=reckoned.received_on,
        filed_on=reckoned.filed_on,
        effective_on=reckoned.effective_on,
        note=None if wanted.note is None else NoteId(new_id()),
    )
    after = evolve(before.contract, cancellation=cancellation)
    filed = CancellationFiled(
        members=after.members,
        contract=after.id,
        kind=reckoned.kind,
        reason=wanted.reason,
        received_on=reckoned.received_on,
        effective_on=reckoned.effective_on,
        replaces=reckoned.replaces,
        note_id=cancellation.note,
    )
    now_is = status(after, before.today)
    assert now_is is not None, "it is signed"
    result = Cancelled(contract=after.id, status=now_is, reason=wanted.reason, reckoned=reckoned)
    return changed(before, after, filed, result)


def _decided(before: Settled, wanted: PreviewCancellation, reason: str | None, reasons: Sequence[str]) -> Reckoned:
    require_taken(before.status, "cancel")
    course = course_for(before.contract, wanted.received_on)
    facts = CancellingFacts(wanted=wanted, before=before, reason=reason, reasons=reasons, course=course)
    CANCELLING.require(facts)
    return _reckon(facts)


def _way(c: CancellingFacts) -> Way:
    return way_out(c.course, c.wanted.received_on, named=c.wanted.to)


def _not_after_the_end(course: Course, day: date) -> date:
    return day if course.expires_on is None else min(day, course.expires_on)


def _reckon(c: CancellingFacts) -> Reckoned:
    wanted, today, filed = c.wanted, c.before.today, c.contract.cancellation
    by_notice = c.kind is CancellationKind.ORDINARY
    way = _way(c) if by_notice else None
    day = way.day if way is not None else wanted.to or today
    within = _not_after_the_end(c.course, day) if by_notice else day
    effective_on = max(within, today)
    moved = None
    if c.never_paid:
        moved = Moved.NEVER_PAID
    elif effective_on > within:
        moved = Moved.FILED_LATER
    elif within < day:
        moved = Moved.ENDS_ANYWAY
    return Reckoned(
        contract=c.contract.id,
        kind=c.kind,
        received_on=wanted.received_on,
        filed_on=today,
        effective_on=effective_on,
        named=wanted.to is not None,
        counted_from=None if way is None else way.counted_from,
        notice_end=None if way is None else way.notice_end,
        minimum_end=None if way is None else way.minimum_end,
        term_end=None if way is None or moved is Moved.ENDS_ANYWAY else way.term_end,
        ends_anyway_on=c.course.expires_on,
        moved=moved,
        replaces=None if filed is None else filed.effective_on,
        early_termination=c.course.rate_on(wanted.received_on).terms.early_termination,
    )
