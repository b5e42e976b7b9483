"""MEM-7: contact points are verified by hand, or by a token that the host sends there."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.errors import NotFound, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ConfirmationId, ContactPointId, MemberId
from memberlogic.inputs import an_id, text, whole
from memberlogic.members.contact_points import Confirmation, ContactKind, ContactPoint
from memberlogic.members.model import Member, MemberState
from memberlogic.members.registering import verify
from memberlogic.outcomes import Outcome

__all__ = [
    "AskConfirmation",
    "Confirm",
    "ConfirmationAsked",
    "ConfirmationExpired",
    "ConfirmationToken",
    "ContactPointVerified",
    "Verified",
    "ask",
    "confirm",
    "digest_of",
    "require_own_confirmation",
    "with_token",
]


@frozen(kw_only=True)
class AskConfirmation:
    """Make a token that confirms a contact point for so many hours."""

    contact_point: ContactPointId = field(validator=an_id)
    hours: int = field(default=72, validator=whole(least=1, most=24 * 90))


@frozen(kw_only=True)
class Confirm:
    """Somebody came back with a token."""

    token: str = field(validator=text(64, "a token"), repr=False)


@frozen(kw_only=True)
class ConfirmationAsked:
    """A confirmation was asked for."""

    confirmation: ConfirmationId
    member: MemberId
    contact_point: ContactPointId
    kind: ContactKind
    expires_at: datetime


@frozen(kw_only=True)
class ConfirmationToken(ConfirmationAsked):
    """The same, with the token that the host sends to the contact point. It is kept nowhere."""

    token: str = field(repr=False)


@frozen(kw_only=True)
class ContactPointVerified(Event):
    """A contact point is the member's, as somebody made sure or as they confirmed."""

    type: ClassVar[str] = "member.contact_point_verified"
    member: MemberId
    contact_point: ContactPointId
    kind: ContactKind


@frozen(kw_only=True)
class Verified:
    """A contact point that is verified, and the account state of its member."""

    member: MemberId
    contact_point: ContactPointId
    kind: ContactKind
    state: MemberState


@frozen(kw_only=True)
class Verification:
    """What verifying leaves; nothing, if nothing is different."""

    members: tuple[Member, ...] = ()
    points: tuple[ContactPoint, ...] = ()


class ConfirmationExpired(RuleViolation):
    """It took too long."""

    code = "confirmation.expired"
    rule = "MEM-7"
    sentence = "The confirmation expired at {expires_at}; ask for another one."


def digest_of(token: str) -> str:
    """What is kept of a token; nothing leads back from it."""
    return hashlib.sha256(token.encode()).hexdigest()


def ask(
    point: ContactPoint, wanted: AskConfirmation, id: ConfirmationId, token: str, now: datetime
) -> Outcome[Confirmation, Event, ConfirmationAsked]:
    """A confirmation, which takes the place of an earlier one of the same contact point."""
    expires_at = now + timedelta(hours=wanted.hours)
    made = Confirmation(
        id=id, member=point.member, contact_point=point.id, digest=digest_of(token), expires_at=expires_at
    )
    asked = ConfirmationAsked(
        confirmation=id, member=point.member, contact_point=point.id, kind=point.kind, expires_at=expires_at
    )
    return Outcome(made, (), asked)


def with_token(asked: ConfirmationAsked, token: str) -> ConfirmationToken:
    """The answer with its token."""
    return ConfirmationToken(
        confirmation=asked.confirmation,
        member=asked.member,
        contact_point=asked.contact_point,
        kind=asked.kind,
        expires_at=asked.expires_at,
        token=token,
    )


def require_own_confirmation(actor: Actor, confirmation: Confirmation) -> None:
    """Refuse a member who comes with somebody else's token, without saying whose it is (COM-11).

    Raises:
        NotFound: it does not exist for them.
    """
    if actor.member_id not in (None, confirmation.member):
        raise NotFound(kind="confirmation", id="with this token")


def confirm(
    member: Member, point: ContactPoint, confirmation: Confirmation | None, now: datetime
) -> Outcome[Verification, Event, Verified]:
    """The contact point is verified, and so is its member. With a confirmation, or by hand with none. Doing it again
    changes nothing.

    Raises:
        ConfirmationExpired: if the confirmation ran out.
        IllegalTransition: if the member is blocked.
    """
    if confirmation is not None and now >= confirmation.expires_at:
        raise ConfirmationExpired(expires_at=confirmation.expires_at.isoformat())
    stands = verify(member)
    result = Verified(member=member.id, contact_point=point.id, kind=point.kind, state=stands.result.state)
    if point.verified:
        return Outcome(Verification(members=stands.facts), stands.events, result)
    after = stands.facts or (evolve(member, version=member.version + 1),)
    event = ContactPointVerified(members=(member.id,), member=member.id, contact_point=point.id, kind=point.kind)
    return Outcome(Verification(members=after, points=(evolve(point, verified=True),)), (event, *stands.events), result)
