"""What is stored of contracts, and of what people are by them, although it is computed: told again by the core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from memberlogic.contracts.covering import membership
from memberlogic.contracts.deadlines import look_from
from memberlogic.contracts.model import Contract
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import next_change_of, spans, started_on
from memberlogic.ids import ContractId, MemberId
from memberlogic.members.membership import MembershipSpan
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, Row, aware
from memberlogic_sqlalchemy.checking.handfuls import id_of, in_handfuls
from memberlogic_sqlalchemy.values import LAST, NEVER
from memberlogic_sqlalchemy.work import SqlWork
from sqlalchemy import Connection, and_, or_, select

__all__ = ["CHECKS"]

T = TypeVar("T")
Refine = Callable[[Connection, Iterable[Row]], Iterator[Row]]
_c, _s, _m = tables.contracts.c, tables.contract_spans.c, tables.member_spans.c
_CONTRACTS = select(_c.organization_id, _c.id, _c.next_change, _c.started_on, _c.look_from).order_by(
    _c.organization_id, _c.id
)
_next = tables.contracts.alias("next_")
_LINKS = (
    select(
        _c.organization_id,
        _c.id.label("contract"),
        _c.id.label("stored"),
        _next.c.predecessor_id.label("counted"),
    )
    .join(_next, and_(_next.c.organization_id == _c.organization_id, _next.c.id == _c.successor_id))
    .where(or_(_next.c.predecessor_id.is_(None), _next.c.predecessor_id != _c.id))
)
_people = (
    select(tables.contract_members.c.organization_id, tables.contract_members.c.member_id.label("id"))
    .union(select(_m.organization_id, _m.member_id))
    .subquery()
)


def _contracts(uow: SqlWork, rows: Sequence[Row]) -> Mapping[Any, Contract]:
    found = uow.contracts.several([ContractId(id_of(row["id"])) for row in rows])
    return {row["id"]: found[ContractId(id_of(row["id"]))] for row in rows}


def _stored(connection: Connection, core: Any, make: Callable[..., T]) -> dict[Any, list[T]]:
    found: dict[Any, list[T]] = {}
    for whose, *said in connection.execute(core):
        found.setdefault(whose, []).append(make(*said))
    return found


def _wrong_spans(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for uow, organization, chunk in in_handfuls(connection, rows):
        stored = _stored(
            connection,
            select(_s.contract_id, _s.since, _s.until, _s.status)
            .where(_s.organization_id == organization, _s.contract_id.in_([row["id"] for row in chunk]))
            .order_by(_s.since),
            _span,
        )
        for id, contract in _contracts(uow, chunk).items():
            counted = [_span(each.since, each.until or LAST, each.status.value) for each in spans(Course.of(contract))]
            if stored.get(id, []) != counted:
                named = {"organization_id": organization, "contract": id}
                yield named | {"stored": "; ".join(stored.get(id, [])), "counted": "; ".join(counted)}


def _span(since: date, until: date, status: str) -> str:
    return f"{status} from {since.isoformat()}" + ("" if until == LAST else f" until {until.isoformat()}")


def _wrong_next_changes(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for uow, organization, chunk in in_handfuls(connection, rows):
        contracts = _contracts(uow, chunk)
        for row in chunk:
            at, counted = row["next_change"], next_change_of(contracts[row["id"]])
            stored = None if at is None else aware(at)
            if stored != counted:
                yield {
                    "organization_id": organization,
                    "contract": row["id"],
                    "stored": stored,
                    "counted": counted,
                }


def _wrong_days(column: str, count: Callable[[Contract], date | None]) -> Refine:
    def wrong(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
        for uow, organization, chunk in in_handfuls(connection, rows):
            contracts = _contracts(uow, chunk)
            for row in chunk:
                counted = count(contracts[row["id"]])
                if row[column] != counted:
                    yield {
                        "organization_id": organization,
                        "contract": row["id"],
                        "stored": row[column],
                        "counted": counted,
                    }

    return wrong


def _wrong_memberships(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for uow, organization, chunk in in_handfuls(connection, rows):
        stored = _stored(
            connection,
            select(_m.member_id, _m.status, _m.detail, _m.since, _m.until)
            .where(_m.organization_id == organization, _m.member_id.in_([row["id"] for row in chunk]))
            .order_by(_m.since),
            _membership,
        )
        members = {row["id"]: MemberId(id_of(row["id"])) for row in chunk}
        contracts = uow.contracts.of(sorted(members.values())).values()
        for id, member in members.items():
            told = membership(member, [each for each in contracts if member in each.members])
            counted = [_said(each) for each in told]
            if stored.get(id, []) != counted:
                named = {"organization_id": organization, "member": id}
                yield named | {"stored": "; ".join(stored.get(id, [])), "counted": "; ".join(counted)}


def _membership(status: str, detail: str | None, since: datetime, until: datetime) -> str:
    end = aware(until)
    return _words(status, detail, aware(since), None if end == NEVER else end)


def _said(span: MembershipSpan) -> str:
    return _words(span.status.value, None if span.detail is None else span.detail.value, span.since, span.until)


def _words(status: str, detail: str | None, since: datetime | None, until: datetime | None) -> str:
    instants = (each.astimezone(UTC).isoformat() if each else "-" for each in (since, until))
    return " ".join((status, detail or "-", *instants))


CHECKS: Sequence[Check] = (
    Check(
        code="contract.spans",
        rule="COM-8",
        says="A contract's stored statuses are those that its facts come to.",
        statement=_CONTRACTS,
        whose=_c.organization_id,
        refine=_wrong_spans,
    ),
    Check(
        code="contract.links",
        rule="CON-12",
        says="A contract that follows another names it.",
        statement=_LINKS,
        whose=_c.organization_id,
    ),
    Check(
        code="contract.next_change",
        rule="CON-16",
        says="A contract is looked at when something of it changes by itself next.",
        statement=_CONTRACTS,
        whose=_c.organization_id,
        refine=_wrong_next_changes,
    ),
    Check(
        code="contract.started_on",
        rule="CON-17",
        says="A contract's stored first day in force is the one that its facts come to.",
        statement=_CONTRACTS,
        whose=_c.organization_id,
        refine=_wrong_days("started_on", started_on),
    ),
    Check(
        code="contract.look_from",
        rule="CON-17",
        says="A contract is looked at for a deadline from the day on that its facts come to.",
        statement=_CONTRACTS,
        whose=_c.organization_id,
        refine=_wrong_days("look_from", look_from),
    ),
    Check(
        code="member.spans",
        rule="MEM-18",
        says="What a person is stored to be is what their contracts come to.",
        statement=select(_people).order_by(_people.c.organization_id, _people.c.id),
        whose=_people.c.organization_id,
        refine=_wrong_memberships,
    ),
)
