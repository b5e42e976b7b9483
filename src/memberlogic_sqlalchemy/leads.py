"""Leads in tables: sources, inquiries, and their notes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memberlogic.ids import InquiryId, MemberId
from memberlogic.members.inquiries import Inquiry, InquiryKind, InquiryTold, Lead
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import and_, bindparam, delete, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlLeads"]

_l, _i, _n = tables.leads.c, tables.inquiries.c, tables.inquiry_notes.c
_SOURCE = Statement(
    select(_l.source).where(
        _l.organization_id == bindparam("organization", type_=_l.organization_id.type),
        _l.member_id == bindparam("member", type_=_l.member_id.type),
    ),
    "organization",
    "member",
)
_INQUIRIES = Statement(
    select(_i.id, _i.kind, _i.at, _i.studio, _i.day, _i.day_began, _i.recorded_at, _i.actor, _n.note)
    .select_from(
        tables.inquiries.outerjoin(
            tables.inquiry_notes, and_(_n.organization_id == _i.organization_id, _n.inquiry_id == _i.id)
        )
    )
    .where(
        _i.organization_id == bindparam("organization", type_=_i.organization_id.type),
        _i.member_id == bindparam("member", type_=_i.member_id.type),
    )
    .order_by(_i.at, _i.id),
    "organization",
    "member",
)
_ADD = inserting(tables.inquiries)
_ADD_NOTE = inserting(tables.inquiry_notes)
_COME_FROM = inserting(tables.leads)
_FORGET = Statement(
    delete(tables.leads).where(
        _l.organization_id == bindparam("organization", type_=_l.organization_id.type),
        _l.member_id == bindparam("member", type_=_l.member_id.type),
    ),
    "organization",
    "member",
)
_FORGET_NOTES = Statement(
    delete(tables.inquiry_notes).where(
        _n.organization_id == bindparam("organization", type_=_n.organization_id.type),
        _n.inquiry_id.in_(
            select(_i.id).where(
                _i.organization_id == bindparam("organization", type_=_i.organization_id.type),
                _i.member_id == bindparam("member", type_=_i.member_id.type),
            )
        ),
    ),
    "organization",
    "member",
)


class SqlLeads:
    """The port ``Leads``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Lead:
        """Where a member comes from."""
        codec = self._uow.codec
        row = (self._uow.org, codec.id_in(member))
        sources, inquiries = self._uow.ask((_SOURCE, row), (_INQUIRIES, row))
        told = (
            InquiryTold(
                inquiry=Inquiry(
                    id=InquiryId(codec.id_out(id)),
                    member=member,
                    kind=InquiryKind(kind),
                    at=codec.at_out(at),
                    studio=studio,
                    day=codec.day_out(day),
                    day_began=codec.at_out(day_began),
                    recorded_at=codec.at_out(recorded_at),
                    actor=actor,
                ),
                note=note,
            )
            for id, kind, at, studio, day, day_began, recorded_at, actor, note in inquiries
        )
        return Lead(member=member, source=next((source for (source,) in sources), None), inquiries=tuple(told))

    def ask(self, told: InquiryTold) -> None:
        """Queue an inquiry."""
        codec, org, made = self._uow.codec, self._uow.org, told.inquiry
        row = (
            org,
            codec.id_in(made.id),
            codec.id_in(made.member),
            made.kind.value,
            codec.at_in(made.at),
            made.studio,
            codec.day_in(made.day),
            codec.at_in(made.day_began),
            codec.at_in(made.recorded_at),
            made.actor,
        )
        self._uow.queue(_ADD, row)
        if told.note is not None:
            self._uow.queue(_ADD_NOTE, (org, codec.id_in(made.id), told.note))

    def forget_notes(self, member: MemberId) -> None:
        """Queue that notes are gone."""
        self._uow.queue(_FORGET_NOTES, (self._uow.org, self._uow.codec.id_in(member)))

    def come_from(self, member: MemberId, source: str | None) -> None:
        """Queue a source."""
        row = (self._uow.org, self._uow.codec.id_in(member))
        self._uow.queue(_FORGET, row)
        if source is not None:
            self._uow.queue(_COME_FROM, (*row, source))
