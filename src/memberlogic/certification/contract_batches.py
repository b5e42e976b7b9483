"""What a store promises of batches of contracts (CON-18)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import evolve

from memberlogic.certification.base import Certification
from memberlogic.contracts.batches import Batch, BatchAction, BatchLine, FreezeAll, GiveDays, LineState
from memberlogic.contracts.rates import FreezePolicy
from memberlogic.errors import NotFound
from memberlogic.ids import ContractBatchId, ContractId, new_id
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["ContractBatchesPromises"]

_DAY = date(2026, 1, 15)
_CLOSED = FreezeAll(since=_DAY, until=_DAY + timedelta(days=9), reason="closed")


def _command(world: World) -> Command:
    return Command(organization=world.organization.id, name="test", actor="system")


def _added(world: World, action: BatchAction, *lines: BatchLine) -> Batch:
    batch = Batch(id=ContractBatchId(new_id()), action=action, opened_at=world.clock.now())
    with world.storage.work(_command(world), world.clock) as uow:
        uow.contract_batches.add(batch, lines)
        uow.finish(None)
    return batch


class ContractBatchesPromises(Certification):
    """The port ``ContractBatches``, and what ``Contracts`` answers of many at once."""

    def test_a_batch_comes_back_with_its_lines(self, world: World) -> None:
        """Whatever is done, and whatever became of it."""
        rate = world.rate(freezes=FreezePolicy(allowed=True))
        first, second = (world.contract(rate=rate) for _ in range(2))
        out = BatchLine(contract=second, state=LineState.LEFT_OUT, code="freeze.overlaps")
        frozen = _added(world, _CLOSED, BatchLine(contract=first), out)
        given = _added(world, GiveDays(days=3, reason="flood"), BatchLine(contract=first))
        freeze = world.org.contracts.freeze(first, since=_DAY, until=_DAY + timedelta(days=2), reason="ill").freeze
        done = BatchLine(contract=first, state=LineState.DONE, freeze=freeze, stamp="a" * 64)
        undone = evolve(frozen, undone_at=world.clock.now())
        with world.storage.work(_command(world), world.clock) as uow:
            assert uow.contract_batches.locked(frozen.id) == frozen
            uow.contract_batches.change(undone, [done])
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            batches, every = uow.contract_batches, tuple(LineState)
            assert (batches.get(frozen.id), batches.get(given.id)) == (undone, given)
            lines = sorted([done, out], key=lambda each: each.contract)
            assert list(batches.lines(frozen.id, every, after=None, limit=9)) == lines
            assert list(batches.lines(frozen.id, every, after=None, limit=1)) == lines[:1]
            assert list(batches.lines(frozen.id, every, after=lines[0].contract, limit=9)) == lines[1:]
            assert list(batches.lines(frozen.id, [LineState.DONE], after=None, limit=9)) == [done]
            assert dict(batches.counts(frozen.id)) == {LineState.DONE: 1, LineState.LEFT_OUT: 1}
            assert dict(batches.counts(given.id)) == {LineState.WAITING: 1}

    def test_a_batch_of_another_organization_is_not_found(self, world: World) -> None:
        """COM-1: nor one that is not there."""
        other = World(world.storage)
        mine = _added(world, _CLOSED)
        for id in (mine.id, ContractBatchId(new_id())):
            with other.storage.reading(other.organization.id, other.clock) as uow, pytest.raises(NotFound):
                uow.contract_batches.get(id)
            with pytest.raises(NotFound), other.storage.work(_command(other), other.clock) as uow:
                uow.contract_batches.locked(id)

    def test_several_contracts_are_held_with_the_others_of_their_people(self, world: World) -> None:
        """Each once; one that is not there is not found, or left out where nothing is locked."""
        member, unknown = world.member(), ContractId(new_id())
        first, second, third = (world.contract(member=member) for _ in range(3))
        alone = world.contract()
        with world.storage.work(_command(world), world.clock) as uow:
            held = uow.contracts.all_held([alone, second, first])
            assert sorted(held.contracts) == sorted([first, second, alone])
            assert list(held.others) == [third]
            assert set(held.all) == {first, second, third, alone}
            assert dict(uow.contracts.all_held([]).all) == {}
            uow.finish(None)
        with pytest.raises(NotFound), world.storage.work(_command(world), world.clock) as uow:
            uow.contracts.all_held([first, unknown])
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert [each.id for each in uow.contracts.present([third, unknown, first])] == sorted([first, third])
            assert list(uow.contracts.present([])) == []

    def test_the_open_contracts_of_a_studio_are_found_by_the_day(self, world: World) -> None:
        """Not those that are over, not signed yet, or somewhere else."""
        open_one = world.contract()
        waiting = world.contract(start_on=_DAY + timedelta(days=20))
        over = world.contract(signed_on=date(2024, 1, 1), start_on=date(2024, 1, 1))
        world.contract(studio=world.studio("south"))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            studio = uow.studios.get("north")
            assert list(uow.contracts.open_at(studio, _DAY)) == sorted([open_one, waiting])
            assert list(uow.contracts.open_at(studio, date(2024, 12, 31))) == [over]
            assert list(uow.contracts.open_at(studio, date(2025, 1, 1))) == []
            assert list(uow.contracts.open_at(studio, date(2027, 2, 4))) == []
