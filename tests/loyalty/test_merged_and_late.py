"""PTS-6, MEM-17: a purchase that is recorded late keeps alive what was there at its instant, and not what a merge
brought afterwards.
"""

from __future__ import annotations

import pytest

from memberlogic.certification import LivingTogetherMachine
from memberlogic.ledger.model import Order


@pytest.mark.rule("PTS-6", "MEM-17", "COM-21")
@pytest.mark.parametrize(("hours", "left"), [(6, 1), (5, 53)], ids=["an hour before the merge", "with the merge"])
def test_what_a_merge_brought_after_a_late_purchase_is_not_kept_alive_by_it(storage, hours, left):
    """Fifty-two points that end on the 25th come to the account five hours before."""
    machine = type("One", (LivingTogetherMachine,), {"storage": storage})()
    machine.open(days=4, order=Order.SOONEST_EXPIRY)
    machine.adjust(index=2, points=1)
    machine.hold_beyond_their_end(index=2, points=1, hours=70, ago=70)
    machine.jobs(hours=69)
    machine.unite(into=0, by=2)
    machine.hold(index=0, points=1, hours=5)
    machine.jobs(hours=5)
    machine.tell(0, 2, machine.ago(0, hours))
    assert machine.world.available(machine.accounts[0]) == machine.available(0) == left
    machine.everything_is_where_the_model_says()
    machine.buy_late(index=0, points=42, hours=0)
    machine.everything_is_where_the_model_says()
