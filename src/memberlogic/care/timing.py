"""CARE-2, CARE-3: when a schedule fires. Time stands still while a run is paused: every pause that begins before the
instant moves it, hours by the time that elapsed, days, weeks and months by the local days, keeping the time of day.

>>> from zoneinfo import ZoneInfo
>>> berlin = ZoneInfo("Europe/Berlin")
>>> at = lambda day: instant_of(date(2026, 3, day), time(9, 0), berlin)
>>> paused = [Pause(since=at(3), until=at(8))]
>>> due(After(length=3, unit=DelayUnit.DAYS), at(1), paused, berlin) == at(9)
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import define

from memberlogic.calendar import LAST_DAY, Term, first_day_after, instant_of, local_day
from memberlogic.care.flows import After, DelayUnit
from memberlogic.care.model import Pause

__all__ = ["due", "term_after"]


def term_after(term: Term) -> After:
    """A term as a delay."""
    if term.months:
        return After(length=term.months, unit=DelayUnit.MONTHS)
    return After(length=term.days, unit=DelayUnit.DAYS)


def due(delay: After, anchor: datetime, pauses: Sequence[Pause], zone: ZoneInfo) -> datetime | None:
    """When a delay is over that counts from an instant; None as long as a pause that begins before it has no known
    end. What counts from inside a pause counts from the day on which time goes on, at the anchor's time of day.

    Args:
        pauses: in order, apart from each other.
        zone: where days are counted.
    """
    if delay.unit is DelayUnit.HOURS:
        return _elapsed(timedelta(hours=delay.length), anchor, pauses)
    return _on_the_calendar(delay, anchor, pauses, zone)


def _elapsed(length: timedelta, anchor: datetime, pauses: Sequence[Pause]) -> datetime | None:
    """Hours are elapsed time."""
    at = anchor + length
    for pause in _to_come(pauses, anchor):
        since = max(pause.since, anchor)
        if since >= at and pause.since > anchor:
            break
        if pause.until is None:
            return None
        at += pause.until - since
    return at


@define
class _Hand:
    """A local day and time of day that moves on, never before an instant."""

    day: date
    at: time
    zone: ZoneInfo
    not_before: datetime
    fixed: bool
    """Whether a time of day was asked for: then it is that time on some day."""

    @property
    def instant(self) -> datetime:
        """Where it stands."""
        here = instant_of(min(self.day, LAST_DAY), self.at, self.zone)
        if here >= self.not_before:
            return here
        if not self.fixed:
            return self.not_before
        day = local_day(self.not_before, self.zone)
        today = instant_of(day, self.at, self.zone)
        return today if today >= self.not_before else instant_of(first_day_after(day), self.at, self.zone)


def _on_the_calendar(delay: After, anchor: datetime, pauses: Sequence[Pause], zone: ZoneInfo) -> datetime | None:
    local = anchor.astimezone(zone)
    from_day, not_before = local.date(), anchor
    later = list(_to_come(pauses, anchor))
    if later and anchor in later[0]:
        resumed = later.pop(0).until
        if resumed is None:
            return None
        from_day, not_before = local_day(resumed, zone), resumed
    fixed = delay.at is not None
    hand = _Hand(_day_after(delay, from_day), delay.at or local.time().replace(fold=0), zone, not_before, fixed)
    for pause in later:
        if pause.since >= hand.instant:
            break
        if pause.until is None:
            return None
        if fixed:
            hand.day = local_day(hand.instant, zone)
        hand.day += timedelta(days=(local_day(pause.until, zone) - local_day(pause.since, zone)).days)
        hand.not_before = pause.until
    return hand.instant


def _day_after(delay: After, day: date) -> date:
    if not delay.length:
        return day
    match delay.unit:
        case DelayUnit.MONTHS:
            term = Term.of_months(delay.length)
        case DelayUnit.WEEKS:
            term = Term.of_days(7 * delay.length)
        case _:
            term = Term.of_days(delay.length)
    return term.after(day)


def _to_come(pauses: Sequence[Pause], instant: datetime) -> Iterable[Pause]:
    """Those that are not over at an instant."""
    return (each for each in pauses if each.until is None or each.until > instant)
