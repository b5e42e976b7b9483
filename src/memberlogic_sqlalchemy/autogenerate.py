"""Beside a host's own Alembic: our tables in its metadata, and its autogenerate kept off them.

The host's ``env.py`` says::

    context.configure(..., include_name=include_name(), include_object=include_object())
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.naming import PREFIX, Names
from sqlalchemy import ForeignKeyConstraint, Index, MetaData, Table

__all__ = ["build_metadata", "include_name", "include_object"]


def build_metadata(*, schema: str | None = None, prefix: str = PREFIX, metadata: MetaData | None = None) -> MetaData:
    """Our tables as they are called on an engine that is :func:`memberlogic_sqlalchemy.named` alike, in the host's
    metadata: so that its own tables can have foreign keys to them.

    Args:
        schema: where the tables are.
        prefix: what their names begin with.
        metadata: the host's; a new one if none is given.

    Raises:
        InvalidInput: for what is no name.
    """
    names = Names(schema, prefix)
    into = MetaData() if metadata is None else metadata
    for table in tables.metadata.sorted_tables:
        _copied(table, into, names)
    return into


def _copied(table: Table, into: MetaData, names: Names) -> None:
    """A table under its other name; ``Table.to_metadata`` would leave foreign keys leading to the old one."""
    copy = Table(
        names.of(table.name),
        into,
        *(column._copy() for column in table.columns),
        schema=names.schema,
        **table.dialect_kwargs,
    )
    for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
        if isinstance(constraint, ForeignKeyConstraint):
            leading_to = [_there(each.column, names) for each in constraint.elements]
            copy.append_constraint(ForeignKeyConstraint(constraint.column_keys, leading_to, name=constraint.name))
        else:
            copy.append_constraint(constraint._copy(target_table=copy))
    for index in table.indexes:
        Index(index.name, *(copy.c[each.name] for each in index.columns), unique=index.unique, **index.dialect_kwargs)


def _there(column: Any, names: Names) -> str:
    return ".".join(filter(None, (names.schema, names.of(column.table.name), column.name)))


def include_name(
    *, schema: str | None = None, prefix: str = PREFIX
) -> Callable[[str | None, str, Mapping[str, str | None]], bool]:
    """What Alembic asks of each name in the database: ours are passed over, and not dropped."""
    ours = Names(schema, prefix).ours()

    def include(name: str | None, type_: str, parent_names: Mapping[str, str | None]) -> bool:
        return type_ != "table" or name not in ours or parent_names.get("schema_name") != schema

    return include


def include_object(
    *, schema: str | None = None, prefix: str = PREFIX
) -> Callable[[Any, str | None, str, bool, Any], bool]:
    """What Alembic asks of each table in the host's metadata: ours are passed over, and not created."""
    ours = Names(schema, prefix).ours()

    def include(each: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:  # noqa: ARG001
        return type_ != "table" or name not in ours or each.schema != schema

    return include
