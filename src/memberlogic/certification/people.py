"""What a store promises of people and their contact points (MEM-1, MEM-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from memberlogic.application import Work
from memberlogic.certification.base import Certification
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import ConfirmationId, ContactPointId, ExternalId, MemberId, new_id
from memberlogic.members.contact_points import Confirmation, ContactKey, ContactKind, ContactPoint
from memberlogic.members.finding import Hit, Probe
from memberlogic.members.people import Address, EmergencyContact, Person
from memberlogic.members.search_keys import SearchKey, SearchKind
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["PeoplePromises"]


def _do(world: World, act: Callable[[Work], object]) -> None:
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        act(uow)
        uow.finish(None)


def _person(member: MemberId, guardian: MemberId | None = None) -> Person:
    return Person(
        member=member,
        given_name="Zoë",
        family_name="Łuczak-Groß",
        known_as="Zo",
        salutation="Dr",
        birth_date=date(2004, 2, 29),
        language="pt-BR",
        zone=ZoneInfo("Europe/Warsaw"),
        addresses=[Address(lines=["1 Example Street", "Flat 2"], postcode="0001", city="Łódź", country="PL")],
        photo="photos/1",
        home_studio="north",
        favourite_studio="south",
        interests=["yoga", "日本語"],
        emergency_contact=EmergencyContact(name="Ben", phone="+44 20 7946 0001", relation="brother"),
        guardian=guardian,
    )


def _point(member: MemberId, key: str, kind: ContactKind = ContactKind.EMAIL) -> ContactPoint:
    return ContactPoint(id=ContactPointId(new_id()), member=member, kind=kind, written=key.upper(), match_key=key)


class PeoplePromises(Certification):
    """The ports ``People``, ``ContactPoints``, ``Confirmations`` and ``SearchKeys``."""

    def test_the_types_that_somebody_is_of_are_found(self, world: World) -> None:
        """MEM-1: those that are asked for, or all; not those of another organization."""
        world.know_types(["guest", "partner"])
        world.member(member_type="guest")
        world.member()
        World(world.storage).member(member_type="staff")
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert set(uow.members.in_use(["guest", "partner", "staff"])) == {"guest"}
            assert set(uow.members.in_use([])) == set()
            assert set(uow.members.types()) == {"guest", "customer"}

    def test_everything_that_is_known_comes_back(self, world: World) -> None:
        """MEM-1: and of somebody of whom nothing is kept nothing is known."""
        member, guardian = world.member(), world.member()
        _do(world, lambda uow: uow.people.change([_person(member, guardian)]))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.people.of(member) == _person(member, guardian)
            assert uow.people.of(guardian) == Person(member=guardian)
            assert list(uow.people.wards(guardian)) == [member]
            assert list(uow.people.wards(member)) == []

    def test_what_is_no_longer_known_is_gone(self, world: World) -> None:
        """MEM-1: nothing of what was known before stays."""
        member = world.member()
        _do(world, lambda uow: uow.people.change([_person(member)]))
        left = Person(member=member, given_name="Zo")
        _do(world, lambda uow: uow.people.change([left]))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.people.of(member) == left

    def test_contact_points_come_in_the_order_in_which_they_were_added(self, world: World) -> None:
        """MEM-2: and are found by their keys, which say of what kind they are."""
        one, two = world.member(), world.member()
        points = [_point(one, "z@example.org"), _point(one, "+441632960001", ContactKind.PHONE)]
        other = _point(two, "é@example.org")
        _do(world, lambda uow: uow.contact_points.add([*points, other]))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.contact_points.of(one)) == points
            assert uow.contact_points.get(other.id) == other
            asked = [other.key, points[0].key, ContactKey(ContactKind.PHONE, "z@example.org")]
            assert uow.contact_points.holders(asked) == {other.key: two, points[0].key: one}
            assert uow.contact_points.holders([ContactKey(ContactKind.EMAIL, "e@example.org")]) == {}
            assert uow.contact_points.holders([ContactKey(ContactKind.EMAIL, "É@example.org")]) == {}
            every = sorted([*points, other], key=lambda each: each.id)
            assert list(uow.contact_points.all(None, 2)) == every[:2]
            assert list(uow.contact_points.all(every[1].id, 2)) == every[2:]
            with pytest.raises(NotFound):
                uow.contact_points.get(ContactPointId(new_id()))

    def test_a_key_is_had_once_in_an_organization(self, world: World) -> None:
        """MEM-2: what was decided without knowing of another is not written; another organization has its own."""
        one, two = world.member(), world.member()
        _do(world, lambda uow: uow.contact_points.add([_point(one, "a@example.org")]))
        with pytest.raises(ConcurrencyConflict):
            _do(world, lambda uow: uow.contact_points.add([_point(two, "a@example.org")]))
        other = World(world.storage)
        theirs = _point(other.member(), "a@example.org")
        _do(other, lambda uow: uow.contact_points.add([theirs]))

    def test_a_contact_point_waits_for_one_confirmation(self, world: World) -> None:
        """MEM-7: found by the digest of its token, until it waits no longer; in its own organization only."""
        member = world.member()
        point = _point(member, "a@example.org")
        waiting = [
            Confirmation(
                id=ConfirmationId(new_id()),
                member=member,
                contact_point=point.id,
                digest=letter * 64,
                expires_at=world.clock.now(),
            )
            for letter in "ab"
        ]

        def again(uow: Work) -> None:
            uow.confirmations.remove([point.id])
            uow.confirmations.add(waiting[1])

        _do(world, lambda uow: uow.contact_points.add([point]))
        _do(world, lambda uow: uow.confirmations.add(waiting[0]))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.confirmations.get("a" * 64) == waiting[0]
        _do(world, again)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.confirmations.get("b" * 64) == waiting[1]
            with pytest.raises(NotFound):
                uow.confirmations.get("a" * 64)
        other = World(world.storage)
        with other.storage.reading(other.organization.id, other.clock) as uow, pytest.raises(NotFound):
            uow.confirmations.get("b" * 64)
        _do(world, lambda uow: uow.confirmations.remove([point.id, ContactPointId(new_id())]))
        with world.storage.reading(world.organization.id, world.clock) as uow, pytest.raises(NotFound):
            uow.confirmations.get("b" * 64)

    def test_members_are_found_by_ranges_of_keys(self, world: World) -> None:
        """COM-20: compared character by character, each member once, page after page; in one organization."""
        one, two = sorted([world.member(), world.member()])
        texts = ["a", "a b", "ab", "b", "z", "é", "ł", "王", "\U0001f600"]
        keys = [SearchKey(SearchKind.NAME, each) for each in texts]
        _do(world, lambda uow: uow.search_keys.change(one, [], keys))
        email = SearchKey(SearchKind.EMAIL, "ab")
        _do(world, lambda uow: uow.search_keys.change(two, [], [keys[2], keys[3], email]))
        _do(world, lambda uow: uow.search_keys.change(two, [keys[3]], []))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            for low in texts:
                for high in texts:
                    probe = Probe(SearchKind.NAME, low, high)
                    hits = uow.search_keys.found([probe], after=None, limit=9, only=one)
                    assert [hit.key.value for hit in hits] == sorted(each for each in texts if low <= each <= high)[:1]
            both = [Probe(SearchKind.EMAIL, "a", "b"), Probe(SearchKind.NAME, "ab", "b")]
            first, second = Hit(email, two), Hit(keys[2], one)
            assert list(uow.search_keys.found(both, after=None, limit=9, only=None)) == [first, second]
            assert list(uow.search_keys.found(both, after=None, limit=1, only=None)) == [first]
            assert list(uow.search_keys.found(both, after=first, limit=1, only=None)) == [second]
            assert list(uow.search_keys.found(both, after=second, limit=1, only=None)) == []
            assert list(uow.search_keys.found([], after=None, limit=1, only=None)) == []
        other = World(world.storage)
        with other.storage.reading(other.organization.id, other.clock) as uow:
            assert list(uow.search_keys.found(both, after=None, limit=9, only=None)) == []

    def test_external_ids_of_a_record(self, world: World) -> None:
        """COM-19: its own, of its kind."""
        known = [ExternalId("till", "7"), ExternalId("crm", "9")]
        member = world.org.members.register(member_type="customer", external_ids=known).id
        world.member()
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.external_ids.of("member", member)) == known[::-1]
            assert list(uow.external_ids.of("account", member)) == []

    def test_contact_points_change_and_go(self, world: World) -> None:
        """MEM-2, MEM-7: a key that is given up can be taken at once."""
        member = world.member()
        point, second = _point(member, "a@example.org"), _point(member, "b@example.org")
        _do(world, lambda uow: uow.contact_points.add([point, second]))
        changed = evolve(point, verified=True, written="a@Example.org")
        _do(world, lambda uow: uow.contact_points.change([changed]))
        swapped = [evolve(changed, match_key="b@example.org"), evolve(second, match_key="a@example.org")]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.contact_points.of(member)) == [changed, second]
        _do(world, lambda uow: uow.contact_points.rekey(swapped))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.contact_points.of(member)) == swapped
        _do(world, lambda uow: uow.contact_points.remove(swapped))
        _do(world, lambda uow: uow.contact_points.add([point]))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.contact_points.of(member)) == [point]
