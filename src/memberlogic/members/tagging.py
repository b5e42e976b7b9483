"""MEM-6: tags are free-form: any text up to 64 characters is a tag the moment it is added, shown as first written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from unicodedata import category

from attrs import field, frozen

from memberlogic.errors import InvalidInput
from memberlogic.events import Event
from memberlogic.ids import MemberId, NewId, TagId
from memberlogic.inputs import an_id, describe, optional, whole
from memberlogic.members.tags import CarriedTag, Tag, TagInUse, tag_key
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = [
    "CarriedTags",
    "MemberTagged",
    "MemberUntagged",
    "MembersPage",
    "PageOfMembersTagged",
    "PageOfTags",
    "TagMember",
    "TagOf",
    "Tagged",
    "Tagging",
    "TagsPage",
    "Untagged",
    "tag",
    "untag",
]

LONGEST = 64
"""How many characters a tag may have."""

_EXPECTED = f"a tag of 1 to {LONGEST} characters, none of control"


def _is_tag(value: object) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        return False
    return not any(category(each) in ("Cc", "Cs") for each in value) and any(map(str.isprintable, value))


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _all_trimmed(value: Any) -> Any:
    several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return tuple(_trimmed(each) for each in value) if several else value


def _a_tag(_: object, attribute: Any, value: Any) -> None:
    if not _is_tag(value):
        raise InvalidInput(path=attribute.name, expected=_EXPECTED, got=describe(value))


def _some_tags(_: object, attribute: Any, value: Any) -> None:
    if not isinstance(value, tuple) or not 0 < len(value) <= 100:
        got = f"{len(value)}" if isinstance(value, tuple) else describe(value)
        raise InvalidInput(path=attribute.name, expected="1 to 100 tags", got=got)
    for index, each in enumerate(value):
        if not _is_tag(each):
            raise InvalidInput(path=f"{attribute.name}[{index}]", expected=_EXPECTED, got=describe(each))


@frozen(kw_only=True)
class TagMember:
    """Add these tags to a member, or remove them."""

    member: MemberId = field(validator=an_id)
    tags: tuple[str, ...] = field(converter=_all_trimmed, validator=_some_tags)

    @property
    def keys(self) -> Mapping[str, str]:
        """Each tag that is meant, by its key, as it was written first here."""
        found: dict[str, str] = {}
        for text in self.tags:
            found.setdefault(tag_key(text), text)
        return found


@frozen(kw_only=True)
class TagOf:
    """Look at the tags of this member."""

    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class PageOfMembersTagged:
    """The next members who carry a tag."""

    tag: str = field(converter=_trimmed, validator=_a_tag)
    after: MemberId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen(kw_only=True)
class PageOfTags:
    """The next tags of the organization."""

    after: TagId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=500, validator=whole(least=1, most=1000))

    @classmethod
    def following(cls, last: TagInUse | None) -> PageOfTags:
        """The page after the last tag of the page before; the first one after None."""
        return cls(after=None if last is None else last.tag.id)


@frozen
class MembersPage:
    """Some members, in order of their ids."""

    members: tuple[MemberId, ...]


@frozen
class TagsPage:
    """Some tags, in the order in which they were first written."""

    tags: tuple[TagInUse, ...]


@frozen(kw_only=True)
class CarriedTags:
    """The tags of a member, in alphabetical order of their keys."""

    member: MemberId
    tags: tuple[CarriedTag, ...]

    @classmethod
    def of(cls, member: MemberId, tags: Sequence[CarriedTag]) -> CarriedTags:
        """What a store gives, in order."""
        return cls(member=member, tags=tuple(sorted(tags, key=lambda each: (tag_key(each.tag.text), each.tag.id))))

    @property
    def texts(self) -> tuple[str, ...]:
        """The tags as they are shown."""
        return tuple(each.tag.text for each in self.tags)


@frozen(kw_only=True)
class Tagged:
    """What adding came to, by the tags' ids: those that are new to the member, and those that were there already."""

    member: MemberId
    added: tuple[TagId, ...]
    there: tuple[TagId, ...]

    def explain(self) -> Explanation:
        """Why some tags changed nothing."""
        figures = {"added": len(self.added), "there": len(self.there)}
        reasons = (Because("MEM-6", "tag.there_already", figures),) if self.there else ()
        return Explanation(f"{len(self.added)} tags were added.", reasons)


@frozen(kw_only=True)
class Untagged:
    """What removing came to: the ids of the tags that are gone, and how many the member did not carry."""

    member: MemberId
    removed: tuple[TagId, ...]
    absent: int

    def explain(self) -> Explanation:
        """Why some tags changed nothing."""
        reasons = (Because("MEM-6", "tag.absent", {"absent": self.absent}),) if self.absent else ()
        return Explanation(f"{len(self.removed)} tags were removed.", reasons)


@frozen(kw_only=True)
class Tagging:
    """What is to be written: tags that are new to the organization, and those that are new to the member."""

    member: MemberId
    new: tuple[Tag, ...]
    added: tuple[CarriedTag, ...]


@frozen(kw_only=True)
class MemberTagged(Event):
    """A member got a tag; which one is told by its id."""

    type: ClassVar[str] = "member.tagged"
    member: MemberId
    tag: TagId


@frozen(kw_only=True)
class MemberUntagged(Event):
    """A tag was taken off a member; which one is told by its id."""

    type: ClassVar[str] = "member.untagged"
    member: MemberId
    tag: TagId


def tag(
    wanted: TagMember, known: Mapping[str, Tag], carried: Sequence[CarriedTag], now: datetime, new_id: NewId
) -> Outcome[Tagging, Event, Tagged]:
    """Add the tags that the member does not carry yet; what nobody wrote before is a tag from now on.

    Args:
        known: those of the tags that the organization has, by key.
        carried: what the member carries.
    """
    tags = {key: known.get(key) or Tag(id=TagId(new_id()), text=text) for key, text in wanted.keys.items()}
    has = {each.tag.id for each in carried}
    added = tuple(each for each in tags.values() if each.id not in has)
    events = tuple(MemberTagged(members=(wanted.member,), member=wanted.member, tag=each.id) for each in added)
    result = Tagged(
        member=wanted.member,
        added=tuple(each.id for each in added),
        there=tuple(each.id for each in tags.values() if each.id in has),
    )
    facts = Tagging(
        member=wanted.member,
        new=tuple(each for key, each in tags.items() if key not in known),
        added=tuple(CarriedTag(tag=each, since=now) for each in added),
    )
    return Outcome(facts, events, result)


def untag(wanted: TagMember, carried: Sequence[CarriedTag]) -> Outcome[tuple[TagId, ...], Event, Untagged]:
    """Take the tags off that the member carries."""
    keys = wanted.keys
    gone = tuple(each.tag.id for each in carried if tag_key(each.tag.text) in keys)
    events = tuple(MemberUntagged(members=(wanted.member,), member=wanted.member, tag=each) for each in gone)
    return Outcome(gone, events, Untagged(member=wanted.member, removed=gone, absent=len(keys) - len(gone)))
