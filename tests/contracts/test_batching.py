"""CON-18: the same freeze, or days given, for many contracts: looked at, run in chunks, undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import contract, freeze, terms

from memberlogic.calendar import Term
from memberlogic.contracts.batches import FreezeAll, GiveDays, LineState, Named, OpenAt, stamp
from memberlogic.contracts.model import Cancellation, CancellationKind, ContractStatus, Gift
from memberlogic.contracts.rates import EndsWithTerm, Extends, FreezePolicy, RunsOn
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import spans
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import ContractBatchId, ContractId, GiftId, new_id
from memberlogic.testing import World

pytestmark = pytest.mark.rule("CON-18")

TODAY = date(2026, 1, 15)
ALLOWED = FreezePolicy(allowed=True)
CLOSED = FreezeAll(since=TODAY + timedelta(days=10), until=TODAY + timedelta(days=24), reason="closed")
WEEK = GiveDays(days=7, reason="flood")


def later(days):
    return TODAY + timedelta(days=days)


def gift(on, days, **said):
    return Gift(id=GiftId(new_id()), given_on=on, days=days, reason="flood", **said)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 30)), max_size=4),
    st.sampled_from([EndsWithTerm(), Extends(Term.of_months(1))]),
)
def test_every_later_end_of_a_term_moves_by_the_days_given_and_nobody_is_frozen(given_days, renewal):
    made = contract(terms(term=Term.of_months(6), renewal=renewal, freezes=ALLOWED), signed=TODAY)
    course = Course.of(evolve(made, gifts=tuple(gift(later(on), days) for on, days in given_days)))
    end, day, left = Course.of(made).term_end(course.stretches[0], 0), None, sorted(given_days)
    while left and later(left[0][0]) < end:
        end += timedelta(days=left.pop(0)[1])
    assert course.term_end(course.stretches[0], 0) == end
    assert not course.frozen
    assert day is None
    back = evolve(made, gifts=tuple(gift(later(on), days, taken_back_on=later(on)) for on, days in given_days))
    assert (Course.of(back).expires_on, spans(Course.of(back))) == (
        Course.of(made).expires_on,
        spans(Course.of(made)),
    )


def test_days_given_and_days_frozen_add_up_and_no_limit_of_the_rate_counts_a_gift():
    rate = terms(term=Term.of_days(100), freezes=FreezePolicy(allowed=True, most_days_a_year=5, most_a_year=1))
    made = contract(rate, signed=TODAY, freezes=(freeze(later(10), later(15)),), gifts=(gift(later(12), 20),))
    assert Course.of(made).expires_on == later(125)


@settings(max_examples=20)
@given(st.permutations(range(3)))
def test_what_tells_whether_a_contract_was_touched_sees_facts_and_not_announcements(order):
    freezes = tuple(freeze(later(10 * each), later(10 * each + 1)) for each in range(3))
    made = contract(terms(freezes=ALLOWED), signed=TODAY, freezes=freezes)
    same = evolve(
        made, freezes=tuple(freezes[each] for each in order), announced_to=later(50), version=made.version + 3
    )
    assert stamp(same) == stamp(made)
    assert stamp(evolve(made, freezes=freezes[:2])) != stamp(made)
    assert stamp(evolve(made, gifts=(gift(TODAY, 1),))) != stamp(made)


@pytest.fixture
def club(world):
    """Contracts of a studio of which one takes no freeze, one has run on for long, and one is over."""
    contracts = {
        "one": world.contract(rate=world.rate(freezes=ALLOWED)),
        "two": world.contract(rate=world.rate(freezes=ALLOWED)),
        "rigid": world.contract(rate=world.rate()),
        "endless": world.contract(
            rate=world.rate(term=Term.of_days(5), renewal=RunsOn(), freezes=ALLOWED),
            signed_on=later(-30),
            start_on=later(-30),
        ),
        "over": world.contract(rate=world.rate(), signed_on=date(2024, 1, 1), start_on=date(2024, 1, 1)),
    }
    world.contract(studio=world.studio("south"))
    return contracts


def finished(step, batch, limit=2):
    told = step(batch, limit=limit)
    while not told.finished:
        told = step(batch, limit=limit)
    return told


def lines_of(world, batch, club):
    names = {id: name for name, id in club.items()}
    return {names[each.contract]: (each.state, each.code) for each in world.org.contracts.batch_lines(batch)}


def test_all_open_contracts_of_a_studio_are_frozen_but_those_that_are_left_out_with_why(world, club):
    opened = world.org.contracts.open_batch(CLOSED, OpenAt(studio="north"), without=[club["two"]])
    assert (opened.waiting, opened.left_out) == (3, 1)
    assert world.org.contracts.freezes(club["one"]) == ()
    preview = world.org.contracts.check_batch(opened.batch)
    told = {each.contract: each for each in preview.lines}
    assert told[club["one"]].moves.expires_on.after == date(2027, 1, 29)
    assert told[club["rigid"]].code == "freeze.not_allowed"
    assert world.org.contracts.freezes(club["one"]) == ()
    done = finished(world.org.contracts.run_batch, opened.batch)
    assert (done.done, done.left_out, done.waiting) == (2, 2, 0)
    assert lines_of(world, opened.batch, club) == {
        "one": (LineState.DONE, None),
        "two": (LineState.LEFT_OUT, "batch.opted_out"),
        "rigid": (LineState.LEFT_OUT, "freeze.not_allowed"),
        "endless": (LineState.DONE, None),
    }
    (filed,) = world.org.contracts.freezes(club["one"])
    assert (filed.since, filed.until, filed.reason) == (CLOSED.since, CLOSED.until, "closed")
    world.wait(days=12)
    assert world.org.contracts.get(club["endless"]).status is ContractStatus.FROZEN


def test_days_are_given_whatever_the_rate_says_of_freezes(world, club):
    opened = world.org.contracts.open_batch(WEEK, Named(contracts=list(club.values())))
    done = finished(world.org.contracts.run_batch, opened.batch)
    assert (done.done, done.left_out) == (3, 2)
    assert lines_of(world, opened.batch, club) == {
        "one": (LineState.DONE, None),
        "two": (LineState.DONE, None),
        "rigid": (LineState.DONE, None),
        "endless": (LineState.LEFT_OUT, "gift.moves_nothing"),
        "over": (LineState.LEFT_OUT, "state.illegal_transition"),
    }
    assert world.org.contracts.get(club["rigid"]).expires_on == date(2027, 1, 22)
    given_to = [each.event for each in world.events() if each.event.type == "contract.days_given"]
    assert sorted(each.contract for each in given_to) == sorted([club["one"], club["two"], club["rigid"]])


@pytest.mark.parametrize("action", [CLOSED, WEEK], ids=["freeze", "days"])
def test_a_batch_is_undone_where_nothing_else_was_filed_since(world, club, action):
    before = {name: spans(Course.of(world.stored_contract(club[name]))) for name in ("one", "two")}
    ids = [club["one"], club["two"]]
    batch = world.org.contracts.open_batch(action, Named(contracts=ids)).batch
    finished(world.org.contracts.run_batch, batch)
    world.org.contracts.freeze(club["two"], since=later(100), until=later(101), reason="trip")
    world.wait(days=3)
    world.ml.run_jobs()
    undone = finished(world.org.contracts.undo_batch, batch, limit=1)
    assert (undone.undone, undone.restored, undone.kept) == (True, 1, 1)
    assert lines_of(world, batch, club) == {
        "one": (LineState.UNDONE, None),
        "two": (LineState.KEPT, "batch.touched_since"),
    }
    assert spans(Course.of(world.stored_contract(club["one"]))) == before["one"]
    assert spans(Course.of(world.stored_contract(club["two"]))) != before["two"]
    assert world.org.contracts.undo_batch(batch) == undone
    assert world.org.contracts.run_batch(batch) == undone


@pytest.mark.rule("COM-8")
def test_whether_it_can_be_undone_does_not_hang_on_how_often_jobs_ran(world):
    """A renewal that was announced since is nothing that was filed."""
    monthly = world.rate(term=Term.of_months(1), renewal=Extends(Term.of_months(1)))
    ids = [world.contract(rate=monthly) for _ in range(2)]
    batch = world.org.contracts.open_batch(GiveDays(days=1, reason="flood"), Named(contracts=ids)).batch
    world.wait(days=20)
    world.org.contracts.run_batch(batch)
    world.org.contracts.settle([ids[0]])
    told = world.org.contracts.undo_batch(batch)
    assert (told.restored, told.kept) == (2, 0)


def test_what_began_or_was_used_is_kept(world):
    rate = world.rate(freezes=ALLOWED, term=Term.of_days(20))
    frozen, short = world.contract(rate=rate), world.contract(rate=rate)
    first = world.org.contracts.open_batch(CLOSED, Named(contracts=[frozen])).batch
    second = world.org.contracts.open_batch(GiveDays(days=20, reason="flood"), Named(contracts=[short])).batch
    for each in (first, second):
        world.org.contracts.run_batch(each)
    world.wait(days=20)
    assert world.org.contracts.undo_batch(first).kept == 1
    assert world.org.contracts.undo_batch(second).kept == 1
    codes = [world.org.contracts.batch_lines(each)[0].code for each in (first, second)]
    assert codes == ["freeze.begun", "gift.used"]
    assert world.org.contracts.get(short).expires_on == later(40)


def test_what_waits_when_a_batch_is_undone_is_left_out(world, club):
    batch = world.org.contracts.open_batch(WEEK, Named(contracts=[club["one"], club["two"]])).batch
    world.org.contracts.run_batch(batch, limit=1)
    told = finished(world.org.contracts.undo_batch, batch)
    assert (told.restored, told.left_out, told.done) == (1, 1, 0)
    assert world.org.contracts.run_batch(batch) == told


def test_a_contract_under_notice_is_given_no_days(world):
    from memberlogic.contracts.giving import GIVING, GivingFacts
    from memberlogic.contracts.moving import moved_by
    from memberlogic.contracts.posting import settled

    cancelled = Cancellation(
        kind=CancellationKind.ORDINARY, reason="moved", received_on=TODAY, filed_on=TODAY, effective_on=later(40)
    )
    made = contract(terms(), signed=TODAY, cancellation=cancelled)
    more = evolve(made, gifts=(gift(TODAY, 5),))
    facts = GivingFacts(before=settled(made, world.clock.now()), moves=moved_by(made, more, TODAY))
    assert [each.code for each in GIVING.refusals(facts)] == ["gift.under_notice"]


def test_the_audience_is_there(world, club):
    with pytest.raises(InvalidInput) as caught:
        Named(contracts=[])
    assert caught.value.path == "contracts"
    with pytest.raises(NotFound):
        world.org.contracts.open_batch(WEEK, Named(contracts=[club["one"], ContractId(new_id())]))
    with pytest.raises(NotFound):
        world.org.contracts.open_batch(WEEK, OpenAt(studio="nowhere"))
    with pytest.raises(NotFound):
        world.org.contracts.run_batch(ContractBatchId(new_id()))
    other = World(world.storage)
    batch = world.org.contracts.open_batch(WEEK, Named(contracts=[club["one"]])).batch
    with pytest.raises(NotFound):
        other.org.contracts.batch(batch)


@pytest.mark.rule("COM-9")
def test_the_same_key_runs_a_chunk_once(world, club):
    batch = world.org.contracts.open_batch(WEEK, Named(contracts=[club["one"], club["two"]])).batch
    first = world.org.contracts.run_batch(batch, limit=1, idempotency_key="chunk 1")
    assert world.org.contracts.run_batch(batch, limit=1, idempotency_key="chunk 1") == first
    assert (world.org.contracts.batch(batch).done, first.done) == (1, 1)


def test_people_on_several_contracts_of_a_batch_are_what_these_make_of_them(world):
    """MEM-18: all of their contracts count, changed or not."""
    member = world.member()
    today = FreezeAll(since=TODAY, until=later(10), reason="closed")
    ids = [world.contract(member=member, rate=world.rate(freezes=ALLOWED)) for _ in range(2)]
    ids.append(world.contract(member=member, rate=world.rate(), start_on=later(40)))
    batch = world.org.contracts.open_batch(today, Named(contracts=ids)).batch
    assert world.org.contracts.run_batch(batch).done == 2
    details = [each.detail.value for each in world.org.members.membership(member).spans]
    assert details == ["frozen", "active", "expired"]
    assert world.org.contracts.check_batch(batch).lines == ()


@pytest.mark.rule("CON-12")
def test_days_given_go_with_a_transfer_and_a_contract_under_transfer_is_left_out(world):
    id = world.contract(rate=world.rate(freezes=ALLOWED))
    batch = world.org.contracts.open_batch(WEEK, Named(contracts=[id])).batch
    world.org.contracts.run_batch(batch)
    world.studio("south")
    follows = world.org.contracts.transfer(id, studio="south", on=later(30)).successor
    assert world.stored_contract(follows).gifts == world.stored_contract(id).gifts
    assert world.org.contracts.get(follows).expires_on == date(2027, 1, 22)
    assert world.org.contracts.undo_batch(batch).kept == 1
    again = world.org.contracts.open_batch(CLOSED, Named(contracts=[id])).batch
    world.org.contracts.run_batch(again)
    assert world.org.contracts.batch_lines(again)[0].code == "batch.transferred"
    filed = world.org.contracts.freeze(id, since=later(10), until=later(20), reason="ill")
    assert [each.id for each in world.stored_contract(follows).freezes] == [filed.freeze]
