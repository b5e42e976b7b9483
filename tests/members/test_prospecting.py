"""MEM-12: what became of leads, and who stands at which stage, on every store."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, PermissionDenied
from memberlogic.members import InquiryKind
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus
from memberlogic.members.prospecting import LeadCounts, Stage
from memberlogic.storing import Command
from memberlogic.testing import World

pytestmark = pytest.mark.rule("MEM-12")

S = MembershipStatus
FIRST = date(2026, 1, 15)


def spans(start, joined, left):
    """The spans of somebody who joined and left so many days after the start of the world."""
    if joined is None:
        return []
    since = start + timedelta(days=joined)
    until = None if left is None else start + timedelta(days=left)
    made = [MembershipSpan(status=S.MEMBER, detail=MembershipDetail.ACTIVE, since=since, until=until)]
    if until is not None:
        over = MembershipSpan(status=S.FORMER_MEMBER, detail=MembershipDetail.CANCELLED, since=until, until=None)
        made.append(over)
    return made


def covered(world, whose):
    """Write the spans of people, as the command does that changes a contract."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.memberships.write(whose)
        uow.finish(None)


people = st.lists(
    st.tuples(
        st.sampled_from([None, "flyer", "search"]),
        st.lists(st.tuples(st.integers(0, 9), st.sampled_from([None, "north", "south"])), max_size=4),
        st.one_of(st.none(), st.integers(0, 14)),
        st.integers(1, 5),
        st.booleans(),
    ),
    max_size=5,
)


@settings(max_examples=12)
@given(told=people, since=st.integers(0, 8), length=st.integers(1, 9))
def test_the_report_is_what_counting_by_hand_gives(make_world, told, since, length):
    """Inquiries of the days, people who asked before they were members, and those who are by now: by source and studio,
    each alone, and in all.
    """
    world = make_world()
    start = world.clock.now()
    for code in ("north", "south"):
        world.org.settings.open_studio(code=code, name=code, zone=world.organization.zone)
    world.wait(days=10)
    now, whose = 10, {}
    asked = []
    for source, inquiries, joined, stayed, left in told:
        member = world.member(verified=False)
        world.org.members.set_lead_source(member, source)
        for day, studio in inquiries:
            at = start + timedelta(days=day)
            world.org.members.record_inquiry(member, kind=InquiryKind.PHONE, at=at, studio=studio)
            asked.append((member, source, day, studio, joined))
        whose[member] = spans(start, joined, None if joined is None or not left else joined + stayed)
    covered(world, whose)

    def counts(source, studio, chosen):
        prospects = {each[0]: each[4] for each in chosen if each[4] is None or each[4] >= each[2]}
        converted = [each for each in prospects.values() if each is not None and each <= now]
        return LeadCounts(
            source=source,
            studio=studio,
            inquiries=len(chosen),
            prospects=len(prospects),
            conversions=len(converted),
        )

    def grouped(key):
        groups = defaultdict(list)
        for each in chosen:
            groups[key(each)].append(each)
        return {counts(*group, each) for group, each in groups.items()}

    chosen = [each for each in asked if since <= each[2] < since + length]
    day = FIRST + timedelta(days=since)
    report = world.org.members.lead_report(since=day, until=day + timedelta(days=length))
    assert report.total == counts(None, None, chosen)
    assert set(report.rows) == grouped(lambda each: (each[1], each[3]))
    assert set(report.sources) == grouped(lambda each: (each[1], None))
    assert set(report.studios) == grouped(lambda each: (None, each[3]))
    assert len(set(report.rows)) == len(report.rows)
    assert all(each.rate is None or 0 <= each.rate <= 1 for each in (*report.rows, report.total))
    by_name = [(each.source or "", each.studio or "") for each in report.rows]
    assert by_name == sorted(by_name)
    assert report.explain().text()


def test_a_rate_is_exact_and_grows_as_prospects_sign(world):
    members = [world.member(verified=False) for _ in range(3)]
    for each in members:
        world.org.members.record_inquiry(each, kind=InquiryKind.WALK_IN)
    report = world.org.members.lead_report(since=FIRST, until=FIRST + timedelta(days=1))
    assert (report.total.prospects, report.total.conversions, report.total.rate) == (3, 0, 0)
    covered(world, {members[0]: spans(world.clock.now(), 40, None)})
    assert world.org.members.lead_report(since=FIRST, until=FIRST + timedelta(days=1)).total.conversions == 0
    world.wait(days=40)
    report = world.org.members.lead_report(since=FIRST, until=FIRST + timedelta(days=1))
    assert report.total.rate == Fraction(1, 3)
    empty = world.org.members.lead_report(since=FIRST + timedelta(days=1), until=FIRST + timedelta(days=2))
    assert (empty.rows, empty.total.rate) == ((), None)


@pytest.mark.rule("MEM-18", "COM-3")
@pytest.mark.parametrize("studio", [None, "berlin"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"])
def test_who_signs_on_the_day_on_which_they_asked_is_converted(world, studio, zone):
    """Whichever came first on that day, wherever the contract's studio is: it holds from the beginning of its day."""
    world.studio("berlin")
    world.studio("far", ZoneInfo(zone))
    for signs_first in (False, True):
        member = world.member(verified=False)
        if signs_first:
            world.contract(member=member, studio="far")
        world.org.members.record_inquiry(member, kind=InquiryKind.WEB, studio=studio)
        if not signs_first:
            world.contract(member=member, studio="far")
    before = world.member()
    world.contract(member=before, studio="far")
    world.wait(days=2)
    world.org.members.record_inquiry(before, kind=InquiryKind.WEB, studio=studio)
    total = world.org.members.lead_report(since=FIRST, until=FIRST + timedelta(days=9)).total
    assert (total.inquiries, total.prospects, total.conversions) == (3, 2, 2)
    assert len(list(world.org.members.staged(Stage.MEMBERS))) == 3


def test_who_comes_back_is_no_prospect_of_the_report(world):
    """A conversion is the first instant of membership; a former member who asks again was one before."""
    member = world.member()
    covered(world, {member: spans(world.clock.now(), 0, 5)})
    world.wait(days=7)
    world.org.members.record_inquiry(member, kind=InquiryKind.PHONE)
    total = world.org.members.lead_report(since=FIRST, until=FIRST + timedelta(days=30)).total
    assert (total.inquiries, total.prospects, total.conversions) == (1, 0, 0)


def test_former_members_stand_on_both_lists(world):
    start = world.clock.now()
    never, later, current, former, gone = (world.member() for _ in range(5))
    told = {later: (5, None), current: (-5, None), former: (-9, -1), gone: (-9, 0)}
    covered(world, {member: spans(start, *days) for member, days in told.items()})

    def on(stage):
        return [(each.member, each.status) for each in world.org.members.staged(stage)]

    assert on(Stage.PROSPECTS) == [
        (never, S.PROSPECT),
        (later, S.PROSPECT),
        (former, S.FORMER_MEMBER),
        (gone, S.FORMER_MEMBER),
    ]
    assert on(Stage.MEMBERS) == [(current, S.MEMBER), (former, S.FORMER_MEMBER), (gone, S.FORMER_MEMBER)]
    world.wait(days=5)
    assert (later, S.MEMBER) in on(Stage.MEMBERS)
    assert later not in {member for member, _ in on(Stage.PROSPECTS)}


@pytest.mark.rule("COM-20")
def test_the_lists_go_on_over_pages(world):
    members = [world.member() for _ in range(5)]
    covered(world, {member: spans(world.clock.now(), -9, -1) for member in members[::2]})
    with world.storage.reading(world.organization.id, world.clock) as uow:
        for stage, expected in ((Stage.PROSPECTS, members), (Stage.MEMBERS, members[::2])):
            page = uow.prospects.staged(stage, world.clock.now(), limit=2)
            rest = uow.prospects.staged(stage, world.clock.now(), after=page[-1].member, limit=9)
            assert [each.member for each in (*page, *rest)] == expected


@pytest.mark.parametrize(
    ("since", "until", "path"),
    [(FIRST, FIRST, "until"), (FIRST, date(2026, 1, 1), "until"), ("today", FIRST, "since"), (FIRST, None, "until")],
)
def test_bad_input_names_the_field(world, since, until, path):
    with pytest.raises(InvalidInput) as refusal:
        world.org.members.lead_report(since=since, until=until)
    assert refusal.value.path == path


@pytest.mark.rule("COM-1", "COM-13")
def test_a_report_is_of_one_organization_and_the_staffs(world):
    member, other = world.member(), World(world.storage)
    world.org.members.record_inquiry(member, kind=InquiryKind.WEB)
    assert other.org.members.lead_report(since=FIRST, until=FIRST + timedelta(days=9)).total.inquiries == 0
    assert list(other.org.members.staged(Stage.PROSPECTS)) == []
    with pytest.raises(PermissionDenied):
        world.acting_as(Actor.member(member)).members.staged(Stage.MEMBERS)
