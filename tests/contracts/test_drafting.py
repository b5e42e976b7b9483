"""CON-2: drafting a contract."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.contracts.dated import FEE

from memberlogic.actors import Actor
from memberlogic.contracts.drafting import (
    CoveredTwice,
    CoversTooMany,
    RateNotOnSale,
    SignedInTheFuture,
    StartsBeforeSigning,
)
from memberlogic.contracts.model import ContractStatus
from memberlogic.errors import Duplicate, InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import ExternalId, MemberId, RateId, new_id
from memberlogic.testing import World

pytestmark = pytest.mark.rule("CON-2")

TODAY = date(2026, 1, 15)
DRAFTS = "members.contracts:create"


def events(world):
    return [each.event.type for each in world.events() if each.event.type.startswith("contract.")]


def test_a_draft_is_on_hold_until_the_initial_fee_is_paid(world):
    drafted = world.org.contracts.draft(world.member(), rate=world.rate(initial_fee=FEE), studio=world.studio())
    assert (drafted.status, drafted.owed, drafted.signed_on) == (ContractStatus.ON_HOLD, 5000, TODAY)
    assert drafted.explain().reasons[0].code == "contract.owes"
    assert world.org.contracts.get(drafted.contract, on=TODAY + timedelta(days=90)).status is ContractStatus.ON_HOLD
    assert events(world) == ["contract.drafted"]


def test_without_an_initial_fee_it_is_paid_from_the_day_of_signing(world):
    later = world.org.contracts.draft(
        world.member(), rate=world.rate(), studio=world.studio(), start_on=TODAY + timedelta(days=1)
    )
    now = world.org.contracts.draft(world.member(), rate=world.rate(), studio=world.studio())
    assert (later.status, now.status) == (ContractStatus.PENDING, ContractStatus.ACTIVE)
    assert events(world) == ["contract.drafted", "contract.awaits_start", "contract.drafted", "contract.activated"]


@pytest.mark.rule("CON-16")
def test_a_contract_entered_after_the_fact_says_what_has_come_about_since(world):
    """Each on its own day, in order."""
    world.contract(signed_on=date(2024, 12, 1), start_on=date(2025, 1, 1))
    said = [(each.event.type, each.effective_at.date(), each.actor) for each in world.events()][-4:]
    assert said == [
        ("contract.drafted", date(2026, 1, 15), "system"),
        ("contract.awaits_start", date(2024, 11, 30), "system"),
        ("contract.activated", date(2024, 12, 31), "system"),
        ("contract.expired", date(2025, 12, 31), "system"),
    ]


@pytest.mark.rule("COM-13")
def test_an_earlier_day_of_signing_needs_a_permission_of_its_own(world):
    rate, studio, member = world.rate(), world.studio(), world.member()
    clerk = world.staff(DRAFTS).contracts
    with pytest.raises(PermissionDenied) as caught:
        clerk.draft(member, rate=rate, studio=studio, signed_on=TODAY - timedelta(days=1))
    assert caught.value.details["permission"] == "members.contracts.past:create"
    assert clerk.draft(member, rate=rate, studio=studio, signed_on=TODAY)
    importer = world.staff(DRAFTS, "members.contracts.past:create").contracts
    assert importer.draft(member, rate=rate, studio=studio, signed_on=TODAY - timedelta(days=1))


def test_days_are_in_order(world):
    rate, studio, member = world.rate(), world.studio(), world.member()
    draft = world.org.contracts.draft
    with pytest.raises(SignedInTheFuture):
        draft(member, rate=rate, studio=studio, signed_on=TODAY + timedelta(days=1))
    with pytest.raises(StartsBeforeSigning):
        draft(member, rate=rate, studio=studio, start_on=TODAY - timedelta(days=1))
    with pytest.raises(InvalidInput) as caught:
        draft(member, rate=rate, studio=studio, start_on=date(2300, 1, 1))
    assert caught.value.path == "start_on"
    assert events(world) == []


@pytest.mark.rule("COM-3")
def test_today_is_the_studios(world):
    """At noon UTC on 15 January it is the 16th in Auckland."""
    studio = world.studio("south", ZoneInfo("Pacific/Auckland"))
    assert world.org.contracts.draft(world.member(), rate=world.rate(), studio=studio).signed_on == date(2026, 1, 16)


def test_what_it_names_must_be_there_and_on_sale(world):
    rate, studio, member = world.rate(), world.studio(), world.member()
    draft = world.org.contracts.draft
    with pytest.raises(NotFound):
        draft(MemberId(new_id()), rate=rate, studio=studio)
    with pytest.raises(NotFound):
        draft(member, rate=RateId(new_id()), studio=studio)
    with pytest.raises(NotFound):
        draft(member, rate=rate, studio="nowhere")
    world.org.contracts.retire_rate(rate)
    with pytest.raises(RateNotOnSale):
        draft(member, rate=rate, studio=studio)


@pytest.mark.rule("CON-11")
def test_a_rate_covers_as_many_beside_the_holder_as_it_says_each_once(world):
    rate, studio = world.rate(most_covered=2), world.studio()
    holder, *family = sorted(world.member() for _ in range(4))
    draft = world.org.contracts.draft
    with pytest.raises(CoversTooMany):
        draft(holder, rate=rate, studio=studio, covered=family)
    with pytest.raises(CoveredTwice):
        draft(holder, rate=rate, studio=studio, covered=[family[0], holder])
    with pytest.raises(CoveredTwice):
        draft(holder, rate=rate, studio=studio, covered=[family[0], family[0]])
    told = world.org.contracts.get(draft(family[0], rate=rate, studio=studio, covered=[holder, family[1]]).contract)
    assert [(each.member, each.holder) for each in told.covered] == [
        (family[0], True),
        (holder, False),
        (family[1], False),
    ]
    assert [each.contract for each in world.org.contracts.of(family[1])] == [told.contract]


@pytest.mark.rule("COM-9", "COM-19")
def test_it_takes_a_key_and_the_hosts_id(world):
    said = {"rate": world.rate(), "studio": world.studio(), "external_ids": [ExternalId("old", "4711")]}
    member = world.member()
    first = world.org.contracts.draft(member, **said, idempotency_key="K1")
    assert world.org.contracts.draft(member, **said, idempotency_key="K1") == first
    assert world.org.contracts.find("old", "4711").contract == first.contract
    with pytest.raises(Duplicate):
        world.org.contracts.draft(member, **said)
    assert events(world).count("contract.drafted") == 1


@pytest.mark.rule("COM-13", "COM-1")
def test_a_member_sees_their_own_contracts_and_nobody_elses(world):
    mine, other = world.member(), world.member()
    contract = world.contract(member=mine)
    me, them = world.acting_as(Actor.member(mine)), world.acting_as(Actor.member(other))
    assert me.contracts.get(contract).contract == contract
    assert len(me.contracts.of(mine)) == 1
    for refused in (lambda: them.contracts.get(contract), lambda: them.contracts.of(mine)):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(NotFound):
        World(world.storage).org.contracts.get(contract)
