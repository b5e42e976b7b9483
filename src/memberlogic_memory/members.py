"""Member records in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import MemberId
from memberlogic.members import Member
from memberlogic.members.finding import PageOfMembers
from memberlogic.members.membership import MembershipSpan, MembershipStatus
from memberlogic.storing import Signpost

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryMembers", "MemoryMemberships"]


class MemoryMembers:
    """The port ``Members``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: MemberId) -> Member:
        """One record."""
        return self.all_locked([id])[id]

    def locked(self, id: MemberId) -> Member:
        """One record, locked."""
        return self.get(id)

    def by_support_id(self, support_id: str) -> Member:
        """The record with a support id."""
        id = self._uow.tenant.support_ids.get(support_id)
        if id is None:
            raise NotFound(kind="member", id="with this support id")
        return self.get(self._uow.tenant.merged.get(id, id))

    def several(self, ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        """Several records."""
        return {each: self._uow.tenant.members[each] for each in ids if each in self._uow.tenant.members}

    def listed(self, page: PageOfMembers) -> Sequence[Member]:
        """The next records of a type and state."""
        found = [
            member
            for id, member in sorted(self._uow.tenant.members.items())
            if (page.after is None or id > page.after)
            and page.member_type in (None, member.type)
            and page.state in (None, member.state)
            and not member.deleted
        ]
        return found[: page.size]

    def taken(self, support_ids: Collection[str]) -> Collection[str]:
        """Those that somebody has."""
        return {each for each in support_ids if each in self._uow.tenant.support_ids}

    def in_use(self, types: Sequence[str]) -> Collection[str]:
        """Those that somebody is of."""
        return self.types() & set(types)

    def types(self) -> frozenset[str]:
        """All that somebody is of."""
        return frozenset(each.type for each in self._uow.tenant.members.values())

    def all_locked(self, ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        """Several records, locked."""
        members, merged = self._uow.tenant.members, self._uow.tenant.merged
        for id in sorted(ids):
            if id not in members:
                raise NotFound(kind="member", id=id)
        leads: dict[UUID, UUID] = {id: merged[id] for id in ids if id in merged}
        if leads:
            raise Signpost("member", leads)
        return {id: members[id] for id in sorted(ids)}

    def add(self, member: Member) -> None:
        """Queue a new record."""

        def guard() -> None:
            if member.support_id in self._uow.tenant.support_ids:
                raise ConcurrencyConflict(reason="the support id was taken at the same moment")

        def write() -> None:
            self._store(member)
            self._uow.tenant.support_ids[member.support_id] = member.id

        self._uow.queue(write, guard)

    def change(self, members: Sequence[Member]) -> None:
        """Queue changes."""
        for member in members:
            self._uow.queue(partial(self._store, member), partial(self._require_next, member))

    def _require_next(self, member: Member) -> None:
        if self._uow.tenant.members[member.id].version != member.version - 1:
            raise ConcurrencyConflict(reason="the member was changed")

    def _store(self, member: Member) -> None:
        self._uow.tenant.members[member.id] = member


class MemoryMemberships:
    """The port ``Memberships``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Sequence[MembershipSpan]:
        """The spans of a person."""
        return self._uow.tenant.memberships.get(member, ())

    def several(self, members: Sequence[MemberId]) -> Mapping[MemberId, Sequence[MembershipSpan]]:
        """The spans of several people."""
        return {each: self.of(each) for each in members}

    def at(
        self, instant: datetime, status: MembershipStatus, *, after: MemberId | None = None, limit: int = 500
    ) -> Sequence[MemberId]:
        """Whoever has a status at an instant."""
        found = [
            member
            for member, spans in sorted(self._uow.tenant.memberships.items())
            if after is None or member > after
            if any(instant in span and span.status is status for span in spans)
            if not self._uow.tenant.members[member].deleted
        ]
        return found[:limit]

    def write(self, spans: Mapping[MemberId, Sequence[MembershipSpan]]) -> None:
        """Queue the spans of people."""
        made = {member: tuple(each) for member, each in spans.items()}
        self._uow.queue(lambda: self._uow.tenant.memberships.update(made))
