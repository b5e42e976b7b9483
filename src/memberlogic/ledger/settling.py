"""COM-8: bringing a wallet to now. Every command settles first and then decides; queries settle in memory; the jobs
settle what nobody touched. So when or how often jobs run changes no fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from memberlogic.ids import NewId
from memberlogic.inputs import as_tuple, sequence_of
from memberlogic.ledger import expiring
from memberlogic.ledger.model import Entry, Move, Wallet, WalletId
from memberlogic.ledger.posting import rescheduled
from memberlogic.outcomes import Outcome

__all__ = ["Settle", "Settled", "settle", "settle_all"]


@frozen(kw_only=True)
class Settle:
    """Settle these wallets."""

    wallets: tuple[WalletId, ...] = field(
        converter=as_tuple, validator=sequence_of(WalletId, "a WalletId", least=1, most=1000)
    )

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallets move."""
        return tuple(Move(wallet) for wallet in self.wallets)


@frozen(kw_only=True)
class Settled:
    """How many wallets had something due, and how many entries that came to."""

    wallets: int
    entries: int


def settle(wallet: Wallet, now: datetime, new_id: NewId) -> Outcome[Wallet, Entry, None]:
    """Everything that fell due by ``now``, in order of the instants at which it did, each stamped with its own.

    Settling twice, or in steps, gives the same wallet as settling once; a wallet to which nothing happened is
    answered as it is.
    """
    if wallet.next_change is None or wallet.next_change > now:
        return Outcome(wallet, (), None)
    outcome = expiring.expire(wallet, now, new_id)
    return Outcome(rescheduled(outcome.facts, now), outcome.events, None)


def settle_all(
    wallets: Sequence[Wallet], now: datetime, new_id: NewId
) -> Outcome[tuple[Wallet, ...], Entry, tuple[Wallet, ...]]:
    """Several wallets settled; the result is those that changed."""
    outcomes = [settle(each, now, new_id) for each in wallets]
    settled = tuple(outcome.facts for outcome in outcomes)
    changed = tuple(after for before, after in zip(wallets, settled, strict=True) if after is not before)
    return Outcome(settled, tuple(entry for outcome in outcomes for entry in outcome.events), changed)
