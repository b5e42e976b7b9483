"""COM-7: a decision is a pure function of facts, input and now; ids come in as an argument."""

from __future__ import annotations

import copy
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, Term
from memberlogic.actors import Actor
from memberlogic.ledger import crediting, settling, transferring
from memberlogic.ledger.crediting import Credit
from memberlogic.ledger.transferring import Transfer, TransferFacts
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("COM-7")


def numbered():
    """Ids that are the same each time."""
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


@given(credits=st.lists(st.integers(1, 40), min_size=1, max_size=6), points=st.integers(1, 40), days=st.integers(0, 9))
def test_the_same_facts_give_the_same_outcome_and_stay_as_they_were(credits, points, days):
    world = World(MemoryStorage(), expiry=After(Term.of_days(5)))
    source, target = world.account(credits=credits), world.account(credits=[3])
    wallets = [world.wallet(source), world.wallet(target)]
    before = copy.deepcopy(wallets)
    now = world.clock.now() + timedelta(days=days)

    def decide():
        new_id = numbered()
        settled = settling.settle_all(wallets, now, new_id)
        credited = crediting.credit(
            settled.facts[0], Credit(account=source, points=points, reason="welcome"), Actor.system(), now, new_id
        )
        facts = TransferFacts(
            wanted=Transfer(source=source, target=target, points=points),
            source=credited.facts,
            target=settled.facts[1],
            asking=None,
            sent=0,
            unverified_may_spend=False,
        )
        return settled, credited, transferring.transfer(facts, Actor.system(), now, new_id)

    assert decide() == decide()
    assert wallets == before


@given(points=st.integers(1, 40), hours=st.lists(st.integers(1, 100), max_size=5))
def test_settling_in_steps_is_settling_once(points, hours):
    world = World(MemoryStorage(), expiry=After(Term.of_days(2)))
    account = world.account(credits=[points, 7])
    world.org.ledger.credit(account, 5, reason="welcome", expires_at=world.clock.now() + timedelta(hours=30))
    wallet, instant = world.wallet(account), world.clock.now()
    stepwise, entries = wallet, []
    for each in hours:
        instant += timedelta(hours=each)
        outcome = settling.settle(stepwise, instant, numbered())
        stepwise, entries = outcome.facts, [*entries, *outcome.events]
    once = settling.settle(wallet, instant, numbered())
    assert stepwise == once.facts
    assert [(e.amount, e.effective_at) for e in entries] == [(e.amount, e.effective_at) for e in once.events]
