"""Returns of purchases in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import AccountId, ExternalId, PurchaseId, ReturnId
from memberlogic.loyalty.returns import Return

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryReturns"]


class MemoryReturns:
    """The port ``Returns``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(self, purchase: PurchaseId) -> Sequence[Return]:
        """The returns of a purchase."""
        known = self._uow.tenant.returns_of.get(purchase, ())
        return sorted(known, key=lambda each: (each.recorded_at, each.id))

    def known(self, receipt: ExternalId) -> Return | None:
        """A return by the till's id."""
        return self._uow.tenant.returns.get(receipt)

    def of_account(self, account: AccountId, *, after: ReturnId | None, limit: int) -> Sequence[Return]:
        """The next returns of an account's purchases."""
        mine = (each for each in self._uow.tenant.returns.values() if each.account == account)
        found = sorted(mine, key=lambda each: each.id)
        return [each for each in found if after is None or each.id > after][:limit]

    def add(self, returns: Sequence[Return]) -> None:
        """Queue new returns."""
        tenant = self._uow.tenant

        def guard() -> None:
            ids = [each.external_id for each in returns]
            if len(set(ids)) < len(ids) or any(id in tenant.returns for id in ids):
                raise ConcurrencyConflict(reason="a record with the same key came in between")

        def write() -> None:
            for each in returns:
                tenant.returns[each.external_id] = each
                tenant.returns_of.setdefault(each.purchase, []).append(each)
                self._lower(each)

        self._uow.queue(write, guard)

    def _lower(self, made: Return) -> None:
        """The purchase counts so much less."""
        tenant = self._uow.tenant
        purchases = tenant.purchases_of[made.account]
        index = next(index for index, each in enumerate(purchases) if each.id == made.purchase)
        before = purchases[index]
        after = evolve(
            before,
            unspent=before.unspent + made.unspent,
            unearned=before.unearned + made.unearned,
            returned=before.returned or made.whole,
        )
        purchases[index] = tenant.purchases[after.external_id] = after
