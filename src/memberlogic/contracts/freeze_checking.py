"""CON-5: asking whether a contract can be frozen: every breach at once, the first day on which there is none, and what
the freeze would move.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from attrs import evolve, frozen

from memberlogic.calendar import LAST_DAY, Term, year_of
from memberlogic.contracts import freeze_refusals as refused
from memberlogic.contracts.freeze_facts import FreezeFacts, whole_months
from memberlogic.contracts.freeze_policies import FREEZING
from memberlogic.contracts.freezing import FileFreeze, facts_of, frozen_with, recorded, refusals_of
from memberlogic.contracts.model import Contract
from memberlogic.contracts.moving import Moves
from memberlogic.contracts.posting import settled
from memberlogic.contracts.rates import FreezeUnit
from memberlogic.errors import MemberLogicError
from memberlogic.ids import FreezeId
from memberlogic.outcomes import Because, Explanation

__all__ = ["FreezeCheck", "FreezePreview", "check", "first_start"]

_MONTH = Term.of_months(1)
_FAR = 40 * 366
"""By then every year has begun on every day of the week and every month has had every length."""


@frozen(kw_only=True)
class FreezePreview:
    """What a freeze would come to: ``[since, until)``; no end where nothing limits it."""

    since: date
    until: date | None
    cut_off_on: date | None
    """The day on which a filed cancellation would cut it off, if it would last longer."""
    moves: Moves


@frozen(kw_only=True)
class FreezeCheck:
    """What would refuse a freeze; nothing, if it may be filed."""

    refusals: tuple[MemberLogicError, ...]
    first_possible: date | None
    """The first day from today on which a freeze of the same length would be refused by nothing; None if none is."""
    preview: FreezePreview | None
    """What would move; None where it is refused."""
    because: tuple[Because, ...]

    @property
    def allowed(self) -> bool:
        """Whether it would be filed."""
        return not self.refusals

    def explain(self) -> Explanation:
        """Every rule looked at, with its verdict."""
        if self.allowed:
            return Explanation("The contract can be frozen.", self.because)
        later = "on no day" if self.first_possible is None else f"from {self.first_possible.isoformat()} on"
        return Explanation(f"The freeze would be refused; one as long can begin {later}.", self.because)


def check(contract: Contract, wanted: FileFreeze, id: FreezeId, now: datetime) -> FreezeCheck:
    """What filing a freeze would come to."""
    before = settled(contract, now)
    facts = facts_of(before, wanted)
    refusals = refusals_of(before, facts)
    state = len(refusals) > len(FREEZING.refusals(facts))
    preview = None
    if not refusals:
        after, filed = frozen_with(before.contract, wanted, id, before.today)
        told = recorded(before, after, filed)
        effective = told.moves.cancelled_to
        cut = effective is not None and (told.until is None or effective < told.until)
        until, cut_off = (effective, effective) if cut else (told.until, None)
        preview = FreezePreview(since=told.since, until=until, cut_off_on=cut_off, moves=told.moves)
    return FreezeCheck(
        refusals=refusals,
        first_possible=None if state else first_start(facts),
        preview=preview,
        because=tuple(_verdict(facts, each.rule.id, each.name, each.refuses) for each in FREEZING),
    )


def _verdict(
    facts: FreezeFacts, rule: str, name: str, refuses: Callable[[FreezeFacts], MemberLogicError | None]
) -> Because:
    refusal = refuses(facts)
    return Because(rule, name, {"verdict": "kept"} if refusal is None else {"verdict": refusal.code, **refusal.details})


@frozen(kw_only=True)
class _Length:
    """How long a freeze is: in months where freezes are by the month, else in days; without an end if neither."""

    months: int | None = None
    days: int | None = None

    @classmethod
    def of(cls, facts: FreezeFacts) -> _Length:
        if facts.until is not None and facts.policy.unit is FreezeUnit.MONTH:
            months = whole_months(facts.since, facts.until)
            if months is not None:
                return cls(months=months)
        return cls(days=facts.days)

    def after(self, since: date) -> date | None:
        """Where a freeze of this length ends."""
        if self.months is not None:
            return _MONTH.after(since, self.months)
        return None if self.days is None else _later(since, self.days)


def first_start(facts: FreezeFacts) -> date | None:
    """The first day from today on which a freeze of the same length has no breach.

    What refuses one day says up to which day it refuses every one; so few days are looked at.
    """
    length, day = _Length.of(facts), facts.today
    marks = {day, facts.first_day, *(each.since for each in facts.course.stretches)}
    marks |= {each.until for each in facts.course.frozen if each.until is not None}
    last = _later(max(marks), _FAR)
    while day < last:
        at = evolve(facts, since=day, until=length.after(day))
        bounds = [_refused_until(at, each, length) for each in FREEZING.refusals(at)]
        if not bounds:
            return day
        if None in bounds:
            return None
        day = max(_later(day, 1), *(each for each in bounds if each is not None))
    return None


def _refused_until(at: FreezeFacts, refusal: MemberLogicError, length: _Length) -> date | None:
    """The first later day that the same reason may not refuse; None if it refuses all of them."""
    match refusal:
        case refused.FreezeUnpaid() | refused.FreezeAfterCancellation():
            return None
        case refused.FreezeOutsideTerm():
            return at.first_day if at.since < at.first_day else None
        case refused.FreezeOverlaps():
            return at.free_from
    bound = _by_policy(at, refusal, length)
    other_rate = next((each.since for each in at.course.stretches if each.since > at.since), None)
    return min((each for each in (bound, other_rate) if each is not None), default=None)


def _by_policy(at: FreezeFacts, refusal: MemberLogicError, length: _Length) -> date | None:
    """The same, while one rate is in force."""
    unit, since = at.policy.unit, at.since
    bound = None
    match refusal:
        case refused.FreezeNeedsNotice():
            bound = _later(at.today, at.policy.notice_days)
        case refused.FreezeBeginsWithinUnit() if unit is FreezeUnit.WEEK:
            bound = _later(since, 7 - since.weekday())
        case refused.FreezeBeginsWithinUnit():
            bound = _MONTH.after(since.replace(day=1))
        case refused.FreezeTooOften() if at.policy.most_a_year:
            bound = year_of(at.contract.start_on, since).end
        case refused.FreezeTooManyDays() if length.months is None:
            bound = _room_from(at)
        case refused.FreezeTooManyDays() | refused.FreezeTooShort() | refused.FreezeTooLong() if length.months:
            bound = _later(since, 1)  # months differ in length
        case refused.FreezeNotWholeUnits() if unit is FreezeUnit.MONTH or length.months:
            bound = _later(since, 1)
    return bound


def _room_from(at: FreezeFacts) -> date | None:
    """The first day from which no more days lie in the overfull year than are left of it."""
    found = at.overfull_year()
    if found is None:
        return None
    year, left = found
    cut = None if at.policy.extends else at.over
    return _later(year.end if cut is None else min(cut, year.end), -left)


def _later(day: date, days: int) -> date:
    return date.fromordinal(min(day.toordinal() + days, LAST_DAY.toordinal()))
