"""Figures over runs of Member Care, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from memberlogic.care.advancing import MESSAGE, milestone_id
from memberlogic.care.model import Run, Step, StepState
from memberlogic.care.reporting import DoneIn, RunsAmong, RunsCounted, StepsCounted, elapsed
from memberlogic.care.telling import UNSENT
from memberlogic.ids import CareMilestoneId, CareRunId

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryCareReports"]


class MemoryCareReports:
    """The port ``CareReports``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def runs(self, among: RunsAmong, at: datetime) -> Sequence[RunsCounted]:
        """How many runs are what."""
        counted: Counter[tuple[bool, str | None, str | None, bool]] = Counter()
        for run in self._among(among):
            ended = run.ended
            reason = None if ended is None or ended.reason is None else ended.reason.value
            still = any(at in each for each in run.pauses)
            counted[ended is not None, reason, None if ended is None else ended.code, still] += 1
        return [
            RunsCounted(ended=ended, reason=reason, code=code, still=still, runs=many)
            for (ended, reason, code, still), many in counted.items()
        ]

    def steps(self, among: RunsAmong, day: date) -> Sequence[StepsCounted]:
        """How often each milestone is in which state."""
        counted: Counter[tuple[CareMilestoneId, StepState, bool, bool]] = Counter()
        for run in self._among(among):
            for step in run.steps:
                overdue = step.state is StepState.ACTIVE and run.day_of(step) < day
                counted[milestone_id(run, step), step.state, overdue, self._unsent(step)] += 1
        return [
            StepsCounted(milestone=milestone, state=state, overdue=overdue, unsent=unsent, steps=many)
            for (milestone, state, overdue, unsent), many in counted.items()
        ]

    def _unsent(self, step: Step) -> bool:
        queued = None if step.message is None else self._uow.tenant.outbox.get(step.message)
        return step.outcome == MESSAGE and queued is not None and queued.delivery in UNSENT

    def done(self, among: RunsAmong, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[DoneIn]:
        """How long actions took."""
        runs = [each for each in self._among(among) if after is None or each.id > after][:limit]
        return [
            DoneIn(
                run=run.id,
                times=tuple(
                    (milestone_id(run, step), took) for step in run.steps if (took := elapsed(step)) is not None
                ),
            )
            for run in runs
        ]

    def due(self, among: RunsAmong, at: datetime, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[Run]:
        """Runs in which something came about."""
        due = self._uow.tenant.care_due
        runs = (each for each in self._among(among) if after is None or each.id > after)
        return [run for run in runs if run.active and (then := due.get(run.id)) is not None and then <= at][:limit]

    def _among(self, among: RunsAmong) -> Iterator[Run]:
        runs = self._uow.tenant.care_runs
        return (runs[id] for id in sorted(runs) if runs[id] in among)
