"""Member records in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import MemberId
from memberlogic.members import Member

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryMembers"]


class MemoryMembers:
    """The port ``Members``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: MemberId) -> Member:
        """One record."""
        member = self._uow.tenant.members.get(id)
        if member is None:
            raise NotFound(kind="member", id=id)
        return member

    def locked(self, id: MemberId) -> Member:
        """One record, locked."""
        self._uow.locked()
        return self.get(id)

    def add(self, member: Member) -> None:
        """Queue a new record."""
        self._uow.queue(lambda: self._store(member))

    def change(self, member: Member) -> None:
        """Queue a change."""

        def guard() -> None:
            if self._uow.tenant.members[member.id].version != member.version:
                raise ConcurrencyConflict(reason="the member was changed")

        self._uow.queue(lambda: self._store(evolve(member, version=member.version + 1)), guard)

    def _store(self, member: Member) -> None:
        self._uow.tenant.members[member.id] = member
