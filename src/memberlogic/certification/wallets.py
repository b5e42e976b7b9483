"""What a store promises of wallets: order, locks, versions, what is due, what comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from memberlogic.calendar import Term
from memberlogic.certification.base import Certification, conserved
from memberlogic.errors import ConcurrencyConflict, InvalidInput, NotFound
from memberlogic.ids import AccountId, EntryId, ExternalId, HoldId, LotId, new_id
from memberlogic.ledger.consuming import in_order, with_lots
from memberlogic.ledger.expiring import Expired
from memberlogic.ledger.model import (
    Entry,
    EntryKind,
    Hold,
    HoldState,
    Inactivity,
    Lot,
    Move,
    Order,
    Slice,
    Wallet,
    WalletId,
)
from memberlogic.ledger.posting import posted
from memberlogic.ledger.refusals import WalletFull
from memberlogic.loyalty.programme import Redeeming
from memberlogic.loyalty.purchases import PurchaseLine
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

    def test_the_oldest_lots_come_first_where_a_club_says_so(self, world: World) -> None:
        """PTS-7: earliest earned; enough of them, however many there are, and with everything that is due."""
        world = World(world.storage, order=Order.OLDEST_FIRST)
        account, start = world.account(), world.clock.now()
        for number in range(70):
            expires = start + timedelta(days=100 - number) if number % 2 else None
            world.org.ledger.credit(account, 1, reason="welcome", expires_at=expires)
            world.wait(minutes=1)
        with world.storage.work(_command(world), world.clock) as uow:
            (wallet,) = uow.wallets.moving([Move(WalletId(account), takes=50)])
            assert [lot.earned_at for lot in wallet.lots[:50]] == [start + timedelta(minutes=n) for n in range(50)]
            assert wallet.lots == in_order(wallet.lots, Order.OLDEST_FIRST)
        world.clock.set(start + timedelta(days=33))
        with world.storage.work(_command(world), world.clock) as uow:
            (wallet,) = uow.wallets.moving([Move(WalletId(account), takes=1)])
            assert sum(1 for lot in wallet.lots if lot.due(uow.now)) == 2
            assert wallet.lots == in_order(wallet.lots, Order.OLDEST_FIRST)
        world.org.ledger.transfer(source=account, target=world.account(), points=66)
        assert [lot.earned_at for lot in world.wallet(account).lots] == [start + timedelta(minutes=n) for n in (66, 68)]
        conserved(world, account)

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

    @pytest.mark.parametrize("order", [*Order])
    def test_enough_lots_come_of_each_of_several_wallets(self, world: World, order: Order) -> None:
        """PTS-7, PTS-15: the first ones in order of consumption, worth what is taken of each and no other's; all of
        them where everything is taken, something is due or held, or nothing else would do.
        """
        world, start = World(world.storage, order=order), world.clock.now()
        deep, short, held, due, empty, aside = accounts = [world.account() for _ in range(6)]
        for number in range(40):
            for account in (deep, held, due):
                expires = start + timedelta(days=100 - number) if number % 2 else None
                world.org.ledger.credit(account, 2, reason="welcome", expires_at=expires)
            world.wait(minutes=1)
        for account in (short, aside):
            world.org.ledger.credit(account, 5, reason="welcome")
        world.org.ledger.credit(due, 9, reason="welcome", expires_at=world.clock.now() + timedelta(minutes=1))
        world.org.ledger.hold(held, 3, until=start + timedelta(days=2))
        every = {account: world.wallet(account).lots for account in accounts}
        world.wait(hours=1)
        asked = {deep: 41, short: 5, held: 30, due: 7, empty: 3, aside: 0}
        with world.storage.work(_command(world), world.clock) as uow:
            moves = [Move(WalletId(account), takes=points) for account, points in asked.items()]
            wallets = uow.wallets.moving([*moves, moves[0]])
            for wallet, move in zip(wallets, [*moves, moves[0]], strict=True):
                assert wallet.id == move.wallet
                assert wallet.lots == every[wallet.id.account][: len(wallet.lots)]
                assert not wallet.all_lots or wallet.lots == every[wallet.id.account]
                free = sum(lot.free for lot in wallet.lots if not lot.due(uow.now))
                assert free >= move.takes or wallet.all_lots
            assert len(wallets[0].lots) > 21, "the lot after those worth the points says when the wallet changes next"
            assert wallets[2].all_lots
            assert any(lot.due(uow.now) for lot in wallets[3].lots)

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

    def test_wallets_for_which_nothing_else_is_due_expire_all_at_once(self, world: World) -> None:
        """COM-8, PTS-12: and no others; what that leaves is what settling leaves."""
        start = world.clock.now()
        accounts = [world.account(credits=[5]) for _ in range(3)]
        for account in accounts:
            for days in (1, 1, 2, 9):
                expires = start + timedelta(days=days)
                world.org.ledger.credit(account, 5, reason="welcome", expires_at=expires)
        *plain, held = accounts
        world.org.ledger.hold(held, 5, until=start + timedelta(hours=3))
        idle = world.account(credits=[5])
        world.clock.set(start + timedelta(days=2))
        with world.storage.work(_command(world), world.clock) as uow:
            asked = [WalletId(account) for account in (idle, *accounts, AccountId(new_id()))]
            expired = uow.wallets.expire_due(asked, uow.now, new_id)
            uow.finish(None)
        assert expired == Expired(frozenset(WalletId(account) for account in plain), 4)
        world.org.loyalty.settle([WalletId(held)])
        for account in accounts:
            wallet, gone = world.wallet(account), [each.amount for each in world.entries(account) if each.amount < 0]
            assert (wallet.remaining, gone, wallet.next_change) == (10, [-10, -5], start + timedelta(days=9))
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

    def test_what_touched_a_lot_is_found(self, world: World) -> None:
        """PTS-14: the entries that opened it, took from it or gave back to it, whole, in order; and no others."""
        account, target = world.account(credits=[10, 20]), world.account()
        first, second = world.wallet(account).lots
        moved = [world.org.ledger.transfer(source=account, target=target, points=points) for points in (4, 8)]
        world.org.ledger.reverse(moved[0].out, reason="mistake")
        entries = world.entries(account)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.wallets.touching([])) == []
            assert list(uow.wallets.touching([LotId(new_id())])) == []
            assert list(uow.wallets.touching([first.id])) == [entries[0], entries[2], entries[3], entries[4]]
            assert list(uow.wallets.touching([second.id])) == [entries[1], entries[3]]
            assert list(uow.wallets.touching([first.id, second.id])) == entries

    def test_a_hold_comes_back_as_it_was(self, world: World) -> None:
        """PTS-9: its slices, deadline, reason and reference; with it all lots, wherever they lie."""
        account = world.account(credits=[1] * 40)
        until = world.clock.now() + timedelta(hours=1)
        held = world.org.ledger.hold(account, 5, until=until, reason="booking", reference="Table 4/ä")
        with world.storage.work(_command(world), world.clock) as uow:
            assert uow.wallets.of_hold(held.hold) == WalletId(account)
            (wallet,) = uow.wallets.moving([Move(WalletId(account), takes=1)])
            assert wallet.holds == (uow.wallets.hold(held.hold),)
            assert (wallet.held, len(wallet.lots), wallet.all_lots) == (5, 40, True)
        (hold,) = world.wallet(account).holds
        assert (hold.points, hold.until, hold.reason, hold.reference) == (5, until, "booking", "Table 4/ä")
        assert sum(lot.held for lot in wallet.lots[:5]) == 5
        conserved(world, account)

    def test_open_holds_come_in_order_of_their_deadlines(self, world: World) -> None:
        """Those that are not open do not come."""
        account = world.account(credits=[10])
        now = world.clock.now()
        ids = [world.org.ledger.hold(account, 1, until=now + timedelta(hours=hours)).hold for hours in (3, 1, 2, 4)]
        world.org.ledger.release(ids[3])
        assert [hold.id for hold in world.wallet(account).holds] == [ids[1], ids[2], ids[0]]

    def test_what_is_held_beyond_the_first_lots_is_freed(self, world: World) -> None:
        """A held slice may lie in any lot, and expires when it is freed."""
        account, target = world.account(), world.account()
        now = world.clock.now()
        for day in range(40):
            world.org.ledger.credit(account, 1, reason="welcome", expires_at=now + timedelta(days=1 + day))
        first = world.org.ledger.hold(account, 38, until=now + timedelta(days=50))
        second = world.org.ledger.hold(account, 2, until=now + timedelta(days=45))
        world.org.ledger.release(first.hold)
        world.org.ledger.transfer(source=account, target=target, points=38)
        conserved(world, account, target)
        world.wait(days=46)
        world.ml.run_jobs()
        assert world.storage.due(world.clock.now(), 100_000) == []
        assert world.org.ledger.find_hold(second.hold).state is HoldState.LAPSED
        assert [(each.amount, each.effective_at) for each in world.entries(account)][-1] == (-2, second.until)
        conserved(world, account, target)

    def test_a_deadline_is_on_the_agenda(self, world: World) -> None:
        """COM-8: what frees points by the clock alone is found when it falls due."""
        account = world.account(credits=[10])
        hold = world.org.ledger.hold(account, 4, until=world.clock.now() + timedelta(hours=1))
        assert world.wallet(account).next_change == hold.until
        world.wait(hours=1)
        world.ml.run_jobs()
        stored = world.wallet(account)
        assert (stored.held, stored.holds, stored.next_change) == (0, (), None)
        conserved(world, account)

    def test_a_held_lot_that_expired_is_not_due(self, world: World) -> None:
        """PTS-9: an agenda that named it would name it for ever."""
        account = world.account()
        now = world.clock.now()
        world.org.ledger.credit(account, 4, reason="welcome", expires_at=now + timedelta(days=1))
        hold = world.org.ledger.hold(account, 4, until=now + timedelta(days=9))
        world.wait(days=2)
        world.ml.run_jobs()
        assert world.storage.due(world.clock.now(), 100_000) == []
        assert world.wallet(account).next_change == hold.until
        conserved(world, account)

    def test_no_more_is_reserved_than_remains(self, world: World) -> None:
        """Whatever a hold says."""
        account = world.account(credits=[10])
        wallet = world.wallet(account)
        hold = Hold(
            id=HoldId(new_id()),
            wallet=wallet.id,
            slices=(Slice(wallet.lots[0].id, 11),),
            until=world.clock.now() + timedelta(hours=1),
            held_at=world.clock.now(),
            actor="system",
        )
        with pytest.raises(ConcurrencyConflict), world.storage.work(_command(world), world.clock) as uow:
            uow.wallets.moving([Move(wallet.id)])
            uow.wallets.post([wallet], [], [hold])
            uow.finish(None)
        assert (world.available(account), world.wallet(account).held) == (10, 0)

    def test_a_hold_that_is_not_there_is_not_found(self, world: World) -> None:
        """One of another organization is answered alike (COM-1)."""
        other = World(world.storage)
        theirs = other.org.ledger.hold(other.account(credits=[1]), 1, until=other.clock.now() + timedelta(hours=1)).hold
        for id in (theirs, HoldId(new_id())):
            for act in (world.org.ledger.capture, world.org.ledger.release, world.org.ledger.find_hold):
                with pytest.raises(NotFound) as refusal:
                    act(id)
                assert refusal.value.to_json() == NotFound(kind="hold", id=id).to_json()

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

    def test_jobs_for_a_past_instant_settle_what_was_due_then(self, world: World) -> None:
        """COM-18: as a run at that instant would have; what is written says when it was."""
        account = world.account()
        tomorrow = world.clock.now() + timedelta(days=1)
        for days in (0, 5):
            expires = tomorrow + timedelta(days=days)
            world.org.ledger.credit(account, 9, reason="welcome", expires_at=expires)
        world.wait(days=30)
        world.ml.run_jobs(as_of=tomorrow)
        (expired,) = [entry for entry in world.entries(account) if entry.kind is EntryKind.EXPIRE]
        assert (expired.effective_at, expired.recorded_at) == (tomorrow, world.clock.now())
        assert world.wallet(account).remaining == 9
        with pytest.raises(InvalidInput):
            world.ml.run_jobs(as_of=world.clock.now() + timedelta(seconds=1))
        conserved(world, account)

    def test_what_became_of_wallets_since_an_instant_is_told(self, world: World) -> None:
        """COM-21: what expired, with its lots, what arrived, which holds ran out; after the instant, not at it."""
        one, two = world.account(), world.account()
        start = world.clock.now()
        tomorrow = start + timedelta(days=1)
        for account in (one, two):
            world.org.ledger.credit(account, 9, reason="welcome", expires_at=tomorrow)
        hold = world.org.ledger.hold(one, 4, until=start + timedelta(hours=6)).hold
        open_hold = world.org.ledger.hold(two, 2, until=start + timedelta(days=9)).hold
        world.wait(days=2)
        world.ml.run_jobs()
        world.org.ledger.credit(one, 3, reason="welcome")
        wallets = [WalletId(one), WalletId(two)]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.wallets.past([], start) == {}
            found = uow.wallets.past(wallets, start)
            later = uow.wallets.past(wallets, tomorrow)
        assert list(found) == wallets
        ones, twos = found[wallets[0]], found[wallets[1]]
        assert [(each.kind, each.amount, each.effective_at) for each in ones.expiring] == [
            (EntryKind.EXPIRE, -9, tomorrow)
        ]
        assert [each.amount for each in twos.expiring] == [-7]
        for past, left in ((ones, 0), (twos, 2)):
            (slice_,) = past.expiring[0].slices
            assert {id: (lot.amount, lot.remaining) for id, lot in past.lots.items()} == {slice_.lot: (9, left)}
        assert [(each.id, each.state) for each in ones.lapsed] == [(hold, HoldState.LAPSED)]
        assert open_hold not in {each.id for each in twos.lapsed}
        assert (list(ones.arrived.values()), dict(twos.arrived)) == ([world.clock.now()], {})
        assert (later[wallets[0]].expiring, later[wallets[0]].lapsed) == ((), ())
        assert list(later[wallets[0]].arrived.values()) == [world.clock.now()]
        assert (ones.active, twos.active) == ((), ())
        world.org.ledger.capture(open_hold)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.wallets.past(wallets, tomorrow)[wallets[1]].active == (world.clock.now(),)
            assert uow.wallets.past(wallets, world.clock.now())[wallets[1]].active == ()

    def test_a_wallet_holds_as_much_as_every_store_can_tell(self, world: World) -> None:
        """COM-6: what would be more is refused alike everywhere."""
        account, most = world.account(), 2**53 - 1
        world.org.ledger.credit(account, most, reason="welcome")
        with pytest.raises(WalletFull):
            world.org.ledger.credit(account, 1, reason="welcome")
        assert world.available(account) == most

    def test_a_wallet_named_twice_is_refused(self, world: World) -> None:
        """Settling names each wallet once."""
        wallet = WalletId(world.account())
        with pytest.raises(InvalidInput):
            world.org.ledger.settle([wallet, wallet])

    def test_a_wallet_fully_used_up_before_it_was_due_is_not_due_for_ever(self, world: World) -> None:
        """An agenda that is early costs one look, not one each time."""
        account, target = world.account(), world.account()
        tomorrow = world.clock.now() + timedelta(days=1)
        world.org.ledger.credit(account, 9, reason="welcome", expires_at=tomorrow)
        world.org.ledger.transfer(source=account, target=target, points=9)
        world.wait(days=2)
        world.ml.run_jobs()
        assert world.storage.due(world.clock.now(), 100_000) == []

    def test_pending_points_come_with_all_lots_and_are_available_when_an_entry_says_so(self, world: World) -> None:
        """PTS-5: from whatever place in the order; on the agenda, in totals, and as they were when they were earned."""
        account, since = world.account(credits=[1] * 40), world.clock.now() + timedelta(days=1)
        wallet = world.wallet(account)
        lot = Lot(
            id=LotId(new_id()),
            amount=7,
            remaining=7,
            earned_at=wallet.effective_at,
            expires_at=since + timedelta(days=9),
            available_at=since,
            pending=True,
        )
        earned = _entry(wallet, EntryKind.CREDIT, 7, opened=(lot,))
        self._post(world, wallet, earned)
        with world.storage.work(_command(world), world.clock) as uow:
            (found,) = uow.wallets.moving([Move(WalletId(account), takes=1)])
            assert (found.pending, found.available, found.all_lots, len(found.lots)) == (7, 40, True, 41)
            assert (lot in found.lots, found.next_change) == (True, since)
            assert uow.statements.pending(world.club.id, found.id.unit, uow.now) == 7
            assert uow.statements.pending(world.club.id, found.id.unit, since) == 0
            assert dict(uow.statements.free(world.club.id, found.id.unit, uow.now))[lot.expires_at] == 7
        conserved(world, account)
        world.clock.set(since)
        assert [each.account for each in world.storage.due(since, 100_000)].count(account) == 1
        world.ml.run_jobs()
        stored = world.wallet(account)
        assert (stored.pending, stored.available, stored.next_change) == (0, 47, lot.expires_at)
        assert evolve(lot, pending=False) in stored.lots
        assert world.entries(account)[-2] == earned, "an entry stays as it was"
        conserved(world, account)

    def test_activity_moves_what_lives_by_it_and_entries_stay_as_they_were(self, world: World) -> None:
        """PTS-6: lots with nothing left too, not what has expired; with all lots, wherever they lie."""
        world = World(world.storage, expiry=Inactivity(Term.of_days(10)), redeeming=Redeeming(points=1, value=1))
        account = world.account(credits=[1] * 40)
        first = world.wallet(account)
        world.org.ledger.transfer(source=account, target=world.account(), points=1)
        world.wait(days=4)
        world.org.loyalty.record_purchase(
            account=account,
            purchase=ExternalId("till", str(new_id())),
            lines=[PurchaseLine("item", 1)],
            currency="EUR",
            redeem=1,
        )
        with world.storage.work(_command(world), world.clock) as uow:
            (wallet,) = uow.wallets.moving([Move(WalletId(account))])
            spent = uow.wallets.lots([first.lots[0].id])
        until = [lot.expires_at for lot in first.lots[:1] if lot.expires_at is not None]
        assert {lot.expires_at for lot in (*wallet.lots, *spent)} == {until[0] + timedelta(days=4)}
        assert (wallet.all_lots, len(wallet.lots), wallet.idle) == (True, 38, (Term.of_days(10),))
        assert (wallet.activity_at, wallet.next_change) == (world.clock.now(), until[0] + timedelta(days=4))
        opened = {lot.expires_at for entry in world.entries(account) for lot in entry.opened}
        assert opened == set(until), "an entry stays as it was"
        conserved(world, account)

    def test_what_followed_a_late_activity_moves_what_lives_by_it_once_more(self, world: World) -> None:
        """COM-21, PTS-6: in order of their instants, lots with nothing left too; not what was sent here after it."""
        world = World(world.storage, expiry=Inactivity(Term.of_days(10)))
        account, giver, other, start = world.account(), world.account(), world.account(), world.clock.now()
        for each in (account, giver):
            world.org.ledger.credit(each, 1, reason="welcome")
        (spent,) = world.wallet(account).lots
        world.org.ledger.transfer(source=account, target=other, points=1)
        world.wait(days=9)
        world.org.ledger.transfer(source=giver, target=account, points=1)
        (sent,) = world.wallet(account).lots
        world.wait(days=7)
        wallet, late = world.wallet(account), start + timedelta(days=8)
        never = Lot(id=LotId(new_id()), amount=1, remaining=1, earned_at=late, expires_at=None)
        entry = evolve(_entry(wallet, EntryKind.EARN, 1, opened=(never,)), effective_at=late, business_day=late.date())
        followed = (start + timedelta(days=15), start + timedelta(days=30))
        with world.storage.work(_command(world), world.clock) as uow:
            uow.wallets.moving([Move(wallet.id)])
            uow.wallets.post([evolve(wallet, followed=followed)], [entry])
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            after = {lot.id: lot.expires_at for lot in uow.wallets.lots([spent.id, sent.id, never.id])}
        assert spent.expires_at is not None
        assert after == {spent.id: spent.expires_at + timedelta(days=15), sent.id: sent.expires_at, never.id: None}

    def test_points_come_back_to_a_lot_with_nothing_left(self, world: World) -> None:
        """PTS-10: a spent lot can be looked at and given points again, by an entry that names what it corrects; never
        more than arrived in it.
        """
        account = world.account(credits=[10])
        (lot,) = world.wallet(account).lots
        spent = world.org.ledger.transfer(source=account, target=world.account(), points=10)
        wallet = world.wallet(account)
        back = _entry(wallet, EntryKind.CREDIT, 4, slices=(Slice(lot.id, 4),), corrects=spent.out)
        assert wallet.lots == ()
        self._post(world, wallet, back)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert [each.remaining for each in uow.wallets.lots([lot.id])] == [4]
            assert uow.wallets.entry(back.id) == back
            assert list(uow.wallets.corrections([spent.out])) == [back]
            assert not uow.wallets.corrections([back.id])
            with pytest.raises(NotFound):
                uow.wallets.entry(EntryId(new_id()))
        assert (world.available(account), world.wallet(account).lots[0].remaining) == (4, 4)
        conserved(world, account)
        wallet = world.wallet(account)
        with pytest.raises(ConcurrencyConflict):
            self._post(world, wallet, _entry(wallet, EntryKind.CREDIT, 7, slices=(Slice(lot.id, 7),)))

    def test_a_lot_knows_where_its_points_first_arrived(self, world: World) -> None:
        """PTS-10: what comes back with another expiry lies in a lot of its own, found with the first one."""
        account = world.account(credits=[10])
        wallet = world.wallet(account)
        first = wallet.lots[0]
        again = Lot(
            id=LotId(new_id()), amount=3, remaining=3, earned_at=first.earned_at, expires_at=None, origin=first.id
        )
        self._post(world, wallet, _entry(wallet, EntryKind.CREDIT, 3, opened=(again,)))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert {each.id: each.origin for each in uow.wallets.lots([first.id])} == {
                first.id: None,
                again.id: first.id,
            }
        assert again in world.wallet(account).lots
        conserved(world, account)

    def _post(self, world: World, wallet: Wallet, entry: Entry) -> None:
        with world.storage.work(_command(world), world.clock) as uow:
            uow.wallets.moving([Move(wallet.id)])
            known = with_lots(wallet, uow.wallets.lots([each.lot for each in entry.slices]))
            uow.wallets.post([posted(known, entry)], [entry])
            uow.finish(None)
