"""COM-3: by whose clock a member lives: their own zone, else their home studio's, else the organization's. Quiet hours
and what is counted by the member's own day go by it.
"""

from __future__ import annotations

from enum import Enum
from zoneinfo import ZoneInfo

from attrs import frozen

from memberlogic.ids import MemberId
from memberlogic.members.people import Person
from memberlogic.members.ports import MembersWork
from memberlogic.organizations.model import Studio

__all__ = ["Residence", "ZoneOf", "residence", "residence_of"]


class ZoneOf(Enum):
    """Whose zone a member's is taken to be."""

    MEMBER = "member"
    HOME_STUDIO = "home_studio"
    ORGANIZATION = "organization"


@frozen
class Residence:
    """The zone that a member lives in, as far as is known, and whose it is."""

    zone: ZoneInfo
    of: ZoneOf


def residence_of(person: Person, home: Studio | None, organization: ZoneInfo) -> Residence:
    """Where a person lives, by what is known of them, with the studio that they belong to."""
    if person.zone is not None:
        return Residence(person.zone, ZoneOf.MEMBER)
    if home is not None:
        return Residence(home.zone, ZoneOf.HOME_STUDIO)
    return Residence(organization, ZoneOf.ORGANIZATION)


def residence(uow: MembersWork, member: MemberId, organization: ZoneInfo) -> Residence:
    """Where a member lives, inside a unit of work; ``organization`` is the zone of theirs."""
    person = uow.people.of(member)
    asked = person.zone is None and person.home_studio is not None
    home = uow.studios.get(person.home_studio) if asked and person.home_studio is not None else None
    return residence_of(person, home, organization)
