"""A contract's facts (CON): what was signed, paid, frozen and cancelled. Its status on a day is computed from them."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

from attrs import frozen

from memberlogic.amounts import Money
from memberlogic.contracts.rates import RateVersion
from memberlogic.ids import ContractId, CoverageId, FreezeId, GiftId, MemberId, NoteId, PaymentId
from memberlogic.organizations.model import Studio

__all__ = [
    "FINAL",
    "FOLLOWED",
    "IN_FORCE",
    "Cancellation",
    "CancellationKind",
    "Contract",
    "ContractStatus",
    "Coverage",
    "Freeze",
    "Gift",
    "Payment",
]


class ContractStatus(Enum):
    """What a contract is on a day."""

    ON_HOLD = "on_hold"
    PENDING = "pending"
    ACTIVE = "active"
    FROZEN = "frozen"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


FINAL = frozenset({ContractStatus.CANCELLED, ContractStatus.EXPIRED})
"""What nothing leaves by waiting."""

IN_FORCE = frozenset({ContractStatus.ACTIVE, ContractStatus.FROZEN})


@frozen(kw_only=True)
class Coverage:
    """A member on a contract, its holder or covered beside, ``[since, until)``; until it ends where there is none."""

    id: CoverageId
    member: MemberId
    holder: bool
    since: date
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@frozen(kw_only=True)
class Payment:
    """A payment towards the initial fee, as the host was told of it. It counts from ``paid_on`` until reversed."""

    id: PaymentId
    paid_on: date
    amount: Money
    reference: str | None = None
    reversed_on: date | None = None

    def counts_on(self, day: date) -> bool:
        """Whether it counts on a day."""
        return self.paid_on <= day and (self.reversed_on is None or day < self.reversed_on)


@frozen(kw_only=True)
class Freeze:
    """A freeze ``[since, until)`` as it was filed; ``until`` is None where it is open-ended.

    ``ended`` is the day on which it was made to end instead; the same day as ``since`` if it was withdrawn.
    """

    id: FreezeId
    since: date
    until: date | None
    reason: str
    filed_on: date
    ended: date | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether it never began."""
        return self.ended == self.since

    @property
    def end(self) -> date | None:
        """The end by what was filed; limits, the term and a cancellation may end it before."""
        return self.until if self.ended is None else self.ended


@frozen(kw_only=True)
class Gift:
    """Days that the club gave on a day: every later end of a term moves by them, and nobody is frozen for it."""

    id: GiftId
    given_on: date
    days: int
    reason: str
    taken_back_on: date | None = None
    """When it was taken back; it counts as never given then."""


class CancellationKind(Enum):
    """Why a contract ends by what was filed."""

    ORDINARY = "ordinary"
    EXTRAORDINARY = "extraordinary"
    WITHDRAWN = "withdrawn"
    """Within the cooling-off time: the contract counts as never in force (CON-10)."""
    NEVER_PAID = "never_paid"
    """A draft that was never fully paid."""
    LAPSED = "lapsed"
    """A draft that lay on hold for too long (CON-2)."""
    SWITCHED = "switched"
    TRANSFERRED = "transferred"


FOLLOWED = frozenset({CancellationKind.SWITCHED, CancellationKind.TRANSFERRED})
"""Cancellations with which another contract follows: nobody left (CON-12)."""

BY_NOTICE = frozenset({CancellationKind.ORDINARY, CancellationKind.EXTRAORDINARY})
"""Cancellations that a member files."""


@frozen(kw_only=True)
class Cancellation:
    """The cancellation on file: from ``effective_on`` on the contract is CANCELLED."""

    kind: CancellationKind
    reason: str
    received_on: date
    filed_on: date
    effective_on: date
    note: NoteId | None = None


@frozen(kw_only=True)
class Contract:
    """One sale of a rate to one or more members at a studio. Days are the studio's (COM-3)."""

    id: ContractId
    rates: tuple[RateVersion, ...]
    """The version it was sold on, and those that it switches to at the end of a term, as they were on sale then."""
    studio: Studio
    signed_on: date
    start_on: date
    coverage: tuple[Coverage, ...]
    payments: tuple[Payment, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    gifts: tuple[Gift, ...] = ()
    cancellation: Cancellation | None = None
    begins_on: date | None = None
    """Where it took over from a contract at another studio: the day from which on it has a status (CON-12)."""
    switch_fee: Money | None = None
    """Where it came by a switch: what is owed in the place of the rate's initial fee."""
    predecessor: ContractId | None = None
    """The contract that it follows, by a switch or a transfer."""
    successor: ContractId | None = None
    """The contract that follows it, or will as soon as the fee of a switch is paid."""
    announced_to: date
    """Up to which day, inclusive, its changes of status were announced (CON-16)."""
    effective_at: datetime
    version: int = 0

    @property
    def rate(self) -> RateVersion:
        """The version that it was sold on."""
        return self.rates[0]

    @property
    def first_day(self) -> date:
        """The first day on which it has a status."""
        return self.signed_on if self.begins_on is None else self.begins_on

    @property
    def fee(self) -> Money | None:
        """What is to be paid before it is in force."""
        return self.rate.terms.initial_fee if self.switch_fee is None else self.switch_fee

    @property
    def members(self) -> tuple[MemberId, ...]:
        """Everybody who is or was on it, in order of their ids."""
        return tuple(sorted({each.member for each in self.coverage}))

    def covered_on(self, day: date) -> tuple[Coverage, ...]:
        """Who is on it on a day, the holder first."""
        return tuple(sorted((each for each in self.coverage if day in each), key=lambda each: not each.holder))

    def paid_on(self, day: date) -> int:
        """What of the initial fee was paid by a day, in its smallest unit."""
        return sum(each.amount.minor for each in self.payments if each.counts_on(day))

    def paid_in_full_by(self, day: date) -> bool:
        """Whether the initial fee was paid in full on some day up to this one, if only for a day."""
        days = (self.signed_on, *(each.paid_on for each in self.payments))
        return any(self.owed_on(each) <= 0 for each in days if each <= day)

    def owed_on(self, day: date) -> int:
        """What of the initial fee is not paid by a day."""
        fee = self.fee
        return 0 if fee is None else fee.minor - self.paid_on(day)
