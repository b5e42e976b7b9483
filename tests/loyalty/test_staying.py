"""SCH-2, SCH-5 and SCH-7 against a plain model: a loop over the days that knows of the library only its names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from dateutil.relativedelta import relativedelta
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
    OnAnniversary,
    Pin,
    PinKind,
    Progression,
    PurchaseLine,
    Rolling,
    Scheme,
    SinceChange,
    Term,
    Upgrade,
    Yearly,
)
from memberlogic.errors import InvalidInput
from memberlogic.loyalty.footing import FOOTINGS, Finding, Footing, Verdict, footing, verdict
from memberlogic.loyalty.progression import Cause, Grace
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

CODES = ("base", "silver", "gold", "platinum")
THRESHOLDS = (0, 100, 300, 900)
LADDER = tuple(Scheme(code=c, name=c.title(), threshold=t) for c, t in zip(CODES, THRESHOLDS, strict=True))
OPENED = date(2016, 2, 29)
# Midnight is missing in Sao Paulo when summer time begins, in Cairo it comes twice when it ends.
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


class Model:
    """One account as the rule book tells it, day by day."""

    def __init__(self, said: Progression, opened: date, named: int | None) -> None:
        self.said, self.opened, self.rank = said, opened, named or 0
        self.bought: list[tuple[date, int]] = []
        self.changes: list[tuple] = []
        self.grace = None
        self.since, self.counted_from = opened, opened
        self.pin = None if named is None else self.unpinned(opened, named)

    # Durations, written once more.
    def plus(self, day: date, term: Term) -> date:
        return day + relativedelta(days=term.days, months=term.months)

    def anniversary(self, year: int) -> date:
        return self.opened + relativedelta(years=year - self.opened.year)

    def year_starts(self, day: date) -> bool:
        match self.said.window:
            case CalendarYear():
                return (day.month, day.day) == (1, 1)
            case AnniversaryYear():
                return day == self.anniversary(day.year)
        return False

    def by_years(self) -> bool:
        return isinstance(self.said.window, CalendarYear | AnniversaryYear)

    def regular(self, day: date) -> bool:
        match self.said.review:
            case Daily():
                return True
            case Monthly(day=number):
                return day.day == number or ((day + timedelta(days=1)).day == 1 and number > day.day)
            case Yearly(month=month, day=number):
                return day == date(day.year, month, 1) + relativedelta(day=number)
            case OnAnniversary():
                return day == self.anniversary(day.year)

    def stay_end(self) -> date | None:
        return self.said.minimum_stay and self.plus(self.since, self.said.minimum_stay)

    def unpinned(self, day: date, rank: int):
        if self.said.minimum_stay:
            return (PinKind.FLOOR, rank, self.plus(day, self.said.minimum_stay))
        if not self.by_years() and not isinstance(self.said.review, Yearly | OnAnniversary):
            return None
        following = day + timedelta(days=1)
        while not (self.year_starts(following) if self.by_years() else self.regular(following)):
            following += timedelta(days=1)
        return (PinKind.FLOOR, rank, following)

    def is_reviewed(self, day: date) -> bool:
        ends = (self.stay_end(), self.grace and self.grace[1], self.pin and self.pin[2])
        return day > self.opened and (self.regular(day) or self.year_starts(day) or day in ends)

    def start(self, day: date) -> date:
        """Where the window begins of a review on a day."""
        match self.said.window:
            case Rolling(term=term):
                return day - relativedelta(days=term.days, months=term.months)
            case SinceChange():
                return min(self.counted_from, day)
        found = day - timedelta(days=1)
        while not self.year_starts(found):
            found -= timedelta(days=1)
        return found

    def count(self, start: date, end: date) -> int:
        inside = [(day, amount) for day, amount in self.bought if start <= day < end]
        return {
            Metric.MONEY_SPENT: sum(amount for _, amount in inside),
            Metric.PURCHASES: len(inside) * 60,
            Metric.VISITS: len({day for day, _ in inside}) * 60,
        }[self.said.metric]

    def reached(self, count: int) -> int:
        return max(rank for rank, threshold in enumerate(THRESHOLDS) if threshold <= count)

    def change(self, day, rank, cause, count, start, at_start):
        self.changes.append((day, CODES[self.rank], CODES[rank], cause, count, start))
        self.rank, self.since, self.grace = rank, day, None
        self.counted_from = day if at_start else day + timedelta(days=1)

    def review(self, day: date) -> None:
        ends_grace = self.grace is not None and day >= self.grace[1]
        start = self.grace[0] if ends_grace else self.start(day)
        count = self.count(start, day)
        found = self.reached(count)
        pin = self.pin if self.pin and day < self.pin[2] else None
        if pin and pin[0] is PinKind.FIXED:
            return
        if found > self.rank:
            self.change(day, found, "upgrade", count, start, True)
        elif found == self.rank:
            if isinstance(self.said.window, SinceChange) and day >= self.stay_end():
                self.change(day, found, "kept", count, start, True)
            self.grace = None
        elif pin and self.rank <= pin[1]:
            return
        elif self.grace is not None:
            if ends_grace:
                self.lower(day, found, count, start, pin)
        elif (
            (self.said.minimum_stay and day < self.stay_end())
            or self.said.downgrade is Downgrade.NEVER
            or (self.by_years() and not self.year_starts(day))
        ):
            return
        elif self.said.grace:
            self.grace = (start, self.plus(day, self.said.grace))
        else:
            self.lower(day, found, count, start, pin)

    def lower(self, day, found, count, start, pin):
        to = found if self.said.downgrade is Downgrade.TO_REACHED else self.rank - 1
        self.change(day, max(to, pin[1] if pin else 0), "downgrade", count, start, True)

    def buy(self, day: date, amount: int) -> None:
        self.bought.append((day, amount))
        if self.said.upgrade is Upgrade.AT_ONCE and not (
            self.pin and self.pin[0] is PinKind.FIXED and day < self.pin[2]
        ):
            tomorrow = day + timedelta(days=1)
            count = self.count(self.start(tomorrow), tomorrow)
            if self.reached(count) > self.rank:
                self.change(day, self.reached(count), "upgrade", count, self.start(tomorrow), False)

    def move(self, day: date, rank: int, pin) -> None:
        tomorrow = day + timedelta(days=1)
        start = self.start(tomorrow)
        self.change(day, rank, "manual", self.count(start, tomorrow), start, False)
        self.pin = (pin[0], rank, pin[1]) if pin else self.unpinned(day, rank)


TERMS = st.one_of(st.builds(Term.of_days, st.integers(1, 80)), st.builds(Term.of_months, st.integers(1, 14)))


@st.composite
def progressions(draw):
    window = draw(st.sampled_from([CalendarYear(), AnniversaryYear(), SinceChange(), None]))
    return moves(
        metric=draw(st.sampled_from([Metric.MONEY_SPENT, Metric.PURCHASES, Metric.VISITS])),
        window=window or Rolling(draw(TERMS)),
        upgrade=draw(st.sampled_from(Upgrade)),
        downgrade=draw(st.sampled_from(Downgrade)),
        review=draw(
            st.sampled_from(
                [Daily(), Monthly(1), Monthly(31), Yearly(1, 1), Yearly(7, 15), Yearly(2, 29), OnAnniversary()]
            )
        ),
        minimum_stay=draw(TERMS if isinstance(window, SinceChange) else st.none() | TERMS),
        grace=draw(st.none() | TERMS),
    )


PINS = st.none() | st.tuples(st.sampled_from(PinKind), st.integers(1, 500))
HAPPENINGS = st.lists(
    st.tuples(
        st.integers(1, 1_000),
        st.one_of(
            st.tuples(st.just("buy"), st.sampled_from([10, 90, 100, 250, 900])),
            st.tuples(st.just("buy"), st.sampled_from([10, 90, 100, 250, 900])),
            st.tuples(st.just("move"), st.integers(0, 3), PINS),
        ),
    ),
    max_size=14,
)
LAST = OPENED + timedelta(days=1_100)


def live(said, happenings, named=None, zone=ZONES[0], jobs=(), last=LAST):
    """A world in which it happens, and what is stored in the end."""
    world = a_world(zone=zone)
    ladder = LADDER if said.metric is Metric.MONEY_SPENT else _by_sixty()
    club = world.another_club(zone=zone, schemes=ladder, progression=said)
    account = world.org.loyalty.open_account(
        club=club.id, member=world.member(), scheme=None if named is None else CODES[named]
    ).id
    both = sorted([*happenings, *((day, ("jobs",)) for day in jobs)], key=lambda each: each[0])
    for day, what in both:
        until(world, OPENED + timedelta(days=day))
        match what:
            case ("jobs",):
                world.ml.run_jobs(chunk=1)
            case ("buy", amount):
                world.wait(seconds=1)
                buy(world, account, amount)
            case ("move", rank, pin):
                world.wait(seconds=1)
                asked = pin and Pin(pin[0], OPENED + timedelta(days=day + pin[1]))
                world.org.loyalty.move_scheme(account, CODES[rank], reason="goodwill", pin=asked)
    until(world, last)
    world.ml.run_jobs()
    return world, account


def _by_sixty():
    """The ladder for metrics that count by ones."""
    return tuple(evolve(each, threshold=-(-each.threshold // 60)) for each in LADDER)


def modelled(said, happenings, named=None) -> Model:
    model = Model(said, OPENED, named)
    todo, day = sorted(happenings, key=lambda each: each[0]), OPENED
    while day <= LAST:
        if model.is_reviewed(day):
            model.review(day)
        for number, what in todo:
            if OPENED + timedelta(days=number) == day:
                if what[0] == "buy":
                    model.buy(day, what[1])
                else:
                    pin = what[2] and (what[2][0], day + timedelta(days=what[2][1]))
                    model.move(day, what[1], pin)
        day += timedelta(days=1)
    return model


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
    model = modelled(said, happenings, named)
    scale = 1 if said.metric is Metric.MONEY_SPENT else 60
    found = [(*each[:4], each[4] * scale, each[5]) for each in changes(world, account)]
    assert found == model.changes
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
