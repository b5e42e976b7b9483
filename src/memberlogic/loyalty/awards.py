"""An award as it is kept: what an event other than a purchase came to (PTS-4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from attrs import frozen

from memberlogic.ids import AccountId, AwardId, ClubId, EntryId, ExternalId, MemberId
from memberlogic.outcomes import Because

__all__ = ["Award"]


@frozen(kw_only=True)
class Award:
    """What an event came to; one of 0 points is kept too, for its id is used up."""

    id: AwardId
    account: AccountId
    club: ClubId
    member: MemberId
    event: str
    external_id: ExternalId
    at: datetime
    """When the event took place."""
    business_day: date
    """The club's day of it: limits count by it."""
    earned_on: date
    """The club's day on which the points arrived: they expire, and count for schemes, by it."""
    recorded_at: datetime
    scheme: str
    given: Mapping[str, int]
    """The points of each rule that gave any, by its key."""
    points: int
    settled_debt: int
    expires_at: datetime | None
    available: int
    entry: EntryId | None
    because: tuple[Because, ...]

    def same(self, account: AccountId, event: str, member: MemberId | None, at: datetime | None) -> bool:
        """Whether it was given for this content; what a repeat leaves out does not differ."""
        return (
            (self.account, self.event) == (account, event) and member in (None, self.member) and at in (None, self.at)
        )
