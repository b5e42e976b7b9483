"""The conservation properties of PTS, and what is stored of lots and wallets although it could be counted."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.ledger.idling import ACTIVITY
from memberlogic.ledger.model import EntryKind, HoldState
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, summed, there
from memberlogic_sqlalchemy.checking.days import days_of
from sqlalchemy import and_, case, func, null, or_, select

__all__ = ["CHECKS"]

_e, _l, _s, _w, _a = (
    tables.entries.c,
    tables.lots.c,
    tables.slices.c,
    tables.wallets.c,
    tables.accounts.c,
)

_slices_of = counting({"entry_id": _s.entry_id}, {"points": func.sum(_s.points)})
_opened_by = counting({"entry_id": _l.entry_id}, {"points": func.sum(_l.amount)})
_taken_from = counting({"lot_id": _s.lot_id}, {"points": func.sum(_s.points)})
_left_in = counting(
    {"account_id": _l.account_id, "unit": _l.unit},
    {
        "remaining": func.sum(_l.remaining),
        "held": func.sum(_l.held),
        "pending": func.sum(case((_l.pending == 1, _l.remaining), else_=0)),
    },
)
_moved_in = counting({"account_id": _e.account_id, "unit": _e.unit}, {"points": func.sum(_e.amount)})
_soonest = counting(
    {"account_id": _l.account_id, "unit": _l.unit},
    {"expires_at": func.min(_l.expires_at)},
    _l.remaining > _l.held,
)
_waiting = counting(
    {"account_id": _l.account_id, "unit": _l.unit},
    {"available_at": func.min(_l.available_at)},
    and_(_l.pending == 1, _l.remaining > 0),
)
_said_available = (
    select(_s.organization_id, _s.lot_id)
    .select_from(tables.slices.join(tables.entries, there(tables.slices, tables.entries, entry_id="id")))
    .where(_e.kind == EntryKind.AVAILABLE.value)
    .group_by(_s.organization_id, _s.lot_id)
    .subquery()
)
_d, _ds = tables.holds.c, tables.hold_slices.c
_reserved_of = (
    select(_ds.organization_id, _ds.lot_id, func.sum(_ds.points).label("points"))
    .select_from(tables.hold_slices.join(tables.holds, there(tables.hold_slices, tables.holds, hold_id="id")))
    .where(_d.state == HoldState.OPEN.value)
    .group_by(_ds.organization_id, _ds.lot_id)
    .subquery()
)
_deadline = counting(
    {"account_id": _d.account_id, "unit": _d.unit}, {"until": func.min(_d.until)}, _d.state == HoldState.OPEN.value
)
_entry, _lot = {"entry": _e.id, "account": _e.account_id}, {"lot": _l.id, "account": _l.account_id}
_wallet = {"account": _w.account_id, "unit": _w.unit}

_PARTS = differing(
    "entry.parts",
    "PTS-18",
    "An entry's lot slices, the lots it opened and its debt part add up to its amount.",
    of=tables.entries.outerjoin(_slices_of, there(tables.entries, _slices_of, id="entry_id")).outerjoin(
        _opened_by, there(tables.entries, _opened_by, id="entry_id")
    ),
    ids=_entry,
    stored=_e.amount,
    counted=summed(_slices_of.c.points) + summed(_opened_by.c.points) + _e.debt,
)

_IN = [
    kind.value
    for kind in (
        EntryKind.CREDIT,
        EntryKind.EARN,
        EntryKind.AWARD,
        EntryKind.TRANSFER_IN,
        EntryKind.RESTORE,
        EntryKind.REINSTATE,
    )
]
_WITHIN = [EntryKind.SETTLE.value, EntryKind.AVAILABLE.value]
_MERGED = [EntryKind.MERGE_OUT.value, EntryKind.MERGE_IN.value]
_EITHER = [kind.value for kind in (EntryKind.ADJUST, EntryKind.WRITE_OFF, EntryKind.REVERSE)]
_OUT = [kind.value for kind in EntryKind if kind.value not in (*_IN, *_WITHIN, *_EITHER, *_MERGED)]
_odd_debt = or_(
    and_(_e.kind == EntryKind.SETTLE.value, _e.debt <= 0), and_(_e.kind == EntryKind.AVAILABLE.value, _e.debt != 0)
)
_SIGN = differing(
    "entry.sign",
    "PTS-18",
    "What is credited, earned, transferred in or restored comes in, what is corrected does either, what settles debt"
    " or becomes available neither, what accounts that became one bring is what they had less what they owed; all else"
    " goes out.",
    of=tables.entries,
    ids=_entry,
    stored=_e.amount,
    counted=_e.kind,
    wrong=or_(
        and_(_e.kind.in_(_IN), _e.amount <= 0),
        and_(_e.kind.in_(_OUT), _e.amount >= 0),
        and_(_e.kind.in_(_EITHER), _e.amount == 0),
        and_(
            _e.kind.in_(_WITHIN),
            or_(_e.amount != 0, _odd_debt),
        ),
    ),
)
_HEADER = differing(
    "entry.command",
    "COM-9",
    "Every entry was written by a command whose header is there.",
    of=tables.entries.outerjoin(tables.headers, there(tables.entries, tables.headers, command_id="id")),
    ids=_entry,
    stored=_e.command_id,
    counted=null(),
    wrong=tables.headers.c.id.is_(null()),
)
_CLUB = differing(
    "entry.club",
    "PTS-18",
    "An entry's club is its account's.",
    of=tables.entries.join(tables.accounts, there(tables.entries, tables.accounts, account_id="id")),
    ids=_entry,
    stored=_e.club_id,
    counted=_a.club_id,
)
_out = case((_e.kind == EntryKind.TRANSFER_OUT.value, 1), else_=0)
_into = case((_e.kind == EntryKind.TRANSFER_IN.value, 1), else_=0)
_sides = counting({"command_id": _e.command_id}, {"left": func.sum(_out), "arrived": func.sum(_into)})
_TRANSFER = differing(
    "transfer.sides",
    "PTS-11",
    "Both sides of a transfer are there.",
    of=_sides,
    ids={"command": _sides.c.command_id},
    stored=_sides.c.left,
    counted=_sides.c.arrived,
)

_joined = counting(
    {"command_id": _e.command_id}, {"points": func.sum(_e.amount), "debt": func.sum(_e.debt)}, _e.kind.in_(_MERGED)
)
_MERGE = differing(
    "merge.sides",
    "MEM-17",
    "Where accounts become one, what leaves arrives: points and debt.",
    of=_joined,
    ids={"command": _joined.c.command_id},
    stored=_joined.c.points,
    counted=_joined.c.debt,
    wrong=or_(_joined.c.points != 0, _joined.c.debt != 0),
)

_REMAINING = differing(
    "lot.remaining",
    "PTS-7",
    "What remains in a lot is what arrived, less what its slices took.",
    of=tables.lots.outerjoin(_taken_from, there(tables.lots, _taken_from, id="lot_id")),
    ids=_lot,
    stored=_l.remaining,
    counted=_l.amount + summed(_taken_from.c.points),
)
_BOUNDS = differing(
    "lot.bounds",
    "PTS-7",
    "Nothing is negative: what is held is at most what remains, and that is at most what arrived.",
    of=tables.lots,
    ids=_lot,
    stored=_l.remaining,
    counted=_l.amount,
    wrong=or_(_l.held < 0, _l.remaining < _l.held, _l.amount < _l.remaining),
)
_open = case((_l.remaining > 0, 1), else_=0)
_OPEN = differing(
    "lot.is_open",
    "PTS-7",
    "A lot is open while anything remains in it.",
    of=tables.lots,
    ids=_lot,
    stored=_l.is_open,
    counted=_open,
)
_awaited = case((and_(_l.available_at.is_not(null()), _said_available.c.lot_id.is_(null())), 1), else_=0)
_PENDING = differing(
    "lot.pending",
    "PTS-5",
    "Points that are held back are pending until an entry says that they are available.",
    of=tables.lots.outerjoin(_said_available, there(tables.lots, _said_available, id="lot_id")),
    ids=_lot,
    stored=_l.pending,
    counted=_awaited,
)
_LIVES = differing(
    "lot.available_at",
    "PTS-5",
    "Points become available after they were earned and before they expire.",
    of=tables.lots,
    ids=_lot,
    stored=_l.available_at,
    counted=_l.expires_at,
    wrong=or_(_l.available_at <= _l.earned_at, _l.available_at >= _l.expires_at),
)
_OPENED = differing(
    "lot.opened_until",
    "PTS-6",
    "Points that live by activity live no shorter than when they were opened; others have no term of it.",
    of=tables.lots,
    ids=_lot,
    stored=_l.expires_at,
    counted=_l.opened_until,
    wrong=or_(_l.expires_at < _l.opened_until, and_(_l.idle.is_(null()), _l.opened_until.is_not(null()))),
)
_last_active = counting(
    {"account_id": _e.account_id, "unit": _e.unit},
    {"at": func.max(_e.effective_at)},
    _e.kind.in_([kind.value for kind in ACTIVITY]),
)
_ACTIVE = differing(
    "wallet.activity_at",
    "PTS-6",
    "A wallet's last activity is the last of its entries that is some.",
    of=tables.wallets.join(_last_active, there(tables.wallets, _last_active, account_id="account_id", unit="unit")),
    ids=_wallet,
    stored=_w.activity_at,
    counted=_last_active.c.at,
    wrong=_w.activity_at != _last_active.c.at,
)
_ENTRYS_WALLET = differing(
    "lot.wallet",
    "PTS-7",
    "A lot is in the wallet of the entry that opened it.",
    of=tables.lots.join(tables.entries, there(tables.lots, tables.entries, entry_id="id")),
    ids=_lot,
    stored=_l.account_id,
    counted=_e.account_id,
    wrong=or_(_l.account_id != _e.account_id, _l.unit != _e.unit),
)
_SLICES_WALLET = differing(
    "slice.wallet",
    "PTS-7",
    "An entry takes from lots of its own wallet.",
    of=tables.slices.join(tables.entries, there(tables.slices, tables.entries, entry_id="id")).join(
        tables.lots, there(tables.slices, tables.lots, lot_id="id")
    ),
    ids={"entry": _s.entry_id, "lot": _s.lot_id},
    stored=_l.account_id,
    counted=_e.account_id,
    wrong=or_(_l.account_id != _e.account_id, _l.unit != _e.unit),
)

_with_lots = tables.wallets.outerjoin(_left_in, there(tables.wallets, _left_in, account_id="account_id", unit="unit"))
_TOTAL = differing(
    "wallet.remaining",
    "PTS-16",
    "What remains in a wallet is what remains in its lots.",
    of=_with_lots,
    ids=_wallet,
    stored=_w.remaining,
    counted=summed(_left_in.c.remaining),
)
_HELD = differing(
    "wallet.held",
    "PTS-9",
    "What is held of a wallet is what is held of its lots.",
    of=_with_lots,
    ids=_wallet,
    stored=_w.held,
    counted=summed(_left_in.c.held),
)
_WAITS = differing(
    "wallet.pending",
    "PTS-5",
    "What is pending in a wallet is what remains in its pending lots.",
    of=_with_lots,
    ids=_wallet,
    stored=_w.pending,
    counted=summed(_left_in.c.pending),
)
_RESERVED = differing(
    "lot.held",
    "PTS-9",
    "What is held of a lot is what open holds say.",
    of=tables.lots.outerjoin(_reserved_of, there(tables.lots, _reserved_of, id="lot_id")),
    ids=_lot,
    stored=_l.held,
    counted=summed(_reserved_of.c.points),
)
_DEADLINE = differing(
    "wallet.next_deadline",
    "COM-8",
    "A wallet's next change is no later than the first deadline of its open holds.",
    of=tables.wallets.join(_deadline, there(tables.wallets, _deadline, account_id="account_id", unit="unit")),
    ids=_wallet,
    stored=_w.next_change,
    counted=_deadline.c.until,
    wrong=_w.next_change > _deadline.c.until,
)
_ENTRIES = differing(
    "wallet.entries",
    "PTS-16",
    "A wallet's entries add up to what remains, less its debt.",
    of=tables.wallets.outerjoin(_moved_in, there(tables.wallets, _moved_in, account_id="account_id", unit="unit")),
    ids=_wallet,
    stored=_w.remaining - _w.debt,
    counted=summed(_moved_in.c.points),
)
_DEBT = differing(
    "wallet.debt",
    "PTS-10",
    "Debt is not negative, and while there is debt nothing is available.",
    of=tables.wallets,
    ids=_wallet,
    stored=_w.debt,
    counted=_w.remaining - _w.held - _w.pending,
    wrong=or_(_w.debt < 0, and_(_w.debt > 0, _w.remaining > _w.held + _w.pending)),
)
_LATE = differing(
    "wallet.next_change",
    "COM-8",
    "A wallet's next change is no later than the first of its lots expires.",
    of=tables.wallets.join(_soonest, there(tables.wallets, _soonest, account_id="account_id", unit="unit")),
    ids=_wallet,
    stored=_w.next_change,
    counted=_soonest.c.expires_at,
    wrong=_w.next_change > _soonest.c.expires_at,
)


_ARRIVES = differing(
    "wallet.next_available",
    "COM-8",
    "A wallet's next change is no later than the first of its pending points become available.",
    of=tables.wallets.join(_waiting, there(tables.wallets, _waiting, account_id="account_id", unit="unit")),
    ids=_wallet,
    stored=_w.next_change,
    counted=_waiting.c.available_at,
    wrong=_w.next_change > _waiting.c.available_at,
)


_BUSINESS_DAY = days_of(
    tables.entries, "entry", _e.effective_at, "An entry's business day is the club's local day when it took effect."
)

CHECKS: Sequence[Check] = (
    _PARTS,
    _SIGN,
    _HEADER,
    _CLUB,
    _TRANSFER,
    _MERGE,
    _BUSINESS_DAY,
    _REMAINING,
    _BOUNDS,
    _OPEN,
    _PENDING,
    _LIVES,
    _OPENED,
    _ACTIVE,
    _ENTRYS_WALLET,
    _SLICES_WALLET,
    _TOTAL,
    _HELD,
    _WAITS,
    _RESERVED,
    _ENTRIES,
    _DEBT,
    _LATE,
    _ARRIVES,
    _DEADLINE,
)
