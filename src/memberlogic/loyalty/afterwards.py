"""PTS-3: crediting a purchase afterwards: the card was forgotten, the receipt is there. Scheme, rules and dates are
those of the purchase's instant, as for one that comes late (COM-21); it counts for the metric on its own day, and what
it earns lives at least the club's grace term. Once, by the receipt's number, which is the till's id of the purchase.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.errors import Conflict, MemberLogicError, RuleViolation
from memberlogic.ids import ExternalId, NewId
from memberlogic.inputs import an_instant, to_utc
from memberlogic.ledger.model import Entry
from memberlogic.loyalty import recording
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.recording import PurchaseRecorded, Recorded, RecordingFacts, RecordPurchase
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = ["CREDITING", "CreditPurchase", "credit", "require_new"]


@frozen(kw_only=True)
class CreditPurchase(RecordPurchase):
    """Credit a purchase that was made without the card; nothing of it was paid with points."""

    afterwards: ClassVar[bool] = True
    at: datetime = field(converter=to_utc, validator=an_instant)


class NotCreditedAfterwards(RuleViolation):
    """The club does not do that."""

    code = "purchase.not_credited_afterwards"
    rule = "PTS-3"
    sentence = "In this club a purchase that was made without the card is not credited afterwards."


class CreditedTooLate(RuleViolation):
    """The club's window is over."""

    code = "purchase.credited_too_late"
    rule = "PTS-3"
    sentence = "The purchase is of {day}; it could be credited before {until}."


class PurchaseAlreadyCredited(Conflict):
    """Once, for ever."""

    code = "purchase.already_credited"
    rule = "PTS-3"
    sentence = "The purchase {source}:{value} was recorded before; it is credited once."


def _until(facts: RecordingFacts) -> date | None:
    """The first day on which a purchase cannot be credited any more."""
    window = facts.club.earning.afterwards
    return None if window is None else window.after(facts.day)


@policy("PTS-3", "The club credits purchases afterwards.")
def club_must_allow_it(r: RecordingFacts) -> MemberLogicError | None:
    """Without a window it does not."""
    return NotCreditedAfterwards() if r.club.earning.afterwards is None else None


@policy("PTS-3", "A purchase is credited within the club's window.")
def must_be_within_the_window(r: RecordingFacts) -> MemberLogicError | None:
    """The window runs from the business day of the purchase."""
    until = _until(r)
    if until is None or local_day(r.now, r.club.zone) < until:
        return None
    return CreditedTooLate(day=r.day.isoformat(), until=until.isoformat())


CREDITING: Policies[RecordingFacts] = Policies(club_must_allow_it, must_be_within_the_window)
"""What must be true beyond what must be true of any purchase."""


def require_new(wanted: CreditPurchase, known: Mapping[ExternalId, Purchase]) -> None:
    """Refuse a purchase that is there, however it came in, whatever its content.

    Raises:
        PurchaseAlreadyCredited: if it is there.
    """
    if wanted.purchase in known:
        raise PurchaseAlreadyCredited(source=wanted.purchase.source, value=wanted.purchase.value)


def credit(
    facts: RecordingFacts, actor: Actor, new_id: NewId
) -> Outcome[tuple[Recorded, ...], Entry, PurchaseRecorded]:
    """Credit a purchase.

    Raises:
        RuleViolation: the first of ``RECORDING``, then of :data:`CREDITING`, that refuses.
    """
    recording.RECORDING.require(facts)
    CREDITING.require(facts)
    return recording.record(facts, actor, new_id)
