"""CARE-13: the work list as data: which open actions are asked for, and what is told of each."""

from __future__ import annotations

import re
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.care.flows import ActionKind, Surface
from memberlogic.ids import CareFlowId, CareMilestoneId, CareRunId, CareStepId, MemberId, NoteId
from memberlogic.inputs import a_date, an_id, checked, code, instance, optional, whole

__all__ = ["ActionNote", "ActionNotes", "OpenAction", "OpenActions", "PageOfWork", "WorkKey", "WorkPage", "an_employee"]

_WHO = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def _who_problem(value: object) -> str | None:
    if isinstance(value, str) and _WHO.fullmatch(value):
        return None
    return "an employee's code or the host's id for them: 1 to 64 letters, digits or _.:-"


an_employee = checked(_who_problem)
"""Whoever an action may be given to: an employee of the catalogue, or the id of a member of staff who took it."""

_TRUE_OR_FALSE = instance(bool, "true or false")


@frozen(kw_only=True)
class WorkKey:
    """Where an action stands in the list: by the day on which it is to be done, then by its id."""

    day: date = field(validator=a_date)
    step: CareStepId = field(validator=an_id)

    @property
    def order(self) -> tuple[date, CareStepId]:
        """As the list is ordered."""
        return self.day, self.step


@frozen(kw_only=True)
class PageOfWork:
    """The next open actions; what is left out is not looked at.

    Args:
        assignee: those that somebody has.
        competence: those that wait for anybody who has a competence; with an ``assignee``, those of theirs for it.
        surface: where they are shown (CARE-12).
        overdue: those whose day is over, or those whose day is not.
    """

    surface: Surface | None = field(
        default=Surface.CARE_TOOL, validator=optional(instance(Surface, "care_tool, check_in_dialog or check_in_list"))
    )
    assignee: str | None = field(default=None, validator=optional(an_employee))
    competence: str | None = field(default=None, validator=optional(code("a competence")))
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    overdue: bool | None = field(default=None, validator=optional(_TRUE_OR_FALSE))
    after: WorkKey | None = field(default=None, validator=optional(instance(WorkKey, "a WorkKey")))
    size: int = field(default=100, validator=whole(least=1, most=1000))


@frozen(kw_only=True)
class OpenActions:
    """Which open actions a store is asked for: those with all that is said, to be done on the days ``[since,
    before)``; of a competence without an assignee, those that nobody has.
    """

    surface: Surface | None = None
    assignee: str | None = None
    competence: str | None = None
    studio: str | None = None
    since: date | None = None
    before: date | None = None

    @property
    def of_nobody(self) -> bool:
        """Whether what somebody has is none of it."""
        return self.competence is not None and self.assignee is None


@frozen(kw_only=True)
class OpenAction:
    """An action that is to be done.

    Args:
        due_at: since when it is open.
        day: on which it is to be done: the day on which it was due, or the one to which it was postponed.
        overdue: whether that day is over, where the studio is.
        completes_at: when it counts as completed if nobody does anything; None if it does not, or nobody knows.
        paused: whether time stands still for its run; it can be worked all the same.
    """

    step: CareStepId
    run: CareRunId
    member: MemberId
    flow: CareFlowId
    flow_name: str
    milestone: CareMilestoneId
    name: str
    kind: ActionKind
    service: str | None
    surface: Surface
    studio: str
    due_at: datetime
    day: date
    postponed: bool
    overdue: bool
    assignee: str | None
    competence: str | None
    completes_at: datetime | None
    paused: bool

    @property
    def key(self) -> WorkKey:
        """Where it stands in the list."""
        return WorkKey(day=self.day, step=self.step)


@frozen(kw_only=True)
class WorkPage:
    """Some open actions, by the day on which they are to be done; ``last`` is what to go on after, None if that was
    all.
    """

    actions: tuple[OpenAction, ...]
    last: WorkKey | None


@frozen(kw_only=True)
class ActionNote:
    """What staff noted when an action was done."""

    step: CareStepId
    note: NoteId
    text: str


@frozen(kw_only=True)
class ActionNotes:
    """What staff noted of the actions of a run, as far as it was not erased."""

    run: CareRunId
    notes: tuple[ActionNote, ...]
