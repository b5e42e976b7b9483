"""Statements: written once with SQLAlchemy Core, compiled once per dialect to fixed text.

A statement's parameters are given by position, in the order in which its ``bindparam`` names were declared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy.engine import Dialect

from sqlalchemy import Column, ColumnElement, Executable, Table, bindparam, case, insert, literal_column

__all__ = ["Statement", "family", "inserting", "next_version", "one_of", "padded"]

Row = Sequence[Any]
T = TypeVar("T")


class Statement:
    """One statement of fixed text.

    Args:
        core: the statement as SQLAlchemy Core.
        names: its parameters in the order in which they will be given; a name may stand in it several times.
        apart_by: parameters that tell rows of the table apart: two sets of parameters that differ in them change other
            rows. None if nothing tells; nothing, if no two sets ever change the same row.
    """

    def __init__(self, core: Executable, *names: str, apart_by: Sequence[str] | None = None) -> None:
        self.core = core
        self.names = names
        self.apart_by = apart_by
        self._compiled: dict[Dialect, tuple[str, Callable[[Row], Row] | None]] = {}

    def on(self, dialect: Dialect) -> tuple[str, Callable[[Row], Row] | None]:
        """The text for a dialect, and what brings given parameters into the text's order; None if they are in it."""
        known = self._compiled.get(dialect)
        if known is None:
            known = self._compiled[dialect] = self._compile(dialect)
        return known

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Row], Row] | None]:
        compiled: Any = self.core.compile(dialect=dialect)  # type: ignore[attr-defined]
        wanted: list[str] = list(compiled.positiontup or ())
        missing = set(self.names) - set(wanted)
        if missing:
            raise TypeError(f"parameters that do not stand in the statement: {sorted(missing)}")
        if wanted == list(self.names):
            return str(compiled), None
        # What is not named is a constant that the dialect put in: SQLite's OFFSET 0.
        constants = [compiled.params[name] for name in wanted if name not in self.names]
        given = len(self.names)
        place = {name: index for index, name in enumerate(self.names)}
        rest = iter(range(given, given + len(constants)))
        places = [place[name] if name in place else next(rest) for name in wanted]
        if not constants and len(places) > 1:
            return str(compiled), itemgetter(*places)
        return str(compiled), lambda row: tuple((*row, *constants)[each] for each in places)


def inserting(table: Table, *, but: Collection[str] = ()) -> Statement:
    """An INSERT of whole rows, parameters in the order of the table's columns; ``but`` those that have a default."""
    names = [column.name for column in table.columns if column.name not in but]
    values = {name: bindparam(name, type_=table.c[name].type) for name in names}
    return Statement(insert(table).values(values), *names, apart_by=())


def next_version(version: Column[int]) -> ColumnElement[int]:
    """One more, if the version is still the ``expected`` one; else -1, which the table's CHECK refuses: as the commit
    travels with the writes, a guard has to fail inside the database.
    """
    one = literal_column("1", version.type)
    same = version == bindparam("expected", type_=version.type)
    return case((same, version + one), else_=literal_column("-1", version.type))


def family(make: Callable[[int], Statement]) -> Callable[[int], Statement]:
    """Statements that differ by how many things they name, each made once."""
    return lru_cache(maxsize=512)(make)


def one_of(column: Column[Any], count: int) -> tuple[list[str], ColumnElement[bool]]:
    """The names of so many parameters, and that a column is one of them: for a statement that names many things."""
    names = [f"{column.name}_{index}" for index in range(count)]
    return names, column.in_([bindparam(name, type_=column.type) for name in names])


def padded(values: Sequence[T]) -> Sequence[T]:
    """Values for an IN, the last one repeated up to a power of two: a statement that names many things is then one of
    few.
    """
    size = 1 << (len(values) - 1).bit_length() if len(values) > 8 else len(values)
    return [*values, *[values[-1]] * (size - len(values))]
