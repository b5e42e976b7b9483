"""PTS-9 through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound, PermissionDenied
from memberlogic.ids import ExternalId
from memberlogic.ledger.lifecycle import HOLD_STATES
from memberlogic.ledger.model import EntryKind, HoldState
from memberlogic.loyalty.importing import PurchaseRow
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-9")


def refusal(act, *args, **kwargs) -> str:
    """The code with which something is refused."""
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def later(world, **by) -> datetime:
    """An instant from now."""
    return world.clock.now() + timedelta(**by)


def test_a_hold_reserves_points_until_its_deadline(world):
    account = world.account(credits=[100])
    held = world.org.ledger.hold(account, 30, until=later(world, hours=1), reason="booking", reference="B-1")
    assert (held.points, held.available, held.until) == (30, 70, later(world, hours=1))
    balance = world.org.ledger.balance(account)
    assert (balance.available, balance.held) == (70, 30)
    stored = world.org.ledger.find_hold(held.hold)
    assert (stored.state, stored.reason, stored.reference) == (HoldState.OPEN, "booking", "B-1")
    conserved(world, account)


def test_a_hold_reserves_slices_of_lots_soonest_expiry_first(world):
    account = world.account()
    for days in (20, 10):
        world.org.ledger.credit(account, 10, reason="welcome", expires_at=later(world, days=days))
    world.org.ledger.hold(account, 15, until=later(world, hours=1))
    assert [(lot.held, lot.remaining) for lot in world.wallet(account).lots] == [(10, 10), (5, 10)]


def test_what_is_held_is_not_available_to_anything_else(world):
    account, target = world.account(credits=[10]), world.account()
    world.org.ledger.hold(account, 8, until=later(world, hours=1))
    assert refusal(world.org.ledger.hold, account, 3, until=later(world, hours=1)) == "points.insufficient"
    assert refusal(world.org.ledger.transfer, source=account, target=target, points=3) == "points.insufficient"
    world.org.ledger.transfer(source=account, target=target, points=2)
    conserved(world, account, target)


def test_a_capture_takes_the_hold(world):
    account = world.account(credits=[100])
    held = world.org.ledger.hold(account, 30, until=later(world, hours=1), reason="booking", reference="B-1")
    done = world.org.ledger.capture(held.hold)
    assert (done.points, done.released, done.expired, done.available) == (30, 0, 0, 70)
    entry = world.entries(account)[-1]
    assert (entry.id, entry.kind, entry.amount) == (done.entry, EntryKind.CAPTURE, -30)
    assert (entry.reason, entry.reference) == ("booking", "B-1")
    assert world.org.ledger.balance(account).held == 0
    assert world.org.ledger.find_hold(held.hold).captured == 30
    conserved(world, account)


def test_a_capture_takes_at_most_the_hold(world):
    account = world.account(credits=[100])
    held = world.org.ledger.hold(account, 30, until=later(world, hours=1))
    with pytest.raises(MemberLogicError) as caught:
        world.org.ledger.capture(held.hold, 31)
    assert (caught.value.code, dict(caught.value.details)) == (
        "hold.capture_above_held",
        {"asked": 31, "held": 30, "unit": "points"},
    )
    assert world.org.ledger.balance(account).held == 30


def test_a_capture_of_less_releases_the_rest(world):
    account = world.account()
    for days in (20, 10):
        world.org.ledger.credit(account, 10, reason="welcome", expires_at=later(world, days=days))
    held = world.org.ledger.hold(account, 15, until=later(world, hours=1))
    done = world.org.ledger.capture(held.hold, 12, reason="consumed", reference="R-9")
    assert (done.points, done.released, done.available) == (12, 3, 8)
    assert [(lot.remaining, lot.held) for lot in world.wallet(account).lots] == [(8, 0)]
    entry = world.entries(account)[-1]
    assert (entry.amount, entry.reason, entry.reference) == (-12, "consumed", "R-9")
    conserved(world, account)


def test_a_release_frees_the_hold(world):
    account = world.account(credits=[100])
    held = world.org.ledger.hold(account, 30, until=later(world, hours=1))
    done = world.org.ledger.release(held.hold)
    assert (done.points, done.expired, done.available) == (30, 0, 100)
    assert len(world.entries(account)) == 1
    conserved(world, account)


def test_the_deadline_frees_it_by_the_clock_alone(world):
    account = world.account(credits=[100])
    held = world.org.ledger.hold(account, 30, until=later(world, hours=1))
    world.clock.set(held.until - timedelta(microseconds=1))
    assert (world.available(account), world.org.ledger.find_hold(held.hold).state) == (70, HoldState.OPEN)
    world.clock.set(held.until)
    assert (world.available(account), world.org.ledger.find_hold(held.hold).state) == (100, HoldState.LAPSED)
    world.org.ledger.transfer(source=account, target=world.account(), points=100)
    conserved(world, account)


@pytest.mark.parametrize(
    ("resolve", "code"),
    [
        (lambda world, hold: world.org.ledger.capture(hold), "hold.already_captured"),
        (lambda world, hold: world.org.ledger.release(hold), "hold.already_released"),
        (lambda world, hold: world.wait(hours=1), "hold.lapsed"),
    ],
)
@pytest.mark.parametrize("jobs", [False, True])
def test_resolving_twice_is_refused_each_case_with_its_own_code(world, resolve, code, jobs):
    account = world.account(credits=[10])
    hold = world.org.ledger.hold(account, 3, until=later(world, hours=1)).hold
    resolve(world, hold)
    if jobs:
        world.ml.run_jobs()
    before = world.org.ledger.balance(account)
    for act, done in ((world.org.ledger.capture, "be captured"), (world.org.ledger.release, "be released")):
        with pytest.raises(MemberLogicError) as caught:
            act(hold)
        assert caught.value.code == code
        assert (caught.value.details["action"], caught.value.details["allowed"]) == (done, [])
    assert world.org.ledger.balance(account) == before
    conserved(world, account)


def test_every_state_and_action_of_a_hold():
    """The table, whole: what is not listed is refused."""
    actions = {"capture": HoldState.CAPTURED, "release": HoldState.RELEASED, "lapse": HoldState.LAPSED}
    assert {(state, action): HOLD_STATES.table[state].get(action) for state in HoldState for action in actions} == {
        (state, action): after if state is HoldState.OPEN else None
        for state in HoldState
        for action, after in actions.items()
    }
    assert HOLD_STATES.as_mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> OPEN",
        "    OPEN --> CAPTURED: capture",
        "    OPEN --> RELEASED: release",
        "    OPEN --> LAPSED: lapse",
        "    CAPTURED --> [*]",
        "    RELEASED --> [*]",
        "    LAPSED --> [*]",
    ]


def test_a_lot_that_expires_while_held_can_still_be_captured(world):
    account = world.account()
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=later(world, days=1))
    hold = world.org.ledger.hold(account, 6, until=later(world, days=9)).hold
    world.wait(days=2)
    assert (world.available(account), world.org.ledger.balance(account).held) == (0, 6)
    assert world.org.ledger.capture(hold).points == 6
    assert [entry.amount for entry in world.entries(account)] == [10, -4, -6]
    conserved(world, account)


@pytest.mark.parametrize("settled", [False, True])
def test_what_a_release_frees_after_its_expiry_expires_at_that_instant(world, settled):
    account = world.account()
    expires = later(world, days=1)
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=expires)
    hold = world.org.ledger.hold(account, 6, until=later(world, days=9)).hold
    world.wait(days=2)
    if settled:
        world.ml.run_jobs()
    done = world.org.ledger.release(hold)
    assert (done.points, done.expired, done.available) == (6, 6, 0)
    gone = [(entry.amount, entry.effective_at) for entry in world.entries(account)[1:]]
    assert gone == [(-4, expires), (-6, world.clock.now())]
    conserved(world, account)


def test_what_a_capture_leaves_over_after_its_expiry_expires_at_that_instant(world):
    account = world.account()
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=later(world, days=1))
    hold = world.org.ledger.hold(account, 10, until=later(world, days=9)).hold
    world.wait(days=2)
    done = world.org.ledger.capture(hold, 7)
    assert (done.released, done.expired, done.available) == (3, 3, 0)
    captured, expired = world.entries(account)[1:]
    assert (captured.amount, expired.amount) == (-7, -3)
    assert captured.effective_at == expired.effective_at == world.clock.now()
    conserved(world, account)


@pytest.mark.rule("COM-8")
def test_what_a_deadline_frees_after_its_expiry_expires_at_the_deadline(world):
    """However late anybody looks."""
    account = world.account()
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=later(world, days=1))
    held = world.org.ledger.hold(account, 6, until=later(world, days=9))
    expires = later(world, days=1)
    world.wait(days=30)
    assert world.available(account) == 0
    world.org.ledger.credit(account, 1, reason="welcome")
    gone = [(entry.amount, entry.effective_at, entry.actor) for entry in world.entries(account)[1:3]]
    assert gone == [(-4, expires, "system"), (-6, held.until, "system")]
    conserved(world, account)


@pytest.mark.rule("COM-8")
def test_at_the_same_instant_holds_run_out_before_points_expire(world):
    """So that what the hold frees goes with the rest, in one entry."""
    account = world.account()
    at = later(world, days=1)
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=at)
    for points in (3, 4):
        world.org.ledger.hold(account, points, until=at)
    world.wait(days=3)
    world.ml.run_jobs()
    assert [(entry.amount, entry.effective_at) for entry in world.entries(account)[1:]] == [(-10, at)]
    conserved(world, account)


@pytest.mark.rule("COM-8")
@given(
    lots=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=5),
    holds=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=5),
    looks=st.lists(st.integers(1, 10), unique=True, max_size=4),
)
def test_how_often_jobs_run_changes_no_fact(lots, holds, looks):
    def played(days) -> list[tuple]:
        world = World(MemoryStorage())
        account = world.account()
        for points, life in lots:
            world.org.ledger.credit(account, points, reason="welcome", expires_at=later(world, days=life))
        for points, life in holds:
            if points <= world.available(account):
                world.org.ledger.hold(account, points, until=later(world, days=life))
        start = world.clock.now()
        for day in sorted(days):
            world.clock.set(start + timedelta(days=day))
            world.ml.run_jobs()
            conserved(world, account)
        return [
            *((entry.kind, entry.amount, entry.effective_at) for entry in world.entries(account)),
            *((each.event.type, each.effective_at) for each in world.events() if "hold" in dir(each.event)),
        ]

    assert played([10]) == played([*looks, 10])


@pytest.mark.rule("COM-10")
def test_holding_and_releasing_are_events(world):
    account = world.account(credits=[10])
    owner = world.org.loyalty.account(account).owner
    first, second, third = (
        world.org.ledger.hold(account, 3, until=later(world, hours=1), reason="booking") for _ in range(3)
    )
    world.org.ledger.release(first.hold)
    world.org.ledger.capture(second.hold, 2)
    world.wait(hours=2)
    world.staff("members.points:create").ledger.credit(account, 1, reason="welcome")
    events = [each for each in world.events() if each.event.type in ("points.held", "points.released")]
    assert [each.event.points for each in events] == [3, 3, 3, 3, 1, 3]
    assert [each.event.cause for each in events[3:]] == ["released", "captured", "lapsed"]
    lapsed = events[-1]
    assert (lapsed.effective_at, lapsed.recorded_at) == (third.until, world.clock.now())
    assert (lapsed.actor, lapsed.event.hold, lapsed.event.members) == ("system", third.hold, (owner,))
    (captured,) = [each for each in world.events() if each.event.type == "points.captured"]
    assert (captured.event.points, captured.event.reason) == (-2, "booking")


@pytest.mark.rule("PTS-1")
def test_a_blocked_holder_neither_holds_nor_captures_nor_releases(world):
    account = world.account(credits=[10])
    owner, other = world.org.loyalty.account(account).owner, world.member()
    world.org.loyalty.join_account(account, other)
    hold = world.org.ledger.hold(account, 3, until=later(world, hours=1)).hold
    world.org.members.block(owner, reason="abuse")
    staff, member = world.org.ledger, world.acting_as(Actor.member(owner)).ledger
    assert refusal(member.hold, account, 1, until=later(world, hours=1)) == "account.holder_blocked"
    assert refusal(member.capture, hold) == "account.holder_blocked"
    assert refusal(member.release, hold) == "account.holder_blocked"
    assert staff.release(hold).points == 3
    world.org.members.block(other, reason="abuse")
    assert refusal(staff.hold, account, 1, until=later(world, hours=1)) == "account.every_holder_blocked"


@pytest.mark.rule("PTS-1")
def test_members_hold_once_they_are_verified(world):
    member = world.member(verified=False)
    account = world.account(member=member, credits=[10])
    assert refusal(world.org.ledger.hold, account, 1, until=later(world, hours=1)) == "account.holder_unverified"
    world.org.members.verify(member)
    world.org.ledger.hold(account, 1, until=later(world, hours=1), holder=member)


@pytest.mark.rule("COM-13", "COM-11")
def test_a_hold_of_somebody_elses_does_not_exist_for_a_member(world):
    account = world.account(credits=[10])
    hold = world.org.ledger.hold(account, 3, until=later(world, hours=1)).hold
    stranger = world.acting_as(Actor.member(world.member())).ledger
    for act in (stranger.capture, stranger.release, stranger.find_hold):
        with pytest.raises(NotFound) as caught:
            act(hold)
        assert caught.value.details == {"kind": "hold", "id": str(hold)}
    with pytest.raises(NotFound):
        stranger.hold(account, 1, until=later(world, hours=1))
    owner = world.acting_as(Actor.member(world.org.loyalty.account(account).owner)).ledger
    assert owner.capture(hold).points == 3


@pytest.mark.rule("COM-13")
def test_staff_need_the_permission(world):
    account = world.account(credits=[10])
    hold = world.org.ledger.hold(account, 3, until=later(world, hours=1)).hold
    reader = world.staff("members.points:read").ledger
    for act in (lambda: reader.hold(account, 1, until=later(world, hours=1)), lambda: reader.capture(hold)):
        with pytest.raises(PermissionDenied) as caught:
            act()
        assert caught.value.details["permission"] == "members.points:update"
    assert reader.find_hold(hold).points == 3
    with pytest.raises(PermissionDenied):
        world.staff("members.points:update").ledger.find_hold(hold)


@pytest.mark.rule("COM-9")
def test_a_repeated_key_answers_the_same(world):
    account = world.account(credits=[10])
    until = later(world, hours=1)
    first, second = (world.org.ledger.hold(account, 4, until=until, idempotency_key="h") for _ in range(2))
    assert first == second
    assert world.available(account) == 6
    captures = [world.org.ledger.capture(first.hold, 3, idempotency_key="c") for _ in range(2)]
    assert captures[0] == captures[1]
    assert world.available(account) == 7
    nobody = type(first.hold)(int=7)
    assert refusal(world.org.ledger.capture, nobody, 3, idempotency_key="c") == "conflict.idempotency"


@pytest.mark.rule("COM-2", "COM-6", "COM-11")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points", 0),
        ("points", 1.0),
        ("points", True),
        ("account", "no-id"),
        ("until", datetime(2026, 1, 16)),
        ("until", datetime(2026, 1, 15, 12, tzinfo=UTC)),
        ("until", "tomorrow"),
        ("unit", "Points!"),
        ("reason", "because I say so"),
        ("reference", ""),
        ("holder", 7),
        ("idempotency_key", " "),
    ],
)
def test_bad_input_names_the_field(field, value):
    world = World(MemoryStorage())
    wanted = {"account": world.account(credits=[10]), "points": 1, "until": later(world, hours=1)} | {field: value}
    with pytest.raises(InvalidInput) as caught:
        world.org.ledger.hold(**wanted)
    assert caught.value.path == field


@pytest.mark.rule("COM-6", "COM-11")
@pytest.mark.parametrize(("field", "value"), [("hold", "no-id"), ("points", 0), ("points", 1.5), ("reason", "No!")])
def test_bad_input_to_a_capture_names_the_field(field, value):
    world = World(MemoryStorage())
    hold = world.org.ledger.hold(world.account(credits=[10]), 1, until=later(world, hours=1)).hold
    with pytest.raises(InvalidInput) as caught:
        world.org.ledger.capture(**({"hold": hold} | {field: value}))
    assert caught.value.path == field


@pytest.mark.rule("COM-12")
def test_each_step_explains_itself(world):
    account = world.account(credits=[10])
    held = world.org.ledger.hold(account, 4, until=later(world, hours=1))
    assert held.explain().text().splitlines() == [
        "4 points are held until 2026-01-15T13:00:00+00:00; 6 are left to spend.",
        "  - points.held_in_order (PTS-7): lots 1",
    ]
    done = world.org.ledger.capture(held.hold, 3)
    assert done.explain().text().splitlines() == [
        "3 points were captured, 1 released; 7 are left to spend.",
        f"  - hold.captured (PTS-9): hold {held.hold}, held 4, taken 3, released 1",
    ]
    again = world.org.ledger.hold(account, 4, until=later(world, hours=1))
    assert "hold.released (PTS-9): points 4, expired 0" in world.org.ledger.release(again.hold).explain().text()


@pytest.mark.rule("COM-8", "PTS-2")
def test_a_purchase_settles_what_ran_out_before_it(world):
    """With its event, as any other command does; imported too."""
    account = world.account(credits=[10])
    first = world.org.ledger.hold(account, 4, until=later(world, hours=1))
    second = world.org.ledger.hold(account, 5, until=later(world, hours=3))
    lines = [PurchaseLine("item", 1000)]
    world.wait(hours=2)
    world.org.loyalty.record_purchase(account=account, purchase=ExternalId("till", "1"), lines=lines, currency="EUR")
    assert [hold.id for hold in world.wallet(account).holds] == [second.hold]
    world.wait(hours=2)
    row = PurchaseRow(id="2", account=account, at=world.clock.now(), lines=tuple(lines), currency="EUR")
    assert world.org.loyalty.import_purchases([row], source="till").rejected == 0
    assert world.wallet(account).held == 0
    lapsed = [(each.event.hold, each.effective_at) for each in world.events() if each.event.type == "points.released"]
    assert lapsed == [(first.hold, first.until), (second.hold, second.until)]
    conserved(world, account)
