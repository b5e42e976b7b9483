"""CON-15: who comes in, for every status, suspension, block, pass and second scan there is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import BERLIN, FEE, HOLDER, contract, freeze, payment, terms

from memberlogic.calendar import CalendarPeriod, Term
from memberlogic.contracts.admitting import AtTheDoor, admit
from memberlogic.contracts.model import Cancellation, CancellationKind, ContractStatus
from memberlogic.contracts.notices import ENGLISH, Notice, Severity
from memberlogic.contracts.passes import PassKind, VisitorPass
from memberlogic.contracts.rates import FreezePolicy
from memberlogic.contracts.services import AllServices, OnlyServices, ServiceTerms, VisitLimit
from memberlogic.contracts.spanning import status
from memberlogic.contracts.suspensions import Billing, Suspension
from memberlogic.contracts.visits import Tally, Visit
from memberlogic.ids import PassId, SuspensionId, VisitId, new_id
from memberlogic.members.model import Member, MemberState

pytestmark = pytest.mark.rule("CON-15")

DAY = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
SIGNED = DAY - timedelta(days=20)


def in_status(wanted, **services):
    """A contract that has a status on the day."""
    rate = terms(
        term=Term.of_days(15) if wanted is ContractStatus.EXPIRED else Term.of_months(12),
        initial_fee=FEE,
        freezes=FreezePolicy(allowed=True),
        services=ServiceTerms(**services),
    )
    made = contract(
        rate,
        signed=SIGNED,
        start=DAY + timedelta(days=1) if wanted is ContractStatus.PENDING else SIGNED,
        payments=() if wanted is ContractStatus.ON_HOLD else (payment(SIGNED),),
        freezes=(freeze(DAY, DAY + timedelta(days=5)),) if wanted is ContractStatus.FROZEN else (),
        cancellation=Cancellation(
            kind=CancellationKind.ORDINARY, reason="moved", received_on=SIGNED, filed_on=SIGNED, effective_on=DAY
        )
        if wanted is ContractStatus.CANCELLED
        else None,
    )
    assert status(made, DAY) is wanted
    return made


def visitor_pass(**said):
    facts = {
        "id": PassId(new_id()),
        "member": HOLDER,
        "kind": PassKind.DAY,
        "since": DAY,
        "until": DAY + timedelta(days=1),
        "issued_at": AT,
    }
    return VisitorPass(**(facts | said))


def suspension(**whose):
    return Suspension(id=SuspensionId(new_id()), since=DAY, reason="arrears", filed_at=AT, **whose)


def visit(at=AT, **said):
    facts = {
        "id": VisitId(new_id()),
        "member": HOLDER,
        "studio": BERLIN.code,
        "service": None,
        "at": at,
        "day": DAY,
        "recorded_at": at,
        "actor": "system",
        "allowed": True,
    }
    return Visit(**(facts | said))


def door(**said):
    facts = {
        "member": Member(id=HOLDER, type="customer", state=MemberState.ACTIVE),
        "studio": BERLIN,
        "service": None,
        "at": AT,
        "contracts": (),
        "suspensions": (),
        "passes": (),
        "billing": Billing(member=HOLDER),
        "around": (),
        "tallies": (),
        "second_scan": timedelta(minutes=10),
    }
    return AtTheDoor(**(facts | said))


def codes(admission):
    return [each.code.removeprefix("checkin.") for each in admission.notices]


STATUSES = [None, *ContractStatus]
SUSPENDED = [None, "contract", "member"]
PASSES = [None, "valid", "used_up", "of_yesterday"]
SCANS = [None, "by_contract", "by_pass", "by_staff", "by_staff_not_told"]
EVERYTHING = [f"checkin.{each}" for each in ("blocked", "member_suspended", "contract_suspended", "no_contract")]
EVERYTHING += [f"checkin.{each.value}" for each in ContractStatus] + ["checkin.pass_used_up"]


@pytest.mark.rule("CON-13", "CON-14")
@pytest.mark.parametrize("status", STATUSES, ids=lambda each: each.value if each else "none")
def test_every_status_suspension_block_pass_and_second_scan(status):
    """The expectation is written down here as the rule says it, once more and in another way."""
    made = None if status is None else in_status(status)
    for suspended, blocked, held, scan in product(SUSPENDED, [False, True], PASSES, SCANS):
        if suspended == "contract" and made is None:
            continue
        pass_ = {
            None: None,
            "valid": visitor_pass(visits=2, used=1),
            "used_up": visitor_pass(visits=2, used=2),
            "of_yesterday": visitor_pass(since=DAY - timedelta(days=1), until=DAY),
        }[held]
        if scan == "by_pass" and pass_ is None:
            continue
        before = {
            None: (),
            "by_contract": (visit(AT - timedelta(minutes=9), contract=made.id if made else None),),
            "by_pass": (visit(AT - timedelta(minutes=9), visitor_pass=pass_.id if pass_ else None),),
            "by_staff": (visit(AT - timedelta(minutes=9), overridden=True, told=tuple(EVERYTHING)),),
            "by_staff_not_told": (visit(AT - timedelta(minutes=9), overridden=True),),
        }[scan]
        whose = {"contract": made.id} if suspended == "contract" else {"member": HOLDER}
        admission = admit(
            door(
                member=Member(
                    id=HOLDER,
                    type="customer",
                    state=MemberState.BLOCKED if blocked else MemberState.ACTIVE,
                    blocked_for="theft" if blocked else None,
                ),
                contracts=() if made is None else (made,),
                suspensions=(suspension(**whose),) if suspended else (),
                passes=() if pass_ is None else (pass_,),
                around=before,
            )
        )
        case = (status, suspended, blocked, held, scan)
        by_contract = status is ContractStatus.ACTIVE and suspended != "contract"
        by_pass = held == "valid" or (held == "used_up" and scan == "by_pass")
        kept_out = blocked or suspended == "member"
        assert admission.allowed is (scan == "by_staff" or (not kept_out and (by_contract or by_pass))), case
        told = codes(admission)
        assert ("same_visit" in told) is (admission.same is not None) is (bool(scan) and admission.allowed), case
        if scan in ("by_staff", "by_staff_not_told") and admission.allowed:
            continue
        assert ("blocked" in told) is blocked, case
        assert ("member_suspended" in told) is (suspended == "member"), case
        assert ("contract_suspended" in told) is (
            suspended == "contract" and status not in (ContractStatus.CANCELLED, ContractStatus.EXPIRED)
        ), case
        if status in (None, ContractStatus.ACTIVE):
            assert not {"on_hold", "pending", "frozen", "cancelled", "expired"} & set(told), case
        else:
            assert status.value in told, "whoever comes is told, allowed or not"
        assert ("no_contract" in told) is (made is None and held in (None, "of_yesterday")), case
        assert ("pass_used_up" in told) is (held == "used_up" and not by_contract and not by_pass), case
        assert ("by_pass" in told) is (admission.visitor_pass is not None), case
        assert (admission.contract is not None) is (admission.allowed and by_contract), case
        blocking = any(each.severity is Severity.BLOCKING for each in admission.notices)
        assert not (blocking and admission.allowed), case
        assert admission.allowed or any(each.severity is not Severity.INFO for each in admission.notices), case


@pytest.mark.parametrize(
    ("status", "parameters"),
    [
        (ContractStatus.FROZEN, {"since": "2026-03-10", "until": "2026-03-15", "last_day": "2026-03-14"}),
        (ContractStatus.ON_HOLD, {"owed": 5000, "currency": "EUR"}),
        (ContractStatus.PENDING, {"start_on": "2026-03-11"}),
        (ContractStatus.CANCELLED, {"on": "2026-03-10", "reason": "moved"}),
        (ContractStatus.EXPIRED, {"on": "2026-03-05"}),
    ],
)
def test_each_status_is_told_with_what_belongs_to_it(status, parameters):
    made = in_status(status)
    (notice,) = admit(door(contracts=(made,))).notices
    assert notice.parameters == {"contract": str(made.id)} | parameters


def test_a_freeze_is_told_to_everybody_also_to_whom_another_contract_lets_in():
    frozen, active = in_status(ContractStatus.FROZEN), in_status(ContractStatus.ACTIVE)
    admission = admit(door(contracts=(frozen, active)))
    assert (admission.allowed, admission.contract, codes(admission)) == (True, active.id, ["frozen"])


def test_one_that_is_over_is_told_only_where_none_is_open_and_then_the_last():
    cancelled, expired = in_status(ContractStatus.CANCELLED), in_status(ContractStatus.EXPIRED)
    assert codes(admit(door(contracts=(expired, cancelled)))) == ["cancelled"], "it ended later"
    for each in (ContractStatus.ACTIVE, ContractStatus.PENDING, ContractStatus.ON_HOLD):
        told = codes(admit(door(contracts=(expired, cancelled, in_status(each)))))
        assert not {"cancelled", "expired"} & set(told)


def test_who_left_a_contract_has_none_of_it():
    made = in_status(ContractStatus.ACTIVE)
    (coverage,) = made.coverage
    left = evolve(made, coverage=(evolve(coverage, until=DAY),))
    assert codes(admit(door(contracts=(left,)))) == ["left"]
    tomorrow = evolve(made, coverage=(evolve(coverage, until=DAY + timedelta(days=1)),))
    assert admit(door(contracts=(tomorrow,))).allowed
    never = evolve(made, coverage=(evolve(coverage, until=coverage.since),))
    assert codes(admit(door(contracts=(never,)))) == ["no_contract"]


@pytest.mark.rule("CON-13")
@pytest.mark.parametrize("status", [ContractStatus.FROZEN, ContractStatus.PENDING, ContractStatus.ON_HOLD])
def test_a_rate_may_give_something_in_other_statuses_too(status):
    made = in_status(status, **{status.value: OnlyServices(["cafe"])})
    entered, cafe, sauna = (admit(door(contracts=(made,), service=each)) for each in (None, "cafe", "sauna"))
    assert (entered.allowed, cafe.allowed, sauna.allowed) == (True, True, False)
    assert codes(cafe) == [status.value]
    assert cafe.notices[0].severity is Severity.WARNING


@pytest.mark.rule("CON-13")
def test_what_the_contract_does_not_include_is_named():
    made = in_status(ContractStatus.ACTIVE, active=OnlyServices(["gym"]), studios=["north"])
    refused = admit(door(contracts=(made,), service="sauna"))
    assert (refused.allowed, codes(refused)) == (False, ["not_included"])
    assert refused.notices[0].parameters == {"contract": str(made.id), "service": "sauna", "studio": "north"}
    assert admit(door(contracts=(made,), service="gym")).allowed
    assert admit(door(contracts=(made,))).allowed
    south = admit(door(contracts=(made,), studio=evolve(BERLIN, code="south"), service="gym"))
    assert codes(south) == ["not_included"]
    nothing = in_status(ContractStatus.ACTIVE, active=OnlyServices())
    assert codes(admit(door(contracts=(nothing,)))) == ["not_included"]


@pytest.mark.rule("CON-13")
@settings(max_examples=60)
@given(
    most=st.integers(1, 4),
    period=st.sampled_from(CalendarPeriod),
    visits=st.lists(st.tuples(st.integers(-40, 3), st.sampled_from([None, "sauna", "pool"])), max_size=6),
    limited=st.sampled_from([(), ("sauna",), ("sauna", "pool")]),
    service=st.sampled_from([None, "sauna", "pool"]),
)
def test_visits_are_limited_in_periods_of_the_calendar(most, period, visits, limited, service):
    limit = VisitLimit(visits=most, period=period, services=limited)
    made = in_status(ContractStatus.ACTIVE, limits=[limit])
    tallies = tuple(
        Tally(contract=made.id, service=each, day=DAY + timedelta(days=days), visits=1) for days, each in visits
    )
    elsewhere = (Tally(contract=None, service=service, day=DAY, visits=99),)
    within = period.containing(DAY)
    counted = sum(
        1
        for days, each in visits
        if within.start <= DAY + timedelta(days=days) < within.end and (not limited or each in limited)
    )
    admission = admit(door(contracts=(made,), tallies=tallies + elsewhere, service=service))
    looked_at = not limited or service in limited
    assert admission.allowed is (not looked_at or counted < most)
    if not admission.allowed:
        assert codes(admission) == ["limit_reached"]
        assert admission.notices[0].parameters["next_on"] == within.end.isoformat()
        again = visit(AT - timedelta(minutes=1), contract=made.id, service=service)
        second = admit(door(contracts=(made,), tallies=tallies, service=service, around=(again,)))
        assert second.same == again, "a second scan takes no visit"


def test_a_contract_without_a_limit_lets_in_before_one_with_a_limit():
    limited = in_status(ContractStatus.ACTIVE, limits=[VisitLimit(visits=1, period=CalendarPeriod.WEEK)])
    free = in_status(ContractStatus.ACTIVE)
    assert admit(door(contracts=(limited, free))).contract == free.id
    used = (Tally(contract=limited.id, service=None, day=DAY, visits=1),)
    by_pass = admit(door(contracts=(limited,), tallies=used, passes=(visitor_pass(),)))
    assert (by_pass.allowed, codes(by_pass)) == (True, ["by_pass"])


def test_of_several_passes_the_one_that_ends_first_is_used():
    late, soon = visitor_pass(until=DAY + timedelta(days=9)), visitor_pass(until=DAY + timedelta(days=2))
    empty = visitor_pass(visits=1, used=1)
    assert admit(door(passes=(late, empty, soon))).visitor_pass == soon


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ({}, True),
        ({"since": DAY + timedelta(days=1), "until": DAY + timedelta(days=2)}, False),
        ({"since": DAY - timedelta(days=3), "until": DAY}, False),
        ({"studios": ("north",)}, True),
        ({"studios": ("south",)}, False),
        ({"services": OnlyServices(["sauna"])}, False),
        ({"services": OnlyServices(["gym"])}, True),
        ({"ended_at": AT}, False),
        ({"ended_at": AT + timedelta(microseconds=1)}, True),
    ],
)
def test_a_pass_is_for_its_days_studios_and_services(said, allowed):
    assert admit(door(passes=(visitor_pass(**said),), service="gym")).allowed is allowed


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"at": AT - timedelta(minutes=10)}, True),
        ({"at": AT - timedelta(minutes=10, microseconds=1)}, False),
        ({"at": AT + timedelta(minutes=10)}, True),
        ({"studio": "south"}, False),
        ({"service": "sauna"}, False),
        ({"allowed": False}, False),
        ({"undone_at": AT}, False),
    ],
)
def test_a_second_scan_is_shortly_before_or_after_at_the_same_door_for_the_same(other, same):
    made = in_status(ContractStatus.ACTIVE)
    before = visit(**{"at": AT - timedelta(minutes=1), "contract": made.id} | other)
    assert (admit(door(contracts=(made,), around=(before,))).same == before) is same
    assert admit(door(contracts=(made,), around=(before,), second_scan=timedelta(0))).same is None


@pytest.mark.rule("CON-14")
@pytest.mark.parametrize(
    ("since", "until", "ended", "kept_out"),
    [
        (0, None, None, True),
        (0, 1, None, True),
        (1, None, None, False),
        (-5, 0, None, False),
        (-5, None, 0, False),
        (-5, 9, 1, True),
        (0, None, 0, False),
    ],
)
def test_a_suspension_is_for_its_days(since, until, ended, kept_out):
    days = [None if each is None else DAY + timedelta(days=each) for each in (since, until, ended)]
    made = in_status(ContractStatus.ACTIVE)
    for whose in ({"member": HOLDER}, {"contract": made.id}):
        filed = evolve(suspension(**whose), since=days[0], until=days[1], ended=days[2])
        assert admit(door(contracts=(made,), suspensions=(filed,))).allowed is not kept_out


@pytest.mark.rule("CON-14")
def test_what_billing_says_and_what_rooms_above_tell_decides_nothing():
    made = in_status(ContractStatus.ACTIVE)
    said = Billing(member=HOLDER, owed=FEE, status="dunning", as_of=AT)
    above = (Notice(code="care.action_due", severity=Severity.BLOCKING),)
    admission = admit(door(contracts=(made,), billing=said, above=above))
    assert admission.allowed
    assert [(each.code, each.severity) for each in admission.notices] == [
        ("checkin.owes", Severity.WARNING),
        ("care.action_due", Severity.WARNING),
        ("checkin.billing", Severity.INFO),
    ]


EVERY_NOTICE = {
    "checkin.anonymised": ({}, "The record was anonymised; it leads to nobody."),
    "checkin.blocked": ({"reason": "bad_conduct"}, "The member is blocked (bad conduct)."),
    "checkin.member_suspended": (
        {"since": "2026-03-10", "until": "2026-03-12", "last_day": "2026-03-11", "reason": "house_ban"},
        "No access from 2026-03-10 through 2026-03-11 (house ban).",
    ),
    "checkin.member_suspended.open": (
        {"since": "2026-03-10", "until": None, "reason": "house_ban"},
        "No access since 2026-03-10 until further notice (house ban).",
    ),
    "checkin.contract_suspended": (
        {"since": "2026-03-10", "until": "2026-03-12", "last_day": "2026-03-11", "reason": "arrears"},
        "The contract is suspended from 2026-03-10 through 2026-03-11 (arrears).",
    ),
    "checkin.contract_suspended.open": (
        {"since": "2026-03-10", "until": None, "reason": "arrears"},
        "The contract is suspended since 2026-03-10 until further notice (arrears).",
    ),
    "checkin.frozen": (
        {"since": "2026-03-10", "until": "2026-03-12", "last_day": "2026-03-11"},
        "The contract is frozen from 2026-03-10 through 2026-03-11.",
    ),
    "checkin.frozen.open": (
        {"since": "2026-03-10", "until": None},
        "The contract is frozen since 2026-03-10, without an end.",
    ),
    "checkin.on_hold": (
        {"owed": 5000, "currency": "EUR"},
        "The contract is on hold until 50.00 EUR are paid.",
    ),
    "checkin.pending": ({"start_on": "2026-03-11"}, "The contract begins on 2026-03-11."),
    "checkin.cancelled": (
        {"on": "2026-03-10", "reason": "moved"},
        "The contract is cancelled since 2026-03-10 (moved).",
    ),
    "checkin.expired": ({"on": "2026-03-10"}, "The contract expired on 2026-03-10."),
    "checkin.left": ({"on": "2026-03-10"}, "The member left the contract on 2026-03-10."),
    "checkin.no_contract": ({}, "There is no contract and no visitor pass for today."),
    "checkin.not_included": (
        {"service": None, "studio": "north_1"},
        "The contract does not include this here: service -, studio north_1.",
    ),
    "checkin.limit_reached": (
        {"visits": 2, "period": "week", "next_on": "2026-03-16"},
        "No visit is left this week (limit 2); the next is possible on 2026-03-16.",
    ),
    "checkin.pass_used_up": ({"visits": 1}, "The visitor pass has no visit left (limit 1)."),
    "checkin.by_pass": ({"kind": "day"}, "Let in by a visitor pass (day)."),
    "checkin.same_visit": ({"time": "13:00"}, "Already checked in at 13:00; this is the same visit."),
    "checkin.overridden": ({}, "Let in by staff."),
    "checkin.owes": ({"owed": 500, "currency": "JPY"}, "Billing says that 500 JPY are owed."),
    "checkin.billing": ({"status": "second_reminder"}, "Billing says: second reminder."),
    "checkin.care_conversation": (
        {"day": "2026-03-10"},
        "Member Care: talk to the member now; to be done on 2026-03-10.",
    ),
    "checkin.care_flag": ({"day": "2026-03-10"}, "Member Care: a conversation is to be done on 2026-03-10."),
}


@pytest.mark.parametrize("name", sorted(ENGLISH))
def test_each_notice_is_a_sentence(name):
    parameters, sentence = EVERY_NOTICE[name]
    notice = Notice(code=name.removesuffix(".open"), severity=Severity.INFO, parameters=parameters)
    assert notice.text() == sentence
    assert notice.text({name: "Auf Deutsch."}) == "Auf Deutsch."


def test_a_notice_without_a_sentence_is_told_as_its_code():
    assert Notice(code="care.due", severity=Severity.INFO).text() == "care.due"
    said = Notice(code="checkin.owes", severity=Severity.INFO, parameters={"owed": 500, "currency": "EUR"})
    assert said.text({"checkin.owes": "Offen: {owed}, {unknown}."}) == "Offen: 5.00 EUR, -."


def test_everything_told_at_the_door_has_a_sentence():
    """Also what is told of several things at once."""
    for each in ContractStatus:
        made = in_status(each)
        whose = ({"member": HOLDER}, {"contract": made.id})
        told = admit(door(contracts=(made,), suspensions=tuple(suspension(**one) for one in whose))).notices
        assert all(notice.text() != notice.code for notice in told)
    assert AllServices().includes("anything")
