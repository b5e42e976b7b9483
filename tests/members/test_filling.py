"""MEM-4: setting custom parameters, on every store."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import converting
from memberlogic.actors import Actor
from memberlogic.certification.parameters import EXTREMES
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import MemberId, new_id
from memberlogic.members.conforming import conform, form
from memberlogic.members.parameters import ParameterKind, ParameterValue
from memberlogic.members.people import Address

pytestmark = pytest.mark.rule("MEM-4")

K = ParameterKind
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
VALUES = {
    K.TEXT: words,
    K.NUMBER: st.integers(-(2**53) + 1, 2**53 - 1).map(lambda scaled: Fraction(scaled, 10**6)),
    K.WHOLE_NUMBER: st.integers(-(2**53) + 1, 2**53 - 1),
    K.DATE: st.dates(date(1000, 1, 1), date(9998, 12, 31)),
    K.YES_NO: st.booleans(),
    K.CHOICE: words,
    K.CHOICES: st.lists(words, min_size=1, max_size=5, unique=True).map(tuple),
    K.PHONE: st.integers(10**6, 10**15 - 1).map(lambda number: f"+{number}"),
    K.ADDRESS: st.builds(
        Address,
        kind=st.sampled_from(["home", "billing"]),
        lines=st.lists(words, min_size=1, max_size=5),
        city=st.none() | words,
        country=st.sampled_from(["DE", "US"]),
    ),
    K.INTEGRATION_ID: words,
}


@pytest.mark.parametrize("kind", K)
@given(data=st.data())
def test_every_value_goes_through_its_json_form_and_comes_back_equal(kind, data):
    value = data.draw(VALUES[kind])
    written = json.loads(json.dumps(form(value)))
    again = conform(kind, written)
    assert (again, type(again), form(again)) == (value, type(value), written)
    held = ParameterValue(key="key", kind=kind, value=value)
    assert converting.from_json(ParameterValue, converting.to_json(held)) == held


@pytest.fixture
def members(world):
    """The members' service of an organization that keeps a parameter of each kind, the last two not personal."""
    service = world.org.members
    for kind in K:
        options = ("yoga", "Box", "Ölpflege") if kind.has_options else ()
        service.define_parameter(kind.value, kind, options=options, personal=kind not in (K.YES_NO, K.WHOLE_NUMBER))
    return service


def test_values_of_every_kind_are_kept_exactly(world, members):
    member = world.member()
    given = {
        "text": "left-handed",
        "number": Fraction("1.83"),
        "whole_number": 12,
        "date": date(2026, 2, 28),
        "yes_no": False,
        "choice": "Box",
        "choices": ["Ölpflege", "yoga"],
        "phone": "+49 (30) 90182-001",
        "address": Address(lines=["Example Street 1"], city="Berlin", country="DE"),
        "integration_id": "CRM 7/a",
    }
    done = members.set_parameters(member, given)
    kept = members.parameters(member)
    as_kept = given | {"choices": ("yoga", "Ölpflege"), "phone": "+493090182001"}
    assert {each.key: each.value for each in kept.values} == as_kept
    assert (done.changed, done.cleared, done.same) == (tuple(sorted(given)), (), ())
    forms = json.loads(json.dumps({key: form(value) for key, value in as_kept.items()}))
    assert members.set_parameters(member, forms).changed == (), "the JSON form is the same value"
    assert kept.personal == tuple(sorted(set(given) - {"yes_no", "whole_number"}))


@pytest.mark.parametrize(("kind", "value"), EXTREMES, ids=lambda each: getattr(each, "value", ""))
def test_the_ends_of_what_a_kind_can_be(world, kind, value):
    options = ("ß", "SS", "ss", "x" * 64, "😀") if kind.has_options else ()
    world.org.members.define_parameter("key", kind, options=options)
    member = world.member()
    world.org.members.set_parameters(member, {"key": value})
    assert world.org.members.parameters(member).get("key") == value


WRONG = [
    (K.TEXT, ["", " x", "x" * 501, "a\nb", "\x00", 7, True, ["x"]]),
    (K.NUMBER, [1.5, "1.5e3", "one", "1/3", "1.0000001", Fraction(1, 3), 2**53, "9007199255", True, ".5", "٣"]),
    (K.WHOLE_NUMBER, [1.0, "1", True, 2**53, Fraction(1, 2)]),
    (
        K.DATE,
        ["soon", "2026-02-29", "2026-02-28T00:00", date(999, 12, 31), date.max, 7, datetime(2026, 1, 1, tzinfo=UTC)],
    ),
    (K.YES_NO, [0, 1, "yes", "true"]),
    (K.CHOICE, ["YOGA", "", ["yoga"], 0]),
    (K.CHOICES, ["yoga", [], ["yoga", "none"], [1]]),
    (K.PHONE, ["030 901820", "+0 123 4567", "+49", "+49 30 x", 4930901820, "+" + "1" * 16]),
    (K.ADDRESS, ["Berlin", {}, {"city": "Berlin"}, {"lines": [], "country": "DE"}, {"lines": ["1"], "country": "de"}]),
    (K.ADDRESS, [{"lines": ["1"], "country": "DE", "planet": "Earth"}, {"lines": "1", "country": "DE"}, ["1", "DE"]]),
    (K.INTEGRATION_ID, ["", "x" * 129, 7]),
]


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in WRONG for value in values])
def test_what_does_not_fit_its_type_is_named_and_nothing_is_kept(members, world, kind, value):
    member = world.member()
    other = "whole_number" if kind is not K.WHOLE_NUMBER else "text"
    fits = 1 if kind is not K.WHOLE_NUMBER else "x"
    with pytest.raises(InvalidInput) as refusal:
        members.set_parameters(member, {kind.value: value, other: fits})
    assert refusal.value.path.startswith(f"values.{kind.value}")
    assert members.parameters(member).values == ()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"lines": ["1"]}, "values.address.country"),
        ({"lines": ["1"], "city": "", "country": "DE"}, "values.address.city"),
        ({"lines": ["1"], "city": 7, "country": "DE"}, "values.address.city"),
        ({"lines": ["1", ""], "country": "DE"}, "values.address.lines[1]"),
    ],
)
def test_what_is_wrong_in_an_address_is_named(members, world, value, path):
    with pytest.raises(InvalidInput) as refusal:
        members.set_parameters(world.member(), {"address": value})
    assert refusal.value.path == path


@pytest.mark.parametrize(
    "values", [{}, None, "text", ["text"], {"No code": 1}, {7: 1}, {f"k{n}": 1 for n in range(201)}]
)
def test_what_is_no_set_of_values_is_refused(members, world, values):
    with pytest.raises(InvalidInput) as refusal:
        members.set_parameters(world.member(), values)
    assert refusal.value.path == "values"


def test_an_unknown_key_is_refused_also_to_clear_it(members, world):
    for value in ("x", None):
        with pytest.raises(InvalidInput) as refusal:
            members.set_parameters(world.member(), {"colour": value, "text": "x"})
        assert refusal.value.path == "values.colour"


def test_what_is_required_must_be_there_whenever_values_are_set(members, world):
    member = world.member()
    members.set_parameters(member, {"text": "x"})
    members.change_parameter("choice", required=True)
    with pytest.raises(InvalidInput) as refusal:
        members.set_parameters(member, {"text": "y"})
    assert refusal.value.path == "values.choice"
    members.set_parameters(member, {"text": "y", "choice": "yoga"})
    with pytest.raises(InvalidInput):
        members.set_parameters(member, {"choice": None})
    members.set_parameters(member, {"text": None})
    assert [each.key for each in members.parameters(member).values] == ["choice"]
    members.retire_parameter("choice")
    members.set_parameters(member, {"choice": None})


def test_a_retired_parameter_keeps_its_values_and_takes_no_more(members, world):
    member = world.member()
    members.set_parameters(member, {"text": "x", "whole_number": 1})
    members.retire_parameter("text")
    assert [each.key for each in members.parameters(member).values] == ["whole_number"]
    everything = members.parameters(member, retired=True)
    assert (everything.get("text"), everything.personal) == ("x", ("text",))
    with pytest.raises(InvalidInput) as refusal:
        members.set_parameters(member, {"text": "y"})
    assert refusal.value.path == "values.text"
    members.set_parameters(member, {"text": None})
    assert members.parameters(member, retired=True).get("text") is None


def test_setting_what_is_so_already_changes_nothing(members, world):
    member = world.member()
    members.set_parameters(member, {"text": "x", "number": "1.50"})
    events = world.events()
    done = members.set_parameters(member, {"text": "x", "number": Fraction(3, 2), "date": None})
    assert (done.changed, done.cleared, done.same) == ((), (), ("date", "number", "text"))
    assert "parameter.same (MEM-4)" in done.explain().text()
    assert world.events() == events


@pytest.mark.rule("COM-10", "COM-9")
def test_events_and_answers_name_the_keys_and_never_the_values(members, world):
    member, secret = world.member(), "Quite private"
    done = members.set_parameters(member, {"text": secret, "yes_no": True}, idempotency_key="once")
    assert members.set_parameters(member, {"text": secret, "yes_no": True}, idempotency_key="once") == done
    members.set_parameters(member, {"yes_no": False, "text": None})
    events = [each.event for each in world.events() if each.event.type == "member.parameters_set"]
    assert [(each.members, each.changed, each.cleared) for each in events] == [
        ((member,), ("text", "yes_no"), ()),
        ((member,), ("yes_no",), ("text",)),
    ]
    assert secret not in json.dumps([converting.to_json(each) for each in events] + [converting.to_json(done)])


@pytest.mark.rule("COM-13", "COM-11")
def test_a_member_reads_their_own_and_sets_none(members, world):
    ana, ben = world.member(), world.member()
    members.set_parameters(ana, {"text": "x"})
    own = world.acting_as(Actor.member(ana)).members
    assert own.parameters(ana) == members.parameters(ana)
    for stranger in (ben, MemberId(new_id())):
        with pytest.raises(NotFound):
            own.parameters(stranger)
    with pytest.raises(PermissionDenied):
        own.set_parameters(ana, {"text": "y"})
    with pytest.raises(NotFound):
        members.set_parameters(MemberId(new_id()), {"text": "y"})
