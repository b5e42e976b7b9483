"""PTS-10: what a return comes to together with all before it, so that any number of returns in any order come to the
same as one return of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from attrs import frozen

from memberlogic.amounts import Rounding, rounded
from memberlogic.loyalty.apportioning import Paid, left_of, paid_of, whole_is_back
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.programme import StoredValue
from memberlogic.loyalty.purchases import Purchase, PurchaseLine, ReturnedLine
from memberlogic.loyalty.returns import Return, returned_of
from memberlogic.loyalty.weighing import weights

__all__ = ["SoFar", "so_far", "with_lines"]


@frozen(kw_only=True)
class SoFar:
    """What came back of a purchase so far, and what that comes to."""

    returned: int
    """In minor units."""
    whole: bool
    """Whether nothing is left."""
    paid: Paid
    restored: int
    """How many of the points spent on it have come back: floor(spent x returned / total), all at the end."""
    weight: Fraction
    """The part of what all lines weigh."""
    unearned: int
    """How many of the points it earned it counts less: floor(earned x weight), all at the end."""
    unspent: int
    """How much less it counts as money spent (SCH-2), never more than it counted."""


def so_far(purchase: Purchase, lines: Sequence[PurchaseLine], club: Club, returns: Sequence[ReturnedLine]) -> SoFar:
    """The figures once these parts of the lines, one for each line, have come back."""
    returned = sum(each.amount for each in returns)
    whole = whole_is_back(purchase, returned, left_of(lines, returns))
    weight = _weight(purchase, lines, club, returns, whole=whole)
    restored = purchase.redeemed_points * returned // purchase.total if purchase.total else 0
    return SoFar(
        returned=returned,
        whole=whole,
        paid=paid_of(purchase, returned),
        restored=purchase.redeemed_points if whole else restored,
        weight=weight,
        unearned=rounded(purchase.earned * weight, Rounding.FLOOR),
        unspent=min(purchase.spent, _counted(purchase, lines, club, returns)),
    )


def _counted(purchase: Purchase, lines: Sequence[PurchaseLine], club: Club, returns: Sequence[ReturnedLine]) -> int:
    """What came back of lines that counted as money spent. Lines that sell stored value may not have, where spending it
    does; what was recorded says so.
    """
    all_counted = club.earning.stored_value is StoredValue.BOUGHT or purchase.spent == purchase.total
    return sum(back.amount for line, back in zip(lines, returns, strict=True) if all_counted or not line.stored_value)


def _weight(
    purchase: Purchase, lines: Sequence[PurchaseLine], club: Club, returns: Sequence[ReturnedLine], *, whole: bool
) -> Fraction:
    if whole or not purchase.earned:
        return Fraction(whole)
    found = weights(club, purchase, lines)
    parts = (
        weight * Fraction(back.amount, line.paid)
        for weight, back, line in zip(found, returns, lines, strict=True)
        if line.paid
    )
    return sum(parts, Fraction(0)) / sum(found, Fraction(0))


def with_lines(
    lines: Sequence[PurchaseLine], before: Sequence[Return], back: Sequence[ReturnedLine]
) -> tuple[ReturnedLine, ...]:
    """What came back of each line, with what comes back now."""
    now = {each.position: each for each in back}
    return tuple(
        ReturnedLine(
            position=each.position,
            quantity=each.quantity + (now[each.position].quantity if each.position in now else 0),
            amount=each.amount + (now[each.position].amount if each.position in now else 0),
        )
        for each in returned_of(lines, before)
    )
