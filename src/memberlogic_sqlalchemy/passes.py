"""Visitor passes in tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memberlogic import converting
from memberlogic.contracts.passes import PassKind, VisitorPass
from memberlogic.contracts.services import Usable
from memberlogic.errors import NotFound
from memberlogic.ids import MemberId, PassId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlPasses"]

_p = tables.visitor_passes.c
_COLUMNS = tuple(column for column in tables.visitor_passes.columns if column.name != "organization_id")
_mine = _p.organization_id == bindparam("organization", type_=_p.organization_id.type)
_GET = Statement(
    select(*_COLUMNS).where(_mine, _p.id == bindparam("id_", type_=_p.id.type)),
    "organization",
    "id_",
)
_OF = Statement(
    select(*_COLUMNS).where(_mine, _p.member_id == bindparam("member", type_=_p.member_id.type)).order_by(_p.id),
    "organization",
    "member",
)
_ADD = inserting(tables.visitor_passes)
_CHANGE = Statement(
    update(tables.visitor_passes)
    .values(used=bindparam("new_used", type_=_p.used.type), ended_at=bindparam("new_ended_at", type_=_p.ended_at.type))
    .where(_mine, _p.id == bindparam("id_", type_=_p.id.type)),
    "new_used",
    "new_ended_at",
    "organization",
    "id_",
)


class SqlPasses:
    """The port ``Passes``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: PassId) -> VisitorPass:
        """One by its id."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        for row in rows:
            return _pass(self._uow.codec, row)
        raise NotFound(kind="pass", id=id)

    def of(self, member: MemberId) -> Sequence[VisitorPass]:
        """Those of a person."""
        (rows,) = self._uow.ask((_OF, (self._uow.org, self._uow.codec.id_in(member))))
        return [_pass(self._uow.codec, row) for row in rows]

    def add(self, visitor_pass: VisitorPass) -> None:
        """Queue a new one."""
        codec, each = self._uow.codec, visitor_pass
        row = (
            self._uow.org,
            codec.id_in(each.id),
            codec.id_in(each.member),
            each.kind.value,
            codec.day_in(each.since),
            codec.day_in(each.until),
            each.visits,
            each.used,
            converting.dumps(list(each.studios)),
            converting.dumps(converting.converter.unstructure(each.services, Usable)),
            codec.id_or_none_in(each.host),
            codec.at_in(each.issued_at),
            None if each.ended_at is None else codec.at_in(each.ended_at),
        )
        self._uow.queue(_ADD, row)

    def change(self, passes: Sequence[VisitorPass]) -> None:
        """Queue what became of some."""
        codec = self._uow.codec
        for each in passes:
            ended = None if each.ended_at is None else codec.at_in(each.ended_at)
            self._uow.queue(_CHANGE, (each.used, ended, self._uow.org, codec.id_in(each.id)))


def _pass(codec: Codec, row: Sequence[Any]) -> VisitorPass:
    id, member, kind, since, until, visits, used, studios, services, host, issued_at, ended_at = row
    return VisitorPass(
        id=PassId(codec.id_out(id)),
        member=MemberId(codec.id_out(member)),
        kind=PassKind(kind),
        since=codec.day_out(since),
        until=codec.day_out(until),
        visits=visits,
        used=used,
        studios=tuple(converting.loads(studios)),
        services=converting.converter.structure(converting.loads(services), Usable),  # type: ignore[arg-type]
        host=None if host is None else MemberId(codec.id_out(host)),
        issued_at=codec.at_out(issued_at),
        ended_at=None if ended_at is None else codec.at_out(ended_at),
    )
