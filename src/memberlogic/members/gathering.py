"""MEM-1: what a decision about a person looks at beyond the person."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.actors import Actor
from memberlogic.members.acting import require_own
from memberlogic.members.lifecycle import present
from memberlogic.members.people import Details, Person
from memberlogic.members.ports import MembersWork

__all__ = ["guardians_of", "require_own_guardian", "require_studio"]


def require_studio(uow: MembersWork, details: Details) -> None:
    """Refuse a home studio that the organization does not have.

    Raises:
        NotFound: naming its code.
    """
    for code in details.studios:
        uow.studios.get(code)


def require_own_guardian(actor: Actor, details: Details) -> None:
    """Refuse a member who names another member as their guardian: that is for staff, who know both (COM-11).

    Raises:
        NotFound: the other does not exist for them.
    """
    for each in details.guardians:
        require_own(actor, each)


def guardians_of(uow: MembersWork, details: Details) -> Sequence[Person]:
    """The guardian, if one is named, locked: so that they get no guardian meanwhile.

    Raises:
        NotFound: if there is no such member.
        IllegalTransition: if they were anonymised.
    """
    return [uow.people.of(present(uow.members.locked(each), "be a guardian").id) for each in details.guardians]
