"""COM-20: members are searched by what is known of them, alike on every store."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import ContactKind, ExternalId, MemberLogic, SearchKind
from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, PermissionDenied
from memberlogic.members import MemberState
from memberlogic.members.normalising import PlainContacts
from memberlogic.members.search_keys import LONGEST, folded, name_keys

pytestmark = pytest.mark.rule("COM-20")


def register(world, **said):
    return world.org.members.register(**{"member_type": "customer"} | said)


def search(world, text, **said):
    return [each.member.id for each in world.org.members.search(text, **said)]


@given(st.text(max_size=300))
def test_a_key_of_a_key_is_the_key(text):
    assert folded(folded(text)) == folded(text)
    assert len(folded(text)) <= LONGEST


@given(st.text(max_size=40))
def test_case_makes_no_difference(text):
    assert folded(text) == folded(text.casefold())


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Łuczak-Groß", "luczak gross"),
        ("O\u2019Brien", "obrien"),
        ("José  María", "jose maria"),
        ("JOSE\u0301", "jose"),
        ("Søren Ærø", "soren aero"),
        ("İpek Işık", "ipek isik"),
        ("Þóra Guðmundsdóttir", "thora gudmundsdottir"),
        ("\uff21\uff4e\uff41", "ana"),
        ("王 小明", "王 小明"),
    ],
)
def test_letters_are_found_as_they_are_typed_on_any_keyboard(written, key):
    assert folded(written) == key


@pytest.mark.parametrize(
    "text",
    [
        "ana", "ANA MARIA", "maria", "ana maria muller", "muller ana", "mull", "annie", "annie muller",
        "ana.m@", "ANA.M@EXAMPLE.ORG", "+44 20 7946", "0044 20 7946 0958", "crm-77", "CRM 7",
    ],
)  # fmt: skip
def test_a_member_is_found_by_the_beginning_of_whatever_is_known(world, text):
    ana = register(
        world,
        given_name="Ana María",
        family_name="Müller",
        known_as="Annie",
        email="Ana.M@example.org",
        phones=["+44 20 7946 0958"],
        external_ids=[ExternalId("crm", "CRM-77")],
    )
    register(world, given_name="Ben", email="ben@example.org")
    assert search(world, text) == [ana.id]


def test_a_member_is_found_by_a_support_id_and_its_beginning(world):
    members = [register(world, given_name=f"Member {at}", email=f"{at}@example.org") for at in range(5)]
    for each in members:
        assert search(world, each.support_id.lower(), by=SearchKind.SUPPORT_ID) == [each.id]
        assert each.id in search(world, each.support_id[:6], by=SearchKind.SUPPORT_ID)


def test_exact_is_the_whole_of_something(world):
    ana, anabel = (register(world, given_name=name, email=f"{name}@example.org") for name in ("Ana", "Anabel"))
    assert search(world, "ana") == [ana.id, anabel.id]
    assert search(world, "ana", exact=True) == [ana.id]
    assert search(world, "ANA@example.org", exact=True, by=SearchKind.EMAIL) == [ana.id]
    assert search(world, "ana", exact=True, by=SearchKind.EMAIL) == []
    assert search(world, "%") == search(world, "_na") == search(world, "'") == []


def test_each_is_found_once_and_by_what_is_said(world):
    ana = register(world, given_name="Ana", family_name="Anand", email="ana@example.org")
    (found,) = world.org.members.search("ana")
    assert (found.member, found.by) == (ana, SearchKind.EMAIL)
    assert found.person == world.org.members.person(ana.id)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_follow_one_another_without_a_gap(world, size):
    """Against one page of everything, also where somebody is found by several keys."""
    for at in range(7):
        register(world, given_name="Kim", family_name=f"Kimber{at % 3}", email=f"kim{at}@example.org")
    register(world, given_name="Kim", external_ids=[ExternalId("crm", "kim")])
    from memberlogic.members.finding import Searching, probes

    looked = probes(Searching(text="kim"), PlainContacts(), None)
    with world.storage.reading(world.organization.id, world.clock) as uow:
        whole = list(uow.search_keys.found(looked, after=None, limit=100, only=None))
        paged, last = [], None
        while page := uow.search_keys.found(looked, after=last, limit=size, only=None):
            paged += page
            last = page[-1]
    assert paged == whole == sorted(whole, key=lambda hit: (hit.key, hit.member))
    assert len({hit.member for hit in whole}) == len(whole) == 8


def test_what_changes_is_found_as_it_is_now(world):
    member = register(world, given_name="Ana", email="josé@example.org").id
    members = world.org.members
    members.update(member, given_name="Zoë")
    assert (search(world, "ana"), search(world, "zoe")) == ([], [member])
    second = members.add_contact_point(member, kind=ContactKind.EMAIL, value="jose@example.org").contact_point
    members.remove_contact_point(second)
    assert search(world, "jose@") == [member], "the other address is searched by the same key"
    point = members.contact_points(member)[0].id
    members.change_contact_point(point, value="new@example.org")
    assert (search(world, "jose@"), search(world, "new@")) == ([], [member])
    members.add_contact_point(member, kind=ContactKind.PHONE, value="+441632960001")
    members.remove_contact_point(point)
    assert (search(world, "new@"), search(world, "+441632")) == ([], [member])


def test_keys_made_anew_are_searched(world):
    member = register(world, given_name="Ana", phones=["+441632960001"]).id

    class Other(PlainContacts):
        mark = "other-1"

        def phone(self, written, region):
            return "+9" + (super().phone(written, region) or "")[1:]

    ml = MemberLogic(world.storage, clock=world.clock, normaliser=Other())
    ml.rekey_contacts(world.organization.id, Actor.system())
    other = ml.organization(world.organization.id, Actor.system())
    assert [each.member.id for each in other.members.search("+441632960001", exact=True)] == [member]
    with world.storage.reading(world.organization.id, world.clock) as uow:
        from memberlogic.members.finding import Probe

        assert uow.search_keys.found([Probe(SearchKind.PHONE, "+44", "+45")], after=None, limit=9, only=None) == []


@pytest.mark.rule("COM-1")
def test_nobody_of_another_organization_is_found(world, make_world):
    register(make_world(), given_name="Ana", email="ana@example.org")
    assert search(world, "ana") == []


@pytest.mark.rule("COM-13")
def test_a_member_finds_only_themself(world):
    mine, other = (register(world, given_name="Kim", email=f"{at}@example.org").id for at in range(2))
    me = world.acting_as(Actor.member(mine))
    assert [each.member.id for each in me.members.search("kim")] == [mine]
    assert set(search(world, "kim")) == {mine, other}
    with pytest.raises(PermissionDenied):
        me.members.list()
    with pytest.raises(PermissionDenied):
        world.staff("members:read").members.search("kim")


def test_a_search_is_read_as_far_as_it_is_looked_at(world, monkeypatch):
    from memberlogic.members import finding_service

    made = finding_service.Searching
    monkeypatch.setattr(finding_service, "Searching", lambda **said: made(**said, size=2))
    ids = {register(world, given_name="Kim", email=f"{at}@example.org").id for at in range(5)}
    found = world.org.members.search("kim")
    first = [each.member.id for each in islice(found, 2)]
    late = register(world, given_name="Kim", email="late@example.org").id
    rest = [each.member.id for each in found]
    assert sorted([*first, *rest]) == sorted(ids | {late})


@pytest.mark.parametrize("text", ["", " ana", "x" * 201, 7, None])
def test_what_cannot_be_searched_is_refused(world, text):
    with pytest.raises(InvalidInput) as refusal:
        world.org.members.search(text)
    assert refusal.value.path == "text"


def test_members_are_listed_by_type_and_state(world):
    staff = [world.member(member_type="staff"), world.member(member_type="staff", verified=False)]
    customers = [world.member(verified=False), world.member()]
    members = world.org.members
    assert [each.id for each in members.list()] == sorted([*staff, *customers])
    assert [each.id for each in members.list(member_type="staff")] == staff
    assert [each.id for each in members.list(state=MemberState.ACTIVE)] == [staff[0], customers[1]]
    assert [each.id for each in members.list(member_type="staff", state=MemberState.UNVERIFIED)] == [staff[1]]
    with world.storage.reading(world.organization.id, world.clock) as uow:
        from memberlogic.members.finding import PageOfMembers

        assert [each.id for each in uow.members.listed(PageOfMembers(after=staff[1], size=1))] == customers[:1]


def test_long_names_are_found_by_their_beginning(world):
    member = register(world, given_name="x" * 100, family_name="y" * 100, email="x@example.org").id
    assert search(world, "x" * 100 + " " + "y" * 60, by=SearchKind.NAME) == [member]
    assert all(len(each.value) <= LONGEST for each in name_keys("ﷺ" * 100, None, None))
