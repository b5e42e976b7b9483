"""Suspensions, and what billing says, in tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memberlogic.amounts import Money
from memberlogic.contracts.suspensions import Billing, Suspension
from memberlogic.errors import NotFound
from memberlogic.ids import ContractId, MemberId, SuspensionId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects.base import Query
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import bindparam, delete, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlBilling", "SqlSuspensions"]

_s, _b = tables.suspensions.c, tables.billing.c
_COLUMNS = tuple(column for column in tables.suspensions.columns if column.name != "organization_id")
_mine = _s.organization_id == bindparam("organization", type_=_s.organization_id.type)
_GET = Statement(
    select(*_COLUMNS).where(_mine, _s.id == bindparam("id_", type_=_s.id.type)),
    "organization",
    "id_",
)
_OF_MEMBER = Statement(
    select(*_COLUMNS).where(_mine, _s.member_id == bindparam("member", type_=_s.member_id.type)),
    "organization",
    "member",
)
_ADD = inserting(tables.suspensions)
_END = Statement(
    update(tables.suspensions)
    .values(ended=bindparam("new_ended", type_=_s.ended.type))
    .where(_mine, _s.id == bindparam("id_", type_=_s.id.type)),
    "new_ended",
    "organization",
    "id_",
)
_whose = (
    _b.organization_id == bindparam("organization", type_=_b.organization_id.type),
    _b.member_id == bindparam("member", type_=_b.member_id.type),
)
_BILLING = Statement(select(_b.amount, _b.currency, _b.status, _b.as_of).where(*_whose), "organization", "member")
_FORGET = Statement(delete(tables.billing).where(*_whose), "organization", "member")
_KEEP = inserting(tables.billing)


@family
def _of_contracts(count: int) -> Statement:
    names, among = one_of(_s.contract_id, count)
    return Statement(select(*_COLUMNS).where(_mine, among), "organization", *names)


class SqlSuspensions:
    """The port ``Suspensions``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: SuspensionId) -> Suspension:
        """One by its id."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        for row in rows:
            return _suspension(self._uow.codec, row)
        raise NotFound(kind="suspension", id=id)

    def of(self, member: MemberId, contracts: Sequence[ContractId]) -> Sequence[Suspension]:
        """Those of a member and of contracts."""
        codec, org = self._uow.codec, self._uow.org
        asked: list[Query] = [(_OF_MEMBER, (org, codec.id_in(member)))]
        if contracts:
            wanted = padded([codec.id_in(each) for each in contracts])
            asked.append((_of_contracts(len(wanted)), (org, *wanted)))
        found = [_suspension(codec, row) for rows in self._uow.ask(*asked) for row in rows]
        return sorted(found, key=lambda each: each.id)

    def add(self, suspension: Suspension) -> None:
        """Queue a new one."""
        codec, each = self._uow.codec, suspension
        row = (
            self._uow.org,
            codec.id_in(each.id),
            codec.id_or_none_in(each.member),
            codec.id_or_none_in(each.contract),
            codec.day_in(each.since),
            None if each.until is None else codec.day_in(each.until),
            None if each.ended is None else codec.day_in(each.ended),
            each.reason,
            codec.at_in(each.filed_at),
        )
        self._uow.queue(_ADD, row)

    def change(self, suspension: Suspension) -> None:
        """Queue when one ended early."""
        codec = self._uow.codec
        ended = None if suspension.ended is None else codec.day_in(suspension.ended)
        self._uow.queue(_END, (ended, self._uow.org, codec.id_in(suspension.id)))


def _suspension(codec: Codec, row: Sequence[Any]) -> Suspension:
    id, member, contract, since, until, ended, reason, filed_at = row
    return Suspension(
        id=SuspensionId(codec.id_out(id)),
        member=None if member is None else MemberId(codec.id_out(member)),
        contract=None if contract is None else ContractId(codec.id_out(contract)),
        since=codec.day_out(since),
        until=None if until is None else codec.day_out(until),
        ended=None if ended is None else codec.day_out(ended),
        reason=reason,
        filed_at=codec.at_out(filed_at),
    )


class SqlBilling:
    """The port ``BillingSaid``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Billing:
        """What it last said."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_BILLING, (self._uow.org, codec.id_in(member))))
        for amount, currency, status, as_of in rows:
            owed = None if amount is None else Money(amount, currency)
            return Billing(member=member, owed=owed, status=status, as_of=codec.at_out(as_of))
        return Billing(member=member)

    def keep(self, said: Sequence[Billing]) -> None:
        """Queue what it says."""
        codec, org = self._uow.codec, self._uow.org
        for each in said:
            assert each.as_of is not None, "billing said something"
            member = codec.id_in(each.member)
            owed = (None, None) if each.owed is None else (each.owed.minor, each.owed.currency)
            self._uow.queue(_FORGET, (org, member))
            self._uow.queue(_KEEP, (org, member, *owed, each.status, codec.at_in(each.as_of)))
