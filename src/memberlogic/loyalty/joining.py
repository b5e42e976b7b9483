"""PTS-1: joint accounts. Further members join an account and leave it; whose own account it is stays."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import AccountId, ClubId, MemberId
from memberlogic.inputs import an_id
from memberlogic.loyalty.lifecycle import ACCOUNT_STATES
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.opening import MemberIsBlocked, MemberTypeNotAccepted
from memberlogic.members import Member, MemberState
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "JOINING",
    "LEAVING",
    "HolderJoined",
    "HolderLeft",
    "Joint",
    "JointFacts",
    "join",
    "leave",
]


@frozen(kw_only=True)
class Joint:
    """Let a member join an account, or leave it."""

    account: AccountId = field(validator=an_id)
    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class JointFacts:
    """What the rules of joint accounts look at."""

    account: Account
    club: Club
    member: Member


@frozen(kw_only=True)
class HolderJoined(Event):
    """A member holds the account with the others."""

    type: ClassVar[str] = "account.holder_joined"
    account: AccountId
    club: ClubId
    member: MemberId


@frozen(kw_only=True)
class HolderLeft(Event):
    """A member does not hold the account any more."""

    type: ClassVar[str] = "account.holder_left"
    account: AccountId
    club: ClubId
    member: MemberId


class AlreadyAHolder(RuleViolation):
    """The member holds it."""

    code = "account.already_a_holder"
    rule = "PTS-1"
    sentence = "The member {member} holds the account {account} already."


class NotAHolder(RuleViolation):
    """The member does not hold it."""

    code = "account.not_a_holder"
    rule = "PTS-1"
    sentence = "The member {member} does not hold the account {account}."


class OwnerCannotLeave(RuleViolation):
    """It is the member's own."""

    code = "account.owner_cannot_leave"
    rule = "PTS-1"
    sentence = "The account {account} is the member's own; close it instead."


@policy("PTS-1", "A member of a type that the club accepts.")
def type_must_be_accepted(j: JointFacts) -> MemberLogicError | None:
    """As for an account of their own."""
    if j.member.type in j.club.member_types:
        return None
    return MemberTypeNotAccepted(accepted=sorted(j.club.member_types), member_type=j.member.type)


@policy("PTS-1", "A blocked member takes no part.")
def member_must_take_part(j: JointFacts) -> MemberLogicError | None:
    """Unblock first."""
    return MemberIsBlocked(member=str(j.member.id)) if j.member.state is MemberState.BLOCKED else None


@policy("PTS-1", "A member joins an account once.")
def must_not_hold_it(j: JointFacts) -> MemberLogicError | None:
    """The owner holds it from the start."""
    if j.member.id not in j.account.holders:
        return None
    return AlreadyAHolder(member=str(j.member.id), account=str(j.account.id))


@policy("PTS-1", "The owner cannot leave.")
def must_not_be_the_owner(j: JointFacts) -> MemberLogicError | None:
    """An account is somebody's own for as long as it lives."""
    return OwnerCannotLeave(account=str(j.account.id)) if j.member.id == j.account.owner else None


@policy("PTS-1", "Who leaves an account holds it.")
def must_hold_it(j: JointFacts) -> MemberLogicError | None:
    """Nobody else can leave."""
    if j.member.id in j.account.holders:
        return None
    return NotAHolder(member=str(j.member.id), account=str(j.account.id))


JOINING: Policies[JointFacts] = Policies(type_must_be_accepted, member_must_take_part, must_not_hold_it)
LEAVING: Policies[JointFacts] = Policies(must_hold_it, must_not_be_the_owner)


def join(facts: JointFacts, now: datetime) -> Outcome[Account, HolderJoined, Account]:
    """One holder more, after the others. It is not an account of their own: they may open or have one.

    Raises:
        IllegalTransition: unless the account is open.
        RuleViolation: the first of :data:`JOINING` that refuses.
    """
    joined = _after(facts, "join", (*facts.account.holders, facts.member.id), now)
    JOINING.require(facts)
    event = HolderJoined(members=joined.holders, account=joined.id, club=joined.club, member=facts.member.id)
    return Outcome(joined, (event,), joined)


def leave(facts: JointFacts, now: datetime) -> Outcome[Account, HolderLeft, Account]:
    """One holder less; the points stay.

    Raises:
        IllegalTransition: if the account is closed.
        RuleViolation: the first of :data:`LEAVING` that refuses.
    """
    others = tuple(each for each in facts.account.holders if each != facts.member.id)
    left = _after(facts, "leave", others, now)
    LEAVING.require(facts)
    event = HolderLeft(members=facts.account.holders, account=left.id, club=left.club, member=facts.member.id)
    return Outcome(left, (event,), left)


def _after(facts: JointFacts, action: str, holders: tuple[MemberId, ...], now: datetime) -> Account:
    account = facts.account
    return evolve(
        account,
        state=ACCOUNT_STATES.after(account.state, action),
        holders=holders,
        effective_at=max(account.effective_at, now),
        version=account.version + 1,
    )
