"""The course that a run would take is the course that it takes."""

import xml.dom.minidom
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.care.club import Club, call, days, mail
from tests.care.drawing import milestones

from memberlogic import converting
from memberlogic.calendar import Term, instant_of
from memberlogic.care.courses import Course, HappeningKind
from memberlogic.care.flows import After, DelayUnit, FlowTerms, On
from memberlogic.care.model import RunState, StepState
from memberlogic.care.simulating import DONE, PlannedEvent
from memberlogic.care.timing import due, term_after
from memberlogic.contracts.rates import FreezePolicy
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound
from memberlogic.ids import new_id
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus
from memberlogic.organizations.model import Tier
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
    return st.builds(
        FlowTerms,
        name=st.just("Drawn"),
        milestones=st.lists(milestones().map(_plain), min_size=1, max_size=4),
        pauses_while_frozen=st.booleans(),
    )


def _plain(milestone):
    """Without an id of its own, and soon rather than late: something is to happen while somebody looks."""
    schedule = milestone.schedule
    if isinstance(schedule, After):
        schedule = evolve(schedule, length=schedule.length % (60 if schedule.unit is DelayUnit.HOURS else 4))
    return evolve(milestone, id=None, schedule=schedule)


AUTOMATIC = st.none() | st.integers(1, 6).map(Term.of_days)
HAPPENS = st.sampled_from(["join", "freeze", "leave", "visit", "publish", "jobs", "look", "wait", "lapse"])
COURSES = st.lists(st.tuples(st.integers(1, 100), HAPPENS), max_size=12)
STAFF = st.none() | st.integers(1, 4).map(Term.of_days)


class Told:
    """What really becomes of a run, and what is known of its member meanwhile."""

    def __init__(self, storage, terms, automatic, staff):
        self.club = Club(World(storage, at=START))
        self.world, self.staff = self.club.world, staff
        self.flow = self.club.care.save_flow(terms).flow.id
        self.club.configure(manual=[self.flow], complete_automatically_after=automatic)
        self.automatic, self.member = automatic, self.world.member()
        self.rate = self.world.rate(term=Term.of_days(15), freezes=FreezePolicy(allowed=True))
        self.known = []
        self.join()
        self.run = self.club.assign(self.member, self.flow).run

    def do(self, hours, happens):
        """Time passes, in which staff works, then something happens."""
        self.work_until(self.world.clock.now() + timedelta(hours=hours))
        org, tomorrow = self.world.org, self.club.today() + timedelta(days=1)
        match happens:
            case "join":
                self.join()
            case "freeze":
                self.change(org.contracts.freeze, since=tomorrow, until=tomorrow + timedelta(days=3), reason="travel")
            case "leave":
                today = self.club.today()
                self.change(org.contracts.cancel, received_on=today, to=tomorrow, reason="moved", extraordinary=True)
            case "visit":
                org.contracts.check_in(self.member, studio="north")
            case "publish":
                org.members.publish(self.member, kind="training_plan.updated")
            case "jobs":
                self.world.ml.run_jobs()
            case "look":
                self.club.care.run(self.run)
            case "lapse":
                self.lapse()

    def join(self):
        self.contract = self.club.join(self.member, rate=self.rate)
        self.learn()

    def change(self, command, **said):
        """A contract that is over cannot be frozen or left."""
        with suppress(MemberLogicError):
            command(self.contract, **said)
        self.learn()

    def learn(self):
        self.known.append((self.world.clock.now(), self.world.org.members.membership(self.member).spans))

    def lapse(self):
        """Without the tier for nine hours. Nobody works meanwhile, as nobody may."""
        if self.staff is not None:
            return
        self.world.ml.change_tier(self.world.organization.id, Tier.BASIC)
        self.known.append((self.world.clock.now(), ()))
        self.world.wait(hours=9)
        self.world.ml.change_tier(self.world.organization.id, Tier.PRO)
        self.club.again()
        self.learn()

    def work_until(self, end):
        """Staff does each action so long after it opened, also while time stands still."""
        while self.staff is not None:
            told = self.club.care.run(self.run)
            own = [each.due_at for each in told.milestones if each.state is StepState.WAITING]
            own += [each.completes_at for each in told.open]
            at = min([each for each, _ in self.doing(told)] + [each for each in own if each is not None], default=None)
            if at is None or at > end:
                break
            self.world.clock.set(at)
            for _, step in [each for each in self.doing(self.club.care.run(self.run)) if each[0] <= at]:
                self.club.care.complete(step, outcome=DONE)
        self.world.clock.set(end)

    def doing(self, told):
        """When staff does each open action."""
        zone = self.world.organization.zone
        return sorted((due(term_after(self.staff), each.due_at, (), zone), each.step) for each in told.open)

    def spans(self):
        """What was known of the member at each instant by then."""
        ends = [at for at, _ in self.known[1:]] + [None]
        told = (
            evolve(each, since=max(each.since, at), until=min(filter(None, [each.until, end]), default=None))
            for (at, spans), end in zip(self.known, ends, strict=True)
            for each in spans
        )
        return [each for each in told if each.until is None or each.since < each.until]


def real_and_simulated(storage, terms, moves, automatic, staff):
    """What really becomes of a run, and what the simulation says of the same facts."""
    real = Told(storage, terms, automatic, staff)
    for hours, happens in moves:
        real.do(hours, happens)
    club, end = real.club, real.world.clock.now()
    told = club.care.run(real.run)
    heard = [
        PlannedEvent(each.effective_at, getattr(each.event, "kind", None) or each.event.type)
        for each in club.world.events()
        if each.event.type in ("visit.recorded", "host.published")
    ]
    course = club.care.simulate(
        real.flow,
        statuses=real.spans(),
        studio="north",
        start=START,
        until=end + timedelta(microseconds=1) if end == START else end,
        events=heard,
        complete_automatically_after=automatic,
        actions_done_after=staff,
    )
    happened = [
        (each.place, each.turn, each.state, each.due_at, each.done_at, each.outcome) for each in told.milestones
    ]
    started = [each for each in happened if each[2].value != "waiting" and (each[3] is not None)]
    simulated = [(each.place, each.turn, each.state, each.due_at, each.done_at, each.outcome) for each in course.steps]
    return (told.state, told.ended_at, started), (course.state, course.ended_at, simulated)


@pytest.mark.rule("CARE-2", "CARE-3", "CARE-16", "CARE-13")
@settings(max_examples=100)
@given(flows(), COURSES, AUTOMATIC, STAFF)
def test_the_simulation_is_what_really_happens(terms, moves, automatic, staff):
    real, simulated = real_and_simulated(MemoryStorage(), terms, moves, automatic, staff)
    assert simulated == real


@pytest.mark.rule("CARE-2", "CARE-3", "CARE-16", "CARE-13")
@settings(max_examples=4)
@given(flows(), COURSES, AUTOMATIC, STAFF)
def test_the_simulation_is_what_really_happens_on_every_store(storage, terms, moves, automatic, staff):
    real, simulated = real_and_simulated(storage, terms, moves, automatic, staff)
    assert simulated == real


@pytest.mark.rule("CARE-3")
def test_a_simulation_of_the_past_goes_by_what_is_known_now(club):
    """What ended a pause was recorded later: the run went on then, and a simulation tells what would come of it."""
    member = club.world.member()
    start = club.world.clock.now()
    run = club.assign(member).run
    club.world.wait(days=5)
    club.join(member, start_on=START.date() + timedelta(days=1), signed_on=START.date() + timedelta(days=1))
    real = club.care.run(run).milestones[0].due_at
    simulated = club.care.simulate(club.flow, member=member, studio="north", start=start).steps[0].due_at
    assert real == club.world.clock.now() + timedelta(days=3)
    assert simulated < real
