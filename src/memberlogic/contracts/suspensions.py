"""Suspensions (CON-14), as data, and what the host says of what somebody owes: both beside the status, never in it."""

from __future__ import annotations

from datetime import date, datetime

from attrs import frozen

from memberlogic.amounts import Money
from memberlogic.ids import ContractId, MemberId, SuspensionId

__all__ = ["Billing", "Suspension"]


@frozen(kw_only=True)
class Suspension:
    """No access on the days ``[since, until)``, for a reason: of one contract (its studio's days), or of a member
    wherever they go (the days of the studio that they come to). Without an end until one is set.
    """

    id: SuspensionId
    member: MemberId | None = None
    contract: ContractId | None = None
    since: date
    until: date | None = None
    """As it was filed."""
    ended: date | None = None
    """The day from which on there is access again, where it was ended early; ``since`` if it never began."""
    reason: str
    filed_at: datetime

    @property
    def end(self) -> date | None:
        """The first day with access again."""
        return self.until if self.ended is None else self.ended

    def __contains__(self, day: date) -> bool:
        return self.since <= day and (self.end is None or day < self.end)


@frozen(kw_only=True)
class Billing:
    """What the host's billing last said of a member: what they owe and how that stands. It is shown, never decided
    on.
    """

    member: MemberId
    owed: Money | None = None
    status: str | None = None
    as_of: datetime | None = None
    """None if billing said nothing."""
