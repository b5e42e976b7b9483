"""CON-12: switching a contract to another rate."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import FEE
from tests.contracts.test_spanning import cancelled

from memberlogic import Money, Term
from memberlogic.actors import Actor
from memberlogic.contracts.drafting import CoversTooMany, RateNotOnSale
from memberlogic.contracts.handing_on import AlreadyHandedOn, NothingToWithdraw
from memberlogic.contracts.lifecycle import COMMANDS
from memberlogic.contracts.model import CancellationKind, ContractStatus
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.paying import PaidAfterTheEnd
from memberlogic.contracts.posting import Changed, keep
from memberlogic.contracts.rates import Extends, FreezePolicy, RateTerms, SwitchPath
from memberlogic.contracts.redrafting import ContractGoesOn
from memberlogic.contracts.switching import (
    NoSuchPath,
    SwitchAfterEnd,
    SwitchLapsed,
    SwitchTooEarly,
    SwitchTooFarBack,
    UnderCancellation,
)
from memberlogic.errors import IllegalTransition, InvalidInput, NotFound
from memberlogic.ids import RateId, new_id
from memberlogic.members.membership import MembershipStatus
from memberlogic.outcomes import Outcome
from memberlogic.storing import Command
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-12")

TODAY = date(2026, 1, 15)
D = TODAY + timedelta(days=20)
PRICE = Money(1500, "EUR")


def what(world, member, day):
    """What somebody is at noon of a day, in words."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    told = world.org.members.membership(member, at=at)
    return " ".join(each.value for each in (told.status, told.detail) if each is not None)


def story(world, contract):
    """Its statuses, each with its first day."""
    return [(each.status.value, each.since) for each in world.org.contracts.get(contract).spans]


def types(world):
    return [each.event.type for each in world.events() if each.event.type.startswith("contract.")]


def filed_away(world, contract, on):
    """A cancellation on file, as another rule files it."""
    before = world.stored_contract(contract)
    after = evolve(before, cancellation=cancelled(on), version=before.version + 1)
    with world.storage.work(
        Command(organization=world.organization.id, name="test", actor="system"), world.clock
    ) as uow:
        held = uow.contracts.held(contract)
        keep(uow, Actor.system(), ContractParts(), Outcome((Changed(contract=after),), (), None), held.others)
        uow.finish(None)


@pytest.fixture
def premium(world):
    return world.rate(initial_fee=FEE, term=Term.of_months(6), most_covered=1)


@pytest.fixture
def member(world):
    return world.member()


@pytest.fixture
def contract(world, premium, member):
    """A year's contract that can be switched to the other rate for nothing."""
    rate = world.rate(switch_paths=[SwitchPath(to=premium, days_back=5)], most_covered=2)
    return world.contract(rate=rate, member=member)


@pytest.fixture
def dear(world, premium, member):
    """One that can be switched for a fee, to be paid within ten days."""
    rate = world.rate(switch_paths=[SwitchPath(to=premium, fee=PRICE, days_to_pay=10)])
    return world.contract(rate=rate, member=member)


def test_the_old_one_ends_on_the_day_and_the_other_begins_and_counts_as_paid(world, contract, premium, member):
    told = world.org.contracts.switch(contract, rate=premium, on=D)
    assert (told.on, told.fee, told.pay_by, told.rate, told.rate_version) == (D, None, None, premium, 0)
    assert story(world, contract) == [("active", TODAY), ("cancelled", D)]
    assert story(world, told.successor)[:2] == [("pending", TODAY), ("active", D)]
    next_ = world.org.contracts.get(told.successor, on=D)
    assert (next_.start_on, next_.term_end, next_.owed, next_.predecessor) == (D, date(2026, 8, 4), 0, contract)
    assert world.org.contracts.get(contract).successor == told.successor
    assert world.stored_contract(contract).cancellation.kind is CancellationKind.SWITCHED
    spans = world.org.members.membership(member).spans
    assert [each.detail.value for each in spans] == ["active", "expired"]
    world.wait(days=40)
    world.ml.run_jobs()
    assert types(world).count("contract.switched") == 1
    assert types(world)[:2] == ["contract.drafted", "contract.activated"]
    assert set(types(world)[2:]) == {
        "contract.switch_filed",
        "contract.awaits_start",
        "contract.switched",
        "contract.activated",
    }


def test_a_preview_says_the_same_and_does_nothing(world, contract, premium):
    events = len(world.events())
    before = world.stored_contract(contract)
    preview = world.org.contracts.preview_switch(contract, rate=premium, on=D)
    assert (world.stored_contract(contract), len(world.events())) == (before, events)
    told = world.org.contracts.switch(contract, rate=premium, on=D)
    assert preview == evolve(told, successor=None)
    assert [(each.status.value, each.since) for each in told.before] == story(world, contract)
    assert [(each.status.value, each.since) for each in told.after] == story(world, told.successor)
    with pytest.raises(AlreadyHandedOn):
        world.org.contracts.preview_switch(contract, rate=premium, on=D)


def test_whoever_is_on_it_on_the_day_goes_along(world, contract, premium, member):
    gone, stays = world.member(), world.member()
    world.org.contracts.cover(contract, gone)
    world.org.contracts.uncover(contract, gone, on=D - timedelta(days=1))
    world.org.contracts.cover(contract, stays)
    with pytest.raises(CoversTooMany):
        world.org.contracts.switch(contract, rate=premium, on=D - timedelta(days=2))
    told = world.org.contracts.switch(contract, rate=premium, on=D)
    there = world.stored_contract(told.successor).coverage
    assert {(each.member, each.holder, each.since) for each in there} == {(member, True, D), (stays, False, D)}
    assert [each.detail.value for each in world.org.members.membership(stays).spans] == ["active", "expired"]
    assert what(world, gone, D) == "former_member left"
    for call in (
        lambda: world.org.contracts.cover(contract, gone),
        lambda: world.org.contracts.uncover(contract, stays),
        lambda: world.org.contracts.change_holder(contract, to=stays),
    ):
        with pytest.raises(AlreadyHandedOn):
            call()


def test_a_switch_may_lie_in_the_past_as_far_as_the_rate_says(world, contract, premium, member):
    world.wait(days=30)
    now = TODAY + timedelta(days=30)
    with pytest.raises(SwitchTooFarBack) as caught:
        world.org.contracts.switch(contract, rate=premium, on=now - timedelta(days=6))
    assert caught.value.details["earliest"] == (now - timedelta(days=5)).isoformat()
    told = world.org.contracts.switch(contract, rate=premium, on=now - timedelta(days=5))
    assert story(world, told.successor)[0] == ("active", now - timedelta(days=5))
    assert "contract.status_corrected" in types(world)
    assert [each.detail.value for each in world.org.members.membership(member).spans] == ["active", "expired"]


def test_it_lies_after_the_first_day_as_the_rate_says(world, premium):
    rate = world.rate(switch_paths=[SwitchPath(to=premium, after_days=10)])
    contract = world.contract(rate=rate)
    with pytest.raises(SwitchTooEarly) as caught:
        world.org.contracts.switch(contract, rate=premium, on=TODAY + timedelta(days=9))
    assert caught.value.details["earliest"] == "2026-01-25"
    world.org.contracts.switch(contract, rate=premium, on=TODAY + timedelta(days=10))
    first = world.contract(rate=world.rate(switch_paths=[SwitchPath(to=premium)]))
    with pytest.raises(SwitchTooEarly):
        world.org.contracts.switch(first, rate=premium)


def test_it_lies_in_the_term_or_on_the_day_on_which_that_ends(world, contract, premium):
    end = date(2027, 1, 15)
    with pytest.raises(SwitchAfterEnd):
        world.org.contracts.switch(contract, rate=premium, on=end + timedelta(days=1))
    told = world.org.contracts.switch(contract, rate=premium, on=end)
    assert story(world, contract)[-1] == ("cancelled", end)
    assert story(world, told.successor)[1] == ("active", end)


def test_it_follows_the_paths_of_the_rate(world, contract, premium):
    other = world.rate()
    with pytest.raises(NoSuchPath) as caught:
        world.org.contracts.switch(contract, rate=other, on=D)
    assert caught.value.details["allowed"] == [str(premium)]
    world.org.contracts.revise_rate(premium, terms=RateTerms(name="New", term=Term.of_months(2)))
    assert world.org.contracts.preview_switch(contract, rate=premium, on=D).rate_version == 1
    world.org.contracts.retire_rate(premium)
    with pytest.raises(RateNotOnSale):
        world.org.contracts.switch(contract, rate=premium, on=D)
    with pytest.raises(NotFound):
        world.rate(switch_paths=[SwitchPath(to=RateId(new_id()))])
    with pytest.raises(InvalidInput):
        world.rate(switch_paths=[SwitchPath(to=premium), SwitchPath(to=premium)])
    with pytest.raises(InvalidInput):
        SwitchPath(to=premium, fee=Money(0, "EUR"))


def test_not_under_a_cancellation_and_not_twice(world, contract, premium):
    filed_away(world, contract, D + timedelta(days=50))
    with pytest.raises(UnderCancellation):
        world.org.contracts.switch(contract, rate=premium, on=D)
    other = world.contract(rate=world.rate(switch_paths=[SwitchPath(to=premium)]))
    world.org.contracts.switch(other, rate=premium, on=D)
    with pytest.raises(AlreadyHandedOn):
        world.org.contracts.switch(other, rate=premium, on=D + timedelta(days=1))
    with pytest.raises(AlreadyHandedOn):
        world.org.contracts.transfer(other, studio=world.studio("south"))


def test_only_a_contract_that_is_paid_switches(world, premium):
    rate = world.rate(initial_fee=FEE, switch_paths=[SwitchPath(to=premium)])
    with pytest.raises(IllegalTransition):
        world.org.contracts.switch(world.contract(rate=rate), rate=premium, on=D)
    assert {each for each in COMMANDS if "switch" in COMMANDS[each]} == {
        ContractStatus.PENDING,
        ContractStatus.ACTIVE,
        ContractStatus.FROZEN,
    }


# With a fee


def test_with_a_fee_it_waits_and_takes_effect_on_the_day_when_paid_before(world, dear, premium, member):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    assert (told.fee, told.pay_by) == (PRICE, TODAY + timedelta(days=10))
    assert [each[0] for each in story(world, dear)] == ["active", "expired"], "nothing is cancelled yet"
    assert story(world, told.successor) == [("on_hold", TODAY), ("cancelled", TODAY + timedelta(days=11))]
    world.org.contracts.pay(told.successor, Money(500, "EUR"))
    assert story(world, dear)[-1][0] == "expired"
    world.wait(days=10)
    paid = world.org.contracts.pay(told.successor, Money(1000, "EUR"))
    assert (paid.status, paid.owed) == (ContractStatus.PENDING, 0)
    assert story(world, dear)[-1] == ("cancelled", D)
    assert story(world, told.successor)[-2:] == [("active", D), ("expired", date(2026, 8, 4))]
    assert [each.detail.value for each in world.org.members.membership(member).spans] == ["active", "expired"]
    assert "contract.switch_completed" in types(world)


def test_with_a_fee_it_takes_effect_on_the_day_of_payment_if_that_is_later(world, dear, premium, member):
    on = TODAY + timedelta(days=3)
    told = world.org.contracts.switch(dear, rate=premium, on=on)
    world.wait(days=7)
    paid_on = TODAY + timedelta(days=7)
    assert world.org.contracts.get(dear).status is ContractStatus.ACTIVE
    assert what(world, member, on) == "member active"
    assert world.org.contracts.pay(told.successor, PRICE).status is ContractStatus.ACTIVE
    assert story(world, dear) == [("active", TODAY), ("cancelled", paid_on)]
    next_ = world.org.contracts.get(told.successor)
    assert (next_.start_on, next_.term_end, next_.covered[0].since) == (paid_on, date(2026, 7, 22), paid_on)
    assert [each.detail.value for each in world.org.members.membership(member).spans] == ["active", "expired"]


def test_with_a_fee_it_lapses_by_itself_after_its_days(world, dear, premium, member):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    before = world.org.members.membership(member).spans
    world.wait(days=11)
    assert world.org.contracts.get(told.successor).status is ContractStatus.CANCELLED
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(told.successor, PRICE)
    with pytest.raises(NothingToWithdraw):
        world.org.contracts.withdraw_switch(dear)
    assert story(world, dear)[-1][0] == "expired"
    assert world.org.members.membership(member).spans == before
    world.ml.run_jobs()
    last = world.events()[-1].event
    assert (last.type, last.reason, last.day) == ("contract.cancelled", "switch_unpaid", TODAY + timedelta(days=11))
    again = world.org.contracts.switch(dear, rate=premium, on=D)
    assert again.successor != told.successor
    world.org.contracts.pay(again.successor, PRICE)
    assert story(world, dear)[-1] == ("cancelled", D)


@pytest.mark.rule("COM-11")
def test_a_member_previews_what_is_theirs_only(world, contract, premium, member):
    for who, found in ((member, True), (world.member(), False)):
        org = world.acting_as(Actor.member(who))
        for call in (
            lambda org=org: org.contracts.preview_switch(contract, rate=premium, on=D),
            lambda org=org: org.contracts.preview_transfer(contract, studio=world.studio("south"), on=D),
        ):
            if found:
                assert call().on == D
            else:
                with pytest.raises(NotFound):
                    call()


def test_the_last_day_to_pay_is_inclusive(world, dear, premium):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    world.wait(days=10)
    assert world.org.contracts.pay(told.successor, PRICE).status is ContractStatus.PENDING


@pytest.mark.rule("CON-7")
def test_a_switch_that_waits_for_its_fee_lapses_when_the_contract_is_cancelled(world, dear, premium):
    today = world.clock.now().date()
    switched = world.org.contracts.switch(dear, rate=premium, on=today + timedelta(days=1))
    assert world.org.contracts.get(switched.successor).status is ContractStatus.ON_HOLD
    world.org.contracts.cancel(dear, received_on=today, reason="moved")
    told = world.org.contracts.get(switched.successor)
    assert (told.status, told.cancelled_to) == (ContractStatus.CANCELLED, today)
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(switched.successor, switched.fee)
    world.org.contracts.withdraw_cancellation(dear)
    again = world.org.contracts.switch(dear, rate=premium, on=today + timedelta(days=1))
    assert world.org.contracts.pay(again.successor, again.fee).owed == 0


@pytest.mark.rule("COM-21")
def test_a_fee_that_had_been_paid_in_time_completes_a_switch_that_lapsed(world, dear, premium, member):
    switched = world.org.contracts.switch(dear, rate=premium, on=world.clock.now().date() + timedelta(days=1))
    last = switched.pay_by
    world.wait(days=(last - world.clock.now().date()).days + 5)
    assert world.org.contracts.get(switched.successor).status is ContractStatus.CANCELLED
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(switched.successor, switched.fee)
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(switched.successor, switched.fee, paid_on=last + timedelta(days=1))
    told = world.org.contracts.pay(switched.successor, switched.fee, paid_on=last)
    assert told.status is ContractStatus.ACTIVE
    for day, old, new in (
        (last - timedelta(days=1), ContractStatus.ACTIVE, ContractStatus.ON_HOLD),
        (last, ContractStatus.CANCELLED, ContractStatus.ACTIVE),
        (last + timedelta(days=3), ContractStatus.CANCELLED, ContractStatus.ACTIVE),
    ):
        assert world.org.contracts.get(dear, on=day).status is old
        assert world.org.contracts.get(switched.successor, on=day).status is new
    told = [each.event for each in world.events() if each.event.type == "contract.status_corrected"]
    assert {(each.contract, each.from_day, each.status) for each in told} == {
        (dear, last, ContractStatus.CANCELLED),
        (switched.successor, last, ContractStatus.ACTIVE),
    }
    assert world.org.members.membership(member).status is MembershipStatus.MEMBER


@pytest.mark.rule("COM-21")
def test_a_lapsed_switch_takes_no_fee_when_another_was_filed(world, dear, premium):
    first = world.org.contracts.switch(dear, rate=premium, on=world.clock.now().date() + timedelta(days=1))
    world.wait(days=(first.pay_by - world.clock.now().date()).days + 5)
    world.org.contracts.switch(dear, rate=premium)
    with pytest.raises(SwitchLapsed):
        world.org.contracts.pay(first.successor, first.fee, paid_on=first.pay_by)


def test_while_the_fee_is_awaited_it_is_not_handed_on_otherwise(world, dear, premium, member):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    for contract in (dear, told.successor):
        with pytest.raises(Exception) as caught:
            world.org.contracts.transfer(contract, studio=world.studio("south"))
        assert caught.value.code in ("contract.handed_on", "transfer.awaits_fee")
    with pytest.raises(AlreadyHandedOn):
        world.org.contracts.switch(dear, rate=premium, on=D)
    with pytest.raises(AlreadyHandedOn):
        world.org.contracts.cover(dear, world.member())


def test_a_fee_is_not_taken_when_the_contract_was_cancelled_meanwhile(world, dear, premium):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    filed_away(world, dear, D + timedelta(days=50))
    world.org.contracts.pay(told.successor, Money(500, "EUR"))
    with pytest.raises(UnderCancellation):
        world.org.contracts.pay(told.successor, Money(1000, "EUR"))
    assert world.org.contracts.get(told.successor).owed == 1000


def test_a_fee_is_not_taken_after_the_old_contract_is_over(world, premium):
    rate = world.rate(term=Term.of_days(5), switch_paths=[SwitchPath(to=premium, fee=PRICE)])
    contract = world.contract(rate=rate)
    told = world.org.contracts.switch(contract, rate=premium, on=TODAY + timedelta(days=4))
    assert told.pay_by == TODAY + timedelta(days=4)
    assert story(world, told.successor) == [("on_hold", TODAY), ("cancelled", TODAY + timedelta(days=5))]
    world.wait(days=5)
    assert world.org.contracts.get(contract).status is ContractStatus.EXPIRED
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(told.successor, PRICE)


def test_a_fee_is_paid_on_the_last_day_of_the_old_contract(world, premium):
    rate = world.rate(term=Term.of_days(5), switch_paths=[SwitchPath(to=premium, fee=PRICE)])
    contract, end = world.contract(rate=rate), TODAY + timedelta(days=5)
    told = world.org.contracts.switch(contract, rate=premium, on=end)
    world.wait(days=4)
    assert world.org.contracts.pay(told.successor, PRICE).status is ContractStatus.PENDING
    assert story(world, contract)[-1] == ("cancelled", end)


def test_a_fee_is_not_taken_when_the_end_has_moved_before_the_day(world, premium):
    paths = [SwitchPath(to=premium, fee=PRICE)]
    contract = world.contract(
        rate=world.rate(term=Term.of_days(5), switch_paths=paths, freezes=FreezePolicy(allowed=True))
    )
    since = TODAY + timedelta(days=1)
    freeze = world.org.contracts.freeze(contract, since=since, until=since + timedelta(days=3), reason="ill").freeze
    told = world.org.contracts.switch(contract, rate=premium, on=TODAY + timedelta(days=7))
    world.org.contracts.withdraw_freeze(contract, freeze)
    with pytest.raises(SwitchAfterEnd):
        world.org.contracts.pay(told.successor, PRICE)


def test_a_fee_that_bounces_before_the_day_is_awaited_again(world, dear, premium, member):
    before = story(world, dear)
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    spans = world.org.members.membership(member).spans
    payment = world.org.contracts.pay(told.successor, PRICE).payment
    world.wait(days=5)
    assert world.org.contracts.reverse_payment(told.successor, payment).status is ContractStatus.ON_HOLD
    assert story(world, dear) == before
    assert world.stored_contract(told.successor).cancellation.kind is CancellationKind.LAPSED
    assert story(world, told.successor)[-2:] == [
        ("on_hold", TODAY + timedelta(days=5)),
        ("cancelled", TODAY + timedelta(days=11)),
    ]
    assert world.org.members.membership(member).spans == spans
    reopened = [each.event for each in world.events() if each.event.type == "contract.switch_reopened"]
    assert [(each.contract, each.successor, each.day, each.lapses_on) for each in reopened] == [
        (dear, told.successor, D, TODAY + timedelta(days=11))
    ]
    with pytest.raises(AlreadyHandedOn):
        world.org.contracts.cover(dear, world.member())
    world.wait(days=6)
    assert world.org.contracts.get(told.successor).status is ContractStatus.CANCELLED
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(told.successor, PRICE)
    world.wait(days=10)
    world.ml.run_jobs()
    assert world.org.contracts.get(dear).status is ContractStatus.ACTIVE
    assert "contract.switched" not in types(world)
    assert world.org.contracts.preview_switch(dear, rate=premium).fee == PRICE


def test_a_fee_that_bounced_and_is_paid_again_in_time_completes_the_switch_again(world, dear, premium, member):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    world.org.contracts.pay(told.successor, Money(500, "EUR"))
    payment = world.org.contracts.pay(told.successor, Money(1000, "EUR")).payment
    world.wait(days=10)
    world.org.contracts.reverse_payment(told.successor, payment)
    paid = world.org.contracts.pay(told.successor, Money(1000, "EUR"))
    assert (paid.status, paid.owed) == (ContractStatus.PENDING, 0)
    assert story(world, dear)[-1] == ("cancelled", D)
    assert story(world, told.successor)[-2:] == [("active", D), ("expired", date(2026, 8, 4))]
    assert [each.detail.value for each in world.org.members.membership(member).spans] == ["active", "expired"]


@pytest.mark.parametrize("days", [11, 19])
def test_a_fee_that_bounces_after_its_last_day_and_before_the_day_lets_the_switch_lapse(world, dear, premium, days):
    before = story(world, dear)
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    payment = world.org.contracts.pay(told.successor, PRICE).payment
    world.wait(days=days)
    reversed_ = world.org.contracts.reverse_payment(told.successor, payment)
    assert (reversed_.status, reversed_.owed) == (ContractStatus.CANCELLED, 1500)
    assert story(world, told.successor)[-1] == ("cancelled", TODAY + timedelta(days=days))
    assert story(world, dear) == before
    assert types(world)[-3:] == ["contract.payment_reversed", "contract.cancelled", "contract.switch_reopened"]
    with pytest.raises(NothingToWithdraw):
        world.org.contracts.withdraw_switch(dear)


@pytest.mark.rule("CON-7")
def test_a_cancellation_of_a_contract_to_come_holds_for_the_one_before_where_the_fee_bounces(
    world, dear, premium, member
):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    payment = world.org.contracts.pay(told.successor, PRICE).payment
    to = D + timedelta(days=50)
    world.org.contracts.cancel(
        told.successor, received_on=TODAY, to=to, extraordinary=True, reason="moved", note="By post."
    )
    world.wait(days=3)
    world.org.contracts.reverse_payment(told.successor, payment)
    today = TODAY + timedelta(days=3)
    assert story(world, told.successor)[-1] == ("cancelled", today)
    assert story(world, dear) == [("active", TODAY), ("cancelled", to)]
    filed = world.org.contracts.cancellation(dear)
    assert (filed.note, filed.cancellation.reason, filed.cancellation.received_on) == ("By post.", "moved", TODAY)
    last = next(each.event for each in reversed(world.events()) if each.event.type == "contract.cancellation_filed")
    assert (last.contract, last.effective_on, last.note_id) == (dear, to, filed.cancellation.note)
    with pytest.raises(PaidAfterTheEnd):
        world.org.contracts.pay(told.successor, PRICE)
    world.org.contracts.withdraw_cancellation(dear)
    assert story(world, dear)[-1][0] != "cancelled"
    assert [each.detail.value for each in world.org.members.membership(member).spans] == ["active", "expired"]


@pytest.mark.rule("CON-7")
def test_a_cancellation_that_comes_back_to_the_one_before_does_not_prolong_it(world, premium):
    rate = world.rate(term=Term.of_days(40), switch_paths=[SwitchPath(to=premium, fee=PRICE, days_to_pay=10)])
    contract = world.contract(rate=rate)
    told = world.org.contracts.switch(contract, rate=premium, on=D)
    payment = world.org.contracts.pay(told.successor, PRICE).payment
    to = D + timedelta(days=90)
    world.org.contracts.cancel(told.successor, received_on=TODAY, to=to, extraordinary=True, reason="moved")
    world.org.contracts.reverse_payment(told.successor, payment)
    assert story(world, contract) == [("active", TODAY), ("cancelled", TODAY + timedelta(days=40))]


@pytest.mark.parametrize("how", ["transfer", "switch"])
def test_what_was_to_follow_a_contract_whose_fee_bounces_is_withdrawn(world, how):
    other = world.rate()
    premium = world.rate(initial_fee=FEE, switch_paths=[SwitchPath(to=other)])
    member = world.member()
    dear = world.contract(
        rate=world.rate(switch_paths=[SwitchPath(to=premium, fee=PRICE, days_to_pay=10)]), member=member
    )
    before = story(world, dear)
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    payment = world.org.contracts.pay(told.successor, PRICE).payment
    day = D + timedelta(days=9)
    if how == "transfer":
        next_ = world.org.contracts.transfer(told.successor, studio=world.studio("south"), on=day).successor
    else:
        next_ = world.org.contracts.switch(told.successor, rate=other, on=day).successor
    world.org.contracts.reverse_payment(told.successor, payment)
    assert story(world, dear) == before
    assert story(world, told.successor) == [("on_hold", TODAY), ("cancelled", TODAY + timedelta(days=11))]
    assert {each[0] for each in story(world, next_)} == {"cancelled"}
    assert world.org.contracts.get(told.successor).successor is None
    withdrawn = [each.event for each in world.events() if each.event.type == f"contract.{how}_withdrawn"]
    assert [(each.contract, each.successor, each.day) for each in withdrawn] == [(told.successor, next_, day)]
    world.org.contracts.pay(told.successor, PRICE)
    assert story(world, dear)[-1] == ("cancelled", D)
    assert story(world, told.successor)[1] == ("active", D)
    world.wait(days=30)
    assert world.org.members.membership(member).status is MembershipStatus.MEMBER


@pytest.mark.rule("COM-10")
@pytest.mark.parametrize("paid", [True, False])
def test_a_note_beside_the_cancellation_of_a_contract_to_come_is_its_holders(world, dear, premium, member, paid):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    if paid:
        world.org.contracts.pay(told.successor, PRICE)
    world.org.contracts.cancel(told.successor, received_on=TODAY, reason="moved", note="By post.")
    assert world.org.contracts.cancellation(told.successor).note == "By post."


def test_a_fee_that_bounces_from_the_day_on_leaves_the_new_contract_on_hold_and_nobody_is_a_former_member(
    world, dear, premium, member
):
    told = world.org.contracts.switch(dear, rate=premium, on=D)
    payment = world.org.contracts.pay(told.successor, PRICE).payment
    world.wait(days=20)
    world.org.contracts.reverse_payment(told.successor, payment)
    assert what(world, member, D) == "member on_hold"
    assert story(world, dear)[-1] == ("cancelled", D)
    world.wait(days=12)
    world.org.contracts.pay(told.successor, PRICE)
    assert what(world, member, TODAY + timedelta(days=32)) == "member active"


# Withdrawing


@pytest.mark.parametrize("which", ["contract", "dear"])
def test_a_withdrawn_switch_leaves_every_day_as_it_was(request, world, premium, member, which):
    contract = request.getfixturevalue(which)
    told, spans = story(world, contract), world.org.members.membership(member).spans
    successor = world.org.contracts.switch(contract, rate=premium, on=D).successor
    world.wait(days=4)
    withdrawn = world.org.contracts.withdraw_switch(contract)
    assert (withdrawn.contract, withdrawn.successor, withdrawn.on) == (contract, successor, D)
    assert story(world, contract) == told
    assert world.org.members.membership(member).spans == spans
    assert story(world, successor) == [("cancelled", TODAY)]
    assert (world.org.contracts.get(contract).successor, types(world).count("contract.switch_withdrawn")) == (None, 1)
    with pytest.raises(NothingToWithdraw):
        world.org.contracts.withdraw_switch(contract)
    again = world.org.contracts.switch(contract, rate=premium, on=D)
    assert again.successor != successor


def test_from_its_day_on_a_switch_is_not_withdrawn(world, contract, premium):
    world.org.contracts.switch(contract, rate=premium, on=D)
    world.wait(days=20)
    with pytest.raises(IllegalTransition):
        world.org.contracts.withdraw_switch(contract)


@pytest.mark.rule("CON-4")
def test_a_contract_that_another_follows_is_not_drafted_again(world, contract, premium):
    told = world.org.contracts.switch(contract, rate=premium, on=D)
    world.wait(days=400)
    with pytest.raises(ContractGoesOn):
        world.org.contracts.redraft(contract)
    assert world.org.contracts.redraft(told.successor).rate == premium


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["switch", "withdraw", "pay", "reverse", "wait"]), st.integers(0, 30)), max_size=8
    ),
    st.booleans(),
)
def test_whoever_switches_is_a_member_without_a_gap(steps, fee):
    """Whatever is switched, paid, reversed, lapsed, withdrawn: on every day the contracts make exactly one in force."""
    world = World(MemoryStorage())
    one, other = world.rate(), world.rate()
    for rate, to in ((one, other), (other, one)):
        path = SwitchPath(to=to, fee=PRICE if fee else None, days_to_pay=8, days_back=3)
        terms = RateTerms(
            name="Endless", term=Term.of_months(1), renewal=Extends(Term.of_months(1)), switch_paths=[path]
        )
        world.org.contracts.revise_rate(rate, terms=terms)
    member = world.member()
    current = world.contract(member=member, rate=one)
    rates, payments = {current: other}, {}
    for step, days in steps:
        contracts, today = world.org.contracts, world.org.contracts.get(current).on
        told = contracts.get(current)
        try:
            if step == "switch":
                contracts.switch(current, rate=rates[current], on=today + timedelta(days=days - 3))
            elif step == "withdraw":
                contracts.withdraw_switch(current)
            elif step == "pay" and told.successor is not None:
                payments[told.successor] = contracts.pay(told.successor, PRICE).payment
            elif step == "reverse" and told.successor in payments:
                if contracts.get(told.successor).start_on > today:
                    contracts.reverse_payment(told.successor, payments[told.successor])
            else:
                world.wait(days=days)
        except (IllegalTransition, SwitchTooEarly, SwitchTooFarBack, AlreadyHandedOn, NothingToWithdraw):
            pass
        except Exception as refusal:
            assert getattr(refusal, "code", "") in {
                "payment.after_the_end",
                "payment.exceeds_owed",
                "payment.already_reversed",
            }
        told = contracts.get(current)
        if told.status is ContractStatus.CANCELLED:
            rates[told.successor] = one if rates[current] == other else other
            current = told.successor
    spans = world.org.members.membership(member).spans
    assert [each.status.value for each in spans] == ["member"]
    mine = world.org.contracts.of(member)
    for offset in range(0, 200, 3):
        day = TODAY + timedelta(days=offset)
        said = [world.org.contracts.get(each.contract, on=day).status for each in mine]
        assert said.count(ContractStatus.ACTIVE) == 1
