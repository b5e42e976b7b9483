"""Rates in tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memberlogic import converting
from memberlogic.contracts.rates import Rate, RateTerms, RateVersion
from memberlogic.errors import Duplicate, NotFound
from memberlogic.ids import RateId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlRates"]

_r, _v = tables.rates.c, tables.rate_versions.c
_mine = _r.organization_id == bindparam("organization", type_=_r.organization_id.type)
_key = (_mine, _r.id == bindparam("id_", type_=_r.id.type))
_one = select(_r.id, _r.code, _r.on_sale, _r.version)
_GET = Statement(_one.where(*_key), "organization", "id_")
_LOCK = Statement(_one.where(*_key).with_for_update(key_share=True), "organization", "id_")
_BY_CODE = Statement(
    select(_r.id).where(_mine, _r.code == bindparam("code_", type_=_r.code.type)), "organization", "code_"
)
_ALL = Statement(_one.where(_mine), "organization")
_DEFINITION = Statement(
    select(_v.definition).where(
        _v.organization_id == bindparam("organization", type_=_v.organization_id.type),
        _v.rate_id == bindparam("id_", type_=_v.rate_id.type),
        _v.version == bindparam("version_", type_=_v.version.type),
    ),
    "organization",
    "id_",
    "version_",
)
_ADD = inserting(tables.rates)
_ADD_VERSION = inserting(tables.rate_versions)
_CHANGE = Statement(
    update(tables.rates)
    .values(
        version=bindparam("new_version", type_=_r.version.type), on_sale=bindparam("new_on_sale", type_=_r.on_sale.type)
    )
    .where(*_key),
    "new_version",
    "new_on_sale",
    "organization",
    "id_",
)


class SqlRates:
    """The port ``Rates``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._stored: dict[RateId, int] = {}

    def get(self, id: RateId) -> Rate:
        """One rate."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        return self._only(id, rows)

    def locked(self, id: RateId) -> Rate:
        """One rate, locked."""
        (rows,) = self._uow.lock((_LOCK, (self._uow.org, self._uow.codec.id_in(id))))
        rate = self._only(id, rows)
        self._stored[id] = rate.current.version
        return rate

    def all(self) -> Sequence[Rate]:
        """Every rate."""
        (rows,) = self._uow.ask((_ALL, (self._uow.org,)))
        # Sorted here: databases disagree on the order of texts.
        return sorted((self._rate(row) for row in rows), key=lambda rate: rate.code)

    def version(self, id: RateId, version: int) -> RateVersion:
        """One version of a rate; it never changes, so that it is remembered."""
        known = self._uow.remembered.rate(self._uow.organization, id, version)
        if known is not None:
            return known
        (rows,) = self._uow.ask((_DEFINITION, (self._uow.org, self._uow.codec.id_in(id), version)))
        for (definition,) in rows:
            terms = converting.from_json(RateTerms, converting.loads(definition))
            return self._uow.remembered.keep_rate(
                self._uow.organization, RateVersion(rate=id, version=version, terms=terms)
            )
        raise NotFound(kind="rate", id=id)

    def _only(self, id: RateId, rows: Sequence[Any]) -> Rate:
        for row in rows:
            return self._rate(row)
        raise NotFound(kind="rate", id=id)

    def _rate(self, row: Sequence[Any]) -> Rate:
        id, code, on_sale, version = row
        rate = RateId(self._uow.codec.id_out(id))
        return Rate(id=rate, code=code, on_sale=bool(on_sale), current=self.version(rate, version))

    def add(self, rate: Rate) -> None:
        """Queue a new rate."""
        (known,) = self._uow.ask((_BY_CODE, (self._uow.org, rate.code)))
        if known:
            raise Duplicate(kind="rate", field="code")
        id = self._uow.codec.id_in(rate.id)
        self._uow.queue(_ADD, (self._uow.org, id, rate.code, rate.current.version, int(rate.on_sale)))
        self._add_version(rate)

    def change(self, rate: Rate) -> None:
        """Queue what a rate became."""
        row = (rate.current.version, int(rate.on_sale), self._uow.org, self._uow.codec.id_in(rate.id))
        self._uow.queue(_CHANGE, row)
        if rate.current.version != self._stored[rate.id]:
            self._add_version(rate)

    def _add_version(self, rate: Rate) -> None:
        codec = self._uow.codec
        definition = converting.dumps(converting.to_json(rate.terms))
        row = (self._uow.org, codec.id_in(rate.id), rate.current.version, codec.at_in(self._uow.now), definition)
        self._uow.queue(_ADD_VERSION, row)
