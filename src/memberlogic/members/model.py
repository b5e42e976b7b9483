"""A member's facts."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from memberlogic.ids import MemberId

__all__ = ["Member", "MemberState"]


class MemberState(Enum):
    """The account state of a member record: may this person take part?"""

    UNVERIFIED = "unverified"
    ACTIVE = "active"
    BLOCKED = "blocked"


@frozen(kw_only=True)
class Member:
    """A person known to the organization, by id only."""

    id: MemberId
    type: str
    state: MemberState
    before_block: MemberState | None = None
    """The state that unblocking restores; None unless blocked."""
    version: int = 0
