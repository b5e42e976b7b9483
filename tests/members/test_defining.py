"""MEM-4: defining custom parameters, on every store."""

from __future__ import annotations

import pytest

from memberlogic.errors import Duplicate, InvalidInput, NotFound, PermissionDenied
from memberlogic.members.defining import ParameterIsRetired, ParameterKindStays, ParameterStaysPersonal
from memberlogic.members.parameters import Parameter, ParameterKind
from memberlogic.testing import World

pytestmark = pytest.mark.rule("MEM-4")


def test_what_is_defined_is_listed_by_key_and_is_personal_unless_said_otherwise(world):
    members = world.org.members
    shirt = members.define_parameter("shirt", ParameterKind.CHOICE, options=["S", "M"], personal=False)
    height = members.define_parameter("height", ParameterKind.NUMBER, required=True)
    assert members.parameter_definitions().parameters == (height, shirt)
    assert height == Parameter(key="height", kind=ParameterKind.NUMBER, required=True, personal=True)
    assert (shirt.personal, shirt.options, shirt.retired) == (False, ("S", "M"), False)


@pytest.mark.parametrize("retired", [False, True])
@pytest.mark.parametrize("kind", [ParameterKind.TEXT, ParameterKind.DATE])
@pytest.mark.parametrize("was_personal", [False, True])
@pytest.mark.parametrize("personal", [False, True])
def test_defining_a_key_again(world, retired, kind, was_personal, personal):
    """In use: refused. Retired: only with its type, and personal if it was."""
    members = world.org.members
    members.define_parameter("key", ParameterKind.TEXT, personal=was_personal)
    if retired:
        members.retire_parameter("key")
    refused = None
    if not retired:
        refused = Duplicate
    elif kind is not ParameterKind.TEXT:
        refused = ParameterKindStays
    elif was_personal and not personal:
        refused = ParameterStaysPersonal
    before = members.parameter_definitions()
    if refused:
        with pytest.raises(refused):
            members.define_parameter("key", kind, personal=personal)
        assert members.parameter_definitions() == before
    else:
        again = members.define_parameter("key", kind, personal=personal, required=True)
        assert members.parameter_definitions().parameters == (again,)
        assert (again.retired, again.required, again.personal) == (False, True, personal)


def test_what_members_had_is_there_again_with_the_parameter(world):
    members, member = world.org.members, world.member()
    members.define_parameter("key", ParameterKind.TEXT)
    members.set_parameters(member, {"key": "x"})
    members.retire_parameter("key")
    members.define_parameter("key", ParameterKind.TEXT)
    assert members.parameters(member).get("key") == "x"


def test_a_definition_changes_where_it_is_told_to(world):
    members, member = world.org.members, world.member()
    members.define_parameter("shirt", ParameterKind.CHOICE, options=["S", "M"], personal=False)
    members.set_parameters(member, {"shirt": "S"})
    changed = members.change_parameter("shirt", options=["M", "L"])
    assert (changed.options, changed.required, changed.personal) == (("M", "L"), False, False)
    assert members.parameters(member).get("shirt") == "S", "what members have stays"
    with pytest.raises(InvalidInput):
        members.set_parameters(member, {"shirt": "S"})
    assert members.change_parameter("shirt", personal=True).personal
    with pytest.raises(ParameterStaysPersonal):
        members.change_parameter("shirt", personal=False)
    events = world.events()
    assert members.change_parameter("shirt", personal=True, options=["M", "L"]) == members.change_parameter("shirt")
    assert world.events() == events
    assert [(e.event.required, e.event.personal, e.event.options) for e in events[-2:]] == [
        (False, False, True),
        (False, True, False),
    ]


def test_retiring_twice_changes_nothing_and_a_retired_one_is_not_changed(world):
    members = world.org.members
    members.define_parameter("key", ParameterKind.TEXT)
    retired = members.retire_parameter("key")
    assert retired.retired_at == world.clock.now()
    events = world.events()
    world.wait(days=1)
    assert members.retire_parameter("key") == retired
    assert world.events() == events
    with pytest.raises(ParameterIsRetired):
        members.change_parameter("key", required=True)


@pytest.mark.parametrize("kind", ParameterKind)
@pytest.mark.parametrize("options", [(), ("S",)])
def test_options_belong_to_choices_only(world, kind, options):
    members = world.org.members
    if kind.has_options == bool(options):
        members.define_parameter("key", kind, options=options)
        with pytest.raises(InvalidInput) as refusal:
            members.change_parameter("key", options=() if options else ("S",))
    else:
        with pytest.raises(InvalidInput) as refusal:
            members.define_parameter("key", kind, options=options)
    assert refusal.value.path == "options"


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("key", "Shirt size", "key"),
        ("kind", "choice", "kind"),
        ("required", 1, "required"),
        ("personal", None, "personal"),
        ("options", "SML", "options"),
        ("options", ["S", "S"], "options[1]"),
        ("options", ["S", ""], "options[1]"),
        ("options", ["x" * 65], "options[0]"),
        ("options", [str(n) for n in range(101)], "options"),
    ],
)
def test_bad_input_names_the_field(world, field, value, path):
    said = {"key": "shirt", "kind": ParameterKind.CHOICE, "options": ["S"]} | {field: value}
    with pytest.raises(InvalidInput) as refusal:
        world.org.members.define_parameter(**said)
    assert refusal.value.path == path
    assert world.org.members.parameter_definitions().parameters == ()


@pytest.mark.rule("COM-1", "COM-13")
def test_definitions_are_an_organizations_own(world):
    other = World(world.storage)
    world.org.members.define_parameter("key", ParameterKind.TEXT)
    assert other.org.members.parameter_definitions().parameters == ()
    for act in (other.org.members.change_parameter, other.org.members.retire_parameter):
        with pytest.raises(NotFound):
            act("key")
    with pytest.raises(PermissionDenied):
        world.staff("members.parameters:update").members.retire_parameter("key")
