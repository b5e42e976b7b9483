"""The account state of a member, as a table."""

from __future__ import annotations

from memberlogic.lifecycle import Lifecycle
from memberlogic.members.model import MemberState

__all__ = ["MEMBER_STATES"]

# Unblocking leads back to the state before the block, which the record keeps in `before_block`: ACTIVE here, or
# UNVERIFIED for a member who had not been verified yet.
MEMBER_STATES = Lifecycle(
    "member",
    MemberState.UNVERIFIED,
    {
        MemberState.UNVERIFIED: {"verify": MemberState.ACTIVE, "block": MemberState.BLOCKED},
        MemberState.ACTIVE: {"verify": MemberState.ACTIVE, "block": MemberState.BLOCKED},
        MemberState.BLOCKED: {"unblock": MemberState.ACTIVE},
    },
)
