"""CON-6, CON-9: terms, one after the other, and what freezes do to them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.contracts.dated import contract, freeze, terms

from memberlogic.calendar import Term
from memberlogic.contracts.rates import EndsWithTerm, Extends, FreezePolicy, RunsOn, SwitchesTo
from memberlogic.contracts.renewing import Course
from memberlogic.ids import RateId, new_id

pytestmark = pytest.mark.rule("CON-9")

MONTH = Term.of_months(1)
EXTENDING = FreezePolicy(allowed=True, extends=True)
FIXED = FreezePolicy(allowed=True, extends=False)

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
lengths = st.one_of(st.integers(1, 36).map(Term.of_months), st.integers(1, 400).map(Term.of_days))


def ends(made, many):
    course = Course.of(made)
    return [end for end, _ in islice(course.term_ends(date.min, date.max), many)]


def test_months_are_counted_from_the_first_day_and_never_drift():
    """31 January by the month: 28 February, 31 March, 30 April; a leap year has its 29th."""
    made = contract(terms(term=MONTH, renewal=Extends(MONTH)), signed=date(2026, 1, 31))
    assert ends(made, 4) == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]
    leap = contract(terms(term=MONTH, renewal=Extends(MONTH)), signed=date(2027, 12, 31))
    assert ends(leap, 3) == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]


def test_years_from_the_29th_of_february_end_on_the_28th_but_in_leap_years():
    made = contract(terms(renewal=Extends(Term.of_years(1))), signed=date(2024, 2, 29))
    assert ends(made, 4) == [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]


def test_months_after_a_term_in_days_are_counted_from_its_end():
    """Only months and months are one addition."""
    made = contract(terms(term=Term.of_days(30), renewal=Extends(MONTH)), signed=date(2026, 1, 1))
    assert ends(made, 3) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


@given(days, st.integers(1, 24), st.integers(1, 24), st.integers(0, 40))
def test_the_nth_term_ends_where_one_addition_from_the_first_day_leads(start, first, period, number):
    made = contract(terms(term=Term.of_months(first), renewal=Extends(Term.of_months(period))), signed=start)
    course = Course.of(made)
    assert course.term_end(course.stretches[0], number) == MONTH.after(start, first + number * period)


def test_what_ends_with_its_term_expires_and_what_runs_on_does_not():
    start = date(2026, 1, 31)
    assert Course.of(contract(terms(renewal=EndsWithTerm()), signed=start)).expires_on == date(2027, 1, 31)
    open_end = Course.of(contract(terms(renewal=RunsOn()), signed=start))
    assert open_end.expires_on is None
    assert ends(open_end.contract, 5) == [date(2027, 1, 31)], "and has no further term"


def test_a_rate_that_switches_goes_on_with_the_other_ones_terms():
    """The trial ends, the year begins on that day, and then it extends by months from there."""
    year = terms(term=Term.of_months(12), renewal=Extends(MONTH))
    trial = terms(term=Term.of_days(14), renewal=SwitchesTo(RateId(new_id())))
    made = contract(trial, year, signed=date(2026, 1, 31))
    course = Course.of(made)
    assert ends(made, 4) == [date(2026, 2, 14), date(2027, 2, 14), date(2027, 3, 14), date(2027, 4, 14)]
    assert course.rate_on(date(2026, 2, 13)).terms == trial
    assert course.rate_on(date(2026, 2, 14)).terms == year
    assert course.expires_on is None


@pytest.mark.rule("CON-6")
@given(
    days,
    lengths,
    st.lists(st.tuples(st.integers(0, 700), st.integers(1, 90)), max_size=4),
    st.booleans(),
)
def test_a_term_ends_later_by_exactly_the_days_frozen_before_its_end(start, length, asked, extends):
    """Counted day by day: a term is over when as many days that were not frozen have passed as it has."""
    policy = EXTENDING if extends else FIXED
    made = contract(terms(term=length, freezes=policy), signed=start)
    filed, last = [], start
    for gap, many in sorted(asked):
        since = last + timedelta(days=gap)
        end = Course.of(contract(terms(term=length, freezes=policy), signed=start, freezes=tuple(filed))).expires_on
        if since >= end:
            break
        last = since + timedelta(days=many)
        filed.append(freeze(since, last))
    course = Course.of(contract(terms(term=length, freezes=policy), signed=start, freezes=tuple(filed)))
    unmoved = Course.of(made).expires_on
    if not extends:
        assert course.expires_on == unmoved
        assert all(each.until <= unmoved for each in course.frozen)
        return
    served, day = 0, start
    while served < (unmoved - start).days:
        served += not any(each.since <= day < each.until for each in filed)
        day += timedelta(days=1)
    frozen_after = [each for each in filed if each.since >= day]
    assume(not frozen_after)
    assert course.expires_on == day
    assert course.expires_on - unmoved == sum((each.until - each.since for each in filed), timedelta())


@pytest.mark.rule("CON-6")
def test_ending_a_freeze_early_moves_the_end_back():
    since = date(2026, 3, 1)
    long = contract(terms(freezes=EXTENDING), signed=date(2026, 1, 1), freezes=(freeze(since, date(2026, 5, 1)),))
    short = contract(
        terms(freezes=EXTENDING),
        signed=date(2026, 1, 1),
        freezes=(freeze(since, date(2026, 5, 1), ended=date(2026, 3, 2)),),
    )
    one_day = contract(terms(freezes=EXTENDING), signed=date(2026, 1, 1), freezes=(freeze(since, date(2026, 3, 2)),))
    assert Course.of(long).expires_on == date(2027, 3, 3)
    assert Course.of(short).expires_on == Course.of(one_day).expires_on == date(2027, 1, 2)


@pytest.mark.rule("CON-6")
def test_a_freeze_without_an_end_ends_on_the_day_a_limit_is_reached():
    start, since = date(2026, 1, 1), date(2026, 11, 1)
    limited = FreezePolicy(allowed=True, open_ended=True, most_days=90)
    (frozen,) = Course.of(contract(terms(freezes=limited), signed=start, freezes=(freeze(since, None),))).frozen
    assert frozen.until == since + timedelta(days=90)
    a_year = FreezePolicy(allowed=True, open_ended=True, most_days_a_year=70)
    earlier = freeze(date(2026, 2, 1), date(2026, 2, 21))
    _, frozen = Course.of(contract(terms(freezes=a_year), signed=start, freezes=(earlier, freeze(since, None)))).frozen
    assert frozen.until == date(2026, 12, 21), "50 of the 70 days of the first year are left"
    late = freeze(date(2026, 12, 1), None)
    _, frozen = Course.of(contract(terms(freezes=a_year), signed=start, freezes=(earlier, late))).frozen
    assert frozen.until == date(2027, 3, 12), "31 days of the first year, then 70 of the second"


@pytest.mark.rule("CON-6")
def test_a_freeze_without_an_end_or_limit_holds_every_term_open():
    policy = FreezePolicy(allowed=True, open_ended=True)
    made = contract(
        terms(freezes=policy, renewal=Extends(MONTH)),
        signed=date(2026, 1, 1),
        freezes=(freeze(date(2026, 6, 1), None),),
    )
    assert ends(made, 3) == []
    closed = Course.of(made, open_until=date(2026, 7, 1))
    assert closed.term_end_from(date(2026, 1, 1)) == date(2027, 1, 31)


@given(days, lengths, lengths, st.integers(-400, 4000))
def test_the_first_end_from_a_day_on_is_found_whatever_it_is(start, length, period, offset):
    made = contract(terms(term=length, renewal=Extends(period)), signed=start)
    day = start + timedelta(days=offset)
    course = Course.of(made)
    found = course.term_end_from(day)
    before = [end for end, _ in course.term_ends(date.min, found)]
    assert found >= day
    assert all(end < day for end in before)
