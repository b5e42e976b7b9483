"""What a club's year came to, counted in its tables: purchases, points, members, schemes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from memberlogic.ids import OrganizationId
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.progression import Cause
from memberlogic_sqlalchemy import tables
from sqlalchemy import Connection, Select, and_, case, func, select

__all__ = ["as_stored", "counted", "figures"]

_a, _w, _p, _e, _s, _x = (
    tables.accounts.c,
    tables.wallets.c,
    tables.purchases.c,
    tables.entries.c,
    tables.slices.c,
    tables.scheme_changes.c,
)


def as_stored(connection: Connection, id: UUID) -> Any:
    """An id as a statement takes it: where a database has no type for ids, they are kept as texts."""
    return id.hex if connection.dialect.name in ("mysql", "mariadb") else id


def counted(*conditions: Any) -> Any:
    """How many rows meet some conditions."""
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)


def figures(connection: Connection, organization: OrganizationId, club: Club) -> dict[str, Any]:
    """The figures of a club, as they are stored; run the jobs first for what is due.

    ``lots`` are the purchases that earned at least one point: each opened one; ``expired_lots`` are the lots of which
    at least one point expired.
    """

    whose, of_club = as_stored(connection, organization), as_stored(connection, club.id)

    def one(statement: Select[Any]) -> Mapping[str, Any]:
        # Sums are decimals to some drivers; every figure is a whole number.
        return {name: int(value) for name, value in connection.execute(statement).mappings().one().items()}

    return {
        **one(
            select(
                func.count().label("purchases"),
                func.coalesce(func.sum(_p.total), 0).label("spend_cents"),
                func.coalesce(func.sum(_p.earned), 0).label("earned"),
                counted(_p.earned > 0).label("lots"),
                func.coalesce(func.sum(_p.redeemed_points), 0).label("redeemed"),
                counted(_p.redeemed_points > 0).label("redemptions"),
            ).where(_p.organization_id == whose, _p.club_id == of_club)
        ),
        **one(_expired(whose, of_club)),
        **one(_standing(whose, of_club)),
        **one(
            select(
                counted(_x.cause == Cause.UPGRADE.value).label("upgrades"),
                counted(_x.cause == Cause.DOWNGRADE.value).label("downgrades"),
            ).where(_x.organization_id == whose, _x.club_id == of_club)
        ),
        "schemes": _schemes(connection, whose, of_club, club),
    }


def _expired(whose: Any, club: Any) -> Select[Any]:
    slices = tables.slices.join(tables.entries, and_(_e.organization_id == _s.organization_id, _e.id == _s.entry_id))
    return (
        select(
            func.coalesce(-func.sum(_s.points), 0).label("expired"),
            func.count(_s.lot_id.distinct()).label("expired_lots"),
        )
        .select_from(slices)
        .where(_e.organization_id == whose, _e.club_id == club, _e.kind == EntryKind.EXPIRE.value)
    )


def _standing(whose: Any, club: Any) -> Select[Any]:
    wallets = tables.accounts.outerjoin(
        tables.wallets, and_(_w.organization_id == _a.organization_id, _w.account_id == _a.id)
    )
    return (
        select(
            func.coalesce(func.sum(_w.remaining - _w.debt), 0).label("outstanding"),
            func.count(_a.id.distinct()).label("members"),
            counted(_w.remaining > _w.held).label("members_with_balance"),
        )
        .select_from(wallets)
        .where(_a.organization_id == whose, _a.club_id == club)
    )


def _schemes(connection: Connection, whose: Any, of_club: Any, club: Club) -> dict[str, int]:
    rows = connection.execute(
        select(_a.scheme, func.count()).where(_a.organization_id == whose, _a.club_id == of_club).group_by(_a.scheme)
    )
    found = {scheme: int(accounts) for scheme, accounts in rows}
    names = {scheme.code: scheme.name for scheme in club.schemes}
    return {name: found.get(code, 0) for code, name in names.items()}
