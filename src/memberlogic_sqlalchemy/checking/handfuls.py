"""Records whose figures the core counts again: read in handfuls, by the ports, inside the recount's snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from memberlogic.clock import SystemClock
from memberlogic.ids import OrganizationId
from memberlogic_sqlalchemy.checking.check import Row
from memberlogic_sqlalchemy.joining import JoinedStorage
from memberlogic_sqlalchemy.work import SqlWork
from sqlalchemy import Connection

__all__ = ["id_of", "in_handfuls"]

_HANDFUL = 500


def in_handfuls(connection: Connection, rows: Iterable[Row]) -> Iterator[tuple[SqlWork, Any, Sequence[Row]]]:
    """Rows in handfuls of one organization, each with a unit that reads it."""
    storage, clock = JoinedStorage(connection), SystemClock()
    for organization, group in groupby(rows, lambda row: row["organization_id"]):
        waiting = list(group)
        with storage.reading(OrganizationId(id_of(organization)), clock) as uow:
            for start in range(0, len(waiting), _HANDFUL):
                yield uow, organization, waiting[start : start + _HANDFUL]


def id_of(value: Any) -> UUID:
    """An id as a driver gave it."""
    return value if isinstance(value, UUID) else UUID(str(value))
