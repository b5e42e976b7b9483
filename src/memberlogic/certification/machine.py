"""One Hypothesis machine over the ledger's commands, against a plain model (R1): conservation and no negative balance
at every step, expiry by the clock, keys, whatever the jobs do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from types import MappingProxyType
from typing import Any

import pytest
from attrs import define, evolve, field
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
from memberlogic.ledger.model import After, EntryKind, Expiry, FixedDay, Inactivity, Never, Order, WalletId
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
next_number = count().__next__
"""Things of the model in the order in which they came to be."""


@define(eq=False)
class ModelLot:
    """Points that the model knows of."""

    expires_at: datetime | None
    points: int
    earned_at: datetime
    held: int = 0
    arrived_at: datetime | None = None
    """When it came to this account, if that is not when it was earned."""
    number: int = field(factory=next_number)
    """Its place among all lots in the order in which they came to be."""


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
        self.expiry: Expiry = Never()
        self.lots: list[list[ModelLot]] = [[], [], []]
        self.debt = [0, 0, 0]
        self.holds: list[ModelHold] = []
        self.said: list[Balance] = []
        self.keys = 0

    @initialize(expiry=_EXPIRY, order=st.sampled_from(Order))
    def open(self, expiry: Expiry, order: Order) -> None:
        """Open a club with some policy, and the accounts."""
        self.begin(expiry, order)

    def begin(self, expiry: Expiry, order: Order) -> None:
        """The world in which everything happens."""
        self.order, self.expiry = order, expiry
        said = {"redeeming": Redeeming(points=1, value=1), **self.settings}
        self.world = World(self.storage, expiry=expiry, order=order, **said)
        self.accounts = [self.world.account() for _ in self.lots]
        self.opened = [self.world.clock.now() for _ in self.lots]

    def ago(self, index: int, hours: int) -> datetime:
        """So many hours ago, but not before an account was opened."""
        return max(self.opened[index], self.world.clock.now() - timedelta(hours=hours))

    def midnight(self, day: date) -> datetime:
        """Where a day begins in the club's zone, which has one midnight a day."""
        return datetime(day.year, day.month, day.day, tzinfo=self.world.club.zone).astimezone(UTC)

    def day(self, at: datetime) -> date:
        """The club's day of an instant."""
        return at.astimezone(self.world.club.zone).date()

    def lives_until(self, at: datetime) -> datetime | None:
        """Until when points live that arrive at an instant under the club's policy."""
        day = self.day(at)
        match self.expiry:
            case After(term=term) | Inactivity(term=term):
                return self.midnight(day + timedelta(days=term.days))
            case FixedDay(month=month, day=number, minimum_life=life):
                first = day + timedelta(days=life.days)
                years = (date(first.year + each, month, number) for each in (0, 1))
                return self.midnight(next(each for each in years if each > first))
            case _:
                return None

    def waiting(self, index: int) -> list[ModelLot]:
        """The model's points that are held back still: here there are none."""
        return []

    def by_policy(self, points: int, at: datetime) -> ModelLot:
        """Points that arrive at an instant under the club's policy."""
        return ModelLot(self.lives_until(at), points, at)

    def lapsed(self) -> None:
        """The model's holds that ran out are free; what expired meanwhile is gone by being out of date."""
        for hold in sorted(self.holds, key=lambda each: (each.until, each.id)):
            if hold.state == "open" and hold.until <= self.world.clock.now():
                self.free(hold, "lapsed", hold.until)

    def acted(self, index: int, at: datetime) -> None:
        """An account earned, redeemed or captured: the points of this model do not care."""

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

    def place(self, lot: ModelLot) -> tuple[Any, ...]:
        """Where a lot stands in the club's order of consumption."""
        expires_at = lot.expires_at or NEVER
        oldest = self.order is Order.OLDEST_FIRST
        return (lot.earned_at, expires_at, lot.number) if oldest else (expires_at, lot.earned_at, lot.number)

    def asked(self, index: int, points: int) -> int:
        """Of what a rule drew, how many points are asked for: mostly no more than there are, at times more."""
        return min(points, self.available(index)) or points if points % 4 else points

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
        lot = self.by_policy(points, now) if named is None else ModelLot(named, points, now)
        assert credited.expires_at == (None if points == credited.settled_debt else lot.expires_at)
        self.arrive(index, lot)

    @rule(source=_ACCOUNTS, by=st.integers(1, 2), points=_POINTS)
    def transfer(self, source: int, by: int, points: int) -> None:
        """Transfer to one of the others, or be told that there is not enough."""
        to, points = (source + by) % 3, self.asked(source, points)
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
        self.send(source, to, points)

    def send(self, source: int, to: int, points: int) -> None:
        """The model's points go to another account in order of consumption, and stay as old as they are."""
        for lot in self.spendable(source):
            part = min(points, lot.points)
            points -= part
            lot.points -= part
            if part:
                sent = evolve(lot, points=part, held=0, arrived_at=self.world.clock.now(), number=next_number())
                self.arrive(to, sent)

    @rule(index=_ACCOUNTS, points=_POINTS, hours=st.integers(0, 150))
    def buy_late(self, index: int, points: int, hours: int) -> None:
        """Pay at a till that was offline, or be told that there was not enough: points that were there, have not been
        taken since, and were kept by no hold that ran out since, expired or not.
        """
        self.lapsed()
        at = self.ago(index, hours)
        kept = [each for each in self.holds if each.account == index and each.state == "lapsed" and each.until > at]
        there = []
        for lot in sorted(self.lots[index], key=self.place):
            left = lot.points - sum(part for hold in kept for each, part in hold.slices if each is lot)
            if left > 0 and (lot.expires_at or NEVER) > at and (lot.arrived_at or lot.earned_at) <= at:
                there.append((lot, left))
        points = min(points, sum(left for _, left in there)) or points if points % 4 else points
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
        self.acted(index, at)

    @rule(index=_ACCOUNTS, points=st.integers(-60, 60).filter(bool))
    def adjust(self, index: int, points: int) -> None:
        """PTS-14: add or take points, or be told that there are not enough."""
        points = points if points > 0 else -self.asked(index, -points)
        now, available = self.world.clock.now(), self.available(index)
        adjust = partial(self.world.org.ledger.adjust, self.accounts[index], points, reason="goodwill")
        if -points > available:
            with pytest.raises(InsufficientPoints) as refusal:
                adjust()
            assert refusal.value.details["available"] == available
            return
        adjust()
        if points > 0:
            self.arrive(index, self.by_policy(points, now))
        else:
            self.take(index, -points)

    def take(self, index: int, points: int) -> None:
        """The model takes points in order of consumption."""
        self.drain(self.spendable(index), points)

    @rule(index=_ACCOUNTS, most=st.integers(0, 60))
    def write_off(self, index: int, most: int) -> None:
        """PTS-14: empty an account that has little, unless anything is held or nothing is there."""
        waiting = self.waiting(index)
        available = self.available(index) + sum(lot.points for lot in waiting)
        if available > most:
            return
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
        for lot in waiting:
            lot.points = 0

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
        self.arrive(index, self.by_policy(points, now))

    @rule(index=_ACCOUNTS, points=_POINTS, hours=st.integers(1, 200))
    def hold(self, index: int, points: int, hours: int) -> None:
        """Reserve points, or be told that there are not enough."""
        until, points = self.world.clock.now() + timedelta(hours=hours), self.asked(index, points)
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
        self.acted(hold.account, self.world.clock.now())
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

    @rule(index=_ACCOUNTS, hours=st.integers(0, 100))
    def settle(self, index: int, hours: int) -> None:
        """One account is settled, or what was due of it some hours ago: it makes no difference."""
        wallet = WalletId(self.accounts[index])
        self.world.org.ledger.settle([wallet], as_of=self.world.clock.now() - timedelta(hours=hours))

    @rule(hours=st.integers(0, 80))
    def jobs(self, hours: int) -> None:
        """The jobs run after some time, or do not: it makes no difference."""
        self.world.wait(hours=hours)
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
            assert balance.pending == sum(lot.points for lot in self.waiting(index))
        counted = self.world.org.ledger.outstanding(self.world.club.id)
        assert counted.available == sum(self.available(index) for index in range(3))
        assert counted.debt == sum(self.debt)
        assert counted.held == sum(hold.points for hold in self.holds if hold.state == "open")
        waiting = [lot for index in range(3) for lot in self.waiting(index)]
        assert counted.pending == sum(lot.points for lot in waiting)
        assert counted.outstanding == counted.total(*EntryKind)
        assert counted.outstanding == counted.available + counted.pending + counted.held - counted.debt
        there = [*waiting, *(lot for index in range(3) for lot in self.spendable(index))]
        fleeting = sum(lot.points for lot in there if lot.expires_at)
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
