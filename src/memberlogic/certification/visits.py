"""What a store promises of suspensions, billing, visitor passes and visits (CON-14, CON-15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve

from memberlogic.amounts import Money
from memberlogic.calendar import Days
from memberlogic.certification.base import Certification
from memberlogic.certification.concurrency import at_once
from memberlogic.contracts.checking_in import CheckedIn
from memberlogic.contracts.passes import PassKind, VisitorPass
from memberlogic.contracts.services import OnlyServices
from memberlogic.contracts.suspensions import Billing, Suspension
from memberlogic.contracts.visits import Tally, Visit
from memberlogic.errors import ConcurrencyConflict, MemberLogicError, NotFound
from memberlogic.ids import MemberId, NoteId, PassId, SuspensionId, VisitId, new_id
from memberlogic.storing import Capability, Command
from memberlogic.testing.worlds import World

__all__ = ["VisitsPromises"]

_DAY = date(2026, 1, 15)
_AT = datetime(2026, 1, 15, 12, 0, 0, 1, tzinfo=UTC)


def _command(world: World) -> Command:
    return Command(organization=world.organization.id, name="test", actor="system")


class VisitsPromises(Certification):
    """The ports ``Suspensions``, ``BillingSaid``, ``Passes`` and ``Visits``."""

    def test_suspensions_come_back_of_a_member_and_of_contracts(self, world: World) -> None:
        """In order of their ids, ended as they were; none of others."""
        ana, ben = world.member(), world.member()
        contract, other = world.contract(member=ana), world.contract(member=ben)
        made = [
            Suspension(id=SuspensionId(new_id()), since=_DAY, reason="house_ban", filed_at=_AT, **whose)
            for whose in ({"member": ana}, {"contract": contract}, {"member": ben}, {"contract": other})
        ]
        made[1] = evolve(made[1], until=_DAY + timedelta(days=9))
        with world.storage.work(_command(world), world.clock) as uow:
            uow.members.all_locked([ana, ben])
            for each in reversed(made):
                uow.suspensions.add(each)
            uow.finish(None)
        ended = evolve(made[1], ended=_DAY + timedelta(days=3))
        with world.storage.work(_command(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.suspensions.change(ended)
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.suspensions.of(ana, [contract]) == [made[0], ended]
            assert uow.suspensions.of(ana, []) == [made[0]]
            assert uow.suspensions.get(made[3].id) == made[3]
        elsewhere = World(world.storage)
        with elsewhere.storage.reading(elsewhere.organization.id, world.clock) as uow:
            assert uow.suspensions.of(ana, [contract]) == []
            with pytest.raises(NotFound):
                uow.suspensions.get(made[0].id)

    def test_what_billing_says_replaces_what_it_said(self, world: World) -> None:
        """Of each member for themself."""
        ana, ben = world.member(), world.member()
        for said in (
            Billing(member=ana, owed=Money(4999, "EUR"), status="dunning_2", as_of=_AT),
            Billing(member=ana, owed=None, status="paid", as_of=_AT + timedelta(days=1)),
            Billing(member=ana, owed=Money(0, "JPY"), as_of=_AT),
        ):
            with world.storage.work(_command(world), world.clock) as uow:
                uow.members.locked(ana)
                uow.billing.keep([said])
                uow.finish(None)
            with world.storage.reading(world.organization.id, world.clock) as uow:
                assert uow.billing.of(ana) == said
                assert uow.billing.of(ben) == Billing(member=ben)

    def _pass(self, member: MemberId, **said: object) -> VisitorPass:
        facts = {
            "id": PassId(new_id()),
            "member": member,
            "kind": PassKind.GUEST,
            "since": _DAY,
            "until": _DAY + timedelta(days=2),
            "issued_at": _AT,
        }
        return VisitorPass(**(facts | said))  # type: ignore[arg-type]

    def test_passes_come_back_as_they_were_issued_and_used(self, world: World) -> None:
        """In order of their ids."""
        ana, ben = world.member(), world.member()
        one = self._pass(ana, visits=2, studios=("north", "south"), services=OnlyServices(("sauna",)), host=ben)
        two = self._pass(ana, kind=PassKind.AGGREGATOR)
        with world.storage.work(_command(world), world.clock) as uow:
            uow.members.all_locked([ana, ben])
            uow.passes.add(two)
            uow.passes.add(one)
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.passes.of(ana) == [one, two]
            assert uow.passes.of(ben) == []
        used = evolve(one, used=2, ended_at=_AT + timedelta(hours=1))
        with world.storage.work(_command(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.passes.change([used])
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.passes.get(one.id) == used
            with pytest.raises(NotFound):
                uow.passes.get(PassId(new_id()))

    @pytest.mark.parametrize("used", [-1, 3])
    def test_a_pass_is_not_used_more_often_than_it_may(self, world: World, used: int) -> None:
        """Nor less than never."""
        ana = world.member()
        made = self._pass(ana, visits=2)
        with world.storage.work(_command(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.passes.add(made)
            uow.finish(None)
        with (
            pytest.raises((ConcurrencyConflict, MemberLogicError)),
            world.storage.work(_command(world), world.clock) as uow,
        ):
            uow.members.locked(ana)
            uow.passes.change([evolve(made, used=used)])
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.passes.get(made.id) == made

    def test_visits_come_back_and_are_counted(self, world: World) -> None:
        """By contract, service and day; refused and undone ones are no visits."""
        ana, ben = world.member(), world.member()
        contract, studio = world.contract(member=ana), world.studio()
        visitor_pass = self._pass(ana)

        def visit(hours: float, **said: object) -> Visit:
            at = _AT + timedelta(hours=hours)
            facts = {
                "id": VisitId(new_id()),
                "member": ana,
                "studio": studio,
                "service": None,
                "at": at,
                "day": at.date(),
                "recorded_at": _AT + timedelta(days=9),
                "actor": "staff:sam",
                "allowed": True,
            }
            return Visit(**(facts | said))  # type: ignore[arg-type]

        by_contract = [visit(hours, contract=contract) for hours in (0, 1)]
        sauna = visit(2, contract=contract, service="sauna")
        by_pass = visit(24, visitor_pass=visitor_pass.id, told=("checkin.by_pass",))
        let_in = visit(25, overridden=True, note=NoteId(new_id()), told=("checkin.no_contract", "checkin.overridden"))
        refused = visit(26, allowed=False, told=("checkin.frozen",))
        wrong = visit(27, contract=contract)
        of_ben = visit(0, member=ben)
        everything = [*by_contract, sauna, by_pass, let_in, refused, wrong]
        with world.storage.work(_command(world), world.clock) as uow:
            uow.members.all_locked([ana, ben])
            uow.passes.add(visitor_pass)
            uow.visits.add([of_ben, *reversed(everything)])
            uow.finish(None)
        undone = evolve(wrong, undone_at=_AT + timedelta(days=2), undone_for="mistake")
        with world.storage.work(_command(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.visits.change([undone])
            uow.finish(None)
        two_days = Days(_DAY, _DAY + timedelta(days=2))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.visits.over(ana, two_days) == [*everything[:-1], undone]
            assert uow.visits.over(ana, Days(_DAY, _DAY + timedelta(days=1))) == [*by_contract, sauna]
            assert uow.visits.over(ben, two_days) == [of_ben]
            near = uow.visits.around(ana, by_contract[1].at, sauna.at)
            assert near == [by_contract[1], sauna]
            just_after = by_contract[1].at + timedelta(microseconds=1)
            assert uow.visits.around(ana, just_after, sauna.at - timedelta(microseconds=1)) == []
            assert uow.visits.get(let_in.id) == let_in
            with pytest.raises(NotFound):
                uow.visits.get(VisitId(new_id()))
            tomorrow = _DAY + timedelta(days=1)
            assert set(uow.visits.tallies(ana, two_days)) == {
                Tally(contract=contract, service=None, day=_DAY, visits=2),
                Tally(contract=contract, service="sauna", day=_DAY, visits=1),
                Tally(contract=None, service=None, day=tomorrow, visits=2),
            }
        elsewhere = World(world.storage)
        with elsewhere.storage.reading(elsewhere.organization.id, world.clock) as uow:
            assert uow.visits.over(ana, two_days) == []
            assert uow.visits.at(studio, _DAY) == []
            assert uow.visits.tallies(ana, two_days) == []

    def test_visits_at_a_studio_come_back_page_by_page(self, world: World) -> None:
        """The latest first, of one instant the latest id first; none of another studio or another day."""
        ana, here, there = world.member(), world.studio(), world.studio("south")

        def visit(hours: int, studio: str = here) -> Visit:
            at = _AT + timedelta(hours=hours)
            return Visit(
                id=VisitId(new_id()),
                member=ana,
                studio=studio,
                service=None,
                at=at,
                day=at.date(),
                recorded_at=at,
                actor="system",
                allowed=hours != 1,
            )

        made = [visit(0), visit(1), visit(1), visit(1), visit(2)]
        with world.storage.work(_command(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.visits.add([*made, visit(1, there), visit(24), visit(-24)])
            uow.finish(None)
        latest = made[::-1]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.visits.at(here, _DAY) == latest
            for size in (1, 2, 5):
                read: list[Visit] = []
                while page := uow.visits.at(here, _DAY, after=(read[-1].at, read[-1].id) if read else None, limit=size):
                    assert len(page) <= size
                    read += page
                assert read == latest

    def test_two_scans_at_once_are_one_visit(self, world: World) -> None:
        """COM-16: and take one visit of a pass."""
        if Capability.CONCURRENT not in world.storage.capabilities:
            pytest.skip("the store does not declare CONCURRENT")
        studio = world.studio()
        for _ in range(3):
            ana = world.member()
            taken = world.org.contracts.issue_pass(ana, PassKind.DAY, visits=5)
            said = at_once(4, lambda _, ana=ana: world.org.contracts.check_in(ana, studio=studio))  # type: ignore[misc]
            answers = [each for each in said if isinstance(each, CheckedIn)]
            assert len(answers) == 4, said
            assert [each.allowed for each in answers] == [True] * 4
            assert len({each.visit for each in answers}) == 1
            assert sorted(each.same_visit for each in answers) == [False, True, True, True]
            assert world.org.contracts.visitor_pass(taken.id).used == 1
            assert len(world.org.contracts.visits(ana, since=_DAY, until=_DAY + timedelta(days=1))) == 1
