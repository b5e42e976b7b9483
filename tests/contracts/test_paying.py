"""CON-3: payments towards the initial fee."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import FEE

from memberlogic import Money
from memberlogic.contracts.model import ContractStatus
from memberlogic.contracts.paying import (
    PaidTooMuch,
    PaymentAlreadyReversed,
    PaymentInAnotherCurrency,
    PaymentReferenceUsed,
    PaymentToCome,
)
from memberlogic.errors import IllegalTransition, InvalidInput, NotFound
from memberlogic.ids import PaymentId, new_id
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
    with pytest.raises(IllegalTransition) as caught:
        world.org.contracts.pay(ended, FEE)
    assert caught.value.details["state"] == "expired"
    with pytest.raises(NotFound):
        world.org.contracts.reverse_payment(ended, PaymentId(new_id()))


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
