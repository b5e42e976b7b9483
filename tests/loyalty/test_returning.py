"""Taking purchases back, through the public service, on every store; against a plain model written from the rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import (
    After,
    Earning,
    EarningRule,
    ExternalId,
    Fixed,
    Inactivity,
    LineCondition,
    LineField,
    Multiplier,
    Never,
    PurchaseLine,
    Rate,
    Redeeming,
    ReturnLine,
    Shortfall,
    Term,
)
from memberlogic.actors import Actor
from memberlogic.certification.base import conserved
from memberlogic.certification.concurrency import at_once
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound, PermissionDenied, RuleViolation
from memberlogic.ledger.model import EntryKind
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-10")

TWO = (PurchaseLine("espresso", 1850, categories=("coffee",)), PurchaseLine("mug", 990, quantity=3))
PROGRAMME = {
    "earning": Earning(
        rules=[
            EarningRule(key="base", gives=Rate(1, 100)),
            EarningRule(
                key="double", gives=Multiplier(Fraction(2)), lines=[LineCondition(LineField.CATEGORY, {"coffee"})]
            ),
        ],
        excluded_categories={"gift card"},
    ),
    "redeeming": Redeeming(points=1, value=5),
    "expiry": After(Term.of_days(90)),
}


@pytest.fixture
def world(make_world):
    return make_world(**PROGRAMME)


def buy(world, account, id="1", lines=TWO, **said):
    purchase = ExternalId("till", id)
    return world.org.loyalty.record_purchase(account=account, purchase=purchase, lines=lines, currency="EUR", **said)


def back(world, id="1", receipt="R1", org=None, **said):
    org = org or world.org
    return org.loyalty.return_purchase(purchase=ExternalId("till", id), receipt=ExternalId("till", receipt), **said)


def refused(world, **said):
    with pytest.raises(MemberLogicError) as caught:
        back(world, **said)
    return caught.value


def kinds(world, account):
    return [(each.kind, each.amount) for each in world.entries(account)]


def state(world, account):
    balance = world.org.ledger.balance(account)
    return balance.available, balance.held, balance.debt


# --- what comes back ---


def test_a_whole_purchase_comes_back(world):
    """18.50 x 2 + 9.90 = 46.9, 46 points; 100 points paid 500."""
    account = world.account(credits=[300])
    bought = buy(world, account, redeem=100)
    assert (bought.redeemed_value, bought.earned) == (500, 38)  # (1850 - 326) x 2 + (990 - 174) = 38.64
    done = back(world)
    assert (done.amount, done.money, done.points_value, done.stored_value) == (2840, 2340, 500, 0)
    assert (done.restored, done.taken, done.debt, done.clamped, done.available) == (100, 38, 0, 0, 300)
    assert [(each.position, each.quantity, each.amount) for each in done.lines] == [(0, 1, 1850), (1, 3, 990)]
    *_, redeemed, earned, restored, returned = world.entries(account)
    assert (restored.kind, restored.amount, restored.corrects) == (EntryKind.RESTORE, 100, redeemed.id)
    assert (returned.kind, returned.amount, returned.corrects) == (EntryKind.RETURN, -38, earned.id)
    assert {restored.reference, returned.reference} == {"R1"}
    assert restored.slices[0].lot == redeemed.slices[0].lot
    assert returned.slices[0].lot == earned.opened[0].id
    assert "2340 of it in money; 100 points were restored, 38 taken back" in done.explain().text()
    conserved(world, account)


@pytest.mark.rule("COM-10")
def test_entries_and_the_return_are_events(world):
    account = world.account(credits=[300])
    buy(world, account, redeem=100)
    done = back(world, lines=[ReturnLine(position=0)])
    types = {each.event.type: each.event for each in world.events()}
    assert types["points.restored"].points == done.restored
    assert types["points.returned"].points == -done.taken
    event = types["purchase.returned"]
    assert (event.returned, event.purchase, event.account) == (done.returned, done.purchase, account)
    assert (event.amount, event.money, event.restored, event.taken, event.whole) == (1850, done.money, 65, 29, False)
    assert len(event.members) == 1


def test_by_lines_by_quantity_and_amount(world):
    account = world.account()
    buy(world, account)
    first = back(world, lines=[ReturnLine(position=1, quantity=1)])
    assert (first.amount, first.taken, [vars_of(each) for each in first.lines]) == (330, 3, [(1, 1, 330)])
    second = back(world, receipt="R2", lines=[ReturnLine(position=1, amount=100), ReturnLine(position=0, amount=850)])
    assert [vars_of(each) for each in second.lines] == [(0, 0, 850), (1, 0, 100)]
    third = back(world, receipt="R3", lines=[ReturnLine(position=1, quantity=2, amount=500)])
    assert [vars_of(each) for each in third.lines] == [(1, 2, 500)]
    found = world.org.loyalty.find_purchase("till", "1")
    assert [vars_of(each) for each in found.returned] == [(0, 0, 850), (1, 3, 930)]
    fourth = back(world, receipt="R4")
    assert [vars_of(each) for each in fourth.lines] == [(0, 1, 1000), (1, 0, 60)]
    said = world.org.loyalty.returns(ExternalId("till", "1"))
    assert (said.total, said.returned, said.left) == (2840, 2840, 0)
    assert [each.external_id.value for each in said.returns] == ["R1", "R2", "R3", "R4"]
    assert sum(each.taken for each in said.returns) == 46
    assert [each.whole for each in said.returns] == [False, False, False, True]
    assert world.available(account) == 0
    conserved(world, account)


def vars_of(line):
    return line.position, line.quantity, line.amount


def test_by_amount_pro_rata_over_all_lines_by_largest_remainder(world):
    """1000 of 2840: 651.4 and 348.6, so 651 and 349; then what is left."""
    account = world.account()
    buy(world, account)
    first = back(world, amount=1000)
    assert [vars_of(each) for each in first.lines] == [(0, 0, 651), (1, 0, 349)]
    assert first.taken == floor(Fraction(46) * (651 * 2 + 349) / 4690)
    rest = back(world, receipt="R2", amount=1840)
    assert [vars_of(each) for each in rest.lines] == [(0, 1, 1199), (1, 3, 641)]
    assert first.taken + rest.taken == 46


def test_more_than_was_bought_is_refused_with_what_is_left(world):
    account = world.account()
    buy(world, account)
    back(world, lines=[ReturnLine(position=1, quantity=2)])
    over = refused(world, receipt="R2", lines=[ReturnLine(position=1, quantity=2)])
    assert (over.code, over.details["left_quantity"], over.details["left_amount"]) == ("return.above_line", 1, 330)
    over = refused(world, receipt="R2", lines=[ReturnLine(position=0, amount=1851)])
    assert (over.code, over.details["left_amount"]) == ("return.above_line", 1850)
    over = refused(world, receipt="R2", amount=2181)
    assert (over.code, over.details) == ("return.above_purchase", {"asked": 2181, "left": 2180})
    over = refused(world, receipt="R2", lines=[ReturnLine(position=2)])
    assert (over.code, over.details) == ("return.no_such_line", {"position": 2, "lines": 2})
    assert all(isinstance(each, RuleViolation) for each in (over,))
    back(world, receipt="R2")
    for said in ({}, {"lines": [ReturnLine(position=0)]}, {"lines": [ReturnLine(position=1, quantity=1)]}):
        assert refused(world, receipt="R3", **said).code == "return.nothing_left"
    assert refused(world, receipt="R3", amount=1).details["left"] == 0
    conserved(world, account)


@pytest.mark.rule("COM-11")
def test_the_form_of_what_comes_back(world):
    buy(world, world.account())
    for said, path in (
        ({"lines": [ReturnLine(position=0)], "amount": 5}, "amount"),
        ({"lines": [ReturnLine(position=0), ReturnLine(position=0, amount=1)]}, "lines[1].position"),
        ({"lines": []}, "lines"),
        ({"amount": 0}, "amount"),
        ({"at": datetime(2026, 1, 15)}, "at"),
    ):
        with pytest.raises(InvalidInput) as caught:
            back(world, **said)
        assert caught.value.path == path
    with pytest.raises(InvalidInput):
        ReturnLine(position=0, quantity=0)


# --- ids, instants, who may ---


@pytest.mark.rule("COM-9")
def test_the_same_return_answers_the_first_result_for_ever(world):
    account = world.account(credits=[100])
    buy(world, account, redeem=100)
    first = back(world, amount=700)
    back(world, receipt="R2", amount=100)
    world.wait(days=400)
    assert back(world, amount=700) == first
    assert back(world, amount=700, at=first.at) == first
    entries = len(world.entries(account))
    for other in ({"amount": 701}, {"amount": 700, "at": world.clock.now()}, {}, {"lines": [ReturnLine(position=0)]}):
        assert refused(world, **other).code == "return.differs"
    buy(world, account, id="2")
    assert refused(world, id="2", amount=700).code == "return.differs"
    assert len(world.entries(account)) >= entries
    assert len(world.org.loyalty.returns(ExternalId("till", "1")).returns) == 2


@pytest.mark.rule("COM-9")
def test_a_key_answers_the_first_result_too(world):
    buy(world, world.account())
    first = back(world, amount=100, idempotency_key="k")
    assert back(world, amount=100, idempotency_key="k") == first
    assert len(world.org.loyalty.returns(ExternalId("till", "1")).returns) == 1


@pytest.mark.rule("COM-8", "SCH-2")
@pytest.mark.parametrize("jobs", [False, True])
def test_what_it_does_takes_effect_when_it_is_recorded(world, jobs):
    """A return of the 14th that is told on the 20th, after the points expired on the 15th, whether that was written."""
    account = world.account()
    buy(world, account)
    at = datetime(2026, 4, 14, 12, tzinfo=UTC)
    world.clock.set(datetime(2026, 4, 20, 12, tzinfo=UTC))
    if jobs:
        world.ml.run_jobs()
    done = back(world, at=at)
    assert (done.at, done.taken, done.debt) == (at, 0, 0)
    assert kinds(world, account) == [(EntryKind.EARN, 46), (EntryKind.EXPIRE, -46)]
    (event,) = [each for each in world.events() if each.event.type == "purchase.returned"]
    assert (event.effective_at, event.recorded_at) == (world.clock.now(), world.clock.now())
    (told,) = world.org.loyalty.returns(ExternalId("till", "1")).returns
    assert (told.at, told.business_day) == (at, date(2026, 4, 14))
    conserved(world, account)


@pytest.mark.rule("COM-8")
def test_the_account_settles_first(world):
    account = world.account()
    buy(world, account)
    world.wait(days=100)
    done = back(world)
    assert (done.taken, done.debt) == (0, 0)
    assert kinds(world, account) == [(EntryKind.EARN, 46), (EntryKind.EXPIRE, -46)]


@pytest.mark.rule("COM-8")
def test_not_before_the_purchase_nor_in_the_future(world):
    account = world.account()
    world.wait(days=1)
    bought = buy(world, account)
    world.wait(days=1)
    moment = timedelta(microseconds=1)
    assert refused(world, at=bought.at - moment).code == "return.before_purchase"
    assert refused(world, at=world.clock.now() + moment).code == "return.in_the_future"
    world.org.ledger.credit(account, 1, reason="welcome")
    done = back(world, at=world.clock.now() - moment)
    assert (done.taken, world.entries(account)[-1].effective_at) == (46, world.clock.now())


@pytest.mark.rule("COM-13", "COM-11")
def test_who_may(world):
    member = world.member()
    account = world.account(member=member)
    buy(world, account)
    rights = ["members.purchases:update", "members.purchases:read"]
    staff = world.acting_as(Actor.staff("sam", rights))
    assert back(world, org=staff, amount=100).amount == 100
    assert world.entries(account)[-1].actor == "staff:sam"
    with pytest.raises(NotFound):
        world.org.loyalty.returns(ExternalId("till", "2"))
    with pytest.raises(NotFound):
        back(world, id="2")
    other = World(world.storage)
    with pytest.raises(NotFound):
        other.org.loyalty.return_purchase(purchase=ExternalId("till", "1"), receipt=ExternalId("till", "X"))
    with pytest.raises(NotFound):
        other.org.loyalty.returns(ExternalId("till", "1"))
    assert staff.loyalty.returns(ExternalId("till", "1")).returned == 100


@pytest.mark.rule("COM-13", "COM-11")
def test_a_member_reaches_only_the_returns_of_their_own_purchases(world):
    owner = world.member()
    buy(world, world.account(member=owner))
    back(world, amount=100)
    rights = frozenset({"members.purchases:read", "members.purchases:update"})
    own, stranger = (
        world.acting_as(evolve(Actor.member(each), permissions=rights)) for each in (owner, world.member())
    )
    for act in (
        lambda org: org.loyalty.returns(ExternalId("till", "1")).returned,
        lambda org: back(world, receipt="R2", amount=1, org=org).amount,
    ):
        with pytest.raises(NotFound):
            act(stranger)
        assert act(own)
    assert world.org.loyalty.returns(ExternalId("till", "1")).returned == 101
    with pytest.raises(PermissionDenied):
        back(world, receipt="R3", org=world.acting_as(Actor.member(owner)))


def test_what_a_club_owes_says_what_came_back_and_was_taken_back(world):
    account = world.account(credits=[300])
    buy(world, account, redeem=100)
    back(world)
    counted = world.org.ledger.outstanding(world.club.id)
    assert (counted.restored, counted.taken_back, counted.redeemed, counted.issued) == (100, 38, 100, 338)
    assert counted.outstanding == 300


@pytest.mark.rule("COM-16", "COM-9")
def test_several_tills_at_once_give_back_no_more_than_was_bought(world):
    """Four returns of 1000 each, of 2840; one of them is told twice."""
    account = world.account(credits=[300])
    buy(world, account, redeem=100)
    said = at_once(5, lambda index: back(world, receipt=f"R{index % 4}", amount=1000))
    refusals = [each for each in said if isinstance(each, MemberLogicError)]
    assert {each.code for each in refusals} == {"return.above_purchase"}
    assert {each.details["left"] for each in refusals} == {840}
    done = world.org.loyalty.returns(ExternalId("till", "1"))
    assert (done.returned, len(done.returns)) == (2000, 2)
    assert sum(each.restored for each in done.returns) == floor(Fraction(100 * 2000, 2840))
    assert {each.returned for each in said if each not in refusals} == {each.id for each in done.returns}
    conserved(world, account)


# --- points spent on it ---


def test_the_slice_taken_last_comes_back_first_each_to_its_lot(make_world):
    world = make_world(**PROGRAMME | {"expiry": Never()})
    account, now = world.account(), world.clock.now()
    for days, points in ((10, 30), (20, 50), (None, 40)):
        until = now + timedelta(days=days) if days else None
        world.org.ledger.credit(account, points, reason="welcome", expires_at=until)
    soon, later, never = world.wallet(account).lots
    buy(world, account, lines=[PurchaseLine("cake", 1000, categories=("gift card",))], redeem=100)
    assert [lot.remaining for lot in world.wallet(account).lots] == [20]
    for receipt, part, left in (
        ("R1", 150, [35]),  # floor(100 x 150 / 1000) = 15 of the 20 of the last slice
        ("R2", 155, [10, 40]),  # floor(100 x 305 / 1000) = 30: 5 more, then 10 of the slice before
        ("R3", 694, [29, 50, 40]),  # 99
        ("R4", 1, [30, 50, 40]),
    ):
        back(world, receipt=receipt, amount=part)
        lots = world.wallet(account).lots
        assert [lot.remaining for lot in lots] == left
        conserved(world, account)
    assert [lot.id for lot in lots] == [soon.id, later.id, never.id]


@pytest.mark.rule("PTS-6", "PTS-14")
@pytest.mark.parametrize("undone", ["returned", "reversed"])
def test_activity_between_two_returns_does_not_change_what_has_come_back(make_world, undone):
    """10 points that live by activity and 10 until a named day pay; half comes back, to those that were taken last. A
    purchase keeps the others alive for longer than these; the other half still comes back to the others.
    """
    world = make_world(**PROGRAMME | {"expiry": Inactivity(Term.of_days(10))})
    account, named = world.account(credits=[10]), world.clock.now() + timedelta(days=13)
    world.org.ledger.credit(account, 10, reason="gift", expires_at=named)
    alive, gift = world.wallet(account).lots
    world.wait(days=2)
    buy(world, account, lines=[PurchaseLine("cake", 100, categories=("gift card",))], redeem=20)
    back(world, amount=50)
    assert [(lot.id, lot.remaining) for lot in world.wallet(account).lots] == [(gift.id, 10)]
    world.wait(days=2)
    buy(world, account, id="2", lines=[PurchaseLine("tea", 300)])
    if undone == "returned":
        assert back(world, receipt="R2").restored == 10
    else:
        spent = next(each for each in world.entries(account) if each.kind is EntryKind.REDEEM)
        assert world.org.ledger.reverse(spent.id, reason="mistake").points == 10
    assert [(lot.id, lot.remaining) for lot in world.wallet(account).lots][:2] == [(gift.id, 10), (alive.id, 10)]
    conserved(world, account)


def test_points_come_back_with_the_later_of_their_expiry_and_the_grace_term(make_world):
    world = make_world(**PROGRAMME | {"expiry": Never(), "grace": Term.of_days(15)})
    account, now = world.account(), world.clock.now()
    for days, points in ((10, 30), (40, 50), (None, 40)):
        until = now + timedelta(days=days) if days else None
        world.org.ledger.credit(account, points, reason="welcome", expires_at=until)
    first, second, third = world.wallet(account).lots
    buy(world, account, lines=[PurchaseLine("cake", 1000, categories=("gift card",))], redeem=120)
    world.wait(days=20)  # the first lot's expiry is long gone
    assert back(world).available == 120
    grace = datetime(2026, 2, 18, 23, tzinfo=UTC)  # the start of 4 February + 15 days in Berlin
    again, kept, never = world.wallet(account).lots
    assert (again.expires_at, again.remaining, again.origin, again.earned_at) == (grace, 30, first.id, first.earned_at)
    assert (kept.id, kept.expires_at, kept.remaining) == (second.id, second.expires_at, 50)
    assert (never.id, never.expires_at, never.remaining) == (third.id, None, 40)
    conserved(world, account)


def test_points_of_a_lot_that_came_back_before_keep_the_first_origin(make_world):
    world = make_world(**PROGRAMME | {"grace": Term.of_days(15)})
    account = world.account()
    world.org.ledger.credit(account, 30, reason="welcome", expires_at=world.clock.now() + timedelta(days=1))
    (first,) = world.wallet(account).lots
    for number in ("1", "2"):
        buy(world, account, id=number, lines=[PurchaseLine("x", 500, categories=("gift card",))], redeem=30)
        world.wait(days=10)
        back(world, id=number, receipt=f"R{number}")
        (lot,) = world.wallet(account).lots
        assert (lot.origin, lot.remaining, lot.earned_at) == (first.id, 30, first.earned_at)
    conserved(world, account)


def test_without_a_grace_term_what_would_have_expired_expires_as_it_comes_back(world):
    account = world.account(credits=[100])
    buy(world, account, lines=[PurchaseLine("x", 500, categories=("gift card",))], redeem=100)
    world.wait(days=100)
    done = back(world)
    assert (done.restored, done.available) == (100, 0)
    assert kinds(world, account)[-2:] == [(EntryKind.RESTORE, 100), (EntryKind.EXPIRE, -100)]
    assert world.entries(account)[-1].effective_at == done.at
    conserved(world, account)


def test_what_comes_back_settles_debt_first_but_not_with_what_is_dead(make_world):
    """A first purchase is returned after its 100 points were spent on two others: 100 are owed. Returning the second
    gives 60 back, which settle.
    """
    world = make_world(**PROGRAMME)
    account, gift = world.account(), [PurchaseLine("x", 500, categories=("gift card",))]
    buy(world, account, lines=[PurchaseLine("tv", 10000)])
    buy(world, account, id="2", lines=gift, redeem=60)
    buy(world, account, id="3", lines=gift, redeem=40)
    done = back(world)
    assert (done.taken, done.debt, state(world, account)) == (100, 100, (0, 0, 100))
    done = back(world, id="2", receipt="R2")
    assert (done.restored, done.available, state(world, account)) == (60, 0, (0, 0, 40))
    restored = world.entries(account)[-1]
    assert (restored.amount, restored.debt, restored.slices, restored.opened) == (60, 60, (), ())
    world.wait(days=100)
    done = back(world, id="3", receipt="R3")
    assert (done.restored, state(world, account)) == (40, (0, 0, 40))  # they are dead, and settle nothing
    conserved(world, account)
    world.org.ledger.credit(account, 50, reason="welcome")
    assert state(world, account) == (10, 0, 0)


@pytest.mark.rule("PTS-7")
def test_of_what_comes_back_and_expires_at_once_the_earlier_settles_debt(make_world):
    """20 credited points and 50 of a purchase's 100 paid elsewhere, the rest is held, 30 are owed. Of what comes back,
    all with one expiry, the credit's 20 settle first, as they were there earlier.
    """
    world = make_world(**PROGRAMME)
    account, gift = world.account(credits=[20]), [PurchaseLine("x", 500, categories=("gift card",))]
    buy(world, account, lines=[PurchaseLine("tv", 10000)])
    credited, earned = world.wallet(account).lots
    buy(world, account, id="2", lines=gift, redeem=70)
    world.org.ledger.hold(account, 50, until=world.clock.now() + timedelta(days=1))
    back(world, amount=3000)
    assert state(world, account)[2] == 30
    back(world, id="2", receipt="R2")
    lots = {lot.id: lot.remaining - lot.held for lot in world.wallet(account).lots}
    assert (lots.get(credited.id, 0), lots[earned.id]) == (0, 40)
    conserved(world, account)


def test_a_return_never_mints_points_that_live_for_ever(make_world):
    """However short the lots, nothing that comes back never expires, unless it never would have."""
    world = make_world(**PROGRAMME | {"grace": Term.of_days(1)})
    account = world.account(credits=[50])
    buy(world, account, redeem=50)
    for number in range(4):
        back(world, receipt=f"R{number}", amount=710)
        world.wait(days=40)
    lots = [lot for entry in world.entries(account) for lot in entry.opened]
    assert all(lot.expires_at is not None for lot in lots)


# --- points it earned ---


def test_every_line_carries_its_unrounded_points_as_weight(make_world):
    """Coffee earns double, a mug a bonus of 5, gift cards nothing: 37 + 14.9 = 51.9, of which 51."""
    bonus = EarningRule(key="mug", gives=Fixed(5), lines=[LineCondition(LineField.ITEM, {"mug", "cup"})])
    earning = Earning(rules=[*PROGRAMME["earning"].rules, bonus], excluded_categories={"gift card"})
    world = make_world(**PROGRAMME | {"earning": earning})
    account = world.account()
    lines = (*TWO, PurchaseLine("cup", 10), PurchaseLine("card", 5000, categories=("gift card",)))
    weight = [Fraction(37), Fraction(99, 10) + Fraction(5 * 990, 1000), Fraction(1, 10) + Fraction(5 * 10, 1000), 0]
    assert buy(world, account, lines=lines).earned == floor(sum(weight)) == 52
    taken, returned = 0, Fraction(0)
    for position in (3, 1, 2, 0):
        done = back(world, receipt=f"R{position}", lines=[ReturnLine(position=position)])
        returned += weight[position]
        assert taken + done.taken == floor(52 * returned / sum(weight))
        taken += done.taken
    assert taken == 52
    conserved(world, account)


def test_what_points_paid_weighs_nothing(world):
    """All of it was paid with points: nothing was earned, and nothing is taken."""
    account = world.account(credits=[568])
    assert buy(world, account, redeem=568).earned == 0
    done = back(world, lines=[ReturnLine(position=0)])
    assert (done.restored, done.taken, done.money) == (370, 0, 0)
    conserved(world, account)


def test_they_come_from_the_purchases_own_lots_then_in_order_never_from_what_is_held(world):
    account, now = world.account(), world.clock.now()
    world.org.ledger.credit(account, 30, reason="welcome", expires_at=now + timedelta(days=200))
    world.org.ledger.credit(account, 20, reason="welcome", expires_at=now + timedelta(days=100))
    buy(world, account)  # 46 until day 90: first in order
    world.org.ledger.capture(world.org.ledger.hold(account, 40, until=now + timedelta(days=1)).hold)
    hold = world.org.ledger.hold(account, 16, until=now + timedelta(days=1)).hold  # 6 of its own, 10 of the 20
    done = back(world)
    assert (done.taken, done.debt) == (46, 6)
    returned = world.entries(account)[-1]
    assert sorted(each.points for each in returned.slices) == [-30, -10]
    assert state(world, account) == (0, 16, 6)
    conserved(world, account)
    world.org.ledger.release(hold)
    assert state(world, account) == (10, 0, 0)
    conserved(world, account)


def test_own_lots_come_first_though_others_expire_sooner(world):
    account, now = world.account(), world.clock.now()
    bought = buy(world, account)
    world.org.ledger.credit(account, 30, reason="welcome", expires_at=now + timedelta(days=2))
    assert bought.earned == back(world).taken
    assert [lot.remaining for lot in world.wallet(account).lots] == [30]


def test_own_points_that_came_back_with_a_grace_term_are_taken_first(make_world):
    """The points of purchase 1 pay for 2; 2 is returned after they expired: they live again, and belong to 1."""
    world = make_world(**PROGRAMME | {"grace": Term.of_days(30), "expiry": After(Term.of_days(10))})
    account = world.account()
    buy(world, account)
    buy(world, account, id="2", lines=[PurchaseLine("x", 500, categories=("gift card",))], redeem=46)
    world.wait(days=20)
    back(world, id="2", receipt="R2")
    world.org.ledger.credit(account, 100, reason="welcome")  # expires sooner
    done = back(world)
    assert (done.taken, done.debt) == (46, 0)
    assert [lot.remaining for lot in world.wallet(account).lots] == [100]
    conserved(world, account)


def test_not_from_the_receiver_of_a_transfer(world):
    one, two = world.account(), world.account()
    buy(world, one)
    world.org.ledger.transfer(source=one, target=two, points=46)
    done = back(world)
    assert (done.taken, done.debt, state(world, one), state(world, two)) == (46, 46, (0, 0, 46), (46, 0, 0))
    conserved(world, one, two)


def test_what_expired_counts_as_taken(world):
    account = world.account()
    buy(world, account)
    world.org.ledger.capture(world.org.ledger.hold(account, 16, until=world.clock.now() + timedelta(days=1)).hold)
    world.wait(days=100)  # 30 expire
    world.org.ledger.credit(account, 100, reason="welcome")
    done = back(world, amount=1420)
    target = floor(46 * Fraction(925 * 2 + 495, 4690))
    assert (target, done.taken) == (23, 0)
    done = back(world, receipt="R2", amount=1420)
    assert done.taken == 16
    conserved(world, account)


def test_a_club_that_clamps_lets_go_what_is_not_there_for_good(make_world):
    world = make_world(**PROGRAMME | {"shortfall": Shortfall.CLAMP})
    account = world.account()
    buy(world, account)
    world.org.ledger.capture(world.org.ledger.hold(account, 40, until=world.clock.now() + timedelta(days=1)).hold)
    first = back(world, lines=[ReturnLine(position=0)])
    assert (first.taken, first.debt, first.clamped) == (6, 0, 30)
    assert {each.code for each in first.because} >= {"return.clamped", "return.unearned", "return.taken"}
    world.org.ledger.credit(account, 100, reason="welcome")
    second = back(world, receipt="R2")
    assert (second.taken, second.clamped) == (10, 0)  # what was let go counts as taken
    assert state(world, account) == (90, 0, 0)
    conserved(world, account)


@pytest.mark.rule("PTS-1")
def test_on_a_blocked_account_a_return_works(world):
    account = world.account(credits=[100])
    buy(world, account, redeem=100)
    world.org.loyalty.block_account(account, reason="fraud")
    done = back(world)
    assert (done.restored, done.taken, done.available) == (100, 38, 100)
    conserved(world, account)


def test_on_a_closed_account_shortfalls_are_let_go_and_restorations_refused_by_name(world):
    account = world.account(credits=[100])
    buy(world, account, redeem=100)
    buy(world, account, id="2")
    available = world.available(account)
    world.org.ledger.capture(world.org.ledger.hold(account, available, until=world.clock.now() + timedelta(1)).hold)
    world.org.loyalty.close_account(account)
    refusal = refused(world)
    assert (refusal.code, refusal.details) == ("return.account_closed", {"points": 100, "account": str(account)})
    done = back(world, id="2", receipt="R2")
    assert (done.amount, done.money, done.taken, done.debt, done.clamped) == (2840, 2840, 0, 0, 46)
    assert state(world, account) == (0, 0, 0)
    conserved(world, account)


def test_a_purchase_while_blocked_earned_nothing_and_nothing_is_taken(world):
    account = world.account()
    world.org.loyalty.block_account(account, reason="fraud")
    assert buy(world, account).earned == 0
    assert back(world).taken == 0


def test_a_purchase_of_nothing_comes_back_too(world):
    account = world.account()
    buy(world, account, lines=[PurchaseLine("bag", 0, quantity=2)])
    first = back(world, lines=[ReturnLine(position=0, quantity=1)])
    assert (first.amount, first.money, first.taken) == (0, 0, 0)
    assert not world.org.loyalty.find_purchase("till", "1").purchase.returned
    back(world, receipt="R2")
    assert world.org.loyalty.find_purchase("till", "1").purchase.returned
    assert refused(world, receipt="R3").code == "return.nothing_left"


# --- in money ---


@given(
    total=st.integers(1, 5000),
    shares=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    parts=st.lists(st.integers(1, 3000), max_size=6),
)
@settings(max_examples=60)
def test_what_goes_back_in_money_adds_up_and_is_never_below_nothing(total, shares, parts):
    """Points first, floored; of the rest stored value, floored; money is what is left."""
    world = World(MemoryStorage(), redeeming=Redeeming(points=1, value=1))
    account = world.account(credits=[5000])
    points = total * shares[0] // 100
    stored = (total - points) * shares[1] // 100
    buy(world, account, lines=[PurchaseLine("x", total)], redeem=points, paid_with_stored_value=stored)
    returned, made = 0, []
    for number, part in enumerate(parts):
        now = min(part, total - returned)
        if now:
            made.append(back(world, receipt=str(number), amount=now))
            returned += now
            so_far = [sum(getattr(m, n) for m in made) for n in ("points_value", "stored_value", "money")]
            by_points = floor(Fraction(points * returned, total))
            by_stored = floor(Fraction(stored * (returned - by_points), total - points)) if total > points else 0
            assert so_far == [by_points, by_stored, returned - by_points - by_stored]
    if returned < total:
        made.append(back(world, receipt="last"))
    for each in made:
        assert min(each.money, each.points_value, each.stored_value) >= 0
        assert each.money + each.points_value + each.stored_value == each.amount
    assert sum(each.money for each in made) == total - points - stored
    assert sum(each.points_value for each in made) == points
