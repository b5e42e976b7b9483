"""What a host calls for an access request (MEM-11).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.ids import MemberId
from memberlogic.members import exporting
from memberlogic.members.acting import require_own
from memberlogic.members.exporting import ExportMember, MemberExport
from memberlogic.members.ports import MemberParts, MembersWork
from memberlogic.running import Asks, Runner

__all__ = ["ExportService"]

EXPORT = Asks("members.export", "members.export:read", MemberExport)


class ExportService:
    """Everything that is held on one member."""

    _runner: Runner[MembersWork]
    _parts: MemberParts

    def export(self, member: MemberId) -> MemberExport:
        """Everything that is held on one member, of every capability, as one JSON document (MEM-11): person, contact
        points, consents, tags, own fields, inquiries with notes, contracts with payments and freezes, accounts with
        their entries, purchases, returns and awards, messages, and the events that concern them. Members may ask for
        their own. Of other people on an account or contract it says nothing but that there are some:
        where an event or entry names one of them, that name is left out.

        Raises:
            NotFound: if there is no such member; for members, any but themself.
        """
        return self._runner.ask(EXPORT, ExportMember(member=member), self.export_step)

    def export_step(self, uow: MembersWork, actor: Actor, wanted: ExportMember) -> MemberExport:
        """Exporting, inside a unit of work."""
        require_own(actor, uow.members.get(wanted.member).id)
        return exporting.document(uow, wanted.member, self._parts.exporting)
