"""CON-10: withdrawing from a contract within its cooling-off time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.contracts.dated import FEE

from memberlogic import Term
from memberlogic.contracts.cancelling import FollowedByAnother, ReceivedBeforeSigning, ReceivedInTheFuture
from memberlogic.contracts.model import CancellationKind, ContractStatus
from memberlogic.contracts.rates import Extends, Notice, SwitchPath
from memberlogic.contracts.withdrawing import CoolingOffOver, FollowsAnother, NoCoolingOff
from memberlogic.errors import IllegalTransition
from memberlogic.members.membership import MembershipStatus

pytestmark = pytest.mark.rule("CON-10")

TODAY, DAY = date(2026, 1, 15), timedelta(days=1)


@pytest.fixture
def rate(world):
    """A rate that can be withdrawn from for 14 days."""
    return world.rate(cooling_off_days=14, renewal=Extends(Term.of_months(1)))


def test_it_counts_as_never_in_force(world, rate):
    member = world.member()
    contract = world.contract(rate=rate, member=member)
    world.wait(days=10)
    assert world.org.contracts.get(contract).status is ContractStatus.ACTIVE
    done = world.org.contracts.withdraw_from(contract, received_on=TODAY + DAY * 10)
    assert (done.status, done.last_day) == (ContractStatus.CANCELLED, TODAY + DAY * 14)
    assert done.explain().reasons[0].code == "contract.cooling_off"
    for day in (TODAY, TODAY + DAY * 9, TODAY + DAY * 400):
        assert world.org.contracts.get(contract, on=day).status is ContractStatus.CANCELLED
    assert world.org.contracts.cancellation(contract).cancellation.kind is CancellationKind.WITHDRAWN
    found = world.org.members.membership(member).spans
    assert {each.status for each in found} == {MembershipStatus.PROSPECT}
    told = [each.event for each in world.events() if each.event.type.startswith("contract.")]
    assert [each.type for each in told][-2:] == ["contract.withdrawn_from", "contract.status_corrected"]
    assert told[-1].from_day == TODAY


def test_the_last_day_is_inclusive(world, rate):
    early, late = world.contract(rate=rate), world.contract(rate=rate)
    world.wait(days=15)
    with pytest.raises(CoolingOffOver) as caught:
        world.org.contracts.withdraw_from(late, received_on=TODAY + DAY * 15)
    assert caught.value.details == {"last_day": "2026-01-29", "received_on": "2026-01-30"}
    done = world.org.contracts.withdraw_from(early, received_on=TODAY + DAY * 14)
    assert done.status is ContractStatus.CANCELLED, "it came in time, whenever it is entered"


def test_the_receipt_is_not_to_come_and_not_before_signing(world, rate):
    contract = world.contract(rate=rate)
    with pytest.raises(ReceivedInTheFuture):
        world.org.contracts.withdraw_from(contract, received_on=TODAY + DAY)
    with pytest.raises(ReceivedBeforeSigning):
        world.org.contracts.withdraw_from(contract, received_on=TODAY - DAY)


def test_a_rate_without_cooling_off_allows_none(world):
    with pytest.raises(NoCoolingOff):
        world.org.contracts.withdraw_from(world.contract(), received_on=TODAY)


def test_a_rate_with_no_days_can_be_withdrawn_from_on_the_day_of_signing(world):
    rate = world.rate(cooling_off_days=0)
    done = world.org.contracts.withdraw_from(world.contract(rate=rate), received_on=TODAY)
    assert done.status is ContractStatus.CANCELLED
    assert [each.event.day for each in world.events() if each.event.type == "contract.cancelled"] == [TODAY]


def test_a_cancellation_on_file_gives_way(world, rate):
    contract = world.contract(rate=rate, start_on=TODAY + DAY * 20)
    world.org.contracts.cancel(contract, received_on=TODAY, reason="moved")
    world.org.contracts.withdraw_from(contract, received_on=TODAY)
    assert world.org.contracts.get(contract).cancelled_to == TODAY
    for command in (world.org.contracts.withdraw_from, world.org.contracts.cancel):
        said = {"reason": "moved"} if command == world.org.contracts.cancel else {}
        with pytest.raises(IllegalTransition):
            command(contract, received_on=TODAY, **said)
    with pytest.raises(IllegalTransition):
        world.org.contracts.withdraw_cancellation(contract)


def test_a_draft_on_hold_can_be_withdrawn_from(world):
    draft = world.contract(rate=world.rate(cooling_off_days=14, initial_fee=FEE, notice=Notice(length=Term.of_days(9))))
    assert world.org.contracts.withdraw_from(draft, received_on=TODAY).status is ContractStatus.CANCELLED


@pytest.mark.rule("CON-12")
def test_a_contract_that_follows_another_is_not_withdrawn_from(world, rate):
    old = world.rate(switch_paths=[SwitchPath(to=rate)], cooling_off_days=14)
    first = world.contract(rate=old)
    successor = world.org.contracts.switch(first, rate=rate, on=TODAY + DAY).successor
    with pytest.raises(FollowsAnother):
        world.org.contracts.withdraw_from(successor, received_on=TODAY)
    with pytest.raises(FollowedByAnother):
        world.org.contracts.withdraw_from(first, received_on=TODAY)
