"""What a host calls to find members. :class:`~memberlogic.members.service.MembersService` is one of these."""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.members.finding import BySupportId
from memberlogic.members.model import Member
from memberlogic.members.ports import MembersWork
from memberlogic.running import Asks, Runner

__all__ = ["FindingService"]

FIND_BY_SUPPORT_ID = Asks("members.find_by_support_id", "members:read", Member)


class FindingService:
    """Looking members up."""

    _runner: Runner[MembersWork]

    def find_by_support_id(self, support_id: str) -> Member:
        """The member with a support id, as it was read aloud or typed (MEM-3): small letters, O for 0, I or L for 1
        and missing hyphens are understood.

        Raises:
            InvalidInput: if it is mistyped, which its check character tells.
            NotFound: if it is well, and nobody here has it.
        """
        return self._runner.ask(FIND_BY_SUPPORT_ID, BySupportId(support_id=support_id), self.find_by_support_id_step)

    def find_by_support_id_step(self, uow: MembersWork, _: Actor, wanted: BySupportId) -> Member:
        """Looking up by support id, inside a unit of work."""
        return uow.members.by_support_id(wanted.support_id)
