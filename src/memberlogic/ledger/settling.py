"""COM-8: bringing a wallet to now. Every command settles first and then decides; queries settle in memory; the jobs
settle what nobody touched. So when or how often jobs run changes no fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from attrs import field, frozen

from memberlogic.errors import InvalidInput
from memberlogic.events import OfItself
from memberlogic.ids import NewId
from memberlogic.inputs import an_instant, as_tuple, optional, sequence_of, to_utc_or_none
from memberlogic.ledger import expiring, holding, owing, withholding
from memberlogic.ledger.model import Entry, Hold, Move, Wallet, WalletId
from memberlogic.ledger.ports import LedgerWork
from memberlogic.ledger.posting import rescheduled
from memberlogic.ledger.withholding import arrivals
from memberlogic.outcomes import Outcome

__all__ = [
    "FellDue",
    "Settle",
    "SettleMoving",
    "SettleViewing",
    "Settled",
    "settle",
    "settle_all",
    "settle_moving",
    "settle_viewing",
]


@frozen(kw_only=True)
class Settle:
    """Settle these wallets."""

    wallets: tuple[WalletId, ...] = field(
        converter=as_tuple, validator=sequence_of(WalletId, "a WalletId", least=1, most=1000)
    )
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    """Only what was due by then (inclusive); everything due by now if None."""

    def __attrs_post_init__(self) -> None:
        if len(set(self.wallets)) == len(self.wallets):
            return
        for index, wallet in enumerate(self.wallets):
            if wallet in self.wallets[:index]:
                raise InvalidInput(path=f"wallets[{index}]", expected="each wallet once", got="one that came before")

    def until(self, now: datetime) -> datetime:
        """Up to which instant to settle; never beyond now."""
        return now if self.as_of is None else min(self.as_of, now)

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallets move."""
        return tuple(Move(wallet) for wallet in self.wallets)


@frozen(kw_only=True)
class Settled:
    """How many wallets had something due, and how many entries that came to."""

    wallets: int
    entries: int


@frozen(kw_only=True)
class FellDue:
    """What has to be written beside the entries: the wallets that changed, the holds that ran out, their events."""

    wallets: tuple[Wallet, ...]
    holds: tuple[Hold, ...]
    events: tuple[OfItself, ...]


def settle(
    wallet: Wallet, now: datetime, new_id: NewId, *, recorded_at: datetime | None = None
) -> Outcome[Wallet, Entry, tuple[Hold, ...]]:
    """Everything that fell due by ``now``, in order of the instants at which it did, each stamped with its own: at the
    same instant holds that ran out, pending points (what either frees settles debt), then expiry. The result is the
    holds that ran out.

    Entries say when they were written down: ``recorded_at``, now unless it is settled for a past instant.

    Settling twice, or in steps, gives the same wallet as settling once; a wallet to which nothing happened is
    answered as it is.
    """
    if wallet.next_change is None or wallet.next_change > now:
        return Outcome(wallet, (), ())
    entries: list[Entry] = []
    lapsed: list[Hold] = []
    freed_at = None
    written = recorded_at or now
    for instant in sorted({each.until for each in wallet.holds if each.until <= now} | arrivals(wallet, now)):
        outcome = expiring.expire(wallet, now, new_id, written, freed_at=freed_at, before=instant)
        wallet, entries = outcome.facts, [*entries, *outcome.events]
        for hold in (each for each in wallet.holds if each.until == instant):
            wallet, resolved = holding.lapse(wallet, hold)
            lapsed.append(resolved)
            freed_at = instant
        for frees in (owing.settle_debt, withholding.become_available, owing.settle_debt):
            outcome = frees(wallet, instant, new_id, written)
            wallet, entries = outcome.facts, [*entries, *outcome.events]
    outcome = expiring.expire(wallet, now, new_id, written, freed_at=freed_at)
    return Outcome(rescheduled(outcome.facts, now), (*entries, *outcome.events), tuple(lapsed))


def settle_all(
    wallets: Sequence[Wallet], now: datetime, new_id: NewId, *, recorded_at: datetime | None = None
) -> Outcome[tuple[Wallet, ...], Entry, FellDue]:
    """Several wallets settled; the result is what changed."""
    outcomes = [settle(each, now, new_id, recorded_at=recorded_at) for each in wallets]
    settled = tuple(outcome.facts for outcome in outcomes)
    fell_due = FellDue(
        wallets=tuple(after for before, after in zip(wallets, settled, strict=True) if after is not before),
        holds=tuple(hold for outcome in outcomes for hold in outcome.result),
        events=tuple(
            event
            for wallet, outcome in zip(settled, outcomes, strict=True)
            for event in holding.lapses(wallet, outcome.result)
        ),
    )
    return Outcome(settled, tuple(entry for outcome in outcomes for entry in outcome.events), fell_due)


def settle_moving(
    uow: LedgerWork, moves: Sequence[Move], new_id: NewId, until: datetime | None = None
) -> Outcome[tuple[Wallet, ...], Entry, FellDue]:
    """Load, lock and settle wallets inside a unit of work, to now or to an instant before it: what fell due is queued
    with the command's own entries.
    """
    wallets = uow.wallets.moving(moves)
    outcome = settle_all(wallets, until or uow.now, new_id, recorded_at=uow.now)
    uow.wallets.post(outcome.result.wallets, outcome.events, outcome.result.holds)
    uow.put(outcome.result.events)
    return outcome


class SettleMoving(Protocol):
    """What settles before a command of the ledger decides: :func:`settle_moving`, or what a higher room puts in its
    place because more falls due with an account than its wallets know. The unit of work is that room's.
    """

    def __call__(
        self, uow: Any, moves: Sequence[Move], new_id: NewId, until: datetime | None = None
    ) -> Outcome[tuple[Wallet, ...], Entry, FellDue]:
        """Settle, and queue what that came to."""
        ...


def settle_viewing(
    uow: LedgerWork, wallets: Sequence[Wallet], new_id: NewId, until: datetime | None = None
) -> Outcome[tuple[Wallet, ...], Entry, FellDue]:
    """Settle wallets in memory, to now or to an instant before it; nothing is queued."""
    return settle_all(wallets, until or uow.now, new_id, recorded_at=uow.now)


class SettleViewing(Protocol):
    """What settles before a query of the ledger answers: :func:`settle_viewing`, or what a higher room puts in its
    place, so that what a query says is what a command would write.
    """

    def __call__(
        self, uow: Any, wallets: Sequence[Wallet], new_id: NewId, until: datetime | None = None
    ) -> Outcome[tuple[Wallet, ...], Entry, FellDue]:
        """Settle in memory."""
        ...
