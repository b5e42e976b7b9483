"""What a host calls to ask why."""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.care import explaining
from memberlogic.care.asking_why import gather
from memberlogic.care.explaining import CareExplained, ExplainCare
from memberlogic.care.gathering import CareDesk
from memberlogic.care.ports import CareWork
from memberlogic.ids import MemberId
from memberlogic.running import Asks, Runner

__all__ = ["ExplainService"]

# No tier: that there is none is one of the answers.
EXPLAIN = Asks("care.explain", "members.care:read", CareExplained)


class ExplainService:
    """Nothing happens: why? (CARE-17)"""

    _runner: Runner[CareWork]
    desk: CareDesk

    def explain(self, member: MemberId, *, studio: str | None = None) -> CareExplained:
        """What runs for a member, what it waits for and until when; or why nothing runs. Nothing is refused that is an
        answer: it needs no tier, as that may be the reason, and whoever runs nothing is told why. Nothing is written.

        Args:
            studio: where staff acts; the member's home studio if left out, else that of their newest contract.

        Raises:
            NotFound: if there is no such member or studio.
            PermissionDenied: without ``members.care:read``.
        """
        return self._runner.ask(EXPLAIN, ExplainCare(member=member, studio=studio), self.explain_step)

    def explain_step(self, uow: CareWork, _: Actor, wanted: ExplainCare) -> CareExplained:
        """Explaining, inside a unit of work."""
        return explaining.explain(gather(self.desk, uow, wanted))
