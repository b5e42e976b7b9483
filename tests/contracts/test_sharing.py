"""CON-11: who is on a contract, and since when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import FEE

from memberlogic import Term
from memberlogic.contracts.drafting import CoveredTwice, CoversTooMany
from memberlogic.contracts.lifecycle import COMMANDS
from memberlogic.contracts.rates import SwitchesTo
from memberlogic.contracts.sharing import (
    AlreadyHolder,
    DayOutsideContract,
    HolderCannotLeave,
    HolderChangesLater,
    NotCovered,
)
from memberlogic.errors import IllegalTransition, PermissionDenied, RuleViolation
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-11")

TODAY = date(2026, 1, 15)
LATER = TODAY + timedelta(days=20)


def what(world, member, day):
    """What somebody is at noon of a day, in words."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    told = world.org.members.membership(member, at=at)
    return " ".join(each.value for each in (told.status, told.detail) if each is not None)


def on(world, contract, day):
    return [each.member for each in world.org.contracts.get(contract, on=day).covered]


@pytest.fixture
def holder(world):
    return world.member()


@pytest.fixture
def family(world, holder):
    """A contract that covers two beside its holder."""
    return world.contract(member=holder, rate=world.rate(most_covered=2, initial_fee=FEE))


@pytest.fixture
def paid(world, family):
    world.org.contracts.pay(family, FEE)
    return family


def test_whoever_is_covered_is_what_the_contract_is(world, paid, holder):
    child = world.member()
    told = world.org.contracts.cover(paid, child, since=LATER)
    assert [(each.member, each.holder) for each in told.covered] == [(holder, True), (child, False)]
    assert [what(world, child, day) for day in (LATER - timedelta(days=1), LATER)] == ["prospect", "member active"]
    assert on(world, paid, TODAY) == [holder]
    assert what(world, child, TODAY + timedelta(days=400)) == "former_member expired"
    event = world.events()[-1].event
    assert (event.type, event.member, event.since) == ("contract.covered", child, LATER)
    assert told.explain().reasons[0].figures["covered"] == 2


def test_leaving_ends_it_on_that_day(world, paid, holder):
    child = world.member()
    world.org.contracts.cover(paid, child)
    world.wait(days=5)
    told = world.org.contracts.uncover(paid, child, on=LATER)
    assert [each.member for each in told.covered] == [holder]
    assert [what(world, child, day) for day in (LATER - timedelta(days=1), LATER)] == [
        "member active",
        "former_member left",
    ]
    assert what(world, holder, LATER) == "member active"
    assert (world.events()[-1].event.type, world.events()[-1].event.on) == ("contract.left", LATER)


def test_a_leaving_that_is_to_come_can_be_put_on_another_day_and_taken_back_by_coming_anew(world, paid):
    child = world.member()
    world.org.contracts.cover(paid, child)
    world.org.contracts.uncover(paid, child, on=LATER)
    world.org.contracts.uncover(paid, child, on=LATER + timedelta(days=3))
    assert what(world, child, LATER) == "member active"
    world.org.contracts.cover(paid, child, since=LATER + timedelta(days=3))
    told = world.org.members.membership(child)
    assert [each.detail.value for each in told.spans] == ["active", "expired"], "no gap in between"
    world.org.contracts.uncover(paid, child, on=LATER + timedelta(days=3))
    assert what(world, child, LATER + timedelta(days=3)) == "former_member left"


def test_whoever_leaves_on_the_day_they_came_was_never_on_it(world, paid):
    child = world.member()
    world.org.contracts.cover(paid, child, since=LATER)
    world.org.contracts.uncover(paid, child, on=LATER)
    assert world.org.members.membership(child).spans == ()
    world.org.contracts.cover(paid, child)
    assert what(world, child, LATER + timedelta(days=1)) == "member active"


def test_the_holder_changes_and_the_old_one_stays_covered(world, paid, holder):
    child = world.member()
    world.org.contracts.cover(paid, child)
    before = world.org.contracts.get(paid, on=LATER)
    told = world.org.contracts.change_holder(paid, to=child, on=LATER)
    assert [(each.member, each.holder) for each in told.covered] == [(child, True), (holder, False)]
    assert on(world, paid, LATER - timedelta(days=1)) == [holder, child]
    after = world.org.contracts.get(paid, on=LATER)
    assert (before.spans, before.owed, before.term_end) == (after.spans, after.owed, after.term_end)
    for each in (holder, child):
        assert [span.detail.value for span in world.org.members.membership(each).spans] == ["active", "expired"]


def test_the_old_holder_may_leave_and_the_new_one_come_anew(world, paid, holder):
    heir = world.member()
    told = world.org.contracts.change_holder(paid, to=heir, on=LATER, leaving=True)
    assert [(each.member, each.holder) for each in told.covered] == [(heir, True)]
    assert what(world, holder, LATER) == "former_member left"
    assert [what(world, heir, day) for day in (TODAY, LATER)] == ["prospect", "member active"]
    event = world.events()[-1].event
    assert (event.type, event.before, event.after, event.leaving) == ("contract.holder_changed", holder, heir, True)
    with pytest.raises(HolderChangesLater):
        world.org.contracts.change_holder(paid, to=holder, on=TODAY + timedelta(days=1))
    with pytest.raises(AlreadyHolder):
        world.org.contracts.change_holder(paid, to=heir, on=LATER + timedelta(days=1))
    with pytest.raises(HolderCannotLeave):
        world.org.contracts.uncover(paid, heir, on=LATER + timedelta(days=1))


@pytest.mark.rule("MEM-18")
def test_a_change_of_the_holder_while_a_payment_bounced_makes_nobody_a_former_member(world, paid, holder):
    payment = world.stored_contract(paid).payments[0].id
    world.wait(days=3)
    world.org.contracts.reverse_payment(paid, payment)
    world.org.contracts.change_holder(paid, to=world.member())
    assert world.org.members.membership(holder).detail.value == "on_hold"


def test_no_more_than_the_rate_covers(world, paid, holder):
    one, two, three = (world.member() for _ in range(3))
    world.org.contracts.cover(paid, one)
    world.org.contracts.cover(paid, two, since=LATER)
    with pytest.raises(CoversTooMany) as caught:
        world.org.contracts.cover(paid, three, since=LATER - timedelta(days=1))
    assert caught.value.details == {"most": 2, "asked": 3}
    with pytest.raises(CoversTooMany):
        world.org.contracts.change_holder(paid, to=three, on=LATER)
    world.org.contracts.change_holder(paid, to=three, on=LATER, leaving=True)
    world.org.contracts.uncover(paid, one, on=LATER)
    world.org.contracts.cover(paid, holder, since=LATER)
    assert set(on(world, paid, LATER)) == {three, two, holder}


def test_the_rate_of_the_day_says_how_many_and_nobody_has_to_leave_because_it_changes(world):
    small = world.rate(most_covered=0)
    rate = world.rate(most_covered=1, term=Term.of_days(30), renewal=SwitchesTo(small))
    contract = world.contract(rate=rate)
    child = world.member()
    world.org.contracts.cover(contract, child)
    switched = TODAY + timedelta(days=30)
    assert child in on(world, contract, switched)
    with pytest.raises(CoversTooMany):
        world.org.contracts.cover(contract, world.member(), since=switched)
    world.org.contracts.change_holder(contract, to=child, on=switched)
    assert on(world, contract, switched)[0] == child


def test_everybody_once_at_a_time(world, paid, holder):
    child = world.member()
    world.org.contracts.cover(paid, child, since=LATER)
    for member, day in ((child, TODAY), (child, LATER), (child, LATER + timedelta(days=3)), (holder, LATER)):
        with pytest.raises(CoveredTwice):
            world.org.contracts.cover(paid, member, since=day)
    with pytest.raises(CoveredTwice):
        world.org.contracts.change_holder(paid, to=child, on=LATER - timedelta(days=1))


def test_only_who_is_covered_can_leave(world, paid):
    child = world.member()
    with pytest.raises(NotCovered):
        world.org.contracts.uncover(paid, child)
    world.org.contracts.cover(paid, child, since=LATER)
    with pytest.raises(NotCovered):
        world.org.contracts.uncover(paid, child, on=LATER - timedelta(days=1))
    world.wait(days=30)
    world.org.contracts.uncover(paid, child)
    with pytest.raises(NotCovered):
        world.org.contracts.uncover(paid, child)


def test_days_lie_in_the_contract(world, paid):
    child = world.member()
    end = date(2027, 1, 15)
    for day in (TODAY - timedelta(days=1), end, end + timedelta(days=9)):
        with pytest.raises(DayOutsideContract):
            world.org.contracts.cover(paid, child, since=day)
        with pytest.raises(DayOutsideContract):
            world.org.contracts.change_holder(paid, to=child, on=day)
    world.org.contracts.cover(paid, child, since=end - timedelta(days=1))
    world.wait(days=400)
    for call in (
        lambda: world.org.contracts.cover(paid, world.member()),
        lambda: world.org.contracts.uncover(paid, child),
        lambda: world.org.contracts.change_holder(paid, to=child),
    ):
        with pytest.raises(IllegalTransition):
            call()
    for status, command in product(COMMANDS, ("cover", "uncover", "change_holder")):
        assert (command in COMMANDS[status]) == ("cancel" in COMMANDS[status])


@pytest.mark.rule("COM-21")
def test_what_is_learnt_late_needs_a_permission_of_its_own(world, paid):
    world.wait(days=10)
    child, till = world.member(), world.staff("members.contracts:update")
    with pytest.raises(PermissionDenied):
        till.contracts.cover(paid, child, since=TODAY)
    till.contracts.cover(paid, child)
    office = world.staff("members.contracts:update", "members.contracts.past:create")
    office.contracts.uncover(paid, child, on=TODAY + timedelta(days=10))
    office.contracts.cover(paid, child, since=TODAY + timedelta(days=3))
    assert what(world, child, TODAY + timedelta(days=3)) == "member active"
    with pytest.raises(PermissionDenied):
        till.contracts.uncover(paid, child, on=TODAY + timedelta(days=5))
    with pytest.raises(PermissionDenied):
        till.contracts.change_holder(paid, to=child, on=TODAY + timedelta(days=5))


STEPS = st.lists(
    st.tuples(st.sampled_from(["cover", "uncover", "hold", "hand over"]), st.integers(0, 3), st.integers(0, 40)),
    max_size=8,
)


@settings(max_examples=40)
@given(STEPS)
def test_on_every_day_there_is_one_holder_everybody_is_there_once_and_no_more_than_the_rate_covers(steps):
    world = World(MemoryStorage())
    people = [world.member() for _ in range(4)]
    contract = world.contract(member=people[0], rate=world.rate(most_covered=2))
    contracts = world.org.contracts
    for step, who, days in steps:
        day, member = TODAY + timedelta(days=days), people[who]
        before = world.stored_contract(contract)
        try:
            if step == "cover":
                contracts.cover(contract, member, since=day)
            elif step == "uncover":
                contracts.uncover(contract, member, on=day)
            else:
                contracts.change_holder(contract, to=member, on=day, leaving=step == "hold")
        except RuleViolation:
            assert world.stored_contract(contract) == before
    stored = world.stored_contract(contract)
    spans = {member: world.org.members.membership(member).spans for member in people}
    for offset in range(45):
        day = TODAY + timedelta(days=offset)
        there = stored.covered_on(day)
        assert [each.holder for each in there] == [True, *[False] * (len(there) - 1)]
        assert len({each.member for each in there}) == len(there) <= 3
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        for member in people:
            is_member = any(noon in each and each.status.value == "member" for each in spans[member])
            assert is_member == (member in {each.member for each in there})
