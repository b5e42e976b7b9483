"""CON-7: cancelling: what is filed, what is refused, and what becomes of the contract."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import BERLIN, FEE, contract, freeze, terms

from memberlogic import Money, Term
from memberlogic.actors import Actor
from memberlogic.contracts.cancellations import Moved
from memberlogic.contracts.cancelling import (
    Cancel,
    CancellationReasonUnknown,
    CancelledBeforeReceipt,
    DraftEndsAtOnce,
    EndsBefore,
    EndsBeforeTakingOver,
    FollowedByAnother,
    LaterThanFiled,
    NotByNotice,
    PreviewCancellation,
    ReceivedBeforeSigning,
    ReceivedInTheFuture,
    cancel,
    preview,
)
from memberlogic.contracts.handing_on import FollowerCancelled
from memberlogic.contracts.model import Cancellation, CancellationKind, ContractStatus
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.posting import Changed, keep
from memberlogic.contracts.rates import (
    EarlyTermination,
    EndsWithTerm,
    Extends,
    FreezePolicy,
    Notice,
    NoticeMode,
    RunsOn,
    SwitchPath,
)
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import spans, status
from memberlogic.contracts.withdrawing import NoCancellationFiled, withdraw_cancellation
from memberlogic.errors import IllegalTransition, InvalidInput, RuleViolation
from memberlogic.ids import new_id
from memberlogic.members.membership import MembershipStatus
from memberlogic.outcomes import Outcome
from memberlogic.storing import Command

pytestmark = pytest.mark.rule("CON-7")

TODAY, DAY = date(2026, 1, 15), timedelta(days=1)
REASONS = ("moved",)
YEARLY = {"renewal": Extends(Term.of_months(12)), "notice": Notice(length=Term.of_months(1))}


def noon(day):
    return datetime.combine(day, time(12), BERLIN.zone)


@pytest.fixture
def yearly(world):
    """A contract by the year since today, with a month's notice to the end of a term."""
    return world.contract(rate=world.rate(**YEARLY))


def cancelled(world, contract, received=None, **said):
    day = received or world.clock.now().date()
    return world.org.contracts.cancel(contract, received_on=day, **({"reason": "moved"} | said))


def told(world, name):
    return [each.event for each in world.events() if each.event.type == name]


def test_it_stays_as_it_is_until_the_day_and_is_cancelled_from_then_on(world, yearly):
    filed = cancelled(world, yearly)
    assert (filed.status, filed.reckoned.effective_on) == (ContractStatus.ACTIVE, date(2027, 1, 15))
    assert filed.reckoned.last_day == date(2027, 1, 14)
    assert world.org.contracts.get(yearly, on=date(2027, 1, 14)).status is ContractStatus.ACTIVE
    assert world.org.contracts.get(yearly, on=date(2027, 1, 15)).status is ContractStatus.CANCELLED
    (event,) = told(world, "contract.cancellation_filed")
    assert (event.kind, event.reason, event.effective_on) == (CancellationKind.ORDINARY, "moved", date(2027, 1, 15))
    assert told(world, "contract.cancelled") == []
    world.wait(days=365)
    world.ml.run_jobs()
    (took,) = told(world, "contract.cancelled")
    assert (took.day, took.reason) == (date(2027, 1, 15), "moved")
    with pytest.raises(IllegalTransition):
        cancelled(world, yearly)


@pytest.mark.rule("MEM-18")
def test_its_people_are_former_members_from_the_day_on(world):
    member = world.member()
    cancelled(world, world.contract(member=member, rate=world.rate(**YEARLY)))
    found = world.org.members.membership(member).spans
    assert [each.status for each in found][-2:] == [MembershipStatus.MEMBER, MembershipStatus.FORMER_MEMBER]


def test_a_letter_that_came_last_week_counts_from_the_day_it_came(world, yearly):
    world.wait(days=337)
    today = date(2026, 12, 18)
    assert cancelled(world, yearly, date(2026, 12, 14)).reckoned.effective_on == date(2027, 1, 15)
    world.org.contracts.withdraw_cancellation(yearly)
    assert cancelled(world, yearly, today).reckoned.effective_on == date(2028, 1, 15)


def test_a_day_that_is_over_becomes_the_day_of_filing(world):
    rate = world.rate(
        renewal=RunsOn(), term=Term.of_days(5), notice=Notice(length=Term.of_days(3), mode=NoticeMode.FROM_RECEIPT)
    )
    contract = world.contract(rate=rate)
    world.wait(days=20)
    filed = cancelled(world, contract, TODAY + DAY * 10)
    assert (filed.reckoned.effective_on, filed.reckoned.moved) == (TODAY + DAY * 20, Moved.FILED_LATER)
    assert filed.reckoned.notice_end == TODAY + DAY * 14
    assert filed.status is ContractStatus.CANCELLED
    assert world.org.contracts.get(contract, on=TODAY + DAY * 19).status is ContractStatus.ACTIVE
    assert told(world, "contract.cancelled")[0].day == TODAY + DAY * 20
    assert "cancellation.filed_later (CON-7)" in filed.explain().text()


def test_the_receipt_is_not_to_come_and_not_before_signing(world, yearly):
    with pytest.raises(ReceivedInTheFuture):
        cancelled(world, yearly, TODAY + DAY)
    with pytest.raises(ReceivedBeforeSigning):
        cancelled(world, yearly, TODAY - DAY)


def test_today_is_the_studios(world):
    """11.30 in the evening of 15 January in Berlin is the 16th in Auckland."""
    there = world.contract(rate=world.rate(**YEARLY), studio=world.studio("far", ZoneInfo("Pacific/Auckland")))
    here = world.contract(rate=world.rate(**YEARLY))
    world.wait(hours=10.5)
    assert cancelled(world, there, TODAY + DAY).reckoned.filed_on == TODAY + DAY
    with pytest.raises(ReceivedInTheFuture):
        cancelled(world, here, TODAY + DAY)


def test_a_reason_is_one_of_the_organizations_list(world, yearly):
    with pytest.raises(CancellationReasonUnknown) as caught:
        cancelled(world, yearly, reason="bored")
    assert "moved" in caught.value.details["allowed"]
    world.org.settings.change(cancellation_reasons=["bored"])
    world.org = world.acting_as(Actor.system())
    assert cancelled(world, yearly, reason="bored").reason == "bored"
    with pytest.raises(CancellationReasonUnknown):
        cancelled(world, yearly, reason="moved")
    with pytest.raises(InvalidInput):
        world.org.settings.change(cancellation_reasons=[])


def test_the_note_beside_it_is_kept_apart(world, yearly):
    text = "Moves to Köln,\nsays the door sticks."
    cancelled(world, yearly, note=text)
    found = world.org.contracts.cancellation(yearly)
    assert (found.note, found.cancellation.reason) == (text, "moved")
    assert "Köln" not in repr(world.events())
    holder = world.stored_contract(yearly).coverage[0].member
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.notes.erase(holder)
        uow.finish(None)
    found = world.org.contracts.cancellation(yearly)
    assert (found.note, found.cancellation.reason) == (None, "moved")
    assert world.org.contracts.cancellation(world.contract()).cancellation is None


def test_an_extraordinary_cancellation_names_its_day(world, yearly):
    with pytest.raises(InvalidInput) as caught:
        cancelled(world, yearly, extraordinary=True)
    assert caught.value.path == "to"
    filed = cancelled(world, yearly, extraordinary=True, to=TODAY + DAY * 3)
    assert (filed.reckoned.kind, filed.reckoned.effective_on) == (CancellationKind.EXTRAORDINARY, TODAY + DAY * 3)
    assert filed.reckoned.notice_end is None


def test_an_extraordinary_cancellation_can_be_at_once(world, yearly):
    assert cancelled(world, yearly, extraordinary=True, to=TODAY).status is ContractStatus.CANCELLED
    assert [each.day for each in told(world, "contract.cancelled")] == [TODAY]


def test_an_extraordinary_day_between_receipt_and_filing_becomes_the_day_of_filing(world, yearly):
    world.wait(days=10)
    filed = cancelled(world, yearly, TODAY + DAY * 2, extraordinary=True, to=TODAY + DAY * 4)
    assert (filed.reckoned.effective_on, filed.reckoned.moved) == (TODAY + DAY * 10, Moved.FILED_LATER)


def test_a_day_before_receipt_is_refused(world, yearly):
    world.wait(days=10)
    for extraordinary in (True, False):
        with pytest.raises(CancelledBeforeReceipt):
            cancelled(world, yearly, to=TODAY + DAY * 9, extraordinary=extraordinary)


def test_an_ordinary_cancellation_may_name_a_later_day_that_its_notice_allows(world, yearly):
    with pytest.raises(NotByNotice) as caught:
        cancelled(world, yearly, to=date(2027, 7, 1))
    assert caught.value.details["possible"] == "2028-01-15"
    with pytest.raises(NotByNotice):
        cancelled(world, yearly, to=date(2026, 3, 1))
    assert cancelled(world, yearly, to=date(2028, 1, 15)).reckoned.effective_on == date(2028, 1, 15)


def test_a_day_after_the_one_on_which_it_ends_anyway_is_refused(world):
    ends = world.contract(rate=world.rate(notice=Notice(length=Term.of_months(3))))
    for extraordinary in (True, False):
        with pytest.raises(EndsBefore):
            cancelled(world, ends, to=date(2027, 1, 16), extraordinary=extraordinary)
    world.wait(days=360)
    filed = cancelled(world, ends)
    assert (filed.reckoned.effective_on, filed.reckoned.moved) == (date(2027, 1, 15), Moved.ENDS_ANYWAY)
    assert cancelled(world, ends, to=date(2027, 1, 15)).reckoned.effective_on == date(2027, 1, 15)


def test_a_second_cancellation_to_an_earlier_or_equal_day_takes_the_place_of_the_first(world, yearly):
    first = cancelled(world, yearly, note="first")
    again = cancelled(world, yearly, reason="price")
    assert again.reckoned.replaces == first.reckoned.effective_on == again.reckoned.effective_on
    assert world.org.contracts.cancellation(yearly).note is None
    earlier = cancelled(world, yearly, extraordinary=True, to=TODAY + DAY * 40)
    assert earlier.reckoned.replaces == date(2027, 1, 15)
    assert world.org.contracts.get(yearly).cancelled_to == TODAY + DAY * 40
    with pytest.raises(LaterThanFiled) as caught:
        cancelled(world, yearly)
    assert caught.value.details == {"filed": (TODAY + DAY * 40).isoformat(), "effective_on": "2027-01-15"}
    with pytest.raises(LaterThanFiled):
        cancelled(world, yearly, extraordinary=True, to=TODAY + DAY * 41)
    assert [each.replaces for each in told(world, "contract.cancellation_filed")] == [
        None,
        date(2027, 1, 15),
        date(2027, 1, 15),
    ]


def test_a_draft_that_was_never_fully_paid_ends_at_once(world):
    rate = world.rate(initial_fee=FEE, **YEARLY)
    for paid in (0, 4999):
        draft = world.contract(rate=rate, start_on=TODAY + DAY * 30)
        if paid:
            world.org.contracts.pay(draft, Money(paid, "EUR"))
        with pytest.raises(DraftEndsAtOnce):
            cancelled(world, draft, to=TODAY + DAY * 30, extraordinary=True)
        filed = cancelled(world, draft)
        assert (filed.status, filed.reckoned.effective_on) == (ContractStatus.CANCELLED, TODAY)
        assert (filed.reckoned.kind, filed.reckoned.moved) == (CancellationKind.NEVER_PAID, Moved.NEVER_PAID)


def test_a_contract_that_was_fully_paid_once_keeps_its_notice_though_a_payment_bounced(world):
    contract = world.contract(rate=world.rate(initial_fee=FEE, **YEARLY))
    payment = world.org.contracts.pay(contract, FEE).payment
    world.wait(days=3)
    assert world.org.contracts.reverse_payment(contract, payment).status is ContractStatus.ON_HOLD
    assert cancelled(world, contract).reckoned.effective_on == date(2027, 1, 15)


def test_a_contract_that_has_not_begun_can_be_cancelled(world):
    rate = world.rate(renewal=RunsOn(), notice=Notice(length=Term.of_months(1), mode=NoticeMode.FROM_RECEIPT))
    pending = world.contract(rate=rate, start_on=TODAY + DAY * 60)
    filed = cancelled(world, pending)
    assert (filed.status, filed.reckoned.effective_on) == (ContractStatus.PENDING, date(2027, 3, 16))
    before = cancelled(world, pending, extraordinary=True, to=TODAY + DAY * 59)
    assert before.reckoned.effective_on == TODAY + DAY * 59
    world.wait(days=59)
    assert world.org.contracts.get(pending).status is ContractStatus.CANCELLED


def test_a_contract_that_another_follows_is_not_cancelled(world, yearly):
    stored = world.stored_contract(yearly)
    switched = Cancellation(
        kind=CancellationKind.SWITCHED,
        reason="switched",
        received_on=TODAY,
        filed_on=TODAY,
        effective_on=TODAY + DAY * 20,
    )
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.contracts.held(yearly)
        after = evolve(stored, cancellation=switched, version=stored.version + 1)
        keep(uow, Actor.system(), ContractParts(), Outcome((Changed(contract=after),), (), None))
        uow.finish(None)
    with pytest.raises(FollowedByAnother):
        cancelled(world, yearly, extraordinary=True, to=TODAY)
    with pytest.raises(FollowedByAnother):
        world.org.contracts.withdraw_cancellation(yearly)


def switched(world, **path):
    """A contract that switches in twenty days to one that can be left from receipt, and that one."""
    monthly = world.rate(
        initial_fee=FEE,
        renewal=RunsOn(),
        notice=Notice(length=None, mode=NoticeMode.FROM_RECEIPT),
        minimum_term=Term.of_days(1),
    )
    old = world.contract(rate=world.rate(switch_paths=[SwitchPath(to=monthly, **path)]))
    return old, world.org.contracts.switch(old, rate=monthly, on=TODAY + DAY * 20).successor


def test_a_contract_to_which_one_switches_later_does_not_end_before_it_takes_over(world):
    old, new = switched(world)
    begins = TODAY + DAY * 20
    for to in (TODAY, begins - DAY):
        with pytest.raises(EndsBeforeTakingOver) as refused:
            cancelled(world, new, extraordinary=True, to=to)
        assert refused.value.details == {
            "predecessor": str(old),
            "begins": begins.isoformat(),
            "to": to.isoformat(),
        }
        with pytest.raises(EndsBeforeTakingOver):
            world.org.contracts.preview_cancellation(new, received_on=TODAY, extraordinary=True, to=to)
    assert cancelled(world, new, extraordinary=True, to=begins).reckoned.effective_on == begins
    world.wait(days=20)
    assert [world.org.contracts.get(each).status for each in (old, new)] == [ContractStatus.CANCELLED] * 2


def test_a_switch_is_not_withdrawn_under_a_cancellation_of_what_follows(world):
    old, new = switched(world)
    filed = cancelled(world, new).reckoned.effective_on
    assert filed >= TODAY + DAY * 20
    with pytest.raises(FollowerCancelled) as refused:
        world.org.contracts.withdraw_switch(old)
    assert refused.value.details == {"successor": str(new), "effective_on": filed.isoformat()}
    world.org.contracts.withdraw_cancellation(new)
    world.org.contracts.withdraw_switch(old)
    assert world.org.contracts.get(old).cancelled_to is None


def test_a_contract_that_waits_for_the_fee_of_a_switch_is_given_up_at_once(world):
    old, new = switched(world, fee=FEE, days_to_pay=30)
    assert cancelled(world, new).reckoned.effective_on == TODAY
    assert world.org.contracts.get(old).status is ContractStatus.ACTIVE


def test_a_contract_that_took_over_by_a_switch_is_cancelled_like_any_other(world):
    _, new = switched(world)
    world.wait(days=20)
    today = TODAY + DAY * 20
    assert cancelled(world, new, received=today, extraordinary=True, to=today).reckoned.effective_on == today


def test_a_preview_is_what_cancelling_does_and_changes_nothing(world):
    early = (EarlyTermination(code="fee", fee=Money(9900, "EUR")), EarlyTermination(code="by-consent"))
    contract = world.contract(rate=world.rate(**YEARLY, early_termination=early))
    before = world.events()
    seen = world.org.contracts.preview_cancellation(contract, received_on=TODAY)
    assert seen.early_termination == early
    assert "cancellation.early_termination (CON-7): terms fee, fee 99.00 EUR" in seen.explain().text()
    assert world.events() == before
    assert cancelled(world, contract).reckoned == seen
    with pytest.raises(LaterThanFiled):
        world.org.contracts.preview_cancellation(
            contract, received_on=TODAY, extraordinary=True, to=seen.effective_on + DAY
        )


def test_it_can_be_withdrawn_until_the_day_before_it_takes_effect(world, yearly):
    before = world.org.contracts.get(yearly)
    with pytest.raises(NoCancellationFiled):
        world.org.contracts.withdraw_cancellation(yearly)
    cancelled(world, yearly, extraordinary=True, to=TODAY + DAY * 10)
    world.wait(days=9)
    back = world.org.contracts.withdraw_cancellation(yearly)
    assert (back.status, back.effective_on) == (ContractStatus.ACTIVE, TODAY + DAY * 10)
    assert world.org.contracts.get(yearly, on=TODAY) == before
    assert [each.effective_on for each in told(world, "contract.cancellation_withdrawn")] == [TODAY + DAY * 10]
    cancelled(world, yearly, extraordinary=True, to=TODAY + DAY * 10)
    world.wait(days=1)
    with pytest.raises(IllegalTransition):
        world.org.contracts.withdraw_cancellation(yearly)


@pytest.mark.rule("COM-9")
def test_the_same_key_files_it_once(world, yearly):
    first = cancelled(world, yearly, idempotency_key="k", note="x")
    assert cancelled(world, yearly, idempotency_key="k", note="x") == first
    assert len(told(world, "contract.cancellation_filed")) == 1


@st.composite
def frozen_contracts(draw):
    """Contracts with freezes before and after the days on which they are cancelled, the last perhaps without an end."""
    rate = terms(
        term=Term.of_days(draw(st.integers(20, 90))),
        renewal=draw(st.sampled_from([EndsWithTerm(), Extends(Term.of_days(30)), RunsOn()])),
        notice=Notice(length=Term.of_days(draw(st.integers(1, 30))), mode=draw(st.sampled_from(NoticeMode))),
        freezes=FreezePolicy(allowed=True, open_ended=True, extends=draw(st.booleans())),
    )
    frozen, last = [], TODAY
    for gap, many in draw(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=3)):
        since = last + DAY * gap
        last = since + DAY * many
        frozen.append(freeze(since, last))
    if draw(st.booleans()):
        frozen.append(freeze(last + DAY * draw(st.integers(0, 20)), None))
    return contract(rate, signed=TODAY, freezes=tuple(frozen))


@pytest.mark.rule("CON-8")
@settings(max_examples=60)
@given(frozen_contracts(), st.integers(0, 60), st.booleans(), st.integers(0, 40))
def test_withdrawing_restores_every_day_exactly(made, offset, extraordinary, to):
    filed = TODAY + DAY * offset
    wanted = Cancel(
        contract=made.id,
        received_on=filed,
        reason="moved",
        extraordinary=extraordinary,
        to=filed + DAY * to if extraordinary else None,
    )
    try:
        outcome = cancel(made, wanted, REASONS, noon(filed), new_id)
    except (IllegalTransition, EndsBefore):
        return
    seen = PreviewCancellation(contract=made.id, received_on=filed, extraordinary=extraordinary, to=wanted.to)
    assert preview(made, seen, noon(filed)) == outcome.result.reckoned
    (changed,) = outcome.facts
    effective_on = outcome.result.reckoned.effective_on
    for day in (filed + DAY * n for n in range(200)):
        was = status(made, day)
        expected = ContractStatus.CANCELLED if day >= effective_on else was
        if was is not ContractStatus.EXPIRED:
            assert status(changed.contract, day) is expected
    if effective_on > filed:
        (back,) = withdraw_cancellation(changed.contract, noon(filed)).facts
        assert spans(Course.of(back.contract)) == spans(Course.of(made))


@settings(max_examples=40)
@given(frozen_contracts(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), min_size=2, max_size=6))
def test_a_filed_cancellation_never_moves_to_a_later_day(made, cancels):
    at, filed = made, TODAY
    for waited, to in cancels:
        filed += DAY * waited
        wanted = Cancel(contract=made.id, received_on=filed, reason="moved", extraordinary=True, to=filed + DAY * to)
        before = at.cancellation
        try:
            (changed,) = cancel(at, wanted, REASONS, noon(filed), new_id).facts
        except (IllegalTransition, RuleViolation) as refusal:
            if isinstance(refusal, LaterThanFiled):
                assert filed + DAY * to > before.effective_on
            continue
        assert before is None or changed.contract.cancellation.effective_on <= before.effective_on
        at = changed.contract


@pytest.mark.rule("CON-6", "CON-7")
def test_a_cancelled_contract_lasts_no_longer_than_one_that_is_not(world):
    """A freeze moved the end, it was cancelled to that end, and then the freeze ended early."""
    rate = world.rate(term=Term.of_months(1), freezes=FreezePolicy(allowed=True))
    one, other = world.contract(rate=rate), world.contract(rate=rate)
    frozen = {
        each: world.org.contracts.freeze(each, since=date(2026, 1, 20), until=date(2026, 2, 10), reason="ill").freeze
        for each in (one, other)
    }
    world.wait(days=5)
    assert world.org.contracts.cancel(one, received_on=date(2026, 1, 20), reason="moved").effective_on == date(
        2026, 3, 8
    )
    for each, filed in frozen.items():
        world.org.contracts.end_freeze(each, filed)
    told, untouched = (world.org.contracts.get(each) for each in (one, other))
    assert told.cancelled_to == untouched.expires_on == date(2026, 2, 16)
    assert world.org.contracts.get(one, on=date(2026, 2, 16)).status is ContractStatus.CANCELLED
    moved = world.org.contracts.moved(since=date(2026, 2, 16), until=date(2026, 2, 17))
    assert [each.contracts for each in moved.cancelled] == [1]
