"""Runs of Member Care, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import evolve

from memberlogic.care.advancing import awaited, listens
from memberlogic.care.keeping import Change, merged
from memberlogic.care.model import Run, Step, StepState
from memberlogic.care.work_list import OpenActions
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import CareRunId, CareStepId, MemberId, new_id

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryCareRuns"]


class MemoryCareRuns:
    """The port ``CareRuns``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow
        self._changes: dict[CareRunId, Change] = {}
        self._seen: dict[MemberId, CareRunId | None] = {}

    def held(self, members: Sequence[MemberId]) -> Mapping[MemberId, Run]:
        """The active runs of some members."""
        self._seen |= {each: self._uow.tenant.care_guard.get(each) for each in members if each not in self._seen}
        found = self.active(members)
        for run in found.values():
            self._uow.not_before(run.effective_at)
        return found

    def settling(self, ids: Sequence[CareRunId]) -> Sequence[Run]:
        """Those of some runs that are active."""
        found = [self.get(id) for id in sorted(ids)]
        active = self.held(sorted({each.member for each in found}))
        return [active[each.member] for each in found if each.member in active and active[each.member].id == each.id]

    def get(self, id: CareRunId) -> Run:
        """One run."""
        if id in self._changes:
            return self._changes[id].run
        run = self._uow.tenant.care_runs.get(id)
        if run is None:
            raise NotFound(kind="care_run", id=id)
        return run

    def of_step(self, step: CareStepId) -> Run:
        """The run that a step is of."""
        run = self._uow.tenant.care_steps.get(step)
        if run is None:
            raise NotFound(kind="care_step", id=step)
        return self.get(run)

    def active(self, members: Sequence[MemberId]) -> Mapping[MemberId, Run]:
        """The active runs of some members, those among them that this unit keeps."""
        kept = {each.run.member: each.run for each in self._changes.values() if each.run.active}
        guard = self._uow.tenant.care_guard
        stored = ((member, guard.get(member)) for member in sorted(members))
        found = {member: self.get(id) for member, id in stored if id is not None}
        found |= {member: kept[member] for member in sorted(members) if member in kept}
        return {member: found[member] for member in sorted(found) if found[member].active}

    def of(self, member: MemberId) -> Sequence[Run]:
        """Every run of a member."""
        runs = [self._uow.tenant.care_runs[id] for id in self._uow.tenant.care_runs_of.get(member, ())]
        return sorted(runs, key=lambda run: (run.assigned_at, run.id), reverse=True)

    def keep(self, changes: Sequence[Change]) -> None:
        """Queue new runs and what became of held ones."""
        for each in changes:
            before = self._changes.get(each.run.id)
            if before is None:
                self._uow.queue(partial(self._store, each.run.id), partial(self._require_next, each.run.id))
            self._changes[each.run.id] = each if before is None else merged(before, each)

    def _require_next(self, id: CareRunId) -> None:
        run, stored = self._changes[id].run, self._uow.tenant.care_runs.get(id)
        if stored is not None and stored.version != run.version - 1:
            raise ConcurrencyConflict(reason="the run was changed")
        if self._uow.tenant.care_guard.get(run.member) != self._seen.get(run.member):
            raise ConcurrencyConflict(reason="another flow was assigned")

    def _store(self, id: CareRunId) -> None:
        tenant, change = self._uow.tenant, self._changes[id]
        run = evolve(change.run, lapses=())
        tenant.care_runs[id] = run
        tenant.care_steps |= {each.id: id for each in change.new}
        if change.assigned:
            tenant.care_runs_of.setdefault(run.member, []).append(id)
        if run.active:
            tenant.care_guard[run.member] = id
            if tenant.care_heard is None and listens(run):
                tenant.care_heard = new_id()
        elif tenant.care_guard.get(run.member) == id:
            tenant.care_guard[run.member] = None
        tenant.care_due[id] = change.next_change

    def merge(self, duplicate: MemberId, survivor: MemberId, active: CareRunId | None) -> None:
        """Queue that the runs of one are the other's."""
        self._uow.queue(partial(self._merge, duplicate, survivor, active))

    def _merge(self, duplicate: MemberId, survivor: MemberId, active: CareRunId | None) -> None:
        tenant = self._uow.tenant
        runs = tenant.care_runs_of.pop(duplicate, [])
        for id in runs:
            tenant.care_runs[id] = evolve(tenant.care_runs[id], member=survivor)
        if runs:
            tenant.care_runs_of.setdefault(survivor, []).extend(runs)
        for member, guarded in ((duplicate, None), (survivor, active)):
            if guarded is not None or member in tenant.care_guard:
                tenant.care_guard[member] = guarded

    def waiting(self, members: Collection[MemberId], kinds: Collection[str]) -> Sequence[CareRunId]:
        """The active runs that wait for such an event."""
        runs = self.active(sorted(set(members))).values()
        return sorted(each.id for each in runs if awaited(each) & set(kinds))

    def due(self, before: datetime, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[Run]:
        """The active runs in which something comes about by then."""
        tenant = self._uow.tenant
        due = sorted(id for id, at in tenant.care_due.items() if at is not None and at <= before)
        return [tenant.care_runs[id] for id in due if after is None or id > after][:limit]

    def standing_still(self, at: datetime, *, after: MemberId | None = None, limit: int = 500) -> Sequence[MemberId]:
        """The members whose active run stands still."""
        tenant = self._uow.tenant
        active = ((member, tenant.care_runs[id]) for member, id in sorted(tenant.care_guard.items()) if id is not None)
        still = (member for member, run in active if any(at in each for each in run.pauses))
        return [member for member in still if after is None or member > after][:limit]

    def open_actions(
        self, wanted: OpenActions, *, after: tuple[date, CareStepId] | None = None, limit: int = 500
    ) -> Sequence[tuple[Run, Step]]:
        """The open actions that are asked for."""
        tenant = self._uow.tenant
        runs = (tenant.care_runs[id] for id in tenant.care_guard.values() if id is not None)
        found = [(run.day_of(step), step.id, run, step) for run in runs for step in run.steps if _is(run, step, wanted)]
        found.sort(key=lambda each: each[:2])
        return [(run, step) for day, id, run, step in found if after is None or (day, id) > after][:limit]

    def heard_to(self) -> UUID | None:
        """Up to which event the jobs have looked."""
        return self._uow.tenant.care_heard

    def hear_to(self, event: UUID) -> None:
        """Queue up to which event they have looked."""
        self._uow.queue(lambda: self._heard(event))

    def _heard(self, event: UUID) -> None:
        self._uow.tenant.care_heard = event

    def wake(self, at: datetime) -> None:
        """Queue that every active run is due."""
        self._uow.queue(lambda: self._wake(at))

    def _wake(self, at: datetime) -> None:
        tenant = self._uow.tenant
        for id in tenant.care_guard.values():
            if id is not None:
                tenant.care_due[id] = min(tenant.care_due.get(id) or at, at)


def _is(run: Run, step: Step, wanted: OpenActions) -> bool:
    action, day = run.milestones[step.place].action, run.day_of(step)
    said = (
        (wanted.surface, None if action is None else action.surface),
        (wanted.assignee, step.assignee),
        (wanted.competence, step.competence),
        (wanted.studio, run.studio.code),
    )
    return (
        step.state is StepState.ACTIVE
        and all(asked in (None, there) for asked, there in said)
        and (not wanted.of_nobody or step.assignee is None)
        and (wanted.since is None or day >= wanted.since)
        and (wanted.before is None or day < wanted.before)
    )
