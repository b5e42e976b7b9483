"""The course of a run as data: what happens on which day, what stands still, what it waits for in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen

from memberlogic.calendar import local_day
from memberlogic.care.advancing import AUTOMATIC
from memberlogic.care.answers import sentence
from memberlogic.care.drawing import Line, Mark, drawn
from memberlogic.care.model import Pause, Run, RunState, StepState
from memberlogic.care.telling import NOT_SENT, outcome_of
from memberlogic.notifying import Posted
from memberlogic.outcomes import Because, Explanation

__all__ = ["Course", "CourseDay", "CourseStep", "Happening", "HappeningKind", "course_of"]


class HappeningKind(Enum):
    """What happens in a course."""

    ASSIGNED = "assigned"
    PAUSED = "paused"
    RESUMED = "resumed"
    MESSAGE = "message"
    OPENED = "opened"
    DONE = "done"
    COUNTED_AS_DONE = "counted_as_done"
    NOT_SENT = "not_sent"
    SKIPPED = "skipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


_SAID = {
    HappeningKind.ASSIGNED: "Assigned",
    HappeningKind.PAUSED: "Paused: time stands still",
    HappeningKind.RESUMED: "Time goes on",
    HappeningKind.MESSAGE: "Message",
    HappeningKind.OPENED: "To do",
    HappeningKind.DONE: "Done",
    HappeningKind.COUNTED_AS_DONE: "Counts as done",
    HappeningKind.NOT_SENT: "Message not sent",
    HappeningKind.SKIPPED: "Skipped",
    HappeningKind.COMPLETED: "Completed",
    HappeningKind.CANCELLED: "Ended early",
}
_MARKS = {
    HappeningKind.ASSIGNED: Mark.END,
    HappeningKind.PAUSED: Mark.PAUSE,
    HappeningKind.RESUMED: Mark.PAUSE,
    HappeningKind.MESSAGE: Mark.FULL,
    HappeningKind.OPENED: Mark.OPEN,
    HappeningKind.DONE: Mark.DONE,
    HappeningKind.COUNTED_AS_DONE: Mark.DONE,
    HappeningKind.NOT_SENT: Mark.OPEN,
    HappeningKind.SKIPPED: Mark.OPEN,
    HappeningKind.COMPLETED: Mark.END,
    HappeningKind.CANCELLED: Mark.END,
}


@frozen(kw_only=True)
class Happening:
    """One thing that happens: when, and to which milestone, if to one."""

    at: datetime
    kind: HappeningKind
    place: int | None = None
    name: str | None = None

    @property
    def text(self) -> str:
        """What happens, in words."""
        return _SAID[self.kind] + ("" if self.name is None else f": {self.name}")


@frozen(kw_only=True)
class CourseDay:
    """What happens on a local day."""

    day: date
    happenings: tuple[Happening, ...]


@frozen(kw_only=True)
class CourseStep:
    """A milestone that is reached: when it is due, and when and how it is done."""

    place: int
    turn: int
    name: str
    action: str | None
    message: bool
    state: StepState
    due_at: datetime
    done_at: datetime | None
    outcome: str | None


@frozen(kw_only=True)
class Course:
    """The course that a run takes from an instant to another.

    Args:
        zone: where its days are.
        state: what it is at the end.
        pauses: when time stands still, as far as it lies between the two instants or goes on beyond them.
        waits: what it waits for at the end, as answers of
            :meth:`explain <memberlogic.care.service.CareService.explain>`; nothing once it is over.
    """

    flow_name: str
    zone: ZoneInfo
    start: datetime
    until: datetime
    state: RunState
    steps: tuple[CourseStep, ...]
    pauses: tuple[Pause, ...]
    ended_at: datetime | None
    waits: tuple[Because, ...]

    @property
    def happenings(self) -> tuple[Happening, ...]:
        """Everything that happens, in order."""
        return tuple(sorted(self._happenings(), key=lambda each: each.at))

    def _happenings(self) -> Iterator[Happening]:
        yield Happening(at=self.start, kind=HappeningKind.ASSIGNED)
        end = self.ended_at or self.until
        for pause in self.pauses:
            if pause.until is not None and pause.until <= self.start:
                continue
            if pause.since <= end:
                yield Happening(at=max(pause.since, self.start), kind=HappeningKind.PAUSED)
            if pause.until is not None and pause.until <= end:
                yield Happening(at=pause.until, kind=HappeningKind.RESUMED)
        for step in self.steps:
            yield Happening(at=step.due_at, kind=_opened(step), place=step.place, name=step.name)
            if step.action is not None and step.done_at is not None:
                yield Happening(at=step.done_at, kind=_done(step), place=step.place, name=step.name)
        if self.ended_at is not None:
            early = self.state is RunState.CANCELLED
            yield Happening(at=self.ended_at, kind=HappeningKind.CANCELLED if early else HappeningKind.COMPLETED)

    @property
    def days(self) -> tuple[CourseDay, ...]:
        """The same day by day, those on which something happens."""
        by_day = groupby(self.happenings, lambda each: local_day(each.at, self.zone))
        return tuple(CourseDay(day=day, happenings=tuple(each)) for day, each in by_day)

    def text(self) -> str:
        """A line for each day, then what it waits for."""
        lines = [f"{each.day}  {'; '.join(it.text for it in each.happenings)}" for each in self.days]
        return "\n".join([*lines, *self._sentences])

    def explain(self) -> Explanation:
        """What it is at the end, and what it waits for."""
        return Explanation(f"{self.flow_name} is {self.state.value} on {local_day(self.until, self.zone)}.", self.waits)

    def as_svg(self, words: Sequence[str] | None = None) -> str:
        """The course as a timeline from top to bottom: SVG as text, for light and dark, readable on a phone.

        Args:
            words: what is said below the drawing; what it waits for, if left out. Nothing, if it is said beside it.
        """
        return drawn(self.flow_name, [*self._lines()], self._sentences if words is None else words)

    @property
    def _sentences(self) -> list[str]:
        return [sentence(each) for each in self.waits]

    def _lines(self) -> Iterator[Line]:
        still = False
        first = local_day(self.start, self.zone)
        for each in self.days:
            for number, happening in enumerate(each.happenings):
                if happening.kind in (HappeningKind.PAUSED, HappeningKind.RESUMED):
                    still = happening.kind is HappeningKind.PAUSED
                yield Line(
                    day=each.day if number == 0 else None,
                    number=(each.day - first).days,
                    text=happening.text,
                    mark=_MARKS[happening.kind],
                    still=still,
                )


def _opened(step: CourseStep) -> HappeningKind:
    if step.action is not None:
        return HappeningKind.OPENED
    return HappeningKind.NOT_SENT if step.outcome == NOT_SENT else HappeningKind.MESSAGE


def _done(step: CourseStep) -> HappeningKind:
    if step.state is StepState.SKIPPED:
        return HappeningKind.SKIPPED
    return HappeningKind.COUNTED_AS_DONE if step.outcome == AUTOMATIC else HappeningKind.DONE


def course_of(
    run: Run, until: datetime, state: RunState, waits: tuple[Because, ...], sent: Mapping[UUID, Posted] | None = None
) -> Course:
    """What a run that was settled to an instant went through.

    Args:
        sent: what became of the messages that were queued for the member.
    """
    return Course(
        flow_name=run.flow.terms.name,
        zone=run.studio.zone,
        start=run.assigned_at,
        until=until,
        state=state,
        steps=tuple(
            CourseStep(
                place=step.place,
                turn=step.turn,
                name=run.milestones[step.place].name,
                action=None if (action := run.milestones[step.place].action) is None else action.kind.value,
                message=run.milestones[step.place].message is not None,
                state=step.state,
                due_at=step.due_at,
                done_at=step.done_at,
                outcome=outcome_of(step, sent or {}),
            )
            for step in run.steps
        ),
        pauses=tuple(each for each in run.still if each.since <= until),
        ended_at=None if run.ended is None else run.ended.at,
        waits=waits,
    )
