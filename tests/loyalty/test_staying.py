"""SCH-2, SCH-5 and SCH-7 against a plain model: a loop over the days that knows of the library only its names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import (
    AnniversaryYear,
    CalendarYear,
    Daily,
    Downgrade,
    ExternalId,
    Metric,
    Monthly,
    Pin,
    PinKind,
    Progression,
    PurchaseLine,
    Rolling,
    SinceChange,
    Term,
    Upgrade,
    Yearly,
)
from memberlogic.certification import rising
from memberlogic.certification.rising import CODES, HAPPENINGS, LADDER, LAST, OPENED, Model, progressions
from memberlogic.errors import InvalidInput
from memberlogic.loyalty.footing import FOOTINGS, Finding, Footing, Verdict, footing, verdict
from memberlogic.loyalty.progression import Cause, Grace
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

# Midnight is missing in Sao Paulo when summer time begins, in Havana it comes twice when it ends.
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/Sao_Paulo", "America/Havana")]


def moves(**said) -> Progression:
    rest = {
        "metric": Metric.MONEY_SPENT,
        "window": Rolling(Term.of_months(6)),
        "upgrade": Upgrade.AT_REVIEW,
        "downgrade": Downgrade.TO_REACHED,
        "review": Monthly(1),
    }
    return Progression(**(rest | said))


def a_world(make=None, *, zone=ZONES[0], opened=OPENED, **said) -> World:
    """A world at noon of the day on which its accounts are opened."""
    made = make or (lambda **settings: World(MemoryStorage(), **settings))
    at = datetime(opened.year, opened.month, opened.day, 12, tzinfo=zone).astimezone(UTC)
    return made(at=at, zone=zone, schemes=LADDER, progression=moves(**said))


def until(world: World, day: date, hour: int = 12) -> None:
    """Let time pass until an hour of a day of the club."""
    instant = datetime(day.year, day.month, day.day, hour, tzinfo=world.club.zone).astimezone(UTC)
    world.clock.forward(max(instant - world.clock.now(), timedelta()))


def buy(world: World, account, amount: int) -> None:
    number = str(len(world.entries(account))) + world.clock.now().isoformat() + str(amount)
    world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", f"{account}{number}"[:120]),
        lines=(PurchaseLine("item", amount),),
        currency="EUR",
    )


def changes(world: World, account):
    return [
        (each.day, each.from_scheme, each.to_scheme, each.cause.value, each.measured, each.window.start)
        for each in world.org.loyalty.scheme_history(account).changes
    ]


def scheme(world: World, account) -> str:
    return world.org.loyalty.account(account).scheme


def live(said, happenings, named=None, zone=ZONES[0], jobs=(), last=LAST):
    """A world in memory in which it happens, with jobs on some days."""
    both = [*happenings, *((day, ("jobs",)) for day in jobs)]
    return rising.live(MemoryStorage(), said, both, named, zone=zone, last=last)


@pytest.mark.rule("SCH-2", "SCH-3", "SCH-4", "SCH-5", "SCH-6", "SCH-7", "SCH-8")
@settings(max_examples=150)
@given(
    said=progressions(),
    happenings=HAPPENINGS,
    named=st.none() | st.integers(0, 3),
    zone=st.sampled_from(ZONES),
)
def test_the_service_does_what_the_plain_model_does(said, happenings, named, zone):
    world, account = live(said, happenings, named, zone)
    model = Model(said, OPENED, named).live(happenings)
    assert rising.changes(world, account) == model.changes
    stored = world.org.loyalty.account(account)
    assert stored.scheme == CODES[model.rank]
    assert (stored.grace and (stored.grace.since, stored.grace.until)) == model.grace


@pytest.mark.rule("SCH-5", "SCH-6", "SCH-7", "COM-8", "COM-18")
@settings(max_examples=50)
@given(said=progressions(), happenings=HAPPENINGS, jobs=st.lists(st.integers(0, 1_050), max_size=15))
def test_jobs_daily_or_never_change_no_fact(said, happenings, jobs):
    def facts(world, account):
        stored = world.org.loyalty.account(account)
        began = [
            (each.event.type, each.effective_at) for each in world.events() if each.event.type.startswith("scheme.g")
        ]
        return (
            changes(world, account),
            (stored.scheme, stored.scheme_since, stored.next_review, stored.pin, stored.grace),
            sorted(began),
        )

    assert facts(*live(said, happenings, jobs=jobs)) == facts(*live(said, happenings))


@pytest.mark.rule("SCH-5")
def test_a_window_since_the_change_needs_a_minimum_stay():
    with pytest.raises(InvalidInput) as refusal:
        moves(window=SinceChange())
    assert refusal.value.path == "minimum_stay"


@pytest.mark.rule("SCH-5", "SCH-2")
@pytest.mark.parametrize("review", [Daily(), Monthly(15), Yearly(7, 1)])
def test_earned_in_one_year_kept_through_the_next(make_world, review):
    """Gold by 300 in 2016: kept through 2017, whatever other days the club names; lowered on 1 January 2018."""
    world = a_world(make_world, window=CalendarYear(), upgrade=Upgrade.AT_ONCE, review=review)
    account = world.account()
    until(world, date(2016, 5, 1))
    buy(world, account, 300)
    assert scheme(world, account) == "gold"
    until(world, date(2017, 12, 31), 23)
    assert scheme(world, account) == "gold"
    until(world, date(2018, 1, 1), 0)
    assert scheme(world, account) == "base"
    world.ml.run_jobs()
    assert changes(world, account)[-1] == (date(2018, 1, 1), "gold", "base", "downgrade", 0, date(2017, 1, 1))


@pytest.mark.rule("SCH-5", "SCH-2")
def test_an_anniversary_on_29_february_is_the_28th_in_common_years(make_world):
    world = a_world(make_world, window=AnniversaryYear(), review=Monthly(15))
    account = world.account()
    until(world, date(2016, 12, 1))
    buy(world, account, 100)
    until(world, date(2017, 2, 27))
    assert changes(world, account) == [(date(2016, 12, 15), "base", "silver", "upgrade", 100, OPENED)]
    until(world, date(2018, 2, 28))
    assert changes(world, account)[1:] == [(date(2018, 2, 28), "silver", "base", "downgrade", 0, date(2017, 2, 28))]


@pytest.mark.rule("SCH-5")
def test_no_downgrade_before_the_minimum_stay_ends_and_its_end_is_a_review(make_world):
    world = a_world(make_world, window=Term.of_days(30), minimum_stay=Term.of_days(100), upgrade=Upgrade.AT_ONCE)
    account = world.account()
    buy(world, account, 100)
    assert world.org.loyalty.account(account).next_review == _start(world, date(2016, 3, 1))
    until(world, date(2016, 6, 7))
    assert scheme(world, account) == "silver"
    # A hundred days after 29 February is 8 June; the club's own reviews are on the first of each month.
    until(world, date(2016, 6, 8), 0)
    assert scheme(world, account) == "base"


@pytest.mark.rule("SCH-5")
def test_grace_is_granted_recovered_from_and_ended(make_world):
    said = {"window": Term.of_days(60), "grace": Term.of_days(45), "upgrade": Upgrade.AT_ONCE}
    world = a_world(make_world, **said)
    lost, saved = world.account(), world.account()
    for each in (lost, saved):
        buy(world, each, 100)
    until(world, date(2016, 5, 1))
    # 60 days before 1 May is 2 March: nothing counts, both are granted 45 days.
    assert [scheme(world, each) for each in (lost, saved)] == ["silver", "silver"]
    grace = world.org.loyalty.account(lost).grace
    assert (grace.since, grace.until) == (date(2016, 3, 2), date(2016, 6, 15))
    buy(world, saved, 100)
    until(world, date(2016, 6, 1))
    assert world.org.loyalty.account(saved).grace is None
    assert world.org.loyalty.account(lost).next_review == _start(world, date(2016, 6, 15))
    until(world, date(2016, 6, 15), 0)
    world.ml.run_jobs()
    assert [scheme(world, each) for each in (lost, saved)] == ["base", "silver"]
    assert changes(world, lost)[-1] == (date(2016, 6, 15), "silver", "base", "downgrade", 0, date(2016, 3, 2))
    told = [(each.event.type, each.event.account) for each in world.events() if "grace" in each.event.type]
    assert sorted(told, key=str) == sorted(
        [("scheme.grace_began", lost), ("scheme.grace_began", saved), ("scheme.grace_ended", saved)], key=str
    )


@pytest.mark.rule("SCH-5", "SCH-8")
def test_since_the_change_a_scheme_is_kept_by_reaching_it_again(make_world):
    said = {"window": SinceChange(), "minimum_stay": Term.of_months(6), "upgrade": Upgrade.AT_ONCE}
    world = a_world(make_world, **said, review=Yearly(1, 1))
    account = world.account()
    until(world, date(2016, 3, 10))
    buy(world, account, 100)
    until(world, date(2016, 4, 10))
    buy(world, account, 100)
    until(world, date(2017, 6, 1))
    world.ml.run_jobs()
    assert changes(world, account) == [
        (date(2016, 3, 10), "base", "silver", "upgrade", 100, OPENED),
        (date(2016, 9, 10), "silver", "silver", "kept", 100, date(2016, 3, 11)),
        (date(2017, 3, 10), "silver", "base", "downgrade", 0, date(2016, 9, 10)),
    ]
    assert world.org.loyalty.migration(world.club.id, date(2016, 9, 1), date(2016, 10, 1)).moves == ()


def _start(world, day):
    return datetime(day.year, day.month, day.day, tzinfo=world.club.zone).astimezone(UTC)


@pytest.mark.rule("SCH-5", "SCH-7")
@pytest.mark.parametrize("blocked", [False, True])
@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("stands", Footing)
@pytest.mark.parametrize("grace", [None, Term.of_days(10)])
@pytest.mark.parametrize("downgrade", Downgrade)
def test_what_a_review_comes_to_in_every_state(stands, finding, blocked, grace, downgrade):
    of, account = _standing(stands, grace, downgrade)
    if blocked:
        account = evolve(account, state=type(account.state).BLOCKED)
    day = date(2016, 6, 1)
    assert footing(of, account, day) is stands
    if stands is Footing.FIXED:
        expected = Verdict.NOTHING
    elif finding is Finding.ABOVE and not blocked:
        expected = Verdict.RAISE
    elif finding is not Finding.BELOW:
        expected = Verdict.RECOVER if stands is Footing.GRACE else Verdict.NOTHING
    elif stands is Footing.FREE and downgrade is not Downgrade.NEVER:
        expected = Verdict.GRANT if grace else Verdict.LOWER
    else:
        expected = Verdict.NOTHING
    assert verdict(of, account, day, finding) is expected
    actions = {Verdict.RAISE: "rise", Verdict.LOWER: "fall", Verdict.GRANT: "grant", Verdict.RECOVER: "recover"}
    if expected in actions:
        assert actions[expected] in FOOTINGS.allowed(stands)


def _standing(stands, grace, downgrade):
    """A club, and an account that stands so on 1 June 2016."""
    stay = Term.of_days(200) if stands is Footing.STAYING else Term.of_days(1)
    world = a_world(minimum_stay=stay, grace=grace or (Term.of_days(10) if stands is Footing.GRACE else None))
    of = evolve(world.club, progression=evolve(world.club.progression, downgrade=downgrade, grace=grace))
    pins = {Footing.FLOOR: PinKind.FLOOR, Footing.FIXED: PinKind.FIXED}
    account = world.account()
    pin = Pin(pins[stands], date(2016, 6, 2)) if stands in pins else None
    world.org.loyalty.move_scheme(account, "silver", reason="test", pin=pin)
    found = world.org.loyalty.account(account)
    if stands not in pins:
        found = evolve(found, pin=None)
    if stands is Footing.GRACE:
        found = evolve(found, grace=Grace(since=date(2016, 1, 1), until=date(2016, 6, 2)))
    return of, found


@pytest.mark.rule("SCH-8")
def test_a_change_says_its_cause(make_world):
    world = a_world(make_world)
    account = world.account()
    world.org.loyalty.move_scheme(account, "gold", reason="goodwill")
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert (change.cause, change.reason, change.pin) == (Cause.MANUAL, "goodwill", None)
    assert "goodwill" in str(world.events()[-1].event)
