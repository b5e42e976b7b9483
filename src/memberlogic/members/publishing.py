"""MEM-15, CARE-2: what the host knows of a member and tells: events of kinds of its own, such as a training plan that
was updated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from attrs import field, frozen

from memberlogic.errors import JSON, InvalidInput
from memberlogic.events import Event, is_hosts_kind
from memberlogic.ids import MemberId
from memberlogic.inputs import MOST, an_id, an_instant, checked, describe, optional, to_utc_or_none
from memberlogic.members.lifecycle import present
from memberlogic.members.model import Member
from memberlogic.outcomes import Figures, Outcome

__all__ = ["HostPublished", "Publish", "Published", "publish"]

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MOST_FIGURES = 50
_FIGURES = "at most 50 figures by name, each name of 1 to 64 small letters, digits or _, and a letter first"
_FIGURE = (
    "an id, a code of 1 to 64 letters, digits, _ . or -, a whole number, or true or false: no text that could be"
    " personal"
)


def _kind_problem(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= 64 and is_hosts_kind(value):
        return None
    return "a kind of the host's own, such as training_plan.updated, with a first word that no event here begins with"


def _figures(_: object, attribute: Any, value: object) -> None:
    """Figures by name; which one is none is said."""
    path = attribute.name
    if not isinstance(value, Mapping):
        raise InvalidInput(path=path, expected=_FIGURES, got=describe(value))
    if len(value) > _MOST_FIGURES:
        raise InvalidInput(path=path, expected=_FIGURES, got=f"{len(value)} figures")
    for name, each in value.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidInput(path=path, expected=_FIGURES, got="a name that is none")
        if not _is_figure(each):
            raise InvalidInput(path=f"{path}.{name}", expected=_FIGURE, got=describe(each))


def _is_figure(value: object) -> bool:
    if isinstance(value, str):
        return bool(_CODE.fullmatch(value))
    return isinstance(value, bool) or (type(value) is int and abs(value) <= MOST)


def _as_figures(value: Any) -> Any:
    """Ids as texts."""
    if not isinstance(value, Mapping):
        return value
    return Figures({name: str(each) if isinstance(each, UUID) else each for name, each in value.items()})


@frozen(kw_only=True)
class Publish:
    """Something happened to a member that the host knows; now, or before."""

    member: MemberId = field(validator=an_id)
    kind: str = field(validator=checked(_kind_problem))
    figures: Mapping[str, JSON] = field(factory=dict, converter=_as_figures, validator=_figures)
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen(kw_only=True)
class HostPublished(Event):
    """Something of a kind of the host's own happened to a member."""

    type: ClassVar[str] = "host.published"
    kind: str
    figures: Mapping[str, JSON] = field(factory=dict, converter=_as_figures, hash=False)


@frozen(kw_only=True)
class Published:
    """What was published, and when it happened."""

    member: MemberId
    kind: str
    at: datetime


def publish(member: Member, wanted: Publish, now: datetime) -> Outcome[Member, HostPublished, Published]:
    """The event, as of when it happened.

    Raises:
        IllegalTransition: if the member was anonymised.
        InvalidInput: for something that is to come.
    """
    present(member, "publish")
    at = wanted.at or now
    if at > now:
        raise InvalidInput(path="at", expected="an instant that is not after now", got=describe(at))
    event = HostPublished(members=(member.id,), kind=wanted.kind, figures=wanted.figures)
    return Outcome(member, (event,), Published(member=member.id, kind=wanted.kind, at=at))
