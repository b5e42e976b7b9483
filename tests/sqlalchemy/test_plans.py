"""How databases go about the statements whose cost may not grow with what a large club has: by an index, from the row
on at which the answer begins. PostgreSQL is asked with a large tenant and its statistics, SQLite by its schema alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from memberlogic.members.search_keys import SearchKind
from memberlogic_sqlalchemy import agenda, care_runs, contract_reports, search_keys, tables, timelines, upgrade, visits
from memberlogic_sqlalchemy.dialects.base import positional
from memberlogic_sqlalchemy.values import LAST, NATIVE, NEVER, PLAIN
from sqlalchemy import BigInteger, Date, DateTime, Integer, LargeBinary, SmallInteger, Table, Uuid, insert, text

pytestmark = pytest.mark.rule("COM-18")

ORGANIZATION = UUID(int=1)
DAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, tzinfo=UTC)
MANY, EACH = 6_000, 20
WORDS: Mapping[type, Any] = {
    Uuid: ORGANIZATION,
    Date: DAY,
    DateTime: AT,
    SmallInteger: 0,
    Integer: 0,
    BigInteger: 0,
    LargeBinary: b"",
}


def _rows(table: Table, count: int, made: Any) -> list[dict[str, Any]]:
    """So many rows: what is not said is the same in all."""
    same = {
        each.name: next((word for kind, word in WORDS.items() if isinstance(each.type, kind)), "[]")
        for each in table.columns
        if not each.nullable
    }
    return [same | made(number) for number in range(count)]


def _id(number: int) -> UUID:
    return UUID(int=1_000 + number)


def _day(number: int) -> date:
    return DAY + timedelta(days=number % 3_000 - 1_500)


def _at(number: int) -> datetime:
    return AT + timedelta(hours=number % 40_000 - 20_000)


FILLED: Mapping[Table, Any] = {
    tables.contracts: lambda n: {
        "id": _id(n),
        "studio": "south" if n % 2 else "north",
        "look_from": _day(n * 7) if n % 3 else None,
        "next_change": _at(n * 11),
        "signed_on": DAY - timedelta(days=2_000),
        "start_on": DAY - timedelta(days=2_000),
    },
    tables.contract_members: lambda n: {"id": _id(n), "contract_id": _id(n), "member_id": _id(n)},
    tables.contract_spans: lambda n: {
        "contract_id": _id(n // 2),
        "since": _day(n // 2) if n % 2 else DAY - timedelta(days=2_000),
        "until": LAST if n % 2 else _day(n // 2),
        "status": ("expired", "cancelled")[n // 2 % 2] if n % 2 else "active",
    },
    tables.event_members: lambda n: {"member_id": _id(n % (MANY // EACH)), "effective_at": _at(n), "event_id": _id(n)},
    tables.events: lambda n: {"id": _id(n), "type": "contract.drafted", "effective_at": _at(n)},
    tables.account_holders: lambda n: {"account_id": _id(n), "member_id": _id(n)},
    tables.entries: lambda n: {
        "id": _id(n),
        "account_id": _id(n % (MANY // EACH)),
        "effective_at": _at(n),
        "kind": "credit",
        "amount": 1,
    },
    tables.purchases: lambda n: {
        "id": _id(n),
        "account_id": _id(n % (MANY // EACH)),
        "external_id": str(n),
        "at": _at(n),
    },
    tables.search_keys: lambda n: {
        "kind": list(SearchKind)[n % len(SearchKind)].value,
        "match_key": f"{n % 977:04}{n}",
        "member_id": _id(n // 3),
    },
    tables.visits: lambda n: {
        "id": _id(n),
        "member_id": _id(n % (MANY // EACH)),
        "studio": "south" if n % 2 else "north",
        "business_day": _day(n // EACH),
        "at": _at(n),
        "allowed": 1,
    },
    tables.care_runs: lambda n: {"id": _id(n), "member_id": _id(n), "studio": "north", "next_change": _at(n * 11)},
    tables.care_steps: lambda n: {
        "id": _id(n),
        "run_id": _id(n // 4),
        "place": n % 4,
        "state": "active" if n % 2 else "completed",
        "assignee": f"e{n % 40}",
        "competence": f"c{n % 20}",
        "surface": "app" if n % 2 else "desk",
        "day": _day(n * 7),
    },
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(databases, request) -> Iterator[Any]:
    """A database with a large tenant; on SQLite there is no need for one."""
    with databases.empty(request.param) as made:
        upgrade(made)
        if request.param == "postgresql":
            with made.begin() as connection:
                # Only the rows that are read are there, not all that they lead to.
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                for table, row in FILLED.items():
                    connection.execute(insert(table), _rows(table, MANY, row))
                connection.execute(text("ANALYZE"))
        yield made


def plan(engine, statement, row) -> list[str]:
    """How each table is read: the conditions by which its index is entered, or that it is read from end to end."""
    written, order = statement.on(positional(engine.dialect))
    row = row if order is None else order(row)
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        if engine.dialect.name == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {written}", row)
            steps = [each[3] for each in cursor.fetchall()]
            # What is read of a subquery's own result is no table.
            return [each for each in steps if each.startswith(("SCAN", "SEARCH")) and "(subquery" not in each]
        cursor.execute(f"EXPLAIN (FORMAT JSON) {written}", row)
        told = cursor.fetchone()[0]
        return list(_nodes((json.loads(told) if isinstance(told, str) else told)[0]["Plan"]))


def _nodes(node: Mapping[str, Any]) -> Iterator[str]:
    if "Index Cond" in node or ("Scan" in node["Node Type"] and "Bitmap Heap" not in node["Node Type"]):
        name = node.get("Index Name", node.get("Relation Name"))
        yield f"{node['Node Type']} {name} ({node.get('Index Cond', '')})"
    for each in node.get("Plans", ()):
        yield from _nodes(each)


def entered(step: str) -> bool:
    """Whether more than the organization tells where in an index to begin."""
    conditions = step[step.index("(") :] if "(" in step else ""
    columns = set(re.findall(r"(\w+)(?:\)::text)?\s*(?:=|<=|>=|<|>|IS)", conditions))
    return not step.startswith(("SCAN", "Seq")) and bool(columns - {"organization_id"})


def _contents(codec) -> Mapping[str, tuple[Any, tuple[Any, ...]]]:
    """Each statement with what it could be asked."""
    org, zero, member, one = (codec.id_in(each) for each in (ORGANIZATION, UUID(int=0), _id(5), _id(70)))
    day, later, first = (codec.day_in(each) for each in (DAY, DAY + timedelta(days=10), date(1000, 1, 1)))
    never = codec.day_in(LAST)
    at, before = codec.at_in(AT), codec.at_in(AT - timedelta(days=800))
    kinds = [each.value for each in SearchKind]
    ranges = [part for kind in kinds for part in (kind, "0100", "0101")]
    asked = (org, "", day, later)
    said: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "deadlines": (contract_reports._LOOKED_AT, (org, "", day, first, zero, 50)),
        "deadlines of a studio": (contract_reports._LOOKED_AT, (org, "south", day, first, zero, 50)),
        "deadlines, later page": (contract_reports._LOOKED_AT, (org, "", later, day, one, 50)),
        "ending": (contract_reports._ENDING, (*asked, never, first, zero, 50)),
        "ending, later page": (contract_reports._ENDING, (*asked, never, day, one, 50)),
        "moved, frozen": (contract_reports._BEGUN["frozen"], (*asked, never)),
        "moved, expired": (contract_reports._BEGUN["expired"], (*asked, never)),
        "cancelled": (contract_reports._CANCELLED, (*asked, never)),
        "timeline, events": (timelines._events(0), (org, member, before, at, zero, 20)),
        "timeline, events of a type": (timelines._events(1), (org, member, before, at, zero, "contract.drafted", 20)),
        "timeline, entries": (timelines._entries(0), (org, member, before, at, zero, 20)),
        "timeline, purchases": (timelines._PURCHASES, (org, member, before, at, zero, 20)),
        "visits at a studio": (visits._AT, (org, "north", day, codec.at_in(NEVER), zero, 50)),
        "visits at a studio, later page": (visits._AT, (org, "north", day, at, one, 50)),
        "search": (search_keys._FOUND, (org, kinds[0], "0100", "0101", zero, *ranges, 20)),
        "agenda of contracts": (agenda._contracts(0, 0), (before, 50)),
        "agenda of contracts, some set aside": (agenda._contracts(1, 2), (before, one, one, one, 50)),
        "agenda of care": (agenda._runs(0), (before, 50)),
    }
    for by, value in (("assignee", "e7"), ("competence", "c7"), (None, None)):
        said[f"work list by {by}"] = (
            care_runs._open(frozenset({by, "before"} - {None})),
            (org, "active", *([value] if by else []), day, 50),
        )
    said["work list of a surface, later page"] = (
        care_runs._open(frozenset({"surface", "day_after", "before"})),
        (org, "active", "app", later, day, one, 50),
    )
    return said


# What the index is entered by, not only what is compared once a row was read.
BY = {
    "deadlines": "look_from",
    "ending": "since",
    "moved, frozen": "until",
    "moved, expired": "since",
    "cancelled": "since",
    "timeline, events": "effective_at",
    "timeline, entries": "account_id",
    "timeline, purchases": "account_id",
    "visits": "business_day",
    "search": "match_key",
    "agenda": "next_change",
    "work list": "day",
}
CODECS = {"sqlite": PLAIN, "postgresql": NATIVE}


@pytest.mark.rule("CON-17", "CARE-9")
@pytest.mark.parametrize("name", _contents(PLAIN))
def test_the_index_is_entered_where_the_answer_begins(engine, name):
    statement, row = _contents(CODECS[engine.dialect.name])[name]
    steps = plan(engine, statement, row)
    assert steps
    assert [each for each in steps if not entered(each)] == [], steps
    (by,) = (column for begins, column in BY.items() if name.startswith(begins))
    assert any(re.search(rf"\b{by}\b", each[each.index("(") :]) for each in steps), steps


@pytest.mark.rule("CON-17")
def test_what_stands_on_a_day_is_counted_within_the_organization(engine):
    """Every contract that ever was stands as something: the organization is read, and nobody else's contracts are."""
    codec = CODECS[engine.dialect.name]
    statement, row = contract_reports._STANDING, (codec.id_in(ORGANIZATION), "", codec.day_in(DAY))
    if engine.dialect.name == "postgresql":
        row = (codec.id_in(UUID(int=9)), *row[1:])
    assert [each for each in plan(engine, statement, row) if each.startswith(("SCAN", "Seq"))] == []
