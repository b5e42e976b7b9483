"""Figures as people read them: thousands apart, money by its currency's digits, days that nobody takes for another."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from memberlogic.amounts import Money, Rounding, rounded

__all__ = ["amount", "day", "money", "number", "percent", "tenths"]


def number(value: int) -> str:
    """A whole number."""
    return f"{value:,}"


def amount(minor: int, currency: str) -> str:
    """An amount by its currency's digits, where the currency stands elsewhere: ``1,234.50`` euros, ``1,234`` yen."""
    whole, point, rest = str(Money(minor, currency)).split(" ")[0].partition(".")
    sign, whole = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(whole):,}{point}{rest}"


def money(minor: int, currency: str) -> str:
    """An amount with its currency: ``1,234.50 EUR``, ``1,234 JPY``."""
    return f"{amount(minor, currency)} {currency}"


def tenths(value: Fraction) -> str:
    """A number with one digit after the point, half up."""
    return _fixed(value, 1)


def _fixed(value: Fraction, digits: int) -> str:
    scale = 10**digits
    scaled = rounded(abs(value) * scale, Rounding.HALF_UP)
    return f"{'−' if value < 0 and scaled else ''}{scaled // scale:,}.{scaled % scale:0{digits}d}"


def percent(part: int, whole: int, digits: int = 1) -> str:
    """A share in percent; a dash where there is nothing to share."""
    return f"{_fixed(Fraction(100 * part, whole), digits)} %" if whole else "–"


def day(value: date) -> str:
    """A day: ``1 Jan 2018``."""
    return f"{value.day} {value:%b %Y}"
