"""MEM-12: a member record carries a lead source and inquiries. Both belong to prospects and members alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day, start_of_day
from memberlogic.errors import NotFound, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import InquiryId, MemberId, NewId
from memberlogic.inputs import a_note, an_id, an_instant, code, instance, optional, to_utc_or_none
from memberlogic.members.inquiries import Inquiry, InquiryKind, InquiryTold
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Outcome

__all__ = [
    "InquiryRecorded",
    "LeadOf",
    "LeadSourceSet",
    "MemberLeadSourceSet",
    "RecordInquiry",
    "SetLeadSource",
    "inquire",
    "set_source",
]


@frozen(kw_only=True)
class RecordInquiry:
    """A member asked about a membership: how, when (now if None), at which studio, and what was noted."""

    member: MemberId = field(validator=an_id)
    kind: InquiryKind = field(validator=instance(InquiryKind, "a kind (InquiryKind)"))
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    note: str | None = field(default=None, validator=optional(a_note))


@frozen(kw_only=True)
class SetLeadSource:
    """Say where a member comes from; None if nobody knows."""

    member: MemberId = field(validator=an_id)
    source: str | None = field(validator=optional(code("a lead source")))


@frozen(kw_only=True)
class LeadOf:
    """Look at where a member comes from."""

    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class LeadSourceSet:
    """Where a member comes from now, and what was said before."""

    member: MemberId
    source: str | None
    before: str | None


@frozen(kw_only=True)
class MemberLeadSourceSet(Event):
    """It was said where a member comes from."""

    type: ClassVar[str] = "member.lead_source_set"
    member: MemberId
    source: str | None


@frozen(kw_only=True)
class InquiryRecorded(Event):
    """A member asked about a membership; what was noted is kept apart."""

    type: ClassVar[str] = "inquiry.recorded"
    member: MemberId
    inquiry: InquiryId
    kind: InquiryKind
    studio: str | None


class InquiryInTheFuture(RuleViolation):
    """Nobody has asked yet."""

    code = "inquiry.in_the_future"
    rule = "MEM-12"
    sentence = "The inquiry is of {at}, and it is {now}."


def inquire(
    wanted: RecordInquiry, studios: Sequence[Studio], zone: ZoneInfo, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[InquiryTold, Event, Inquiry]:
    """Record an inquiry, on the local day of its studio; of the organization, whose ``zone`` this is, if it has none.

    Raises:
        NotFound: if there is no such studio.
        InquiryInTheFuture: if it is still to come.
    """
    places = {each.code: each.zone for each in studios}
    if wanted.studio is not None and wanted.studio not in places:
        raise NotFound(kind="studio", id=wanted.studio)
    at = wanted.at or now
    if at > now:
        raise InquiryInTheFuture(at=at.isoformat(), now=now.isoformat())
    day = local_day(at, zone if wanted.studio is None else places[wanted.studio])
    made = Inquiry(
        id=InquiryId(new_id()),
        member=wanted.member,
        kind=wanted.kind,
        at=at,
        studio=wanted.studio,
        day=day,
        day_began=min(start_of_day(day, each) for each in (zone, *places.values())),
        recorded_at=now,
        actor=actor.label,
    )
    event = InquiryRecorded(
        members=(made.member,), member=made.member, inquiry=made.id, kind=made.kind, studio=made.studio
    )
    return Outcome(InquiryTold(inquiry=made, note=wanted.note), (event,), made)


def set_source(wanted: SetLeadSource, before: str | None) -> Outcome[str | None, Event, LeadSourceSet]:
    """Say where a member comes from; an event only if that is something else than before."""
    event = MemberLeadSourceSet(members=(wanted.member,), member=wanted.member, source=wanted.source)
    result = LeadSourceSet(member=wanted.member, source=wanted.source, before=before)
    return Outcome(wanted.source, (event,) if wanted.source != before else (), result)
