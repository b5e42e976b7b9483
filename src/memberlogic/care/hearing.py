"""CARE-2: what a run hears: the events that concern its member, of the kinds that its flow waits for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from uuid import UUID

from memberlogic import converting
from memberlogic.actors import Actor
from memberlogic.care.advancing import UNDONE, VISIT, Heard, heard_since, hears
from memberlogic.care.model import Run
from memberlogic.care.ports import CareWork
from memberlogic.contracts.checking_in import VisitRecorded, VisitUndone
from memberlogic.errors import JSON
from memberlogic.events import Event, Recorded, event_types
from memberlogic.ids import VisitId

__all__ = ["HOST", "hear", "kind_of", "types_of"]

HOST = "host.published"
"""The type of events that the host publishes; what they are is their ``kind``."""

_TOLD = (HOST, VISIT, "purchase.recorded")
"""The types of events that somebody tells, perhaps late, whoever it is; what else the system writes down came about of
itself, and is known from then on, whenever it is written down.
"""

_PAGE = 500
_END = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=0))


def hear(uow: CareWork, run: Run) -> Sequence[Heard]:
    """What the course of a run from now on may depend on; nothing is asked where it waits for no event."""
    kinds = hears(run) if run.active else frozenset()
    return [*_heard(uow, run, kinds)] if kinds else ()


def _heard(uow: CareWork, run: Run, kinds: AbstractSet[str]) -> Iterator[Heard]:
    since, before = heard_since(run), _END
    types = types_of(kinds | {UNDONE} if VISIT in kinds else kinds)
    undone = set()
    while page := uow.timelines.of(run.member, types, since=since, before=before, limit=_PAGE):
        # The newest come first: that a visit was undone is read before the visit.
        undone |= {each.event.visit for each in page if isinstance(each.event, VisitUndone)}
        for told in (_told(each, undone) for each in page):
            if told.kind in kinds:
                yield told
        before = (page[-1].effective_at, page[-1].id)


def types_of(kinds: Collection[str]) -> Collection[str]:
    """The types of events that are of these kinds: what is none of the library's is of the host's."""
    known = event_types()
    return {each if each in known else HOST for each in kinds}


def kind_of(event: Event) -> str:
    """What an event is to a flow: its type, or what the host calls it."""
    said = getattr(event, "kind", None)
    return str(said) if event.type == HOST else event.type


def _told(recorded: Recorded, undone: Collection[VisitId]) -> Heard:
    figures: Mapping[str, JSON] = converting.to_json(recorded.event)
    own = figures.get("figures")
    return Heard(
        id=recorded.id,
        kind=kind_of(recorded.event),
        at=recorded.effective_at,
        figures={**figures, **own} if isinstance(own, Mapping) else figures,
        told_at=recorded.recorded_at if _is_late(recorded) else None,
        undone=isinstance(recorded.event, VisitRecorded) and recorded.event.visit in undone,
    )


def _is_late(recorded: Recorded) -> bool:
    told = recorded.event.type in _TOLD or recorded.actor != Actor.system().label
    return told and recorded.recorded_at > recorded.effective_at
