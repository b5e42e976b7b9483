"""SCH-5, SCH-7: what keeps an account in its scheme on a day, as a table: every state, every thing that may happen, and
what a review that finds the account above, at or below its scheme comes to.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import assert_never

from memberlogic.calendar import local_day
from memberlogic.ledger.model import AccountState
from memberlogic.lifecycle import Lifecycle
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Downgrade, PinKind, Pinned, SinceChange
from memberlogic.loyalty.windowing import may_lower

__all__ = ["FOOTINGS", "Finding", "Footing", "Verdict", "end_of_stay", "floor", "footing", "pinned", "verdict"]


class Footing(Enum):
    """What keeps an account in its scheme."""

    FREE = "free"
    """Nothing: a review may lower it."""

    STAYING = "staying"
    """The minimum stay since the last change is not over."""

    GRACE = "grace"
    """A review found it below its scheme; it has until the end of the grace to reach it again."""

    FLOOR = "floor"
    """A manual move holds: nothing automatic takes it lower."""

    FIXED = "fixed"
    """A manual move holds: nothing automatic changes it."""


class Finding(Enum):
    """What a review finds: the scheme that is reached, beside the one the account is in."""

    ABOVE = "above"
    AT = "at"
    BELOW = "below"


class Verdict(Enum):
    """What a review comes to."""

    NOTHING = "nothing"
    RAISE = "raise"
    LOWER = "lower"
    KEEP = "keep"
    """It stays, and a new since and a new minimum stay begin."""
    GRANT = "grant"
    """It stays for the grace term."""
    RECOVER = "recover"
    """It stays, and the grace is over."""


# In a club without a minimum stay it is over as soon as it begins.
FOOTINGS = Lifecycle(
    "scheme",
    Footing.STAYING,
    {
        Footing.STAYING: {
            "rise": Footing.STAYING,
            "stay_over": Footing.FREE,
            "move": Footing.FLOOR,
            "fix": Footing.FIXED,
        },
        Footing.FREE: {
            "rise": Footing.STAYING,
            "fall": Footing.STAYING,
            "land": Footing.FLOOR,
            "keep": Footing.STAYING,
            "grant": Footing.GRACE,
            "move": Footing.FLOOR,
            "fix": Footing.FIXED,
        },
        Footing.GRACE: {
            "rise": Footing.STAYING,
            "fall": Footing.STAYING,
            "land": Footing.FLOOR,
            "keep": Footing.STAYING,
            "recover": Footing.FREE,
            "move": Footing.FLOOR,
            "fix": Footing.FIXED,
        },
        Footing.FLOOR: {
            "rise": Footing.STAYING,
            "keep": Footing.FLOOR,
            "pin_over": Footing.STAYING,
            "move": Footing.FLOOR,
            "fix": Footing.FIXED,
        },
        Footing.FIXED: {"pin_over": Footing.STAYING, "move": Footing.FLOOR, "fix": Footing.FIXED},
    },
)


def end_of_stay(club: Club, account: Account) -> date | None:
    """The first business day after the minimum stay since the last change; None if the club has none."""
    stay = None if club.progression is None else club.progression.minimum_stay
    return None if stay is None else stay.after(local_day(account.scheme_since, club.zone))


def pinned(account: Account, day: date) -> Pinned | None:
    """The pin that holds on a day, if one does."""
    return account.pin if account.pin is not None and day < account.pin.until else None


def floor(club: Club, account: Account, day: date) -> int:
    """The lowest rank that anything automatic may take the account to on a day."""
    pin = pinned(account, day)
    return 0 if pin is None else club.rank(pin.scheme)


def footing(club: Club, account: Account, day: date) -> Footing:
    """What keeps the account in its scheme on a day. Above the floor of a pin it stands as any other."""
    pin = pinned(account, day)
    if pin is not None and pin.kind is PinKind.FIXED:
        return Footing.FIXED
    if pin is not None and club.rank(account.scheme) <= club.rank(pin.scheme):
        return Footing.FLOOR
    if account.grace is not None:
        return Footing.GRACE
    stay = end_of_stay(club, account)
    return Footing.FREE if stay is None or stay <= day else Footing.STAYING


def verdict(club: Club, account: Account, day: date, finding: Finding) -> Verdict:
    """What a review on a day comes to that finds the account above, at or below its scheme."""
    stands = footing(club, account, day)
    if stands is Footing.FIXED:
        return Verdict.NOTHING
    match finding:
        case Finding.ABOVE if account.state is not AccountState.BLOCKED:
            return Verdict.RAISE
        case Finding.ABOVE | Finding.AT:
            return _reached(club, account, day, stands)
        case Finding.BELOW:
            return _missed(club, account, day, stands)
        case _:  # pragma: no cover
            assert_never(finding)


def _reached(club: Club, account: Account, day: date, stands: Footing) -> Verdict:
    """Its own scheme is reached."""
    assert club.progression is not None
    stay = end_of_stay(club, account)
    if isinstance(club.progression.window, SinceChange) and stay is not None and stay <= day:
        return Verdict.KEEP
    return Verdict.RECOVER if stands is Footing.GRACE else Verdict.NOTHING


def _missed(club: Club, account: Account, day: date, stands: Footing) -> Verdict:
    """Its own scheme is not reached."""
    progression = club.progression
    assert progression is not None
    if account.grace is not None and stands is Footing.GRACE:
        return Verdict.LOWER if account.grace.until <= day else Verdict.NOTHING
    if stands is not Footing.FREE or progression.downgrade is Downgrade.NEVER or not may_lower(club, account, day):
        return Verdict.NOTHING
    return Verdict.LOWER if progression.grace is None else Verdict.GRANT
