"""Whole histories: they print as sentences, replay on any store alike, and become small."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from tests.conftest import STORES

from memberlogic import Earning, EarningRule, Rate, Redeeming
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput
from memberlogic.testing import (
    Bought,
    BroughtBack,
    CameIn,
    Cancelled,
    Cast,
    Credited,
    Froze,
    Happening,
    History,
    JobsRan,
    Joined,
    Paid,
    Sent,
    Signed,
    Waited,
    World,
    histories,
    strategies,
)
from memberlogic_memory import MemoryStorage

A_DAY = History(
    Joined("Ana"),
    Joined("Ben", "staff"),
    Bought("Ana", 12_05),
    Bought("Ana", 12_00, paid_with=1),
    BroughtBack("Ana"),
    BroughtBack("Ben"),
    Credited("Ben", 2),
    Sent("Ben", "Ana", 3),
    Signed("Ana"),
    Paid("Ana"),
    Froze("Ana", 7, after=1),
    Froze("Ben", 1),
    CameIn("Ana"),
    Cancelled("Ana"),
    Waited(1),
    Waited(31),
    JobsRan(),
)
TOLD = """\
1. Ana joins as customer.
2. Ben joins as staff.
3. Ana buys for 12.05.
4. Ana buys for 12.00 and pays with 1 point.
5. Ana brings back the latest purchase.
6. Ben brings back the latest purchase. (Nothing happens: Ben has bought nothing that could come back.)
7. Ben is given 2 points.
8. Ben sends Ana 3 points. (Refused: points.insufficient.)
9. Ana signs a contract on the rate year.
10. Ana pays what is owed.
11. Ana freezes for 7 days, beginning in 1 day.
12. Ben freezes for 1 day, beginning today. (Nothing happens: Ben has no contract.)
13. Ana comes to the studio.
14. Ana cancels.
15. 1 day passes.
16. 31 days pass.
17. The jobs run."""


def club(storage) -> World:
    earning = Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))])
    redeeming = Redeeming(points=1, value=1)
    return World(storage, earning=earning, redeeming=redeeming, member_types=["customer", "staff"])


def outcome(cast: Cast) -> list[tuple[object, ...]]:
    """What a club has come to, without what differs by nature: ids."""
    return [
        (each.name, each.points, each.balance.debt, each.scheme, each.status if each.contracts else None)
        for each in cast
    ]


def test_a_history_is_told_in_sentences_on_every_store(storage):
    assert str(A_DAY.replay(club(storage))) == TOLD


def test_a_history_prints_as_what_makes_it_again():
    assert eval(repr(A_DAY), vars(histories)) == A_DAY
    assert "    Sent(who='Ben', to='Ana', points=3),  # Ben sends Ana 3 points.\n" in repr(A_DAY)
    assert repr(History()) == "History()"
    assert len(A_DAY) == len(list(A_DAY)) == len(str(A_DAY).splitlines()) == 17


NO_SHRINKING = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("store", [each for each in STORES if each != "memory"])
def test_a_history_comes_to_the_same_on_every_store(storage):
    @NO_SHRINKING
    @given(history=strategies.histories())
    def alike(history):
        here, there = history.replay(club(MemoryStorage())), history.replay(club(storage))
        assert (str(here), outcome(here)) == (str(there), outcome(there))

    alike()


@given(history=strategies.histories())
def test_no_point_is_lost_in_any_history(history):
    history.replay(club(MemoryStorage()), check=lambda cast: conserved(cast.world, *(each.account for each in cast)))


@given(history=strategies.histories())
def test_when_jobs_run_makes_no_difference(history):
    without = History(*(each for each in history if not isinstance(each, JobsRan)))
    assert outcome(history.replay(club(MemoryStorage()))) == outcome(without.replay(club(MemoryStorage())))


@given(history=strategies.histories(member_types=("customer", "staff")))
def test_whoever_something_happens_to_has_joined(history):
    cast = history.replay(club(MemoryStorage()))
    assert {each.who for each in history if isinstance(each, Joined)} == set(cast.people)


def test_every_kind_of_happening_goes_through_sometimes():
    through = set()

    @settings(max_examples=200, deadline=None, phases=[Phase.generate], derandomize=True)
    @given(history=strategies.histories())
    def live(history):
        cast = history.replay(club(MemoryStorage()))
        through.update(type(each.happening) for each in cast.steps if each.outcome is None)

    live()
    assert through == {Joined, *strategies.happenings()}


def test_what_fails_is_small_and_told_in_sentences():
    def check(cast):
        assert all(each.points < 300 for each in cast)

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(history=strategies.histories(of=[Bought, Waited, JobsRan]))
    def nobody_is_rich(history):
        history.replay(club(MemoryStorage()), check=check)

    with pytest.raises(AssertionError) as failed:
        nobody_is_rich()
    told = "\n".join(failed.value.__notes__)
    assert "This is what happened:\n1. Ana joins as customer.\n2. Ana buys for 300.00." in told
    assert "Bought(who='Ana', amount=30000, paid_with=0),  # Ana buys for 300.00." in told


def test_a_mistake_in_what_was_said_is_no_part_of_a_story():
    with pytest.raises(InvalidInput) as failed:
        History(Joined("Ana"), Credited("Ana", -1)).replay(club(MemoryStorage()))
    assert failed.value.__notes__ == ["This is what happened:\n1. Ana joins as customer."]
    with pytest.raises(InvalidInput) as failed:
        History(Credited("Ana", -1)).replay(club(MemoryStorage()))
    assert failed.value.__notes__ == ["Nothing had happened yet."]


class Danced(Happening):
    """Something of a host's own."""

    def do(self, cast):
        return cast["Ana"].with_points(1)

    def __str__(self):
        return "Everybody dances."


def test_a_host_brings_happenings_of_its_own_and_does_ours_its_own_way():
    seen = []
    history = History(Danced(), Bought("Ana", 100))
    cast = history.replay(club(MemoryStorage()), doing={Bought: lambda cast, each: seen.append((cast["Ana"], each))})
    assert str(cast) == "1. Everybody dances.\n2. Ana buys for 1.00."
    assert seen == [(cast["Ana"], Bought("Ana", 100))]
    assert cast["Ana"].points == 1
    danced = find(
        strategies.histories(of=[Bought], beside=st.builds(Danced)),
        lambda found: any(isinstance(each, Danced) for each in found),
    )
    assert len(danced) == 1


def test_a_history_is_of_two_people_or_more():
    with pytest.raises(ValueError, match="two people"):
        strategies.happenings(people=["Ana"])
