"""What a club's year came to, counted in its tables: purchases, points, members, schemes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memberlogic.ids import OrganizationId
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.progression import Cause
from memberlogic_sqlalchemy import tables
from sqlalchemy import Connection, Select, and_, case, func, select

__all__ = ["counted", "figures"]

_a, _w, _p, _e, _s, _x = (
    tables.accounts.c,
    tables.wallets.c,
    tables.purchases.c,
    tables.entries.c,
    tables.slices.c,
    tables.scheme_changes.c,
)


def counted(*conditions: Any) -> Any:
    """How many rows meet some conditions."""
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)


def figures(connection: Connection, organization: OrganizationId, club: Club) -> dict[str, Any]:
    """The figures of a club, as they are stored; run the jobs first for what is due.

    ``lots`` are the purchases that earned at least one point: each opened one; ``expired_lots`` are the lots of which
    at least one point expired.
    """

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
            ).where(_p.organization_id == organization, _p.club_id == club.id)
        ),
        **one(_expired(organization, club)),
        **one(_standing(organization, club)),
        **one(
            select(
                counted(_x.cause == Cause.UPGRADE.value).label("upgrades"),
                counted(_x.cause == Cause.DOWNGRADE.value).label("downgrades"),
            ).where(_x.organization_id == organization, _x.club_id == club.id)
        ),
        "schemes": _schemes(connection, organization, club),
    }


def _expired(organization: OrganizationId, club: Club) -> Select[Any]:
    slices = tables.slices.join(tables.entries, and_(_e.organization_id == _s.organization_id, _e.id == _s.entry_id))
    return (
        select(
            func.coalesce(-func.sum(_s.points), 0).label("expired"),
            func.count(_s.lot_id.distinct()).label("expired_lots"),
        )
        .select_from(slices)
        .where(_e.organization_id == organization, _e.club_id == club.id, _e.kind == EntryKind.EXPIRE.value)
    )


def _standing(organization: OrganizationId, club: Club) -> Select[Any]:
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
        .where(_a.organization_id == organization, _a.club_id == club.id)
    )


def _schemes(connection: Connection, organization: OrganizationId, club: Club) -> dict[str, int]:
    rows = connection.execute(
        select(_a.scheme, func.count())
        .where(_a.organization_id == organization, _a.club_id == club.id)
        .group_by(_a.scheme)
    )
    found = {scheme: int(accounts) for scheme, accounts in rows}
    names = {scheme.code: scheme.name for scheme in club.schemes}
    return {name: found.get(code, 0) for code, name in names.items()}
