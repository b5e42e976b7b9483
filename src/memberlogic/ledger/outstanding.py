"""PTS-16, PTS-17: what a club owes its members in points now, how that came about, and what of it will expire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.ids import ClubId
from memberlogic.inputs import an_id, an_instant, code, optional, to_utc_or_none
from memberlogic.ledger.model import Entry, EntryKind, Terms, Wallet
from memberlogic.ledger.stating import Expiring, upcoming
from memberlogic.outcomes import Because, Explanation

__all__ = [
    "KindTotal",
    "OfClubsUnit",
    "OfKinds",
    "Outstanding",
    "OutstandingFacts",
    "left_free",
    "outstanding",
]


@frozen(kw_only=True)
class OfClubsUnit:
    """A unit of a club."""

    club: ClubId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen
class KindTotal:
    """All entries of a kind: how many, and their signed points."""

    kind: EntryKind
    entries: int
    points: int


@frozen(kw_only=True)
class OfKinds:
    """What entries of each kind come to, and what that means."""

    kinds: tuple[KindTotal, ...]

    def total(self, *kinds: EntryKind) -> int:
        """The signed points of all entries of some kinds."""
        return sum(each.points for each in self.kinds if each.kind in kinds)

    @property
    def issued(self) -> int:
        """What was earned, awarded and credited."""
        return self.total(EntryKind.EARN, EntryKind.AWARD, EntryKind.CREDIT)

    @property
    def redeemed(self) -> int:
        """What was spent: redeemed or captured."""
        return -self.total(EntryKind.REDEEM, EntryKind.CAPTURE)

    @property
    def expired(self) -> int:
        """What is gone, less what lives again."""
        return -self.total(EntryKind.EXPIRE, EntryKind.REINSTATE)


@frozen(kw_only=True)
class OutstandingFacts:
    """What is counted of a club."""

    wanted: OfClubsUnit
    terms: Terms
    kinds: Sequence[KindTotal]
    free: Sequence[tuple[datetime | None, int]]
    """What no hold reserves now, by when it expires; what has expired and nobody wrote down among it."""
    debt: int
    pending: int = 0
    """What is not available yet at now, all of it among ``free``."""
    owing: Sequence[Wallet] = ()
    """The wallets that owe something and in which something has fallen due that nobody wrote down."""
    unwritten: Sequence[Entry] = ()
    """What settling these comes to."""


@frozen(kw_only=True)
class Outstanding(OfKinds):
    """A club's points at an instant: ``outstanding`` is what remains less what is owed, and the sum of all kinds."""

    club: ClubId
    unit: Unit
    at: datetime
    outstanding: int
    available: int
    held: int
    debt: int
    expiring: tuple[Expiring, ...]
    """What will expire as things stand now, by day; pending points among it."""
    pending: int = 0
    """What cannot be spent yet (PTS-5)."""

    @property
    def restored(self) -> int:
        """What was spent on purchases that were returned, and came back (PTS-10)."""
        return self.total(EntryKind.RESTORE)

    @property
    def taken_back(self) -> int:
        """What returned purchases had earned, and was taken back (PTS-10)."""
        return -self.total(EntryKind.RETURN)

    @property
    def transferred(self) -> int:
        """What left accounts for others; by a factor something else may have arrived."""
        return -self.total(EntryKind.TRANSFER_OUT)

    @property
    def expiring_by_month(self) -> tuple[Expiring, ...]:
        """What will expire, by month: the first day of each."""
        months = groupby(self.expiring, lambda each: each.day.replace(day=1))
        return tuple(Expiring(month, sum(each.points for each in days)) for month, days in months)

    @property
    def never_expiring(self) -> int:
        """What nobody holds and never expires; pending points among it."""
        return self.available + self.pending - sum(each.points for each in self.expiring)

    def expiring_in(self, month: date) -> int:
        """What will expire in the month that contains a day."""
        first = month.replace(day=1)
        return sum(each.points for each in self.expiring_by_month if each.day == first)

    def explain(self) -> Explanation:
        """Kind by kind how it came about."""
        return Explanation(
            f"{self.outstanding} {self.unit} are outstanding; {self.available} of them available, {self.held} held"
            f"{f', {self.pending} pending' if self.pending else ''}.",
            tuple(
                Because("PTS-16", f"kind.{each.kind.value}", {"entries": each.entries, "points": each.points})
                for each in self.kinds
            ),
        )


def outstanding(facts: OutstandingFacts, now: datetime) -> Outstanding:
    """The figures, with expiry by the clock: what has expired counts as expired, whoever writes it down; and so does
    debt that was settled by what became free, and what became available.
    """
    settled = _settled(facts.owing, facts.unwritten)
    debt = facts.debt - sum(settled.values())
    left = left_free(facts)
    gone = sum(points for at, points in left if at is not None and at <= now)
    free = [(at, points) for at, points in left if at is None or at > now]
    stored = sum(each.points for each in facts.kinds)
    available = sum(points for _, points in free) - facts.pending
    return Outstanding(
        club=facts.wanted.club,
        unit=facts.wanted.unit,
        at=now,
        outstanding=stored - gone,
        available=available,
        held=stored + debt - gone - available - facts.pending,
        debt=debt,
        kinds=_with_gone(facts.kinds, gone),
        expiring=upcoming(free, facts.terms),
        pending=facts.pending,
    )


def left_free(facts: OutstandingFacts) -> list[tuple[datetime | None, int]]:
    """What no hold reserves, by when it expires, less what settled debt and nobody wrote down."""
    settled = _settled(facts.owing, facts.unwritten)
    return [(at, points - settled.get(at, 0)) for at, points in facts.free]


def _settled(owing: Iterable[Wallet], unwritten: Iterable[Entry]) -> Mapping[datetime | None, int]:
    """What settled debt and nobody wrote down, by when it would have expired."""
    until = {lot.id: lot.expires_at for wallet in owing for lot in wallet.lots}
    found: Counter[datetime | None] = Counter()
    for taken in (taken for each in unwritten if each.kind is EntryKind.SETTLE for taken in each.slices):
        found[until[taken.lot]] -= taken.points
    return found


def _with_gone(kinds: Iterable[KindTotal], gone: int) -> tuple[KindTotal, ...]:
    """The totals, in the order of kinds, with what has expired and nobody wrote down."""
    known = {each.kind: each for each in kinds}
    if gone:
        expired = known.get(EntryKind.EXPIRE, KindTotal(EntryKind.EXPIRE, 0, 0))
        known[EntryKind.EXPIRE] = KindTotal(EntryKind.EXPIRE, expired.entries, expired.points - gone)
    return tuple(known[kind] for kind in EntryKind if kind in known)
