"""CARE-18: what a run is at an instant, told: what is open, what it waits for and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from attrs import field, frozen

from memberlogic.care.advancing import MESSAGE, Heard, awaited, completes_at, current_place, starts_at
from memberlogic.care.lifecycle import state
from memberlogic.care.model import AssignedBy, Run, RunState, Step, StepState
from memberlogic.ids import (
    CareConfigurationId,
    CareFlowId,
    CareMilestoneId,
    CareRunId,
    CareStepId,
    ContractId,
    MemberId,
    NoteId,
)
from memberlogic.inputs import an_id
from memberlogic.notifying import Delivery, Posted

__all__ = ["NOT_SENT", "UNSENT", "ActiveCare", "MilestoneTold", "OfCare", "OfRun", "RunTold", "outcome_of", "tell"]

NOT_SENT = "not_sent"
"""The outcome of a message that was not sent."""

UNSENT = frozenset({Delivery.WITHHELD, Delivery.SET_ASIDE})
"""What became of a message that nobody got, and nobody will."""


@frozen(kw_only=True)
class OfRun:
    """One run."""

    run: CareRunId = field(validator=an_id)


@frozen(kw_only=True)
class OfCare:
    """The care of a member."""

    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class MilestoneTold:
    """A milestone of a run: what it is, when it is or was due, and what was done.

    Args:
        place: which of the flow, counted from 0; ``turn`` which start of it.
        due_at: when it starts or started, as far as is known: None for what waits for an event, for time to go on, or
            for the milestone before.
        outcome: the code that staff gave; ``automatic``; of a message alone ``message``, or ``not_sent`` with the
            ``reason`` why (CARE-14): it is done all the same.
        completes_at: when its action counts as completed if nobody does anything; None if it does not.
    """

    place: int
    turn: int
    name: str
    milestone: CareMilestoneId
    state: StepState
    step: CareStepId | None
    due_at: datetime | None
    done_at: datetime | None
    outcome: str | None
    reason: str | None
    assignee: str | None
    competence: str | None
    postponed_to: date | None
    note: NoteId | None
    completes_at: datetime | None


@frozen(kw_only=True)
class RunTold:
    """A run as it is at an instant."""

    id: CareRunId
    member: MemberId
    flow: CareFlowId
    flow_version: int
    flow_name: str
    configuration: CareConfigurationId
    studio: str
    contract: ContractId | None
    assigned_at: datetime
    assigned_by: AssignedBy
    state: RunState
    paused_since: datetime | None
    paused_until: datetime | None
    """Until when it is paused, as far as is known."""
    ended_at: datetime | None
    end_reason: str | None
    end_code: str | None
    superseded_by: CareRunId | None
    milestones: tuple[MilestoneTold, ...]
    awaits: tuple[str, ...]
    """The kinds of events that it waits for."""

    @property
    def open(self) -> tuple[MilestoneTold, ...]:
        """The actions that are to be done."""
        return tuple(each for each in self.milestones if each.state is StepState.ACTIVE)


@frozen(kw_only=True)
class ActiveCare:
    """The active run of a member; None if nothing runs."""

    member: MemberId
    run: RunTold | None


def tell(run: Run, now: datetime, heard: Sequence[Heard] = (), sent: Mapping[UUID, Posted] | None = None) -> RunTold:
    """A run that was settled to now.

    Args:
        sent: what became of the messages that were queued for the member.
    """
    pause = next((each for each in run.still if run.active and now in each), None)
    ended = run.ended
    return RunTold(
        id=run.id,
        member=run.member,
        flow=run.flow.flow,
        flow_version=run.flow.version,
        flow_name=run.flow.terms.name,
        configuration=run.configuration,
        studio=run.studio.code,
        contract=run.contract,
        assigned_at=run.assigned_at,
        assigned_by=run.assigned_by,
        state=state(run, now),
        paused_since=None if pause is None else pause.since,
        paused_until=None if pause is None else pause.until,
        ended_at=None if ended is None else ended.at,
        end_reason=None if ended is None or ended.reason is None else ended.reason.value,
        end_code=None if ended is None else ended.code,
        superseded_by=None if ended is None else ended.by,
        milestones=(*_started(run, sent or {}), *_waiting(run, heard)),
        awaits=tuple(sorted(awaited(run))),
    )


def _started(run: Run, sent: Mapping[UUID, Posted]) -> Sequence[MilestoneTold]:
    return [_told(run, step, _unsent(step, sent)) for step in run.steps]


def _unsent(step: Step, sent: Mapping[UUID, Posted]) -> Posted | None:
    """The message of a milestone that is a message alone, if nobody got it."""
    posted = None if step.message is None else sent.get(step.message)
    return posted if posted is not None and posted.delivery in UNSENT and step.outcome == MESSAGE else None


def outcome_of(step: Step, sent: Mapping[UUID, Posted]) -> str | None:
    """What came of a milestone, as far as is known of its message."""
    return step.outcome if _unsent(step, sent) is None else NOT_SENT


def _told(run: Run, step: Step, not_sent: Posted | None) -> MilestoneTold:
    milestone = run.milestones[step.place]
    assert milestone.id is not None, "a saved milestone has an id"
    return MilestoneTold(
        place=step.place,
        turn=step.turn,
        name=milestone.name,
        milestone=milestone.id,
        state=step.state,
        step=step.id,
        due_at=step.due_at,
        done_at=step.done_at,
        outcome=NOT_SENT if not_sent is not None else step.outcome,
        reason=not_sent.reason if not_sent is not None else step.reason,
        assignee=step.assignee,
        competence=step.competence,
        postponed_to=step.postponed_to,
        note=step.note,
        completes_at=completes_at(run, step) if run.active else None,
    )


def _waiting(run: Run, heard: Sequence[Heard]) -> Sequence[MilestoneTold]:
    """Those that were not started: only of the next one is it known when it will be."""
    found: list[MilestoneTold] = []
    current = current_place(run)
    for place in range(current, len(run.milestones)):
        milestone = run.milestones[place]
        if run.first_of(place) is not None:
            continue
        assert milestone.id is not None, "a saved milestone has an id"
        due_at = starts_at(run, place, heard)[0] if run.active and place == current else None
        found.append(
            MilestoneTold(
                place=place,
                turn=0,
                name=milestone.name,
                milestone=milestone.id,
                state=StepState.WAITING if run.active else StepState.CANCELLED,
                step=None,
                due_at=due_at,
                done_at=None,
                outcome=None,
                reason=None,
                assignee=None,
                competence=None,
                postponed_to=None,
                note=None,
                completes_at=None,
            )
        )
    return found
