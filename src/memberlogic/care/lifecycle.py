"""The two machines of Member Care: a run, and a milestone of a run. PAUSED is derived, as is what time does."""

from __future__ import annotations

from datetime import datetime

from memberlogic.care.model import Run, RunState, StepState
from memberlogic.lifecycle import Lifecycle

__all__ = ["RUN", "STEP", "state"]

RUN = Lifecycle(
    "care run",
    RunState.RUNNING,
    {
        RunState.RUNNING: {
            "pause": RunState.PAUSED,
            "finish": RunState.COMPLETED,
            "close": RunState.CANCELLED,
            "supersede": RunState.CANCELLED,
        },
        RunState.PAUSED: {
            "resume": RunState.RUNNING,
            "finish": RunState.COMPLETED,
            "close": RunState.CANCELLED,
            "supersede": RunState.CANCELLED,
        },
        RunState.COMPLETED: {},
        RunState.CANCELLED: {},
    },
)

STEP = Lifecycle(
    "care milestone",
    StepState.WAITING,
    {
        StepState.WAITING: {
            "start": StepState.ACTIVE,
            "send": StepState.COMPLETED,
            "end": StepState.CANCELLED,
        },
        StepState.ACTIVE: {
            "complete": StepState.COMPLETED,
            "count_as_completed": StepState.COMPLETED,
            "skip": StepState.SKIPPED,
            "take": StepState.ACTIVE,
            "reassign": StepState.ACTIVE,
            "postpone": StepState.ACTIVE,
            "end": StepState.CANCELLED,
        },
        StepState.COMPLETED: {},
        StepState.SKIPPED: {},
        StepState.CANCELLED: {},
    },
)


def state(run: Run, instant: datetime) -> RunState:
    """What a run that was settled to an instant is then."""
    if run.ended is not None and run.ended.at <= instant:
        return RunState.COMPLETED if run.ended.reason is None else RunState.CANCELLED
    return RunState.PAUSED if any(instant in each for each in run.still) else RunState.RUNNING
