"""What happened to members, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from memberlogic.events import Recorded
from memberlogic.ids import MemberId
from memberlogic.members.looking_back import Position
from memberlogic_memory.organizations import recorded

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryTimelines"]


class MemoryTimelines:
    """The port ``Timelines``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(
        self, member: MemberId, types: Collection[str] | None, *, since: datetime, before: Position, limit: int
    ) -> Sequence[Recorded]:
        """The events that concern a member, newest first."""
        merged = self._uow.tenant.merged
        found = [
            each
            for each in recorded(self._uow.tenant)
            if any(merged.get(one, one) == member for one in each.event.members)
            and (types is None or each.event.type in types)
            and since <= each.effective_at
            and (each.effective_at, each.id) < before
        ]
        return sorted(found, key=lambda each: (each.effective_at, each.id), reverse=True)[:limit]
