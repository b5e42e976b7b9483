"""MEM-1, MEM-2: what has to be known of a person, how they are reached, and who else has that, on every store."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import ExternalId, MemberLogic
from memberlogic.actors import Actor
from memberlogic.errors import Duplicate, InvalidInput, NotFound, RuleViolation
from memberlogic.ids import MemberId, new_id
from memberlogic.members.contact_points import ContactKind
from memberlogic.members.keying import ContactTaken, NormaliserDiffers
from memberlogic.members.normalising import NormalisedContacts, PlainContacts, default_normaliser
from memberlogic.members.people import Address, EmergencyContact, Person
from memberlogic.members.rekeying import KeysClash
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

NAMES = ("given_name", "family_name", "known_as")
EVERYTHING = {
    "given_name": "Ana",
    "family_name": "Example",
    "known_as": "Annie",
    "salutation": "Ms",
    "birth_date": date(1990, 2, 28),
    "language": "en-GB",
    "zone": ZoneInfo("Europe/London"),
    "addresses": (Address(lines=["1 Example Street"], city="London", country="GB"),),
    "photo": "photos/ana",
    "home_studio": "north",
    "favourite_studio": "north",
    "interests": ("yoga", "climbing"),
    "emergency_contact": EmergencyContact(name="Ben", phone="+44 20 7946 0001"),
}


def register(world, **said):
    return world.org.members.register(**{"member_type": "customer"} | said)


def reached(world, member):
    return [(each.kind, each.written, each.match_key) for each in world.org.members.contact_points(member)]


@pytest.mark.rule("MEM-1")
def test_everything_that_was_said_is_known(world):
    world.org.settings.open_studio(code="north", name="North", zone=ZoneInfo("Europe/London"))
    parent = world.member()
    member = register(world, **EVERYTHING, guardian=parent, email="Ana@Example.org", phones=["+44 20 7946 0958"])
    assert world.org.members.person(member.id) == Person(member=member.id, guardian=parent, **EVERYTHING)
    assert reached(world, member.id) == [
        (ContactKind.EMAIL, "Ana@Example.org", "ana@example.org"),
        (ContactKind.PHONE, "+44 20 7946 0958", "+442079460958"),
    ]


@pytest.mark.rule("MEM-1")
@pytest.mark.parametrize("name", [{}, *({each: "A"} for each in (*NAMES, "salutation"))])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("way", [{}, {"email": "a@example.org"}, {"phones": ["+441632960001"]}, {"guardian": True}])
def test_a_record_needs_somebody_and_a_way_to_them(name, known, way):
    """Every combination, decided without a store's help."""
    world = World(MemoryStorage())
    said = name | ({"external_ids": [ExternalId("crm", "7")]} if known else {})
    said |= {"guardian": world.member()} if "guardian" in way else way
    before = world.events()
    if not known and not set(name) & set(NAMES):
        refusal = "member.nameless"
    elif not known and not way:
        refusal = "member.out_of_reach"
    else:
        assert register(world, **said).id
        return
    with pytest.raises(RuleViolation) as caught:
        register(world, **said)
    assert (caught.value.code, caught.value.rule) == (refusal, "MEM-1")
    assert world.events() == before


@pytest.mark.rule("MEM-1")
def test_a_child_is_reached_through_somebody_who_is_no_child(world):
    parent = world.member()
    child = register(world, given_name="Kim", guardian=parent)
    with pytest.raises(RuleViolation) as refusal:
        register(world, given_name="Lee", guardian=child.id)
    assert refusal.value.details == {"guardian": str(child.id)}
    with pytest.raises(NotFound):
        register(world, given_name="Lee", guardian=MemberId(new_id()))


@pytest.mark.rule("MEM-1", "COM-3")
def test_a_birth_date_is_not_to_come_by_the_organizations_day(world):
    """At 23:30 in London it is tomorrow in Berlin."""
    world.wait(hours=11, minutes=30)
    tomorrow = world.clock.now().date() + timedelta(days=1)
    assert register(world, given_name="Kim", email="kim@example.org", birth_date=tomorrow)
    with pytest.raises(RuleViolation) as refusal:
        register(world, given_name="Lee", email="lee@example.org", birth_date=tomorrow + timedelta(days=1))
    assert refusal.value.code == "member.unborn"


@pytest.mark.rule("MEM-1")
def test_a_home_studio_is_one_of_the_organization(world):
    with pytest.raises(NotFound) as refusal:
        register(world, given_name="Kim", email="kim@example.org", home_studio="nowhere")
    assert refusal.value.details["kind"] == "studio"


@pytest.mark.rule("MEM-1", "COM-11")
@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("given_name", " Ana", "given_name"),
        ("family_name", "x" * 101, "family_name"),
        ("birth_date", "1990-01-01", "birth_date"),
        ("birth_date", date(1849, 12, 31), "birth_date"),
        ("language", "English", "language"),
        ("zone", "Europe/London", "zone"),
        ("addresses", ["1 Example Street"], "addresses[0]"),
        ("addresses", [Address(lines=["1"], country="GB")] * 2, "addresses[1].kind"),
        ("interests", ["yoga", 7], "interests[1]"),
        ("interests", "yoga", "interests"),
        ("home_studio", "North!", "home_studio"),
        ("email", "ana@", "email"),
        ("email", "two words", "email"),
        ("phones", ["+441632960001", "call me"], "phones[1]"),
        ("phones", ["12"], "phones[0]"),
        ("guardian", "me", "guardian"),
    ],
)
def test_each_field_is_refused_by_its_name(field, value, path):
    world = World(MemoryStorage())
    with pytest.raises(InvalidInput) as refusal:
        register(world, **{"given_name": "Ana", "email": "ana@example.org"} | {field: value})
    assert refusal.value.path == path


@pytest.mark.parametrize("bad", [{"country": "gb"}, {"lines": []}, {"lines": [""]}, {"kind": "My home"}])
def test_an_address_has_lines_and_a_country(bad):
    with pytest.raises(InvalidInput):
        Address(**{"lines": ["1"], "country": "GB"} | bad)


@pytest.mark.rule("MEM-2")
@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ({"email": "Ana@Example.org"}, {"email": "ANA@example.ORG"}, "email"),
        ({"phones": ["+44 (20) 7946-0958"]}, {"phones": ["0044 20 7946 0958"]}, "phone"),
    ],
)
def test_nobody_registers_with_what_another_has(world, first, second, kind):
    mine = register(world, given_name="Ana", **first)
    with pytest.raises(ContactTaken) as refusal:
        register(world, given_name="Ben", **second)
    assert refusal.value.details == {"kind": kind, "field": "contact point", "member": str(mine.id)}
    assert isinstance(refusal.value, Duplicate)
    with pytest.raises(ContactTaken) as refusal:
        world.staff("members:create").members.register(member_type="customer", given_name="Ben", **second)
    assert refusal.value.details["member"] is None, "who has it is said only to those who may read members"


@pytest.mark.rule("MEM-2", "COM-1")
def test_another_organization_has_members_of_its_own(world, make_world):
    register(world, given_name="Ana", email="ana@example.org")
    assert register(make_world(), given_name="Ana", email="ana@example.org")


@pytest.mark.rule("MEM-2")
def test_the_same_number_twice_is_kept_once(world):
    member = register(world, given_name="Ana", phones=["+441632960001", "+44 1632 960001", "+441632960002"])
    written = [written for _, written, _ in reached(world, member.id)]
    assert sorted(written) == ["+441632960001", "+441632960002"]


@pytest.mark.rule("MEM-1", "MEM-7")
@pytest.mark.parametrize("verified", [False, True])
def test_who_is_verified_is_verified_with_their_contact_points(world, verified):
    member = register(world, given_name="Ana", email="ana@example.org", verified=verified)
    (point,) = world.org.members.contact_points(member.id)
    assert point.verified is verified
    event = next(each.event for each in world.events() if each.event.type == "member.contact_point_added")
    assert (event.contact_point, event.kind, event.verified) == (point.id, ContactKind.EMAIL, verified)


@pytest.mark.rule("COM-10", "COM-9")
def test_no_event_or_result_says_a_name_or_an_address(world):
    world.org.settings.open_studio(code="north", name="North", zone=ZoneInfo("Europe/London"))
    register(world, **EVERYTHING, email="ana@example.org", phones=["+442079460958"], idempotency_key="k")
    said = str([each.event for each in world.events()])
    assert not any(word in said for word in ("Ana", "Example Street", "ana@", "+4420", "yoga", "1990"))


@pytest.mark.rule("COM-9", "MEM-1")
def test_registering_twice_with_one_key_is_registering_once(world):
    said = {"given_name": "Ana", "email": "ana@example.org", "idempotency_key": "k"}
    assert register(world, **said) == register(world, **said)


@pytest.mark.rule("COM-19")
def test_external_ids_are_told_by_source_and_value(world):
    cards = [ExternalId("card", "9"), ExternalId("card", "10"), ExternalId("app", "z")]
    member = register(world, given_name="Ana", external_ids=cards).id
    without = register(world, given_name="Ben", email="ben@example.org").id
    assert world.org.members.external_ids(member) == (cards[2], cards[1], cards[0])
    assert world.acting_as(Actor.member(member)).members.external_ids(member)
    assert world.org.members.external_ids(without) == ()


@pytest.mark.rule("COM-13", "COM-11")
def test_a_member_sees_their_own_record_and_nobody_elses(world):
    mine, other = register(world, given_name="Ana", email="ana@example.org").id, world.member()
    me = world.acting_as(Actor.member(mine))
    assert me.members.person(mine).given_name == "Ana"
    assert len(me.members.contact_points(mine)) == 1
    for look in (me.members.person, me.members.contact_points, me.members.external_ids):
        with pytest.raises(NotFound):
            look(other)


class TestNormalisers:
    """Two ways to write the same."""

    pytestmark = pytest.mark.rule("MEM-2")

    @given(st.text(max_size=60))
    def test_a_key_of_a_key_is_the_key(self, text):
        for normaliser in (PlainContacts(), default_normaliser()):
            for key_of in (normaliser.email, lambda said: normaliser.phone(said, "GB")):  # noqa: B023
                key = key_of(text)
                assert key is None or key_of(key) == key

    def test_plain_numbers_need_their_country(self):
        assert PlainContacts().phone("020 7946 0958", "GB") is None

    def test_the_region_is_where_numbers_without_a_country_are_from(self, world):
        pytest.importorskip("phonenumbers")
        with pytest.raises(InvalidInput):
            register(world, given_name="Ana", phones=["020 7946 0958"])
        world.org.settings.change(phone_region="GB")
        member = register(world, given_name="Ana", phones=["020 7946 0958"])
        assert reached(world, member.id) == [(ContactKind.PHONE, "020 7946 0958", "+442079460958")]

    def test_nothing_is_looked_up(self):
        pytest.importorskip("email_validator")
        assert NormalisedContacts().email("Ana@no-such-domain-at-all.example.org")


class Shouting(PlainContacts):
    """Makes other keys."""

    mark = "shouting-1"

    def email(self, written):
        key = super().email(written)
        return key and key.upper().replace("+1", "")


class TestRekeying:
    """One normaliser for an organization."""

    pytestmark = pytest.mark.rule("MEM-2")

    @pytest.fixture
    def shouting(self, world):
        return MemberLogic(world.storage, clock=world.clock, normaliser=Shouting())

    def open(self, ml, world):
        return ml.organization(world.organization.id, Actor.system())

    def test_before_the_first_contact_point_any_will_do(self, world, shouting):
        assert self.open(shouting, world)
        assert world.org.settings.get().normaliser is None
        register(world, given_name="Ana", email="ana@example.org")
        assert world.org.settings.get().normaliser == world.ml.normaliser.mark

    def test_another_one_is_refused_until_the_keys_are_made_anew(self, world, shouting):
        early = self.open(shouting, world)
        member = register(world, given_name="Ana", email="ana@example.org")
        with pytest.raises(NormaliserDiffers) as refusal:
            self.open(shouting, world)
        assert refusal.value.details == {"recorded": world.ml.normaliser.mark, "ours": "shouting-1"}
        with pytest.raises(NormaliserDiffers):
            early.members.register(member_type="customer", given_name="Ben", email="ben@example.org")
        done = shouting.rekey_contacts(world.organization.id, Actor.system())
        assert (done.normaliser, done.contact_points, done.changed, done.unreadable) == ("shouting-1", 1, 1, ())
        assert self.open(shouting, world).members.contact_points(member.id)[0].match_key == "ANA@EXAMPLE.ORG"
        with pytest.raises(NormaliserDiffers):
            register(world, given_name="Ben", email="ben@example.org")
        again = shouting.rekey_contacts(world.organization.id, Actor.system())
        assert again.changed == 0

    def test_two_that_would_be_the_same_change_nothing(self, world, shouting):
        one = register(world, given_name="Ana", email="ana@example.org").id
        two = register(world, given_name="Ben", email="ana+1@example.org").id
        points = [world.org.members.contact_points(each)[0] for each in (one, two)]
        with pytest.raises(KeysClash) as refusal:
            shouting.rekey_contacts(world.organization.id, Actor.system())
        assert sorted(refusal.value.details["contact_points"]) == sorted(str(each.id) for each in points)
        assert [world.org.members.contact_points(each)[0] for each in (one, two)] == points
        assert world.org.settings.get().normaliser == world.ml.normaliser.mark

    def test_what_it_cannot_read_keeps_its_key(self, world, shouting, monkeypatch):
        member = register(world, given_name="Ana", email="ana@example.org").id
        monkeypatch.setattr(Shouting, "email", lambda *_: None)
        done = shouting.rekey_contacts(world.organization.id, Actor.system())
        (point,) = world.storage and self.open(shouting, world).members.contact_points(member)
        assert (done.unreadable, point.match_key) == ((point.id,), "ana@example.org")
        assert "1 contact points" in done.explain().text()

    def test_it_is_for_those_who_may_change_the_settings(self, world, shouting):
        with pytest.raises(Exception, match=r"settings\.organization:update"):
            shouting.rekey_contacts(world.organization.id, Actor.staff("sam", []))
