"""PTS-17: the liability of a club: what is outstanding, what it is worth in money, what of it expires when, and the
breakage so far. As of any past day it says what it said then.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from attrs import field, frozen

from memberlogic.amounts import Rounding, rounded
from memberlogic.ids import ClubId
from memberlogic.inputs import an_id, an_instant, optional, to_utc_or_none
from memberlogic.ledger.outstanding import Outstanding
from memberlogic.loyalty.model import Club
from memberlogic.outcomes import Because, Explanation

__all__ = ["Liability", "LiabilityOf", "Valued", "liability", "owed"]

ROUNDING = Rounding.CEIL
"""What a club owes is not said to be less than it is."""


@frozen(kw_only=True)
class LiabilityOf:
    """A club, now or at a past instant."""

    club: ClubId = field(validator=an_id)
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen
class Valued:
    """Points, and what they are worth in minor units; None where points do not pay."""

    points: int
    value: int | None


@frozen
class MonthsExpiry:
    """What expires in a month, named by its first day."""

    month: date
    points: int
    value: int | None


@frozen(kw_only=True)
class Liability:
    """What a club owes its members at an instant."""

    club: ClubId
    currency: str
    at: datetime
    outstanding: Valued
    """What remains less what is owed."""
    available: int
    held: int
    debt: int
    pending: int = 0
    """What cannot be spent yet (PTS-5)."""
    expiring: tuple[MonthsExpiry, ...]
    """What nobody holds and will expire as things stand, by month; pending points among it."""
    never: Valued
    """What nobody holds and never expires; pending points among it."""
    issued: int
    """What was earned and credited so far."""
    breakage: Valued
    """What expired so far, less what lives again."""
    breakage_share: Fraction
    """Its share of what was issued; 0 if nothing was."""
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """How it is valued, and what it consists of."""
        worth = "points do not pay here" if self.outstanding.value is None else f"worth {self.outstanding.value}"
        return Explanation(f"{self.outstanding.points} points are outstanding, {worth}.", self.because)


def liability(club: Club, counted: Outstanding) -> Liability:
    """The figures of a club, valued by its point value in exact fractions, each rounded up to minor units."""
    expiring = counted.expiring_by_month
    return Liability(
        club=club.id,
        currency=club.currency,
        at=counted.at,
        outstanding=_valued(club, counted.outstanding),
        available=counted.available,
        held=counted.held,
        debt=counted.debt,
        pending=counted.pending,
        expiring=tuple(MonthsExpiry(each.day, each.points, owed(club, each.points)) for each in expiring),
        never=_valued(club, counted.never_expiring),
        issued=counted.issued,
        breakage=_valued(club, counted.expired),
        breakage_share=Fraction(counted.expired, counted.issued) if counted.issued else Fraction(0),
        because=_because(club, counted),
    )


def owed(club: Club, points: int) -> int | None:
    """What a club owes for points, in minor units, rounded up; None where points do not pay."""
    terms = club.redeeming
    return None if terms is None else rounded(Fraction(points * terms.value, terms.points), ROUNDING)


def _valued(club: Club, points: int) -> Valued:
    return Valued(points, owed(club, points))


def _because(club: Club, counted: Outstanding) -> tuple[Because, ...]:
    terms = club.redeeming
    parts = {"available": counted.available, "held": counted.held, "debt": counted.debt}
    if counted.pending:
        parts["pending"] = counted.pending
    consists = Because("PTS-17", "liability.outstanding", parts)
    if terms is None:
        return (consists, Because("PTS-17", "liability.not_valued"))
    value = {"points": terms.points, "value": terms.value, "rounding": ROUNDING.value}
    return (consists, Because("PTS-17", "liability.value", value))
