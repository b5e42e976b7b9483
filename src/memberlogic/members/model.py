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
    """The standing of a person known to the organization: ids, and whether they may take part. What is known of the
    person is another fact (:class:`~memberlogic.members.people.Person`), which most commands do not need.
    """

    id: MemberId
    type: str
    state: MemberState
    before_block: MemberState | None = None
    """The state that unblocking restores; None unless blocked."""
    version: int = 0
    support_id: str = ""
    """The id that is read aloud (MEM-3); empty only in what a key answers that was used before there were any."""
    blocked_for: str | None = None
    """Why, as a code; None unless blocked."""
