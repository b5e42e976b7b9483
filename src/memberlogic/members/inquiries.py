"""Where members come from, as it is kept (MEM-12): their lead source, and what they asked for when.

Personal: the notes, which are free text, kept apart, and erased with the person (MEM-9). The rest is codes and days.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

from attrs import frozen

from memberlogic.ids import InquiryId, MemberId

__all__ = ["Inquiry", "InquiryKind", "InquiryTold", "Lead"]


class InquiryKind(Enum):
    """How somebody asked."""

    PHONE = "phone"
    WALK_IN = "walk_in"
    WEB = "web"
    REFERRAL = "referral"
    OTHER = "other"


@frozen(kw_only=True)
class Inquiry:
    """Somebody asked about a membership once."""

    id: InquiryId
    member: MemberId
    kind: InquiryKind
    at: datetime
    studio: str | None
    day: date
    """The local day of the studio, or of the organization."""
    day_began: datetime
    """When that day began at the first of the organization's places. Contracts count by days: whoever is a member from
    then on was none before they asked, also where they signed on the same day.
    """
    recorded_at: datetime
    actor: str


@frozen(kw_only=True)
class InquiryTold:
    """An inquiry with what was noted; None if nothing was, or it is erased."""

    inquiry: Inquiry
    note: str | None


@frozen(kw_only=True)
class Lead:
    """Where a member comes from, and everything they asked, the first first."""

    member: MemberId
    source: str | None
    inquiries: tuple[InquiryTold, ...]
