"""What is known of persons, and their contact points, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import ContactPointId, MemberId
from memberlogic.members.contact_points import Confirmation, ContactKey, ContactPoint
from memberlogic.members.people import Person

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryConfirmations", "MemoryContactPoints", "MemoryPeople"]


class MemoryPeople:
    """The port ``People``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Person:
        """What is known of one member."""
        return self._uow.tenant.people.get(member) or Person(member=member)

    def several(self, members: Sequence[MemberId]) -> Mapping[MemberId, Person]:
        """What is known of several members."""
        return {each: self.of(each) for each in members}

    def wards(self, guardian: MemberId) -> Sequence[MemberId]:
        """The members whose guardian this one is."""
        return sorted(each.member for each in self._uow.tenant.people.values() if each.guardian == guardian)

    def add(self, people: Sequence[Person]) -> None:
        """Queue what is known of new members."""
        known = self._uow.tenant.people
        self._uow.queue(lambda: known.update({each.member: each for each in people}))

    def change(self, people: Sequence[Person]) -> None:
        """Queue what is known from now on."""
        self.add(people)


class MemoryContactPoints:
    """The port ``ContactPoints``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Sequence[ContactPoint]:
        """A member's."""
        return [each for each in self._all() if each.member == member]

    def get(self, id: ContactPointId) -> ContactPoint:
        """One by its id."""
        point = self._uow.tenant.contact_points.get(id)
        if point is None:
            raise NotFound(kind="contact point", id=id)
        return point

    def holders(self, keys: Collection[ContactKey]) -> Mapping[ContactKey, MemberId]:
        """Who has which of these."""
        return {each.key: each.member for each in self._uow.tenant.contact_points.values() if each.key in keys}

    def add(self, points: Sequence[ContactPoint]) -> None:
        """Queue new ones."""
        stored = self._uow.tenant.contact_points

        def guard() -> None:
            if self.holders([each.key for each in points]):
                raise ConcurrencyConflict(reason="the contact point was taken at the same moment")

        self._uow.queue(lambda: stored.update({each.id: each for each in points}), guard)

    def change(self, points: Sequence[ContactPoint]) -> None:
        """Queue changes."""
        stored = self._uow.tenant.contact_points
        self._uow.queue(lambda: stored.update({each.id: each for each in points}))

    def rekey(self, points: Sequence[ContactPoint]) -> None:
        """Queue new keys."""
        self.change(points)

    def remove(self, points: Sequence[ContactPoint]) -> None:
        """Queue that these are gone."""
        stored = self._uow.tenant.contact_points

        def write() -> None:
            for each in points:
                del stored[each.id]

        self._uow.queue(write)

    def all(self, after: ContactPointId | None, limit: int) -> Sequence[ContactPoint]:
        """The organization's."""
        return [each for each in self._all() if after is None or each.id > after][:limit]

    def _all(self) -> Sequence[ContactPoint]:
        return [point for _, point in sorted(self._uow.tenant.contact_points.items())]


class MemoryConfirmations:
    """The port ``Confirmations``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, digest: str) -> Confirmation:
        """The one whose token has this digest."""
        for each in self._uow.tenant.confirmations.values():
            if each.digest == digest:
                return each
        raise NotFound(kind="confirmation", id="with this token")

    def add(self, confirmation: Confirmation) -> None:
        """Queue a new one."""
        waiting = self._uow.tenant.confirmations
        self._uow.queue(lambda: waiting.update({confirmation.contact_point: confirmation}))

    def remove(self, points: Sequence[ContactPointId]) -> None:
        """Queue that these wait no longer."""
        waiting = self._uow.tenant.confirmations

        def write() -> None:
            for each in points:
                waiting.pop(each, None)

        self._uow.queue(write)
