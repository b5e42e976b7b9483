"""CON-14: suspensions, and what billing says: beside the status, never part of it."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from memberlogic.amounts import Money
from memberlogic.contracts.owing import BillingToCome
from memberlogic.contracts.suspending import AccessInThePast, SuspensionEndsLater, SuspensionWithoutDays
from memberlogic.contracts.suspensions import Billing
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import ContractId, SuspensionId, new_id
from memberlogic.testing import World

pytestmark = pytest.mark.rule("CON-14")

TODAY = date(2026, 1, 15)


@pytest.fixture
def studio(world):
    return world.studio()


@pytest.fixture
def member(world, studio):
    return world.member()


@pytest.fixture
def contract(world, member):
    """A contract in force."""
    return world.contract(member=member)


def told(world, member, studio):
    answer = world.org.contracts.notices(member, studio=studio)
    return answer.allowed, [each.text() for each in answer.notices]


def test_a_suspended_contract_gives_no_access_and_is_otherwise_as_before(world, studio, member, contract):
    before = world.org.contracts.get(contract)
    filed = world.org.contracts.suspend_contract(contract, reason="arrears", until=TODAY + timedelta(days=3))
    assert told(world, member, studio) == (
        False,
        ["The contract is suspended from 2026-01-15 through 2026-01-17 (arrears)."],
    )
    assert world.org.contracts.get(contract) == before, "status, term and spans do not see it"
    assert world.stored_contract(contract).version == 0
    (event,) = [each.event for each in world.events() if each.event.type == "contract.suspended"]
    assert (event.contract, event.suspension, event.reason, event.members) == (
        contract,
        filed.id,
        "arrears",
        (member,),
    )
    world.wait(days=3)
    assert told(world, member, studio) == (True, [])


def test_it_keeps_everybody_on_the_contract_out_but_not_by_other_contracts(world, studio):
    holder, beside = world.member(), world.member()
    contract = world.contract(rate=world.rate(most_covered=1), member=holder, covered=[beside])
    own = world.contract(member=beside)
    world.org.contracts.suspend_contract(contract, reason="arrears")
    assert not told(world, holder, studio)[0]
    answer = world.org.contracts.check_in(beside, studio=studio)
    assert (answer.allowed, answer.contract) == (True, own)
    assert [each.code for each in answer.notices] == ["checkin.contract_suspended"], "it is told all the same"


def test_a_member_is_kept_out_by_whatever_contract(world, studio, member, contract):
    world.contract(member=member)
    filed = world.org.contracts.suspend_member(member, reason="house_ban")
    assert told(world, member, studio) == (False, ["No access since 2026-01-15 until further notice (house ban)."])
    ended = world.org.contracts.end_suspension(filed.id)
    assert (ended.ended, ended.until) == (TODAY, None)
    assert told(world, member, studio) == (True, [])
    types = [each.event.type for each in world.events() if "susp" in each.event.type]
    assert types == ["member.suspended", "suspension.ended"]


@pytest.mark.rule("COM-3")
def test_today_is_the_contracts_studios_or_the_organizations(world):
    auckland = world.studio("auckland", ZoneInfo("Pacific/Auckland"))
    contract = world.contract(studio=auckland)
    assert world.org.contracts.suspend_contract(contract, reason="arrears").since == TODAY + timedelta(days=1)
    assert world.org.contracts.suspend_member(world.member(), reason="house_ban").since == TODAY


def test_it_ends_early_from_today_on_and_may_never_begin(world, studio, member, contract):
    later = TODAY + timedelta(days=10)
    filed = world.org.contracts.suspend_contract(contract, reason="arrears", until=later)
    for on, refusal in (
        (TODAY - timedelta(days=1), AccessInThePast),
        (later, SuspensionEndsLater),
        (later + timedelta(days=1), SuspensionEndsLater),
    ):
        with pytest.raises(refusal):
            world.org.contracts.end_suspension(filed.id, on=on)
    world.org.contracts.end_suspension(filed.id, on=TODAY + timedelta(days=2))
    with pytest.raises(SuspensionEndsLater):
        world.org.contracts.end_suspension(filed.id, on=TODAY + timedelta(days=2))
    world.wait(days=1)
    assert not told(world, member, studio)[0]
    world.wait(days=1)
    assert told(world, member, studio)[0]
    planned = world.org.contracts.suspend_member(member, reason="house_ban", since=TODAY + timedelta(days=5))
    never = world.org.contracts.end_suspension(planned.id)
    assert (never.ended, never.end) == (planned.since, planned.since)
    world.wait(days=5)
    assert told(world, member, studio) == (True, [])
    assert world.org.contracts.suspensions(member) == (
        world.org.contracts.suspensions(member)[0],
        never,
    )


def test_what_has_no_days_or_is_not_there_is_refused(world, member, contract):
    with pytest.raises(InvalidInput):
        world.org.contracts.suspend_contract(contract, reason="arrears", since=TODAY, until=TODAY)
    with pytest.raises(SuspensionWithoutDays):
        world.org.contracts.suspend_contract(contract, reason="arrears", until=TODAY)
    with pytest.raises(SuspensionWithoutDays):
        world.org.contracts.suspend_member(member, reason="house_ban", until=TODAY - timedelta(days=1))
    with pytest.raises(NotFound):
        world.org.contracts.suspend_contract(ContractId(new_id()), reason="arrears")
    with pytest.raises(NotFound):
        world.org.contracts.end_suspension(SuspensionId(new_id()))
    theirs = World(world.storage)
    foreign = theirs.org.contracts.suspend_member(theirs.member(), reason="house_ban")
    with pytest.raises(NotFound):
        world.org.contracts.end_suspension(foreign.id)
    assert world.org.contracts.suspensions(member) == ()


def test_what_billing_says_is_shown_and_decides_nothing(world, studio, member, contract):
    assert world.org.contracts.billing(member) == Billing(member=member)
    said = world.org.contracts.tell_billing(member, owed=Money(4990, "EUR"), status="second_reminder")
    assert (said.known, said.old_news) == (world.org.contracts.billing(member), False)
    assert told(world, member, studio) == (
        True,
        ["Billing says that 49.90 EUR are owed.", "Billing says: second reminder."],
    )
    world.wait(hours=1)
    world.org.contracts.tell_billing(member, owed=Money(0, "EUR"))
    assert told(world, member, studio) == (True, [])


@pytest.mark.rule("COM-21")
def test_what_billing_said_earlier_does_not_replace_what_it_said_later(world, member):
    now = world.clock.now()
    world.wait(hours=1)
    world.org.contracts.tell_billing(member, status="paid", as_of=now)
    late = world.org.contracts.tell_billing(member, status="open", as_of=now - timedelta(minutes=1))
    assert (late.old_news, late.known.status) == (True, "paid")
    assert world.org.contracts.billing(member).status == "paid"
    assert [each.event.status for each in world.events() if each.event.type == "member.billing_told"] == ["paid"]
    with pytest.raises(BillingToCome):
        world.org.contracts.tell_billing(member, status="open", as_of=world.clock.now() + timedelta(seconds=1))
    with pytest.raises(InvalidInput):
        world.org.contracts.tell_billing(member, owed=Money(-1, "EUR"))
