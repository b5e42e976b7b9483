"""PTS-16, PTS-17: what is said of points that wait, or live by activity, as of a past instant, is what was said then.
By plain steps on every store, and against each other in memory.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import (
    After,
    Earning,
    EarningRule,
    ExternalId,
    Inactivity,
    PurchaseLine,
    Rate,
    Redeeming,
    Term,
)
from memberlogic.errors import MemberLogicError
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-16", "PTS-17", "PTS-5", "PTS-6")
EARNING = Earning(
    rules=[
        EarningRule(key="now", gives=Rate(1, per=100)),
        EarningRule(key="later", gives=Rate(1, per=50), pending=Term.of_days(2)),
    ]
)
POLICIES = [Inactivity(Term.of_days(3)), After(Term.of_days(3))]


class Said:
    """A club of two accounts that remembers everything that it said."""

    def __init__(self, world):
        self.world = world
        self.accounts = [world.account(), world.account()]
        self.holds, self.bought, self.said = [], [], []

    def act(self, step, number, hours):
        ledger, loyalty = self.world.org.ledger, self.world.org.loyalty
        account, other = (self.accounts[number % 2], self.accounts[1 - number % 2])
        if step in ("buy", "redeem"):
            purchase = ExternalId("till", f"{self.world.organization.id}-{len(self.bought)}")
            loyalty.record_purchase(
                account=account,
                purchase=purchase,
                lines=[PurchaseLine("thing", 100 * number)],
                currency="EUR",
                redeem=number if step == "redeem" else 0,
            )
            self.bought.append(purchase)
        elif step == "return" and self.bought:
            purchase = self.bought.pop()
            loyalty.return_purchase(purchase=purchase, receipt=ExternalId("back", purchase.value))
        elif step == "hold":
            until = self.world.clock.now() + timedelta(hours=5 * number)
            self.holds.append(ledger.hold(account, number, until=until).hold)
        elif step == "capture" and self.holds:
            ledger.capture(self.holds.pop(), 1)
        elif step == "transfer":
            ledger.transfer(source=account, target=other, points=number)
        elif step == "jobs":
            self.world.ml.run_jobs()
        self.world.wait(hours=hours)

    def try_to(self, step, number, hours):
        try:
            self.act(step, number, hours)
        except MemberLogicError:
            self.world.wait(hours=hours)

    def look(self):
        world = self.world
        balances = [world.org.ledger.balance(each) for each in self.accounts]
        counted, valued = world.org.ledger.outstanding(world.club.id), world.org.loyalty.liability(world.club.id)
        for name in ("available", "held", "pending", "debt"):
            assert getattr(counted, name) == getattr(valued, name) == sum(getattr(each, name) for each in balances)
        assert counted.outstanding == counted.available + counted.held + counted.pending - counted.debt
        upcoming = [world.org.ledger.expiring(each).days for each in self.accounts]
        days = {day.day for days in upcoming for day in days}
        assert {each.day: each.points for each in counted.expiring} == {
            day: sum(each.points for days in upcoming for each in days if each.day == day) for day in days
        }
        self.said.append((balances, counted, valued))
        world.wait(microseconds=1)

    def check(self):
        world = self.world
        for balances, counted, valued in self.said:
            for each in balances:
                assert world.org.ledger.balance(each.account, as_of=each.at) == each
            assert world.org.loyalty.liability(world.club.id, as_of=valued.at) == valued
            again = world.org.ledger.outstanding(world.club.id, as_of=counted.at)
            assert evolve(again, kinds=()) == evolve(counted, kinds=())


@pytest.mark.parametrize("expiry", POLICIES)
def test_what_was_said_is_said_again_on_every_store(make_world, expiry):
    """Buying, holding, owing, waiting and expiring, with jobs and without."""
    club = Said(make_world(expiry=expiry, earning=EARNING, redeeming=Redeeming(points=1, value=1)))
    steps = [
        ("buy", 10, 0),
        ("hold", 10, 1),
        ("buy", 4, 5),
        ("return", 4, 20),
        ("capture", 4, 3),
        ("buy", 9, 24),
        ("transfer", 9, 11),
        ("jobs", 1, 13),
        ("redeem", 2, 24),
        ("hold", 3, 30),
        ("buy", 3, 9),
        ("jobs", 1, 40),
        ("redeem", 1, 100),
        ("jobs", 1, 0),
    ]
    for step in steps:
        club.try_to(*step)
        club.look()
    club.check()


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["buy", "buy", "redeem", "return", "hold", "capture", "transfer", "jobs"]),
            st.integers(1, 20),
            st.integers(0, 60),
        ),
        min_size=1,
        max_size=14,
    ),
    expiry=st.sampled_from(POLICIES),
)
def test_everything_ever_said_is_said_again(steps, expiry):
    """Balances, what is outstanding and the liability; at each moment they agree with each other."""
    club = Said(World(MemoryStorage(), expiry=expiry, earning=EARNING, redeeming=Redeeming(points=1, value=1)))
    for step in steps:
        club.try_to(*step)
        club.look()
    club.check()
