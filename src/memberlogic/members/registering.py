"""Registering, verifying, blocking and unblocking members, as far as an account needs it (MEM-1, MEM-7, MEM-8)."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.events import Event
from memberlogic.ids import ExternalId, MemberId
from memberlogic.inputs import a_key, an_id, as_tuple, code, instance, sequence_of
from memberlogic.members.lifecycle import MEMBER_STATES
from memberlogic.members.model import Member, MemberState
from memberlogic.members.support_ids import first_free
from memberlogic.outcomes import Outcome

__all__ = ["Block", "MemberBlocked", "MemberRegistered", "MemberUnblocked", "MemberVerified", "Register"]


@frozen(kw_only=True)
class Register:
    """Register a member of a type that the organization uses (``customer``, ``staff``)."""

    member_type: str = field(validator=code("a member type"))
    verified: bool = field(default=False, validator=instance(bool, "true or false"))
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


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


def register(id: MemberId, wanted: Register, taken: Collection[str]) -> Outcome[tuple[Member, ...], Event, Member]:
    """A new record; UNVERIFIED unless the host says otherwise. Its support id is one that is not ``taken``."""
    state = MemberState.ACTIVE if wanted.verified else MEMBER_STATES.initial
    member = Member(id=id, type=wanted.member_type, state=state, support_id=first_free(id, taken))
    event = MemberRegistered(members=(id,), member=id, member_type=wanted.member_type, state=state)
    return Outcome((member,), (event,), member)


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
    blocked = evolve(member, state=after, before_block=member.state, version=member.version + 1)
    return Outcome((blocked,), (MemberBlocked(members=(member.id,), member=member.id, reason=wanted.reason),), blocked)


def unblock(member: Member) -> Outcome[tuple[Member, ...], Event, Member]:
    """Full participation again, from the state before the block; nothing is granted retroactively."""
    after = MEMBER_STATES.after(member.state, "unblock")
    after = member.before_block or after
    unblocked = evolve(member, state=after, before_block=None, version=member.version + 1)
    return Outcome((unblocked,), (MemberUnblocked(members=(member.id,), member=member.id, state=after),), unblocked)
