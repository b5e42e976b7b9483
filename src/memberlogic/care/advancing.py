"""CARE-2, CARE-3, CARE-16: the course of a run: what fires by itself, in order of the instants at which it does.

One function settles a run to an instant; commands, queries, the jobs and the simulation go by it. So when and how often
it is called changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from memberlogic.calendar import start_of_day
from memberlogic.care.events import CareActionCompleted, CareMilestoneReached, CareRunCompleted
from memberlogic.care.flows import After, DelayUnit, Milestone, On, Unseen
from memberlogic.care.model import Ended, Run, Step, StepState
from memberlogic.care.numbering import step_id
from memberlogic.care.timing import due, term_after
from memberlogic.errors import JSON
from memberlogic.events import OfItself
from memberlogic.ids import CareMilestoneId, NewId
from memberlogic.notifying import Message

__all__ = [
    "AUTOMATIC",
    "CARE_MESSAGE",
    "MESSAGE",
    "UNDONE",
    "VISIT",
    "Advanced",
    "Heard",
    "advance",
    "anchor",
    "awaited",
    "closed",
    "completes_at",
    "current_place",
    "finished",
    "go_on",
    "heard_since",
    "hears",
    "listens",
    "milestone_id",
    "starts_at",
]

VISIT, UNDONE = "visit.recorded", "visit.undone"
"""The kinds of events that a visit is, and that it was a mistake."""

AUTOMATIC = "automatic"
MESSAGE = "message"
"""The outcomes that no staff gave."""

_DONE = (StepState.COMPLETED, StepState.SKIPPED)

CARE_MESSAGE = "care.message"
"""The kind of a message that a run queues."""


@frozen(kw_only=True)
class Heard:
    """An event that concerns the member of a run: what it is, when it took effect, and its figures."""

    id: UUID
    kind: str
    at: datetime
    figures: Mapping[str, JSON]
    undone: bool = False
    """Whether it was a mistake: a visit that was undone. What it started stands; it puts nothing off."""
    told_at: datetime | None = None
    """When it was written down, where somebody told it late; None if it was known when it took effect."""

    @property
    def order(self) -> tuple[datetime, UUID]:
        """Events are heard in order of when they took effect."""
        return self.at, self.id

    @property
    def told(self) -> tuple[datetime, UUID]:
        """They are told in order of when they were written down."""
        return self.told_at or self.at, self.id


@frozen
class Advanced:
    """A run that was settled, what happened of itself on the way, and what is to be sent."""

    run: Run
    events: tuple[OfItself, ...] = ()
    messages: tuple[Message, ...] = ()
    heard: Sequence[Heard] = ()
    """What it goes by."""

    @property
    def next_change(self) -> datetime | None:
        """The next instant at which something happens of itself, as far as is known; None if nothing does. A visit to
        come may put it off: then it is early, never late.
        """
        following = _following(self.run, self.heard) if self.run.active else None
        return None if following is None else following.at


def advance(run: Run, heard: Sequence[Heard], until: datetime, new_id: NewId) -> Advanced:
    """A run with everything that fell due by an instant (inclusive). What was told late counts from when it took
    effect, and takes nothing back: before it was told, everything fell due by what was known then, whoever looked.

    Args:
        run: as it was when something of it was decided last, at its ``effective_at``.
        heard: events of the member, at least those of the kinds in :func:`awaited` after :func:`heard_since`.
    """
    advanced = Advanced(run, heard=heard)
    for one in _told_late(run, heard, until) if heard else ():
        known = [each for each in heard if each.told < one.told]
        advanced = evolve(_onward(advanced, known, one.told[0], new_id), heard=heard)
    return _onward(advanced, heard, until, new_id)


def _told_late(run: Run, heard: Sequence[Heard], until: datetime) -> Sequence[Heard]:
    """What was told late since something of a run was decided last, in the order in which it was told."""
    late = (each for each in heard if each.told_at is not None and run.effective_at < each.told_at <= until)
    return sorted(late, key=lambda each: each.told)


def go_on(run: Run, heard: Sequence[Heard], until: datetime, new_id: NewId) -> Advanced:
    """A run with everything that falls due by an instant (inclusive), where all that is heard is known: what follows
    once a run was settled and something of it was decided.
    """
    return _onward(Advanced(run, heard=heard), heard, until, new_id)


def _onward(advanced: Advanced, heard: Sequence[Heard], until: datetime, new_id: NewId) -> Advanced:
    while advanced.run.active:
        following = _following(advanced.run, heard)
        if following is None or following.at > until:
            break
        advanced = following.happen(advanced, following, new_id)
    return advanced


@frozen
class _Following:
    """The next that happens of itself."""

    at: datetime
    order: int
    place: int
    happen: Callable[[Advanced, _Following, NewId], Advanced]
    step: Step | None = None
    event: Heard | None = None


def _following(run: Run, heard: Sequence[Heard]) -> _Following | None:
    """What happens next: at the same instant, automatic completions before what starts."""
    return min(_all_following(run, heard), key=lambda each: (each.at, each.order, each.place), default=None)


def _all_following(run: Run, heard: Sequence[Heard]) -> Iterator[_Following]:
    for step in run.steps:
        at = completes_at(run, step)
        if at is not None:
            yield _Following(at, 0, step.place, _completed, step=step)
    for place in _repeating(run):
        event = _next_repeat(run, place, heard)
        if event is not None:
            yield _Following(event.at, 1, place, _started, event=event)
    place = current_place(run)
    if place < len(run.milestones) and run.first_of(place) is None:
        at, event = starts_at(run, place, heard)
        if at is not None:
            yield _Following(at, 2, place, _started, event=event)


def current_place(run: Run) -> int:
    """The place of the first milestone that is not done; behind the last, if every one is."""
    done = {step.place for step in run.steps if step.turn == 0 and step.state in _DONE}
    place = 0
    while place in done:
        place += 1
    return place


def anchor(run: Run, place: int) -> datetime:
    """From when on a milestone's schedule counts: when the one before was due or done, or from the assignment."""
    before = run.first_of(place - 1) if place else None
    return run.assigned_at if before is None or before.done_at is None else before.done_at


def starts_at(run: Run, place: int, heard: Sequence[Heard] = ()) -> tuple[datetime | None, Heard | None]:
    """When a milestone starts that waits, as far as is known, and the event that starts it."""
    schedule, since, zone = run.milestones[place].schedule, anchor(run, place), run.studio.zone
    match schedule:
        case None:
            return None, None
        case After():
            return due(schedule, since, run.still, zone), None
        case On():
            event = _first(schedule, run, heard, lambda each: each.at > since)
            return (None, None) if event is None else (event.at, event)
        case Unseen():
            return _unseen(schedule, since, run, heard), None


def _unseen(schedule: Unseen, since: datetime, run: Run, heard: Sequence[Heard]) -> datetime | None:
    """When so many days are over since the last visit that lies before they are."""
    delay = After(length=schedule.days, unit=DelayUnit.DAYS)
    at = due(delay, since, run.still, run.studio.zone)
    visits = (each for each in heard if each.kind == VISIT and each.at > since and not each.undone)
    for visit in sorted(visits, key=lambda each: each.order):
        if at is not None and visit.at >= at:
            break
        at = due(delay, visit.at, run.still, run.studio.zone)
    return at


def _first(schedule: On, run: Run, heard: Sequence[Heard], later: Callable[[Heard], bool]) -> Heard | None:
    fitting = (
        each
        for each in heard
        if each.kind == schedule.kind
        and later(each)
        and schedule.fits(each.figures)
        and not any(each.at in pause for pause in run.still)
    )
    return min(fitting, key=lambda each: each.order, default=None)


def _repeating(run: Run) -> Sequence[int]:
    """The milestones that were started and may be started again."""
    started = {step.place: 0 for step in run.steps}
    for step in run.steps:
        started[step.place] += 1
    return [place for place, times in started.items() if times < run.milestones[place].times]


def _next_repeat(run: Run, place: int, heard: Sequence[Heard]) -> Heard | None:
    """The next event that did not start it yet; one that was told late may have come before those that did."""
    schedule, since = run.milestones[place].schedule, anchor(run, place)
    assert isinstance(schedule, On), "only what waits for an event repeats"
    did = {step.event for step in run.steps if step.place == place}
    return _first(schedule, run, heard, lambda each: each.at > since and each.id not in did)


def completes_at(run: Run, step: Step) -> datetime | None:
    """When an open action counts as completed (CARE-6), as far as is known; None if it does not by itself."""
    if step.state is not StepState.ACTIVE or run.complete_automatically_after is None:
        return None
    delay, since = term_after(run.complete_automatically_after), [step.due_at]
    if step.postponed_to is not None:
        since.append(start_of_day(step.postponed_to, run.studio.zone))
    # To postpone is never to complete earlier: by the time of day, the later day could come first out of a pause.
    ends = [due(delay, each, run.still, run.studio.zone) for each in since]
    known = [each for each in ends if each is not None]
    return max(known) if len(known) == len(ends) else None


def _completed(advanced: Advanced, following: _Following, _: NewId) -> Advanced:
    """An action that was open for long counts as completed."""
    run, step = advanced.run, following.step
    assert step is not None
    done = evolve(step, state=StepState.COMPLETED, done_at=following.at, outcome=AUTOMATIC)
    event = CareActionCompleted(
        members=(run.member,),
        run=run.id,
        flow=run.flow.flow,
        milestone=milestone_id(run, step),
        step=step.id,
        outcome=AUTOMATIC,
    )
    steps = tuple(done if each.id == step.id else each for each in run.steps)
    run, ended = finished(evolve(run, steps=steps), following.at)
    return evolve(advanced, run=run, events=(*advanced.events, OfItself(event, following.at), *ended))


def _started(advanced: Advanced, following: _Following, new_id: NewId) -> Advanced:
    """A milestone starts: its action opens; a message alone is done when it falls due (CARE-14)."""
    run, at = advanced.run, following.at
    milestone = run.milestones[following.place]
    turn = sum(step.place == following.place for step in run.steps)
    id = step_id(run.id, following.place, turn, at)
    message = _message(run, milestone, id, at, new_id)
    step = Step(
        id=id,
        place=following.place,
        turn=turn,
        state=StepState.ACTIVE,
        due_at=at,
        event=None if following.event is None else following.event.id,
        assignee=None if milestone.action is None else milestone.action.employee,
        competence=None if milestone.action is None else milestone.action.competence,
        message=None if message is None else message.id,
    )
    if milestone.action is None:
        step = evolve(step, state=StepState.COMPLETED, done_at=at, outcome=MESSAGE)
    event = CareMilestoneReached(
        members=(run.member,),
        run=run.id,
        flow=run.flow.flow,
        milestone=milestone_id(run, step),
        step=id,
        turn=turn,
    )
    steps = tuple(sorted((*run.steps, step), key=lambda each: (each.due_at, each.place, each.turn)))
    run, ended = finished(evolve(run, steps=steps), at)
    messages = advanced.messages if message is None else (*advanced.messages, message)
    return evolve(advanced, run=run, events=(*advanced.events, OfItself(event, at), *ended), messages=messages)


def _message(run: Run, milestone: Milestone, step: UUID, at: datetime, new_id: NewId) -> Message | None:
    if milestone.message is None:
        return None
    return Message(
        id=new_id(),
        kind=CARE_MESSAGE,
        member=run.member,
        figures={
            "run": str(run.id),
            "step": str(step),
            "milestone": str(milestone.id),
            "template": milestone.message.template,
            "due_at": at.isoformat(),
        },
        not_before=at,
        purpose=run.flow.terms.purpose,
        channel=milestone.message.channel,
    )


def milestone_id(run: Run, step: Step) -> CareMilestoneId:
    """The milestone of a step, by its id over all versions of the flow."""
    id = run.milestones[step.place].id
    assert id is not None, "a saved milestone has an id"
    return id


def finished(run: Run, at: datetime) -> tuple[Run, tuple[OfItself, ...]]:
    """A run, completed if its last milestone is done: one that repeats is done when it was as often as it may be. What
    of earlier milestones still repeats ends with it.
    """
    last = len(run.milestones) - 1
    if current_place(run) <= last:
        return run, ()
    turns = [step for step in run.steps if step.place == last]
    if len(turns) < run.milestones[last].times or any(step.state is StepState.ACTIVE for step in turns):
        return run, ()
    # An event that was told late may have started the last of them before the others.
    at = max([at, *(step.done_at for step in turns if step.done_at is not None)])
    event = CareRunCompleted(members=(run.member,), run=run.id, flow=run.flow.flow)
    return evolve(run, steps=closed(run.steps), ended=Ended(at=at)), (OfItself(event, at),)


def closed(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps of a run that is over: what was open is cancelled."""
    return tuple(evolve(step, state=StepState.CANCELLED) if step.state is StepState.ACTIVE else step for step in steps)


def awaited(run: Run) -> frozenset[str]:
    """The kinds of events that may start something of a run next; none once it is over."""
    if not run.active:
        return frozenset()
    places = [*_repeating(run)]
    current = current_place(run)
    if current < len(run.milestones) and run.first_of(current) is None:
        places.append(current)
    schedules = (run.milestones[place].schedule for place in places)
    return frozenset(each.kind for each in schedules if isinstance(each, On))


def listens(run: Run) -> bool:
    """Whether some milestone of its flow waits for an event."""
    return any(isinstance(each.schedule, On) for each in run.milestones)


def hears(run: Run) -> frozenset[str]:
    """The kinds of events that its course from now on may depend on."""
    schedules = [each.schedule for each in run.milestones]
    kinds = {each.kind for each in schedules if isinstance(each, On)}
    return frozenset(kinds | ({VISIT} if any(isinstance(each, Unseen) for each in schedules) else set()))


def heard_since(run: Run) -> datetime:
    """From when on (inclusive) events matter for its course from now on."""
    return min(anchor(run, place) for place in (current_place(run), *_repeating(run)))
