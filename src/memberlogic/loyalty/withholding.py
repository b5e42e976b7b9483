"""PTS-5: which of a purchase's points are held back, and until when.

Each rule may hold back what it gives for a term. The points of a purchase are rounded and capped once, and then split
among the terms in proportion to what their rules gave, by largest remainder; there is one lot for each term. What is
held back settles no debt yet, and the term of its expiry counts from the day on which it becomes available.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from math import prod
from typing import Any

from attrs import frozen

from memberlogic.amounts import spread
from memberlogic.calendar import Term, start_of_day
from memberlogic.ids import LotId, NewId
from memberlogic.ledger import crediting
from memberlogic.ledger.idling import lives_by
from memberlogic.ledger.model import Lot, Wallet
from memberlogic.loyalty.programme import Basis, EarningRule, Fixed, Multiplier, Rate
from memberlogic.outcomes import Because

__all__ = ["Part", "Shares", "opened_by", "shares", "split", "why"]

Shares = Mapping[Term | None, Fraction]
"""What the rules of each term gave, exactly; None is what is held back for none."""


@frozen
class Part:
    """So many points of a purchase, held back for a term, or for none."""

    points: int
    term: Term | None


def shares(rules: Sequence[EarningRule], matched: Iterable[tuple[Sequence[int], int, Any]]) -> Shares:
    """What rules gave by term: for each group of lines that the same rules match, which these are, the money that is
    left of the lines, and their pieces. A bonus counts once, however many groups it is in.
    """
    gave: dict[Term | None, Fraction] = {}
    bonuses: dict[int, int] = {}
    for indices, money, pieces in matched:
        factor = prod(
            (each.factor for each in (rules[index].gives for index in indices) if isinstance(each, Multiplier)),
            start=Fraction(1),
        )
        for index in indices:
            match rules[index].gives:
                case Rate(points=points, per=per, basis=basis):
                    term = rules[index].pending
                    counted = money if basis is Basis.MONEY else pieces
                    gave[term] = gave.get(term, Fraction(0)) + Fraction(points, per) * counted * factor
                case Fixed(points=points):
                    bonuses[index] = points
    for index, points in bonuses.items():
        gave[rules[index].pending] = gave.get(rules[index].pending, Fraction(0)) + points
    return gave


def split(points: int, gave: Shares, day: date) -> tuple[Part, ...]:
    """The points of a purchase by term, what is available soonest first; a term that gets none is left out."""
    if not gave or not points:
        return (Part(points, None),)
    terms = sorted(gave, key=lambda term: (day if term is None else term.after(day), str(term or "")))
    parts = spread(points, [gave[term] for term in terms])
    return tuple(Part(part, term) for part, term in zip(parts, terms, strict=True) if part)


def why(parts: Sequence[Part], day: date) -> tuple[Because, ...]:
    """What is held back, and since which day it can be spent."""
    return tuple(
        Because(
            "PTS-5",
            "earning.pending",
            {"points": part.points, "term": str(part.term), "available_on": part.term.after(day).isoformat()},
        )
        for part in parts
        if part.term is not None
    )


def opened_by(
    wallet: Wallet,
    parts: Sequence[Part],
    earned_at: datetime,
    lives_until: Callable[[date], datetime | None],
    day: date,
    new_id: NewId,
) -> tuple[int, tuple[Lot, ...]]:
    """What of a purchase's points settles debt at once, and the lots that they open."""
    at_once = sum([part.points for part in parts if part.term is None])
    lots: tuple[Lot, ...] = ()
    if at_once:
        lots = crediting.opened_by(wallet, at_once, earned_at, lives_until(day), new_id)
    for part in parts:
        if part.term is not None:
            since = part.term.after(day)
            idle, until = lives_by(wallet, lives_until(since))
            lot = Lot(
                id=LotId(new_id()),
                amount=part.points,
                remaining=part.points,
                earned_at=earned_at,
                expires_at=until,
                idle=idle,
                available_at=start_of_day(since, wallet.terms.zone),
                pending=True,
            )
            lots = (*lots, lot)
    return min(at_once, wallet.debt), lots
