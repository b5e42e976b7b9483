"""CARE-8: which flow a contract assigns: that of its rate, else the default one with a member's first contract."""

from __future__ import annotations

from collections.abc import Iterable
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
    against = (
        (kind is SaleKind.SWITCHED, NothingChosen.NO_FLOW_FOR_RATE),
        (earlier, NothingChosen.NOT_FIRST),
        (running, NothingChosen.RUNNING),
    )
    default = configuration.terms.default_flow
    reason = next((each for refuses, each in against if refuses), None)
    if reason is None and default is not None:
        return Chosen(default, AssignedBy.DEFAULT)
    return reason or NothingChosen.NO_DEFAULT


def had_one_before(member: MemberId, others: Iterable[Contract]) -> bool:
    """Whether one of a member's other contracts was ever paid, those aside from which they withdrew."""
    return any(member in each.members and not _withdrawn(each) and each.paid_in_full_by(LAST_DAY) for each in others)


def _withdrawn(contract: Contract) -> bool:
    return contract.cancellation is not None and contract.cancellation.kind is CancellationKind.WITHDRAWN
