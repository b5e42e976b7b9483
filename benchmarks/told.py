"""What the public services tell of a club that was imported, as one digest: two clubs whose ids differ are compared."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from memberlogic.application import Handle
from memberlogic.converting import to_json
from memberlogic.errors import NotFound

__all__ = ["digest", "told"]

_DAYS = (date(2008, 2, 29), date(2012, 7, 1), date(2016, 2, 29), date(2020, 1, 1), date(2024, 6, 15), date(2026, 3, 20),
         date(2027, 3, 1), date(2030, 1, 1))  # fmt: skip
_UNTOLD = {"id", "support_id", "version", "effective_at", "filed_on", "announced_to"}


def told(org: Handle, tidy: Path, source: str, *, every: int = 1) -> Iterator[tuple[str, Any]]:
    """What is told of everybody, or of every so many people, and of their contracts; and of the club as a whole.

    Args:
        tidy: the folder that says which old ids there are.
    """
    members, contracts = org.members, org.contracts
    for row in islice(_rows(tidy / "people.csv"), None, None, every):
        id = row["id"]
        try:
            member = members.find(source, id)
        except NotFound:
            yield id, None
            continue
        points = [(each.kind, each.written, each.verified) for each in members.contact_points(member.id)]
        person = members.person(member.id)
        guardian = None
        if person.guardian is not None:
            guardian = members.person(person.guardian).family_name
        standing = [members.membership(member.id, at=datetime(*day.timetuple()[:3], 12, tzinfo=UTC)) for day in _DAYS]
        yield id, _plain([member, points, person, guardian, standing])
    for row in islice(_rows(tidy / "contracts.csv"), None, None, every):
        id = row["id"]
        try:
            contract = contracts.find(source, id).contract
        except NotFound:
            yield id, None
            continue
        days = [contracts.get(contract, on=day) for day in _DAYS]
        yield id, _plain([days, contracts.freezes(contract), contracts.cancellation(contract)])
    for day in _DAYS:
        yield str(day), _plain(contracts.standing(on=day))
    yield "moved", _plain(contracts.moved(since=date(2006, 1, 1), until=date(2030, 1, 1)))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _plain(value: Any) -> Any:
    """JSON values without what differs between two imports of the same."""
    return _without(to_json(value) if hasattr(value, "__attrs_attrs__") else [_item(each) for each in value])


def _item(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_item(each) for each in value]
    if hasattr(value, "__attrs_attrs__"):
        return to_json(value)
    return getattr(value, "value", value)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(each) for name, each in value.items() if name not in _UNTOLD and not _is_id(each)}
    if isinstance(value, list):
        return sorted((_without(each) for each in value if not _is_id(each)), key=json.dumps)
    return value


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 36 and UUID(value) is not None
    except ValueError:
        return False


def digest(org: Handle, tidy: Path, source: str, *, every: int = 1) -> str:
    """All of it as one short text."""
    made = hashlib.sha256()
    for each in told(org, tidy, source, every=every):
        made.update(json.dumps(each, sort_keys=True).encode())
    return made.hexdigest()
