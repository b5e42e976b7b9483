"""SCH-2, SCH-5, SCH-8 through the public service, on every store: what led to a change does not count since it, also on
the day on which the account was opened.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from memberlogic import (
    Downgrade,
    ExternalId,
    Metric,
    Monthly,
    Progression,
    PurchaseLine,
    Scheme,
    SinceChange,
    Term,
    Upgrade,
)

pytestmark = pytest.mark.rule("SCH-2", "SCH-5", "SCH-8")

LADDER = (
    Scheme(code="base", name="Base"),
    Scheme(code="silver", name="Silver", threshold=1_000),
    Scheme(code="gold", name="Gold", threshold=5_000),
)
PROGRESSION = Progression(
    metric=Metric.MONEY_SPENT,
    window=SinceChange(),
    upgrade=Upgrade.AT_ONCE,
    downgrade=Downgrade.TO_REACHED,
    review=Monthly(15),
    minimum_stay=Term.of_months(1),
)
CHANGED = datetime(2026, 1, 31, 12, tzinfo=UTC)
OPENED = pytest.mark.parametrize("opened", [30, 31])


@pytest.fixture
def opened_on(make_world):
    def opened(number: int):
        world = make_world(at=datetime(2026, 1, number, 12, tzinfo=UTC), schemes=LADDER, progression=PROGRESSION)
        account = world.account()
        world.clock.set(CHANGED)
        return world, account

    return opened


def buy(world, account, id: str, cents: int, **said) -> None:
    world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", id), lines=[PurchaseLine("item", cents)], currency="EUR", **said
    )


def changes(world, account) -> list[tuple]:
    return [
        (each.day, each.from_scheme, each.to_scheme, each.measured)
        for each in world.org.loyalty.scheme_history(account).changes
    ]


@OPENED
def test_what_reached_a_scheme_does_not_keep_it(opened_on, opened):
    world, account = opened_on(opened)
    buy(world, account, "1", 1_000)
    world.clock.set(datetime(2026, 2, 1, 12, tzinfo=UTC))
    buy(world, account, "2", 1)
    world.clock.set(datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert changes(world, account) == [
        (date(2026, 1, 31), "base", "silver", 1_000),
        (date(2026, 2, 28), "silver", "base", 1),
    ]


@OPENED
def test_what_reached_a_scheme_does_not_count_towards_the_next(opened_on, opened):
    world, account = opened_on(opened)
    buy(world, account, "1", 4_000)
    world.clock.set(datetime(2026, 2, 1, 12, tzinfo=UTC))
    buy(world, account, "2", 1_000)
    assert world.org.loyalty.account(account).scheme == "silver"
    buy(world, account, "3", 4_000)
    assert world.org.loyalty.account(account).scheme == "gold"


@OPENED
def test_what_was_bought_before_a_move_does_not_count_after_it(opened_on, opened):
    world, account = opened_on(opened)
    buy(world, account, "1", 999)
    world.org.loyalty.move_scheme(account, "silver", reason="goodwill")
    world.clock.set(datetime(2026, 2, 1, 12, tzinfo=UTC))
    buy(world, account, "2", 1)
    world.clock.set(datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert changes(world, account)[1:] == [(date(2026, 2, 28), "silver", "base", 1)]


def test_the_day_of_opening_counts_until_the_first_change(opened_on):
    world, account = opened_on(31)
    buy(world, account, "1", 999)
    world.clock.set(datetime(2026, 2, 1, 12, tzinfo=UTC))
    buy(world, account, "2", 1)
    assert changes(world, account) == [(date(2026, 2, 1), "base", "silver", 1_000)]


def test_a_purchase_at_the_first_instant_of_a_day_counts_once(opened_on):
    """Midnight in Berlin: the day of the review that is held then counts, that of the purchase that raises does not."""
    world, account = opened_on(30)
    world.clock.set(datetime(2026, 2, 4, 23, tzinfo=UTC))
    buy(world, account, "1", 4_000)
    assert changes(world, account) == [(date(2026, 2, 5), "base", "silver", 4_000)]
    buy(world, account, "2", 1_000)
    assert world.org.loyalty.account(account).scheme == "silver"
