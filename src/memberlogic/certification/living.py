"""The Hypothesis machine over the ledger, with points that live by activity (PTS-6): purchases, also late ones, and
captures keep them alive; transfers, adjustments, credits and returns do not. Until when a lot lives is reckoned anew
from everything that has happened, which is what a late purchase asks for (COM-21), also of what a hold keeps beyond its
end and of what has been spent and may come back.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from attrs import define
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from memberlogic.calendar import Term
from memberlogic.certification.buying import BuyingMachine, ModelPurchase
from memberlogic.certification.machine import ModelLot, next_number
from memberlogic.ids import ExternalId
from memberlogic.ledger.model import Inactivity, Order
from memberlogic.loyalty.purchases import PurchaseLine

__all__ = ["LivingMachine"]

_ACCOUNTS = st.integers(0, 2)


@define(eq=False)
class Lively(ModelLot):
    """Points that live by activity since they arrived; ``opened_until`` is until when without any."""

    opened_until: datetime | None = None
    back_from: ModelLot | None = None
    """The points that came back with a longer life than they had: these, since when they were there."""

    @property
    def since(self) -> datetime:
        """From when on activity keeps them alive: what came back lives as if it had never left."""
        return self.arrived_at or self.earned_at


class LivingMachine(BuyingMachine):
    """The same accounts and purchases; points live for some days after the last activity."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[list[tuple[datetime, int]]] = [[], [], []]
        """When each account was active, and after how many lots had come to be."""

    @initialize(days=st.integers(2, 9), order=st.sampled_from(Order))
    def open(self, days: int, order: Order) -> None:
        """Open a club whose points live by activity."""
        self.begin(Inactivity(Term.of_days(days)), order)

    def reckon(self, index: int) -> None:
        """Until when the lots of an account live, by everything that is known now: an activity moves the end of what
        had arrived and was not over by then.
        """
        for lot in self.lots[index]:
            if isinstance(lot, Lively) and lot.opened_until is not None:
                until = lot.opened_until
                for at in self.kept_alive_by(lot, sorted(self.active[index])):
                    alive_by = self.lives_until(at)
                    if at < until and alive_by is not None:
                        until = max(until, alive_by)
                lot.expires_at = until

    def kept_alive_by(self, lot: Lively, active: list[tuple[datetime, int]]) -> list[datetime]:
        """The activity that says something of a lot: what came after it did. What came back has been given its life by
        what was known then; what is told later says something of it, and so does what had followed that.
        """
        if lot.back_from is None:
            return [at for at, number in active if (lot.since, lot.number) < (at, number)]
        first = lot.back_from.arrived_at or lot.back_from.earned_at
        told = [at for at, number in active if number > lot.number and at >= first]
        return [at for at, _ in active if told and at >= min(told)]

    def arrive(self, index: int, *lots: ModelLot) -> None:
        """What was sent keeps its end, and lives by the receiver's activity from then on."""
        for lot in lots:
            if isinstance(lot, Lively):
                lot.opened_until, lot.back_from = lot.expires_at, None
        super().arrive(index, *lots)

    def by_policy(self, points: int, at: datetime) -> ModelLot:
        """Points that live by activity."""
        until = self.lives_until(at)
        return Lively(until, points, at, opened_until=until)

    def back_again(self, lot: ModelLot, points: int, until: datetime | None) -> ModelLot:
        """What comes back lives by activity if it did."""
        if not isinstance(lot, Lively):
            return super().back_again(lot, points, until)
        now, first = self.world.clock.now(), lot.back_from or lot
        return Lively(until, points, lot.earned_at, arrived_at=now, opened_until=until, back_from=first)

    def acted(self, index: int, at: datetime) -> None:
        """An activity."""
        self.active[index].append((at, next_number()))
        self.reckon(index)

    @rule(index=_ACCOUNTS, amount=st.integers(1, 240), hours=st.integers(0, 400))
    def earn_late(self, index: int, amount: int, hours: int) -> None:
        """A till that was offline tells of a purchase: what expired only for lack of it lives again."""
        self.tell(index, amount, self.ago(index, hours))

    @rule(index=_ACCOUNTS, points=st.integers(1, 60), hours=st.integers(1, 150), ago=st.integers(1, 150))
    def hold_beyond_their_end(self, index: int, points: int, hours: int, ago: int) -> None:
        """Points are held until some hours after the first of them end, and their holder buys meanwhile."""
        ends = [lot.expires_at for lot in self.spendable(index) if lot.expires_at is not None]
        if not ends:
            return
        left = 1 + int((ends[0] - self.world.clock.now()).total_seconds()) // 3600
        self.hold(index, min(points, self.available(index)), left + hours)
        self.wait(left + min(hours, ago) - 1)
        self.buy(index, (ago, hours), 0)

    @precondition(lambda self: self.lasting())
    @rule(data=st.data(), amount=st.integers(1, 240), hours=st.integers(1, 100))
    def tell_of_what_a_hold_kept(self, data: st.DataObject, amount: int, hours: int) -> None:
        """A purchase is told of before the end of points that a hold kept beyond it: with it, they had not ended."""
        index, end = data.draw(st.sampled_from(self.lasting()))
        ago = self.world.clock.now() - end
        self.tell(index, amount, self.ago(index, hours + int(ago.total_seconds()) // 3600))

    def lasting(self) -> list[tuple[int, datetime]]:
        """The accounts and ends of points that a hold kept, or keeps, beyond them."""
        now = self.world.clock.now()
        kept = [(hold, lot.expires_at) for hold in self.holds for lot, _ in hold.slices]
        return [(hold.account, end) for hold, end in kept if end is not None and end <= min(hold.until, now)]

    def tell(self, index: int, amount: int, at: datetime) -> None:
        """A late purchase of two lines, by the library and by the model; it may be returned."""
        self.lapsed()
        if self.debt[index]:
            return
        self.keys += 1
        till = f"late {self.keys}"
        done = self.world.org.loyalty.record_purchase(
            account=self.accounts[index],
            purchase=ExternalId("shop", till),
            lines=[PurchaseLine("mug", amount), PurchaseLine("beans", amount, categories=("coffee",))],
            currency="EUR",
            at=at,
        )
        weights = (Fraction(amount, 4), Fraction(amount, 2))
        made = ModelPurchase(till, index, (amount, amount), weights, [], [], [0, 0])
        earned = self.by_policy(made.earned, at)
        assert done.earned == made.earned
        if made.earned:
            made.own.append(earned)
            self.lots[index].append(earned)
            self.acted(index, at)
            assert done.expires_at == earned.expires_at
        self.bought.append(made)
