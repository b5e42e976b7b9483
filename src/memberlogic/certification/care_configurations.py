"""What a store promises of configurations of Member Care and of the catalogue (CARE-5 to CARE-7)."""

from __future__ import annotations

import pytest
from attrs import evolve

from memberlogic.application import Work
from memberlogic.calendar import Term
from memberlogic.care.catalogues import Entry, EntryKind
from memberlogic.care.configurations import Activation, Configuration, ConfigurationTerms, RateFlow
from memberlogic.certification.base import Certification
from memberlogic.certification.care_flows import writing
from memberlogic.errors import ConcurrencyConflict, Duplicate, NotFound
from memberlogic.ids import CareConfigurationId, CareFlowId, RateId, new_id
from memberlogic.testing.worlds import World

__all__ = ["CareConfigurationsPromises"]


def _configuration(name: str) -> Configuration:
    return Configuration(id=CareConfigurationId(new_id()), terms=ConfigurationTerms(name=name))


class CareConfigurationsPromises(Certification):
    """The ports ``CareConfigurations`` and ``CareCatalogue``."""

    def test_a_configuration_comes_back_whole(self, world: World) -> None:
        """With everything that it may say, and in order of the names."""
        flow = CareFlowId(new_id())
        terms = ConfigurationTerms(
            name="Standard 😀",
            default_flow=flow,
            rate_flows=[RateFlow(RateId(new_id()), flow), RateFlow(RateId(new_id()), flow)],
            manual=[flow],
            complete_automatically_after=Term.of_days(14),
        )
        full, plain = Configuration(id=CareConfigurationId(new_id()), terms=terms), _configuration("A")
        for each in (full, plain):
            writing(world, lambda uow, each=each: uow.care_configurations.add(each))  # type: ignore[misc]
        changed = evolve(plain, terms=evolve(plain.terms, name="Z", manual=[flow]), version=1)

        def change(after: Configuration) -> None:
            def write(uow: Work) -> None:
                uow.care_configurations.locked(plain.id)
                uow.care_configurations.change(after)

            writing(world, write)

        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.care_configurations.all()) == [plain, full]
        change(changed)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.care_configurations.all()) == [full, changed]
            assert uow.care_configurations.get(full.id) == full
        with pytest.raises(Duplicate):
            change(evolve(changed, terms=evolve(changed.terms, name=terms.name), version=2))
        with pytest.raises(Duplicate):
            writing(world, lambda uow: uow.care_configurations.add(_configuration("Z")))

    def test_a_studio_has_one_configuration_or_none(self, world: World) -> None:
        """The last that was said counts."""
        north, south = world.studio("north"), world.studio("south")
        first, second = _configuration("first"), _configuration("second")
        for each in (first, second):
            writing(world, lambda uow, each=each: uow.care_configurations.add(each))  # type: ignore[misc]
        now = world.clock.now()
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.care_configurations.active_at(north) is None
            assert uow.care_configurations.activation(north) is None
        for version, (studio, configuration) in enumerate([(north, first), (north, second), (north, None)]):
            said = Activation(
                studio=studio,
                configuration=None if configuration is None else configuration.id,
                since=now,
                version=version,
            )
            writing(world, lambda uow, said=said: uow.care_configurations.activate(said))  # type: ignore[misc]
            with world.storage.reading(world.organization.id, world.clock) as uow:
                assert uow.care_configurations.active_at(north) == configuration
                assert uow.care_configurations.activation(north) == said
                assert uow.care_configurations.active_at(south) is None
        other = Activation(studio=south, configuration=first.id, since=now)
        writing(world, lambda uow: uow.care_configurations.activate(other))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.care_configurations.activations()) == [said, other]

    def test_what_is_active_at_a_studio_is_never_overwritten_unseen(self, world: World) -> None:
        """COM-16: whoever looked before somebody else changed it is a conflict."""
        north, configuration = world.studio("north"), _configuration("first")
        said = Activation(studio=north, configuration=configuration.id, since=world.clock.now())
        writing(world, lambda uow: uow.care_configurations.add(configuration))
        writing(world, lambda uow: uow.care_configurations.activate(said))
        for version in (0, 2):
            stale = evolve(said, configuration=None, version=version)
            with pytest.raises(ConcurrencyConflict):
                writing(world, lambda uow, stale=stale: uow.care_configurations.activate(stale))  # type: ignore[misc]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.care_configurations.activation(north) == said

    def test_a_configuration_of_another_organization_is_not_found(self, world: World) -> None:
        """COM-1: nor one that is not there; its name is free here, and so is its studio's code."""
        other, mine = World(world.storage), _configuration("Same")
        north = world.studio("north")
        writing(world, lambda uow: uow.care_configurations.add(mine))
        said = Activation(studio=north, configuration=mine.id, since=world.clock.now())
        writing(world, lambda uow: uow.care_configurations.activate(said))
        other.studio("north")
        with other.storage.reading(other.organization.id, other.clock) as uow:
            configurations = uow.care_configurations
            with pytest.raises(NotFound):
                configurations.get(mine.id)
            assert not configurations.all()
            assert not configurations.activations()
            assert configurations.active_at("north") is None
        with pytest.raises(NotFound):
            writing(other, lambda uow: uow.care_configurations.locked(mine.id))
        writing(other, lambda uow: uow.care_configurations.add(_configuration("Same")))

    def test_an_entry_comes_back_by_kind_and_code(self, world: World) -> None:
        """The last that was said of it; another kind or organization may have the same code."""
        service = Entry(kind=EntryKind.SERVICE, code="a", name="Check-up 😀")
        employee = Entry(kind=EntryKind.EMPLOYEE, code="a", competences=("nutrition", "strength"))
        another = Entry(kind=EntryKind.EMPLOYEE, code="b", in_use=False)
        for each in (service, another, employee):
            writing(world, lambda uow, each=each: uow.care_catalogue.keep(each))  # type: ignore[misc]
        renamed = evolve(service, name=None, in_use=False)
        writing(world, lambda uow: uow.care_catalogue.keep(renamed))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            catalogue = uow.care_catalogue
            assert list(catalogue.all(EntryKind.SERVICE)) == [renamed]
            assert list(catalogue.all(EntryKind.EMPLOYEE)) == [employee, another]
            assert list(catalogue.all(EntryKind.COMPETENCE)) == []
            assert dict(catalogue.known(EntryKind.EMPLOYEE, ["b", "c", "a"])) == {"a": employee, "b": another}
            assert dict(catalogue.known(EntryKind.EMPLOYEE, [])) == {}
        other = World(world.storage)
        with other.storage.reading(other.organization.id, other.clock) as uow:
            assert list(uow.care_catalogue.all(EntryKind.EMPLOYEE)) == []
            assert dict(uow.care_catalogue.known(EntryKind.EMPLOYEE, ["a"])) == {}
