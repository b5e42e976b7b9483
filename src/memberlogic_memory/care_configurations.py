"""Configurations of Member Care in memory, and where they are active."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memberlogic.care.configurations import Activation, Configuration
from memberlogic.errors import ConcurrencyConflict, Duplicate, NotFound
from memberlogic.ids import CareConfigurationId

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryCareConfigurations"]


class MemoryCareConfigurations:
    """The port ``CareConfigurations``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: CareConfigurationId) -> Configuration:
        """One configuration."""
        found = self._uow.tenant.care_configurations.get(id)
        if found is None:
            raise NotFound(kind="care_configuration", id=id)
        return found

    def locked(self, id: CareConfigurationId) -> Configuration:
        """One configuration; nobody else writes anyway."""
        return self.get(id)

    def all(self) -> Sequence[Configuration]:
        """Every configuration."""
        return sorted(self._uow.tenant.care_configurations.values(), key=lambda each: each.terms.name)

    def add(self, configuration: Configuration) -> None:
        """Queue a new one."""
        self.change(configuration)

    def change(self, configuration: Configuration) -> None:
        """Queue what a configuration became."""
        known = self._uow.tenant.care_configurations
        others = (each for each in known.values() if each.id != configuration.id)
        if any(each.terms.name == configuration.terms.name for each in others):
            raise Duplicate(kind="care_configuration", field="name")
        self._uow.queue(lambda: known.update({configuration.id: configuration}))

    def active_at(self, studio: str) -> Configuration | None:
        """The configuration that is active at a studio."""
        said = self.activation(studio)
        return None if said is None or said.configuration is None else self.get(said.configuration)

    def activation(self, studio: str) -> Activation | None:
        """What was last said of a studio."""
        return self._uow.tenant.care_studios.get(studio)

    def activations(self) -> Sequence[Activation]:
        """What was last said of each studio."""
        said = self._uow.tenant.care_studios
        return [said[studio] for studio in sorted(said)]

    def activate(self, activation: Activation) -> None:
        """Queue what is active at a studio."""
        tenant = self._uow.tenant

        def guard() -> None:
            before = tenant.care_studios.get(activation.studio)
            if activation.version != (0 if before is None else before.version + 1):
                raise ConcurrencyConflict(reason="the studio was given another configuration")

        self._uow.queue(lambda: tenant.care_studios.update({activation.studio: activation}), guard)
