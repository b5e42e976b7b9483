"""Custom parameters in tables: a row for each value, for each chosen option, and for each part of an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

from memberlogic import converting
from memberlogic.errors import NotFound
from memberlogic.ids import MemberId
from memberlogic.members.conforming import PLACES
from memberlogic.members.filling import Filling
from memberlogic.members.parameters import Parameter, ParameterKind, ParameterValue, Value
from memberlogic.members.people import Address
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import and_, bindparam, delete, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.statements import Row
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlParameters"]

_p, _v = tables.parameters.c, tables.parameter_values.c
_mine = _p.organization_id == bindparam("organization", type_=_p.organization_id.type)
_of_member = (
    _v.organization_id == bindparam("organization", type_=_v.organization_id.type),
    _v.member_id == bindparam("member", type_=_v.member_id.type),
)
_row = select(_p.parameter, _p.kind, _p.required, _p.personal, _p.options, _p.retired_at)
_DEFINED = Statement(_row.where(_mine), "organization")
_GET = Statement(
    _row.where(_mine, _p.parameter == bindparam("parameter_", type_=_p.parameter.type)), "organization", "parameter_"
)
_ADD = inserting(tables.parameters)
_CHANGED = ("required", "personal", "options", "retired_at")
_CHANGE = Statement(
    update(tables.parameters)
    .values({name: bindparam(f"new_{name}", type_=_p[name].type) for name in _CHANGED})
    .where(_mine, _p.parameter == bindparam("parameter_", type_=_p.parameter.type)),
    *(f"new_{name}" for name in _CHANGED),
    "organization",
    "parameter_",
)
_OF = Statement(
    select(_v.parameter, _p.kind, _v.position, _v.text_value, _v.number_value, _v.day_value)
    .select_from(
        tables.parameter_values.join(
            tables.parameters, and_(_p.organization_id == _v.organization_id, _p.parameter == _v.parameter)
        )
    )
    .where(*_of_member)
    .order_by(_v.parameter, _v.position),
    "organization",
    "member",
)
_CLEAR = Statement(
    delete(tables.parameter_values).where(
        *_of_member, _v.parameter == bindparam("parameter_", type_=_v.parameter.type)
    ),
    "organization",
    "member",
    "parameter_",
)
_FILL = inserting(tables.parameter_values)
_SCALE = 10**PLACES
_PARTS = ("country", "postcode", "city", "region", "kind")
"""The parts of an address, in the order of their positions; its lines follow."""


class SqlParameters:
    """The port ``Parameters``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def defined(self) -> Mapping[str, Parameter]:
        """Every definition."""
        (rows,) = self._uow.ask((_DEFINED, (self._uow.org,)))
        return {row[0]: self._parameter(row) for row in rows}

    def get(self, key: str) -> Parameter:
        """One definition."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, key)))
        for row in rows:
            return self._parameter(row)
        raise NotFound(kind="parameter", id=key)

    def _parameter(self, row: Sequence[Any]) -> Parameter:
        key, kind, required, personal, options, retired_at = row
        return Parameter(
            key=key,
            kind=ParameterKind(kind),
            required=bool(required),
            personal=bool(personal),
            options=tuple(converting.loads(options)),
            retired_at=None if retired_at is None else self._uow.codec.at_out(retired_at),
        )

    def define(self, parameter: Parameter) -> None:
        """Queue a definition."""
        (known,) = self._uow.ask((_GET, (self._uow.org, parameter.key)))
        said = (
            int(parameter.required),
            int(parameter.personal),
            converting.dumps(list(parameter.options)),
            None if parameter.retired_at is None else self._uow.codec.at_in(parameter.retired_at),
        )
        if known:
            self._uow.queue(_CHANGE, (*said, self._uow.org, parameter.key))
        else:
            self._uow.queue(_ADD, (self._uow.org, parameter.key, parameter.kind.value, *said))

    def of(self, member: MemberId) -> Sequence[ParameterValue]:
        """What is known of a member."""
        (rows,) = self._uow.ask((_OF, (self._uow.org, self._uow.codec.id_in(member))))
        return [
            ParameterValue(key=key, kind=ParameterKind(kind), value=self._read(ParameterKind(kind), list(values)))
            for (key, kind), values in groupby(rows, key=lambda row: (row[0], row[1]))
        ]

    def _read(self, kind: ParameterKind, rows: Sequence[Row]) -> Value:
        _, _, _, text, number, day = rows[0]
        match kind:
            case ParameterKind.NUMBER:
                return Fraction(number, _SCALE)
            case ParameterKind.WHOLE_NUMBER | ParameterKind.YES_NO:
                return int(number) if kind is ParameterKind.WHOLE_NUMBER else bool(number)
            case ParameterKind.DATE:
                return self._uow.codec.day_out(day)
            case ParameterKind.CHOICES:
                return tuple(row[3] for row in rows)
            case ParameterKind.ADDRESS:
                parts = {_PARTS[row[2]]: row[3] for row in rows if row[2] < len(_PARTS)}
                return Address(**parts, lines=[row[3] for row in rows if row[2] >= len(_PARTS)])
            case _:
                return str(text)

    def fill(self, filling: Filling) -> None:
        """Queue values."""
        org, member = self._uow.org, self._uow.codec.id_in(filling.member)
        self._uow.queue_all(_CLEAR, [(org, member, key) for key in filling.gone])
        rows = [(org, member, each.key, *row) for each in filling.values for row in self._rows(each.value)]
        self._uow.queue_all(_FILL, rows)

    def _rows(self, value: Value) -> list[Row]:
        """Position, text, number, day."""
        match value:
            case Fraction():
                return [(0, None, int(value * _SCALE), None)]
            case bool() | int():
                return [(0, None, int(value), None)]
            case str():
                return [(0, value, None, None)]
            case tuple():
                return [(position, option, None, None) for position, option in enumerate(value)]
            case Address():
                parts = enumerate((*(getattr(value, name) for name in _PARTS), *value.lines))
                return [(position, part, None, None) for position, part in parts if part is not None]
            case _:
                return [(0, None, None, self._uow.codec.day_in(value))]
