"""PTS-6: points that live by activity, through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import (
    Arrivals,
    AwardRule,
    Earning,
    EarningRule,
    ExternalId,
    Fixed,
    Inactivity,
    Order,
    PurchaseLine,
    PurchaseRow,
    Rate,
    Redeeming,
    Term,
    TransferPolicy,
)
from memberlogic.certification.base import conserved
from memberlogic.converting import from_json, to_json
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.model import Club
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-6")
BERLIN = ZoneInfo("Europe/Berlin")
TEN_DAYS = Inactivity(Term.of_days(10))
EARNING = Earning(rules=[EarningRule(key="base", gives=Rate(1, per=100))])
SHOP = {"expiry": TEN_DAYS, "earning": EARNING, "redeeming": Redeeming(points=1, value=1)}


def midnight(year, month, day):
    return datetime(year, month, day, tzinfo=BERLIN).astimezone(UTC)


def buy(world, account, cents, number=None, **said):
    world.bought = getattr(world, "bought", 0) + 1
    return world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", number or f"n{world.bought}"),
        lines=[PurchaseLine("thing", cents)],
        currency="EUR",
        **said,
    )


def until(world, account):
    return [lot.expires_at for lot in world.wallet(account).lots]


@pytest.fixture
def shop(make_world):
    """Points live for ten days without activity; it is 15 January."""
    return make_world(**SHOP)


def test_each_activity_moves_what_is_there(shop):
    """Bought on the 15th, redeemed on the 20th, captured on the 29th: the last day that counts."""
    account = shop.account()
    assert buy(shop, account, 3000).expires_at == midnight(2026, 1, 25)
    shop.wait(days=5)
    buy(shop, account, 5, redeem=5)
    assert until(shop, account) == [midnight(2026, 1, 30)]
    held = shop.org.ledger.hold(account, 5, until=shop.clock.now() + timedelta(days=9, hours=1))
    assert until(shop, account) == [midnight(2026, 1, 30)], "to hold is no activity"
    shop.wait(days=9)
    shop.org.ledger.capture(held.hold)
    assert until(shop, account) == [midnight(2026, 2, 8)]
    assert shop.wallet(account).next_change == midnight(2026, 2, 8)
    conserved(shop, account)
    shop.clock.set(midnight(2026, 2, 8) - timedelta(microseconds=1))
    assert shop.available(account) == 20
    shop.wait(microseconds=1)
    assert shop.available(account) == 0
    shop.ml.run_jobs()
    assert shop.entries(account)[-1].effective_at == midnight(2026, 2, 8)
    conserved(shop, account)


def test_transfers_credits_and_adjustments_are_no_activity(shop):
    account, other = shop.account(), shop.account()
    buy(shop, account, 3000)
    shop.wait(days=5)
    shop.org.ledger.credit(account, 7, reason="welcome")
    shop.org.ledger.adjust(account, 2, reason="goodwill")
    shop.org.ledger.adjust(account, -1, reason="goodwill")
    shop.org.ledger.transfer(source=account, target=other, points=1)
    buy(shop, account, 0)  # earns nothing
    assert until(shop, account) == [midnight(2026, 1, 25), midnight(2026, 1, 30), midnight(2026, 1, 30)]
    conserved(shop, account, other)


@pytest.mark.rule("PTS-4")
def test_an_award_is_earning(make_world):
    """Points for an event keep alive what is there, and live by activity themselves."""
    shop = make_world(**SHOP | {"earning": Earning(awards=[AwardRule(key="quiz", event="quiz", points=3)])})
    member = shop.member()
    account = shop.account(member=member, credits=[5])
    shop.wait(days=4)
    shop.org.loyalty.award(account=account, member=member, event="quiz", reference=ExternalId("app", str(account)))
    assert until(shop, account) == [midnight(2026, 1, 29)] * 2
    conserved(shop, account)


@pytest.mark.rule("PTS-14")
def test_points_that_live_again_live_by_activity_still(make_world):
    """Reinstated with a grace of 3 days; and what a reversal gives back, where its lot has expired."""
    terms = {"grace": Term.of_days(3), "reinstating": Term.of_days(30)}
    shop = make_world(**SHOP | terms)
    account = shop.account()
    buy(shop, account, 1000)
    shop.wait(days=11)
    shop.ml.run_jobs()
    assert shop.org.ledger.reinstate(account, reason="goodwill").expires_at == midnight(2026, 1, 29)
    assert until(shop, account) == [midnight(2026, 1, 29)]
    buy(shop, account, 200)
    assert until(shop, account) == [midnight(2026, 2, 5)] * 2
    taken = shop.org.ledger.adjust(account, -12, reason="goodwill").entry
    shop.wait(days=9)
    shop.org.ledger.reverse(taken, reason="mistake")
    assert until(shop, account) == [midnight(2026, 2, 7)] * 2
    buy(shop, account, 100)
    assert until(shop, account) == [midnight(2026, 2, 14)] * 3
    conserved(shop, account)


@pytest.mark.rule("COM-8")
def test_what_has_expired_does_not_revive(shop):
    """Whether it was written down or not."""
    account = shop.account()
    buy(shop, account, 3000)
    shop.clock.set(midnight(2026, 1, 25))
    assert buy(shop, account, 100).available == 1
    assert [(each.kind, each.amount) for each in shop.entries(account)] == [
        (EntryKind.EARN, 30),
        (EntryKind.EXPIRE, -30),
        (EntryKind.EARN, 1),
    ]
    conserved(shop, account)


@pytest.mark.rule("PTS-9")
def test_a_held_lot_that_expired_does_not_revive_either(shop):
    account = shop.account()
    buy(shop, account, 3000)
    held = shop.org.ledger.hold(account, 10, until=midnight(2026, 3, 1))
    shop.clock.set(midnight(2026, 1, 27))
    buy(shop, account, 500)
    assert until(shop, account) == [midnight(2026, 1, 25), midnight(2026, 2, 6)]
    assert shop.org.ledger.release(held.hold).expired == 10
    assert shop.available(account) == 5
    conserved(shop, account)


def test_transferred_points_that_keep_live_by_the_activity_of_the_receiver(shop):
    """From their arrival on: what the receiver did before says nothing of them."""
    account, other = shop.account(), shop.account()
    buy(shop, account, 1000)
    shop.wait(days=4)
    buy(shop, other, 100)
    shop.wait(days=1)
    shop.org.ledger.transfer(source=account, target=other, points=4)
    assert until(shop, other) == [midnight(2026, 1, 25), midnight(2026, 1, 29)]
    shop.wait(days=1)
    buy(shop, other, 100)
    assert set(until(shop, other)) == {midnight(2026, 1, 31)}
    assert until(shop, account) == [midnight(2026, 1, 25)]
    conserved(shop, account, other)


@pytest.mark.rule("PTS-11")
def test_transferred_points_may_begin_anew(make_world):
    world = make_world(**SHOP, transfer=TransferPolicy(arrivals=Arrivals.NEW))
    account, other = world.account(credits=[9]), world.account()
    world.wait(days=4)
    world.org.ledger.transfer(source=account, target=other, points=4)
    assert (until(world, account), until(world, other)) == ([midnight(2026, 1, 25)], [midnight(2026, 1, 29)])


def test_a_named_expiry_stays_what_was_named(shop):
    account = shop.account()
    named = shop.clock.now() + timedelta(days=3)
    shop.org.ledger.credit(account, 5, reason="welcome", expires_at=named)
    shop.org.ledger.adjust(account, 5, reason="goodwill", expires_at=named)
    shop.wait(days=2)
    buy(shop, account, 100)
    assert until(shop, account)[:2] == [named, named]
    conserved(shop, account)


@pytest.mark.rule("PTS-5")
def test_points_that_wait_arrive_when_they_are_available(make_world):
    """What happens meanwhile is before their arrival."""
    rules = [EarningRule(key="later", gives=Fixed(50), pending=Term.of_days(20)), *EARNING.rules]
    world = make_world(**SHOP | {"earning": Earning(rules=rules)})
    account = world.account()
    bought = buy(world, account, 100)
    assert [lot.expires_at for lot in bought.lots] == [midnight(2026, 1, 25), midnight(2026, 2, 14)]
    world.wait(days=9)
    buy(world, account, 1, redeem=1)
    assert until(world, account) == [midnight(2026, 2, 14)]
    world.wait(days=15)
    buy(world, account, 100)
    assert until(world, account)[:1] == [midnight(2026, 2, 18)]
    conserved(world, account)


@pytest.mark.rule("PTS-16")
def test_a_past_balance_says_what_the_expiry_was_then(shop):
    account = shop.account()
    said = []
    for days, cents in ((0, 1000), (5, 700), (8, 0), (8, 300), (20, 100)):
        shop.wait(days=days)
        if cents:
            buy(shop, account, cents)
        said.append(shop.org.ledger.balance(account))
        shop.wait(microseconds=1)
    assert [(each.available, each.next_expiry) for each in said] == [
        (10, midnight(2026, 1, 25)),
        (17, midnight(2026, 1, 30)),
        (17, midnight(2026, 1, 30)),
        (3, midnight(2026, 2, 15)),
        (1, midnight(2026, 3, 7)),
    ]
    shop.ml.run_jobs()
    assert [shop.org.ledger.balance(account, as_of=each.at) for each in said] == said
    opened = [lot.expires_at for entry in shop.entries(account) for lot in entry.opened]
    assert opened[0] == midnight(2026, 1, 25), "an entry stays as it was"


def test_the_order_of_consumption_follows(make_world):
    """A named expiry that came last comes first once activity has moved the others."""
    world = make_world(**SHOP)
    account, other = world.account(), world.account()
    buy(world, account, 500)
    world.org.ledger.credit(account, 5, reason="welcome", expires_at=midnight(2026, 1, 28))
    world.wait(days=5)
    buy(world, account, 1, redeem=1)
    assert until(world, account) == [midnight(2026, 1, 28), midnight(2026, 1, 30)]
    world.org.ledger.transfer(source=account, target=other, points=5)
    assert [lot.remaining for lot in world.wallet(account).lots] == [4]
    conserved(world, account, other)


@pytest.mark.rule("COM-5", "COM-3")
@pytest.mark.parametrize(
    ("zone", "at", "term", "gone_from"),
    [
        ("Europe/Berlin", datetime(2028, 2, 29, 12), Term.of_years(1), datetime(2029, 2, 28)),
        ("Europe/Berlin", datetime(2026, 1, 31, 12), Term.of_months(1), datetime(2026, 2, 28)),
        ("Europe/Berlin", datetime(2026, 12, 31, 23, 59), Term.of_days(1), datetime(2027, 1, 1)),
        ("America/Havana", datetime(2026, 3, 7, 12), Term.of_days(1), datetime(2026, 3, 8, 1)),
    ],
)
def test_a_term_is_of_days_of_the_club(make_world, zone, at, term, gone_from):
    place = ZoneInfo(zone)
    at = at.replace(tzinfo=place).astimezone(UTC)
    world = make_world(**SHOP | {"expiry": Inactivity(term)}, zone=place, at=at - timedelta(hours=1))
    account = world.account(credits=[5])
    world.clock.set(at)
    buy(world, account, 1, redeem=1)
    assert [each.astimezone(place).replace(tzinfo=None) for each in until(world, account)] == [gone_from]


@pytest.mark.rule("PTS-19")
@pytest.mark.parametrize("order", Order)
def test_an_import_keeps_alive_as_the_till_would(make_world, order):
    """Purchases of one account in one chunk, days apart: some come in time, and one too late."""
    told = []
    for chunk in (1, 1000):
        world = make_world(**SHOP, at=datetime(2026, 3, 1, tzinfo=UTC), order=order)
        account = world.account()
        world.clock.set(datetime(2026, 8, 1, tzinfo=UTC))
        rows = [
            PurchaseRow(
                id=str(day),
                account=account,
                at=datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day, hours=day % 5),
                currency="EUR",
                lines=(PurchaseLine("thing", 1000),),
            )
            for day in (0, 8, 16, 17, 30, 38, 46)
        ]
        assert world.org.loyalty.import_purchases(rows, source="till", chunk=chunk).recorded == 7
        conserved(world, account)
        told.append((until(world, account), [(e.kind, e.amount, e.effective_at) for e in world.entries(account)]))
        world.ml.run_jobs()
        assert world.available(account) == 0
        conserved(world, account)
    assert told[0] == told[1]
    assert [(kind, amount) for kind, amount, _ in told[0][1] if kind is EntryKind.EXPIRE] == [(EntryKind.EXPIRE, -40)]


@pytest.mark.rule("COM-8", "PTS-16")
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["buy", "redeem", "hold", "capture", "transfer", "receive", "credit", "jobs"]),
            st.integers(1, 30),
            st.integers(0, 120),
        ),
        min_size=1,
        max_size=15,
    ),
    order=st.sampled_from(Order),
)
def test_whenever_the_jobs_run_points_live_as_a_plain_model_says(steps, order):
    """The model keeps for each part what it has and until when; jobs run often, or never."""
    told = []
    for jobs in (True, False):
        world = World(MemoryStorage(), **SHOP | {"expiry": Inactivity(Term.of_days(3))}, order=order)
        account, other, holds, said = world.account(), world.account(credits=[500]), [], []
        for step, number, hours in steps:
            now, entries = world.clock.now(), len(world.entries(account))
            known = {lot.id: lot.expires_at for lot in world.wallet(account).lots}
            try:
                if step == "buy":
                    buy(world, account, 100 * number)
                elif step == "redeem":
                    buy(world, account, number, redeem=number)
                elif step == "hold":
                    holds.append(world.org.ledger.hold(account, number, until=now + timedelta(hours=hours + 1)).hold)
                elif step == "capture" and holds:
                    world.org.ledger.capture(holds.pop())
                elif step == "transfer":
                    world.org.ledger.transfer(source=account, target=other, points=number)
                elif step == "receive":
                    world.org.ledger.transfer(source=other, target=account, points=number)
                elif step == "credit":
                    world.org.ledger.credit(account, number, reason="welcome")
            except MemberLogicError as refusal:
                said.append(refusal.code)
            new = world.entries(account)[entries:]
            lively = any(each.kind in (EntryKind.EARN, EntryKind.REDEEM, EntryKind.CAPTURE) for each in new)
            day = now.astimezone(BERLIN).date() + timedelta(days=3)
            moved = datetime.combine(day, time(), BERLIN).astimezone(UTC)
            for lot in world.wallet(account).lots:
                if lot.id in known and lively and known[lot.id] > now:
                    assert lot.expires_at == max(moved, known[lot.id])
                elif lot.id in known:
                    assert lot.expires_at == known[lot.id]
            for hour in range(hours):
                world.wait(hours=1)
                if jobs and hour % 7 == 0:
                    world.ml.run_jobs()
            said.append(world.org.ledger.balance(account))
            conserved(world, account, other)
            for each in said:
                if not isinstance(each, str):
                    assert world.org.ledger.balance(account, as_of=each.at) == each
            world.wait(microseconds=1)
        world.ml.run_jobs()
        figures = [each if isinstance(each, str) else (each.available, each.held, each.next_expiry) for each in said]
        told.append((figures, [(e.kind, e.amount, e.effective_at) for e in world.entries(account)]))
    assert told[0] == told[1]


def test_a_policy_is_a_term():
    with pytest.raises(InvalidInput) as refusal:
        Inactivity(30)
    assert refusal.value.path == "term"


@pytest.mark.rule("COM-10")
def test_a_club_that_was_stored_before_can_still_be_read():
    """Its definition says nothing of order, pending points or inactivity."""
    world = World(MemoryStorage(), **SHOP | {"expiry": TEN_DAYS})
    stored = to_json(world.club)
    del stored["order"]
    stored["expiry"] = {"is": "After", "term": {"days": 30, "months": 0}, "to_end_of": None}
    for rule in stored["earning"]["rules"]:
        del rule["pending"]
    club = from_json(Club, stored)
    assert (club.order, club.earning.rules[0].pending) == (Order.SOONEST_EXPIRY, None)
    assert from_json(Club, to_json(world.club)) == world.club


@pytest.mark.rule("COM-21", "COM-8")
@pytest.mark.parametrize("jobs", [True, False])
def test_what_expired_only_for_lack_of_a_late_purchase_lives_again(shop, jobs):
    """10 of 15 January are gone on the 25th. One of the 22nd, recorded on the 27th, keeps them until 1 February:
    whether it was written down meanwhile that they were gone, or not.
    """
    account = shop.account()
    buy(shop, account, 1000)
    shop.clock.set(midnight(2026, 1, 27))
    if jobs:
        shop.ml.run_jobs()
    assert shop.available(account) == 0
    buy(shop, account, 500, at=midnight(2026, 1, 22))
    balance = shop.org.ledger.balance(account)
    assert (balance.available, balance.next_expiry) == (15, midnight(2026, 2, 1))
    kinds = [(each.kind, each.amount, each.effective_at) for each in shop.entries(account)]
    assert ((EntryKind.REINSTATE, 10, midnight(2026, 1, 25)) in kinds) is jobs
    conserved(shop, account)
    shop.clock.set(midnight(2026, 2, 1))
    shop.ml.run_jobs()
    assert shop.available(account) == 0
    conserved(shop, account)


@pytest.mark.rule("COM-21")
def test_what_lives_again_lives_by_the_activity_that_was_known(shop):
    """The purchase of the 29th found nothing left; with the one of the 22nd it kept both."""
    account = shop.account()
    buy(shop, account, 1000)
    shop.clock.set(midnight(2026, 1, 29))
    assert buy(shop, account, 100).available == 1
    shop.wait(days=1)
    buy(shop, account, 500, at=midnight(2026, 1, 22))
    assert until(shop, account) == [midnight(2026, 2, 8)] * 3
    assert shop.available(account) == 16
    again = [each for each in shop.entries(account) if each.kind is EntryKind.REINSTATE]
    assert [each.because[0].code for each in again] == ["points.kept_alive_after_all"]
    buy(shop, account, 500, at=midnight(2026, 1, 23))
    assert len([each for each in shop.entries(account) if each.kind is EntryKind.REINSTATE]) == 1
    conserved(shop, account)


@pytest.mark.rule("COM-21")
def test_what_is_over_by_now_is_gone_again_at_its_own_instant(shop):
    """What the late purchase earned is gone with what it kept alive: nothing was done here until 20 February."""
    account = shop.account()
    buy(shop, account, 1000)
    shop.clock.set(midnight(2026, 2, 20))
    buy(shop, account, 100)
    buy(shop, account, 500, at=midnight(2026, 1, 22))
    gone = [(e.amount, e.effective_at) for e in shop.entries(account) if e.kind is EntryKind.EXPIRE]
    assert gone == [(-10, midnight(2026, 1, 25)), (-15, midnight(2026, 2, 1))]
    assert shop.available(account) == 1
    conserved(shop, account)
    buy(shop, account, 200, at=midnight(2026, 1, 31))
    gone = [(e.amount, e.effective_at) for e in shop.entries(account) if e.kind is EntryKind.EXPIRE]
    assert gone[2:] == [(-17, midnight(2026, 2, 10))]
    conserved(shop, account)


@pytest.mark.rule("COM-21")
def test_what_a_late_purchase_earned_lives_by_the_activity_that_followed_it_in_time(shop):
    """Earned on 15 January and told on 2 February: the purchase of the 24th kept it, that of 2 February too."""
    account = shop.account()
    opened = shop.clock.now()
    shop.clock.set(midnight(2026, 1, 24))
    buy(shop, account, 100)
    shop.clock.set(midnight(2026, 2, 2))
    buy(shop, account, 100)
    buy(shop, account, 500, at=opened)
    assert until(shop, account) == [midnight(2026, 2, 12)] * 3
    conserved(shop, account)


@pytest.mark.rule("COM-21", "PTS-11", "PTS-16")
def test_a_late_purchase_keeps_nothing_alive_that_was_sent_here_after_it(shop):
    """10 of 15 January are sent on the 23rd; the receiver's purchase of the 22nd, told later, says nothing of them."""
    giver, receiver = shop.account(), shop.account()
    buy(shop, giver, 1000)
    shop.clock.set(midnight(2026, 1, 23))
    shop.org.ledger.transfer(source=giver, target=receiver, points=10)
    shop.wait(hours=1)
    said = shop.org.ledger.balance(receiver)
    shop.wait(hours=1)
    buy(shop, receiver, 100, at=midnight(2026, 1, 22))
    assert until(shop, receiver) == [midnight(2026, 1, 25), midnight(2026, 2, 1)]
    assert shop.org.ledger.balance(receiver, as_of=said.at) == said
    later = shop.org.ledger.balance(receiver)
    shop.wait(hours=1)
    assert shop.org.ledger.balance(receiver, as_of=later.at) == later
    told = shop.org.ledger.outstanding(shop.club.id, as_of=later.at)
    assert [(each.day.day, each.points) for each in told.expiring] == [(25, 10), (1, 1)]
    conserved(shop, giver, receiver)


@pytest.mark.rule("COM-21", "COM-8")
@pytest.mark.parametrize("jobs", [True, False])
def test_what_lives_again_pays_a_purchase_of_before_it_was_gone(shop, jobs):
    """10 of 15 January are kept alive by a purchase of the 22nd that is told on the 27th; then one of the 20th is told
    that they paid.
    """
    account = shop.account()
    buy(shop, account, 1000)
    shop.clock.set(midnight(2026, 1, 27))
    if jobs:
        shop.ml.run_jobs()
    buy(shop, account, 500, at=midnight(2026, 1, 22))
    assert buy(shop, account, 10, at=midnight(2026, 1, 20), redeem=10).redeemed_points == 10
    assert shop.available(account) == 5
    conserved(shop, account)


@pytest.mark.rule("COM-21")
@given(
    days=st.lists(st.integers(0, 30), min_size=2, max_size=6),
    late=st.integers(0, 5),
    jobs=st.booleans(),
)
def test_a_late_purchase_leaves_what_it_would_have_in_time(days, late, jobs):
    """Points on any later day, against the same purchases recorded each on its day."""
    left = []
    for in_time in (True, False):
        world = World(MemoryStorage(), **SHOP | {"expiry": Inactivity(Term.of_days(5))}, at=midnight(2026, 1, 1))
        account, start = world.account(), midnight(2026, 1, 1) + timedelta(hours=12)
        when = list(enumerate(days))
        order = sorted(when, key=lambda each: each[1])
        held = when[late % len(when)]
        if not in_time:
            order = [each for each in order if each != held]
        for number, day in order:
            world.clock.set(max(world.clock.now(), start + timedelta(days=day)))
            buy(world, account, 100 * 2**number, str(number))
            if jobs and not in_time:
                world.ml.run_jobs()
        world.clock.set(start + timedelta(days=31))
        if jobs:
            world.ml.run_jobs()
        if not in_time:
            buy(world, account, 100 * 2 ** held[0], str(held[0]), at=start + timedelta(days=held[1]))
        conserved(world, account)
        left.append([])
        for _ in range(8):
            left[-1].append(world.available(account))
            world.wait(days=1)
    assert left[0] == left[1]


def test_other_points_are_gone_in_time_where_the_first_that_live_by_activity_came_to_them(make_world):
    world = make_world(expiry=TEN_DAYS)
    account, start = world.account(), world.clock.now()
    world.org.ledger.credit(account, 5, reason="welcome", expires_at=start + timedelta(days=1))
    world.org.ledger.credit(account, 7, reason="welcome")
    assert world.wallet(account).next_change == start + timedelta(days=1)
    world.wait(days=1)
    assert world.available(account) == 7
    world.ml.run_jobs()
    assert (world.available(account), world.wallet(account).remaining) == (7, 7)
    conserved(world, account)


@pytest.mark.rule("COM-8", "PTS-12")
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("soonest", [3, 15])
def test_the_first_points_that_live_by_activity_hide_no_expiry_and_are_hidden_by_none(make_world, order, soonest):
    """5 are named to live for some days and 30 for twenty; then 36 come that live for ten days without activity."""
    world = make_world(**SHOP | {"order": order})
    account, start = world.account(), world.clock.now()
    ends = {points: start + timedelta(days=days) for points, days in ((5, soonest), (30, 20))}
    for points, end in ends.items():
        world.org.ledger.credit(account, points, reason="welcome", expires_at=end)
    ends[36] = world.org.ledger.credit(account, 36, reason="welcome").expires_at
    assert world.wallet(account).next_change == min(ends.values())
    for days in (4, 11, 16, 21):
        world.clock.set(start + timedelta(days=days))
        assert world.available(account) == sum(points for points, end in ends.items() if end > world.clock.now())
        conserved(world, account)


def held_beyond_its_end(shop):
    """30 points of the 15th, gone from the 25th, of which a hold keeps 20 until the 31st; a purchase on the 27th; a
    purchase of the 20th, which would have kept them until the 30th, is told later. With it they live until 6 February,
    by the 27th.
    """
    account = shop.account()
    buy(shop, account, 3000)
    shop.org.ledger.hold(account, 20, until=shop.clock.now() + timedelta(days=16))
    shop.wait(days=12)
    buy(shop, account, 100)
    return account


@pytest.mark.rule("COM-21")
@pytest.mark.parametrize("jobs", [False, True], ids=["no jobs", "jobs"])
def test_what_a_hold_kept_beyond_its_end_lives_by_all_activity_once_a_late_purchase_reaches_it(shop, jobs):
    """Told while the hold still runs: the activity of the 27th was in time after all."""
    account = held_beyond_its_end(shop)
    shop.wait(days=1)
    if jobs:
        shop.ml.run_jobs()
    buy(shop, account, 100, at=shop.clock.now() - timedelta(days=8))
    assert until(shop, account) == [midnight(2026, 2, 6)] * 4
    shop.wait(days=4)
    assert shop.available(account) == 32
    shop.wait(days=5)
    assert shop.available(account) == 0
    conserved(shop, account)


@pytest.mark.rule("COM-21", "PTS-10")
def test_what_comes_back_to_points_that_were_spent_lives_by_all_activity(shop):
    """They were spent before their end: a late purchase moves that as it moves the end of what is there."""
    account = shop.account()
    buy(shop, account, 3000)
    shop.wait(days=1)
    buy(shop, account, 30, "paid", redeem=30)
    shop.wait(days=11)
    buy(shop, account, 100)
    shop.wait(days=1)
    buy(shop, account, 100, at=shop.clock.now() - timedelta(days=5))
    shop.org.loyalty.return_purchase(purchase=ExternalId("till", "paid"), receipt=ExternalId("till", "back"), amount=30)
    assert until(shop, account) == [midnight(2026, 2, 6)] * 3
    conserved(shop, account)


@pytest.mark.rule("PTS-16", "PTS-17", "COM-21")
def test_a_past_balance_does_not_know_what_was_told_later_of_what_a_hold_kept(shop):
    """On 1 February the hold had run out and the points were gone; a purchase told on the 2nd makes them live again."""
    account = held_beyond_its_end(shop)
    shop.wait(days=5)
    said, counted = shop.org.ledger.balance(account), shop.org.ledger.outstanding(shop.club.id)
    assert (said.available, counted.available) == (1, 1)
    shop.wait(days=1)
    buy(shop, account, 100, at=shop.clock.now() - timedelta(days=13))
    assert shop.available(account) == 32
    assert shop.org.ledger.balance(account, as_of=said.at) == said
    assert shop.org.ledger.outstanding(shop.club.id, as_of=said.at) == counted
    conserved(shop, account)
