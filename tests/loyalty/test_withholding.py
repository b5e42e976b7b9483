"""PTS-5: points that a rule holds back, from the purchase until they are available, on every store."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.test_owing import owe, state

from memberlogic import (
    After,
    Basis,
    CalendarPeriod,
    Daily,
    Downgrade,
    Earning,
    EarningRule,
    ExternalId,
    Fixed,
    FixedDay,
    Maximum,
    Metric,
    Multiplier,
    Never,
    Order,
    Progression,
    PurchaseLine,
    PurchaseRow,
    Rate,
    Redeeming,
    Scheme,
    Term,
    Upgrade,
    WalletId,
)
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.ledger.model import EntryKind
from memberlogic.ledger.reading import Awaited
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.loyalty.closing import AccountHasPoints
from memberlogic.loyalty.purchases import EarnedLot
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-5")
BERLIN = ZoneInfo("Europe/Berlin")
TWO_WEEKS = Term.of_days(14)
BASE = EarningRule(key="base", gives=Rate(1, per=100))
BONUS = EarningRule(key="bonus", gives=Fixed(50), pending=TWO_WEEKS)


def buy(world, account, cents, number="1", **said):
    return world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", number),
        lines=[PurchaseLine("thing", cents)],
        currency="EUR",
        **said,
    )


def midnight(year, month, day):
    return datetime(year, month, day, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
def shop(make_world):
    """A club whose bonus of 50 is held back for two weeks; points live for 30 days."""
    return make_world(
        expiry=After(Term.of_days(30)),
        earning=Earning(rules=[BASE, BONUS]),
        redeeming=Redeeming(points=1, value=1),
    )


def test_a_purchase_says_of_each_lot_since_when_and_until_when_it_can_be_spent(shop):
    account = shop.account()
    bought = buy(shop, account, 1000)
    assert (bought.earned, bought.available, bought.pending) == (60, 10, 50)
    assert bought.lots == (
        EarnedLot(10, None, midnight(2026, 2, 14)),
        EarnedLot(50, midnight(2026, 1, 29), midnight(2026, 2, 28)),
    )
    assert bought.expires_at == midnight(2026, 2, 14)
    (why,) = [each for each in bought.because if each.code == "earning.pending"]
    assert why.figures == {"points": 50, "term": "14 days", "available_on": "2026-01-29"}
    again = buy(shop, account, 1000)
    assert again == bought
    assert shop.org.loyalty.find_purchase("till", "1").purchase.lots == bought.lots


def test_they_are_pending_and_then_available_by_the_clock_alone(shop):
    account = shop.account()
    buy(shop, account, 1000)
    balance = shop.org.ledger.balance(account)
    assert (balance.available, balance.pending, balance.held) == (10, 50, 0)
    assert balance.awaited == (Awaited(date(2026, 1, 29), 50),)
    shop.clock.set(midnight(2026, 1, 29) - timedelta(microseconds=1))
    assert shop.available(account) == 10
    conserved(shop, account)
    shop.wait(microseconds=1)
    balance = shop.org.ledger.balance(account)
    assert (balance.available, balance.pending, balance.awaited) == (60, 0, ())
    assert len(shop.entries(account)) == 1, "nothing was written"
    conserved(shop, account)
    shop.ml.run_jobs()
    entry = shop.entries(account)[-1]
    assert (entry.kind, entry.amount, entry.debt) == (EntryKind.AVAILABLE, 0, 0)
    assert (entry.effective_at, entry.business_day) == (midnight(2026, 1, 29), date(2026, 1, 29))
    assert [each.points for each in entry.slices] == [0]
    (event,) = [each for each in shop.events() if each.event.type == "points.available"]
    assert (event.event.became, event.event.points, event.effective_at) == (50, 0, entry.effective_at)
    conserved(shop, account)
    shop.ml.run_jobs()
    assert len(shop.entries(account)) == 2


def test_the_term_of_expiry_counts_from_then(shop):
    account = shop.account()
    buy(shop, account, 1000)
    shop.clock.set(midnight(2026, 2, 28) - timedelta(microseconds=1))
    assert shop.available(account) == 50
    shop.wait(microseconds=1)
    assert shop.available(account) == 0
    shop.ml.run_jobs()
    assert [(each.kind, each.amount, each.business_day) for each in shop.entries(account)] == [
        (EntryKind.EARN, 60, date(2026, 1, 15)),
        (EntryKind.AVAILABLE, 0, date(2026, 1, 29)),
        (EntryKind.EXPIRE, -10, date(2026, 2, 14)),
        (EntryKind.EXPIRE, -50, date(2026, 2, 28)),
    ]
    conserved(shop, account)


def test_nothing_spends_pending_points(shop):
    account, other = shop.account(), shop.account()
    buy(shop, account, 1000)
    ledger, loyalty, now = shop.org.ledger, shop.org.loyalty, shop.clock.now()
    quote = loyalty.quote(account, total=10_000, currency="EUR")
    assert (quote.points, quote.available) == (10, 10)
    assert [each.figures for each in quote.because if each.code == "redeem.pending"] == [{"pending": 50}]
    for act in (
        lambda: ledger.transfer(source=account, target=other, points=11),
        lambda: ledger.hold(account, 11, until=now + timedelta(days=1)),
        lambda: buy(shop, account, 1000, "2", redeem=11),
    ):
        with pytest.raises(InsufficientPoints) as refusal:
            act()
        assert refusal.value.details["available"] == 10
    held = ledger.hold(account, 4, until=now + timedelta(days=1))
    ledger.transfer(source=account, target=other, points=6)
    assert state(shop, account) == (0, 4, 0)
    ledger.capture(held.hold)
    with pytest.raises(AccountHasPoints):
        loyalty.close_account(account)
    balance = ledger.balance(account)
    assert (balance.available, balance.held, balance.pending) == (0, 0, 50)
    conserved(shop, account, other)
    shop.wait(days=14)
    ledger.transfer(source=account, target=other, points=50)
    assert shop.available(other) == 56
    conserved(shop, account, other)


def test_a_statement_shows_them_with_their_day(shop):
    account = shop.account()
    buy(shop, account, 1000)
    statement = shop.org.ledger.statement(account, since=date(2026, 1, 1), until=date(2026, 2, 1))
    assert (statement.closing, statement.available, statement.pending) == (60, 10, 50)
    assert statement.awaited == (Awaited(date(2026, 1, 29), 50),)
    assert [(each.day, each.points) for each in statement.expiring] == [
        (date(2026, 2, 14), 10),
        (date(2026, 2, 28), 50),
    ]
    assert "50 are pending and become available on 2026-01-29." in statement.text()
    shop.wait(days=20)
    unwritten = shop.org.ledger.statement(account, since=date(2026, 1, 1), until=date(2026, 2, 1))
    shop.ml.run_jobs()
    written = shop.org.ledger.statement(account, since=date(2026, 1, 1), until=date(2026, 2, 1))
    for said in (unwritten, written):
        assert [(each.kind, each.points, each.balance) for each in said.lines] == [
            (EntryKind.EARN, 60, 60),
            (EntryKind.AVAILABLE, 0, 60),
        ]
        assert (said.later, said.awaited) == ((), ())


def test_a_past_balance_says_what_was_pending_then(shop):
    account = shop.account()
    buy(shop, account, 1000)
    said = [shop.org.ledger.balance(account)]
    for days in (13, 1, 1, 30):
        shop.wait(days=days)
        said.append(shop.org.ledger.balance(account))
        shop.ml.run_jobs()
        shop.wait(microseconds=1)
    assert [(each.available, each.pending) for each in said] == [(10, 50), (10, 50), (60, 0), (60, 0), (0, 0)]
    assert [shop.org.ledger.balance(account, as_of=each.at) for each in said] == said


def test_what_a_club_owes_counts_them_apart(shop):
    accounts = [shop.account() for _ in range(2)]
    for number, account in enumerate(accounts):
        buy(shop, account, 1000, str(number))
    shop.org.ledger.hold(accounts[0], 3, until=shop.clock.now() + timedelta(days=90))
    for days, available, pending, held, total in ((0, 17, 100, 3, 120), (14, 117, 0, 3, 120), (16, 100, 0, 3, 103)):
        shop.wait(days=days)
        for _ in ("not written down", "written down"):
            owed = shop.org.ledger.outstanding(shop.club.id)
            assert (owed.available, owed.pending, owed.held, owed.outstanding) == (available, pending, held, total)
            assert sum(each.points for each in owed.expiring) == available + pending
            shop.ml.run_jobs()


@pytest.mark.rule("PTS-10")
def test_debt_is_settled_when_they_become_available_not_before(shop):
    account = shop.account()
    owe(shop, account, 30)
    bought = buy(shop, account, 1000)
    assert (bought.settled_debt, bought.available, bought.pending) == (10, 0, 50)
    assert [lot.points for lot in bought.lots] == [50]
    assert (state(shop, account), shop.org.ledger.balance(account).pending) == ((0, 0, 20), 50)
    conserved(shop, account)
    shop.wait(days=14)
    for _ in ("not written down", "written down"):
        assert state(shop, account) == (30, 0, 0)
        owed = shop.org.ledger.outstanding(shop.club.id)
        assert (owed.outstanding, owed.available, owed.pending, owed.held, owed.debt) == (30, 30, 0, 0, 0)
        conserved(shop, account)
        shop.ml.run_jobs()
    available, settled = shop.entries(account)[-2:]
    assert (available.kind, available.amount, available.debt) == (EntryKind.AVAILABLE, 0, 0)
    assert (settled.kind, settled.amount, settled.debt) == (EntryKind.SETTLE, 0, 20)
    assert available.effective_at == settled.effective_at == midnight(2026, 1, 29)


@pytest.mark.rule("COM-8")
def test_at_one_instant_holds_run_out_before_pending_points_come_and_these_before_expiry(make_world):
    """All at midnight of 29 January: the hold frees 5, pending 50 come, and what the hold freed is gone."""
    world = make_world(earning=Earning(rules=[BONUS]))
    account, at = world.account(), midnight(2026, 1, 29)
    world.org.ledger.credit(account, 5, reason="welcome", expires_at=at)
    world.org.ledger.hold(account, 5, until=at)
    buy(world, account, 100)
    owe(world, account, 3)
    world.clock.set(at)
    assert state(world, account) == (47, 0, 0)
    world.ml.run_jobs()
    assert [(each.kind, each.amount, each.debt) for each in world.entries(account)[-3:]] == [
        (EntryKind.AVAILABLE, 0, 0),
        (EntryKind.SETTLE, 0, 3),
        (EntryKind.EXPIRE, -5, 0),
    ]
    assert all(each.effective_at == at for each in world.entries(account)[-3:])
    conserved(world, account)


def test_several_terms_are_several_lots_split_by_largest_remainder(make_world):
    """10 at once, 10/3 for a week, 20/3 for a month: 20 in all, so the month's larger remainder gets the point."""
    rules = [
        BASE,
        EarningRule(key="week", gives=Rate(1, per=300), pending=Term.of_days(7)),
        EarningRule(key="month", gives=Rate(2, per=300), pending=Term.of_months(1)),
    ]
    world = make_world(earning=Earning(rules=rules))
    account = world.account()
    bought = buy(world, account, 1000)
    assert bought.earned == 20
    assert [(lot.points, lot.available_at) for lot in bought.lots] == [
        (10, None),
        (3, midnight(2026, 1, 22)),
        (7, midnight(2026, 2, 15)),
    ]
    conserved(world, account)


def test_a_term_is_a_lot_though_several_rules_have_it(make_world):
    rules = [BONUS, EarningRule(key="more", gives=Rate(1, per=100), pending=TWO_WEEKS)]
    world = make_world(earning=Earning(rules=rules))
    bought = buy(world, world.account(), 1000)
    assert [(lot.points, lot.available_at) for lot in bought.lots] == [(60, midnight(2026, 1, 29))]
    assert bought.available == 0


def test_what_is_multiplied_is_available_when_that_is(make_world):
    rules = [
        BASE,
        EarningRule(key="later", gives=Rate(1, per=200), pending=TWO_WEEKS),
        EarningRule(key="double", gives=Multiplier(Fraction(2))),
    ]
    world = make_world(earning=Earning(rules=rules))
    assert [lot.points for lot in buy(world, world.account(), 1000).lots] == [20, 10]
    with pytest.raises(InvalidInput) as refusal:
        EarningRule(key="double", gives=Multiplier(Fraction(2)), pending=TWO_WEEKS)
    assert refusal.value.path == "pending"


def test_a_cap_takes_from_every_term_in_proportion(make_world):
    world = make_world(earning=Earning(rules=[BASE, BONUS], most_per_purchase=30))
    bought = buy(world, world.account(), 1000)
    assert [lot.points for lot in bought.lots] == [5, 25]


@pytest.mark.rule("PTS-3")
def test_a_blocked_account_has_nothing_to_wait_for(shop):
    account = shop.account()
    shop.org.loyalty.block_account(account, reason="fraud")
    bought = buy(shop, account, 1000)
    assert (bought.earned, bought.lots, bought.pending) == (0, (), 0)


@pytest.mark.rule("PTS-1")
def test_what_is_pending_becomes_available_on_a_blocked_account(shop):
    """No point moves."""
    account = shop.account()
    buy(shop, account, 1000)
    shop.org.loyalty.block_account(account, reason="fraud")
    shop.wait(days=14)
    shop.ml.run_jobs()
    assert (state(shop, account), shop.entries(account)[-1].kind) == ((60, 0, 0), EntryKind.AVAILABLE)
    conserved(shop, account)


@pytest.mark.rule("SCH-2")
def test_they_count_for_the_scheme_when_they_are_earned(make_world):
    world = make_world(
        earning=Earning(rules=[BONUS]),
        schemes=[Scheme(code="low", name="Low"), Scheme(code="high", name="High", threshold=50)],
        progression=Progression(
            metric=Metric.POINTS_EARNED,
            window=Term.of_days(30),
            upgrade=Upgrade.AT_ONCE,
            downgrade=Downgrade.NEVER,
            review=Daily(),
        ),
    )
    account = world.account()
    assert buy(world, account, 100).available == 0
    assert world.org.loyalty.account(account).scheme == "high"


@pytest.mark.rule("PTS-2")
def test_they_count_for_a_cap_when_they_are_earned(make_world):
    world = make_world(earning=Earning(rules=[BONUS], caps=[Maximum(60, CalendarPeriod.MONTH)]))
    account = world.account()
    assert [buy(world, account, 100, number).earned for number in "123"] == [50, 10, 0]


@pytest.mark.rule("PTS-19")
def test_an_import_of_a_year_holds_back_as_the_till_would(make_world):
    """Purchases a week apart in one chunk: what becomes available between them can be spent by the later ones."""
    told = []
    for chunk in (1, 1000):
        world = make_world(at=datetime(2026, 3, 1, tzinfo=UTC), earning=Earning(rules=[BASE, BONUS]))
        account = world.account()
        world.clock.set(datetime(2026, 8, 1, tzinfo=UTC))
        rows = [
            PurchaseRow(
                id=str(number),
                account=account,
                at=datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=7 * number),
                currency="EUR",
                lines=(PurchaseLine("thing", 1000),),
            )
            for number in range(6)
        ]
        assert world.org.loyalty.import_purchases(rows, source="till", chunk=chunk).recorded == 6
        available = [world.org.loyalty.find_purchase("till", str(number)).purchase.available for number in range(6)]
        world.ml.run_jobs()
        told.append((available, [(each.kind, each.amount, each.effective_at) for each in world.entries(account)]))
        assert world.available(account) == 360
        conserved(world, account)
    assert told[0] == told[1]
    assert told[0][0] == [10, 20, 80, 140, 200, 260]


@pytest.mark.rule("COM-3", "COM-5")
@pytest.mark.parametrize(
    ("zone", "at", "term", "available"),
    [
        # 28 February 2028 and a day is the 29th; a year after the 29th is 28 February.
        ("Europe/Berlin", datetime(2028, 2, 28, 12), Term.of_days(1), datetime(2028, 2, 29)),
        ("Europe/Berlin", datetime(2028, 2, 29, 12), Term.of_years(1), datetime(2029, 2, 28)),
        ("Europe/Berlin", datetime(2026, 1, 31, 12), Term.of_months(1), datetime(2026, 2, 28)),
        # The last minute of a year is that year's day.
        ("Europe/Berlin", datetime(2026, 12, 31, 23, 59), Term.of_days(1), datetime(2027, 1, 1)),
        # In Havana 8 March 2026 begins at one o'clock.
        ("America/Havana", datetime(2026, 3, 7, 12), Term.of_days(1), datetime(2026, 3, 8, 1)),
    ],
)
def test_a_term_is_of_days_of_the_club(make_world, zone, at, term, available):
    place = ZoneInfo(zone)
    world = make_world(
        at=at.replace(tzinfo=place).astimezone(UTC),
        zone=place,
        earning=Earning(rules=[EarningRule(key="all", gives=Rate(1, per=1), pending=term)]),
    )
    (lot,) = buy(world, world.account(), 7).lots
    assert lot.available_at.astimezone(place).replace(tzinfo=None) == available


@pytest.mark.rule("PTS-6", "PTS-7")
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(
    ("expiry", "until"),
    [
        (Never(), None),
        (After(Term.of_months(1), CalendarPeriod.QUARTER), midnight(2026, 4, 1)),
        (FixedDay(month=2, day=10, minimum_life=Term.of_days(14)), midnight(2027, 2, 10)),
    ],
)
def test_every_policy_of_expiry_counts_from_availability(make_world, expiry, until, order):
    """29 January and two weeks is 12 February, after the fixed day."""
    world = make_world(expiry=expiry, order=order, earning=Earning(rules=[BONUS]))
    account = world.account()
    assert [lot.expires_at for lot in buy(world, account, 100).lots] == [until]
    world.wait(days=14)
    world.org.ledger.transfer(source=account, target=world.account(), points=1)
    assert world.available(account) == 49
    conserved(world, account)


@pytest.mark.rule("COM-8")
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["buy", "owe", "hold", "spend", "jobs", "jobs"]), st.integers(1, 40), st.integers(0, 80)
        ),
        min_size=1,
        max_size=15,
    )
)
def test_settling_every_few_hours_gives_the_same_as_never(steps):
    """Whatever happens meanwhile, and with debt: what is told, and in the end what is written."""
    told = []
    for jobs in (True, False):
        world = World(
            MemoryStorage(),
            expiry=After(Term.of_days(3)),
            earning=Earning(rules=[BASE, EarningRule(key="later", gives=Rate(1, per=50), pending=Term.of_days(2))]),
        )
        account, other, said = world.account(), world.account(), []
        for number, (step, points, hours) in enumerate(steps):
            try:
                if step == "buy":
                    buy(world, account, 100 * points, str(number))
                elif step == "owe" and not world.available(account):
                    world.org.ledger.settle([WalletId(account)])  # as every command does
                    owe(world, account, points)
                elif step == "hold":
                    world.org.ledger.hold(account, points, until=world.clock.now() + timedelta(hours=hours + 1))
                elif step == "spend":
                    world.org.ledger.transfer(source=account, target=other, points=points)
            except MemberLogicError as refusal:
                said.append(refusal.code)
            for hour in range(hours):
                world.wait(hours=1)
                if jobs and step == "jobs" and hour % 5 == 0:
                    world.ml.run_jobs()
            balance = world.org.ledger.balance(account)
            said.append((balance.available, balance.held, balance.pending, balance.debt, balance.awaited))
            conserved(world, account, other)
        world.ml.run_jobs()
        written = [(e.kind, e.amount, e.debt, e.effective_at) for e in world.entries(account)]
        told.append((said, written))
    assert told[0] == told[1]


@given(
    amounts=st.lists(st.integers(0, 5000), min_size=1, max_size=4),
    rates=st.lists(st.tuples(st.integers(1, 7), st.integers(1, 300), st.integers(0, 3)), min_size=1, max_size=4),
    bonuses=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3)), max_size=2),
    factor=st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(7, 3)]),
    most=st.one_of(st.none(), st.integers(0, 200)),
)
def test_the_split_is_what_a_plain_reckoning_says(amounts, rates, bonuses, factor, most):
    """Exact shares by term; the sum is rounded and capped once, remainders go to the largest, earlier ones first."""
    terms = [None, Term.of_days(1), Term.of_days(9), Term.of_months(1)]
    rules = [EarningRule(key=f"r{i}", gives=Rate(n, per=m), pending=terms[t]) for i, (n, m, t) in enumerate(rates)]
    rules += [EarningRule(key=f"b{i}", gives=Fixed(n), pending=terms[t]) for i, (n, t) in enumerate(bonuses)]
    rules += [EarningRule(key="times", gives=Multiplier(factor))]
    world = World(MemoryStorage(), earning=Earning(rules=rules, most_per_purchase=most))
    bought = world.org.loyalty.record_purchase(
        account=world.account(),
        purchase=ExternalId("till", "1"),
        lines=[PurchaseLine(f"thing {number}", cents) for number, cents in enumerate(amounts)],
        currency="EUR",
    )
    total = sum(amounts)
    exact = {
        term: sum((Fraction(n * total, m) * factor for n, m, t in rates if terms[t] == term), Fraction(0))
        + sum(n for n, t in bonuses if terms[t] == term and total)
        for term in terms
    }
    points = int(sum(exact.values()))
    points = points if most is None else min(points, most)
    scale = Fraction(points) / sum(exact.values()) if total else Fraction(0)
    parts = {term: int(exact[term] * scale) for term in terms}
    by_remainder = sorted(terms, key=lambda term: (-(exact[term] * scale - parts[term]), terms.index(term)))
    for term in by_remainder[: points - sum(parts.values())]:
        parts[term] += 1
    expected = [
        (parts[term], term and datetime.combine(term.after(date(2026, 1, 15)), time(), BERLIN).astimezone(UTC))
        for term in terms
        if parts[term]
    ]
    assert [(lot.points, lot.available_at) for lot in bought.lots] == expected
    assert bought.earned == points


@pytest.mark.rule("PTS-14")
def test_writing_off_takes_what_is_pending_too(shop):
    account = shop.account()
    buy(shop, account, 1000)
    assert shop.org.ledger.write_off(account, reason="goodwill").points == 60
    balance = shop.org.ledger.balance(account)
    assert (balance.available, balance.pending, balance.awaited) == (0, 0, ())
    shop.wait(days=20)
    shop.ml.run_jobs()
    assert shop.storage.due(shop.clock.now(), 100_000) == []
    assert shop.entries(account)[-1].kind is EntryKind.WRITE_OFF
    conserved(shop, account)


def test_pieces_can_be_held_back_too(make_world):
    rules = [EarningRule(key="bottles", gives=Rate(5, per=1, basis=Basis.QUANTITY), pending=TWO_WEEKS)]
    world = make_world(earning=Earning(rules=rules))
    bought = world.org.loyalty.record_purchase(
        account=world.account(),
        purchase=ExternalId("till", "1"),
        lines=[PurchaseLine("bottle", 300, quantity=3)],
        currency="EUR",
    )
    assert [(lot.points, lot.available_at) for lot in bought.lots] == [(15, midnight(2026, 1, 29))]


@pytest.mark.rule("PTS-10")
def test_a_return_takes_back_its_own_pending_points_and_no_others(shop):
    """A purchase of 10 at once and 50 pending: the 10 are gone, so what is missing of its own is owed."""
    account, other = shop.account(), shop.account()
    buy(shop, account, 1000, "1")
    buy(shop, account, 1000, "2")
    shop.org.ledger.transfer(source=account, target=other, points=20)
    done = shop.org.loyalty.return_purchase(
        purchase=ExternalId("till", "1"), receipt=ExternalId("till", "r1"), amount=1000
    )
    assert (done.taken, done.debt) == (60, 10)
    balance = shop.org.ledger.balance(account)
    assert (balance.available, balance.pending, balance.debt) == (0, 50, 10)
    conserved(shop, account, other)
    shop.wait(days=14)
    assert state(shop, account) == (40, 0, 0)
    shop.ml.run_jobs()
    conserved(shop, account, other)


@pytest.mark.rule("PTS-14")
def test_reversing_what_was_earned_takes_its_pending_points_and_no_others(shop):
    account = shop.account()
    buy(shop, account, 1000, "1")
    buy(shop, account, 500, "2")
    entry = shop.org.loyalty.find_purchase("till", "1").purchase.earn_entry
    assert shop.org.ledger.balance(account).pending == 100
    done = shop.org.ledger.reverse(entry, reason="mistake")
    after = shop.org.ledger.balance(account)
    assert (done.points, after.available, after.pending, after.debt) == (-60, 5, 50, 0)
    conserved(shop, account)


@pytest.mark.rule("PTS-14")
def test_what_was_written_off_while_it_waited_comes_back_as_it_is_by_then(shop):
    """Reversed before its day it waits again; after its day it is available at once, and an entry says so."""
    for days, waits in ((1, True), (20, False)):
        account = shop.account()
        buy(shop, account, 1000, str(account))
        written_off = shop.org.ledger.write_off(account, reason="fraud").entry
        shop.wait(days=days)
        back = shop.org.ledger.reverse(written_off, reason="mistake")
        balance = shop.org.ledger.balance(account)
        assert (balance.pending, balance.available, back.points) == ((50, 10, 60) if waits else (0, 60, 60))
        assert back.available == balance.available
        kinds = [each.kind for each in shop.entries(account)]
        assert (EntryKind.AVAILABLE in kinds) is not waits
        conserved(shop, account)
