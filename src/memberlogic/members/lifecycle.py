"""The account state of a member, as a table, and which commands each state takes."""

from __future__ import annotations

from collections.abc import Iterable

from memberlogic.errors import IllegalTransition
from memberlogic.lifecycle import Lifecycle
from memberlogic.members.model import Member, MemberState

__all__ = ["MEMBER_STATES", "present", "require_present"]

# Unblocking leads back to the state before the block, which the record keeps in `before_block`: ACTIVE here, or
# UNVERIFIED for a member who had not been verified yet.
MEMBER_STATES = Lifecycle(
    "member",
    MemberState.UNVERIFIED,
    {
        MemberState.UNVERIFIED: {
            "verify": MemberState.ACTIVE,
            "block": MemberState.BLOCKED,
            "anonymise": MemberState.ANONYMISED,
            "delete": MemberState.ANONYMISED,
        },
        MemberState.ACTIVE: {
            "verify": MemberState.ACTIVE,
            "block": MemberState.BLOCKED,
            "anonymise": MemberState.ANONYMISED,
            "delete": MemberState.ANONYMISED,
        },
        MemberState.BLOCKED: {
            "unblock": MemberState.ACTIVE,
            "anonymise": MemberState.ANONYMISED,
            "delete": MemberState.ANONYMISED,
        },
        MemberState.ANONYMISED: {"anonymise": MemberState.ANONYMISED, "delete": MemberState.ANONYMISED},
    },
)


def present(member: Member, action: str) -> Member:
    """The member, for a command that the table does not name; somebody who was anonymised takes none (MEM-9).

    Raises:
        IllegalTransition: if the member was anonymised.
    """
    if member.state is not MemberState.ANONYMISED:
        return member
    allowed = MEMBER_STATES.allowed(member.state)
    raise IllegalTransition(machine="member", state=member.state.value, action=action, allowed=allowed)


def require_present(members: Iterable[Member], action: str) -> None:
    """The same of several members.

    Raises:
        IllegalTransition: if one of them was anonymised.
    """
    for each in members:
        present(each, action)
