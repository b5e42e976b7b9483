"""Contracts in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.amounts import Money
from memberlogic.contracts.deadlines import look_from
from memberlogic.contracts.lapsing import LyingDrafts
from memberlogic.contracts.model import (
    FINAL,
    Cancellation,
    CancellationKind,
    Contract,
    ContractStatus,
    Coverage,
    Freeze,
    Gift,
    Payment,
)
from memberlogic.contracts.ports import AllHeld, Held
from memberlogic.contracts.posting import Changed, Part
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import next_change, spans, started_on
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import ContractId, CoverageId, FreezeId, GiftId, MemberId, NoteId, PaymentId, RateId
from memberlogic.organizations.model import Studio
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects.base import Query
from memberlogic_sqlalchemy.statements import Statement, family, inserting, next_version, one_of, padded
from memberlogic_sqlalchemy.values import LAST, Codec
from sqlalchemy import and_, bindparam, delete, func, literal, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlContracts"]

_c, _m, _p, _f, _g, _s = (
    tables.contracts.c,
    tables.contract_members.c,
    tables.contract_payments.c,
    tables.contract_freezes.c,
    tables.contract_gifts.c,
    tables.contract_spans.c,
)
_COLUMNS = (
    _c.id,
    _c.rate_id,
    _c.rate_version,
    _c.rates_later,
    _c.studio,
    _c.signed_on,
    _c.start_on,
    _c.cancelled_as,
    _c.cancelled_for,
    _c.cancelled_received_on,
    _c.cancelled_filed_on,
    _c.cancelled_effective_on,
    _c.cancelled_note_id,
    _c.begins_on,
    _c.switch_fee,
    _c.switch_currency,
    _c.predecessor_id,
    _c.successor_id,
    _c.announced_to,
    _c.effective_at,
    _c.version,
)


def _mine(table: Any) -> Any:
    return table.organization_id == bindparam("organization", type_=table.organization_id.type)


_OPEN_AT = Statement(
    select(_c.id)
    .join(tables.contract_spans, (_s.organization_id == _c.organization_id) & (_s.contract_id == _c.id))
    .where(
        _mine(_c),
        _c.studio == bindparam("studio_", type_=_c.studio.type),
        _s.since <= bindparam("day", type_=_s.since.type),
        _s.until > bindparam("day", type_=_s.until.type),
        _s.status.not_in([bindparam(f"final_{index}", type_=_s.status.type) for index in range(len(FINAL))]),
    )
    .order_by(_c.id),
    "organization",
    "studio_",
    "day",
    *(f"final_{index}" for index in range(len(FINAL))),
)
_FINAL = sorted(each.value for each in FINAL)


@family
def _on_any(count: int) -> Statement:
    names, among = one_of(_m.contract_id, count)
    return Statement(select(_m.contract_id, _m.member_id).where(_mine(_m), among).distinct(), "organization", *names)


_ON = Statement(
    select(_m.member_id).where(_mine(_m), _m.contract_id == bindparam("id_", type_=_m.contract_id.type)).distinct(),
    "organization",
    "id_",
)


_LINKED = Statement(
    select(_c.predecessor_id, _c.successor_id).where(_mine(_c), _c.id == bindparam("id_", type_=_c.id.type)),
    "organization",
    "id_",
)


_first_span = and_(
    _s.organization_id == _c.organization_id,
    _s.contract_id == _c.id,
    _s.since == func.coalesce(_c.begins_on, _c.signed_on),
    _s.status == literal(ContractStatus.ON_HOLD.value, _s.status.type),
)


@family
def _lying(studios: int) -> Statement:
    """Contracts of some studios that have the same day."""
    names, among = one_of(_c.studio, studios)
    core = (
        select(_c.id)
        .select_from(tables.contracts.join(tables.contract_spans, _first_span))
        .where(
            _mine(_c),
            among,
            _c.cancelled_as.is_(None),
            _c.signed_on <= bindparam("signed_by", type_=_c.signed_on.type),
            _s.since <= bindparam("today", type_=_s.since.type),
            _s.until > bindparam("today", type_=_s.until.type),
            _c.id > bindparam("after", type_=_c.id.type),
        )
        .order_by(_c.id)
        .limit(bindparam("limit"))
    )
    return Statement(core, "organization", *names, "signed_by", "today", "after", "limit")


@family
def _contracts(count: int) -> Statement:
    names, among = one_of(_c.id, count)
    return Statement(select(*_COLUMNS).where(_mine(_c), among).order_by(_c.id), "organization", *names)


@family
def _locking(count: int) -> Statement:
    names, among = one_of(_c.id, count)
    core = select(_c.id).where(_mine(_c), among).order_by(_c.id).with_for_update(key_share=True)
    return Statement(core, "organization", *names)


@family
def _of_members(count: int) -> Statement:
    names, among = one_of(_m.member_id, count)
    return Statement(select(_m.contract_id).where(_mine(_m), among).distinct(), "organization", *names)


def _parts(table: Any, *columns: Any) -> Any:
    @family
    def of(count: int) -> Statement:
        names, among = one_of(table.contract_id, count)
        core = select(table.contract_id, table.id, *columns).where(_mine(table), among).order_by(table.id)
        return Statement(core, "organization", *names)

    return of


_coverage = _parts(_m, _m.member_id, _m.holder, _m.since, _m.until)
_payments = _parts(_p, _p.paid_on, _p.amount, _p.currency, _p.reference, _p.reversed_on)
_gifts = _parts(_g, _g.given_on, _g.days, _g.reason, _g.taken_back_on)
_freezes = _parts(_f, _f.since, _f.until, _f.ended, _f.reason, _f.filed_on)

_ADD = inserting(tables.contracts)
_ADD_COVERAGE, _ADD_PAYMENT, _ADD_FREEZE, _ADD_GIFT, _ADD_SPAN = (
    inserting(tables.contract_members),
    inserting(tables.contract_payments),
    inserting(tables.contract_freezes),
    inserting(tables.contract_gifts),
    inserting(tables.contract_spans),
)
_FORGET_SPANS = Statement(
    delete(tables.contract_spans).where(_mine(_s), _s.contract_id == bindparam("id_", type_=_s.contract_id.type)),
    "organization",
    "id_",
)


def _changing(table: Any, *columns: str) -> Statement:
    """An UPDATE of some columns of one part of a contract."""
    names = [f"new_{column}" for column in columns]
    values = {each: bindparam(name, type_=table.c[each].type) for each, name in zip(columns, names, strict=True)}
    contract = table.c.contract_id == bindparam("contract_", type_=table.c.contract_id.type)
    part = table.c.id == bindparam("id_", type_=table.c.id.type)
    core = update(table).values(values).where(_mine(table.c), contract, part)
    return Statement(core, *names, "organization", "contract_", "id_")


_CHANGE_COVERAGE = _changing(tables.contract_members, "since", "until")
_CHANGE_PAYMENT = _changing(tables.contract_payments, "reversed_on")
_CHANGE_FREEZE = _changing(tables.contract_freezes, "until", "ended")
_CHANGE_GIFT = _changing(tables.contract_gifts, "taken_back_on")
_OWN = (
    "start_on",
    "successor_id",
    "cancelled_as",
    "cancelled_for",
    "cancelled_received_on",
    "cancelled_filed_on",
    "cancelled_effective_on",
    "cancelled_note_id",
    "announced_to",
    "started_on",
    "next_change",
    "look_from",
    "effective_at",
)
_CHANGE = Statement(
    update(tables.contracts)
    .values(
        {each: bindparam(f"new_{each}", type_=_c[each].type) for each in _OWN} | {"version": next_version(_c.version)}
    )
    .where(_mine(_c), _c.id == bindparam("id_", type_=_c.id.type)),
    *(f"new_{each}" for each in _OWN),
    "expected",
    "organization",
    "id_",
)


_FIRST = UUID(int=0)


class SqlContracts:
    """The port ``Contracts``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._codec = uow.codec

    def get(self, id: ContractId) -> Contract:
        """One contract."""
        return self.several([id])[id]

    def several(self, ids: Sequence[ContractId]) -> Mapping[ContractId, Contract]:
        """Contracts by their ids."""
        found = self._read(ids)
        missing = next((id for id in ids if id not in found), None)
        if missing is not None:
            raise NotFound(kind="contract", id=missing)
        return found

    def held(self, id: ContractId, also: Sequence[MemberId] = ()) -> Held:
        """A contract, locked after the people on it."""
        key = (self._uow.org, self._codec.id_in(id))
        rows, linked = self._uow.ask((_ON, key), (_LINKED, key))
        on = {MemberId(self._codec.id_out(member)) for (member,) in rows}
        if not on:
            raise NotFound(kind="contract", id=id)
        people = sorted({*on, *also})
        self._uow.members.all_locked(people)
        links = {ContractId(self._codec.id_out(each)) for row in linked for each in row if each is not None}
        self._lock(sorted({id, *links}))
        contracts = dict(self.of(people))
        contract = contracts.pop(id)
        if not set(contract.members) <= on or not {contract.predecessor, contract.successor} <= {None, *links}:
            raise ConcurrencyConflict(reason="the contract was changed")
        self._uow.not_before(contract.effective_at)
        return Held(contract=contract, others=contracts)

    def lying(self, wanted: LyingDrafts) -> Sequence[Contract]:
        """Drafts that lie on hold: a query for each day that it is somewhere now, two or three."""
        codec, studios = self._codec, dict[date, list[str]]()
        for studio, today in wanted.today.items():
            studios.setdefault(today, []).append(studio)
        asked: list[Query] = []
        after = codec.id_in(wanted.after or _FIRST)
        for today, codes in studios.items():
            among, signed_by = padded(sorted(codes)), wanted.signed_by(codes[0])
            row = (self._uow.org, *among, codec.day_in(signed_by), codec.day_in(today), after, wanted.size)
            asked.append((_lying(len(among)), row))
        found = sorted(ContractId(codec.id_out(id)) for rows in self._uow.ask(*asked) for (id,) in rows)
        contracts = self._read(found[: wanted.size])
        return [contracts[id] for id in found[: wanted.size]]

    def of(self, members: Sequence[MemberId]) -> Mapping[ContractId, Contract]:
        """Every contract of some members."""
        if not members:
            return {}
        wanted = padded([self._codec.id_in(each) for each in members])
        (rows,) = self._uow.ask((_of_members(len(wanted)), (self._uow.org, *wanted)))
        return self._read(sorted(ContractId(self._codec.id_out(id)) for (id,) in rows))

    def present(self, ids: Sequence[ContractId]) -> Sequence[Contract]:
        """Those of some contracts that are there."""
        found = self._read(sorted(set(ids)))
        return [found[id] for id in sorted(found)]

    def all_held(self, ids: Sequence[ContractId]) -> AllHeld:
        """Several contracts, locked after the people on them."""
        wanted = sorted(set(ids))
        if not wanted:
            return AllHeld(contracts={}, others={})
        keys = padded([self._codec.id_in(each) for each in wanted])
        (rows,) = self._uow.ask((_on_any(len(keys)), (self._uow.org, *keys)))
        missing = sorted(set(wanted) - {ContractId(self._codec.id_out(contract)) for contract, _ in rows})
        if missing:
            raise NotFound(kind="contract", id=missing[0])
        people = sorted({MemberId(self._codec.id_out(member)) for _, member in rows})
        self._uow.members.all_locked(people)
        self._lock(wanted)
        others = dict(self.of(people))
        contracts, locked = {id: others.pop(id) for id in wanted}, set(people)
        for each in contracts.values():
            if not locked.issuperset(each.members):
                raise ConcurrencyConflict(reason="somebody came onto the contract")
            self._uow.not_before(each.effective_at)
        return AllHeld(contracts=contracts, others=others)

    def open_at(self, studio: Studio, day: date) -> Sequence[ContractId]:
        """Every open contract of a studio."""
        row = (self._uow.org, studio.code, self._codec.day_in(day), *_FINAL)
        (rows,) = self._uow.ask((_OPEN_AT, row))
        return sorted(ContractId(self._codec.id_out(id)) for (id,) in rows)

    def settling(self, ids: Sequence[ContractId]) -> Sequence[Contract]:
        """Contracts to be announced, locked."""
        if not ids:
            return ()
        self._lock(sorted(ids))
        found = self.several(sorted(ids))
        for each in found.values():
            self._uow.not_before(each.effective_at)
        return list(found.values())

    def _lock(self, ids: Sequence[ContractId]) -> None:
        wanted = padded([self._codec.id_in(each) for each in ids])
        self._uow.lock((_locking(len(wanted)), (self._uow.org, *wanted)))

    def _read(self, ids: Sequence[ContractId]) -> Mapping[ContractId, Contract]:
        if not ids:
            return {}
        wanted = padded([self._codec.id_in(each) for each in ids])
        row, size = (self._uow.org, *wanted), len(wanted)
        asked: list[Query] = [(of(size), row) for of in (_contracts, _coverage, _payments, _freezes, _gifts)]
        contracts, *parts = self._uow.ask(*asked)
        coverage, payments, freezes, gifts = (_by_contract(each) for each in parts)
        found: dict[ContractId, Contract] = {}
        for each in contracts:
            made = self._contract(
                each,
                tuple(_coverage_from(self._codec, part) for part in coverage.get(each[0], ())),
                tuple(_payment_from(self._codec, part) for part in payments.get(each[0], ())),
                tuple(_freeze_from(self._codec, part) for part in freezes.get(each[0], ())),
                tuple(_gift_from(self._codec, part) for part in gifts.get(each[0], ())),
            )
            found[made.id] = made
        return found

    def _contract(
        self,
        row: Sequence[Any],
        coverage: tuple[Coverage, ...],
        payments: tuple[Payment, ...],
        freezes: tuple[Freeze, ...],
        gifts: tuple[Gift, ...],
    ) -> Contract:
        codec = self._codec
        id, rate, rate_version, later, studio, signed_on, start_on, *rest = row
        *cancelled, begins_on, fee, currency, before, after, announced_to, effective_at, version = rest
        rates = [(RateId(codec.id_out(rate)), rate_version)]
        rates += [(RateId(UUID(said)), number) for said, number in converting.loads(later)]
        return Contract(
            id=ContractId(codec.id_out(id)),
            rates=tuple(self._uow.rates.version(*each) for each in rates),
            studio=self._uow.studios.get(studio),
            signed_on=codec.day_out(signed_on),
            start_on=codec.day_out(start_on),
            coverage=coverage,
            payments=payments,
            freezes=freezes,
            gifts=gifts,
            cancellation=_cancellation_from(codec, cancelled),
            begins_on=_day_out(codec, begins_on),
            switch_fee=None if fee is None else Money(fee, currency),
            predecessor=_contract_out(codec, before),
            successor=_contract_out(codec, after),
            announced_to=codec.day_out(announced_to),
            effective_at=codec.at_out(effective_at),
            version=version,
        )

    def write(self, changes: Sequence[Changed]) -> None:
        """Queue new contracts and what became of others."""
        for each in changes:
            if not each.drafted:
                self._uow.queue(_FORGET_SPANS, (self._uow.org, self._codec.id_in(each.contract.id)))
        for each in changes:
            contract, id = each.contract, self._codec.id_in(each.contract.id)
            course = Course.of(contract)
            own = self._own(contract, course)
            if each.drafted:
                self._uow.queue(_ADD, (*self._said(contract, id), *own, contract.version))
            else:
                self._uow.queue(_CHANGE, (*own, contract.version - 1, self._uow.org, id))
            for part in each.new:
                self._add(id, part)
            for part in each.different:
                self._change(id, part)
            for span in spans(course):
                row = (self._codec.day_in(span.since), self._codec.day_in(span.until or LAST), span.status.value)
                self._uow.queue(_ADD_SPAN, (self._uow.org, id, *row))

    def _said(self, contract: Contract, id: Any) -> tuple[Any, ...]:
        """What of a contract never changes."""
        codec = self._codec
        return (
            self._uow.org,
            id,
            codec.id_in(contract.rate.rate),
            contract.rate.version,
            converting.dumps([[each.rate.hex, each.version] for each in contract.rates[1:]]),
            contract.studio.code,
            codec.day_in(contract.signed_on),
            _day_in(codec, contract.begins_on),
            None if contract.switch_fee is None else contract.switch_fee.minor,
            None if contract.switch_fee is None else contract.switch_fee.currency,
            codec.id_or_none_in(contract.predecessor),
        )

    def _own(self, contract: Contract, course: Course) -> tuple[Any, ...]:
        """What of a contract changes."""
        codec, change = self._codec, next_change(course)
        return (
            codec.day_in(contract.start_on),
            codec.id_or_none_in(contract.successor),
            *_cancellation_row(codec, contract.cancellation),
            codec.day_in(contract.announced_to),
            _day_in(codec, started_on(contract)),
            None if change is None else codec.at_in(change),
            _day_in(codec, look_from(contract)),
            codec.at_in(contract.effective_at),
        )

    def _add(self, id: Any, part: Part) -> None:
        codec = self._codec
        key = (self._uow.org, codec.id_in(part.id), id)
        match part:
            case Coverage():
                row = (codec.id_in(part.member), int(part.holder), codec.day_in(part.since), _day_in(codec, part.until))
                self._uow.queue(_ADD_COVERAGE, (*key, *row))
            case Payment():
                paid = (codec.day_in(part.paid_on), part.amount.minor, part.amount.currency, part.reference)
                self._uow.queue(_ADD_PAYMENT, (*key, *paid, _day_in(codec, part.reversed_on)))
            case Freeze():
                days = (codec.day_in(part.since), _day_in(codec, part.until), _day_in(codec, part.ended))
                self._uow.queue(_ADD_FREEZE, (*key, *days, part.reason, codec.day_in(part.filed_on)))
            case Gift():
                back = _day_in(codec, part.taken_back_on)
                self._uow.queue(_ADD_GIFT, (*key, codec.day_in(part.given_on), part.days, part.reason, back))

    def _change(self, id: Any, part: Part) -> None:
        codec = self._codec
        key = (self._uow.org, id, codec.id_in(part.id))
        match part:
            case Coverage():
                self._uow.queue(_CHANGE_COVERAGE, (codec.day_in(part.since), _day_in(codec, part.until), *key))
            case Payment():
                self._uow.queue(_CHANGE_PAYMENT, (_day_in(codec, part.reversed_on), *key))
            case Freeze():
                self._uow.queue(_CHANGE_FREEZE, (_day_in(codec, part.until), _day_in(codec, part.ended), *key))
            case Gift():
                self._uow.queue(_CHANGE_GIFT, (_day_in(codec, part.taken_back_on), *key))


def _by_contract(rows: Sequence[Any]) -> Mapping[Any, list[Sequence[Any]]]:
    found: dict[Any, list[Sequence[Any]]] = {}
    for contract, *part in rows:
        found.setdefault(contract, []).append(part)
    return found


def _day_in(codec: Codec, day: date | None) -> Any:
    return None if day is None else codec.day_in(day)


def _day_out(codec: Codec, value: Any) -> date | None:
    return None if value is None else codec.day_out(value)


def _contract_out(codec: Codec, value: Any) -> ContractId | None:
    return None if value is None else ContractId(codec.id_out(value))


def _coverage_from(codec: Codec, row: Sequence[Any]) -> Coverage:
    id, member, holder, since, until = row
    return Coverage(
        id=CoverageId(codec.id_out(id)),
        member=MemberId(codec.id_out(member)),
        holder=bool(holder),
        since=codec.day_out(since),
        until=_day_out(codec, until),
    )


def _payment_from(codec: Codec, row: Sequence[Any]) -> Payment:
    id, paid_on, amount, currency, reference, reversed_on = row
    return Payment(
        id=PaymentId(codec.id_out(id)),
        paid_on=codec.day_out(paid_on),
        amount=Money(amount, currency),
        reference=reference,
        reversed_on=_day_out(codec, reversed_on),
    )


def _freeze_from(codec: Codec, row: Sequence[Any]) -> Freeze:
    id, since, until, ended, reason, filed_on = row
    return Freeze(
        id=FreezeId(codec.id_out(id)),
        since=codec.day_out(since),
        until=_day_out(codec, until),
        reason=reason,
        filed_on=codec.day_out(filed_on),
        ended=_day_out(codec, ended),
    )


def _gift_from(codec: Codec, row: Sequence[Any]) -> Gift:
    id, given_on, days, reason, taken_back_on = row
    return Gift(
        id=GiftId(codec.id_out(id)),
        given_on=codec.day_out(given_on),
        days=days,
        reason=reason,
        taken_back_on=_day_out(codec, taken_back_on),
    )


def _cancellation_from(codec: Codec, row: Sequence[Any]) -> Cancellation | None:
    kind, reason, received_on, filed_on, effective_on, note = row
    if kind is None:
        return None
    return Cancellation(
        kind=CancellationKind(kind),
        reason=reason,
        received_on=codec.day_out(received_on),
        filed_on=codec.day_out(filed_on),
        effective_on=codec.day_out(effective_on),
        note=None if note is None else NoteId(codec.id_out(note)),
    )


def _cancellation_row(codec: Codec, filed: Cancellation | None) -> tuple[Any, ...]:
    if filed is None:
        return (None,) * 6
    days = (filed.received_on, filed.filed_on, filed.effective_on)
    return (filed.kind.value, filed.reason, *map(codec.day_in, days), codec.id_or_none_in(filed.note))
