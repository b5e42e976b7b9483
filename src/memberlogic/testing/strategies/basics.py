"""What every other strategy is made of: ids, codes, texts, days, instants, terms, money."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.amounts import Money
from memberlogic.calendar import Days, Term
from memberlogic.clock import FixedClock
from memberlogic.ids import ExternalId, MemberId
from memberlogic.organizations.model import Studio
from memberlogic.organizations.quieting import QuietHours

__all__ = [
    "actors",
    "amounts",
    "clocks",
    "codes",
    "currencies",
    "dates",
    "days",
    "evenly",
    "external_ids",
    "ids",
    "instants",
    "local_times",
    "money",
    "points",
    "quiet_hours",
    "studios",
    "terms",
    "texts",
    "zones",
]

FIRST, LAST = date(2024, 1, 1), date(2028, 12, 31)
"""From when to when days are drawn, where nothing else is asked for: around a world's day, with two 29 Februaries."""

SOME_ID = UUID(int=(7 << 76) + (2 << 62) + 1)
"""The id of nothing."""

_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe")
_PERMISSIONS = ("members:read", "members:create", "members.points:update", "ledger.journals:create", "settings:delete")


def ids() -> st.SearchStrategy[UUID]:
    """Ids of which no record is."""
    return st.integers(1, 2**48).map(lambda number: UUID(int=(7 << 76) + (2 << 62) + number))


def codes() -> st.SearchStrategy[str]:
    """Codes: 1 to 64 small letters, digits, ``_``, ``.`` or ``-``."""
    return st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,63}", fullmatch=True)


def texts(most: int = 40) -> st.SearchStrategy[str]:
    """Texts of printable characters of any script, with no space around them."""
    words = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=most)
    inside = st.lists(words, min_size=1, max_size=3).map(" ".join)
    return inside.map(lambda text: text[:most].strip())


def external_ids(sources: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[ExternalId]:
    """Ids of other systems."""
    return st.builds(ExternalId, codes() if sources is None else sources, texts())


def zones() -> st.SearchStrategy[ZoneInfo]:
    """Places: with and without summer time, with half hours, on either side of the date line."""
    return st.sampled_from(_ZONES).map(ZoneInfo)


def dates(first: date = FIRST, last: date = LAST) -> st.SearchStrategy[date]:
    """Single days, both bounds inclusive."""
    return st.dates(first, last)


def instants(first: date = FIRST, last: date = LAST) -> st.SearchStrategy[datetime]:
    """Aware instants in UTC, from the first day on and before the last."""
    seconds = int((last - first).total_seconds()) - 1
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return st.integers(0, seconds).map(lambda later: start + timedelta(seconds=later))


def local_times() -> st.SearchStrategy[time]:
    """Times of day in whole minutes, without a zone."""
    return st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 30, 59)))


@st.composite
def days(draw: st.DrawFn, first: date = FIRST, last: date = LAST) -> Days:
    """Half-open spans of at least one day, and of a year at most; they begin on one of these days."""
    start = draw(dates(first, last))
    return Days(start, start + timedelta(days=draw(st.integers(1, 366))))


def terms(*, most_days: int = 400, most_months: int = 36) -> st.SearchStrategy[Term]:
    """Terms in days or in months, from one on."""
    return st.integers(1, most_days).map(Term.of_days) | st.integers(1, most_months).map(Term.of_months)


def evenly(least: int, most: int) -> st.SearchStrategy[int]:
    """Whole numbers of which the large are as likely as the small, which Hypothesis prefers: so many hundredths of the
    way, and some that are odd.
    """
    # One choice each: Hypothesis leaves out an item of a list at once only where few choices made it.
    way = most - least
    even = [least + way * part // 100 for part in range(101)]
    odd = [least + way // part for part in (3, 7, 11, 13)]
    return st.sampled_from(list(dict.fromkeys([*even, *odd, max(least, most - 1)])))


def points(least: int = 1, most: int = 100_000) -> st.SearchStrategy[int]:
    """How many points."""
    return st.integers(least, most)


def amounts(least: int = 0, most: int = 1_000_000) -> st.SearchStrategy[int]:
    """Money in minor units."""
    return st.integers(least, most)


def currencies() -> st.SearchStrategy[str]:
    """Currencies with two, no and three digits."""
    return st.sampled_from(("EUR", "USD", "JPY", "KWD"))


def money(least: int = 0, most: int = 1_000_000, *, currency: str | None = None) -> st.SearchStrategy[Money]:
    """Amounts of money."""
    return st.builds(Money, amounts(least, most), currencies() if currency is None else st.just(currency))


def studios() -> st.SearchStrategy[Studio]:
    """Places of a club, with the zone in which their days begin."""
    return st.builds(Studio, codes(), zones())


def quiet_hours() -> st.SearchStrategy[QuietHours]:
    """Quiet hours within a day and over midnight."""
    both = st.tuples(local_times(), local_times()).filter(lambda pair: pair[0] != pair[1])
    return both.map(lambda pair: QuietHours(*pair))


def actors() -> st.SearchStrategy[Actor]:
    """The system, members, and staff with some permissions."""
    staff = st.builds(Actor.staff, st.sampled_from(("sam", "kim")), st.sets(st.sampled_from(_PERMISSIONS)))
    return st.just(Actor.system()) | staff | ids().map(MemberId).map(Actor.member)


def clocks() -> st.SearchStrategy[FixedClock]:
    """Clocks that stand still."""
    return instants().map(FixedClock)
