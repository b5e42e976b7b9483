"""Flows, pauses and events of every kind, and runs of them."""

from datetime import UTC, datetime, time, timedelta
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import evolve
from hypothesis import strategies as st

from memberlogic.calendar import Term
from memberlogic.care.advancing import VISIT, Heard
from memberlogic.care.flows import (
    Action,
    ActionKind,
    After,
    DelayUnit,
    FlowTerms,
    FlowVersion,
    MessageContent,
    Milestone,
    On,
    Unseen,
)
from memberlogic.care.model import AssignedBy, Pause, Run, united
from memberlogic.organizations.model import Studio

ZONES = [ZoneInfo(each) for each in ("Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kolkata", "UTC")]
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
KINDS = ["visit.recorded", "purchase.recorded", "training_plan.updated"]
LONG = timedelta(days=200)


def counting():
    """Ids that ascend from 1, the same each time."""
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


instants = st.datetimes(datetime(2026, 2, 1), datetime(2026, 11, 30)).map(lambda each: each.replace(tzinfo=UTC))
times = st.sampled_from([time(0), time(2, 30), time(9), time(23, 59)])
calendar_delays = st.builds(
    After,
    length=st.integers(0, 12),
    unit=st.sampled_from([DelayUnit.DAYS, DelayUnit.WEEKS, DelayUnit.MONTHS]),
    at=st.none() | times,
)
hours = st.builds(After, length=st.integers(0, 900), unit=st.just(DelayUnit.HOURS))
delays = calendar_delays | hours


@st.composite
def pauses(draw, most=4):
    """Pauses in order and apart; the last may have no end."""
    found = []
    for _ in range(draw(st.integers(0, most))):
        since = draw(instants)
        length = draw(st.timedeltas(timedelta(minutes=1), timedelta(days=40)))
        found.append(Pause(since=since, until=since + length))
    if draw(st.integers(0, 9)) == 0:
        found.append(Pause(since=draw(instants), until=None))
    return united(found)


schedules = (
    delays
    | st.builds(On, kind=st.sampled_from(KINDS), times=st.integers(1, 3))
    | st.builds(Unseen, days=st.integers(1, 30))
)
CALL = Action(kind=ActionKind.PHONE_CALL)
MAIL = MessageContent(template="hello", channel="email")


@st.composite
def milestones(draw):
    """A milestone with a message, an action or both."""
    action, message = draw(st.sampled_from([(CALL, None), (None, MAIL), (CALL, MAIL)]))
    id = UUID(int=draw(st.integers(1, 2**64)))
    return Milestone(name="step", schedule=draw(schedules), action=action, message=message, id=id)


def run_of(*steps, zone=ZONES[-1], at=START, stands_still=(), automatic=None):
    """A run of a flow with these milestones."""
    named = tuple(evolve(each, id=each.id or UUID(int=place + 1)) for place, each in enumerate(steps))
    terms = FlowTerms(name="Flow", milestones=named)
    return Run(
        id=UUID(int=77),
        member=UUID(int=78),
        flow=FlowVersion(flow=UUID(int=79), version=1, terms=terms),
        configuration=UUID(int=80),
        studio=Studio("north", zone),
        assigned_at=at,
        assigned_by=AssignedBy.STAFF,
        complete_automatically_after=automatic,
        pauses=tuple(stands_still),
        effective_at=at,
    )


@st.composite
def runs(draw):
    """A run that was just assigned."""
    steps = draw(st.lists(milestones(), min_size=1, max_size=5, unique_by=lambda each: each.id))
    automatic = draw(st.none() | st.integers(1, 10).map(Term.of_days) | st.just(Term.of_months(1)))
    return run_of(*steps, zone=draw(st.sampled_from(ZONES)), stands_still=draw(pauses()), automatic=automatic)


@st.composite
def histories(draw):
    """What happens to a member, in any order."""
    found = draw(st.lists(st.tuples(instants, st.sampled_from(KINDS)), max_size=12, unique_by=lambda each: each[0]))
    return [Heard(id=UUID(int=1000 + number), kind=kind, at=at, figures={}) for number, (at, kind) in enumerate(found)]


assert VISIT in KINDS
