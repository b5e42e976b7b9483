"""CARE-13, COM-8: what is to be done, found: actions that are stored as open, and those that came about by waiting and
that nobody wrote down yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from attrs import evolve

from memberlogic.calendar import local_day
from memberlogic.care import listening
from memberlogic.care.advancing import Advanced, completes_at, milestone_id
from memberlogic.care.catalogues import Entry, EntryKind
from memberlogic.care.flows import Action
from memberlogic.care.gathering import CareDesk
from memberlogic.care.handing_over import HandingOver, HandOver
from memberlogic.care.lifecycle import state
from memberlogic.care.looking_up import catalogue_of
from memberlogic.care.model import Run, RunState, Step, StepState
from memberlogic.care.numbering import due_at_of
from memberlogic.care.ports import CareWork
from memberlogic.care.settling import with_lapses
from memberlogic.care.work_list import (
    ActionNote,
    ActionNotes,
    OpenAction,
    OpenActions,
    PageOfWork,
    WorkPage,
)
from memberlogic.care.working import StepFacts
from memberlogic.errors import NotFound
from memberlogic.ids import CareRunId, CareStepId
from memberlogic.paging import one_by_one

__all__ = ["at_hand", "noted", "to_hand_over", "work"]

_PAGE = 500
_FARTHEST_EAST, _FARTHEST_WEST = timedelta(hours=14), timedelta(hours=12)

Open = tuple[Run, Step]


def at_hand(
    desk: CareDesk, uow: CareWork, id: CareStepId, *, employee: str | None = None, competence: str | None = None
) -> StepFacts:
    """A step for the rules of working, its run locked and brought to now, with what is known of whoever is named.

    Raises:
        NotFound: if there is no such step.
    """
    seen = _run_of(desk, uow, id)
    held = uow.care_runs.held([seen.member]).get(seen.member)
    # What was read before the lock may be over by now: it is read again.
    found = held if held is not None and held.id == seen.id else uow.care_runs.get(seen.id)
    stored = with_lapses(found, desk.organization)
    advanced = desk.settled(uow, stored)
    step = next((each for each in advanced.run.steps if each.id == id), None)
    if step is None:
        raise NotFound(kind="care_step", id=id)
    known = _known(desk, uow, EntryKind.EMPLOYEE, employee) | _known(desk, uow, EntryKind.COMPETENCE, competence)
    return StepFacts(stored=stored, advanced=advanced, step=step, known=known, now=uow.now)


def _known(desk: CareDesk, uow: CareWork, kind: EntryKind, code: str | None) -> dict[EntryKind, Mapping[str, Entry]]:
    return {} if code is None else {kind: catalogue_of(desk.catalogues).known(uow, kind, [code])}


def _run_of(desk: CareDesk, uow: CareWork, id: CareStepId) -> Run:
    """The run of a step: the one it is stored with, else one that comes to it by waiting, or by what happened."""
    with suppress(NotFound):
        return uow.care_runs.of_step(id)
    for run in _awake(uow, min(due_at_of(id), uow.now)):
        if any(each.id == id for each in desk.settled(uow, with_lapses(run, desk.organization)).run.steps):
            return run
    # Somebody else may have written it down since it was looked for: then its run is due no more.
    return uow.care_runs.of_step(id)


def _due(uow: CareWork, before: datetime) -> Iterator[Run]:
    """Every run in which something comes about by then, as stored."""

    def page(last: Run | None) -> Sequence[Run]:
        return uow.care_runs.due(before, after=None if last is None else last.id, limit=_PAGE)

    return one_by_one(page)


def _awake(uow: CareWork, before: datetime) -> Iterator[Run]:
    """Every run in which something comes about by then, and those for which something happened that the jobs have not
    looked through yet.
    """
    known = set()
    for run in _due(uow, before):
        known.add(run.id)
        yield run
    for id in listening.woken(uow):
        if id not in known:
            yield uow.care_runs.get(id)


def to_hand_over(desk: CareDesk, uow: CareWork, wanted: HandOver) -> HandingOver:
    """The runs in which somebody has an open action, or may have one by waiting, locked and brought to now."""
    stored = uow.care_runs.open_actions(OpenActions(assignee=wanted.employee), limit=wanted.size)
    due = uow.care_runs.due(uow.now, limit=wanted.size)
    ids = {run.id for run, _ in stored} | {run.id for run in due} | set(listening.woken(uow))
    runs = desk.lapsing(uow.care_runs.settling(sorted(ids)))
    return HandingOver(
        wanted=wanted,
        known=catalogue_of(desk.catalogues).known(uow, EntryKind.EMPLOYEE, [wanted.to]),
        runs=[(each, _now(uow, desk.settled(uow, each))) for each in runs],
        more=wanted.size in (len(stored), len(due)),
    )


def _now(uow: CareWork, advanced: Advanced) -> Advanced:
    return evolve(advanced, run=evolve(advanced.run, effective_at=uow.now))


def work(desk: CareDesk, uow: CareWork, wanted: PageOfWork) -> WorkPage:
    """A page of the work list: stored actions and those of runs that are due, settled in memory, in one order.

    Raises:
        NotFound: if there is no such studio.
    """
    if wanted.studio is not None:
        uow.studios.get(wanted.studio)
    due = {each.id: desk.settled(uow, with_lapses(each, desk.organization)).run for each in _awake(uow, uow.now)}
    asked = _asked(wanted, uow.now)
    fresh = [(run, step) for run in due.values() for step in run.steps if _fits(run, step, asked)]
    stored = ((with_lapses(run, desk.organization), step) for run, step in _stored(uow, asked, wanted, due))
    fitting = [*islice(_next(stored, wanted, uow.now), wanted.size + 1), *_next(fresh, wanted, uow.now)]
    told = sorted((_told(run, step, uow.now) for run, step in fitting), key=lambda each: each.key.order)
    page = tuple(told[: wanted.size])
    return WorkPage(actions=page, last=page[-1].key if len(told) > wanted.size else None)


def _asked(wanted: PageOfWork, now: datetime) -> OpenActions:
    """What a store is asked for: what is overdue somewhere on earth, where studios lie in several zones."""
    return OpenActions(
        surface=wanted.surface,
        assignee=wanted.assignee,
        competence=wanted.competence,
        studio=wanted.studio,
        since=_day(now - _FARTHEST_WEST) if wanted.overdue is False else None,
        before=_day(now + _FARTHEST_EAST) if wanted.overdue else None,
    )


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()


def _stored(uow: CareWork, asked: OpenActions, wanted: PageOfWork, due: Mapping[CareRunId, Run]) -> Iterator[Open]:
    """The stored actions of runs in which nothing came about since."""
    size = min(wanted.size + 1, _PAGE)

    def page(last: Open | None) -> Sequence[Open]:
        key = None if wanted.after is None else wanted.after.order
        after = key if last is None else (last[0].day_of(last[1]), last[1].id)
        return uow.care_runs.open_actions(asked, after=after, limit=size)

    return (each for each in one_by_one(page) if each[0].id not in due)


def _next(actions: Iterable[Open], wanted: PageOfWork, now: datetime) -> Iterator[Open]:
    """Those behind the page before, overdue or not, as is asked."""
    for run, step in actions:
        behind = wanted.after is None or (run.day_of(step), step.id) > wanted.after.order
        if behind and wanted.overdue in (None, _overdue(run, step, now)):
            yield run, step


def _fits(run: Run, step: Step, asked: OpenActions) -> bool:
    said = (
        (asked.surface, _action(run, step).surface if step.state is StepState.ACTIVE else None),
        (asked.assignee, step.assignee),
        (asked.competence, step.competence),
        (asked.studio, run.studio.code),
    )
    fits = step.state is StepState.ACTIVE and all(wanted in (None, there) for wanted, there in said)
    return fits and (not asked.of_nobody or step.assignee is None)


def _overdue(run: Run, step: Step, now: datetime) -> bool:
    return run.day_of(step) < local_day(now, run.studio.zone)


def _action(run: Run, step: Step) -> Action:
    action = run.milestones[step.place].action
    assert action is not None, "what is open is an action"
    return action


def _told(run: Run, step: Step, now: datetime) -> OpenAction:
    action = _action(run, step)
    return OpenAction(
        step=step.id,
        run=run.id,
        member=run.member,
        flow=run.flow.flow,
        flow_name=run.flow.terms.name,
        milestone=milestone_id(run, step),
        name=run.milestones[step.place].name,
        kind=action.kind,
        service=action.service,
        surface=action.surface,
        studio=run.studio.code,
        due_at=step.due_at,
        day=run.day_of(step),
        postponed=step.postponed_to is not None,
        overdue=_overdue(run, step, now),
        assignee=step.assignee,
        competence=step.competence,
        completes_at=completes_at(run, step),
        paused=state(run, now) is RunState.PAUSED,
    )


def noted(uow: CareWork, run: Run) -> ActionNotes:
    """What staff noted of a run's actions, in their order."""
    ids = {each.note: each.id for each in run.steps if each.note is not None}
    texts = uow.notes.texts([*ids])
    notes = (ActionNote(step=step, note=id, text=texts[id]) for id, step in ids.items() if id in texts)
    return ActionNotes(run=run.id, notes=tuple(notes))
