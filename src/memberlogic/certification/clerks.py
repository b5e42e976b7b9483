"""What a store promises when several clerks work on the same contracts and people at once (COM-16, CON, MEM-18)."""

from __future__ import annotations

import pytest

from memberlogic.amounts import Money
from memberlogic.certification.base import Certification
from memberlogic.certification.concurrency import at_once
from memberlogic.contracts.covering import membership
from memberlogic.contracts.model import ContractStatus
from memberlogic.contracts.paying import PaidTooMuch
from memberlogic.errors import MemberLogicError
from memberlogic.ids import MemberId
from memberlogic.storing import Capability
from memberlogic.testing.worlds import World

__all__ = ["ClerksPromises"]

_THREADS = 4
_FEE = Money(400, "EUR")


def _told_as_computed(world: World, *members: MemberId) -> None:
    """Assert that what is stored of people is what their contracts come to."""
    with world.storage.reading(world.organization.id, world.clock) as uow:
        for member in members:
            contracts = uow.contracts.of([member]).values()
            assert tuple(uow.memberships.of(member)) == membership(member, contracts)


class ClerksPromises(Certification):
    """No lost update, no two answers to one question, no deadlock for good."""

    @pytest.fixture(autouse=True)
    def _declared(self, storage: object) -> None:
        if Capability.CONCURRENT not in getattr(storage, "capabilities", ()):
            pytest.skip("the store does not declare CONCURRENT")

    def test_a_fee_is_paid_once(self, world: World) -> None:
        """Everybody pays all of it; one is taken, the others are told that nothing is owed."""
        member = world.member()
        contract = world.contract(member=member, rate=world.rate(initial_fee=_FEE))
        answers = at_once(_THREADS, lambda _: world.org.contracts.pay(contract, _FEE))
        refusals = [each for each in answers if isinstance(each, MemberLogicError)]
        assert len(refusals) == _THREADS - 1, refusals
        assert all(isinstance(each, PaidTooMuch) for each in refusals), refusals
        told = world.org.contracts.get(contract)
        assert (told.status, told.owed) == (ContractStatus.ACTIVE, 0)
        assert [each.event.type for each in world.events()].count("contract.activated") == 1
        _told_as_computed(world, member)

    def test_parts_of_a_fee_all_count(self, world: World) -> None:
        """No payment is lost."""
        contract = world.contract(rate=world.rate(initial_fee=_FEE))
        part = Money(_FEE.minor // _THREADS, "EUR")
        answers = at_once(_THREADS, lambda _: world.org.contracts.pay(contract, part))
        assert not [each for each in answers if isinstance(each, MemberLogicError)], answers
        assert world.org.contracts.get(contract).status is ContractStatus.ACTIVE

    def test_contracts_of_one_person_drafted_at_once_are_all_counted(self, world: World) -> None:
        """MEM-18: the spans that are stored last know of all of them."""
        member, rate, studio = world.member(), world.rate(), world.studio()
        answers = at_once(_THREADS, lambda _: world.org.contracts.draft(member, rate=rate, studio=studio).contract)
        assert not [each for each in answers if isinstance(each, MemberLogicError)], answers
        assert len(world.org.contracts.of(member)) == _THREADS
        _told_as_computed(world, member)

    def test_families_that_share_people_never_deadlock_for_good(self, world: World) -> None:
        """People are locked in one order, whoever holds the contract."""
        one, two = sorted((world.member(), world.member()))
        rate, studio = world.rate(most_covered=1, initial_fee=_FEE), world.studio()

        def act(index: int) -> None:
            holder, beside = (one, two) if index % 2 else (two, one)
            for _ in range(3):
                drafted = world.org.contracts.draft(holder, rate=rate, studio=studio, covered=[beside])
                world.org.contracts.pay(drafted.contract, _FEE)

        assert at_once(_THREADS, act) == [None] * _THREADS
        assert len(world.org.contracts.of(one)) == len(world.org.contracts.of(two)) == 3 * _THREADS
        _told_as_computed(world, one, two)

    def test_what_came_about_is_announced_once_by_jobs_and_clerks_together(self, world: World) -> None:
        """CON-16: whoever comes first announces it."""
        fee = world.rate(initial_fee=_FEE)
        contracts = [world.contract(rate=fee) for _ in range(3)]
        payments = [world.org.contracts.pay(each, _FEE).payment for each in contracts]
        world.wait(days=1)
        later = [world.contract(rate=fee, start_on=world.clock.now().date()) for _ in range(3)]
        for each in later:
            world.org.contracts.pay(each, Money(1, "EUR"))
        world.wait(days=400)

        def act(index: int) -> None:
            if index % 2:
                world.org.contracts.settle([*contracts, *later])
            else:
                for contract, payment in zip(contracts, payments, strict=True):
                    with pytest.raises(MemberLogicError):
                        world.org.contracts.reverse_payment(contract, payment)

        answers = at_once(_THREADS, act)
        assert answers == [None] * _THREADS
        expired = [each.event for each in world.events() if each.event.type == "contract.expired"]
        assert len(expired) == len(contracts) + len(later)
