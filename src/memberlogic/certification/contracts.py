"""What a store promises of rates, contracts and memberships (CON, MEM-18)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import evolve

from memberlogic.actors import Actor
from memberlogic.amounts import Money
from memberlogic.calendar import Term
from memberlogic.certification.base import Certification
from memberlogic.contracts.lapsing import LyingDrafts
from memberlogic.contracts.model import Cancellation, CancellationKind, Contract, Freeze
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.posting import Changed, keep
from memberlogic.contracts.rates import Extends
from memberlogic.contracts.spanning import next_change_of
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import ContractId, FreezeId, MemberId, NoteId, new_id
from memberlogic.outcomes import Outcome
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["ContractsPromises"]

_FEE = Money(5000, "EUR")
_DAY = date(2026, 1, 15)


def _kept(world: World, *changes: Changed) -> None:
    """Write what became of contracts, as a command does."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        for each in changes:
            uow.contracts.held(each.contract.id)
        keep(uow, Actor.system(), ContractParts(), Outcome(changes, (), None))
        uow.finish(None)


class ContractsPromises(Certification):
    """The ports ``Rates``, ``Contracts`` and ``Memberships``."""

    def test_a_contract_comes_back_with_all_its_parts(self, world: World) -> None:
        """Whatever was filed of it."""
        rate = world.rate(initial_fee=_FEE, most_covered=1, renewal=Extends(Term.of_months(1)))
        holder, beside = world.member(), world.member()
        id = world.contract(rate=rate, member=holder, covered=[beside], start_on=_DAY + timedelta(days=3))
        payment = world.org.contracts.pay(id, Money(2000, "EUR"), reference="Ä 1").payment
        world.org.contracts.reverse_payment(id, payment)
        world.org.contracts.pay(id, _FEE)
        before = world.stored_contract(id)
        assert [(each.member, each.holder) for each in before.coverage] == [(holder, True), (beside, False)]
        assert [(each.amount.minor, each.reference, each.reversed_on) for each in before.payments] == [
            (2000, "Ä 1", _DAY),
            (5000, None, None),
        ]
        freeze = Freeze(id=FreezeId(new_id()), since=_DAY + timedelta(days=9), until=None, reason="ill", filed_on=_DAY)
        cancellation = Cancellation(
            kind=CancellationKind.ORDINARY,
            reason="moved",
            received_on=_DAY,
            filed_on=_DAY + timedelta(days=1),
            effective_on=_DAY + timedelta(days=50),
            note=NoteId(new_id()),
        )
        after = evolve(before, freezes=(freeze,), cancellation=cancellation, version=before.version + 1)
        _kept(world, Changed(contract=after, new=(freeze,)))
        assert world.stored_contract(id) == after
        ended = evolve(freeze, until=_DAY + timedelta(days=20), ended=_DAY + timedelta(days=12))
        left = evolve(after.coverage[1], until=_DAY + timedelta(days=30))
        last = evolve(
            after,
            freezes=(ended,),
            coverage=(after.coverage[0], left),
            cancellation=None,
            version=after.version + 1,
        )
        _kept(world, Changed(contract=last, different=(ended, left)))
        assert world.stored_contract(id) == last

    def test_what_follows_a_contract_comes_back_with_its_links(self, world: World) -> None:
        """CON-12: the same parts on both, each with its own facts."""
        rate = world.rate(initial_fee=_FEE, most_covered=1)
        id = world.contract(rate=rate)
        payment = world.org.contracts.pay(id, _FEE).payment
        other = world.studio("south")
        follows = world.org.contracts.transfer(id, studio=other, on=_DAY + timedelta(days=5)).successor
        assert follows is not None
        old, new = world.stored_contract(id), world.stored_contract(follows)
        assert (old.successor, new.predecessor, new.begins_on) == (follows, id, _DAY + timedelta(days=5))
        assert old.payments == new.payments
        world.wait(days=6)
        world.org.contracts.reverse_payment(follows, payment)
        assert world.stored_contract(id).payments[0].reversed_on is None
        assert world.stored_contract(follows).payments[0].reversed_on == _DAY + timedelta(days=6)
        before = world.stored_contract(follows)
        moved = evolve(before.coverage[0], since=_DAY + timedelta(days=7))
        after = evolve(
            before, start_on=_DAY + timedelta(days=7), coverage=(moved,), successor=id, version=before.version + 1
        )
        _kept(world, Changed(contract=after, different=(moved,)))
        assert world.stored_contract(follows) == after

    def test_two_who_decided_from_the_same_contract_cannot_both_write(self, world: World) -> None:
        """COM-16: the version is guarded."""
        contract = world.stored_contract(world.contract())
        after = evolve(contract, announced_to=contract.announced_to + timedelta(days=1), version=contract.version + 1)
        _kept(world, Changed(contract=after))
        with pytest.raises(ConcurrencyConflict):
            _kept(world, Changed(contract=after))
        assert world.stored_contract(contract.id) == after

    def test_what_is_held_comes_with_the_other_contracts_of_its_people(self, world: World) -> None:
        """Also those of people who left."""
        family = world.rate(most_covered=2)
        one, two, three = (world.member() for _ in range(3))
        first = world.contract(rate=family, member=one, covered=[two])
        second = world.contract(rate=family, member=two, covered=[three])
        third = world.contract(member=three)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert sorted(uow.contracts.of([one, three])) == sorted([first, second, third])
            assert uow.contracts.of([MemberId(new_id())]) == {}
        command = Command(organization=world.organization.id, name="test", actor="system")
        with world.storage.work(command, world.clock) as uow:
            held = uow.contracts.held(first)
            assert (held.contract.id, set(held.others)) == (first, {second})
            uow.finish(None)
        with world.storage.work(command, world.clock) as uow:
            held = uow.contracts.held(first, also=[three, one])
            assert (held.contract.id, set(held.others)) == (first, {second, third})
            uow.finish(None)
        with pytest.raises(NotFound), world.storage.work(command, world.clock) as uow:
            uow.contracts.held(first, also=[MemberId(new_id())])

    def test_drafts_that_lie_on_hold_come_in_order_of_their_ids(self, world: World) -> None:
        """CON-2: on hold since they were signed and until today, signed long enough ago on their studio's day."""
        rate, far = world.rate(initial_fee=_FEE), world.studio("far")
        here = [world.contract(rate=rate) for _ in range(3)]
        there, free = world.contract(rate=rate, studio=far), world.contract()
        paid = world.contract(rate=rate)
        world.org.contracts.pay(paid, _FEE)

        def lying(days: int, after: ContractId | None = None, size: int = 10, **today: int) -> list[ContractId]:
            said = {studio: _DAY + timedelta(days=many) for studio, many in today.items()}
            wanted = LyingDrafts(today=said, days=days, after=after, size=size)
            with world.storage.reading(world.organization.id, world.clock) as uow:
                return [each.id for each in uow.contracts.lying(wanted)]

        drafts = sorted([*here, there])
        assert not {paid, free} & set(drafts)
        assert lying(5, north=5, far=5) == drafts
        assert lying(5, north=5, far=4) == sorted(here)
        assert lying(5, north=4, far=5) == [there]
        assert lying(6, north=5, far=5) == []
        assert lying(0, north=400, far=0) == [there], "the term has ended"
        assert lying(5, north=5, far=5, size=2) == drafts[:2]
        assert lying(5, drafts[1], north=5, far=5) == drafts[2:]
        assert lying(5) == []
        world.org.contracts.pay(here[0], _FEE, paid_on=_DAY)
        assert lying(5, north=5, far=5) == [each for each in drafts if each != here[0]]

    def test_an_unknown_contract_is_not_found(self, world: World) -> None:
        """COM-1: nor one of another organization."""
        other = World(world.storage).contract()
        command = Command(organization=world.organization.id, name="test", actor="system")
        for id in (ContractId(new_id()), other):
            with world.storage.reading(world.organization.id, world.clock) as uow, pytest.raises(NotFound):
                uow.contracts.get(id)
            with pytest.raises(NotFound), world.storage.work(command, world.clock) as uow:
                uow.contracts.held(id)
            with pytest.raises(NotFound), world.storage.work(command, world.clock) as uow:
                uow.contracts.settling([id])

    def test_the_agenda_names_whose_next_change_is_due(self, world: World) -> None:
        """COM-18: no sooner, the longest due first; not those of organizations that are left out."""
        early = world.contract(start_on=_DAY + timedelta(days=2))
        late = world.contract(start_on=_DAY + timedelta(days=4))
        mine = world.organization.id

        def due(days: float) -> list[ContractId]:
            before = world.clock.now() + timedelta(days=days)
            found = world.storage.contracts_due(before, 10_000)
            return [each.contract for each in found if each.organization == mine]

        at = next_change_of(world.stored_contract(early))
        assert at is not None
        assert due(0) == []
        assert [each.at for each in world.storage.contracts_due(at, 10_000) if each.contract == early] == [at]
        assert due((at - world.clock.now() - timedelta(microseconds=1)) / timedelta(days=1)) == []
        assert due(10) == [early, late]
        without = world.storage.contracts_due(world.clock.now() + timedelta(days=10), 10_000, {mine})
        assert not {early, late} & {each.contract for each in without}
        aside = world.storage.contracts_due(world.clock.now() + timedelta(days=10), 10_000, (), {early})
        assert [each.contract for each in aside if each.organization == mine] == [late]
        world.wait(days=10)
        world.org.contracts.settle([early, late])
        assert due(0) == []

    def test_what_people_are_is_replaced_as_a_whole(self, world: World) -> None:
        """MEM-18: the spans of the last command are those that are found."""
        member = world.member()
        id = world.contract(member=member, rate=world.rate(initial_fee=_FEE))
        contract: Contract = world.stored_contract(id)
        spans = world.org.members.membership(member).spans
        world.org.contracts.pay(id, _FEE)
        assert world.org.members.membership(member).spans != spans
        assert contract.version + 1 == world.stored_contract(id).version
