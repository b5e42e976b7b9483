"""PTS-14, reversing, through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import (
    Actor,
    AdjustingPolicy,
    After,
    Arrivals,
    Earning,
    EarningRule,
    ExternalId,
    PurchaseLine,
    Rate,
    Redeeming,
    Shortfall,
    Term,
    TransferPolicy,
)
from memberlogic.certification.base import conserved
from memberlogic.certification.concurrency import at_once
from memberlogic.errors import MemberLogicError, NotFound, PermissionDenied
from memberlogic.ids import new_id
from memberlogic.ledger.events import as_event
from memberlogic.ledger.model import EntryKind
from memberlogic.ledger.reversing import MEANINGS, REVERSING, Meaning
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-14")

EARNING = Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))])
SHOP = {"earning": EARNING, "redeeming": Redeeming(points=1, value=1)}


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def undo(world, entry, **more):
    return world.org.ledger.reverse(entry, **{"reason": "mistake"} | more)


def buy(world, account, number, cents, **more):
    lines = [PurchaseLine("things", cents)]
    return world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", number), currency="EUR", lines=lines, **more
    )


def total(world) -> int:
    return world.org.ledger.outstanding(world.club.id).outstanding


# what came in


def test_a_credit_is_taken_back(world):
    account = world.account(credits=[100])
    credited = world.org.ledger.credit(account, 40, reason="welcome")
    before = world.entries(account)
    done = undo(world, credited.entry, reference="T-1")
    assert (done.reverses, done.account, done.points, done.available) == (credited.entry, account, -40, 100)
    assert (done.owed, done.clamped, done.expired, done.counterpart, done.counterpart_points) == (0, 0, 0, None, 0)
    assert world.entries(account)[:-1] == before, "no entry is edited"
    entry = world.entries(account)[-1]
    assert ((entry.id,), entry.kind, entry.amount, entry.corrects) == (
        done.entries,
        EntryKind.REVERSE,
        -40,
        credited.entry,
    )
    assert (entry.reason, entry.reference, entry.because) == ("mistake", "T-1", done.because)
    assert [each.lot for each in entry.slices] == [credited.lot], "from its own lot, though another is older"
    conserved(world, account)


def test_once(world):
    account = world.account(credits=[100])
    (credit,) = world.entries(account)
    first = undo(world, credit.id)
    with pytest.raises(MemberLogicError) as caught:
        undo(world, credit.id)
    assert (caught.value.code, caught.value.details["by"]) == ("reverse.already", str(first.entries[0]))
    assert world.available(account) == 0


def test_what_was_spent_is_taken_from_other_lots_in_order(make_world):
    world = make_world()
    account, now = world.account(), world.clock.now()
    mistake = world.org.ledger.credit(account, 50, reason="mistake", expires_at=now + timedelta(days=5))
    late = world.org.ledger.credit(account, 30, reason="welcome", expires_at=now + timedelta(days=40))
    soon = world.org.ledger.credit(account, 30, reason="welcome", expires_at=now + timedelta(days=20))
    world.org.ledger.transfer(source=account, target=world.account(), points=35)
    done = undo(world, mistake.entry)
    entry = world.entries(account)[-1]
    assert {each.lot: each.points for each in entry.slices} == {mistake.lot: -15, soon.lot: -30, late.lot: -5}
    (why,) = done.because
    assert why.figures == {
        "came_in": 50,
        "taken_before": 0,
        "from_its_own_lots": 15,
        "from_others": 35,
        "owed": 0,
        "let_go": 0,
    }
    conserved(world, account)


@pytest.mark.rule("PTS-10")
def test_what_is_not_there_is_owed(world):
    account = world.account(credits=[20])
    mistake = world.org.ledger.credit(account, 50, reason="mistake").entry
    world.org.ledger.transfer(source=account, target=world.account(), points=60)
    done = undo(world, mistake)
    assert (done.points, done.owed, done.available) == (-50, 40, 0)
    assert world.org.ledger.balance(account).debt == 40
    world.org.ledger.credit(account, 45, reason="welcome")
    assert world.available(account) == 5
    conserved(world, account)


@pytest.mark.rule("PTS-10")
def test_or_let_go(make_world):
    world = make_world(shortfall=Shortfall.CLAMP)
    account = world.account(credits=[20])
    mistake = world.org.ledger.credit(account, 50, reason="mistake").entry
    world.org.ledger.transfer(source=account, target=world.account(), points=60)
    done = undo(world, mistake)
    assert (done.points, done.owed, done.clamped, done.available) == (-10, 0, 40, 0)
    assert world.org.ledger.balance(account).debt == 0
    other = world.account()
    gone = world.org.ledger.credit(other, 5, reason="mistake").entry
    world.org.ledger.transfer(source=other, target=account, points=5)
    assert refusal(undo, world, gone) == "reverse.nothing_left"
    conserved(world, account, other)


def test_held_points_are_not_taken(world):
    account = world.account()
    mistake = world.org.ledger.credit(account, 50, reason="mistake").entry
    hold = world.org.ledger.hold(account, 30, until=world.clock.now() + timedelta(days=1)).hold
    done = undo(world, mistake)
    assert (done.points, done.owed, done.available) == (-50, 30, 0)
    balance = world.org.ledger.balance(account)
    assert (balance.held, balance.debt) == (30, 30)
    conserved(world, account)
    world.org.ledger.release(hold)
    balance = world.org.ledger.balance(account)
    assert (balance.available, balance.held, balance.debt) == (0, 0, 0)
    conserved(world, account)


def test_what_expired_is_not_taken_again(make_world):
    world = make_world(expiry=After(Term.of_days(10)), grace=Term.of_days(5), reinstating=Term.of_days(90))
    account = world.account()
    mistake = world.org.ledger.credit(account, 50, reason="mistake")
    world.org.ledger.transfer(source=account, target=world.account(), points=20)
    world.wait(days=11)
    world.org.ledger.credit(account, 100, reason="welcome")
    done = undo(world, mistake.entry)  # 30 expired; 20 were spent
    assert (done.points, done.available, done.because[0].figures["taken_before"]) == (-20, 80, 30)
    again = world.account(credits=[50])
    credit = world.entries(again)[0].id
    world.wait(days=11)
    assert refusal(undo, world, credit) == "reverse.nothing_left", "though nobody wrote the expiry down before"
    conserved(world, account, again)


def test_what_expired_and_lives_again_is_taken(make_world):
    world = make_world(expiry=After(Term.of_days(10)), grace=Term.of_days(5), reinstating=Term.of_days(90))
    account = world.account(credits=[50])
    credit = world.entries(account)[0].id
    world.wait(days=11)
    revived = world.org.ledger.reinstate(account, reason="goodwill")
    done = undo(world, credit)
    assert (done.points, done.available, done.because[0].figures["from_its_own_lots"]) == (-50, 0, 50)
    assert refusal(undo, world, revived.entries[0]) == "reverse.nothing_left", "it came of the credit"
    conserved(world, account)


def test_what_was_written_off_or_adjusted_away_is_not_taken_again(world):
    for correct in (
        lambda account: world.org.ledger.adjust(account, -30, reason="mistake").entry,
        lambda account: world.org.ledger.write_off(account, reason="mistake").entry,
    ):
        account = world.account()
        credit = world.org.ledger.credit(account, 30, reason="mistake").entry
        correction = correct(account)
        assert refusal(undo, world, credit) == "reverse.nothing_left"
        assert undo(world, correction).available == 30
        assert undo(world, credit).available == 0
        assert world.org.ledger.balance(account).debt == 0
        conserved(world, account)


def test_what_a_reversal_counted_as_taken_does_not_come_back(world):
    account = world.account()
    credit = world.org.ledger.credit(account, 50, reason="mistake").entry
    adjusted = world.org.ledger.adjust(account, -30, reason="mistake").entry
    assert undo(world, credit).points == -20
    assert refusal(undo, world, adjusted) == "reverse.nothing_left"
    both = world.account(credits=[40])
    credit = world.org.ledger.credit(both, 50, reason="mistake").entry
    written = world.org.ledger.write_off(both, reason="mistake").entry
    assert refusal(undo, world, credit) == "reverse.nothing_left"
    assert undo(world, written).available == 90
    assert undo(world, credit).available == 40
    conserved(world, account, both)


def test_what_had_settled_debt_is_owed_again(world):
    account = world.account(credits=[30])
    (first,) = world.entries(account)
    world.org.ledger.transfer(source=account, target=world.account(), points=30)
    undo(world, first.id)
    second = world.org.ledger.credit(account, 50, reason="welcome")
    assert (second.settled_debt, second.available) == (30, 20)
    assert undo(world, second.entry).owed == 30
    assert world.org.ledger.balance(account).debt == 30
    conserved(world, account)


def test_a_purchase_that_earned_by_mistake(make_world):
    world = make_world(**SHOP)
    account = world.account(credits=[10])
    bought = buy(world, account, "1", 5000)
    earned = world.entries(account)[-1]
    done = undo(world, earned.id)
    assert (bought.earned, done.points, done.available) == (50, -50, 10)
    conserved(world, account)


# what went out


def test_points_that_paid_come_back_to_their_lots(make_world):
    world = make_world(**SHOP)
    account = world.account(credits=[10, 20])
    first, second = world.wallet(account).lots
    buy(world, account, "1", 100, redeem=25)
    redeemed = next(each for each in world.entries(account) if each.kind is EntryKind.REDEEM)
    done = undo(world, redeemed.id)
    assert (done.points, done.available) == (25, 30)
    entry = world.entries(account)[-1]
    assert {each.lot: each.points for each in entry.slices} == {first.id: 10, second.id: 15}
    assert entry.opened == ()
    assert [(lot.id, lot.remaining) for lot in world.wallet(account).lots] == [(first.id, 10), (second.id, 20)]
    conserved(world, account)


def test_each_with_the_later_of_its_expiry_and_the_grace_term(make_world):
    world = make_world(expiry=After(Term.of_days(30)), grace=Term.of_days(7))
    account = world.account(credits=[10])  # gone on 14 February
    (lot,) = world.wallet(account).lots
    done = []
    for days in (0, 20, 10, 10):  # 15 January, 4 February, 14 February, 24 February
        world.wait(days=days)
        if world.available(account):
            taken = world.org.ledger.adjust(account, -world.available(account), reason="mistake").entry
            done.append(undo(world, taken))
    assert [each.points for each in done] == [10, 10], "on 14 February it had expired"
    assert world.available(account) == 0
    again = make_world(expiry=After(Term.of_days(30)), grace=Term.of_days(7))
    account = again.account(credits=[10])
    (lot,) = again.wallet(account).lots
    taken = again.org.ledger.adjust(account, -10, reason="mistake").entry
    again.wait(days=29)  # 13 February: a grace term of 7 days is later than 14 February
    back = undo(again, taken)
    (longer,) = again.wallet(account).lots
    assert (back.available, back.expired) == (10, 0)
    assert (longer.origin, longer.earned_at) == (lot.id, lot.earned_at)
    assert longer.expires_at == datetime(2026, 2, 19, 23, tzinfo=UTC)  # 13 + 7 = 20 February in Berlin
    conserved(again, account)


def test_without_a_grace_term_what_would_have_expired_is_gone_at_once(make_world):
    world = make_world(expiry=After(Term.of_days(30)))
    account = world.account(credits=[10])
    taken = world.org.ledger.adjust(account, -10, reason="mistake").entry
    world.wait(days=40)
    done = undo(world, taken)
    assert (done.points, done.expired, done.available) == (10, 10, 0)
    kinds = [(each.kind, each.amount, each.effective_at) for each in world.entries(account)[-2:]]
    now = world.clock.now()
    assert kinds == [(EntryKind.REVERSE, 10, now), (EntryKind.EXPIRE, -10, now)]
    conserved(world, account)


@pytest.mark.rule("PTS-10")
def test_what_is_gone_at_once_settles_no_debt(make_world):
    world = make_world(expiry=After(Term.of_days(30)))
    account = world.account(credits=[10])
    hold = world.org.ledger.hold(account, 10, until=world.clock.now() + timedelta(days=1)).hold
    taken = world.org.ledger.capture(hold).entry
    world.wait(days=40)
    mistake = world.org.ledger.credit(account, 4, reason="mistake").entry
    world.org.ledger.transfer(source=account, target=world.account(), points=4)
    assert undo(world, mistake).owed == 4
    done = undo(world, taken)
    assert (done.points, done.expired, world.org.ledger.balance(account).debt) == (10, 10, 4)
    conserved(world, account)


def test_a_capture_comes_back(world):
    account = world.account(credits=[10, 20])
    hold = world.org.ledger.hold(account, 15, until=world.clock.now() + timedelta(days=1)).hold
    captured = world.org.ledger.capture(hold, 12)
    assert undo(world, captured.entry).available == 30
    conserved(world, account)


def test_what_comes_back_settles_debt_first(world):
    account = world.account(credits=[30])
    (first,) = world.entries(account)
    hold = world.org.ledger.hold(account, 20, until=world.clock.now() + timedelta(days=1)).hold
    taken = world.org.ledger.capture(hold).entry
    undo(world, first.id)  # 10 were left, so 20 are owed
    world.org.ledger.credit(account, 5, reason="welcome")
    assert world.org.ledger.balance(account).debt == 15
    done = undo(world, taken)
    assert (done.points, done.available) == (20, 5)
    assert world.entries(account)[-1].debt == 15
    conserved(world, account)


def test_a_write_off_is_undone_with_the_debt_it_forgave(world):
    account = world.account(credits=[10, 20])
    written = world.org.ledger.write_off(account, reason="mistake").entry
    assert undo(world, written).available == 30
    owing = world.account(credits=[30])
    (credit,) = world.entries(owing)
    world.org.ledger.transfer(source=owing, target=account, points=30)
    undo(world, credit.id)
    forgiven = world.org.ledger.write_off(owing, reason="mistake")
    assert (forgiven.debt, world.org.ledger.balance(owing).debt) == (30, 0)
    assert undo(world, forgiven.entry).owed == 30
    assert world.org.ledger.balance(owing).debt == 30
    conserved(world, account, owing)


# transfers


@pytest.mark.parametrize("side", [0, 1])
def test_of_a_transfer_both_sides(make_world, side):
    world = make_world(expiry=After(Term.of_days(60)))
    source, target = world.account(credits=[40, 60]), world.account(credits=[5])
    lots, before = world.wallet(source).lots, total(world)
    moved = world.org.ledger.transfer(source=source, target=target, points=70)
    world.org.ledger.transfer(source=source, target=target, points=10)
    world.wait(days=1)
    done = undo(world, (moved.out, moved.into)[side])
    mine, other = (source, target) if not side else (target, source)
    sign = -1 if side else 1
    assert (done.account, done.points, done.counterpart, done.counterpart_points) == (
        mine,
        sign * 70,
        other,
        -sign * 70,
    )
    assert (world.available(source), world.available(target)) == (90, 15)
    # Ten of the second lot left with the other transfer.
    assert [(lot.id, lot.remaining) for lot in world.wallet(source).lots] == [(lots[0].id, 40), (lots[1].id, 50)]
    back, taken = world.entries(source)[-1], world.entries(target)[-1]
    assert (back.corrects, taken.corrects) == (moved.out, moved.into)
    assert (back.counterpart, taken.counterpart) == (target, source)
    assert total(world) == before
    for entry in (moved.out, moved.into):
        assert refusal(undo, world, entry) == "reverse.already"
    event = as_event(back, world.organization.id, ()).event
    assert (event.type, event.points, event.corrects, event.counterpart) == ("points.reversed", 70, moved.out, target)
    conserved(world, source, target)


def test_the_right_one_of_many_at_the_same_instant(world):
    source, target = world.account(credits=[100]), world.account(credits=[100])
    moved = [world.org.ledger.transfer(source=source, target=target, points=points) for points in (1, 2, 3)]
    back = world.org.ledger.transfer(source=target, target=source, points=7)
    done = undo(world, moved[1].into)
    assert {each.corrects for each in (world.entries(source)[-1], world.entries(target)[-1])} == {
        moved[1].out,
        moved[1].into,
    }
    assert (done.points, done.counterpart_points) == (-2, 2)
    assert undo(world, back.out).points == 7
    assert undo(world, moved[2].out).points == 3
    assert (world.available(source), world.available(target)) == (99, 101)
    conserved(world, source, target)


def test_of_what_was_transferred_and_spent_only_what_is_free_and_the_rest_is_owed(world):
    source, target, third = world.account(credits=[50]), world.account(), world.account()
    moved = world.org.ledger.transfer(source=source, target=target, points=50)
    world.org.ledger.transfer(source=target, target=third, points=30)
    before = total(world)
    done = undo(world, moved.out)
    assert (done.points, done.counterpart_points, done.owed) == (50, -50, 30)
    assert [world.available(each) for each in (source, target, third)] == [50, 0, 30], "never from a third account"
    assert (world.org.ledger.balance(target).debt, total(world)) == (30, before)
    conserved(world, source, target, third)


def test_or_what_is_let_go_is_not_given_back(make_world):
    world = make_world(shortfall=Shortfall.CLAMP)
    source, target, third = world.account(credits=[50]), world.account(), world.account()
    moved = world.org.ledger.transfer(source=source, target=target, points=50)
    world.org.ledger.transfer(source=target, target=third, points=30)
    before = total(world)
    done = undo(world, moved.out)
    assert (done.points, done.counterpart_points, done.clamped) == (20, -20, 30)
    assert total(world) == before
    conserved(world, source, target, third)


def test_what_expired_at_the_receiver_does_not_come_back(make_world):
    world = make_world(expiry=After(Term.of_days(10)), grace=Term.of_days(5))
    source, target = world.account(credits=[30]), world.account()
    world.wait(days=5)
    world.org.ledger.credit(source, 40, reason="welcome")
    moved = world.org.ledger.transfer(source=source, target=target, points=70)
    world.wait(days=6)  # the first 30 are gone
    done = undo(world, moved.into)
    assert (done.points, done.counterpart_points) == (-40, 40)
    assert (world.available(source), world.available(target)) == (40, 0)
    conserved(world, source, target)


def test_by_a_factor_what_is_taken_comes_back_in_proportion(make_world):
    policy = TransferPolicy(factor=Fraction(1, 3), arrivals=Arrivals.NEW)
    world = make_world(transfer=policy, shortfall=Shortfall.CLAMP)
    source, target = world.account(credits=[100]), world.account()
    whole = world.org.ledger.transfer(source=source, target=target, points=50)
    assert undo(world, whole.into).counterpart_points == 50, "all of it, though 16 arrived"
    part = world.org.ledger.transfer(source=source, target=target, points=50)
    world.org.ledger.transfer(source=target, target=world.account(), points=9)
    done = undo(world, part.out)
    assert (done.counterpart_points, done.points) == (-7, 50 * 7 // 16)
    conserved(world, source, target)


def test_opposite_reversals_do_not_deadlock(world):
    if "concurrent" not in {each.value for each in world.storage.capabilities}:
        pytest.skip("the store does not declare CONCURRENT")
    one, other = world.account(credits=[100]), world.account(credits=[100])
    there = [world.org.ledger.transfer(source=one, target=other, points=5) for _ in range(2)]
    back = [world.org.ledger.transfer(source=other, target=one, points=5) for _ in range(2)]
    entries = [there[0].out, back[0].out, there[1].into, back[1].into]
    answers = at_once(4, lambda index: undo(world, entries[index]))
    assert not [each for each in answers if isinstance(each, MemberLogicError)], answers
    assert (world.available(one), world.available(other)) == (100, 100)
    conserved(world, one, other)


def test_one_entry_reversed_by_many_at_once_is_reversed_once(world):
    account = world.account(credits=[100, 50])
    entry = world.entries(account)[0].id
    answers = at_once(4, lambda _: undo(world, entry))
    assert sorted(getattr(each, "code", "done") for each in answers) == ["done", *["reverse.already"] * 3]
    assert world.available(account) == 50
    conserved(world, account)


# refusals


def test_every_kind_has_its_row():
    assert set(MEANINGS) == set(EntryKind)
    refused = {kind.value: meaning for kind, meaning in MEANINGS.items() if meaning not in GOES}
    assert refused == {
        "expire": Meaning.REINSTATE,
        "restore": Meaning.WITH_ITS_PURCHASE,
        "return": Meaning.WITH_ITS_PURCHASE,
        "settle": Meaning.NEVER,
        "available": Meaning.NEVER,
        "reverse": Meaning.NEVER,
        "merge_in": Meaning.NEVER,
        "merge_out": Meaning.NEVER,
    }


GOES = (Meaning.TAKE_OR_GIVE, Meaning.BOTH_SIDES)


def test_what_is_not_reversed(make_world):
    world = make_world(expiry=After(Term.of_days(5)))
    account = world.account(credits=[10])
    world.wait(days=6)
    world.org.ledger.settle([world.wallet(account).id])
    expired = world.entries(account)[-1]
    assert refusal(undo, world, expired.id) == "reverse.use_reinstate"
    credit = world.org.ledger.credit(account, 10, reason="welcome").entry
    reversal = undo(world, credit).entries[0]
    assert refusal(undo, world, reversal) == "reverse.not_reversible"


def test_debt_that_settled_itself_is_not_reversed(world):
    account = world.account(credits=[10])
    (credit,) = world.entries(account)
    hold = world.org.ledger.hold(account, 10, until=world.clock.now() + timedelta(days=1)).hold
    undo(world, credit.id)
    world.org.ledger.release(hold)
    settled = world.entries(account)[-1]
    assert settled.kind is EntryKind.SETTLE
    assert refusal(undo, world, settled.id) == "reverse.not_reversible"


@pytest.mark.rule("PTS-1")
def test_accounts_that_are_not_open_do_not_move(world):
    source, target = world.account(credits=[50]), world.account()
    moved = world.org.ledger.transfer(source=source, target=target, points=50)
    for blocked in (source, target):
        world.org.loyalty.block_account(blocked, reason="fraud")
        for entry in (moved.out, moved.into):
            assert refusal(undo, world, entry) == "account.not_open"
        world.org.loyalty.unblock_account(blocked)
    world.org.loyalty.close_account(source)
    assert refusal(undo, world, moved.into) == "account.not_open"


@pytest.mark.rule("PTS-1")
def test_nothing_comes_back_where_every_holder_is_blocked_but_it_is_taken(world):
    member = world.member()
    account = world.account(member=member, credits=[50])
    credit = world.entries(account)[0].id
    taken = world.org.ledger.adjust(account, -5, reason="mistake").entry
    world.org.members.block(member, reason="fraud")
    assert refusal(undo, world, taken) == "account.every_holder_blocked"
    assert undo(world, credit).points == -45


def test_no_member_reverses_and_what_is_not_there_is_not_found(world):
    member = world.member()
    account = world.account(member=member, credits=[5])
    (credit,) = world.entries(account)
    mine = world.acting_as(Actor.member(member)).ledger
    with pytest.raises(PermissionDenied):
        mine.reverse(credit.id, reason="mistake")
    other = World(world.storage)
    for ledger, id in ((world.org.ledger, new_id()), (other.org.ledger, credit.id)):
        with pytest.raises(NotFound):
            ledger.reverse(id, reason="mistake")


def test_a_key_answers_the_first_result(world):
    account = world.account(credits=[10])
    credit = world.entries(account)[0].id
    first = undo(world, credit, idempotency_key="k")
    assert undo(world, credit, idempotency_key="k") == first


def test_the_order_of_refusals():
    assert [each.name for each in REVERSING] == [
        "kind_must_be_reversible",
        "must_not_be_reversed",
        "accounts_must_be_open",
        "somebody_must_receive",
    ]


# any history

steps = st.lists(
    st.tuples(
        st.sampled_from(["credit", "transfer", "adjust", "hold", "capture", "write_off", "wait", "revive", "reverse"]),
        st.integers(0, 1),
        st.integers(1, 40),
    ),
    max_size=30,
)


@settings(max_examples=150)
@given(does=steps, shortfall=st.sampled_from(Shortfall), grace=st.sampled_from([None, 3]), pick=st.randoms())
def test_after_any_history_nothing_is_taken_or_given_twice(does, shortfall, grace, pick):
    """What an entry brought in and what the club took of it are never less than 0 apart: over its life each entry's
    points are taken back at most once, by whatever takes them; a reversed transfer changes no club total.
    """
    world = World(
        MemoryStorage(),
        expiry=After(Term.of_days(9)),
        shortfall=shortfall,
        grace=None if grace is None else Term.of_days(grace),
        reinstating=None if grace is None else Term.of_days(30),
        adjusting=AdjustingPolicy(),
    )
    ledger, accounts, holds = world.org.ledger, [world.account(), world.account()], []
    for what, index, points in does:
        account, now = accounts[index], world.clock.now()
        available = world.available(account)
        if what == "credit":
            ledger.credit(account, points, reason="welcome")
        elif what == "transfer" and 0 < points <= available:
            ledger.transfer(source=account, target=accounts[1 - index], points=points)
        elif what == "adjust":
            ledger.adjust(account, points if points % 2 else -min(points, available) or 1, reason="goodwill")
        elif what == "hold" and points <= available:
            holds.append(ledger.hold(account, points, until=now + timedelta(days=points)).hold)
        elif what == "capture" and holds:
            hold = holds.pop()
            if ledger.find_hold(hold).state.value == "open":
                ledger.capture(hold)
        elif what == "write_off":
            balance = ledger.balance(account)
            if not balance.held and (balance.available or balance.debt):
                ledger.write_off(account, reason="goodwill")
        elif what == "wait":
            world.wait(days=points % 6)
        elif what == "revive" and grace is not None:
            try:
                ledger.reinstate(account, reason="goodwill")
            except MemberLogicError as none:
                assert none.code == "reinstate.nothing"
        elif what == "reverse" and (entries := world.entries(account)):
            one_reversal(world, pick.choice(entries), accounts)
    conserved(world, *accounts)
    for account in accounts:
        wallet = world.wallet(account)
        assert not wallet.debt or wallet.remaining == wallet.held or world.org.ledger.balance(account).available == 0


def one_reversal(world, entry, accounts):
    """Reverse an entry, and look at what it did to the club."""
    before, seen = total(world), [each for account in accounts for each in world.entries(account)]
    reversed_before = any(each.kind is EntryKind.REVERSE and each.corrects == entry.id for each in seen)
    try:
        done = world.org.ledger.reverse(entry.id, reason="mistake")
    except MemberLogicError as refused:
        if reversed_before:
            assert refused.code == "reverse.already"
        elif MEANINGS[entry.kind] in GOES:
            assert refused.code in ("reverse.nothing_left",)
        return
    assert not reversed_before
    assert MEANINGS[entry.kind] in GOES
    if entry.amount > 0:
        assert 0 <= -done.points <= entry.amount
        assert -done.points + done.clamped <= entry.amount
    else:
        assert 0 <= done.points <= -entry.amount
    if MEANINGS[entry.kind] is Meaning.BOTH_SIDES:
        assert done.points + done.counterpart_points == 0
        assert total(world) == before - done.expired
    else:
        assert total(world) == before + done.points - done.expired


@pytest.mark.rule("PTS-14")
@pytest.mark.parametrize("first", ["transfer", "adjustment"])
def test_what_the_club_took_from_the_receiver_of_a_transfer_is_not_taken_from_the_giver(make_world, first):
    """3 are sent, of which 2 are adjusted away: the giver gets all 3 back, the receiver owes 2 until that is undone."""
    world = make_world(expiry=After(Term.of_days(3000)), grace=Term.of_days(3000))
    ledger, giver, receiver = world.org.ledger, world.account(credits=[3]), world.account()
    mistakes = {"credit": world.entries(giver)[0].id}
    mistakes["transfer"] = ledger.transfer(source=giver, target=receiver, points=3).out
    ledger.adjust(receiver, -2, reason="goodwill")
    mistakes["adjustment"] = world.entries(receiver)[-1].id
    undone = ledger.reverse(mistakes.pop(first), reason="mistake")
    if first == "transfer":
        assert (undone.points, world.available(giver), ledger.balance(receiver).debt) == (3, 3, 2)
    for each in sorted(mistakes, reverse=True):
        ledger.reverse(mistakes[each], reason="mistake")
    for account in (giver, receiver):
        balance = ledger.balance(account)
        assert (balance.available, balance.debt, sum(each.amount for each in world.entries(account))) == (0, 0, 0)
    conserved(world, giver, receiver)


history = st.lists(
    st.tuples(
        st.sampled_from(
            ["credit", "credit", "transfer", "adjust", "capture", "write_off", "wait", "revive", "reverse"]
        ),
        st.integers(0, 1),
        st.integers(1, 40),
    ),
    max_size=20,
)


@settings(max_examples=150)
@given(does=history, expires=st.booleans(), pick=st.randoms())
def test_when_everything_is_reversed_nothing_is_left_and_nothing_owed(does, expires, pick):
    """In whatever order: then all entries of an account come to 0. So nothing was taken or given twice, or forgotten.

    Where points expire there are no transfers (what expires at a receiver is the receiver's), and no reversals before
    the end: what comes back into lots that expire is gone a second time, by the clock.
    """
    world = World(
        MemoryStorage(),
        expiry=After(Term.of_days(9 if expires else 3000)),
        grace=Term.of_days(3000 if not expires else 5),
        reinstating=Term.of_days(30),
    )
    ledger, accounts = world.org.ledger, [world.account(), world.account()]
    for what, index, points in does:
        account = accounts[index]
        available = world.available(account)
        if what == "credit":
            ledger.credit(account, points, reason="welcome")
        elif what == "transfer" and points <= available and not expires:
            ledger.transfer(source=account, target=accounts[1 - index], points=points)
        elif what == "adjust":
            ledger.adjust(account, points if points % 2 else -min(points, available) or 1, reason="goodwill")
        elif what == "capture" and points <= available:
            ledger.capture(ledger.hold(account, points, until=world.clock.now() + timedelta(days=1)).hold)
        elif what == "write_off" and (available or ledger.balance(account).debt):
            ledger.write_off(account, reason="goodwill")
        elif what == "wait" and expires:
            world.wait(days=points % 6)
        elif what == "revive":
            _attempt(lambda account=account: ledger.reinstate(account, reason="goodwill"))
        elif what == "reverse" and not expires and (entries := world.entries(account)):
            _attempt(lambda entries=entries: ledger.reverse(pick.choice(entries).id, reason="mistake"))
    world.ml.run_jobs()  # a refusal writes nothing down, not even what fell due
    entries = [each for account in accounts for each in world.entries(account)]
    pick.shuffle(entries)
    for each in (*entries, *entries):  # what the club took by mistake has to be given back before it can be taken
        _attempt(lambda each=each: ledger.reverse(each.id, reason="mistake"))
    conserved(world, *accounts)
    assert [sum(each.amount for each in world.entries(account)) for account in accounts] == [0, 0]
    for account in accounts:
        balance = ledger.balance(account)
        assert (balance.available, balance.debt) == (0, 0)


def _attempt(act):
    try:
        act()
    except MemberLogicError as refused:
        assert refused.code.startswith(("reverse.", "reinstate.")), refused
