"""A plain model of how accounts rise and fall (SCH-2 to SCH-8): a loop over the days that knows of the library only its
names. What a store keeps is compared with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve
from dateutil.relativedelta import relativedelta
from hypothesis import strategies as st

from memberlogic.application import Work
from memberlogic.calendar import Term
from memberlogic.ids import AccountId, ExternalId, new_id
from memberlogic.loyalty.model import Scheme
from memberlogic.loyalty.progression import (
    AnniversaryYear,
    CalendarYear,
    Daily,
    Downgrade,
    Metric,
    Monthly,
    OnAnniversary,
    Pin,
    PinKind,
    Progression,
    Review,
    Rolling,
    SinceChange,
    Upgrade,
    Yearly,
)
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.storing import Storage
from memberlogic.testing.worlds import World

__all__ = ["CODES", "HAPPENINGS", "LADDER", "LAST", "OPENED", "THRESHOLDS", "Model", "changes", "live", "progressions"]

CODES = ("base", "silver", "gold", "platinum")
THRESHOLDS = (0, 100, 300, 900)
LADDER = tuple(Scheme(code=c, name=c.title(), threshold=t) for c, t in zip(CODES, THRESHOLDS, strict=True))
OPENED = date(2016, 2, 29)
LAST = OPENED + timedelta(days=1_100)
_UNIT = 60
"""What one purchase or visit counts for in the model, so that one ladder does for every metric."""

Happening = tuple[int, tuple[Any, ...]]
"""On so many days after the opening: ``("buy", amount)``, ``("move", rank, pin)`` or ``("jobs",)``."""


class Model:
    """One account as the rule book tells it, day by day."""

    def __init__(self, said: Progression, opened: date, named: int | None) -> None:
        self.said, self.opened, self.rank = said, opened, named or 0
        self.bought: list[tuple[date, int]] = []
        self.changes: list[tuple[Any, ...]] = []
        self.grace: tuple[date, date] | None = None
        self.since, self.counted_from = opened, opened
        self.pin: tuple[PinKind, int, date] | None = None if named is None else self.unpinned(opened, named)

    def plus(self, day: date, term: Term) -> date:
        """A day and a term."""
        return day + relativedelta(days=term.days, months=term.months)

    def anniversary(self, year: int) -> date:
        """The anniversary in a year."""
        return self.opened + relativedelta(years=year - self.opened.year)

    def year_starts(self, day: date) -> bool:
        """Whether a year of the window begins."""
        if isinstance(self.said.window, CalendarYear):
            return (day.month, day.day) == (1, 1)
        return isinstance(self.said.window, AnniversaryYear) and day == self.anniversary(day.year)

    @property
    def by_years(self) -> bool:
        """Whether the club counts by years."""
        return isinstance(self.said.window, CalendarYear | AnniversaryYear)

    def regular(self, day: date) -> bool:
        """Whether the club reviews on a day."""
        review = self.said.review
        if isinstance(review, Monthly):
            return day.day == review.day or ((day + timedelta(days=1)).day == 1 and review.day > day.day)
        if isinstance(review, Yearly):
            return day == date(day.year, review.month, 1) + relativedelta(day=review.day)
        return isinstance(review, Daily) or day == self.anniversary(day.year)

    def stay_end(self) -> date | None:
        """The end of the minimum stay."""
        return None if self.said.minimum_stay is None else self.plus(self.since, self.said.minimum_stay)

    def unpinned(self, day: date, rank: int) -> tuple[PinKind, int, date] | None:
        """How a move without a pin holds."""
        if self.said.minimum_stay is not None:
            return (PinKind.FLOOR, rank, self.plus(day, self.said.minimum_stay))
        if not self.by_years and not isinstance(self.said.review, Yearly | OnAnniversary):
            return None
        following = day + timedelta(days=1)
        while not (self.year_starts(following) if self.by_years else self.regular(following)):
            following += timedelta(days=1)
        return (PinKind.FLOOR, rank, following)

    def is_reviewed(self, day: date) -> bool:
        """Whether there is a review on a day."""
        ends = (self.stay_end(), self.grace and self.grace[1], self.pin and self.pin[2])
        return day > self.opened and (self.regular(day) or self.year_starts(day) or day in ends)

    def start(self, day: date) -> date:
        """Where the window begins of a review on a day."""
        window = self.said.window
        if isinstance(window, Rolling):
            return day - relativedelta(days=window.term.days, months=window.term.months)
        if isinstance(window, SinceChange):
            return min(self.counted_from, day)
        found = day - timedelta(days=1)
        while not self.year_starts(found):
            found -= timedelta(days=1)
        return found

    def count(self, start: date, end: date) -> int:
        """The metric over half-open days."""
        inside = [(day, amount) for day, amount in self.bought if start <= day < end]
        if self.said.metric is Metric.MONEY_SPENT:
            return sum(amount for _, amount in inside)
        return _UNIT * (len(inside) if self.said.metric is Metric.PURCHASES else len({day for day, _ in inside}))

    def reached(self, count: int) -> int:
        """The rank that is reached."""
        return max(rank for rank, threshold in enumerate(THRESHOLDS) if threshold <= count)

    def change(self, day: date, rank: int, cause: str, count: int, start: date, *, at_start: bool) -> None:
        """From here on in another scheme, or in this one anew."""
        self.changes.append((day, CODES[self.rank], CODES[rank], cause, count, start))
        self.rank, self.since, self.grace = rank, day, None
        self.counted_from = day if at_start else day + timedelta(days=1)

    def review(self, day: date) -> None:
        """A review."""
        over = self.grace is not None and day >= self.grace[1]
        start = self.grace[0] if self.grace is not None and over else self.start(day)
        count = self.count(start, day)
        found, stay = self.reached(count), self.stay_end()
        pin = self.pin if self.pin is not None and day < self.pin[2] else None
        if pin is not None and pin[0] is PinKind.FIXED:
            return
        if found > self.rank:
            self.change(day, found, "upgrade", count, start, at_start=True)
        elif found == self.rank:
            if isinstance(self.said.window, SinceChange) and stay is not None and day >= stay:
                self.change(day, found, "kept", count, start, at_start=True)
            self.grace = None
        elif pin is not None and self.rank <= pin[1]:
            return
        elif self.grace is not None:
            if over:
                self.lower(day, found, count, start, pin)
        elif (
            self.said.downgrade is Downgrade.NEVER
            or (stay is not None and day < stay)
            or (self.by_years and not self.year_starts(day))
        ):
            return
        elif self.said.grace is not None:
            self.grace = (start, self.plus(day, self.said.grace))
        else:
            self.lower(day, found, count, start, pin)

    def lower(self, day: date, found: int, count: int, start: date, pin: tuple[PinKind, int, date] | None) -> None:
        """Down, as far as the club goes and a floor lets it."""
        to = found if self.said.downgrade is Downgrade.TO_REACHED else self.rank - 1
        self.change(day, max(to, pin[1] if pin is not None else 0), "downgrade", count, start, at_start=True)

    def buy(self, day: date, amount: int) -> None:
        """A purchase."""
        self.bought.append((day, amount))
        fixed = self.pin is not None and self.pin[0] is PinKind.FIXED and day < self.pin[2]
        if self.said.upgrade is Upgrade.AT_ONCE and not fixed:
            tomorrow = day + timedelta(days=1)
            count = self.count(self.start(tomorrow), tomorrow)
            if self.reached(count) > self.rank:
                self.change(day, self.reached(count), "upgrade", count, self.start(tomorrow), at_start=False)

    def move(self, day: date, rank: int, pin: tuple[PinKind, date] | None) -> None:
        """A move by hand."""
        tomorrow = day + timedelta(days=1)
        start = self.start(tomorrow)
        self.change(day, rank, "manual", self.count(start, tomorrow), start, at_start=False)
        self.pin = self.unpinned(day, rank) if pin is None else (pin[0], rank, pin[1])

    def live(self, happenings: Sequence[Happening], last: date = LAST) -> Model:
        """Through all days up to one."""
        day = self.opened
        while day <= last:
            if self.is_reviewed(day):
                self.review(day)
            for number, what in sorted(happenings, key=lambda each: each[0]):
                if self.opened + timedelta(days=number) == day:
                    self._happens(day, what)
            day += timedelta(days=1)
        return self

    def _happens(self, day: date, what: tuple[Any, ...]) -> None:
        if what[0] == "buy":
            self.buy(day, what[1])
        elif what[0] == "move":
            self.move(day, what[1], what[2] and (what[2][0], day + timedelta(days=what[2][1])))


_TERMS = st.one_of(st.builds(Term.of_days, st.integers(1, 80)), st.builds(Term.of_months, st.integers(1, 14)))
_REVIEWS: list[Review] = [Daily(), Monthly(1), Monthly(31), Yearly(1, 1), Yearly(7, 15), Yearly(2, 29), OnAnniversary()]


@st.composite
def progressions(draw: st.DrawFn) -> Progression:
    """What a club may say of going up and down, every policy with every other."""
    window = draw(st.sampled_from([CalendarYear(), AnniversaryYear(), SinceChange(), None]))
    return Progression(
        metric=draw(st.sampled_from([Metric.MONEY_SPENT, Metric.PURCHASES, Metric.VISITS])),
        window=window or Rolling(draw(_TERMS)),
        upgrade=draw(st.sampled_from(Upgrade)),
        downgrade=draw(st.sampled_from(Downgrade)),
        review=draw(st.sampled_from(_REVIEWS)),
        minimum_stay=draw(_TERMS if isinstance(window, SinceChange) else st.none() | _TERMS),
        grace=draw(st.none() | _TERMS),
    )


_BOUGHT = st.tuples(st.just("buy"), st.sampled_from([10, 90, 100, 250, 900]))
_PINS = st.none() | st.tuples(st.sampled_from(PinKind), st.integers(1, 500))
_MOVED = st.tuples(st.just("move"), st.integers(0, 3), _PINS)
HAPPENINGS = st.lists(st.tuples(st.integers(1, 1_000), st.one_of(_BOUGHT, _BOUGHT, _MOVED)), max_size=14)


def live(
    storage: Storage[Work],
    said: Progression,
    happenings: Sequence[Happening],
    named: int | None = None,
    *,
    zone: ZoneInfo = ZoneInfo("Europe/Berlin"),  # noqa: B008 - immutable
    last: date = LAST,
) -> tuple[World, AccountId]:
    """A world in which it happens, and the account; settled to noon of the last day."""
    world = World(storage, at=_noon(OPENED, zone), zone=zone, schemes=LADDER)
    ladder = LADDER
    if said.metric is not Metric.MONEY_SPENT:
        ladder = tuple(evolve(each, threshold=-(-each.threshold // _UNIT)) for each in LADDER)
    club = world.another_club(zone=zone, schemes=ladder, progression=said)
    scheme = None if named is None else CODES[named]
    account = world.org.loyalty.open_account(club=club.id, member=world.member(), scheme=scheme).id
    for number, what in sorted(happenings, key=lambda each: each[0]):
        day = OPENED + timedelta(days=number)
        world.clock.forward(max(_noon(day, zone) - world.clock.now(), timedelta()))
        world.wait(seconds=1)
        _happens(world, account, day, what)
    world.clock.forward(max(_noon(last, zone) - world.clock.now(), timedelta()))
    world.org.loyalty.settle([world.wallet(account).id])
    return world, account


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)


def _happens(world: World, account: AccountId, day: date, what: tuple[Any, ...]) -> None:
    loyalty = world.org.loyalty
    if what[0] == "buy":
        lines, till = (PurchaseLine("item", what[1]),), ExternalId("till", str(new_id()))
        loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR")
    elif what[0] == "move":
        pin = what[2] and Pin(what[2][0], day + timedelta(days=what[2][1]))
        loyalty.move_scheme(account, CODES[what[1]], reason="goodwill", pin=pin)
    else:
        loyalty.settle([world.wallet(account).id])


def changes(world: World, account: AccountId) -> list[tuple[Any, ...]]:
    """What became of an account, as the model says it."""
    found = world.org.loyalty.scheme_history(account).changes
    unit = {Metric.PURCHASES: _UNIT, Metric.VISITS: _UNIT}
    return [
        (
            each.day,
            each.from_scheme,
            each.to_scheme,
            each.cause.value,
            each.measured * (unit.get(each.metric, 1) if each.metric else 1),
            each.window.start,
        )
        for each in found
    ]
