"""Writing what was decided of Member Care's settings; what changed nothing is not written."""

from __future__ import annotations

from typing import TypeVar

from memberlogic.care.configurations import Activation, Configuration
from memberlogic.care.exchanging import Plan, ProgrammeImported, imported
from memberlogic.care.flows import Flow
from memberlogic.care.ports import CareWork
from memberlogic.events import Event
from memberlogic.outcomes import Outcome

__all__ = ["add_flow", "change_configuration", "change_flow", "keep_activation", "keep_programme"]

R = TypeVar("R")


def add_flow(uow: CareWork, outcome: Outcome[Flow, Event, R]) -> R:
    """Queue a new flow."""
    uow.care_flows.add(outcome.facts)
    uow.put(outcome.events)
    return outcome.result


def change_flow(uow: CareWork, outcome: Outcome[Flow, Event, R], before: Flow) -> R:
    """Queue what a locked flow became, if it is different."""
    if outcome.facts != before:
        uow.care_flows.change(outcome.facts)
        uow.put(outcome.events)
    return outcome.result


def change_configuration(uow: CareWork, outcome: Outcome[Configuration, Event, R], before: Configuration) -> R:
    """Queue what a locked configuration became, if it is different."""
    if outcome.facts != before:
        uow.care_configurations.change(outcome.facts)
        uow.put(outcome.events)
    return outcome.result


def keep_activation(uow: CareWork, outcome: Outcome[Activation, Event, R] | Outcome[Activation | None, Event, R]) -> R:
    """Queue what is active at a studio, if something happened."""
    if outcome.facts is not None and outcome.events:
        uow.care_configurations.activate(outcome.facts)
        uow.put(outcome.events)
    return outcome.result


def keep_programme(uow: CareWork, plan: Plan) -> ProgrammeImported:
    """Queue everything that a file makes different, if nothing of it is refused.

    Raises:
        InvalidInput, RuleViolation: the first of what is refused.
    """
    result = imported(plan)
    for flow_before, flow in plan.flows:
        if flow_before is None:
            uow.care_flows.add(flow)
        elif flow != flow_before:
            uow.care_flows.change(flow)
    for before, configuration in plan.configurations:
        if before is None:
            uow.care_configurations.add(configuration)
        elif configuration != before:
            uow.care_configurations.change(configuration)
    uow.put(plan.events)
    return result
