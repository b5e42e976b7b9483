"""Registering members (MEM-1), and verifying, blocking and unblocking them (MEM-7, MEM-8)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.errors import MemberLogicError
from memberlogic.events import Event
from memberlogic.ids import ExternalId, MemberId
from memberlogic.inputs import a_key, an_id, as_tuple, code, instance, many, optional, sequence_of, text
from memberlogic.members.classifying import of_nobody_known
from memberlogic.members.contact_points import ContactKey, ContactKind, ContactPoint, Written
from memberlogic.members.keying import taken
from memberlogic.members.knowing import Nameless, OutOfReach, added, guarded, out_of_reach, unborn, unknown
from memberlogic.members.lifecycle import MEMBER_STATES
from memberlogic.members.model import Member, MemberState
from memberlogic.members.people import Details, Person
from memberlogic.members.search_keys import (
    SearchKey,
    of_contact_points,
    of_external_ids,
    of_person,
    of_support_id,
)
from memberlogic.members.support_ids import first_free
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "REGISTERING",
    "Block",
    "MemberBlocked",
    "MemberRegistered",
    "MemberUnblocked",
    "MemberVerified",
    "NewMember",
    "Register",
    "RegisteringFacts",
]


@frozen(kw_only=True)
class Register:
    """Register a member of a type that the organization uses (``customer``, ``staff``)."""

    member_type: str = field(validator=code("a member type"))
    verified: bool = field(default=False, validator=instance(bool, "true or false"))
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )
    email: str | None = field(default=None, validator=optional(text(254, "an e-mail address")))
    phones: tuple[str, ...] = field(
        default=(), converter=as_tuple, validator=many(text(40, "a phone number"), "a phone number", most=10)
    )
    details: Details = field(factory=Details, validator=instance(Details, "what is known of the person"))

    @property
    def written(self) -> Sequence[Written]:
        """The contact points, as somebody wrote them."""
        emails = [] if self.email is None else [Written(ContactKind.EMAIL, self.email, "email")]
        phones = [Written(ContactKind.PHONE, each, f"phones[{at}]") for at, each in enumerate(self.phones)]
        return [*emails, *phones]


@frozen(kw_only=True)
class Block:
    """Block a member for a reason, given as a code."""

    member: MemberId = field(validator=an_id)
    reason: str = field(validator=code("a reason"))


@frozen(kw_only=True)
class Of:
    """Verify or unblock this member, or look them up."""

    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class ByExternalId:
    """Look a record up by an id of the host's."""

    source: str = field(validator=code("a source"))
    value: str = field(validator=a_key)


@frozen(kw_only=True)
class MemberRegistered(Event):
    """A person became known to the organization."""

    type: ClassVar[str] = "member.registered"
    member: MemberId
    member_type: str
    state: MemberState


@frozen(kw_only=True)
class MemberVerified(Event):
    """A member was verified."""

    type: ClassVar[str] = "member.verified"
    member: MemberId


@frozen(kw_only=True)
class MemberBlocked(Event):
    """A member was blocked."""

    type: ClassVar[str] = "member.blocked"
    member: MemberId
    reason: str


@frozen(kw_only=True)
class MemberUnblocked(Event):
    """A member was unblocked, back to the state before."""

    type: ClassVar[str] = "member.unblocked"
    member: MemberId
    state: MemberState


@frozen(kw_only=True)
class RegisteringFacts:
    """What registering looks at."""

    id: MemberId
    wanted: Register
    taken: Collection[str]
    """The support ids that are not free."""
    points: tuple[ContactPoint, ...]
    """The contact points with their keys."""
    holders: Mapping[ContactKey, MemberId]
    """Who has which of these keys."""
    guardians: Sequence[Person]
    """The guardian, if one is named."""
    may_read: bool
    """Whether the actor may read members."""
    today: date
    types: Collection[str]
    """Of which types new members can be."""

    @property
    def person(self) -> Person:
        """What is known of the person."""
        return Person(member=self.id, **self.wanted.details.given)


@policy("MEM-1", "A record has a name, or an id of the host's.")
def must_have_a_name_or_an_external_id(r: RegisteringFacts) -> MemberLogicError | None:
    """Else nobody could say whose record it is."""
    return Nameless() if unknown(r.person, r.wanted.external_ids) else None


@policy("MEM-1", "There is a way to the person: e-mail, phone, an id of the host's, or a guardian.")
def must_be_within_reach(r: RegisteringFacts) -> MemberLogicError | None:
    """A child is reached through a parent's record."""
    return OutOfReach() if out_of_reach(r.person, r.points, r.wanted.external_ids) else None


@policy("MEM-1", "A birth date is not to come.")
def must_have_been_born(r: RegisteringFacts) -> MemberLogicError | None:
    """By the organization's day."""
    return unborn(r.person, r.today)


@policy("MEM-1", "A guardian is not a child who has a guardian.")
def guardian_must_stand_alone(r: RegisteringFacts) -> MemberLogicError | None:
    """So that there is somebody at the end."""
    return guarded(r.guardians)


@policy("MEM-2", "No two members have the same contact point.")
def contact_points_must_be_free(r: RegisteringFacts) -> MemberLogicError | None:
    """Compared by their keys."""
    return taken(r.points, r.holders, may_read=r.may_read)


@policy("MEM-1", "A new member is of a type that the organization has.")
def type_must_be_known(r: RegisteringFacts) -> MemberLogicError | None:
    """Defined and not retired, or in use since before types were defined."""
    return of_nobody_known([r.wanted.member_type], r.types)


REGISTERING: Policies[RegisteringFacts] = Policies(
    must_have_a_name_or_an_external_id,
    must_be_within_reach,
    must_have_been_born,
    guardian_must_stand_alone,
    contact_points_must_be_free,
    type_must_be_known,
)


@frozen(kw_only=True)
class NewMember:
    """What registering leaves."""

    member: Member
    person: Person
    points: tuple[ContactPoint, ...]
    keys: frozenset[SearchKey]
    """By what the member is searched."""


def register(facts: RegisteringFacts) -> Outcome[NewMember, Event, Member]:
    """A new record; UNVERIFIED unless the host says otherwise, and then its contact points are verified too.

    Raises:
        RuleViolation, ContactTaken: the first of :data:`REGISTERING` that refuses.
    """
    REGISTERING.require(facts)
    id, wanted = facts.id, facts.wanted
    state = MemberState.ACTIVE if wanted.verified else MEMBER_STATES.initial
    member = Member(id=id, type=wanted.member_type, state=state, support_id=first_free(id, facts.taken))
    registered = MemberRegistered(members=(id,), member=id, member_type=wanted.member_type, state=state)
    reached = tuple(added(each) for each in facts.points)
    keys = of_person(facts.person) | of_contact_points(facts.points) | of_external_ids(wanted.external_ids)
    keys |= of_support_id(member.support_id)
    new = NewMember(member=member, person=facts.person, points=facts.points, keys=keys)
    return Outcome(new, (registered, *reached), member)


def verify(member: Member) -> Outcome[tuple[Member, ...], Event, Member]:
    """UNVERIFIED becomes ACTIVE; verifying an ACTIVE member changes nothing and is no event."""
    after = MEMBER_STATES.after(member.state, "verify")
    if after is member.state:
        return Outcome((), (), member)
    verified = evolve(member, state=after, version=member.version + 1)
    return Outcome((verified,), (MemberVerified(members=(member.id,), member=member.id),), verified)


def block(member: Member, wanted: Block) -> Outcome[tuple[Member, ...], Event, Member]:
    """The member takes no part until unblocked."""
    after = MEMBER_STATES.after(member.state, "block")
    blocked = evolve(
        member, state=after, before_block=member.state, blocked_for=wanted.reason, version=member.version + 1
    )
    return Outcome((blocked,), (MemberBlocked(members=(member.id,), member=member.id, reason=wanted.reason),), blocked)


def unblock(member: Member) -> Outcome[tuple[Member, ...], Event, Member]:
    """Full participation again, from the state before the block; nothing is granted retroactively."""
    after = MEMBER_STATES.after(member.state, "unblock")
    after = member.before_block or after
    unblocked = evolve(member, state=after, before_block=None, blocked_for=None, version=member.version + 1)
    return Outcome((unblocked,), (MemberUnblocked(members=(member.id,), member=member.id, state=after),), unblocked)
