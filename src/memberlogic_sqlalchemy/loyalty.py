"""Clubs and accounts in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, ClubId, MemberId
from memberlogic.loyalty.model import Account, AccountState, Club
from memberlogic.loyalty.progression import Grace, PinKind, Pinned
from memberlogic.storing import Signpost
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import and_, bindparam, delete, func, insert, literal_column, null, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["ACCOUNT_COLUMNS", "SqlAccounts", "SqlClubs", "account_from", "held_row", "holders_of"]

_c, _cv, _a, _h = tables.clubs.c, tables.club_versions.c, tables.accounts.c, tables.account_holders.c
_CLUB_VERSION = Statement(
    select(_c.version).where(
        _c.organization_id == bindparam("organization", type_=_c.organization_id.type),
        _c.id == bindparam("id_", type_=_c.id.type),
    ),
    "organization",
    "id_",
)
_DEFINITION = Statement(
    select(_cv.definition).where(
        _cv.organization_id == bindparam("organization", type_=_cv.organization_id.type),
        _cv.club_id == bindparam("id_", type_=_cv.club_id.type),
        _cv.version == bindparam("version_", type_=_cv.version.type),
    ),
    "organization",
    "id_",
    "version_",
)
_ADD_CLUB = inserting(tables.clubs)
_ADD_VERSION = inserting(tables.club_versions)

_account_key = (
    _a.organization_id == bindparam("organization", type_=_a.organization_id.type),
    _a.id == bindparam("id_", type_=_a.id.type),
)
_s = tables.scheme_changes.c
# Nothing of its own is stored: what led to the changes of an account is in its history.
_COUNTED = (
    select(func.max(_s.window_end))
    .where(_s.organization_id == _a.organization_id, _s.account_id == _a.id)
    .correlate(tables.accounts)
    .scalar_subquery()
)
ACCOUNT_COLUMNS = (
    _a.id,
    _a.club_id,
    _a.owner_id,
    _a.scheme,
    _a.scheme_since,
    _a.next_review,
    _a.state,
    _a.blocked_for,
    _a.opened_at,
    _a.effective_at,
    _a.version,
    _a.blocked_at,
    _a.pin_kind,
    _a.pin_scheme,
    _a.pin_until,
    _a.grace_since,
    _a.grace_until,
    _a.next_warning,
    _a.warned_at,
    _COUNTED.label("counts_from"),
)
_one = select(*ACCOUNT_COLUMNS, _a.merged_into_id).where(*_account_key)
_ACCOUNT = Statement(_one, "organization", "id_")
_LOCK = Statement(_one.with_for_update(key_share=True), "organization", "id_")
_OWN = Statement(
    select(_a.id).where(
        _a.organization_id == bindparam("organization", type_=_a.organization_id.type),
        _a.own_of == bindparam("member", type_=_a.own_of.type),
        _a.club_id == bindparam("club", type_=_a.club_id.type),
    ),
    "organization",
    "member",
    "club",
)
_HELD_BY = Statement(
    select(_h.account_id)
    .select_from(
        tables.account_holders.join(
            tables.accounts, and_(_a.organization_id == _h.organization_id, _a.id == _h.account_id)
        )
    )
    .where(
        _h.organization_id == bindparam("organization", type_=_h.organization_id.type),
        _h.member_id == bindparam("member", type_=_h.member_id.type),
        _a.merged_into_id.is_(None),
    )
    .order_by(_h.account_id),
    "organization",
    "member",
)
_ADD_ACCOUNT = inserting(tables.accounts)
_ADD_HOLDER = inserting(tables.account_holders)
_STAND = Statement(
    update(tables.accounts)
    .values(
        state=bindparam("new_state", type_=_a.state.type),
        blocked_for=bindparam("new_blocked", type_=_a.blocked_for.type),
        blocked_at=bindparam("new_since", type_=_a.blocked_at.type),
    )
    .where(*_account_key),
    "new_state",
    "new_blocked",
    "new_since",
    "organization",
    "id_",
)
_CLOSE = Statement(
    # Nobody's own any more, so that the member may open another.
    update(tables.accounts)
    .values(own_of=null(), next_review=bindparam("never", type_=_a.next_review.type), next_warning=null())
    .where(*_account_key),
    "never",
    "organization",
    "id_",
)
_joined = _h.account_id == bindparam("account", type_=_h.account_id.type)
_JOIN = Statement(
    insert(tables.account_holders).from_select(
        ["organization_id", "account_id", "member_id", "position"],
        select(
            _h.organization_id,
            _h.account_id,
            bindparam("member", type_=_h.member_id.type),
            func.max(_h.position) + literal_column("1"),
        )
        .where(_h.organization_id == bindparam("organization", type_=_h.organization_id.type), _joined)
        .group_by(_h.organization_id, _h.account_id),
    ),
    "member",
    "organization",
    "account",
)
_LEAVE = Statement(
    delete(tables.account_holders).where(
        _h.organization_id == bindparam("organization", type_=_h.organization_id.type),
        _joined,
        _h.member_id == bindparam("member", type_=_h.member_id.type),
    ),
    "organization",
    "account",
    "member",
)


@family
def holders_of(count: int) -> Statement:
    names, among = one_of(_h.account_id, count)
    return Statement(
        select(_h.account_id, _h.member_id)
        .where(
            _h.organization_id == bindparam("organization", type_=_h.organization_id.type),
            among,
        )
        .order_by(_h.account_id, _h.position),
        "organization",
        *names,
    )


def account_from(codec: Codec, row: Sequence[Any], holders: Sequence[Any]) -> Account:
    """An account from its row of :data:`ACCOUNT_COLUMNS` and its holders in order."""
    id, club, owner, scheme, since, review, state, blocked_for, opened_at, effective_at, version, *held = row
    blocked_at, pin_kind, pin_scheme, pin_until, grace_since, grace_until, warning, warned_at, counted = held
    return Account(
        id=AccountId(codec.id_out(id)),
        club=ClubId(codec.id_out(club)),
        owner=MemberId(codec.id_out(owner)),
        holders=tuple(MemberId(codec.id_out(member)) for member in holders),
        scheme=scheme,
        scheme_since=codec.at_out(since),
        next_review=codec.until_out(review),
        state=AccountState(state),
        blocked_for=blocked_for,
        blocked_at=None if blocked_at is None else codec.at_out(blocked_at),
        opened_at=codec.at_out(opened_at),
        effective_at=codec.at_out(effective_at),
        version=version,
        pin=None
        if pin_kind is None
        else Pinned(kind=PinKind(pin_kind), scheme=pin_scheme, until=codec.day_out(pin_until)),
        grace=None
        if grace_since is None
        else Grace(since=codec.day_out(grace_since), until=codec.day_out(grace_until)),
        next_warning=None if warning is None else codec.at_out(warning),
        warned_at=None if warned_at is None else codec.at_out(warned_at),
        counts_from=None if counted is None else codec.day_out(counted),
    )


def held_row(codec: Codec, account: Account) -> tuple[Any, ...]:
    """The columns of an account's pin and grace, and of when its holders are warned."""
    pin, grace = account.pin, account.grace
    pinned = (None, None, None) if pin is None else (pin.kind.value, pin.scheme, codec.day_in(pin.until))
    graced = (None, None) if grace is None else (codec.day_in(grace.since), codec.day_in(grace.until))
    return (*pinned, *graced, *warned_row(codec, account))


def warned_row(codec: Codec, account: Account) -> tuple[Any, Any]:
    """The columns of when the holders of an account are warned, and up to when they were."""
    warning, warned = account.next_warning, account.warned_at
    return None if warning is None else codec.at_in(warning), None if warned is None else codec.at_in(warned)


@family
def _known(count: int) -> Statement:
    names, among = one_of(_a.id, count)
    core = select(_a.id).where(
        _a.organization_id == bindparam("organization", type_=_a.organization_id.type),
        among,
    )
    return Statement(core, "organization", *names)


class SqlClubs:
    """The port ``Clubs``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._seen: dict[ClubId, Club] = {}

    def get(self, id: ClubId) -> Club:
        """One club, as it is now, or was when this unit first saw it."""
        if id in self._seen:
            return self._seen[id]
        (rows,) = self._uow.ask((_CLUB_VERSION, (self._uow.org, self._uow.codec.id_in(id))))
        for (version,) in rows:
            return self.at(id, version)
        raise NotFound(kind="club", id=id)

    def at(self, id: ClubId, version: int) -> Club:
        """The current version of a club; read once, as a version never changes."""
        uow = self._uow
        club = uow.remembered.club(uow.organization, id, version)
        if club is None:
            ((row,),) = uow.ask((_DEFINITION, (uow.org, uow.codec.id_in(id), version)))
            club = uow.remembered.keep(uow.organization, converting.from_json(Club, converting.loads(row[0]), "club"))
        self._seen[id] = club
        return club

    def add(self, club: Club) -> None:
        """Queue a new club."""
        uow, id = self._uow, self._uow.codec.id_in(club.id)
        definition = converting.dumps(converting.to_json(club))
        uow.queue(_ADD_CLUB, (uow.org, id, club.name, club.zone.key, club.version))
        uow.queue(_ADD_VERSION, (uow.org, id, club.version, uow.codec.at_in(uow.now), definition))


class SqlAccounts:
    """The port ``Accounts``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: AccountId) -> Account:
        """One account."""
        key = (self._uow.org, self._uow.codec.id_in(id))
        return self._account(id, *self._uow.ask((_ACCOUNT, key), (holders_of(1), key)))

    def locked(self, id: AccountId) -> Account:
        """One account, locked."""
        key = (self._uow.org, self._uow.codec.id_in(id))
        account = self._account(id, *self._uow.lock((_LOCK, key), (holders_of(1), key)))
        self._uow.not_before(account.effective_at)
        return account

    def _account(self, id: AccountId, rows: Sequence[Any], holders: Sequence[Any]) -> Account:
        for *row, into in rows:
            if into is not None:
                raise Signpost("account", {id: self._uow.codec.id_out(into)})
            return account_from(self._uow.codec, row, [member for _, member in holders])
        raise NotFound(kind="account", id=id)

    def known(self, ids: Sequence[AccountId]) -> frozenset[AccountId]:
        """Those that are there."""
        if not ids:
            return frozenset()
        codec = self._uow.codec
        wanted = padded([codec.id_in(id) for id in ids])
        (rows,) = self._uow.ask((_known(len(wanted)), (self._uow.org, *wanted)))
        return frozenset(AccountId(codec.id_out(id)) for (id,) in rows)

    def own(self, member: MemberId, club: ClubId) -> Sequence[AccountId]:
        """The member's own accounts that are not closed."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_OWN, (self._uow.org, codec.id_in(member), codec.id_in(club))))
        return [AccountId(codec.id_out(id)) for (id,) in rows]

    def held_by(self, member: MemberId) -> Sequence[AccountId]:
        """Every account that a member holds."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_HELD_BY, (self._uow.org, codec.id_in(member))))
        return [AccountId(codec.id_out(id)) for (id,) in rows]

    def holders(self, accounts: Sequence[AccountId]) -> Mapping[AccountId, Sequence[UUID]]:
        """Who holds accounts, in the order in which they joined."""
        codec = self._uow.codec
        found: dict[AccountId, list[UUID]] = {account: [] for account in accounts}
        if accounts:
            row = (self._uow.org, *map(codec.id_in, accounts))
            for account, member in self._uow.ask((holders_of(len(accounts)), row))[0]:
                found[AccountId(codec.id_out(account))].append(codec.id_out(member))
        return found

    def add(self, account: Account) -> None:
        """Queue a new account and its holders."""
        uow, codec = self._uow, self._uow.codec
        id, owner = codec.id_in(account.id), codec.id_in(account.owner)
        uow.queue(
            _ADD_ACCOUNT,
            (
                uow.org,
                id,
                codec.id_in(account.club),
                owner,
                None if account.state is AccountState.CLOSED else owner,
                account.scheme,
                codec.at_in(account.scheme_since),
                codec.until_in(account.next_review),
                account.state.value,
                account.blocked_for,
                codec.at_in(account.opened_at),
                codec.at_in(account.effective_at),
                account.version,
                None if account.blocked_at is None else codec.at_in(account.blocked_at),
                *held_row(codec, account),
                None,
            ),
        )
        for position, member in enumerate(account.holders):
            uow.queue(_ADD_HOLDER, (uow.org, id, codec.id_in(member), position))

    def stand(self, account: Account) -> None:
        """Queue the state of an account."""
        codec, key = self._uow.codec, (self._uow.org, self._uow.codec.id_in(account.id))
        since = None if account.blocked_at is None else codec.at_in(account.blocked_at)
        self._uow.queue(_STAND, (account.state.value, account.blocked_for, since, *key))
        if account.state is AccountState.CLOSED:
            self._uow.queue(_CLOSE, (codec.until_in(None), *key))

    def join(self, account: AccountId, member: MemberId) -> None:
        """Queue one more holder."""
        codec = self._uow.codec
        self._uow.queue(_JOIN, (codec.id_in(member), self._uow.org, codec.id_in(account)))

    def leave(self, account: AccountId, member: MemberId) -> None:
        """Queue one holder less."""
        codec = self._uow.codec
        self._uow.queue(_LEAVE, (self._uow.org, codec.id_in(account), codec.id_in(member)))
