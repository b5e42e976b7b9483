"""What becomes of a hold (PTS-9), of an adjustment (PTS-14) and of a journal (PTS-15), as tables."""

from __future__ import annotations

from memberlogic.ledger.journals import JournalState
from memberlogic.ledger.model import AdjustmentState, HoldState
from memberlogic.lifecycle import Lifecycle

__all__ = ["ADJUSTMENT_STATES", "HOLD_STATES", "JOURNAL_STATES"]

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

ADJUSTMENT_STATES = Lifecycle(
    "adjustment",
    AdjustmentState.WAITING,
    {
        AdjustmentState.WAITING: {"approve": AdjustmentState.POSTED, "reject": AdjustmentState.REJECTED},
        AdjustmentState.POSTED: {},
        AdjustmentState.REJECTED: {},
    },
)

# Drafting again under the same reference begins anew; what is posted stays.
JOURNAL_STATES = Lifecycle(
    "journal",
    JournalState.DRAFTING,
    {
        JournalState.DRAFTING: {"complete": JournalState.DRAFT, "discard": JournalState.DISCARDED},
        JournalState.DRAFT: {"post": JournalState.POSTED, "discard": JournalState.DISCARDED},
        JournalState.POSTED: {},
        JournalState.DISCARDED: {},
    },
)
