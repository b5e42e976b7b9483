"""Business days, recounted by the core: no calendar arithmetic is done in SQL (COM-5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from memberlogic.calendar import local_day
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, Row, aware, there
from sqlalchemy import Column, Connection, Table, func, select

__all__ = ["days_of"]


def days_of(table: Table, kind: str, at: Column[datetime], says: str) -> Check:
    """A check that the ``business_day`` of a table's rows is the club's local day at an instant of theirs.

    As local days ascend with the instants, a club's day needs its first and last instant only; where one of them is
    of another day, that day's rows are looked at.
    """
    c = table.c
    whose = (c.organization_id, c.club_id, tables.clubs.c.zone, c.business_day)
    groups = (
        select(*whose, func.min(at).label("first"), func.max(at).label("last"))
        .select_from(table.join(tables.clubs, there(table, tables.clubs, club_id="id")))
        .group_by(*whose)
        .order_by(c.organization_id, c.club_id, c.business_day)
    )

    def wrong(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
        for group in rows:
            zone, stored = ZoneInfo(group["zone"]), group["business_day"]
            if {_day(group["first"], zone), _day(group["last"], zone)} == {stored}:
                continue
            of_group = select(c.id, c.account_id, at).where(
                c.organization_id == group["organization_id"],
                c.club_id == group["club_id"],
                c.business_day == stored,
            )
            for id, account, instant in connection.execute(of_group):
                if _day(instant, zone) != stored:
                    named = {"organization_id": group["organization_id"], kind: id, "account": account}
                    yield named | {"stored": stored, "counted": _day(instant, zone)}

    return Check(
        code=f"{kind}.business_day",
        rule="COM-3",
        says=says,
        statement=groups,
        whose=c.organization_id,
        refine=wrong,
    )


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return local_day(aware(instant), zone)
