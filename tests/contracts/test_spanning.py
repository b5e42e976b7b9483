"""COM-8: a status for every day, one function for all of them, and no surprise between the days that were told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.dated import FEE, contract, freeze, payment, terms

from memberlogic.calendar import Term, local_day
from memberlogic.contracts import announcing
from memberlogic.contracts.lifecycle import COMMANDS, CONTRACT_STATES, status_on
from memberlogic.contracts.model import FINAL, Cancellation, CancellationKind, ContractStatus
from memberlogic.contracts.rates import EndsWithTerm, Extends, FreezePolicy, RunsOn
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import next_change, renewals, spans, status
from memberlogic.contracts.telling import tell

pytestmark = pytest.mark.rule("COM-8", "CON-9")

START = date(2026, 3, 1)
offsets = st.integers(0, 500)


def cancelled(on, kind=CancellationKind.ORDINARY):
    return Cancellation(kind=kind, reason="moved", received_on=START, filed_on=START, effective_on=on)


@st.composite
def contracts(draw):
    """Contracts of all kinds, with freezes that follow one another."""
    policy = FreezePolicy(allowed=True, extends=draw(st.booleans()))
    renewal = draw(st.sampled_from([EndsWithTerm(), Extends(Term.of_months(1)), RunsOn()]))
    fee = draw(st.sampled_from([None, FEE]))
    rate = terms(term=Term.of_days(draw(st.integers(1, 300))), renewal=renewal, freezes=policy, initial_fee=fee)
    signed = START + timedelta(days=draw(st.integers(-30, 0)))
    frozen, last = [], START
    for gap, many in draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=3)):
        since = last + timedelta(days=gap)
        last = since + timedelta(days=many)
        frozen.append(freeze(since, last))
    paid = []
    if fee is not None:
        for on, back in draw(st.lists(st.tuples(st.integers(-30, 60), st.none() | st.integers(0, 90)), max_size=2)):
            day = START + timedelta(days=on)
            paid.append(payment(day, reversed_on=None if back is None else day + timedelta(days=back)))
    effective = draw(st.none() | offsets)
    return contract(
        rate,
        signed=signed,
        start=START,
        freezes=tuple(frozen),
        payments=tuple(paid),
        cancellation=None if effective is None else cancelled(START + timedelta(days=effective)),
    )


@given(contracts())
def test_the_spans_say_of_every_day_what_the_function_says(made):
    course = Course.of(made)
    told = spans(course)
    assert [each.until for each in told[:-1]] == [each.since for each in told[1:]], "no gap"
    assert all(one.status is not other.status for one, other in pairwise(told))
    assert told[0].since == made.signed_on
    assert told[-1].until is None
    assert status_on(course, made.signed_on - timedelta(days=1)) is None
    for offset in range(700):
        day = made.signed_on + timedelta(days=offset)
        span = next(each for each in told if each.since <= day and (each.until is None or day < each.until))
        assert status_on(course, day) is span.status


@given(contracts())
def test_nothing_changes_but_when_next_change_said(made):
    course, zone = Course.of(made), made.studio.zone
    at = evolve(made, announced_to=made.signed_on - timedelta(days=1))
    said = set()
    for _ in range(400):
        change = next_change(Course.of(at))
        if change is None or local_day(change, zone) > START + timedelta(days=700):
            break
        day = local_day(change, zone)
        assert day > at.announced_to
        said.add(day)
        at = evolve(at, announced_to=day)
    changes = {each.since for each in spans(course) if each.since <= START + timedelta(days=700)}
    renewed = set(renewals(course, made.signed_on, START + timedelta(days=701)))
    assert said == changes | renewed


@given(contracts(), st.integers(0, 700))
def test_what_is_told_to_come_is_to_come_whether_jobs_ran_or_not(made, offset):
    behind, now = evolve(made, announced_to=made.signed_on), datetime.combine(made.signed_on, time(12), UTC)
    now += timedelta(days=offset)
    told = tell(behind, None, now).next_change
    assert told is None or told > now
    assert told == tell(announcing.settle(behind, now)[0], None, now).next_change


@pytest.mark.rule("CON-8")
@given(contracts())
def test_what_is_final_stays_final_and_every_change_is_an_arrow_of_the_table(made):
    told = [each.status for each in spans(Course.of(made))]
    assert not FINAL & set(told[:-1])
    arrows = {(before, after) for before, _, after in CONTRACT_STATES.rows()}
    assert set(pairwise(told)) <= arrows
    assert told[0] in {each for each in ContractStatus if each is not ContractStatus.EXPIRED}


def test_the_first_that_applies_is_the_status():
    """Each line of the table, on the day before, the day itself and the day after its boundary."""
    rate = terms(term=Term.of_days(10), initial_fee=FEE, freezes=FreezePolicy(allowed=True, extends=False))
    made = contract(
        rate,
        signed=date(2026, 2, 20),
        start=START,
        payments=(payment(date(2026, 2, 25)),),
        freezes=(freeze(date(2026, 3, 3), date(2026, 3, 5)),),
    )
    expected = {
        date(2026, 2, 19): None,
        date(2026, 2, 20): ContractStatus.ON_HOLD,
        date(2026, 2, 24): ContractStatus.ON_HOLD,
        date(2026, 2, 25): ContractStatus.PENDING,
        date(2026, 2, 28): ContractStatus.PENDING,
        date(2026, 3, 1): ContractStatus.ACTIVE,
        date(2026, 3, 2): ContractStatus.ACTIVE,
        date(2026, 3, 3): ContractStatus.FROZEN,
        date(2026, 3, 4): ContractStatus.FROZEN,
        date(2026, 3, 5): ContractStatus.ACTIVE,
        date(2026, 3, 10): ContractStatus.ACTIVE,
        date(2026, 3, 11): ContractStatus.EXPIRED,
    }
    assert {day: status(made, day) for day in expected} == expected
    ended = evolve(made, cancellation=cancelled(date(2026, 3, 4)))
    assert status(ended, date(2026, 3, 3)) is ContractStatus.FROZEN
    assert status(ended, date(2026, 3, 4)) is ContractStatus.CANCELLED
    assert status(ended, date(2026, 3, 11)) is ContractStatus.CANCELLED, "a cancellation is on file"
    late = evolve(made, cancellation=cancelled(date(2026, 3, 20)))
    assert status(late, date(2026, 3, 10)) is ContractStatus.ACTIVE
    assert status(late, date(2026, 3, 11)) is ContractStatus.CANCELLED, "it ends anyway"
    extraordinary = evolve(made, cancellation=cancelled(date(2026, 3, 20), CancellationKind.EXTRAORDINARY))
    assert status(extraordinary, date(2026, 3, 11)) is ContractStatus.ACTIVE, "it ends on the day that it names"


def test_every_status_says_which_commands_it_takes():
    assert set(COMMANDS) == set(ContractStatus)
    assert all(COMMANDS[each] == ("pay", "redraft") for each in FINAL)


@pytest.mark.rule("COM-3")
def test_a_change_comes_with_the_first_instant_of_the_studios_day():
    made = contract(terms(), signed=date(2026, 1, 1), start=date(2026, 3, 29))
    assert next_change(Course.of(made)) == datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin"))
