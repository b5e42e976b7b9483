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
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar, get_args, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

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
        raise _first(group, path) from None
    except (
        InvalidInput,
        cattrs.StructureHandlerNotFoundError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ) as error:
        raise _leaf(error, path) from None


def _first(group: BaseException, path: str) -> InvalidInput:
    for error in getattr(group, "exceptions", ()):
        below = path
        for note in getattr(error, "__notes__", ()):
            if isinstance(note, AttributeValidationNote):
                below = f"{path}.{note.name}"
            elif isinstance(note, IterableValidationNote):
                below = f"{path}[{note.index}]"
        return _first(error, below) if isinstance(error, BaseValidationError) else _leaf(error, below)
    return InvalidInput(path=path, expected="a value of this form", got="something else")


def _leaf(error: BaseException, path: str) -> InvalidInput:
    if isinstance(error, InvalidInput):
        inner = error.path
        below = path if not inner else f"{path}{inner}" if inner.startswith("[") else f"{path}.{inner}"
        return InvalidInput(path=below, expected=str(error.details["expected"]), got=str(error.details["got"]))
    if isinstance(error, ForbiddenExtraKeysError):
        known = sorted(a.name for a in getattr(error.cl, "__attrs_attrs__", ()))
        extra = sorted(error.extra_fields)[0]
        return InvalidInput(path=f"{path}.{extra}", expected=f"one of {', '.join(known)}", got="an unknown field")
    if isinstance(error, KeyError):
        name = str(error.args[0])
        missing = path if path.endswith(f".{name}") else f"{path}.{name}"
        return InvalidInput(path=missing, expected="a value that is known here", got="nothing, or another one")
    return InvalidInput(path=path, expected="a value of this form", got="one of another form")


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
