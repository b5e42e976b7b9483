"""What a host calls about drafts that lie on hold (CON-2).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memberlogic.actors import Actor
from memberlogic.contracts import lapsing
from memberlogic.contracts.lapsing import (
    DraftsLapsed,
    LapseDrafts,
    LapsingDraft,
    LapsingDrafts,
    PageOfLapsingDrafts,
)
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import keep
from memberlogic.ids import ContractId
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["LapsingService"]

LAPSING_DRAFTS = Asks("contracts.lapsing_drafts", "members.drafts:read", LapsingDrafts)
LAPSE_DRAFTS = Asks("contracts.lapse_drafts", "members.drafts:delete", DraftsLapsed)


class LapsingService:
    """Drafts that nobody paid."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def lapsing_drafts(self) -> Iterator[LapsingDraft]:
        """Every contract that was never fully paid and has been on hold for the organization's limit of days or longer
        (``draft_days``, counted from the day of signing), in order of their ids, read in pages as far as looked at
        (CON-2, COM-20).
        """
        return one_by_one(self._drafts_after)

    def _drafts_after(self, last: LapsingDraft | None) -> tuple[LapsingDraft, ...]:
        wanted = PageOfLapsingDrafts.following(last)
        return self._runner.ask(LAPSING_DRAFTS, wanted, self.lapsing_drafts_step).drafts

    def lapsing_drafts_step(self, uow: ContractsWork, _: Actor, wanted: PageOfLapsingDrafts) -> LapsingDrafts:
        """Listing drafts, inside a unit of work."""
        days = self._runner.organization.draft_days
        found = uow.contracts.lying(lapsing.lying(uow.studios.all(), days, wanted, uow.now))
        return lapsing.tell(found, uow.now)

    def lapse_drafts(self, contracts: Sequence[ContractId], *, idempotency_key: str | None = None) -> DraftsLapsed:
        """Give up drafts, at most 500 at once: each is cancelled from today on as lapsed. One that is not on hold, was
        fully paid once, or has not lain for the organization's limit is skipped, and the answer names why (CON-2).

        Raises:
            InvalidInput: naming what is no id, or if there are too many.
            NotFound: for the first that is no contract here; then none lapses.
        """
        wanted = LapseDrafts(contracts=contracts)
        return self._runner.run(LAPSE_DRAFTS, wanted, idempotency_key, self.lapse_drafts_step)

    def lapse_drafts_step(self, uow: ContractsWork, actor: Actor, wanted: LapseDrafts) -> DraftsLapsed:
        """Lapsing drafts, inside a unit of work."""
        held = uow.contracts.all_held(wanted.contracts)
        days = self._runner.organization.draft_days
        outcome = lapsing.lapse(tuple(held.contracts.values()), days, uow.now)
        return keep(uow, actor, self._parts, outcome, held.all)
