"""Flows and configurations of Member Care (CARE)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hypothesis import strategies as st

from memberlogic.care.configurations import ConfigurationTerms, RateFlow
from memberlogic.care.flows import (
    Action,
    ActionKind,
    After,
    DelayUnit,
    FlowTerms,
    MessageContent,
    Milestone,
    On,
    Schedule,
    Surface,
    Unseen,
)
from memberlogic.care.simulating import PlannedEvent
from memberlogic.ids import CareFlowId, RateId
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus
from memberlogic.testing.strategies.basics import codes, ids, instants, local_times, terms, texts

__all__ = [
    "absences",
    "actions",
    "configurations",
    "delays",
    "flows",
    "memberships",
    "messages",
    "milestones",
    "planned_events",
    "rate_flows",
    "schedules",
    "signals",
]

HEARD = ("visit.recorded", "purchase.recorded", "contract.cancellation_filed", "training_plan.updated")
"""What flows wait for: events of the library, and one of a host's."""

Picks = Sequence[str]


def delays() -> st.SearchStrategy[After]:
    """So long after the milestone before."""
    in_hours = st.builds(After, length=st.integers(0, 500), unit=st.just(DelayUnit.HOURS))
    by_calendar = st.builds(
        After,
        length=st.integers(0, 30),
        unit=st.sampled_from((DelayUnit.DAYS, DelayUnit.WEEKS, DelayUnit.MONTHS)),
        at=st.none() | local_times(),
    )
    return by_calendar | in_hours


def signals() -> st.SearchStrategy[On]:
    """On an event."""
    return st.builds(On, kind=st.sampled_from(HEARD), times=st.integers(1, 3))


def absences() -> st.SearchStrategy[Unseen]:
    """After so many days without a visit."""
    return st.builds(Unseen, days=st.integers(1, 60))


def schedules() -> st.SearchStrategy[Schedule]:
    """What starts a milestone (CARE-2)."""
    return st.one_of(delays(), signals(), absences())


@st.composite
def actions(draw: st.DrawFn, *, services: Picks = (), employees: Picks = (), competences: Picks = ()) -> Action:
    """What staff does (CARE-4), by whom the catalogue has; appointments only where there are ``services``."""
    kind = draw(st.sampled_from([each for each in ActionKind if services or each is not ActionKind.APPOINTMENT]))
    employee = draw(st.sampled_from([None, *employees]))
    return Action(
        kind=kind,
        service=draw(st.sampled_from(services)) if kind is ActionKind.APPOINTMENT else None,
        employee=employee,
        competence=draw(st.sampled_from([None, *competences])) if employee is None else None,
        surface=draw(st.sampled_from(Surface)) if kind is ActionKind.CONVERSATION else Surface.CARE_TOOL,
    )


def messages(*, templates: Picks, channels: Picks = ("email",)) -> st.SearchStrategy[MessageContent]:
    """What is sent (CARE-4): some of the templates that there are."""
    return st.builds(MessageContent, template=st.sampled_from(templates), channel=st.sampled_from(channels))


@st.composite
def milestones(
    draw: st.DrawFn,
    *,
    templates: Picks = (),
    channels: Picks = ("email",),
    services: Picks = (),
    employees: Picks = (),
    competences: Picks = (),
) -> Milestone:
    """Steps of flows, each with an action, a message or both; messages only where there are ``templates``."""
    acts, sends = draw(st.sampled_from([(True, False), (False, True), (True, True)] if templates else [(True, False)]))
    action = actions(services=services, employees=employees, competences=competences) if acts else st.none()
    message = messages(templates=templates, channels=channels) if sends else st.none()
    return Milestone(
        name=draw(texts()), schedule=draw(schedules() | st.none()), action=draw(action), message=draw(message)
    )


def flows(
    *,
    most: int = 5,
    templates: Picks = (),
    channels: Picks = ("email",),
    services: Picks = (),
    employees: Picks = (),
    competences: Picks = (),
) -> st.SearchStrategy[FlowTerms]:
    """Flows (CARE-1) that refer to nothing but what is named here: codes of the host's catalogue."""
    step = milestones(
        templates=templates, channels=channels, services=services, employees=employees, competences=competences
    )
    return st.builds(
        FlowTerms,
        name=texts(),
        milestones=st.lists(step, min_size=1, max_size=most),
        pauses_while_frozen=st.booleans(),
        purpose=codes(),
    )


def rate_flows(
    rates: st.SearchStrategy[RateId] | None = None, flows: st.SearchStrategy[CareFlowId] | None = None
) -> st.SearchStrategy[RateFlow]:
    """Which flow a rate assigns."""
    sold = ids().map(RateId) if rates is None else rates
    return st.builds(RateFlow, sold, ids().map(CareFlowId) if flows is None else flows)


def configurations(
    *, flows: Sequence[CareFlowId] = (), rates: Sequence[RateId] = ()
) -> st.SearchStrategy[ConfigurationTerms]:
    """Configurations (CARE-6) of these flows and rates; of none, if none are given."""
    some = st.sampled_from(flows) if flows else st.none()
    of_rates = st.lists(
        rate_flows(st.sampled_from(rates), st.sampled_from(flows)), max_size=2, unique_by=lambda each: each.rate
    )
    return st.builds(
        ConfigurationTerms,
        name=texts(),
        default_flow=st.none() | some,
        rate_flows=of_rates if flows and rates else st.just([]),
        manual=st.lists(st.sampled_from(flows), max_size=3, unique=True) if flows else st.just([]),
        complete_automatically_after=st.none() | terms(most_days=60, most_months=3),
    )


def planned_events() -> st.SearchStrategy[PlannedEvent]:
    """What is taken to happen when a flow is played through (CARE-19)."""
    return st.builds(PlannedEvent, at=instants(), kind=st.sampled_from(HEARD))


_ENDED = (MembershipDetail.CANCELLED, MembershipDetail.EXPIRED, MembershipDetail.LEFT)
_RUNNING = tuple(each for each in MembershipDetail if each not in _ENDED)
_STANDINGS: Sequence[tuple[MembershipStatus, MembershipDetail | None]] = (
    (MembershipStatus.PROSPECT, None),
    *((MembershipStatus.MEMBER, each) for each in _RUNNING),
    *((MembershipStatus.FORMER_MEMBER, each) for each in _ENDED),
)


def memberships(*, least: int = 0) -> st.SearchStrategy[tuple[MembershipSpan, ...]]:
    """What somebody is over time (MEM-18), without gaps; the last span has no end."""

    def of(
        begins: list[datetime], standings: list[tuple[MembershipStatus, MembershipDetail | None]]
    ) -> tuple[MembershipSpan, ...]:
        starts = sorted(begins)
        return tuple(
            MembershipSpan(status=status, detail=detail, since=since, until=until)
            for since, until, (status, detail) in zip(starts, [*starts[1:], None], standings, strict=False)
        )

    standings = st.lists(st.sampled_from(_STANDINGS), min_size=4, max_size=4)
    return st.builds(of, st.lists(instants(), min_size=least, max_size=4, unique=True), standings)
