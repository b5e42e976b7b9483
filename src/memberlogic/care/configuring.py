"""CARE-6: configurations: which flow is assigned to whom, and which staff may assign."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.care.configurations import Configuration, ConfigurationTerms
from memberlogic.care.flows import Flow, FlowState
from memberlogic.care.ports import CareWork
from memberlogic.errors import MemberLogicError, NotFound, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import CareConfigurationId, CareFlowId, ExternalId, RateId
from memberlogic.inputs import an_id, as_tuple, instance, sequence_of
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "CONFIGURING",
    "CareConfigurationChanged",
    "CareConfigurationCreated",
    "ChangeConfiguration",
    "ConfigurationFlowNotInUse",
    "CreateConfiguration",
    "OfConfiguration",
    "change_configuration",
    "create_configuration",
    "facts_of",
]

_terms = instance(ConfigurationTerms, "the terms of a configuration")


@frozen(kw_only=True)
class CreateConfiguration:
    """A new configuration, active nowhere yet."""

    terms: ConfigurationTerms = field(validator=_terms)
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


@frozen(kw_only=True)
class ChangeConfiguration:
    """A configuration as it is from now on, wherever it is active."""

    configuration: CareConfigurationId = field(validator=an_id)
    terms: ConfigurationTerms = field(validator=_terms)


@frozen(kw_only=True)
class OfConfiguration:
    """A configuration by id."""

    configuration: CareConfigurationId = field(validator=an_id)


@frozen(kw_only=True)
class CareConfigurationCreated(Event):
    """A configuration was created, active nowhere yet."""

    type: ClassVar[str] = "care.configuration_created"
    configuration: CareConfigurationId


@frozen(kw_only=True)
class CareConfigurationChanged(Event):
    """A configuration says something else from now on; runs that were assigned by it go on as they are."""

    type: ClassVar[str] = "care.configuration_changed"
    configuration: CareConfigurationId
    configuration_version: int


@frozen(kw_only=True)
class ConfiguringFacts:
    """What the rules of a configuration look at: what it names, what of that is there, and what it named before."""

    terms: ConfigurationTerms
    flows: Mapping[CareFlowId, Flow]
    rates: Collection[RateId]
    named_before: Collection[CareFlowId] = ()


class ConfigurationFlowNotInUse(RuleViolation):
    """It would never be assigned."""

    code = "care.flow_not_in_use"
    rule = "CARE-6"
    sentence = "The flow {flow} is {state}: a configuration names flows that are in use."


@policy("CARE-6", "A configuration names flows that are there.")
def flows_must_be_there(c: ConfiguringFacts) -> MemberLogicError | None:
    """A deleted one is not there any more."""
    for id in sorted(c.terms.flows):
        if id not in c.flows or c.flows[id].state is FlowState.DELETED:
            return NotFound(kind="care_flow", id=id)
    return None


@policy("CARE-6", "A configuration names rates that are there.")
def rates_must_be_there(c: ConfiguringFacts) -> MemberLogicError | None:
    """On sale or not: contracts on a retired rate can be switched to still."""
    for id in sorted(c.terms.of_rate):
        if id not in c.rates:
            return NotFound(kind="rate", id=id)
    return None


@policy("CARE-6", "A flow that comes into a configuration is in use.")
def new_flows_must_be_in_use(c: ConfiguringFacts) -> MemberLogicError | None:
    """One that was retired since may stay, so that everything else can still be changed."""
    for id in sorted(c.terms.flows - set(c.named_before)):
        if c.flows[id].state is not FlowState.IN_USE:
            return ConfigurationFlowNotInUse(flow=str(id), state=c.flows[id].state.value)
    return None


CONFIGURING: Policies[ConfiguringFacts] = Policies(flows_must_be_there, rates_must_be_there, new_flows_must_be_in_use)


def create_configuration(
    id: CareConfigurationId, facts: ConfiguringFacts
) -> Outcome[Configuration, Event, Configuration]:
    """A new configuration.

    Raises:
        NotFound, RuleViolation: the first of :data:`CONFIGURING` that refuses.
    """
    CONFIGURING.require(facts)
    made = Configuration(id=id, terms=facts.terms)
    return Outcome(made, (CareConfigurationCreated(configuration=id),), made)


def change_configuration(
    before: Configuration, facts: ConfiguringFacts
) -> Outcome[Configuration, Event, Configuration]:
    """The configuration with other terms; the same ones change nothing.

    Raises:
        NotFound, RuleViolation: the first of :data:`CONFIGURING` that refuses.
    """
    if facts.terms == before.terms:
        return Outcome(before, (), before)
    CONFIGURING.require(evolve(facts, named_before=before.terms.flows))
    changed = evolve(before, terms=facts.terms, version=before.version + 1)
    event = CareConfigurationChanged(configuration=before.id, configuration_version=changed.version)
    return Outcome(changed, (event,), changed)


def facts_of(uow: CareWork, terms: ConfigurationTerms) -> ConfiguringFacts:
    """What the rules of a configuration look at. The flows are locked, so that none is deleted meanwhile; no rate ever
    goes.
    """
    flows = uow.care_flows.locked(terms.flows)
    rates = {each.id for each in uow.rates.all()} if terms.rate_flows else set()
    return ConfiguringFacts(terms=terms, flows=flows, rates=rates)
