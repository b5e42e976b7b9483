"""What can happen to a wallet. Where points move, the entry *is* the event (COM-10): it is read through
:func:`as_event`, never written twice. Reserving points and letting them go moves none: these are events of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from attrs import frozen

from memberlogic.amounts import Unit
from memberlogic.events import Event, Recorded
from memberlogic.ids import AccountId, AdjustmentId, ClubId, EntryId, HoldId, JournalId, MemberId, OrganizationId
from memberlogic.ledger.model import Entry, EntryKind

__all__ = [
    "EVENTS",
    "AdjustmentApproved",
    "AdjustmentRejected",
    "AdjustmentRequested",
    "DebtSettled",
    "PointsAdjusted",
    "PointsAvailable",
    "PointsAwarded",
    "PointsCaptured",
    "PointsCredited",
    "PointsEarned",
    "PointsExpired",
    "PointsHeld",
    "PointsMergedIn",
    "PointsMergedOut",
    "PointsMoved",
    "PointsRedeemed",
    "PointsReinstated",
    "PointsReleased",
    "PointsRestored",
    "PointsReturned",
    "PointsReversed",
    "PointsTransferredIn",
    "PointsTransferredOut",
    "PointsWrittenOff",
    "as_event",
]


@frozen(kw_only=True)
class PointsMoved(Event):
    """An entry of a wallet: ``points`` are signed; ``debt`` is the part of them that settled or became debt."""

    account: AccountId
    club: ClubId
    scheme: str
    unit: Unit
    points: int
    debt: int
    reason: str | None


@frozen(kw_only=True)
class PointsCredited(PointsMoved):
    """Points were credited."""

    type: ClassVar[str] = "points.credited"


@frozen(kw_only=True)
class PointsEarned(PointsMoved):
    """A purchase earned points; ``reference`` is the till's id of it."""

    type: ClassVar[str] = "points.earned"


@frozen(kw_only=True)
class PointsAwarded(PointsMoved):
    """An event other than a purchase earned points; ``reason`` is its code, ``reference`` the host's id of it."""

    type: ClassVar[str] = "points.awarded"


@frozen(kw_only=True)
class PointsRedeemed(PointsMoved):
    """Points paid at a purchase; ``reference`` is the till's id of it."""

    type: ClassVar[str] = "points.redeemed"


@frozen(kw_only=True)
class PointsTransferredOut(PointsMoved):
    """Points left for another account."""

    type: ClassVar[str] = "points.transferred_out"
    counterpart: AccountId | None


@frozen(kw_only=True)
class PointsTransferredIn(PointsMoved):
    """Points arrived from another account."""

    type: ClassVar[str] = "points.transferred_in"
    counterpart: AccountId | None


@frozen(kw_only=True)
class PointsMergedOut(PointsMoved):
    """Everything left for the account with which this one became one, what was owed too."""

    type: ClassVar[str] = "points.merged_out"
    counterpart: AccountId | None


@frozen(kw_only=True)
class PointsMergedIn(PointsMoved):
    """What another account brought that became one with this one, with its dates, and what it owed."""

    type: ClassVar[str] = "points.merged_in"
    counterpart: AccountId | None


@frozen(kw_only=True)
class PointsExpired(PointsMoved):
    """Points expired; in effect since the instant they did, whenever that was written down."""

    type: ClassVar[str] = "points.expired"


@frozen(kw_only=True)
class PointsReinstated(PointsMoved):
    """Points that had expired by the entry ``corrects`` live again, in effect since the instant at which they were said
    to be gone where that was wrong from the start.
    """

    type: ClassVar[str] = "points.reinstated"
    corrects: EntryId | None


@frozen(kw_only=True)
class PointsAvailable(PointsMoved):
    """Pending points became available by the clock alone (PTS-5): ``became`` so many, of which ``debt`` settled debt;
    ``points`` are 0, as none came in.
    """

    type: ClassVar[str] = "points.available"
    became: int


@frozen(kw_only=True)
class PointsCaptured(PointsMoved):
    """Points that were held were taken."""

    type: ClassVar[str] = "points.captured"


@frozen(kw_only=True)
class PointsRestored(PointsMoved):
    """Points that were spent on a purchase came back, as it was returned; ``reference`` is the till's id of that."""

    type: ClassVar[str] = "points.restored"


@frozen(kw_only=True)
class PointsReturned(PointsMoved):
    """Points that a purchase had earned were taken back, as it was returned; ``reference`` is the till's id of that."""

    type: ClassVar[str] = "points.returned"


@frozen(kw_only=True)
class DebtSettled(PointsMoved):
    """Points that became free settled debt: ``points`` is 0, ``debt`` how many."""

    type: ClassVar[str] = "points.debt_settled"


@frozen(kw_only=True)
class PointsAdjusted(PointsMoved):
    """Staff added points, or took some."""

    type: ClassVar[str] = "points.adjusted"


@frozen(kw_only=True)
class PointsWrittenOff(PointsMoved):
    """An account was emptied by name: what was left is gone, what was owed is forgiven."""

    type: ClassVar[str] = "points.written_off"


@frozen(kw_only=True)
class PointsReversed(PointsMoved):
    """What the entry ``corrects`` did was taken or given back; ``counterpart`` is the other account of a transfer."""

    type: ClassVar[str] = "points.reversed"
    corrects: EntryId | None
    counterpart: AccountId | None


@frozen(kw_only=True)
class AdjustmentRequested(Event):
    """An adjustment waits for a second person; nothing has moved."""

    type: ClassVar[str] = "adjustment.requested"
    adjustment: AdjustmentId
    account: AccountId
    club: ClubId
    unit: Unit
    points: int
    reason: str


@frozen(kw_only=True)
class AdjustmentApproved(Event):
    """A second person approved an adjustment, which moves points now."""

    type: ClassVar[str] = "adjustment.approved"
    adjustment: AdjustmentId
    account: AccountId
    club: ClubId
    unit: Unit
    points: int
    reason: str


@frozen(kw_only=True)
class AdjustmentRejected(Event):
    """An adjustment that waited will not be made."""

    type: ClassVar[str] = "adjustment.rejected"
    adjustment: AdjustmentId
    account: AccountId
    club: ClubId
    unit: Unit
    points: int
    reason: str


@frozen(kw_only=True)
class PointsHeld(Event):
    """Points were reserved until a deadline."""

    type: ClassVar[str] = "points.held"
    hold: HoldId
    account: AccountId
    club: ClubId
    unit: Unit
    points: int
    until: datetime
    reason: str | None
    reference: str | None


@frozen(kw_only=True)
class PointsReleased(Event):
    """Points are not reserved any more; ``cause`` is ``released``, ``lapsed``, or ``captured`` for what a capture left
    over.
    """

    type: ClassVar[str] = "points.released"
    hold: HoldId
    account: AccountId
    club: ClubId
    unit: Unit
    points: int
    cause: str


@frozen(kw_only=True)
class JournalChanged(Event):
    """What the events of a journal say of it."""

    journal: JournalId
    unit: Unit
    lines: int


@frozen(kw_only=True)
class JournalDrafted(JournalChanged):
    """All lines of a journal are there."""

    type: ClassVar[str] = "journal.drafted"


@frozen(kw_only=True)
class JournalPosted(JournalChanged):
    """A journal is in the ledger, in so many entries."""

    type: ClassVar[str] = "journal.posted"
    entries: int


@frozen(kw_only=True)
class JournalDiscarded(JournalChanged):
    """A journal will not be posted."""

    type: ClassVar[str] = "journal.discarded"


EVENTS: Mapping[EntryKind, type[PointsMoved]] = {
    EntryKind.CREDIT: PointsCredited,
    EntryKind.EARN: PointsEarned,
    EntryKind.AWARD: PointsAwarded,
    EntryKind.REDEEM: PointsRedeemed,
    EntryKind.TRANSFER_OUT: PointsTransferredOut,
    EntryKind.TRANSFER_IN: PointsTransferredIn,
    EntryKind.MERGE_OUT: PointsMergedOut,
    EntryKind.MERGE_IN: PointsMergedIn,
    EntryKind.CAPTURE: PointsCaptured,
    EntryKind.EXPIRE: PointsExpired,
    EntryKind.AVAILABLE: PointsAvailable,
    EntryKind.RESTORE: PointsRestored,
    EntryKind.RETURN: PointsReturned,
    EntryKind.SETTLE: DebtSettled,
    EntryKind.ADJUST: PointsAdjusted,
    EntryKind.WRITE_OFF: PointsWrittenOff,
    EntryKind.REINSTATE: PointsReinstated,
    EntryKind.REVERSE: PointsReversed,
}
"""Which event an entry of each kind is."""

_WITH_COUNTERPART = frozenset(
    {
        EntryKind.TRANSFER_OUT,
        EntryKind.TRANSFER_IN,
        EntryKind.MERGE_OUT,
        EntryKind.MERGE_IN,
        EntryKind.REVERSE,
    }
)


def as_event(entry: Entry, organization: OrganizationId, members: tuple[MemberId, ...]) -> Recorded:
    """An entry as the event that it is; ``members`` hold its account."""
    made = EVENTS[entry.kind]
    facts: dict[str, Any] = {
        "members": members,
        "account": entry.wallet.account,
        "club": entry.club,
        "scheme": entry.scheme,
        "unit": entry.wallet.unit,
        "points": entry.amount,
        "debt": entry.debt,
        "reason": entry.reason,
    }
    if entry.kind in _WITH_COUNTERPART:
        facts["counterpart"] = entry.counterpart
    if entry.kind in (EntryKind.REINSTATE, EntryKind.REVERSE):
        facts["corrects"] = entry.corrects
    if entry.kind is EntryKind.AVAILABLE:
        facts["became"] = next(each.figures["points"] for each in entry.because if each.code == "points.available")
    return Recorded(
        id=entry.id,
        organization=organization,
        actor=entry.actor,
        effective_at=entry.effective_at,
        recorded_at=entry.recorded_at,
        event=made(**facts),
    )
