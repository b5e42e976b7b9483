"""SCH-8 read back: what became of an account, and of a whole club: who is where, who went where, who is close. Reviews
that are due and not written down yet are counted in, so that no answer waits for a job (COM-8).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.calendar import Days
from memberlogic.errors import InvalidInput, RuleViolation
from memberlogic.ids import AccountId, ClubId
from memberlogic.inputs import a_date, an_id, code, whole
from memberlogic.loyalty.measuring import measure
from memberlogic.loyalty.model import Account, AccountState, Club
from memberlogic.loyalty.opening import SchemeUnknown
from memberlogic.loyalty.progression import DayTotals, Metric, Progression, SchemeChange
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.windowing import common_window, window_of_tomorrow
from memberlogic.outcomes import Because, Explanation

__all__ = [
    "AccountsByScheme",
    "Closest",
    "ClosestFacts",
    "ClosestTo",
    "InScheme",
    "Migrated",
    "Migration",
    "MigrationOf",
    "Near",
    "NoProgression",
    "OnDay",
    "SchemeHistory",
    "by_scheme",
    "closest",
    "history",
    "migration",
]


@frozen(kw_only=True)
class OnDay:
    """An account on a business day."""

    account: AccountId = field(validator=an_id)
    day: date = field(validator=a_date)


@frozen(kw_only=True)
class MigrationOf:
    """A club over business days, the last one not included."""

    club: ClubId = field(validator=an_id)
    since: date = field(validator=a_date)
    until: date = field(validator=a_date)

    def __attrs_post_init__(self) -> None:
        if self.until < self.since:
            raise InvalidInput(path="until", expected="a day not before since", got="one before it")

    @property
    def days(self) -> Days:
        """The half-open span."""
        return Days(self.since, self.until)


@frozen(kw_only=True)
class ClosestTo:
    """The accounts of a club closest to a scheme's threshold."""

    club: ClubId = field(validator=an_id)
    scheme: str = field(validator=code("a scheme code"))
    limit: int = field(default=20, validator=whole(least=1, most=1000))


class NoProgression(RuleViolation):
    """Nothing is counted in this club."""

    code = "scheme.no_progression"
    rule = "SCH-2"
    sentence = "The club does not say what is counted for its schemes; open it with a progression."


@frozen(kw_only=True)
class SchemeHistory:
    """The scheme of an account now, since when, when it is reviewed next, and every change that led there, the first
    one first.
    """

    account: AccountId
    scheme: str
    since: datetime
    next_review: datetime | None
    changes: tuple[SchemeChange, ...]

    def explain(self) -> Explanation:
        """What decided each change."""
        return Explanation(
            f"In {self.scheme} since {self.since.date().isoformat()}, after {len(self.changes)} changes.",
            tuple(_because(change) for change in self.changes),
        )


def history(account: Account, changes: Sequence[SchemeChange]) -> SchemeHistory:
    """An account as it is now, with all its changes."""
    return SchemeHistory(
        account=account.id,
        scheme=account.scheme,
        since=account.scheme_since,
        next_review=account.next_review,
        changes=tuple(changes),
    )


def _because(change: SchemeChange) -> Because:
    return Because(
        "SCH-8",
        f"scheme.{change.cause.value}",
        {
            "day": change.day.isoformat(),
            "from": change.from_scheme,
            "to": change.to_scheme,
            (change.metric.value if change.metric else "measured"): change.measured,
            "window": f"{change.window.start.isoformat()} to {change.window.last_day.isoformat()}",
            "threshold": change.thresholds[change.to_scheme],
        },
    )


@frozen
class InScheme:
    """How many accounts are in a scheme."""

    scheme: str
    accounts: int


@frozen(kw_only=True)
class AccountsByScheme:
    """How many accounts that are not closed are in each scheme of a club, in rank order."""

    club: ClubId
    schemes: tuple[InScheme, ...]


def by_scheme(club: Club, counted: Mapping[str, int], due: Iterable[tuple[Account, Standing]]) -> AccountsByScheme:
    """What is stored, with the accounts whose reviews are due, before and after them."""
    counts = Counter(counted)
    for before, after in due:
        counts[before.scheme] -= 1
        counts[after.account.scheme] += 1
    return AccountsByScheme(
        club=club.id, schemes=tuple(InScheme(each.code, counts[each.code]) for each in club.schemes)
    )


@frozen(kw_only=True)
class Migrated:
    """How many accounts went from one scheme to another in a month; ``up`` if to a higher one."""

    month: date
    """Its first day."""
    from_scheme: str
    to_scheme: str
    accounts: int
    up: bool


@frozen(kw_only=True)
class Migration:
    """Who went where in a club, month by month, over the business days ``[since, until)``; only what happened, in
    order of months, then of ranks. An account that moved twice is counted twice.
    """

    club: ClubId
    since: date
    until: date
    moves: tuple[Migrated, ...]

    @property
    def upgrades(self) -> int:
        """How often an account went up."""
        return sum(each.accounts for each in self.moves if each.up)

    @property
    def downgrades(self) -> int:
        """How often an account went down."""
        return sum(each.accounts for each in self.moves if not each.up)


def migration(
    wanted: MigrationOf,
    club: Club,
    migrated: Sequence[tuple[date, str, str, int]],
    due: Iterable[tuple[Account, Standing]],
) -> Migration:
    """What is stored by day, with the changes that are due, by month."""
    counts: Counter[tuple[date, str, str]] = Counter()
    for day, before, after, accounts in migrated:
        counts[day.replace(day=1), before, after] += accounts if before != after else 0
    for change in (change for _, after in due for change in after.changes):
        if change.day in wanted.days and change.from_scheme != change.to_scheme:
            counts[change.day.replace(day=1), change.from_scheme, change.to_scheme] += 1
    moves = [
        Migrated(month=month, from_scheme=before, to_scheme=after, accounts=n, up=club.rank(after) > club.rank(before))
        for (month, before, after), n in counts.items()
        if n
    ]
    moves.sort(key=lambda each: (each.month, club.rank(each.from_scheme), club.rank(each.to_scheme)))
    return Migration(club=club.id, since=wanted.since, until=wanted.until, moves=tuple(moves))


@frozen(kw_only=True)
class Near:
    """An account below a scheme: what it has of the metric, and what is missing to the threshold."""

    account: AccountId
    scheme: str
    measured: int
    missing: int
    window: Days


@frozen(kw_only=True)
class Closest:
    """The accounts below a scheme that miss the least of its threshold, over the window that a review tomorrow would
    use; the least missing first, ties by id. The window stands here where it is the same for all of them.
    """

    club: ClubId
    scheme: str
    threshold: int
    metric: Metric
    window: Days | None
    accounts: tuple[Near, ...]


@frozen(kw_only=True)
class ClosestFacts:
    """What is looked for: accounts in lower schemes, by a metric over a window."""

    wanted: ClosestTo
    club: Club
    progression: Progression
    window: Days | None
    """None if each account has one of its own."""
    lower: frozenset[str]
    now: datetime

    @classmethod
    def of(cls, wanted: ClosestTo, club: Club, now: datetime) -> ClosestFacts:
        """As the club says it.

        Raises:
            SchemeUnknown: if the club does not have the scheme.
            NoProgression: if the club counts nothing.
        """
        codes = [each.code for each in club.schemes]
        if wanted.scheme not in codes:
            raise SchemeUnknown(asked=wanted.scheme, schemes=codes)
        if club.progression is None:
            raise NoProgression()
        return cls(
            wanted=wanted,
            club=club,
            progression=club.progression,
            window=common_window(club, now),
            now=now,
            lower=frozenset(codes[: codes.index(wanted.scheme)]),
        )


def closest(
    facts: ClosestFacts, candidates: Sequence[Account], totals: Mapping[AccountId, Sequence[DayTotals]]
) -> Closest:
    """The best of some candidates, as they are after every review that is due."""
    threshold = facts.club.thresholds[facts.wanted.scheme]
    near = [
        Near(
            account=each.id,
            scheme=each.scheme,
            measured=measured,
            missing=max(0, threshold - measured),
            window=window,
        )
        for each in candidates
        if each.scheme in facts.lower and each.state is AccountState.OPEN
        for window in (window_of_tomorrow(facts.club, each, facts.now),)
        if (measured := measure(facts.progression.metric, window, totals.get(each.id, ())))
    ]
    near.sort(key=lambda each: (-each.measured, each.account))
    return Closest(
        club=facts.club.id,
        scheme=facts.wanted.scheme,
        threshold=threshold,
        metric=facts.progression.metric,
        window=facts.window,
        accounts=tuple(near[: facts.wanted.limit]),
    )
