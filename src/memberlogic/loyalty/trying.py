"""SCH-10: a dry run of the reviews to come, with the club's thresholds or with others, over the whole club: how many
accounts would go from which scheme to which. It is what the reviews themselves decide, and nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from attrs import evolve, field, frozen

from memberlogic.calendar import local_day, start_of_day
from memberlogic.errors import JSON, InvalidInput
from memberlogic.ids import AccountId, ClubId
from memberlogic.inputs import MOST, a_date, an_id, describe, optional
from memberlogic.loyalty.measuring import Tally
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import DayTotals, Progression
from memberlogic.loyalty.reporting import NoProgression
from memberlogic.loyalty.reviewing import Held, measured_since, reviews
from memberlogic.outcomes import Because, Explanation

__all__ = ["DryRun", "Trial", "TryReviews", "WouldGo", "dry_run", "tried_since"]


def _thresholds(_: object, __: object, value: object) -> None:
    if not isinstance(value, Mapping):
        raise InvalidInput(path="thresholds", expected="thresholds by scheme code", got=describe(value))
    for code, threshold in value.items():
        if type(threshold) is not int or not 0 <= threshold <= MOST:
            expected = f"a whole number from 0 to {MOST}"
            raise InvalidInput(path=f"thresholds.{code}", expected=expected, got=describe(threshold))


@frozen(kw_only=True)
class TryReviews:
    """Try the reviews of a club up to a business day, with other thresholds if asked."""

    club: ClubId = field(validator=an_id)
    thresholds: Mapping[str, int] | None = field(default=None, validator=optional(_thresholds))
    as_of: date | None = field(default=None, validator=optional(a_date))

    def of(self, club: Club, now: datetime) -> Trial:
        """The club with the thresholds asked for.

        Raises:
            NoProgression: if the club counts nothing.
            InvalidInput: for a scheme the club does not have, thresholds that do not begin at 0 and rise, or a day that
                is not to come.
        """
        if club.progression is None:
            raise NoProgression()
        if self.as_of is not None and not local_day(now, club.zone) < self.as_of <= date(9998, 12, 31):
            raise InvalidInput(path="as_of", expected="a day after today, up to 9998-12-31", got=self.as_of.isoformat())
        said = {} if self.thresholds is None else self.thresholds
        known = club.thresholds
        for code in said:
            if code not in known:
                raise InvalidInput(path=f"thresholds.{code}", expected=f"one of {', '.join(known)}", got="another")
        schemes = [evolve(each, threshold=said.get(each.code, each.threshold)) for each in club.schemes]
        try:
            changed = evolve(club, schemes=schemes)
        except InvalidInput as error:
            expected, got = str(error.details["expected"]), str(error.details["got"])
            raise InvalidInput(path="thresholds", expected=expected, got=got) from None
        return Trial(wanted=self, club=club, trial=changed, progression=club.progression, now=now)


@frozen(kw_only=True)
class Trial:
    """A club as it is, and as it is tried."""

    wanted: TryReviews
    club: Club
    trial: Club
    progression: Progression
    now: datetime


@frozen
class WouldGo:
    """How many accounts would go from one scheme to another; or stay, where both are the same."""

    from_scheme: str
    to_scheme: str
    accounts: int


@frozen(kw_only=True)
class DryRun:
    """Who would go where: a cell for each pair of schemes that any account stands for, in order of ranks; accounts that
    stay among them. Nothing has been changed.
    """

    club: ClubId
    as_of: date | None
    """Every review by this day; None if the next review of each account."""
    thresholds: Mapping[str, int]
    accounts: int
    """How many accounts were looked at: all that are not closed."""
    moves: tuple[WouldGo, ...]
    upgrades: int
    downgrades: int
    in_grace: int
    """How many would be in a grace after it."""

    def explain(self) -> Explanation:
        """The table in words."""
        by = "the next review of each" if self.as_of is None else self.as_of.isoformat()
        summary = f"Of {self.accounts} accounts by {by}: {self.upgrades} up, {self.downgrades} down."
        return Explanation(summary, tuple(map(_because, self.moves)))


def _because(cell: WouldGo) -> Because:
    figures: dict[str, JSON] = {"from": cell.from_scheme, "to": cell.to_scheme, "accounts": cell.accounts}
    return Because("SCH-10", "scheme.would_go", figures)


def tried_since(trial: Trial, accounts: Sequence[Account]) -> date:
    """The first day whose purchases matter to any of the accounts."""
    days = [measured_since(trial.club, each, each.next_review or trial.now) for each in accounts]
    return min(days, default=local_day(trial.now, trial.club.zone))


def dry_run(trial: Trial, accounts: Sequence[Account], totals: Mapping[AccountId, Sequence[DayTotals]]) -> DryRun:
    """The table; ``accounts`` are as they are stored, ``totals`` reach back to :func:`tried_since`."""
    counts: Counter[tuple[str, str]] = Counter()
    in_grace = 0
    for stored in accounts:
        before, after = _tried(trial, stored, Tally.of(trial.progression.metric, totals.get(stored.id, ())))
        counts[before.scheme, after.scheme] += 1
        in_grace += after.grace is not None
    rank = trial.club.rank
    cells = sorted(counts, key=lambda each: (rank(each[0]), rank(each[1])))
    return DryRun(
        club=trial.club.id,
        as_of=trial.wanted.as_of,
        thresholds=trial.trial.thresholds,
        accounts=len(accounts),
        moves=tuple(WouldGo(before, after, counts[before, after]) for before, after in cells),
        upgrades=sum(counts[each] for each in cells if rank(each[1]) > rank(each[0])),
        downgrades=sum(counts[each] for each in cells if rank(each[1]) < rank(each[0])),
        in_grace=in_grace,
    )


def _tried(trial: Trial, stored: Account, tally: Tally) -> tuple[Account, Account]:
    """An account as it is now, and after the reviews that are tried."""
    now = after_all(stored, reviews(stored, trial.club, tally, until=trial.now))
    as_of = trial.wanted.as_of
    until = now.next_review if as_of is None else start_of_day(as_of, trial.club.zone)
    return now, after_all(now, reviews(now, trial.trial, tally, until=until))


def after_all(account: Account, held: Iterator[Held]) -> Account:
    """An account after some reviews."""
    for each in held:
        account = each.after
    return account
