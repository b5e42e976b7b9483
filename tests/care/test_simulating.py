"""The course that a run would take is the course that it takes."""

import xml.dom.minidom
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.care.club import Club, call, days, mail
from tests.care.drawing import milestones

from memberlogic import converting
from memberlogic.calendar import Term, instant_of
from memberlogic.care.courses import Course, HappeningKind
from memberlogic.care.flows import FlowTerms, On
from memberlogic.care.model import RunState
from memberlogic.care.simulating import PlannedEvent
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import new_id
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
WELCOME = FlowTerms(name="Welcome <&>", milestones=[call(days(3)), mail(days(4))])


def at(day, hour=9):
    return instant_of(day, time(hour), BERLIN)


def member_from(since, until=None):
    return MembershipSpan(status=MembershipStatus.MEMBER, detail=MembershipDetail.ACTIVE, since=since, until=until)


@pytest.fixture
def club(storage):
    return Club(World(storage, at=START))


@pytest.mark.rule("CARE-3")
def test_three_days_from_1_march_paused_on_the_3rd_resumed_on_the_8th_is_9_march(club):
    start, gone, back = (datetime(2026, 3, day, 8, tzinfo=UTC) for day in (1, 3, 8))
    spans = [member_from(start, gone), member_from(back)]
    course = club.care.simulate(FlowTerms(name="Call", milestones=[call(days(3))]), statuses=spans, start=start)
    assert [each.due_at for each in course.steps] == [datetime(2026, 3, 9, 8, tzinfo=UTC)]
    kinds = [each.kind for each in course.happenings]
    assert kinds == [
        HappeningKind.ASSIGNED,
        HappeningKind.PAUSED,
        HappeningKind.RESUMED,
        HappeningKind.OPENED,
    ]
    assert [each.code for each in course.waits] == ["care.runs", "care.action_open", "care.action_overdue"]


@pytest.mark.rule("CARE-2", "CARE-6")
def test_actions_are_done_after_a_term_by_themselves_or_by_nobody(club):
    done = club.care.simulate(club.flow, actions_done_after=Term.of_days(2))
    assert [(each.due_at, each.done_at) for each in done.steps] == [
        (START + timedelta(days=3), START + timedelta(days=5)),
        (START + timedelta(days=9), START + timedelta(days=9)),
    ]
    assert (done.state, done.ended_at) == (RunState.COMPLETED, START + timedelta(days=9))
    counted = club.care.simulate(club.flow, complete_automatically_after=Term.of_days(1))
    assert counted.steps[0].outcome == "automatic"
    assert counted.ended_at == START + timedelta(days=8)
    nobody = club.care.simulate(club.flow)
    assert (nobody.state, len(nobody.steps)) == (RunState.RUNNING, 1)


@pytest.mark.rule("CARE-2")
def test_events_are_heard_and_what_is_waited_for_is_told(club):
    flow = FlowTerms(name="Plan", milestones=[mail(On(kind="training_plan.updated")), mail(On(kind="visit.recorded"))])
    heard = PlannedEvent(START + timedelta(days=2), "training_plan.updated")
    course = club.care.simulate(flow, events=[heard])
    assert [each.due_at for each in course.steps] == [heard.at]
    assert course.waits[-1].code == "care.waits_for_event"
    assert "waits for an event visit.recorded" in course.text()


@pytest.mark.rule("CARE-3")
def test_a_member_is_simulated_by_their_contracts(club):
    member = club.world.member()
    club.join(member, rate=club.world.rate(term=Term.of_months(1)))
    course = club.care.simulate(FlowTerms(name="Long", milestones=[mail(days(60))]), member=member, studio="north")
    assert course.state is RunState.PAUSED
    assert course.steps == ()
    prospect = club.care.simulate(club.flow, member=club.world.member())
    assert [each.code for each in prospect.waits] == ["care.runs", "care.paused_prospect", "care.waits_while_paused"]


@pytest.mark.rule("COM-11")
def test_what_cannot_be_simulated_is_refused(club):
    with pytest.raises(InvalidInput) as wrong:
        club.care.simulate(club.flow, until=START)
    assert wrong.value.path == "until"
    with pytest.raises(InvalidInput) as wrong:
        club.care.simulate(club.flow, until=START + timedelta(days=4000))
    assert wrong.value.path == "until"
    with pytest.raises(InvalidInput) as wrong:
        club.care.simulate(club.flow, member=club.world.member(), statuses=[])
    assert wrong.value.path == "statuses"
    with pytest.raises(NotFound):
        club.care.simulate(new_id())


@pytest.mark.rule("CARE-2")
def test_nothing_is_written_and_the_course_goes_through_json(club):
    before = club.world.events()
    course = club.care.simulate(club.flow, actions_done_after=Term.of_days(2))
    assert club.world.events() == before
    assert converting.from_json(Course, converting.to_json(course)) == course


@pytest.mark.rule("CARE-2")
def test_the_drawing_is_well_formed_says_every_day_and_fetches_nothing(club):
    course = club.care.simulate(WELCOME, actions_done_after=Term.of_days(2))
    drawing = course.as_svg()
    texts = xml.dom.minidom.parseString(drawing).getElementsByTagName("text")
    said = "".join(each.firstChild.data for each in texts)
    for day in ("1 Mar", "4 Mar", "6 Mar", "10 Mar"):
        assert day in said
    assert "Welcome <&>" in said
    assert "prefers-color-scheme:dark" in drawing
    assert drawing.count("http") == 1, "the namespace"
    assert "<script" not in drawing


def flows():
    return st.lists(milestones(), min_size=1, max_size=4).map(
        lambda steps: FlowTerms(name="Drawn", milestones=[_plain(each) for each in steps])
    )


def _plain(milestone):
    return type(milestone)(
        name=milestone.name, schedule=milestone.schedule, action=milestone.action, message=milestone.message
    )


HAPPENS = st.sampled_from(["join", "visit", "publish", "jobs", "look", "wait"])
COURSES = st.lists(st.tuples(st.integers(1, 240), HAPPENS), max_size=12)


def real_and_simulated(storage, terms, moves, automatic):
    """What really becomes of a run, and what the simulation says of the same facts."""
    club = Club(World(storage, at=START))
    club.configure(complete_automatically_after=automatic)
    flow = club.care.save_flow(terms).flow.id
    club.configure(manual=[flow], complete_automatically_after=automatic)
    member = club.world.member()
    rate = club.world.rate(term=Term.of_days(5))
    club.join(member, rate=rate)
    run = club.assign(member, flow).run
    spans = [(START, each) for each in club.world.org.members.membership(member).spans]
    for hours, happens in moves:
        club.world.wait(hours=hours)
        now = club.world.clock.now()
        match happens:
            case "join":
                club.join(member, rate=rate)
                spans += [(now, each) for each in club.world.org.members.membership(member).spans]
            case "visit":
                club.world.org.contracts.check_in(member, studio="north")
            case "publish":
                club.world.org.members.publish(member, kind="training_plan.updated")
            case "jobs":
                club.world.ml.run_jobs()
            case "look":
                club.care.run(run)
    told = club.care.run(run)
    # What was learnt at an instant holds from then on: time that stood still before did not run.
    known = [
        member_from(max(each.since, learnt), each.until)
        for learnt, each in spans
        if each.status is MembershipStatus.MEMBER and (each.until is None or each.until > max(each.since, learnt))
    ]
    heard = [
        PlannedEvent(each.effective_at, getattr(each.event, "kind", None) or each.event.type)
        for each in club.world.events()
        if each.event.type in ("visit.recorded", "host.published")
    ]
    end = club.world.clock.now()
    course = club.care.simulate(
        flow,
        statuses=sorted(known, key=lambda each: each.since),
        studio="north",
        start=START,
        until=end + timedelta(microseconds=1) if end == START else end,
        events=heard,
        complete_automatically_after=automatic,
    )
    real = [(each.place, each.turn, each.state, each.due_at, each.done_at, each.outcome) for each in told.milestones]
    started = [each for each in real if each[2].value != "waiting" and (each[3] is not None)]
    simulated = [(each.place, each.turn, each.state, each.due_at, each.done_at, each.outcome) for each in course.steps]
    return (told.state, told.ended_at, started), (course.state, course.ended_at, simulated)


AUTOMATIC = st.none() | st.integers(1, 6).map(Term.of_days)


@pytest.mark.rule("CARE-2", "CARE-3", "CARE-16")
@settings(max_examples=60)
@given(flows(), COURSES, AUTOMATIC)
def test_the_simulation_is_what_really_happens(terms, moves, automatic):
    real, simulated = real_and_simulated(MemoryStorage(), terms, moves, automatic)
    assert simulated == real


@pytest.mark.rule("CARE-2", "CARE-3", "CARE-16")
@settings(max_examples=4)
@given(flows(), COURSES, AUTOMATIC)
def test_the_simulation_is_what_really_happens_on_every_store(storage, terms, moves, automatic):
    real, simulated = real_and_simulated(storage, terms, moves, automatic)
    assert simulated == real
