"""One Hypothesis machine over the ledger's commands, against a plain model (R1): conservation and no negative balance
at every step, expiry by the clock, keys, whatever the jobs do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

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
from memberlogic.ids import AccountId
from memberlogic.ledger.consuming import NEVER
from memberlogic.ledger.model import After
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.storing import Storage
from memberlogic.testing.worlds import World

__all__ = ["LedgerMachine", "certify_ledger"]

_ACCOUNTS = st.integers(0, 2)
_POINTS = st.integers(1, 60)


@define
class ModelLot:
    """Points that the model knows of."""

    expires_at: datetime | None
    points: int
    earned_at: datetime


class LedgerMachine(RuleBasedStateMachine):
    """Three accounts of one club; the model is a list of lots for each."""

    storage: Storage[Work]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.storage, expiry=After(Term.of_days(5)))
        self.accounts: list[AccountId] = []
        self.lots: list[list[ModelLot]] = [[], [], []]
        self.keys = 0

    @initialize()
    def open(self) -> None:
        """Open the accounts."""
        self.accounts = [self.world.account() for _ in self.lots]

    def spendable(self, index: int) -> list[ModelLot]:
        """The model's lots that can be spent now, in order of consumption."""
        now = self.world.clock.now()
        kept = [lot for lot in self.lots[index] if lot.points and (lot.expires_at is None or lot.expires_at > now)]
        return sorted(kept, key=lambda lot: (lot.expires_at or NEVER, lot.earned_at))

    def available(self, index: int) -> int:
        """What the model can spend now."""
        return sum(lot.points for lot in self.spendable(index))

    @rule(index=_ACCOUNTS, points=_POINTS, days=st.one_of(st.none(), st.integers(1, 12)))
    def credit(self, index: int, points: int, days: int | None) -> None:
        """Credit, with the club's expiry or a named one."""
        now = self.world.clock.now()
        named = None if days is None else now + timedelta(days=days)
        credited = self.world.org.ledger.credit(self.accounts[index], points, reason="welcome", expires_at=named)
        assert named is None or credited.expires_at == named
        self.lots[index].append(ModelLot(credited.expires_at, points, now))

    @rule(source=_ACCOUNTS, by=st.integers(1, 2), points=_POINTS)
    def transfer(self, source: int, by: int, points: int) -> None:
        """Transfer to one of the others, or be told that there is not enough."""
        to = (source + by) % 3
        transfer = partial(
            self.world.org.ledger.transfer, source=self.accounts[source], target=self.accounts[to], points=points
        )
        available = self.available(source)
        if points > available:
            with pytest.raises(InsufficientPoints) as refusal:
                transfer()
            assert refusal.value.details["available"] == available
            return
        transfer()
        for lot in self.spendable(source):
            part = min(points, lot.points)
            points -= part
            lot.points -= part
            self.lots[to].append(ModelLot(lot.expires_at, part, lot.earned_at))

    @rule(index=_ACCOUNTS, points=_POINTS)
    def credit_twice_with_one_key(self, index: int, points: int) -> None:
        """A key that is sent again does nothing."""
        self.keys += 1
        key = f"key-{self.keys}"
        now = self.world.clock.now()
        credited = self.world.org.ledger.credit(self.accounts[index], points, reason="welcome", idempotency_key=key)
        again = self.world.org.ledger.credit(self.accounts[index], points, reason="welcome", idempotency_key=key)
        assert again == credited
        self.lots[index].append(ModelLot(credited.expires_at, points, now))

    @rule(hours=st.integers(1, 80))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.world.wait(hours=hours)

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
        conserved(self.world, *self.accounts)


def certify_ledger(make: Callable[[], Storage[Work]], *, examples: int = 20, steps: int = 30) -> None:
    """Run the machine on a store; ``make`` gives one for each example, new or shared."""

    class Machine(LedgerMachine):
        def __init__(self) -> None:
            self.storage = make()
            super().__init__()

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )
