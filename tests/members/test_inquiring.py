"""MEM-12: lead sources and inquiries, on every store."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from memberlogic import converting
from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import MemberId, new_id
from memberlogic.members import InquiryKind
from memberlogic.members.inquiring import InquiryInTheFuture
from memberlogic.testing import World

pytestmark = pytest.mark.rule("MEM-12")

K = InquiryKind


@pytest.mark.parametrize("kind", K)
def test_an_inquiry_is_kept_with_what_was_noted(world, kind):
    member, at = world.member(verified=False), world.clock.now() - timedelta(days=3)
    made = world.staff("members.leads:create").members.record_inquiry(member, kind=kind, at=at, note="Asked\nfor yoga.")
    (told,) = world.org.members.lead(member).inquiries
    assert (told.inquiry, told.note) == (made, "Asked\nfor yoga.")
    assert (made.kind, made.at, made.studio, made.actor) == (kind, at, None, "staff:sam")
    assert made.recorded_at == world.clock.now()


@pytest.mark.rule("COM-3")
@pytest.mark.parametrize(
    ("studio", "day"), [("new-york", date(2025, 12, 31)), ("apia", date(2026, 1, 1)), (None, date(2026, 1, 1))]
)
def test_it_counts_on_the_day_of_its_studio_or_of_the_organization(world, studio, day):
    world.org.settings.open_studio(code="new-york", name="New York", zone=ZoneInfo("America/New_York"))
    world.org.settings.open_studio(code="apia", name="Apia", zone=ZoneInfo("Pacific/Apia"))
    at = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    assert world.org.members.record_inquiry(world.member(), kind=K.WEB, at=at, studio=studio).day == day


def test_inquiries_are_told_in_the_order_in_which_they_were_made(world):
    member, now = world.member(), world.clock.now()
    late = world.org.members.record_inquiry(member, kind=K.PHONE)
    early = world.org.members.record_inquiry(member, kind=K.WEB, at=now - timedelta(days=1))
    assert [each.inquiry for each in world.org.members.lead(member).inquiries] == [early, late]


def test_nobody_asks_in_the_future_nor_at_a_studio_that_is_not_there(world):
    member = world.member()
    with pytest.raises(InquiryInTheFuture):
        world.org.members.record_inquiry(member, kind=K.WEB, at=world.clock.now() + timedelta(microseconds=1))
    with pytest.raises(NotFound) as refusal:
        world.org.members.record_inquiry(member, kind=K.WEB, studio="moon")
    assert refusal.value.details["kind"] == "studio"
    assert world.org.members.lead(member).inquiries == ()


def test_a_source_replaces_the_one_before_and_is_an_event_if_it_is_another(world):
    member = world.member()
    known = len(world.events())
    told = [world.org.members.set_lead_source(member, source) for source in ("flyer", "flyer", "search", None)]
    assert [(each.before, each.source) for each in told] == [
        (None, "flyer"),
        ("flyer", "flyer"),
        ("flyer", "search"),
        ("search", None),
    ]
    assert [each.event.source for each in world.events()[known:]] == ["flyer", "search", None]
    assert world.org.members.lead(member).source is None


@pytest.mark.rule("COM-10", "COM-9")
def test_events_and_answers_say_nothing_of_what_was_noted(world):
    member, secret = world.member(), "A private matter"
    once = {"kind": K.REFERRAL, "note": secret, "idempotency_key": "once"}
    made = world.org.members.record_inquiry(member, **once)
    assert world.org.members.record_inquiry(member, **once) == made
    recorded = world.events()[-1]
    assert (recorded.event.type, recorded.event.inquiry, recorded.event.members) == (
        "inquiry.recorded",
        made.id,
        (member,),
    )
    assert len(world.org.members.lead(member).inquiries) == 1
    assert secret not in json.dumps([converting.to_json(made), converting.to_json(recorded.event)])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "phone"),
        ("at", datetime(2026, 1, 1)),
        ("studio", "New York"),
        ("note", ""),
        ("note", " \n"),
        ("note", "x" * 2001),
        ("note", "a\x00b"),
        ("note", "\ud800"),
        ("note", 7),
    ],
)
def test_bad_input_names_the_field(world, field, value):
    with pytest.raises(InvalidInput) as refusal:
        world.org.members.record_inquiry(world.member(), **{"kind": K.WEB} | {field: value})
    assert refusal.value.path == field
    with pytest.raises(InvalidInput):
        world.org.members.set_lead_source(world.member(), "A friend")


@pytest.mark.rule("COM-1", "COM-13")
def test_leads_are_the_staffs_and_of_one_organization(world):
    member, other = world.member(), World(world.storage)
    for org, stranger in ((other.org, member), (world.org, MemberId(new_id()))):
        for act in (
            org.members.lead,
            lambda id, org=org: org.members.record_inquiry(id, kind=K.WEB),
            lambda id, org=org: org.members.set_lead_source(id, "flyer"),
        ):
            with pytest.raises(NotFound):
                act(stranger)
    own = world.acting_as(Actor.member(member)).members
    with pytest.raises(PermissionDenied):
        own.lead(member)
