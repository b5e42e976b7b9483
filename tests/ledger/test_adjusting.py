"""PTS-14, adjusting, through the public service, on every store."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import Actor, AdjustingPolicy, After, Never, Term
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound, PermissionDenied
from memberlogic.ids import AdjustmentId, new_id
from memberlogic.ledger.adjusted import StaffTotal
from memberlogic.ledger.adjusting import ADJUSTING, APPROVING
from memberlogic.ledger.lifecycle import ADJUSTMENT_STATES
from memberlogic.ledger.model import AdjustmentState, EntryKind
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-14")

EVERYTHING = ("members.adjustments:create", "members.adjustments:update", "members.adjustments:read")
LIMITED = {"adjusting": AdjustingPolicy(limit=100)}
WAITING, POSTED, REJECTED = AdjustmentState.WAITING, AdjustmentState.POSTED, AdjustmentState.REJECTED


def staff(world, name="sam"):
    return world.acting_as(Actor.staff(name, EVERYTHING)).ledger


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def test_up_opens_a_lot_that_lives_by_the_clubs_policy(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    account = world.account()
    done = world.org.ledger.adjust(account, 30, reason="goodwill", reference="T-7")
    # 15 January + 90 days = 15 April, at midnight in Berlin (summer time).
    assert (done.state, done.points, done.available) == (POSTED, 30, 30)
    assert done.expires_at == datetime(2026, 4, 14, 22, tzinfo=UTC)
    (entry,) = world.entries(account)
    assert (entry.id, entry.kind, entry.amount, entry.debt) == (done.entry, EntryKind.ADJUST, 30, 0)
    assert (entry.reason, entry.reference, entry.actor) == ("goodwill", "T-7", "system")
    assert entry.because == done.because
    assert entry.because[-1].code == "expiry.by_policy"
    conserved(world, account)


def test_up_with_an_expiry_that_is_named(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    account, named = world.account(), world.clock.now() + timedelta(days=3)
    done = world.org.ledger.adjust(account, 30, reason="goodwill", expires_at=named)
    assert (done.expires_at, done.because[-1].code) == (named, "expiry.named")
    world.clock.set(named)
    assert world.available(account) == 0
    conserved(world, account)


def test_down_takes_in_the_order_of_consumption(make_world):
    world = make_world(expiry=Never())
    account = world.account(credits=[10])
    soon = world.clock.now() + timedelta(days=9)
    world.org.ledger.credit(account, 5, reason="welcome", expires_at=soon)
    done = world.org.ledger.adjust(account, -8, reason="mistake")
    assert (done.points, done.available, done.expires_at, done.settled_debt) == (-8, 7, None, 0)
    assert [(lot.remaining, lot.expires_at) for lot in world.wallet(account).lots] == [(7, None)]
    entry = world.entries(account)[-1]
    assert (entry.kind, entry.amount, sorted(each.points for each in entry.slices)) == (EntryKind.ADJUST, -8, [-5, -3])
    conserved(world, account)


def test_down_not_beyond_what_is_available(world):
    account = world.account(credits=[10])
    world.org.ledger.hold(account, 4, until=world.clock.now() + timedelta(hours=1))
    with pytest.raises(MemberLogicError) as caught:
        world.org.ledger.adjust(account, -7, reason="mistake")
    assert (caught.value.code, caught.value.details["asked"], caught.value.details["available"]) == (
        "points.insufficient",
        7,
        6,
    )
    assert world.org.ledger.adjust(account, -6, reason="mistake").available == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"points": 0}, "points"),
        ({"points": True}, "points"),
        ({"points": 1.5}, "points"),
        ({"reason": "Because I said so"}, "reason"),
        ({"reason": None}, "reason"),
        ({"points": -1, "expires_at": datetime(2030, 1, 1, tzinfo=UTC)}, "expires_at"),
        ({"expires_at": datetime(2026, 1, 15, 12, tzinfo=UTC)}, "expires_at"),
        ({"expires_at": datetime(2030, 1, 1)}, "expires_at"),
    ],
)
def test_the_form_is_named(world, change, path):
    account = world.account(credits=[10])
    with pytest.raises(InvalidInput) as caught:
        world.org.ledger.adjust(account, **{"points": 1, "reason": "goodwill"} | change)
    assert caught.value.path == path


@pytest.mark.rule("PTS-1")
def test_an_account_that_is_not_open_is_not_adjusted(world):
    blocked, closed = world.account(credits=[10]), world.account()
    world.org.loyalty.block_account(blocked, reason="fraud")
    world.org.loyalty.close_account(closed)
    for account, points in ((blocked, 1), (blocked, -1), (closed, 1)):
        assert refusal(world.org.ledger.adjust, account, points, reason="goodwill") == "account.not_open"


@pytest.mark.rule("PTS-1")
def test_while_every_holder_is_blocked_points_are_taken_but_not_added(world):
    member = world.member()
    account = world.account(member=member, credits=[10])
    world.org.members.block(member, reason="fraud")
    assert refusal(world.org.ledger.adjust, account, 1, reason="goodwill") == "account.every_holder_blocked"
    assert world.org.ledger.adjust(account, -1, reason="fraud").available == 9


def test_a_members_own_points_are_not_theirs_to_correct(world):
    member = world.member()
    account = world.account(member=member, credits=[10])
    mine = world.acting_as(Actor.member(member)).ledger
    for act in (
        lambda: mine.adjust(account, 1, reason="goodwill"),
        lambda: mine.write_off(account, reason="goodwill"),
        lambda: mine.approve_adjustment(AdjustmentId(new_id())),
        lambda: mine.reject_adjustment(AdjustmentId(new_id())),
        lambda: mine.find_adjustment(AdjustmentId(new_id())),
        lambda: mine.waiting_adjustments(world.club.id),
        lambda: mine.adjustments(world.club.id, since=date(2026, 1, 1), until=date(2026, 2, 1)),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_a_key_answers_the_first_result(world):
    account = world.account()
    first = world.org.ledger.adjust(account, 5, reason="goodwill", idempotency_key="k")
    assert world.org.ledger.adjust(account, 5, reason="goodwill", idempotency_key="k") == first
    assert world.available(account) == 5


# the limit


def test_beyond_the_limit_it_waits_and_has_no_effect(make_world):
    world = make_world(**LIMITED)
    account = world.account(credits=[50])
    sam = staff(world)
    assert sam.adjust(account, 60, reason="goodwill").state is POSTED
    assert sam.adjust(account, -40, reason="mistake").state is POSTED  # 60 up and 40 down are 100
    before = world.entries(account)
    asked = sam.adjust(account, 1, reason="goodwill")
    assert (asked.state, asked.entry, asked.available) == (WAITING, None, 70)
    (why,) = asked.because
    assert (why.code, why.figures) == ("adjustment.above_limit", {"limit": 100, "alone_before": 100, "asked": 1})
    assert "wait" in asked.explain().summary
    assert (world.entries(account), world.available(account)) == (before, 70)
    found = sam.find_adjustment(asked.adjustment)
    assert (found.state, found.points, found.asked_by, found.entry) == (WAITING, 1, "staff:sam", None)
    requested = [each for each in world.events() if each.event.type == "adjustment.requested"]
    assert [(each.event.adjustment, each.event.points, each.actor) for each in requested] == [
        (asked.adjustment, 1, "staff:sam")
    ]


def test_a_limit_is_each_persons_and_each_business_days(make_world):
    world = make_world(at=datetime(2026, 1, 15, 22, 59, tzinfo=UTC), **LIMITED)  # 23:59 in Berlin
    one, other = world.account(), world.account()
    assert staff(world).adjust(one, 100, reason="goodwill").state is POSTED
    assert staff(world).adjust(other, 1, reason="goodwill").state is WAITING
    assert staff(world, "kim").adjust(other, 100, reason="goodwill").state is POSTED
    world.wait(minutes=1)
    assert staff(world).adjust(other, 100, reason="goodwill", reference="new day").state is POSTED


def test_the_system_has_no_limit_nor_has_a_club_without_one(make_world):
    world = make_world(adjusting=AdjustingPolicy(limit=0))
    account = world.account()
    assert world.org.ledger.adjust(account, 10_000, reason="migration").state is POSTED
    assert staff(world).adjust(account, 1, reason="goodwill").state is WAITING
    free = make_world()
    assert staff(free).adjust(free.account(), 10_000, reason="goodwill").state is POSTED


def test_a_second_person_approves(make_world):
    world = make_world(expiry=After(Term.of_days(10)), **LIMITED)
    account = world.account()
    asked = staff(world).adjust(account, 500, reason="goodwill", reference="T-1")
    world.wait(days=2)
    done = staff(world, "kim").approve_adjustment(asked.adjustment)
    assert (done.adjustment, done.state, done.points, done.available) == (asked.adjustment, POSTED, 500, 500)
    (entry,) = world.entries(account)
    assert (entry.id, entry.kind, entry.amount) == (done.entry, EntryKind.ADJUST, 500)
    assert (entry.actor, entry.reason, entry.reference) == ("staff:sam", "goodwill", "T-1")
    assert entry.effective_at == world.clock.now(), "it had no effect until then"
    assert entry.because[0].figures == {"by": "staff:kim", "adjustment": str(asked.adjustment)}
    # Approved on 17 January; + 10 days.
    assert done.expires_at == datetime(2026, 1, 26, 23, tzinfo=UTC)
    (event,) = [each for each in world.events() if each.event.type == "adjustment.approved"]
    assert (event.actor, event.event.points) == ("staff:kim", 500)
    found = staff(world).find_adjustment(asked.adjustment)
    assert (found.state, found.resolved_by, found.business_day) == (POSTED, "staff:kim", date(2026, 1, 17))
    # What two people looked at uses up nobody's limit.
    assert staff(world).adjust(account, 100, reason="goodwill").state is POSTED
    conserved(world, account)


def test_nobody_approves_their_own_nor_does_a_machine(make_world):
    world = make_world(**LIMITED)
    asked = staff(world).adjust(world.account(), 500, reason="goodwill").adjustment
    assert refusal(staff(world).approve_adjustment, asked) == "adjustment.own"
    assert refusal(world.org.ledger.approve_adjustment, asked) == "adjustment.needs_staff"
    assert staff(world).find_adjustment(asked).state is WAITING


def test_one_who_may_only_ask_does_not_approve(make_world):
    world = make_world(**LIMITED)
    asked = staff(world).adjust(world.account(), 500, reason="goodwill").adjustment
    clerk = world.acting_as(Actor.staff("kim", ["members.adjustments:create"])).ledger
    for act in (clerk.approve_adjustment, clerk.reject_adjustment, clerk.find_adjustment):
        with pytest.raises(PermissionDenied):
            act(asked)


def test_it_is_resolved_once(make_world):
    world = make_world(**LIMITED)
    account = world.account()
    ids = {
        POSTED: staff(world).adjust(account, 500, reason="goodwill").adjustment,
        REJECTED: staff(world).adjust(account, 501, reason="goodwill").adjustment,
    }
    kim = staff(world, "kim")
    kim.approve_adjustment(ids[POSTED])
    kim.reject_adjustment(ids[REJECTED])
    for state, id in ids.items():
        for act in (kim.approve_adjustment, kim.reject_adjustment):
            with pytest.raises(MemberLogicError) as caught:
                act(id)
            assert caught.value.code == f"adjustment.already_{state.value}"
            assert caught.value.details["allowed"] == list(ADJUSTMENT_STATES.allowed(state)) == []
    alone = staff(world).adjust(account, 7, reason="goodwill").adjustment
    assert refusal(kim.approve_adjustment, alone) == "adjustment.already_posted"
    assert world.available(account) == 507


def test_what_is_rejected_never_moves_and_ones_own_can_be_taken_back(make_world):
    world = make_world(**LIMITED)
    account = world.account(credits=[5])
    asked = staff(world).adjust(account, 500, reason="goodwill").adjustment
    done = staff(world).reject_adjustment(asked)
    assert (done.state, done.resolved_by, done.entry) == (REJECTED, "staff:sam", None)
    assert (world.available(account), len(world.entries(account))) == (5, 1)
    (event,) = [each for each in world.events() if each.event.type == "adjustment.rejected"]
    assert (event.actor, event.event.adjustment, event.event.reason) == ("staff:sam", asked, "goodwill")


def test_the_same_is_not_asked_for_twice(make_world):
    world = make_world(**LIMITED)
    account = world.account()
    asked = staff(world).adjust(account, 500, reason="goodwill")
    with pytest.raises(MemberLogicError) as caught:
        staff(world, "kim").adjust(account, 500, reason="goodwill")
    assert (caught.value.code, caught.value.details["adjustment"]) == (
        "adjustment.already_waiting",
        str(asked.adjustment),
    )
    assert staff(world).adjust(account, 500, reason="goodwill", reference="T-2").state is WAITING
    assert staff(world).adjust(world.account(), 500, reason="goodwill").state is WAITING
    staff(world, "kim").reject_adjustment(asked.adjustment)
    assert staff(world).adjust(account, 500, reason="goodwill").state is WAITING


def test_what_cannot_be_done_is_refused_when_it_is_asked_for_and_when_it_is_approved(make_world):
    world = make_world(**LIMITED)
    account, kim = world.account(credits=[300]), staff(world, "kim")
    assert refusal(staff(world).adjust, account, -301, reason="mistake") == "points.insufficient"
    down = staff(world).adjust(account, -300, reason="mistake").adjustment
    named = world.clock.now() + timedelta(days=1)
    up = staff(world).adjust(account, 300, reason="goodwill", expires_at=named).adjustment
    world.org.ledger.transfer(source=account, target=world.account(), points=1)
    assert refusal(kim.approve_adjustment, down) == "points.insufficient"
    world.clock.set(named)
    assert refusal(kim.approve_adjustment, up) == "adjustment.expiry_passed"
    world.org.loyalty.block_account(account, reason="fraud")
    assert refusal(kim.approve_adjustment, down) == "account.not_open"
    assert kim.reject_adjustment(up).state is REJECTED, "nothing moves, so the account does not matter"
    assert staff(world).find_adjustment(down).state is WAITING


def test_what_waits_is_listed_the_longest_waiting_first(make_world):
    world = make_world(**LIMITED)
    sam, asked = staff(world), []
    for points in range(101, 106):
        asked.append(sam.adjust(world.account(), points, reason="goodwill").adjustment)
        world.wait(minutes=1)
    staff(world, "kim").approve_adjustment(asked.pop(1))
    staff(world, "kim").reject_adjustment(asked.pop(2))
    for page in (1, 2, 500):
        assert [each.id for each in sam.waiting_adjustments(world.club.id, page=page)] == asked
    other = world.another_club()
    assert list(sam.waiting_adjustments(other.id)) == []
    for query in (sam.waiting_adjustments, lambda id: world.org.ledger.adjustments(id, since=JAN[0], until=JAN[1])):
        with pytest.raises(NotFound):
            query(new_id())
    with pytest.raises(InvalidInput):
        sam.waiting_adjustments(world.club.id, page=0)


JAN = (date(2026, 1, 1), date(2026, 2, 1))


def test_adjustments_are_reported_by_who_adjusted(make_world):
    world = make_world(**LIMITED)
    account = world.account(credits=[500])
    staff(world).adjust(account, 30, reason="goodwill")
    staff(world).adjust(account, -20, reason="mistake")
    asked = staff(world).adjust(account, 400, reason="goodwill").adjustment
    staff(world).adjust(account, 401, reason="goodwill")
    world.org.ledger.adjust(account, 1000, reason="migration")
    world.wait(days=20)
    staff(world, "kim").approve_adjustment(asked)
    staff(world, "kim").adjust(account, -1, reason="mistake")
    report = world.org.ledger.adjustments(world.club.id, since=JAN[0], until=JAN[1])
    assert report.staff == (
        StaffTotal(actor="staff:sam", adjustments=2, up=30, down=20),
        StaffTotal(actor="system", adjustments=1, up=1000, down=0),
    )
    later = world.org.ledger.adjustments(world.club.id, since=JAN[1], until=date(2026, 3, 1))
    assert later.staff == (
        StaffTotal(actor="staff:kim", adjustments=1, up=0, down=1),
        StaffTotal(actor="staff:sam", adjustments=1, up=400, down=0),
    )
    assert [each.figures["actor"] for each in later.explain().reasons] == ["staff:kim", "staff:sam"]
    with pytest.raises(InvalidInput):
        world.org.ledger.adjustments(world.club.id, since=JAN[1], until=JAN[1])


def test_an_adjustment_up_settles_debt_first():
    """No command of today makes debt on its own; the rule is every credit's."""
    from attrs import evolve

    from memberlogic.ledger.adjusted import Alone
    from memberlogic.ledger.adjusting import Adjust, AdjustingFacts, adjust

    world = World(MemoryStorage())
    account = world.account()
    wallet = evolve(world.wallet(account), debt=30)
    facts = AdjustingFacts(
        wanted=Adjust(account=account, points=50, reason="goodwill"),
        wallet=wallet,
        waiting=(),
        alone=Alone(0, 0),
        actor=Actor.system(),
    )
    outcome = adjust(facts, world.clock.now(), new_id)
    (entry,) = outcome.events
    assert (entry.amount, entry.debt, [lot.amount for lot in entry.opened]) == (50, 30, [20])
    assert (outcome.facts.wallet.debt, outcome.facts.wallet.available) == (0, 20)
    small = evolve(facts, wanted=evolve(facts.wanted, points=10))
    (entry,) = adjust(small, world.clock.now(), new_id).events
    assert (entry.debt, entry.opened) == (10, ())


def test_the_order_of_refusals():
    assert [each.name for each in ADJUSTING] == [
        "account_must_be_open",
        "somebody_must_receive",
        "must_not_wait_already",
        "must_be_available",
    ]
    assert [each.name for each in APPROVING][:4] == [
        "must_wait_to_be_approved",
        "account_must_be_open",
        "a_person_must_approve",
        "must_be_somebody_elses",
    ]


steps = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "ask", "approve", "reject", "wait"]),
        st.sampled_from(["sam", "kim"]),
        st.integers(0, 1),
        st.integers(-60, 60).filter(bool),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(limit=st.integers(0, 90), does=steps)
def test_nobody_adjusts_more_alone_in_a_day_than_the_limit(limit, does):
    """Against a plain model: what each did alone today, what is there, what waits."""
    world = World(MemoryStorage(), adjusting=AdjustingPolicy(limit=limit))
    accounts, has, alone = [world.account(), world.account()], [0, 0], Counter()
    waits, reported = [], Counter()
    for number, (what, who, index, points) in enumerate(does):
        act = staff(world, who)
        if what == "wait":
            world.wait(days=1)
            alone.clear()
        elif what == "ask":
            if has[index] + points < 0:
                assert refusal(act.adjust, accounts[index], points, reason="r") in (
                    "points.insufficient",
                    "adjustment.already_waiting",
                )
                continue
            done = act.adjust(accounts[index], points, reason="r", reference=str(number))
            if alone[who] + abs(points) > limit:
                assert done.state is WAITING
                waits.append((done.adjustment, who, index, points))
            else:
                assert done.state is POSTED
                alone[who] += abs(points)
                has[index] += points
                reported[who] += 1
        elif waits:
            id, asker, at, asked = waits[0]
            if what == "reject":
                act.reject_adjustment(id)
                waits.pop(0)
            elif asker == who:
                assert refusal(act.approve_adjustment, id) == "adjustment.own"
            elif has[at] + asked < 0:
                assert refusal(act.approve_adjustment, id) == "points.insufficient"
            else:
                act.approve_adjustment(id)
                waits.pop(0)
                has[at] += asked
                reported[asker] += 1
        assert [world.available(each) for each in accounts] == has
    assert {each.id for each in staff(world).waiting_adjustments(world.club.id)} == {each[0] for each in waits}
    report = world.org.ledger.adjustments(world.club.id, since=date(2026, 1, 1), until=date(2027, 1, 1))
    assert {each.actor: each.adjustments for each in report.staff} == {f"staff:{k}": v for k, v in reported.items()}
    assert sum(each.up - each.down for each in report.staff) == sum(has)
    conserved(world, *accounts)
