"""The Hypothesis machine over the ledger, with points that are held back for a term (PTS-5): among purchases and their
returns, holds, transfers, late purchases and expiry, against the plain model.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any

from attrs import define, field
from hypothesis import strategies as st
from hypothesis.stateful import rule

from memberlogic.calendar import Term
from memberlogic.certification.buying import COFFEE, GRACE, BuyingMachine, ModelPurchase
from memberlogic.certification.machine import ModelLot
from memberlogic.ids import ExternalId
from memberlogic.loyalty.programme import Earning, EarningRule, LineCondition, LineField, Rate, Redeeming
from memberlogic.loyalty.purchases import PurchaseLine

__all__ = ["WaitingMachine"]

_TERM = 3
_OTHERS = LineCondition(LineField.CATEGORY, {"coffee", "nothing"}, exclude=True)


@define(eq=False)
class Awaited(ModelLot):
    """Points that are held back until an instant, which is when they come to the account."""

    waits: bool = field(kw_only=True)


class WaitingMachine(BuyingMachine):
    """The same purchases; what coffee earns is held back for three days."""

    settings: Mapping[str, Any] = {
        "earning": Earning(
            rules=[
                EarningRule(key="base", gives=Rate(1, 4), lines=[_OTHERS]),
                EarningRule(key="coffee", gives=Rate(1, 2), lines=[COFFEE], pending=Term.of_days(_TERM)),
            ],
            excluded_categories={"nothing"},
        ),
        "redeeming": Redeeming(points=1, value=1),
        "grace": GRACE,
    }

    def waiting(self, index: int) -> list[ModelLot]:
        """What is held back still."""
        self.lapsed()
        return [lot for lot in self.lots[index] if isinstance(lot, Awaited) and lot.waits and lot.points]

    def living(self, index: int, now: datetime) -> list[ModelLot]:
        """What is held back is not to be spent."""
        return [lot for lot in super().living(index, now) if not (isinstance(lot, Awaited) and lot.waits)]

    def lapsed(self) -> None:
        """Holds run out and points become available, each at its own instant; either settles debt."""
        now = self.world.clock.now()
        due = [hold.until for hold in self.holds if hold.state == "open" and hold.until <= now]
        due += [at for lots in self.lots for lot in lots if (at := self.awaited_at(lot)) is not None and at <= now]
        for instant in sorted(set(due)):
            for hold in (each for each in self.holds if each.state == "open" and each.until == instant):
                self.free(hold, "lapsed", instant)
            for index, lots in enumerate(self.lots):
                coming = [lot for lot in lots if isinstance(lot, Awaited) and self.awaited_at(lot) == instant]
                for lot in coming:
                    lot.waits = False
                if coming:
                    self.debt[index] = self.drain(self.living(index, instant), self.debt[index])

    def awaited_at(self, lot: ModelLot) -> datetime | None:
        """When a lot becomes available that is held back."""
        return lot.arrived_at if isinstance(lot, Awaited) and lot.waits else None

    def held_back(self, points: int, at: datetime) -> Awaited:
        """Points of a purchase of an instant that can be spent from the start of the third day after it."""
        since = self.midnight(self.day(at) + timedelta(days=_TERM))
        return Awaited(self.lives_until(since), points, at, arrived_at=since, waits=True)

    def earn(self, made: ModelPurchase) -> None:
        """What is available at once arrives; the rest waits. A point that cannot be split goes to the larger remainder,
        else to what is available sooner.
        """
        now, total = self.world.clock.now(), sum(made.weights)
        shares = [made.earned * weight / total for weight in made.weights]
        parts = [floor(share) for share in shares]
        if sum(parts) < made.earned:
            remainders = [share - part for share, part in zip(shares, parts, strict=True)]
            parts[0 if remainders[0] >= remainders[1] else 1] += 1
        if parts[0]:
            lot = self.by_policy(parts[0], now)
            made.own.append(lot)
            self.arrive(made.index, lot)
        if parts[1]:
            later = self.held_back(parts[1], now)
            made.own.append(later)
            self.lots[made.index].append(later)

    @rule(index=st.integers(0, 2), amount=st.integers(2, 120), hours=st.integers(0, 200))
    def buy_coffee_late(self, index: int, amount: int, hours: int) -> None:
        """A till that was offline tells of coffee: what it earns waits from its own day on, or has waited."""
        self.lapsed()
        at = self.ago(index, hours)
        if self.debt[index]:
            return
        self.keys += 1
        done = self.world.org.loyalty.record_purchase(
            account=self.accounts[index],
            purchase=ExternalId("till", str(self.keys)),
            lines=[PurchaseLine("beans", amount, categories=("coffee",))],
            currency="EUR",
            at=at,
        )
        lot = self.held_back(floor(Fraction(amount, 2)), at)
        assert (done.earned, done.expires_at) == (lot.points, lot.expires_at)
        self.lots[index].append(lot)
