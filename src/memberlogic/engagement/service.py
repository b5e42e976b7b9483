"""What a host calls for messages to members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from memberlogic.actors import Actor
from memberlogic.engagement import reaching
from memberlogic.engagement.ports import EngagementWork, PlaceholderPart
from memberlogic.engagement.reaching import AskEarliest, Earliest
from memberlogic.engagement.template_service import TemplateService
from memberlogic.ids import MemberId
from memberlogic.members.acting import require_own
from memberlogic.members.residing import residence
from memberlogic.running import Asks, Runner

__all__ = ["MessagesService"]

EARLIEST = Asks("messages.earliest", "members.messages:read", Earliest)


class MessagesService(TemplateService):
    """Messages to members: their templates, and when they may be sent."""

    def __init__(self, runner: Runner[EngagementWork], parts: Sequence[PlaceholderPart] = ()) -> None:
        self._runner = runner
        self._parts = parts

    def earliest(self, member: MemberId, *, at: datetime | None = None) -> Earliest:
        """From when a message may reach a member that is due at an instant (now, if none is named): at once, or when
        the organization's quiet hours end in the zone in which the member lives (ENG-16). The relay goes by it for all
        but service messages.

        Raises:
            NotFound: if there is no such member, also for a member who asks for another.
        """
        return self._runner.ask(EARLIEST, AskEarliest(member=member, at=at), self.earliest_step)

    def earliest_step(self, uow: EngagementWork, actor: Actor, wanted: AskEarliest) -> Earliest:
        """Telling when, inside a unit of work."""
        member = uow.members.get(wanted.member).id
        require_own(actor, member)
        organization = self._runner.organization
        lives = residence(uow, member, organization.zone)
        return reaching.earliest(member, wanted.at or uow.now, organization.quiet_hours, lives)
