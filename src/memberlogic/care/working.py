"""CARE-13: what staff does with an open action: take it, give it to somebody else, complete it, skip it, postpone it.

An action is worked while it is ACTIVE, whether its run is running or paused (CARE-3). What is done counts from now: the
next milestone counts from it, or from the resumption, where time stands still.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from attrs import evolve, field, frozen

from memberlogic.actors import Actor, ActorKind
from memberlogic.calendar import local_day
from memberlogic.care.advancing import AUTOMATIC, MESSAGE, Advanced, finished, go_on, milestone_id
from memberlogic.care.catalogues import Entry, EntryKind
from memberlogic.care.checking import PickRetired, PickUnknown
from memberlogic.care.events import (
    CareActionCompleted,
    CareActionGiven,
    CareActionPostponed,
    CareActionSkipped,
)
from memberlogic.care.keeping import Posted, posted
from memberlogic.care.lifecycle import STEP, state
from memberlogic.care.model import Run, RunState, Step, StepState
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import CareFlowId, CareMilestoneId, CareRunId, CareStepId, MemberId, NewId, NoteId
from memberlogic.inputs import a_day, a_note, an_id, checked, code, instance, optional
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "GIVING",
    "POSTPONING",
    "ActionWorked",
    "CompleteAction",
    "Given",
    "GivingFacts",
    "PostponeAction",
    "PostponingFacts",
    "ReassignAction",
    "SkipAction",
    "StepFacts",
    "TakeAction",
    "complete",
    "give",
    "given",
    "postpone",
    "skip",
    "take",
    "taker",
]


@frozen(kw_only=True)
class TakeAction:
    """Take an open action: for the employee that is named, else for whoever acts."""

    step: CareStepId = field(validator=an_id)
    employee: str | None = field(default=None, validator=optional(code("an employee")))


@frozen(kw_only=True)
class ReassignAction:
    """Give an open action to an employee, a competence or everybody; or take it from whoever has it."""

    step: CareStepId = field(validator=an_id)
    employee: str | None = field(default=None, validator=optional(code("an employee")))
    competence: str | None = field(default=None, validator=optional(code("a competence")))
    everybody: bool = field(default=False, validator=instance(bool, "true or false"))

    def __attrs_post_init__(self) -> None:
        if self.employee is not None and self.competence is not None:
            raise InvalidInput(path="competence", expected="an employee or a competence, not both", got=self.competence)
        named = self.employee or self.competence
        if self.everybody and named is not None:
            raise InvalidInput(path="everybody", expected="everybody, or somebody, not both", got=named)


def _outcome_problem(value: object) -> str | None:
    return f"a code other than {AUTOMATIC} and {MESSAGE}" if value in (AUTOMATIC, MESSAGE) else None


@frozen(kw_only=True)
class CompleteAction:
    """An action was done: what came of it as a code, with a note."""

    step: CareStepId = field(validator=an_id)
    outcome: str = field(validator=[code("an outcome"), checked(_outcome_problem)])
    note: str | None = field(default=None, validator=optional(a_note))


@frozen(kw_only=True)
class SkipAction:
    """An action is not going to be done, and why."""

    step: CareStepId = field(validator=an_id)
    reason: str = field(validator=code("a reason"))


@frozen(kw_only=True)
class PostponeAction:
    """An action is to be done on a later day, of the studio's."""

    step: CareStepId = field(validator=an_id)
    to: date = field(validator=a_day)


@frozen(kw_only=True)
class StepFacts:
    """A step of a run that was brought to now.

    Args:
        stored: the run as it was read.
        known: the employees and competences that are named and there, in use or not.
    """

    stored: Run
    advanced: Advanced
    step: Step
    known: Mapping[EntryKind, Mapping[str, Entry]]
    now: datetime

    @property
    def run(self) -> Run:
        """As it is now."""
        return self.advanced.run

    @property
    def today(self) -> date:
        """Where the studio is."""
        return local_day(self.now, self.run.studio.zone)


@frozen
class Given:
    """To whom an action is given: an employee, whoever has a competence, or everybody; to nobody, it goes back to the
    competence that it is for.
    """

    employee: str | None = None
    competence: str | None = None
    everybody: bool = False
    unseen: bool = False
    """Whether whoever takes it is not looked up: it is the host's id of whoever acts."""


def taker(actor: Actor, wanted: TakeAction) -> Given:
    """Who takes an action.

    Raises:
        InvalidInput: if nobody is named and it is no staff who acts.
    """
    if wanted.employee is not None:
        return Given(wanted.employee)
    if actor.kind is not ActorKind.STAFF:
        raise InvalidInput(path="employee", expected="an employee, as it is no staff who acts", got="none")
    return Given(actor.id, unseen=True)


@frozen(kw_only=True)
class ActionWorked:
    """What was done with an action, and what it and its run are now.

    Args:
        day: on which it is to be done.
        state_of_run: COMPLETED, if it was the last that was to be done.
    """

    run: CareRunId
    member: MemberId
    flow: CareFlowId
    milestone: CareMilestoneId
    step: CareStepId
    state: StepState
    assignee: str | None
    competence: str | None
    day: date
    done_at: datetime | None
    outcome: str | None
    reason: str | None
    note: NoteId | None
    state_of_run: RunState

    def explain(self) -> Explanation:
        """What it is now, and whether its run is over or stands still."""
        figures = {"step": str(self.step), "state": self.state.value, "run": self.state_of_run.value}
        said = f"The action is {self.state.value}"
        match self.state_of_run:
            case RunState.COMPLETED:
                said += "; it was the last one: the run is completed"
            case RunState.PAUSED:
                said += "; the run is paused, and what follows counts from the day on which it goes on"
            case _:
                pass
        return Explanation(f"{said}.", (Because("CARE-13", "care.action_worked", figures),))


class TakenByAnother(RuleViolation):
    """Somebody has it."""

    code = "care.action_is_anothers"
    rule = "CARE-13"
    sentence = "The action {step} is assigned to {assignee}; reassign it to take it from them."


class PostponedToThePast(RuleViolation):
    """That day is over."""

    code = "care.postponed_to_the_past"
    rule = "CARE-13"
    sentence = "The action would be postponed to {to}, before today, {today}."


@frozen(kw_only=True)
class GivingFacts:
    """What the rules of giving look at."""

    about: StepFacts
    to: Given
    taking: bool
    """Whether it is taken, which takes it from nobody."""


def _known(g: GivingFacts, kind: EntryKind, code: str | None) -> MemberLogicError | None:
    if code is None or g.to.unseen:
        return None
    entry = g.about.known.get(kind, {}).get(code)
    if entry is None:
        return PickUnknown(path=kind.value, kind=kind.value, picked=code)
    return None if entry.in_use else PickRetired(path=kind.value, kind=kind.value, picked=code)


@policy("CARE-5", "An action is given to an employee who is in the catalogue and in use.")
def employee_must_be_in_use(g: GivingFacts) -> MemberLogicError | None:
    """Whoever acts may take it without being in the catalogue."""
    return _known(g, EntryKind.EMPLOYEE, g.to.employee)


@policy("CARE-5", "An action is given to a competence that is in the catalogue and in use.")
def competence_must_be_in_use(g: GivingFacts) -> MemberLogicError | None:
    """By its code."""
    return _known(g, EntryKind.COMPETENCE, g.to.competence)


@policy("CARE-13", "An action that somebody has is reassigned, not taken.")
def must_not_be_anothers(g: GivingFacts) -> MemberLogicError | None:
    """Of two who take it at once, one is told who was faster."""
    assignee = g.about.step.assignee
    if not g.taking or assignee is None or assignee == g.to.employee:
        return None
    return TakenByAnother(step=str(g.about.step.id), assignee=assignee)


GIVING: Policies[GivingFacts] = Policies(employee_must_be_in_use, competence_must_be_in_use, must_not_be_anothers)


@frozen(kw_only=True)
class PostponingFacts:
    """What the rules of postponing look at."""

    to: date
    today: date


@policy("CARE-13", "An action is postponed to today or a day to come.")
def must_not_lie_in_the_past(p: PostponingFacts) -> MemberLogicError | None:
    """Where the studio is."""
    return None if p.to >= p.today else PostponedToThePast(to=p.to.isoformat(), today=p.today.isoformat())


POSTPONING: Policies[PostponingFacts] = Policies(must_not_lie_in_the_past)


def take(facts: StepFacts, to: Given) -> Outcome[Posted, Event, ActionWorked]:
    """An open action that nobody has, with whoever takes it; one's own changes nothing.

    Raises:
        IllegalTransition: if it is not open.
        RuleViolation: the first of :data:`GIVING` that refuses.
    """
    STEP.after(facts.step.state, "take")
    return _give(facts, GivingFacts(about=facts, to=to, taking=True))


def give(facts: StepFacts, to: Given) -> Outcome[Posted, Event, ActionWorked]:
    """An open action, with whoever it is given to. Refused as :func:`take` is, but for one that somebody has."""
    STEP.after(facts.step.state, "reassign")
    return _give(facts, GivingFacts(about=facts, to=to, taking=False))


def _give(facts: StepFacts, asked: GivingFacts) -> Outcome[Posted, Event, ActionWorked]:
    GIVING.require(asked)
    competence = None if asked.to.everybody else asked.to.competence or facts.step.competence
    after = evolve(facts.step, assignee=asked.to.employee, competence=competence)
    if after == facts.step:
        return _worked(facts, after)
    return _worked(facts, after, given(facts.run, after))


def given(run: Run, step: Step) -> CareActionGiven:
    """That an action has somebody else now."""
    return CareActionGiven(
        members=(run.member,),
        run=run.id,
        flow=run.flow.flow,
        milestone=milestone_id(run, step),
        step=step.id,
        assignee=step.assignee,
        competence=step.competence,
    )


def complete(
    facts: StepFacts, wanted: CompleteAction, note: NoteId | None, new_id: NewId
) -> Outcome[Posted, Event, ActionWorked]:
    """An action that was done now; what follows at once starts.

    Raises:
        IllegalTransition: if it is not open.
    """
    now_is = STEP.after(facts.step.state, "complete")
    done = evolve(facts.step, state=now_is, done_at=facts.now, outcome=wanted.outcome, note=note)
    event = CareActionCompleted(
        members=(facts.run.member,),
        run=facts.run.id,
        flow=facts.run.flow.flow,
        milestone=milestone_id(facts.run, done),
        step=done.id,
        outcome=wanted.outcome,
        note=note,
    )
    return _done(facts, done, event, new_id)


def skip(facts: StepFacts, wanted: SkipAction, new_id: NewId) -> Outcome[Posted, Event, ActionWorked]:
    """An action that is not going to be done; what follows counts from now, as after one that was done.

    Raises:
        IllegalTransition: if it is not open.
    """
    now_is = STEP.after(facts.step.state, "skip")
    done = evolve(facts.step, state=now_is, done_at=facts.now, reason=wanted.reason)
    event = CareActionSkipped(
        members=(facts.run.member,),
        run=facts.run.id,
        flow=facts.run.flow.flow,
        milestone=milestone_id(facts.run, done),
        step=done.id,
        reason=wanted.reason,
    )
    return _done(facts, done, event, new_id)


def postpone(facts: StepFacts, to: date) -> Outcome[Posted, Event, ActionWorked]:
    """An open action that is to be done on another day; it is overdue, and counts as completed by itself, by that day.
    The day that it has already changes nothing.

    Raises:
        IllegalTransition: if it is not open.
        RuleViolation: for a day before today.
    """
    STEP.after(facts.step.state, "postpone")
    POSTPONING.require(PostponingFacts(to=to, today=facts.today))
    if facts.step.postponed_to == to:
        return _worked(facts, facts.step)
    after = evolve(facts.step, postponed_to=to, postponed_at=facts.now)
    event = CareActionPostponed(
        members=(facts.run.member,),
        run=facts.run.id,
        flow=facts.run.flow.flow,
        milestone=milestone_id(facts.run, after),
        step=after.id,
        to=to,
    )
    return _worked(facts, after, event)


def _with(run: Run, step: Step) -> Run:
    return evolve(run, steps=tuple(step if each.id == step.id else each for each in run.steps))


def _done(facts: StepFacts, step: Step, event: Event, new_id: NewId) -> Outcome[Posted, Event, ActionWorked]:
    """A run one of whose actions is done: it is over with the last one, else what is due at once starts."""
    before = facts.advanced
    run, ended = finished(_with(facts.run, step), facts.now)
    after = go_on(run, before.heard, facts.now, new_id)
    written = posted(facts.stored, evolve(after, messages=(*before.messages, *after.messages)), facts.now)
    written = evolve(written, events=(*before.events, event, *ended, *after.events))
    return Outcome(written, (event,), _told(after.run, step, facts.now))


def _worked(facts: StepFacts, step: Step, *events: Event) -> Outcome[Posted, Event, ActionWorked]:
    run = _with(facts.run, step)
    written = posted(facts.stored, evolve(facts.advanced, run=run), facts.now, events)
    return Outcome(written, events, _told(run, step, facts.now))


def _told(run: Run, step: Step, now: datetime) -> ActionWorked:
    return ActionWorked(
        run=run.id,
        member=run.member,
        flow=run.flow.flow,
        milestone=milestone_id(run, step),
        step=step.id,
        state=step.state,
        assignee=step.assignee,
        competence=step.competence,
        day=run.day_of(step),
        done_at=step.done_at,
        outcome=step.outcome,
        reason=step.reason,
        note=step.note,
        state_of_run=state(run, now),
    )
