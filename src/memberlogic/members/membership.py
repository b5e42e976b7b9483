"""What a person is to the organization by the contracts that cover them (MEM-18), as data."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from attrs import frozen

__all__ = ["MembershipDetail", "MembershipSpan", "MembershipStatus"]


class MembershipStatus(Enum):
    """Does this person hold a contract? Somebody who never did is a prospect."""

    PROSPECT = "prospect"
    MEMBER = "member"
    FORMER_MEMBER = "former_member"


class MembershipDetail(Enum):
    """By which contract: for a member its status, for a former member how it ended."""

    ACTIVE = "active"
    FROZEN = "frozen"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LEFT = "left"


@frozen(kw_only=True)
class MembershipSpan:
    """The instants ``[since, until)`` during which somebody has one status; the last has no end. Before the first, and
    where there is none, they are a prospect.
    """

    status: MembershipStatus
    detail: MembershipDetail | None
    since: datetime
    until: datetime | None

    def __contains__(self, instant: datetime) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)
