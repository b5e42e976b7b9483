"""CARE-12: what Member Care tells at the door: a conversation that is open interrupts whoever checks the member in, or
is a flag on the day's list, as its milestone says. Everything else is found in the care tool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from attrs import frozen

from memberlogic.care.advancing import milestone_id
from memberlogic.care.flows import Surface
from memberlogic.care.gathering import CareDesk
from memberlogic.care.model import Run, Step, StepState
from memberlogic.care.ports import CareWork
from memberlogic.contracts.notices import Notice, Severity
from memberlogic.ids import MemberId
from memberlogic.organizations.model import Studio, Tier

__all__ = ["CareAtTheDoor", "notices"]

_TOLD: Mapping[Surface, tuple[str, Severity]] = MappingProxyType(
    {
        Surface.CHECK_IN_DIALOG: ("checkin.care_conversation", Severity.WARNING),
        Surface.CHECK_IN_LIST: ("checkin.care_flag", Severity.INFO),
    }
)


@frozen
class CareAtTheDoor:
    """The port ``CheckInNotices``. It looks at the one run that is active, as it is now; at whichever studio."""

    desk: CareDesk

    def of(self, uow: CareWork, member: MemberId, studio: Studio, at: datetime) -> Sequence[Notice]:  # noqa: ARG002
        """The conversations that are open for a member; without the tier there are none."""
        if not self.desk.organization.tier.covers(Tier.PRO):
            return ()
        return [notice for each in self.desk.seen(uow, [*_active(uow, member)]) for notice in notices(each)]


def _active(uow: CareWork, member: MemberId) -> Sequence[Run]:
    return [*uow.care_runs.active([member]).values()]


def notices(run: Run) -> Sequence[Notice]:
    """What of a run that was settled is told at the door."""
    told = ((step, _TOLD.get(where)) for step in run.steps if (where := _where(run, step)) is not None)
    return [_notice(run, step, *said) for step, said in told if said is not None]


def _where(run: Run, step: Step) -> Surface | None:
    action = run.milestones[step.place].action
    return None if action is None or step.state is not StepState.ACTIVE else action.surface


def _notice(run: Run, step: Step, code: str, severity: Severity) -> Notice:
    said = {
        "run": str(run.id),
        "step": str(step.id),
        "milestone": str(milestone_id(run, step)),
        "day": run.day_of(step).isoformat(),
        "assignee": step.assignee,
    }
    return Notice(code=code, severity=severity, parameters=said)
