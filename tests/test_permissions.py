"""R8: every public command and query without its permission, without its feature, and with another organization's
ids. The list comes from the services.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_origin

import pytest
from tests.calling import Facts, asked, ids_of, method, parameters

from memberlogic import Feature, Tier
from memberlogic.actors import Actor
from memberlogic.errors import FeatureUnavailable, NotFound, PermissionDenied
from memberlogic.ids import AccountId, ContactPointId, ContractId, HoldId, MemberId, VisitId
from memberlogic.ledger.model import WalletId
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

NAMES = sorted(asked())
WITH_FEATURE = [name for name in NAMES if asked()[name].feature is not None]
WITH_TIER = [name for name in NAMES if asked()[name].tier is not None]
FOREIGN = [(name, parameter) for name in NAMES for parameter in ids_of(name)]


@pytest.fixture
def facts():
    return Facts(World(MemoryStorage()))


@pytest.mark.rule("COM-13")
@pytest.mark.parametrize("name", NAMES)
def test_without_its_permission_it_is_denied(facts, name):
    asks = asked()[name]
    others = {each.permission for each in asked().values()} - {asks.permission}
    arguments = facts.arguments(name)
    before = facts.world.events()
    with pytest.raises(PermissionDenied) as caught:
        method(facts.world.staff(*others), name)(**arguments)
    assert caught.value.details == {"permission": asks.permission}
    with pytest.raises(PermissionDenied):
        method(facts.world.staff(), name)(**arguments)
    assert facts.world.events() == before


@pytest.mark.rule("COM-13")
@pytest.mark.parametrize("name", NAMES)
def test_a_permission_is_an_area_and_a_verb(name):
    assert Actor.staff("sam", [asked()[name].permission])


@pytest.mark.rule("COM-13", "COM-11")
@pytest.mark.parametrize(("name", "parameter"), FOREIGN)
def test_a_member_reaches_nobody_elses_record(facts, name, parameter):
    stranger = facts.world.acting_as(Actor.member(facts.world.member()))
    arguments = facts.arguments(name) | {parameter: _given(facts, name, parameter)}
    with pytest.raises((NotFound, PermissionDenied)):
        method(stranger, name)(**arguments)


OF_A_MEMBER = {MemberId, ContactPointId, AccountId, ContractId, HoldId, VisitId}
"""Ids of what belongs to somebody: a member is told only of their own (COM-11)."""
OF_NOBODY = {
    "contracts.find": "by an external id; what is found is looked at like one by its id",
    "loyalty.find_account": "by an external id; what is found is looked at like one by its id",
    "loyalty.find_purchase": "by an external id; the account of what is found is looked at",
    "loyalty.returns": "by an external id; the account of what is found is looked at",
    "members.confirm": "by a token that only the member was sent",
    "members.search": "finds nobody but themself",
}


@pytest.mark.rule("COM-13", "COM-11")
@pytest.mark.parametrize("name", NAMES)
def test_what_a_member_may_ask_for_is_about_one_record(facts, name):
    """Whatever looks at the whole organization, such as a report, has a permission that no member has."""
    member = Actor.member(facts.world.member())
    kinds = {kind.__args__[0] if get_origin(kind) is not None else kind for kind in parameters(name).values()}
    if not member.may(asked()[name].permission) or name in OF_NOBODY:
        return
    assert kinds & OF_A_MEMBER or WalletId in kinds, "its permission is one that every member has"


@pytest.mark.rule("COM-13")
@pytest.mark.parametrize(
    "name",
    [f"contracts.{each}" for each in ["standing", "moved", "retention", "ending", "deadlines", "absent", "visits_at"]],
)
def test_reports_of_a_club_are_not_for_members(facts, name):
    member = facts.world.member()
    facts.world.contract(member=member)
    arguments = facts.arguments(name)
    with pytest.raises(PermissionDenied) as caught:
        _read(method(facts.world.acting_as(Actor.member(member)), name)(**arguments))
    assert caught.value.details["permission"] == asked()[name].permission
    _read(method(facts.world.staff(asked()[name].permission), name)(**arguments))


@pytest.mark.rule("COM-11")
def test_a_member_who_searches_finds_nobody_else(world):
    ana, ben = (
        world.org.members.register(member_type="customer", given_name=name, email=f"{name}@example.org").id
        for name in ("Ana", "Anabel")
    )
    found = world.acting_as(Actor.member(ana)).members.search("ana")
    assert ben not in {each.member.id for each in found}
    assert {each.member.id for each in world.org.members.search("ana")} == {ana, ben}


def _read(told):
    return list(told) if isinstance(told, Iterator) else told


@pytest.mark.rule("COM-14")
@pytest.mark.parametrize("name", WITH_FEATURE)
def test_without_its_feature_it_is_unavailable(facts, name):
    arguments = facts.arguments(name)
    world = facts.world
    bare = world.ml.open_organization(
        name="Bare", zone=world.organization.zone, tier=Tier.PRO, features=set(Feature) - {asked()[name].feature}
    )
    with pytest.raises(FeatureUnavailable) as caught:
        method(world.ml.organization(bare.id, Actor.staff("sam", [])), name)(**arguments)
    assert caught.value.details == {"feature": asked()[name].feature.value}


@pytest.mark.rule("COM-14")
def test_everything_of_points_and_clubs_needs_the_feature_loyalty():
    """Settling what fell due does not: an organization without the feature keeps its books."""
    due = {"ledger.settle", "loyalty.settle", "loyalty.review_together"}
    gated = {name for name in NAMES if name.startswith(("ledger.", "loyalty."))} - due
    assert gated == set(WITH_FEATURE)


@pytest.mark.rule("COM-14")
@pytest.mark.parametrize("name", WITH_TIER)
def test_without_its_tier_it_is_unavailable(facts, name):
    arguments, world = facts.arguments(name), facts.world
    basic = world.ml.open_organization(name="Basic", zone=world.organization.zone, tier=Tier.BASIC)
    with pytest.raises(FeatureUnavailable) as caught:
        method(world.ml.organization(basic.id, Actor.staff("sam", [])), name)(**arguments)
    assert caught.value.details == {"feature": f"tier.{asked()[name].tier.value}"}


@pytest.mark.rule("COM-14")
def test_everything_of_member_care_needs_the_tier_pro():
    """But for what has to go on without it: what was begun is settled, and why nothing happens can be asked."""
    without = {"care.settle", "care.listen", "care.check_message", "care.explain"}
    gated = {name for name in NAMES if name.startswith("care.")} - without
    assert gated == set(WITH_TIER)


@pytest.mark.rule("COM-1")
@pytest.mark.parametrize(("name", "parameter"), FOREIGN)
def test_another_organizations_record_is_not_found(facts, name, parameter):
    other = Facts(World(facts.world.storage))
    arguments = facts.arguments(name) | {parameter: _given(other, name, parameter)}
    mine, theirs = facts.world.events(), other.world.events()
    with pytest.raises(NotFound):
        method(facts.world.org, name)(**arguments)
    assert (facts.world.events(), other.world.events()) == (mine, theirs)


def _given(facts, name, parameter):
    """A value for a parameter, also for one that may be left out."""
    kind = parameters(name, optional=True)[parameter]
    given = facts.of(kind)
    return facts.of(kind.__args__[0]) if given is None else given
