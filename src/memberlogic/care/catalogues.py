"""CARE-5: what flows refer to: templates, services, employees, competences. They come from the host through these
protocols; without one of the host's own, what the adapters store is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

from attrs import field, frozen

from memberlogic.inputs import as_tuple, instance, many, optional, text
from memberlogic.inputs import code as a_code

__all__ = ["CATEGORY", "Catalogue", "Catalogues", "Entry", "EntryKind", "TemplateEntry", "Templates"]


CATEGORY = "MEMBER_CARE"
"""The placeholder category that a template of Member Care carries."""


class EntryKind(Enum):
    """What a catalogue lists beside templates."""

    SERVICE = "service"
    EMPLOYEE = "employee"
    COMPETENCE = "competence"


@frozen(kw_only=True)
class Entry:
    """A service that can be booked, an employee, or something that employees are able to do.

    Args:
        code: by which flows refer to it. That of an employee is the host's id for them, no name.
        competences: the codes of what an employee is able to do.
        in_use: what is not in use cannot be picked any more.
    """

    kind: EntryKind = field(validator=instance(EntryKind, "service, employee or competence"))
    code: str = field(validator=a_code("a code"))
    name: str | None = field(default=None, validator=optional(text(200)))
    competences: tuple[str, ...] = field(
        default=(), converter=as_tuple, validator=many(a_code("a competence"), "a competence", most=1_000)
    )
    in_use: bool = field(default=True, validator=instance(bool, "true or false"))


@frozen(kw_only=True)
class TemplateEntry:
    """A template as far as a flow needs to know it: its code, its channels, its placeholder categories."""

    code: str
    channels: frozenset[str]
    categories: frozenset[str]
    in_use: bool = True


class Catalogue(Protocol):
    """Services, employees and competences. The unit of work is the library's; a catalogue of the host's need not use
    it.
    """

    def known(self, uow: Any, kind: EntryKind, codes: Collection[str]) -> Mapping[str, Entry]:
        """Those of the codes that are there, in use or not."""
        ...

    def all(self, uow: Any, kind: EntryKind) -> Sequence[Entry]:
        """Those in use, in order of their codes."""
        ...


class Templates(Protocol):
    """Templates of messages."""

    def known(self, uow: Any, codes: Collection[str]) -> Mapping[str, TemplateEntry]:
        """Those of the codes that are there, in use or not."""
        ...

    def all(self, uow: Any) -> Sequence[TemplateEntry]:
        """Those in use, in order of their codes."""
        ...


@frozen(kw_only=True)
class Catalogues:
    """Where the host keeps what flows refer to; what is left out is what the library keeps itself."""

    catalogue: Catalogue | None = None
    templates: Templates | None = None
