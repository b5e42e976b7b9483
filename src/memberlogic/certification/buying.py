"""The Hypothesis machine over the ledger, with purchases that are made, paid with points, and come back (PTS-10): among
holds, transfers and expiry, against a model written from the rule with plain fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from attrs import define
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from memberlogic.calendar import Term, local_day, start_of_day
from memberlogic.certification.machine import LedgerMachine, ModelLot
from memberlogic.errors import RuleViolation
from memberlogic.ids import ExternalId
from memberlogic.ledger.consuming import NEVER
from memberlogic.loyalty.programme import Earning, EarningRule, LineCondition, LineField, Multiplier, Rate, Redeeming
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.loyalty.returns import ReturnLine

__all__ = ["BuyingMachine"]

COFFEE = LineCondition(LineField.CATEGORY, {"coffee"})
GRACE = Term.of_days(2)


@define(eq=False)
class ModelPurchase:
    """A purchase that the model knows of: two lines, of which the second earns double."""

    till: str
    index: int
    amounts: tuple[int, int]
    weights: tuple[Fraction, Fraction]
    spent: list[tuple[ModelLot, int]]
    own: list[ModelLot]
    back: list[int]
    restored: int = 0
    taken: int = 0

    @property
    def returned(self) -> int:
        """What came back, in minor units."""
        return sum(self.back)

    @property
    def total(self) -> int:
        """What it came to."""
        return sum(self.amounts)

    @property
    def earned(self) -> int:
        """Its points."""
        return floor(sum(self.weights))


class BuyingMachine(LedgerMachine):
    """A point for each 4 minor units, double for coffee; a point pays one; what comes back lives two days at least."""

    settings: Mapping[str, Any] = {
        "earning": Earning(
            rules=[
                EarningRule(key="base", gives=Rate(1, 4)),
                EarningRule(key="double", gives=Multiplier(Fraction(2)), lines=[COFFEE]),
            ],
            excluded_categories={"nothing"},
        ),
        "redeeming": Redeeming(points=1, value=1),
        "grace": GRACE,
    }

    def __init__(self) -> None:
        super().__init__()
        self.bought: list[ModelPurchase] = []
        self.origins: list[tuple[ModelLot, ModelLot]] = []
        """Lots that came back with another expiry, each with the one in which its points first arrived."""

    @rule(
        index=st.integers(0, 2),
        amounts=st.tuples(st.integers(0, 200), st.integers(0, 200)),
        redeem=st.integers(0, 100),
    )
    def buy(self, index: int, amounts: tuple[int, int], redeem: int) -> None:
        """Buy, and pay with what points there are."""
        points = min(redeem, self.available(index), sum(amounts))
        till = str(len(self.bought))
        done = self.world.org.loyalty.record_purchase(
            account=self.accounts[index],
            purchase=ExternalId("shop", till),
            lines=[PurchaseLine("mug", amounts[0]), PurchaseLine("beans", amounts[1], categories=("coffee",))],
            currency="EUR",
            redeem=points,
        )
        spent = []
        missing = points
        for lot in self.spendable(index):
            part = min(missing, lot.points)
            missing -= part
            lot.points -= part
            if part:
                spent.append((lot, part))
        left = [amount - part for amount, part in zip(amounts, _split(points, amounts), strict=True)]
        weights = (Fraction(left[0], 4), Fraction(left[1], 2))
        made = ModelPurchase(till, index, amounts, weights, spent, [], [0, 0])
        assert done.earned == made.earned
        if made.earned:
            self.earn(made)
        self.bought.append(made)
        if points or made.earned:
            self.acted(index, self.world.clock.now())

    def earn(self, made: ModelPurchase) -> None:
        """What a purchase earned arrives."""
        lot = self.by_policy(made.earned, self.world.clock.now())
        made.own.append(lot)
        self.arrive(made.index, lot)

    @precondition(lambda self: self.bought)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        """Take a part of a purchase back, by line or by amount, or be told that nothing is left."""
        made = data.draw(st.sampled_from(self.bought))
        left = [amount - back for amount, back in zip(made.amounts, made.back, strict=True)]
        said: dict[str, Any] = {"purchase": ExternalId("shop", made.till)}
        said["receipt"] = ExternalId("shop", f"{made.till}-{made.returned}")
        if not sum(left):
            with pytest.raises(RuleViolation):
                self.world.org.loyalty.return_purchase(**said, amount=1)
            return
        by_line = data.draw(st.sampled_from([position for position in (0, 1) if left[position]]) | st.none())
        most = sum(left) if by_line is None else left[by_line]
        part = data.draw(st.integers(1, most))
        if by_line is None:
            said["amount"] = part
            parts = _split(part, left)
        else:
            said["lines"] = [ReturnLine(position=by_line, amount=part)]
            parts = [part if position == by_line else 0 for position in (0, 1)]
        self.lapsed()
        made.back = [before + now for before, now in zip(made.back, parts, strict=True)]
        done = self.world.org.loyalty.return_purchase(**said)
        assert done.restored == self.restored(made)
        assert (done.taken, done.debt) == self.taken_back(made)
        assert done.available == self.available(made.index)

    def restored(self, made: ModelPurchase) -> int:
        """Points spent on it come back, the slice taken last first, each to its lot or with the grace term."""
        now = self.world.clock.now()
        spent = sum(points for _, points in made.spent)
        points = floor(Fraction(spent * made.returned, made.total)) - made.restored
        skip, missing = made.restored, points
        made.restored += points
        zone = self.world.club.zone
        grace = start_of_day(GRACE.after(local_day(now, zone)), zone)
        parts = []
        for lot, taken in reversed(made.spent):
            part = min(max(0, taken - skip), missing)
            skip, missing = max(0, skip - taken), missing - part
            if part:
                parts.append((lot, part))
        for lot, part in sorted(parts, key=lambda each: max(each[0].expires_at or NEVER, grace)):
            settled = min(part, self.debt[made.index])
            self.debt[made.index] -= settled
            until = lot.expires_at if lot.expires_at is None or lot.expires_at >= grace else grace
            if until == lot.expires_at and any(lot is each for each in self.lots[made.index]):
                lot.points += part - settled
            elif part > settled:
                # Of an account that became one with this the lots stay where they are.
                again = self.back_again(lot, part - settled, until)
                first = next((origin for each, origin in self.origins if each is lot), lot)
                self.origins.append((again, first))
                self.lots[made.index].append(again)
        return points

    def back_again(self, lot: ModelLot, points: int, until: datetime | None) -> ModelLot:
        """Points that come back, and live longer than the lot they came from."""
        return ModelLot(until, points, lot.earned_at, arrived_at=self.world.clock.now())

    def taken_back(self, made: ModelPurchase) -> tuple[int, int]:
        """Points it earned are taken back; what expired of them counts."""
        now = self.world.clock.now()
        weight = sum(made.weights)
        parts = zip(made.weights, made.back, made.amounts, strict=True)
        returned = sum((each * Fraction(back, amount) for each, back, amount in parts if amount), Fraction(0))
        goal = made.earned if made.returned == made.total else 0
        if weight and made.returned < made.total:
            goal = floor(made.earned * returned / weight)
        own = [*made.own, *(lot for lot, origin in self.origins if any(origin is each for each in made.own))]
        expired = sum(lot.points for lot in own if lot.expires_at is not None and lot.expires_at <= now)
        points = max(0, goal - made.taken - expired)
        made.taken += points
        living = self.living(made.index, now)
        waiting = self.waiting(made.index)
        mine = sorted((lot for lot in (*living, *waiting) if any(lot is each for each in own)), key=self.place)
        others = [lot for lot in living if not any(lot is each for each in own)]
        debt = self.drain([*mine, *others], points)
        self.debt[made.index] += debt
        return points, debt


def _split(total: int, over: tuple[int, int] | list[int]) -> list[int]:
    """Pro rata to two amounts, what is left over to the one with the larger remainder, else to the first."""
    if not sum(over):
        return [0, 0]
    exact = [Fraction(total * each, sum(over)) for each in over]
    parts = [floor(each) for each in exact]
    if sum(parts) < total:
        parts[0 if exact[0] - parts[0] >= exact[1] - parts[1] else 1] += 1
    return parts
