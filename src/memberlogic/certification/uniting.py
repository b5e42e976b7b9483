"""The Hypothesis machines over the ledger in which records of one person become one (MEM-17): points, debt and
purchases go to the account that stays, with their dates; and another member has a new account in the place of the one
that went.
"""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import rule

from memberlogic.certification.buying import BuyingMachine
from memberlogic.certification.living import Lively, LivingMachine
from memberlogic.certification.machine import LedgerMachine, ModelLot, next_number
from memberlogic.errors import RuleViolation

__all__ = ["LivingTogetherMachine", "UnitingMachine"]


class _Uniting(LedgerMachine):
    """The same accounts, of members who turn out to be one."""

    @rule(into=st.integers(0, 2), by=st.integers(1, 2))
    def unite(self, into: int, by: int) -> None:
        """Merge the owners of two accounts, or be told what is held."""
        gone = (into + by) % 3
        loyalty, members, now = self.world.org.loyalty, self.world.org.members, self.world.clock.now()
        kept, other = (loyalty.account(self.accounts[each]).owner for each in (into, gone))
        self.lapsed()
        if any(hold.state == "open" and hold.account == gone for hold in self.holds):
            with pytest.raises(RuleViolation) as refusal:
                members.merge(survivor=kept, duplicate=other)
            assert refusal.value.code == "merge.account_held"
            return
        points, debt = self.available(gone), self.debt[gone]
        (joined,) = members.preview_merge(survivor=kept, duplicate=other).accounts
        assert members.merge(survivor=kept, duplicate=other).accounts == (joined,)
        assert [(each.points, each.debt) for each in joined.points] == [(points, debt)]
        for lot in self.living(gone, now):
            again = evolve(lot, held=0, arrived_at=now, number=next_number())
            lot.points = 0
            self.went(lot, again)
            self.lots[into].append(again)
        self.debt[into] = self.drain(self.living(into, now), self.debt[into] + debt)
        assert self.world.available(self.accounts[gone]) == self.available(into)
        self.begin_again(gone, into)

    def went(self, lot: ModelLot, again: ModelLot) -> None:
        """Points lie in another lot now."""

    def begin_again(self, gone: int, into: int) -> None:
        """Somebody else has an account in the place of the one that went; what it said before is another's."""
        before = self.accounts[gone]
        self.accounts[gone], self.opened[gone] = self.world.account(), self.world.clock.now()
        self.lots[gone], self.debt[gone] = [], 0
        self.holds = [each for each in self.holds if each.account != gone]
        self.said = [each for each in self.said if each.account != before]


class UnitingMachine(_Uniting, BuyingMachine):
    """With purchases, which come back to the account that stayed."""

    def went(self, lot: ModelLot, again: ModelLot) -> None:
        """A purchase looks for its points where they first arrived."""
        self.origins.append((again, next((first for each, first in self.origins if each is lot), lot)))

    def begin_again(self, gone: int, into: int) -> None:
        """Purchases count for the account that stayed."""
        super().begin_again(gone, into)
        for made in (each for each in self.bought if each.index == gone):
            made.index = into


class LivingTogetherMachine(UnitingMachine, LivingMachine):
    """Where points live by activity: by that of the account that stayed, from then on."""

    def went(self, lot: ModelLot, again: ModelLot) -> None:
        """They keep their end until something happens there."""
        super().went(lot, again)
        if isinstance(again, Lively):
            again.opened_until, again.back_from = again.expires_at, None

    def begin_again(self, gone: int, into: int) -> None:
        """Nothing has happened on the new account."""
        super().begin_again(gone, into)
        self.active[gone] = []
