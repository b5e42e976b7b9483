"""CON-17: until when a contract has to be cancelled, found day by day as a clerk would."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import contract, freeze, terms

from memberlogic import Term
from memberlogic.contracts.deadlines import PageOfDeadlines, deadline, look_from
from memberlogic.contracts.model import IN_FORCE
from memberlogic.contracts.rates import (
    DayOfYear,
    EndsWithTerm,
    Extends,
    FreezePolicy,
    Notice,
    NoticeMode,
    RunsOn,
    SwitchesTo,
)
from memberlogic.contracts.reckoning import course_for, way_out
from memberlogic.contracts.spanning import status
from memberlogic.errors import InvalidInput
from memberlogic.ids import RateId, new_id
from memberlogic.testing import World

pytestmark = pytest.mark.rule("CON-17")

START = date(2026, 1, 15)
MONTH = Term.of_months(1)


@settings(max_examples=60)
@given(
    st.integers(20, 200),
    st.integers(10, 60),
    st.integers(1, 40),
    st.booleans(),
    st.integers(0, 300),
    st.none() | st.tuples(st.integers(0, 100), st.integers(1, 30)),
)
def test_it_is_the_last_day_that_leads_to_the_same_end(first, period, notice, whole_months, ahead, frozen):
    said = Notice(length=MONTH, whole_months=True) if whole_months else Notice(length=Term.of_days(notice))
    freezes = (
        ()
        if frozen is None
        else (freeze(START + timedelta(days=frozen[0]), START + timedelta(days=frozen[0] + frozen[1])),)
    )
    made = contract(
        terms(
            term=Term.of_days(first),
            renewal=Extends(Term.of_days(period)),
            notice=said,
            freezes=FreezePolicy(allowed=True),
        ),
        signed=START,
        freezes=freezes,
    )
    today = START + timedelta(days=ahead)

    def leaves(day):
        return way_out(course_for(made, day), day).day

    found = deadline(made, today)
    day = today
    while leaves(day + timedelta(days=1)) == leaves(today):
        day += timedelta(days=1)
    if found is None:
        assert len({leaves(today + timedelta(days=each)) for each in range(3)}) == 3
    else:
        assert (found.receive_by, found.effective_on) == (day, leaves(today))


def test_what_ends_anyway_or_can_be_left_every_day_has_none():
    assert deadline(contract(terms(renewal=EndsWithTerm()), signed=START), START) is None
    every_day = Notice(length=Term.of_days(10), mode=NoticeMode.FROM_RECEIPT)
    free = terms(term=Term.of_days(1), renewal=Extends(MONTH), notice=every_day)
    assert deadline(contract(free, signed=START), START + timedelta(days=90)) is None


def test_what_can_be_left_every_day_has_none_where_a_month_is_short_either():
    """Received from 27 to 30 January, a month's notice ends on 28 February."""
    month = Notice(length=MONTH, mode=NoticeMode.FROM_RECEIPT)
    made = contract(terms(term=MONTH, renewal=RunsOn(), notice=month), signed=START)
    assert deadline(made, date(2027, 1, 27)) is None
    whole = Notice(length=MONTH, mode=NoticeMode.FROM_RECEIPT, whole_months=True)
    to_the_end = deadline(contract(terms(term=MONTH, renewal=RunsOn(), notice=whole), signed=START), date(2027, 1, 27))
    assert to_the_end is not None
    assert to_the_end.receive_by == date(2027, 1, 31)


NOTICES = st.builds(
    Notice,
    length=st.just(MONTH) | st.integers(1, 60).map(Term.of_days),
    mode=st.sampled_from(NoticeMode),
    last_days=st.just(()) | st.just((DayOfYear(month=3, day=30), DayOfYear(month=9, day=29))),
)
LENGTHS = st.sampled_from([MONTH, Term.of_months(3), Term.of_days(1), Term.of_days(17), Term.of_days(100)])


@st.composite
def contracts(draw):
    """Contracts on one rate or two, with freezes and gifts."""
    switched = draw(st.booleans())
    renewals = st.just(RunsOn()) | st.just(EndsWithTerm()) | st.builds(Extends, LENGTHS)
    said = {"notice": NOTICES, "notice_later": st.none() | NOTICES, "term": LENGTHS}
    freely = FreezePolicy(allowed=True, extends=draw(st.booleans()))
    last = terms(renewal=draw(renewals), freezes=freely, **{name: draw(each) for name, each in said.items()})
    rates = [last]
    if switched:
        to = SwitchesTo(RateId(new_id()))
        rates = [terms(renewal=to, freezes=freely, **{name: draw(each) for name, each in said.items()}), last]
    days = draw(st.none() | st.tuples(st.integers(0, 200), st.none() | st.integers(1, 50)))
    frozen = ()
    if days is not None:
        since = START + timedelta(days=days[0])
        frozen = (freeze(since, None if days[1] is None else since + timedelta(days=days[1])),)
    announced = START + timedelta(days=draw(st.integers(-1, 250)))
    return contract(*rates, signed=START, freezes=frozen, announced_to=announced)


@settings(max_examples=300)
@given(contracts(), st.lists(st.integers(0, 500), min_size=1, max_size=12))
def test_none_comes_before_the_day_from_which_a_contract_is_looked_at(made, days):
    looked_at = look_from(made)
    for ahead in days:
        today = max(made.announced_to, START) + timedelta(days=ahead)
        if status(made, today) not in IN_FORCE:
            continue
        found = deadline(made, today)
        if found is not None:
            assert looked_at is not None
            assert looked_at <= found.receive_by


def test_what_can_be_left_every_day_for_a_while_is_looked_at_at_once():
    """Until the notice would end after the switch to a rate with terms."""
    every_day = Notice(length=Term.of_days(10), mode=NoticeMode.FROM_RECEIPT)
    to = SwitchesTo(RateId(new_id()))
    first = terms(term=Term.of_months(3), minimum_term=Term.of_days(1), renewal=to, notice=every_day)
    made = contract(first, terms(renewal=Extends(Term.of_months(12))), signed=START, announced_to=date(2026, 2, 1))
    assert deadline(made, date(2026, 2, 1)) is None
    assert deadline(made, date(2026, 4, 10)) is not None
    assert look_from(made) == date(2026, 2, 1)


def test_the_last_of_many_days_that_lead_to_one_is_a_deadline_until_it_is_over():
    """By a notice from receipt, too, where the minimum term is waited for until then."""
    notice = Notice(length=Term.of_days(10), mode=NoticeMode.FROM_RECEIPT)
    made = contract(terms(term=MONTH, renewal=Extends(MONTH), notice=notice), signed=START)
    last, leaves = START + timedelta(days=20), START + timedelta(days=31)
    for ahead in range(21):
        told = deadline(made, START + timedelta(days=ahead))
        assert told is not None
        assert (told.receive_by, told.effective_on) == (last, leaves), ahead
    for ahead in range(21, 60):
        assert deadline(made, START + timedelta(days=ahead)) is None, ahead
    assert look_from(evolve(made, announced_to=last)) == last


@given(contracts(), st.integers(0, 500))
def test_what_comes_is_told_every_day_until_it_has_come(made, days):
    today = START + timedelta(days=days)
    told = deadline(made, today)
    if told is not None:
        assert deadline(made, told.receive_by) == told
        assert deadline(made, today + (told.receive_by - today) // 2) == told


def test_what_has_none_is_never_looked_at():
    every_day = Notice(length=MONTH, mode=NoticeMode.FROM_RECEIPT)
    assert look_from(contract(terms(renewal=EndsWithTerm()), signed=START)) is None
    free = terms(term=MONTH, renewal=RunsOn(), notice=Notice(length=MONTH), notice_later=every_day)
    to_the_first_day = contract(free, signed=START, announced_to=date(2026, 2, 15))
    assert look_from(to_the_first_day) == date(2026, 2, 15), "who came too late for the first term counts until then"
    assert look_from(contract(free, signed=START, announced_to=date(2026, 2, 16))) is None
    yearly = terms(renewal=Extends(Term.of_months(12)), notice=Notice(length=MONTH))
    assert look_from(contract(yearly, signed=START)) == date(2026, 12, 14)


@pytest.mark.rule("COM-18")
def test_contracts_are_found_by_the_day_from_which_they_are_looked_at(world):
    """Not those whose deadline is far away, nor those that have none; after a term the next day counts."""
    yearly = world.rate(renewal=Extends(Term.of_months(12)), notice=Notice(length=MONTH))
    half_yearly = world.rate(term=Term.of_months(6), renewal=Extends(Term.of_months(6)), notice=Notice(length=MONTH))
    south = world.studio("south")
    later, sooner, there = (
        world.contract(rate=yearly),
        world.contract(rate=half_yearly),
        world.contract(rate=half_yearly, studio=south),
    )
    world.contract(rate=world.rate(renewal=EndsWithTerm()))
    june, december = date(2026, 6, 14), date(2026, 12, 14)

    def looked_at(before, studio=None, **said):
        with world.storage.reading(world.organization.id, world.clock) as uow:
            found = uow.contract_reports.looked_at(before, studio, **said)
            assert [each for _, each in found] == [uow.contracts.get(each.id) for _, each in found]
            return [(day, each.id) for day, each in found]

    assert looked_at(june) == []
    soon = sorted([(june, sooner), (june, there)])
    assert looked_at(december) == soon
    assert looked_at(date(2027, 1, 1)) == [*soon, (december, later)]
    assert looked_at(date(2027, 1, 1), limit=1) == soon[:1]
    assert looked_at(date(2027, 1, 1), after=soon[0]) == [soon[1], (december, later)]
    assert looked_at(date(2027, 1, 1), after=soon[1]) == [(december, later)]
    assert looked_at(date(2027, 1, 1), south) == [(june, there)]
    world.org.contracts.cancel(there, received_on=START, reason="moved")
    world.wait(days=(date(2026, 7, 20) - START).days)
    world.org.contracts.settle([later, sooner, there])
    assert looked_at(date(2027, 1, 1)) == sorted([(december, sooner), (december, later)])


@pytest.mark.rule("COM-18")
@settings(max_examples=3)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 11)), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(1, 200), st.booleans()), min_size=1, max_size=4),
    st.integers(1, 400),
)
def test_the_list_is_that_of_every_contract_one_by_one(storage, rates, waits, within):
    """Whether the jobs ran in between or not."""
    world = World(storage)
    made = []
    for months, notice in rates:
        said = Notice(length=Term.of_months(notice) if notice else Term.of_days(10))
        term = Term.of_months(months)
        made.append(world.contract(rate=world.rate(term=term, renewal=Extends(term), notice=said)))
    for days, settled in waits:
        world.wait(days=days)
        if settled:
            world.org.contracts.settle(made)
        today = world.clock.now().date()
        alone = (deadline(world.stored_contract(each), today) for each in made)
        soon = {each for each in alone if each is not None and each.receive_by < today + timedelta(days=within)}
        listed = list(world.org.contracts.deadlines(within=within))
        assert set(listed) == soon
        assert len(listed) == len(soon)


@pytest.mark.rule("COM-20")
def test_those_that_come_soon_are_listed(world):
    """A year from 15 January with a month's notice: received on 14 December at the latest."""
    yearly = {"renewal": Extends(Term.of_months(12)), "notice": Notice(length=MONTH)}
    soon = world.contract(rate=world.rate(**yearly))
    cancelled = world.contract(rate=world.rate(**yearly))
    world.contract(rate=world.rate(renewal=Extends(MONTH), term=Term.of_months(24)))
    world.contract()
    world.org.contracts.cancel(cancelled, received_on=START, reason="moved")
    world.wait(days=(date(2026, 12, 5) - START).days)
    found = list(world.org.contracts.deadlines(within=10))
    assert [(each.contract, each.receive_by, each.effective_on) for each in found] == [
        (soon, date(2026, 12, 14), date(2027, 1, 15))
    ]
    assert list(world.org.contracts.deadlines(within=9)) == []
    assert list(world.org.contracts.deadlines(within=10, studio=world.studio("south"))) == []
    with pytest.raises(InvalidInput):
        world.org.contracts.deadlines(within=0)
    assert PageOfDeadlines(within=1).size == 500
