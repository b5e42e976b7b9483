"""What a database holds of a club, as far as another programme is to be played over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import frozen

from memberlogic.calendar import start_of_day
from memberlogic.converting import from_json, loads
from memberlogic.errors import MemberLogicError
from memberlogic.ids import AccountId, ClubId, OrganizationId
from memberlogic.loyalty.model import AccountState, Club
from memberlogic.loyalty.progression import Cause
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.cli.figures import as_stored, counted
from sqlalchemy import Connection, and_, func, select

__all__ = ["ClubUnclear", "StoredClub", "as_id", "as_instant", "find_club", "read_club"]

_a, _c, _cv, _p, _pl, _x = (
    tables.accounts.c,
    tables.clubs.c,
    tables.club_versions.c,
    tables.purchases.c,
    tables.purchase_lines.c,
    tables.scheme_changes.c,
)
_NAMED = 5
"""How many clubs an error names."""


class ClubUnclear(MemberLogicError):
    """It has to be said which club is meant."""

    code = "cli.club_unclear"
    sentence = "The database holds {clubs} clubs that sold something{named}; name one with --club."


class NothingSold(MemberLogicError):
    """There is nothing to play."""

    code = "cli.nothing_sold"
    sentence = "The club {club} has no purchases; memberlogic replay or memberlogic import brings some."


class NoClub(MemberLogicError):
    """The club that was named is not there."""

    code = "cli.no_club"
    sentence = "The database holds no club {club}."


@frozen(kw_only=True)
class StoredClub:
    """A club with purchases, or the first of them where only those are to be looked at."""

    organization: OrganizationId
    club: Club
    purchases: int
    spent: int
    """What they came to, in minor units."""
    redeemed_value: int
    first_at: datetime
    as_of: datetime
    """The instant by which everything is counted: the start of the day after the last purchase, or when the last
    thing of all took effect, whichever is later.
    """
    until: date
    """The business day after that instant: where reports end that leave their last day out."""
    accounts: Sequence[tuple[AccountId, datetime]]
    """The accounts that were opened by then, each with the instant, in that order."""
    categories: frozenset[str]
    """The categories that the organization's lines have."""
    not_open: int
    """Accounts that are blocked or closed now."""
    other_changes: int
    """Changes of scheme that were neither upgrades nor downgrades by rule."""
    earlier_rules: int
    """Purchases that an earlier version of the club's definition decided."""


def as_id(value: Any) -> UUID:
    """An id as it comes from any database."""
    return value if isinstance(value, UUID) else UUID(value)


def as_instant(value: datetime) -> datetime:
    """An instant as it comes from any database."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def find_club(connection: Connection, wanted: UUID | None) -> tuple[OrganizationId, ClubId]:
    """The club that is meant: the one that is named, or the only one that sold something.

    Raises:
        NoClub: if the one that is named is not there.
        ClubUnclear: if none is named and there are none or several.
    """
    if wanted is not None:
        for row in connection.execute(select(_c.organization_id).where(_c.id == as_stored(connection, wanted))):
            return OrganizationId(as_id(row[0])), ClubId(wanted)
        raise NoClub(club=str(wanted))
    found = connection.execute(
        select(_p.organization_id, _p.club_id).distinct().order_by(_p.organization_id, _p.club_id)
    ).all()
    if len(found) != 1:
        named = ", ".join(str(as_id(club)) for _, club in found[:_NAMED]) + (", …" if found[_NAMED:] else "")
        raise ClubUnclear(clubs=len(found), named=f" ({named})" if named else "")
    return OrganizationId(as_id(found[0][0])), ClubId(as_id(found[0][1]))


def read_club(
    connection: Connection,
    organization: OrganizationId,
    id: ClubId,
    *,
    purchases: int | None = None,
    days: int | None = None,
) -> StoredClub:
    """What is stored of a club, or of its first so many purchases or days.

    Raises:
        NothingSold: if there are no purchases.
    """
    whose, of_club = as_stored(connection, organization), as_stored(connection, id)
    here = and_(_p.organization_id == whose, _p.club_id == of_club)
    definition = connection.execute(
        select(_cv.definition)
        .where(_cv.organization_id == whose, _cv.club_id == of_club)
        .order_by(_cv.version.desc())
        .limit(1)
    ).scalar_one()
    club: Club = from_json(Club, loads(definition))
    first_day: date | None = connection.execute(select(func.min(_p.business_day)).where(here)).scalar_one()
    if first_day is None:
        raise NothingSold(club=str(id))
    if days is not None:
        here = and_(here, _p.business_day < first_day + timedelta(days=days))
    among = select(_p.id).where(here).order_by(_p.id).limit(purchases).subquery() if purchases else None
    if among is not None:
        here = and_(_p.organization_id == whose, _p.id.in_(select(among.c.id)))
    sums = _one(
        connection,
        select(
            func.count().label("purchases"),
            func.sum(_p.total).label("spent"),
            func.sum(_p.redeemed_value).label("redeemed_value"),
            func.min(_p.at).label("first_at"),
            func.max(_p.business_day).label("last_day"),
            counted(_p.club_version != club.version).label("earlier"),
        ).where(here),
    )
    ours = and_(_a.organization_id == whose, _a.club_id == of_club)
    standing = _one(
        connection,
        select(
            func.max(_a.effective_at).label("last"),
            counted(_a.state != AccountState.OPEN.value).label("not_open"),
        ).where(ours),
    )
    day_after = start_of_day(sums["last_day"] + timedelta(days=1), club.zone)
    limited = purchases is not None or days is not None
    as_of = day_after if limited else max(day_after, as_instant(standing["last"]))
    opened = connection.execute(select(_a.id, _a.opened_at).where(ours).order_by(_a.opened_at, _a.id))
    return StoredClub(
        organization=organization,
        club=club,
        purchases=int(sums["purchases"]),
        spent=int(sums["spent"]),
        redeemed_value=int(sums["redeemed_value"]),
        first_at=as_instant(sums["first_at"]),
        as_of=as_of,
        until=as_of.astimezone(club.zone).date() + timedelta(days=1),
        accounts=[(AccountId(as_id(account)), as_instant(at)) for account, at in opened if as_instant(at) <= as_of],
        categories=_categories(connection, whose),
        not_open=int(standing["not_open"]),
        other_changes=_other_changes(connection, whose, of_club),
        earlier_rules=int(sums["earlier"]),
    )


def _one(connection: Connection, statement: Any) -> Mapping[str, Any]:
    return dict(connection.execute(statement).mappings().one())


def _categories(connection: Connection, whose: Any) -> frozenset[str]:
    rows = connection.execute(select(_pl.categories).where(_pl.organization_id == whose).distinct())
    return frozenset(category for (categories,) in rows for category in loads(categories))


def _other_changes(connection: Connection, whose: Any, of_club: Any) -> int:
    by_rule = (Cause.UPGRADE.value, Cause.DOWNGRADE.value)
    here = and_(_x.organization_id == whose, _x.club_id == of_club, _x.cause.not_in(by_rule))
    return int(connection.execute(select(func.count()).select_from(tables.scheme_changes).where(here)).scalar_one())
