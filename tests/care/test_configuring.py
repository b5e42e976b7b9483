"""CARE-6, CARE-7: configurations, and at which studios they are active."""

from __future__ import annotations

import pytest
from attrs import evolve
from tests.care.made import a_flow

from memberlogic.calendar import Term
from memberlogic.care.configurations import ConfigurationTerms, RateFlow
from memberlogic.care.configuring import ConfigurationFlowNotInUse
from memberlogic.errors import Duplicate, InvalidInput, NotFound
from memberlogic.ids import CareConfigurationId, CareFlowId, ExternalId, RateId, new_id

pytestmark = pytest.mark.rule("CARE-6")


@pytest.fixture
def care(world):
    return world.org.care


@pytest.fixture
def flow(care):
    return care.save_flow(a_flow("Onboarding", "a")).flow.id


def test_a_configuration_is_created_and_changed(world, care, flow):
    rate = world.rate()
    terms = ConfigurationTerms(
        name="Standard",
        default_flow=flow,
        rate_flows=[RateFlow(rate, flow), RateFlow(world.rate(), flow)],
        manual=[flow],
        complete_automatically_after=Term.of_days(14),
    )
    made = care.create_configuration(terms)
    assert (made.terms, made.version) == (terms, 0)
    assert care.configuration(made.id) == made
    world.studio()
    assert [each.configuration for each in care.activations()] == [None], "it is active nowhere"
    changed = care.change_configuration(made.id, evolve(terms, default_flow=None))
    assert (changed.version, changed.terms.default_flow) == (1, None)
    assert care.change_configuration(made.id, changed.terms) == changed, "the same terms change nothing"
    said = [each.event.type for each in world.events() if each.event.type.startswith("care.configuration")]
    assert said == ["care.configuration_created", "care.configuration_changed"]
    assert terms.of_rate[rate] == flow


def test_a_rate_has_one_flow(flow):
    rate = RateId(new_id())
    with pytest.raises(InvalidInput):
        ConfigurationTerms(name="Twice", rate_flows=[RateFlow(rate, flow), RateFlow(rate, flow)])


def test_there_are_several_each_with_a_name_of_its_own(care):
    made = [care.create_configuration(ConfigurationTerms(name=name)) for name in ("b", "a")]
    assert list(care.configurations()) == [made[1], made[0]]
    with pytest.raises(Duplicate):
        care.create_configuration(ConfigurationTerms(name="a"))
    with pytest.raises(Duplicate):
        care.change_configuration(made[0].id, ConfigurationTerms(name="a"))


@pytest.mark.parametrize("part", ["default_flow", "rate_flows", "manual"])
def test_what_it_names_is_there_and_in_use(world, care, flow, part):
    def naming(id, rate=None):
        value = {"default_flow": id, "manual": [id], "rate_flows": [RateFlow(rate or world.rate(), id)]}[part]
        return ConfigurationTerms(name="Standard", **{part: value})

    with pytest.raises(NotFound):
        care.create_configuration(naming(CareFlowId(new_id())))
    if part == "rate_flows":
        with pytest.raises(NotFound) as caught:
            care.create_configuration(naming(flow, RateId(new_id())))
        assert caught.value.details["kind"] == "rate"
    care.retire_flow(flow)
    with pytest.raises(ConfigurationFlowNotInUse) as caught:
        care.create_configuration(naming(flow))
    assert caught.value.details == {"flow": str(flow), "state": "retired"}
    care.delete_flow(flow)
    with pytest.raises(NotFound):
        care.create_configuration(naming(flow))


def test_a_flow_that_was_retired_since_may_stay(care, flow):
    made = care.create_configuration(ConfigurationTerms(name="Standard", manual=[flow]))
    care.retire_flow(flow)
    changed = care.change_configuration(made.id, evolve(made.terms, name="Renamed"))
    assert changed.terms.manual == (flow,)
    assert care.change_configuration(made.id, evolve(changed.terms, default_flow=flow)).terms.default_flow == flow


def test_a_retired_rate_may_have_a_flow(world, care, flow):
    rate = world.rate()
    world.org.contracts.retire_rate(rate)
    assert care.create_configuration(ConfigurationTerms(name="Old", rate_flows=[RateFlow(rate, flow)]))


@pytest.mark.rule("COM-19")
def test_a_configuration_is_found_by_the_hosts_id(care):
    known = ExternalId("crm", "standard")
    made = care.create_configuration(ConfigurationTerms(name="Standard"), external_ids=[known])
    assert care.find_configuration("crm", "standard") == made
    with pytest.raises(NotFound):
        care.find_configuration("crm", "other")


@pytest.mark.rule("CARE-7")
def test_a_studio_activates_one_configuration_and_one_may_serve_many(world, care):
    north, south = world.studio("north"), world.studio("south")
    first, second = (care.create_configuration(ConfigurationTerms(name=name)).id for name in ("first", "second"))
    assert care.active_at(studio=north).configuration is None
    assert care.active_at(studio=north).explain().reasons[0].code == "care.studio_without_configuration"
    for studio in (north, south):
        assert care.activate(first, studio=studio).configuration == first
    world.wait(days=1)
    replaced = care.activate(second, studio=north)
    assert (replaced.configuration, replaced.since) == (second, world.clock.now())
    assert [(each.studio, each.configuration) for each in care.activations()] == [(north, second), (south, first)]
    assert care.deactivate(studio=south).configuration is None
    assert care.active_at(studio=south).configuration is None
    assert str(second) in care.active_at(studio=north).explain().text()
    said = [each.event for each in world.events() if each.event.type.startswith("care.studio")]
    assert [(each.type, each.studio, each.configuration) for each in said] == [
        ("care.studio_activated", north, first),
        ("care.studio_activated", south, first),
        ("care.studio_activated", north, second),
        ("care.studio_deactivated", south, first),
    ]
    assert [each.replaced for each in said[:3]] == [None, None, first]


@pytest.mark.rule("CARE-7")
def test_activating_what_is_active_changes_nothing(world, care):
    north = world.studio()
    assert care.deactivate(studio=north).configuration is None
    made = care.create_configuration(ConfigurationTerms(name="Standard")).id
    once = care.activate(made, studio=north)
    world.wait(days=1)
    before = world.events()
    assert care.activate(made, studio=north) == once
    assert world.events() == before
    care.deactivate(studio=north)
    before = world.events()
    care.deactivate(studio=north)
    assert world.events() == before
    assert care.activate(made, studio=north).configuration == made, "it can be activated again"


@pytest.mark.rule("CARE-7")
def test_only_what_is_there_is_activated(world, care):
    made = care.create_configuration(ConfigurationTerms(name="Standard")).id
    with pytest.raises(NotFound):
        care.activate(made, studio="nowhere")
    with pytest.raises(NotFound):
        care.activate(CareConfigurationId(new_id()), studio=world.studio())
    for ask in (care.active_at, care.deactivate):
        with pytest.raises(NotFound):
            ask(studio="nowhere")
