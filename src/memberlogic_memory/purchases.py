"""Purchases in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from heapq import nsmallest
from typing import TYPE_CHECKING

from memberlogic.calendar import Days
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, ClubId, ExternalId, PurchaseId
from memberlogic.ledger.model import Move
from memberlogic.loyalty.ports import Arriving
from memberlogic.loyalty.purchases import Purchase, PurchaseLine

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryPurchases"]


class MemoryPurchases:
    """The port ``Purchases``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def arriving(self, moves: Sequence[Move], purchases: Sequence[ExternalId]) -> Arriving:
        """The wallets, locked, and the purchases that are there already."""
        wallets = self._uow.wallets.moving(moves)
        known = self._uow.tenant.purchases
        return Arriving(wallets, {each: known[each] for each in purchases if each in known})

    def earned(self, accounts: Sequence[AccountId], days: Days | None) -> Mapping[AccountId, Mapping[date, int]]:
        """What purchases earned on these days."""
        found: dict[AccountId, dict[date, int]] = {account: {} for account in accounts}
        if days is None:
            return found
        for account, by_day in found.items():
            for purchase in self._uow.tenant.purchases_of.get(account, ()):
                if purchase.earned and purchase.business_day in days:
                    by_day[purchase.business_day] = by_day.get(purchase.business_day, 0) + purchase.earned
        return found

    def find(self, purchase: ExternalId) -> Purchase:
        """One purchase by the till's id."""
        found = self._uow.tenant.purchases.get(purchase)
        if found is None:
            raise NotFound(kind="purchase", id=f"{purchase.source}:{purchase.value}")
        return found

    def lines(self, purchase: PurchaseId) -> Sequence[PurchaseLine]:
        """The lines of a purchase."""
        return self._uow.tenant.purchase_lines.get(purchase, ())

    def of_club(
        self, club: ClubId, *, after: PurchaseId | None, limit: int
    ) -> Sequence[tuple[Purchase, Sequence[PurchaseLine]]]:
        """Purchases of a club in the order of their ids."""
        lines = self._uow.tenant.purchase_lines
        later = (each for each in self._uow.tenant.purchases.values() if each.club == club)
        found = nsmallest(limit, (each for each in later if after is None or each.id > after), key=lambda one: one.id)
        return [(each, lines.get(each.id, ())) for each in found]

    def of_account(
        self, account: AccountId, *, after: PurchaseId | None, limit: int
    ) -> Sequence[tuple[Purchase, Sequence[PurchaseLine]]]:
        """The next purchases of an account."""
        tenant = self._uow.tenant
        found = sorted(tenant.purchases_of.get(account, ()), key=lambda each: each.id)
        later = [each for each in found if after is None or each.id > after][:limit]
        return [(each, tenant.purchase_lines.get(each.id, ())) for each in later]

    def add(self, purchases: Sequence[tuple[Purchase, Sequence[PurchaseLine]]]) -> None:
        """Queue new purchases with their lines."""
        tenant = self._uow.tenant

        def guard() -> None:
            ids = [purchase.external_id for purchase, _ in purchases]
            if len(set(ids)) < len(ids) or any(id in tenant.purchases for id in ids):
                raise ConcurrencyConflict(reason="a record with the same key came in between")

        def write() -> None:
            for purchase, lines in purchases:
                tenant.purchases[purchase.external_id] = purchase
                tenant.purchases_of.setdefault(purchase.account, []).append(purchase)
                tenant.purchase_lines[purchase.id] = tuple(lines)

        self._uow.queue(write, guard)
