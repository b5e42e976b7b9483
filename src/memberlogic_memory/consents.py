"""Consents in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memberlogic.ids import MemberId
from memberlogic.members.consents import Consent, ConsentHistory

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryConsents"]


class MemoryConsents:
    """The port ``Consents``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> ConsentHistory:
        """Everything that a member said."""
        said = self._uow.tenant.consents.get(member, [])
        in_order = sorted(said, key=lambda each: (each.at, each.recorded_at, each.id))
        return ConsentHistory(member=member, consents=tuple(in_order))

    def add(self, consent: Consent) -> None:
        """Queue what a member said."""
        said = self._uow.tenant.consents
        self._uow.queue(lambda: said.setdefault(consent.member, []).append(consent))
