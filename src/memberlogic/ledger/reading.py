"""PTS-16: what a wallet holds now, or held at a past instant."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.ids import AccountId
from memberlogic.inputs import an_id, an_instant, code, optional, to_utc_or_none
from memberlogic.ledger.consuming import soonest_expiry
from memberlogic.ledger.model import Wallet, WalletId
from memberlogic.ledger.stating import Expiring, upcoming
from memberlogic.ledger.withholding import Awaited, awaited

__all__ = ["Balance", "ExpiringPoints", "OfExpiring", "OfWallet", "balance", "expiring"]


@frozen(kw_only=True)
class OfWallet:
    """An account's wallet for a unit."""

    account: AccountId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))

    @property
    def wallet(self) -> WalletId:
        """The wallet's id."""
        return WalletId(self.account, self.unit)


@frozen(kw_only=True)
class Balance:
    """What a wallet holds at an instant: ``available`` can be spent, ``held`` is reserved, ``pending`` cannot be spent
    yet (PTS-5), ``debt`` is owed.
    """

    account: AccountId
    unit: Unit
    at: datetime
    available: int
    held: int
    debt: int
    next_expiry: datetime | None
    """The first instant from which something of it is gone, unless spent before; None if nothing expires."""
    next_expiring: int
    """How much that is."""
    pending: int = 0
    awaited: tuple[Awaited, ...] = ()
    """What of it becomes available on which day."""


def balance(wallet: Wallet, at: datetime) -> Balance:
    """The balance of a settled wallet whose lots are all known."""
    first = soonest_expiry(wallet.lots, wallet.terms.order)
    return Balance(
        account=wallet.id.account,
        unit=wallet.id.unit,
        at=at,
        available=wallet.available,
        held=wallet.held,
        debt=wallet.debt,
        next_expiry=first,
        next_expiring=sum(lot.free for lot in wallet.lots if first is not None and lot.expires_at == first),
        pending=wallet.pending,
        awaited=awaited(wallet),
    )


@frozen(kw_only=True)
class OfExpiring:
    """An account's wallet for a unit, now."""

    account: AccountId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))

    @property
    def wallet(self) -> WalletId:
        """The wallet's id."""
        return WalletId(self.account, self.unit)


@frozen(kw_only=True)
class ExpiringPoints:
    """All upcoming expiries of a wallet, by day; pending points among them, held ones not while they are held."""

    account: AccountId
    unit: Unit
    at: datetime
    days: tuple[Expiring, ...]


def expiring(wallet: Wallet, at: datetime) -> ExpiringPoints:
    """What will expire of a settled wallet whose lots are all known."""
    days = upcoming([(lot.expires_at, lot.unreserved) for lot in wallet.lots], wallet.terms)
    return ExpiringPoints(account=wallet.id.account, unit=wallet.id.unit, at=at, days=days)
