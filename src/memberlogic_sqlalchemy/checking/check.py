"""What one check is: a property, and the statement that answers where it does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from memberlogic.ids import OrganizationId
from memberlogic_sqlalchemy import tables
from sqlalchemy import Column, ColumnElement, Connection, FromClause, Select, Subquery, and_, exists, func, select

__all__ = ["Check", "aware", "counting", "differing", "other_account", "summed", "there"]

Row = Mapping[str, Any]


@frozen(kw_only=True)
class Check:
    """A property that is recounted.

    Its statement answers ``organization_id``, the ids that lead to a record, ``stored`` and ``counted``, for each
    record where the property does not hold. ``refine`` is for what SQL leaves to the core: it keeps the rows that
    are wrong, with what they should say.
    """

    code: str
    rule: str
    says: str
    statement: Select[Any]
    whose: ColumnElement[Any]
    refine: Callable[[Connection, Iterable[Row]], Iterable[Row]] | None = None

    def rows(self, connection: Connection, organization: OrganizationId | None) -> list[Row]:
        """The records where it does not hold."""
        statement = self.statement
        if organization is not None:
            id = organization.hex if connection.dialect.name in ("mysql", "mariadb") else organization
            statement = statement.where(self.whose == id)
        rows: list[Row] = [dict(row) for row in connection.execute(statement).mappings()]
        return rows if self.refine is None else list(self.refine(connection, rows))


def differing(
    code: str,
    rule: str,
    says: str,
    *,
    of: FromClause,
    ids: Mapping[str, ColumnElement[Any]],
    stored: ColumnElement[Any],
    counted: ColumnElement[Any],
    wrong: ColumnElement[bool] | None = None,
) -> Check:
    """A check that two figures of a record are the same, or whatever else ``wrong`` compares."""
    whose = _organization(of)
    statement = (
        select(
            whose.label("organization_id"),
            *(column.label(name) for name, column in ids.items()),
            stored.label("stored"),
            counted.label("counted"),
        )
        .select_from(of)
        .where(stored != counted if wrong is None else wrong)
        .order_by(whose, *ids.values())
    )
    return Check(code=code, rule=rule, says=says, statement=statement, whose=whose)


def _organization(of: FromClause) -> ColumnElement[Any]:
    """The organization of the leftmost table of a join."""
    while hasattr(of, "left"):
        of = of.left
    return of.c.organization_id


def counting(
    by: Mapping[str, Column[Any]], figures: Mapping[str, ColumnElement[Any]], *where: ColumnElement[bool]
) -> Subquery:
    """Figures of a table, grouped by organization and columns: counted once, then joined."""
    first = next(iter(by.values()))
    organization = first.table.c.organization_id
    return (
        select(
            organization.label("organization_id"),
            *(column.label(name) for name, column in by.items()),
            *(figure.label(name) for name, figure in figures.items()),
        )
        .where(*where)
        .group_by(organization, *by.values())
        .subquery()
    )


def summed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A figure of a group that may not be there: then it is 0."""
    return func.coalesce(column, 0)


def there(left: FromClause, right: FromClause, **columns: str) -> ColumnElement[bool]:
    """The condition of a join inside one organization: ``there(lots, entries, entry_id="id")``."""
    return and_(
        right.c.organization_id == left.c.organization_id,
        *(right.c[to] == left.c[column] for column, to in columns.items()),
    )


def other_account(account: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether two accounts of an organization are not the same, and the second does not lead to the first (MEM-17)."""
    leading = tables.accounts.alias()
    leads = exists().where(
        leading.c.organization_id == account.table.c.organization_id,
        leading.c.id == other,
        leading.c.merged_into_id == account,
    )
    return and_(other != account, ~leads)


def aware(value: datetime) -> datetime:
    """An instant as a driver gave it: those that know no zones keep UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
