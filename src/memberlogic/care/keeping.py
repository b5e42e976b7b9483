"""What a command changes of runs: said once for every command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from memberlogic.care.advancing import Advanced
from memberlogic.care.model import Run, Step
from memberlogic.events import Event, OfItself
from memberlogic.notifying import Message

__all__ = ["Change", "Posted", "changed", "merged", "posted"]


@frozen(kw_only=True)
class Change:
    """A run as it is to be stored, with the steps that are new and those that are different."""

    run: Run
    assigned: bool = False
    """Whether the run itself is new."""
    new: tuple[Step, ...] = ()
    different: tuple[Step, ...] = ()
    repaused: bool = False
    """Whether its pauses are others."""
    next_change: datetime | None
    """When something happens of itself next."""


def changed(before: Run | None, advanced: Advanced, now: datetime) -> Change | None:
    """What is to be stored of what became of a run; None if nothing became of it."""
    after, next_change = advanced.run, advanced.next_change
    if before is None:
        run = evolve(after, effective_at=now, version=0)
        return Change(run=run, assigned=True, new=run.steps, repaused=True, next_change=next_change)
    if after == before:
        return None
    known = {each.id: each for each in before.steps}
    return Change(
        run=evolve(after, effective_at=now, version=before.version + 1),
        new=tuple(each for each in after.steps if each.id not in known),
        different=tuple(each for each in after.steps if each.id in known and each != known[each.id]),
        repaused=after.pauses != before.pauses,
        next_change=next_change,
    )


def merged(before: Change, later: Change) -> Change:
    """Two changes of one run in one unit of work as one: the store sees the last, and one version more."""
    fresh = {each.id for each in before.new}
    now = {each.id: each for each in later.different}
    new = (*(now.get(each.id, each) for each in before.new), *later.new)
    different = {each.id: each for each in (*before.different, *later.different) if each.id not in fresh}
    return Change(
        run=evolve(later.run, version=before.run.version),
        assigned=before.assigned,
        new=new,
        different=tuple(different.values()),
        repaused=before.repaused or later.repaused,
        next_change=later.next_change,
    )


@frozen(kw_only=True)
class Posted:
    """What a command on runs comes to: what is to be stored, what happened, what is to be sent, and which messages
    that wait are not sent any more.
    """

    changes: tuple[Change, ...] = ()
    events: tuple[Event | OfItself, ...] = ()
    messages: tuple[Message, ...] = ()
    withdrawn: tuple[UUID, ...] = ()

    def __add__(self, other: Posted) -> Posted:
        return Posted(
            changes=(*self.changes, *other.changes),
            events=(*self.events, *other.events),
            messages=(*self.messages, *other.messages),
            withdrawn=(*self.withdrawn, *other.withdrawn),
        )


def posted(before: Run | None, advanced: Advanced, now: datetime, more: Sequence[Event] = ()) -> Posted:
    """What is to be written of a run that was settled and decided on; ``more`` is what the decision says happened.
    Messages of a run that is cancelled and still wait are withdrawn; the store passes over those that were sent.
    """
    change = changed(before, advanced, now)
    return Posted(
        changes=() if change is None else (change,),
        events=(*advanced.events, *more),
        messages=advanced.messages,
        withdrawn=tuple(_left(before, advanced)),
    )


def _left(before: Run | None, advanced: Advanced) -> Iterable[UUID]:
    ended = advanced.run.ended
    if before is None or ended is None or ended.reason is None:
        return ()
    return (step.message for step in advanced.run.steps if step.message is not None)
