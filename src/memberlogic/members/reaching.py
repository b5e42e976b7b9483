"""MEM-2, MEM-7: adding, changing and removing the ways to reach a member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.errors import NotFound
from memberlogic.events import Event
from memberlogic.ids import ContactPointId, ExternalId, MemberId
from memberlogic.inputs import an_id, instance, text
from memberlogic.members.contact_points import ContactKey, ContactKind, ContactPoint, Written
from memberlogic.members.keying import Keyed, taken
from memberlogic.members.knowing import OutOfReach, added, out_of_reach
from memberlogic.members.model import Member
from memberlogic.members.people import Person
from memberlogic.members.search_keys import SearchKey, of_contact_points
from memberlogic.outcomes import Outcome

__all__ = [
    "AddContactPoint",
    "AddingFacts",
    "ChangeContactPoint",
    "ChangingFacts",
    "ContactPointChanged",
    "ContactPointKept",
    "ContactPointRemoved",
    "OfContactPoint",
    "Reach",
    "RemovingFacts",
    "VerificationNeeded",
    "add",
    "change",
    "one_of",
    "remove",
    "require_own_point",
]


@frozen(kw_only=True)
class AddContactPoint:
    """One more way to reach a member."""

    member: MemberId = field(validator=an_id)
    kind: ContactKind = field(validator=instance(ContactKind, "a ContactKind"))
    value: str = field(validator=text(254, "an e-mail address or phone number"))

    @property
    def written(self) -> Sequence[Written]:
        """As somebody wrote it."""
        return (Written(self.kind, self.value, "value"),)


@frozen(kw_only=True)
class ChangeContactPoint:
    """Another address or number instead of this one."""

    contact_point: ContactPointId = field(validator=an_id)
    value: str = field(validator=text(254, "an e-mail address or phone number"))


@frozen(kw_only=True)
class OfContactPoint:
    """A contact point by its id."""

    contact_point: ContactPointId = field(validator=an_id)


@frozen(kw_only=True)
class ContactPointChanged(Event):
    """A contact point is another address or number, or is written in another way."""

    type: ClassVar[str] = "member.contact_point_changed"
    member: MemberId
    contact_point: ContactPointId
    kind: ContactKind
    verified: bool


@frozen(kw_only=True)
class ContactPointRemoved(Event):
    """A member is no longer reached this way."""

    type: ClassVar[str] = "member.contact_point_removed"
    member: MemberId
    contact_point: ContactPointId
    kind: ContactKind


@frozen(kw_only=True)
class VerificationNeeded(Event):
    """A verified contact point was changed, and what it is now has to be verified (MEM-7)."""

    type: ClassVar[str] = "member.verification_needed"
    member: MemberId
    contact_point: ContactPointId
    kind: ContactKind


@frozen(kw_only=True)
class ContactPointKept:
    """A contact point as it is now, by its id."""

    member: MemberId
    contact_point: ContactPointId
    kind: ContactKind
    verified: bool
    verification_needed: bool = False
    """Whether it was verified and has to be again."""


@frozen(kw_only=True)
class Reach:
    """What is written of a member's contact points; nothing, if nothing is different."""

    members: tuple[Member, ...] = ()
    added: tuple[ContactPoint, ...] = ()
    changed: tuple[ContactPoint, ...] = ()
    removed: tuple[ContactPoint, ...] = ()
    gone: frozenset[SearchKey] = frozenset()
    come: frozenset[SearchKey] = frozenset()
    """By what the member is searched no longer, and from now on."""


@frozen(kw_only=True)
class AddingFacts:
    """What adding looks at."""

    member: Member
    points: Sequence[ContactPoint]
    new: ContactPoint
    holders: Mapping[ContactKey, MemberId]
    may_read: bool


@frozen(kw_only=True)
class ChangingFacts:
    """What changing looks at; ``keyed`` is what it will be."""

    member: Member
    point: ContactPoint
    points: Sequence[ContactPoint]
    keyed: Keyed
    holders: Mapping[ContactKey, MemberId]
    may_read: bool
    verify_changed: bool
    """Whether the organization asks for verification again."""


@frozen(kw_only=True)
class RemovingFacts:
    """What removing looks at."""

    member: Member
    point: ContactPoint
    points: Sequence[ContactPoint]
    person: Person
    external_ids: Sequence[ExternalId]


def require_own_point(actor: Actor, point: ContactPoint) -> None:
    """Refuse a member who acts on somebody else's contact point, without saying whose it is (COM-11).

    Raises:
        NotFound: it does not exist for them.
    """
    if actor.member_id not in (None, point.member):
        raise NotFound(kind="contact point", id=point.id)


def one_of(points: Sequence[ContactPoint], id: ContactPointId) -> ContactPoint:
    """The contact point with an id.

    Raises:
        NotFound: if it is gone.
    """
    for each in points:
        if each.id == id:
            return each
    raise NotFound(kind="contact point", id=id)


def kept(point: ContactPoint, *, again: bool = False) -> ContactPointKept:
    """What the caller is told."""
    return ContactPointKept(
        member=point.member,
        contact_point=point.id,
        kind=point.kind,
        verified=point.verified,
        verification_needed=again,
    )


def add(facts: AddingFacts) -> Outcome[Reach, Event, ContactPointKept]:
    """A new contact point, not verified. One that the member has already changes nothing.

    Raises:
        ContactTaken: if another member has it.
    """
    for each in facts.points:
        if each.key == facts.new.key:
            return Outcome(Reach(), (), kept(each))
    refusal = taken([facts.new], facts.holders, may_read=facts.may_read)
    if refusal is not None:
        raise refusal
    member = evolve(facts.member, version=facts.member.version + 1)
    come = of_contact_points([facts.new]) - of_contact_points(facts.points)
    return Outcome(Reach(members=(member,), added=(facts.new,), come=come), (added(facts.new),), kept(facts.new))


def change(facts: ChangingFacts) -> Outcome[Reach, Event, ContactPointKept]:
    """Another address or number under the same id. It is verified only if it is the same one in another spelling, or if
    the organization does not ask for verification again. One that the member has under another id changes nothing.

    Raises:
        ContactTaken: if another member has it.
    """
    before, keyed = facts.point, facts.keyed
    if before.written == keyed.written:
        return Outcome(Reach(), (), kept(before))
    same = before.key == keyed.key
    for each in () if same else facts.points:
        if each.key == keyed.key:
            return Outcome(Reach(), (), kept(each))
    verified = before.verified and (same or not facts.verify_changed)
    after = evolve(before, written=keyed.written, match_key=keyed.key.value, verified=verified)
    refusal = taken([after], facts.holders, may_read=facts.may_read)
    if refusal is not None:
        raise refusal
    again = before.verified and not verified
    member = evolve(facts.member, version=facts.member.version + 1)
    changed = ContactPointChanged(
        members=(member.id,), member=member.id, contact_point=after.id, kind=after.kind, verified=verified
    )
    needed = VerificationNeeded(members=(member.id,), member=member.id, contact_point=after.id, kind=after.kind)
    events: tuple[Event, ...] = (changed, needed) if again else (changed,)
    others = [each for each in facts.points if each.id != after.id]
    was, now = of_contact_points(facts.points), of_contact_points([*others, after])
    reach = Reach(members=(member,), changed=(after,), gone=was - now, come=now - was)
    return Outcome(reach, events, kept(after, again=again))


def remove(facts: RemovingFacts) -> Outcome[Reach, Event, ContactPointKept]:
    """The contact point is gone, and can be another member's at once.

    Raises:
        OutOfReach: if there would be no way to the member.
    """
    point = facts.point
    left = [each for each in facts.points if each.id != point.id]
    if out_of_reach(facts.person, left, facts.external_ids):
        raise OutOfReach()
    event = ContactPointRemoved(members=(point.member,), member=point.member, contact_point=point.id, kind=point.kind)
    member = evolve(facts.member, version=facts.member.version + 1)
    gone = of_contact_points([point]) - of_contact_points(left)
    return Outcome(Reach(members=(member,), removed=(point,), gone=gone), (event,), kept(point))
