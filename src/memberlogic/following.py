"""MEM-17: following signposts. A record that was merged into another leads to it, wherever it is named: the store says
which record leads where when it comes upon one, and what was asked is asked again of the other. An id that is only
compared, such as a holder's, is looked for before it is answered that there is none. So a record that was never merged
costs nothing to look up, and no rule knows of signposts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

import attrs
from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.errors import RuleViolation
from memberlogic.ids import MemberId
from memberlogic.storing import Signpost

__all__ = ["RecordMerged", "Trail", "followed", "ids_in"]

I = TypeVar("I")  # noqa: E741 - the input of a command


class RecordMerged(RuleViolation):
    """What was asked for belongs to a record that was merged into another, and stays with it."""

    code = "record.merged"
    rule = "MEM-17"
    sentence = "The {kind} {id} was merged into {into}; what it did before stands as it is, and is put right there."


@frozen(kw_only=True)
class Trail(Generic[I]):
    """Who asks for what, after the signposts that were met so far."""

    actor: Actor
    wanted: I
    met: Mapping[UUID, UUID] | None = None
    """Signposts that led nowhere new: it was not what is wanted that names them."""

    def along(self, signpost: Signpost) -> Trail[I]:
        """The same, asked of the records that the signposts lead to. Where nothing that is wanted names them, a record
        was merged after another one that leads to it was read: that is read again, once.

        Raises:
            InvalidInput: if two things that must differ are one record by now.
            RecordMerged: if what is wanted is found only through a record that was merged.
        """
        actor, wanted = followed(self.actor, signpost.leads), followed(self.wanted, signpost.leads)
        if actor is self.actor and wanted is self.wanted:
            if self.met == signpost.leads:
                id, into = next(iter(signpost.leads.items()))
                raise RecordMerged(kind=signpost.kind, id=str(id), into=str(into))
            return evolve(self, met=signpost.leads)
        return Trail(actor=actor, wanted=wanted)


def followed(value: Any, leads: Mapping[UUID, UUID]) -> Any:
    """A value with every id that leads somewhere replaced by the one it leads to; itself, if it names none."""
    match value:
        case UUID():
            return leads.get(value, value)
        case Actor(member_id=UUID() as member):
            return Actor.member(MemberId(leads[member])) if member in leads else value
        case Mapping():
            found = {followed(key, leads): followed(each, leads) for key, each in value.items()}
            same = all(key in value and value[key] is each for key, each in found.items())
            return value if same else type(value)(found)  # type: ignore[call-arg]
        case tuple() | list() | frozenset():
            return _items_followed(value, leads)
    return _fields_followed(value, leads) if attrs.has(type(value)) else value


def ids_in(value: Any) -> frozenset[UUID]:
    """Every id that a value names."""
    found: set[UUID] = set()
    followed(value, _Noting(found))
    return frozenset(found)


class _Noting(Mapping[UUID, UUID]):
    """Leads nowhere, and notes what is asked for."""

    def __init__(self, found: set[UUID]) -> None:
        self._found = found

    def __getitem__(self, id: UUID) -> UUID:
        self._found.add(id)
        raise KeyError(id)

    def __iter__(self) -> Iterator[UUID]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _items_followed(value: Any, leads: Mapping[UUID, UUID]) -> Any:
    items = [followed(each, leads) for each in value]
    if all(one is other for one, other in zip(value, items, strict=True)):
        return value
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def _fields_followed(value: Any, leads: Mapping[UUID, UUID]) -> Any:
    fields = [(each.alias, getattr(value, each.name)) for each in attrs.fields(type(value)) if each.init]
    made = {alias: (before, followed(before, leads)) for alias, before in fields}
    changed = {alias: after for alias, (before, after) in made.items() if after is not before}
    return evolve(value, **changed) if changed else value
