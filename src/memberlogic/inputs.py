"""The form of the input: attrs validators that refuse with a path (COM-2, COM-6, COM-11).

Each returns a validator for an attrs field; what it refuses is :class:`~memberlogic.errors.InvalidInput` naming that
field. A value is never repeated in the message where it could be somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from unicodedata import category
from uuid import UUID
from zoneinfo import ZoneInfo

from memberlogic.errors import InvalidInput

__all__ = [
    "a_country",
    "a_date",
    "a_day",
    "a_key",
    "a_note",
    "a_zone",
    "an_id",
    "an_instant",
    "as_member_types",
    "as_tuple",
    "checked",
    "code",
    "ids",
    "instance",
    "many",
    "optional",
    "require_callback",
    "require_id",
    "require_instance",
    "require_instant",
    "require_key",
    "require_whole",
    "sequence_of",
    "text",
    "to_utc",
    "to_utc_or_none",
    "whole",
]

MOST = 2**53 - 1
"""The most that a number may be: exact in JSON for every reader, and far below what any store holds."""

Validator = Callable[[Any, Any, Any], None]

_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def describe(value: object) -> str:
    """A value as an error may show it: numbers and short codes as they are, everything else by its kind."""
    if isinstance(value, int) and abs(value) > 10**20:
        return "a whole number that is far too large"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, Fraction) and max(abs(value.numerator), value.denominator) <= 10**20:
        return str(value)
    if isinstance(value, str):
        return "an empty text" if not value.strip() else f"a text of {len(value)} character{'s'[: len(value) != 1]}"
    if isinstance(value, datetime) and value.tzinfo is None:
        return "a naive datetime"
    return f"a {type(value).__name__}"


def checked(problem: Callable[[object], str | None]) -> Validator:
    """A validator from a function that answers what it expected, or None if the value is well."""

    def validate(_: object, attribute: Any, value: object) -> None:
        expected = problem(value)
        if expected is not None:
            raise InvalidInput(path=attribute.name, expected=expected, got=describe(value))

    return validate


def whole(*, least: int | None = None, most: int = MOST) -> Validator:
    """A whole number, no float and no bool, within inclusive bounds."""
    bounds = f"from {least} to {most}" if least is not None else f"of at most {most}"

    def problem(value: object) -> str | None:
        if type(value) is not int:
            return "a whole number"
        if value > most or value < (-most if least is None else least):
            return f"a whole number {bounds}"
        return None

    return checked(problem)


def instance(kind: type | tuple[type, ...], expected: str) -> Validator:
    """An instance of a class of ours."""
    return checked(lambda value: None if isinstance(value, kind) else expected)


def _plain(value: object, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable() and value == value.strip()


def text(most: int, expected: str = "a text") -> Validator:
    """A text that is not blank, has at most so many characters, none of control and no space around it."""

    def problem(value: object) -> str | None:
        return None if _plain(value, most) else f"{expected} of 1 to {most} printable characters, no space around it"

    return checked(problem)


def code(expected: str = "a code") -> Validator:
    """A code: 1 to 64 small letters, digits, ``_``, ``.`` or ``-``; never free text (COM-10)."""

    def problem(value: object) -> str | None:
        if isinstance(value, str) and _CODE.fullmatch(value):
            return None
        return f"{expected} of 1 to 64 small letters, digits, _ . or -"

    return checked(problem)


a_key = text(128, "a key")
"""An idempotency key, reference or external id: 1 to 128 printable characters."""

LONGEST_NOTE = 2000
"""How many characters a note may have."""


def _note_problem(value: object) -> str | None:
    well = isinstance(value, str) and 0 < len(value) <= LONGEST_NOTE and bool(value.strip())
    if not well or any(category(each) in ("Cc", "Cs") and each not in "\n\t" for each in str(value)):
        return f"a note of 1 to {LONGEST_NOTE} characters"
    return None


a_note = checked(_note_problem)
"""Free text of several lines, kept apart and erasable: 1 to 2,000 characters, none of control but ends of lines."""

an_id = instance(UUID, "an id (a UUID)")


# What every database can keep; the years above are for what never ends.
_EARLIEST = datetime(1000, 1, 2, tzinfo=UTC)
_LATEST = datetime(9998, 12, 31, tzinfo=UTC)


def an_instant(_: object, attribute: Any, value: Any) -> None:
    """A timezone-aware datetime (COM-2), of the years 1000 to 9998."""
    require_instant(value, attribute.name)


def a_date(_: object, attribute: Any, value: Any) -> None:
    """A calendar date, not a datetime."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidInput(path=attribute.name, expected="a date", got=describe(value))


_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def a_day(_: object, attribute: Any, value: Any) -> None:
    """A business day of a contract: a calendar date of the years 1900 to 2199."""
    a_date(_, attribute, value)
    if not _FIRST_DAY <= value <= _LAST_DAY:
        raise InvalidInput(path=attribute.name, expected="a date of the years 1900 to 2199", got=f"{value.year}")


def ids(*, least: int = 0, most: int = 10_000) -> Validator:
    """A tuple of ids, with how many there may be."""
    return sequence_of(UUID, "an id (a UUID)", least=least, most=most)


a_zone = checked(
    lambda value: None if isinstance(value, ZoneInfo) and value.key else "a time zone by name (zoneinfo.ZoneInfo)"
)


a_country = checked(
    lambda value: (
        None if isinstance(value, str) and _COUNTRY.fullmatch(value) else "a country's two capital letters, such as GB"
    )
)


def optional(validator: Validator) -> Validator:
    """None, or what the validator takes."""

    def validate(instance_: object, attribute: Any, value: object) -> None:
        if value is not None:
            validator(instance_, attribute, value)

    return validate


def sequence_of(kind: type | tuple[type, ...], expected: str, *, least: int = 0, most: int = 10_000) -> Validator:
    """A tuple of instances, with how many there may be."""

    def validate(_: object, attribute: Any, value: object) -> None:
        if not isinstance(value, tuple) or not least <= len(value) <= most:
            raise InvalidInput(
                path=attribute.name,
                expected=f"{least} to {most} times {expected}",
                got=f"{len(value)}" if isinstance(value, tuple) else describe(value),
            )
        for index, each in enumerate(value):
            if not isinstance(each, kind):
                raise InvalidInput(path=f"{attribute.name}[{index}]", expected=expected, got=describe(each))

    return validate


def many(validator: Validator, expected: str, *, least: int = 0, most: int = 10_000) -> Validator:
    """A tuple whose every item another validator takes, with how many there may be."""

    def validate(instance_: object, attribute: Any, value: object) -> None:
        sequence_of(object, expected, least=least, most=most)(instance_, attribute, value)
        assert isinstance(value, tuple)
        for index, each in enumerate(value):
            validator(instance_, _Item(f"{attribute.name}[{index}]"), each)

    return validate


class _Item:
    """What a validator looks at of an attribute, for one item of it."""

    def __init__(self, name: str) -> None:
        self.name = name


def require_id(value: object, path: str) -> None:
    """Refuse what is no id.

    Raises:
        InvalidInput: unless it is a UUID.
    """
    if not isinstance(value, UUID):
        raise InvalidInput(path=path, expected="an id (a UUID)", got=describe(value))


def require_callback(value: object, path: str) -> None:
    """Refuse what is neither None nor can be called.

    Raises:
        InvalidInput: naming the parameter.
    """
    if value is not None and not callable(value):
        raise InvalidInput(path=path, expected="a function to call, or None", got=describe(value))


def require_instance(value: object, kind: type | tuple[type, ...], path: str, expected: str) -> None:
    """Refuse what is no instance of a class.

    Raises:
        InvalidInput: saying what was expected.
    """
    if not isinstance(value, kind):
        raise InvalidInput(path=path, expected=expected, got=describe(value))


def require_instant(value: object, path: str) -> datetime:
    """An aware instant, in UTC.

    Raises:
        InvalidInput: unless it is a datetime with a time zone, of the years 1000 to 9998.
    """
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise InvalidInput(path=path, expected="a datetime with a time zone", got=describe(value))
    if not _EARLIEST <= value < _LATEST:
        raise InvalidInput(path=path, expected="an instant of the years 1000 to 9998", got=f"the year {value.year}")
    return value.astimezone(UTC)


def require_whole(value: object, path: str, *, least: int, most: int) -> None:
    """Refuse what is no whole number within inclusive bounds.

    Raises:
        InvalidInput: naming the bounds.
    """
    if type(value) is not int or not least <= value <= most:
        raise InvalidInput(path=path, expected=f"a whole number from {least} to {most}", got=describe(value))


def require_key(value: object, path: str = "idempotency_key") -> None:
    """Refuse what is no idempotency key.

    Raises:
        InvalidInput: unless it is a text of 1 to 128 printable characters.
    """
    if not _plain(value, 128):
        expected = "a key of 1 to 128 printable characters, no space around it"
        raise InvalidInput(path=path, expected=expected, got=describe(value))


def to_utc(value: datetime) -> datetime:
    """A converter for instants: aware ones become UTC; anything else is left for the validator to refuse."""
    if isinstance(value, datetime) and value.tzinfo is not UTC and value.utcoffset() is not None:
        with suppress(OverflowError):
            return value.astimezone(UTC)
    return value


def to_utc_or_none(value: datetime | None) -> datetime | None:
    """:func:`to_utc`, where there may be none."""
    return None if value is None else to_utc(value)


def as_tuple(value: object) -> object:
    """A converter for lists of things: any sequence but a text becomes a tuple."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return tuple(value)
    return value


def as_member_types(value: Iterable[str]) -> frozenset[str]:
    """A converter for the field ``member_types``: a set of one or more codes."""
    expected = "one or more codes of 1 to 64 small letters, digits, _ . or -"
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidInput(path="member_types", expected=expected, got=describe(value))
    codes = tuple(value)
    for index, each in enumerate(codes):
        if not isinstance(each, str) or not _CODE.fullmatch(each):
            raise InvalidInput(path=f"member_types[{index}]", expected=expected, got=describe(each))
    if not codes:
        raise InvalidInput(path="member_types", expected=expected, got="none")
    return frozenset(codes)
