"""MEM-15: what happened to a member, newest first, each in a line that is made when it is read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput
from memberlogic.events import Event, Recorded, event_types
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, an_instant, as_tuple, code, many, optional, to_utc_or_none, whole
from memberlogic.wording import area_of, line

__all__ = ["LookingBack", "Position", "TimelineItem", "TimelinePage", "told", "types_shown"]

Position: TypeAlias = tuple[datetime, UUID]
"""Where an event stands: when it took effect, then its id."""

_BEGINNING = datetime(1000, 1, 1, tzinfo=UTC)
_END = datetime(9999, 12, 31, tzinfo=UTC)
_FIRST = UUID(int=0)


def _known_kinds(instance_: object, attribute: Any, value: Any) -> None:
    many(code("a kind of event"), "a kind of event", most=100)(instance_, attribute, value)
    for index, each in enumerate(value):
        if not any(_is_of(type, each) for type in event_types()):
            raise InvalidInput(path=f"kinds[{index}]", expected="a type of event or the first word of some", got=each)


def _is_of(type: str, kind: str) -> bool:
    return type == kind or type.startswith(f"{kind}.")


@frozen(kw_only=True)
class LookingBack:
    """A page of what happened to a member in ``[since, until)``. ``kinds`` are types of events (``contract.frozen``) or
    their first words (``contract``); none for all.
    """

    member: MemberId = field(validator=an_id)
    kinds: tuple[str, ...] = field(default=(), converter=as_tuple, validator=_known_kinds)
    since: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    until: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    after: Position | None = None
    size: int = field(default=200, validator=whole(least=1, most=1000))

    def __attrs_post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until < self.since:
            raise InvalidInput(path="until", expected="an instant that is not before since", got="an earlier one")

    @property
    def start(self) -> datetime:
        """From when on."""
        return self.since or _BEGINNING

    @property
    def before(self) -> Position:
        """Before which position: that of the last page's last event, else the end."""
        return self.after or (self.until or _END, _FIRST)


@frozen(kw_only=True)
class TimelineItem:
    """Something that happened to a member: when it took effect, who did it, the event, and a line about it."""

    id: UUID
    at: datetime
    recorded_at: datetime
    actor: str
    event: Event
    text: str

    @property
    def kind(self) -> str:
        """The type of the event."""
        return self.event.type

    @property
    def position(self) -> Position:
        """Where a page goes on."""
        return self.at, self.id


@frozen
class TimelinePage:
    """Some of what happened to a member, newest first."""

    items: tuple[TimelineItem, ...]


def types_shown(kinds: Sequence[str], actor: Actor) -> Collection[str] | None:
    """The types of events that are asked for and that the actor may read (COM-13); None for every type there is."""
    types = event_types()
    shown = {
        type for type in types if actor.may(area_of(type)) and (not kinds or any(_is_of(type, each) for each in kinds))
    }
    return None if len(shown) == len(types) else shown


def told(found: Sequence[Recorded]) -> TimelinePage:
    """Events as a timeline tells them."""
    return TimelinePage(
        tuple(
            TimelineItem(
                id=each.id,
                at=each.effective_at,
                recorded_at=each.recorded_at,
                actor=each.actor,
                event=each.event,
                text=line(each.event),
            )
            for each in found
        )
    )
