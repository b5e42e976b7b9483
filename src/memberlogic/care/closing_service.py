"""What a host calls to close runs (CARE-15). :class:`~memberlogic.care.service.CareService` is one of these."""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.care import closing, idling
from memberlogic.care.closing import CloseFormer, CloseRun, RunClosed, RunsClosed
from memberlogic.care.gathering import CareDesk
from memberlogic.care.ports import CareWork
from memberlogic.ids import CareRunId, MemberId
from memberlogic.organizations.model import Tier
from memberlogic.running import Asks, Runner

__all__ = ["ClosingService"]

CLOSE = Asks("care.close", "members.care:update", RunClosed, tier=Tier.PRO)
CLOSE_FORMER = Asks("care.close_runs_of_former_members", "members.care:update", RunsClosed, tier=Tier.PRO)


class ClosingService:
    """Closing runs."""

    _runner: Runner[CareWork]
    desk: CareDesk

    def close(self, run: CareRunId, *, reason: str, idempotency_key: str | None = None) -> RunClosed:
        """End a run before its last milestone is done, running or paused: what is open of it is cancelled, and messages
        that wait are not sent.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such run.
            IllegalTransition: if it is over.
        """
        return self._runner.run(CLOSE, CloseRun(run=run, reason=reason), idempotency_key, self.close_step)

    def close_step(self, uow: CareWork, _: Actor, wanted: CloseRun) -> RunClosed:
        """Closing a run, inside a unit of work."""
        stored, advanced = idling.held(self.desk, uow, wanted.run)
        outcome = closing.close(stored, advanced, wanted, uow.now)
        self.desk.keep(uow, outcome.facts)
        return outcome.result

    def close_runs_of_former_members(
        self,
        *,
        prospects_after_days: int | None = None,
        dry_run: bool = False,
        after: MemberId | None = None,
        size: int = 200,
        idempotency_key: str | None = None,
    ) -> RunsClosed:
        """End the runs of people who are members no more, so many at a time. Those of members are never closed, nor
        those of whoever has a contract that waits for its payment.

        Args:
            prospects_after_days: also those of people who never were members and have had no such contract for so many
                days, counted from the assignment or from when the last one was cancelled.
            dry_run: only tell which; nothing is changed.
            after: the ``last`` of the answer before. It may be stopped and begun again at any time.
            size: how many runs are looked at.

        Raises:
            InvalidInput: naming the field.
        """
        wanted = CloseFormer(prospects_after_days=prospects_after_days, dry_run=dry_run, after=after, size=size)
        return self._runner.run(CLOSE_FORMER, wanted, idempotency_key, self.close_runs_of_former_members_step)

    def close_runs_of_former_members_step(self, uow: CareWork, _: Actor, wanted: CloseFormer) -> RunsClosed:
        """Closing in bulk, inside a unit of work."""
        idle, last = idling.idle(self.desk, uow, wanted)
        outcome = closing.close_former(idle, wanted, last, uow.now)
        self.desk.keep(uow, outcome.facts)
        return outcome.result
