"""CARE-2: what runs wait for is found in the history: the jobs read on from the event up to which they have read. What
was recorded within an hour before it is read again: ids ascend as events are made, not as their commands commit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from memberlogic.care.hearing import kind_of
from memberlogic.care.ports import CareWork
from memberlogic.care.settling import RunsSettled
from memberlogic.events import Recorded
from memberlogic.ids import CareRunId, MemberId
from memberlogic.inputs import an_id, an_instant, optional, to_utc_or_none

__all__ = ["Listen", "Listened", "further", "kinds_by_member", "since", "told", "woken"]

_HOUR = 3_600_000 << 80
"""An hour, as the ids of UUIDv7 count milliseconds."""

PAGE = 500


@frozen(kw_only=True)
class Listen:
    """Look through the next events, those after one; on from where the last run stopped if none is named."""

    after: UUID | None = field(default=None, validator=optional(an_id))
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen(kw_only=True)
class Listened:
    """What was looked through: the last event, none if that was all; and in how many runs something came about."""

    last: UUID | None
    runs: int
    milestones: int
    messages: int


def since(wanted: Listen, heard_to: UUID | None) -> UUID | None:
    """After which event to read: the one that is named, else an hour before the last one that was read."""
    if wanted.after is not None or heard_to is None:
        return wanted.after
    return UUID(int=max(0, heard_to.int - _HOUR))


def woken(uow: CareWork) -> Collection[CareRunId]:
    """The runs that wait for something that happened since the jobs looked through what happens. What it costs grows
    with what happened since then.
    """
    found: set[CareRunId] = set()
    after = since(Listen(), heard_to := uow.care_runs.heard_to())
    while heard_to is not None and (events := uow.history.events(after=after, limit=PAGE)):
        happened = kinds_by_member(events)
        kinds = {kind for each in happened.values() for kind in each}
        found |= set(uow.care_runs.waiting(sorted(happened), kinds))
        after = events[-1].id
    return found


def kinds_by_member(events: Sequence[Recorded]) -> Mapping[MemberId, Collection[str]]:
    """What happened to whom."""
    found: dict[MemberId, set[str]] = {}
    for each in events:
        for member in each.event.members:
            found.setdefault(member, set()).add(kind_of(each.event))
    return found


def further(events: Sequence[Recorded], heard_to: UUID | None) -> UUID | None:
    """Up to which event was read now, if that is further than before."""
    last = events[-1].id if events else None
    return last if last is not None and (heard_to is None or last > heard_to) else None


def told(events: Sequence[Recorded], settled: RunsSettled) -> Listened:
    """What came of it; there may be more, if a page was full."""
    last = events[-1].id if len(events) == PAGE else None
    return Listened(last=last, runs=settled.runs, milestones=settled.milestones, messages=settled.messages)
