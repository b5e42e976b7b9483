"""Many rows of one statement as one statement over arrays (PostgreSQL): a statement for each row costs the server more
in being begun and ended than in the row itself.

The statement stays the one that is written down: what stands for a parameter becomes a column of ``unnest``. Arrays
travel as text, which is made faster than the driver's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import visitors

from memberlogic_sqlalchemy.statements import Row, Statement
from sqlalchemy import (
    BindParameter,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
)

__all__ = ["as_one"]

_FEW = 16
"""Fewer rows are sent one by one: what is prepared for them is prepared already."""

_MOST = 5_000
"""How many rows one statement takes, so that it stays bounded."""

_Writer = Callable[[Any], str]


def as_one(statement: Statement, rows: Sequence[Row], dialect: Dialect) -> list[tuple[str, Row]]:
    """Texts with parameters that do what the statement does to each of the rows; none if it has to be told of them one
    by one: they are few, or one of them changes what another one has changed.
    """
    if len(rows) < _FEW or not _apart(statement, rows):
        return []
    text, writers = _over_arrays(statement, dialect)
    return [
        (text, [_array(write, values) for write, values in zip(writers, zip(*part, strict=True), strict=True)])
        for part in (rows[start : start + _MOST] for start in range(0, len(rows), _MOST))
    ]


def _apart(statement: Statement, rows: Sequence[Row]) -> bool:
    """Whether each of the rows is about rows of its own in the table."""
    if statement.apart_by is None:
        return False
    places = [statement.names.index(name) for name in statement.apart_by]
    return not places or len({tuple([row[place] for place in places]) for row in rows}) == len(rows)


@cache
def _over_arrays(statement: Statement, dialect: Dialect) -> tuple[str, tuple[_Writer, ...]]:
    """The text over arrays, and for each parameter what writes one of its values."""
    core: Any = statement.core
    types = {
        each.key: _plain(each.type)
        for each in visitors.iterate(core)
        if isinstance(each, BindParameter) and each.key in statement.names
    }
    given: Any = (
        func.unnest(*(cast(bindparam(name, type_=Text), ARRAY(types[name])) for name in statement.names))
        .table_valued(*(column(name, types[name]) for name in statement.names))
        .render_derived(name="given")
    )

    def taken(each: Any, **_: Any) -> Any:
        return given.c[each.key] if isinstance(each, BindParameter) and each.key in types else None

    if core.is_insert:
        names = list(statement.names)
        over: Any = insert(core.table).from_select(names, select(*(given.c[name] for name in names)))
    else:
        traverse: Any = visitors.replacement_traverse
        over = traverse(core, {}, taken)
    text, order = Statement(over, *statement.names).on(dialect)
    assert order is None, "each parameter stands once, in order"
    return text, tuple(_writer(types[name]) for name in statement.names)


def _plain(kind: Any) -> Any:
    """A type without a length: casting to one would cut what is too long, and the column has to refuse it."""
    return Text() if isinstance(kind, String) else kind


def _writer(kind: Any) -> _Writer:
    match kind:
        case Uuid():
            return _hex
        case DateTime() | Date():
            return _iso
        case Integer():
            return str
        case String():
            return _quoted
        case LargeBinary():
            return _bytes
        case _:  # pragma: no cover - a column of a new kind
            raise TypeError(f"no array of {kind!r} is written")


def _hex(value: Any) -> str:
    made: str = value.hex
    return made


def _iso(value: datetime | date) -> str:
    return value.isoformat()


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _bytes(value: bytes) -> str:
    return _quoted(f"\\x{value.hex()}")


def _array(write: _Writer, values: Sequence[Any]) -> str:
    """An array as PostgreSQL reads it. Most columns of many rows hold one value."""
    first = values[0]
    if values.count(first) == len(values):
        parts = ["NULL" if first is None else write(first)] * len(values)
    elif None in values:
        parts = ["NULL" if value is None else write(value) for value in values]
    else:
        parts = [*map(write, values)]
    return f"{{{','.join(parts)}}}"
