"""CARE-5: what a flow refers to, looked up: in the host's catalogues where it has some, else in those kept here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from memberlogic.care.catalogues import Catalogue, Catalogues, Entry, EntryKind, TemplateEntry, Templates
from memberlogic.care.flows import Action, FlowTerms
from memberlogic.care.ports import CareWork
from memberlogic.errors import RuleViolation

__all__ = ["CatalogueIsTheHosts", "Found", "KeptCatalogue", "NoTemplates", "look_up", "picked", "require_kept_here"]


class CatalogueIsTheHosts(RuleViolation):
    """What is kept here would never be looked at."""

    code = "care.catalogue_is_the_hosts"
    rule = "CARE-5"
    sentence = "Services, employees and competences come from the host's own catalogue: change them there."


class KeptCatalogue:
    """The catalogue that the library keeps itself."""

    def known(self, uow: CareWork, kind: EntryKind, codes: Collection[str]) -> Mapping[str, Entry]:
        """Those of the codes that are there, in use or not."""
        return uow.care_catalogue.known(kind, codes)

    def all(self, uow: CareWork, kind: EntryKind) -> Sequence[Entry]:
        """Those in use, in order of their codes."""
        return [each for each in uow.care_catalogue.all(kind) if each.in_use]


class NoTemplates:
    """Where nobody brings templates there are none."""

    def known(self, _: Any, __: Collection[str]) -> Mapping[str, TemplateEntry]:
        """None."""
        return {}

    def all(self, _: Any) -> Sequence[TemplateEntry]:
        """None."""
        return ()


_KEPT, _NO_TEMPLATES = KeptCatalogue(), NoTemplates()


def catalogue_of(catalogues: Catalogues) -> Catalogue:
    """The host's, or the one that is kept here."""
    return catalogues.catalogue or _KEPT


def templates_of(catalogues: Catalogues) -> Templates:
    """The host's, or none."""
    return catalogues.templates or _NO_TEMPLATES


def require_kept_here(catalogues: Catalogues) -> None:
    """Refuse to keep what nobody would look at.

    Raises:
        CatalogueIsTheHosts: if the host brings its own.
    """
    if catalogues.catalogue is not None:
        raise CatalogueIsTheHosts()


@frozen(kw_only=True)
class Found:
    """What of a flow's picks is there, in use or not."""

    templates: Mapping[str, TemplateEntry]
    entries: Mapping[EntryKind, Mapping[str, Entry]]


def picked(action: Action | None) -> Iterable[tuple[EntryKind, str]]:
    """What an action refers to."""
    if action is None:
        return ()
    said = (
        (EntryKind.SERVICE, action.service),
        (EntryKind.EMPLOYEE, action.employee),
        (EntryKind.COMPETENCE, action.competence),
    )
    return tuple((kind, code) for kind, code in said if code is not None)


def look_up(uow: CareWork, catalogues: Catalogues, several: Iterable[FlowTerms]) -> Found:
    """Everything that flows refer to, one question for each kind that they name."""
    wanted: dict[EntryKind, set[str]] = {}
    templates: set[str] = set()
    for each in (each for terms in several for each in terms.milestones):
        templates |= set() if each.message is None else {each.message.template}
        for kind, code in picked(each.action):
            wanted.setdefault(kind, set()).add(code)
    catalogue = catalogue_of(catalogues)
    return Found(
        templates=templates_of(catalogues).known(uow, sorted(templates)) if templates else {},
        entries={kind: catalogue.known(uow, kind, sorted(codes)) for kind, codes in wanted.items()},
    )
