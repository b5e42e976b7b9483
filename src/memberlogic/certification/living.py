"""The Hypothesis machine over the ledger, with points that live by activity (PTS-6): purchases, also late ones, and
captures keep them alive; transfers, adjustments and credits do not. Until when a lot lives is reckoned anew from
everything that has happened, which is what a late purchase asks for (COM-21).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import define
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from memberlogic.calendar import Term
from memberlogic.certification.machine import LedgerMachine, ModelLot, next_number
from memberlogic.ids import ExternalId
from memberlogic.ledger.model import Inactivity, Order
from memberlogic.loyalty.programme import Earning, EarningRule, Rate, Redeeming
from memberlogic.loyalty.purchases import PurchaseLine

__all__ = ["LivingMachine"]

_ACCOUNTS = st.integers(0, 2)


@define(eq=False)
class Lively(ModelLot):
    """Points that live by activity since they arrived; ``opened_until`` is until when without any."""

    opened_until: datetime | None = None


class LivingMachine(LedgerMachine):
    """The same accounts; points live for some days after the last activity. A point for each minor unit."""

    settings: Mapping[str, Any] = {
        "earning": Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))], excluded_categories={"nothing"}),
        "redeeming": Redeeming(points=1, value=1),
    }

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
                for at, number in sorted(self.active[index]):
                    alive_by = self.lives_until(at)
                    there = (lot.arrived_at or lot.earned_at, lot.number) < (at, number)
                    if there and at < until and alive_by is not None:
                        until = max(until, alive_by)
                lot.expires_at = until

    def arrive(self, index: int, *lots: ModelLot) -> None:
        """What was sent keeps its end, and lives by the receiver's activity from then on."""
        for lot in lots:
            if isinstance(lot, Lively):
                lot.opened_until = lot.expires_at
        super().arrive(index, *lots)

    def by_policy(self, points: int, at: datetime) -> ModelLot:
        """Points that live by activity."""
        until = self.lives_until(at)
        return Lively(until, points, at, opened_until=until)

    def can_be_told(self, index: int, at: datetime) -> bool:
        """Not where a hold has kept points beyond their end which the purchase would have kept alive (decision 13)."""
        now = self.world.clock.now()
        kept = [(lot, min(hold.until, now)) for hold in self.holds if hold.account == index for lot, _ in hold.slices]
        return not any(lot.expires_at is not None and at < lot.expires_at <= until for lot, until in kept)

    def acted(self, index: int, at: datetime) -> None:
        """An activity."""
        self.active[index].append((at, next_number()))
        self.reckon(index)

    @rule(index=_ACCOUNTS, amount=st.integers(1, 60), redeem=st.integers(0, 30))
    def buy(self, index: int, amount: int, redeem: int) -> None:
        """Buy, and pay with what points there are: an activity, unless neither happened."""
        points = min(redeem, self.available(index), amount)
        self.pay(index, amount, points, self.world.clock.now())

    @rule(index=_ACCOUNTS, amount=st.integers(1, 60), hours=st.integers(0, 400))
    def earn_late(self, index: int, amount: int, hours: int) -> None:
        """A till that was offline tells of a purchase: what expired only for lack of it lives again."""
        at = self.ago(index, hours)
        if not self.can_be_told(index, at):
            return
        self.pay(index, amount, 0, at)

    def pay(self, index: int, amount: int, points: int, at: datetime) -> None:
        """A purchase of one thing at an instant, by the library and by the model."""
        self.keys += 1
        done = self.world.org.loyalty.record_purchase(
            account=self.accounts[index],
            purchase=ExternalId("shop", str(self.keys)),
            lines=[PurchaseLine("item", amount)],
            currency="EUR",
            at=at,
            redeem=points,
        )
        self.lapsed()
        self.drain(self.spendable(index), points)
        earned = self.by_policy(amount - points, at)
        if earned.points:
            self.lots[index].append(earned)
        self.acted(index, at)
        assert done.earned == amount - points
        assert not done.earned or done.expires_at == earned.expires_at
