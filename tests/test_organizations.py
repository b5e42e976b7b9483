"""COM-1, COM-9: opening an organization, on every store."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from memberlogic import MemberLogic
from memberlogic.errors import Duplicate, IdempotencyConflict, InvalidInput, NotFound
from memberlogic.ids import OrganizationId, new_id
from memberlogic.testing import World

pytestmark = pytest.mark.rule("COM-9", "COM-1")

NAMED = {"name": "Example", "zone": ZoneInfo("Europe/Berlin")}


def test_opening_an_organization_takes_a_key(storage):
    """Its own, as keys are kept by organization: so it needs the id."""
    ml, id = MemberLogic(storage), OrganizationId(new_id())
    first = ml.open_organization(**NAMED, id=id, idempotency_key="K1")
    assert ml.open_organization(**NAMED, id=id, idempotency_key="K1") == first
    with pytest.raises(IdempotencyConflict):
        ml.open_organization(**(NAMED | {"name": "Another"}), id=id, idempotency_key="K1")
    with pytest.raises(Duplicate):
        ml.open_organization(**NAMED, id=id, idempotency_key="K2")
    with pytest.raises(Duplicate):
        ml.open_organization(**NAMED, id=id)
    other = ml.open_organization(**NAMED, id=OrganizationId(new_id()), idempotency_key="K1")
    assert other.id != first.id


@pytest.mark.rule("COM-11")
def test_a_key_without_an_id_is_refused(storage):
    with pytest.raises(InvalidInput) as caught:
        MemberLogic(storage).open_organization(**NAMED, idempotency_key="K1")
    assert caught.value.path == "id"


def test_settings_change_one_by_one_and_say_which(world):
    """What is not given stays; giving what is so already is no event."""
    before = world.org.settings.get()
    after = world.org.settings.change(unverified_may_spend=True)
    assert (after.unverified_may_spend, after.name, after.version) == (True, before.name, before.version + 1)
    assert world.org.settings.get() == after
    assert world.org.settings.change(unverified_may_spend=True, name=before.name) == after
    changes = [each.event for each in world.events() if each.event.type == "organization.changed"]
    assert [each.fields for each in changes] == [("unverified_may_spend",)]


@pytest.mark.rule("COM-3")
def test_a_studio_is_opened_once_and_keeps_its_zone(world):
    tokyo = world.org.settings.open_studio(code="tokyo", name="Tokyo", zone=ZoneInfo("Asia/Tokyo"))
    world.org.settings.open_studio(code="berlin", name="Berlin", zone=ZoneInfo("Europe/Berlin"))
    assert world.org.settings.studio("tokyo") == tokyo
    assert [each.code for each in world.org.settings.studios()] == ["berlin", "tokyo"]
    with pytest.raises(Duplicate):
        world.org.settings.open_studio(code="tokyo", name="Another", zone=ZoneInfo("Asia/Tokyo"))
    with pytest.raises(NotFound):
        world.org.settings.studio("osaka")
    assert World(world.storage).org.settings.studios() == ()
