"""MEM-1: what has to be known of a person, when they are registered and ever after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from attrs import frozen

from memberlogic.errors import RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ContactPointId, ExternalId, MemberId
from memberlogic.members.contact_points import ContactKind, ContactPoint
from memberlogic.members.people import Details, Person

__all__ = [
    "ContactPointAdded",
    "GuardianGuarded",
    "Nameless",
    "OutOfReach",
    "Unborn",
    "added",
    "guarded",
    "out_of_reach",
    "unborn",
    "unknown",
]


class Nameless(RuleViolation):
    """Nobody could say whose record it is."""

    code = "member.nameless"
    rule = "MEM-1"
    sentence = "A member record needs a name (given_name, family_name or known_as) or an external id."


class OutOfReach(RuleViolation):
    """There would be no way to the person."""

    code = "member.out_of_reach"
    rule = "MEM-1"
    sentence = "A member record needs at least one of an e-mail address, a phone number, an external id or a guardian."


class Unborn(RuleViolation):
    """A slip of the pen."""

    code = "member.unborn"
    rule = "MEM-1"
    sentence = "The birth date is after {today}, the organization's day."


class GuardianGuarded(RuleViolation):
    """Two children would lead to one another, and to nobody."""

    code = "member.guardian_guarded"
    rule = "MEM-1"
    sentence = "The member {guardian} cannot be a guardian: a guardian is somebody else who has no guardian."


@frozen(kw_only=True)
class ContactPointAdded(Event):
    """A member can be reached in one more way."""

    type: ClassVar[str] = "member.contact_point_added"
    member: MemberId
    contact_point: ContactPointId
    kind: ContactKind
    verified: bool


def unknown(person: Person, external_ids: Sequence[ExternalId]) -> bool:
    """Whether there is neither a name nor an id of the host's."""
    return not (person.named or external_ids)


def out_of_reach(person: Person, points: Sequence[ContactPoint], external_ids: Sequence[ExternalId]) -> bool:
    """Whether there is no way to the person."""
    return not (points or external_ids or person.guardian)


def unborn(person: Details, today: date) -> Unborn | None:
    """The refusal of a birth date that is to come."""
    if person.birth_date is None or person.birth_date <= today:
        return None
    return Unborn(today=today.isoformat())


def guarded(guardians: Sequence[Person]) -> GuardianGuarded | None:
    """The refusal of a guardian who has one."""
    for each in guardians:
        if each.guardian is not None:
            return GuardianGuarded(guardian=str(each.member))
    return None


def added(point: ContactPoint) -> ContactPointAdded:
    """What happened when a contact point came to a member."""
    return ContactPointAdded(
        members=(point.member,),
        member=point.member,
        contact_point=point.id,
        kind=point.kind,
        verified=point.verified,
    )
