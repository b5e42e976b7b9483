"""COM-21 through the public service, on every store: a purchase that is recorded late is decided as of its own instant,
in the member's favour only.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from memberlogic import (
    After,
    AnniversaryYear,
    CalendarYear,
    Daily,
    Downgrade,
    Earning,
    EarningRule,
    ExternalId,
    Maximum,
    Metric,
    Monthly,
    Pin,
    PinKind,
    Progression,
    PurchaseLine,
    PurchaseRow,
    Rate,
    RedeemBlocks,
    Redeeming,
    Scheme,
    SinceChange,
    Term,
    Upgrade,
)
from memberlogic.calendar import CalendarPeriod
from memberlogic.certification.base import conserved
from memberlogic.errors import MemberLogicError
from memberlogic.ledger.events import PointsReinstated
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.progression import Cause
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("COM-21")

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 1, 1, 11, tzinfo=UTC)
PER_EURO = Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))])
CENT_A_POINT = Redeeming(points=1, value=1)
LADDER = (Scheme(code="base", name="Base"), Scheme(code="silver", name="Silver", threshold=10_000))
THREE = (*LADDER, Scheme(code="gold", name="Gold", threshold=30_000))


def moves(**said) -> Progression:
    rest = {
        "metric": Metric.MONEY_SPENT,
        "window": Term.of_days(30),
        "upgrade": Upgrade.AT_REVIEW,
        "downgrade": Downgrade.TO_REACHED,
        "review": Monthly(1),
    }
    return Progression(**(rest | said))


def club(**said):
    return {"at": START, "earning": PER_EURO, "redeeming": CENT_A_POINT, "expiry": After(Term.of_days(10))} | said


def day(number: int, hour: int = 12) -> datetime:
    """An hour of a day of January 2026 and after, in UTC."""
    return datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=number - 1)


def until(world: World, instant: datetime) -> None:
    world.clock.forward(instant - world.clock.now())


def buy(world: World, account, id: str, cents: int, **said):
    return world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", id), lines=[PurchaseLine("item", cents)], currency="EUR", **said
    )


def refused(world: World, account, id: str, cents: int = 100, **said) -> str:
    with pytest.raises(MemberLogicError) as caught:
        buy(world, account, id, cents, **said)
    return caught.value.code


def by_expiry(world: World, *accounts) -> list[Counter]:
    """What each account has left, by the instant at which it expires."""
    found = []
    for account in accounts:
        points: Counter = Counter()
        for lot in world.wallet(account).lots:
            points[lot.expires_at] += lot.remaining
        found.append(points)
    return found


def scheme(world: World, account) -> str:
    return world.org.loyalty.account(account).scheme


def test_points_that_have_expired_since_pay_a_purchase_of_before(make_world):
    """100 points of 1 January expire at the start of the 11th; the offline till took 30 of them on the 10th."""
    world = make_world(**club())
    account = world.account(credits=[100])
    until(world, day(12))
    world.ml.run_jobs()
    done = buy(world, account, "1", 500, at=day(10), redeem=30)
    assert (done.redeemed_points, done.redeemed_value, done.earned, done.available) == (30, 30, 4, 4)
    expired, reinstated = world.entries(account)[-2:]
    assert [(each.kind.value, each.amount, each.effective_at) for each in world.entries(account)] == [
        ("credit", 100, START),
        ("redeem", -30, day(10)),
        ("earn", 4, day(10)),
        ("expire", -100, day(11, 0) - timedelta(hours=1)),
        ("reinstate", 30, day(11, 0) - timedelta(hours=1)),
    ]
    assert (reinstated.corrects, reinstated.recorded_at, reinstated.reference) == (expired.id, world.clock.now(), "1")
    assert reinstated.business_day == expired.business_day
    assert [each.code for each in reinstated.because] == ["points.spent_before_they_expired"]
    late = done.because[0]
    assert (late.rule, late.code) == ("COM-21", "purchase.late")
    (event,) = [each.event for each in world.events() if isinstance(each.event, PointsReinstated)]
    assert (event.type, event.points) == ("points.reinstated", 30)
    assert world.org.ledger.outstanding(world.club.id).expired == 70
    conserved(world, account)
    world.ml.run_jobs()
    assert world.available(account) == 4
    # 70 are left to be spent by another purchase of before, no more.
    assert refused(world, account, "2", 500, at=day(9), redeem=71) == "points.insufficient"
    buy(world, account, "2", 500, at=day(9), redeem=70)
    assert world.org.ledger.outstanding(world.club.id).expired == 0
    assert refused(world, account, "3", 500, at=day(8), redeem=1) == "points.insufficient"
    conserved(world, account)


def test_what_was_taken_since_or_arrived_since_does_not_pay_nor_what_had_expired(make_world):
    world = make_world(**club())
    account = world.account(credits=[100])
    until(world, day(5))
    world.org.ledger.credit(account, 50, reason="welcome")
    buy(world, account, "now", 1000, redeem=20)
    assert refused(world, account, "1", at=day(4), redeem=81) == "points.insufficient"
    assert buy(world, account, "1", 1000, at=day(4), redeem=80).redeemed_points == 80
    other = world.account(credits=[10])
    world.org.ledger.transfer(source=account, target=other, points=30)
    # What was sent to another account was earned earlier than it arrived there.
    assert refused(world, other, "2", at=world.clock.now() - timedelta(hours=1), redeem=1) == "purchase.before_account"
    until(world, day(30))
    world.org.ledger.credit(account, 5, reason="welcome")
    assert refused(world, account, "3", at=day(15, 0), redeem=1) == "points.insufficient"
    conserved(world, account, other)


def test_points_that_were_sent_since_were_not_there(make_world):
    world = make_world(**club())
    one, other = world.account(credits=[50]), world.account(credits=[10])
    until(world, day(3))
    world.org.ledger.transfer(source=one, target=other, points=50)
    assert refused(world, other, "1", at=day(2), redeem=11) == "points.insufficient"
    assert buy(world, other, "1", 1000, at=day(2), redeem=10).redeemed_points == 10
    assert refused(world, one, "2", at=day(2), redeem=1) == "points.insufficient"
    conserved(world, one, other)


@pytest.mark.parametrize("jobs", [True, False])
def test_what_a_hold_kept_until_it_ran_out_is_not_counted_whoever_wrote_that_down(make_world, jobs):
    world = make_world(**club())
    account = world.account(credits=[100])
    until(world, day(2))
    world.org.ledger.hold(account, 40, until=day(4))
    until(world, day(5))
    if jobs:
        world.ml.run_jobs()
    assert refused(world, account, "1", 1000, at=day(3), redeem=61) == "points.insufficient"
    assert buy(world, account, "1", 1000, at=day(3), redeem=60).redeemed_points == 60
    conserved(world, account)


@pytest.mark.rule("PTS-6")
def test_what_it_earns_lives_from_its_own_day_and_is_gone_at_once_if_that_is_over(make_world):
    world = make_world(**club())
    account = world.account()
    until(world, day(20))
    world.org.ledger.credit(account, 1, reason="welcome")
    gone = buy(world, account, "1", 700, at=day(5))
    lives = buy(world, account, "2", 900, at=day(12))
    assert (gone.earned, gone.available, lives.earned, lives.available) == (7, 1, 9, 10)
    assert gone.expires_at == day(15, 0) - timedelta(hours=1)
    assert lives.expires_at == day(22, 0) - timedelta(hours=1)
    expired = next(each for each in world.entries(account) if each.kind is EntryKind.EXPIRE)
    assert (expired.amount, expired.effective_at, expired.recorded_at) == (-7, gone.expires_at, world.clock.now())
    assert world.wallet(account).effective_at == world.clock.now()
    conserved(world, account)


def test_before_the_account_was_opened_there_is_nothing_to_decide_by(make_world):
    world = make_world(**club())
    account = world.account()
    until(world, day(3))
    assert refused(world, account, "1", at=START - timedelta(microseconds=1)) == "purchase.before_account"
    assert buy(world, account, "1", 100, at=START).earned == 1
    row = PurchaseRow("2", account, START - timedelta(days=1), [PurchaseLine("item", 100)], "EUR")
    (reject,) = world.org.loyalty.import_purchases([row], source="till").rejects
    assert reject.code == "purchase.before_account"


@pytest.mark.rule("PTS-3")
def test_a_purchase_of_before_the_block_earns_and_pays_one_of_after_it_does_not(make_world):
    world = make_world(**club())
    account = world.account(credits=[10])
    until(world, day(5))
    world.org.loyalty.block_account(account, reason="fraud")
    assert world.org.loyalty.account(account).blocked_at == day(5)
    until(world, day(6))
    assert buy(world, account, "1", 1000, at=day(4), redeem=10).earned == 9
    assert buy(world, account, "2", 1000, at=day(5, 13)).earned == 0
    assert refused(world, account, "3", 1000, at=day(5, 13), redeem=1) == "account.not_open"
    world.org.loyalty.unblock_account(account)
    assert world.org.loyalty.account(account).blocked_at is None
    conserved(world, account)


@pytest.mark.rule("PTS-2")
def test_caps_count_by_the_day_of_the_purchase(make_world):
    world = make_world(**club(earning=Earning(rules=PER_EURO.rules, caps=[Maximum(10, CalendarPeriod.DAY)])))
    account = world.account()
    until(world, day(3))
    buy(world, account, "1", 800)
    until(world, day(4))
    buy(world, account, "2", 800)
    assert buy(world, account, "3", 800, at=day(3, 10)).earned == 2
    assert buy(world, account, "4", 800, at=day(2)).earned == 8


@pytest.mark.rule("SCH-8")
def test_a_review_that_lowered_is_corrected_once_and_what_was_announced_stands(make_world):
    """Silver by 100.00 of 20 January; lowered on 1 March. 100.00 of 10 February, told late, would have kept it."""
    world = make_world(**club(schemes=LADDER, progression=moves()))
    account = world.account()
    until(world, day(20))
    buy(world, account, "1", 10_000)
    until(world, datetime(2026, 3, 2, 12, tzinfo=UTC))
    world.ml.run_jobs()
    assert scheme(world, account) == "base"
    before = world.org.loyalty.scheme_history(account).changes
    buy(world, account, "2", 10_000, at=datetime(2026, 2, 10, 12, tzinfo=UTC))
    assert scheme(world, account) == "silver"
    *announced, corrected = world.org.loyalty.scheme_history(account).changes
    assert tuple(announced) == tuple(before)
    assert (corrected.cause, corrected.from_scheme, corrected.to_scheme) == (Cause.CORRECTION, "base", "silver")
    assert (corrected.measured, corrected.window.start, corrected.window.end) == (
        10_000,
        date(2026, 1, 30),
        date(2026, 3, 1),
    )
    assert (corrected.effective_at, corrected.recorded_at) == (before[-1].effective_at, world.clock.now())
    until(world, datetime(2026, 4, 2, tzinfo=UTC))
    assert scheme(world, account) == "base"


@pytest.mark.rule("SCH-6", "SCH-8")
def test_a_review_that_changed_nothing_is_decided_again_as_of_its_own_day(make_world):
    world = make_world(**club(schemes=LADDER, progression=moves()))
    account = world.account()
    until(world, datetime(2026, 2, 3, tzinfo=UTC))
    world.ml.run_jobs()
    assert world.org.loyalty.scheme_history(account).changes == ()
    buy(world, account, "1", 10_000, at=day(25))
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert (change.cause, change.to_scheme, change.day) == (Cause.CORRECTION, "silver", date(2026, 2, 1))
    assert world.org.loyalty.account(account).scheme_since == change.effective_at


@pytest.mark.rule("SCH-4")
def test_an_upgrade_at_once_is_in_effect_with_the_movement_that_reaches_it(make_world):
    world = make_world(**club(schemes=LADDER, progression=moves(upgrade=Upgrade.AT_ONCE)))
    account = world.account()
    until(world, day(5))
    buy(world, account, "1", 4_000)
    buy(world, account, "2", 10_000, at=day(4))
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert (change.cause, change.to_scheme, change.effective_at) == (Cause.UPGRADE, "silver", day(4))


@pytest.mark.rule("SCH-4")
def test_with_a_late_purchase_another_one_may_have_reached_it(make_world):
    """60.00 of the 4th come late; with them it was the 40.00 of the 5th that reached 100.00."""
    world = make_world(**club(schemes=LADDER, progression=moves(upgrade=Upgrade.AT_ONCE)))
    account = world.account()
    until(world, day(5))
    buy(world, account, "1", 4_000)
    buy(world, account, "2", 6_000, at=day(4))
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert (change.cause, change.to_scheme, change.measured) == (Cause.CORRECTION, "silver", 10_000)
    assert change.effective_at == day(5, 0) - timedelta(hours=1)


@pytest.mark.rule("PTS-2", "SCH-8")
def test_it_earns_at_the_scheme_of_its_own_instant(make_world):
    silver = Scheme(
        code="silver", name="Silver", threshold=10_000, earning=[EarningRule(key="base", gives=Rate(2, 100))]
    )
    world = make_world(**club(schemes=(LADDER[0], silver), progression=moves(upgrade=Upgrade.AT_ONCE)))
    account = world.account()
    until(world, day(5))
    buy(world, account, "1", 10_000)
    until(world, day(6))
    assert buy(world, account, "2", 1_000).earned == 20
    late = buy(world, account, "3", 1_000, at=day(4))
    assert (late.scheme, late.earned) == ("base", 10)
    assert [each.scheme for each in world.entries(account)] == ["base", "base", "silver"]


@pytest.mark.rule("PTS-19")
def test_rows_come_in_any_order_and_pay_with_what_was_there(make_world):
    """In order: 600 earned on day 1 (gone on day 11), 500 of them pay on day 10, 100 expire."""
    world = make_world(**club())
    one, other = world.account(), world.account()
    rows = [
        PurchaseRow(f"{number}", account, at, [PurchaseLine("item", cents)], "EUR")
        for number, (account, at, cents) in enumerate(
            [
                (one, day(1, 13), 60_000),
                (one, day(12), 100),
                (one, day(10), 60_000),
                (other, day(3), 200),
                (other, day(2), 300),
            ]
        )
    ]
    until(world, day(13))
    blocks = RedeemBlocks(points=500, minimum_total=500)
    report = world.org.loyalty.import_purchases(rows, source="till", chunk=5, redeem=blocks)
    assert (report.recorded, report.rejects, report.redeemed_points) == (5, (), 500)
    world.ml.run_jobs()
    assert by_expiry(world, one, other) == [
        Counter({day(20, 0) - timedelta(hours=1): 595, day(22, 0) - timedelta(hours=1): 1}),
        Counter(),
    ]
    conserved(world, one, other)


PROGRESSIONS = st.builds(
    moves,
    metric=st.sampled_from(Metric),
    window=st.one_of(st.builds(Term.of_days, st.integers(3, 40)), st.just(CalendarYear()), st.just(AnniversaryYear())),
    upgrade=st.sampled_from(Upgrade),
    downgrade=st.sampled_from(Downgrade),
    review=st.sampled_from([Daily(), Monthly(1), Monthly(10)]),
)
SMALL = (LADDER[0], Scheme(code="silver", name="S", threshold=3), Scheme(code="gold", name="G", threshold=7))
BOUGHT = st.tuples(st.integers(1, 2_000), st.integers(1, 900))
"""Hours after the account was opened, and cents."""


def small(world_of, progression, **said):
    return world_of(
        **club(
            schemes=SMALL, progression=progression, earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))])
        )
        | said
    )


def in_memory(**said) -> World:
    return World(MemoryStorage(), **said)


@pytest.mark.rule("COM-8", "SCH-3", "SCH-5", "SCH-6", "PTS-6")
@settings(max_examples=150)
@given(data=st.data(), progression=PROGRESSIONS, bought=st.lists(BOUGHT, min_size=1, max_size=8))
def test_in_any_order_and_whenever_jobs_run_points_and_scheme_are_those_of_the_order(data, progression, bought):
    """Where nothing is paid with points, and rules give the same in every scheme and without caps."""
    plain = small(in_memory, progression)
    account = plain.account()
    for number, (hours, cents) in sorted(enumerate(bought), key=lambda each: each[1][0]):
        until(plain, START + timedelta(hours=hours))
        buy(plain, account, str(number), cents)
    mixed = small(in_memory, progression)
    other = mixed.account()
    order = data.draw(st.permutations(range(len(bought))))
    for number in order:
        hours, cents = bought[number]
        at = max(START + timedelta(hours=hours), mixed.clock.now())
        until(mixed, at + timedelta(hours=data.draw(st.integers(0, 200))))
        if data.draw(st.booleans()):
            mixed.ml.run_jobs()
        buy(mixed, other, str(number), cents, at=START + timedelta(hours=hours))
    end = max(plain.clock.now(), mixed.clock.now())
    for world in (plain, mixed):
        until(world, end)
        world.ml.run_jobs()
    assert scheme(mixed, other) == scheme(plain, account)
    assert by_expiry(mixed, other) == by_expiry(plain, account)
    assert mixed.org.ledger.outstanding(mixed.club.id).expired == plain.org.ledger.outstanding(plain.club.id).expired
    conserved(mixed, other)


@settings(max_examples=100)
@given(data=st.data(), progression=PROGRESSIONS, bought=st.lists(BOUGHT, min_size=2, max_size=8))
def test_a_late_purchase_never_lowers_points_or_scheme(data, progression, bought):
    world = small(in_memory, progression)
    account = world.account()
    *rest, last = bought
    for number, (hours, cents) in sorted(enumerate(rest), key=lambda each: each[1][0]):
        until(world, START + timedelta(hours=hours))
        buy(world, account, str(number), cents)
    until(world, world.clock.now() + timedelta(hours=data.draw(st.integers(0, 400))))
    if data.draw(st.booleans()):
        world.ml.run_jobs()
    ranks = [each.code for each in SMALL]
    before, points = scheme(world, account), world.available(account)
    late = data.draw(st.integers(0, int((world.clock.now() - START).total_seconds() // 3600)))
    buy(world, account, "late", last[1], at=START + timedelta(hours=late))
    assert ranks.index(scheme(world, account)) >= ranks.index(before)
    assert world.available(account) >= points
    conserved(world, account)


COMMANDS = st.one_of(
    st.tuples(st.just("credit"), st.integers(1, 60)),
    st.tuples(st.just("buy"), st.integers(0, 300), st.integers(0, 40), st.integers(1, 900)),
    st.tuples(st.just("hold"), st.integers(1, 30), st.integers(1, 300)),
    st.tuples(st.just("release"), st.integers(0, 3)),
    st.tuples(st.just("capture"), st.integers(0, 3)),
    st.tuples(st.just("send"), st.integers(1, 30)),
)
STEPS = st.lists(st.tuples(st.integers(0, 150), COMMANDS), min_size=1, max_size=12)


def run_through(progression, steps, *, every: int | None):
    """What the steps answer and leave, with everything settled every so many hours, or never."""
    world = small(in_memory, progression, expiry=After(Term.of_days(8)))
    account, other = world.account(credits=[30]), world.account(credits=[5])
    holds, said = [], []

    def wait(hours):
        end = world.clock.now() + timedelta(hours=hours)
        while every is not None and world.clock.now() + timedelta(hours=every) < end:
            world.wait(hours=every)
            world.ml.run_jobs()
        until(world, end)

    def act(number, name, *figures):
        now = world.clock.now()
        if name == "credit":
            return world.org.ledger.credit(account, figures[0], reason="welcome").available
        if name == "buy":
            late, redeem, cents = figures
            done = buy(world, account, str(number), cents, at=max(START, now - timedelta(hours=late)), redeem=redeem)
            # Not the scheme of its instant: one that a review has announced is what it was (decision 11).
            return done.redeemed_points, done.earned, done.expires_at
        if name == "hold":
            holds.append(world.org.ledger.hold(account, figures[0], until=now + timedelta(hours=figures[1])).hold)
            return len(holds)
        if name == "send":
            return world.org.ledger.transfer(source=account, target=other, points=figures[0]).points
        return getattr(world.org.ledger, name)(holds[figures[0] % len(holds)]).points if holds else None

    for number, (hours, command) in enumerate(steps):
        wait(hours)
        try:
            said.append(act(number, *command))
        except MemberLogicError as refusal:
            said.append(refusal.code)
    wait(100)
    world.ml.run_jobs()
    conserved(world, account, other)
    return said, by_expiry(world, account, other), scheme(world, account), world.org.ledger.balance(account)


@pytest.mark.rule("COM-8")
@settings(max_examples=150)
@given(progression=PROGRESSIONS, steps=STEPS, every=st.integers(5, 100))
def test_settling_every_few_hours_gives_what_never_settling_gives_with_late_purchases_among_the_commands(
    progression, steps, every
):
    never, often = (run_through(progression, steps, every=each) for each in (None, every))
    assert often[:3] == never[:3]
    assert (often[3].available, often[3].held) == (never[3].available, never[3].held)


@pytest.mark.rule("PTS-19")
@settings(max_examples=60)
@given(data=st.data(), progression=PROGRESSIONS, bought=st.lists(BOUGHT, min_size=1, max_size=10))
def test_imported_in_any_order_and_chunk_it_is_what_it_is_one_by_one(data, progression, bought):
    order = data.draw(st.permutations(range(len(bought))))
    blocks = data.draw(st.sampled_from([None, RedeemBlocks(points=50, minimum_total=60, most_blocks=2)]))
    left = []
    for chunk in (1, data.draw(st.integers(2, 6))):
        world = small(in_memory, progression)
        account = world.account()
        until(world, START + timedelta(hours=2_000))
        rows = [
            PurchaseRow(
                str(n), account, START + timedelta(hours=bought[n][0]), [PurchaseLine("item", bought[n][1])], "EUR"
            )
            for n in order
        ]
        report = world.org.loyalty.import_purchases(rows, source="till", chunk=chunk, redeem=blocks)
        assert report.rejects == ()
        world.ml.run_jobs()
        conserved(world, account)
        entries = [(e.kind, e.amount, e.effective_at, e.scheme) for e in world.entries(account)]
        history = [
            (c.cause, c.from_scheme, c.to_scheme, c.effective_at)
            for c in world.org.loyalty.scheme_history(account).changes
        ]
        left.append((sorted(entries, key=str), history, by_expiry(world, account), scheme(world, account)))
    assert left[0] == left[1]


def history(world: World, account) -> list[tuple]:
    """Each change with the instant from which it holds; who wrote it down, and so its cause, is not a fact of it."""
    return [
        (each.effective_at, each.day, each.from_scheme, each.to_scheme)
        for each in world.org.loyalty.scheme_history(account).changes
    ]


@pytest.mark.rule("COM-8", "SCH-8")
@pytest.mark.parametrize("jobs", [False, True], ids=["never", "jobs"])
def test_a_job_that_changes_no_scheme_does_not_move_a_correction(make_world, jobs):
    """Silver by 100.00 of 5 January, and five points that expire on the 11th: 300.00 of the 3rd, told on the 20th, is
    gold with the last change that was announced, and its minimum stay begins there.
    """
    progression = moves(upgrade=Upgrade.AT_ONCE, minimum_stay=Term.of_days(60))
    world = make_world(**club(schemes=THREE, progression=progression))
    account = world.account(credits=[5])
    until(world, day(5))
    buy(world, account, "1", 10_000)
    until(world, day(20))
    if jobs:
        assert world.ml.run_jobs().entries
    buy(world, account, "2", 30_000, at=day(3))
    assert history(world, account) == [
        (day(5), date(2026, 1, 5), "base", "silver"),
        (day(5), date(2026, 1, 5), "silver", "gold"),
    ]
    assert world.org.loyalty.scheme_on(account, date(2026, 1, 6)) == "gold"
    until(world, datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert scheme(world, account) == "gold"
    until(world, datetime(2026, 3, 6, 12, tzinfo=UTC))
    assert (scheme(world, account), history(world, account)[2][1]) == ("base", date(2026, 3, 6))
    conserved(world, account)


@pytest.mark.rule("SCH-7")
def test_a_move_by_hand_and_a_correction_of_one_instant_both_stand(make_world):
    """Moved to silver on the 10th with a floor; two late purchases of before it, and neither takes the floor off."""
    world = make_world(**club(schemes=THREE, progression=moves(review=Daily())))
    account = world.account()
    until(world, day(10))
    world.org.loyalty.move_scheme(account, "silver", reason="goodwill", pin=Pin(PinKind.FLOOR, date(2026, 6, 1)))
    until(world, day(12))
    buy(world, account, "1", 30_000, at=day(5))
    buy(world, account, "2", 1_000, at=day(4))
    assert history(world, account)[0] == (day(10), date(2026, 1, 10), "base", "silver")
    assert scheme(world, account) == "gold"
    until(world, datetime(2026, 4, 1, 12, tzinfo=UTC))
    assert scheme(world, account) == "silver"


SILENT = st.one_of(
    st.tuples(st.just("credit"), st.integers(1, 60), st.integers(1, 60)),
    st.tuples(st.just("hold"), st.integers(1, 60), st.integers(1, 60)),
)
LATE = st.tuples(st.just("late"), st.integers(100, 400), st.integers(300, 1_200))
SILENTLY = st.builds(
    lambda first, silent, late: [("buy", *first), *silent, *late],
    st.tuples(st.integers(1, 200), st.integers(500, 900)),
    st.lists(SILENT, min_size=1, max_size=4),
    st.lists(st.one_of(LATE, LATE, SILENT), min_size=1, max_size=6),
)
STAYS = st.builds(
    moves,
    metric=st.just(Metric.MONEY_SPENT),
    window=st.one_of(
        st.builds(Term.of_days, st.integers(2, 60)),
        st.sampled_from([SinceChange(), CalendarYear(), AnniversaryYear()]),
    ),
    upgrade=st.sampled_from(Upgrade),
    downgrade=st.sampled_from(Downgrade),
    review=st.sampled_from([Daily(), Monthly(1), Monthly(20)]),
    minimum_stay=st.builds(Term.of_days, st.integers(2, 60)),
    grace=st.none() | st.builds(Term.of_days, st.integers(1, 40)),
)
STEEP = (
    Scheme(code="base", name="B"),
    Scheme(code="silver", name="S", threshold=600, earning=[EarningRule(key="base", gives=Rate(2, 1))]),
    Scheme(code="gold", name="G", threshold=1_500, earning=[EarningRule(key="base", gives=Rate(3, 1))]),
)


def silently(progression, steps, *, jobs: bool):
    """What the purchases earn and the scheme's history, with jobs before each step or never."""
    earning = Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))])
    world = in_memory(**club(schemes=STEEP, progression=progression, earning=earning))
    account, earned = world.account(credits=[1_000]), []
    for number, (name, hours, figure) in enumerate(steps):
        world.wait(hours=hours // 3 if name == "late" else hours)
        if jobs:
            # What a review announces may matter (decision 11).
            assume(not world.ml.run_jobs().changes)
        now = world.clock.now()
        if name == "credit":
            world.org.ledger.credit(account, 5, reason="welcome", expires_at=now + timedelta(hours=figure))
        elif name == "hold" and world.available(account):
            world.org.ledger.hold(account, 1, until=now + timedelta(hours=figure))
        elif name in ("buy", "late"):
            at = now if name == "buy" else max(START, now - timedelta(hours=hours))
            done = buy(world, account, str(number), figure, at=at)
            earned.append((done.scheme, done.earned, done.expires_at))
    world.wait(days=200)
    return earned, history(world, account)


@pytest.mark.rule("COM-8", "SCH-5", "SCH-8")
@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much])
@given(progression=STAYS, steps=SILENTLY)
def test_jobs_that_change_no_scheme_make_no_difference_to_late_purchases(progression, steps):
    """Also with minimum stays, graces and rules that differ between schemes, for any number of late purchases."""
    assert silently(progression, steps, jobs=True) == silently(progression, steps, jobs=False)


@pytest.mark.rule("COM-8", "SCH-8")
@pytest.mark.parametrize("jobs", [False, True], ids=["never", "jobs"])
def test_a_late_purchase_announces_what_the_jobs_would_have(make_world, jobs):
    """100.00 of the 2nd and 60.00 of the 1st are silver on the 3rd, as the late one is told on that day; another 60.00
    of the 1st, told on the 4th, would have been silver on the 2nd, but the 3rd has been announced.
    """
    ladder = (LADDER[0], Scheme(code="silver", name="Silver", threshold=12_000))
    stays = moves(review=Daily(), window=Term.of_days(20), minimum_stay=Term.of_days(20))
    world = make_world(**club(schemes=ladder, progression=stays))
    account = world.account()
    until(world, day(2))
    buy(world, account, "1", 10_000)
    until(world, day(3))
    if jobs:
        assert not world.ml.run_jobs().changes
    buy(world, account, "2", 6_000, at=START)
    until(world, day(4))
    buy(world, account, "3", 6_000, at=START)
    assert [each[1:] for each in history(world, account)] == [(date(2026, 1, 3), "base", "silver")]
    until(world, day(23))
    assert [each[1:] for each in history(world, account)][1:] == [(date(2026, 1, 23), "silver", "base")]
    conserved(world, account)


@pytest.mark.rule("COM-8", "PTS-7")
@pytest.mark.parametrize("jobs", [False, True], ids=["never", "jobs"])
def test_what_was_free_lives_again_not_what_a_hold_kept_longer(make_world, jobs):
    """Of 18 points that expire on the 20th, nine are held until the 25th; five of the free nine paid on the 19th."""
    world = make_world(**club())
    account = world.account()
    world.org.ledger.credit(account, 18, reason="welcome", expires_at=day(20))
    until(world, day(2))
    world.org.ledger.hold(account, 9, until=day(25))
    until(world, day(27))
    if jobs:
        world.ml.run_jobs()
    buy(world, account, "1", 5, at=day(19), redeem=5)
    told = world.org.ledger.statement(account, since=date(2026, 1, 22), until=date(2026, 1, 28))
    assert (told.opening, told.closing) == (9, 0)
    world.ml.run_jobs()
    balance, balances = 0, []
    for entry in sorted(world.entries(account), key=lambda each: (each.effective_at, each.id)):
        balance += entry.amount
        balances.append((entry.effective_at, balance))
    assert min(left for _, left in balances) >= 0
    assert dict(balances)[day(20)] == 9
    conserved(world, account)
