"""MEM-5: giving and withdrawing consents, for a purpose over a channel. Both append; nothing said before is changed.

A message that needs a consent is looked at again when it is sent (COM-17): here is who may be sent one.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ConsentId, MemberId, NewId
from memberlogic.inputs import an_id, an_instant, code, optional, to_utc_or_none
from memberlogic.members.consents import Consent, ConsentHistory, Consents
from memberlogic.members.model import Member, MemberState
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "CONSENTING",
    "SENDING",
    "CheckSending",
    "ConsentGiven",
    "ConsentWithdrawn",
    "ConsentsOf",
    "GiveConsent",
    "HistoryOf",
    "Sending",
    "SendingChecked",
    "WithdrawConsent",
    "check",
    "consent",
]


@frozen(kw_only=True)
class GiveConsent:
    """A member agrees to a purpose over a channel, in the words of a version."""

    member: MemberId = field(validator=an_id)
    purpose: str = field(validator=code("a purpose"))
    channel: str | None = field(default=None, validator=optional(code("a channel")))
    source: str = field(validator=code("a source"))
    wording: str = field(validator=code("a version of the wording"))
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))

    given: ClassVar[bool] = True


@frozen(kw_only=True)
class WithdrawConsent:
    """A member does not agree, or no longer, to a purpose over a channel."""

    member: MemberId = field(validator=an_id)
    purpose: str = field(validator=code("a purpose"))
    channel: str | None = field(default=None, validator=optional(code("a channel")))
    source: str = field(validator=code("a source"))
    wording: str | None = field(default=None, validator=optional(code("a version of the wording")))
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))

    given: ClassVar[bool] = False


@frozen(kw_only=True)
class ConsentsOf:
    """Look at what holds of a member at an instant, now if None."""

    member: MemberId = field(validator=an_id)
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen(kw_only=True)
class HistoryOf:
    """Look at everything that a member said."""

    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class CheckSending:
    """Whether a member may be sent something that needs a consent."""

    member: MemberId = field(validator=an_id)
    purpose: str = field(validator=code("a purpose"))
    channel: str | None = field(default=None, validator=optional(code("a channel")))


@frozen(kw_only=True)
class ConsentGiven(Event):
    """A member agreed to a purpose over a channel."""

    type: ClassVar[str] = "consent.given"
    member: MemberId
    consent: ConsentId
    purpose: str
    channel: str | None
    source: str
    wording: str


@frozen(kw_only=True)
class ConsentWithdrawn(Event):
    """A member does not agree, or no longer, to a purpose over a channel."""

    type: ClassVar[str] = "consent.withdrawn"
    member: MemberId
    consent: ConsentId
    purpose: str
    channel: str | None
    source: str


class ConsentInTheFuture(RuleViolation):
    """Nobody has said it yet."""

    code = "consent.in_the_future"
    rule = "MEM-5"
    sentence = "The consent is of {at}, and it is {now}."


class SendingToAnonymised(RuleViolation):
    """There is nobody any more."""

    code = "sending.member_anonymised"
    rule = "MEM-9"
    sentence = "The member {member} was anonymised; nothing is sent there."


class SendingToBlocked(RuleViolation):
    """The member takes no part."""

    code = "sending.member_blocked"
    rule = "MEM-8"
    sentence = "The member {member} is blocked and is sent service messages only."


class SendingToUnverified(RuleViolation):
    """Nobody knows yet whether the address is the member's own."""

    code = "sending.member_unverified"
    rule = "MEM-5"
    sentence = "The member {member} is not verified; this organization sends such messages to verified members only."


class NoConsent(RuleViolation):
    """The member never agreed."""

    code = "sending.no_consent"
    rule = "MEM-5"
    sentence = "The member {member} has not agreed to {purpose} over {channel}."


class ConsentWasWithdrawn(RuleViolation):
    """The member agreed no longer, or said no."""

    code = "sending.consent_withdrawn"
    rule = "MEM-5"
    sentence = "The member {member} said no to {purpose} over {channel} at {at}."


@frozen(kw_only=True)
class Sending:
    """What sending looks at."""

    wanted: CheckSending
    member: Member
    consents: Consents
    to_unverified: bool
    """Whether the organization sends such messages to members who are not verified."""


@frozen(kw_only=True)
class SendingChecked:
    """Whether a member may be sent something for a purpose over a channel, and every reason why not."""

    member: MemberId
    purpose: str
    channel: str | None
    refusals: tuple[MemberLogicError, ...]

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.refusals

    def explain(self) -> Explanation:
        """Every reason."""
        verdict = "may" if self.allowed else "may not"
        reasons = tuple(Because(each.rule or "MEM-5", each.code, each.details) for each in self.refusals)
        return Explanation(
            f"The member {verdict} be sent {self.purpose} over {self.channel or 'any channel'}.", reasons
        )


@policy("MEM-5", "A consent is of now or of the past.")
def must_have_been_said(facts: tuple[datetime, datetime]) -> MemberLogicError | None:
    """Its instant is not after now."""
    at, now = facts
    return None if at <= now else ConsentInTheFuture(at=at.isoformat(), now=now.isoformat())


CONSENTING: Policies[tuple[datetime, datetime]] = Policies(must_have_been_said)


@policy("MEM-8", "A blocked member is sent nothing but service messages.")
def member_must_not_be_blocked(s: Sending) -> MemberLogicError | None:
    """Whatever they agreed to."""
    return SendingToBlocked(member=str(s.member.id)) if s.member.state is MemberState.BLOCKED else None


@policy("MEM-9", "A member who was anonymised is sent nothing.")
def member_must_not_be_anonymised(s: Sending) -> MemberLogicError | None:
    """There is nobody to send it to."""
    return SendingToAnonymised(member=str(s.member.id)) if s.member.state is MemberState.ANONYMISED else None


@policy("MEM-5", "A member who is not verified is sent no marketing, unless the organization does so.")
def member_must_be_verified(s: Sending) -> MemberLogicError | None:
    """Whatever they agreed to."""
    if s.to_unverified or s.member.state is not MemberState.UNVERIFIED:
        return None
    return SendingToUnverified(member=str(s.member.id))


@policy("MEM-5", "The member agreed to this purpose over this channel, and has not withdrawn it.")
def member_must_have_agreed(s: Sending) -> MemberLogicError | None:
    """What was said last counts."""
    said = s.consents.of(s.wanted.purpose, s.wanted.channel)
    about = {"member": str(s.member.id), "purpose": s.wanted.purpose, "channel": s.wanted.channel or "any channel"}
    if said is None:
        return NoConsent(**about)
    return None if said.given else ConsentWasWithdrawn(**about, at=said.at.isoformat())


SENDING: Policies[Sending] = Policies(
    member_must_not_be_blocked, member_must_not_be_anonymised, member_must_be_verified, member_must_have_agreed
)


def consent(
    wanted: GiveConsent | WithdrawConsent, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[Consent, Event, Consent]:
    """Append what the member said, of now unless it was said earlier.

    Raises:
        ConsentInTheFuture: if it is still to come.
    """
    at = wanted.at or now
    CONSENTING.require((at, now))
    said = Consent(
        id=ConsentId(new_id()),
        member=wanted.member,
        purpose=wanted.purpose,
        channel=wanted.channel,
        given=wanted.given,
        at=at,
        source=wanted.source,
        wording=wanted.wording,
        recorded_at=now,
        actor=actor.label,
    )
    return Outcome(said, (_event(said),), said)


def _event(said: Consent) -> Event:
    if said.given and said.wording is not None:
        return ConsentGiven(
            members=(said.member,),
            member=said.member,
            consent=said.id,
            purpose=said.purpose,
            channel=said.channel,
            source=said.source,
            wording=said.wording,
        )
    return ConsentWithdrawn(
        members=(said.member,),
        member=said.member,
        consent=said.id,
        purpose=said.purpose,
        channel=said.channel,
        source=said.source,
    )


def check(
    wanted: CheckSending, member: Member, history: ConsentHistory, now: datetime, *, to_unverified: bool
) -> SendingChecked:
    """Everything that speaks against sending, in the order in which it refuses."""
    facts = Sending(wanted=wanted, member=member, consents=history.as_of(now), to_unverified=to_unverified)
    return SendingChecked(
        member=member.id, purpose=wanted.purpose, channel=wanted.channel, refusals=SENDING.refusals(facts)
    )
