"""What is stored of clubs and accounts although it could be counted."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.ledger.model import AccountState
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, summed, there
from sqlalchemy import case, func, literal_column, null, or_, select

__all__ = ["CHECKS"]

_a, _c, _e, _h, _v, _w = (
    tables.accounts.c,
    tables.clubs.c,
    tables.entries.c,
    tables.account_holders.c,
    tables.club_versions.c,
    tables.wallets.c,
)

_held_by = counting({"account_id": _h.account_id}, {"holders": func.count()})
_owner = tables.account_holders.alias()
_own = counting(
    {"club_id": _a.club_id, "owner_id": _a.owner_id},
    {"accounts": func.count()},
    _a.state != AccountState.CLOSED.value,
)
_versions = counting({"club_id": _v.club_id}, {"last": func.max(_v.version), "many": func.count()})
_commands = counting(
    {"account_id": _e.account_id},
    {"many": func.count(func.distinct(_e.command_id)), "last": func.max(_e.effective_at)},
)
_account, _club = {"account": _a.id}, {"club": _c.id}

_HOLDERS = differing(
    "account.holders",
    "PTS-1",
    "An account is held by at least one member.",
    of=tables.accounts.outerjoin(_held_by, there(tables.accounts, _held_by, id="account_id")),
    ids=_account,
    stored=summed(_held_by.c.holders),
    counted=literal_column("1"),
    wrong=_held_by.c.holders.is_(null()),
)
_OWNER = differing(
    "account.owner",
    "PTS-1",
    "The member whose own account it is holds it.",
    of=tables.accounts.outerjoin(_owner, there(tables.accounts, _owner, id="account_id", owner_id="member_id")),
    ids=_account,
    stored=_a.owner_id,
    counted=null(),
    wrong=_owner.c.member_id.is_(null()),
)
_is_own = case((_a.state == AccountState.CLOSED.value, null()), else_=_a.owner_id)
_OWN_OF = differing(
    "account.own_of",
    "PTS-1",
    "An account that is not closed counts as its owner's own; one that is closed as nobody's.",
    of=tables.accounts,
    ids=_account,
    stored=_a.own_of,
    counted=_is_own,
    wrong=func.coalesce(_a.own_of != _is_own, _a.own_of.is_(null()) != _is_own.is_(null())),
)
_ONLY = differing(
    "account.only",
    "PTS-1",
    "A member has one open account of their own in a club.",
    of=_own,
    ids={"club": _own.c.club_id, "member": _own.c.owner_id},
    stored=_own.c.accounts,
    counted=literal_column("1"),
)
_VERSION = differing(
    "account.version",
    "COM-16",
    "An account's version rose with every command that moved its points.",
    of=tables.accounts.join(_commands, there(tables.accounts, _commands, id="account_id")),
    ids=_account,
    stored=_a.version,
    counted=_commands.c.many,
    wrong=_a.version < _commands.c.many,
)
_EFFECTIVE = differing(
    "account.effective_at",
    "COM-8",
    "An account's last effective instant is no earlier than its entries'.",
    of=tables.accounts.join(_commands, there(tables.accounts, _commands, id="account_id")),
    ids=_account,
    stored=_a.effective_at,
    counted=_commands.c.last,
    wrong=_a.effective_at < _commands.c.last,
)
_CLUB_VERSION = differing(
    "club.version",
    "PTS-1",
    "A club's version is its last, and every one before it is kept.",
    of=tables.clubs.outerjoin(_versions, there(tables.clubs, _versions, id="club_id")),
    ids=_club,
    stored=_c.version,
    counted=summed(_versions.c.last),
    wrong=or_(_c.version != summed(_versions.c.last), _c.version != summed(_versions.c.many)),
)
_entries_of = counting({"club_id": _e.club_id, "unit": _e.unit}, {"points": func.sum(_e.amount)})
_in_wallets = (
    tables.wallets.join(tables.accounts, there(tables.wallets, tables.accounts, account_id="id"))
    .select()
    .with_only_columns(
        _w.organization_id,
        _a.club_id,
        _w.unit,
        func.sum(_w.remaining - _w.debt).label("points"),
    )
    .group_by(_w.organization_id, _a.club_id, _w.unit)
    .subquery()
)
_OUTSTANDING = differing(
    "club.outstanding",
    "PTS-17",
    "A club's outstanding points are what its entries add up to.",
    of=_in_wallets.outerjoin(_entries_of, there(_in_wallets, _entries_of, club_id="club_id", unit="unit")),
    ids={"club": _in_wallets.c.club_id, "unit": _in_wallets.c.unit},
    stored=_in_wallets.c.points,
    counted=summed(_entries_of.c.points),
)

_g = tables.scheme_changes.c
_ranked = select(
    _g.organization_id,
    _g.account_id,
    _g.to_scheme,
    _g.effective_at,
    func.row_number()
    .over(partition_by=(_g.organization_id, _g.account_id), order_by=(_g.effective_at.desc(), _g.id.desc()))
    .label("rank"),
).subquery()
_last = select(_ranked).where(_ranked.c.rank == 1).subquery()
_SCHEME = differing(
    "account.scheme",
    "SCH-1",
    "An account is in the scheme that its last change led to.",
    of=tables.accounts.join(_last, there(tables.accounts, _last, id="account_id")),
    ids=_account,
    stored=_a.scheme,
    counted=_last.c.to_scheme,
)
_SINCE = differing(
    "account.scheme_since",
    "SCH-1",
    "An account is in its scheme since its last change, or since it was opened.",
    of=tables.accounts.outerjoin(_last, there(tables.accounts, _last, id="account_id")),
    ids=_account,
    stored=_a.scheme_since,
    counted=func.coalesce(_last.c.effective_at, _a.opened_at, type_=_a.opened_at.type),
)

_HELD = differing(
    "account.pin",
    "SCH-7",
    "An account's pin and grace have all their parts or none.",
    of=tables.accounts,
    ids=_account,
    stored=_a.pin_until,
    counted=null(),
    wrong=or_(
        _a.pin_kind.is_(null()) != _a.pin_until.is_(null()),
        _a.pin_kind.is_(null()) != _a.pin_scheme.is_(null()),
        _a.grace_since.is_(null()) != _a.grace_until.is_(null()),
        _a.grace_since >= _a.grace_until,
    ),
)

CHECKS: Sequence[Check] = (
    _HOLDERS,
    _OWNER,
    _OWN_OF,
    _ONLY,
    _VERSION,
    _EFFECTIVE,
    _CLUB_VERSION,
    _OUTSTANDING,
    _SCHEME,
    _SINCE,
    _HELD,
)
