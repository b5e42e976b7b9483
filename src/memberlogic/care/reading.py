"""Loading what writing and reading a file has to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from memberlogic.care.catalogues import Catalogues
from memberlogic.care.exchanging import Here
from memberlogic.care.flows import Flow, FlowState
from memberlogic.care.looking_up import look_up
from memberlogic.care.ports import CareFlows, CareWork
from memberlogic.care.programmes import Programme
from memberlogic.contracts.ports import Rates
from memberlogic.ids import RateId
from memberlogic.paging import one_by_one

__all__ = ["codes_of_rates", "every_flow", "here"]


def every_flow(flows: CareFlows) -> Sequence[Flow]:
    """Every flow that is not deleted, in order of their ids."""
    return tuple(one_by_one(partial(_page, flows)))


def _page(flows: CareFlows, last: Flow | None) -> Sequence[Flow]:
    states = (FlowState.IN_USE, FlowState.RETIRED)
    return flows.listed(states, after=None if last is None else last.id, limit=500)


def codes_of_rates(rates: Rates) -> Mapping[RateId, str]:
    """The code of every rate."""
    return {each.id: each.code for each in rates.all()}


def here(uow: CareWork, catalogues: Catalogues, programme: Programme) -> Here:
    """What importing has to know. The flows that the file names are locked before they are looked at, and then the
    configurations.
    """
    said = {each.name for each in programme.flows}
    named = said | {name for each in programme.configurations for _, name in each.named}
    ids = [each.id for each in every_flow(uow.care_flows) if each.name in named]
    locked = [each for each in uow.care_flows.locked(ids).values() if each.state is not FlowState.DELETED]
    flows = {each.name: each for each in locked}
    wanted = {each.name for each in programme.configurations}
    configurations = [each for each in uow.care_configurations.all() if each.terms.name in wanted]
    rates = [each for configuration in programme.configurations for each in configuration.rate_flows]
    external_ids = [each.external_id for each in rates if each.external_id is not None]
    return Here(
        flows=flows,
        versions={each.id: uow.care_flows.versions(each.id) for each in flows.values() if each.name in said},
        configurations={
            each.terms.name: uow.care_configurations.locked(each.id)
            for each in sorted(configurations, key=lambda each: each.id)
        },
        found=look_up(uow, catalogues, programme.flows),
        rates={each.code: each.id for each in uow.rates.all()} if rates else {},
        rates_known=uow.external_ids.known("rate", external_ids),
    )
