"""COM-19, MEM-3: naming a member in any of the ways in which the organization knows them."""

from __future__ import annotations

from uuid import UUID

from memberlogic.errors import InvalidInput
from memberlogic.ids import ExternalId, MemberId
from memberlogic.inputs import describe
from memberlogic.members.model import Member
from memberlogic.members.ports import MembersWork
from memberlogic.members.support_ids import support_id_read

__all__ = ["Who", "named", "somebody"]

Who = MemberId | ExternalId | str
"""A member by id, by an id of the host's (a card), or by support id as it was read aloud or typed."""


def somebody(value: object) -> Who:
    """A converter for a field that names a member.

    Raises:
        InvalidInput: if it is neither of the three, or a support id that was mistyped.
    """
    if isinstance(value, UUID):
        return MemberId(value)
    if isinstance(value, ExternalId):
        return value
    if not isinstance(value, str):
        expected = "a member's id (a UUID), an ExternalId, or a support id"
        raise InvalidInput(path="member", expected=expected, got=describe(value))
    return support_id_read(value, path="member")


def named(uow: MembersWork, who: Who) -> Member:
    """The member who is meant, not locked.

    Raises:
        NotFound: if there is nobody of that name here.
    """
    match who:
        case ExternalId():
            return uow.members.get(MemberId(uow.external_ids.find("member", who)))
        case str():
            return uow.members.by_support_id(who)
        case _:
            return uow.members.get(who)
