"""JSON both ways for every public type; golden files say what is stored, so that it cannot change by accident."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, time
from enum import Enum
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.calling import asked
from tests.walking import frozen_classes, modules

from memberlogic import (
    After,
    Basis,
    Downgrade,
    Earning,
    EarningRule,
    Fixed,
    Metric,
    Multiplier,
    Progression,
    Rate,
    Redeeming,
    Scheme,
    StoredValue,
    Term,
    Upgrade,
    Yearly,
    converting,
)
from memberlogic.amounts import Rounding
from memberlogic.calendar import CalendarPeriod, Days
from memberlogic.care.flows import Action, ActionKind, DelayUnit, FlowTerms, MessageContent, Milestone, On, Unseen
from memberlogic.care.flows import After as AfterDelay
from memberlogic.converting import dumps, fingerprint, from_json, loads, to_json
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.events import Event, event_types
from memberlogic.ids import AccountId, ClubId
from memberlogic.ledger.crediting import Credit
from memberlogic.ledger.model import Expiry, Maximum, Never, TransferPolicy
from memberlogic.ledger.transferring import Transfer
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.programme import Hours, LineCondition, LineField, Offer
from memberlogic.organizations.model import Organization, Studio

pytestmark = pytest.mark.rule("COM-9", "COM-10")

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 1, 31, 23, 30, 0, 1, tzinfo=UTC)


class Example:
    """One value of a type, the same each time."""

    def __init__(self) -> None:
        self._ids = 0

    def of(self, kind: Any, name: str = "") -> Any:
        simple = {
            bool: True,
            datetime: AT,
            date: AT.date(),
            Fraction: Fraction(3, 2),
            ZoneInfo: ZoneInfo("Europe/Berlin"),
            bytes: b"",
            NoneType: None,
        }
        if kind in simple:
            return simple[kind]
        if kind is int:
            return 1
        if kind is str:
            known = {"currency": "EUR", "month": "2026-01", "language": "en", "country": "DE", "phone_region": "DE"}
            return known.get(name, "code")
        if kind is UUID:
            self._ids += 1
            return UUID(int=(7 << 76) + self._ids)
        if hasattr(kind, "__supertype__"):
            return self.of(kind.__supertype__, name)
        if kind is FlowTerms:
            return a_flow()
        origin, inside = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return self.of(next(each for each in inside if each is not NoneType), name)
        if isinstance(origin, type):
            return self._of_many(origin, inside)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return NotFound(kind="account", id=self.of(UUID))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return next(iter(kind))
        if attrs.has(kind):
            return self.built(event_types()["member.verified"] if kind is Event else kind)
        if hasattr(kind, "_fields"):
            hints = get_type_hints(kind)
            return kind(**{each: self.of(hints[each], each) for each in kind._fields})
        return None

    def _of_many(self, origin: type, inside: tuple[Any, ...]) -> Any:
        if issubclass(origin, tuple):
            return tuple(self.of(each) for each in inside if each is not Ellipsis)
        if issubclass(origin, frozenset):
            return frozenset({self.of(inside[0])})
        if attrs.has(origin):
            return self.built(origin)
        if hasattr(origin, "keys"):
            return {self.of(inside[0]): self.of(inside[1])}
        return (self.of(inside[0]),)

    def built(self, cls: type) -> Any:
        attrs.resolve_types(cls)
        fields = [each for each in attrs.fields(cls) if each.init]
        try:
            return cls(**{each.alias: self.of(each.type, each.name) for each in fields})
        except InvalidInput:
            # Fields that exclude one another: only what has no default.
            needed = [each for each in fields if each.default is attrs.NOTHING]
            return cls(**{each.alias: self.of(each.type, each.name) for each in needed})


def a_club() -> Club:
    """A club whose policies differ from what a club has by itself, each kind of them once."""
    weekend = LineCondition(LineField.CATEGORY, ("fuel",), exclude=True)
    happy = EarningRule(
        key="happy",
        gives=Multiplier(Fraction(3, 2)),
        lines=[weekend],
        minimum=500,
        weekdays=[6],
        hours=Hours(time(22), time(2)),
        schemes=["gold"],
        studios=["north"],
        offer="summer",
        days=Days(date(2026, 6, 1), date(2026, 9, 1)),
    )
    return Club(
        id=ClubId(UUID(int=7 << 76)),
        name="Club",
        zone=ZoneInfo("Europe/Berlin"),
        member_types=["customer"],
        schemes=[
            Scheme(code="base", name="Base"),
            Scheme(code="gold", name="Gold", threshold=100, earning=[EarningRule(key="hello", gives=Fixed(5))]),
        ],
        expiry=After(Term.of_months(12), CalendarPeriod.QUARTER),
        transfer=TransferPolicy(minimum=10, maximum=Maximum(100, CalendarPeriod.MONTH), factor=Fraction(1, 2)),
        currency="USD",
        earning=Earning(
            rules=[EarningRule(key="base", gives=Rate(2, 3, Basis.QUANTITY)), happy],
            offers=[Offer(code="summer", name="Summer", days=Days(date(2026, 6, 1), date(2026, 9, 1)))],
            studios=[Studio("north", ZoneInfo("America/New_York"))],
            rounding=Rounding.HALF_UP,
            excluded_categories=["fuel"],
            stored_value=StoredValue.BOUGHT,
            most_per_purchase=1000,
            caps=[Maximum(500, CalendarPeriod.DAY)],
        ),
        redeeming=Redeeming(points=100, value=50, minimum=200, multiples=10, maximum_share=Fraction(1, 2)),
        progression=Progression(
            metric=Metric.MONEY_SPENT,
            window=Term.of_days(90),
            upgrade=Upgrade.AT_ONCE,
            downgrade=Downgrade.ONE_RANK,
            review=Yearly(2, 29),
        ),
        version=3,
    )


def a_flow() -> FlowTerms:
    """A flow with each kind of schedule, and one milestone without any."""
    call, mail = (
        Action(kind=ActionKind.PHONE_CALL, competence="trainer"),
        MessageContent(template="hello", channel="email"),
    )
    appointment = Action(kind=ActionKind.APPOINTMENT, service="check-up", employee="e-1")
    schedules = (
        AfterDelay(length=3, unit=DelayUnit.DAYS, at=time(9)),
        On(kind="training_plan.updated", where={"plan": "strength", "weeks": 6, "first": True}, times=3),
        Unseen(days=14),
        None,
    )
    parts = ((appointment, None), (call, mail), (None, mail), (call, None))
    return FlowTerms(
        name="Onboarding",
        milestones=[
            Milestone(name=f"Step {place}", schedule=schedule, action=action, message=message, id=UUID(int=place + 1))
            for place, (schedule, (action, message)) in enumerate(zip(schedules, parts, strict=True))
        ],
        pauses_while_frozen=True,
    )


def stored() -> dict[str, type]:
    """What goes through JSON to be kept or answered: events, and the results and inputs of every command."""
    modules()
    kinds = {f"event.{name}": cls for name, cls in event_types().items() if cls.__module__.startswith("memberlogic.")}
    kinds |= {f"result.{name}": asks.result for name, asks in asked().items() if asks.result is not Club}
    for cls in frozen_classes():
        if cls.__name__ in ("Club", "FlowTerms", "Message"):
            kinds[f"fact.{cls.__name__}"] = cls
    return kinds


def example_of(kind: type) -> Any:
    try:
        return a_club() if kind is Club else Example().of(kind)
    except (InvalidInput, TypeError, AssertionError) as error:
        return error


CAN = {name: kind for name, kind in stored().items() if not isinstance(example_of(kind), Exception)}


def test_nearly_every_stored_type_has_an_example():
    assert len(CAN) >= 0.8 * len(stored()), sorted(set(stored()) - set(CAN))


@pytest.mark.parametrize("name", sorted(CAN))
def test_it_goes_through_json_and_comes_back_equal(name):
    value = example_of(CAN[name])
    again = from_json(CAN[name], loads(dumps(to_json(value))))
    assert to_json(again) == to_json(value)
    assert type(again) is type(value)


@pytest.mark.parametrize("name", sorted(CAN))
def test_its_stored_form_is_the_golden_one(name):
    """A changed file is a changed format: raise the event's version, write its upcaster, then
    ``MEMBERLOGIC_GOLDEN=write`` writes the file anew.
    """
    file = GOLDEN / f"{name}.json"
    form = json.dumps(to_json(example_of(CAN[name])), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("MEMBERLOGIC_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(form)
    assert file.exists(), f"{file.name} is new: run once with MEMBERLOGIC_GOLDEN=write"
    assert form == file.read_text()


@pytest.mark.parametrize("name", sorted(name for name in CAN if name.startswith("event.")))
def test_the_golden_events_can_still_be_read(name):
    data = json.loads((GOLDEN / f"{name}.json").read_text())
    assert isinstance(from_json(CAN[name], data), CAN[name])


def test_a_club_of_the_golden_file_is_read_as_it_was():
    assert from_json(Club, json.loads((GOLDEN / "fact.Club.json").read_text())) == a_club()


def test_an_organizations_secret_is_no_part_of_it():
    assert "secret" not in {each.name for each in attrs.fields(Organization)}


CREDIT = {"account": str(UUID(int=1)), "points": 1, "reason": "welcome"}


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"points": 0}, "$.points"),
        ({"points": 1.0}, "$.points"),
        ({"points": True}, "$.points"),
        ({"points": "1"}, "$.points"),
        ({"account": "nobody"}, "$.account"),
        ({"expires_at": "soon"}, "$.expires_at"),
        ({"expires_at": "2026-01-01T00:00:00"}, "$.expires_at"),
        ({"colour": "red"}, "$.colour"),
    ],
)
def test_what_cannot_be_read_names_the_field(change, path):
    with pytest.raises(InvalidInput) as caught:
        from_json(Credit, CREDIT | change)
    assert caught.value.path.startswith(path)


@pytest.mark.rule("COM-11")
def test_what_is_missing_is_named():
    with pytest.raises(InvalidInput) as caught:
        from_json(Credit, {"account": CREDIT["account"], "reason": "welcome"})
    assert caught.value.path == "$.points"


@pytest.mark.parametrize("junk", [None, 7, "x", [], {"a": 1}, [1, 2]])
@pytest.mark.parametrize("kind", [Credit, Transfer, Club, Expiry])
def test_junk_is_refused_with_a_path(kind, junk):
    with pytest.raises(InvalidInput) as caught:
        from_json(kind, junk)
    assert caught.value.path.startswith("$")


def test_a_union_says_which():
    assert to_json_of(Never()) == {"is": "Never"}
    assert from_json(Expiry, {"is": "Never"}) == Never()
    with pytest.raises(InvalidInput):
        from_json(Expiry, {"is": "Sometimes"})
    assert isinstance(from_json(Expiry, {"is": "After", "term": {"days": 3, "months": 0}, "to_end_of": None}), After)


def to_json_of(value: Expiry) -> Any:
    return converting.converter.unstructure(value, Expiry)


@given(points=st.integers(1, 2**53 - 1), secret=st.binary(min_size=32, max_size=32))
def test_equal_inputs_have_equal_fingerprints_under_one_secret(points, secret):
    one, two = (Credit(account=AccountId(UUID(int=1)), points=points, reason="welcome") for _ in range(2))
    assert fingerprint(secret, one) == fingerprint(secret, two)
    assert fingerprint(secret, one) != fingerprint(secret[::-1] + b"x", one)
    assert fingerprint(secret, attrs.evolve(one, reason="other")) != fingerprint(secret, one)
    assert len(fingerprint(secret, one)) == 64
