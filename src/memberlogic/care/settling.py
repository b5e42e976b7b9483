"""CARE-16, COM-8: settling runs: what every command begins with, and all that the jobs do. It catches up after an
outage to the same course as running every hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from memberlogic.care.advancing import Advanced, Heard, advance
from memberlogic.care.keeping import Change, Posted, posted
from memberlogic.care.model import Pause, Run
from memberlogic.errors import InvalidInput
from memberlogic.events import Event, OfItself
from memberlogic.ids import CareRunId, NewId
from memberlogic.inputs import an_instant, as_tuple, ids, optional, to_utc_or_none
from memberlogic.notifying import Message
from memberlogic.organizations.model import Organization

__all__ = ["RunsSettled", "SettleRuns", "settle_all", "settled", "with_lapses"]


@frozen(kw_only=True)
class SettleRuns:
    """Bring runs to now, or to an instant before."""

    runs: tuple[CareRunId, ...] = field(converter=as_tuple, validator=ids(most=1_000))
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen(kw_only=True)
class RunsSettled:
    """In how many runs something had come about, how many milestones were reached, and how many messages queued."""

    runs: int
    milestones: int
    messages: int


def with_lapses(run: Run, organization: Organization) -> Run:
    """A run that knows when its organization had no tier for Member Care."""
    lapses = tuple(Pause(since=each.since, until=each.until) for each in organization.tier_lapses)
    return evolve(run, lapses=lapses) if lapses != run.lapses else run


def settled(run: Run, heard: Sequence[Heard], now: datetime, new_id: NewId) -> Advanced:
    """A run with everything that came about by now; one that is over stays as it is."""
    return advance(run, heard, now, new_id)


def settle_all(
    runs: Iterable[Run],
    heard: Mapping[CareRunId, Sequence[Heard]],
    at: datetime,
    now: datetime,
    new_id: NewId,
) -> tuple[Posted, RunsSettled]:
    """Runs with everything that came about by an instant. Each is written, if only to say when it is due next.

    Raises:
        InvalidInput: for an instant that is to come.
    """
    if at > now:
        raise InvalidInput(path="as_of", expected="an instant that is not after now", got="one that is to come")
    changes, events, messages = list[Change](), list[Event | OfItself](), list[Message]()
    many = milestones = 0
    for run in runs:
        advanced = settled(run, heard[run.id], at, new_id)
        done = posted(run, evolve(advanced, run=evolve(advanced.run, effective_at=now)), now)
        many += bool(advanced.events)
        milestones += len(advanced.run.steps) - len(run.steps)
        changes += done.changes
        events += done.events
        messages += done.messages
    result = RunsSettled(runs=many, milestones=milestones, messages=len(messages))
    return Posted(changes=tuple(changes), events=tuple(events), messages=tuple(messages)), result
