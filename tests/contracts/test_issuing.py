"""CON-15: visitor passes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from memberlogic.contracts.issuing import (
    GuestOfOneself,
    GuestWithoutHost,
    HostIsNoMember,
    PassAlreadyEnded,
    PassEndsBeforeItBegins,
)
from memberlogic.contracts.passes import PassKind
from memberlogic.contracts.services import OnlyServices
from memberlogic.errors import Duplicate, InvalidInput, NotFound
from memberlogic.ids import ExternalId, MemberId, PassId, new_id

pytestmark = pytest.mark.rule("CON-15")

TODAY = date(2026, 1, 15)


@pytest.fixture
def visitor(world):
    return world.member()


def test_a_pass_is_for_today_where_nothing_else_is_said(world, visitor):
    issued = world.org.contracts.issue_pass(visitor, PassKind.DAY)
    assert (issued.since, issued.until, issued.visits, issued.left) == (TODAY, TODAY + timedelta(days=1), None, None)
    assert world.org.contracts.visitor_pass(issued.id) == issued
    (event,) = [each.event for each in world.events() if each.event.type == "pass.issued"]
    assert (event.visitor_pass, event.kind, event.members) == (issued.id, PassKind.DAY, (visitor,))


def test_it_is_for_as_many_visits_studios_and_services_as_it_says(world, visitor):
    north = world.studio()
    said = {"visits": 10, "studios": (north,), "services": OnlyServices(["pool"])}
    known = ExternalId("network", "v-1")
    issued = world.org.contracts.issue_pass(visitor, PassKind.AGGREGATOR, external_ids=[known], **said)
    assert {name: getattr(issued, name) for name in said} == said
    assert world.org.contracts.find_pass("network", "v-1") == issued
    assert world.org.contracts.passes(visitor) == (issued,)
    assert world.org.contracts.check_in(visitor, studio=north, service="pool").allowed
    assert not world.org.contracts.check_in(visitor, studio=north, service="sauna").allowed
    with pytest.raises(Duplicate):
        world.org.contracts.issue_pass(visitor, PassKind.AGGREGATOR, external_ids=[known])
    with pytest.raises(NotFound):
        world.org.contracts.issue_pass(visitor, PassKind.DAY, studios=["nowhere"])
    with pytest.raises(NotFound):
        world.org.contracts.find_pass("network", "v-2")


def test_a_guest_is_brought_by_somebody_who_is_a_member(world, visitor):
    host, prospect = world.member(), world.member()
    world.contract(member=host)
    issue = world.org.contracts.issue_pass
    assert issue(visitor, PassKind.GUEST, host=host).host == host
    for kind, brought, refusal in (
        (PassKind.GUEST, None, GuestWithoutHost),
        (PassKind.DAY, host, GuestWithoutHost),
        (PassKind.GUEST, visitor, GuestOfOneself),
        (PassKind.GUEST, prospect, HostIsNoMember),
        (PassKind.GUEST, MemberId(new_id()), NotFound),
    ):
        with pytest.raises(refusal):
            issue(visitor, kind, host=brought)


def test_days_in_no_order_are_refused(world, visitor):
    with pytest.raises(InvalidInput):
        world.org.contracts.issue_pass(visitor, PassKind.DAY, since=TODAY, until=TODAY)
    with pytest.raises(PassEndsBeforeItBegins):
        world.org.contracts.issue_pass(visitor, PassKind.DAY, until=TODAY)
    with pytest.raises(InvalidInput):
        world.org.contracts.issue_pass(visitor, PassKind.DAY, visits=0)


def test_a_pass_that_is_taken_back_lets_nobody_in_from_now_on(world, visitor):
    studio = world.studio()
    issued = world.org.contracts.issue_pass(visitor, PassKind.TRIAL, until=TODAY + timedelta(days=7))
    assert world.org.contracts.check_in(visitor, studio=studio).allowed
    ended = world.org.contracts.end_pass(issued.id, reason="mistake")
    assert ended.ended_at == world.clock.now()
    world.wait(hours=1)
    assert not world.org.contracts.check_in(visitor, studio=studio).allowed
    with pytest.raises(PassAlreadyEnded):
        world.org.contracts.end_pass(issued.id, reason="mistake")
    with pytest.raises(NotFound):
        world.org.contracts.end_pass(PassId(new_id()), reason="mistake")
    assert [each.event.type for each in world.events() if each.event.type.startswith("pass")] == [
        "pass.issued",
        "pass.ended",
    ]
