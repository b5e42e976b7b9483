"""CON-5: what a rate allows of freezes: one policy for each breach, in the order in which they refuse."""

from __future__ import annotations

from datetime import timedelta

from memberlogic.contracts import freeze_refusals as refused
from memberlogic.contracts.freeze_facts import FreezeFacts, whole_months
from memberlogic.contracts.rates import FreezeUnit
from memberlogic.errors import MemberLogicError
from memberlogic.rules import Policies, policy

__all__ = ["FREEZING"]


@policy("CON-5", "The initial fee is paid on its first day.")
def must_be_paid(f: FreezeFacts) -> MemberLogicError | None:
    """What is on hold is not frozen."""
    owed = f.contract.owed_on(f.since)
    return refused.FreezeUnpaid(owed=owed) if owed > 0 else None


@policy("CON-5", "The rate allows freezes.")
def rate_must_allow_it(f: FreezeFacts) -> MemberLogicError | None:
    """On its first day."""
    return None if f.policy.allowed else refused.FreezeNotAllowed(since=f.since.isoformat())


@policy("CON-5", "A freeze begins inside the open term, as moved by earlier freezes.")
def must_begin_in_the_open_term(f: FreezeFacts) -> MemberLogicError | None:
    """Not before the first day."""
    start, over = f.first_day, f.over
    if start <= f.since and (over is None or f.since < over):
        return None
    ends = None if over is None else over.isoformat()
    return refused.FreezeOutsideTerm(since=f.since.isoformat(), start_on=start.isoformat(), over_on=ends)


@policy("CON-5", "A freeze ends at the latest when a filed cancellation takes effect.")
def must_end_with_a_cancellation(f: FreezeFacts) -> MemberLogicError | None:
    """The cancellation does not move for it."""
    cancellation = f.contract.cancellation
    if cancellation is None or f.until is None or f.until <= cancellation.effective_on:
        return None
    effective = cancellation.effective_on.isoformat()
    return refused.FreezeAfterCancellation(until=f.until.isoformat(), effective_on=effective)


@policy("CON-5", "Freezes do not overlap; they may touch.")
def must_not_overlap(f: FreezeFacts) -> MemberLogicError | None:
    """One without an end leaves room for none after it."""
    if not f.overlapped:
        return None
    free = f.free_from
    return refused.FreezeOverlaps(free_from=None if free is None else free.isoformat())


@policy("CON-5", "A freeze begins no further back than the rate allows.")
def must_not_begin_too_far_back(f: FreezeFacts) -> MemberLogicError | None:
    """By default not before today."""
    earliest = f.today - timedelta(days=f.policy.days_back)
    if earliest <= f.since:
        return None
    return refused.FreezeTooFarBack(since=f.since.isoformat(), earliest=earliest.isoformat())


@policy("CON-5", "Notice of a freeze is given as many days before as the rate asks.")
def must_come_with_notice(f: FreezeFacts) -> MemberLogicError | None:
    """Counted from today."""
    notice = f.policy.notice_days
    earliest = f.today + timedelta(days=notice)
    if notice == 0 or earliest <= f.since:
        return None
    return refused.FreezeNeedsNotice(since=f.since.isoformat(), earliest=earliest.isoformat(), notice_days=notice)


@policy("CON-5", "A freeze has an end unless the rate allows one without.")
def must_have_an_end(f: FreezeFacts) -> MemberLogicError | None:
    """Whether it may be open-ended."""
    return refused.FreezeOpenEnded() if f.until is None and not f.policy.open_ended else None


@policy("CON-5", "Freezes by the week begin on a Monday, those by the month on the 1st.")
def must_begin_with_a_unit(f: FreezeFacts) -> MemberLogicError | None:
    """By the day, on any."""
    unit = f.policy.unit
    off = (unit is FreezeUnit.WEEK and f.since.weekday() != 0) or (unit is FreezeUnit.MONTH and f.since.day != 1)
    return refused.FreezeBeginsWithinUnit(since=f.since.isoformat(), unit=unit.value) if off else None


@policy("CON-5", "A freeze lasts whole units.")
def must_last_whole_units(f: FreezeFacts) -> MemberLogicError | None:
    """Weeks of seven days, calendar months."""
    if f.until is None:
        return None
    match f.policy.unit:
        case FreezeUnit.DAY:
            whole = True
        case FreezeUnit.WEEK:
            whole = (f.until - f.since).days % 7 == 0
        case FreezeUnit.MONTH:
            whole = whole_months(f.since, f.until) is not None
    return None if whole else refused.FreezeNotWholeUnits(unit=f.policy.unit.value)


@policy("CON-5", "A freeze has at least as many days as the rate says.")
def must_be_long_enough(f: FreezeFacts) -> MemberLogicError | None:
    """One without an end is long enough, also where a limit ends it sooner, as if it were ended early (CON-6)."""
    least, days = f.policy.least_days, f.days
    return refused.FreezeTooShort(days=days, least=least) if least and days is not None and days < least else None


@policy("CON-5", "A freeze has at most as many days as the rate says.")
def must_not_be_too_long(f: FreezeFacts) -> MemberLogicError | None:
    """One without an end ends by itself there."""
    most, days = f.policy.most_days, f.days
    if most is None or (days is not None and days <= most) or (days is None and most > 0):
        return None
    return refused.FreezeTooLong(days=days, most=most)


@policy("CON-5", "A contract year has at most as many frozen days as the rate says; a freeze is split by day.")
def years_must_not_be_overfull(f: FreezeFacts) -> MemberLogicError | None:
    """Days really frozen count."""
    found = f.overfull_year()
    if found is None:
        return None
    year, left = found
    return refused.FreezeTooManyDays(
        year_from=year.start.isoformat(), year_until=year.end.isoformat(), most=f.policy.most_days_a_year, left=left
    )


@policy("CON-5", "At most as many freezes begin in a contract year as the rate says.")
def must_not_be_too_often(f: FreezeFacts) -> MemberLogicError | None:
    """Those that were withdrawn or are cut off do not count."""
    most, begun = f.policy.most_a_year, f.begun_this_year
    return refused.FreezeTooOften(begun=begun, most=most) if most is not None and begun >= most else None


FREEZING: Policies[FreezeFacts] = Policies(
    must_be_paid,
    rate_must_allow_it,
    must_begin_in_the_open_term,
    must_end_with_a_cancellation,
    must_not_overlap,
    must_not_begin_too_far_back,
    must_come_with_notice,
    must_have_an_end,
    must_begin_with_a_unit,
    must_last_whole_units,
    must_be_long_enough,
    must_not_be_too_long,
    years_must_not_be_overfull,
    must_not_be_too_often,
)
