"""What a store promises when several act at once (COM-16). Threads of one process; what several processes do is the
adapter's own test.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest

from memberlogic.certification.base import Certification, conserved
from memberlogic.errors import MemberLogicError
from memberlogic.ledger.model import AccountState, Move, WalletId
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.storing import Capability, Command
from memberlogic.testing.worlds import World

__all__ = ["ConcurrencyPromises"]

R = TypeVar("R")
_THREADS = 4


def at_once(count: int, act: Callable[[int], R]) -> list[R | MemberLogicError]:
    """What each of several threads, let go together, answered or was refused with."""
    barrier = threading.Barrier(count)

    def one(index: int) -> R | MemberLogicError:
        barrier.wait()
        try:
            return act(index)
        except MemberLogicError as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


class ConcurrencyPromises(Certification):
    """No lost update, no double spend, no deadlock for good."""

    @pytest.fixture(autouse=True)
    def _declared(self, storage: object) -> None:
        if Capability.CONCURRENT not in getattr(storage, "capabilities", ()):
            pytest.skip("the store does not declare CONCURRENT")

    def test_the_same_points_are_spent_once(self, world: World) -> None:
        """Everybody wants all of it; one gets it, the others are told that nothing is left."""
        source = world.account(credits=[40, 60])
        targets = [world.account() for _ in range(_THREADS)]
        for round_ in range(5):
            answers = at_once(
                _THREADS, lambda index: world.org.ledger.transfer(source=source, target=targets[index], points=100)
            )
            refusals = [each for each in answers if isinstance(each, MemberLogicError)]
            assert len(refusals) == _THREADS - 1, refusals
            assert all(isinstance(each, InsufficientPoints) for each in refusals), refusals
            winner = next(target for target in targets if world.available(target))
            assert sum(world.available(target) for target in targets) == 100
            conserved(world, source, *targets)
            world.org.ledger.transfer(source=winner, target=source, points=100, reason=f"round_{round_}")

    def test_one_key_used_at_once_is_one_command(self, world: World) -> None:
        """COM-9: who waited for another holder of the key answers that one's result."""
        source, target = world.account(credits=[1000]), world.account()
        for round_ in range(1, 6):
            transfer = partial(
                world.org.ledger.transfer, source=source, target=target, points=10, idempotency_key=f"k{round_}"
            )
            answers = at_once(_THREADS, lambda _, transfer=transfer: transfer())  # type: ignore[misc]
            assert all(answer == answers[0] for answer in answers), answers
            assert world.available(target) == 10 * round_
        conserved(world, source, target)

    def test_opposite_transfers_never_deadlock_for_good(self, world: World) -> None:
        """PTS-11: locks in a fixed order; nobody fails, nothing is lost."""
        one, two = world.account(credits=[500]), world.account(credits=[500])

        def act(index: int) -> None:
            source, target = (one, two) if index % 2 else (two, one)
            for _ in range(15):
                world.org.ledger.transfer(source=source, target=target, points=3)

        assert at_once(_THREADS, act) == [None] * _THREADS
        assert world.available(one) + world.available(two) == 1000
        assert (world.available(one), world.available(two)) == (500, 500)
        conserved(world, one, two)

    def test_credits_at_once_are_all_there(self, world: World) -> None:
        """No update is lost."""
        account = world.account()

        def act(_: int) -> None:
            for _ in range(15):
                world.org.ledger.credit(account, 1, reason="welcome")

        assert at_once(_THREADS, act) == [None] * _THREADS
        assert world.available(account) == _THREADS * 15
        conserved(world, account)

    def test_a_reader_sees_all_of_a_command_or_nothing(self, world: World) -> None:
        """Points that move are never seen in two places, nor in none."""
        one, two = world.account(credits=[100]), world.account()
        stop = threading.Event()

        def act(index: int) -> None:
            if index == 0:
                for _ in range(20):
                    world.org.ledger.transfer(source=one, target=two, points=5)
                stop.set()
            while not stop.is_set():
                with world.storage.reading(world.organization.id, world.clock) as uow:
                    wallets = uow.wallets.viewing([WalletId(one), WalletId(two)])
                assert sum(wallet.remaining for wallet in wallets) == 100
                assert all(wallet.remaining == sum(lot.remaining for lot in wallet.lots) for wallet in wallets)

        assert at_once(3, act) == [None] * 3

    def test_jobs_run_twice_at_once_post_once(self, world: World) -> None:
        """COM-18."""
        accounts = [world.account() for _ in range(5)]
        for account in accounts:
            expires = world.clock.now().replace(hour=13)
            world.org.ledger.credit(account, 5, reason="welcome", expires_at=expires)
        world.wait(days=1)
        answers = at_once(3, lambda _: world.ml.run_jobs(chunk=2))
        assert not [each for each in answers if isinstance(each, MemberLogicError)], answers
        for account in accounts:
            assert [entry.amount for entry in world.entries(account)] == [5, -5]
        conserved(world, *accounts)

    def test_one_member_opens_one_account_at_once(self, world: World) -> None:
        """PTS-1: one open account of their own per member and club."""
        member = world.member()
        answers = at_once(_THREADS, lambda _: world.org.loyalty.open_account(club=world.club.id, member=member))
        opened = [each for each in answers if not isinstance(each, MemberLogicError)]
        assert len(opened) == 1
        assert {each.code for each in answers if isinstance(each, MemberLogicError)} == {"account.already_open"}

    def test_an_account_is_closed_or_receives(self, world: World) -> None:
        """PTS-1: never both; what is closed is empty."""
        for round_ in range(5):
            account = world.account()
            acts = [
                lambda account=account: world.org.loyalty.close_account(account),
                lambda account=account: world.org.ledger.credit(account, 5, reason="welcome"),
            ]
            first, second = at_once(2, lambda index, acts=acts: acts[index]())  # type: ignore[misc]
            codes = {each.code for each in (first, second) if isinstance(each, MemberLogicError)}
            assert codes in ({"account.has_points"}, {"account.not_open"}), (round_, first, second)
            closed = world.org.loyalty.account(account).state is AccountState.CLOSED
            assert world.available(account) == (0 if closed else 5)
            conserved(world, account)

    def test_a_unit_waits_for_the_one_before_it(self, world: World) -> None:
        """What a unit reads after it waited is what the one before it left, or it is refused as a conflict."""
        account = world.account(credits=[10])
        command = Command(organization=world.organization.id, name="test", actor="system")
        entered = threading.Event()

        def act(index: int) -> int:
            if index:
                entered.wait(5)
                return world.org.ledger.credit(account, 1, reason="welcome").available
            with world.storage.work(command, world.clock) as uow:
                (wallet,) = uow.wallets.moving([Move(WalletId(account), takes=1)])
                entered.set()
                threading.Event().wait(0.05)
                return wallet.available

        assert at_once(2, act) == [10, 11]
