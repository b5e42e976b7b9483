"""MEM-18: prospect, member, former member, by the contracts that cover a person."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.dated import BERLIN, FEE, HOLDER, contract, freeze, payment, terms
from tests.contracts.test_spanning import cancelled, contracts

from memberlogic.calendar import Term, start_of_day
from memberlogic.contracts.covering import membership
from memberlogic.contracts.model import FINAL, CancellationKind, ContractStatus, Coverage
from memberlogic.contracts.rates import FreezePolicy
from memberlogic.contracts.spanning import status
from memberlogic.ids import CoverageId, MemberId, new_id
from memberlogic.members.membership import MembershipDetail, MembershipStatus
from memberlogic.organizations.model import Studio

pytestmark = pytest.mark.rule("MEM-18")

ZONE = BERLIN.zone
START = date(2026, 3, 1)


def on(day, *made, member=HOLDER):
    """What somebody is at noon of a day, in words."""
    at = start_of_day(day, ZONE) + timedelta(hours=12)
    span = next((each for each in membership(member, made) if at in each), None)
    return (
        "prospect" if span is None else " ".join(word.value for word in (span.status, span.detail) if word is not None)
    )


def test_a_contract_on_hold_makes_nobody_a_member():
    made = contract(terms(initial_fee=FEE), signed=START)
    assert on(START, made) == "prospect"
    paid = evolve(made, start_on=START + timedelta(days=9), payments=(payment(START + timedelta(days=2)),))
    assert on(START + timedelta(days=1), paid) == "prospect"
    assert on(START + timedelta(days=2), paid) == "member pending"
    assert on(START + timedelta(days=9), paid) == "member active"


def test_a_contract_that_was_in_force_and_lost_its_payment_still_makes_a_member():
    bounced = payment(START, reversed_on=START + timedelta(days=10))
    made = contract(terms(initial_fee=FEE), signed=START, payments=(bounced,))
    assert on(START + timedelta(days=10), made) == "member on_hold"
    never = contract(terms(initial_fee=FEE), signed=START, start=START + timedelta(days=20), payments=(bounced,))
    assert on(START + timedelta(days=10), never) == "prospect", "it had only been pending"


def test_the_best_contract_counts():
    frozen = contract(
        terms(freezes=FreezePolicy(allowed=True)), signed=START, freezes=(freeze(START, START + timedelta(days=30)),)
    )
    pending = contract(terms(), signed=START, start=START + timedelta(days=5))
    assert on(START, frozen, pending) == "member frozen"
    assert on(START + timedelta(days=5), frozen, pending) == "member active"
    assert on(START, pending) == "member pending"


def test_how_the_last_one_ended_is_how_it_ended():
    expired = contract(terms(term=Term.of_days(30)), signed=START)
    left = evolve(contract(terms(), signed=START), cancellation=cancelled(START + timedelta(days=40)))
    assert on(START + timedelta(days=35), expired) == "former_member expired"
    assert on(START + timedelta(days=35), expired, left) == "member active"
    assert on(START + timedelta(days=40), expired, left) == "former_member cancelled"


def test_what_was_withdrawn_from_was_never_in_force():
    made = contract(terms(), signed=START, cancellation=cancelled(START, CancellationKind.WITHDRAWN))
    assert on(START + timedelta(days=5), made) == "prospect"
    draft = contract(
        terms(), signed=START, start=START + timedelta(days=9), cancellation=cancelled(START + timedelta(9))
    )
    assert on(START + timedelta(days=8), draft) == "member pending"
    assert on(START + timedelta(days=9), draft) == "prospect", "it ended before its first day"


def test_whoever_leaves_a_family_contract_left():
    child = MemberId(new_id())
    beside = Coverage(
        id=CoverageId(new_id()), member=child, holder=False, since=START, until=START + timedelta(days=50)
    )
    made = contract(terms(), signed=START)
    family = evolve(made, coverage=(*made.coverage, beside))
    assert on(START + timedelta(days=49), family, member=child) == "member active"
    assert on(START + timedelta(days=50), family, member=child) == "former_member left"
    assert on(START + timedelta(days=50), family) == "member active"


@pytest.mark.rule("COM-3")
def test_each_contract_counts_on_its_own_studios_days():
    """Auckland's first day begins half a day before Berlin's."""
    auckland = Studio("south", ZoneInfo("Pacific/Auckland"))
    (span,) = membership(HOLDER, [contract(terms(renewal=terms().renewal), signed=START, studio=auckland)])[:1]
    assert span.since == start_of_day(START, auckland.zone) < start_of_day(START, ZONE)


@given(st.lists(contracts(), max_size=3))
def test_the_spans_are_what_the_rule_says_of_every_day(made):
    """The paragraph again, written for one day at a time."""

    def expected(day):
        now, over = set(), []
        for each in made:
            was = [status(each, START + timedelta(days=back)) for back in range(-40, (day - START).days)]
            in_force = bool({ContractStatus.ACTIVE, ContractStatus.FROZEN} & set(was))
            is_ = status(each, day)
            if is_ in (ContractStatus.ACTIVE, ContractStatus.FROZEN, ContractStatus.PENDING) or (
                is_ is ContractStatus.ON_HOLD and in_force
            ):
                now.add(is_)
            if is_ in FINAL and in_force:
                over.append((next(i for i, one in enumerate([*was, is_]) if one in FINAL), is_))
        for each in (ContractStatus.ACTIVE, ContractStatus.FROZEN, ContractStatus.PENDING, ContractStatus.ON_HOLD):
            if each in now:
                return {f"member {each.value}"}
        last = max((at for at, _ in over), default=None)
        return {f"former_member {is_.value}" for at, is_ in over if at == last} or {"prospect"}

    told = membership(HOLDER, made)
    assert all(one.until == other.since for one, other in pairwise(told))
    for offset in range(-35, 420, 7):
        day = START + timedelta(days=offset)
        assert on(day, *made) in expected(day)


def test_somebody_without_contracts_is_a_prospect(world):
    told = world.org.members.membership(world.member())
    assert (told.status, told.detail, told.spans) == (MembershipStatus.PROSPECT, None, ())
    assert told.explain().reasons[0].rule == "MEM-18"


def test_what_is_stored_is_what_is_computed_and_can_be_asked_of_any_instant(world):
    """The same command that changes a contract writes what its people are."""
    member = world.member()
    id = world.contract(member=member, rate=world.rate(initial_fee=FEE), start_on=date(2026, 2, 1))
    assert world.org.members.membership(member).status is MembershipStatus.PROSPECT
    world.org.contracts.pay(id, FEE)
    told = world.org.members.membership(member)
    assert (told.status, told.detail) == (MembershipStatus.MEMBER, MembershipDetail.PENDING)
    assert told.spans == membership(member, [world.stored_contract(id)])
    later = world.org.members.membership(member, at=world.clock.now() + timedelta(days=800))
    assert (later.status, later.detail) == (MembershipStatus.FORMER_MEMBER, MembershipDetail.EXPIRED)
    with world.storage.reading(world.organization.id, world.clock) as uow:
        assert list(uow.memberships.at(world.clock.now(), MembershipStatus.MEMBER)) == [member]
        assert list(uow.memberships.at(world.clock.now(), MembershipStatus.FORMER_MEMBER)) == []
