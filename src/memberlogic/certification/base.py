"""What every class of the suite shares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from memberlogic.application import Work
from memberlogic.ids import AccountId
from memberlogic.ledger.model import EntryKind
from memberlogic.storing import Storage
from memberlogic.testing.worlds import World

__all__ = ["Certification", "conserved"]


class Certification:
    """Derive, and override :meth:`storage`."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage[Work]]:
        """The store under test."""
        raise NotImplementedError("override the fixture `storage`")

    @pytest.fixture
    def world(self, storage: Storage[Work]) -> World:
        """A new organization in the store."""
        return World(storage)


def conserved(world: World, *accounts: AccountId) -> None:
    """Assert the conservation properties of PTS over what is stored of these accounts."""
    for account in accounts:
        wallet, entries = world.wallet(account), world.entries(account)
        for entry in entries:
            parts = sum(each.points for each in entry.slices) + sum(lot.amount for lot in entry.opened)
            assert parts + entry.debt == entry.amount, "an entry's lot slices plus its debt part are its amount"
        remaining = sum(lot.remaining for lot in wallet.lots)
        assert wallet.remaining == remaining, "the total is the sum of what remains in the lots"
        assert sum(entry.amount for entry in entries) == remaining - wallet.debt, "entries add up to what remains"
        assert wallet.held == sum(lot.held for lot in wallet.lots), "what is held is the sum over the lots"
        assert wallet.debt >= 0
        waiting = sum(lot.remaining for lot in wallet.lots if lot.pending)
        assert wallet.pending == waiting, "what is pending is the sum over the lots"
        said = {each.lot for entry in entries if entry.kind is EntryKind.AVAILABLE for each in entry.slices}
        for lot in wallet.lots:
            assert lot.pending == (lot.available_at is not None and lot.id not in said), "until an entry says so"
        assert all(0 <= lot.held <= lot.remaining <= lot.amount for lot in wallet.lots), "nothing is negative"
        left = {lot.id: lot.amount for entry in entries for lot in entry.opened}
        for each in (each for entry in entries for each in entry.slices):
            left[each.lot] += each.points
        stored = {lot.id: lot.remaining for lot in wallet.lots}
        assert {id: points for id, points in left.items() if points} == stored, "every lot is what its entries say"
        reserved = dict.fromkeys(stored, 0)
        for each in (each for hold in wallet.holds for each in hold.slices):
            reserved[each.lot] += each.points
        assert reserved == {lot.id: lot.held for lot in wallet.lots}, "every lot reserves what open holds say"
        balance, now = world.org.ledger.balance(account), world.clock.now()
        kept = {lot.id: lot.expires_at is None or lot.expires_at > now for lot in wallet.lots}
        spendable = sum(lot.remaining for lot in wallet.lots if kept[lot.id])
        running = [each for hold in wallet.holds if hold.until > now for each in hold.slices]
        assert balance.held == sum(each.points for each in running), "held is what has not run out"
        beyond = sum(each.points for each in running if not kept[each.lot])
        assert not (balance.debt and balance.available), "nothing is available while something is owed"
        if balance.debt == wallet.debt:  # else what became free has settled some, which nobody wrote down
            told = balance.available + balance.pending + balance.held
            assert told == spendable + beyond, "expiry spares what is held"
