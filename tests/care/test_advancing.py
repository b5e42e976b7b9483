"""CARE-2, CARE-3, CARE-16: the course of a run, whenever it is looked at."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.care.drawing import CALL, LONG, MAIL, START, counting, histories, instants, run_of, runs

from memberlogic.calendar import Term
from memberlogic.care.advancing import AUTOMATIC, MESSAGE, VISIT, Heard, advance, awaited
from memberlogic.care.flows import After, DelayUnit, Milestone, On, Unseen
from memberlogic.care.model import Pause, StepState

END = datetime(2027, 6, 1, tzinfo=UTC)


def days(length):
    return After(length=length, unit=DelayUnit.DAYS)


def mail(schedule):
    return Milestone(name="mail", schedule=schedule, message=MAIL)


def call(schedule):
    return Milestone(name="call", schedule=schedule, action=CALL)


def heard(day, kind=VISIT, number=1, **figures):
    return Heard(id=_id(number), kind=kind, at=START + timedelta(days=day), figures=figures)


def _id(number):
    return counting_from(number)()


def counting_from(number):
    make = counting()
    for _ in range(number - 1):
        make()
    return make


def after(day):
    return START + timedelta(days=day)


def course(run, events=(), until=END):
    return advance(run, events, until, counting()).run


def plain(run):
    """A run without the ids that were made on the way."""
    return evolve(run, steps=tuple(evolve(each, id=_id(1), message=each.message and _id(1)) for each in run.steps))


@pytest.mark.rule("CARE-2", "CARE-14")
def test_messages_alone_follow_one_another_from_when_each_was_due():
    done = course(run_of(mail(days(0)), mail(days(3)), mail(days(4))))
    assert [(each.due_at, each.done_at, each.outcome) for each in done.steps] == [
        (after(0), after(0), MESSAGE),
        (after(3), after(3), MESSAGE),
        (after(7), after(7), MESSAGE),
    ]
    assert done.ended is not None
    assert (done.ended.at, done.ended.reason) == (after(7), None)


@pytest.mark.rule("CARE-2", "CARE-6")
def test_after_an_action_the_next_counts_from_when_it_was_done_or_counts_as_completed():
    first = course(run_of(call(days(1)), mail(days(2)), automatic=Term.of_days(5)))
    assert [(each.due_at, each.done_at, each.outcome) for each in first.steps] == [
        (after(1), after(6), AUTOMATIC),
        (after(8), after(8), MESSAGE),
    ]
    waits = course(run_of(call(days(1)), mail(days(2))))
    assert [each.state for each in waits.steps] == [StepState.ACTIVE]


@pytest.mark.rule("CARE-3", "CARE-6")
def test_automatic_completion_stands_still_too():
    paused = [Pause(since=after(3), until=after(10))]
    done = course(run_of(call(days(1)), automatic=Term.of_days(5), stands_still=paused))
    assert done.steps[0].done_at == after(13)


@pytest.mark.rule("CARE-2")
def test_an_event_before_the_previous_milestone_was_done_does_not_count_nor_one_in_a_pause():
    flow = (mail(days(3)), mail(On(kind="purchase.recorded", where={"studio": "north"})))
    events = [
        heard(2, "purchase.recorded", 1, studio="north"),
        heard(3, "purchase.recorded", 2, studio="north"),
        heard(4, "purchase.recorded", 3, studio="south"),
        heard(6, "purchase.recorded", 4, studio="north"),
        heard(9, "purchase.recorded", 5, studio="north"),
    ]
    assert course(run_of(*flow), events).steps[1].due_at == after(6)
    paused = [Pause(since=after(5), until=after(7))]
    assert course(run_of(*flow, stands_still=paused), events).steps[1].due_at == after(9)


@pytest.mark.rule("CARE-2")
def test_a_milestone_repeats_on_every_further_event_up_to_its_limit_beside_what_follows():
    flow = (call(On(kind=VISIT, times=3)), mail(days(10)), mail(days(100)))
    events = [heard(day, VISIT, number) for number, day in enumerate((1, 2, 3, 4), 1)]
    done = course(run_of(*flow, automatic=Term.of_days(1)), events)
    assert [(each.place, each.turn, each.due_at) for each in done.steps] == [
        (0, 0, after(1)),
        (0, 1, after(2)),
        (0, 2, after(3)),
        (1, 0, after(12)),
        (2, 0, after(112)),
    ]


@pytest.mark.rule("CARE-2")
def test_a_last_milestone_that_repeats_is_done_when_its_limit_is_reached():
    events = [heard(day, VISIT, number) for number, day in enumerate((1, 2), 1)]
    open_ = course(run_of(mail(On(kind=VISIT, times=3))), events)
    assert open_.active
    assert awaited(open_) == {VISIT}
    assert not course(run_of(mail(On(kind=VISIT, times=2))), events).active


@pytest.mark.rule("CARE-2")
def test_no_visit_for_so_many_days_counts_from_the_last_visit():
    run = run_of(mail(Unseen(days=7)))
    assert course(run).steps[0].due_at == after(7)
    assert course(run, [heard(5), heard(9, number=2)]).steps[0].due_at == after(16)
    assert course(run, [heard(-3), heard(8)]).steps[0].due_at == after(7)


@pytest.mark.rule("CARE-2")
def test_a_milestone_without_a_schedule_never_starts():
    assert [each.place for each in course(run_of(mail(days(1)), mail(None), mail(days(1)))).steps] == [0]


@pytest.mark.rule("CARE-16", "CARE-3")
@settings(max_examples=300)
@given(runs(), histories(), st.lists(instants, max_size=12))
def test_looking_at_a_run_often_or_once_gives_the_same_course(run, events, looks):
    once = advance(run, events, END, counting())
    new_id, often, messages, said = counting(), run, [], []
    for at in [*sorted(looks), END]:
        step = advance(often, events, at, new_id)
        often = step.run
        messages += step.messages
        said += step.events
    assert often == once.run
    assert tuple(messages) == once.messages
    assert tuple(said) == once.events


@pytest.mark.rule("CARE-16")
@settings(max_examples=300)
@given(runs(), histories(), instants)
def test_nothing_comes_about_before_the_next_change_and_something_then(run, events, now):
    known = [each for each in events if each.at <= now]
    looked = advance(run, known, now, counting())
    if not looked.run.active:
        assert looked.next_change is None
        return
    following = looked.next_change
    if following is None:
        assert advance(looked.run, known, END + LONG, counting()).run == looked.run
        return
    assert following > now
    just_before = following - timedelta(microseconds=1)
    assert advance(looked.run, known, just_before, counting()).run == looked.run
    assert advance(looked.run, known, following, counting()).run != looked.run


@pytest.mark.rule("CARE-3")
@given(runs(), histories())
def test_nothing_starts_or_counts_as_completed_while_time_stands_still(run, events):
    done = course(run, events)
    for step in done.steps:
        inside = [pause for pause in run.pauses if pause.since < step.due_at and step.due_at in pause]
        assert not inside
        if step.outcome == AUTOMATIC:
            assert not any(pause.since < step.done_at and step.done_at in pause for pause in run.pauses)


@pytest.mark.rule("CARE-1")
@given(runs(), histories())
def test_milestones_are_reached_in_their_order_one_after_the_other(run, events):
    done = course(run, events)
    firsts = [each for each in done.steps if each.turn == 0]
    assert [each.place for each in firsts] == list(range(len(firsts)))
    for one, next_ in pairwise(firsts):
        assert one.done_at is not None
        assert one.done_at <= next_.due_at


@st.composite
def histories_told_late(draw):
    """What happens to a member, each told when it happened or up to some weeks later."""
    hours = st.just(0) | st.integers(1, 24 * 40)
    lates = [(each, draw(hours)) for each in draw(histories())]
    return [evolve(each, told_at=each.at + timedelta(hours=late)) if late else each for each, late in lates]


@pytest.mark.rule("CARE-16", "COM-8")
@settings(max_examples=500)
@given(runs(), histories_told_late(), st.lists(instants, max_size=12))
def test_what_is_told_late_gives_the_same_course_whether_anybody_looked_before_or_not(run, events, looks):
    """Whoever looks knows what was told by then, and writes down what it came to; what fired stands."""
    end = END + LONG
    once = advance(run, events, end, counting()).run
    new_id, often = counting(), run
    for at in [*sorted(looks), end]:
        known = [each for each in events if (each.told_at or each.at) <= at]
        looked = advance(often, known, at, new_id).run
        assert {each.id for each in often.steps} <= {each.id for each in looked.steps}
        often = looked if looked == often else evolve(looked, effective_at=at)
    assert plain(evolve(often, effective_at=run.effective_at)) == plain(once)


@pytest.mark.rule("CARE-2", "COM-21")
def test_what_fired_stands_and_what_was_told_late_is_one_repeat_more():
    run = run_of(call(On(kind=VISIT, times=3)), mail(days(1)))
    late = evolve(heard(4, number=2), told_at=after(6))
    done = course(run, [heard(5), late], after(7))
    assert [(each.turn, each.due_at) for each in sorted(done.steps, key=lambda each: each.turn)] == [
        (0, after(5)),
        (1, after(4)),
    ]
    early = evolve(heard(4, number=2), told_at=after(5) - timedelta(hours=1))
    assert [each.due_at for each in course(run, [heard(5), early], after(7)).steps] == [after(4), after(5)]


@pytest.mark.rule("CARE-2", "COM-21")
def test_what_was_told_late_starts_nothing_twice_and_nothing_beyond_the_limit():
    late = evolve(heard(4, number=2), told_at=after(6))
    done = course(run_of(call(On(kind=VISIT)), mail(days(1))), [heard(5), late], after(7))
    assert [each.due_at for each in done.steps] == [after(5)]
    last = course(run_of(mail(On(kind=VISIT, times=2))), [heard(5), late], after(7))
    assert last.ended is not None
    assert last.ended.at == after(5)


@pytest.mark.rule("CARE-2")
def test_a_visit_that_was_told_too_late_puts_nothing_off():
    run = run_of(mail(Unseen(days=4)), mail(days(1)))
    assert course(run, [evolve(heard(3), told_at=after(10))], after(12)).steps[0].due_at == after(4)
    assert course(run, [evolve(heard(3), told_at=after(4) - timedelta(hours=1))]).steps[0].due_at == after(7)
