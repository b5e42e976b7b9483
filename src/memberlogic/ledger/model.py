"""The ledger's facts: wallets, lots, entries, and the terms that a club sets for a unit.

Entries say what happened, lots say which points are still there and until when. Entries are append-only; a lot comes
from one crediting entry, a debiting entry names the lots it took from.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import get_args
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import LONGEST_MONTHS, CalendarPeriod, Term
from memberlogic.converting import tagged
from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, AdjustmentId, ClubId, EntryId, HoldId, LotId, MemberId
from memberlogic.inputs import a_zone, an_id, as_tuple, code, describe, instance, optional, whole
from memberlogic.members import MemberState
from memberlogic.outcomes import Because
from memberlogic.warning import lead_times

__all__ = [
    "AccountState",
    "AdjustingPolicy",
    "Adjustment",
    "AdjustmentState",
    "After",
    "Arrivals",
    "Entry",
    "EntryKind",
    "Expiry",
    "FixedDay",
    "Hold",
    "HoldState",
    "Holder",
    "Inactivity",
    "Lot",
    "Maximum",
    "Move",
    "Never",
    "Order",
    "Shortfall",
    "Slice",
    "Terms",
    "TransferPolicy",
    "Wallet",
    "WalletId",
]


class AccountState(Enum):
    """Whether an account's wallets may move (PTS-1)."""

    OPEN = "open"
    BLOCKED = "blocked"
    CLOSED = "closed"


class EntryKind(Enum):
    """What an entry was for."""

    CREDIT = "credit"
    EARN = "earn"
    AWARD = "award"
    """Points for an event other than a purchase (PTS-4)."""
    REDEEM = "redeem"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    MERGE_OUT = "merge_out"
    """Everything left, debt too, for the account with which this one became one (MEM-17)."""
    MERGE_IN = "merge_in"
    """What another account brought that became one with this, with its dates (MEM-17)."""
    CAPTURE = "capture"
    EXPIRE = "expire"
    AVAILABLE = "available"
    """Pending points became available: none came in or went out, but what settled debt of them left its lots."""
    RESTORE = "restore"
    """Points spent on a purchase that was returned came back (PTS-10)."""
    RETURN = "return"
    """Points that a returned purchase had earned were taken back (PTS-10)."""
    SETTLE = "settle"
    """Points that became free settled debt: nothing in all, as they leave lots and debt alike (PTS-10)."""
    ADJUST = "adjust"
    WRITE_OFF = "write_off"
    REINSTATE = "reinstate"
    """Points that had expired live again (PTS-14, COM-21)."""
    REVERSE = "reverse"
    """What another entry did is taken or given back (PTS-14)."""


class HoldState(Enum):
    """What became of a hold (PTS-9)."""

    OPEN = "open"
    CAPTURED = "captured"
    RELEASED = "released"
    LAPSED = "lapsed"


class AdjustmentState(Enum):
    """What became of an adjustment (PTS-14)."""

    WAITING = "waiting"
    """A second person has to approve it; it has had no effect."""

    POSTED = "posted"
    """It is in the ledger."""

    REJECTED = "rejected"
    """It never will be."""


class Arrivals(Enum):
    """Until when transferred points live: as long as they would have (KEEP), or by the club's expiry policy from the
    day of the transfer (NEW).
    """

    KEEP = "keep"
    NEW = "new"


class Shortfall(Enum):
    """What becomes of points that have to be taken back and are not there (PTS-10): owed, and settled by the next that
    come in (DEBT), or let go (CLAMP).
    """

    DEBT = "debt"
    CLAMP = "clamp"


@frozen
class Never:
    """Points that do not expire (PTS-6)."""


@frozen
class After:
    """Points expire a term after the business day they were earned on: spendable while ``now`` is before the start of
    (day + term), rounded up to the end of the period of the calendar that contains that day, if asked (PTS-6).
    """

    term: Term = field(validator=instance(Term, "a term"))
    to_end_of: CalendarPeriod | None = field(
        default=None, validator=optional(instance(CalendarPeriod, "month, quarter or year"))
    )

    def __attrs_post_init__(self) -> None:
        if self.to_end_of in (CalendarPeriod.DAY, CalendarPeriod.WEEK):
            raise InvalidInput(path="to_end_of", expected="month, quarter or year", got=self.to_end_of.value)


@frozen(kw_only=True)
class FixedDay:
    """Points expire on a day of the year, all together: at the start of the first such day after (the business day they
    were earned on + ``minimum_life``). 29 February is the 28th in common years (PTS-6).
    """

    month: int = field(validator=whole(least=1, most=12))
    day: int = field(validator=whole(least=1, most=31))
    minimum_life: Term = field(validator=instance(Term, "a term"))

    def __attrs_post_init__(self) -> None:
        longest = LONGEST_MONTHS[self.month - 1]
        if self.day > longest:
            raise InvalidInput(path="day", expected=f"a day of that month, 1 to {longest}", got=str(self.day))


@frozen
class Inactivity:
    """Points expire after a term without activity: at the start of (the later of the business days of the wallet's last
    activity and of their own arrival, + term). Earning, redeeming and capturing are activity (PTS-6).
    """

    term: Term = field(validator=instance(Term, "a term"))


Expiry = Never | After | FixedDay | Inactivity
tagged(Expiry)

an_expiry = instance(get_args(Expiry), "never, after a term, on a fixed day or by inactivity")
"""A validator for expiry policies."""


class Order(Enum):
    """In which order lots are used up (PTS-7): what expires soonest first, never-expiring last, among equals what was
    earned earliest; or what was earned earliest first, among equals what expires soonest. Then by id.
    """

    SOONEST_EXPIRY = "soonest_expiry"
    OLDEST_FIRST = "oldest_first"


@frozen
class Maximum:
    """At most so many points in each period of the calendar, in the club's zone."""

    points: int = field(validator=whole(least=1))
    per: CalendarPeriod = field(validator=instance(CalendarPeriod, "a period of the calendar"))


def _factor(_: object, __: object, value: object) -> None:
    if not isinstance(value, Fraction) or not 0 < value <= 1000 or value.denominator > 1_000_000:
        expected = "a fraction above 0 and at most 1000, in millionths at the finest"
        raise InvalidInput(path="factor", expected=expected, got=describe(value))


@frozen(kw_only=True)
class TransferPolicy:
    """What a club says of transfers (PTS-11)."""

    allowed: bool = field(default=True, validator=instance(bool, "true or false"))
    minimum: int = field(default=1, validator=whole(least=1))
    multiples: int = field(default=1, validator=whole(least=1))
    maximum: Maximum | None = field(default=None, validator=optional(instance(Maximum, "a maximum")))
    factor: Fraction = field(default=Fraction(1), validator=_factor)
    arrivals: Arrivals = field(default=Arrivals.KEEP, validator=instance(Arrivals, "keep or new"))


@frozen(kw_only=True)
class AdjustingPolicy:
    """What a club says of adjustments by its staff (PTS-14)."""

    limit: int | None = field(default=None, validator=optional(whole(least=0)))
    """How many points, up and down together, a member of staff may adjust alone on a business day; what would go
    beyond them waits for a second person. None: as many as there are.
    """


@frozen(kw_only=True)
class Terms:
    """What a club says of one unit: where its days begin, how long points live, whether they may be transferred, and
    which of them are used up first.
    """

    zone: ZoneInfo = field(validator=a_zone)
    expiry: Expiry = field(default=Never(), validator=an_expiry)
    transfer: TransferPolicy = field(default=TransferPolicy(), validator=instance(TransferPolicy, "a transfer policy"))
    grace: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """Points that come back live at least so long from then; as long as they would have, if None (PTS-10)."""
    shortfall: Shortfall = field(default=Shortfall.DEBT, validator=instance(Shortfall, "debt or clamp"))
    warnings: tuple[Term, ...] = field(default=(), converter=as_tuple, validator=lead_times)
    """How long before a day of expiry the holders are told, once for each (PTS-13)."""
    order: Order = field(default=Order.SOONEST_EXPIRY, validator=instance(Order, "soonest_expiry or oldest_first"))
    adjusting: AdjustingPolicy = field(
        default=AdjustingPolicy(), validator=instance(AdjustingPolicy, "an adjusting policy")
    )
    reinstating: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """For how long after they expired points can be revived, for the grace term; not at all if None (PTS-14)."""


@frozen(cache_hash=True)
class WalletId:
    """An account's wallet for one unit."""

    account: AccountId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))

    def __lt__(self, other: WalletId) -> bool:
        # By hand: thousands are sorted in one command, and comparing whole ids costs several times as much.
        return (self.account.int, self.unit) < (other.account.int, other.unit)


@frozen
class Slice:
    """So many points of one lot: below zero taken from it, above zero given back."""

    lot: LotId
    points: int


@frozen(kw_only=True)
class Lot:
    """Points that arrived together and live until the same instant."""

    id: LotId
    amount: int
    """How many arrived."""
    remaining: int
    """How many have not been spent, transferred or expired; held ones among them."""
    held: int = 0
    """How many of them a hold reserves."""
    earned_at: datetime
    expires_at: datetime | None
    """Spendable while ``now`` is before this instant; None if they never expire."""
    origin: LotId | None = None
    """The lot in which these points first arrived, if they came back with another expiry than it has (PTS-10)."""

    available_at: datetime | None = None
    """Since when they can be spent; None if they could at once (PTS-5)."""
    pending: bool = False
    """Whether no entry says yet that they are available."""
    idle: Term | None = None
    """The term without activity after which they expire, if they live by activity: each moves their expiry (PTS-6)."""

    @property
    def free(self) -> int:
        """How many can be spent: they are not pending, and nobody reserves them."""
        return 0 if self.pending else self.remaining - self.held

    @property
    def unreserved(self) -> int:
        """How many nobody reserves, pending or not."""
        return self.remaining - self.held

    def due(self, now: datetime) -> bool:
        """Whether there is something here that has expired by ``now``."""
        return self.expires_at is not None and self.expires_at <= now and self.free > 0


@frozen(kw_only=True)
class Hold:
    """Points that are reserved until a deadline (PTS-9): slices of lots, above zero."""

    id: HoldId
    wallet: WalletId
    slices: tuple[Slice, ...]
    until: datetime
    """Reserved while ``now`` is before this instant."""
    state: HoldState = HoldState.OPEN
    captured: int = 0
    """How many of the points were captured."""
    held_at: datetime
    resolved_at: datetime | None = None
    """Since when it is captured, released or lapsed."""
    actor: str
    reason: str | None = None
    reference: str | None = None

    @property
    def points(self) -> int:
        """How many points were reserved."""
        return sum(each.points for each in self.slices)


@frozen(kw_only=True)
class Adjustment:
    """Points that staff adds to a wallet or takes from it (PTS-14): in the ledger, or waiting for a second person."""

    id: AdjustmentId
    wallet: WalletId
    club: ClubId
    points: int
    """Signed: above zero what is added, below zero what is taken."""
    reason: str
    reference: str | None = None
    expires_at: datetime | None = None
    """The expiry that was named; None if the club's policy says it."""
    state: AdjustmentState
    asked_by: str
    """The actor who adjusts."""
    asked_at: datetime
    business_day: date
    """The club's day on which it was posted; on which it was asked for, if it was not."""
    turn: int | None = None
    """The how-manieth this is that its member of staff adjusts alone on the day, where a limit counts them."""
    entry: EntryId | None = None
    """None unless it is posted."""
    resolved_by: str | None = None
    """Who approved or rejected it; None if nobody had to."""
    resolved_at: datetime | None = None


@frozen(kw_only=True)
class Entry:
    """One movement of one wallet, as it will be read for ever (PTS-18)."""

    id: EntryId
    wallet: WalletId
    club: ClubId
    scheme: str
    kind: EntryKind
    amount: int
    """Signed: above zero what came in, below zero what went out."""
    debt: int = 0
    """The part of the amount that settled debt (above zero) or became debt (below zero)."""
    slices: tuple[Slice, ...] = ()
    """What it took from lots or gave back to them."""
    opened: tuple[Lot, ...] = ()
    """The lots it opened."""
    business_day: date
    effective_at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None = None
    reference: str | None = None
    counterpart: AccountId | None = None
    """The other account of a transfer."""
    corrects: EntryId | None = None
    """The entry of which this one takes something back or gives something back."""
    because: tuple[Because, ...] = ()


@frozen
class Holder:
    """A member who holds an account, and their account state."""

    member: MemberId
    state: MemberState


@frozen
class Move:
    """What a command is about to do with a wallet: ``takes`` is how many points have to be found in its lots."""

    wallet: WalletId
    takes: int = 0


@frozen(kw_only=True)
class Wallet:
    """A wallet as a command sees it: totals, and the lots in order of consumption (PTS-7) as far as they matter."""

    id: WalletId
    club: ClubId
    scheme: str
    state: AccountState
    holders: tuple[Holder, ...]
    terms: Terms
    remaining: int
    """Points in all lots, held and pending ones among them."""
    held: int
    pending: int = 0
    """Points that are held back for a term (PTS-5)."""
    debt: int
    lots: tuple[Lot, ...]
    """What is due, and the first lots worth the points asked for; not necessarily all."""
    all_lots: bool
    """Whether ``lots`` are all that have anything left; always so while something is held or pending, and
    where points live by activity.
    """
    holds: tuple[Hold, ...] = ()
    """The open holds, in order of their deadlines."""
    idle: tuple[Term, ...] = ()
    """The terms of all its lots that live, or lived, by activity."""
    activity_at: datetime | None = None
    """When it was last earned, redeemed or captured; kept only where points live, or lived, by it."""
    followed: tuple[datetime, ...] = ()
    """The activity that followed one that this unit records late: with it, it may move expiries that it had not."""
    next_change: datetime | None
    """No later than the next instant at which something here changes by itself; None if nothing will."""
    next_warning: datetime | None = None
    """No later than the next moment at which somebody may have to be warned (PTS-13); None if nobody will."""
    next_review: datetime | None = None
    """When the account's scheme is next reviewed; None if it is not (SCH-6)."""
    effective_at: datetime
    """The last instant at which something took effect on the account."""
    version: int

    @property
    def available(self) -> int:
        """What can be spent; true of a settled wallet (COM-8)."""
        return self.remaining - self.held - self.pending

    def holder(self, member: MemberId) -> Holder | None:
        """The holder with this member id, if the member is one."""
        return next((holder for holder in self.holders if holder.member == member), None)
