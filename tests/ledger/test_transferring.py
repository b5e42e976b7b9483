"""PTS-11 through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, Arrivals, CalendarPeriod, Maximum, Never, Term, TransferPolicy
from memberlogic.actors import Actor
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound, PermissionDenied
from memberlogic.ledger.model import EntryKind
from memberlogic.ledger.transferring import TRANSFERRING, Arrival
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-11")


def refusal(act, *args, **kwargs) -> str:
    """The code with which something is refused."""
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def test_points_leave_one_account_and_arrive_at_the_other(world):
    source, target = world.account(credits=[100]), world.account(credits=[1])
    done = world.org.ledger.transfer(source=source, target=target, points=30, reason="gift", reference="R-1")
    assert (done.points, done.received, done.available) == (30, 30, 70)
    assert (world.available(source), world.available(target)) == (70, 31)
    out, into = world.entries(source)[-1], world.entries(target)[-1]
    assert (out.id, into.id) == (done.out, done.into)
    assert (out.kind, out.amount, out.counterpart) == (EntryKind.TRANSFER_OUT, -30, target)
    assert (into.kind, into.amount, into.counterpart) == (EntryKind.TRANSFER_IN, 30, source)
    assert (out.reason, into.reference) == ("gift", "R-1")
    conserved(world, source, target)


def test_what_arrives_keeps_expiry_and_earned_date(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    source, target = world.account(credits=[10]), world.account()
    first = world.wallet(source).lots[0]
    world.wait(days=3)
    world.org.ledger.credit(source, 10, reason="welcome")
    second = world.wallet(source).lots[1]
    done = world.org.ledger.transfer(source=source, target=target, points=15)
    assert done.arrivals == (Arrival(10, first.expires_at), Arrival(5, second.expires_at))
    assert [(lot.earned_at, lot.expires_at) for lot in world.wallet(target).lots] == [
        (first.earned_at, first.expires_at),
        (second.earned_at, second.expires_at),
    ]


def test_what_arrives_can_be_new(make_world):
    policy = TransferPolicy(arrivals=Arrivals.NEW)
    world = make_world(expiry=After(Term.of_days(90)), transfer=policy)
    source, target = world.account(credits=[10, 10]), world.account()
    world.wait(days=40)
    done = world.org.ledger.transfer(source=source, target=target, points=15)
    # 15 January + 40 days = 24 February; + 90 days = 25 May, at midnight in Berlin (summer time).
    assert done.arrivals == (Arrival(15, datetime(2026, 5, 24, 22, tzinfo=UTC)),)


def test_a_factor_is_floored_and_spread_over_the_lots_by_largest_remainder(make_world):
    world = make_world(expiry=After(Term.of_days(9)), transfer=TransferPolicy(factor=Fraction(1, 2)))
    source, target = world.account(), world.account()
    for points in (3, 3, 3):
        world.org.ledger.credit(source, points, reason="welcome")
        world.wait(days=1)
    done = world.org.ledger.transfer(source=source, target=target, points=9)
    # floor(9 / 2) = 4 over lots of 3, 3, 3: 1 each, and the earliest gets the one left over.
    assert done.received == 4
    assert [arrival.points for arrival in done.arrivals] == [2, 1, 1]
    conserved(world, source, target)


@given(
    credits=st.lists(st.integers(1, 50), min_size=1, max_size=8),
    share=st.fractions(Fraction(1, 50), 1),
    factor=st.fractions(Fraction(1, 4), 3, max_denominator=7),
    arrivals=st.sampled_from(Arrivals),
)
def test_what_arrives_is_what_left_by_the_factor(credits, share, factor, arrivals):
    world = World(MemoryStorage(), transfer=TransferPolicy(factor=factor, arrivals=arrivals))
    source, target = world.account(credits=credits), world.account()
    points = max(1, int(sum(credits) * share))
    if not int(points * factor):
        assert refusal(world.org.ledger.transfer, source=source, target=target, points=points) == (
            "transfer.nothing_would_arrive"
        )
        return
    done = world.org.ledger.transfer(source=source, target=target, points=points)
    assert done.received == world.available(target) == int(points * factor)
    assert sum(arrival.points for arrival in done.arrivals) == done.received
    assert world.available(source) == sum(credits) - points
    conserved(world, source, target)


def test_the_club_can_do_without_transfers(make_world):
    world = make_world(transfer=TransferPolicy(allowed=False))
    source, target = world.account(credits=[10]), world.account()
    assert refusal(world.org.ledger.transfer, source=source, target=target, points=1) == "transfer.not_allowed"


def test_not_to_itself(world):
    account = world.account(credits=[10])
    assert refusal(world.org.ledger.transfer, source=account, target=account, points=1) == "transfer.to_itself"
    assert world.available(account) == 10


def test_not_between_two_clubs(world):
    source, target = world.account(credits=[10]), world.account(club=world.another_club())
    code = refusal(world.org.ledger.transfer, source=source, target=target, points=1)
    assert code == "transfer.between_clubs"


@pytest.mark.rule("COM-1")
def test_another_organization_is_not_found(make_world):
    world, other = make_world(), make_world()
    source, target = world.account(credits=[10]), other.account()
    with pytest.raises(NotFound):
        world.org.ledger.transfer(source=source, target=target, points=1)


@pytest.mark.parametrize(
    ("policy", "points", "code"),
    [
        (TransferPolicy(minimum=5), 4, "transfer.below_minimum"),
        (TransferPolicy(minimum=5), 5, None),
        (TransferPolicy(multiples=5), 12, "transfer.not_in_multiples"),
        (TransferPolicy(multiples=5), 15, None),
        (TransferPolicy(factor=Fraction(1, 10)), 9, "transfer.nothing_would_arrive"),
        (TransferPolicy(factor=Fraction(1, 10)), 10, None),
        (TransferPolicy(), 100, None),
        (TransferPolicy(), 101, "points.insufficient"),
    ],
)
def test_the_clubs_limits_include_their_bounds(make_world, policy, points, code):
    world = make_world(transfer=policy)
    source, target = world.account(credits=[100]), world.account()
    if code is None:
        world.org.ledger.transfer(source=source, target=target, points=points)
        assert world.available(source) == 100 - points
    else:
        assert refusal(world.org.ledger.transfer, source=source, target=target, points=points) == code
        assert (world.available(source), world.available(target)) == (100, 0)


def test_a_maximum_counts_what_was_sent_in_the_period_of_the_clubs_calendar(make_world):
    world = make_world(
        at=datetime(2026, 1, 31, 22, 0, tzinfo=UTC),
        transfer=TransferPolicy(maximum=Maximum(50, CalendarPeriod.MONTH)),
    )
    source, target = world.account(credits=[200]), world.account()
    world.org.ledger.transfer(source=source, target=target, points=40)
    with pytest.raises(MemberLogicError) as caught:
        world.org.ledger.transfer(source=source, target=target, points=11)
    assert caught.value.code == "transfer.above_maximum"
    assert caught.value.details["left"] == 10
    world.org.ledger.transfer(source=target, target=source, points=40)  # the other account has a maximum of its own
    world.wait(minutes=59)
    assert refusal(world.org.ledger.transfer, source=source, target=target, points=11) == "transfer.above_maximum"
    world.wait(minutes=1)  # midnight in Berlin: February
    world.org.ledger.transfer(source=source, target=target, points=50)


@pytest.mark.rule("PTS-7")
def test_points_are_taken_soonest_expiry_first(world):
    source, target = world.account(), world.account()
    for days in (20, 10, 30):
        expires = world.clock.now() + timedelta(days=days)
        world.org.ledger.credit(source, 10, reason="welcome", expires_at=expires)
    world.org.ledger.credit(source, 10, reason="welcome")
    done = world.org.ledger.transfer(source=source, target=target, points=25)
    now = world.clock.now()
    assert done.arrivals == (
        Arrival(10, now + timedelta(days=10)),
        Arrival(10, now + timedelta(days=20)),
        Arrival(5, now + timedelta(days=30)),
    )


@pytest.mark.rule("PTS-6", "COM-4")
def test_a_lot_can_be_transferred_until_the_instant_it_expires(world):
    source, target = world.account(), world.account()
    expires = world.clock.now() + timedelta(days=1)
    world.org.ledger.credit(source, 10, reason="welcome", expires_at=expires)
    world.clock.set(expires - timedelta(microseconds=1))
    world.org.ledger.transfer(source=source, target=target, points=4)
    world.clock.set(expires)
    assert refusal(world.org.ledger.transfer, source=source, target=target, points=1) == "points.insufficient"
    assert (world.available(source), world.available(target)) == (0, 0)
    conserved(world, source, target)


@pytest.mark.rule("COM-8")
def test_a_transfer_settles_first(world):
    """What expired is written with the transfer, stamped with when it expired, though no job ran."""
    source, target = world.account(credits=[5]), world.account()
    expires = world.clock.now() + timedelta(days=1)
    world.org.ledger.credit(source, 10, reason="welcome", expires_at=expires)
    world.wait(days=3)
    world.org.ledger.transfer(source=source, target=target, points=5)
    expired, out = world.entries(source)[-2:]
    assert (expired.kind, expired.amount, expired.effective_at) == (EntryKind.EXPIRE, -10, expires)
    assert (expired.recorded_at, expired.actor) == (world.clock.now(), "system")
    assert out.kind is EntryKind.TRANSFER_OUT
    conserved(world, source, target)


@pytest.mark.rule("PTS-1")
def test_a_blocked_member_neither_sends_nor_receives(world):
    one, two = world.account(credits=[10]), world.account(credits=[10])
    world.org.members.block(world.org.loyalty.account(one).owner, reason="abuse")
    assert refusal(world.org.ledger.transfer, source=one, target=two, points=1) == "account.every_holder_blocked"
    assert refusal(world.org.ledger.transfer, source=two, target=one, points=1) == "account.every_holder_blocked"
    world.org.members.unblock(world.org.loyalty.account(one).owner)
    world.org.ledger.transfer(source=one, target=two, points=1)


@pytest.mark.rule("PTS-1")
def test_members_transfer_once_they_are_verified_unless_the_organization_lets_them_before(make_world):
    world = make_world()
    member = world.member(verified=False)
    source, target = world.account(member=member, credits=[10]), world.account()
    assert refusal(world.org.ledger.transfer, source=source, target=target, points=1) == "account.holder_unverified"
    world.org.members.verify(member)
    world.org.ledger.transfer(source=source, target=target, points=1)
    lenient = make_world(organization={"unverified_may_spend": True})
    source = lenient.account(member=lenient.member(verified=False), credits=[10])
    lenient.org.ledger.transfer(source=source, target=lenient.account(), points=1)


@pytest.mark.rule("COM-13", "COM-11")
def test_a_member_transfers_from_their_own_account_only(world):
    source, target = world.account(credits=[10]), world.account(credits=[10])
    owner = world.acting_as(Actor.member(world.org.loyalty.account(source).owner))
    owner.ledger.transfer(source=source, target=target, points=3)
    with pytest.raises(NotFound):
        owner.ledger.transfer(source=target, target=source, points=3)
    with pytest.raises(NotFound):
        world.org.ledger.transfer(source=source, target=target, points=1, holder=world.member())


@pytest.mark.rule("COM-13")
def test_staff_need_the_permission(world):
    source, target = world.account(credits=[10]), world.account()
    with pytest.raises(PermissionDenied) as caught:
        world.staff("members.points:read").ledger.transfer(source=source, target=target, points=1)
    assert caught.value.details["permission"] == "members.points:update"
    world.staff("members.points:update").ledger.transfer(source=source, target=target, points=1)


@pytest.mark.rule("COM-6", "COM-11")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points", 0),
        ("points", -1),
        ("points", 1.0),
        ("points", True),
        ("points", 2**53),
        ("source", "no-id"),
        ("target", None),
        ("unit", "Points!"),
        ("reason", "because I say so"),
        ("reference", ""),
        ("holder", 7),
        ("idempotency_key", " "),
    ],
)
def test_bad_input_names_the_field(field, value):
    world = World(MemoryStorage())
    wanted = {"source": world.account(credits=[10]), "target": world.account(), "points": 1} | {field: value}
    with pytest.raises(InvalidInput) as caught:
        world.org.ledger.transfer(**wanted)
    assert caught.value.path == field


@pytest.mark.rule("COM-12")
def test_a_check_answers_every_refusal_and_why(make_world):
    world = make_world(transfer=TransferPolicy(minimum=50, multiples=7))
    account = world.account(credits=[10])
    check = world.org.ledger.check_transfer(source=account, target=account, points=20)
    assert [each.code for each in check.refusals] == [
        "transfer.to_itself",
        "transfer.below_minimum",
        "transfer.not_in_multiples",
        "points.insufficient",
    ]
    assert not check.allowed
    assert len(check.because) == len(list(TRANSFERRING))
    assert "must_be_a_multiple (PTS-11): refused transfer.not_in_multiples" in check.explain().text()
    assert world.org.ledger.check_transfer(source=account, target=world.account(), points=0 + 50).refusals


@pytest.mark.rule("COM-12")
def test_a_transfer_explains_itself(make_world):
    world = make_world(expiry=Never(), transfer=TransferPolicy(factor=Fraction(3, 2)))
    done = world.org.ledger.transfer(source=world.account(credits=[10]), target=world.account(), points=4)
    assert done.explain().text().splitlines() == [
        "4 points left, 6 arrived; 6 are left to spend.",
        "  - points.taken_in_order (PTS-7): lots 1",
        "  - transfer.factor (PTS-11): factor 3/2",
        "  - transfer.expiry_keep (PTS-11): lots 1",
    ]


@pytest.mark.rule("COM-9")
def test_a_repeated_key_answers_the_same_transfer(world):
    source, target = world.account(credits=[10]), world.account()
    first, second = (
        world.org.ledger.transfer(source=source, target=target, points=4, idempotency_key="k") for _ in range(2)
    )
    assert first == second
    assert world.available(target) == 4


@pytest.mark.rule("PTS-18")
def test_both_entries_say_club_scheme_day_actor_and_reason(make_world):
    world = make_world(at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))  # 1 April in Berlin
    source, target = world.account(credits=[10]), world.account()
    staff = world.staff("members.points:update")
    staff.ledger.transfer(source=source, target=target, points=4, reason="gift")
    for entry in (world.entries(source)[-1], world.entries(target)[-1]):
        assert (entry.club, entry.scheme, entry.actor) == (world.club.id, "standard", "staff:sam")
        assert (entry.business_day.isoformat(), entry.reason) == ("2026-04-01", "gift")
        assert entry.because
