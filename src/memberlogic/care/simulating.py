"""CARE-2, CARE-3: the course that a run would take, by the very engine that settles runs, without touching storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen

from memberlogic.calendar import Term
from memberlogic.care.advancing import Advanced, Heard, finished, go_on
from memberlogic.care.courses import Course, course_of
from memberlogic.care.explaining_runs import of_run
from memberlogic.care.flows import FlowTerms, FlowVersion
from memberlogic.care.lifecycle import state
from memberlogic.care.model import AssignedBy, Run, Step, StepState
from memberlogic.care.pausing import pauses_of
from memberlogic.care.timing import due, term_after
from memberlogic.errors import JSON, InvalidInput
from memberlogic.ids import CareConfigurationId, CareFlowId, CareMilestoneId, CareRunId, MemberId
from memberlogic.inputs import (
    an_id,
    an_instant,
    as_tuple,
    checked,
    code,
    describe,
    instance,
    optional,
    sequence_of,
    to_utc,
    to_utc_or_none,
)
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Figures

__all__ = ["DONE", "PlannedEvent", "SimulateFlow", "Simulation", "always", "planned", "simulate"]

DONE = "done"
"""The outcome of an action that staff is taken to do."""

_LONGEST = timedelta(days=3_660)
_LAST = datetime(9980, 1, 1, tzinfo=UTC)
"""Where simulations begin at the latest: the calendar ends soon after."""


def _as_figures(value: Any) -> Any:
    return Figures(value) if isinstance(value, Mapping) else value


def _is_mapping(value: object) -> str | None:
    return None if isinstance(value, Mapping) else "figures by name"


@frozen
class PlannedEvent:
    """An event that is taken to happen: when, of which kind, with which figures."""

    at: datetime = field(converter=to_utc, validator=an_instant)
    kind: str = field(validator=code("a kind of event"))
    figures: Mapping[str, JSON] = field(factory=dict, converter=_as_figures, validator=checked(_is_mapping), hash=False)


def _a_flow(_: Any, __: Any, value: Any) -> None:
    if not isinstance(value, UUID | FlowTerms):
        raise InvalidInput(path="flow", expected="a flow by its id, or its terms (FlowTerms)", got=describe(value))


@frozen(kw_only=True)
class SimulateFlow:
    """The course that a run of a flow would take."""

    flow: CareFlowId | FlowTerms = field(validator=_a_flow)
    member: MemberId | None = field(default=None, validator=optional(an_id))
    statuses: tuple[MembershipSpan, ...] | None = field(
        default=None,
        converter=as_tuple,
        validator=optional(sequence_of(MembershipSpan, "a MembershipSpan")),
    )
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    start: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    until: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    actions_done_after: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    complete_automatically_after: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    events: tuple[PlannedEvent, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(PlannedEvent, "a PlannedEvent", most=10_000)
    )

    def __attrs_post_init__(self) -> None:
        if self.member is not None and self.statuses is not None:
            raise InvalidInput(path="statuses", expected="a member or statuses, not both", got="both")


@frozen(kw_only=True)
class Simulation:
    """What a simulation goes by.

    Args:
        spans: what the member is over time (MEM-18); before the first they are a prospect.
        done_after: how long after it opened staff does an action; None if nobody does.
    """

    terms: FlowTerms
    studio: Studio
    spans: Sequence[MembershipSpan]
    start: datetime
    until: datetime
    heard: Sequence[Heard] = ()
    done_after: Term | None = None
    complete_automatically_after: Term | None = None


def planned(
    wanted: SimulateFlow, terms: FlowTerms, studio: Studio, spans: Sequence[MembershipSpan], now: datetime
) -> Simulation:
    """What is to be simulated, from what was asked for: from now on and for a year, where nothing else is said.

    Raises:
        InvalidInput: for an end that is not after the start, or more than ten years later.
    """
    start = wanted.start or now
    until = wanted.until or min(start, _LAST) + timedelta(days=366)
    if not start < until <= min(start, _LAST) + _LONGEST:
        raise InvalidInput(path="until", expected="after the start, by ten years at most", got=until.isoformat())
    return Simulation(
        terms=terms,
        studio=studio,
        spans=spans,
        start=start,
        until=until,
        heard=[
            Heard(id=UUID(int=number), kind=each.kind, at=each.at, figures=each.figures)
            for number, each in enumerate(wanted.events, 1)
        ],
        done_after=wanted.actions_done_after,
        complete_automatically_after=wanted.complete_automatically_after,
    )


def always(start: datetime) -> tuple[MembershipSpan, ...]:
    """Somebody who is a member from an instant on, for good."""
    return (MembershipSpan(status=MembershipStatus.MEMBER, detail=MembershipDetail.ACTIVE, since=start, until=None),)


def simulate(simulation: Simulation) -> Course:
    """The course of a run from its assignment to an instant: by :func:`go_on`, as runs are settled."""
    new_id = _ids()
    run = _begun(simulation, new_id)
    heard = simulation.heard
    while run.active:
        of_itself, staff = Advanced(run, heard=heard).next_change, _next_done(run, simulation.done_after)
        by_staff = staff is not None and (of_itself is None or staff[0] < of_itself)
        at = staff[0] if by_staff and staff is not None else of_itself
        if at is None or at > simulation.until:
            break
        run = _done(run, *staff[::-1]) if by_staff and staff is not None else go_on(run, heard, at, new_id).run
    waits = tuple(of_run(run, heard, simulation.spans, (), simulation.until)) if run.active else ()
    return course_of(run, simulation.until, state(run, simulation.until), waits)


def _ids() -> Callable[[], UUID]:
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


def _begun(simulation: Simulation, new_id: Callable[[], UUID]) -> Run:
    terms = simulation.terms
    named = tuple(evolve(each, id=each.id or CareMilestoneId(new_id())) for each in terms.milestones)
    return Run(
        id=CareRunId(new_id()),
        member=MemberId(new_id()),
        flow=FlowVersion(flow=CareFlowId(new_id()), version=1, terms=evolve(terms, milestones=named)),
        configuration=CareConfigurationId(new_id()),
        studio=simulation.studio,
        assigned_at=simulation.start,
        assigned_by=AssignedBy.STAFF,
        complete_automatically_after=simulation.complete_automatically_after,
        pauses=pauses_of(simulation.spans, simulation.start, while_frozen=terms.pauses_while_frozen),
        effective_at=simulation.start,
    )


def _next_done(run: Run, after: Term | None) -> tuple[datetime, Step] | None:
    """The open action that staff does next, and when. Staff does it also while time stands still."""
    if after is None:
        return None
    open_ = ((due(term_after(after), each.due_at, (), run.studio.zone), each) for each in run.steps if _is_open(each))
    known = [(at, step) for at, step in open_ if at is not None]
    return min(known, key=lambda each: (each[0], each[1].id), default=None)


def _is_open(step: Step) -> bool:
    return step.state is StepState.ACTIVE


def _done(run: Run, step: Step, at: datetime) -> Run:
    done = evolve(step, state=StepState.COMPLETED, done_at=at, outcome=DONE)
    steps = tuple(done if each.id == step.id else each for each in run.steps)
    return finished(evolve(run, steps=steps), at)[0]
