"""CARE-9: the home studio on the record is set by the newest open contract."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from memberlogic.amounts import Money
from memberlogic.calendar import local_day

pytestmark = pytest.mark.rule("CARE-9")


def home(world, member):
    return world.org.members.person(member).home_studio


def changes(world, member):
    told = [each.event for each in world.events() if each.event.type == "member.changed"]
    return [each.fields for each in told if each.member == member]


def test_drafting_sets_the_home_studio_of_everybody_on_the_contract_and_says_so(world):
    rate, (holder, child, later) = world.rate(most_covered=2), (world.member() for _ in range(3))
    first = world.contract(member=holder, studio=world.studio(), rate=rate, covered=[child])
    assert [home(world, each) for each in (holder, child, later)] == ["north", "north", None]
    assert changes(world, holder) == changes(world, child) == [("home_studio",)]
    world.contract(member=child, studio=world.studio("south"), rate=rate)
    assert [home(world, each) for each in (holder, child)] == ["north", "south"]
    world.contract(member=holder, studio=world.studio(), rate=rate)
    assert changes(world, holder) == [("home_studio",)]
    world.org.contracts.cover(first, later)
    assert home(world, later) is None


def test_a_draft_that_waits_for_its_payment_counts_as_open(world):
    member = world.member()
    world.contract(member=member, studio=world.studio(), rate=world.rate(initial_fee=Money(1000, "EUR")))
    assert home(world, member) == "north"


def test_what_is_entered_after_the_fact_is_the_newest_only_if_it_was_signed_last(world):
    member, today = world.member(), local_day(world.clock.now(), ZoneInfo("Europe/Berlin"))
    world.contract(member=member, studio=world.studio())
    before = today - timedelta(days=30)
    world.contract(member=member, studio=world.studio("south"), signed_on=before)
    assert home(world, member) == "north"


def test_drafting_again_sets_it_and_keeps_everything_else_that_is_known(world):
    member = world.member()
    contract = world.contract(member=member, studio=world.studio())
    world.org.members.update(member, known_as="Ann", home_studio=world.studio("south"))
    world.wait(days=1)
    today = local_day(world.clock.now(), ZoneInfo("Europe/Berlin"))
    world.org.contracts.cancel(contract, received_on=today, reason="moved", extraordinary=True, to=today)
    world.wait(days=1)
    world.org.contracts.redraft(contract)
    told = world.org.members.person(member)
    assert (told.home_studio, told.known_as) == ("north", "Ann")
