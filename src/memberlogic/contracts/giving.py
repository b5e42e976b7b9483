"""CON-18: days that are given to a contract: every later end of a term moves by them, and nobody is frozen for it.

A gift is the club's own: what the rate says of freezes does not matter, and it counts in none of its limits.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.contracts.lifecycle import require_taken
from memberlogic.contracts.model import Contract, Gift
from memberlogic.contracts.moving import Moves, moved_by
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.renewing import Course
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, GiftId
from memberlogic.inputs import code, whole
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = ["GIVING", "DaysGiven", "DaysTakenBack", "GiveDays", "give_days", "take_back"]


@frozen(kw_only=True)
class GiveDays:
    """Days that are given, today."""

    days: int = field(validator=whole(least=1, most=366))
    reason: str = field(validator=code("a reason's code"))


@frozen(kw_only=True)
class DaysGiven(Event):
    """Days were given; the term ends later by them."""

    type: ClassVar[str] = "contract.days_given"
    contract: ContractId
    gift: GiftId
    days: int
    reason: str


@frozen(kw_only=True)
class DaysTakenBack(Event):
    """Days that were given by mistake were taken back."""

    type: ClassVar[str] = "contract.days_taken_back"
    contract: ContractId
    gift: GiftId
    days: int


@frozen(kw_only=True)
class GivingFacts:
    """What the rules of giving look at."""

    before: Settled
    moves: Moves
    """What the days would move."""


class GiftUnderNotice(RuleViolation):
    """The last day is fixed."""

    code = "gift.under_notice"
    rule = "CON-18"
    sentence = "A cancellation takes effect on {effective_on}; days that are given would not move it."


class GiftMovesNothing(RuleViolation):
    """There is no end to move."""

    code = "gift.moves_nothing"
    rule = "CON-18"
    sentence = "No end of a term is to come that days could move."


class GiftUsed(RuleViolation):
    """The term would have ended before today."""

    code = "gift.used"
    rule = "CON-18"
    sentence = "Without the days the term would have ended on {ended_on}; they have been used."


@policy("CON-18", "A contract under notice is given no days.")
def must_not_be_under_notice(g: GivingFacts) -> MemberLogicError | None:
    """The day on which it ends is fixed."""
    to = g.moves.cancelled_to
    return None if to is None else GiftUnderNotice(effective_on=to.isoformat())


@policy("CON-18", "Days are given where an end of a term is to come.")
def must_move_something(g: GivingFacts) -> MemberLogicError | None:
    """One that runs on, or is frozen without an end, has none."""
    end = g.moves.term_end
    return GiftMovesNothing() if end.before is None or end.before == end.after else None


GIVING: Policies[GivingFacts] = Policies(must_not_be_under_notice, must_move_something)


def give_days(
    contract: Contract, wanted: GiveDays, id: GiftId, now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, Moves]:
    """A contract with days more.

    Raises:
        IllegalTransition: if the contract is not in force.
        RuleViolation: the first of :data:`GIVING` that refuses.
    """
    before = settled(contract, now)
    require_taken(before.status, "give_days")
    gift = Gift(id=id, given_on=before.today, days=wanted.days, reason=wanted.reason)
    after = evolve(before.contract, gifts=(*before.contract.gifts, gift))
    moves = moved_by(before.contract, after, before.today)
    GIVING.require(GivingFacts(before=before, moves=moves))
    event = DaysGiven(members=after.members, contract=after.id, gift=id, days=gift.days, reason=gift.reason)
    return changed(before, after, event, moves, new=(gift,))


def take_back(contract: Contract, gift: Gift, now: datetime) -> Outcome[tuple[Changed, ...], Event | OfItself, Moves]:
    """A contract as if days had never been given.

    Raises:
        IllegalTransition: if the contract is not in force.
        GiftUsed: if the term would have ended by today without them.
    """
    before = settled(contract, now)
    require_taken(before.status, "take_days_back")
    back = evolve(gift, taken_back_on=before.today)
    after = evolve(before.contract, gifts=tuple(back if each.id == gift.id else each for each in contract.gifts))
    ended = _term_end(after, gift.given_on)
    if ended is not None and ended <= before.today:
        raise GiftUsed(ended_on=ended.isoformat())
    event = DaysTakenBack(members=after.members, contract=after.id, gift=gift.id, days=gift.days)
    return changed(before, after, event, moved_by(before.contract, after, gift.given_on), different=(back,))


def _term_end(contract: Contract, day: date) -> date | None:
    return Course.of(contract).term_end_after(day)
