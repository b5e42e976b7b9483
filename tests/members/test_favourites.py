"""MEM-14: what a member likes best, on every store."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import ExternalId, PurchaseLine, ReturnLine
from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import new_id
from memberlogic.members.favourites import window_start
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("MEM-14")


BOTH = ("members.purchases:read", "members.visits:read")


def buy(world, account, studio=None, *, item="tea", quantity=1, at=None):
    till = ExternalId("till", str(new_id()))
    lines = [PurchaseLine(item, 100, quantity=quantity)]
    world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR", studio=studio, at=at)
    return till


def give_back(world, till, **said):
    world.org.loyalty.return_purchase(purchase=till, receipt=ExternalId("till", str(new_id())), **said)


@pytest.fixture
def ana(world):
    world.ana = world.member()
    world.account_of_ana = world.account(member=world.ana)
    return world.ana


def test_it_is_where_they_bought_most_often(world, ana):
    for studio in ("south", "north", "south", None, None, None):
        buy(world, world.account_of_ana, studio)
    told = world.org.members.favourites(ana)
    assert (told.studio, told.named) == ("south", False)
    assert [(each.code, each.times) for each in told.studios] == [("south", 2), ("north", 1)]
    assert told.explain().summary == "Bought or checked in 2 times at south since 2025-01-16, more than anywhere else."


def test_of_equals_it_is_the_most_recent(world, ana):
    for studio in ("south", "north", "north", "south", "north", "south"):
        world.wait(minutes=1)
        buy(world, world.account_of_ana, studio, item=f"tea of {studio}")
    told = world.org.members.favourites(ana)
    assert told.studio == "south"
    assert told.studios[0].latest == world.clock.now()
    assert [each.code for each in told.items] == ["tea of south", "tea of north"]
    assert "the most recent" in told.explain().summary


def test_the_one_that_they_named_comes_first(world, ana):
    buy(world, world.account_of_ana, "south")
    world.studio("north")
    world.acting_as(Actor.member(ana)).members.update(ana, favourite_studio="north")
    told = world.org.members.favourites(ana)
    assert (told.studio, told.named, [each.code for each in told.studios]) == ("north", True, ["south"])
    assert told.explain().summary == "They named north themself."
    world.org.members.update(ana, clear=["favourite_studio"])
    assert world.org.members.favourites(ana).studio == "south"


def test_a_studio_that_is_not_there_cannot_be_named(world, ana):
    with pytest.raises(NotFound):
        world.org.members.update(ana, favourite_studio="moon")


def test_nobody_has_favourites_from_the_start(world, ana):
    told = world.org.members.favourites(ana)
    assert (told.studio, told.named, told.studios, told.items, told.left_out) == (None, False, (), (), ())
    assert told.explain().summary == "Nothing was counted at any studio since 2025-01-16."


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 1, 15), date(2025, 1, 16)),
        (date(2026, 12, 31), date(2026, 1, 1)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2025, 2, 28), date(2024, 2, 29)),
        (date(2028, 3, 1), date(2027, 3, 2)),
    ],
)
def test_twelve_months_end_today(today, first):
    assert window_start(today) == first


def test_what_is_older_than_twelve_months_does_not_count(world, ana):
    for _ in range(2):
        buy(world, world.account_of_ana, "south", item="cake")
    world.wait(days=1)
    buy(world, world.account_of_ana, "north")
    world.wait(days=363)
    assert world.org.members.favourites(ana).studio == "south"
    world.wait(days=1)
    told = world.org.members.favourites(ana)
    assert (told.studio, [each.code for each in told.items]) == ("north", ["tea"])
    world.wait(days=1)
    assert world.org.members.favourites(ana).studio is None


def test_what_came_back_does_not_count(world, ana):
    wholly = [buy(world, world.account_of_ana, "south", item="cake", quantity=3) for _ in range(2)]
    partly = buy(world, world.account_of_ana, "north", item="tea", quantity=9)
    buy(world, world.account_of_ana, "north", item="milk", quantity=4)
    give_back(world, partly, lines=[ReturnLine(position=0, quantity=6)])
    for till in wholly:
        give_back(world, till)
    told = world.org.members.favourites(ana)
    assert [(each.code, each.times) for each in told.studios] == [("north", 2)]
    assert [(each.code, each.times) for each in told.items] == [("milk", 4), ("tea", 3)]


def test_so_many_items_are_told(world, ana):
    for index in range(7):
        buy(world, world.account_of_ana, item=f"item {index}", quantity=7 - index)
    assert [each.code for each in world.org.members.favourites(ana).items] == [f"item {index}" for index in range(5)]
    assert len(world.org.members.favourites(ana, items=7).items) == 7
    assert world.org.members.favourites(ana, items=0).items == ()
    for items in (-1, 101, True):
        with pytest.raises(InvalidInput):
            world.org.members.favourites(ana, items=items)


@pytest.mark.rule("COM-13")
def test_purchases_are_counted_for_whoever_may_read_them(world, ana):
    world.studio("north")
    buy(world, world.account_of_ana, "south")
    told = world.staff("members.profile:read").members.favourites(ana)
    assert (told.studio, told.studios, told.items, told.left_out) == (None, (), (), BOTH)
    allowed = world.staff("members.profile:read", *BOTH).members.favourites(ana)
    assert (allowed.studio, allowed.left_out) == ("south", ())
    assert world.acting_as(Actor.member(ana)).members.favourites(ana).studio == "south"
    with pytest.raises(NotFound):
        world.acting_as(Actor.member(world.member())).members.favourites(ana)


BOUGHT = st.tuples(
    st.sampled_from(["north", "south", "west", None]),
    st.sampled_from(["tea", "cake", "milk"]),
    st.integers(1, 4),
    st.integers(0, 400),
    st.integers(0, 5),
)


@settings(max_examples=40)
@given(bought=st.lists(BOUGHT, max_size=12))
def test_they_are_what_counting_one_by_one_says(bought):
    """Purchases of more than a year, some of which came back whole or in part."""
    world = World(MemoryStorage())
    ana = world.member()
    account, begin = world.account(member=ana), world.clock.now()
    studios, items, latest = Counter(), Counter(), {}
    since = (begin + timedelta(days=400)).date() - timedelta(days=364)
    for studio, item, quantity, day, returned in sorted(bought, key=lambda each: each[3]):
        ahead = begin + timedelta(days=day) - world.clock.now()
        world.wait(seconds=max(ahead.total_seconds(), 0) + 1)
        till = buy(world, account, studio, item=item, quantity=quantity)
        if returned:
            give_back(world, till, lines=[ReturnLine(position=0, quantity=returned)] if returned < quantity else None)
        if returned >= quantity or world.clock.now().date() < since:
            continue
        items[item] += quantity - returned
        latest[item] = latest[studio] = world.clock.now()
        studios[studio] += 1
    world.wait(seconds=(begin + timedelta(days=400) - world.clock.now()).total_seconds() + 60)
    told = world.org.members.favourites(ana)
    del studios[None]
    assert [(each.code, each.times) for each in told.studios] == best(studios, latest)
    assert [(each.code, each.times) for each in told.items] == best(items, latest)
    assert told.studio == next((code for code, _ in best(studios, latest)), None)


def best(counted, latest):
    return sorted(counted.items(), key=lambda each: (each[1], latest[each[0]]), reverse=True)


def check_in(world, member, studio, **said):
    return world.org.contracts.check_in(member, studio=world.studio(studio), **said)


def test_check_ins_count_as_much_as_purchases(world, ana):
    world.contract(member=ana)
    for studio in ("south", "south"):
        buy(world, world.account_of_ana, studio)
    for _ in range(3):
        world.wait(hours=5)
        check_in(world, ana, "north")
    assert world.org.members.favourites(ana).studio == "north"
    for _ in range(2):
        world.wait(hours=5)
        check_in(world, ana, "south")
    told = world.org.members.favourites(ana)
    assert [(each.code, each.times, each.latest) for each in told.studios] == [
        ("south", 4, world.clock.now()),
        ("north", 3, world.clock.now() - timedelta(hours=10)),
    ]


def test_whoever_was_not_let_in_or_by_mistake_only_was_not_there(world, ana):
    check_in(world, ana, "north")
    assert world.org.members.favourites(ana).studio is None
    world.contract(member=ana)
    world.wait(hours=5)
    visit = check_in(world, ana, "north").visit
    assert world.org.members.favourites(ana).studio == "north"
    world.org.contracts.undo_check_in(visit, reason="mistake")
    assert world.org.members.favourites(ana).studio is None


@pytest.mark.rule("COM-13")
def test_check_ins_are_counted_for_whoever_may_read_them(world, ana):
    world.contract(member=ana)
    buy(world, world.account_of_ana, "south")
    world.wait(hours=1)
    check_in(world, ana, "north")
    told = world.staff("members.profile:read", "members.visits:read").members.favourites(ana)
    assert (told.studio, told.left_out) == ("north", ("members.purchases:read",))
    told = world.staff("members.profile:read", "members.purchases:read").members.favourites(ana)
    assert (told.studio, told.left_out) == ("south", ("members.visits:read",))


def test_check_ins_are_of_the_last_twelve_months_too(world, ana):
    world.contract(member=ana)
    check_in(world, ana, "north")
    world.wait(days=364)
    assert world.org.members.favourites(ana).studio == "north"
    world.wait(days=1)
    assert world.org.members.favourites(ana).studio is None
