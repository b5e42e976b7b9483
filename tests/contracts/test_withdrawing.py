"""CON-10: withdrawing from a contract within its cooling-off time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.contracts.dated import FEE

from memberlogic import Term
from memberlogic.contracts.cancelling import ReceivedBeforeSigning, ReceivedInTheFuture
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


def kinds(world, *contracts):
    return [world.stored_contract(each).cancellation.kind for each in contracts]


def never_in_force(world, *contracts):
    """Whether on no day any of them was in force."""
    days = [TODAY + DAY * number for number in (0, 1, 4, 5, 9, 13, 40)]
    found = {world.org.contracts.get(each, on=day).status for each in contracts for day in days}
    return found <= {ContractStatus.CANCELLED, None}


@pytest.mark.rule("CON-12")
@pytest.mark.parametrize("named", [0, 1])
@pytest.mark.parametrize("handed_on", ["transfer", "switch"])
def test_the_right_stays_with_the_sale_after_a_transfer_or_a_switch(world, rate, handed_on, named):
    """Until the day both contracts can be named, or for a switch the first; from the day on the one that took over."""
    member, left = world.member(), world.member()
    other = world.rate(most_covered=1)
    signed = world.rate(cooling_off_days=14, most_covered=1, switch_paths=[SwitchPath(to=other)])
    first = world.contract(rate=signed, member=member, covered=[left])
    world.org.contracts.uncover(first, left, on=TODAY + DAY * 3)
    if named:
        world.wait(days=4)
    on = TODAY + DAY * 5
    if handed_on == "transfer":
        next_ = world.org.contracts.transfer(first, studio=world.studio("south"), on=on).successor
    else:
        next_ = world.org.contracts.switch(first, rate=other, on=on).successor
    if named:
        world.wait(days=9)
    done = world.org.contracts.withdraw_from((first, next_)[named], received_on=world.clock.now().date())
    assert done.last_day == TODAY + DAY * 14
    assert kinds(world, first, next_) == [CancellationKind.WITHDRAWN, CancellationKind.WITHDRAWN]
    assert never_in_force(world, first, next_)
    for each in (member, left):
        assert {span.status for span in world.org.members.membership(each).spans} == {MembershipStatus.PROSPECT}


@pytest.mark.rule("CON-12")
def test_it_counts_from_the_signing_of_the_first_however_often_it_was_handed_on(world, rate):
    third = world.rate(cooling_off_days=90)
    second = world.rate(cooling_off_days=90, switch_paths=[SwitchPath(to=third)])
    rate = world.rate(cooling_off_days=14, switch_paths=[SwitchPath(to=second)])
    late, early = (
        [first := world.contract(rate=rate), world.org.contracts.switch(first, rate=second, on=TODAY + DAY).successor]
        for _ in range(2)
    )
    for chain in (late, early):
        world.org.contracts.withdraw_switch(chain[0])
        chain[1] = world.org.contracts.switch(chain[0], rate=second, on=TODAY + DAY).successor
    world.wait(days=2)
    for chain in (late, early):
        chain.append(world.org.contracts.switch(chain[1], rate=third).successor)
        chain.append(world.org.contracts.transfer(chain[2], studio=world.studio("south")).successor)
    world.wait(days=13)
    with pytest.raises(CoolingOffOver):
        world.org.contracts.withdraw_from(late[-1], received_on=TODAY + DAY * 15)
    world.org.contracts.withdraw_from(early[-1], received_on=TODAY + DAY * 14)
    assert kinds(world, *early) == [CancellationKind.WITHDRAWN] * 4
    assert never_in_force(world, *early)
    assert kinds(world, *late[:3]) == [
        CancellationKind.SWITCHED,
        CancellationKind.SWITCHED,
        CancellationKind.TRANSFERRED,
    ]


@pytest.mark.rule("CON-11")
def test_a_new_holder_has_it_as_long_as_the_one_who_signed(world, rate):
    contract, heir = world.contract(rate=rate), world.member()
    world.wait(days=3)
    world.org.contracts.change_holder(contract, to=heir, leaving=True)
    world.wait(days=11)
    assert world.org.contracts.withdraw_from(contract, received_on=TODAY + DAY * 14).last_day == TODAY + DAY * 14
    assert world.org.members.membership(heir).status is MembershipStatus.PROSPECT


@pytest.mark.rule("CON-12")
def test_a_contract_to_which_one_switches_later_is_not_withdrawn_from_by_itself(world, rate):
    dear = world.rate()
    paths = [SwitchPath(to=rate), SwitchPath(to=dear, fee=FEE, days_to_pay=9)]
    old = world.rate(switch_paths=paths, cooling_off_days=14)
    first, second = world.contract(rate=old), world.contract(rate=old)
    successor = world.org.contracts.switch(first, rate=rate, on=TODAY + DAY).successor
    waiting = world.org.contracts.switch(second, rate=dear, on=TODAY + DAY).successor
    for each in (successor, waiting):
        with pytest.raises(FollowsAnother):
            world.org.contracts.withdraw_from(each, received_on=TODAY)
    world.org.contracts.withdraw_from(second, received_on=TODAY)
    assert kinds(world, second, waiting) == [CancellationKind.WITHDRAWN] * 2, "nothing is left to be paid for"
