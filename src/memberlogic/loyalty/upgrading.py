"""SCH-4: upgrades at once, with the movement that reaches the threshold, in the same transaction. The window is the
one that a review on the following day would use: it contains today. A purchase earns at the old scheme (PTS-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.ids import NewId
from memberlogic.ledger.model import AccountState, Wallet
from memberlogic.loyalty.changing import changed
from memberlogic.loyalty.footing import Footing, footing
from memberlogic.loyalty.measuring import measure
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import DayTotals, SchemeChange, Upgrade
from memberlogic.loyalty.reaching import reached
from memberlogic.loyalty.scheduling import next_review
from memberlogic.loyalty.windowing import window_of_tomorrow

__all__ = ["may_upgrade", "raised", "upgrade"]


def may_upgrade(club: Club, wallet: Wallet) -> bool:
    """Whether an account may go up at once, as far as its wallet says: not by the club, while it is blocked (SCH-11),
    or in the highest scheme.
    """
    progression = club.progression
    if progression is None or progression.upgrade is not Upgrade.AT_ONCE or wallet.state is not AccountState.OPEN:
        return False
    return wallet.scheme != club.schemes[-1].code


def upgrade(
    wallet: Wallet,
    account: Account,
    club: Club,
    totals: Sequence[DayTotals],
    actor: Actor,
    at: datetime,
    now: datetime,
    new_id: NewId,
) -> SchemeChange | None:
    """The upgrade that the movements up to an instant reach, to the scheme that is reached, ranks skipped or not; None
    if they reach none, or a pin keeps the account where it is (SCH-7).
    """
    progression = club.progression
    if progression is None or not may_upgrade(club, wallet):
        return None
    if footing(club, account, local_day(at, club.zone)) is Footing.FIXED:
        return None
    window = window_of_tomorrow(club, account, at)
    measured = measure(progression.metric, window, totals)
    found = reached(club, measured)
    if club.rank(found) <= club.rank(account.scheme):
        return None
    return changed(
        account.id,
        club,
        progression.metric,
        from_scheme=account.scheme,
        to_scheme=found,
        measured=measured,
        window=window,
        at=at,
        now=now,
        actor=actor.label,
        new_id=new_id,
    )


def raised(club: Club, account: Account, change: SchemeChange) -> Account:
    """An account after a change that takes effect between reviews: a new since, no grace, and the review after it."""
    after = evolve(
        account,
        scheme=change.to_scheme,
        scheme_since=change.effective_at,
        counts_from=max(account.counts_from or change.window.end, change.window.end),
        grace=None,
    )
    return evolve(after, next_review=next_review(club, after, change.effective_at))
