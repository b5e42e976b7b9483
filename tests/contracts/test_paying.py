"""CON-3: payments towards the initial fee."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import FEE

from memberlogic import Money, Term
from memberlogic.contracts.model import ContractStatus
from memberlogic.contracts.paying import (
    PaidAfterTheEnd,
    PaidTooMuch,
    PaidWhereItGoesOn,
    PaymentAlreadyReversed,
    PaymentInAnotherCurrency,
    PaymentReferenceUsed,
    PaymentToCome,
)
from memberlogic.errors import IllegalTransition, InvalidInput, NotFound
from memberlogic.ids import PaymentId, new_id
from memberlogic.members.membership import MembershipStatus
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-3")

TODAY = date(2026, 1, 15)


@pytest.fixture
def contract(world):
    """A contract that owes 50 euros and starts in ten days."""
    return world.contract(rate=world.rate(initial_fee=FEE), start_on=TODAY + timedelta(days=10))


def announced(world):
    return [(each.event.type, each.event.day) for each in world.events() if hasattr(each.event, "day")]


def test_paid_in_full_before_the_first_day_it_waits_for_it(world, contract):
    assert world.org.contracts.pay(contract, Money(2000, "EUR")).status is ContractStatus.ON_HOLD
    paid = world.org.contracts.pay(contract, Money(3000, "EUR"))
    assert (paid.status, paid.owed) == (ContractStatus.PENDING, 0)
    assert announced(world) == [("contract.awaits_start", TODAY)]
    world.wait(days=10)
    assert world.org.contracts.get(contract).status is ContractStatus.ACTIVE


def test_paid_on_the_first_day_or_later_it_is_active_from_the_payment_that_completed_it(world, contract):
    world.org.contracts.pay(contract, Money(2000, "EUR"))
    world.wait(days=12)
    paid = world.org.contracts.pay(contract, Money(3000, "EUR"))
    assert paid.status is ContractStatus.ACTIVE
    assert announced(world) == [("contract.activated", TODAY + timedelta(days=12))]
    spans = world.org.contracts.get(contract).spans
    assert [(each.status, each.since) for each in spans][:2] == [
        (ContractStatus.ON_HOLD, TODAY),
        (ContractStatus.ACTIVE, TODAY + timedelta(days=12)),
    ]


@pytest.mark.rule("COM-21")
def test_a_payment_that_is_told_late_corrects_the_days_since_with_one_event(world, contract):
    world.wait(days=20)
    world.org.contracts.pay(contract, FEE, paid_on=TODAY + timedelta(days=2))
    told = [(each.event.type, each.event) for each in world.events() if each.event.type.startswith("contract.")][-1]
    assert told[0] == "contract.status_corrected"
    assert (told[1].from_day, told[1].status) == (TODAY + timedelta(days=2), ContractStatus.ACTIVE)
    assert announced(world) == []
    assert world.org.contracts.get(contract, on=TODAY + timedelta(days=5)).status is ContractStatus.PENDING
    world.ml.run_jobs()
    assert announced(world) == [], "what was corrected is not announced again"


def test_a_payment_that_was_wrong_counts_no_more_from_the_day_it_is_reversed(world, contract):
    payment = world.org.contracts.pay(contract, FEE).payment
    world.wait(days=15)
    reversed_ = world.org.contracts.reverse_payment(contract, payment)
    assert (reversed_.status, reversed_.owed) == (ContractStatus.ON_HOLD, 5000)
    assert world.org.contracts.get(contract, on=TODAY + timedelta(days=14)).status is ContractStatus.ACTIVE
    assert announced(world)[-1] == ("contract.put_on_hold", TODAY + timedelta(days=15))
    with pytest.raises(PaymentAlreadyReversed):
        world.org.contracts.reverse_payment(contract, payment)
    assert world.org.contracts.pay(contract, FEE).status is ContractStatus.ACTIVE
    assert world.org.contracts.get(contract).owed == 0


def test_more_than_is_owed_is_refused(world, contract):
    world.org.contracts.pay(contract, Money(2000, "EUR"))
    with pytest.raises(PaidTooMuch) as caught:
        world.org.contracts.pay(contract, Money(3001, "EUR"))
    assert caught.value.details == {"owed": 3000, "paid": 3001}
    world.org.contracts.pay(contract, Money(3000, "EUR"))
    with pytest.raises(PaidTooMuch):
        world.org.contracts.pay(contract, Money(1, "EUR"))
    with pytest.raises(PaidTooMuch):
        world.org.contracts.pay(world.contract(), Money(1, "EUR"))


def test_it_is_dated_today_or_before_and_in_the_fees_currency(world, contract):
    with pytest.raises(PaymentToCome):
        world.org.contracts.pay(contract, FEE, paid_on=TODAY + timedelta(days=1))
    with pytest.raises(PaymentInAnotherCurrency):
        world.org.contracts.pay(contract, Money(5000, "CHF"))
    with pytest.raises(InvalidInput) as caught:
        world.org.contracts.pay(contract, Money(0, "EUR"))
    assert caught.value.path == "amount"
    assert world.org.contracts.get(contract).owed == 5000


def test_a_reference_stands_for_one_payment_until_it_is_reversed(world, contract):
    first = world.org.contracts.pay(contract, Money(2000, "EUR"), reference="p-1")
    with pytest.raises(PaymentReferenceUsed):
        world.org.contracts.pay(contract, Money(2000, "EUR"), reference="p-1")
    world.org.contracts.reverse_payment(contract, first.payment)
    assert world.org.contracts.pay(contract, FEE, reference="p-1").owed == 0


def test_a_contract_that_ended_takes_no_payment(world):
    ended = world.contract(rate=world.rate(initial_fee=FEE), signed_on=date(2024, 1, 1), start_on=date(2024, 1, 1))
    with pytest.raises(PaidAfterTheEnd) as caught:
        world.org.contracts.pay(ended, FEE)
    assert caught.value.details == {"over_on": "2025-01-01", "paid_on": TODAY.isoformat()}
    with pytest.raises(IllegalTransition) as refused:
        world.org.contracts.cancel(ended, received_on=TODAY, reason="moved")
    assert refused.value.details["allowed"] == ["pay", "redraft"], "a payment of a day before the end may be told"
    with pytest.raises(NotFound):
        world.org.contracts.reverse_payment(ended, PaymentId(new_id()))


def statuses(world, contract, *days):
    return [world.org.contracts.get(contract, on=TODAY + timedelta(days=each)).status for each in days]


@pytest.mark.rule("COM-21")
def test_a_contract_that_has_ended_takes_what_was_paid_before_its_end(world):
    member = world.member()
    over = world.contract(member=member, rate=world.rate(initial_fee=FEE, term=Term.of_days(20)))
    world.wait(days=30)
    for day in (20, 25, None):
        with pytest.raises(PaidAfterTheEnd):
            world.org.contracts.pay(over, FEE, paid_on=None if day is None else TODAY + timedelta(days=day))
    assert world.org.members.membership(member).status is MembershipStatus.PROSPECT
    told = world.org.contracts.pay(over, FEE, paid_on=TODAY + timedelta(days=5))
    assert (told.status, told.owed) == (ContractStatus.EXPIRED, 0)
    assert statuses(world, over, 4, 5, 19, 20) == [
        ContractStatus.ON_HOLD,
        ContractStatus.ACTIVE,
        ContractStatus.ACTIVE,
        ContractStatus.EXPIRED,
    ]
    assert world.org.members.membership(member).status is MembershipStatus.FORMER_MEMBER
    corrected = [each.event for each in world.events() if each.event.type == "contract.status_corrected"]
    assert [(each.contract, each.from_day) for each in corrected] == [(over, TODAY + timedelta(days=5))]


@pytest.mark.rule("COM-21", "CON-2")
def test_a_draft_that_had_been_paid_in_full_when_it_lapsed_has_not_lapsed(world):
    paid, partly, same_day = (world.contract(rate=world.rate(initial_fee=FEE)) for _ in range(3))
    world.wait(days=40)
    world.org.contracts.lapse_drafts([paid, partly, same_day])
    world.wait(days=3)
    told = world.org.contracts.pay(paid, FEE, paid_on=TODAY + timedelta(days=12))
    assert told.status is ContractStatus.ACTIVE
    assert statuses(world, paid, 11, 12, 43) == [
        ContractStatus.ON_HOLD,
        ContractStatus.ACTIVE,
        ContractStatus.ACTIVE,
    ]
    told = world.org.contracts.pay(partly, Money(100, "EUR"), paid_on=TODAY + timedelta(days=12))
    assert (told.status, told.owed) == (ContractStatus.CANCELLED, 4900), "what was paid is known, and was not enough"
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(same_day, FEE, paid_on=TODAY + timedelta(days=40))


@pytest.mark.rule("COM-21", "CON-7")
def test_what_a_member_cancelled_stays_cancelled_whatever_is_learnt(world):
    draft = world.contract(rate=world.rate(initial_fee=FEE))
    world.wait(days=10)
    world.org.contracts.cancel(draft, received_on=TODAY + timedelta(days=10), reason="moved")
    told = world.org.contracts.pay(draft, FEE, paid_on=TODAY + timedelta(days=4))
    assert told.status is ContractStatus.CANCELLED
    assert statuses(world, draft, 3, 4, 9, 10) == [
        ContractStatus.ON_HOLD,
        ContractStatus.ACTIVE,
        ContractStatus.ACTIVE,
        ContractStatus.CANCELLED,
    ]


@pytest.mark.rule("COM-21", "CON-10")
def test_a_contract_that_was_withdrawn_from_takes_no_payment_of_any_day(world):
    draft = world.contract(rate=world.rate(initial_fee=FEE, cooling_off_days=14))
    world.wait(days=5)
    world.org.contracts.withdraw_from(draft, received_on=TODAY + timedelta(days=5))
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(draft, FEE, paid_on=TODAY)


@pytest.mark.rule("COM-21", "CON-12")
@pytest.mark.parametrize("moves", [1, 2])
def test_a_payment_told_after_a_transfer_counts_from_when_it_was_paid(world, moves):
    member, left = world.member(), world.member()
    rate = world.rate(initial_fee=FEE, most_covered=1)
    contracts = [world.contract(rate=rate, member=member, covered=[left])]
    world.wait(days=3)
    world.org.contracts.uncover(contracts[0], left)
    for number in range(moves):
        world.wait(days=2)
        moved = world.org.contracts.transfer(contracts[-1], studio=world.studio(f"studio{number}"))
        contracts.append(moved.successor)
    world.wait(days=10)
    with pytest.raises(PaidWhereItGoesOn):
        world.org.contracts.pay(contracts[0], FEE, paid_on=TODAY + timedelta(days=1))
    told = world.org.contracts.pay(contracts[-1], FEE, paid_on=TODAY + timedelta(days=1))
    assert told.status is ContractStatus.ACTIVE
    assert statuses(world, contracts[0], 0, 1, 4) == [
        ContractStatus.ON_HOLD,
        ContractStatus.ACTIVE,
        ContractStatus.ACTIVE,
    ]
    assert all(
        status in (None, ContractStatus.ACTIVE, ContractStatus.CANCELLED)
        for each in contracts[1:]
        for status in statuses(world, each, 4, 5, 6, 7, 14)
    )
    assert world.org.members.membership(left).status is MembershipStatus.FORMER_MEMBER, "they were there until then"
    corrected = [each.event for each in world.events() if each.event.type == "contract.status_corrected"]
    assert [each.contract for each in corrected if each.from_day == TODAY + timedelta(days=1)] == [contracts[0]]
    assert {each.contract for each in corrected} == set(contracts)


@pytest.mark.rule("COM-21", "CON-12")
def test_a_payment_told_after_a_transfer_and_made_after_it_is_the_next_contracts_only(world):
    contract = world.contract(rate=world.rate(initial_fee=FEE))
    world.wait(days=2)
    next_ = world.org.contracts.transfer(contract, studio=world.studio("south")).successor
    world.wait(days=5)
    world.org.contracts.pay(next_, FEE, paid_on=TODAY + timedelta(days=2))
    assert world.stored_contract(contract).payments == ()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 5)), max_size=6))
def test_what_is_owed_is_the_fee_less_what_was_accepted(asked):
    world = World(MemoryStorage())
    contract = world.contract(rate=world.rate(initial_fee=FEE))
    accepted = 0
    for amount, days in asked:
        world.wait(days=days)
        try:
            paid = world.org.contracts.pay(contract, Money(amount, "EUR"))
        except PaidTooMuch:
            assert accepted + amount > 5000
            continue
        accepted += amount
        assert paid.owed == 5000 - accepted
        assert (paid.status is ContractStatus.ACTIVE) == (accepted == 5000)
