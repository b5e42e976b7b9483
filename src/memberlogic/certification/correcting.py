"""The Hypothesis machine over the ledger, with points that are revived and credits that are reversed (PTS-14): among
holds, transfers, adjustments, late purchases and expiry, against the plain model.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from attrs import define, field
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from memberlogic.calendar import Term
from memberlogic.certification.machine import LedgerMachine, ModelLot
from memberlogic.ids import EntryId
from memberlogic.ledger.consuming import NEVER
from memberlogic.ledger.reinstating import NothingToReinstate
from memberlogic.ledger.reversing import AlreadyReversed, NothingLeftToReverse

__all__ = ["CorrectingMachine"]

_ACCOUNTS = st.integers(0, 2)


@define(eq=False)
class Mistake:
    """A credit that the model knows of, and may reverse."""

    entry: EntryId
    index: int
    lot: ModelLot
    amount: int
    lost: int = 0
    """What the club took of it by adjusting and writing off."""
    undone: bool = False
    revived: bool = False
    """Whether points of it have lived again elsewhere."""


@define(eq=False)
class Gone(ModelLot):
    """Points of a lot that are gone for a reason of their own."""

    of: ModelLot = field(kw_only=True)
    counted: bool = field(kw_only=True)
    """Whether a reversal has counted them as taken."""


class CorrectingMachine(LedgerMachine):
    """The same accounts, corrected."""

    settings: Mapping[str, Any] = {"grace": Term.of_days(3), "reinstating": Term.of_days(1000)}

    def __init__(self) -> None:
        super().__init__()
        self.mistakes: list[Mistake] = []

    def take(self, index: int, points: int) -> None:
        """The club takes points in order of consumption."""
        before = [each.lot.points for each in self.mistakes]
        super().take(index, points)
        for each, had in zip(self.mistakes, before, strict=True):
            each.lost += had - each.lot.points

    def came_from(self, lot: ModelLot) -> ModelLot:
        """Of points that were set apart, the lot of which they were."""
        return lot.of if isinstance(lot, Gone) else lot

    def place(self, lot: ModelLot) -> tuple[Any, ...]:
        """What is gone for a reason of its own stands with its lot: after what is left of that, but before what expired
        of it later.
        """
        of = self.came_from(lot)
        over = of.expires_at is not None and of.expires_at <= self.world.clock.now()
        return (*super().place(of), lot is of if over else lot is not of, lot.number)

    def set_apart(self, index: int, lot: ModelLot, points: int, at: datetime | None, *, counted: bool) -> None:
        """Points that are gone from a lot since an instant, for a reason of their own."""
        gone = Gone(at, points, lot.earned_at, arrived_at=lot.arrived_at, of=lot, counted=counted)
        self.lots[index].append(gone)

    @rule(index=_ACCOUNTS, points=st.integers(1, 60))
    def credit_by_mistake(self, index: int, points: int) -> None:
        """A credit that may be reversed."""
        self.lapsed()
        credited = self.world.org.ledger.credit(self.accounts[index], points, reason="mistake")
        now = self.world.clock.now()
        lot = self.by_policy(points, now)
        if credited.settled_debt:
            self.arrive(index, lot)
            return
        self.arrive(index, lot)
        self.mistakes.append(Mistake(credited.entry, index, lot, points))

    @rule(index=_ACCOUNTS)
    def reinstate(self, index: int) -> None:
        """Everything that expired lives again, once, for the grace term; but what a reversal counted does not."""
        self.lapsed()
        if self.debt[index]:
            return
        now = self.world.clock.now()
        gone = [
            each
            for each in self.lots[index]
            if each.points and (each.expires_at or NEVER) <= now and not (isinstance(each, Gone) and each.counted)
        ]
        revive = partial(self.world.org.ledger.reinstate, self.accounts[index], reason="goodwill")
        if not gone:
            with pytest.raises(NothingToReinstate):
                revive()
            return
        revived = revive()
        assert revived.points == sum(lot.points for lot in gone)
        for lot in gone:
            self.arrive(index, ModelLot(revived.expires_at, lot.points, lot.earned_at, arrived_at=now))
            lot.points = 0
        for each in self.mistakes:
            each.revived = each.revived or each.lot in map(self.came_from, gone)

    @precondition(lambda self: any(not each.undone and not each.revived for each in self.mistakes))
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        """A credit is taken back, as far as the club has not taken it: from its own lot, then in order; the rest is
        owed. Once.
        """
        mistake = data.draw(st.sampled_from([each for each in self.mistakes if not each.undone and not each.revived]))
        index, lot = mistake.index, mistake.lot
        self.lapsed()
        now = self.world.clock.now()
        alive = lot.expires_at is None or lot.expires_at > now
        points = mistake.amount - mistake.lost - (0 if alive else lot.points)
        reverse = partial(self.world.org.ledger.reverse, mistake.entry, reason="mistake")
        if not points:
            with pytest.raises(NothingLeftToReverse):
                reverse()
            return
        missing = self.drain([lot] if alive else [], points)
        missing = self.drain(self.spendable(index), missing)
        self.debt[index] += missing
        done = reverse()
        assert (done.points, done.owed) == (-points, missing)
        with pytest.raises(AlreadyReversed):
            reverse()
        mistake.undone = True
        for each in self.lots[index]:
            if isinstance(each, Gone) and each.of is lot:
                each.counted = True
        if not alive:
            self.set_apart(index, lot, lot.points, lot.expires_at, counted=True)
            lot.points = 0
