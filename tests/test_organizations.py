"""COM-1, COM-9: opening an organization, on every store."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import Actor, Feature, MemberLogic, Tier
from memberlogic.errors import Duplicate, FeatureUnavailable, IdempotencyConflict, InvalidInput, NotFound
from memberlogic.ids import OrganizationId, new_id
from memberlogic.organizations import tiering
from memberlogic.organizations.changing import ChangeSettings
from memberlogic.organizations.model import Lapse, Organization
from memberlogic.running import Asks
from memberlogic.testing import World
from memberlogic.testing.worlds import NOON

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


CARE_LIKE = Asks("settings.get", "settings.organization:read", Organization, tier=Tier.PRO)


def _paid(world, actor=None):
    """A query that needs tier PRO."""
    service = world.acting_as(actor or Actor.system()).settings
    return service._runner.ask(CARE_LIKE, None, service.get_step)


@pytest.mark.rule("COM-14")
def test_what_needs_a_tier_is_refused_below_it_by_name(world):
    """Before the permission is asked for (COM-11)."""
    assert _paid(world).tier is Tier.PRO
    world.ml.change_tier(world.organization.id, Tier.BASIC)
    for actor in (Actor.system(), Actor.staff("sam", [])):
        with pytest.raises(FeatureUnavailable) as caught:
            _paid(world, actor)
        assert caught.value.details == {"feature": "tier.pro"}
    assert world.org.settings.get().tier is Tier.BASIC
    world.ml.change_tier(world.organization.id, Tier.PRO)
    assert _paid(world).tier is Tier.PRO


@pytest.mark.rule("COM-14")
def test_it_is_kept_for_how_long_pro_was_gone(world):
    """Half-open, in order, one after the other; what is so already changes nothing."""
    id, first = world.organization.id, world.clock.now()
    assert world.ml.change_tier(id, Tier.PRO) == world.org.settings.get()
    assert world.ml.change_tier(id, Tier.BASIC).tier_lapses == (Lapse(first),)
    world.wait(days=3)
    assert world.ml.change_tier(id, Tier.BASIC).tier_lapses == (Lapse(first),)
    back = world.clock.now()
    assert world.ml.change_tier(id, Tier.PRO).tier_lapses == (Lapse(first, back),)
    world.wait(days=1)
    again = world.clock.now()
    world.ml.change_tier(id, Tier.BASIC)
    assert world.org.settings.get().tier_lapses == (Lapse(first, back), Lapse(again))
    world.ml.change_tier(id, Tier.PRO)
    assert world.org.settings.get().tier_lapses == (Lapse(first, back),)
    told = [each.event for each in world.events() if each.event.type == "organization.tier_changed"]
    assert [each.after for each in told] == [Tier.BASIC, Tier.PRO] * 2
    assert world.org.settings.change(draft_days=7).tier_lapses == (Lapse(first, back),)


@pytest.mark.rule("COM-14")
def test_who_never_had_pro_has_lost_nothing(storage):
    world = World(storage, organization={"tier": Tier.BASIC})
    assert world.ml.change_tier(world.organization.id, Tier.PRO).tier_lapses == ()


@pytest.mark.rule("COM-14")
@given(steps=st.lists(st.tuples(st.sampled_from(Tier), st.integers(-3, 5)), max_size=12), first=st.sampled_from(Tier))
def test_lapses_are_in_order_and_open_exactly_while_pro_is_gone(steps, first):
    """Also where the clock is set back."""
    organization = Organization(id=OrganizationId(new_id()), name="Example", zone=ZoneInfo("UTC"), tier=first)
    now, had = NOON, first is Tier.PRO
    for tier, hours in steps:
        now += timedelta(hours=hours)
        organization = tiering.change_tier(organization, tiering.ChangeTier(tier=tier), now).facts
        had = had or tier is Tier.PRO
        lapses = organization.tier_lapses
        assert all(each.until is None or each.since < each.until for each in lapses)
        assert all(one.until is not None and one.until <= two.since for one, two in pairwise(lapses))
        assert any(each.until is None for each in lapses) == (had and tier is Tier.BASIC)


@pytest.mark.rule("COM-14")
def test_features_are_given_and_taken_with_the_tier(world):
    id = world.organization.id
    changed = world.ml.change_tier(id, Tier.PRO, features=[Feature.POINT_OF_SALE])
    assert changed.features == {Feature.POINT_OF_SALE}
    with pytest.raises(FeatureUnavailable):
        world.acting_as(Actor.system()).loyalty.open_account(club=world.club.id, member=world.member())
    assert world.ml.change_tier(id, Tier.BASIC).features == {Feature.POINT_OF_SALE}
    told = [each.event for each in world.events() if each.event.type == "organization.changed"]
    assert [each.fields for each in told] == [("features",)]


@pytest.mark.rule("COM-14", "COM-13")
def test_staff_cannot_raise_the_tier(world):
    """No setting reaches it: it belongs to whoever sells the tiers."""
    names = {each.name for each in attrs.fields(ChangeSettings)}
    assert not names & {"tier", "features", "tier_lapses"}


def test_changing_the_tier_takes_a_key_and_knows_the_organization(world):
    id = world.organization.id
    first = world.ml.change_tier(id, Tier.BASIC, idempotency_key="K1")
    world.ml.change_tier(id, Tier.PRO)
    assert world.ml.change_tier(id, Tier.BASIC, idempotency_key="K1") == first
    assert world.org.settings.get().tier is Tier.PRO
    with pytest.raises(NotFound):
        world.ml.change_tier(OrganizationId(new_id()), Tier.PRO)
    for wrong in ({"tier": "pro"}, {"tier": Tier.PRO, "features": ["loyalty"]}, {"tier": Tier.PRO, "features": 3}):
        with pytest.raises(InvalidInput):
            world.ml.change_tier(id, **wrong)
