"""The course of a run is what really became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.care.club import Club, call, days, mail

from memberlogic import converting
from memberlogic.calendar import Term
from memberlogic.care.courses import Course, HappeningKind
from memberlogic.care.model import RunState
from memberlogic.errors import NotFound
from memberlogic.ids import CareRunId, new_id
from memberlogic.organizations.model import Tier
from memberlogic.testing import RecordingNotifier, World

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def club(storage):
    return Club(World(storage, at=START))


def told(course):
    return [(each.kind, each.name) for each in course.happenings]


@pytest.mark.rule("CARE-18")
def test_a_course_tells_what_was_assigned_opened_and_done_and_what_it_waits_for(club):
    member = club.member()
    run = club.assign(member).run
    club.world.wait(days=5)
    (open_,) = club.active(member).open
    club.care.complete(open_.step, outcome="reached")
    course = club.care.course(run)
    assert told(course) == [
        (HappeningKind.ASSIGNED, None),
        (HappeningKind.OPENED, "Call"),
        (HappeningKind.DONE, "Call"),
    ]
    assert [each.day.isoformat() for each in course.days] == ["2026-03-02", "2026-03-05", "2026-03-07"]
    assert (course.state, course.ended_at) == (RunState.RUNNING, None)
    assert [each.code for each in course.waits] == ["care.runs", "care.waits_until"]
    assert "Done: Call" in course.as_svg()
    assert "runs since" in course.as_svg()
    assert "Not yet." in course.as_svg(["Not yet."])
    assert "runs since" not in course.as_svg([])


@pytest.mark.rule("CARE-18")
def test_what_is_skipped_is_not_said_to_be_done(club):
    member = club.member()
    run = club.assign(member).run
    club.world.wait(days=3)
    (open_,) = club.active(member).open
    club.care.skip(open_.step, reason="on_holiday")
    assert told(club.care.course(run))[-1] == (HappeningKind.SKIPPED, "Call")


@pytest.mark.rule("CARE-18")
def test_a_run_that_is_closed_ended_early_and_waits_for_nothing(club):
    run = club.assign(club.member()).run
    club.world.wait(days=1)
    club.care.close(run, reason="by_wish")
    club.world.wait(days=30)
    course = club.care.course(run)
    assert told(course) == [(HappeningKind.ASSIGNED, None), (HappeningKind.CANCELLED, None)]
    assert (course.state, course.ended_at, course.waits) == (RunState.CANCELLED, START + timedelta(days=1), ())


@pytest.mark.rule("CARE-14", "CARE-18")
def test_a_message_that_nobody_got_is_told_as_not_sent(club):
    member = club.member()
    run = club.assign(member, club.messages_only("Mail", days=1)).run
    club.world.wait(days=1)
    club.world.ml.run_jobs()
    assert told(club.care.course(run))[1] == (HappeningKind.MESSAGE, "Mail")
    club.world.ml.relay(RecordingNotifier())
    assert told(club.care.course(run)) == [
        (HappeningKind.ASSIGNED, None),
        (HappeningKind.NOT_SENT, "Mail"),
        (HappeningKind.COMPLETED, None),
    ]


@pytest.mark.rule("CARE-3", "CARE-18")
def test_pauses_are_told_where_they_lie_and_none_that_was_over_before(club):
    world = club.world
    world.ml.change_tier(world.organization.id, Tier.BASIC)
    world.wait(days=2)
    world.ml.change_tier(world.organization.id, Tier.PRO)
    club.again()
    member = world.member()
    club.join(member, rate=world.rate(term=Term.of_days(5)))
    run = club.assign(member, club.another_flow("Later", call(days(30)))).run
    world.wait(days=10)
    paused = club.care.course(run)
    assert told(paused) == [(HappeningKind.ASSIGNED, None), (HappeningKind.PAUSED, None)]
    assert paused.state is RunState.PAUSED
    club.join(member)
    world.wait(days=1)
    assert told(club.care.course(run))[2:] == [(HappeningKind.RESUMED, None)]


@pytest.mark.rule("CARE-18")
def test_a_run_that_is_not_there_has_no_course(club):
    with pytest.raises(NotFound):
        club.care.course(CareRunId(new_id()))


@pytest.mark.rule("CARE-16", "CARE-18")
@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(1, 200), st.sampled_from(["wait", "jobs", "done", "skip"])), max_size=6))
def test_a_course_says_of_each_milestone_what_the_run_does_and_asking_writes_nothing(storage, moves):
    club = Club(World(storage, at=START))
    member = club.member()
    flow = club.another_flow("Four", call(days(2)), mail(days(1)), call(days(3)))
    run = club.assign(member, flow).run
    for hours, happens in moves:
        club.world.wait(hours=hours)
        open_ = [each.step for each in club.care.run(run).open]
        match happens:
            case "jobs":
                club.world.ml.run_jobs()
            case "done" if open_:
                club.care.complete(open_[0], outcome="reached")
            case "skip" if open_:
                club.care.skip(open_[0], reason="by_wish")
    before = club.world.events()
    course, real = club.care.course(run), club.care.run(run)
    assert club.world.events() == before
    assert (course.state, course.ended_at, course.start) == (real.state, real.ended_at, real.assigned_at)
    started = [each for each in real.milestones if each.step is not None]
    assert [(each.place, each.turn, each.state, each.due_at, each.done_at, each.outcome) for each in course.steps] == [
        (each.place, each.turn, each.state, each.due_at, each.done_at, each.outcome) for each in started
    ]
    assert converting.from_json(Course, converting.to_json(course)) == course
