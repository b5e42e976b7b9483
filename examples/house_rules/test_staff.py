"""The rule is tried by an example, which both ways of writing it pass, and by a property, which finds the wrong one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from examples.house_rules.staff import welcome_staff, welcome_staff_for_a_year
from hypothesis import Phase, given, settings

from memberlogic import Downgrade, Handle, Metric, Monthly, Progression, Scheme, Term, Upgrade, testing
from memberlogic.ids import AccountId
from memberlogic.testing import Bought, Cast, History, Joined, Waited, World, has, strategies
from memberlogic_memory import MemoryStorage

Welcome = Callable[[Handle, AccountId, date], None]

CLUB: dict[str, Any] = {
    "member_types": ["customer", "staff"],
    "schemes": [
        Scheme(code="base", name="Base"),
        Scheme(code="silver", name="Silver", threshold=100_00),
        Scheme(code="gold", name="Gold", threshold=300_00),
    ],
    "progression": Progression(
        metric=Metric.MONEY_SPENT,
        window=Term.of_months(12),
        upgrade=Upgrade.AT_ONCE,
        downgrade=Downgrade.TO_REACHED,
        review=Monthly(),
    ),
}


def live(history: History, welcome: Welcome) -> Cast:
    """What happens in our club, where staff are welcomed our own way; the rule is looked at after each step."""

    def join(cast: Cast, joined: Joined) -> None:
        someone = cast.join(joined.who, joined.member_type)
        if joined.member_type == "staff":
            welcome(cast.world.org, someone.account, cast.world.today())

    return history.replay(World(MemoryStorage(), **CLUB), doing={Joined: join}, check=staff_stay_silver)


def staff_stay_silver(cast: Cast) -> None:
    """The rule, in one line."""
    for each in cast:
        assert (each.member_type, each.scheme) != ("staff", "gold"), f"{each} rose above Silver"


@pytest.mark.parametrize("welcome", [welcome_staff, welcome_staff_for_a_year])
def test_staff_who_buy_a_lot_stay_silver(welcome: Welcome) -> None:
    world = World(MemoryStorage(), **CLUB)
    sam = world.a_member("Sam", member_type="staff")
    welcome(world.org, sam.account, world.today())
    testing.given(sam).when(lambda sam: sam.who_bought(5_000_00)).then(has(sam, scheme="silver"))


LIVES = strategies.histories(of=[Bought, Waited], people=["Ana", "Ben"], member_types=["customer", "staff"])


@settings(deadline=None)
@given(history=LIVES)
def test_staff_never_rise_above_silver(history: History) -> None:
    live(history, welcome_staff)


def test_the_rule_as_it_was_first_written_is_found_wrong() -> None:
    @settings(deadline=None, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
    @given(history=LIVES)
    def never_above_silver(history: History) -> None:
        live(history, welcome_staff_for_a_year)

    with pytest.raises(AssertionError, match="rose above Silver") as found:
        never_above_silver()
    print(*found.value.__notes__, sep="\n")
