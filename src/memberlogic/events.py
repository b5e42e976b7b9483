"""What happened, for ever: events, their envelope, their versions (COM-10).

An event is a frozen class named in the past tense with a ``type`` and a ``version`` that is raised when its fields
change. What was stored under an older version is read through upcasters, one step at a time. Events carry ids, codes
and amounts, never personal data or free text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

from attrs import field, frozen

from memberlogic import converting
from memberlogic.errors import InvalidInput
from memberlogic.ids import MemberId, OrganizationId

__all__ = ["Event", "OfItself", "Recorded", "event_types", "is_hosts_kind", "upcasted", "upcaster"]

_types: dict[str, type[Event]] = {}
_upcasters: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


@frozen(kw_only=True)
class Event:
    """What every event says; subclasses add ids, codes and amounts."""

    type: ClassVar[str] = ""
    version: ClassVar[int] = 1

    members: tuple[MemberId, ...] = field(default=(), metadata={"envelope": True})
    """The members concerned: none, one or several."""

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        if cls.type:
            _types[cls.type] = cls


@frozen
class OfItself:
    """An event that nobody caused: it fell due at an instant of its own (COM-8), and the system is its actor."""

    event: Event
    effective_at: datetime


@frozen(kw_only=True)
class Recorded:
    """An event with its envelope: who, when it took effect, when it was written down."""

    id: UUID
    organization: OrganizationId
    actor: str
    effective_at: datetime
    recorded_at: datetime
    event: Event


def _stored(event: Event) -> dict[str, Any]:
    return {"type": event.type, "version": event.version, "data": converting.to_json(event)}


def _read(stored: Any, _: object) -> Event:
    kind, data = upcasted(stored["type"], stored["version"], stored["data"])
    return converting.from_json(kind, data, "data")


# An event inside another value is told by its type and version, and read through the upcasters.
converting.converter.register_unstructure_hook_func(lambda kind: kind is Event, _stored)
converting.converter.register_structure_hook_func(lambda kind: kind is Event, _read)


def event_types() -> Mapping[str, type[Event]]:
    """Every event class that has been imported, by type."""
    return MappingProxyType(_types)


_HOSTS_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def is_hosts_kind(kind: str) -> bool:
    """Whether a host may publish events of this kind: words joined by dots, such as ``training_plan.updated``, with a
    first word that no type of the library begins with.
    """
    if not _HOSTS_KIND.fullmatch(kind):
        return False
    return kind.partition(".")[0] not in {type.partition(".")[0] for type in _types}


def upcaster(
    type: str,
    version: int,
) -> Callable[[Callable[[dict[str, Any]], dict[str, Any]]], Callable[[dict[str, Any]], dict[str, Any]]]:
    """Declare how data of ``version`` of an event becomes data of the next version."""

    def declare(up: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        if (type, version) in _upcasters:
            raise TypeError(f"{type} version {version} has an upcaster already")
        _upcasters[type, version] = up
        return up

    return declare


def upcasted(type: str, version: int, data: Mapping[str, Any]) -> tuple[type[Event], dict[str, Any]]:
    """The class of a stored event, and its data brought up to that class's version.

    Raises:
        InvalidInput: if the type is unknown, the version is newer than this library, or a step is missing.
    """
    cls = _types.get(type)
    if cls is None or version > cls.version:
        raise InvalidInput(path="type", expected="an event that this version knows", got=f"{type} {version}")
    current = dict(data)
    for step in range(version, cls.version):
        up = _upcasters.get((type, step))
        if up is None:
            raise InvalidInput(path="version", expected=f"an upcaster of {type} from {step}", got="none")
        current = up(current)
    return cls, current
