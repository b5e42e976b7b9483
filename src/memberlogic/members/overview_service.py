"""What a host calls for a member's profile (MEM-13).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.ids import MemberId
from memberlogic.members import overviewing
from memberlogic.members.acting import require_own
from memberlogic.members.overviewing import AskOverview, Overview
from memberlogic.members.ports import MemberParts, MembersWork, ProfileAsked
from memberlogic.running import Asks, Runner

__all__ = ["OverviewService"]

OVERVIEW = Asks("members.overview", "members.profile:read", Overview)


class OverviewService:
    """Everything about a member on one screen."""

    _runner: Runner[MembersWork]
    _parts: MemberParts

    def overview(self, member: MemberId) -> Overview:
        """A member's profile in one call (MEM-13), as things stand now: who they are, account state, membership,
        contracts, what billing said, visits by month, loyalty accounts and wallets, consents, tags, own fields,
        favourites, and when they last did something. Each part answers what its own query answers, and needs the same
        permission. A part that the actor may not read, that the organization lacks the feature for, or that is not
        built is named with the reason. Members may ask for their own.

        Raises:
            NotFound: if there is no such member, also for a member who asks for another.
        """
        return self._runner.ask(OVERVIEW, AskOverview(member=member), self.overview_step)

    def overview_step(self, uow: MembersWork, actor: Actor, wanted: AskOverview) -> Overview:
        """Telling a profile, inside a unit of work."""
        member = uow.members.get(wanted.member).id
        require_own(actor, member)
        asked = ProfileAsked(member=member, actor=actor, organization=self._runner.organization)
        return overviewing.overview(uow, asked, self._parts)
