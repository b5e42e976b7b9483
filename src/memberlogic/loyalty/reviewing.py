"""SCH-5, SCH-6, SCH-11: reviews. What a review may do to an account, and the missed ones settled one by one, each as
of its day at the start of the business day. Points already earned are not re-rated: nothing here touches the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import assert_never

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import Days, local_day
from memberlogic.events import OfItself
from memberlogic.ids import NewId
from memberlogic.ledger.model import AccountState, Wallet
from memberlogic.loyalty.changing import GraceBegan, GraceEnded, changed
from memberlogic.loyalty.footing import Finding, Verdict, floor, verdict
from memberlogic.loyalty.measuring import Measured, Tally
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import DayTotals, Downgrade, Grace, Progression, SchemeChange
from memberlogic.loyalty.reaching import reached
from memberlogic.loyalty.scheduling import next_review
from memberlogic.loyalty.windowing import window_before
from memberlogic.outcomes import Outcome

__all__ = [
    "Held",
    "Look",
    "after_review",
    "change_by",
    "is_due",
    "look",
    "measured_since",
    "review",
    "reviews",
]


@frozen(kw_only=True)
class Look:
    """What a review finds on its day."""

    day: date
    window: Days
    measured: int
    finding: Finding


@frozen(kw_only=True)
class Held:
    """A review that was held: the account before and after it, with the review after it."""

    before: Account
    after: Account
    found: Look
    at: datetime

    @property
    def moved(self) -> bool:
        """Whether the account stands anew: in another scheme, or kept in its own from now on."""
        return self.after.scheme_since != self.before.scheme_since


def is_due(account: Account | Wallet, now: datetime) -> bool:
    """Whether a review of an account is due, by the account or by one of its wallets."""
    return account.next_review is not None and account.next_review <= now


def measured_since(club: Club, account: Account, held: datetime) -> date:
    """The first day of the windows of a review and of those after it."""
    day = local_day(held, club.zone)
    if club.progression is None:
        return day
    first = window_before(club, account, day).start
    return first if account.grace is None else min(first, account.grace.since)


def after_review(club: Club, scheme: str, state: AccountState, measured: int, downgrade: Downgrade) -> str:
    """The scheme after a review that finds a metric: up to what is reached unless the account is blocked, down as far
    as the club goes.
    """
    found = reached(club, measured)
    rank, reached_rank = club.rank(scheme), club.rank(found)
    if reached_rank > rank:
        return scheme if state is AccountState.BLOCKED else found
    if reached_rank == rank:
        return scheme
    match downgrade:
        case Downgrade.NEVER:
            return scheme
        case Downgrade.TO_REACHED:
            return found
        case Downgrade.ONE_RANK:
            return club.schemes[rank - 1].code
        case _:  # pragma: no cover
            assert_never(downgrade)


def look(club: Club, account: Account, tally: Measured, day: date) -> Look:
    """What a review on a day finds: over the window that ends before it, or at the end of a grace over the window of
    the review that started it, extended to that day.
    """
    window = window_before(club, account, day)
    if account.grace is not None and account.grace.until <= day:
        window = Days(account.grace.since, day)
    measured = tally.over(window)
    found, rank = club.rank(reached(club, measured)), club.rank(account.scheme)
    finding = Finding.ABOVE if found > rank else Finding.AT if found == rank else Finding.BELOW
    return Look(day=day, window=window, measured=measured, finding=finding)


def review(
    account: Account, club: Club, totals: Sequence[DayTotals], until: datetime, now: datetime, new_id: NewId
) -> Outcome[Account, SchemeChange, tuple[OfItself, ...]]:
    """Every review that fell due by an instant, in order, each over the window that ends before its own day; written
    down ``now``. The result is what happened beside the changes: graces that began and ended.

    ``totals`` reach back to :func:`measured_since`. Done in steps, it gives the same account as done once. Closed
    accounts are not reviewed any more (SCH-11).
    """
    progression = club.progression
    if not is_due(account, until):
        return Outcome(account, (), ())
    if progression is None or account.state is AccountState.CLOSED:
        return Outcome(evolve(account, next_review=None), (), ())
    tally = Tally.of(progression.metric, totals)
    changes: list[SchemeChange] = []
    graces: list[OfItself] = []
    done, last = account, account.effective_at
    for held in reviews(account, club, tally, until):
        if held.moved:
            changes.append(change_by(club, progression, held, now, new_id))
        graces += _graces(club, held)
        done, last = held.after, held.at
    after = evolve(done, effective_at=max(account.effective_at, last))
    return Outcome(after, tuple(changes), tuple(graces))


def reviews(account: Account, club: Club, tally: Measured, until: datetime | None = None) -> Iterator[Held]:
    """Each review from an account's next one on, by an instant if one is named, as far as it is asked for."""
    while account.next_review is not None and (until is None or account.next_review <= until):
        at = account.next_review
        found = look(club, account, tally, local_day(at, club.zone))
        reviewed = _reviewed(club, account, found, at)
        after = evolve(reviewed, next_review=next_review(club, reviewed, at))
        yield Held(before=account, after=after, found=found, at=at)
        account = after


def _reviewed(club: Club, account: Account, found: Look, held: datetime) -> Account:
    """The account after one review."""
    progression = club.progression
    assert progression is not None
    says = verdict(club, account, found.day, found.finding)
    match says:
        case Verdict.NOTHING:
            return account
        case Verdict.RAISE | Verdict.LOWER:
            scheme = after_review(club, account.scheme, account.state, found.measured, progression.downgrade)
            lowest = club.schemes[floor(club, account, found.day)].code
            kept = lowest if club.rank(scheme) < club.rank(lowest) else scheme
            return evolve(account, scheme=kept, scheme_since=held, counts_from=found.window.end, grace=None)
        case Verdict.KEEP:
            return evolve(account, scheme_since=held, counts_from=found.window.end, grace=None)
        case Verdict.GRANT:
            assert progression.grace is not None
            return evolve(account, grace=Grace(since=found.window.start, until=progression.grace.after(found.day)))
        case Verdict.RECOVER:
            return evolve(account, grace=None)
        case _:  # pragma: no cover
            assert_never(says)


def change_by(club: Club, progression: Progression, held: Held, now: datetime, new_id: NewId) -> SchemeChange:
    """The change that a review brought about."""
    return changed(
        held.before.id,
        club,
        progression.metric,
        from_scheme=held.before.scheme,
        to_scheme=held.after.scheme,
        measured=held.found.measured,
        window=held.found.window,
        at=held.at,
        now=now,
        actor=Actor.system().label,
        new_id=new_id,
    )


def _graces(club: Club, held: Held) -> Iterator[OfItself]:
    """The grace that a review began or ended without lowering."""
    before, after = held.before, held.after
    if after.grace is not None and before.grace is None:
        event = GraceBegan(
            members=before.holders,
            account=before.id,
            club=club.id,
            scheme=before.scheme,
            until=after.grace.until,
            measured=held.found.measured,
            window=held.found.window,
            threshold=club.thresholds[before.scheme],
        )
        yield OfItself(event, held.at)
    elif before.grace is not None and after.grace is None and after.scheme == before.scheme:
        ended = GraceEnded(members=before.holders, account=before.id, club=club.id, scheme=before.scheme)
        yield OfItself(ended, held.at)
