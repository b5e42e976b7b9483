"""By what members are searched, in a table: each kind is a range of its primary key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic.ids import MemberId
from memberlogic.members.finding import Hit, Probe
from memberlogic.members.search_keys import SearchKey, SearchKind
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import and_, bindparam, delete, exists, or_, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlSearchKeys"]

_k = tables.search_keys.c
_earlier = tables.search_keys.alias("earlier")
_e = _earlier.c
_ORGANIZATION = bindparam("organization", type_=_k.organization_id.type)
_KINDS = len(SearchKind)
_ADD = inserting(tables.search_keys)
_REMOVE = Statement(
    delete(tables.search_keys).where(
        _k.organization_id == _ORGANIZATION,
        _k.kind == bindparam("kind_", type_=_k.kind.type),
        _k.match_key == bindparam("key_", type_=_k.match_key.type),
        _k.member_id == bindparam("member", type_=_k.member_id.type),
    ),
    "organization",
    "kind_",
    "key_",
    "member",
)
_FIRST = UUID(int=0)


def _found(*only: Any) -> Statement:
    """A page of one kind: of each member the first key that meets, over all kinds."""
    met = or_(
        *(
            and_(
                _e.kind == bindparam(f"kind_{at}", type_=_k.kind.type),
                _e.match_key >= bindparam(f"low_{at}", type_=_k.match_key.type),
                _e.match_key <= bindparam(f"high_{at}", type_=_k.match_key.type),
            )
            for at in range(_KINDS)
        )
    )
    first = ~exists().where(
        _e.organization_id == _k.organization_id,
        _e.member_id == _k.member_id,
        met,
        or_(_e.kind < _k.kind, and_(_e.kind == _k.kind, _e.match_key < _k.match_key)),
    )
    after = bindparam("after_key", type_=_k.match_key.type)
    core = (
        select(_k.match_key, _k.member_id)
        .where(
            _k.organization_id == _ORGANIZATION,
            _k.kind == bindparam("kind_", type_=_k.kind.type),
            _k.match_key >= after,
            _k.match_key <= bindparam("high_", type_=_k.match_key.type),
            or_(_k.match_key > after, _k.member_id > bindparam("after_member", type_=_k.member_id.type)),
            first,
            *only,
        )
        .order_by(_k.match_key, _k.member_id)
        .limit(bindparam("limit"))
    )
    ranges = [f"{name}_{at}" for at in range(_KINDS) for name in ("kind", "low", "high")]
    own = ["only"] if only else []
    return Statement(core, "organization", "kind_", "after_key", "high_", "after_member", *ranges, *own, "limit")


_FOUND = _found()
_FOUND_OWN = _found(_k.member_id == bindparam("only", type_=_k.member_id.type))


class SqlSearchKeys:
    """The port ``SearchKeys``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def change(self, member: MemberId, gone: Collection[SearchKey], come: Collection[SearchKey]) -> None:
        """Queue that keys go and come."""
        id = self._uow.codec.id_in(member)
        for each in sorted(gone):
            self._uow.queue(_REMOVE, (self._uow.org, each.kind.value, each.value, id))
        for each in sorted(come):
            self._uow.queue(_ADD, (self._uow.org, each.kind.value, each.value, id))

    def found(self, probes: Sequence[Probe], *, after: Hit | None, limit: int, only: MemberId | None) -> Sequence[Hit]:
        """The next members who have a key in one of the ranges: a query for each kind, in one trip."""
        codec = self._uow.codec
        ranges = [part for probe in probes for part in (probe.kind.value, probe.low, probe.high)]
        ranges += ["", "", ""] * (_KINDS - len(probes))
        own = () if only is None else (codec.id_in(only),)
        queries, kinds = [], []
        for probe in probes:
            if after is not None and probe.kind.value < after.key.kind.value:
                continue
            here = after is not None and probe.kind is after.key.kind
            key, member = (after.key.value, after.member) if after is not None and here else (probe.low, _FIRST)
            row = (self._uow.org, probe.kind.value, key, probe.high, codec.id_in(member), *ranges, *own, limit)
            queries.append((_FOUND_OWN if own else _FOUND, row))
            kinds.append(probe.kind)
        hits = [
            Hit(SearchKey(kind, key), MemberId(codec.id_out(member)))
            for kind, rows in zip(kinds, self._uow.ask(*queries) if queries else [], strict=True)
            for key, member in rows
        ]
        return hits[:limit]
