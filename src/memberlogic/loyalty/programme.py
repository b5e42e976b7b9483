"""What a club says of earning and redeeming (PTS-2, PTS-3, PTS-8), as data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, time
from enum import Enum
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from memberlogic.amounts import Rounding
from memberlogic.calendar import CalendarPeriod, Days, Term
from memberlogic.converting import tagged
from memberlogic.errors import InvalidInput
from memberlogic.inputs import (
    as_tuple,
    checked,
    code,
    instance,
    optional,
    sequence_of,
    text,
    whole,
)
from memberlogic.ledger.model import Maximum
from memberlogic.organizations.model import Studio

__all__ = [
    "AwardRule",
    "Basis",
    "Earning",
    "EarningRule",
    "Fixed",
    "Gives",
    "Hours",
    "LineCondition",
    "LineField",
    "MostOften",
    "Multiplier",
    "Offer",
    "Rate",
    "Redeeming",
    "StoredValue",
    "check_awards",
    "check_rules",
]


class Basis(Enum):
    """What a rate counts: minor units of money, or pieces."""

    MONEY = "money"
    QUANTITY = "quantity"


class StoredValue(Enum):
    """Where stored value earns: when it is SPENT, as money does, or when it is BOUGHT; never both (PTS-3)."""

    SPENT = "spent"
    BOUGHT = "bought"


class LineField(Enum):
    """What a condition on lines looks at."""

    ITEM = "item"
    CATEGORY = "category"
    BRAND = "brand"


@frozen
class Rate:
    """So many points for each so many minor units (or pieces) of the lines that match, in exact fractions."""

    points: int = field(validator=whole(least=1))
    per: int = field(validator=whole(least=1))
    basis: Basis = field(default=Basis.MONEY, validator=instance(Basis, "money or quantity"))


def _positive(value: object) -> str | None:
    if isinstance(value, Fraction) and 0 < value <= 1000:
        return None
    return "a Fraction above 0 and at most 1000, as Fraction(3, 2)"


@frozen
class Multiplier:
    """What rates give on a line that matches is multiplied; several multipliers on one line multiply each other."""

    factor: Fraction = field(validator=checked(_positive))


@frozen
class Fixed:
    """So many points, once a purchase, if a line that matches has an eligible amount above zero."""

    points: int = field(validator=whole(least=1))


Gives = Rate | Multiplier | Fixed
tagged(Gives)


def as_texts(value: Iterable[str]) -> frozenset[str] | object:
    """A converter for sets of texts; what is none is left for the validator."""
    if isinstance(value, str) or not isinstance(value, Collection):
        return value
    try:
        return frozenset(value)
    except TypeError:
        return tuple(value)


def texts(expected: str, *, least: int = 0) -> Any:
    """A validator for sets of texts of 1 to 128 printable characters."""

    def problem(value: object) -> str | None:
        if isinstance(value, frozenset) and len(value) >= least and all(map(_is_text, value)):
            return None
        return f"{least} or more {expected}, each of 1 to 128 printable characters"

    return checked(problem)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 128 and value.isprintable() and value == value.strip()


@frozen
class LineCondition:
    """Lines whose item, brand or one of whose categories is ``one_of`` these; the others, if ``exclude``."""

    by: LineField = field(validator=instance(LineField, "item, category or brand"))
    one_of: frozenset[str] = field(converter=as_texts, validator=texts("values", least=1))
    exclude: bool = field(default=False, validator=instance(bool, "true or false"))


def _time_of_day(value: object) -> str | None:
    return None if isinstance(value, time) and value.tzinfo is None else "a time of day without a time zone"


@frozen
class Hours:
    """Local hours, half-open; where the end is not after the start they run over midnight, and the night belongs to
    the weekday on which it began.
    """

    start: time = field(validator=checked(_time_of_day))
    end: time = field(validator=checked(_time_of_day))

    def __attrs_post_init__(self) -> None:
        if self.start == self.end:
            raise InvalidInput(path="end", expected="another time than the start", got=self.end.isoformat())

    @property
    def over_midnight(self) -> bool:
        """Whether they end on the day after."""
        return self.end < self.start


def _days(value: object) -> str | None:
    if isinstance(value, Days) and value.start < value.end:
        return None
    return "days of which the end is after the start"


def as_numbers(value: Iterable[int]) -> frozenset[int] | object:
    """A converter for sets of numbers."""
    return frozenset(value) if isinstance(value, Collection) and not isinstance(value, str) else value


def _weekdays(value: object) -> str | None:
    if isinstance(value, frozenset) and all(type(each) is int and 1 <= each <= 7 for each in value):
        return None
    return "weekdays from 1 (Monday) to 7 (Sunday)"


@frozen(kw_only=True)
class EarningRule:
    """One rule of earning (PTS-2): what it gives, on which lines, and when.

    What is left out does not restrict. ``days`` are business days of the club, half-open; ``weekdays`` (1 is Monday)
    and ``hours`` are local to the purchase's studio. ``minimum`` looks at the purchase's total before payment.
    """

    key: str = field(validator=code("a key"))
    gives: Gives = field(validator=instance((Rate, Multiplier, Fixed), "a rate, a multiplier or a fixed bonus"))
    lines: tuple[LineCondition, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(LineCondition, "a condition on lines", most=20)
    )
    minimum: int = field(default=0, validator=whole(least=0))
    days: Days | None = field(default=None, validator=optional(checked(_days)))
    weekdays: frozenset[int] = field(default=frozenset(), converter=as_numbers, validator=checked(_weekdays))
    hours: Hours | None = field(default=None, validator=optional(instance(Hours, "hours")))
    schemes: frozenset[str] = field(default=frozenset(), converter=as_texts, validator=texts("scheme codes"))
    studios: frozenset[str] = field(default=frozenset(), converter=as_texts, validator=texts("studio codes"))
    offer: str | None = field(default=None, validator=optional(code("an offer's code")))
    pending: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """How long what it gives is held back (PTS-5): it becomes available at the start of the business day after so long.
    A multiplier holds nothing back: what it multiplies is available when that is.
    """

    def __attrs_post_init__(self) -> None:
        if self.pending is not None and isinstance(self.gives, Multiplier):
            expected = "none, as a multiplier holds nothing back: say it at the rates that it multiplies"
            raise InvalidInput(path="pending", expected=expected, got=str(self.pending))


@frozen
class MostOften:
    """At most so many times for each member, in each period of the calendar in the club's zone, or ever if None."""

    times: int = field(validator=whole(least=1))
    per: CalendarPeriod | None = field(
        default=None, validator=optional(instance(CalendarPeriod, "a period of the calendar"))
    )

    def days(self, day: date) -> Days | None:
        """The days that count together with a day; None for all."""
        return None if self.per is None else self.per.containing(day)


@frozen(kw_only=True)
class AwardRule:
    """So many points for an event (registration, the first check-in of a day, a birthday, a referral, whatever the host
    names). What is left out does not restrict. ``days`` are business days of the club, half-open.
    """

    key: str = field(validator=code("a key"))
    event: str = field(validator=code("an event's code"))
    points: int = field(validator=whole(least=1))
    most: MostOften | None = field(default=None, validator=optional(instance(MostOften, "how often at most")))
    days: Days | None = field(default=None, validator=optional(checked(_days)))
    schemes: frozenset[str] = field(default=frozenset(), converter=as_texts, validator=texts("scheme codes"))
    offer: str | None = field(default=None, validator=optional(code("an offer's code")))


@frozen(kw_only=True)
class Offer:
    """A named period with rules of its own: those that name it count on its days only (half-open, the club's)."""

    code: str = field(validator=code("an offer's code"))
    name: str = field(validator=text(100))
    days: Days = field(validator=checked(_days))


@frozen(kw_only=True)
class Earning:
    """How purchases earn in a club (PTS-2, PTS-3)."""

    rules: tuple[EarningRule, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(EarningRule, "an earning rule", most=500)
    )
    offers: tuple[Offer, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(Offer, "an offer", most=500)
    )
    awards: tuple[AwardRule, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(AwardRule, "an award rule", most=500)
    )
    """What events other than purchases earn (PTS-4)."""
    studios: tuple[Studio, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(Studio, "a studio", most=5000)
    )
    rounding: Rounding = field(default=Rounding.FLOOR, validator=instance(Rounding, "floor, half_up or ceil"))
    """How a purchase's points become whole, once."""
    excluded_categories: frozenset[str] = field(default=frozenset(), converter=as_texts, validator=texts("categories"))
    """What earns nothing, whatever a rule says: fuel, gift cards."""
    stored_value: StoredValue = field(default=StoredValue.SPENT, validator=instance(StoredValue, "spent or bought"))
    most_per_purchase: int | None = field(default=None, validator=optional(whole(least=0)))
    caps: tuple[Maximum, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(Maximum, "a maximum", most=5)
    )
    """At most so many points for each account and period of the calendar, by the purchase's business day."""
    afterwards: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """How long after its business day a purchase that was made without the card can be credited; None if it cannot."""

    def __attrs_post_init__(self) -> None:
        _each_once([rule.key for rule in self.rules], "rules", "key")
        _each_once([offer.code for offer in self.offers], "offers", "code")
        _each_once([rule.key for rule in self.awards], "awards", "key")
        _each_once([studio.code for studio in self.studios], "studios", "code")
        _each_once([cap.per.value for cap in self.caps], "caps", "per")


def _each_once(values: Sequence[str], path: str, name: str) -> None:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise InvalidInput(path=f"{path}[{index}].{name}", expected=f"a {name} of its own", got=value)


def check_awards(rules: Sequence[AwardRule], path: str, *, schemes: Collection[str], offers: Collection[str]) -> None:
    """Refuse award rules that name what the club does not have.

    Raises:
        InvalidInput: with the path of the rule's field.
    """
    for index, rule in enumerate(rules):
        for scheme in sorted(rule.schemes - set(schemes)):
            raise InvalidInput(path=f"{path}[{index}].schemes", expected=f"one of {', '.join(schemes)}", got=scheme)
        if rule.offer is not None and rule.offer not in offers:
            raise InvalidInput(
                path=f"{path}[{index}].offer",
                expected=f"one of {', '.join(sorted(offers)) or 'no offers'}",
                got=rule.offer,
            )


def check_rules(
    rules: Sequence[EarningRule], path: str, *, schemes: Collection[str], offers: Collection[str], of_scheme: bool
) -> None:
    """Refuse rules that come twice on one level, or name what the club does not have.

    Raises:
        InvalidInput: with the path of the rule's field.
    """
    for index, rule in enumerate(rules):
        at = f"{path}[{index}]"
        if rule.key in [each.key for each in rules[:index]]:
            raise InvalidInput(path=f"{at}.key", expected="a key of its own", got=rule.key)
        if of_scheme and rule.schemes:
            raise InvalidInput(
                path=f"{at}.schemes",
                expected="none, as the rule is a scheme's own",
                got=", ".join(sorted(rule.schemes)),
            )
        for scheme in sorted(rule.schemes):
            if scheme not in schemes:
                raise InvalidInput(path=f"{at}.schemes", expected=f"one of {', '.join(schemes)}", got=scheme)
        if rule.offer is not None and rule.offer not in offers:
            raise InvalidInput(
                path=f"{at}.offer", expected=f"one of {', '.join(sorted(offers)) or 'no offers'}", got=rule.offer
            )


def _share(value: object) -> str | None:
    if isinstance(value, Fraction) and 0 < value <= 1:
        return None
    return "a fraction above 0 and at most 1"


@frozen(kw_only=True)
class Redeeming:
    """How points pay in a club (PTS-8): ``points`` are worth ``value`` minor units of the club's currency."""

    points: int = field(validator=whole(least=1))
    value: int = field(validator=whole(least=1))
    minimum: int = field(default=1, validator=whole(least=1))
    """The fewest points that can be redeemed at once."""
    multiples: int = field(validator=whole(least=1))
    """Points are redeemed in steps of so many; by default the ``points`` that the value is stated for."""
    maximum_share: Fraction = field(default=Fraction(1), validator=checked(_share))
    """At most this part of a purchase's total is paid with points."""
    minimum_total: int = field(default=0, validator=whole(least=0))
    """A purchase below this total is not paid with points."""

    @multiples.default
    def _steps_of_the_value(self) -> int:
        return self.points

    def worth(self, points: int) -> int:
        """What points pay, floored to minor units."""
        return points * self.value // self.points


def currency_problem(value: object) -> str | None:
    """What a currency has to be."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper():
        return None
    return "an ISO 4217 code of three capital letters"
