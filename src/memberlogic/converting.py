"""JSON both ways for every public type, through one cattrs converter.

Instants are ISO 8601 in UTC, ids texts, fractions ``"3/2"``, zones their names, states their values, unions carry the
class under ``is``. What cannot be read is :class:`~memberlogic.errors.InvalidInput` with the path of the field.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time
from enum import Enum
from fractions import Fraction
from functools import partial
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import cattrs
from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.strategies import configure_tagged_union

from memberlogic import calendar, errors
from memberlogic.errors import InvalidInput
from memberlogic.inputs import describe

__all__ = [
    "converter",
    "dumps",
    "fingerprint",
    "from_json",
    "loads",
    "plain_tuple",
    "tagged",
    "tagged_or_none",
    "to_json",
    "token",
]

T = TypeVar("T")
_FRACTION = re.compile(r"-?\d{1,9}(/\d{1,9})?")


def _read(kind: str, read: Any, value: Any, _: Any) -> Any:
    if not isinstance(value, str):
        raise InvalidInput(path="", expected=kind, got=describe(value))
    try:
        return read(value)
    except (ValueError, ZeroDivisionError):
        raise InvalidInput(path="", expected=kind, got=describe(value)) from None


def _instant(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is None else read.astimezone(UTC)


def _fraction(text: str) -> Fraction:
    if not _FRACTION.fullmatch(text):
        raise ValueError("no fraction")
    return Fraction(text)


def _strict(kind: type, value: Any, _: Any) -> Any:
    if type(value) is not kind:
        words = {int: "a whole number", str: "a text", bool: "true or false"}
        raise InvalidInput(path="", expected=words[kind], got=describe(value))
    return value


def _make() -> Converter:
    # Sets in order, so that equal inputs have equal fingerprints.
    made = Converter(forbid_extra_keys=True, unstruct_collection_overrides={AbstractSet: sorted})
    made.register_unstructure_hook(UUID, str)
    made.register_structure_hook(UUID, partial(_read, "an id (a UUID)", UUID))
    made.register_unstructure_hook(datetime, datetime.isoformat)
    made.register_structure_hook(datetime, partial(_read, "an instant in ISO 8601", _instant))
    made.register_unstructure_hook(date, date.isoformat)
    made.register_structure_hook(date, partial(_read, "a date in ISO 8601", date.fromisoformat))
    made.register_unstructure_hook(time, time.isoformat)
    made.register_structure_hook(time, partial(_read, "a time of day in ISO 8601", time.fromisoformat))
    made.register_unstructure_hook(ZoneInfo, str)
    made.register_structure_hook(ZoneInfo, lambda value, _: calendar.zone(value, path=""))
    made.register_unstructure_hook(Fraction, str)
    made.register_structure_hook(Fraction, partial(_read, "a fraction such as 3/2", _fraction))
    for kind in (int, str, bool):
        made.register_structure_hook(kind, partial(_strict, kind))
    # Figures and details are JSON values already: they pass through as they are.
    made.register_structure_hook_func(_is_json, lambda value, _: value)
    made.register_unstructure_hook_func(_is_json, lambda value: dict(value) if isinstance(value, Mapping) else value)
    # Refusals by their code, events by their type and version.
    made.register_unstructure_hook_func(_is_error, lambda error: error.to_json())
    made.register_structure_hook_func(_is_error, lambda value, _: errors.from_json(value))
    return made


def _is_error(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, errors.MemberLogicError)


def _is_json(kind: Any) -> bool:
    return kind is Any or get_args(kind) == (str, Any)


converter: Converter = _make()
_encoded = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def tagged(union: Any) -> None:
    """Let a union of attrs classes through, the class's name under ``is``."""
    configure_tagged_union(union, converter, tag_name="is")


def tagged_or_none(union: Any) -> None:
    """Let a union of attrs classes through, the class's name under ``is``, and None where a field may be empty."""
    tagged(union)
    converter.register_structure_hook(
        union | None, lambda value, _: None if value is None else converter.structure(value, union)
    )
    converter.register_unstructure_hook(
        union | None, lambda value: None if value is None else converter.unstructure(value, union)
    )


def plain_tuple(kind: Any) -> None:
    """Let a NamedTuple be read back from the list of its fields that it is as JSON."""
    hints = get_type_hints(kind)

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != len(hints):
            raise InvalidInput(path="", expected=f"a list of {len(hints)} values", got=describe(value))
        return kind(*(converter.structure(each, hint) for each, hint in zip(value, hints.values(), strict=True)))

    converter.register_structure_hook_func(lambda cls: cls is kind, read)


def to_json(value: object) -> Any:
    """Any public value as JSON values."""
    return converter.unstructure(value)


def from_json(kind: type[T], data: Any, path: str = "$") -> T:
    """Read what :func:`to_json` wrote.

    Raises:
        InvalidInput: with the path of the first field that is wrong, unknown or missing.
    """
    try:
        return converter.structure(data, kind)
    except BaseValidationError as group:
        raise _first(group, _Place(path, kind, data)) from None
    except (
        InvalidInput,
        cattrs.StructureHandlerNotFoundError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ) as error:
        raise _leaf(error, _Place(path, kind, data)) from None


class _Place(NamedTuple):
    """Where in the data something is wrong, what is expected there, and what stands there."""

    path: str
    kind: Any
    value: Any

    @property
    def got(self) -> str:
        """What stands there."""
        match self.value:
            case None:
                return "nothing"
            case Mapping():
                return "an object"
            case _:
                return describe(self.value)

    @property
    def refused(self) -> InvalidInput:
        """That what stands there is not what is expected."""
        return InvalidInput(path=self.path, expected=_form(self.kind), got=self.got)

    @property
    def is_no_list(self) -> bool:
        """Whether a list is expected where none is: its parts would be taken for items."""
        listed = issubclass(get_origin(self.kind) or object, list | tuple | AbstractSet)
        return listed and not isinstance(self.value, list | tuple | AbstractSet)

    def below(self, note: AttributeValidationNote | IterableValidationNote) -> _Place:
        """The field or item that a note names."""
        named = isinstance(note, AttributeValidationNote)
        key = note.name if isinstance(note, AttributeValidationNote) else note.index
        try:
            there = self.value[key]
        except (LookupError, TypeError):
            there = None
        return _Place(f"{self.path}.{key}" if named else f"{self.path}[{key}]", note.type, there)


def _first(group: BaseException, place: _Place) -> InvalidInput:
    """The first thing that is wrong: a field that is unknown before one that is missing, as it may be the same."""
    if place.is_no_list:
        return place.refused
    found = getattr(group, "exceptions", ())
    for error in sorted(found, key=lambda each: not isinstance(each, ForbiddenExtraKeysError)):
        below = place
        for note in getattr(error, "__notes__", ()):
            if isinstance(note, AttributeValidationNote | IterableValidationNote):
                below = place.below(note)
        return _first(error, below) if isinstance(error, BaseValidationError) else _leaf(error, below)
    return place.refused


def _leaf(error: BaseException, place: _Place) -> InvalidInput:
    path = place.path
    if isinstance(error, InvalidInput):
        inner = error.path
        below = path if not inner else f"{path}{inner}" if inner.startswith("[") else f"{path}.{inner}"
        return InvalidInput(path=below, expected=str(error.details["expected"]), got=str(error.details["got"]))
    if isinstance(error, ForbiddenExtraKeysError):
        extra = sorted(error.extra_fields)[0]
        return InvalidInput(
            path=f"{path}.{extra}", expected=f"one of {', '.join(_fields(error.cl))}", got="an unknown field"
        )
    if isinstance(error, KeyError):
        return _missing(str(error.args[0]), place)
    return place.refused


def _missing(name: str, place: _Place) -> InvalidInput:
    """A field that has to be there; or the class of a union under ``is``, which is missing or none of its."""
    classes = [each for each in _options(place.kind) if attrs.has(each)]
    if len(classes) < 2 or not isinstance(place.value, Mapping):
        missing = place.path if place.path.endswith(f".{name}") else f"{place.path}.{name}"
        return InvalidInput(path=missing, expected=_form(place.kind), got="nothing")
    return _Place(f"{place.path}.is", _OneOf(classes), place.value.get("is")).refused


def _options(kind: Any) -> Sequence[Any]:
    """What a value may be: the parts of a union, None aside; else the one thing."""
    if get_origin(kind) in (Union, UnionType):
        return [each for each in get_args(kind) if each is not NoneType]
    return [getattr(kind, "__supertype__", kind)]


def _fields(kind: Any, *, required: bool = False) -> list[str]:
    fields = attrs.fields(kind) if attrs.has(kind) else ()
    return sorted(each.name for each in fields if not required or each.default is attrs.NOTHING)


class _OneOf(tuple[Any, ...]):
    """Classes, one of which is named under ``is``."""

    def __str__(self) -> str:
        return f"one of {', '.join(sorted(each.__name__ for each in self))}"


_FORMS: Mapping[Any, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    UUID: "an id (a UUID)",
    datetime: "an instant in ISO 8601",
    date: "a date in ISO 8601",
    time: "a time of day in ISO 8601",
    Fraction: "a fraction such as 3/2",
    ZoneInfo: "a time zone by name",
}


def _form(kind: Any) -> str:
    """What a value of a kind looks like in JSON."""
    options = _options(kind)
    if isinstance(kind, _OneOf):
        return str(kind)
    if len(options) > 1 and all(attrs.has(each) for each in options):
        return f"an object with the field is, {_OneOf(options)}"
    option = options[0] if len(options) == 1 else object
    return _FORMS.get(option) or _form_of_class(get_origin(option) or option)


def _form_of_class(kind: Any) -> str:
    match kind:
        case type() if issubclass(kind, Enum):
            return f"one of {', '.join(str(each.value) for each in kind)}"
        case type() if attrs.has(kind):
            return " with ".join(["an object", *filter(None, [", ".join(_fields(kind, required=True))])])
        case type() if issubclass(kind, Mapping):
            return "an object"
        case type() if issubclass(kind, list | tuple | AbstractSet):
            return "a list"
        case _:
            return "a value of this form"


# Made once: json.dumps makes one for every call that asks for anything but its defaults.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_SORTING_ENCODER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


def dumps(value: Any) -> str:
    """JSON text of JSON values, the shortest form, keys in the order given."""
    return _ENCODER.encode(value)


def loads(text: str) -> Any:
    """JSON values of a text."""
    return json.loads(text)


def token(secret: bytes, id: UUID) -> str:
    """An HMAC-SHA-256 of an id under the organization's secret, 160 bits of it in letters and digits. What is
    fingerprinted is JSON, which never begins like this: no fingerprint is a token.
    """
    made = hmac.new(secret, b"token:" + id.bytes, hashlib.sha256).digest()
    return base64.b32encode(made[:20]).decode().lower()


def fingerprint(secret: bytes, wanted: object) -> str:
    """An HMAC-SHA-256 of an input under the organization's secret (COM-9): equal inputs, equal fingerprints, and
    nothing of the input can be read from it.
    """
    plain = _SORTING_ENCODER.encode(to_json(wanted))
    return hmac.new(secret, plain.encode(), hashlib.sha256).hexdigest()
