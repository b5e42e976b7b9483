"""Accounts among the schemes of their clubs, their history, and what purchases come to, in tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.calendar import Days
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, ClubId, SchemeChangeId
from memberlogic.loyalty.model import Account, AccountState
from memberlogic.loyalty.progression import Cause, DayTotals, Metric, Pin, PinKind, SchemeChange
from memberlogic.loyalty.standing import OnlyReviewed, UpForReview
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.loyalty import ACCOUNT_COLUMNS, account_from, held_row, holders_of, warned_row
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from sqlalchemy import and_, bindparam, case, func, literal_column, or_, select, union_all, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork


__all__ = ["SqlMeasures", "SqlSchemes"]

_a, _h, _p, _s = tables.accounts.c, tables.account_holders.c, tables.purchases.c, tables.scheme_changes.c
_w, _wallets = tables.awards.c, tables.wallets.c
_FIRST = UUID(int=0)
_ORGANIZATION = bindparam("organization", type_=_a.organization_id.type)
_ACCOUNT = bindparam("account", type_=_a.id.type)
_CLUB = bindparam("club", type_=_a.club_id.type)


@family
def _standing(count: int) -> Statement:
    """These accounts but for the last of their columns: looked for in the history of each, it would cost a look through
    all histories where the database takes them to be few.
    """
    names, among = one_of(_a.id, count)
    core = select(*ACCOUNT_COLUMNS[:-1]).where(_a.organization_id == _ORGANIZATION, among)
    return Statement(core, "organization", *names)


@family
def _counts_from(count: int) -> Statement:
    """Since when what these accounts buy counts, where they have a history."""
    names, among = one_of(_s.account_id, count)
    core = select(_s.account_id, func.max(_s.window_end)).where(_s.organization_id == _ORGANIZATION, among)
    return Statement(core.group_by(_s.account_id), "organization", *names)


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
_UP_FOR_REVIEW = Statement(
    select(_a.id, _a.scheme, _a.state, _a.next_warning, _a.effective_at)
    .where(
        _a.organization_id == _ORGANIZATION,
        _a.club_id == _CLUB,
        _a.next_review == bindparam("at", type_=_a.next_review.type),
        _a.id > bindparam("after", type_=_a.id.type),
        _a.pin_kind.is_(None),
        _a.grace_since.is_(None),
    )
    .order_by(_a.id)
    .limit(bindparam("limit"))
    .with_for_update(key_share=True),
    "organization",
    "club",
    "at",
    "after",
    "limit",
)


@family
def _busy(count: int) -> Statement:
    """Those of so many accounts in whose wallets something is due, or of which somebody is to be told."""
    names, among = one_of(_wallets.account_id, count)
    due = _wallets.next_change <= bindparam("until", type_=_wallets.next_change.type)
    told = _wallets.next_warning <= bindparam("now", type_=_wallets.next_warning.type)
    core = select(_wallets.account_id).where(_wallets.organization_id == _ORGANIZATION, among, or_(due, told))
    return Statement(core, "organization", *names, "until", "now")


_of_club = and_(_a.organization_id == _ORGANIZATION, _a.club_id == _CLUB, _a.state != bindparam("state"))
_EVERYONE = Statement(select(*ACCOUNT_COLUMNS).where(_of_club).order_by(_a.id), "organization", "club", "state")
_EVERYONES_HOLDERS = Statement(
    select(_h.account_id, _h.member_id)
    .select_from(
        tables.account_holders.join(
            tables.accounts, and_(_a.organization_id == _h.organization_id, _a.id == _h.account_id)
        )
    )
    .where(_of_club)
    .order_by(_h.account_id, _h.position),
    "organization",
    "club",
    "state",
)
_WHERE_IT_STANDS: Mapping[str, Any] = {
    "scheme": bindparam("new_scheme", type_=_a.scheme.type),
    "scheme_since": bindparam("new_since", type_=_a.scheme_since.type),
    "pin_kind": bindparam("new_pin", type_=_a.pin_kind.type),
    "pin_scheme": bindparam("new_pin_scheme", type_=_a.pin_scheme.type),
    "pin_until": bindparam("new_pin_until", type_=_a.pin_until.type),
    "grace_since": bindparam("new_grace_since", type_=_a.grace_since.type),
    "grace_until": bindparam("new_grace_until", type_=_a.grace_until.type),
    "next_warning": bindparam("new_warning", type_=_a.next_warning.type),
    "warned_at": bindparam("new_warned", type_=_a.warned_at.type),
    "next_review": bindparam("new_review", type_=_a.next_review.type),
}
_as_of = bindparam("reviewed_as_of", type_=_a.effective_at.type)
# The row is locked: its version is the one that was read.
_REVIEWED_AS_OF: Mapping[str, Any] = {
    "effective_at": case((_a.effective_at < _as_of, _as_of), else_=_a.effective_at),
    "version": _a.version + literal_column("1", _a.version.type),
}
_NEW = tuple(each.key for each in _WHERE_IT_STANDS.values())
_STANDS = Statement(
    update(tables.accounts).values(**_WHERE_IT_STANDS).where(_a.organization_id == _ORGANIZATION, _a.id == _ACCOUNT),
    *_NEW,
    "organization",
    "account",
    apart_by=("account",),
)
_MOVED = Statement(
    update(tables.accounts)
    .values(**_WHERE_IT_STANDS, **_REVIEWED_AS_OF)
    .where(_a.organization_id == _ORGANIZATION, _a.id == _ACCOUNT),
    *_NEW,
    "reviewed_as_of",
    "organization",
    "account",
    apart_by=("account",),
)
_WARNED = Statement(
    update(tables.accounts)
    .values(
        next_warning=bindparam("new_warning", type_=_a.next_warning.type),
        warned_at=bindparam("new_warned", type_=_a.warned_at.type),
    )
    .where(_a.organization_id == _ORGANIZATION, _a.id == _ACCOUNT),
    "new_warning",
    "new_warned",
    "organization",
    "account",
    apart_by=("account",),
)
_LOOK = Statement(
    update(tables.accounts)
    .values(next_warning=bindparam("new_warning", type_=_a.next_warning.type))
    .where(_a.organization_id == _ORGANIZATION, _a.id == _ACCOUNT),
    "new_warning",
    "organization",
    "account",
    apart_by=("account",),
)


@family
def _reviewed(count: int) -> Statement:
    """So many accounts, all at once."""
    names, among = one_of(_a.id, count)
    core = update(tables.accounts).values(
        next_review=bindparam("new_review", type_=_a.next_review.type), **_REVIEWED_AS_OF
    )
    return Statement(
        core.where(_a.organization_id == _ORGANIZATION, among), "new_review", "reviewed_as_of", "organization", *names
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
    names, among = one_of(_s.account_id, count)
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


def _members_of(rows: Sequence[Any]) -> dict[Any, list[Any]]:
    """Who holds which account, in order."""
    holders: dict[Any, list[Any]] = {}
    for account, member in rows:
        holders.setdefault(account, []).append(member)
    return holders


class SqlSchemes:
    """The port ``Schemes``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._reviewed: dict[AccountId, tuple[datetime, datetime]] = {}

    def standing(self, accounts: Sequence[AccountId]) -> Sequence[Account]:
        """These accounts, in the order asked."""
        if not accounts:
            return ()
        codec = self._uow.codec
        ids = padded([codec.id_in(id) for id in accounts])
        asked, size = (self._uow.org, *ids), len(ids)
        rows, held, counted = self._uow.ask(
            (_standing(size), asked), (holders_of(size), asked), (_counts_from(size), asked)
        )
        holders, since = _members_of(held), dict(map(tuple, counted))
        made = (account_from(codec, (*row, since.get(row[0])), holders.get(row[0], ())) for row in rows)
        found = {account.id: account for account in made}
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
        ids = padded([row[0] for row in rows])
        holders = _members_of(self._uow.ask((holders_of(len(ids)), (self._uow.org, *ids)))[0])
        return [account_from(codec, row, holders.get(row[0], ())) for row in rows]

    def only_reviewed(
        self, club: ClubId, at: datetime, until: datetime, *, after: AccountId | None = None, limit: int
    ) -> OnlyReviewed:
        """The next accounts of a club whose review is due, locked, but those for which more is."""
        uow, codec = self._uow, self._uow.codec
        from_id = codec.id_in(_FIRST if after is None else after)
        (rows,) = uow.lock((_UP_FOR_REVIEW, (uow.org, codec.id_in(club), codec.at_in(at), from_id, limit)))
        if not rows:
            return OnlyReviewed(accounts=(), last=None)
        last = AccountId(codec.id_out(rows[-1][0])) if len(rows) == limit else None
        for instant in {row[4] for row in rows}:
            uow.not_before(codec.at_out(instant))
        now = codec.at_in(uow.now)
        ids = padded([row[0] for row in rows])
        (found,) = uow.ask((_busy(len(ids)), (uow.org, *ids, codec.at_in(until), now)))
        busy = {account for (account,) in found}
        states = {each.value: each for each in AccountState}
        due = [
            UpForReview(AccountId(codec.id_out(id)), scheme, states[state])
            for id, scheme, state, next_warning, _ in rows
            if id not in busy and (next_warning is None or next_warning > now)
        ]
        return OnlyReviewed(accounts=tuple(due), last=last)

    def reviewed(self, accounts: Sequence[AccountId], following: datetime, at: datetime) -> None:
        """Keep for the end when accounts are reviewed next: those that move are written once."""
        self._reviewed.update(dict.fromkeys(accounts, (following, at)))

    def write(self) -> None:
        """Queue what became of accounts that were only reviewed; they are locked."""
        uow, codec = self._uow, self._uow.codec
        alike: dict[tuple[datetime, datetime], list[Any]] = {}
        for account, said in self._reviewed.items():
            alike.setdefault(said, []).append(codec.id_in(account))
        for (following, at), found in alike.items():
            ids = padded(found)
            uow.queue(_reviewed(len(ids)), (codec.at_in(following), codec.at_in(at), uow.org, *ids))

    def everyone(self, club: ClubId) -> Sequence[Account]:
        """Every account of a club that is not closed."""
        row = (self._uow.org, self._uow.codec.id_in(club), AccountState.CLOSED.value)
        rows, held = self._uow.ask((_EVERYONE, row), (_EVERYONES_HOLDERS, row))
        holders = _members_of(held)
        return [account_from(self._uow.codec, each, holders.get(each[0], ())) for each in rows]

    def post(self, changes: Sequence[SchemeChange], accounts: Sequence[Account]) -> None:
        """Queue changes and where accounts stand."""
        uow, codec = self._uow, self._uow.codec
        for change in changes:
            uow.queue(_ADD_CHANGE, self._row(change))
        for account in accounts:
            since, review = codec.at_in(account.scheme_since), codec.until_in(account.next_review)
            stands, key = (account.scheme, since, *held_row(codec, account)), (uow.org, codec.id_in(account.id))
            reviewed = self._reviewed.pop(account.id, None)
            if reviewed is None:
                uow.queue(_STANDS, (*stands, review, *key))
            else:
                uow.queue(_MOVED, (*stands, review, codec.at_in(reviewed[1]), *key))

    def warned(self, accounts: Sequence[Account]) -> None:
        """Queue up to when holders have been told, and the next looks."""
        uow, codec = self._uow, self._uow.codec
        for account in accounts:
            uow.queue(_WARNED, (*warned_row(codec, account), uow.org, codec.id_in(account.id)))

    def look(self, accounts: Sequence[AccountId], at: datetime) -> None:
        """Queue that somebody looks at accounts."""
        uow, codec = self._uow, self._uow.codec
        for account in accounts:
            uow.queue(_LOOK, (codec.at_in(at), uow.org, codec.id_in(account)))

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
            change.metric.value if change.metric else "",
            change.measured,
            codec.day_in(change.window.start),
            codec.day_in(change.window.end),
            converting.dumps(converting.to_json(change.thresholds)),
            codec.day_in(change.day),
            codec.at_in(change.effective_at),
            codec.at_in(change.recorded_at),
            change.actor,
            codec.id_in(self._uow.command_id),
            change.reason,
            change.pin and change.pin.kind.value,
            change.pin and codec.day_in(change.pin.until),
        )

    def changes(self, account: AccountId) -> Sequence[SchemeChange]:
        """The history of an account."""
        (rows,) = self._uow.ask((_CHANGES, (self._uow.org, self._uow.codec.id_in(account))))
        return [self._change(row) for row in rows]

    def histories(self, accounts: Sequence[AccountId]) -> Mapping[AccountId, Sequence[SchemeChange]]:
        """The histories of these accounts."""
        found: dict[AccountId, list[SchemeChange]] = {account: [] for account in accounts}
        if accounts:
            ids = padded([self._uow.codec.id_in(id) for id in accounts])
            (rows,) = self._uow.ask((_histories(len(ids)), (self._uow.org, *ids)))
            for change in map(self._change, rows):
                found[change.account].append(change)
        return found

    def _change(self, row: Sequence[Any]) -> SchemeChange:
        codec = self._uow.codec
        _, id, account, club, from_scheme, to_scheme, cause, metric, measured, *rest = row
        start, end, thresholds, day, effective_at, recorded_at, actor, _, reason, pin_kind, pin_until = rest
        return SchemeChange(
            id=SchemeChangeId(codec.id_out(id)),
            account=AccountId(codec.id_out(account)),
            club=ClubId(codec.id_out(club)),
            from_scheme=from_scheme,
            to_scheme=to_scheme,
            cause=Cause(cause),
            metric=Metric(metric) if metric else None,
            measured=measured,
            window=Days(codec.day_out(start), codec.day_out(end)),
            thresholds=converting.loads(thresholds),
            day=codec.day_out(day),
            effective_at=codec.at_out(effective_at),
            recorded_at=codec.at_out(recorded_at),
            actor=actor,
            reason=reason,
            pin=None if pin_kind is None else Pin(PinKind(pin_kind), codec.day_out(pin_until)),
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


_TOTALS = (
    _p.account_id,
    _p.business_day,
    func.count(),
    func.sum(_p.spent - _p.unspent),
    func.sum(_p.earned - _p.unearned),
    func.sum(_p.returned),
)


_NOTHING = literal_column("0", _p.earned.type)


def _totals(purchases: Any, awards: Any) -> Any:
    """The days of accounts with what counts on each: of purchases, and beside it of other events that earned."""
    since = bindparam("since", type_=_p.business_day.type)
    bought = (
        select(*_TOTALS)
        .where(
            _p.organization_id == _ORGANIZATION, purchases, _p.business_day >= since, _p.counted == literal_column("1")
        )
        .group_by(_p.account_id, _p.business_day)
    )
    awarded = (
        select(_w.account_id, _w.earned_on, _NOTHING, _NOTHING, func.sum(_w.points), _NOTHING)
        .where(_w.organization_id == _ORGANIZATION, awards, _w.earned_on >= since, _w.points > _NOTHING)
        .group_by(_w.account_id, _w.earned_on)
    )
    return union_all(bought, awarded)


@family
def _daily(count: int) -> Statement:
    """The days of these accounts."""
    names, among = one_of(_p.account_id, count)
    _, awarded = one_of(_w.account_id, count)
    return Statement(_totals(among, awarded), "organization", *names, "since")


_DAILY_OF_CLUB = Statement(_totals(_p.club_id == _CLUB, _w.club_id == _CLUB), "organization", "club", "since")
_MEASURES = {
    Metric.POINTS_EARNED: func.sum(_p.earned - _p.unearned),
    Metric.MONEY_SPENT: func.sum(_p.spent - _p.unspent),
    Metric.PURCHASES: func.count() - func.sum(_p.returned),
    Metric.VISITS: func.count(_p.business_day.distinct()),
}


def _leading(metric: Metric) -> Any:
    @family
    def made(count: int) -> Statement:
        names, among = one_of(_a.scheme, count)
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


@family
def _most_earned(count: int) -> Statement:
    """The accounts with the most points earned, by purchases and other events."""
    names, among = one_of(_a.scheme, count)
    start, end = bindparam("start", type_=_p.business_day.type), bindparam("end", type_=_p.business_day.type)
    earned = union_all(
        select(_p.organization_id, _p.account_id, (_p.earned - _p.unearned).label("points")).where(
            _p.organization_id == _ORGANIZATION,
            _p.business_day >= start,
            _p.business_day < end,
            _p.counted == literal_column("1"),
        ),
        select(_w.organization_id, _w.account_id, _w.points).where(
            _w.organization_id == _ORGANIZATION,
            _w.earned_on >= start,
            _w.earned_on < end,
            _w.points > _NOTHING,
        ),
    ).subquery()
    core = (
        select(earned.c.account_id)
        .select_from(
            earned.join(
                tables.accounts, and_(_a.organization_id == earned.c.organization_id, _a.id == earned.c.account_id)
            )
        )
        .where(_a.club_id == _CLUB, _a.state == bindparam("state", type_=_a.state.type), among)
        .group_by(earned.c.account_id)
        .order_by(func.sum(earned.c.points).desc(), earned.c.account_id)
        .limit(bindparam("limit"))
    )
    return Statement(core, "organization", "club", "state", *names, "start", "end", "limit")


_LEADING = {metric: _leading(metric) for metric in Metric} | {Metric.POINTS_EARNED: _most_earned}


def _over(metric: Metric) -> Callable[[int], Statement]:
    """What a metric comes to for so many accounts over a window."""

    @family
    def made(count: int) -> Statement:
        names, among = one_of(_p.account_id, count)
        start, end = (bindparam(name, type_=_p.business_day.type) for name in ("start", "end"))
        bought = (
            select(_p.account_id, _MEASURES[metric])
            .where(
                _p.organization_id == _ORGANIZATION,
                among,
                _p.business_day >= start,
                _p.business_day < end,
                _p.counted == literal_column("1"),
            )
            .group_by(_p.account_id)
        )
        if metric is not Metric.POINTS_EARNED:
            return Statement(bought, "organization", *names, "start", "end")
        _, awarded_to = one_of(_w.account_id, count)
        awarded = (
            select(_w.account_id, func.sum(_w.points))
            .where(_w.organization_id == _ORGANIZATION, awarded_to, _w.earned_on >= start, _w.earned_on < end)
            .group_by(_w.account_id)
        )
        return Statement(union_all(bought, awarded), "organization", *names, "start", "end")

    return made


_OVER = {metric: _over(metric) for metric in Metric}


class SqlMeasures:
    """The port ``Measures``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def daily(self, accounts: Sequence[AccountId], since: date) -> Mapping[AccountId, Sequence[DayTotals]]:
        """What purchases come to on each day."""
        codec = self._uow.codec
        found: dict[AccountId, list[DayTotals]] = {account: [] for account in accounts}
        if accounts:
            ids = padded([codec.id_in(id) for id in accounts])
            (rows,) = self._uow.ask((_daily(len(ids)), (self._uow.org, *ids, codec.day_in(since))))
            self._add(found, rows)
        return found

    def over(self, accounts: Sequence[AccountId], metric: Metric, window: Days) -> Mapping[AccountId, int]:
        """What a metric comes to over a window."""
        codec = self._uow.codec
        if not accounts:
            return {}
        asked = {codec.id_in(id): id for id in accounts}
        ids = padded([*asked])
        row = (self._uow.org, *ids, codec.day_in(window.start), codec.day_in(window.end))
        found: dict[AccountId, int] = {}
        for account, figure in self._uow.ask((_OVER[metric](len(ids)), row))[0]:
            id = asked[account]
            found[id] = found.get(id, 0) + int(figure)
        return {id: max(0, figure) for id, figure in found.items()}

    def of_club(self, club: ClubId, since: date) -> Mapping[AccountId, Sequence[DayTotals]]:
        """What purchases of a whole club come to on each day."""
        codec = self._uow.codec
        found: dict[AccountId, list[DayTotals]] = {}
        (rows,) = self._uow.ask((_DAILY_OF_CLUB, (self._uow.org, codec.id_in(club), codec.day_in(since))))
        self._add(found, rows)
        return found

    def _add(self, found: dict[AccountId, list[DayTotals]], rows: Sequence[Any]) -> None:
        codec = self._uow.codec
        by_day: dict[tuple[Any, Any], list[int]] = {}
        for account, day, *figures in rows:
            known = by_day.get((account, day), [0] * len(figures))
            by_day[account, day] = [int(each) + before for each, before in zip(figures, known, strict=True)]
        for (account, day), figures in sorted(by_day.items(), key=lambda each: each[0][1]):
            found.setdefault(AccountId(codec.id_out(account)), []).append(DayTotals(codec.day_out(day), *figures))

    def leading(
        self, club: ClubId, metric: Metric, window: Days, schemes: Collection[str], limit: int
    ) -> Sequence[AccountId]:
        """The accounts with the most of a metric."""
        if not schemes:
            return ()
        uow, codec = self._uow, self._uow.codec
        codes = padded(sorted(schemes))
        span = (codec.day_in(window.start), codec.day_in(window.end))
        row = (uow.org, codec.id_in(club), AccountState.OPEN.value, *codes, *span, limit)
        (rows,) = uow.ask((_LEADING[metric](len(codes)), row))
        return [AccountId(codec.id_out(id)) for (id,) in rows]
