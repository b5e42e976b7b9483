"""What a host calls to keep leads (MEM-12). :class:`~memberlogic.members.service.MembersService` is one of these."""

from __future__ import annotations

from datetime import datetime

from memberlogic.actors import Actor
from memberlogic.ids import MemberId
from memberlogic.members import inquiring
from memberlogic.members.inquiries import Inquiry, InquiryKind, Lead
from memberlogic.members.inquiring import LeadOf, LeadSourceSet, RecordInquiry, SetLeadSource
from memberlogic.members.lifecycle import present
from memberlogic.members.ports import MembersWork
from memberlogic.running import Asks, Runner

__all__ = ["InquiryService"]

RECORD_INQUIRY = Asks("members.record_inquiry", "members.leads:create", Inquiry)
SET_LEAD_SOURCE = Asks("members.set_lead_source", "members.leads:update", LeadSourceSet)
LEAD = Asks("members.lead", "members.leads:read", Lead)


class InquiryService:
    """Where members come from: lead sources and inquiries."""

    _runner: Runner[MembersWork]

    def record_inquiry(
        self,
        member: MemberId,
        *,
        kind: InquiryKind,
        at: datetime | None = None,
        studio: str | None = None,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> Inquiry:
        """Somebody asked about a membership (MEM-12). They have a member record by then: a prospect is one too.

        Args:
            kind: how they asked.
            at: when, now if left out; it counts on the local day of the studio, else of the organization.
            studio: where, by the studio's code.
            note: what was said, up to 2,000 characters. It is kept apart, told by :meth:`lead` only, and erased when
                the member is anonymised.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member or studio.
            InquiryInTheFuture: if it is still to come.
        """
        wanted = RecordInquiry(member=member, kind=kind, at=at, studio=studio, note=note)
        return self._runner.run(RECORD_INQUIRY, wanted, idempotency_key, self.record_inquiry_step)

    def record_inquiry_step(self, uow: MembersWork, actor: Actor, wanted: RecordInquiry) -> Inquiry:
        """Recording an inquiry, inside a unit of work."""
        present(uow.members.locked(wanted.member), "inquire")
        zone = self._runner.organization.zone
        outcome = inquiring.inquire(wanted, uow.studios.all(), zone, actor, uow.now, self._runner.new_id)
        uow.leads.ask(outcome.facts)
        uow.put(outcome.events, effective_at=outcome.result.at)
        return outcome.result

    def set_lead_source(
        self, member: MemberId, source: str | None, *, idempotency_key: str | None = None
    ) -> LeadSourceSet:
        """Say where a member comes from (MEM-12), as a code: ``flyer``, ``search``; None if nobody knows. What was said
        before is replaced.

        Raises:
            InvalidInput: for a source that is no code.
            NotFound: if there is no such member.
        """
        wanted = SetLeadSource(member=member, source=source)
        return self._runner.run(SET_LEAD_SOURCE, wanted, idempotency_key, self.set_lead_source_step)

    def set_lead_source_step(self, uow: MembersWork, _: Actor, wanted: SetLeadSource) -> LeadSourceSet:
        """Setting the source, inside a unit of work."""
        member = present(uow.members.locked(wanted.member), "get a lead source")
        outcome = inquiring.set_source(wanted, uow.leads.of(member.id).source)
        uow.leads.come_from(member.id, outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def lead(self, member: MemberId) -> Lead:
        """Where a member comes from, and everything they asked with what was noted (MEM-12). Raises ``NotFound``."""
        return self._runner.ask(LEAD, LeadOf(member=member), self.lead_step)

    def lead_step(self, uow: MembersWork, _: Actor, wanted: LeadOf) -> Lead:
        """Looking at a lead, inside a unit of work."""
        return uow.leads.of(uow.members.get(wanted.member).id)
