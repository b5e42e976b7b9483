"""COM-18: the jobs' agenda: what may change by itself, over all organizations, from indexes led by the instant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from memberlogic.ids import AccountId, CareRunId, ClubId, ContractId, OrganizationId
from memberlogic.storing import CareDue, ContractDue, Due, ReviewsDue
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects.base import Wire
from memberlogic_sqlalchemy.statements import Statement, family, one_of, padded
from sqlalchemy import ColumnElement, bindparam, func, literal_column, select

__all__ = ["care_due", "care_listening", "contracts_due", "due", "reviews_due"]

_w, _a, _c, _r = tables.wallets.c, tables.accounts.c, tables.contracts.c, tables.care_runs.c


def _due_by(at: Any, organization: Any, without: int) -> tuple[list[str], list[ColumnElement[bool]]]:
    """The names of so many organizations that are left out, and what is due ``before`` an instant in the others."""
    names = [f"without_{index}" for index in range(without)]
    due: list[ColumnElement[bool]] = [at <= bindparam("before", type_=at.type)]
    if names:
        due.append(organization.not_in([bindparam(name, type_=organization.type) for name in names]))
    return names, due


def _first(
    at: Any,
    organization: Any,
    columns: Sequence[Any],
    without: int,
    others: Sequence[str] = (),
    apart: ColumnElement[bool] | None = None,
) -> Statement:
    names, due = _due_by(at, organization, without)
    core = select(organization, *columns, at).where(*due)
    if others and apart is not None:
        core = core.where(~apart)
    core = core.order_by(at, organization, *columns).limit(bindparam("limit"))
    return Statement(core, "before", *names, *others, "limit")


@family
def _wallets(without: int) -> Statement:
    return _first(_w.next_change, _w.organization_id, (_w.account_id, _w.unit), without)


@family
def _warnings(without: int) -> Statement:
    return _first(_w.next_warning, _w.organization_id, (_w.account_id, _w.unit), without)


@family
def _falls(without: int) -> Statement:
    return _first(_a.next_warning, _a.organization_id, (_a.id,), without)


@family
def _reviews(without: int) -> Statement:
    return _first(_a.next_review, _a.organization_id, (_a.id,), without)


@family
def _together(without: int) -> Statement:
    names, due = _due_by(_a.next_review, _a.organization_id, without)
    core = select(_a.organization_id, _a.club_id, _a.next_review).where(*due)
    core = core.group_by(_a.next_review, _a.organization_id, _a.club_id).having(func.count() > literal_column("1"))
    return Statement(core, "before", *names)


@lru_cache(maxsize=512)
def _contracts(without: int, aside: int) -> Statement:
    names, apart = one_of(_c.id, aside)
    return _first(_c.next_change, _c.organization_id, (_c.id,), without, names, apart)


@family
def _runs(without: int) -> Statement:
    return _first(_r.next_change, _r.organization_id, (_r.id,), without)


_LISTENING = Statement(select(tables.care_heard.c.organization_id).order_by(tables.care_heard.c.organization_id))


def care_due(
    wire: Wire, begin: Sequence[str], before: datetime, limit: int, without: Collection[OrganizationId]
) -> Sequence[CareDue]:
    """The longest due first; see :meth:`memberlogic.storing.Storage.care_due`."""
    codec = wire.codec
    row = (codec.at_in(before), *map(codec.id_in, sorted(without)), limit)
    (rows,) = wire.ask(begin, [(_runs(len(without)), row)])
    return [
        CareDue(OrganizationId(codec.id_out(organization)), CareRunId(codec.id_out(id)), codec.at_out(at))
        for organization, id, at in rows
    ]


def care_listening(wire: Wire, begin: Sequence[str], without: Collection[OrganizationId]) -> Sequence[OrganizationId]:
    """See :meth:`memberlogic.storing.Storage.care_listening`."""
    (rows,) = wire.ask(begin, [(_LISTENING, ())])
    found = [OrganizationId(wire.codec.id_out(organization)) for (organization,) in rows]
    return [each for each in found if each not in without]


def reviews_due(
    wire: Wire, begin: Sequence[str], before: datetime, without: Collection[OrganizationId]
) -> Sequence[ReviewsDue]:
    """The longest due first; see :meth:`memberlogic.storing.Storage.reviews_due`."""
    codec = wire.codec
    (rows,) = wire.ask(begin, [(_together(len(without)), (codec.at_in(before), *map(codec.id_in, sorted(without))))])
    found = (
        ReviewsDue(OrganizationId(codec.id_out(organization)), ClubId(codec.id_out(club)), codec.at_out(at))
        for organization, club, at in rows
    )
    return sorted(found, key=ReviewsDue.order)


def contracts_due(
    wire: Wire,
    begin: Sequence[str],
    before: datetime,
    limit: int,
    without: Collection[OrganizationId],
    aside: Collection[ContractId],
) -> Sequence[ContractDue]:
    """The longest due first; see :meth:`memberlogic.storing.Storage.contracts_due`."""
    codec = wire.codec
    apart = padded([codec.id_in(each) for each in sorted(aside)]) if aside else ()
    row = (codec.at_in(before), *map(codec.id_in, sorted(without)), *apart, limit)
    (rows,) = wire.ask(begin, [(_contracts(len(without), len(apart)), row)])
    return [
        ContractDue(OrganizationId(codec.id_out(organization)), ContractId(codec.id_out(id)), codec.at_out(at))
        for organization, id, at in rows
    ]


def due(
    wire: Wire, begin: Sequence[str], before: datetime, limit: int, without: Collection[OrganizationId]
) -> Sequence[Due]:
    """The longest due first, wallets before reviews; see :meth:`memberlogic.storing.Storage.due`."""
    codec = wire.codec
    row = (codec.at_in(before), *map(codec.id_in, sorted(without)), limit)
    size = len(without)
    asked = [(_wallets(size), row), (_warnings(size), row), (_reviews(size), row), (_falls(size), row)]
    wallets, warnings, reviews, falls = wire.ask(begin, asked)
    accounts = ((organization, account, None, at) for organization, account, at in (*reviews, *falls))
    agenda = [*wallets, *warnings, *accounts]
    organizations = {id: OrganizationId(codec.id_out(id)) for id in {each[0] for each in agenda}}
    instants = {at: codec.at_out(at) for at in {each[3] for each in agenda}}
    found = [
        Due(organizations[organization], AccountId(codec.id_out(account)), unit, instants[at])
        for organization, account, unit, at in agenda
    ]
    return sorted(found, key=Due.order)[:limit]
