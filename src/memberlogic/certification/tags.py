"""What a store promises of tags (MEM-6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from memberlogic.certification.base import Certification
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import MemberId, TagId, new_id
from memberlogic.members.tagging import Tagging
from memberlogic.members.tags import CarriedTag, Tag, TagInUse, tag_key
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["WRITTEN", "TagsPromises"]

WRITTEN = ("Ä", "A", "a\u0301", "ß", "ﬃ", "x" * 64, "ΐ" * 64, "😀" * 64, "'; --", "%_", "日本", "a b", "a  b")
"""Texts that databases like to mix up; no two are the same tag."""


def give(world: World, member: MemberId, tags: Sequence[Tag], new: Sequence[Tag] | None = None) -> None:
    """Write tags, as a command does."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.members.locked(member)
        added = tuple(CarriedTag(tag=each, since=uow.now) for each in tags)
        uow.tags.give(Tagging(member=member, new=tuple(tags if new is None else new), added=added))
        uow.finish(None)


def made(*texts: str) -> list[Tag]:
    """New tags."""
    return [Tag(id=TagId(new_id()), text=text) for text in texts]


class TagsPromises(Certification):
    """The port ``Tags``."""

    def test_they_come_back_as_they_were(self, world: World) -> None:
        """By key, by member and by list; every text apart from every other."""
        ana, ben = world.member(), world.member()
        tags = made(*WRITTEN)
        give(world, ana, tags)
        world.wait(days=1)
        give(world, ben, tags[:2], new=())
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.tags.known(sorted(map(tag_key, (*WRITTEN, "none")))) == {tag_key(t.text): t for t in tags}
            assert sorted(uow.tags.of(ana), key=lambda each: each.tag.id) == [
                CarriedTag(tag=each, since=uow.now - timedelta(days=1)) for each in tags
            ]
            assert {each.tag for each in uow.tags.of(ben)} == set(tags[:2])
            many = [2, 2, *[1] * (len(tags) - 2)]
            listed = [TagInUse(tag=each, members=n) for each, n in zip(tags, many, strict=True)]
            assert list(uow.tags.listed(limit=100)) == listed
            assert list(uow.tags.listed(after=tags[0].id, limit=2)) == listed[1:3]
            assert list(uow.tags.carriers(tag_key(WRITTEN[0]), limit=100)) == [ana, ben]
            assert list(uow.tags.carriers(tag_key(WRITTEN[0]), after=ana, limit=100)) == [ben]
            assert list(uow.tags.carriers(tag_key(WRITTEN[0]), limit=1)) == [ana]
            assert list(uow.tags.carriers("none", limit=100)) == []

    def test_what_is_taken_off_is_gone_from_that_member_only(self, world: World) -> None:
        """The tag itself stays."""
        ana, ben = world.member(), world.member()
        tags = made("one", "two")
        give(world, ana, tags)
        give(world, ben, tags, new=())
        command = Command(organization=world.organization.id, name="test", actor="system")
        with world.storage.work(command, world.clock) as uow:
            uow.members.locked(ana)
            uow.tags.take(ana, [tags[0].id])
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert [each.tag for each in uow.tags.of(ana)] == [tags[1]]
            assert len(uow.tags.of(ben)) == 2
            assert [each.members for each in uow.tags.listed(limit=9)] == [1, 2]

    def test_a_tag_that_another_command_wrote_in_between_is_a_conflict(self, world: World) -> None:
        """Not a second tag with the same key."""
        ana = world.member()
        give(world, ana, made("Word"))
        with pytest.raises(ConcurrencyConflict):
            give(world, ana, made("word"))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert [each.tag.text for each in uow.tags.listed(limit=9)] == ["Word"]

    def test_another_organization_has_tags_of_its_own(self, world: World) -> None:
        """The same text there is another tag."""
        give(world, world.member(), made("word"))
        other = World(world.storage)
        with world.storage.reading(other.organization.id, world.clock) as uow:
            assert (list(uow.tags.listed(limit=9)), uow.tags.known(["word"])) == ([], {})
        give(other, other.member(), made("word"))
