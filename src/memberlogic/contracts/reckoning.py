"""CON-7: to which day a contract can be left by notice.

A contract has phases, each left by one notice: the first term on a rate, the time after it, and the same again on a
rate that it switches to. A cancellation counts from its receipt by the notice of the phase that runs on that day. If it
is too late for that phase, it counts at the latest as received on the first day of the next: who cancels early is never
bound longer than who waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from attrs import frozen

from memberlogic.calendar import Term, first_day_after, next_day_of_year
from memberlogic.contracts.model import Contract
from memberlogic.contracts.rates import Notice, NoticeMode, SwitchesTo
from memberlogic.contracts.renewing import Course, Stretch

__all__ = ["Way", "course_for", "end_of_notice", "left_every_day", "way_out"]


@frozen(kw_only=True)
class Way:
    """A day to which a contract can be left by notice, and what led there."""

    day: date
    """The first day on which it is no longer in force."""
    counted_from: date
    """The day of receipt, or the first day of the phase whose notice is the shorter way."""
    notice_end: date
    minimum_end: date
    term_end: date | None
    """The end of a term that it is to; None if it ends within a term, or where no terms follow one another."""


@frozen(kw_only=True)
class _Phase:
    """The time from ``since`` on during which one notice counts."""

    stretch: Stretch
    since: date
    notice: Notice


def course_for(contract: Contract, received_on: date) -> Course:
    """The course by which a cancellation is reckoned: a freeze without an end counts as ending on the day after receipt
    (CON-6).
    """
    return Course.of(contract, open_until=first_day_after(received_on))


def end_of_notice(notice: Notice, received_on: date) -> date:
    """The first day after the notice for a cancellation that was received on a day."""
    first = first_day_after(received_on)
    if notice.whole_months:
        months = 0 if notice.length is None else notice.length.months
        end = Term.of_months(months + 1).after(received_on.replace(day=1))
    else:
        end = first if notice.length is None else notice.length.after(first)
    return _after_a_last_day(notice, end)


def way_out(course: Course, received_on: date, *, named: date | None = None) -> Way:
    """The first day to which a contract can be left by a cancellation that was received on a day; the first that is not
    before a day, if one is named. What ends it anyway is not looked at.
    """
    phases = _phases(course)
    running = max((index for index, each in enumerate(phases) if each.since <= received_on), default=0)
    counted = [(phases[running], received_on), *((each, each.since) for each in phases[running + 1 :])]
    ways = [_way(course, phase, since, named, last=phase is phases[-1]) for phase, since in counted]
    # By the notice of the last phase there is always a way: its rate switches to no other.
    return min((each for each in ways if each is not None), key=lambda each: each.day)


def left_every_day(course: Course, since: date) -> bool:
    """Whether from a day on it can be left every day alike: each day of receipt leads to the end of its own notice, as
    nothing else is waited for. It stays so for as long as the facts are what they are. Days that two receipts share
    only because a month is short are no reason to hurry.
    """
    last = _phases(course)[-1]
    notice, minimum_end = last.notice, course.minimum_end(last.stretch)
    frozen_openly = any(each.until is None for each in course.frozen)
    if since < last.since or notice.last_days or notice.whole_months or frozen_openly or minimum_end is None:
        return False
    end = end_of_notice(notice, since)
    to_term = notice.mode is NoticeMode.END_OF_TERM and course.term_end_from(end) is not None
    return minimum_end <= end and not to_term


def _phases(course: Course) -> Sequence[_Phase]:
    found: list[_Phase] = []
    for stretch in course.stretches:
        terms = stretch.rate.terms
        found.append(_Phase(stretch=stretch, since=stretch.since, notice=terms.notice))
        first_end = course.term_end(stretch, 0)
        if first_end is not None and terms.notice_later is not None and first_end != stretch.until:
            found.append(_Phase(stretch=stretch, since=first_end, notice=terms.notice_later))
    return found


def _way(course: Course, phase: _Phase, counted_from: date, named: date | None, *, last: bool) -> Way | None:
    """The way by the notice of a phase; None if the contract is on another rate by then, or no term ends by then and
    another notice follows.
    """
    notice, stretch = phase.notice, phase.stretch
    notice_end, minimum_end = end_of_notice(notice, counted_from), course.minimum_end(stretch)
    assert minimum_end is not None, "no freeze is without an end where a cancellation is reckoned"
    least = max(notice_end, minimum_end, named or notice_end)
    to_term = notice.mode is NoticeMode.END_OF_TERM
    term_end = course.term_end_from(least) if to_term else None
    if to_term and term_end is None and not last:
        return None
    # Where no term ends any more, it runs on until the notice ends.
    day = term_end or _after_a_last_day(notice, least)
    switches = isinstance(stretch.rate.terms.renewal, SwitchesTo)
    if switches and stretch.until is not None and day > stretch.until:
        return None
    return Way(day=day, counted_from=counted_from, notice_end=notice_end, minimum_end=minimum_end, term_end=term_end)


def _after_a_last_day(notice: Notice, day: date) -> date:
    """The first day from this one on that follows one of the notice's last days; the day itself if it names none."""
    if not notice.last_days:
        return day
    before = day - timedelta(days=2)
    return first_day_after(min(next_day_of_year(each.month, each.day, before) for each in notice.last_days))
