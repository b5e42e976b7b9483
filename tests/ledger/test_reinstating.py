"""PTS-14, reinstating, through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import Actor, After, Term
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound, PermissionDenied
from memberlogic.ids import new_id
from memberlogic.ledger.model import EntryKind
from memberlogic.ledger.reinstating import REINSTATING, Reinstate, ReinstatingFacts, reinstate
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-14")

CLUB = {"expiry": After(Term.of_days(10)), "grace": Term.of_days(7), "reinstating": Term.of_days(30)}


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def revive(world, account, **more):
    return world.org.ledger.reinstate(account, reason="goodwill", **more)


def test_what_expired_lives_again_for_the_grace_term(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[40, 60])
    first, second = world.wallet(account).lots
    world.wait(days=20)  # both expired on 25 January; it is 4 February
    assert world.available(account) == 0
    done = revive(world, account, reference="T-3")
    # 4 February + 7 days = 11 February, at midnight in Berlin.
    assert (done.points, done.settled_debt, done.available) == (100, 0, 100)
    assert done.expires_at == datetime(2026, 2, 10, 23, tzinfo=UTC)
    expired, revived = world.entries(account)[-2:]
    assert (expired.kind, revived.kind, revived.id) == (EntryKind.EXPIRE, EntryKind.REINSTATE, done.entries[0])
    assert (revived.amount, revived.corrects, revived.reason, revived.reference) == (100, expired.id, "goodwill", "T-3")
    lots = world.wallet(account).lots
    assert {(lot.amount, lot.origin, lot.earned_at) for lot in lots} == {
        (40, first.id, first.earned_at),
        (60, second.id, second.earned_at),
    }
    assert {lot.expires_at for lot in lots} == {done.expires_at}
    assert done.explain().reasons[0].figures["lots"] == 2
    conserved(world, account)
    world.clock.set(done.expires_at)
    assert world.available(account) == 0


def test_each_lot_once(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[40, 60])
    first, second = world.wallet(account).lots
    world.wait(days=11)
    assert revive(world, account, lots=[second.id]).points == 60
    with pytest.raises(MemberLogicError) as caught:
        revive(world, account, lots=[second.id, first.id])
    assert (caught.value.code, caught.value.details["lot"]) == ("reinstate.already", str(second.id))
    assert revive(world, account).points == 40
    assert refusal(revive, world, account) == "reinstate.nothing"
    assert world.available(account) == 100
    conserved(world, account)


def test_only_as_far_as_it_expired(make_world):
    world = make_world(**CLUB)
    account, other = world.account(credits=[100]), world.account()
    (lot,) = world.wallet(account).lots
    world.org.ledger.transfer(source=account, target=other, points=30)
    world.wait(days=11)
    assert revive(world, account, lots=[lot.id]).points == 70


def test_what_lived_again_and_expired_again_can_live_again(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[100])
    world.wait(days=11)
    revive(world, account)
    world.org.ledger.transfer(source=account, target=world.account(), points=25)
    world.wait(days=8)
    done = revive(world, account)
    assert (done.points, len(done.entries)) == (75, 1)
    first = world.entries(account)[0].opened[0]
    assert [lot.origin for lot in world.wallet(account).lots] == [first.id], "the lot in which they first arrived"
    conserved(world, account)


def test_several_expiries_are_corrected_each_by_an_entry(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[10])
    world.wait(days=1)
    world.org.ledger.credit(account, 20, reason="welcome")
    world.wait(days=12)
    done = revive(world, account)
    expired = [each.id for each in world.entries(account) if each.kind is EntryKind.EXPIRE]
    revived = [each for each in world.entries(account) if each.kind is EntryKind.REINSTATE]
    assert (done.points, len(expired)) == (30, 2)
    assert [(each.id, each.corrects, each.amount) for each in revived] == [
        (done.entries[0], expired[0], 10),
        (done.entries[1], expired[1], 20),
    ]
    conserved(world, account)


def test_the_window_is_half_open(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[100])
    world.clock.set(datetime(2026, 2, 23, 22, 59, tzinfo=UTC))  # 25 January + 30 days is 24 February in Berlin
    inside = World(MemoryStorage(), **CLUB)
    mine = inside.account(credits=[100])
    inside.clock.set(world.clock.now())
    assert revive(inside, mine).points == 100
    world.wait(minutes=1)
    assert refusal(revive, world, account) == "reinstate.nothing"
    (lot,) = world.entries(account)[0].opened
    with pytest.raises(NotFound):
        revive(world, account, lots=[lot.id])


def test_what_was_freed_late_expired_when_it_was_freed(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[100])
    hold = world.org.ledger.hold(account, 100, until=world.clock.now() + timedelta(days=200)).hold
    world.wait(days=100)
    assert world.org.ledger.release(hold).expired == 100
    assert revive(world, account).points == 100


def test_a_club_without_a_window_revives_nothing(make_world):
    world = make_world(expiry=After(Term.of_days(10)), grace=Term.of_days(7))
    account = world.account(credits=[100])
    world.wait(days=11)
    assert refusal(revive, world, account) == "reinstate.not_allowed"


def test_a_window_needs_a_grace_term(world):
    with pytest.raises(InvalidInput) as caught:
        world.another_club(reinstating=Term.of_days(30))
    assert caught.value.path == "grace"


def test_lots_that_did_not_expire_are_not_found(make_world):
    world = make_world(**CLUB)
    account, other = world.account(credits=[100]), world.account(credits=[5])
    (lot,) = world.wallet(account).lots
    (theirs,) = world.wallet(other).lots
    for id in (lot.id, theirs.id, new_id()):
        with pytest.raises(NotFound):
            revive(world, account, lots=[id])
    assert refusal(revive, world, account) == "reinstate.nothing"
    with pytest.raises(InvalidInput) as caught:
        revive(world, account, lots=[])
    assert caught.value.path == "lots"


@pytest.mark.rule("PTS-1")
def test_who_does_not_receive_is_not_revived_for(make_world):
    world = make_world(**CLUB)
    member = world.member()
    account, blocked = world.account(member=member, credits=[10]), world.account(credits=[10])
    world.wait(days=11)
    world.org.loyalty.block_account(blocked, reason="fraud")
    world.org.members.block(member, reason="fraud")
    assert refusal(revive, world, blocked) == "account.not_open"
    assert refusal(revive, world, account) == "account.every_holder_blocked"


def test_no_member_revives(make_world):
    world = make_world(**CLUB)
    member = world.member()
    account = world.account(member=member, credits=[10])
    world.wait(days=11)
    mine = world.acting_as(Actor.member(member)).ledger
    with pytest.raises(PermissionDenied):
        mine.reinstate(account, reason="goodwill")


def test_debt_is_settled_first_and_what_was_revived_is_known_all_the_same(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[30, 70])
    mistake = world.org.ledger.credit(account, 50, reason="mistake").entry
    world.org.ledger.transfer(source=account, target=world.account(), points=150)
    world.wait(days=1)
    world.org.ledger.credit(account, 40, reason="welcome", expires_at=world.clock.now() + timedelta(hours=1))
    (lot,) = world.wallet(account).lots
    world.wait(days=1)
    world.org.ledger.reverse(mistake, reason="mistake")  # nothing is left: 50 are owed
    assert world.org.ledger.balance(account).debt == 50
    done = revive(world, account)
    assert (done.points, done.settled_debt, done.available) == (40, 40, 0)
    assert world.org.ledger.balance(account).debt == 10
    entry = world.entries(account)[-1]
    assert (entry.amount, entry.debt, [each.origin for each in entry.opened]) == (40, 40, [lot.id])
    assert refusal(revive, world, account) == "reinstate.nothing"
    assert refusal(revive, world, account, lots=[lot.id]) == "reinstate.already"
    conserved(world, account)


def test_a_key_answers_the_first_result(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[10])
    world.wait(days=11)
    first = revive(world, account, idempotency_key="k")
    assert revive(world, account, idempotency_key="k") == first
    assert world.available(account) == 10


def test_the_event_names_what_it_corrects(make_world):
    from memberlogic.ledger.events import as_event

    world = make_world(**CLUB)
    account = world.account(credits=[10])
    world.wait(days=11)
    revive(world, account)
    expired, revived = world.entries(account)[-2:]
    event = as_event(revived, world.organization.id, ()).event
    assert (event.type, event.points, event.corrects) == ("points.reinstated", 10, expired.id)


def test_the_order_of_refusals():
    assert [each.name for each in REINSTATING] == [
        "account_must_be_open",
        "club_must_allow_it",
        "somebody_must_receive",
        "each_lot_must_have_something_left",
        "something_must_have_expired",
    ]


def test_what_was_reversed_or_expired_again_counts(make_world):
    """A reversal counts what expired as taken: it does not live again afterwards."""
    world = make_world(**CLUB)
    account = world.account()
    mistake = world.org.ledger.credit(account, 100, reason="mistake").entry
    world.org.ledger.transfer(source=account, target=world.account(), points=20)
    world.wait(days=11)
    world.org.ledger.reverse(mistake, reason="mistake")
    assert world.org.ledger.balance(account).debt == 20
    assert refusal(revive, world, account) == "reinstate.nothing"


does = st.lists(
    st.one_of(
        st.tuples(st.just("credit"), st.integers(1, 9)),
        st.tuples(st.just("spend"), st.integers(1, 9)),
        st.tuples(st.just("wait"), st.integers(1, 6)),
        st.tuples(st.just("revive"), st.just(0)),
    ),
    max_size=30,
)


@settings(max_examples=80)
@given(steps=does)
def test_never_more_lives_again_than_expired(steps):
    """Against a plain model: a list of [points, gone on day], and what has expired on which day."""
    world = World(MemoryStorage(), expiry=After(Term.of_days(3)), grace=Term.of_days(2), reinstating=Term.of_days(5))
    account, sink = world.account(), world.account()
    today, lots, gone = 0, [], []  # [points, dies on], [points, died on]
    for what, number in steps:
        gone += [lot for lot in lots if lot[1] <= today]
        lots = [lot for lot in lots if lot[1] > today and lot[0]]
        if what == "wait":
            today += number
            world.wait(days=number)
        elif what == "credit":
            world.org.ledger.credit(account, number, reason="welcome")
            lots.append([number, today + 3])
        elif what == "spend":
            missing = min(number, sum(points for points, _ in lots))
            if missing:
                world.org.ledger.transfer(source=account, target=sink, points=missing)
            for lot in sorted(lots, key=lambda lot: lot[1]):
                part = min(missing, lot[0])
                lot[0] -= part
                missing -= part
        else:
            back = sum(points for points, died in gone if today < died + 5)
            if back:
                assert revive(world, account).points == back
                lots.append([back, today + 2])
                gone = [each for each in gone if not today < each[1] + 5]
            else:
                assert refusal(revive, world, account) == "reinstate.nothing"
        assert world.available(account) == sum(points for points, dies in lots if dies > today)
    conserved(world, account)


def test_what_a_full_wallet_cannot_hold_is_refused():
    world = World(MemoryStorage(), **CLUB)
    account = world.account(credits=[10])
    world.wait(days=11)
    world.org.ledger.settle([world.wallet(account).id])
    entries = world.entries(account)
    facts = ReinstatingFacts(
        wanted=Reinstate(account=account, reason="goodwill"),
        wallet=evolve(world.wallet(account), remaining=2**53 - 5),
        expired=[entries[-1]],
        corrections=(),
        touched=(),
        lots={entries[0].opened[0].id: entries[0].opened[0]},
    )
    assert refusal(reinstate, facts, Actor.system(), world.clock.now(), new_id) == "points.wallet_full"
