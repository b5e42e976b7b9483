"""CARE-18: figures of a flow are right at any moment, whether the jobs ran or not."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.care.club import CALL, MAIL, Club, call, days, mail

from memberlogic import converting
from memberlogic.calendar import Term
from memberlogic.care.counting import FiguresOf
from memberlogic.care.flows import Milestone, On
from memberlogic.care.reporting import FlowFigures, figures, tally_of
from memberlogic.care.telling import NOT_SENT
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import new_id
from memberlogic.organizations.model import Tier
from memberlogic.testing import RecordingNotifier, World
from memberlogic_memory import MemoryStorage

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def club(storage):
    return Club(World(storage, at=START))


def sums(told):
    return told.assigned, told.running, told.paused, told.completed, sum(each.runs for each in told.cancelled)


@pytest.mark.rule("CARE-18", "COM-8")
def test_runs_are_counted_by_what_they_are_now_without_any_job(club):
    short = club.messages_only("Short", days=3)
    first, second, prospect, over = club.member(), club.member(), club.world.member(), club.member()
    for member in (first, second, prospect, over):
        club.assign(member, short)
    club.assign(over)
    assert sums(club.care.figures(short)) == (4, 2, 1, 0, 1)
    club.world.wait(days=3)
    told = club.care.figures(short)
    assert sums(told) == (4, 0, 1, 2, 1)
    assert [(each.reason, each.runs) for each in told.cancelled] == [("superseded", 1)]
    club.world.ml.run_jobs()
    assert evolve(club.care.figures(short), at=told.at) == told
    assert converting.from_json(FlowFigures, converting.to_json(told)) == told
    assert told.explain().summary == "Short: 4 assigned, 0 running, 1 paused, 2 completed, 1 cancelled."


@pytest.mark.rule("CARE-18")
def test_milestones_are_counted_over_all_versions_with_the_median_time_to_done(club):
    club.configure(complete_automatically_after=Term.of_days(2))
    for _ in range(2):
        club.assign(club.member())
    terms = club.care.flow(club.flow).current.terms
    renamed = [evolve(each, name=f"{each.name} 2") for each in terms.milestones]
    club.care.change_flow(club.flow, evolve(terms, milestones=renamed))
    club.configure(complete_automatically_after=Term.of_days(7))
    club.assign(club.member())
    club.world.wait(days=4)
    calls, mails = club.care.figures(club.flow).milestones
    assert (calls.name, calls.reached, calls.open, calls.overdue, calls.median) == ("Call 2", 3, 3, 3, None)
    club.world.wait(days=20)
    calls, mails = club.care.figures(club.flow).milestones
    assert (calls.reached, calls.done, calls.open, calls.overdue) == (3, 3, 0, 0)
    assert calls.median == timedelta(days=2)
    assert (mails.reached, mails.done, mails.median) == (3, 3, None)


@pytest.mark.rule("CARE-18")
def test_days_and_studio_say_of_which_runs(club):
    club.assign(club.member())
    club.world.wait(days=1)
    club.assign(club.member())
    club.world.studio("south")
    today = club.today()
    told = [
        club.care.figures(club.flow, since=today).assigned,
        club.care.figures(club.flow, until=today).assigned,
        club.care.figures(club.flow, since=today, until=today + timedelta(days=1), studio="north").assigned,
        club.care.figures(club.flow, studio="south").assigned,
    ]
    assert told == [1, 1, 1, 0]
    with pytest.raises(InvalidInput) as wrong:
        club.care.figures(club.flow, since=today, until=today)
    assert wrong.value.path == "until"
    for missing in ({"flow": new_id()}, {"flow": club.flow, "studio": "nowhere"}):
        with pytest.raises(NotFound):
            club.care.figures(**missing)


@pytest.mark.rule("CARE-18", "COM-8", "CARE-2")
def test_an_event_that_no_job_has_heard_yet_counts(club):
    flow = club.another_flow("Visit", mail(On(kind="visit.recorded")), call(None))
    member = club.member()
    club.assign(member, flow)
    club.world.wait(days=1)
    club.world.ml.run_jobs()
    club.world.org.contracts.check_in(member, studio="north")
    assert club.care.figures(flow).milestones[0].done == 1


@pytest.mark.rule("CARE-18", "COM-14")
def test_while_the_tier_was_gone_time_stood_still_for_the_figures_too(club):
    club.assign(club.member())
    club.world.ml.change_tier(club.world.organization.id, Tier.BASIC)
    club.world.wait(days=10)
    club.world.ml.change_tier(club.world.organization.id, Tier.PRO)
    told = club.again().care.figures(club.flow)
    assert sums(told) == (1, 1, 0, 0, 0)
    assert told.milestones[0].reached == 0


@pytest.mark.rule("CARE-18", "CARE-14")
def test_a_message_that_nobody_got_is_not_done(club):
    flow = club.another_flow("Mails", mail(days(0)), mail(days(1)), call(None))
    agreed, silent = club.member(), club.member()
    club.world.org.members.give_consent(agreed, purpose="member_care", channel="email", source="desk", wording="v1")
    for member in (agreed, silent):
        club.assign(member, flow)

    def told():
        return [(each.reached, each.done, each.not_sent) for each in club.care.figures(flow).milestones]

    assert told() == [(2, 2, 0), (0, 0, 0), (0, 0, 0)], "what waits may still be sent"
    club.world.ml.run_jobs()
    club.world.ml.relay(RecordingNotifier())
    assert told() == [(2, 1, 1), (0, 0, 0), (0, 0, 0)]
    club.world.wait(days=1)
    club.world.ml.run_jobs()
    club.world.ml.relay(RecordingNotifier(failing=True), attempts=1)
    assert told() == [(2, 1, 1), (2, 0, 2), (0, 0, 0)]


@pytest.mark.rule("CARE-18", "CARE-14")
def test_an_action_is_done_also_where_its_message_was_not_sent(club):
    both = Milestone(name="Both", schedule=days(0), action=CALL, message=MAIL)
    flow = club.another_flow("Both", both, call(None))
    member = club.member()
    club.assign(member, flow)
    club.world.ml.run_jobs()
    club.world.ml.relay(RecordingNotifier())
    (open_,) = club.active(member).open
    club.care.complete(open_.step, outcome="reached")
    (told, _) = club.care.figures(flow).milestones
    assert (told.reached, told.done, told.not_sent) == (1, 1, 0)


MOVES = st.lists(
    st.tuples(
        st.integers(1, 200), st.sampled_from(["join", "assign", "again", "visit", "jobs", "relay", "north", "south"])
    ),
    max_size=14,
)


def play(storage, moves):
    """Whatever happens, the figures are those of the runs one by one."""
    club = Club(World(storage, at=START))
    club.configure(complete_automatically_after=Term.of_days(4))
    flow = club.another_flow("All", mail(days(1)), call(On(kind="visit.recorded", times=2)), call(days(2)))
    club.world.studio("south")
    club.care.activate(club.configuration, studio="south")
    members = [club.member()]
    for hours, move in moves:
        club.world.wait(hours=hours)
        match move:
            case "join":
                members.append(club.world.member())
                club.join(members[-1], rate=club.world.rate(term=Term.of_days(9)))
            case "assign" | "again":
                club.assign(members[-1 if move == "assign" else 0], flow, restart=True)
            case "visit":
                club.world.org.contracts.check_in(members[-1], studio="north")
            case "jobs":
                club.world.ml.run_jobs()
            case "relay":
                club.world.ml.relay(RecordingNotifier())
            case studio:
                members.append(club.world.member())
                club.care.assign(members[-1], flow, studio=studio)
        told = club.care.figures(flow)
        assert told == one_by_one(club, flow, members)


def one_by_one(club, flow, members):
    desk = club.care.desk
    with club.world.storage.reading(club.world.organization.id, club.world.clock) as uow:
        runs = [run for member in members for run in uow.care_runs.of(member) if run.flow.flow == flow]
        settled = [desk.settled(uow, each).run for each in desk.lapsing(runs)]
        tally = tally_of(settled, uow.now)
        told = figures(FiguresOf(flow=flow), uow.care_flows.versions(flow), tally, uow.now)
    not_sent = Counter(
        each.milestone
        for member in members
        for run in club.care.runs(member)
        for each in run.milestones
        if run.flow == flow and each.outcome == NOT_SENT
    )
    apart = ((each, not_sent[each.milestone]) for each in told.milestones)
    return evolve(told, milestones=tuple(evolve(each, done=each.done - many, not_sent=many) for each, many in apart))


@pytest.mark.rule("CARE-18", "COM-8")
@settings(max_examples=50)
@given(MOVES)
def test_figures_are_those_of_the_runs_one_by_one(moves):
    play(MemoryStorage(), moves)


@pytest.mark.rule("CARE-18", "COM-8")
@settings(max_examples=3)
@given(MOVES)
def test_figures_are_those_of_the_runs_one_by_one_on_every_store(storage, moves):
    play(storage, moves)


@pytest.mark.rule("CARE-18")
def test_the_statements_go_by_an_index_and_read_no_table_from_end_to_end(databases):
    from memberlogic_sqlalchemy.care_reports import _done, _due, _runs, _steps

    engine = databases.engine("sqlite")
    with engine.connect() as connection:
        for statement in (_runs(2), _steps(2), _done(2), _due(2)):
            text, _ = statement.on(engine.dialect)
            driver = connection.connection.driver_connection
            plan = driver.execute(f"EXPLAIN QUERY PLAN {text}", [None] * text.count("?")).fetchall()
            scans = [each[3] for each in plan if each[3].startswith("SCAN ml_")]
            assert scans == [], plan
