"""CON-4: former members come back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from memberlogic import Money, Term
from memberlogic.contracts.drafting import CoversTooMany, RateNotOnSale
from memberlogic.contracts.lifecycle import COMMANDS
from memberlogic.contracts.model import FINAL, ContractStatus
from memberlogic.contracts.rates import RateTerms, SwitchesTo, SwitchPath
from memberlogic.contracts.redrafting import NeverTookOver
from memberlogic.errors import IllegalTransition, PermissionDenied

pytestmark = pytest.mark.rule("CON-4")

TODAY = date(2026, 1, 15)


@pytest.fixture
def people(world):
    return [world.member() for _ in range(4)]


@pytest.fixture
def ended(world, people):
    """A month's contract of a holder and two beside, of whom one left; somebody was to come after its end."""
    rate = world.rate(term=Term.of_months(1), most_covered=2)
    contract = world.contract(member=people[0], covered=people[1:3], rate=rate)
    world.org.contracts.uncover(contract, people[1], on=TODAY + timedelta(days=9))
    world.wait(days=100)
    return contract


def test_the_same_people_are_sold_the_rate_as_it_is_now(world, ended, people):
    rate = world.stored_contract(ended).rate.rate
    world.org.contracts.revise_rate(rate, terms=RateTerms(name="New", term=Term.of_months(3), most_covered=1))
    before = world.stored_contract(ended)
    joined = world.org.members.membership(people[0]).first_joined_at
    told = world.org.contracts.redraft(ended, start_on=TODAY + timedelta(days=110))
    again = world.stored_contract(told.contract)
    today = TODAY + timedelta(days=100)
    assert (again.signed_on, again.start_on, told.status) == (
        today,
        TODAY + timedelta(days=110),
        ContractStatus.PENDING,
    )
    assert (again.rate.rate, again.rate.version, again.studio.code) == (rate, 1, "north")
    assert [each.member for each in again.covered_on(today)] == [people[0], people[2]]
    assert world.stored_contract(ended) == before, "history stays"
    now = world.org.members.membership(people[0])
    assert (now.status.value, now.detail.value) == ("member", "pending")
    assert now.first_joined_at == joined == now.spans[0].since
    assert world.org.members.membership(people[1]).detail.value == "left"
    assert world.org.members.membership(people[3]).first_joined_at is None


def test_whoever_left_on_the_last_day_or_before_is_not_copied(world, people):
    """The day of the end is the first without the contract; who left on it had not left before."""
    contract = world.contract(
        member=people[0], covered=people[1:3], rate=world.rate(term=Term.of_days(10), most_covered=2)
    )
    world.org.contracts.uncover(contract, people[1], on=TODAY + timedelta(days=9))
    world.wait(days=10)
    told = world.org.contracts.redraft(contract)
    assert {each.member for each in world.stored_contract(told.contract).coverage} == {people[0], people[2]}


def test_the_holder_is_who_held_it_last(world, people):
    contract = world.contract(member=people[0], rate=world.rate(term=Term.of_days(10)))
    world.org.contracts.change_holder(contract, to=people[1], on=TODAY + timedelta(days=5), leaving=True)
    world.wait(days=10)
    told = world.org.contracts.redraft(contract)
    assert [each.member for each in world.stored_contract(told.contract).coverage] == [people[1]]


def test_it_is_the_rate_on_which_it_ended(world):
    year = world.rate()
    trial = world.rate(term=Term.of_days(10), renewal=SwitchesTo(year))
    contract = world.contract(rate=trial)
    world.wait(days=500)
    assert world.org.contracts.redraft(contract).rate == year


def test_only_of_a_contract_that_ended(world):
    contract = world.contract()
    with pytest.raises(IllegalTransition) as caught:
        world.org.contracts.redraft(contract)
    assert caught.value.details["action"] == "redraft"
    assert all(("redraft" in COMMANDS[status]) == (status in FINAL) for status in COMMANDS)


def test_what_drafting_refuses_is_refused(world, ended):
    rate = world.stored_contract(ended).rate.rate
    office = world.staff("members.contracts:create")
    with pytest.raises(PermissionDenied):
        office.contracts.redraft(ended, signed_on=TODAY + timedelta(days=99))
    world.org.contracts.revise_rate(rate, terms=RateTerms(name="New", term=Term.of_months(3)))
    with pytest.raises(CoversTooMany):
        world.org.contracts.redraft(ended)
    world.org.contracts.retire_rate(rate)
    with pytest.raises(RateNotOnSale):
        world.org.contracts.redraft(ended)


@pytest.mark.rule("MEM-9")
def test_who_was_anonymised_is_left_out_and_a_holder_cannot_be(world, ended, people):
    world.org.members.anonymise(people[2])
    told = world.org.contracts.redraft(ended)
    assert [each.member for each in world.stored_contract(told.contract).coverage] == [people[0]]
    world.wait(days=100)
    world.org.members.anonymise(people[0])
    events = world.events()
    with pytest.raises(IllegalTransition):
        world.org.contracts.redraft(told.contract)
    assert world.events() == events


@pytest.mark.rule("CON-12")
@pytest.mark.parametrize("on", [0, 5])
@pytest.mark.parametrize("how", ["lapsed", "withdrawn", "transfer withdrawn", "withdrawn from"])
def test_what_was_to_follow_and_never_did_is_not_drafted_again(world, how, on):
    """A switch that lapsed or was taken back never had anybody on it; the contract before it went on."""
    fee = Money(1500, "EUR") if how == "lapsed" else None
    better = world.rate()
    rate = world.rate(switch_paths=[SwitchPath(to=better, fee=fee)], cooling_off_days=14)
    day = TODAY + timedelta(days=on + 1)
    contract = world.contract(rate=rate)
    if how == "transfer withdrawn":
        told = world.org.contracts.transfer(contract, studio=world.studio("south"), on=day)
        world.org.contracts.withdraw_transfer(contract)
    else:
        told = world.org.contracts.switch(contract, rate=better, on=day)
    if how == "withdrawn":
        world.org.contracts.withdraw_switch(contract)
    if how == "withdrawn from":
        world.org.contracts.withdraw_from(contract, received_on=TODAY)
    world.wait(days=60)
    world.ml.run_jobs()
    events = world.events()
    with pytest.raises(NeverTookOver) as caught:
        world.org.contracts.redraft(told.successor)
    assert caught.value.details == {"predecessor": str(contract)}
    assert world.events() == events
    if how == "withdrawn from":
        assert world.org.contracts.redraft(contract).status is ContractStatus.ACTIVE
    else:
        assert world.org.contracts.get(contract).status is ContractStatus.ACTIVE
