"""The facts of Member Care: a run of one flow for one member, its pauses and its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from memberlogic.calendar import Term, local_day
from memberlogic.care.flows import FlowVersion, Milestone
from memberlogic.ids import (
    CareConfigurationId,
    CareRunId,
    CareStepId,
    ContractId,
    MemberId,
    NoteId,
)
from memberlogic.organizations.model import Studio

__all__ = [
    "AssignedBy",
    "EndReason",
    "Ended",
    "Pause",
    "Run",
    "RunState",
    "Step",
    "StepState",
    "united",
]


class RunState(Enum):
    """What a run is. It is active while it is RUNNING or PAUSED."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class StepState(Enum):
    """What a milestone of a run is."""

    WAITING = "waiting"
    ACTIVE = "active"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class AssignedBy(Enum):
    """How a flow came to a member: staff, the flow of a rate, the default flow, or another surface (CARE-9)."""

    STAFF = "staff"
    RATE = "rate"
    DEFAULT = "default"
    SURFACE = "surface"


class EndReason(Enum):
    """Why a run was cancelled."""

    CLOSED = "closed"
    SUPERSEDED = "superseded"
    ANONYMISED = "anonymised"
    MERGED = "merged"


@frozen(kw_only=True)
class Ended:
    """A run is over: since when, and how. A ``reason`` is None for one whose last milestone was done; ``code`` is what
    staff gave for closing it, ``by`` the run that took its place.
    """

    at: datetime
    reason: EndReason | None = None
    code: str | None = None
    by: CareRunId | None = None


@frozen(kw_only=True)
class Pause:
    """The instants ``[since, until)`` in which time stands still; without an end as long as none is known."""

    since: datetime
    until: datetime | None

    def __contains__(self, instant: datetime) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)


_FOR_EVER = datetime.max.replace(tzinfo=UTC)


def united(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """Pauses in order and apart from each other: those that touch are one, those of no time are none."""
    joined: list[tuple[datetime, datetime]] = []
    for since, until in sorted((each.since, each.until or _FOR_EVER) for each in pauses):
        if since >= until:
            continue
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return tuple(Pause(since=since, until=None if until == _FOR_EVER else until) for since, until in joined)


@frozen(kw_only=True)
class Step:
    """A milestone of a run that was started: once, or as often as it repeats.

    Args:
        place: which milestone of the flow, counted from 0.
        turn: which start of it, counted from 0.
        due_at: when its schedule fired.
        event: what fired it, if an event did.
        done_at: when its action was done, skipped, or counted as completed; when it fell due, for a message alone.
        outcome: the code that staff gave, or ``message`` and ``automatic``.
        reason: why it was skipped.
        postponed_to: the day from which on it is to be done, if staff moved it; overdue and automatic completion go by
            it.
        message: what was queued for the member.
        note: what staff noted when it was done, by its id; the text is kept apart, and erased with the member.
    """

    id: CareStepId
    place: int
    turn: int = 0
    state: StepState
    due_at: datetime
    event: UUID | None = None
    done_at: datetime | None = None
    outcome: str | None = None
    reason: str | None = None
    assignee: str | None = None
    competence: str | None = None
    postponed_to: date | None = None
    postponed_at: datetime | None = None
    message: UUID | None = None
    note: NoteId | None = None


@frozen(kw_only=True)
class Run:
    """A flow assigned to a member (CARE-1): the version it was assigned in, settings included.

    Args:
        studio: its zone is where the days of this run are.
        complete_automatically_after: as the configuration said when it was assigned.
        pauses: where time stood still, and will as far as is known; in order, apart from each other.
        lapses: when the organization had no tier for Member Care; not a fact of the run, but handed to it when it is
            read.
        steps: the milestones that were started, in the order in which they were.
    """

    id: CareRunId
    member: MemberId
    flow: FlowVersion
    configuration: CareConfigurationId
    studio: Studio
    assigned_at: datetime
    assigned_by: AssignedBy
    contract: ContractId | None = None
    complete_automatically_after: Term | None = None
    pauses: tuple[Pause, ...] = ()
    lapses: tuple[Pause, ...] = ()
    steps: tuple[Step, ...] = ()
    ended: Ended | None = None
    effective_at: datetime
    version: int = 0

    @property
    def milestones(self) -> Sequence[Milestone]:
        """Those of its flow, in their order."""
        return self.flow.terms.milestones

    @property
    def still(self) -> tuple[Pause, ...]:
        """When time stands still, for whatever reason, in order."""
        return united((*self.pauses, *self.lapses)) if self.lapses else self.pauses

    @property
    def active(self) -> bool:
        """Whether it is the one active run of its member: neither completed nor cancelled."""
        return self.ended is None

    def day_of(self, step: Step) -> date:
        """The day on which a step is to be done: the one staff moved it to, else that on which it was due, where the
        studio is. It is overdue on every later day.
        """
        return step.postponed_to or local_day(step.due_at, self.studio.zone)

    def first_of(self, place: int) -> Step | None:
        """The first start of a milestone."""
        return next((each for each in self.steps if each.place == place and each.turn == 0), None)
