"""Purchases in tables. What a purchase needs to be decided travels with the locks, what it leaves with the commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.calendar import Days
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, ClubId, EntryId, ExternalId, PurchaseId
from memberlogic.ledger.model import Move
from memberlogic.loyalty.ports import Arriving
from memberlogic.loyalty.purchases import EarnedLot, Purchase, PurchaseLine
from memberlogic.outcomes import Because
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects.base import Query
from memberlogic_sqlalchemy.statements import Row, Statement, family, inserting, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import bindparam, func, literal_column, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["PURCHASE_COLUMNS", "SqlPurchases", "purchase_from"]

_p, _pl = tables.purchases.c, tables.purchase_lines.c
PURCHASE_COLUMNS = tuple(
    column for column in tables.purchases.columns if column.name not in ("organization_id", "command_id")
)
_FIRST_ID = UUID(int=0)
"""Before every id."""
_ADD = inserting(tables.purchases, but=("unspent", "unearned", "returned"))
_ADD_LINE = inserting(tables.purchase_lines)


@family
def _known(count: int) -> Statement:
    names, among = one_of(_p.external_id, count)
    core = select(*PURCHASE_COLUMNS).where(
        _p.organization_id == bindparam("organization", type_=_p.organization_id.type),
        _p.source == bindparam("source_", type_=_p.source.type),
        among,
    )
    return Statement(core, "organization", "source_", *names)


@family
def _earned(count: int) -> Statement:
    names, among = one_of(_p.account_id, count)
    core = (
        select(_p.account_id, _p.business_day, func.sum(_p.earned))
        .where(
            _p.organization_id == bindparam("organization", type_=_p.organization_id.type),
            among,
            _p.business_day >= bindparam("start", type_=_p.business_day.type),
            _p.business_day < bindparam("end", type_=_p.business_day.type),
            _p.earned > literal_column("0"),
        )
        .group_by(_p.account_id, _p.business_day)
    )
    return Statement(core, "organization", *names, "start", "end")


_OF_CLUB = Statement(
    select(*PURCHASE_COLUMNS)
    .where(
        _p.organization_id == bindparam("organization", type_=_p.organization_id.type),
        _p.club_id == bindparam("club", type_=_p.club_id.type),
        _p.id > bindparam("after", type_=_p.id.type),
    )
    .order_by(_p.id)
    .limit(bindparam("limit")),
    "organization",
    "club",
    "after",
    "limit",
)
_OF_ACCOUNT = Statement(
    select(*PURCHASE_COLUMNS)
    .where(
        _p.organization_id == bindparam("organization", type_=_p.organization_id.type),
        _p.account_id == bindparam("account", type_=_p.account_id.type),
        _p.id > bindparam("after", type_=_p.id.type),
    )
    .order_by(_p.id)
    .limit(bindparam("limit")),
    "organization",
    "account",
    "after",
    "limit",
)
_LINE_COLUMNS = (_pl.item, _pl.amount, _pl.quantity, _pl.discount, _pl.categories, _pl.brand, _pl.stored_value)


@family
def _lines_in(count: int) -> Statement:
    """The lines of many purchases, in order."""
    names, among = one_of(_pl.purchase_id, count)
    core = select(_pl.purchase_id, *_LINE_COLUMNS).where(
        _pl.organization_id == bindparam("organization", type_=_pl.organization_id.type), among
    )
    return Statement(core.order_by(_pl.purchase_id, _pl.position), "organization", *names)


_LINES = Statement(
    select(*_LINE_COLUMNS)
    .where(
        _pl.organization_id == bindparam("organization", type_=_pl.organization_id.type),
        _pl.purchase_id == bindparam("purchase", type_=_pl.purchase_id.type),
    )
    .order_by(_pl.position),
    "organization",
    "purchase",
)


class SqlPurchases:
    """The port ``Purchases``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._categories: dict[tuple[str, ...], str] = {}
        self._named: dict[str, tuple[str, ...]] = {}

    def arriving(self, moves: Sequence[Move], purchases: Sequence[ExternalId]) -> Arriving:
        """The wallets, locked, and the purchases that are there already, in one trip."""
        wallets, answers = self._uow.wallets.moving_with(moves, *self._looking(purchases))
        known = [purchase_from(self._uow.codec, row) for rows in answers for row in rows]
        return Arriving(wallets, {purchase.external_id: purchase for purchase in known})

    def _looking(self, purchases: Sequence[ExternalId]) -> Sequence[Query]:
        """A query for each source."""
        values: dict[str, set[str]] = {}
        for each in purchases:
            values.setdefault(each.source, set()).add(each.value)
        queries = []
        for source, named in values.items():
            wanted = padded(sorted(named))
            queries.append((_known(len(wanted)), (self._uow.org, source, *wanted)))
        return queries

    def earned(self, accounts: Sequence[AccountId], days: Days | None) -> Mapping[AccountId, Mapping[date, int]]:
        """What purchases earned on these days."""
        found: dict[AccountId, dict[date, int]] = {account: {} for account in accounts}
        if days is None or not accounts:
            return found
        codec = self._uow.codec
        wanted = padded([codec.id_in(account) for account in accounts])
        row = (self._uow.org, *wanted, codec.day_in(days.start), codec.day_in(days.end))
        for account, day, points in self._uow.ask((_earned(len(wanted)), row))[0]:
            found[AccountId(codec.id_out(account))][codec.day_out(day)] = int(points)
        return found

    def find(self, purchase: ExternalId) -> Purchase:
        """One purchase by the till's id."""
        for row in self._uow.ask(*self._looking([purchase]))[0]:
            return purchase_from(self._uow.codec, row)
        raise NotFound(kind="purchase", id=f"{purchase.source}:{purchase.value}")

    def lines(self, purchase: PurchaseId) -> Sequence[PurchaseLine]:
        """The lines of a purchase."""
        (rows,) = self._uow.ask((_LINES, (self._uow.org, self._uow.codec.id_in(purchase))))
        return self._read_lines(rows)

    def of_club(
        self, club: ClubId, *, after: PurchaseId | None, limit: int
    ) -> Sequence[tuple[Purchase, Sequence[PurchaseLine]]]:
        """Purchases of a club in the order of their ids, and the lines of all of them: two statements."""
        return self._page(_OF_CLUB, club, after, limit)

    def of_account(
        self, account: AccountId, *, after: PurchaseId | None, limit: int
    ) -> Sequence[tuple[Purchase, Sequence[PurchaseLine]]]:
        """The same of an account."""
        return self._page(_OF_ACCOUNT, account, after, limit)

    def _page(
        self, statement: Statement, of: UUID, after: PurchaseId | None, limit: int
    ) -> Sequence[tuple[Purchase, Sequence[PurchaseLine]]]:
        uow, codec = self._uow, self._uow.codec
        start = codec.id_in(_FIRST_ID if after is None else after)
        (rows,) = uow.ask((statement, (uow.org, codec.id_in(of), start, limit)))
        if not rows:
            return []
        ids = padded([row[0] for row in rows])
        (found,) = uow.ask((_lines_in(len(ids)), (uow.org, *ids)))
        lines = {id: self._read_lines(line[1:] for line in of) for id, of in groupby(found, itemgetter(0))}
        return [(purchase_from(codec, row), lines.get(row[0], ())) for row in rows]

    def _read_lines(self, rows: Iterable[Sequence[Any]]) -> tuple[PurchaseLine, ...]:
        lines = []
        for item, amount, quantity, discount, named, brand, stored_value in rows:
            categories = self._named.get(named)
            if categories is None:
                categories = self._named[named] = tuple(converting.loads(named))
            lines.append(PurchaseLine(item, amount, quantity, discount, categories, brand, bool(stored_value)))
        return tuple(lines)

    def add(self, purchases: Sequence[tuple[Purchase, Sequence[PurchaseLine]]]) -> None:
        """Queue new purchases with their lines."""
        self._uow.queue_all(_ADD, [self._row(purchase) for purchase, _ in purchases])
        rows: list[Row] = []
        for purchase, lines in purchases:
            self._line_rows(purchase, lines, rows)
        if rows:
            self._uow.queue_all(_ADD_LINE, rows)

    def _row(self, purchase: Purchase) -> Row:
        codec = self._uow.codec
        return (
            self._uow.org,
            codec.id_in(purchase.id),
            codec.id_in(purchase.account),
            codec.id_in(purchase.club),
            purchase.club_version,
            purchase.scheme,
            purchase.external_id.source,
            purchase.external_id.value,
            codec.at_in(purchase.at),
            codec.day_in(purchase.business_day),
            codec.at_in(purchase.recorded_at),
            purchase.studio,
            purchase.currency,
            purchase.total,
            purchase.eligible,
            purchase.stored_value,
            purchase.redeemed_points,
            purchase.redeemed_value,
            purchase.earned,
            purchase.settled_debt,
            purchase.spent,
            int(purchase.counted),
            codec.until_in(purchase.expires_at),
            purchase.available,
            codec.id_or_none_in(purchase.redeem_entry),
            codec.id_or_none_in(purchase.earn_entry),
            purchase.fingerprint,
            self._uow.explained(purchase.because),
            codec.id_in(self._uow.command_id),
            purchase.actor,
            _lots_in(purchase.lots),
        )

    def _line_rows(self, purchase: Purchase, lines: Sequence[PurchaseLine], rows: list[Row]) -> None:
        org, id, known = self._uow.org, self._uow.codec.id_in(purchase.id), self._categories
        for position, (item, amount, quantity, discount, categories, brand, stored_value) in enumerate(lines):
            named = known.get(categories)
            if named is None:
                named = known[categories] = converting.dumps(categories)
            rows.append((org, id, position, item, quantity, amount, discount, brand, named, int(stored_value)))


def purchase_from(codec: Codec, row: Sequence[Any]) -> Purchase:
    """A purchase from its row of :data:`PURCHASE_COLUMNS`."""
    (id, account, club, club_version, scheme, source, value, at, day, recorded_at, studio, currency, *rest) = row
    (total, eligible, stored, points, pays, earned, debt, spent, counted, until, available, *rest) = rest
    redeem_entry, earn_entry, fingerprint, because, unspent, unearned, returned, actor, lots = rest
    redeeming, earning = codec.id_or_none_out(redeem_entry), codec.id_or_none_out(earn_entry)
    return Purchase(
        id=PurchaseId(codec.id_out(id)),
        account=AccountId(codec.id_out(account)),
        club=ClubId(codec.id_out(club)),
        club_version=club_version,
        scheme=scheme,
        external_id=ExternalId(source, value),
        at=codec.at_out(at),
        business_day=codec.day_out(day),
        recorded_at=codec.at_out(recorded_at),
        studio=studio,
        currency=currency,
        total=total,
        eligible=eligible,
        stored_value=stored,
        redeemed_points=points,
        redeemed_value=pays,
        earned=earned,
        settled_debt=debt,
        spent=spent,
        counted=bool(counted),
        expires_at=codec.until_out(until),
        available=available,
        redeem_entry=None if redeeming is None else EntryId(redeeming),
        earn_entry=None if earning is None else EntryId(earning),
        fingerprint=fingerprint,
        because=converting.from_json(tuple[Because, ...], converting.loads(because)),
        unspent=unspent,
        unearned=unearned,
        returned=bool(returned),
        actor=actor,
        lots=_lots_out(lots, earned - debt, codec.until_out(until)),
    )


def _lots_in(lots: Sequence[EarnedLot]) -> str | None:
    """Lots as JSON, if any is not available at once."""
    if not any(lot.available_at for lot in lots):
        return None
    return converting.dumps(converting.to_json(lots))


def _lots_out(text: str | None, points: int, expires_at: datetime | None) -> tuple[EarnedLot, ...]:
    """Lots from their JSON, or the one that there is without it."""
    if text is not None:
        return converting.from_json(tuple[EarnedLot, ...], converting.loads(text))
    return (EarnedLot(points, None, expires_at),) if points else ()
