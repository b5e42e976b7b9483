"""CON-15: checking in at a studio: the answer, and what is written down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from tests.contracts.dated import FEE, freeze

from memberlogic.actors import Actor
from memberlogic.calendar import CalendarPeriod
from memberlogic.contracts.checking_in import (
    OVERRIDING,
    VisitAlreadyUndone,
    VisitNotAllowed,
    VisitOfAnotherDay,
    VisitToCome,
)
from memberlogic.contracts.notices import Notice, Severity
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.passes import PassKind
from memberlogic.contracts.posting import Changed, keep
from memberlogic.contracts.rates import FreezePolicy
from memberlogic.contracts.service import ContractsService
from memberlogic.contracts.services import ServiceTerms, VisitLimit
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import ExternalId, new_id
from memberlogic.members.membership import MembershipStatus
from memberlogic.outcomes import Outcome
from memberlogic.storing import Command
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-15")

TODAY = date(2026, 1, 15)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def studio(world):
    return world.studio()


@pytest.fixture
def member(world, studio):
    """A member with a contract in force."""
    member = world.member()
    world.contract(member=member, studio=studio)
    return member


def happened(world):
    return [each.event for each in world.events() if each.event.type.partition(".")[0] in ("visit", "pass")]


def frozen(world, contract, since, until):
    """What a freeze leaves behind."""
    before, filed = world.stored_contract(contract), freeze(since, until)
    after = evolve(before, freezes=(filed,), version=before.version + 1)
    with world.storage.work(
        Command(organization=world.organization.id, name="test", actor="system"), world.clock
    ) as uow:
        uow.contracts.held(contract)
        keep(uow, Actor.system(), ContractParts(), Outcome((Changed(contract=after, new=(filed,)),), (), None))
        uow.finish(None)


def codes(answer):
    return [each.code for each in answer.notices]


def test_whoever_may_come_in_does_and_it_is_written_down(world, studio, member):
    answer = world.org.contracts.check_in(member, studio=studio)
    assert (answer.allowed, answer.notices, answer.same_visit, answer.day) == (True, (), False, TODAY)
    (visit,) = world.org.contracts.visits(member, since=TODAY, until=TOMORROW)
    assert (visit.id, visit.allowed, visit.contract) == (answer.visit, True, answer.contract)
    (event,) = happened(world)
    assert (event.type, event.visit, event.contract, event.members) == (
        "visit.recorded",
        answer.visit,
        answer.contract,
        (member,),
    )


def test_who_may_not_is_told_why_and_it_is_written_down_too(world, studio):
    nobody = world.member()
    answer = world.org.contracts.check_in(nobody, studio=studio, service="sauna")
    assert (answer.allowed, codes(answer)) == (False, ["checkin.no_contract"])
    assert answer.explain().summary == "No access. There is no contract and no visitor pass for today."
    (visit,) = world.org.contracts.visits(nobody, since=TODAY, until=TOMORROW)
    assert (visit.allowed, visit.told, visit.service) == (False, ("checkin.no_contract",), "sauna")
    assert [(each.type, each.codes) for each in happened(world)] == [("visit.refused", ("checkin.no_contract",))]
    assert world.org.contracts.check_in(nobody, studio=studio).visit != answer.visit, "each try is one"


def test_a_card_and_a_support_id_name_a_member_too(world, studio):
    card = ExternalId("card", "4711")
    known = world.org.members.register(member_type="customer", external_ids=[card])
    world.contract(member=known.id)
    for who in (known.id, card, known.support_id, known.support_id.lower().replace("-", " ")):
        assert world.org.contracts.check_in(who, studio=studio).member == known.id
        assert world.org.contracts.notices(who, studio=studio).member == known.id


@pytest.mark.rule("COM-1")
def test_who_is_unknown_is_not_found_and_nothing_is_written_down(world, studio):
    before = world.events()
    elsewhere = World(world.storage).member()
    for who in (new_id(), ExternalId("card", "4712"), elsewhere):
        with pytest.raises(NotFound):
            world.org.contracts.check_in(who, studio=studio)
    with pytest.raises(NotFound):
        world.org.contracts.check_in(world.member(), studio="south")
    for who in ("TQ22-W896-0", "lost", None, 7):
        with pytest.raises(InvalidInput) as caught:
            world.org.contracts.check_in(who, studio=studio)
        assert caught.value.path == "member"
    assert [each for each in world.events() if each not in before and each.event.type.startswith("visit")] == []


@pytest.mark.rule("COM-3")
def test_a_second_scan_is_the_same_visit(world, studio, member):
    first = world.org.contracts.check_in(member, studio=studio)
    world.wait(minutes=10)
    second = world.org.contracts.check_in(member, studio=studio)
    assert (second.visit, second.same_visit, codes(second)) == (first.visit, True, ["checkin.same_visit"])
    assert second.notices[0].text() == "Already checked in at 13:00; this is the same visit."
    world.wait(minutes=1)
    assert not world.org.contracts.check_in(member, studio=studio).same_visit
    assert len(world.org.contracts.visits(member, since=TODAY, until=TOMORROW)) == 2


def test_how_long_a_second_scan_is_the_same_visit_is_the_organizations_to_say(world, studio, member):
    world.org.settings.change(second_scan_minutes=0)
    org = world.acting_as(Actor.system())
    visits = {org.contracts.check_in(member, studio=studio).visit for _ in range(3)}
    assert len(visits) == 3
    with pytest.raises(InvalidInput):
        world.org.settings.change(second_scan_minutes=-1)


def test_who_is_blocked_since_is_refused_at_the_second_scan(world, studio, member):
    world.org.contracts.check_in(member, studio=studio)
    world.org.members.block(member, reason="theft")
    refused = world.org.contracts.check_in(member, studio=studio)
    assert (refused.allowed, codes(refused)) == (False, ["checkin.blocked"])
    assert refused.notices[0].parameters == {"reason": "theft"}
    world.org.members.unblock(member)
    assert world.org.contracts.check_in(member, studio=studio).allowed


def test_a_freeze_is_told_to_every_member_on_the_contract(world, studio):
    holder, beside = world.member(), world.member()
    rate = world.rate(most_covered=1, freezes=FreezePolicy(allowed=True))
    contract = world.contract(rate=rate, member=holder, covered=[beside])
    frozen(world, contract, TODAY, TODAY + timedelta(days=7))
    for each in (holder, beside):
        answer = world.org.contracts.check_in(each, studio=studio)
        assert (answer.allowed, codes(answer)) == (False, ["checkin.frozen"])
        assert answer.notices[0].severity is Severity.WARNING
        assert answer.notices[0].text() == "The contract is frozen from 2026-01-15 through 2026-01-21."


def test_what_is_owed_and_the_first_day_are_named(world, studio):
    member = world.member()
    contract = world.contract(member=member, rate=world.rate(initial_fee=FEE), start_on=TODAY + timedelta(days=3))
    on_hold = world.org.contracts.check_in(member, studio=studio)
    assert on_hold.notices[0].text() == "The contract is on hold until 50.00 EUR are paid."
    world.org.contracts.pay(contract, FEE)
    pending = world.org.contracts.check_in(member, studio=studio)
    assert (pending.allowed, pending.notices[0].text()) == (False, "The contract begins on 2026-01-18.")
    world.wait(days=3)
    assert world.org.contracts.check_in(member, studio=studio).allowed


@pytest.mark.rule("CON-13")
def test_visits_are_limited_and_counted_again_in_the_next_period(world, studio):
    member = world.member()
    twice = ServiceTerms(limits=[VisitLimit(visits=2, period=CalendarPeriod.WEEK)])
    world.contract(member=member, rate=world.rate(services=twice))
    for allowed in (True, True, False):
        answer = world.org.contracts.check_in(member, studio=studio)
        assert answer.allowed is allowed
        world.wait(hours=1)
    assert answer.notices[0].text() == "No visit is left this week (limit 2); the next is possible on 2026-01-19."
    world.wait(days=4)
    assert world.org.contracts.check_in(member, studio=studio).allowed


def test_an_undone_visit_counts_no_more(world, studio):
    member = world.member()
    once = ServiceTerms(limits=[VisitLimit(visits=1, period=CalendarPeriod.DAY)])
    world.contract(member=member, rate=world.rate(services=once))
    wrong = world.org.contracts.check_in(member, studio=studio).visit
    undone = world.org.contracts.undo_check_in(wrong, reason="wrong_card")
    assert (undone.undone_for, undone.counts) == ("wrong_card", False)
    again = world.org.contracts.check_in(member, studio=studio)
    assert (again.allowed, again.same_visit) == (True, False)
    with pytest.raises(VisitAlreadyUndone):
        world.org.contracts.undo_check_in(wrong, reason="wrong_card")
    assert [each.type for each in happened(world)] == ["visit.recorded", "visit.undone", "visit.recorded"]


@pytest.mark.rule("COM-3")
def test_it_is_undone_on_the_studios_day_only(world):
    auckland = world.studio("auckland", ZoneInfo("Pacific/Auckland"))
    member = world.member()
    world.contract(member=member, studio=auckland)
    visit = world.org.contracts.check_in(member, studio=auckland)
    assert visit.day == TOMORROW, "it is 01:00 there"
    world.wait(hours=22, minutes=59)
    late = world.org.contracts.check_in(member, studio=auckland).visit
    world.wait(minutes=1)
    for each in (visit.visit, late):
        with pytest.raises(VisitOfAnotherDay):
            world.org.contracts.undo_check_in(each, reason="mistake")
    refused = world.org.contracts.check_in(world.member(), studio=auckland).visit
    with pytest.raises(VisitNotAllowed):
        world.org.contracts.undo_check_in(refused, reason="mistake")


@pytest.mark.rule("COM-3")
def test_each_contract_counts_on_its_own_studios_day(world):
    """It is the 16th in Auckland already; a contract of Berlin begins there later."""
    auckland, berlin = world.studio("auckland", ZoneInfo("Pacific/Auckland")), world.studio()
    member = world.member()
    world.contract(member=member, studio=berlin, start_on=TOMORROW)
    assert codes(world.org.contracts.check_in(member, studio=auckland)) == ["checkin.pending"]
    world.wait(hours=11)
    assert world.org.contracts.check_in(member, studio=auckland).allowed


@pytest.mark.rule("COM-10")
def test_staff_let_somebody_in_with_a_note_that_is_kept_apart(world, studio):
    guest = world.member()
    desk = world.staff("members.visits:create", OVERRIDING)
    answer = desk.contracts.check_in(guest, studio=studio, override_note="Forgot the card, known to all.")
    assert (answer.allowed, answer.overridden) == (True, True)
    assert [(each.code, each.severity) for each in answer.notices] == [
        ("checkin.no_contract", Severity.WARNING),
        ("checkin.overridden", Severity.INFO),
    ]
    (visit,) = world.org.contracts.visits(guest, since=TODAY, until=TOMORROW)
    with world.storage.reading(world.organization.id, world.clock) as uow:
        assert uow.notes.texts([visit.note]) == {visit.note: "Forgot the card, known to all."}
    assert "Forgot" not in repr(world.events())
    assert world.org.contracts.check_in(guest, studio=studio).same_visit, "who was let in stays let in"
    with pytest.raises(PermissionDenied) as caught:
        world.staff("members.visits:create").contracts.check_in(guest, studio=studio, override_note="x")
    assert caught.value.details == {"permission": OVERRIDING}


@pytest.mark.parametrize("what", ["blocked", "member_suspended"])
def test_whom_staff_let_in_is_kept_out_by_what_is_filed_after_it(world, studio, what):
    guest = world.member()
    assert world.org.contracts.check_in(guest, studio=studio, override_note="Known to all.").allowed
    if what == "blocked":
        world.org.members.block(guest, reason="violence")
    else:
        world.org.contracts.suspend_member(guest, reason="house_ban")
    assert f"checkin.{what}" in codes(world.org.contracts.notices(guest, studio=studio))
    answer = world.org.contracts.check_in(guest, studio=studio)
    assert (answer.allowed, answer.same_visit) == (False, False)
    again = world.org.contracts.check_in(guest, studio=studio, override_note="To fetch her things.")
    assert (again.allowed, again.overridden) == (True, True)
    assert world.org.contracts.check_in(guest, studio=studio).same_visit, "of that they were told"


def test_a_note_that_was_not_needed_is_not_kept(world, studio, member):
    answer = world.org.contracts.check_in(member, studio=studio, override_note="To be sure.")
    assert (answer.allowed, answer.overridden) == (True, False)
    (visit,) = world.org.contracts.visits(member, since=TODAY, until=TOMORROW)
    assert visit.note is None


def test_a_turnstile_that_was_offline_tells_later(world, studio, member):
    now = world.clock.now()
    world.wait(hours=30)
    late = world.org.contracts.check_in(member, studio=studio, at=now)
    assert (late.at, late.day, late.allowed) == (now, TODAY, True)
    assert [each.effective_at for each in world.events() if each.event.type == "visit.recorded"] == [now]
    with pytest.raises(VisitToCome):
        world.org.contracts.check_in(member, studio=studio, at=world.clock.now() + timedelta(seconds=1))


def test_the_same_is_told_without_checking_in(world, studio, member):
    told = world.org.contracts.notices(member, studio=studio)
    assert (told.allowed, told.notices) == (True, ())
    assert world.org.contracts.visits(member, since=TODAY, until=TOMORROW) == ()
    nobody = world.org.contracts.notices(world.member(), studio=studio)
    assert (nobody.allowed, codes(nobody)) == (False, ["checkin.no_contract"])
    assert happened(world) == []


def test_a_visit_is_told_by_its_id_with_what_staff_noted(world, studio, member):
    contracts, stranger = world.org.contracts, world.member()
    plain = contracts.visit(contracts.check_in(member, studio=studio).visit)
    assert (plain.visit.member, plain.note) == (member, None)
    let_in = contracts.visit(contracts.check_in(stranger, studio=studio, override_note="With the school.").visit)
    assert (let_in.visit.member, let_in.visit.overridden, let_in.note) == (stranger, True, "With the school.")
    with pytest.raises(NotFound):
        contracts.visit(new_id())
    world.org.members.anonymise(stranger)
    assert contracts.visit(let_in.visit.id).note is None


def test_who_came_to_a_studio_on_a_day_is_listed_the_latest_first(world, studio, member):
    contracts, stranger, south = world.org.contracts, world.member(), world.studio("south")
    came = contracts.check_in(member, studio=studio).visit
    world.wait(hours=1)
    refused = contracts.check_in(stranger, studio=studio).visit
    contracts.check_in(member, studio=south)
    assert [each.id for each in contracts.visits_at(studio)] == [refused, came]
    contracts.undo_check_in(came, reason="wrong_person")
    assert [(each.id, each.counts) for each in contracts.visits_at(studio)] == [(refused, False), (came, False)]
    world.wait(days=1)
    assert [*contracts.visits_at(studio)] == []
    assert [each.id for each in contracts.visits_at(studio, on=TODAY)] == [refused, came]
    for on in (None, TODAY):
        with pytest.raises(NotFound):
            contracts.visits_at("nowhere", on=on)


@pytest.mark.rule("COM-13")
def test_a_member_asks_for_themself_only(world, studio, member):
    own = world.acting_as(Actor.member(member)).contracts
    assert own.notices(member, studio=studio).allowed
    assert own.services_on(member).contracts
    assert own.visits(member, since=TODAY, until=TOMORROW) == ()
    other = world.member()
    theirs = world.org.contracts.check_in(other, studio=studio).visit
    mine = world.org.contracts.check_in(member, studio=studio).visit
    assert own.visit(mine).visit.member == member
    for ask in (
        lambda: own.visit(theirs),
        lambda: own.notices(other, studio=studio),
        lambda: own.services_on(other),
        lambda: own.visits(other, since=TODAY, until=TOMORROW),
    ):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(PermissionDenied):
        own.check_in(member, studio=studio)


@pytest.mark.rule("COM-9")
def test_a_repeat_with_the_same_key_answers_the_same(world, studio, member):
    card = ExternalId("card", "1")
    known = world.org.members.register(member_type="customer", external_ids=[card])
    for who in (member, card, known.support_id):
        first = world.org.contracts.check_in(who, studio=studio, idempotency_key=f"k-{who}")
        world.wait(hours=2)
        assert world.org.contracts.check_in(who, studio=studio, idempotency_key=f"k-{who}") == first


def test_a_visitor_pass_lets_in_and_makes_no_member(world, studio):
    guest = world.member()
    taken = world.org.contracts.issue_pass(guest, PassKind.TRIAL, until=TODAY + timedelta(days=14), visits=2)
    first = world.org.contracts.check_in(guest, studio=studio)
    assert (first.allowed, first.visitor_pass, codes(first)) == (True, taken.id, ["checkin.by_pass"])
    assert first.notices[0].parameters["left"] == 1
    world.org.contracts.check_in(guest, studio=studio)
    assert world.org.contracts.visitor_pass(taken.id).used == 1, "a second scan takes none"
    world.org.contracts.undo_check_in(first.visit, reason="mistake")
    assert world.org.contracts.visitor_pass(taken.id).used == 0
    for allowed in (True, True, False):
        world.wait(hours=1)
        assert world.org.contracts.check_in(guest, studio=studio).allowed is allowed
    assert world.org.members.membership(guest).status is MembershipStatus.PROSPECT


def test_rooms_above_tell_something_too():
    world = World(MemoryStorage())
    studio, member = world.studio(), world.member()

    class Care:
        def of(self, uow, who, place, at):
            assert (who, place.code, at) == (member, studio, world.clock.now())
            return [Notice(code="care.action_due", severity=Severity.INFO, parameters={"action": "call"})]

    contracts = ContractsService(world.org.contracts._runner, ContractParts(notices=[Care()]))
    assert "care.action_due" in codes(contracts.check_in(member, studio=studio))
    assert "care.action_due" in codes(contracts.notices(member, studio=studio))


def test_the_visits_of_some_days_are_listed_in_order(world, studio, member):
    at = datetime(2026, 1, 15, 12, tzinfo=UTC)
    world.wait(days=3)
    for hours in (48, 0, 24):
        world.org.contracts.check_in(member, studio=studio, at=at + timedelta(hours=hours))
    days = [each.day for each in world.org.contracts.visits(member, since=TODAY, until=TODAY + timedelta(days=2))]
    assert days == [TODAY, TOMORROW]
    with pytest.raises(InvalidInput):
        world.org.contracts.visits(member, since=TODAY, until=TODAY)
