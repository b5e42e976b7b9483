"""What a host calls to tell what it knows of a member (MEM-15, CARE-2).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from memberlogic.actors import Actor
from memberlogic.errors import JSON
from memberlogic.ids import MemberId
from memberlogic.members import publishing
from memberlogic.members.ports import MembersWork
from memberlogic.members.publishing import Publish, Published
from memberlogic.running import Asks, Runner

__all__ = ["PublishingService"]

PUBLISH = Asks("members.publish", "members.events:create", Published)

NOTHING: Mapping[str, JSON] = {}


class PublishingService:
    """Events of the host's own."""

    _runner: Runner[MembersWork]

    def publish(
        self,
        member: MemberId,
        *,
        kind: str,
        figures: Mapping[str, JSON] = NOTHING,
        at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Published:
        """Tell that something happened to a member which only the host knows: it stands on their timeline, and may
        start a milestone of Member Care (CARE-2).

        Args:
            kind: words joined by dots, such as ``training_plan.updated``; none that an event of the library begins
                with.
            figures: what it says, by name: ids, codes, whole numbers, true or false. No text that could be personal.
            at: when it happened; now if left out.

        Raises:
            InvalidInput: naming the field; for an instant that is to come.
            NotFound: if there is no such member.
            IllegalTransition: if the member was anonymised.
        """
        wanted = Publish(member=member, kind=kind, figures=figures, at=at)
        return self._runner.run(PUBLISH, wanted, idempotency_key, self.publish_step)

    def publish_step(self, uow: MembersWork, _: Actor, wanted: Publish) -> Published:
        """Publishing, inside a unit of work."""
        outcome = publishing.publish(uow.members.locked(wanted.member), wanted, uow.now)
        uow.put(outcome.events, effective_at=outcome.result.at)
        return outcome.result
