"""MEM-18: what a person is to the organization at an instant, by the contracts that cover them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, an_instant, optional, to_utc_or_none
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus
from memberlogic.outcomes import Because, Explanation

__all__ = ["Membership", "OfMembership", "membership_at", "tell"]


@frozen(kw_only=True)
class OfMembership:
    """A member at an instant; now where none is given."""

    member: MemberId = field(validator=an_id)
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen(kw_only=True)
class Membership:
    """What a person is at an instant, and over past and known future."""

    member: MemberId
    at: datetime
    status: MembershipStatus
    detail: MembershipDetail | None
    since: datetime | None
    """Since when; None for somebody whom no contract ever covered."""
    until: datetime | None
    """Until when, as far as it is known; exclusive."""
    spans: tuple[MembershipSpan, ...]

    @property
    def first_joined_at(self) -> datetime | None:
        """The first instant at which they were a member, whatever ended and began since (CON-4); None for somebody who
        never was.
        """
        return next((each.since for each in self.spans if each.status is MembershipStatus.MEMBER), None)

    def explain(self) -> Explanation:
        """Which contract makes them what they are."""
        if self.detail is None:
            said = "Nobody who holds or held a contract in force: a prospect."
        else:
            words = {"member": "By a contract that is", "former_member": "The last contract in force is over:"}
            said = f"{words[self.status.value]} {self.detail.value.replace('_', ' ')}."
        figures = {"since": _iso(self.since), "until": _iso(self.until)}
        return Explanation(said, (Because("MEM-18", f"membership.{self.status.value}", figures),))


def _iso(instant: datetime | None) -> str:
    return "-" if instant is None else instant.isoformat()


def membership_at(spans: Sequence[MembershipSpan], instant: datetime) -> MembershipSpan | None:
    """The span that an instant lies in; None before the first: a prospect."""
    return next((each for each in spans if instant in each), None)


def tell(member: MemberId, spans: Sequence[MembershipSpan], at: datetime) -> Membership:
    """What a person is at an instant."""
    span = membership_at(spans, at)
    until = spans[0].since if span is None and spans else None
    return Membership(
        member=member,
        at=at,
        status=MembershipStatus.PROSPECT if span is None else span.status,
        detail=None if span is None else span.detail,
        since=None if span is None else span.since,
        until=until if span is None else span.until,
        spans=tuple(spans),
    )
