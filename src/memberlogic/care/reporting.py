"""CARE-18: figures of a flow: what became of its runs, and of each of its milestones. They are right at any moment,
whether the jobs ran or not (COM-8): what is stored is counted by the store; a run in which something came about since
is settled in memory, and what it is then is counted in the place of what is stored of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from attrs import field, frozen

from memberlogic.calendar import local_day
from memberlogic.care.advancing import MESSAGE, milestone_id
from memberlogic.care.flows import FlowVersion
from memberlogic.care.lifecycle import state
from memberlogic.care.model import Run, RunState, Step, StepState
from memberlogic.care.telling import NOT_SENT
from memberlogic.errors import InvalidInput
from memberlogic.ids import CareFlowId, CareMilestoneId, CareRunId
from memberlogic.inputs import a_date, an_id, code, optional
from memberlogic.outcomes import Because, Explanation

__all__ = [
    "CancelledRuns",
    "DoneIn",
    "FiguresOf",
    "FlowFigures",
    "MilestoneFigures",
    "RunsAmong",
    "RunsCounted",
    "StepsCounted",
    "Tally",
    "elapsed",
    "figures",
    "tally_of",
]


@frozen(kw_only=True)
class FiguresOf:
    """The figures of a flow: of the runs assigned on business days ``[since, until)``, at one studio or at all."""

    flow: CareFlowId = field(validator=an_id)
    since: date | None = field(default=None, validator=optional(a_date))
    until: date | None = field(default=None, validator=optional(a_date))
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))

    def __attrs_post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())


@frozen(kw_only=True)
class RunsAmong:
    """Runs of a flow at some studios of one zone, assigned in ``[since, until)``."""

    flow: CareFlowId
    studios: tuple[str, ...]
    since: datetime
    until: datetime

    def __contains__(self, run: Run) -> bool:
        there = run.flow.flow == self.flow and run.studio.code in self.studios
        return there and self.since <= run.assigned_at < self.until


@frozen(kw_only=True)
class RunsCounted:
    """So many runs, as they are stored: over or not, how and for which reason of staff's, and whether their time stands
    still at the instant that was asked for.
    """

    ended: bool
    reason: str | None
    code: str | None
    still: bool
    runs: int


@frozen(kw_only=True)
class StepsCounted:
    """So many starts of a milestone in a state, as they are stored; overdue, if open and to be done before a day;
    unsent, if all there was to do was a message, and it was not sent (CARE-14).
    """

    milestone: CareMilestoneId
    state: StepState
    overdue: bool
    unsent: bool
    steps: int


@frozen(kw_only=True)
class DoneIn:
    """A run, and how long each of its actions took that were done, in microseconds."""

    run: CareRunId
    times: tuple[tuple[CareMilestoneId, int], ...]


@frozen(kw_only=True)
class CancelledRuns:
    """So many runs that were cancelled, how, and for which reason of staff's."""

    reason: str
    code: str | None
    runs: int


@frozen(kw_only=True)
class MilestoneFigures:
    """What became of a milestone, over all versions of the flow that have it. Each start counts, also of one that
    repeats.

    Args:
        reached: how often it was started; ``open`` of these are to be done, ``cancelled`` were open when their run
            ended.
        done: how often its action was done, or its message sent or queued, where it has no action.
        not_sent: how often it was a message alone that nobody got: withheld, too old, withdrawn with its run, or set
            aside after the last try. The run went on all the same (CARE-14).
        overdue: of those that are open, how many should have been done on a day that is over.
        median_microseconds: how long it took from when it was due until it was done, by the one in the middle: as many
            took no longer as took no less. Of an even number, the shorter of the two in the middle. None where nothing
            was done, and for messages, which take no time.
    """

    milestone: CareMilestoneId
    name: str
    reached: int
    done: int
    not_sent: int
    skipped: int
    cancelled: int
    open: int
    overdue: int
    median_microseconds: int | None

    @property
    def median(self) -> timedelta | None:
        """The median time to done, exactly."""
        return None if self.median_microseconds is None else timedelta(microseconds=self.median_microseconds)


@frozen(kw_only=True)
class FlowFigures:
    """What became of the runs of a flow."""

    flow: CareFlowId
    name: str
    at: datetime
    since: date | None
    until: date | None
    studio: str | None
    assigned: int
    running: int
    paused: int
    completed: int
    cancelled: tuple[CancelledRuns, ...]
    milestones: tuple[MilestoneFigures, ...]

    def explain(self) -> Explanation:
        """The sums, and of what they are."""
        cancelled = sum(each.runs for each in self.cancelled)
        said = (
            f"{self.name}: {self.assigned} assigned, {self.running} running, {self.paused} paused, "
            f"{self.completed} completed, {cancelled} cancelled."
        )
        reasons = (
            Because("CARE-18", f"care.cancelled_{each.reason}", {"code": each.code, "runs": each.runs})
            for each in self.cancelled
        )
        return Explanation(said, tuple(reasons))


K = TypeVar("K")
_RunKey = tuple[RunState, str | None, str | None]


class Tally:
    """What is counted so far."""

    def __init__(self) -> None:
        self.runs: Counter[_RunKey] = Counter()
        self.steps: Counter[tuple[CareMilestoneId, str]] = Counter()
        self.times: Counter[tuple[CareMilestoneId, int]] = Counter()

    def count_runs(self, counted: Iterable[RunsCounted], *, lapsed: bool) -> None:
        """With what a store counted; without the tier, time stands still for everybody who runs."""
        for each in counted:
            if each.ended:
                over = RunState.COMPLETED if each.reason is None else RunState.CANCELLED
                self.runs[over, each.reason, each.code] += each.runs
            else:
                paused = each.still or lapsed
                self.runs[RunState.PAUSED if paused else RunState.RUNNING, None, None] += each.runs

    def count_steps(self, counted: Iterable[StepsCounted]) -> None:
        """With what a store counted."""
        for each in counted:
            key = NOT_SENT if each.unsent else each.state.value
            self._step(each.milestone, key, each.steps, overdue=each.overdue)

    def count_times(self, done: Iterable[DoneIn]) -> None:
        """With how long actions took."""
        for run in done:
            for each in run.times:
                self.times[each] += 1

    def put(self, settled: Tally, stored: Tally) -> None:
        """What a run is now, in the place of what is stored of it."""
        _exchange(self.runs, settled.runs, stored.runs)
        _exchange(self.steps, settled.steps, stored.steps)
        _exchange(self.times, settled.times, stored.times)

    def _step(self, milestone: CareMilestoneId, key: str, many: int, *, overdue: bool) -> None:
        self.steps[milestone, "reached"] += many
        self.steps[milestone, key] += many
        self.steps[milestone, "overdue"] += many if overdue else 0

    def count_run(self, run: Run, now: datetime) -> None:
        """With one run as it is at an instant; what became of its messages the store knows, and counts."""
        ended = run.ended
        reason = None if ended is None or ended.reason is None else ended.reason.value
        self.runs[state(run, now), reason, None if ended is None else ended.code] += 1
        today = local_day(now, run.studio.zone)
        for step in run.steps:
            milestone = milestone_id(run, step)
            overdue = step.state is StepState.ACTIVE and run.day_of(step) < today
            self._step(milestone, step.state.value, 1, overdue=overdue)
            if (took := elapsed(step)) is not None:
                self.times[milestone, took] += 1


def _exchange(counted: Counter[K], more: Counter[K], less: Counter[K]) -> None:
    counted.update(more)
    counted.subtract(less)


def elapsed(step: Step) -> int | None:
    """How long an action took that was done, in microseconds; None for what is not done, and for a message alone."""
    if step.state is not StepState.COMPLETED or step.outcome == MESSAGE or step.done_at is None:
        return None
    return (step.done_at - step.due_at) // timedelta(microseconds=1)


def tally_of(runs: Iterable[Run], now: datetime) -> Tally:
    """Runs as they are at an instant, counted one by one."""
    tally = Tally()
    for each in runs:
        tally.count_run(each, now)
    return tally


def figures(wanted: FiguresOf, versions: Sequence[FlowVersion], tally: Tally, now: datetime) -> FlowFigures:
    """What was counted, of a flow with all its versions, the first one first."""
    runs = tally.runs
    cancelled = (
        CancelledRuns(reason=reason or "", code=code, runs=many)
        for (state, reason, code), many in runs.items()
        if state is RunState.CANCELLED and many
    )
    times: dict[CareMilestoneId, Counter[int]] = {}
    for (milestone, took), many in tally.times.items():
        times.setdefault(milestone, Counter())[took] += many
    return FlowFigures(
        flow=wanted.flow,
        name=versions[-1].terms.name,
        at=now,
        since=wanted.since,
        until=wanted.until,
        studio=wanted.studio,
        assigned=sum(runs.values()),
        running=_of(runs, RunState.RUNNING),
        paused=_of(runs, RunState.PAUSED),
        completed=_of(runs, RunState.COMPLETED),
        cancelled=tuple(sorted(cancelled, key=lambda each: (each.reason, each.code or ""))),
        milestones=tuple(
            _milestone(id, name, tally.steps, times.get(id, Counter())) for id, name in _names(versions).items()
        ),
    )


def _of(runs: Counter[_RunKey], state: RunState) -> int:
    return sum(many for key, many in runs.items() if key[0] is state)


def _names(versions: Sequence[FlowVersion]) -> Mapping[CareMilestoneId, str]:
    """The milestones of all versions by their last names: in the order of the current one, then those that are gone."""
    found: dict[CareMilestoneId, str] = {}
    for version in reversed(versions):
        for each in version.terms.milestones:
            assert each.id is not None, "a saved milestone has an id"
            found.setdefault(each.id, each.name)
    return found


def _milestone(
    id: CareMilestoneId, name: str, steps: Counter[tuple[CareMilestoneId, str]], times: Counter[int]
) -> MilestoneFigures:
    return MilestoneFigures(
        milestone=id,
        name=name,
        reached=steps[id, "reached"],
        done=steps[id, StepState.COMPLETED.value],
        not_sent=steps[id, NOT_SENT],
        skipped=steps[id, StepState.SKIPPED.value],
        cancelled=steps[id, StepState.CANCELLED.value],
        open=steps[id, StepState.ACTIVE.value],
        overdue=steps[id, "overdue"],
        median_microseconds=_median(times),
    )


def _median(times: Counter[int]) -> int | None:
    """The one in the middle, the shorter one of two."""
    left = (sum(times.values()) + 1) // 2
    for took in sorted(times):
        left -= times[took]
        if left <= 0 < times[took]:
            return took
    return None
