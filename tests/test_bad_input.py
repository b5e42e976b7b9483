"""R7: whatever a public command or query is given, it answers, or refuses with a MemberLogicError; a refusal leaves
every fact as it was.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.calling import Facts, asked, method, parameters

from memberlogic import Multiplier, Tier
from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

NAMES = sorted(name for name in asked() if parameters(name, optional=True))

EXTREMES = [
    None,
    True,
    -1,
    0,
    2**53,
    -(2**63),
    10**400,
    0.5,
    float("nan"),
    float("inf"),
    Fraction(1, 3),
    Fraction(10**400, 3),
    "",
    " ",
    "\x00",
    "\ud800",
    "x" * 100_000,
    "'; DROP TABLE ml_accounts; --",
    b"bytes",
    UUID(int=0),
    "00000000-0000-0000-0000-000000000000",
    datetime(2026, 1, 1),
    datetime.max.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    date.min,
    date.max,
    timedelta(1),
    ZoneInfo("Pacific/Apia"),
    [],
    [None],
    [[]],
    (1, 2),
    {},
    {"a": 1},
    set(),
    frozenset({1}),
    object(),
    int,
]

junk = st.one_of(
    st.sampled_from(EXTREMES),
    st.integers(),
    st.floats(),
    st.text(max_size=200),
    st.binary(max_size=20),
    st.uuids(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.fractions(),
    st.decimals(),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5
    ),
)


@pytest.mark.rule("COM-11", "COM-6", "COM-2")
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(data=st.data())
def test_only_our_errors_and_nothing_changed(name, data):
    world = World(MemoryStorage())
    facts = Facts(world)
    wrong = data.draw(st.lists(st.sampled_from(sorted(parameters(name, optional=True))), min_size=1, max_size=3))
    arguments = facts.arguments(name) | {each: data.draw(junk, label=each) for each in wrong}
    before = deepcopy(world.storage.tenant(world.organization.id))
    try:
        method(world.org, name)(**arguments)
    except MemberLogicError as refusal:
        assert world.storage.tenant(world.organization.id) == before
        assert "\x00" not in refusal.message
        assert len(refusal.message) < 500


@pytest.mark.rule("COM-11", "COM-6", "COM-2")
@pytest.mark.parametrize("name", NAMES)
def test_every_extreme_in_every_parameter(name):
    world = World(MemoryStorage())
    arguments = Facts(world).arguments(name)
    for parameter in parameters(name, optional=True):
        for value in EXTREMES:
            try:
                method(world.org, name)(**arguments | {parameter: value})
            except InvalidInput as refusal:
                assert refusal.path.partition("[")[0].partition(".")[0]
            except MemberLogicError:
                pass


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize("name", NAMES)
def test_no_store_is_given_what_it_cannot_keep(world, name):
    arguments = Facts(world).arguments(name)
    for parameter in parameters(name, optional=True):
        for value in (
            "\ud800",
            "a\x00b",
            2**53,
            10**400,
            datetime.max.replace(tzinfo=UTC),
            "ß" * 128,
            UUID(int=2**128 - 1),
        ):
            try:
                method(world.org, name)(**arguments | {parameter: value})
            except MemberLogicError as refusal:
                assert refusal.code != "storage.unavailable", refusal.message


@pytest.mark.rule("COM-11", "COM-1", "COM-2")
@pytest.mark.parametrize("value", EXTREMES, ids=lambda value: type(value).__name__)
def test_the_front_door_too(value):
    ml = World(MemoryStorage()).ml
    for call in (
        lambda: ml.open_organization(name=value, zone=ZoneInfo("UTC")),
        lambda: ml.open_organization(name="Example", zone=value),
        lambda: ml.open_organization(name="Example", zone=ZoneInfo("UTC"), tier=value),
        lambda: ml.open_organization(name="Example", zone=ZoneInfo("UTC"), features=value),
        lambda: ml.open_organization(name="Example", zone=ZoneInfo("UTC"), unverified_may_spend=value),
        lambda: ml.open_organization(name="Example", zone=ZoneInfo("UTC"), id=value),
        lambda: ml.organization(value, Actor.system()),
        lambda: ml.change_tier(value, Tier.PRO),
        lambda: ml.change_tier(ml.open_organization(name="Example", zone=ZoneInfo("UTC")).id, value),
        lambda: ml.change_tier(ml.open_organization(name="Example", zone=ZoneInfo("UTC")).id, Tier.PRO, features=value),
        lambda: ml.run_jobs(as_of=value),
        lambda: ml.run_jobs(chunk=value),
        lambda: ml.run_jobs(progress=value),
        lambda: Actor.staff(value, []),
        lambda: Actor.staff("sam", value),
        lambda: Actor.member(value),
    ):
        try:
            call()
        except MemberLogicError as refusal:
            assert len(refusal.message) < 500


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(("said", "shown"), [(Fraction(-3, 2), "-3/2"), (Fraction(10**30, 3), "a Fraction")])
def test_a_refused_fraction_is_shown_by_its_value(said, shown):
    with pytest.raises(InvalidInput) as refusal:
        Multiplier(said)
    assert refusal.value.details["got"] == shown
