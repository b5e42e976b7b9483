"""SCH-4: upgrades at once, with the movement that reaches the threshold, in the same transaction. The window is the
one that a review on the following day would use: it contains today. A purchase earns at the old scheme (PTS-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from memberlogic.actors import Actor
from memberlogic.calendar import Days, first_day_after, local_day
from memberlogic.ids import NewId
from memberlogic.ledger.model import AccountState, Wallet
from memberlogic.loyalty.changing import changed
from memberlogic.loyalty.measuring import measure
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.progression import DayTotals, Progression, SchemeChange, Upgrade
from memberlogic.loyalty.reaching import reached

__all__ = ["upgrade", "upgrade_window", "window_of_tomorrow"]


def window_of_tomorrow(club: Club, progression: Progression, at: datetime) -> Days:
    """The window that a review on the following day would use."""
    return progression.window_before(first_day_after(local_day(at, club.zone)))


def upgrade_window(club: Club, wallet: Wallet, at: datetime) -> Days | None:
    """The window to measure for an upgrade at once; None if there can be none: by the club, because the account is
    blocked (SCH-11), or because it is in the highest scheme.
    """
    progression = club.progression
    if progression is None or progression.upgrade is not Upgrade.AT_ONCE or wallet.state is not AccountState.OPEN:
        return None
    return None if wallet.scheme == club.schemes[-1].code else window_of_tomorrow(club, progression, at)


def upgrade(
    wallet: Wallet, club: Club, totals: Sequence[DayTotals], actor: Actor, at: datetime, now: datetime, new_id: NewId
) -> SchemeChange | None:
    """The upgrade that the movements up to an instant reach, to the scheme that is reached, ranks skipped or not; None
    if they reach none.
    """
    window = upgrade_window(club, wallet, at)
    if window is None or club.progression is None:
        return None
    measured = measure(club.progression.metric, window, totals)
    found = reached(club, measured)
    if club.rank(found) <= club.rank(wallet.scheme):
        return None
    return changed(
        wallet.id.account,
        club,
        club.progression,
        from_scheme=wallet.scheme,
        to_scheme=found,
        measured=measured,
        window=window,
        at=at,
        now=now,
        actor=actor.label,
        new_id=new_id,
    )
