"""The states of a contract: what it is on a day (the rule), which ways lead from one to another, what each takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from memberlogic.contracts.model import CancellationKind, ContractStatus
from memberlogic.contracts.renewing import Course
from memberlogic.errors import IllegalTransition
from memberlogic.lifecycle import Lifecycle

__all__ = ["COMMANDS", "CONTRACT_STATES", "cancelled_on", "not_taken", "over_on", "require_taken", "said", "status_on"]

# The ways by which a status follows another: by waiting, or by what is filed. The status itself is always computed.
CONTRACT_STATES = Lifecycle(
    "contract",
    ContractStatus.ON_HOLD,
    {
        ContractStatus.ON_HOLD: {
            "be_paid_before_first_day": ContractStatus.PENDING,
            "be_paid": ContractStatus.ACTIVE,
            "be_paid_while_frozen": ContractStatus.FROZEN,
            "expire": ContractStatus.EXPIRED,
            "be_cancelled": ContractStatus.CANCELLED,
        },
        ContractStatus.PENDING: {
            "begin": ContractStatus.ACTIVE,
            "begin_frozen": ContractStatus.FROZEN,
            "lose_payment": ContractStatus.ON_HOLD,
            "be_cancelled": ContractStatus.CANCELLED,
        },
        ContractStatus.ACTIVE: {
            "be_frozen": ContractStatus.FROZEN,
            "lose_payment": ContractStatus.ON_HOLD,
            "expire": ContractStatus.EXPIRED,
            "be_cancelled": ContractStatus.CANCELLED,
        },
        ContractStatus.FROZEN: {
            "resume": ContractStatus.ACTIVE,
            "lose_payment": ContractStatus.ON_HOLD,
            "expire": ContractStatus.EXPIRED,
            "be_cancelled": ContractStatus.CANCELLED,
        },
        ContractStatus.CANCELLED: {},
        ContractStatus.EXPIRED: {},
    },
)

_OPEN = (
    "pay",
    "reverse_payment",
    "cancel",
    "withdraw_cancellation",
    "withdraw_from",
    "cover",
    "uncover",
    "change_holder",
    "transfer",
    "withdraw_transfer",
    "withdraw_switch",
    "end_freeze",
    "withdraw_freeze",
)
_PAID = (*_OPEN, "switch", "freeze")
_IN_FORCE = (*_PAID, "give_days", "take_days_back")

COMMANDS: Mapping[ContractStatus, tuple[str, ...]] = {
    ContractStatus.ON_HOLD: _OPEN,
    ContractStatus.PENDING: _PAID,
    ContractStatus.ACTIVE: _IN_FORCE,
    ContractStatus.FROZEN: _IN_FORCE,
    ContractStatus.CANCELLED: ("pay", "redraft"),
    ContractStatus.EXPIRED: ("pay", "redraft"),
}
"""Which commands a contract takes by the status of today; the rules of each may still refuse it. One that has ended
takes what was paid before its end (COM-21).
"""


def not_taken(status: ContractStatus | None, command: str) -> IllegalTransition | None:
    """What refuses a command that a status does not take, saying what would be allowed."""
    allowed = COMMANDS[status] if status is not None else ()
    if command in allowed:
        return None
    return IllegalTransition(machine="contract", state=said(status), action=command, allowed=allowed)


def said(status: ContractStatus | None) -> str:
    """A status in a refusal: without one a contract is not signed yet, or takes over from another later."""
    return "not begun" if status is None else status.value


def require_taken(status: ContractStatus | None, command: str) -> None:
    """Refuse what a status does not take.

    Raises:
        IllegalTransition: saying what would be allowed.
    """
    refusal = not_taken(status, command)
    if refusal is not None:
        raise refusal


def over_on(course: Course) -> date | None:
    """The day from which a contract is over by what is known: a cancellation's, else the end of its term; what is
    filed beyond that day does not count (CON-8).
    """
    return course.expires_on if course.contract.cancellation is None else cancelled_on(course)


def cancelled_on(course: Course) -> date | None:
    """The day from which a contract is cancelled: the one that was filed; for an ordinary cancellation an earlier one
    on which the contract ends anyway, also if a freeze that ended early moved that day since (CON-7). None if no
    cancellation is on file.
    """
    filed = course.contract.cancellation
    if filed is None:
        return None
    if filed.kind is CancellationKind.ORDINARY and course.expires_on is not None:
        return min(filed.effective_on, course.expires_on)
    return filed.effective_on


def status_on(course: Course, day: date) -> ContractStatus | None:
    """The status of a contract on a day, past or future: the first that applies; None before it was signed."""
    contract = course.contract
    if day < contract.first_day:
        return None
    cancelled = cancelled_on(course)
    if cancelled is not None:
        if cancelled <= day:
            return ContractStatus.CANCELLED
    elif course.expires_on is not None and course.expires_on <= day:
        return ContractStatus.EXPIRED
    if contract.owed_on(day) > 0:
        return ContractStatus.ON_HOLD
    if day < contract.start_on:
        return ContractStatus.PENDING
    return ContractStatus.FROZEN if course.frozen_on(day) else ContractStatus.ACTIVE
