"""CON-12: a contract goes on at another studio; nothing but the studio differs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import BERLIN, FEE, HOLDER, contract, freeze, terms
from tests.contracts.test_spanning import START, contracts
from tests.contracts.test_switching import filed_away, story, types, what

from memberlogic import Money, Term
from memberlogic.calendar import CalendarPeriod, start_of_day
from memberlogic.contracts.cancelling import FollowedByAnother, LaterThanFiled
from memberlogic.contracts.covering import membership
from memberlogic.contracts.handing_on import AlreadyHandedOn, NothingToWithdraw
from memberlogic.contracts.model import FINAL, CancellationKind, ContractStatus
from memberlogic.contracts.rates import Extends, FreezePolicy, SwitchPath
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.services import ServiceTerms, VisitLimit
from memberlogic.contracts.spanning import status
from memberlogic.contracts.transferring import (
    PreviewTransfer,
    SameStudio,
    TransferOutsideContract,
    TransferTooFarBack,
    transfer,
)
from memberlogic.errors import IllegalTransition, MemberLogicError, RuleViolation
from memberlogic.ids import ContractId, new_id
from memberlogic.organizations.model import Studio
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-12")

TODAY = date(2026, 1, 15)
D = TODAY + timedelta(days=20)
SOUTH = Studio("south", ZoneInfo("Europe/Berlin"))


@pytest.fixture
def member(world):
    return world.member()


@pytest.fixture
def sold(world, member):
    """A month's contract that extends by months, with a fee."""
    world.studio("south")
    rate = world.rate(initial_fee=FEE, term=Term.of_months(1), renewal=Extends(Term.of_months(1)), most_covered=2)
    return world.contract(rate=rate, member=member, start_on=TODAY + timedelta(days=16))


def test_the_same_sale_goes_on(world, sold, member):
    world.org.contracts.pay(sold, FEE, reference="p-1")
    before = world.stored_contract(sold)
    told = world.org.contracts.transfer(sold, studio="south", on=D)
    after = world.stored_contract(told.successor)
    assert (after.signed_on, after.start_on, after.rates, after.payments, after.freezes) == (
        before.signed_on,
        before.start_on,
        before.rates,
        before.payments,
        before.freezes,
    )
    assert (after.studio.code, after.begins_on, after.predecessor, after.coverage) == (
        "south",
        D,
        sold,
        before.coverage,
    )
    assert story(world, sold)[-1] == ("cancelled", D)
    assert story(world, told.successor) == [("active", D)]
    assert world.org.contracts.get(told.successor, on=D - timedelta(days=1)).status is None
    terms_of = [world.org.contracts.get(told.successor, on=D + timedelta(days=n)).term_end for n in (0, 30, 60)]
    assert terms_of == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)], "anchored at the first day"
    assert [each.detail.value for each in world.org.members.membership(member).spans] == ["pending", "active"]
    world.wait(days=30)
    world.ml.run_jobs()
    assert types(world).count("contract.switched") == 1
    assert types(world).count("contract.transfer_filed") == 1
    assert "contract.cancelled" not in types(world)
    moved = world.org.contracts.moved(since=TODAY, until=TODAY + timedelta(days=60))
    assert sum(each.signed for each in moved.studios) == 1, "it was sold once"
    assert sum(each.started for each in moved.studios) == 1, "and began once"


def test_a_preview_says_the_same_and_does_nothing(world, sold):
    before, events = world.stored_contract(sold), len(world.events())
    preview = world.org.contracts.preview_transfer(sold, studio="south", on=D)
    assert (world.stored_contract(sold), len(world.events())) == (before, events)
    assert preview == evolve(world.org.contracts.transfer(sold, studio="south", on=D), successor=None)


def test_what_is_filed_until_the_day_passes_on(world, sold, member):
    """A payment, and who comes and goes."""
    child, gone = world.member(), world.member()
    world.org.contracts.cover(sold, child)
    told = world.org.contracts.transfer(sold, studio="south", on=D)
    assert story(world, told.successor)[0] == ("on_hold", D)
    payment = world.org.contracts.pay(sold, Money(2000, "EUR")).payment
    world.org.contracts.pay(sold, Money(3000, "EUR"))
    world.org.contracts.uncover(sold, child, on=D - timedelta(days=1))
    world.org.contracts.cover(sold, gone)
    old, new = world.stored_contract(sold), world.stored_contract(told.successor)
    assert (old.payments, old.coverage) == (new.payments, new.coverage)
    assert story(world, told.successor)[0] == ("active", D)
    assert what(world, child, D - timedelta(days=2)) == "member active"
    assert what(world, child, D - timedelta(days=1)) == "former_member left"
    assert what(world, gone, D) == "member active"
    world.wait(days=25)
    world.org.contracts.reverse_payment(told.successor, payment)
    assert world.org.contracts.get(told.successor).status is ContractStatus.ON_HOLD
    assert world.stored_contract(sold) == old, "what is over is not touched"
    assert what(world, member, TODAY + timedelta(days=25)) == "member on_hold"


def test_a_cancellation_on_file_goes_with_it_and_comes_back(world, sold):
    world.org.contracts.pay(sold, FEE)
    end = D + timedelta(days=40)
    filed_away(world, sold, end)
    filed = world.stored_contract(sold).cancellation
    told = world.org.contracts.transfer(sold, studio="south", on=D)
    assert world.stored_contract(told.successor).cancellation == filed
    assert story(world, told.successor) == [("active", D), ("cancelled", end)]
    withdrawn = world.org.contracts.withdraw_transfer(sold)
    assert (withdrawn.successor, withdrawn.on) == (told.successor, D)
    assert world.stored_contract(sold).cancellation == filed
    assert story(world, told.successor) == [("cancelled", D)]


@pytest.mark.rule("CON-7")
def test_a_contract_that_will_be_transferred_is_cancelled_where_it_goes_on(world, sold):
    world.org.contracts.pay(sold, FEE)
    told = world.org.contracts.transfer(sold, studio="south", on=D)
    spans = story(world, sold)
    said = {"received_on": TODAY, "extraordinary": True}
    for day in (D - timedelta(days=1), D):
        with pytest.raises(FollowedByAnother) as refusal:
            world.org.contracts.cancel(sold, to=day, reason="moved", **said)
        with pytest.raises(FollowedByAnother):
            world.org.contracts.preview_cancellation(sold, to=day, **said)
        assert refusal.value.details == {"effective_on": D.isoformat()}
    to = D + timedelta(days=9)
    assert world.org.contracts.preview_cancellation(sold, to=to, **said).effective_on == to
    cancelled = world.org.contracts.cancel(sold, to=to, reason="moved", note="By post.", **said)
    assert cancelled.reckoned.effective_on == to
    assert story(world, sold) == spans
    assert story(world, told.successor) == [("active", D), ("cancelled", to)]
    assert world.org.contracts.cancellation(told.successor).note == "By post."
    world.org.contracts.withdraw_cancellation(sold)
    assert story(world, told.successor) == [("active", D)]
    world.org.contracts.cancel(sold, to=to, reason="moved", **said)
    world.org.contracts.withdraw_transfer(sold)
    assert world.stored_contract(sold).cancellation.effective_on == to, "it is its own again"
    with pytest.raises(LaterThanFiled):
        world.org.contracts.cancel(sold, to=to + timedelta(days=1), reason="moved", **said)


@pytest.mark.rule("CON-5", "CON-6")
def test_a_contract_that_will_be_transferred_is_frozen_over_the_day(world):
    policy = FreezePolicy(allowed=True)
    contract = world.contract(rate=world.rate(freezes=policy))
    world.studio("south")
    next_ = world.org.contracts.transfer(contract, studio="south", on=D).successor
    over, until = D - timedelta(days=5), D + timedelta(days=30)
    assert world.org.contracts.check_freeze(contract, since=over, until=until).refusals == ()
    filed = world.org.contracts.freeze(contract, since=over, until=until, reason="ill")
    later = world.org.contracts.freeze(contract, since=until, until=until + timedelta(days=9), reason="ill")
    assert filed.moves.expires_on.after == filed.moves.expires_on.before + timedelta(days=35)
    assert story(world, contract) == [("active", TODAY), ("frozen", over), ("cancelled", D)]
    assert story(world, next_)[:2] == [("frozen", D), ("active", until + timedelta(days=9))]
    world.org.contracts.withdraw_freeze(contract, later.freeze)
    world.org.contracts.end_freeze(contract, filed.freeze, on=D + timedelta(days=3))
    assert story(world, next_)[:2] == [("frozen", D), ("active", D + timedelta(days=3))]
    assert story(world, contract) == [("active", TODAY), ("frozen", over), ("cancelled", D)]
    world.wait(days=60)
    with pytest.raises(IllegalTransition):
        world.org.contracts.cancel(contract, received_on=TODAY, reason="moved")


@pytest.mark.rule("COM-11", "COM-12")
def test_before_its_day_the_contract_that_follows_says_what_it_waits_for(world, sold):
    world.org.contracts.pay(sold, FEE)
    next_ = world.org.contracts.transfer(sold, studio=world.studio("east"), on=D).successor
    told = world.org.contracts.get(next_)
    assert told.status is None
    assert told.explain().summary == f"On 2026-01-15 the contract has not taken over from {sold} yet."
    (because,) = told.explain().reasons
    assert (because.code, because.figures) == ("contract.not_taken_over", {"begins": D.isoformat()})
    unsigned = world.org.contracts.get(next_, on=TODAY - timedelta(days=1)).explain()
    assert unsigned.summary == "On 2026-01-14 the contract was not signed yet."
    with pytest.raises(IllegalTransition) as refused:
        world.org.contracts.cancel(next_, received_on=TODAY, reason="moved")
    assert refused.value.details["state"] == "not begun"


def test_a_withdrawn_transfer_leaves_every_day_as_it_was(world, sold, member):
    world.org.contracts.pay(sold, FEE)
    before, spans = story(world, sold), world.org.members.membership(member).spans
    world.org.contracts.transfer(sold, studio="south", on=D)
    world.wait(days=3)
    world.org.contracts.withdraw_transfer(sold)
    assert (story(world, sold), world.org.members.membership(member).spans) == (before, spans)
    with pytest.raises(NothingToWithdraw):
        world.org.contracts.withdraw_transfer(sold)
    world.org.contracts.transfer(sold, studio="south", on=D)
    world.wait(days=20)
    with pytest.raises(IllegalTransition):
        world.org.contracts.withdraw_transfer(sold)


def test_at_most_three_months_back(world, sold, member):
    world.org.contracts.pay(sold, FEE)
    world.wait(days=120)
    now = TODAY + timedelta(days=120)
    earliest = date(2026, 2, 15)
    assert now == date(2026, 5, 15)
    with pytest.raises(TransferTooFarBack) as caught:
        world.org.contracts.transfer(sold, studio="south", on=earliest - timedelta(days=1))
    assert caught.value.details["earliest"] == earliest.isoformat()
    told = world.org.contracts.transfer(sold, studio="south", on=earliest)
    assert story(world, told.successor) == [("active", earliest)]
    assert [each.detail.value for each in world.org.members.membership(member).spans] == ["pending", "active"]
    assert "contract.status_corrected" in types(world)


def test_on_a_day_on_which_it_is_open_to_another_studio_once_at_a_time(world, member):
    world.studio("south")
    other = world.rate()
    sold = world.contract(member=member, rate=world.rate(term=Term.of_days(30), switch_paths=[SwitchPath(to=other)]))
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=30)):
        with pytest.raises(TransferOutsideContract):
            world.org.contracts.transfer(sold, studio="south", on=day)
    with pytest.raises(SameStudio):
        world.org.contracts.transfer(sold, studio="north")
    told = world.org.contracts.transfer(sold, studio="south", on=TODAY + timedelta(days=29))
    with pytest.raises(AlreadyHandedOn):
        world.org.contracts.transfer(sold, studio="south")
    with pytest.raises(NothingToWithdraw):
        world.org.contracts.withdraw_switch(sold)
    world.wait(days=29)
    world.org.contracts.transfer(told.successor, studio="north")
    world.wait(days=1)
    with pytest.raises(IllegalTransition):
        world.org.contracts.transfer(told.successor, studio="south")


@pytest.mark.rule("COM-3", "MEM-18")
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_where_the_other_studio_has_its_day_earlier_or_later_nobody_is_a_former_member(world, member, zone):
    world.studio("far", ZoneInfo(zone))
    sold = world.contract(member=member)
    world.org.contracts.transfer(sold, studio="far", on=D)
    assert [each.detail.value for each in world.org.members.membership(member).spans] == ["active", "expired"]


NOON = datetime(2026, 6, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@settings(max_examples=60)
@given(contracts(), st.lists(st.integers(-80, 300), max_size=3))
def test_transferred_back_and_forth_it_is_on_every_day_what_it_was(made, days):
    """Any contract, transferred on several days in turn: only the studio differs, for the member not even that."""
    made = evolve(made, announced_to=START)
    parts, studio = [made], SOUTH
    for offset in sorted(days):
        day = NOON.date() + timedelta(days=offset)
        last = parts[-1]
        others = {each.id: each for each in parts[:-1]}
        wanted = PreviewTransfer(contract=last.id, studio=studio.code, on=day)
        try:
            outcome = transfer(last, others, wanted, studio, ContractId(new_id()), NOON)
        except MemberLogicError:
            continue
        changed = {each.contract.id: each.contract for each in outcome.facts}
        parts = [changed.get(each.id, each) for each in parts] + [outcome.facts[0].contract]
        studio = BERLIN if studio is SOUTH else SOUTH
    for each in parts[1:]:
        assert (each.signed_on, each.start_on, each.payments, each.freezes, each.rates) == (
            made.signed_on,
            made.start_on,
            made.payments,
            made.freezes,
            made.rates,
        )
        assert Course.of(each).stretches == Course.of(made).stretches
    assert parts[-1].cancellation == made.cancellation
    for offset in range(-35, 420):
        day = START + timedelta(days=offset)
        open_ = [status(each, day) for each in parts]
        said = [each for each in open_ if each is not None and each not in FINAL]
        whole = status(made, day)
        assert said == ([] if whole is None or whole in FINAL else [whole])
        assert open_[-1] in (None, whole)
    assert membership(HOLDER, parts) == membership(HOLDER, [made])


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["transfer", "withdraw", "pay", "wait", "freeze", "cancel", "keep"]), st.integers(-20, 40)
        ),
        max_size=8,
    )
)
def test_whatever_is_filed_the_member_is_one_as_if_it_had_never_moved(steps):
    """One is transferred and withdrawn, its twin stays; both are paid alike."""
    world = World(MemoryStorage())
    world.studio("south")
    policy = FreezePolicy(allowed=True)
    rate = world.rate(initial_fee=FEE, renewal=Extends(Term.of_months(1)), freezes=policy)
    mover, stayer = world.member(), world.member()
    current, twin = (world.contract(member=each, rate=rate) for each in (mover, stayer))
    contracts = world.org.contracts
    for step, days in steps:
        told = contracts.get(current)
        if step == "wait":
            world.wait(days=abs(days))
        elif step == "pay" and told.owed:
            amount = Money(min(told.owed, 2500), "EUR")
            contracts.pay(current, amount)
            contracts.pay(twin, amount)
        elif step in ("freeze", "cancel", "keep"):
            day = told.on + timedelta(days=abs(days))
            try:
                for each in (current, twin):
                    if step == "freeze":
                        contracts.freeze(each, since=day, until=day + timedelta(days=20), reason="ill")
                    elif step == "cancel":
                        contracts.cancel(each, received_on=told.on, to=day, extraordinary=True, reason="moved")
                    else:
                        contracts.withdraw_cancellation(each)
            except (RuleViolation, IllegalTransition):
                assert each == current, "what its twin refuses it refuses first"
        elif step != "pay":
            try:
                if step == "withdraw":
                    contracts.withdraw_transfer(current)
                else:
                    elsewhere = "south" if told.studio == "north" else "north"
                    contracts.transfer(current, studio=elsewhere, on=told.on + timedelta(days=days))
            except (RuleViolation, IllegalTransition):
                pass
        told = contracts.get(current)
        if told.status is ContractStatus.CANCELLED and told.successor is not None:
            current = told.successor
    one, other = (world.org.members.membership(each).spans for each in (mover, stayer))
    assert one == other
    assert world.stored_contract(current).paid_on(date(2199, 1, 1)) == world.stored_contract(twin).paid_on(
        date(2199, 1, 1)
    )


def test_days_frozen_and_limits_go_along():
    """The course is computed of the same facts, so that a freeze over the day is one freeze."""
    rate = terms(freezes=FreezePolicy(allowed=True, most_days_a_year=60), renewal=Extends(Term.of_months(1)))
    made = contract(rate, signed=START, freezes=(freeze(date(2026, 5, 20), None),))
    wanted = PreviewTransfer(contract=made.id, studio="south", on=NOON.date())
    outcome = transfer(made, {}, wanted, SOUTH, ContractId(new_id()), NOON)
    new, old = (each.contract for each in outcome.facts)
    assert (status(old, date(2026, 5, 31)), status(new, date(2026, 6, 1))) == (ContractStatus.FROZEN,) * 2
    assert [each.until for each in Course.of(new).frozen] == [each.until for each in Course.of(made).frozen]
    assert old.cancellation is not None
    assert old.cancellation.kind is CancellationKind.TRANSFERRED
    assert start_of_day(new.first_day, new.studio.zone) == start_of_day(NOON.date(), BERLIN.zone)


@pytest.mark.rule("COM-3", "COM-21", "CON-16")
@pytest.mark.parametrize("what", ["pay", "freeze"])
def test_what_is_filed_when_the_other_studio_has_its_day_already_is_announced_there(world, what):
    """It is the 12th in Berlin and the 11th in New York."""
    new_york, berlin = world.studio("new-york", ZoneInfo("America/New_York")), world.studio("berlin")
    fee = FEE if what == "pay" else None
    rate = world.rate(initial_fee=fee, freezes=FreezePolicy(allowed=True))
    sold = world.contract(rate=rate, studio=new_york)
    day = date(2026, 1, 22)
    world.clock.set(datetime(2026, 1, 21, 23, 30, tzinfo=UTC))
    next_ = world.org.contracts.transfer(sold, studio=berlin, on=day).successor
    if what == "pay":
        world.org.contracts.pay(sold, FEE)
    else:
        since = day - timedelta(days=1)
        world.org.contracts.freeze(sold, since=since, until=day + timedelta(days=3), reason="ill")
    world.wait(days=2)
    world.ml.run_jobs()
    told = [each.event for each in world.events() if getattr(each.event, "contract", None) == next_]
    status = world.org.contracts.get(next_).status
    assert (status, told[-1].type) == {
        "pay": (ContractStatus.ACTIVE, "contract.activated"),
        "freeze": (ContractStatus.FROZEN, "contract.frozen"),
    }[what]
    assert told[-1].day == day


@pytest.mark.rule("CON-13", "CON-15", "COM-3")
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_nobody_stands_at_the_door_between_the_days_of_two_studios(world, zone):
    far, member = world.studio("far", ZoneInfo(zone)), world.member()
    sold = world.contract(member=member)
    world.org.contracts.transfer(sold, studio=far, on=TODAY + timedelta(days=1))
    for _ in range(48):
        assert world.org.contracts.notices(member, studio=far).allowed
        assert world.org.contracts.services_on(member).includes(None, far)
        world.wait(hours=1)


@pytest.mark.rule("CON-14", "CON-15")
def test_a_suspension_is_not_left_by_another_rate_and_a_limit_is(world):
    world.studio("north")
    limit = VisitLimit(visits=1, period=CalendarPeriod.MONTH)
    other = world.rate()
    rate = world.rate(services=ServiceTerms(limits=[limit]), switch_paths=[SwitchPath(to=other)])
    limited, suspended = world.member(), world.member()
    first, arrears = world.contract(rate=rate, member=limited), world.contract(rate=rate, member=suspended)
    assert world.org.contracts.check_in(limited, studio="north").allowed
    filed = world.org.contracts.suspend_contract(arrears, reason="arrears").id
    world.wait(days=1)
    for each in (first, arrears):
        world.org.contracts.switch(each, rate=other)
    assert world.org.contracts.notices(limited, studio="north").allowed
    answer = world.org.contracts.notices(suspended, studio="north")
    assert (answer.allowed, [each.code for each in answer.notices]) == (False, ["checkin.contract_suspended"])
    world.org.contracts.end_suspension(filed)
    assert world.org.contracts.notices(suspended, studio="north").allowed


@pytest.mark.rule("CON-13", "CON-14")
def test_a_suspension_and_a_limit_of_visits_follow_the_sale(world):
    """The contract is another one, the sale is the same."""
    north, south = world.studio("north"), world.studio("south")
    limit = VisitLimit(visits=1, period=CalendarPeriod.MONTH)
    rate = world.rate(services=ServiceTerms(limits=[limit]))
    limited, suspended = world.member(), world.member()
    first = world.contract(rate=rate, member=limited, studio=north)
    arrears = world.contract(member=suspended, studio=north)
    assert world.org.contracts.check_in(limited, studio=north).allowed
    world.org.contracts.suspend_contract(arrears, reason="arrears")
    for each in (first, arrears):
        world.org.contracts.transfer(each, studio=south, on=date(2026, 1, 16))
    world.wait(days=1)
    for member, code in ((limited, "checkin.limit_reached"), (suspended, "checkin.contract_suspended")):
        answer = world.org.contracts.notices(member, studio=south)
        assert not answer.allowed
        assert [each.code for each in answer.notices] == [code]
