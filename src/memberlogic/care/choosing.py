"""CARE-8: which flow a contract assigns: that of its rate, else the default one with a member's first contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import Enum

from attrs import frozen

from memberlogic.calendar import LAST_DAY
from memberlogic.care.configurations import Configuration
from memberlogic.care.model import AssignedBy
from memberlogic.contracts.model import CancellationKind, Contract
from memberlogic.contracts.parts import SaleKind
from memberlogic.ids import CareFlowId, MemberId

__all__ = ["Chosen", "NothingChosen", "choose", "had_one_before"]


class NothingChosen(Enum):
    """Why a contract assigns no flow."""

    NO_CONFIGURATION = "no_configuration_at_studio"
    NO_FLOW_FOR_RATE = "no_flow_for_rate"
    NO_DEFAULT = "no_default_flow"
    NOT_FIRST = "not_the_first_contract"
    RUNNING = "a_flow_is_running"


@frozen
class Chosen:
    """The flow that a contract assigns, and why this one."""

    flow: CareFlowId
    by: AssignedBy


def choose(
    kind: SaleKind,
    contract: Contract,
    configuration: Configuration | None,
    *,
    earlier: bool,
    running: bool,
) -> Chosen | NothingChosen:
    """The flow that a sale assigns to a member on the contract.

    Args:
        earlier: whether the member had a contract before that was ever paid.
        running: whether a run of the member is active.
    """
    if configuration is None:
        return NothingChosen.NO_CONFIGURATION
    flow = configuration.terms.of_rate.get(contract.rate.rate)
    if flow is not None:
        return Chosen(flow, AssignedBy.RATE)
    default = configuration.terms.default_flow
    if kind is SaleKind.SWITCHED:
        return NothingChosen.NO_FLOW_FOR_RATE
    if default is None:
        return NothingChosen.NO_DEFAULT
    if earlier:
        return NothingChosen.NOT_FIRST
    return NothingChosen.RUNNING if running else Chosen(default, AssignedBy.DEFAULT)


def had_one_before(member: MemberId, others: Iterable[Contract], known_on: date = LAST_DAY) -> bool:
    """Whether one of a member's other contracts was ever paid, those aside from which they withdrew; by what was known
    on a day.
    """
    return any(
        member in each.members and not _withdrawn(each, known_on) and each.paid_in_full_by(known_on) for each in others
    )


def _withdrawn(contract: Contract, known_on: date) -> bool:
    filed = contract.cancellation
    return filed is not None and filed.kind is CancellationKind.WITHDRAWN and filed.filed_on <= known_on
