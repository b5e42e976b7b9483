"""Tags in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import MemberId, TagId
from memberlogic.members.tagging import Tagging
from memberlogic.members.tags import CarriedTag, Tag, TagInUse, tag_key

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryTags"]


class MemoryTags:
    """The port ``Tags``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def known(self, keys: Sequence[str]) -> Mapping[str, Tag]:
        """Those that the organization has."""
        tags = self._uow.tenant.tags
        return {key: tags[key] for key in keys if key in tags}

    def of(self, member: MemberId) -> Sequence[CarriedTag]:
        """What a member carries."""
        return list(self._uow.tenant.carried_tags.get(member, {}).values())

    def carriers(self, key: str, *, after: MemberId | None = None, limit: int) -> Sequence[MemberId]:
        """Who carries a tag."""
        tag, carried = self._uow.tenant.tags.get(key), self._uow.tenant.carried_tags
        members = sorted(member for member, tags in carried.items() if tag is not None and tag.id in tags)
        return [each for each in members if after is None or each > after][:limit]

    def listed(self, *, after: TagId | None = None, limit: int) -> Sequence[TagInUse]:
        """The organization's tags."""
        tags = sorted(self._uow.tenant.tags.values(), key=lambda each: each.id)
        carried = self._uow.tenant.carried_tags.values()
        page = [each for each in tags if after is None or each.id > after][:limit]
        return [TagInUse(tag=each, members=sum(each.id in tags for tags in carried)) for each in page]

    def give(self, given: Tagging) -> None:
        """Queue tags."""
        tenant = self._uow.tenant

        def guard() -> None:
            if any(tag_key(each.text) in tenant.tags for each in given.new):
                raise ConcurrencyConflict(reason="the tag was written at the same moment")

        def write() -> None:
            tenant.tags.update({tag_key(each.text): each for each in given.new})
            mine = tenant.carried_tags.setdefault(given.member, {})
            mine.update({each.tag.id: each for each in given.added})

        self._uow.queue(write, guard)

    def take(self, member: MemberId, tags: Sequence[TagId]) -> None:
        """Queue that a member carries these no longer."""
        tenant = self._uow.tenant

        def write() -> None:
            for each in tags:
                del tenant.carried_tags[member][each]

        self._uow.queue(write)

    def forget_unused(self) -> None:
        """Queue that the tags are gone which nobody carries."""
        tenant = self._uow.tenant

        def write() -> None:
            carried = {tag for tags in tenant.carried_tags.values() for tag in tags}
            for key in [key for key, each in tenant.tags.items() if each.id not in carried]:
                del tenant.tags[key]

        self._uow.queue(write)
