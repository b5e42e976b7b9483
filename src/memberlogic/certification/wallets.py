"""What a store promises of wallets: order, locks, versions, what is due, what comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from memberlogic.certification.base import Certification, conserved
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, EntryId, LotId, new_id
from memberlogic.ledger.consuming import in_order
from memberlogic.ledger.model import Entry, EntryKind, Lot, Move, Slice, Wallet, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["WalletsPromises"]


def _command(world: World) -> Command:
    return Command(organization=world.organization.id, name="test", actor="system")


def _entry(wallet: Wallet, kind: EntryKind, amount: int, **more: object) -> Entry:
    return Entry(
        id=EntryId(new_id()),
        wallet=wallet.id,
        club=wallet.club,
        scheme=wallet.scheme,
        kind=kind,
        amount=amount,
        business_day=wallet.effective_at.date(),
        effective_at=wallet.effective_at,
        recorded_at=wallet.effective_at,
        actor="system",
        **more,  # type: ignore[arg-type]
    )


class WalletsPromises(Certification):
    """The port ``Wallets``."""

    def test_lots_come_in_order_of_consumption(self, world: World) -> None:
        """PTS-7: soonest expiry, never last; ties: earliest earned, then id."""
        account = world.account()
        for days in (30, 10, None, 20, 10, 10):
            expires = world.clock.now() + timedelta(days=days) if days else None
            world.org.ledger.credit(account, 5, reason="welcome", expires_at=expires)
            world.wait(hours=1)
        with world.storage.work(_command(world), world.clock) as uow:
            (wallet,) = uow.wallets.moving([Move(WalletId(account), takes=30)])
        assert wallet.lots == in_order(wallet.lots)
        assert [lot.earned_at.hour for lot in wallet.lots] == [13, 16, 17, 15, 12, 14]
        assert world.wallet(account).lots == wallet.lots

    def test_enough_lots_come_for_what_is_taken(self, world: World) -> None:
        """However many small lots it takes."""
        account = world.account(credits=[1] * 70)
        target = world.account()
        with world.storage.work(_command(world), world.clock) as uow:
            (wallet,) = uow.wallets.moving([Move(WalletId(account), takes=65)])
            assert sum(lot.free for lot in wallet.lots) >= 65
        world.org.ledger.transfer(source=account, target=target, points=65)
        assert (world.available(account), world.available(target)) == (5, 65)
        conserved(world, account, target)

    def test_what_is_due_comes_although_nothing_is_taken(self, world: World) -> None:
        """COM-8: settling needs every lot that fell due, and the next one that will."""
        account = world.account()
        for day in range(40):
            expires = world.clock.now() + timedelta(days=1 + day)
            world.org.ledger.credit(account, 1, reason="welcome", expires_at=expires)
        world.wait(days=36, hours=1)
        with world.storage.work(_command(world), world.clock) as uow:
            (wallet,) = uow.wallets.moving([Move(WalletId(account))])
            assert sum(1 for lot in wallet.lots if lot.due(uow.now)) == 36
            assert any(not lot.due(uow.now) for lot in wallet.lots)
        world.org.ledger.credit(account, 1, reason="welcome")
        assert world.wallet(account).next_change == world.clock.now() + timedelta(hours=23)
        conserved(world, account)

    def test_a_stale_version_is_refused(self, world: World) -> None:
        """COM-16: what was decided on facts that changed since is not written."""
        account = world.account(credits=[100])
        stale = world.wallet(account)
        world.org.ledger.credit(account, 1, reason="welcome")
        lot = stale.lots[0]
        entry = _entry(stale, EntryKind.TRANSFER_OUT, -100, slices=(Slice(lot.id, -100),))
        with pytest.raises(ConcurrencyConflict), world.storage.work(_command(world), world.clock) as uow:
            uow.wallets.moving([Move(stale.id)])
            uow.wallets.post([posted(stale, entry)], [entry])
            uow.finish(None)
        assert world.available(account) == 101
        conserved(world, account)

    def test_a_lot_never_falls_below_zero(self, world: World) -> None:
        """Whatever an entry says."""
        account = world.account(credits=[10])
        wallet = world.wallet(account)
        lot = wallet.lots[0]
        entry = _entry(wallet, EntryKind.TRANSFER_OUT, -11, slices=(Slice(lot.id, -11),))
        with pytest.raises(ConcurrencyConflict), world.storage.work(_command(world), world.clock) as uow:
            uow.wallets.moving([Move(wallet.id)])
            uow.wallets.post([wallet], [entry])
            uow.finish(None)
        assert world.available(account) == 10

    def test_a_lot_opened_and_used_in_one_unit_is_stored_once(self, world: World) -> None:
        """Steps of several capabilities share a unit of work."""
        account = world.account(credits=[10])
        with world.storage.work(_command(world), world.clock) as uow:
            (wallet,) = uow.wallets.moving([Move(WalletId(account), takes=10)])
            lot = Lot(id=LotId(new_id()), amount=7, remaining=7, earned_at=uow.now, expires_at=None)
            opening = _entry(wallet, EntryKind.CREDIT, 7, opened=(lot,))
            uow.wallets.post([posted(wallet, opening)], [opening])
            both = (Slice(lot.id, -7), Slice(wallet.lots[0].id, -3))
            taking = _entry(wallet, EntryKind.TRANSFER_OUT, -10, slices=both)
            after = posted(posted(wallet, opening), taking)
            uow.wallets.post([after], [taking])
            uow.finish(None)
        stored = world.wallet(account)
        assert evolve(after, version=stored.version) == stored
        conserved(world, account)

    def test_the_first_missing_account_is_named(self, world: World) -> None:
        """In the order asked, whatever order the locks are taken in."""
        first, second = AccountId(new_id()), AccountId(new_id())
        for asked in ([first, second], [second, first]):
            with pytest.raises(NotFound) as refusal:
                world.org.ledger.transfer(source=asked[0], target=asked[1], points=1)
            assert refusal.value.details["id"] == str(asked[0])

    def test_a_unit_that_the_club_does_not_have_is_not_found(self, world: World) -> None:
        """An account has the wallets that its club names."""
        with pytest.raises(NotFound):
            world.org.ledger.balance(world.account(), unit="credits")

    def test_what_is_due_is_found_the_longest_due_first(self, world: World) -> None:
        """COM-18: the jobs' agenda, over all organizations, bounded."""
        accounts = [world.account() for _ in range(3)]
        for days, account in zip((3, 1, 2), accounts, strict=True):
            expires = world.clock.now() + timedelta(days=days)
            world.org.ledger.credit(account, 1, reason="welcome", expires_at=expires)
        mine = world.organization.id

        def due(days: int) -> list[AccountId]:
            found = world.storage.due(world.clock.now() + timedelta(days=days), 100_000)
            return [each.account for each in found if each.organization == mine]

        assert due(0) == []
        assert due(1) == [accounts[1]]
        assert due(3) == [accounts[1], accounts[2], accounts[0]]
        assert len(world.storage.due(world.clock.now() + timedelta(days=3), 1)) == 1

    def test_jobs_settle_what_is_due_and_nothing_twice(self, world: World) -> None:
        """PTS-12: rerun, they post nothing."""
        account = world.account()
        tomorrow = world.clock.now() + timedelta(days=1)
        world.org.ledger.credit(account, 9, reason="welcome", expires_at=tomorrow)
        world.org.ledger.credit(account, 1, reason="welcome")
        world.wait(days=2)
        world.ml.run_jobs()
        world.ml.run_jobs()
        expired = [entry for entry in world.entries(account) if entry.kind is EntryKind.EXPIRE]
        assert [(entry.amount, entry.effective_at) for entry in expired] == [(-9, tomorrow)]
        assert world.storage.due(world.clock.now(), 100_000) == []
        conserved(world, account)

    def test_a_wallet_fully_used_up_before_it_was_due_is_not_due_for_ever(self, world: World) -> None:
        """An agenda that is early costs one look, not one each time."""
        account, target = world.account(), world.account()
        tomorrow = world.clock.now() + timedelta(days=1)
        world.org.ledger.credit(account, 9, reason="welcome", expires_at=tomorrow)
        world.org.ledger.transfer(source=account, target=target, points=9)
        world.wait(days=2)
        world.ml.run_jobs()
        assert world.storage.due(world.clock.now(), 100_000) == []
