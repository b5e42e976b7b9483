"""What a host calls to make configurations and to activate them at studios (CARE-6, CARE-7).
:class:`~memberlogic.care.service.CareService` is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.actors import Actor
from memberlogic.care import activating, configuring, posting, retiring
from memberlogic.care.activating import Activate, AtStudio, StudioCare
from memberlogic.care.configurations import Configuration, ConfigurationTerms
from memberlogic.care.configuring import ChangeConfiguration, CreateConfiguration, OfConfiguration
from memberlogic.care.ports import CareWork
from memberlogic.care.retiring import OfFlow
from memberlogic.ids import CareConfigurationId, CareFlowId, ExternalId
from memberlogic.members.registering import ByExternalId
from memberlogic.organizations.model import Tier
from memberlogic.running import Asks, Runner

__all__ = ["ConfigurationService"]

CREATE_CONFIGURATION = Asks("care.create_configuration", "settings.care:create", Configuration, tier=Tier.PRO)
CHANGE_CONFIGURATION = Asks("care.change_configuration", "settings.care:update", Configuration, tier=Tier.PRO)
CONFIGURATION = Asks("care.configuration", "settings.care:read", Configuration, tier=Tier.PRO)
FIND_CONFIGURATION = Asks("care.find_configuration", "settings.care:read", Configuration, tier=Tier.PRO)
CONFIGURATIONS = Asks("care.configurations", "settings.care:read", tuple[Configuration, ...], tier=Tier.PRO)
USING = Asks("care.using", "settings.care:read", tuple[Configuration, ...], tier=Tier.PRO)
ACTIVATE = Asks("care.activate", "settings.care:update", StudioCare, tier=Tier.PRO)
DEACTIVATE = Asks("care.deactivate", "settings.care:update", StudioCare, tier=Tier.PRO)
ACTIVE_AT = Asks("care.active_at", "settings.care:read", StudioCare, tier=Tier.PRO)
ACTIVATIONS = Asks("care.activations", "settings.care:read", tuple[StudioCare, ...], tier=Tier.PRO)


class ConfigurationService:
    """Configurations, and where they are active."""

    _runner: Runner[CareWork]

    def create_configuration(
        self,
        terms: ConfigurationTerms,
        *,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Configuration:
        """A new configuration, active nowhere yet (CARE-6).

        Raises:
            InvalidInput: naming the field.
            Duplicate: if the name or an external id is taken.
            NotFound: for a flow or rate that is not there.
            RuleViolation: for a flow that is retired.
        """
        wanted = CreateConfiguration(terms=terms, external_ids=external_ids)
        return self._runner.run(CREATE_CONFIGURATION, wanted, idempotency_key, self.create_configuration_step)

    def create_configuration_step(self, uow: CareWork, _: Actor, wanted: CreateConfiguration) -> Configuration:
        """Creating a configuration, inside a unit of work."""
        facts = configuring.facts_of(uow, wanted.terms)
        outcome = configuring.create_configuration(CareConfigurationId(self._runner.new_id()), facts)
        uow.external_ids.add("care_configuration", outcome.facts.id, wanted.external_ids)
        uow.care_configurations.add(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def change_configuration(
        self, configuration: CareConfigurationId, terms: ConfigurationTerms, *, idempotency_key: str | None = None
    ) -> Configuration:
        """A configuration as it is from now on, wherever it is active; it governs what is assigned from now on, and no
        run that is there (CARE-7). A flow that it named before may stay although it was retired since.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such configuration; for a flow or rate that is not there.
            Duplicate: if the name is taken.
            RuleViolation: for a further flow that is retired.
        """
        wanted = ChangeConfiguration(configuration=configuration, terms=terms)
        return self._runner.run(CHANGE_CONFIGURATION, wanted, idempotency_key, self.change_configuration_step)

    def change_configuration_step(self, uow: CareWork, _: Actor, wanted: ChangeConfiguration) -> Configuration:
        """Changing a configuration, inside a unit of work."""
        facts = configuring.facts_of(uow, wanted.terms)
        before = uow.care_configurations.locked(wanted.configuration)
        return posting.change_configuration(uow, configuring.change_configuration(before, facts), before)

    def configuration(self, configuration: CareConfigurationId) -> Configuration:
        """One configuration. Raises ``NotFound``."""
        return self._runner.ask(CONFIGURATION, OfConfiguration(configuration=configuration), self.configuration_step)

    def configuration_step(self, uow: CareWork, _: Actor, wanted: OfConfiguration) -> Configuration:
        """Looking a configuration up, inside a unit of work."""
        return uow.care_configurations.get(wanted.configuration)

    def find_configuration(self, source: str, value: str) -> Configuration:
        """The configuration with an external id (COM-19). Raises ``NotFound``."""
        wanted = ByExternalId(source=source, value=value)
        return self._runner.ask(FIND_CONFIGURATION, wanted, self.find_configuration_step)

    def find_configuration_step(self, uow: CareWork, _: Actor, wanted: ByExternalId) -> Configuration:
        """Looking a configuration up by external id, inside a unit of work."""
        found = uow.external_ids.find("care_configuration", ExternalId(wanted.source, wanted.value))
        return uow.care_configurations.get(CareConfigurationId(found))

    def configurations(self) -> tuple[Configuration, ...]:
        """Every configuration, in order of their names."""
        return self._runner.ask(CONFIGURATIONS, None, self.configurations_step)

    def configurations_step(self, uow: CareWork, _: Actor, __: None) -> tuple[Configuration, ...]:
        """Listing configurations, inside a unit of work."""
        return tuple(uow.care_configurations.all())

    def using(self, flow: CareFlowId) -> tuple[Configuration, ...]:
        """The configurations that name a flow, in order of their names. Raises ``NotFound``."""
        return self._runner.ask(USING, OfFlow(flow=flow), self.using_step)

    def using_step(self, uow: CareWork, _: Actor, wanted: OfFlow) -> tuple[Configuration, ...]:
        """Telling who uses a flow, inside a unit of work."""
        flow = uow.care_flows.get(wanted.flow)
        return retiring.naming(flow.id, uow.care_configurations.all())

    def activate(
        self, configuration: CareConfigurationId, *, studio: str, idempotency_key: str | None = None
    ) -> StudioCare:
        """Assign flows at a studio by this configuration from now on, in the place of the one that was active there
        (CARE-7). Runs that are there go on as they are. One that is active already changes nothing.

        Raises:
            NotFound: if there is no such configuration or studio.
        """
        wanted = Activate(configuration=configuration, studio=studio)
        return self._runner.run(ACTIVATE, wanted, idempotency_key, self.activate_step)

    def activate_step(self, uow: CareWork, _: Actor, wanted: Activate) -> StudioCare:
        """Activating, inside a unit of work."""
        uow.care_configurations.locked(wanted.configuration)
        before = uow.care_configurations.activation(uow.studios.get(wanted.studio).code)
        return posting.keep_activation(uow, activating.activate(before, wanted, uow.now))

    def deactivate(self, *, studio: str, idempotency_key: str | None = None) -> StudioCare:
        """Assign nothing at a studio any more (CARE-7). Runs that are there go on. Where nothing is active nothing
        changes. Raises ``NotFound``.
        """
        return self._runner.run(DEACTIVATE, AtStudio(studio=studio), idempotency_key, self.deactivate_step)

    def deactivate_step(self, uow: CareWork, _: Actor, wanted: AtStudio) -> StudioCare:
        """Deactivating, inside a unit of work."""
        before = uow.care_configurations.activation(uow.studios.get(wanted.studio).code)
        return posting.keep_activation(uow, activating.deactivate(before, wanted, uow.now))

    def active_at(self, *, studio: str) -> StudioCare:
        """By which configuration flows are assigned at a studio, or that there is no Member Care. Raises ``NotFound``
        if there is no such studio.
        """
        return self._runner.ask(ACTIVE_AT, AtStudio(studio=studio), self.active_at_step)

    def active_at_step(self, uow: CareWork, _: Actor, wanted: AtStudio) -> StudioCare:
        """Telling what is active, inside a unit of work."""
        studio = uow.studios.get(wanted.studio).code
        return activating.told(studio, uow.care_configurations.activation(studio))

    def activations(self) -> tuple[StudioCare, ...]:
        """The same of every studio, in order of their codes."""
        return self._runner.ask(ACTIVATIONS, None, self.activations_step)

    def activations_step(self, uow: CareWork, _: Actor, __: None) -> tuple[StudioCare, ...]:
        """Telling what is active everywhere, inside a unit of work."""
        return activating.all_told(uow.studios.all(), uow.care_configurations.activations())
