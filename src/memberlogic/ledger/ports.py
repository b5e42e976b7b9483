"""What the ledger asks of storage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from memberlogic.calendar import Days
from memberlogic.ids import HoldId
from memberlogic.ledger.model import Entry, EntryKind, Hold, Move, Wallet, WalletId
from memberlogic.organizations.ports import OrganizationsWork

__all__ = ["LedgerWork", "Wallets"]


class Wallets(Protocol):
    """Wallets with their lots and entries. The account row is the only lock of its wallets."""

    def moving(self, moves: Sequence[Move]) -> Sequence[Wallet]:
        """The wallets that are about to move, in the order asked, their accounts locked in id order until the unit
        ends. A wallet that is asked for twice is answered twice.

        Each comes with its lots in order of consumption (PTS-7): everything that is due, then as many as hold the
        points it ``takes``, and where anything was due one lot that is not; ``all_lots`` says if there are no more.
        While something is held it comes with all its lots and all its open holds: what a hold frees may lie anywhere.
        A unit that has a wallet's account open gives the wallet of that unit even if nothing was ever in it.

        Raises:
            NotFound: for the first account, in the order asked, that is not there.
        """
        ...

    def viewing(self, wallets: Sequence[WalletId]) -> Sequence[Wallet]:
        """The wallets with all their lots, not locked. Raises ``NotFound`` like :meth:`moving`."""
        ...

    def post(self, wallets: Sequence[Wallet], entries: Sequence[Entry], holds: Sequence[Hold] = ()) -> None:
        """Queue entries, holds, and the wallets that change as they are afterwards. The entries' slices and opened
        lots are the writes, and so are the slices of holds: reserved by one that is open, not any more by one that is
        not. Of a wallet its ``next_change`` and ``effective_at`` are taken.

        Leaving the unit raises ``ConcurrencyConflict`` if a wallet's version is not the stored one, and never lets a
        lot or a total fall below zero.
        """
        ...

    def of_hold(self, id: HoldId) -> WalletId:
        """The wallet of a hold, not locked; a hold stays where it is. Raises ``NotFound``."""
        ...

    def hold(self, id: HoldId) -> Hold:
        """A hold as it is stored; true while its account is locked. Raises ``NotFound``."""
        ...

    def sent(self, wallet: WalletId, kind: EntryKind, days: Days | None) -> int:
        """How many points left by entries of a kind on these business days; 0 if ``days`` is None."""
        ...

    def entries(
        self, wallet: WalletId, *, after: tuple[datetime, UUID] | None = None, limit: int = 500
    ) -> Sequence[Entry]:
        """The next entries of a wallet in order of (effective_at, id), after a position; at most ``limit``."""
        ...


class LedgerWork(OrganizationsWork, Protocol):
    """A unit of work that reaches wallets."""

    @property
    def wallets(self) -> Wallets:
        """Wallets with their lots and entries."""
        ...
