"""SCH-6, COM-18: reviews of many accounts all at once. Where a club's rules look at nothing of an account but its
scheme, its state and what it measured over a window that is the same for all, one decision stands for all that found
the same; most of them only learn when they are reviewed next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from memberlogic.calendar import local_day
from memberlogic.ids import AccountId, ClubId, NewId
from memberlogic.inputs import an_id, an_instant, optional, to_utc, to_utc_or_none, whole
from memberlogic.ledger.model import AccountState
from memberlogic.loyalty.measuring import Known
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.progression import CalendarYear, OnAnniversary, Progression, Rolling
from memberlogic.loyalty.reaching import reached
from memberlogic.loyalty.reviewing import Held, Look, change_by, reviews
from memberlogic.loyalty.scheduling import next_review
from memberlogic.loyalty.standing import Standing, UpForReview
from memberlogic.loyalty.windowing import window_before

__all__ = ["ReviewTogether", "Reviewed", "alike", "review_at_once"]


@frozen(kw_only=True)
class ReviewTogether:
    """Review a page of a club's accounts that fell due at one instant."""

    club: ClubId = field(validator=an_id)
    due: datetime = field(converter=to_utc, validator=an_instant)
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    after: AccountId | None = field(default=None, validator=optional(an_id))
    limit: int = field(default=500, validator=whole(least=1, most=1000))

    def until(self, now: datetime) -> datetime:
        """Up to which instant nothing else may be due; never beyond now."""
        return now if self.as_of is None else min(self.as_of, now)


@frozen(kw_only=True)
class Reviewed:
    """How many accounts of a page were reviewed, with how many changes of scheme; where the next page begins."""

    accounts: int
    changes: int
    last: AccountId | None
    """The last account of a full page; None if there is no next one."""


def alike(progression: Progression) -> bool:
    """Whether a review depends on nothing of an account that nothing holds but its scheme, its state, and what it
    measured over a window that is the same for all.
    """
    common = isinstance(progression.window, Rolling | CalendarYear)
    return common and not isinstance(progression.review, OnAnniversary) and progression.minimum_stay is None


def review_at_once(uow: LoyaltyWork, wanted: ReviewTogether, new_id: NewId) -> tuple[Reviewed, Sequence[Standing]]:
    """Review a page of a club's accounts for which nothing else is due, and queue when they are reviewed next; with
    those that changed their scheme, not written yet. Left alone, to be reviewed one by one, are those that missed
    another review or get a grace. Those that moved are looked at by the next jobs, whether their holders are told.
    """
    club, until = uow.clubs.get(wanted.club), wanted.until(uow.now)
    if club.progression is None or not alike(club.progression) or wanted.due > until:
        return Reviewed(accounts=0, changes=0, last=None), ()
    page = uow.schemes.only_reviewed(club.id, wanted.due, until, after=wanted.after, limit=wanted.limit)
    moved: Sequence[Standing] = ()
    done = 0
    if page.accounts:
        done, moved = _reviewed(uow, club, club.progression, wanted.due, page.accounts, until, new_id)
    return Reviewed(accounts=done, changes=len(moved), last=page.last), moved


def _reviewed(
    uow: LoyaltyWork,
    club: Club,
    progression: Progression,
    at: datetime,
    due: Sequence[UpForReview],
    until: datetime,
    new_id: NewId,
) -> tuple[int, Sequence[Standing]]:
    """How many accounts of a club that are reviewed at the same instant were, and those of them that move."""
    (some,) = uow.schemes.standing([due[0].account])
    following = next_review(club, some, at)
    if following is None or following <= until:
        return 0, ()
    window = window_before(club, some, local_day(at, club.zone))
    measured = uow.measures.over([each.account for each in due], progression.metric, window)
    verdicts: dict[tuple[str, AccountState, str], Held | None] = {}
    done: list[AccountId] = []
    move: dict[AccountId, Held] = {}
    for each in due:
        figure = measured.get(each.account, 0)
        found = each.scheme, each.state, reached(club, figure)
        if found not in verdicts:
            verdicts[found] = _held(club, some, each, Known(window, figure))
        held = verdicts[found]
        if held is not None:
            done.append(each.account)
            if held.moved:
                move[each.account] = held
    uow.schemes.reviewed(done, following, at)
    standings = [
        _standing(account, club, progression, move[account.id], measured.get(account.id, 0), uow.now, new_id)
        for account in (uow.schemes.standing([*move]) if move else ())
    ]
    return len(done), standings


def _held(club: Club, some: Account, found: UpForReview, known: Known) -> Held | None:
    """The review of an account that is found so, which stands for that of all others; None if it is left alone.
    ``some`` account of the club stands for it: what differs between them decides nothing.
    """
    account = evolve(some, scheme=found.scheme, state=found.state)
    held = next(reviews(account, club, known))
    return held if held.after.grace is None else None


def _standing(
    account: Account, club: Club, progression: Progression, held: Held, measured: int, now: datetime, new_id: NewId
) -> Standing:
    """An account that moves as the one that stands for it does."""
    decided = held.after
    after = evolve(
        account,
        scheme=decided.scheme,
        scheme_since=decided.scheme_since,
        counts_from=decided.counts_from,
        next_review=decided.next_review,
        effective_at=max(account.effective_at, held.at),
    )
    found = Look(day=held.found.day, window=held.found.window, measured=measured, finding=held.found.finding)
    mine = Held(before=account, after=after, found=found, at=held.at)
    change = change_by(club, progression, mine, now, new_id)
    return Standing(account=after, totals=(), stored=account, changes=(change,), graces=())
