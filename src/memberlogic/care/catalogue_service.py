"""What a host calls to keep services, employees and competences here, and to see what a flow may refer to (CARE-5).
:class:`~memberlogic.care.service.CareService` is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.actors import Actor
from memberlogic.care import cataloguing
from memberlogic.care.catalogues import Catalogues, Entry, EntryKind, TemplateEntry
from memberlogic.care.cataloguing import EntrySaved, OfEntry, OfKind, SaveEntry, WhichTemplates, WhoCan
from memberlogic.care.looking_up import require_kept_here
from memberlogic.care.ports import CareWork
from memberlogic.organizations.model import Tier
from memberlogic.running import Asks, Runner

__all__ = ["CatalogueService"]

SAVE_ENTRY = Asks("care.save_entry", "settings.care:update", EntrySaved, tier=Tier.PRO)
RETIRE_ENTRY = Asks("care.retire_entry", "settings.care:update", EntrySaved, tier=Tier.PRO)
ENTRIES = Asks("care.entries", "settings.care:read", tuple[Entry, ...], tier=Tier.PRO)
AVAILABLE_SERVICES = Asks("care.available_services", "settings.care:read", tuple[Entry, ...], tier=Tier.PRO)
AVAILABLE_EMPLOYEES = Asks("care.available_employees", "settings.care:read", tuple[Entry, ...], tier=Tier.PRO)
AVAILABLE_COMPETENCES = Asks("care.available_competences", "settings.care:read", tuple[Entry, ...], tier=Tier.PRO)
AVAILABLE_TEMPLATES = Asks("care.available_templates", "settings.care:read", tuple[TemplateEntry, ...], tier=Tier.PRO)


class CatalogueService:
    """What a flow may refer to."""

    _runner: Runner[CareWork]
    _catalogues: Catalogues

    def save_entry(
        self,
        kind: EntryKind,
        *,
        code: str,
        name: str | None = None,
        competences: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> EntrySaved:
        """Add a service, an employee or a competence, say anew what it is, or bring back one that was retired. Doing it
        again changes nothing. The name of an employee stays in the catalogue: no event or stored answer has it.

        Args:
            competences: what an employee is able to do.

        Raises:
            InvalidInput: naming the field.
            CatalogueIsTheHosts: where the host brings its own catalogue.
            NotFound: for a competence that is not in the catalogue.
        """
        wanted = SaveEntry(entry=Entry(kind=kind, code=code, name=name, competences=competences))
        return self._runner.run(SAVE_ENTRY, wanted, idempotency_key, self.save_entry_step)

    def save_entry_step(self, uow: CareWork, _: Actor, wanted: SaveEntry) -> EntrySaved:
        """Saving an entry, inside a unit of work."""
        require_kept_here(self._catalogues)
        uow.organizations.locked()
        entry, catalogue = wanted.entry, uow.care_catalogue
        competences = catalogue.known(EntryKind.COMPETENCE, entry.competences)
        before = catalogue.known(entry.kind, [entry.code]).get(entry.code)
        outcome = cataloguing.save_entry(before, entry, competences)
        catalogue.keep(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def retire_entry(self, kind: EntryKind, *, code: str, idempotency_key: str | None = None) -> EntrySaved:
        """A service, an employee or a competence cannot be picked any more; flows that name it are refused when they
        are saved or assigned (CARE-5). Retiring it again changes nothing.

        Raises:
            CatalogueIsTheHosts: where the host brings its own catalogue.
            NotFound: if there is none of this code.
        """
        return self._runner.run(RETIRE_ENTRY, OfEntry(kind=kind, code=code), idempotency_key, self.retire_entry_step)

    def retire_entry_step(self, uow: CareWork, _: Actor, wanted: OfEntry) -> EntrySaved:
        """Retiring an entry, inside a unit of work."""
        require_kept_here(self._catalogues)
        uow.organizations.locked()
        before = uow.care_catalogue.known(wanted.kind, [wanted.code]).get(wanted.code)
        outcome = cataloguing.retire_entry(before, wanted)
        uow.care_catalogue.keep(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def entries(self, kind: EntryKind) -> tuple[Entry, ...]:
        """Everything of a kind that is kept here, in use or not, in order of the codes.

        Raises:
            CatalogueIsTheHosts: where the host brings its own catalogue.
        """
        return self._runner.ask(ENTRIES, OfKind(kind=kind), self.entries_step)

    def entries_step(self, uow: CareWork, _: Actor, wanted: OfKind) -> tuple[Entry, ...]:
        """Listing entries, inside a unit of work."""
        require_kept_here(self._catalogues)
        return tuple(uow.care_catalogue.all(wanted.kind))

    def available_services(self) -> tuple[Entry, ...]:
        """Which services an appointment may be for, in order of their codes."""
        return self._runner.ask(AVAILABLE_SERVICES, None, self.available_services_step)

    def available_services_step(self, uow: CareWork, _: Actor, __: None) -> tuple[Entry, ...]:
        """Listing services, inside a unit of work."""
        return cataloguing.available(uow, self._catalogues, EntryKind.SERVICE)

    def available_employees(self, *, competence: str | None = None) -> tuple[Entry, ...]:
        """To whom an action may be assigned, in order of their codes: everybody, or those who have a competence."""
        wanted = WhoCan(competence=competence)
        return self._runner.ask(AVAILABLE_EMPLOYEES, wanted, self.available_employees_step)

    def available_employees_step(self, uow: CareWork, _: Actor, wanted: WhoCan) -> tuple[Entry, ...]:
        """Listing employees, inside a unit of work."""
        return cataloguing.available(uow, self._catalogues, EntryKind.EMPLOYEE, wanted.competence)

    def available_competences(self) -> tuple[Entry, ...]:
        """Which competences an action may ask for, in order of their codes."""
        return self._runner.ask(AVAILABLE_COMPETENCES, None, self.available_competences_step)

    def available_competences_step(self, uow: CareWork, _: Actor, __: None) -> tuple[Entry, ...]:
        """Listing competences, inside a unit of work."""
        return cataloguing.available(uow, self._catalogues, EntryKind.COMPETENCE)

    def available_templates(self, *, channel: str | None = None) -> tuple[TemplateEntry, ...]:
        """Which templates a message may have, in order of their codes: those in use that carry the placeholder category
        of Member Care, made for a channel if one is named.
        """
        wanted = WhichTemplates(channel=channel)
        return self._runner.ask(AVAILABLE_TEMPLATES, wanted, self.available_templates_step)

    def available_templates_step(self, uow: CareWork, _: Actor, wanted: WhichTemplates) -> tuple[TemplateEntry, ...]:
        """Listing templates, inside a unit of work."""
        return cataloguing.available_templates(uow, self._catalogues, wanted.channel)
