"""What becomes of a hold, as a table (PTS-9)."""

from __future__ import annotations

from memberlogic.ledger.model import HoldState
from memberlogic.lifecycle import Lifecycle

__all__ = ["HOLD_STATES"]

# `lapse` is nobody's command: the deadline does it, by the clock alone.
HOLD_STATES = Lifecycle(
    "hold",
    HoldState.OPEN,
    {
        HoldState.OPEN: {
            "capture": HoldState.CAPTURED,
            "release": HoldState.RELEASED,
            "lapse": HoldState.LAPSED,
        },
        HoldState.CAPTURED: {},
        HoldState.RELEASED: {},
        HoldState.LAPSED: {},
    },
)
