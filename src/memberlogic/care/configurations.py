"""CARE-6, CARE-7: configurations as data: which flow is assigned to whom, and where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from memberlogic.calendar import Term
from memberlogic.errors import InvalidInput
from memberlogic.ids import CareConfigurationId, CareFlowId, RateId
from memberlogic.inputs import an_id, as_tuple, ids, instance, optional, sequence_of, text, whole

__all__ = ["Activation", "Configuration", "ConfigurationTerms", "RateFlow"]


@frozen
class RateFlow:
    """The flow that a contract on a rate assigns."""

    rate: RateId = field(validator=an_id)
    flow: CareFlowId = field(validator=an_id)


@frozen(kw_only=True)
class ConfigurationTerms:
    """What a configuration says (CARE-6).

    Args:
        default_flow: assigned with the first contract of a member, where its rate has no flow.
        rate_flows: at most one flow for each rate; a flow may serve many.
        manual: the flows that staff may assign by hand.
        complete_automatically_after: an action that is open for longer counts as completed.
    """

    name: str = field(validator=text(200))
    default_flow: CareFlowId | None = field(default=None, validator=optional(an_id))
    rate_flows: tuple[RateFlow, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(RateFlow, "a RateFlow")
    )
    manual: tuple[CareFlowId, ...] = field(default=(), converter=as_tuple, validator=ids(most=10_000))
    complete_automatically_after: Term | None = field(default=None, validator=optional(instance(Term, "a term")))

    def __attrs_post_init__(self) -> None:
        rates = [each.rate for each in self.rate_flows]
        if len(set(rates)) != len(rates):
            raise InvalidInput(path="rate_flows", expected="at most one flow for each rate", got="two for one of them")
        if len(set(self.manual)) != len(self.manual):
            raise InvalidInput(path="manual", expected="each flow once", got="one of them twice")

    @property
    def of_rate(self) -> Mapping[RateId, CareFlowId]:
        """The flow of each rate that has one."""
        return {each.rate: each.flow for each in self.rate_flows}

    @property
    def flows(self) -> frozenset[CareFlowId]:
        """Every flow that it names."""
        default: tuple[Any, ...] = () if self.default_flow is None else (self.default_flow,)
        return frozenset((*default, *self.of_rate.values(), *self.manual))


@frozen(kw_only=True)
class Configuration:
    """A configuration of the organization; created inactive, until a studio activates it (CARE-7)."""

    id: CareConfigurationId = field(validator=an_id)
    terms: ConfigurationTerms
    version: int = field(default=0, validator=whole(least=0))
    """How often it was changed."""


@frozen(kw_only=True)
class Activation:
    """What is active at a studio since an instant (CARE-7): one configuration, or none any more."""

    studio: str
    configuration: CareConfigurationId | None
    since: datetime
    version: int = 0
    """How often it was changed."""
