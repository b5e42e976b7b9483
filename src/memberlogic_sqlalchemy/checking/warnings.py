"""When somebody has to be warned, recounted by the core: a club says it in its rules, which SQL does not read. Clubs
are looked at first; only of one that warns, accounts or lots are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from memberlogic import converting
from memberlogic.calendar import local_day
from memberlogic.ledger.model import AccountState
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.watching import may_be_told
from memberlogic.warning import next_moment
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, Row, aware, differing, there
from memberlogic_sqlalchemy.values import NEVER
from sqlalchemy import Connection, Select, and_, null, or_, select

__all__ = ["CHECKS"]

_a, _c, _l, _v, _w = (
    tables.accounts.c,
    tables.clubs.c,
    tables.lots.c,
    tables.club_versions.c,
    tables.wallets.c,
)
_CLUBS = (
    select(_c.organization_id, _c.id.label("club"), _v.definition)
    .select_from(
        tables.clubs.join(
            tables.club_versions,
            and_(there(tables.clubs, tables.club_versions, id="club_id"), _v.version == _c.version),
        )
    )
    .order_by(_c.organization_id, _c.id)
)
_open_lots = tables.lots.join(
    tables.wallets, there(tables.lots, tables.wallets, account_id="account_id", unit="unit")
).join(tables.accounts, there(tables.lots, tables.accounts, account_id="id"))


def _of_club(core: Select[Any], row: Row) -> Select[Any]:
    return core.where(_a.organization_id == row["organization_id"], _a.club_id == row["club"])


def _club(row: Row) -> Club:
    return converting.from_json(Club, converting.loads(row["definition"]), "club")


def _accounts(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        club = _club(row)
        told = [each.code for each in club.schemes if may_be_told(club, each.code)]
        unseen = select(_a.id).where(_a.next_warning.is_(null()), _a.state != AccountState.CLOSED.value)
        ids = connection.execute(_of_club(unseen, row).where(_a.scheme.in_(told))).scalars() if told else ()
        for id in ids:
            yield {"organization_id": row["organization_id"], "account": id, "stored": None, "counted": "a next look"}


def _wallets(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    now = datetime.now(UTC)
    # A look that is later than all of what is left of a wallet, or none at all.
    late = (
        select(_w.account_id, _w.unit, _l.expires_at, _w.next_warning)
        .select_from(_open_lots)
        .where(_l.is_open == 1, _l.expires_at > now, _l.expires_at < NEVER)
        .where(or_(_w.next_warning.is_(null()), _w.next_warning > _l.expires_at))
    )
    for row in rows:
        club = _club(row)
        for account, unit, expires_at, stored in connection.execute(_of_club(late, row)) if club.warnings else ():
            day = local_day(aware(expires_at), club.zone)
            coming = next_moment([day], club.warnings, club.zone, now)
            if coming is not None:
                named = {"organization_id": row["organization_id"], "account": account, "unit": unit}
                yield named | {"stored": stored, "counted": coming}


_LOOKED_AT = Check(
    code="account.next_warning",
    rule="SCH-9",
    says="Where a club tells who will fall, somebody looks again at every account that can.",
    statement=_CLUBS,
    whose=_c.organization_id,
    refine=_accounts,
)
_EXPIRING = Check(
    code="wallet.next_warning",
    rule="PTS-13",
    says="A wallet is looked at no later than somebody has to be warned of points that expire.",
    statement=_CLUBS,
    whose=_c.organization_id,
    refine=_wallets,
)
_TOLD = differing(
    "account.warned_at",
    "SCH-9",
    "An account is looked at again after its holders were told; one that is closed is not looked at.",
    of=tables.accounts,
    ids={"account": _a.id},
    stored=_a.next_warning,
    counted=_a.warned_at,
    wrong=or_(
        _a.next_warning < _a.warned_at,
        and_(_a.state == AccountState.CLOSED.value, _a.next_warning.is_not(null())),
    ),
)

CHECKS: Sequence[Check] = (_LOOKED_AT, _TOLD, _EXPIRING)
