"""MEM-13: a member's profile in one call, on every store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.members.test_erasing import CLUB, Known, live

from memberlogic import (
    Actor,
    Downgrade,
    ExternalId,
    Feature,
    Metric,
    Monthly,
    Progression,
    PurchaseLine,
    Scheme,
    Term,
    Tier,
    Upgrade,
)
from memberlogic.amounts import Money
from memberlogic.converting import dumps, from_json, loads, to_json
from memberlogic.errors import NotFound, PermissionDenied
from memberlogic.ids import new_id
from memberlogic.members.overviewing import NOT_BUILT, Absence, Overview

pytestmark = pytest.mark.rule("MEM-13")

BASE = "members.profile:read"
PARTS = {
    "identity": BASE,
    "account_state": "members:read",
    "membership": "members.contracts:read",
    "contracts": "members.contracts:read",
    "billing": "members.billing:read",
    "visits": "members.visits:read",
    "accounts": "members.accounts:read",
    "wallets": "members.points:read",
    "consents": "members.consents:read",
    "tags": "members.tags:read",
    "parameters": "members.parameters:read",
    "favourites": BASE,
    "care": "members.care:read",
    "last_activity": BASE,
}
"""What each part needs."""

PERMISSIONS = sorted({*PARTS.values(), "members.purchases:read"})
UNBUILT = dict.fromkeys(NOT_BUILT, Absence.NOT_BUILT)

SCHEMES = {
    "schemes": [Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=2_000)],
    "progression": Progression(
        metric=Metric.MONEY_SPENT,
        window=Term.of_days(90),
        upgrade=Upgrade.AT_REVIEW,
        downgrade=Downgrade.ONE_RANK,
        review=Monthly(day=1),
    ),
}


@pytest.fixture
def world(make_world):
    """A club in which points are earned and spent, and expire."""
    return make_world(**CLUB, **SCHEMES)


def buy(world, account, cents=1000, **said):
    till = ExternalId("till", str(new_id()))
    lines = [PurchaseLine("bread", cents)]
    world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR", **said)
    return till


def known_well(world):
    """Somebody of whom there is something in every part, and with much that fell due and was not written down."""
    known = Known(world)
    world.contract(member=known.member, rate=world.rate(initial_fee=Money(2500, "EUR")))
    world.contract(member=known.member)
    world.org.contracts.tell_billing(known.member, owed=Money(990, "EUR"), status="dunning")
    shared = world.account(credits=[40])
    world.org.loyalty.join_account(shared, known.member)
    world.org.ledger.credit(known.account, 70, reason="welcome")
    known.accounts = sorted([known.account, shared])
    for studio in (world.studio("north"), world.studio("south"), world.studio("south")):
        world.org.contracts.check_in(known.member, studio=studio)
        world.wait(days=20)
    world.org.ledger.credit(known.account, 30, reason="welcome")
    buy(world, known.account, 5000, studio="north")
    world.wait(days=20)
    return known


def answered(org, known):
    """What the single queries answer, of all parts that have one."""
    id = known.member
    return to_json(
        {
            "identity": {
                "support_id": org.members.get(id).support_id,
                "person": org.members.person(id),
                "contact_points": org.members.contact_points(id),
            },
            "account_state": org.members.get(id),
            "membership": org.members.membership(id),
            "contracts": org.contracts.of(id),
            "billing": org.contracts.billing(id),
            "accounts": [org.loyalty.account(each) for each in known.accounts],
            "wallets": [org.ledger.balance(each) for each in known.accounts],
            "consents": org.members.consents(id),
            "tags": org.members.tags(id),
            "parameters": org.members.parameters(id),
            "favourites": org.members.favourites(id),
            "care": org.care.active(id),
        }
    )


def same(told, queries):
    return {name: loads(dumps(value)) for name, value in told.parts.items() if name in queries} == loads(dumps(queries))


def test_each_part_is_what_its_query_answers(world):
    known = known_well(world)
    told = world.org.members.overview(known.member)
    assert same(told, answered(world.org, known))
    assert (told.member, told.at) == (known.member, world.clock.now())
    assert set(told.parts) == set(PARTS)
    assert dict(told.absent) == UNBUILT
    first, second = sorted(told.parts["contracts"], key=lambda each: each["status"])
    assert (first["status"], second["status"], second["owed"]) == ("active", "on_hold", 2500)
    assert told.parts["membership"]["status"] == "member"
    assert told.parts["billing"]["owed"] == {"minor": 990, "currency": "EUR"}
    points = {each["account"]: (each["available"], each["next_expiring"]) for each in told.parts["wallets"]}
    assert points == {str(each): ((80, 80) if each == known.account else (0, 0)) for each in known.accounts}
    schemes = {each["id"]: each["scheme"] for each in told.parts["accounts"]}
    assert schemes[str(known.account)] == "gold"
    assert from_json(Overview, loads(dumps(to_json(told)))) == told


def test_looking_writes_nothing_and_settling_changes_nothing_of_it(world):
    known = known_well(world)
    events, before = world.events(), world.org.members.overview(known.member)
    assert world.org.members.overview(known.member) == before
    assert world.events() == events
    world.ml.run_jobs()
    after = world.org.members.overview(known.member)
    settled_only = {"version", "next_review", "effective_at", "next_warning", "warned_at"}
    for name in set(PARTS) - {"accounts"}:
        assert after.parts[name] == before.parts[name], name
    for one, other in zip(before.parts["accounts"], after.parts["accounts"], strict=True):
        assert {k: v for k, v in one.items() if k not in settled_only} == {
            k: v for k, v in other.items() if k not in settled_only
        }


def absent_without(permissions):
    return {name: Absence.NOT_PERMITTED for name, needed in PARTS.items() if needed not in permissions}


@pytest.mark.rule("COM-13")
def test_a_part_that_the_actor_may_not_read_is_absent_with_the_reason(world):
    known = known_well(world)
    whole = world.org.members.overview(known.member)
    for permission in PERMISSIONS:
        for permissions in ({BASE, permission}, {BASE, *PERMISSIONS} - {permission} | {BASE}):
            told = world.staff(*permissions).members.overview(known.member)
            absent = absent_without(permissions)
            assert dict(told.absent) == absent | UNBUILT, permissions
            assert set(told.parts) == set(PARTS) - set(absent)
            for name in set(told.parts) - {"favourites", "last_activity"}:
                assert told.parts[name] == whole.parts[name]
            favourites = world.staff(*permissions).members.favourites(known.member)
            assert told.parts["favourites"] == to_json(favourites)
    with pytest.raises(PermissionDenied):
        world.staff(*(set(PERMISSIONS) - {BASE})).members.overview(known.member)


@pytest.mark.rule("COM-13")
def test_members_see_their_own_and_nobody_elses(world):
    known, stranger = known_well(world), world.member()
    actor = Actor.member(known.member)
    told = world.acting_as(actor).members.overview(known.member)
    absent = absent_without(actor.permissions)
    assert set(absent) == {"account_state", "billing", "tags", "care"}
    assert dict(told.absent) == absent | UNBUILT
    whole = world.org.members.overview(known.member)
    assert dict(told.parts) == {name: value for name, value in whole.parts.items() if name not in absent}
    with pytest.raises(NotFound):
        world.acting_as(actor).members.overview(stranger)


@pytest.mark.rule("COM-14")
def test_without_the_feature_there_is_no_loyalty_in_it(make_world):
    without = {"tier": Tier.PRO, "features": set(Feature) - {Feature.LOYALTY}}
    world = make_world()
    bare = world.ml.open_organization(name="Bare", zone=world.organization.zone, **without)
    org = world.ml.organization(bare.id, Actor.system())
    member = org.members.register(member_type="customer", external_ids=[ExternalId("crm", "1")]).id
    lacking = dict.fromkeys(("accounts", "wallets"), Absence.NOT_AVAILABLE)
    assert dict(org.members.overview(member).absent) == lacking | UNBUILT
    unpermitted = world.ml.organization(bare.id, Actor.staff("sam", [BASE]))
    assert unpermitted.members.overview(member).absent["wallets"] is Absence.NOT_PERMITTED


def test_visits_are_counted_by_month_over_twelve_months(make_world):
    world = make_world(at=datetime(2025, 1, 31, 12, tzinfo=UTC))
    ana, studio = world.member(), world.studio()
    come = world.org.contracts.check_in
    come(ana, studio=studio)
    world.contract(member=ana, rate=world.rate(term=Term.of_months(36)))
    for day in ((2025, 1, 31, 20), (2025, 2, 1, 0), (2025, 2, 28, 22, 40), (2025, 2, 28, 23), (2025, 7, 4, 9)):
        world.clock.set(datetime(*day, tzinfo=UTC))
        come(ana, studio=studio)
    world.clock.set(datetime(2026, 1, 31, 12, tzinfo=UTC))
    come(ana, studio=studio)
    world.wait(hours=5)
    world.org.contracts.undo_check_in(come(ana, studio=studio).visit, reason="mistake")
    world.contract(member=world.member())
    told = world.org.members.overview(ana).parts["visits"]
    assert [each["month"] for each in told] == [f"2025-{month:02}" for month in range(2, 13)] + ["2026-01"]
    assert {each["month"]: each["visits"] for each in told if each["visits"]} == {
        "2025-02": 2, "2025-03": 1, "2025-07": 1, "2026-01": 1,
    }  # fmt: skip
    world.clock.set(datetime(2026, 1, 31, 23, tzinfo=UTC))
    months = [each["month"] for each in world.org.members.overview(ana).parts["visits"]]
    assert (months[0], months[-1]) == ("2025-03", "2026-02")


def last(world, member, *permissions):
    told = world.staff(BASE, *permissions) if permissions else world.org
    return told.members.overview(member).parts["last_activity"]


def test_the_last_activity_is_the_latest_of_what_the_actor_may_read(world):
    ana = world.member()
    account = world.account(member=ana, credits=[500])
    world.contract(member=ana)
    assert last(world, ana) == {"at": None, "kind": None, "left_out": []}
    world.org.contracts.check_in(ana, studio=world.studio())
    visited = world.clock.now()
    assert last(world, ana)["at"] == visited.isoformat()
    world.wait(days=1)
    buy(world, account)
    bought = world.clock.now()
    world.wait(days=1)
    came_back = buy(world, account)
    world.org.loyalty.return_purchase(purchase=came_back, receipt=ExternalId("till", "back"))
    world.wait(days=1)
    wrong = world.org.contracts.check_in(ana, studio=world.studio())
    world.org.contracts.undo_check_in(wrong.visit, reason="mistake")
    assert (last(world, ana)["kind"], last(world, ana)["at"]) == ("purchase", bought.isoformat())
    hold = world.org.ledger.hold(account, 10, until=world.clock.now().replace(year=2027))
    world.org.ledger.capture(hold.hold)
    redeemed = world.clock.now()
    world.wait(days=1)
    world.org.ledger.credit(account, 10, reason="welcome")
    assert last(world, ana) == {"at": redeemed.isoformat(), "kind": "redemption", "left_out": []}
    visits, purchases, points = "members.visits:read", "members.purchases:read", "members.points:read"
    for permissions, at, kind in (
        ((visits,), visited, "visit"),
        ((purchases,), bought, "purchase"),
        ((points,), redeemed, "redemption"),
        ((visits, purchases), bought, "purchase"),
        ((visits, purchases, points), redeemed, "redemption"),
    ):
        left_out = sorted({visits, purchases, points} - set(permissions))
        assert last(world, ana, *permissions) == {"at": at.isoformat(), "kind": kind, "left_out": left_out}
    nothing = {"at": None, "kind": None, "left_out": sorted([visits, purchases, points])}
    assert last(world, ana, "members.tags:read") == nothing


def test_of_somebody_new_every_part_is_there_and_empty(world):
    ana = world.member()
    told = world.org.members.overview(ana)
    assert set(told.parts) == set(PARTS)
    assert (told.parts["contracts"], told.parts["accounts"], told.parts["wallets"]) == ([], [], [])
    assert told.parts["membership"]["status"] == "prospect"
    assert told.parts["billing"]["as_of"] is None
    assert sum(each["visits"] for each in told.parts["visits"]) == 0
    assert told.parts["last_activity"]["at"] is None
    other = type(world)(world.storage)
    with pytest.raises(NotFound):
        other.org.members.overview(ana)


@pytest.mark.rule("MEM-9")
def test_of_somebody_who_was_anonymised_only_what_stays_is_told(world):
    known = Known(world)
    live(world, known, ["credit", "buy", "contract"])
    known.accounts = [known.account]
    before = world.org.members.overview(known.member)
    assert known.mark in dumps(to_json(before))
    world.org.members.anonymise(known.member)
    told = world.org.members.overview(known.member)
    text = dumps(to_json(told))
    assert known.mark not in text
    assert "1931" not in text
    assert same(told, answered(world.org, known))
    assert told.parts["account_state"]["state"] == "anonymised"
    assert told.parts["identity"]["contact_points"] == []
    for name in ("contracts", "wallets", "visits", "consents", "membership", "last_activity"):
        assert told.parts[name] == before.parts[name], name
    assert known.mark not in repr(before)
