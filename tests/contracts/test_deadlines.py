"""CON-17: until when a contract has to be cancelled, found day by day as a clerk would."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import contract, freeze, terms

from memberlogic import Term
from memberlogic.contracts.deadlines import PageOfDeadlines, deadline
from memberlogic.contracts.rates import EndsWithTerm, Extends, FreezePolicy, Notice, NoticeMode
from memberlogic.contracts.reckoning import course_for, way_out
from memberlogic.errors import InvalidInput

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
    with world.storage.reading(world.organization.id, world.clock) as uow:
        first, *others = uow.contract_reports.in_force(date(2026, 12, 5), None)
        after = uow.contract_reports.in_force(date(2026, 12, 5), None, after=first.id, limit=2)
    assert [each.id for each in after] == [each.id for each in others[:2]]
    with pytest.raises(InvalidInput):
        world.org.contracts.deadlines(within=0)
    assert PageOfDeadlines(within=1).size == 500
