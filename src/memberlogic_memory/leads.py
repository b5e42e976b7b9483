"""Leads in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memberlogic.ids import MemberId
from memberlogic.members.inquiries import InquiryTold, Lead

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryLeads"]


class MemoryLeads:
    """The port ``Leads``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Lead:
        """Where a member comes from."""
        tenant = self._uow.tenant
        asked = sorted(tenant.inquiries.get(member, []), key=lambda each: (each.at, each.id))
        told = tuple(InquiryTold(inquiry=each, note=tenant.inquiry_notes.get(each.id)) for each in asked)
        return Lead(member=member, source=tenant.lead_sources.get(member), inquiries=told)

    def ask(self, told: InquiryTold) -> None:
        """Queue an inquiry."""
        tenant, inquiry, note = self._uow.tenant, told.inquiry, told.note
        self._uow.queue(lambda: tenant.inquiries.setdefault(inquiry.member, []).append(inquiry))
        if note is not None:
            self._uow.queue(lambda: tenant.inquiry_notes.update({inquiry.id: note}))

    def forget_notes(self, member: MemberId) -> None:
        """Queue that notes are gone."""
        tenant = self._uow.tenant

        def write() -> None:
            for each in tenant.inquiries.get(member, ()):
                tenant.inquiry_notes.pop(each.id, None)

        self._uow.queue(write)

    def come_from(self, member: MemberId, source: str | None) -> None:
        """Queue a source."""
        sources = self._uow.tenant.lead_sources

        def write() -> None:
            sources.pop(member, None)
            if source is not None:
                sources[member] = source

        self._uow.queue(write)
