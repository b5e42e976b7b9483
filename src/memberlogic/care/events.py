"""What happens to runs (COM-10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from attrs import field, frozen

from memberlogic.care.model import AssignedBy
from memberlogic.errors import JSON, catalogue, from_json
from memberlogic.events import Event
from memberlogic.ids import CareFlowId, CareMilestoneId, CareRunId, CareStepId, ContractId, NoteId, RateId
from memberlogic.outcomes import Figures

__all__ = [
    "CareActionCompleted",
    "CareActionGiven",
    "CareActionPostponed",
    "CareActionSkipped",
    "CareAssigned",
    "CareAssignmentSkipped",
    "CareMilestoneReached",
    "CareRunCancelled",
    "CareRunCompleted",
]


@frozen(kw_only=True)
class _OfRun(Event):
    run: CareRunId
    flow: CareFlowId


@frozen(kw_only=True)
class CareAssigned(_OfRun):
    """A flow was assigned to a member; ``superseded`` is the run whose place it took (CARE-10)."""

    type: ClassVar[str] = "care.assigned"
    flow_version: int
    by: AssignedBy
    studio: str
    contract: ContractId | None
    superseded: CareRunId | None


@frozen(kw_only=True)
class CareAssignmentSkipped(Event):
    """A contract assigned no flow although its rate or the configuration has one (CARE-8): ``reason`` is the code of
    what refused, ``missing`` what of the flow is not there, as refused: where it is named, and its code.
    """

    type: ClassVar[str] = "care.assignment_skipped"
    contract: ContractId
    rate: RateId
    flow: CareFlowId | None
    reason: str
    missing: Mapping[str, JSON] = field(factory=dict, converter=Figures, hash=False)

    @property
    def picked(self) -> str | None:
        """The code of what is not there: of a template, service, employee or competence."""
        picked = self.missing.get("picked")
        return None if picked is None else str(picked)

    @property
    def said(self) -> str | None:
        """What is not there, as it was refused, without where in the flow that is; None where nothing was refused."""
        if self.reason not in catalogue():
            return None
        message = from_json({"code": self.reason, "details": dict(self.missing)}).message
        return message.removeprefix(f"{self.missing.get('path')}: ").removesuffix(".")


@frozen(kw_only=True)
class CareRunCancelled(_OfRun):
    """A run ended before its last milestone was done: ``reason`` is how, ``code`` what staff gave, ``superseded_by``
    the run that took its place.
    """

    type: ClassVar[str] = "care.run_cancelled"
    reason: str
    code: str | None
    superseded_by: CareRunId | None


@frozen(kw_only=True)
class CareRunCompleted(_OfRun):
    """The last milestone of a run was done."""

    type: ClassVar[str] = "care.run_completed"


@frozen(kw_only=True)
class _OfStep(_OfRun):
    milestone: CareMilestoneId
    step: CareStepId


@frozen(kw_only=True)
class CareMilestoneReached(_OfStep):
    """A milestone's schedule fired: its action is open, its message queued."""

    type: ClassVar[str] = "care.milestone_reached"
    turn: int


@frozen(kw_only=True)
class CareActionCompleted(_OfStep):
    """An action was done, or counts as done; ``note`` is what staff noted, by its id."""

    type: ClassVar[str] = "care.action_completed"
    outcome: str
    note: NoteId | None = None


@frozen(kw_only=True)
class CareActionSkipped(_OfStep):
    """An action is not going to be done."""

    type: ClassVar[str] = "care.action_skipped"
    reason: str


@frozen(kw_only=True)
class CareActionGiven(_OfStep):
    """An action was taken by or given to an employee, or opened to everybody or to a competence again."""

    type: ClassVar[str] = "care.action_given"
    assignee: str | None
    competence: str | None


@frozen(kw_only=True)
class CareActionPostponed(_OfStep):
    """An action is to be done on a later day."""

    type: ClassVar[str] = "care.action_postponed"
    to: date
