"""What a store promises of timelines (MEM-15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from memberlogic.certification.base import Certification
from memberlogic.contracts.announcing import ContractActivated, ContractExpired
from memberlogic.events import Event, OfItself, Recorded
from memberlogic.ids import ContractId, ExternalId, MemberId, new_id
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["TimelinesPromises"]

_BEGINNING = datetime(1000, 1, 1, tzinfo=UTC)
_END = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=0))


def _put(world: World, *events: Event | OfItself, at: datetime | None = None) -> None:
    command = Command(organization=world.organization.id, name="test", actor="staff:sam")
    with world.storage.work(command, world.clock) as uow:
        uow.put(events, effective_at=at)
        uow.finish(None)


def _of(world: World, member: MemberId, types: Sequence[str] | None = None, limit: int = 1000) -> Sequence[Recorded]:
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return uow.timelines.of(member, types, since=_BEGINNING, before=_END, limit=limit)


def _newest_first(world: World, member: MemberId) -> Sequence[Recorded]:
    mine = [each for each in world.events() if member in each.event.members]
    return sorted(mine, key=lambda each: (each.effective_at, each.id), reverse=True)


class TimelinesPromises(Certification):
    """The port ``Timelines``."""

    def test_an_event_is_found_by_everybody_whom_it_concerns(self, world: World) -> None:
        """By its own instant, whoever caused it; nobody else's are among it."""
        ana, ben, now = world.member(), world.member(), world.clock.now()
        shared = ContractActivated(members=(ana, ben), contract=ContractId(new_id()), day=now.date())
        due = ContractExpired(members=(ana,), contract=shared.contract, day=now.date())
        _put(world, shared, at=now - timedelta(days=3))
        _put(world, OfItself(due, now - timedelta(days=2)))
        assert list(_of(world, ana)) == list(_newest_first(world, ana))
        assert [(each.event, each.actor) for each in _of(world, ana)[1:]] == [(due, "system"), (shared, "staff:sam")]
        assert [each.event for each in _of(world, ben)][1:] == [shared]
        assert list(_of(World(world.storage), ana)) == []

    def test_entries_and_purchases_of_an_account_are_found_by_its_holders(self, world: World) -> None:
        """As long as they hold it."""
        ana, ben = world.member(), world.member()
        account = world.account(member=ana, credits=[5])
        world.org.loyalty.join_account(account, ben)
        lines = [PurchaseLine("apple", 100)]
        till = ExternalId("till", str(new_id()))
        world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR")
        for member in (ana, ben):
            assert list(_of(world, member)) == list(_newest_first(world, member))
            assert {"points.credited", "purchase.recorded"} <= {each.event.type for each in _of(world, member)}
        world.org.loyalty.leave_account(account, ben)
        assert "purchase.recorded" not in {each.event.type for each in _of(world, ben)}

    def test_types_span_and_position_bound_it(self, world: World) -> None:
        """From an instant on, before a position, of some types; each table by itself, and together."""
        ana = world.member()
        account = world.account(member=ana)
        for points in (1, 2, 3):
            world.wait(days=1)
            world.org.ledger.credit(account, points, reason="welcome")
            world.org.members.block(ana, reason="rude")
            world.org.members.unblock(ana)
        everything = _newest_first(world, ana)
        for types in (["points.credited"], ["member.blocked", "points.credited"], ["purchase.recorded"], []):
            assert list(_of(world, ana, types)) == [each for each in everything if each.event.type in types]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            for index, each in enumerate(everything):
                at = (each.effective_at, each.id)
                page = uow.timelines.of(ana, None, since=_BEGINNING, before=at, limit=2)
                assert list(page) == list(everything[index + 1 : index + 3])
                later = uow.timelines.of(ana, None, since=each.effective_at, before=_END, limit=1000)
                assert list(later) == [other for other in everything if other.effective_at >= each.effective_at]
