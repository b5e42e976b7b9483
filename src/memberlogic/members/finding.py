"""MEM-3, COM-20: finding members."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from memberlogic.errors import NotFound
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, code, instance, optional, text, whole
from memberlogic.members.model import Member, MemberState
from memberlogic.members.normalising import ContactNormaliser
from memberlogic.members.people import Person
from memberlogic.members.search_keys import SearchKey, SearchKind, folded
from memberlogic.members.support_ids import support_id_read, symbols_of

__all__ = [
    "BySupportId",
    "Found",
    "FoundPage",
    "Hit",
    "ListedPage",
    "PageOfMembers",
    "Probe",
    "Searching",
    "listed",
    "probes",
    "shown",
]

_BEYOND = "\U0010ffff"
_SIGNS = re.compile(r"[\s().\-/]+")
_NUMBER = re.compile(r"\+?[0-9]{2,15}")
_SUPPORT_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{1,9}")


@frozen(kw_only=True)
class BySupportId:
    """Look a member up by the support id, as it was said."""

    support_id: str = field(converter=support_id_read)


@frozen
class Hit:
    """A member who was found, and the first of their keys by which they were: where a page goes on."""

    key: SearchKey
    member: MemberId


@frozen(kw_only=True)
class Searching:
    """A page of members whom a text leads to."""

    text: str = field(validator=text(200), repr=False)
    exact: bool = field(default=False, validator=instance(bool, "true or false"))
    by: SearchKind | None = field(default=None, validator=optional(instance(SearchKind, "a SearchKind")))
    after: Hit | None = None
    size: int = field(default=100, validator=whole(least=1, most=1000))


@frozen
class Probe:
    """A range of keys of one kind, both ends inclusive."""

    kind: SearchKind
    low: str
    high: str


@frozen
class Found:
    """A member whom a search found."""

    member: Member
    person: Person
    hit: Hit

    @property
    def by(self) -> SearchKind:
        """By what they were found."""
        return self.hit.key.kind


@frozen
class FoundPage:
    """Some members whom a search found."""

    found: tuple[Found, ...]


@frozen(kw_only=True)
class PageOfMembers:
    """The next members of a type, in a state."""

    member_type: str | None = field(default=None, validator=optional(code("a member type")))
    state: MemberState | None = field(default=None, validator=optional(instance(MemberState, "a MemberState")))
    after: MemberId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen
class ListedPage:
    """Some members, in order of their ids."""

    members: tuple[Member, ...]


def probes(wanted: Searching, normaliser: ContactNormaliser, region: str | None) -> Sequence[Probe]:
    """Where to look for a text: among names, e-mail addresses and external ids as it is, among phone numbers if it
    could be one, among support ids if it could be the beginning of one. In order of the kinds.
    """
    said = folded(wanted.text)
    keys = {SearchKind.NAME: said, SearchKind.EMAIL: said, SearchKind.EXTERNAL_ID: said}
    number = _number(wanted.text, normaliser, region)
    if number:
        keys[SearchKind.PHONE] = number
    symbols = symbols_of(wanted.text)
    if _SUPPORT_ID.fullmatch(symbols):
        keys[SearchKind.SUPPORT_ID] = symbols
    looked = [(kind, key) for kind, key in keys.items() if key and wanted.by in (None, kind)]
    end = "" if wanted.exact else _BEYOND
    return [Probe(kind, key, key + end) for kind, key in sorted(looked, key=lambda each: each[0].value)]


def _number(said: str, normaliser: ContactNormaliser, region: str | None) -> str:
    """The key of a phone number, or its beginning; empty if it is none."""
    digits = _SIGNS.sub("", said)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    if not _NUMBER.fullmatch(digits):
        return ""
    return normaliser.phone(said, region) or (digits if digits.startswith("+") else "")


def listed(member: Member) -> Member:
    """The member, unless the record was deleted: then nobody finds it (MEM-10).

    Raises:
        NotFound: for a record that was deleted.
    """
    if member.deleted:
        raise NotFound(kind="member", id="with this support id")
    return member


def shown(hits: Sequence[Hit], members: Mapping[MemberId, Member], people: Mapping[MemberId, Person]) -> FoundPage:
    """Who was found, in the order of the hits."""
    return FoundPage(tuple(Found(members[hit.member], people[hit.member], hit) for hit in hits))
