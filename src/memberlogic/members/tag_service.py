"""What a host calls to tag members (MEM-6). :class:`~memberlogic.members.service.MembersService` is one of these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from memberlogic.actors import Actor
from memberlogic.ids import MemberId
from memberlogic.members import tagging
from memberlogic.members.lifecycle import present
from memberlogic.members.ports import MembersWork
from memberlogic.members.tagging import (
    CarriedTags,
    MembersPage,
    PageOfMembersTagged,
    PageOfTags,
    Tagged,
    TagMember,
    TagOf,
    TagsPage,
    Untagged,
)
from memberlogic.members.tags import TagInUse, tag_key
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["TagService"]

ADD_TAGS = Asks("members.add_tags", "members.tags:update", Tagged)
REMOVE_TAGS = Asks("members.remove_tags", "members.tags:update", Untagged)
TAGS = Asks("members.tags", "members.tags:read", CarriedTags)
TAGGED = Asks("members.tagged", "members.tags:read", MembersPage)
ALL_TAGS = Asks("members.all_tags", "members.tags:read", TagsPage)


class TagService:
    """Tags of members."""

    _runner: Runner[MembersWork]

    def add_tags(self, member: MemberId, tags: Sequence[str], *, idempotency_key: str | None = None) -> Tagged:
        """Add tags to a member (MEM-6): any text of up to 64 characters. Tags that differ only in case or in space
        around them are one tag, shown as it was first written. One that the member carries already changes nothing.

        Raises:
            InvalidInput: naming the tag that is none: empty, too long, or with characters of control.
            NotFound: if there is no such member.
        """
        return self._runner.run(ADD_TAGS, TagMember(member=member, tags=tags), idempotency_key, self.add_tags_step)

    def add_tags_step(self, uow: MembersWork, _: Actor, wanted: TagMember) -> Tagged:
        """Adding tags, inside a unit of work."""
        member = present(uow.members.locked(wanted.member), "be tagged")
        known = uow.tags.known(sorted(wanted.keys))
        outcome = tagging.tag(wanted, known, uow.tags.of(member.id), uow.now, self._runner.new_id)
        uow.tags.give(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def remove_tags(self, member: MemberId, tags: Sequence[str], *, idempotency_key: str | None = None) -> Untagged:
        """Take tags off a member (MEM-6). One that the member does not carry changes nothing.

        Raises:
            InvalidInput: naming the tag that is none.
            NotFound: if there is no such member.
        """
        wanted = TagMember(member=member, tags=tags)
        return self._runner.run(REMOVE_TAGS, wanted, idempotency_key, self.remove_tags_step)

    def remove_tags_step(self, uow: MembersWork, _: Actor, wanted: TagMember) -> Untagged:
        """Removing tags, inside a unit of work."""
        member = present(uow.members.locked(wanted.member), "lose a tag")
        outcome = tagging.untag(wanted, uow.tags.of(member.id))
        uow.tags.take(member.id, outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def tags(self, member: MemberId) -> CarriedTags:
        """The tags of a member (MEM-6), in alphabetical order. Raises ``NotFound``."""
        return self._runner.ask(TAGS, TagOf(member=member), self.tags_step)

    def tags_step(self, uow: MembersWork, _: Actor, wanted: TagOf) -> CarriedTags:
        """Looking at a member's tags, inside a unit of work."""
        member = uow.members.get(wanted.member)
        return CarriedTags.of(member.id, uow.tags.of(member.id))

    def tagged(self, tag: str) -> Iterator[MemberId]:
        """Every member who carries a tag (MEM-6, COM-20), in order of their ids, read in pages as far as looked at;
        nobody, if no such tag was ever written.
        """
        return one_by_one(partial(self._tagged_after, tag))

    def _tagged_after(self, tag: str, last: MemberId | None) -> tuple[MemberId, ...]:
        return self._runner.ask(TAGGED, PageOfMembersTagged(tag=tag, after=last), self.tagged_step).members

    def tagged_step(self, uow: MembersWork, _: Actor, wanted: PageOfMembersTagged) -> MembersPage:
        """Listing members by tag, inside a unit of work."""
        return MembersPage(tuple(uow.tags.carriers(tag_key(wanted.tag), after=wanted.after, limit=wanted.size)))

    def all_tags(self) -> Iterator[TagInUse]:
        """Every tag of the organization with the number of members who carry it (MEM-6, COM-20), in the order in which
        they were first written, read in pages as far as looked at.
        """
        return one_by_one(self._tags_after)

    def _tags_after(self, last: TagInUse | None) -> tuple[TagInUse, ...]:
        return self._runner.ask(ALL_TAGS, PageOfTags.following(last), self.all_tags_step).tags

    def all_tags_step(self, uow: MembersWork, _: Actor, wanted: PageOfTags) -> TagsPage:
        """Listing tags, inside a unit of work."""
        return TagsPage(tuple(uow.tags.listed(after=wanted.after, limit=wanted.size)))
