"""MEM-15: a member's timeline, on every store."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.test_converting import Example
from tests.walking import modules

from memberlogic import Earning, EarningRule, ExternalId, PurchaseLine, Rate, wording
from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.events import Event, event_types
from memberlogic.ids import MemberId, new_id
from memberlogic.members import InquiryKind
from memberlogic.members.looking_back import LookingBack
from memberlogic.members.timeline_service import TIMELINE
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("MEM-15")

assert modules()  # every event is known
OURS = sorted(type for type, cls in event_types().items() if cls.__module__.startswith("memberlogic."))
EARNING = Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))])


def newest_first(world, member):
    mine = [each for each in world.events() if member in each.event.members]
    return sorted(mine, key=lambda each: (each.effective_at, each.id), reverse=True)


def buy(world, account, amount=1000, **said):
    till = ExternalId("till", str(new_id()))
    lines = [PurchaseLine("apple", amount)]
    world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR", **said)


@pytest.fixture
def busy(make_world):
    """A member to whom something of everything happened."""
    world = make_world(earning=EARNING)
    world.ana = world.member()
    world.account_of_ana = world.account(member=world.ana, credits=[100])
    world.wait(days=1)
    buy(world, world.account_of_ana)
    world.org.ledger.transfer(source=world.account_of_ana, target=world.account(), points=30)
    world.org.members.add_tags(world.ana, ["Early bird"])
    world.org.members.record_inquiry(world.ana, kind=InquiryKind.PHONE, at=world.clock.now() - timedelta(hours=30))
    world.wait(days=1)
    world.contract(member=world.ana)
    world.org.members.block(world.ana, reason="rude")
    return world


def test_everything_that_happened_is_told_newest_first(busy):
    told = list(busy.org.members.timeline(busy.ana))
    expected = newest_first(busy, busy.ana)
    assert [(each.id, each.at, each.actor, each.event) for each in told] == [
        (each.id, each.effective_at, each.actor, each.event) for each in expected
    ]
    assert {"points.credited", "purchase.recorded", "contract.drafted", "member.blocked"} <= {e.kind for e in told}
    assert told[0].text == "Blocked: rude."
    assert all(each.text.endswith(".") and "\n" not in each.text for each in told)
    bought = next(each.text for each in told if each.kind == "purchase.recorded")
    assert bought.startswith("Bought for 10.00 EUR, earned 10 (receipt till/")


def test_kinds_are_types_or_their_first_words(busy):
    def kinds(*wanted):
        return [each.kind for each in busy.org.members.timeline(busy.ana, kinds=wanted)]

    everything = [each.event.type for each in newest_first(busy, busy.ana)]
    assert kinds("points.earned") == ["points.earned"]
    assert kinds("points") == [each for each in everything if each.startswith("points.")]
    assert kinds("contract", "member.tagged") == [e for e in everything if e.startswith("contract.") or "tagged" in e]
    assert kinds("journal") == []


@pytest.mark.parametrize("kinds", [["poin"], ["points", "points.stolen"], [""], ["points."], "points", [7]])
def test_a_kind_that_no_event_is_of_is_refused(world, kinds):
    with pytest.raises(InvalidInput) as refusal:
        world.org.members.timeline(world.member(), kinds=kinds)
    assert refusal.value.path.startswith("kinds")


def test_a_span_has_its_first_instant_and_not_its_last(busy):
    everything = newest_first(busy, busy.ana)
    for since in {each.effective_at for each in everything}:
        for until in {each.effective_at for each in everything if each.effective_at >= since}:
            told = busy.org.members.timeline(busy.ana, since=since, until=until)
            assert [each.id for each in told] == [each.id for each in everything if since <= each.effective_at < until]
    with pytest.raises(InvalidInput):
        busy.org.members.timeline(busy.ana, since=busy.clock.now(), until=busy.clock.now() - timedelta(microseconds=1))
    with pytest.raises(InvalidInput):
        busy.org.members.timeline(busy.ana, since=datetime(2026, 1, 1))


@settings(max_examples=25)
@given(
    steps=st.lists(st.sampled_from(["credit", "buy", "tag", "wait", "late", "block"]), max_size=12),
    size=st.integers(1, 5),
)
def test_pages_add_up_to_everything_in_order(steps, size):
    """A page goes on where the one before ended, though more happens in between."""
    world = World(MemoryStorage(), earning=EARNING)
    ana = world.member()
    account = world.account(member=ana)
    act(world, ana, account, steps)
    expected = [each.id for each in newest_first(world, ana)]
    read, after = [], None
    while page := world.org.members._runner.ask(
        TIMELINE, LookingBack(member=ana, after=after, size=size), world.org.members.timeline_step
    ).items:
        read += [each.id for each in page]
        after = page[-1].position
        world.org.members.add_tags(ana, [str(len(read))])
    assert read == expected


def act(world, member, account, steps):
    for index, step in enumerate(steps):
        if step == "credit":
            world.org.ledger.credit(account, index + 1, reason="welcome")
        elif step == "buy":
            buy(world, account)
        elif step == "tag":
            world.org.members.add_tags(member, [f"tag {index}"])
        elif step == "wait":
            world.wait(hours=7)
        elif step == "late":
            world.org.members.record_inquiry(
                member, kind=InquiryKind.WEB, at=world.clock.now() - timedelta(hours=index)
            )
        else:
            world.org.members.block(member, reason="rude")
            world.org.members.unblock(member)


def test_it_is_read_as_far_as_it_is_looked_at(world):
    member = world.member()
    for index in range(205):
        world.org.members.add_tags(member, [str(index)])
    told = world.org.members.timeline(member)
    next(told)
    world.org.members.add_tags(member, ["later"])
    assert len(list(told)) == 205


@pytest.mark.rule("COM-13")
def test_what_the_actor_may_not_read_is_left_out(busy):
    everything = [each.event.type for each in newest_first(busy, busy.ana)]
    for area in sorted(wording.LINES):
        told = [each.kind for each in busy.staff("members.timeline:read", area).members.timeline(busy.ana)]
        assert told == [each for each in everything if each in wording.LINES[area]]
    assert list(busy.staff("members.timeline:read").members.timeline(busy.ana)) == []
    with pytest.raises(PermissionDenied):
        busy.acting_as(Actor.member(busy.ana)).members.timeline(busy.ana)


@pytest.mark.rule("COM-1")
def test_a_member_who_is_not_there_is_not_found(world):
    other = World(world.storage)
    for member in (MemberId(new_id()), other.member()):
        with pytest.raises(NotFound):
            world.org.members.timeline(member)


def test_whoever_holds_an_account_sees_what_happens_to_it(world):
    ana, ben = world.member(), world.member()
    account = world.account(member=ana)
    world.org.ledger.credit(account, 7, reason="welcome")
    world.org.loyalty.join_account(account, ben)
    assert "points.credited" in [each.kind for each in world.org.members.timeline(ben)]


@pytest.mark.parametrize("type", OURS)
def test_every_event_says_what_happened_in_one_line(type):
    """Also where everything in it that may be missing is: no line ends in the middle, or shows what nobody fills in."""
    cls = event_types()[type]
    assert sum(type in lines for lines in wording.LINES.values()) == 1, f"{type} has no line in wording.py"
    full = Example().built(cls)
    hints = {each.name: str(each.type) for each in attrs.fields(cls)}
    bare = attrs.evolve(full, **{name: None for name, hint in hints.items() if "None" in hint})
    for event in (full, bare):
        said = wording.line(event)
        assert re.fullmatch(r"[A-Z0-9-][^\[\]{}\n]*\.", said), said
        assert " -" not in said


def test_an_event_has_one_line():
    types = [type for lines in wording.LINES.values() for type in lines]
    assert len(types) == len(set(types))


def test_an_event_of_another_part_is_told_by_its_type(monkeypatch):
    monkeypatch.setattr("memberlogic.events._types", dict(event_types()))

    @attrs.frozen(kw_only=True)
    class LockerLent(Event):
        type = "locker.lent_out"

    assert wording.line(LockerLent()) == "Locker lent out."
    assert wording.area_of("locker.lent_out") == "members:read"
