"""MEM-4: what the values of each kind of parameter look like, as JSON and as what is kept.

A value comes in as what it is (a ``Fraction``, a ``date``, an ``Address``) or as its JSON form, and is looked at in
that form only: a number is a decimal text such as ``"1.83"``, a day ISO 8601, an address an object. Floats are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from attrs import fields

from memberlogic import converting
from memberlogic.errors import JSON, InvalidInput
from memberlogic.inputs import MOST, describe
from memberlogic.members.normalising import PlainContacts
from memberlogic.members.parameters import Parameter, ParameterKind, ParameterValue, Value
from memberlogic.members.people import Address

__all__ = ["PLACES", "conform", "form", "read"]

PLACES = 6
"""How many decimal places a number may have."""

_SCALE = 10**PLACES
_DECIMAL = re.compile(rf"-?[0-9]{{1,10}}(\.[0-9]{{1,{PLACES}}})?")
_CONTACTS = PlainContacts()
_PARTS = frozenset(each.name for each in fields(Address))


def form(value: object) -> JSON:
    """A value in its JSON form.

    Raises:
        InvalidInput: with the path inside the value, for what no parameter can be.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            pass
        case date():
            return value.isoformat()
        case Fraction():
            return _decimal(value)
        case Address():
            said = converting.to_json(value)
            return {name: part for name, part in said.items() if part is not None and (name, part) != ("kind", "home")}
        case list() | tuple() if all(isinstance(each, str) for each in value):
            return list(value)
        case Mapping() if set(value) <= _PARTS:
            return {str(name): _part(str(name), part) for name, part in value.items()}
    raise InvalidInput(path="", expected="a value that a parameter can have", got=describe(value))


def _part(name: str, part: object) -> JSON:
    if name != "lines" and (part is None or isinstance(part, str)):
        return part
    if name == "lines" and isinstance(part, list | tuple) and all(isinstance(each, str) for each in part):
        return list(part)
    raise InvalidInput(path=name, expected="a list of texts" if name == "lines" else "a text", got=describe(part))


def _decimal(number: Fraction) -> str:
    scaled = number * _SCALE
    if scaled.denominator != 1 or abs(scaled) > MOST:
        expected = f"a number of at most {MOST // _SCALE} with at most {PLACES} decimal places"
        raise InvalidInput(path="", expected=expected, got="another number")
    whole, rest = divmod(abs(scaled.numerator), _SCALE)
    places = f"{rest:0{PLACES}}".rstrip("0")
    return f"{'-' if number < 0 else ''}{whole}{'.' if places else ''}{places}"


def _text(said: JSON, most: int = 500) -> str | None:
    if isinstance(said, str) and 0 < len(said) <= most and said.isprintable() and said == said.strip():
        return said
    return None


def _number(said: JSON) -> Fraction | None:
    if type(said) is not int and not (isinstance(said, str) and _DECIMAL.fullmatch(said)):
        return None
    number = Fraction(said)
    return number if abs(number * _SCALE) <= MOST else None


def _whole(said: JSON) -> int | None:
    return said if type(said) is int and abs(said) <= MOST else None


def _day(said: JSON) -> date | None:
    if not isinstance(said, str) or len(said) > 10:
        return None
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return day if 1000 <= day.year <= 9998 else None


def _yes_no(said: JSON) -> bool | None:
    return said if isinstance(said, bool) else None


def _chosen(said: JSON) -> tuple[str, ...] | None:
    if isinstance(said, list) and said and all(isinstance(each, str) for each in said):
        return tuple(said)
    return None


def _phone(said: JSON) -> str | None:
    return _CONTACTS.phone(said, None) if isinstance(said, str) and len(said) <= 40 else None


def _address(said: JSON) -> Address | None:
    return converting.from_json(Address, said, "") if isinstance(said, Mapping) else None


_KINDS: Mapping[ParameterKind, tuple[str, Callable[[JSON], Value | None]]] = {
    ParameterKind.TEXT: ("a text of 1 to 500 printable characters, no space around it", _text),
    ParameterKind.NUMBER: ("a number with at most 6 decimal places, such as 1.83", _number),
    ParameterKind.WHOLE_NUMBER: ("a whole number", _whole),
    ParameterKind.DATE: ("a date of the years 1000 to 9998", _day),
    ParameterKind.YES_NO: ("true or false", _yes_no),
    ParameterKind.CHOICE: ("one of the parameter's options", lambda said: _text(said, 64)),
    ParameterKind.CHOICES: ("one or more of the parameter's options", _chosen),
    ParameterKind.PHONE: ("a phone number with its country, such as +49 30 901820", _phone),
    ParameterKind.ADDRESS: ("an address", _address),
    ParameterKind.INTEGRATION_ID: ("an id of 1 to 128 printable characters", lambda said: _text(said, 128)),
}


def conform(kind: ParameterKind, said: JSON) -> Value:
    """A value of a kind, from its JSON form.

    Raises:
        InvalidInput: saying what was expected; its path is empty, or leads to the part of an address.
    """
    expected, read_as = _KINDS[kind]
    value = read_as(said)
    if value is None:
        raise InvalidInput(path="", expected=expected, got=describe(said))
    return value


def read(parameter: Parameter, said: JSON) -> ParameterValue:
    """A value of a parameter, from its JSON form; chosen options in the order of the parameter's.

    Raises:
        InvalidInput: as :func:`conform`, or for what is no option of the parameter.
    """
    value = conform(parameter.kind, said)
    if parameter.kind.has_options:
        chosen = {value} if isinstance(value, str) else set(value) if isinstance(value, tuple) else set()
        if not chosen <= set(parameter.options):
            raise InvalidInput(path="", expected=_KINDS[parameter.kind][0], got="something else")
        if isinstance(value, tuple):
            value = tuple(each for each in parameter.options if each in chosen)
    return ParameterValue(key=parameter.key, kind=parameter.kind, value=value)


def _to_json(value: ParameterValue) -> dict[str, JSON]:
    return {"key": value.key, "kind": value.kind.value, "value": form(value.value)}


def _from_json(said: Any, _: object) -> ParameterValue:
    kind = ParameterKind(said["kind"])
    return ParameterValue(key=said["key"], kind=kind, value=conform(kind, said["value"]))


converting.converter.register_unstructure_hook_func(lambda kind: kind is ParameterValue, _to_json)
converting.converter.register_structure_hook_func(lambda kind: kind is ParameterValue, _from_json)
