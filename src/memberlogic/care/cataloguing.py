"""CARE-5: the services, employees and competences that an organization keeps here, and what may be picked."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.care.catalogues import CATEGORY, Catalogues, Entry, EntryKind, TemplateEntry
from memberlogic.care.looking_up import catalogue_of, templates_of
from memberlogic.care.ports import CareWork
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.events import Event
from memberlogic.inputs import code, instance, optional
from memberlogic.outcomes import Outcome

__all__ = [
    "CareEntryRetired",
    "CareEntrySaved",
    "EntrySaved",
    "OfEntry",
    "OfKind",
    "SaveEntry",
    "WhichTemplates",
    "WhoCan",
    "available",
    "available_templates",
    "retire_entry",
    "save_entry",
]


@frozen(kw_only=True)
class SaveEntry:
    """An entry as it is from now on, in use."""

    entry: Entry = field(validator=instance(Entry, "an Entry"))

    def __attrs_post_init__(self) -> None:
        if self.entry.competences and self.entry.kind is not EntryKind.EMPLOYEE:
            raise InvalidInput(path="competences", expected="none, but for an employee", got="some")


@frozen(kw_only=True)
class OfEntry:
    """An entry by kind and code."""

    kind: EntryKind = field(validator=instance(EntryKind, "service, employee or competence"))
    code: str = field(validator=code("a code"))


@frozen(kw_only=True)
class OfKind:
    """Every entry of a kind."""

    kind: EntryKind = field(validator=instance(EntryKind, "service, employee or competence"))


@frozen(kw_only=True)
class WhoCan:
    """Who has a competence; everybody, if none is named."""

    competence: str | None = field(default=None, validator=optional(code("a competence")))


@frozen(kw_only=True)
class WhichTemplates:
    """Which templates a channel has; those of any, if none is named."""

    channel: str | None = field(default=None, validator=optional(code("a channel")))


@frozen(kw_only=True)
class CareEntrySaved(Event):
    """A service, an employee or a competence was added or changed."""

    type: ClassVar[str] = "care.entry_saved"
    kind: EntryKind
    code: str


@frozen(kw_only=True)
class CareEntryRetired(Event):
    """A service, an employee or a competence cannot be picked any more."""

    type: ClassVar[str] = "care.entry_retired"
    kind: EntryKind
    code: str


@frozen(kw_only=True)
class EntrySaved:
    """An entry by kind and code, and whether it is in use; what it is called stays in the catalogue."""

    kind: EntryKind
    code: str
    in_use: bool


def save_entry(before: Entry | None, entry: Entry, competences: Collection[str]) -> Outcome[Entry, Event, EntrySaved]:
    """The entry, in use; one that is no different does not change.

    Raises:
        NotFound: for a competence that is not in the catalogue.
    """
    for each in entry.competences:
        if each not in competences:
            raise NotFound(kind="competence", id=each)
    kept = evolve(entry, in_use=True, competences=tuple(sorted(set(entry.competences))))
    event = CareEntrySaved(kind=kept.kind, code=kept.code)
    return Outcome(kept, () if kept == before else (event,), _told(kept))


def retire_entry(before: Entry | None, wanted: OfEntry) -> Outcome[Entry, Event, EntrySaved]:
    """The entry, which cannot be picked any more; flows that name it are refused when they are saved or assigned.

    Raises:
        NotFound: if there is none of this code.
    """
    if before is None:
        raise NotFound(kind=wanted.kind.value, id=wanted.code)
    retired = evolve(before, in_use=False)
    event = CareEntryRetired(kind=retired.kind, code=retired.code)
    return Outcome(retired, () if retired == before else (event,), _told(retired))


def _told(entry: Entry) -> EntrySaved:
    return EntrySaved(kind=entry.kind, code=entry.code, in_use=entry.in_use)


def available(
    uow: CareWork, catalogues: Catalogues, kind: EntryKind, competence: str | None = None
) -> tuple[Entry, ...]:
    """What of a kind may be picked, in order of the codes; of employees, those who have a competence."""
    found = catalogue_of(catalogues).all(uow, kind)
    return tuple(each for each in found if each.in_use and (competence is None or competence in each.competences))


def available_templates(uow: CareWork, catalogues: Catalogues, channel: str | None) -> tuple[TemplateEntry, ...]:
    """Which templates may be picked: those in use that carry the category of Member Care, over a channel."""
    found = templates_of(catalogues).all(uow)
    ours = (each for each in found if each.in_use and CATEGORY in each.categories)
    return tuple(each for each in ours if channel is None or channel in each.channels)
