"""SCH-6, COM-18: reviews of many accounts all at once. Where a club's rules look at nothing of an account but its
scheme, its state and what it measured over a window that is the same for all, one decision stands for all that found
the same; most of them only learn when they are reviewed next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen

from memberlogic.calendar import local_day
from memberlogic.ids import AccountId, ClubId, NewId
from memberlogic.ledger.model import AccountState, WalletId
from memberlogic.loyalty.measuring import Known
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.progression import CalendarYear, OnAnniversary, Progression, Rolling
from memberlogic.loyalty.reaching import reached
from memberlogic.loyalty.reviewing import Held, Look, change_by, reviews
from memberlogic.loyalty.scheduling import next_review
from memberlogic.loyalty.standing import Standing, UpForReview
from memberlogic.loyalty.watching import may_be_told
from memberlogic.loyalty.windowing import window_before

__all__ = ["AtOnce", "alike", "review_at_once"]


@frozen
class AtOnce:
    """The accounts that were reviewed, and those among them that changed their scheme, not written yet."""

    accounts: frozenset[AccountId]
    moved: tuple[Standing, ...]


def alike(progression: Progression) -> bool:
    """Whether a review depends on nothing of an account that nothing holds but its scheme, its state, and what it
    measured over a window that is the same for all.
    """
    common = isinstance(progression.window, Rolling | CalendarYear)
    return common and not isinstance(progression.review, OnAnniversary) and progression.minimum_stay is None


def review_at_once(uow: LoyaltyWork, wallets: Sequence[WalletId], until: datetime, new_id: NewId) -> AtOnce:
    """Review those accounts of locked wallets for which nothing else is due, and queue when they are reviewed next.
    Left alone, to be reviewed one by one, are those that missed another one, get a grace, or whose holders are told.
    """
    together: dict[tuple[ClubId, datetime], list[UpForReview]] = {}
    for each in uow.schemes.only_reviewed(wallets, until):
        together.setdefault((each.club, each.next_review), []).append(each)
    done: list[AccountId] = []
    moved: list[Standing] = []
    for (id, at), due in together.items():
        club = uow.clubs.get(id)
        if club.progression is not None and alike(club.progression):
            reviewed, standings = _reviewed(uow, club, club.progression, at, due, until, new_id)
            done += reviewed
            moved += standings
    return AtOnce(frozenset(done), tuple(moved))


def _reviewed(
    uow: LoyaltyWork,
    club: Club,
    progression: Progression,
    at: datetime,
    due: Sequence[UpForReview],
    until: datetime,
    new_id: NewId,
) -> tuple[Sequence[AccountId], Sequence[Standing]]:
    """The accounts of a club that are reviewed at the same instant, and those of them that move."""
    (some,) = uow.schemes.standing([due[0].account])
    following = next_review(club, some, at)
    if following is None or following <= until:
        return (), ()
    window = window_before(club, some, local_day(at, club.zone))
    measured = uow.measures.over([each.account for each in due], progression.metric, window)
    verdicts: dict[tuple[str, AccountState, str], Held | None] = {}
    stay: list[UpForReview] = []
    move: dict[AccountId, tuple[UpForReview, Held]] = {}
    for each in due:
        figure = measured.get(each.account, 0)
        found = each.scheme, each.state, reached(club, figure)
        if found not in verdicts:
            verdicts[found] = _held(club, some, each, Known(window, figure))
        held = verdicts[found]
        if held is not None and held.moved:
            move[each.account] = each, held
        elif held is not None:
            stay.append(each)
    moving = [each for each, _ in move.values()]
    uow.schemes.reviewed([*stay, *moving], following, at)
    standings = [
        _standing(account, club, progression, move[account.id][1], measured.get(account.id, 0), uow.now, new_id)
        for account in (uow.schemes.standing([*move]) if move else ())
    ]
    return [each.account for each in (*stay, *moving)], standings


def _held(club: Club, some: Account, found: UpForReview, known: Known) -> Held | None:
    """The review of an account that is found so, which stands for that of all others; None if it is left alone.
    ``some`` account of the club stands for it: what differs between them decides nothing.
    """
    account = evolve(some, scheme=found.scheme, state=found.state, next_review=found.next_review)
    held = next(reviews(account, club, known))
    if held.after.grace is not None or (held.moved and may_be_told(club, held.after.scheme)):
        return None
    return held


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
