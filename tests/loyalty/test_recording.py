"""Recording a purchase through the public service, on every store: its instant, its id, its entries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from memberlogic import (
    After,
    Earning,
    EarningRule,
    ExternalId,
    PurchaseLine,
    PurchaseRow,
    Rate,
    RedeemBlocks,
    Redeeming,
    Term,
)
from memberlogic.certification.base import conserved
from memberlogic.converting import from_json, to_json
from memberlogic.errors import IdempotencyConflict, InvalidInput, MemberLogicError, NotFound, PermissionDenied
from memberlogic.ids import AccountId, new_id
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.events import PurchaseWasRecorded
from memberlogic.loyalty.recording import PurchaseRecorded
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-2")

PROGRAMME = {
    "earning": Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]),
    "redeeming": Redeeming(points=100, value=100),
    "expiry": After(Term.of_days(10)),
}
LINES = (PurchaseLine("apple", 800, categories=("fruit",)), PurchaseLine("bread", 250))


@pytest.fixture
def world(make_world):
    return make_world(**PROGRAMME)


def wanted(account, id="1", **said):
    return {"account": account, "purchase": ExternalId("till", id), "lines": LINES, "currency": "EUR"} | said


def refusal(world, account, **said):
    with pytest.raises(MemberLogicError) as caught:
        world.org.loyalty.record_purchase(**wanted(account, **said))
    return caught.value.code


@pytest.mark.rule("PTS-18")
def test_entries_say_club_scheme_day_instants_actor_reference_and_explanation(world):
    account = world.account(credits=[100])
    world.clock.set(datetime(2026, 1, 20, 12, tzinfo=UTC))
    at = datetime(2026, 1, 18, 23, 30, tzinfo=UTC)  # 19 January in Berlin
    staff = world.staff("members.purchases:create")
    done = staff.loyalty.record_purchase(**wanted(account, at=at, redeem=100))
    redeemed, earned = world.entries(account)[-2:]
    assert (redeemed.kind, redeemed.amount, earned.kind, earned.amount) == (EntryKind.REDEEM, -100, EntryKind.EARN, 9)
    for entry in (redeemed, earned):
        assert (entry.club, entry.scheme, entry.actor) == (world.club.id, "standard", "staff:sam")
        assert (entry.business_day.isoformat(), entry.effective_at) == ("2026-01-19", at)
        assert (entry.recorded_at, entry.reference) == (world.clock.now(), "1")
        assert entry.because
    assert done.business_day == earned.business_day
    assert done.expires_at == datetime(2026, 1, 28, 23, 0, tzinfo=UTC)  # the start of 29 January in Berlin
    conserved(world, account)


@pytest.mark.rule("COM-10")
def test_the_entries_are_the_events(world):
    account = world.account(credits=[100])
    world.org.loyalty.record_purchase(**wanted(account, redeem=100))
    redeemed, earned, recorded = world.events()[-3:]
    assert (redeemed.event.type, redeemed.event.points) == ("points.redeemed", -100)
    assert (earned.event.type, earned.event.points) == ("points.earned", 9)
    assert (recorded.event.type, recorded.event.earned) == ("purchase.recorded", 9)


@pytest.mark.rule("COM-8")
def test_a_purchase_is_settled_and_decided_as_of_its_own_instant(world):
    """The 100 points expire at the start of 25 January: a purchase of the 24th spends them, though it is told on the
    26th; one of the 25th does not.
    """
    one, two = world.account(credits=[100]), world.account(credits=[100])
    world.clock.set(datetime(2026, 1, 26, 12, tzinfo=UTC))
    expiry = datetime(2026, 1, 24, 23, tzinfo=UTC)
    before = world.org.loyalty.record_purchase(**wanted(one, at=expiry - timedelta(microseconds=1), redeem=100))
    assert (before.redeemed_points, world.available(one)) == (100, 9)
    assert refusal(world, two, id="2", at=expiry, redeem=100) == "points.insufficient"
    world.org.loyalty.record_purchase(**wanted(two, id="2", at=expiry))
    expired = world.entries(two)[-2]
    assert (expired.kind, expired.effective_at, expired.recorded_at) == (EntryKind.EXPIRE, expiry, world.clock.now())
    conserved(world, one, two)


@pytest.mark.rule("COM-2")
def test_a_purchase_takes_place_now_unless_it_says_when(world):
    account = world.account()
    assert world.org.loyalty.record_purchase(**wanted(account)).at == world.clock.now()


@pytest.mark.rule("COM-8")
def test_a_purchase_of_the_future_or_before_the_account_is_refused(world):
    account = world.account()
    world.wait(days=1)
    now = world.clock.now()
    assert refusal(world, account, at=now + timedelta(microseconds=1)) == "purchase.in_the_future"
    assert refusal(world, account, at=now - timedelta(days=1, microseconds=1)) == "purchase.before_account"
    world.org.loyalty.record_purchase(**wanted(account, at=now))
    world.org.loyalty.record_purchase(**wanted(account, id="2", at=now - timedelta(microseconds=1)))


@pytest.mark.rule("COM-9")
def test_the_same_purchase_answers_the_first_result_for_ever(world):
    account = world.account(credits=[100])
    first = world.org.loyalty.record_purchase(**wanted(account, redeem=100))
    world.wait(days=400)
    world.org.ledger.credit(account, 5, reason="welcome")
    assert world.org.loyalty.record_purchase(**wanted(account, redeem=100)) == first
    assert world.org.loyalty.record_purchase(**wanted(account, redeem=100, at=first.at)) == first
    assert len([e for e in world.entries(account) if e.kind is EntryKind.EARN]) == 1


@pytest.mark.rule("COM-9")
@pytest.mark.parametrize(
    "other",
    [
        {"lines": LINES[:1]},
        {"lines": (LINES[0], LINES[1]._replace(categories=("bakery",)))},
        {"redeem": 100},
        {"paid_with_stored_value": 1},
        {"studio": "north"},
        {"at": datetime(2026, 1, 15, 11, tzinfo=UTC)},
    ],
)
def test_the_same_id_with_another_content_is_refused(world, other):
    account = world.account(credits=[100])
    world.org.loyalty.record_purchase(**wanted(account))
    assert refusal(world, account, **other) == "purchase.differs"
    assert refusal(world, world.account()) == "purchase.differs"


@pytest.mark.rule("COM-9")
def test_a_repeated_key_answers_the_same_purchase(world):
    account = world.account()
    first, second = (world.org.loyalty.record_purchase(**wanted(account), idempotency_key="k") for _ in range(2))
    assert first == second
    with pytest.raises(IdempotencyConflict):
        world.org.loyalty.record_purchase(**wanted(account, id="2"), idempotency_key="k")


@pytest.mark.rule("COM-1", "COM-13")
def test_what_is_not_there_and_who_may_not(world, make_world):
    account = world.account()
    assert refusal(world, AccountId(new_id())) == "not_found"
    assert refusal(world, make_world(**PROGRAMME).account()) == "not_found"
    with pytest.raises(PermissionDenied):
        world.staff("members.purchases:read").loyalty.record_purchase(**wanted(account))
    with pytest.raises(NotFound):
        world.org.loyalty.find_purchase("till", "1")


@pytest.mark.rule("COM-6")
def test_a_purchase_is_in_the_clubs_currency(world):
    assert refusal(world, world.account(), currency="USD") == "purchase.other_currency"


@pytest.mark.rule("PTS-6")
def test_a_lot_lives_from_its_business_day_at_the_club(world):
    account = world.account()
    done = world.org.loyalty.record_purchase(**wanted(account))
    (lot,) = world.wallet(account).lots
    assert (lot.earned_at, lot.expires_at) == (done.at, done.expires_at)


@pytest.mark.rule("COM-10")
def test_a_result_goes_through_json_both_ways(world):
    done = world.org.loyalty.record_purchase(**wanted(world.account(credits=[100]), redeem=100))
    assert from_json(PurchaseRecorded, to_json(done)) == done


@pytest.mark.rule("COM-6", "COM-11")
@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("account", "me", "account"),
        ("purchase", "till:1", "purchase"),
        ("lines", "apple", "lines"),
        ("lines", [("apple", 1)], "lines[0]"),
        ("lines", [LINES[0], PurchaseLine("x", -1)], "lines[1].amount"),
        ("lines", [PurchaseLine("x", 1.0)], "lines[0].amount"),
        ("lines", [PurchaseLine("x", True)], "lines[0].amount"),
        ("lines", [PurchaseLine("x", 1, quantity=-1)], "lines[0].quantity"),
        ("lines", [PurchaseLine("x", 1, discount=2)], "lines[0].discount"),
        ("lines", [PurchaseLine("", 1)], "lines[0].item"),
        ("lines", [PurchaseLine("x", 1, categories=("a", ""))], "lines[0].categories[1]"),
        ("lines", [PurchaseLine("x", 1, categories=["a"])], "lines[0].categories"),
        ("lines", [PurchaseLine("x", 1, categories=(["a"],))], "lines[0].categories[0]"),
        ("lines", [PurchaseLine("x", 1, brand=" Acme")], "lines[0].brand"),
        ("lines", [PurchaseLine("x", 1, stored_value=1)], "lines[0].stored_value"),
        ("lines", [PurchaseLine("x", 2**53 - 1)] * 2, "lines"),
        ("currency", "euro", "currency"),
        ("at", datetime(2026, 1, 15), "at"),
        ("at", "today", "at"),
        ("studio", "The North", "studio"),
        ("redeem", -1, "redeem"),
        ("redeem", 1.0, "redeem"),
        ("paid_with_stored_value", 1051, "paid_with_stored_value"),
        ("holder", "me", "holder"),
        ("idempotency_key", "", "idempotency_key"),
    ],
)
def test_a_purchase_of_the_wrong_form_names_the_field(field, value, path):
    world = World(MemoryStorage(), **PROGRAMME)
    with pytest.raises(InvalidInput) as caught:
        world.org.loyalty.record_purchase(**wanted(world.account()) | {field: value})
    assert caught.value.path == path


@pytest.mark.rule("PTS-9", "COM-8")
@pytest.mark.parametrize("imported", [False, True])
def test_a_hold_that_ran_out_before_the_purchase_is_free_again_at_it(world, imported):
    account = world.account(credits=[100])
    hold = world.org.ledger.hold(account, 100, until=world.clock.now() + timedelta(hours=1)).hold
    assert refusal(world, account, redeem=100) == "points.insufficient"
    world.wait(hours=2)
    if imported:
        row = PurchaseRow("1", account, world.clock.now(), LINES, "EUR")
        policy = RedeemBlocks(points=100)
        assert world.org.loyalty.import_purchases([row], source="till", redeem=policy).redeemed_points == 100
    else:
        assert world.org.loyalty.record_purchase(**wanted(account, redeem=100)).redeemed_points == 100
    assert world.available(account) == 9
    with pytest.raises(MemberLogicError) as caught:
        world.org.ledger.capture(hold)
    assert caught.value.code == "hold.lapsed"
    conserved(world, account)


@pytest.mark.rule("COM-10")
def test_every_purchase_is_an_event_also_one_that_earns_nothing(world):
    """It is read from the purchase itself; repeated, it has not happened again."""
    account = world.account()
    world.wait(hours=1)
    staff = world.staff("members.purchases:create").loyalty
    done = staff.record_purchase(**wanted(account, at=datetime(2026, 1, 15, 12, 30, tzinfo=UTC), studio="north"))
    nothing = world.org.loyalty.record_purchase(**wanted(account, "2", lines=[]))
    world.org.loyalty.record_purchase(**wanted(account, "2", lines=[]))
    row = PurchaseRow(id="3", account=account, at=world.clock.now(), currency="EUR", lines=LINES)
    world.org.loyalty.import_purchases([row], source="till")
    recorded = [each for each in world.events() if each.event.type == "purchase.recorded"]
    (first, second, third) = recorded
    assert (first.id, first.actor, first.effective_at) == (done.purchase, "staff:sam", done.at)
    assert first.recorded_at == world.clock.now()
    assert first.event == PurchaseWasRecorded(
        members=(world.org.loyalty.account(account).owner,),
        purchase=done.purchase,
        external_id=ExternalId("till", "1"),
        account=account,
        club=world.club.id,
        scheme="standard",
        business_day=date(2026, 1, 15),
        studio="north",
        currency="EUR",
        total=1050,
        redeemed_points=0,
        earned=10,
    )
    assert (second.id, second.actor, second.event.earned) == (nothing.purchase, "system", 0)
    assert third.event.external_id == ExternalId("till", "3")
    assert world.org.loyalty.find_purchase("till", "1").purchase.actor == "staff:sam"
    pages, after = [], None
    with world.storage.reading(world.organization.id, world.clock) as uow:
        while page := uow.history.events(after=after, limit=2):
            pages += page
            after = page[-1].id
    assert pages == world.events()
