"""The programme of a replay: a TOML file, read strictly. A typo in a key is an error, never a default."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic import calendar
from memberlogic.errors import InvalidInput
from memberlogic.inputs import describe
from memberlogic_sqlalchemy.cli.journey import FileUnreadable

__all__ = ["NAMES", "Programme", "read_programme"]

NAMES = ("Base", "Silver", "Gold", "Platinum")
"""The schemes of a programme that only lists thresholds."""


@frozen(kw_only=True)
class Programme:
    """What a club says, as far as the replay needs it; amounts in cents, spans in days."""

    zone: ZoneInfo
    unit_cents: int
    expire_days: int
    redeem_points: int
    redeem_cents: int
    redeem_minimum_total_cents: int
    thresholds_cents: tuple[tuple[str, int], ...]
    """Each scheme's name with the money that reaches it, in rank order."""
    window_days: int
    excluded_product_types: tuple[str, ...]
    warn_days: tuple[int, ...] = field(converter=tuple)


def read_programme(path: Path) -> Programme:
    """A programme from its file.

    Raises:
        FileUnreadable: if the file is not there or is no TOML; the line is named.
        InvalidInput: naming the file and the key, for a key that is missing, unknown or of another kind, and for
            thresholds that do not begin at 0 and rise.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileUnreadable(file=str(path), problem=error.strerror or type(error).__name__) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileUnreadable(file=str(path), problem=str(error)) from error
    try:
        return _programme(said)
    except InvalidInput as error:
        details = error.details
        raise InvalidInput(
            path=f"{path}: {error.path}", expected=str(details["expected"]), got=str(details["got"])
        ) from None


def _programme(said: dict[str, Any]) -> Programme:
    for key in said:
        if key not in _READERS:
            raise InvalidInput(path=key, expected=f"one of the keys {', '.join(_READERS)}", got="an unknown key")
    for key in _READERS:
        if key not in said:
            raise InvalidInput(path=key, expected="a value", got="none")
    return Programme(**{key: read(key, said[key]) for key, read in _READERS.items()})


def _whole(least: int, most: int = 10**12) -> Callable[[str, Any], int]:
    def read(key: str, value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise InvalidInput(path=key, expected=f"a whole number from {least} to {most}", got=describe(value))
        return value

    return read


def _zone(key: str, value: Any) -> ZoneInfo:
    return calendar.zone(value, key)


def _thresholds(key: str, value: Any) -> tuple[tuple[str, int], ...]:
    if isinstance(value, dict):
        named = [(name, f"{key}.{name}", each) for name, each in value.items()]
    elif isinstance(value, list) and len(value) == len(NAMES):
        named = [(name, f"{key}[{index}]", each) for index, (name, each) in enumerate(zip(NAMES, value, strict=True))]
    else:
        expected = f"{len(NAMES)} amounts ({', '.join(NAMES)}), or a table of names and amounts"
        got = f"{len(value)} of them" if isinstance(value, list) else describe(value)
        raise InvalidInput(path=key, expected=expected, got=got)
    if not named:
        raise InvalidInput(path=key, expected="one scheme or more", got="none")
    least = 0
    for name, path, each in named:
        if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > 60:
            raise InvalidInput(path=path, expected="a name of 1 to 60 printable characters", got=describe(name))
        _whole(least)(path, each)
        if not least and each:
            raise InvalidInput(path=path, expected="0 for the lowest scheme", got=str(each))
        least = each + 1
    return tuple((name, each) for name, _, each in named)


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InvalidInput(path=key, expected="a list of texts", got=describe(value))
    for index, each in enumerate(value):
        if not isinstance(each, str) or not each.strip():
            raise InvalidInput(path=f"{key}[{index}]", expected="a text that is not blank", got=describe(each))
    return tuple(value)


def _days(key: str, value: Any) -> tuple[int, ...]:
    read = _whole(1, 36_600)
    if isinstance(value, list):
        return tuple(read(f"{key}[{index}]", each) for index, each in enumerate(value))
    return (read(key, value),)


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "zone": _zone,
    "unit_cents": _whole(1),
    "expire_days": _whole(1, 36_600),
    "redeem_points": _whole(1),
    "redeem_cents": _whole(1),
    "redeem_minimum_total_cents": _whole(0),
    "thresholds_cents": _thresholds,
    "window_days": _whole(1, 36_600),
    "excluded_product_types": _texts,
    "warn_days": _days,
}
