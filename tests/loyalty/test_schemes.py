"""SCH-1 to SCH-6, SCH-8 and SCH-11 through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import (
    Actor,
    After,
    Daily,
    Downgrade,
    Earning,
    EarningRule,
    ExternalId,
    Metric,
    Monthly,
    Progression,
    PurchaseLine,
    PurchaseRow,
    Rate,
    Redeeming,
    Scheme,
    StoredValue,
    Term,
    Upgrade,
    WalletId,
)
from memberlogic.calendar import start_of_day
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import ClubId, new_id
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.changing import SchemeChanged
from memberlogic.loyalty.progression import Cause
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

NEW_YORK = ZoneInfo("America/New_York")
CODES = ("base", "silver", "gold", "platinum")
THRESHOLDS = (0, 25_000, 75_000, 150_000)
LADDER = tuple(Scheme(code=c, name=c.title(), threshold=t) for c, t in zip(CODES, THRESHOLDS, strict=True))
PER_DOLLAR = Earning(rules=(EarningRule(key="base", gives=Rate(1, 100)),))


def moves(**said) -> Progression:
    """The progression of The Complete Journey, or one that differs from it."""
    rest = {
        "metric": Metric.MONEY_SPENT,
        "window": Term.of_days(90),
        "upgrade": Upgrade.AT_REVIEW,
        "downgrade": Downgrade.TO_REACHED,
        "review": Monthly(1),
    }
    return Progression(**(rest | said))


def journey(make, **said) -> World:
    """A world at noon on 1 January 2017 in New York, with its club."""
    club = {"zone": NEW_YORK, "schemes": LADDER, "progression": moves(), "currency": "USD", "earning": PER_DOLLAR}
    return make(at=datetime(2017, 1, 1, 17, tzinfo=UTC), **(club | said))


def start(*day: int) -> datetime:
    """The start of a day in New York."""
    return start_of_day(date(*day), NEW_YORK)


class Till:
    """Records purchases of a world, each with an id of its own."""

    def __init__(self, world: World) -> None:
        self.world, self.count = world, 0

    def __call__(self, account, cents, **said):
        self.count += 1
        lines = (PurchaseLine("item", cents),)
        external = ExternalId("till", f"P-{self.count}")
        return self.world.org.loyalty.record_purchase(
            account=account, purchase=external, lines=lines, currency="USD", **said
        )


def at(world: World, *day: int, hour: int = 17) -> None:
    """Let time pass until an hour of a day (UTC)."""
    world.clock.forward(datetime(*day, hour, tzinfo=UTC) - world.clock.now())


def scheme(world: World, account) -> str:
    """The scheme that an account is in now."""
    return world.org.loyalty.account(account).scheme


@pytest.mark.rule("SCH-1")
def test_an_account_is_in_exactly_one_scheme_and_starts_in_the_lowest_or_one_named_by_staff(make_world):
    world = journey(make_world)
    named = world.org.loyalty.open_account(club=world.club.id, member=world.member(), scheme="gold")
    assert (scheme(world, world.account()), named.scheme) == ("base", "gold")
    counted = world.org.loyalty.accounts_by_scheme(world.club.id)
    assert [(each.scheme, each.accounts) for each in counted.schemes] == [
        ("base", 1),
        ("silver", 0),
        ("gold", 1),
        ("platinum", 0),
    ]


@pytest.mark.rule("SCH-1")
@pytest.mark.parametrize("thresholds", [(1, 2), (0, 0), (0, 500, 250)])
def test_thresholds_begin_at_zero_and_rise_strictly(make_world, thresholds):
    schemes = [Scheme(code=f"s{index}", name="S", threshold=each) for index, each in enumerate(thresholds)]
    with pytest.raises(InvalidInput) as refusal:
        make_world(schemes=schemes)
    assert refusal.value.path.endswith("threshold")


@pytest.mark.rule("SCH-2", "SCH-6", "SCH-8")
def test_a_review_raises_and_lowers_to_what_the_window_before_it_reaches(make_world):
    world = journey(make_world)
    buy, account = Till(world), world.account()
    at(world, 2017, 1, 20)
    buy(account, 30_000)
    buy(account, 45_000)
    assert scheme(world, account) == "base"
    at(world, 2017, 2, 1, hour=5)
    assert world.clock.now() == start(2017, 2, 1)
    assert scheme(world, account) == "gold"
    world.ml.run_jobs()
    at(world, 2017, 12, 1)
    world.ml.run_jobs()
    history = world.org.loyalty.scheme_history(account)
    up, down = history.changes
    assert (up.from_scheme, up.to_scheme, up.cause, up.measured) == ("base", "gold", Cause.UPGRADE, 75_000)
    assert (up.metric, up.window.start, up.window.end) == (Metric.MONEY_SPENT, date(2016, 11, 3), date(2017, 2, 1))
    assert up.thresholds == dict(zip(CODES, THRESHOLDS, strict=True))
    assert (up.effective_at, up.day) == (start(2017, 2, 1), date(2017, 2, 1))
    # 20 January is within 90 days before 1 April (from 1 January), not before 1 May (from 31 January).
    assert (down.day, down.from_scheme, down.to_scheme, down.cause) == (
        date(2017, 5, 1),
        "gold",
        "base",
        Cause.DOWNGRADE,
    )
    assert (history.scheme, history.since, history.next_review) == ("base", start(2017, 5, 1), start(2018, 1, 1))
    assert "SCH-8" in history.explain().text()


@pytest.mark.rule("SCH-8", "COM-10")
def test_each_change_is_an_event_with_what_decided_it(make_world):
    world = journey(make_world)
    buy, account = Till(world), world.account()
    buy(account, 25_000)
    at(world, 2017, 3, 1)
    world.ml.run_jobs()
    (event,) = [each for each in world.events() if isinstance(each.event, SchemeChanged)]
    assert (event.actor, event.effective_at, event.recorded_at) == ("system", start(2017, 2, 1), world.clock.now())
    said = event.event
    assert (said.account, said.club, said.members) == (
        account,
        world.club.id,
        world.org.loyalty.account(account).holders,
    )
    assert (said.from_scheme, said.to_scheme, said.cause) == ("base", "silver", Cause.UPGRADE)
    assert (said.metric, said.measured, said.window.last_day) == (Metric.MONEY_SPENT, 25_000, date(2017, 1, 31))
    assert dict(said.thresholds) == dict(zip(CODES, THRESHOLDS, strict=True))


@pytest.mark.rule("SCH-8")
def test_the_scheme_on_any_past_day_is_known(make_world):
    world = journey(make_world)
    buy, account = Till(world), world.account()
    buy(account, 150_000)
    at(world, 2017, 6, 15)
    on = world.org.loyalty.scheme_on
    for _ in range(2):
        assert on(account, date(2017, 1, 1)) == on(account, date(2017, 1, 31)) == "base"
        assert on(account, date(2017, 2, 1)) == on(account, date(2017, 4, 30)) == "platinum"
        assert on(account, date(2017, 5, 1)) == on(account, date(2017, 6, 15)) == "base"
        world.ml.run_jobs()
    for day, words in ((date(2016, 12, 31), "since"), (date(2017, 6, 16), "up to today")):
        with pytest.raises(InvalidInput) as refusal:
            on(account, day)
        assert refusal.value.path == "day"
        assert words in refusal.value.message


@pytest.mark.rule("SCH-4")
def test_an_upgrade_at_once_comes_with_the_purchase_that_reaches_it_and_may_skip_ranks(make_world):
    world = journey(make_world, progression=moves(upgrade=Upgrade.AT_ONCE))
    buy, account = Till(world), world.account()
    buy(account, 24_999)
    assert scheme(world, account) == "base"
    reached = buy(account, 50_001)
    stored = world.org.loyalty.account(account)
    assert (stored.scheme, stored.scheme_since) == ("gold", world.clock.now())
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert (change.from_scheme, change.to_scheme, change.measured) == ("base", "gold", 75_000)
    # The window is the one that a review on the following day would use: it contains today.
    assert (change.window.start, change.window.end) == (date(2016, 10, 4), date(2017, 1, 2))
    assert (reached.scheme, change.effective_at) == ("base", reached.at)


@pytest.mark.rule("SCH-4", "PTS-2", "SCH-6")
def test_a_purchase_that_causes_an_upgrade_earns_at_the_old_scheme_and_nothing_is_rerated(make_world):
    rules = (
        EarningRule(key="base", gives=Rate(1, 100)),
        EarningRule(key="gold", gives=Rate(2, 100), schemes=frozenset({"gold"})),
    )
    world = journey(make_world, earning=Earning(rules=rules), progression=moves(upgrade=Upgrade.AT_ONCE))
    buy, account = Till(world), world.account()
    assert buy(account, 75_000).earned == 750
    assert buy(account, 10_000).earned == 300
    assert [(each.scheme, each.amount) for each in world.entries(account)] == [("base", 750), ("gold", 300)]
    assert world.available(account) == 1_050


@pytest.mark.rule("SCH-4")
def test_the_window_of_an_upgrade_at_once_leaves_out_what_tomorrows_review_would(make_world):
    world = journey(make_world, progression=moves(upgrade=Upgrade.AT_ONCE, window=Term.of_days(10)))
    buy, account, other = Till(world), world.account(), world.account()
    buy(account, 24_000)
    buy(other, 24_000)
    at(world, 2017, 1, 10)
    buy(account, 1_000)
    assert scheme(world, account) == "silver"
    at(world, 2017, 1, 11)
    buy(other, 1_000)
    assert scheme(world, other) == "base"


@pytest.mark.rule("SCH-2")
@pytest.mark.parametrize(
    ("metric", "measured"),
    [(Metric.POINTS_EARNED, 230), (Metric.MONEY_SPENT, 30_000), (Metric.PURCHASES, 3), (Metric.VISITS, 2)],
)
def test_what_each_metric_counts(make_world, metric, measured):
    ladder = (LADDER[0], Scheme(code="up", name="Up", threshold=measured))
    above = (LADDER[0], Scheme(code="up", name="Up", threshold=measured + 1))
    earning = evolve(PER_DOLLAR, excluded_categories=frozenset({"fuel"}))
    redeeming = Redeeming(points=1, value=100)
    for schemes, expected in ((ladder, "up"), (above, "base")):
        said = {"schemes": schemes, "earning": earning, "redeeming": redeeming, "progression": moves(metric=metric)}
        world = journey(make_world, **said)
        buy, account = Till(world), world.account(credits=[1_000])
        buy(account, 10_000)
        # What points paid earns nothing and counts as money spent; so does what is excluded.
        buy(account, 7_000, redeem=20)
        at(world, 2017, 1, 2)
        line = PurchaseLine("diesel", 5_000, categories=("fuel",))
        world.org.loyalty.record_purchase(
            account=account,
            purchase=ExternalId("till", "mixed"),
            lines=(PurchaseLine("item", 8_000), line),
            currency="USD",
        )
        at(world, 2017, 2, 1)
        assert scheme(world, account) == expected


@pytest.mark.rule("SCH-2")
def test_points_that_did_not_come_from_purchases_do_not_count(make_world):
    world = journey(make_world, progression=moves(metric=Metric.POINTS_EARNED))
    giver, account = world.account(credits=[500_000]), world.account()
    world.org.ledger.transfer(source=giver, target=account, points=200_000)
    at(world, 2017, 2, 1)
    assert (scheme(world, giver), scheme(world, account)) == ("base", "base")


@pytest.mark.rule("SCH-5")
@pytest.mark.parametrize(
    ("downgrade", "schemes"),
    [
        (Downgrade.NEVER, ["platinum", "platinum", "platinum"]),
        (Downgrade.TO_REACHED, ["base", "base", "base"]),
        (Downgrade.ONE_RANK, ["gold", "silver", "base"]),
    ],
)
def test_a_club_says_how_far_a_review_lowers(make_world, downgrade, schemes):
    world = journey(make_world, progression=moves(downgrade=downgrade))
    account = world.org.loyalty.open_account(club=world.club.id, member=world.member(), scheme="platinum").id
    found = []
    for month in (2, 3, 4):
        at(world, 2017, month, 1)
        found.append(scheme(world, account))
        world.ml.run_jobs()
    assert found == schemes


@pytest.mark.rule("SCH-11", "SCH-2")
def test_blocked_accounts_are_not_upgraded_and_purchases_while_blocked_do_not_count(make_world):
    world = journey(make_world, progression=moves(upgrade=Upgrade.AT_ONCE))
    buy, account = Till(world), world.account()
    buy(account, 20_000)
    world.org.loyalty.block_account(account, reason="fraud")
    buy(account, 500_000)
    assert scheme(world, account) == "base"
    at(world, 2017, 2, 1)
    assert scheme(world, account) == "base"
    world.org.loyalty.unblock_account(account)
    buy(account, 5_000)
    assert scheme(world, account) == "silver"


@pytest.mark.rule("SCH-11")
def test_a_blocked_account_waits_for_its_upgrade_and_may_be_lowered(make_world):
    world = journey(make_world)
    buy, account = Till(world), world.account()
    gold = world.org.loyalty.open_account(club=world.club.id, member=world.member(), scheme="gold").id
    buy(account, 80_000)
    for each in (account, gold):
        world.org.loyalty.block_account(each, reason="fraud")
    at(world, 2017, 2, 10)
    assert (scheme(world, account), scheme(world, gold)) == ("base", "base")
    # The missed review is held as of its day, when the account was blocked; unblocking comes after it.
    assert world.org.loyalty.unblock_account(account).scheme == "base"
    assert scheme(world, account) == "base"
    at(world, 2017, 3, 1)
    assert scheme(world, account) == "gold"


@pytest.mark.rule("SCH-11")
def test_closed_accounts_are_not_reviewed(make_world):
    world = journey(make_world)
    account = world.org.loyalty.open_account(club=world.club.id, member=world.member(), scheme="gold").id
    world.org.loyalty.close_account(account)
    at(world, 2018, 1, 1)
    world.ml.run_jobs()
    stored = world.org.loyalty.account(account)
    assert (stored.scheme, stored.next_review) == ("gold", None)
    assert world.org.loyalty.scheme_history(account).changes == ()
    assert sum(each.accounts for each in world.org.loyalty.accounts_by_scheme(world.club.id).schemes) == 0


@pytest.mark.rule("SCH-6", "COM-18")
def test_reviews_run_twice_post_nothing_and_leave_nothing_due(make_world):
    world = journey(make_world)
    buy, account = Till(world), world.account()
    buy(account, 30_000)
    at(world, 2017, 7, 1)
    first = world.ml.run_jobs()
    assert (first.accounts >= 1, first.changes >= 2) == (True, True)
    stored = facts(world, account)
    again = world.ml.run_jobs()
    assert (again.accounts, again.changes, again.entries) == (0, 0, 0)
    assert facts(world, account) == stored
    assert all(each.account != account for each in world.storage.due(world.clock.now(), 10_000))


@pytest.mark.rule("COM-8", "PTS-18")
def test_at_the_same_instant_points_expire_before_the_review_and_later_ones_after_it(make_world):
    world = journey(make_world, expiry=After(Term.of_days(30)), progression=moves(review=Daily()))
    buy, account = Till(world), world.account()
    at(world, 2017, 1, 2)
    buy(account, 30_000)
    at(world, 2017, 1, 3)
    buy(account, 1_000)
    at(world, 2017, 6, 1)
    world.ml.run_jobs()
    expired = [each for each in world.entries(account) if each.kind is EntryKind.EXPIRE]
    # Silver since 3 January; what expired is said in the scheme of its instant, whenever it was written down.
    assert [(each.business_day, each.scheme, each.amount) for each in expired] == [
        (date(2017, 2, 1), "silver", -300),
        (date(2017, 2, 2), "silver", -10),
    ]
    changes = world.org.loyalty.scheme_history(account).changes
    assert [(each.day, each.to_scheme) for each in changes] == [
        (date(2017, 1, 3), "silver"),
        (date(2017, 4, 3), "base"),
    ]


@pytest.mark.rule("SCH-2", "PTS-3")
@pytest.mark.parametrize(
    ("counts", "bought", "spent"), [(StoredValue.SPENT, 0, 30_000), (StoredValue.BOUGHT, 30_000, 0)]
)
def test_of_stored_value_either_the_selling_or_the_spending_counts_for_money_spent(make_world, counts, bought, spent):
    """A gift card of 300 is bought, and pays a purchase of 300 later: one of the two makes the account silver."""
    world = journey(make_world, earning=evolve(PER_DOLLAR, stored_value=counts))
    buy, one, two = Till(world), world.account(), world.account()
    card = (PurchaseLine("gift card", 30_000, stored_value=True),)
    world.org.loyalty.record_purchase(
        account=one, purchase=ExternalId("till", "card"), lines=(*card, PurchaseLine("bread", 5)), currency="USD"
    )
    buy(two, 30_007, paid_with_stored_value=30_000)
    at(world, 2017, 2, 1)
    assert [world.org.loyalty.account(each).scheme for each in (one, two)] == [
        "silver" if money else "base" for money in (bought, spent)
    ]
    found = [world.org.loyalty.find_purchase("till", id).purchase for id in ("card", "P-1")]
    assert [each.spent for each in found] == [bought + 5, spent + 7]


@pytest.mark.rule("PTS-18", "COM-8", "PTS-16")
@pytest.mark.parametrize("upgrade", [Upgrade.AT_REVIEW, Upgrade.AT_ONCE])
def test_a_statement_says_the_schemes_that_a_job_would_write_down(make_world, upgrade):
    world = journey(make_world, expiry=After(Term.of_days(30)), progression=moves(review=Daily(), upgrade=upgrade))
    buy, account = Till(world), world.account()
    for day, cents in ((2, 30_000), (3, 1_000)):
        at(world, 2017, 1, day)
        buy(account, cents)
    at(world, 2017, 5, 1)
    buy(account, 2_000)  # writes everything down that fell due, and back in base
    at(world, 2017, 7, 1)

    def said():
        statement = world.org.ledger.statement(account, since=date(2017, 1, 1), until=date(2017, 7, 1))
        early = world.org.ledger.statement(account, since=date(2017, 2, 1), until=date(2017, 3, 1))
        lines = [(line.kind, line.business_day, line.scheme, line.points) for line in statement.lines]
        return lines, [(line.business_day, line.scheme) for line in early.lines]

    before = said()
    world.ml.run_jobs()
    assert said() == before
    assert before[0][1:] == [
        (EntryKind.EARN, date(2017, 1, 3), "silver", 10),
        (EntryKind.EXPIRE, date(2017, 2, 1), "silver", -300),
        (EntryKind.EXPIRE, date(2017, 2, 2), "silver", -10),
        (EntryKind.EARN, date(2017, 5, 1), "base", 20),
        (EntryKind.EXPIRE, date(2017, 5, 31), "base", -20),
    ]
    assert before[1] == [(date(2017, 2, 1), "silver"), (date(2017, 2, 2), "silver")]


@pytest.mark.rule("PTS-18", "COM-8", "PTS-16")
def test_expiry_between_two_reviews_that_nobody_wrote_down_is_said_in_the_scheme_between_them(make_world):
    """Base in January, silver from 1 February by a review that no job has held; the points expire on 15 February."""
    world = journey(make_world, expiry=After(Term.of_days(45)))
    buy, account = Till(world), world.account()
    buy(account, 30_000)
    at(world, 2017, 6, 1)

    def said():
        statement = world.org.ledger.statement(account, since=date(2017, 1, 1), until=date(2017, 6, 1))
        return [(line.kind, line.business_day, line.scheme) for line in statement.lines]

    before = said()
    assert before == [
        (EntryKind.EARN, date(2017, 1, 1), "base"),
        (EntryKind.EXPIRE, date(2017, 2, 15), "silver"),
    ]
    world.ml.run_jobs()
    assert said() == before


@pytest.mark.rule("PTS-18", "COM-8")
def test_commands_of_the_ledger_settle_reviews_first(make_world):
    world = journey(make_world)
    buy, account = Till(world), world.account()
    buy(account, 25_000)
    at(world, 2017, 2, 2)
    world.org.ledger.credit(account, 5, reason="sorry")
    assert [(each.kind, each.scheme) for each in world.entries(account)] == [
        (EntryKind.EARN, "base"),
        (EntryKind.CREDIT, "silver"),
    ]
    assert len(world.org.loyalty.scheme_history(account).changes) == 1


@pytest.mark.rule("COM-8", "SCH-8")
def test_no_answer_waits_for_a_job(make_world):
    world = journey(make_world)
    buy = Till(world)
    accounts = [world.account() for _ in range(4)]
    for account, cents in zip(accounts, (1_000, 30_000, 80_000, 74_000), strict=True):
        buy(account, cents)
    at(world, 2017, 2, 1)

    def answers():
        loyalty = world.org.loyalty
        counted = loyalty.accounts_by_scheme(world.club.id)
        migration = loyalty.migration(world.club.id, date(2017, 1, 1), date(2018, 1, 1))
        closest = loyalty.closest(world.club.id, "gold", limit=2)
        return (
            [(each.scheme, each.accounts) for each in counted.schemes],
            [(each.month, each.from_scheme, each.to_scheme, each.accounts, each.up) for each in migration.moves],
            [(each.account, each.scheme, each.measured, each.missing) for each in closest.accounts],
            (migration.upgrades, migration.downgrades, closest.threshold, closest.metric),
        )

    before = answers()
    assert before == (
        [("base", 1), ("silver", 2), ("gold", 1), ("platinum", 0)],
        [
            (date(2017, 2, 1), "base", "silver", 2, True),
            (date(2017, 2, 1), "base", "gold", 1, True),
        ],
        [(accounts[3], "silver", 74_000, 1_000), (accounts[1], "silver", 30_000, 45_000)],
        (3, 0, 75_000, Metric.MONEY_SPENT),
    )
    world.ml.run_jobs()
    assert answers() == before
    nothing = world.org.loyalty.migration(world.club.id, date(2017, 2, 2), date(2018, 1, 1))
    assert nothing.moves == ()


@pytest.mark.rule("SCH-2", "COM-1", "COM-13")
def test_reports_refuse_what_they_cannot_answer(make_world):
    world = journey(make_world)
    still = world.another_club()
    loyalty = world.org.loyalty
    for code, refused in (
        ("scheme.no_progression", lambda: loyalty.closest(still.id, "standard")),
        ("scheme.unknown", lambda: loyalty.closest(world.club.id, "diamond")),
        ("input.invalid", lambda: loyalty.closest(world.club.id, "gold", limit=0)),
        ("input.invalid", lambda: loyalty.migration(world.club.id, date(2017, 2, 2), date(2017, 2, 1))),
        ("not_found", lambda: loyalty.migration(ClubId(new_id()), date(2017, 2, 1), date(2017, 2, 2))),
        ("not_found", lambda: loyalty.scheme_history(new_id())),
        ("not_found", lambda: loyalty.settle([WalletId(new_id())])),
    ):
        with pytest.raises(Exception) as refusal:
            refused()
        assert refusal.value.code == code
    account = world.account()
    stranger = world.acting_as(Actor.member(world.member()))
    with pytest.raises(NotFound):
        stranger.loyalty.scheme_history(account)
    with pytest.raises(PermissionDenied):
        stranger.loyalty.accounts_by_scheme(world.club.id)


def facts(world: World, *accounts):
    """Everything that a store says of accounts that does not depend on ids or on when it was written down."""
    found = []
    for account in accounts:
        stored = world.org.loyalty.account(account)
        changes = [
            evolve(each, id=None, account=None, club=None, recorded_at=None)
            for each in world.org.loyalty.scheme_history(account).changes
        ]
        entries = sorted(
            (each.effective_at, each.kind.value, each.amount, each.scheme, each.business_day)
            for each in world.entries(account)
        )
        found.append((stored.scheme, stored.scheme_since, stored.next_review, changes, entries))
    return found


PURCHASES = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 200), st.integers(0, 23), st.integers(0, 90_000)), max_size=10
)
PROGRESSIONS = st.builds(
    moves,
    metric=st.sampled_from(Metric),
    window=st.one_of(st.builds(Term.of_days, st.integers(1, 100)), st.builds(Term.of_months, st.integers(1, 4))),
    upgrade=st.sampled_from(Upgrade),
    downgrade=st.sampled_from(Downgrade),
    review=st.one_of(st.just(Daily()), st.builds(Monthly, st.integers(1, 31))),
)
SMALL = tuple(Scheme(code=c, name=c, threshold=t) for c, t in zip(CODES, (0, 2, 300, 60_000), strict=True))


def a_world(progression) -> tuple[World, list]:
    """Two accounts of a club in memory, a day old."""
    world = journey(
        lambda **said: World(MemoryStorage(), **said),
        schemes=SMALL,
        progression=progression,
        expiry=After(Term.of_days(20)),
    )
    return world, [world.account(), world.account()]


def in_order(purchases):
    """Purchases by their instants, from the day after the accounts were opened."""
    opened = datetime(2017, 1, 2, tzinfo=UTC)
    timed = [(opened + timedelta(days=day, hours=hour), who, cents) for who, day, hour, cents in purchases]
    return sorted(timed)


def run_through(progression, purchases, pauses):
    """Purchases one by one, with jobs at other instants between them; what is stored in the end."""
    world, accounts = a_world(progression)
    buy = Till(world)
    jobs = [(datetime(2017, 1, 2, tzinfo=UTC) + timedelta(hours=each), None, 0) for each in pauses]
    for instant, who, cents in sorted([*in_order(purchases), *jobs], key=lambda each: each[0]):
        world.clock.forward(max(instant - world.clock.now(), timedelta()))
        if who is None:
            world.ml.run_jobs(chunk=1)
        else:
            buy(accounts[who], cents)
    at(world, 2017, 12, 31)
    world.ml.run_jobs()
    return facts(world, *accounts)


@pytest.mark.rule("COM-8", "COM-18", "SCH-6")
@settings(max_examples=40)
@given(progression=PROGRESSIONS, purchases=PURCHASES, pauses=st.lists(st.integers(0, 6_000), max_size=12))
def test_when_and_how_often_jobs_run_changes_no_fact(progression, purchases, pauses):
    once = run_through(progression, purchases, [])
    assert run_through(progression, purchases, pauses) == once


@pytest.mark.rule("SCH-2", "SCH-3", "SCH-4", "SCH-5", "SCH-6")
@settings(max_examples=60)
@given(progression=PROGRESSIONS, purchases=PURCHASES)
def test_the_service_does_what_a_day_by_day_loop_over_the_purchases_does(progression, purchases):
    assert [
        [(each.day, each.from_scheme, each.to_scheme, each.measured) for each in changes]
        for _, _, _, changes, _ in run_through(progression, purchases, [])
    ] == [naive(progression, purchases, who) for who in (0, 1)]


def naive(progression, purchases, who):
    """The changes of one account, by a loop over the days of the year and its purchases."""
    bought = [(at.astimezone(NEW_YORK).date(), cents) for at, each, cents in in_order(purchases) if each == who]
    thresholds = [each.threshold for each in SMALL]
    rank, changes, known = 0, [], []

    def count(since, until):
        inside = [(day, cents) for day, cents in known if since <= day < until]
        return {
            Metric.MONEY_SPENT: sum(cents for _, cents in inside),
            Metric.POINTS_EARNED: sum(cents // 100 for _, cents in inside),
            Metric.PURCHASES: len(inside),
            Metric.VISITS: len({day for day, _ in inside}),
        }[progression.metric]

    def move(day, measured, up_only):
        nonlocal rank
        found = max(index for index, threshold in enumerate(thresholds) if threshold <= measured)
        if found < rank:
            allowed = {Downgrade.NEVER: rank, Downgrade.TO_REACHED: found, Downgrade.ONE_RANK: rank - 1}
            found = rank if up_only else allowed[progression.downgrade]
        if found != rank:
            changes.append((day, CODES[rank], CODES[found], measured))
        rank = found

    day = date(2017, 1, 1)
    while day <= date(2017, 12, 31):
        tomorrow = day + timedelta(days=1)
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        held = isinstance(progression.review, Daily) or day.day == min(progression.review.day, last.day)
        if held and day > date(2017, 1, 1):
            move(day, count(progression.window.term.before(day), day), up_only=False)
        for bought_on, cents in bought:
            if bought_on == day:
                known.append((bought_on, cents))
                if progression.upgrade is Upgrade.AT_ONCE:
                    move(day, count(progression.window.term.before(tomorrow), tomorrow), up_only=True)
        day = tomorrow
    return changes


@pytest.mark.rule("PTS-19", "SCH-6", "SCH-4")
@settings(max_examples=40)
@given(progression=PROGRESSIONS, purchases=PURCHASES, chunk=st.integers(1, 12))
def test_imported_in_chunks_of_any_size_it_is_what_it_is_one_by_one(progression, purchases, chunk):
    world, accounts = a_world(progression)
    at(world, 2017, 12, 31)
    rows = [
        PurchaseRow(f"P-{number}", accounts[who], instant, (PurchaseLine("item", cents),), "USD")
        for number, (instant, who, cents) in enumerate(in_order(purchases))
    ]
    report = world.org.loyalty.import_purchases(rows, source="till", chunk=chunk)
    assert (report.recorded, report.rejects) == (len(rows), ())
    world.ml.run_jobs()
    assert facts(world, *accounts) == run_through(progression, purchases, [])


@pytest.mark.rule("SCH-4", "SCH-6", "PTS-19")
@pytest.mark.parametrize("upgrade", Upgrade)
def test_an_import_reviews_and_upgrades_on_every_store(make_world, upgrade):
    world = journey(make_world, progression=moves(upgrade=upgrade))
    accounts = [world.account() for _ in range(3)]
    rows = [
        PurchaseRow(
            f"P-{number}",
            accounts[number % 3],
            start(2017, 1, 2) + timedelta(days=4 * number, hours=9),
            (PurchaseLine("item", 2_000 * (1 + number % 3)),),
            "USD",
        )
        for number in range(60)
    ]
    at(world, 2017, 12, 31)
    world.org.loyalty.import_purchases(rows, source="till", chunk=25)
    world.ml.run_jobs()
    reference = journey(lambda **said: World(MemoryStorage(), **said), progression=moves(upgrade=upgrade))
    buy, others = Till(reference), [reference.account() for _ in range(3)]
    for number, row in enumerate(rows):
        reference.clock.forward(row.at - reference.clock.now())
        buy(others[number % 3], row.lines[0].amount)
    at(reference, 2017, 12, 31)
    reference.ml.run_jobs()
    assert facts(world, *accounts) == facts(reference, *others)
