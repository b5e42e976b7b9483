"""MEM-6: tags, on every store."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.certification.tags import WRITTEN
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import MemberId, new_id
from memberlogic.members.tags import tag_key
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("MEM-6")

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=64).filter(
    lambda text: text.strip() and any(map(str.isprintable, text.strip()))
)
spelt = st.sampled_from(
    ["VIP", "vip", " Vip ", "Straße", "STRASSE", "test-user", "Crème", "Cre\u0300me", "ΌΣΟΣ", "όσος"]
)


@settings(max_examples=60)
@given(actions=st.lists(st.tuples(st.booleans(), st.integers(0, 1), st.lists(spelt, min_size=1, max_size=4))))
def test_members_carry_what_was_added_and_not_removed_as_first_written(actions):
    """Against plain sets of keys: what is carried, what is shown, what is listed, and one event for each change."""
    world = World(MemoryStorage())
    members = [world.member(), world.member()]
    carried = {member: set() for member in members}
    first, happened = {}, Counter()
    for adding, who, tags in actions:
        member = members[who]
        keys = {tag_key(tag) for tag in tags}
        if adding:
            done = world.org.members.add_tags(member, tags)
            for tag in tags:
                first.setdefault(tag_key(tag), tag.strip())
            assert len(done.added) == len(keys - carried[member])
            assert len(done.there) == len(keys & carried[member])
            happened["member.tagged"] += len(keys - carried[member])
            carried[member] |= keys
        else:
            done = world.org.members.remove_tags(member, tags)
            assert len(done.removed) == len(keys & carried[member])
            assert done.absent == len(keys - carried[member])
            happened["member.untagged"] += len(keys & carried[member])
            carried[member] -= keys
        assert done.explain().text()
    for member in members:
        assert world.org.members.tags(member).texts == tuple(first[key] for key in sorted(carried[member]))
    listed = {each.tag.text: each.members for each in world.org.members.all_tags()}
    assert listed == {text: sum(key in each for each in carried.values()) for key, text in first.items()}
    for key, text in first.items():
        assert list(world.org.members.tagged(text.upper())) == [each for each in members if key in carried[each]]
    types = Counter(each.event.type for each in world.events() if "tagged" in each.event.type)
    assert types == +happened


@given(text=texts)
def test_a_key_is_the_same_however_often_it_is_made(text):
    assert tag_key(tag_key(text)) == tag_key(text) == tag_key(f"  {text}\t")
    assert len(tag_key(text)) <= 256


@settings(max_examples=100)
@given(text=texts)
def test_any_text_is_a_tag_the_moment_it_is_added(text):
    world = World(MemoryStorage())
    member = world.member()
    world.org.members.add_tags(member, [text])
    assert world.org.members.tags(member).texts == (text.strip(),)
    assert list(world.org.members.tagged(text)) == [member]


def test_a_tag_is_shown_as_first_written_and_found_however_it_is_written(world):
    ana, ben = world.member(), world.member()
    world.org.members.add_tags(ana, ["  Straße 7 "])
    world.org.members.add_tags(ben, ["STRASSE 7"])
    assert world.org.members.tags(ben).texts == ("Straße 7",)
    assert list(world.org.members.tagged("strasse 7")) == [ana, ben]
    assert list(world.org.members.tagged("strase 7")) == []


def test_a_test_user_is_tagged_like_anybody(world):
    member = world.member()
    world.org.members.add_tags(member, ["test-user"])
    assert list(world.org.members.tagged("TEST-USER")) == [member]


def test_adding_twice_and_removing_what_is_not_there_changes_nothing(world):
    member = world.member()
    world.org.members.add_tags(member, ["vip"])
    before, events = world.org.members.tags(member), world.events()
    world.wait(days=1)
    done = world.org.members.add_tags(member, ["VIP", "vip "])
    assert (done.added, len(done.there)) == ((), 1)
    assert "tag.there_already (MEM-6)" in done.explain().text()
    assert world.org.members.remove_tags(member, ["other"]).explain().reasons[0].code == "tag.absent"
    assert (world.org.members.tags(member), world.events()) == (before, events)


def test_every_text_that_can_be_a_tag_comes_back_as_it_was(world):
    member = world.member()
    world.org.members.add_tags(member, WRITTEN)
    assert sorted(world.org.members.tags(member).texts) == sorted(WRITTEN)
    for text in WRITTEN:
        assert list(world.org.members.tagged(text)) == [member]


@pytest.mark.rule("COM-20")
def test_lists_go_on_over_pages(world):
    members = [world.member() for _ in range(5)]
    for each in members:
        world.org.members.add_tags(each, ["vip", f"number {members.index(each)}"])
    tags = list(world.org.members.all_tags())
    assert [(each.tag.text, each.members) for each in tags] == [("vip", 5), *((f"number {n}", 1) for n in range(5))]
    with world.storage.reading(world.organization.id, world.clock) as uow:
        assert list(uow.tags.carriers("vip", limit=2)) == members[:2]
        assert list(uow.tags.carriers("vip", after=members[1], limit=9)) == members[2:]
        assert list(uow.tags.listed(after=tags[3].tag.id, limit=9)) == tags[4:]


@pytest.mark.rule("COM-10", "COM-9")
def test_events_and_headers_tell_a_tag_by_its_id(world):
    member = world.member()
    done = world.org.members.add_tags(member, ["Secret word"], idempotency_key="once")
    assert world.org.members.add_tags(member, ["Secret word"], idempotency_key="once") == done
    (tag,) = done.added
    event = world.events()[-1].event
    assert (event.type, event.member, event.members, event.tag) == ("member.tagged", member, (member,), tag)
    world.org.members.remove_tags(member, ["SECRET WORD"])
    assert (world.events()[-1].event.type, world.events()[-1].event.tag) == ("member.untagged", tag)


@pytest.mark.parametrize(
    ("tags", "path"),
    [
        ("vip", "tags"),
        ([], "tags"),
        (["vip"] * 101, "tags"),
        (["vip", " "], "tags[1]"),
        (["x" * 65], "tags[0]"),
        (["a\x00b"], "tags[0]"),
        (["a\nb"], "tags[0]"),
        (["\ud800"], "tags[0]"),
        ([7], "tags[0]"),
        (7, "tags"),
    ],
)
def test_what_is_no_tag_is_named(world, tags, path):
    member = world.member()
    for act in (world.org.members.add_tags, world.org.members.remove_tags):
        with pytest.raises(InvalidInput) as refusal:
            act(member, tags)
        assert refusal.value.path == path
    assert world.org.members.tags(member).tags == ()


def test_a_tag_of_64_characters_with_space_around_it_is_one(world):
    member = world.member()
    world.org.members.add_tags(member, [" " + "ΐ" * 64 + " "])
    assert list(world.org.members.tagged("ΐ" * 64)) == [member]


@pytest.mark.rule("COM-1", "COM-13")
def test_tags_are_the_staffs_and_of_one_organization(world):
    member, other = world.member(), World(world.storage)
    world.org.members.add_tags(member, ["vip"])
    assert list(other.org.members.all_tags()) == list(other.org.members.tagged("vip")) == []
    for org in (other.org, world.org):
        stranger = MemberId(new_id()) if org is world.org else member
        for act in (org.members.tags, lambda id, org=org: org.members.add_tags(id, ["vip"])):
            with pytest.raises(NotFound):
                act(stranger)
    with pytest.raises(PermissionDenied):
        world.acting_as(Actor.member(member)).members.tags(member)
