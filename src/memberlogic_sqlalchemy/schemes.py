"""Accounts among the schemes of their clubs, their history, and what purchases come to, in tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.calendar import Days
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, ClubId, SchemeChangeId
from memberlogic.loyalty.model import Account, AccountState
from memberlogic.loyalty.progression import Cause, DayTotals, Metric, SchemeChange
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.loyalty import ACCOUNT_COLUMNS, account_from, holders_of
from memberlogic_sqlalchemy.statements import Statement, family, inserting
from sqlalchemy import and_, bindparam, func, literal_column, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork


__all__ = ["SqlMeasures", "SqlSchemes"]

_a, _p, _s = tables.accounts.c, tables.purchases.c, tables.scheme_changes.c
_FIRST = UUID(int=0)
_ORGANIZATION = bindparam("organization", type_=_a.organization_id.type)
_ACCOUNT = bindparam("account", type_=_a.id.type)
_CLUB = bindparam("club", type_=_a.club_id.type)


def _among(name: str, count: int, column: Any) -> tuple[list[str], Any]:
    names = [f"{name}_{index}" for index in range(count)]
    return names, column.in_([bindparam(each, type_=column.type) for each in names])


def _padded(values: Sequence[Any]) -> list[Any]:
    """The values, the last one again up to a power of two: so many statements are made, and no more."""
    size = 1 << max(0, len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (size - len(values))]


@family
def _standing(count: int) -> Statement:
    names, among = _among("account", count, _a.id)
    return Statement(select(*ACCOUNT_COLUMNS).where(_a.organization_id == _ORGANIZATION, among), "organization", *names)


_DUE_OF_CLUB = Statement(
    select(*ACCOUNT_COLUMNS)
    .where(
        _a.organization_id == _ORGANIZATION,
        _a.club_id == _CLUB,
        _a.next_review <= bindparam("before", type_=_a.next_review.type),
        _a.id > bindparam("after", type_=_a.id.type),
    )
    .order_by(_a.id)
    .limit(bindparam("limit")),
    "organization",
    "club",
    "before",
    "after",
    "limit",
)
_MOVE = Statement(
    update(tables.accounts)
    .values(
        scheme=bindparam("new_scheme", type_=_a.scheme.type),
        scheme_since=bindparam("new_since", type_=_a.scheme_since.type),
    )
    .where(_a.organization_id == _ORGANIZATION, _a.id == _ACCOUNT),
    "new_scheme",
    "new_since",
    "organization",
    "account",
)
_NEXT_REVIEW = Statement(
    update(tables.accounts)
    .values(next_review=bindparam("new_review", type_=_a.next_review.type))
    .where(_a.organization_id == _ORGANIZATION, _a.id == _ACCOUNT),
    "new_review",
    "organization",
    "account",
)
_ADD_CHANGE = inserting(tables.scheme_changes)
_CHANGES = Statement(
    select(*tables.scheme_changes.columns)
    .where(_s.organization_id == _ORGANIZATION, _s.account_id == _ACCOUNT)
    .order_by(_s.effective_at, _s.id),
    "organization",
    "account",
)


@family
def _histories(count: int) -> Statement:
    names, among = _among("account", count, _s.account_id)
    core = select(*tables.scheme_changes.columns).where(_s.organization_id == _ORGANIZATION, among)
    return Statement(core.order_by(_s.effective_at, _s.id), "organization", *names)


_MIGRATED = Statement(
    select(_s.business_day, _s.from_scheme, _s.to_scheme, func.count())
    .where(
        _s.organization_id == _ORGANIZATION,
        _s.club_id == _CLUB,
        _s.business_day >= bindparam("start", type_=_s.business_day.type),
        _s.business_day < bindparam("end", type_=_s.business_day.type),
    )
    .group_by(_s.business_day, _s.from_scheme, _s.to_scheme),
    "organization",
    "club",
    "start",
    "end",
)
_COUNTED = Statement(
    select(_a.scheme, func.count())
    .where(_a.organization_id == _ORGANIZATION, _a.club_id == _CLUB, _a.state != bindparam("state"))
    .group_by(_a.scheme),
    "organization",
    "club",
    "state",
)


class SqlSchemes:
    """The port ``Schemes``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def standing(self, accounts: Sequence[AccountId]) -> Sequence[Account]:
        """These accounts, in the order asked."""
        if not accounts:
            return ()
        ids = _padded([self._uow.codec.id_in(id) for id in accounts])
        (rows,) = self._uow.ask((_standing(len(ids)), (self._uow.org, *ids)))
        found = {account.id: account for account in self._accounts(rows)}
        for id in accounts:
            if id not in found:
                raise NotFound(kind="account", id=id)
        return [found[id] for id in accounts]

    def due(self, club: ClubId, before: datetime, *, after: AccountId | None = None, limit: int) -> Sequence[Account]:
        """The accounts of a club whose review is due, in order of their ids."""
        codec = self._uow.codec
        from_id = codec.id_in(_FIRST if after is None else after)
        row = (self._uow.org, codec.id_in(club), codec.at_in(before), from_id, limit)
        return self._accounts(self._uow.ask((_DUE_OF_CLUB, row))[0])

    def _accounts(self, rows: Sequence[Any]) -> list[Account]:
        if not rows:
            return []
        codec = self._uow.codec
        holders: dict[Any, list[Any]] = {}
        ids = _padded([row[0] for row in rows])
        for account, member in self._uow.ask((holders_of(len(ids)), (self._uow.org, *ids)))[0]:
            holders.setdefault(account, []).append(member)
        return [account_from(codec, row, holders.get(row[0], ())) for row in rows]

    def post(self, changes: Sequence[SchemeChange], reviews: Mapping[AccountId, datetime | None]) -> None:
        """Queue changes and next reviews."""
        uow, codec = self._uow, self._uow.codec
        for change in changes:
            uow.queue(_ADD_CHANGE, self._row(change))
        for account, change in {change.account: change for change in changes}.items():
            uow.queue(_MOVE, (change.to_scheme, codec.at_in(change.effective_at), uow.org, codec.id_in(account)))
        for account, review in reviews.items():
            uow.queue(_NEXT_REVIEW, (codec.until_in(review), uow.org, codec.id_in(account)))

    def _row(self, change: SchemeChange) -> tuple[Any, ...]:
        codec = self._uow.codec
        return (
            self._uow.org,
            codec.id_in(change.id),
            codec.id_in(change.account),
            codec.id_in(change.club),
            change.from_scheme,
            change.to_scheme,
            change.cause.value,
            change.metric.value,
            change.measured,
            codec.day_in(change.window.start),
            codec.day_in(change.window.end),
            converting.dumps(converting.to_json(change.thresholds)),
            codec.day_in(change.day),
            codec.at_in(change.effective_at),
            codec.at_in(change.recorded_at),
            change.actor,
            codec.id_in(self._uow.command_id),
        )

    def changes(self, account: AccountId) -> Sequence[SchemeChange]:
        """The history of an account."""
        (rows,) = self._uow.ask((_CHANGES, (self._uow.org, self._uow.codec.id_in(account))))
        return [self._change(row) for row in rows]

    def histories(self, accounts: Sequence[AccountId]) -> Mapping[AccountId, Sequence[SchemeChange]]:
        """The histories of these accounts."""
        found: dict[AccountId, list[SchemeChange]] = {account: [] for account in accounts}
        if accounts:
            ids = _padded([self._uow.codec.id_in(id) for id in accounts])
            (rows,) = self._uow.ask((_histories(len(ids)), (self._uow.org, *ids)))
            for change in map(self._change, rows):
                found[change.account].append(change)
        return found

    def _change(self, row: Sequence[Any]) -> SchemeChange:
        codec = self._uow.codec
        _, id, account, club, from_scheme, to_scheme, cause, metric, measured, *rest = row
        start, end, thresholds, day, effective_at, recorded_at, actor, _ = rest
        return SchemeChange(
            id=SchemeChangeId(codec.id_out(id)),
            account=AccountId(codec.id_out(account)),
            club=ClubId(codec.id_out(club)),
            from_scheme=from_scheme,
            to_scheme=to_scheme,
            cause=Cause(cause),
            metric=Metric(metric),
            measured=measured,
            window=Days(codec.day_out(start), codec.day_out(end)),
            thresholds=converting.loads(thresholds),
            day=codec.day_out(day),
            effective_at=codec.at_out(effective_at),
            recorded_at=codec.at_out(recorded_at),
            actor=actor,
        )

    def migrated(self, club: ClubId, days: Days) -> Sequence[tuple[date, str, str, int]]:
        """How many accounts went from one scheme to another on each day."""
        codec = self._uow.codec
        row = (self._uow.org, codec.id_in(club), codec.day_in(days.start), codec.day_in(days.end))
        (rows,) = self._uow.ask((_MIGRATED, row))
        return sorted((codec.day_out(day), before, after, accounts) for day, before, after, accounts in rows)

    def counted(self, club: ClubId) -> Mapping[str, int]:
        """How many accounts are in each scheme."""
        (rows,) = self._uow.ask((_COUNTED, (self._uow.org, self._uow.codec.id_in(club), AccountState.CLOSED.value)))
        return dict(tuple(row) for row in rows)


@family
def _daily(count: int) -> Statement:
    """The days of these accounts with what counts on each."""
    names, among = _among("account", count, _p.account_id)
    core = (
        select(
            _p.account_id,
            _p.business_day,
            func.count(),
            func.sum(_p.spent - _p.unspent),
            func.sum(_p.earned - _p.unearned),
            func.sum(_p.returned),
        )
        .where(
            _p.organization_id == _ORGANIZATION,
            among,
            _p.business_day >= bindparam("since", type_=_p.business_day.type),
            _p.counted == literal_column("1"),
        )
        .group_by(_p.account_id, _p.business_day)
        .order_by(_p.account_id, _p.business_day)
    )
    return Statement(core, "organization", *names, "since")


_MEASURES = {
    Metric.POINTS_EARNED: func.sum(_p.earned - _p.unearned),
    Metric.MONEY_SPENT: func.sum(_p.spent - _p.unspent),
    Metric.PURCHASES: func.count() - func.sum(_p.returned),
    Metric.VISITS: func.count(_p.business_day.distinct()),
}


def _leading(metric: Metric) -> Any:
    @family
    def made(count: int) -> Statement:
        names, among = _among("scheme", count, _a.scheme)
        joined = tables.purchases.join(
            tables.accounts, and_(_a.organization_id == _p.organization_id, _a.id == _p.account_id)
        )
        core = (
            select(_p.account_id)
            .select_from(joined)
            .where(
                _p.organization_id == _ORGANIZATION,
                _a.club_id == _CLUB,
                _a.state == bindparam("state", type_=_a.state.type),
                among,
                _p.business_day >= bindparam("start", type_=_p.business_day.type),
                _p.business_day < bindparam("end", type_=_p.business_day.type),
                _p.counted == literal_column("1"),
            )
            .group_by(_p.account_id)
            .order_by(_MEASURES[metric].desc(), _p.account_id)
            .limit(bindparam("limit"))
        )
        return Statement(core, "organization", "club", "state", *names, "start", "end", "limit")

    return made


_LEADING = {metric: _leading(metric) for metric in Metric}


class SqlMeasures:
    """The port ``Measures``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def daily(self, accounts: Sequence[AccountId], since: date) -> Mapping[AccountId, Sequence[DayTotals]]:
        """What purchases come to on each day."""
        codec = self._uow.codec
        found: dict[AccountId, list[DayTotals]] = {account: [] for account in accounts}
        if accounts:
            ids = _padded([codec.id_in(id) for id in accounts])
            (rows,) = self._uow.ask((_daily(len(ids)), (self._uow.org, *ids, codec.day_in(since))))
            for account, day, purchases, spent, earned, returned in rows:
                totals = DayTotals(codec.day_out(day), purchases, int(spent), int(earned), int(returned))
                found[AccountId(codec.id_out(account))].append(totals)
        return found

    def leading(
        self, club: ClubId, metric: Metric, window: Days, schemes: Collection[str], limit: int
    ) -> Sequence[AccountId]:
        """The accounts with the most of a metric."""
        if not schemes:
            return ()
        uow, codec = self._uow, self._uow.codec
        codes = _padded(sorted(schemes))
        span = (codec.day_in(window.start), codec.day_in(window.end))
        row = (uow.org, codec.id_in(club), AccountState.OPEN.value, *codes, *span, limit)
        (rows,) = uow.ask((_LEADING[metric](len(codes)), row))
        return [AccountId(codec.id_out(id)) for (id,) in rows]
