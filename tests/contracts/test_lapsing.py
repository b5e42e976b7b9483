"""CON-2: drafts that lie on hold for too long are listed, and lapse in bulk."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import FEE

from memberlogic import Money
from memberlogic.actors import Actor
from memberlogic.contracts import lapsing
from memberlogic.contracts.model import CancellationKind, ContractStatus
from memberlogic.contracts.rates import SwitchPath
from memberlogic.contracts.withdrawing import NoCancellationFiled
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import ContractId, new_id
from memberlogic.members.membership import MembershipStatus
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-2")

TODAY, DAY = date(2026, 1, 15), timedelta(days=1)


@pytest.fixture
def rate(world):
    return world.rate(initial_fee=FEE)


def listed(world):
    return [each.contract for each in world.org.contracts.lapsing_drafts()]


def test_a_draft_is_listed_when_it_has_lain_for_the_limit_of_days(world, rate):
    member = world.member()
    draft = world.contract(rate=rate, member=member)
    world.org.contracts.pay(draft, Money(2000, "EUR"))
    world.wait(days=29)
    assert listed(world) == []
    world.wait(days=1)
    (found,) = world.org.contracts.lapsing_drafts()
    assert (found.contract, found.holder, found.owed, found.currency) == (draft, member, 3000, "EUR")
    assert (found.studio, found.signed_on) == ("north", TODAY)


def test_the_limit_is_the_organizations(world, rate):
    draft = world.contract(rate=rate)
    world.org.settings.change(draft_days=7)
    world.org = world.acting_as(Actor.system())
    world.wait(days=6)
    assert listed(world) == []
    world.wait(days=1)
    assert listed(world) == [draft]
    with pytest.raises(InvalidInput):
        world.org.settings.change(draft_days=0)


@pytest.mark.rule("COM-3")
def test_each_studio_counts_its_own_days(world, rate):
    here = world.contract(rate=rate)
    far = world.studio("far", ZoneInfo("Pacific/Auckland"))
    there = world.contract(rate=rate, studio=far, signed_on=TODAY)
    world.wait(days=29, hours=1)
    assert listed(world) == [there]
    world.wait(hours=11)
    assert sorted(listed(world)) == sorted([here, there])


def test_what_was_paid_or_has_ended_is_not_listed(world, rate):
    paid, bounced, given_up, left = (world.contract(rate=rate) for _ in range(4))
    world.contract()
    world.org.contracts.pay(paid, FEE)
    payment = world.org.contracts.pay(bounced, FEE).payment
    world.wait(days=1)
    world.org.contracts.reverse_payment(bounced, payment)
    world.org.contracts.cancel(given_up, received_on=TODAY + DAY, reason="other")
    world.wait(days=40)
    assert listed(world) == [left]
    world.wait(days=400)
    assert listed(world) == [], "the term has ended"


@pytest.mark.rule("COM-20")
def test_pages_go_on_after_the_last_of_the_page_before(world, rate):
    drafts = [world.contract(rate=rate) for _ in range(5)]
    world.wait(days=30)
    found, after = [], None
    while True:
        page = lapsing.PageOfLapsingDrafts(after=after, size=2)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            part = uow.contracts.lying(lapsing.lying(uow.studios.all(), 30, page, uow.now))
        if not part:
            break
        assert len(part) <= 2
        found += [each.id for each in part]
        after = found[-1]
    assert found == sorted(drafts) == listed(world)


def test_drafts_lapse_together_and_each_one_skipped_is_named_with_why(world, rate):
    member = world.member()
    first, second = world.contract(rate=rate, member=member), world.contract(rate=rate)
    paid, bounced = world.contract(rate=rate), world.contract(rate=rate)
    world.org.contracts.pay(paid, FEE)
    payment = world.org.contracts.pay(bounced, FEE).payment
    world.wait(days=5)
    world.org.contracts.reverse_payment(bounced, payment)
    young = world.contract(rate=rate)
    world.wait(days=25)
    done = world.org.contracts.lapse_drafts([second, paid, first, bounced, young, first])
    assert done.lapsed == tuple(sorted([first, second]))
    assert {each.contract: each.because.code for each in done.skipped} == {
        paid: "draft.not_on_hold",
        bounced: "draft.once_paid",
        young: "draft.not_long_enough",
    }
    assert "from day 2026-02-19" in done.explain().text()
    for each in (first, second):
        filed = world.org.contracts.cancellation(each).cancellation
        assert (filed.kind, filed.reason, filed.effective_on) == (
            CancellationKind.LAPSED,
            "lapsed",
            TODAY + DAY * 30,
        )
        assert world.org.contracts.get(each).status is ContractStatus.CANCELLED
        assert world.org.contracts.get(each, on=TODAY + DAY * 29).status is ContractStatus.ON_HOLD
    told = [each.event for each in world.events()]
    assert [each.contract for each in told if each.type == "contract.lapsed"] == sorted([first, second])
    assert [each.reason for each in told if each.type == "contract.cancelled"] == ["lapsed"] * 2
    assert {each.status for each in world.org.members.membership(member).spans} == {MembershipStatus.PROSPECT}
    assert listed(world) == []
    again = world.org.contracts.lapse_drafts([first])
    assert (again.lapsed, again.skipped[0].because.code) == ((), "draft.not_on_hold")


def test_an_unknown_contract_lets_none_lapse(world, rate):
    draft = world.contract(rate=rate)
    world.wait(days=30)
    with pytest.raises(NotFound):
        world.org.contracts.lapse_drafts([draft, ContractId(new_id())])
    assert listed(world) == [draft]
    assert world.org.contracts.lapse_drafts([]).lapsed == ()


def test_of_one_member_several_drafts_lapse_at_once(world, rate):
    member = world.member()
    drafts = [world.contract(rate=rate, member=member) for _ in range(3)]
    kept = world.contract(member=member)
    world.wait(days=30)
    assert world.org.contracts.lapse_drafts(drafts).lapsed == tuple(sorted(drafts))
    assert world.org.contracts.get(kept).status is ContractStatus.ACTIVE
    assert {each.status for each in world.org.members.membership(member).spans} >= {MembershipStatus.MEMBER}


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from([0, 4999, 5000]), st.booleans()), max_size=6))
def test_what_is_listed_is_what_lapses(made):
    world = World(MemoryStorage())
    rate, contracts = world.rate(initial_fee=FEE), []
    for waited, paid, bounced in made:
        world.wait(days=waited)
        contracts.append(world.contract(rate=rate))
        if paid:
            payment = world.org.contracts.pay(contracts[-1], Money(paid, "EUR")).payment
            if bounced:
                world.wait(days=1)
                world.org.contracts.reverse_payment(contracts[-1], payment)
    found = listed(world)
    assert world.org.contracts.lapse_drafts(contracts).lapsed == tuple(found)


@pytest.mark.rule("CON-12")
def test_one_that_waits_for_the_fee_of_a_switch_lapses_by_itself(world, rate):
    old = world.rate(switch_paths=[SwitchPath(to=rate, fee=FEE, days_to_pay=60)])
    waiting = world.org.contracts.switch(world.contract(rate=old), rate=rate, on=TODAY + DAY).successor
    world.wait(days=40)
    assert listed(world) == []
    (skipped,) = world.org.contracts.lapse_drafts([waiting]).skipped
    assert skipped.because.code == "draft.ends_already"
    with pytest.raises(NoCancellationFiled):
        world.org.contracts.withdraw_cancellation(waiting)


@pytest.mark.rule("CON-12")
def test_a_draft_that_was_transferred_is_listed_where_it_is_now(world, rate):
    draft = world.contract(rate=rate)
    far = world.studio("far")
    world.wait(days=10)
    there = world.org.contracts.transfer(draft, studio=far, on=TODAY + DAY * 10).successor
    world.wait(days=20)
    assert [(each.contract, each.studio) for each in world.org.contracts.lapsing_drafts()] == [(there, far)]
    assert world.org.contracts.lapse_drafts([draft, there]).lapsed == (there,)
