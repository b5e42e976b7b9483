"""One Hypothesis machine over the ledger's commands, against a plain model (R1): conservation and no negative balance
at every step, expiry by the clock, keys, whatever the jobs do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from attrs import define
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from memberlogic.application import Work
from memberlogic.calendar import Term
from memberlogic.certification.base import conserved
from memberlogic.errors import IllegalTransition
from memberlogic.ids import AccountId, ExternalId, HoldId
from memberlogic.ledger.consuming import NEVER
from memberlogic.ledger.model import After, EntryKind, Expiry, FixedDay, Never, Order
from memberlogic.ledger.reading import Balance
from memberlogic.ledger.refusals import InsufficientPoints, WalletInDebt
from memberlogic.ledger.writing_off import NothingToWriteOff, WriteOffWhileHeld
from memberlogic.loyalty.programme import Redeeming
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.storing import Storage
from memberlogic.testing.worlds import World

__all__ = ["LedgerMachine", "certify_ledger"]

_ACCOUNTS = st.integers(0, 2)
_POINTS = st.integers(1, 60)
_FIVE_DAYS = Term.of_days(5)
_EXPIRY: st.SearchStrategy[Expiry] = st.sampled_from(
    (After(_FIVE_DAYS), Never(), FixedDay(month=1, day=20, minimum_life=_FIVE_DAYS))
)


@define
class ModelLot:
    """Points that the model knows of."""

    expires_at: datetime | None
    points: int
    earned_at: datetime
    held: int = 0
    arrived_at: datetime | None = None
    """When it came to this account, if that is not when it was earned."""


@define
class ModelHold:
    """Points of lots that the model reserves."""

    id: HoldId
    account: int
    until: datetime
    slices: list[tuple[ModelLot, int]]
    state: str = "open"

    @property
    def points(self) -> int:
        """How many."""
        return sum(points for _, points in self.slices)


class LedgerMachine(RuleBasedStateMachine):
    """Three accounts of one club; the model is a list of lots for each."""

    storage: Storage[Work]
    settings: Mapping[str, Any] = MappingProxyType({})
    """What else the club says."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts: list[AccountId] = []
        self.order = Order.SOONEST_EXPIRY
        self.lots: list[list[ModelLot]] = [[], [], []]
        self.debt = [0, 0, 0]
        self.holds: list[ModelHold] = []
        self.said: list[Balance] = []
        self.keys = 0

    @initialize(expiry=_EXPIRY, order=st.sampled_from(Order))
    def open(self, expiry: Expiry, order: Order) -> None:
        """Open a club with some policy, and the accounts."""
        self.order = order
        said = {"redeeming": Redeeming(points=1, value=1), **self.settings}
        self.world = World(self.storage, expiry=expiry, order=order, **said)
        self.accounts = [self.world.account() for _ in self.lots]
        self.opened_at = self.world.clock.now()

    def lapsed(self) -> None:
        """The model's holds that ran out are free; what expired meanwhile is gone by being out of date."""
        for hold in sorted(self.holds, key=lambda each: (each.until, each.id)):
            if hold.state == "open" and hold.until <= self.world.clock.now():
                self.free(hold, "lapsed", hold.until)

    def free(self, hold: ModelHold, state: str, at: datetime) -> None:
        """The model reserves a hold's slices no more; what lives of them settles debt."""
        hold.state = state
        for lot, points in hold.slices:
            lot.held -= points
            lot.points += points
        if self.debt[hold.account]:
            self.debt[hold.account] = self.drain(self.living(hold.account, at), self.debt[hold.account])

    def drain(self, lots: Iterable[ModelLot], points: int) -> int:
        """Take points from lots of the model; how many are not there."""
        for lot in lots:
            part = min(points, lot.points)
            points -= part
            lot.points -= part
        return points

    def arrive(self, index: int, *lots: ModelLot) -> None:
        """Points come in: they settle debt first."""
        for lot in lots:
            settled = min(self.debt[index], lot.points)
            self.debt[index] -= settled
            lot.points -= settled
            self.lots[index].append(lot)

    def spendable(self, index: int) -> list[ModelLot]:
        """The model's lots that can be spent now, in order of consumption."""
        self.lapsed()
        return self.living(index, self.world.clock.now())

    def living(self, index: int, now: datetime) -> list[ModelLot]:
        """The model's lots with something free in them that has not expired, in order of consumption."""
        kept = [lot for lot in self.lots[index] if lot.points and (lot.expires_at is None or lot.expires_at > now)]
        return sorted(kept, key=self.place)

    def place(self, lot: ModelLot) -> tuple[datetime, datetime]:
        """Where a lot stands in the club's order of consumption."""
        expires_at = lot.expires_at or NEVER
        return (lot.earned_at, expires_at) if self.order is Order.OLDEST_FIRST else (expires_at, lot.earned_at)

    def available(self, index: int) -> int:
        """What the model can spend now."""
        return sum(lot.points for lot in self.spendable(index))

    @rule(index=_ACCOUNTS, points=_POINTS, days=st.one_of(st.none(), st.integers(1, 12)))
    def credit(self, index: int, points: int, days: int | None) -> None:
        """Credit, with the club's expiry or a named one."""
        now = self.world.clock.now()
        named = None if days is None else now + timedelta(days=days)
        credited = self.world.org.ledger.credit(self.accounts[index], points, reason="welcome", expires_at=named)
        self.lapsed()
        assert credited.settled_debt == min(points, self.debt[index])
        assert named is None or credited.expires_at in (named, None)
        self.arrive(index, ModelLot(credited.expires_at, points, now))

    @rule(source=_ACCOUNTS, by=st.integers(1, 2), points=_POINTS)
    def transfer(self, source: int, by: int, points: int) -> None:
        """Transfer to one of the others, or be told that there is not enough."""
        to = (source + by) % 3
        transfer = partial(
            self.world.org.ledger.transfer, source=self.accounts[source], target=self.accounts[to], points=points
        )
        available = self.available(source)
        if self.debt[source]:
            with pytest.raises(WalletInDebt):
                transfer()
            return
        if points > available:
            with pytest.raises(InsufficientPoints) as refusal:
                transfer()
            assert refusal.value.details["available"] == available
            return
        transfer()
        self.lapsed()
        for lot in self.spendable(source):
            part = min(points, lot.points)
            points -= part
            lot.points -= part
            if part:
                self.arrive(to, ModelLot(lot.expires_at, part, lot.earned_at, arrived_at=self.world.clock.now()))

    @rule(index=_ACCOUNTS, points=_POINTS, hours=st.integers(0, 150))
    def buy_late(self, index: int, points: int, hours: int) -> None:
        """Pay at a till that was offline, or be told that there was not enough: points that were there, have not been
        taken since, and were kept by no hold that ran out since, expired or not.
        """
        self.lapsed()
        at = max(self.opened_at, self.world.clock.now() - timedelta(hours=hours))
        kept = [each for each in self.holds if each.account == index and each.state == "lapsed" and each.until > at]
        there = []
        for lot in sorted(self.lots[index], key=self.place):
            left = lot.points - sum(part for hold in kept for each, part in hold.slices if each is lot)
            if left > 0 and (lot.expires_at or NEVER) > at and (lot.arrived_at or lot.earned_at) <= at:
                there.append((lot, left))
        self.keys += 1
        buy = partial(
            self.world.org.loyalty.record_purchase,
            account=self.accounts[index],
            purchase=ExternalId("till", str(self.keys)),
            lines=[PurchaseLine("item", 1_000, categories=("nothing",))],
            currency="EUR",
            at=at,
            redeem=points,
        )
        if self.debt[index] or points > sum(left for _, left in there):
            with pytest.raises((InsufficientPoints, WalletInDebt)):
                buy()
            return
        assert buy().redeemed_points == points
        for lot, left in there:
            part = min(points, left)
            points -= part
            lot.points -= part

    @rule(index=_ACCOUNTS, points=st.integers(-60, 60).filter(bool))
    def adjust(self, index: int, points: int) -> None:
        """PTS-14: add or take points, or be told that there are not enough."""
        now, available = self.world.clock.now(), self.available(index)
        adjust = partial(self.world.org.ledger.adjust, self.accounts[index], points, reason="goodwill")
        if -points > available:
            with pytest.raises(InsufficientPoints) as refusal:
                adjust()
            assert refusal.value.details["available"] == available
            return
        adjusted = adjust()
        if points > 0:
            self.arrive(index, ModelLot(adjusted.expires_at, points, now))
        else:
            self.take(index, -points)

    def take(self, index: int, points: int) -> None:
        """The model takes points in order of consumption."""
        self.drain(self.spendable(index), points)

    @rule(index=_ACCOUNTS)
    def write_off(self, index: int) -> None:
        """PTS-14: empty an account, unless anything is held or nothing is there."""
        available = self.available(index)
        held = sum(hold.points for hold in self.holds if hold.state == "open" and hold.account == index)
        write_off = partial(self.world.org.ledger.write_off, self.accounts[index], reason="goodwill")
        if held or not (available or self.debt[index]):
            with pytest.raises(WriteOffWhileHeld if held else NothingToWriteOff):
                write_off()
            return
        done = write_off()
        assert (done.points, done.debt) == (available, self.debt[index])
        self.debt[index] = 0
        self.take(index, available)

    @rule(index=_ACCOUNTS, points=_POINTS)
    def credit_twice_with_one_key(self, index: int, points: int) -> None:
        """A key that is sent again does nothing."""
        self.keys += 1
        key = f"key-{self.keys}"
        now = self.world.clock.now()
        credited = self.world.org.ledger.credit(self.accounts[index], points, reason="welcome", idempotency_key=key)
        again = self.world.org.ledger.credit(self.accounts[index], points, reason="welcome", idempotency_key=key)
        assert again == credited
        self.lapsed()
        self.arrive(index, ModelLot(credited.expires_at, points, now))

    @rule(index=_ACCOUNTS, points=_POINTS, hours=st.integers(1, 200))
    def hold(self, index: int, points: int, hours: int) -> None:
        """Reserve points, or be told that there are not enough."""
        until = self.world.clock.now() + timedelta(hours=hours)
        hold = partial(self.world.org.ledger.hold, self.accounts[index], points, until=until)
        available = self.available(index)
        if points > available:
            with pytest.raises(InsufficientPoints) as refusal:
                hold()
            assert refusal.value.details["available"] == available
            return
        held = hold()
        slices = []
        for lot in self.spendable(index):
            part = min(points, lot.points)
            points -= part
            lot.points -= part
            lot.held += part
            if part:
                slices.append((lot, part))
        self.holds.append(ModelHold(held.hold, index, until, slices))

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def capture(self, data: st.DataObject) -> None:
        """Take some or all of a hold, or be told what became of it."""
        hold = data.draw(st.sampled_from(self.holds))
        points = data.draw(st.integers(1, max(1, hold.points)))
        self.lapsed()
        if hold.state != "open":
            self.refused(partial(self.world.org.ledger.capture, hold.id, points), hold)
            return
        captured = self.world.org.ledger.capture(hold.id, points)
        assert (captured.points, captured.released) == (points, hold.points - points)
        for index, (lot, part) in enumerate(hold.slices):
            taken = min(points, part)
            points -= taken
            lot.held -= taken
            hold.slices[index] = (lot, part - taken)
        self.free(hold, "already_captured", self.world.clock.now())

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Free a hold, or be told what became of it."""
        hold = data.draw(st.sampled_from(self.holds))
        self.lapsed()
        if hold.state != "open":
            self.refused(partial(self.world.org.ledger.release, hold.id), hold)
            return
        assert self.world.org.ledger.release(hold.id).points == hold.points
        self.free(hold, "already_released", self.world.clock.now())

    def refused(self, act: Callable[[], object], hold: ModelHold) -> None:
        """Resolving twice is refused, each case with its own code."""
        with pytest.raises(IllegalTransition) as refusal:
            act()
        assert refusal.value.code == f"hold.{hold.state}"

    @rule(hours=st.integers(1, 80))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.world.wait(hours=hours)

    @rule(index=_ACCOUNTS)
    def remember(self, index: int) -> None:
        """Keep what a balance says, and let an instant pass, so that nothing else happens at the same."""
        self.said.append(self.world.org.ledger.balance(self.accounts[index]))
        self.world.wait(microseconds=1)

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """As of a past instant a balance says what it said then."""
        said = data.draw(st.sampled_from(self.said))
        assert self.world.org.ledger.balance(said.account, as_of=said.at) == said

    @rule()
    def jobs(self) -> None:
        """The jobs run, or do not: it makes no difference."""
        self.world.ml.run_jobs(chunk=2)

    @precondition(lambda self: self.accounts)
    @invariant()
    def everything_is_where_the_model_says(self) -> None:
        """Balances are the model's, and every conservation property holds."""
        for index, account in enumerate(self.accounts):
            assert self.world.available(account) == self.available(index)
            held = sum(hold.points for hold in self.holds if hold.state == "open" and hold.account == index)
            balance = self.world.org.ledger.balance(account)
            assert (balance.held, balance.debt) == (held, self.debt[index])
        counted = self.world.org.ledger.outstanding(self.world.club.id)
        assert counted.available == sum(self.available(index) for index in range(3))
        assert counted.debt == sum(self.debt)
        assert counted.held == sum(hold.points for hold in self.holds if hold.state == "open")
        assert counted.outstanding == counted.total(*EntryKind) == counted.available + counted.held - counted.debt
        fleeting = sum(lot.points for index in range(3) for lot in self.spendable(index) if lot.expires_at)
        assert sum(each.points for each in counted.expiring) == fleeting
        conserved(self.world, *self.accounts)


def certify_ledger(
    make: Callable[[], Storage[Work]],
    *,
    examples: int = 20,
    steps: int = 30,
    machine: type[LedgerMachine] = LedgerMachine,
) -> None:
    """Run a machine on a store; ``make`` gives one for each example, new or shared."""

    class Machine(machine):  # type: ignore[misc,valid-type]
        def __init__(self) -> None:
            self.storage = make()
            super().__init__()

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )
