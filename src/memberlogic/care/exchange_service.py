"""What a host calls to write flows and configurations to a file and to read them from one.
:class:`~memberlogic.care.service.CareService` is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memberlogic.actors import Actor
from memberlogic.care import exchanging, posting, reading
from memberlogic.care.catalogues import Catalogues
from memberlogic.care.exchanging import ImportProgramme, ProgrammeChecked, ProgrammeImported
from memberlogic.care.ports import CareWork
from memberlogic.care.programmes import FileForm, Programme, read_programme
from memberlogic.organizations.model import Tier
from memberlogic.running import Asks, Runner

__all__ = ["ExchangeService"]

EXPORT_PROGRAMME = Asks("care.export_programme", "settings.care:read", Programme, tier=Tier.PRO)
CHECK_PROGRAMME = Asks("care.check_programme", "settings.care:read", ProgrammeChecked, tier=Tier.PRO)
IMPORT_PROGRAMME = Asks("care.import_programme", "settings.care:update", ProgrammeImported, tier=Tier.PRO)


class ExchangeService:
    """Flows and configurations in files."""

    _runner: Runner[CareWork]
    _catalogues: Catalogues

    def export_programme(self) -> Programme:
        """The flows that are in use or that a configuration names, and every configuration, by names instead of ids:
        ``as_json()``, ``as_toml()`` or ``as_mapping()`` is the file. Where configurations are active is not in it.
        """
        return self._runner.ask(EXPORT_PROGRAMME, None, self.export_programme_step)

    def export_programme_step(self, uow: CareWork, _: Actor, __: None) -> Programme:
        """Exporting, inside a unit of work."""
        flows = reading.every_flow(uow.care_flows)
        return exchanging.written(flows, uow.care_configurations.all(), reading.codes_of_rates(uow.rates))

    def check_programme(self, source: str | Mapping[str, Any], *, form: FileForm = FileForm.JSON) -> ProgrammeChecked:
        """What importing a file would make of each flow and configuration, or everything for which it would be refused,
        with its path in the file. Nothing is written.

        Raises:
            InvalidInput: for a file that cannot be read, with the path of the first field that is wrong.
        """
        wanted = ImportProgramme(programme=read_programme(source, form))
        return self._runner.ask(CHECK_PROGRAMME, wanted, self.check_programme_step)

    def check_programme_step(self, uow: CareWork, _: Actor, wanted: ImportProgramme) -> ProgrammeChecked:
        """Checking a file, inside a unit of work."""
        here = reading.here(uow, self._catalogues, wanted.programme)
        return exchanging.checked(exchanging.planned(wanted.programme, here, self._runner.new_id))

    def import_programme(
        self,
        source: str | Mapping[str, Any],
        *,
        form: FileForm = FileForm.JSON,
        idempotency_key: str | None = None,
    ) -> ProgrammeImported:
        """Make flows and configurations what a file says, all of it or nothing; what it does not name stays. They are
        known by their names, milestones by what they are or what they are called, so that ids stay; reading the same
        file twice changes nothing. Flows must be there for a configuration to name them, in the file or here; rates
        must be here. It needs ``settings.care:create`` too.

        Raises:
            InvalidInput: with the path of the first field that is wrong, or names nothing.
            RuleViolation: naming what is missing in the catalogues (CARE-5), with its path; ``check_programme`` lists
                everything.
        """
        wanted = ImportProgramme(programme=read_programme(source, form))
        return self._runner.run(IMPORT_PROGRAMME, wanted, idempotency_key, self.import_programme_step)

    def import_programme_step(self, uow: CareWork, actor: Actor, wanted: ImportProgramme) -> ProgrammeImported:
        """Importing, inside a unit of work."""
        actor.require("settings.care:create")
        here = reading.here(uow, self._catalogues, wanted.programme)
        return posting.keep_programme(uow, exchanging.planned(wanted.programme, here, self._runner.new_id))
