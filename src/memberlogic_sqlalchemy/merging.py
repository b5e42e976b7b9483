"""Records of one person that became one, in tables: set-based, one statement for what is kept in one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic.ids import AccountId, MemberId
from memberlogic.members import Member
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.members import MEMBER_COLUMNS, member_from
from memberlogic_sqlalchemy.statements import Statement, family, one_of, padded
from sqlalchemy import Column, Table, and_, bindparam, case, delete, func, literal_column, null, or_, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlAccountMergings", "SqlContractMergings", "SqlMergings"]

_m, _a, _x, _h = tables.members.c, tables.accounts.c, tables.event_members.c, tables.account_holders.c


_MOST = 1000
"""How many ids are looked for in one statement."""


def _in(table: Table) -> Any:
    return table.c.organization_id == bindparam("organization", type_=table.c.organization_id.type)


def _named(column: Column[Any], name: str) -> Any:
    return column == bindparam(name, type_=column.type)


def _renamed(column: Column[Any], *where: Any) -> Statement:
    """Every row that names the one in a column names the other."""
    table: Any = column.table
    core = update(table).values({column.name: bindparam("into", type_=column.type)})
    return Statement(core.where(_in(table), _named(column, "gone"), *where), "into", "organization", "gone")


def _twice(column: Column[Any], of: Column[Any]) -> Any:
    """The rows of the one where the other has one of the same kind: as a list apart, as a statement that changes a
    table may not read it on every database.
    """
    table: Any = column.table
    other = table.alias("other")
    listed = select(other.c[of.name]).where(
        other.c.organization_id == bindparam("organization", type_=other.c.organization_id.type),
        other.c[column.name] == bindparam("into", type_=column.type),
    )
    apart = listed.distinct().subquery("apart")
    return and_(_in(table), _named(column, "gone"), of.in_(select(apart.c[of.name])))


def _kind(kind: str) -> Any:
    return tables.external_ids.c.kind == literal_column(f"'{kind}'", tables.external_ids.c.kind.type)


_LED_TO = Statement(
    select(*MEMBER_COLUMNS).where(_in(tables.members), _named(_m.merged_into_id, "into")).order_by(_m.id),
    "organization",
    "into",
)


@cache
def _leading(table: Table, count: int) -> Statement:
    names, among = one_of(table.c.id, count)
    core = select(table.c.id, table.c.merged_into_id).where(_in(table), among, table.c.merged_into_id.is_not(None))
    return Statement(core, "organization", *names)


def _leads_of(uow: SqlWork, table: Table, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    found: dict[UUID, UUID] = {}
    asked = sorted(ids)
    for some in (asked[start : start + _MOST] for start in range(0, len(asked), _MOST)):
        wanted = padded([uow.codec.id_in(each) for each in some])
        (rows,) = uow.ask((_leading(table, len(wanted)), (uow.org, *wanted)))
        found |= {uow.codec.id_out(id): uow.codec.id_out(into) for id, into in rows}
    return found


_CONCERNED_TWICE = Statement(
    delete(tables.event_members).where(_twice(_x.member_id, _x.event_id)), "organization", "gone", "into"
)
_LEADS = [
    Statement(
        update(table)
        .values(merged_into_id=bindparam("into", type_=table.c.merged_into_id.type))
        .where(_in(table), or_(_named(table.c.id, "gone"), _named(table.c.merged_into_id, "gone"))),
        "into",
        "organization",
        "gone",
    )
    for table in (tables.members, tables.accounts)
]
_OF_A_MEMBER = [
    _renamed(table.c.member_id)
    for table in (
        tables.contact_points,
        tables.confirmations,
        tables.consents,
        tables.inquiries,
        tables.notes,
        tables.outbox,
        tables.event_members,
    )
]
_EXTERNAL_IDS = {kind: _renamed(tables.external_ids.c.id, _kind(kind)) for kind in ("member", "account")}


class SqlMergings:
    """The port ``Mergings``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def leads(self, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """Which of some ids lead where."""
        return _leads_of(self._uow, tables.members, ids)

    def led_to(self, member: MemberId) -> Sequence[Member]:
        """The records that lead to this one."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_LED_TO, (self._uow.org, codec.id_in(member))))
        return [member_from(codec, row) for row in rows]

    def merge(self, duplicate: MemberId, survivor: MemberId) -> None:
        """Queue that one record is the other."""
        uow, gone, into = self._uow, self._uow.codec.id_in(duplicate), self._uow.codec.id_in(survivor)
        uow.queue(_CONCERNED_TWICE, (uow.org, gone, into))
        for statement in (_LEADS[0], *_OF_A_MEMBER, _EXTERNAL_IDS["member"]):
            uow.queue(statement, (into, uow.org, gone))


_COUNTED = {
    name: Statement(
        select(func.count()).select_from(table).where(_in(table), _named(table.c.member_id, "member")),
        "organization",
        "member",
    )
    for name, table in (
        ("visits", tables.visits),
        ("passes", tables.visitor_passes),
        ("suspensions", tables.suspensions),
    )
}
_OF_A_PERSON = [
    _renamed(column)
    for column in (
        tables.contract_members.c.member_id,
        tables.visits.c.member_id,
        tables.suspensions.c.member_id,
        tables.visitor_passes.c.member_id,
        tables.visitor_passes.c.host_id,
    )
]
_UNBILLED = Statement(
    delete(tables.billing).where(_in(tables.billing), _named(tables.billing.c.member_id, "gone")),
    "organization",
    "gone",
)


class SqlContractMergings:
    """The port ``ContractMergings``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def counted(self, member: MemberId) -> Mapping[str, int]:
        """How much a member has, in one trip."""
        row = (self._uow.org, self._uow.codec.id_in(member))
        answers = self._uow.ask(*((statement, row) for statement in _COUNTED.values()))
        return {name: int(rows[0][0]) for name, rows in zip(_COUNTED, answers, strict=True)}

    def merge(self, duplicate: MemberId, survivor: MemberId) -> None:
        """Queue that it is the other's."""
        uow, codec = self._uow, self._uow.codec
        gone, into = codec.id_in(duplicate), codec.id_in(survivor)
        for statement in _OF_A_PERSON:
            uow.queue(statement, (into, uow.org, gone))
        uow.queue(_UNBILLED, (uow.org, gone))


_HELD_TWICE = Statement(
    delete(tables.account_holders).where(_twice(_h.member_id, _h.account_id)), "organization", "gone", "into"
)
_OWNED = Statement(
    update(tables.accounts)
    .values(
        owner_id=bindparam("into", type_=_a.owner_id.type),
        own_of=case((_a.own_of.is_(None), null()), else_=bindparam("into", type_=_a.own_of.type)),
    )
    .where(_in(tables.accounts), _named(_a.owner_id, "gone")),
    "into",
    "organization",
    "gone",
)
_OF_A_HOLDER = [_renamed(_h.member_id), _renamed(tables.awards.c.member_id), _renamed(tables.award_gifts.c.member_id)]
_OF_AN_ACCOUNT = [_renamed(table.c.account_id) for table in (tables.purchases, tables.returns, tables.awards)]


@family
def _formerly(count: int) -> Statement:
    names, among = one_of(_a.merged_into_id, count)
    core = select(_a.merged_into_id, _a.id).where(_in(tables.accounts), among).order_by(_a.id)
    return Statement(core, "organization", *names)


class SqlAccountMergings:
    """The port ``AccountMergings``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def leads(self, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """Which of some ids lead where."""
        return _leads_of(self._uow, tables.accounts, ids)

    def led_to(self, account: AccountId) -> Sequence[AccountId]:
        """The accounts that lead to this one."""
        return self.formerly([account])[account]

    def formerly(self, accounts: Sequence[AccountId]) -> Mapping[AccountId, Sequence[AccountId]]:
        """The accounts that lead to each of these."""
        found: dict[AccountId, list[AccountId]] = {each: [] for each in accounts}
        if not accounts:
            return found
        codec = self._uow.codec
        wanted = padded([codec.id_in(each) for each in found])
        (rows,) = self._uow.ask((_formerly(len(wanted)), (self._uow.org, *wanted)))
        for into, id in rows:
            found[AccountId(codec.id_out(into))].append(AccountId(codec.id_out(id)))
        return found

    def hand_over(self, accounts: Sequence[AccountId], duplicate: MemberId, survivor: MemberId) -> None:  # noqa: ARG002
        """Queue that one holds the accounts of the other: those, and the ones that lead to another, are all."""
        uow, gone, into = self._uow, self._uow.codec.id_in(duplicate), self._uow.codec.id_in(survivor)
        uow.queue(_HELD_TWICE, (uow.org, gone, into))
        for statement in (_OWNED, *_OF_A_HOLDER):
            uow.queue(statement, (into, uow.org, gone))

    def merge(self, account: AccountId, into: AccountId) -> None:
        """Queue that one account leads to the other."""
        uow, codec = self._uow, self._uow.codec
        for statement in (_LEADS[1], *_OF_AN_ACCOUNT, _EXTERNAL_IDS["account"]):
            uow.queue(statement, (codec.id_in(into), uow.org, codec.id_in(account)))
