"""What the rooms above hear of contracts, and do, in the transaction of the command."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve, field, frozen
from tests.contracts.dated import FEE

from memberlogic.contracts.notices import Notice, Severity
from memberlogic.contracts.parts import ContractParts, SaleKind
from memberlogic.contracts.rates import FreezePolicy, SwitchPath
from memberlogic.contracts.service import ContractsService
from memberlogic.errors import NotFound
from memberlogic.ids import new_id
from memberlogic.members.membership import MembershipStatus

TODAY = date(2026, 1, 15)


@frozen
class Above:
    """A room above that listens to everything, and remembers what it heard."""

    sales: list = field(factory=list)
    spans: list = field(factory=list)
    heard: list = field(factory=list)

    def of(self, uow, member, studio, at):
        """A notice that is read from the store, in the unit of work of the check-in."""
        held = len(uow.contracts.of([member]))
        return [Notice(code="above.contracts", severity=Severity.INFO, parameters={"held": held})]

    def sold(self, uow, actor, sale):
        self.sales.append(sale)

    def written(self, uow, actor, spans):
        self.spans.append(spans)

    def happened(self, uow, actor, events):
        self.heard.extend(events)

    @property
    def types(self):
        return [each.event.type for each in self.heard]


@pytest.fixture
def above():
    return Above()


@pytest.fixture
def contracts(world, above):
    """The service with a room above it."""
    parts = ContractParts(notices=(above,), selling=(above,), memberships=(above,), hearing=(above,))
    return ContractsService(world.org.contracts._runner, parts)


@pytest.mark.rule("CON-15")
def test_a_room_above_adds_a_notice_at_the_door(world, contracts):
    member, studio = world.member(), world.studio()
    world.contract(member=member, studio=studio)
    for told in (contracts.check_in(member, studio=studio), contracts.notices(member, studio=studio)):
        assert [each.parameters for each in told.notices if each.code == "above.contracts"] == [{"held": 1}]


@pytest.mark.rule("CARE-8")
def test_drafting_tells_what_was_sold_to_whom_and_what_they_held_before(world, contracts, above):
    holder, beside, studio = world.member(), world.member(), world.studio()
    earlier = world.contract(member=beside, studio=studio)
    rate = world.rate(most_covered=1, initial_fee=FEE)
    drafted = contracts.draft(holder, rate=rate, studio=studio, covered=[beside])
    (sale,) = above.sales
    assert (sale.kind, sale.contract.id) == (SaleKind.DRAFTED, drafted.contract)
    assert (sale.contract.rate.rate, sale.contract.studio.code) == (rate, studio)
    assert sale.contract.members == tuple(sorted([holder, beside]))
    assert set(sale.others) == {earlier}
    assert sale.contract == world.stored_contract(drafted.contract), "as it leaves the command"


@pytest.mark.rule("CARE-8")
def test_selling_again_what_ended_is_told_as_that(world, contracts, above):
    contract = world.contract()
    world.wait(days=400)
    again = contracts.redraft(contract).contract
    assert [(each.kind, each.contract.id, set(each.others)) for each in above.sales] == [
        (SaleKind.REDRAFTED, again, {contract})
    ]


@pytest.mark.rule("CARE-8")
def test_a_switch_is_told_when_nothing_has_to_be_paid_for_it_any_more(world, contracts, above):
    free, dear = world.rate(), world.rate()
    paths = (SwitchPath(to=free), SwitchPath(to=dear, fee=FEE, days_to_pay=10))
    one, other = (
        world.contract(rate=world.rate(switch_paths=paths)),
        world.contract(rate=world.rate(switch_paths=paths)),
    )
    on = TODAY + timedelta(days=5)
    switched = contracts.switch(one, rate=free, on=on).successor
    assert [(each.kind, each.contract.id) for each in above.sales] == [(SaleKind.SWITCHED, switched)]
    waiting = contracts.switch(other, rate=dear, on=on).successor
    assert len(above.sales) == 1, "it may lapse"
    contracts.pay(waiting, FEE)
    assert [each.contract.id for each in above.sales] == [switched, waiting]
    assert above.sales[-1].contract.cancellation is None


@pytest.mark.rule("CARE-8")
def test_a_transfer_and_a_renewal_sell_nothing(world, contracts, above):
    contract = world.contract(studio=world.studio("north"))
    contracts.transfer(contract, studio=world.studio("south"))
    contracts.settle([contract])
    assert above.sales == []


@pytest.mark.rule("MEM-18")
def test_every_command_on_a_contract_tells_what_its_people_are(world, contracts, above):
    member, studio = world.member(), world.studio()
    policy = FreezePolicy(allowed=True)
    rate = world.rate(initial_fee=FEE, freezes=policy)
    commands = [
        lambda: contracts.draft(member, rate=rate, studio=studio).contract,
        lambda: contracts.pay(contract, FEE).payment,
        lambda: (
            contracts.freeze(
                contract, since=TODAY + timedelta(days=3), until=TODAY + timedelta(days=9), reason="ill"
            ).freeze
        ),
        lambda: contracts.cancel(contract, received_on=TODAY, reason="moved"),
        lambda: contracts.withdraw_cancellation(contract),
        lambda: contracts.transfer(contract, studio=world.studio("south"), on=TODAY + timedelta(days=1)),
        lambda: contracts.withdraw_transfer(contract),
    ]
    contract = commands[0]()
    assert above.spans[0][member][0].status is MembershipStatus.PROSPECT
    for number, command in enumerate(commands[1:], start=2):
        command()
        assert len(above.spans) == number
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert tuple(above.spans[-1][member]) == tuple(uow.memberships.of(member)), "as they leave the command"


@pytest.mark.rule("CON-16")
def test_what_commands_file_and_what_jobs_announce_is_heard_with_its_instant(world, contracts, above):
    member, studio = world.member(), world.studio()
    contract = contracts.draft(member, rate=world.rate(), studio=studio, start_on=TODAY + timedelta(days=2)).contract
    assert above.types == ["contract.drafted", "contract.awaits_start"]
    assert [each.of_itself for each in above.heard] == [False, True]
    world.wait(days=3)
    contracts.settle([contract])
    last = above.heard[-1]
    assert (last.event.type, last.of_itself) == ("contract.activated", True)
    assert last.effective_at == datetime(2026, 1, 16, 23, tzinfo=UTC), "midnight in Berlin"
    at = world.clock.now() - timedelta(hours=1)
    visit = contracts.check_in(member, studio=studio, at=at).visit
    assert (above.types[-1], above.heard[-1].effective_at) == ("visit.recorded", at)
    contracts.undo_check_in(visit, reason="mistake")
    stored = [each.event for each in world.events() if each.event.type.partition(".")[0] in ("contract", "visit")]
    assert [each.event for each in above.heard] == stored


@pytest.mark.rule("COM-10")
def test_what_a_room_above_writes_goes_with_the_command_or_not_at_all(world):
    member, studio, rate = world.member(), world.studio(), world.rate()

    @frozen
    class Writes:
        refuses: bool

        def sold(self, uow, actor, sale):
            uow.put([evolve(uow_event, contract=sale.contract.id)])
            if self.refuses:
                raise NotFound(kind="flow", id="none")

    world.contract()
    uow_event = next(each.event for each in world.events() if each.event.type == "contract.drafted")
    before = len(world.events())
    refusing = ContractsService(world.org.contracts._runner, ContractParts(selling=[Writes(True)]))
    with pytest.raises(NotFound):
        refusing.draft(member, rate=rate, studio=studio)
    assert (len(world.events()), world.org.contracts.of(member)) == (before, ())
    writing = ContractsService(world.org.contracts._runner, ContractParts(selling=[Writes(False)]))
    key = str(new_id())
    first = writing.draft(member, rate=rate, studio=studio, idempotency_key=key)
    written = len(world.events())
    assert writing.draft(member, rate=rate, studio=studio, idempotency_key=key) == first
    assert len(world.events()) == written, "a repeat tells nobody anything"


def test_nobody_hears_of_a_command_that_is_refused(contracts, above):
    with pytest.raises(NotFound):
        contracts.get(new_id())
    assert (above.sales, above.spans, above.heard) == ([], [], [])
