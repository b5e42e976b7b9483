"""What a store promises of habits (MEM-14)."""

from __future__ import annotations

from memberlogic.certification.base import Certification
from memberlogic.ids import AccountId, ExternalId, new_id
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.loyalty.returns import ReturnLine
from memberlogic.members.favourites import Habit, Use
from memberlogic.testing.worlds import World

__all__ = ["HabitsPromises"]


def _buy(world: World, account: AccountId, studio: str | None, **quantities: int) -> ExternalId:
    till = ExternalId("till", str(new_id()))
    lines = [PurchaseLine(item, 100 * quantity, quantity=quantity) for item, quantity in quantities.items()]
    world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR", studio=studio)
    return till


class HabitsPromises(Certification):
    """The port ``Habits``."""

    def test_purchases_are_counted_by_studio_and_item_less_what_came_back(self, world: World) -> None:
        """On every account that somebody holds, from a business day on; nothing of a purchase that came back whole."""
        ana, stranger, start = world.member(), world.member(), world.clock.now()
        mine, shared = world.account(member=ana), world.account()
        world.org.loyalty.join_account(shared, ana)
        _buy(world, mine, "north", tea=9)
        world.wait(days=1)
        since, first = world.clock.now().date(), world.clock.now()
        _buy(world, mine, "north", tea=2, cake=1)
        world.wait(days=1)
        second = world.clock.now()
        partly = _buy(world, shared, "east", tea=3, Tea=1)
        _buy(world, shared, None, tea=1)
        wholly = _buy(world, mine, "south", tea=50)
        _buy(world, world.account(), "south", tea=50)
        for till, lines in ((partly, [ReturnLine(position=0, quantity=2)]), (wholly, None)):
            receipt = ExternalId("till", str(new_id()))
            world.org.loyalty.return_purchase(purchase=till, receipt=receipt, lines=lines)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            habit = uow.habits.bought(ana, since)
            assert {each.code: (each.times, each.latest) for each in habit.studios} == {
                "north": (1, first),
                "east": (1, second),
            }
            assert {each.code: (each.times, each.latest) for each in habit.items} == {
                "tea": (4, second),
                "Tea": (1, second),
                "cake": (1, first),
            }
            earlier = uow.habits.bought(ana, start.date())
            assert Use(code="north", times=2, latest=first) in earlier.studios
            assert uow.habits.bought(stranger, since) == Habit()
        other = World(world.storage)
        with world.storage.reading(other.organization.id, world.clock) as uow:
            assert uow.habits.bought(ana, since) == Habit()

    def test_visits_are_counted_by_studio(self, world: World) -> None:
        """Those at which somebody was let in, from a business day on."""
        ana, north, south = world.member(), world.studio("north"), world.studio("south")
        world.org.contracts.check_in(ana, studio=south)
        world.contract(member=ana)
        world.org.contracts.check_in(ana, studio=south, at=world.clock.now())
        world.wait(days=1)
        since = world.clock.now().date()
        for studio in (north, south, north):
            world.wait(hours=3)
            world.org.contracts.check_in(ana, studio=studio)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            habit = uow.habits.visited(ana, since)
            assert {each.code: each.times for each in habit.studios} == {"north": 2, "south": 1}
            assert habit.items == ()
            assert max(each.latest for each in habit.studios) == world.clock.now()
            everything = uow.habits.visited(ana, since.replace(day=1))
            assert {each.code: each.times for each in everything.studios} == {"north": 2, "south": 2}
