"""Points and money without floats (COM-6): whole numbers, exact fractions, named roundings, sums that add up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from attrs import field, frozen

from memberlogic.inputs import checked, whole

__all__ = ["POINTS", "Money", "Rounding", "Unit", "rounded", "spread"]

Unit: TypeAlias = str
"""What a wallet counts: ``points``; later credits and stamps."""

POINTS: Unit = "points"

# Digits after the decimal point that differ from 2 (ISO 4217:2015, list one).
_DIGITS = dict.fromkeys(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ],
    0,
)
_DIGITS |= dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3) | {"CLF": 4, "UYW": 4}
_CURRENCY = re.compile(r"[A-Z]{3}")


class Rounding(Enum):
    """How a fraction becomes a whole number."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"


def rounded(value: Fraction, rounding: Rounding = Rounding.FLOOR) -> int:
    """Round once, by name; HALF_UP takes .5 away from zero for positive values (2.5 becomes 3)."""
    match rounding:
        case Rounding.FLOOR:
            return value.numerator // value.denominator
        case Rounding.HALF_UP:
            return (2 * value.numerator + value.denominator) // (2 * value.denominator)
        case Rounding.CEIL:
            return -(-value.numerator // value.denominator)


def spread(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Split a whole number in proportion to weights, by largest remainder; ties go to the earlier weight.

    The parts add up to ``total`` exactly. Weights that are all zero, or none, get nothing and the total must be 0.

    >>> spread(100, [1, 1, 1])
    [34, 33, 33]
    """
    weight = sum(weights)
    if not weight:
        if total:
            raise ValueError("there is nothing to spread over")
        return [0] * len(weights)
    parts: list[int] = []
    remainders: list[tuple[int | Fraction, int]] = []
    for index, each in enumerate(weights):
        part, remainder = divmod(total * each, weight)
        parts.append(int(part))
        remainders.append((-remainder, index))
    missing = total - sum(parts)
    if missing:
        for _, index in sorted(remainders)[:missing]:
            parts[index] += 1
    return parts


def _currency(value: object) -> str | None:
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return None
    return "an ISO 4217 code of three capital letters"


@frozen
class Money:
    """An amount of money in minor units (cents; yen have none, dinars have thousandths) and its currency.

    Raises:
        InvalidInput: for a float, a bool, or a currency that is not three capital letters.
    """

    minor: int = field(validator=whole())
    currency: str = field(validator=checked(_currency))

    @property
    def digits(self) -> int:
        """How many digits of ``minor`` stand after the decimal point."""
        return _DIGITS.get(self.currency, 2)

    def __str__(self) -> str:
        sign, minor = ("-" if self.minor < 0 else ""), abs(self.minor)
        if not self.digits:
            return f"{sign}{minor} {self.currency}"
        major, rest = divmod(minor, 10**self.digits)
        return f"{sign}{major}.{rest:0{self.digits}d} {self.currency}"
