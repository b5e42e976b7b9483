"""PTS-10: what each line of a purchase weighs: the points it earned, before they were rounded and capped. It follows
from the purchase, its lines and the club as it was then; nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from memberlogic.loyalty.earning import Occasion, Programme, left_to_earn, programme_of
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.purchases import Purchase, PurchaseLine

__all__ = ["weights", "weights_of"]


def weights(club: Club, purchase: Purchase, lines: Sequence[PurchaseLine]) -> tuple[Fraction, ...]:
    """The weight of each line, in order: its rates times its multipliers, and its share of each fixed bonus, pro rata
    to the eligible amounts of the lines that the bonus is for. Lines of which none weighs anything weigh what was paid.
    """
    left = left_to_earn(lines, purchase.redeemed_value, purchase.stored_value, club.earning)
    occasion = Occasion.of(club, purchase.at, purchase.studio, purchase.total)
    found = weights_of(programme_of(club, purchase.scheme), occasion, lines, left)
    return found if any(found) else tuple(Fraction(line.paid) for line in lines)


def weights_of(
    programme: Programme, occasion: Occasion, lines: Sequence[PurchaseLine], left: Sequence[int]
) -> tuple[Fraction, ...]:
    """The unrounded points of each line, of what is left of each to earn on; they add up to those of the purchase."""
    found = [Fraction(0)] * len(lines)
    bonuses: dict[int, tuple[int, list[int]]] = {}
    for formula, positions in programme.groups(occasion, lines, left).items():
        for position in positions:
            pieces = Fraction(lines[position].quantity * left[position], lines[position].paid)
            found[position] = (formula.money * left[position] + formula.quantity * pieces) / Fraction(formula.over)
        for rule, points in formula.fixed:
            bonuses.setdefault(rule, (points, []))[1].extend(positions)
    for points, positions in bonuses.values():
        eligible = sum(left[position] for position in positions)
        for position in positions:
            found[position] += Fraction(points * left[position], eligible)
    return tuple(found)
