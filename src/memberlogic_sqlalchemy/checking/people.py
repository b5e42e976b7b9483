"""What is stored of people although it could be computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from memberlogic import converting
from memberlogic.errors import InvalidInput
from memberlogic.ids import ExternalId
from memberlogic.members import MemberState
from memberlogic.members.search_keys import SearchKey, SearchKind, folded, name_keys, of_external_ids, of_support_id
from memberlogic.members.support_ids import support_id_read
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check
from sqlalchemy import Connection, exists, literal_column, null, or_, select

__all__ = ["CHECKS"]

_m, _p, _c = tables.members.c, tables.people.c, tables.contact_points.c
_e = tables.events.c
_x, _k = tables.external_ids.c, tables.search_keys.c


def _mistyped(_: Connection, rows: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for row in rows:
        try:
            well = support_id_read(row["stored"])
        except InvalidInput:
            well = "none that could be read aloud"
        if well != row["stored"]:
            yield {**row, "counted": well}


_SUPPORT_ID = Check(
    code="member.support_id",
    rule="MEM-3",
    says="Every member has a support id whose check character fits.",
    statement=select(
        _m.organization_id, _m.id.label("member"), _m.support_id.label("stored"), null().label("counted")
    ).order_by(_m.organization_id, _m.id),
    whose=_m.organization_id,
    refine=_mistyped,
)


def _leads(connection: Connection) -> Mapping[tuple[Any, Any], tuple[Any, Any]]:
    """Which records lead to which (MEM-17)."""
    merged = select(_m.organization_id, _m.id, _m.merged_into_id).where(_m.merged_into_id.is_not(None))
    return {(whose, id): (whose, into) for whose, id, into in connection.execute(merged)}


def _searched(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """What is stored of each member's keys against what the core makes of the rest, a table at a time."""
    wanted = list(rows)
    counted: dict[tuple[Any, Any], set[SearchKey]] = {}
    stored: dict[tuple[Any, Any], set[SearchKey]] = {}

    def keys_of(whose: Any, member: Any) -> set[SearchKey]:
        return counted.setdefault((whose, member), set())

    leads = _leads(connection)
    for row in wanted:
        who = (row["organization_id"], row["member"])
        for led in {who, leads.get(who, who)}:
            keys_of(*led).update(of_support_id(row["stored"] or ""))
    names = select(_p.organization_id, _p.member_id, _p.given_name, _p.family_name, _p.known_as)
    for whose, member, *said in connection.execute(names):
        keys_of(whose, member).update(name_keys(*said))
    for whose, member, kind, key in connection.execute(select(_c.organization_id, _c.member_id, _c.kind, _c.match_key)):
        keys_of(whose, member).add(SearchKey(SearchKind(kind), folded(key)))
    hosts = select(_x.organization_id, _x.id, _x.source, _x.value).where(_x.kind == "member")
    for whose, member, source, value in connection.execute(hosts):
        keys_of(whose, member).update(of_external_ids([ExternalId(source, value)]))
    for whose, member, kind, key in connection.execute(select(_k.organization_id, _k.member_id, _k.kind, _k.match_key)):
        stored.setdefault((whose, member), set()).add(SearchKey(SearchKind(kind), key))
    gone = select(_m.organization_id, _m.id).where(_m.deleted == literal_column("1", _m.deleted.type))
    deleted = {(whose, member) for whose, member in connection.execute(gone)}
    for row in wanted:
        who = (row["organization_id"], row["member"])
        have, should = stored.get(who, set()), set[SearchKey]() if who in deleted else counted[who]
        if have != should:
            yield {**row, "stored": len(have), "counted": len(have - should) + len(should - have)}


_SEARCHED = Check(
    code="member.search_keys",
    rule="COM-20",
    says="A member is searched by what is known; counted is how many keys are missing or too many.",
    statement=_SUPPORT_ID.statement,
    whose=_m.organization_id,
    refine=_searched,
)


def _concerned(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Whom each stored event names against whom the index names."""
    stored: dict[tuple[Any, Any], set[tuple[UUID, Any]]] = {}
    leads = {(whose, UUID(str(id))): UUID(str(into)) for (whose, id), (_, into) in _leads(connection).items()}
    for whose, member, at, event in connection.execute(select(*tables.event_members.columns)):
        stored.setdefault((whose, event), set()).add((UUID(str(member)), at))
    for row in rows:
        who = (row["organization_id"], row["event"])
        said = converting.loads(row["data"]).get("members", ())
        led = (leads.get((row["organization_id"], UUID(each)), UUID(each)) for each in said)
        have, should = stored.get(who, set()), {(each, row["at"]) for each in led}
        if have != should:
            found = {key: row[key] for key in ("organization_id", "event")}
            yield {**found, "stored": len(have), "counted": len(should)}


_CONCERNED = Check(
    code="event.members",
    rule="MEM-15",
    says="An event is found by the members whom it concerns, at the instant at which it took effect.",
    statement=select(
        _e.organization_id, _e.id.label("event"), _e.effective_at.label("at"), _e.data.label("data")
    ).order_by(_e.organization_id, _e.id),
    whose=_e.organization_id,
    refine=_concerned,
)

_t, _v, _d, _i, _n = (
    tables.member_tags.c,
    tables.parameter_values.c,
    tables.parameters.c,
    tables.inquiries.c,
    tables.inquiry_notes.c,
)
_EMPTY = {"organization_id", "member_id", "addresses", "interests"}

_ERASED = Check(
    code="member.anonymised",
    rule="MEM-9",
    says="Of a member who was anonymised nothing personal is kept.",
    statement=select(_m.organization_id, _m.id.label("member"), null().label("stored"), null().label("counted")).where(
        _m.state == literal_column(f"'{MemberState.ANONYMISED.value}'"),
        or_(
            exists().where(_c.organization_id == _m.organization_id, _c.member_id == _m.id),
            exists().where(_t.organization_id == _m.organization_id, _t.member_id == _m.id),
            exists().where(
                _p.organization_id == _m.organization_id,
                _p.member_id == _m.id,
                or_(
                    *(column.is_not(None) for column in tables.people.columns if column.name not in _EMPTY),
                    _p.addresses != literal_column("'[]'"),
                    _p.interests != literal_column("'[]'"),
                ),
            ),
            exists().where(_p.organization_id == _m.organization_id, _p.guardian_id == _m.id),
            exists().where(
                _v.organization_id == _m.organization_id,
                _v.member_id == _m.id,
                _d.organization_id == _v.organization_id,
                _d.parameter == _v.parameter,
                _d.personal == literal_column("1", _d.personal.type),
            ),
            exists().where(
                _i.organization_id == _m.organization_id,
                _i.member_id == _m.id,
                _n.organization_id == _i.organization_id,
                _n.inquiry_id == _i.id,
            ),
        ),
    ),
    whose=_m.organization_id,
)

CHECKS: Sequence[Check] = (_SUPPORT_ID, _SEARCHED, _CONCERNED, _ERASED)
