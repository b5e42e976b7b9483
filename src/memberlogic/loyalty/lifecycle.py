"""The state of an account, as a table (PTS-1)."""

from __future__ import annotations

from memberlogic.ledger.model import AccountState
from memberlogic.lifecycle import Lifecycle

__all__ = ["ACCOUNT_STATES"]

# A member may leave a joint account that is blocked; nobody joins one.
ACCOUNT_STATES = Lifecycle(
    "account",
    AccountState.OPEN,
    {
        AccountState.OPEN: {
            "block": AccountState.BLOCKED,
            "close": AccountState.CLOSED,
            "join": AccountState.OPEN,
            "leave": AccountState.OPEN,
        },
        AccountState.BLOCKED: {"unblock": AccountState.OPEN, "leave": AccountState.BLOCKED},
        AccountState.CLOSED: {},
    },
)
