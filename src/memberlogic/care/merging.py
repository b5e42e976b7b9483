"""MEM-17: the runs of two records of one person become one's. Where a flow runs for both, the survivor's goes on and
the duplicate's is cancelled; what runs goes by everything that the person is and did.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.care.advancing import Advanced
from memberlogic.care.assigning import end_run
from memberlogic.care.gathering import CareDesk
from memberlogic.care.keeping import Posted, posted
from memberlogic.care.model import EndReason, Run
from memberlogic.care.pausing import repaused
from memberlogic.care.ports import CareWork
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.model import AccountsJoined, BothRecords, Erasable, MergeHolding

__all__ = ["MembersRunsMerged"]


@frozen
class MembersRunsMerged:
    """What Member Care contributes to merging."""

    desk: CareDesk

    def held(self, uow: CareWork, both: BothRecords, *, lock: bool) -> MergeHolding:
        """Every run of the duplicate moves; the one that goes on ends, where one goes on for the survivor too."""
        runs = uow.care_runs.of(both.duplicate)
        look = uow.care_runs.held if lock else uow.care_runs.active
        stored = look(sorted([both.survivor, both.duplicate]))
        running = {each.member for each in self.desk.seen(uow, [*stored.values()]) if each.active}
        return MergeHolding(
            moves=(Erasable(name="care_runs", count=len(runs)),) if runs else (),
            ends=(Erasable(name="care_runs"),) if len(running) > 1 else (),
        )

    def merge(
        self,
        uow: CareWork,
        both: BothRecords,
        accounts: Sequence[AccountsJoined],  # noqa: ARG002
        actor: Actor,  # noqa: ARG002
    ) -> None:
        """Queue that runs are the survivor's, one of them active at most. Time stands still in it by what the survivor
        is by the contracts of both, which are written by then.
        """
        uow.write_out()
        stored = uow.care_runs.held(sorted([both.survivor, both.duplicate]))
        lapsing = {each.member: each for each in self.desk.lapsing([*stored.values()])}
        settled = {member: self.desk.settled(uow, run) for member, run in lapsing.items()}
        going = [each for each in (both.survivor, both.duplicate) if each in settled and settled[each].run.active]
        spans = uow.memberships.of(both.survivor)
        for member, advanced in settled.items():
            stays = settled[going[0]].run if going else None
            self.desk.keep(uow, self._kept(uow, lapsing[member], advanced, stays, spans))
        uow.care_runs.merge(both.duplicate, both.survivor, settled[going[0]].run.id if going else None)

    def _kept(
        self, uow: CareWork, stored: Run, advanced: Advanced, stays: Run | None, spans: Sequence[MembershipSpan]
    ) -> Posted:
        """What becomes of a run: it goes on by what is known now, or is cancelled for the one that stays."""
        run = advanced.run
        if stays is None or not run.active:
            return posted(stored, advanced, uow.now)
        if run.id == stays.id:
            return posted(stored, evolve(advanced, run=repaused(run, spans, uow.now)), uow.now)
        over, event = end_run(run, uow.now, EndReason.MERGED, by=stays.id)
        return posted(stored, evolve(advanced, run=over), uow.now, [event])
