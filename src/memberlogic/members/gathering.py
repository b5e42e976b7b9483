"""MEM-1: what a decision about a person looks at beyond the person."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.members.people import Details, Person
from memberlogic.members.ports import MembersWork

__all__ = ["guardians_of", "require_studio"]


def require_studio(uow: MembersWork, details: Details) -> None:
    """Refuse a home studio that the organization does not have.

    Raises:
        NotFound: naming its code.
    """
    for code in details.studios:
        uow.studios.get(code)


def guardians_of(uow: MembersWork, details: Details) -> Sequence[Person]:
    """The guardian, if one is named, locked: so that they get no guardian meanwhile.

    Raises:
        NotFound: if there is no such member.
    """
    return [uow.people.of(uow.members.locked(each).id) for each in details.guardians]
