"""COM-13: who acts, and that deny is the default."""

from __future__ import annotations

import pytest

from memberlogic import Actor
from memberlogic.errors import InvalidInput, PermissionDenied
from memberlogic.ids import MemberId, new_id

pytestmark = pytest.mark.rule("COM-13")


def test_staff_may_what_was_granted_and_nothing_else():
    sam = Actor.staff("sam", ["members.points:update", "settings.loyalty:read"])
    assert sam.may("members.points:update")
    for other in ("members.points:read", "members.points:delete", "members:update", "settings.loyalty:update", ""):
        assert not sam.may(other)
        with pytest.raises(PermissionDenied) as caught:
            sam.require(other)
        assert caught.value.details == {"permission": other}
    assert not Actor.staff("sam", []).may("members.points:read")


def test_the_system_may_everything():
    assert Actor.system().may("anything.at_all:delete")
    assert (Actor.system().label, Actor.system().member_id) == ("system", None)


def test_a_member_acts_for_themself():
    id = MemberId(new_id())
    me = Actor.member(id)
    assert (me.label, me.member_id) == (f"member:{id}", id)
    assert me.may("members.points:read")
    assert not me.may("members.points:create")
    assert not me.may("members:read")
    assert not me.may("settings.loyalty:read")


def test_a_label_says_kind_and_id():
    assert Actor.staff("Anna.B-7", []).label == "staff:Anna.B-7"


@pytest.mark.parametrize("permission", ["members", "members:", "members:write", ":read", "Members:read", "a b:read", 7])
def test_a_permission_is_an_area_and_a_verb(permission):
    with pytest.raises(InvalidInput) as caught:
        Actor.staff("sam", [permission])
    assert caught.value.path == "permissions"


@pytest.mark.parametrize("id", ["", "Anna Bell", "x" * 65, "a/b", None, 7])
def test_a_member_of_staff_is_the_hosts_id_and_no_name(id):
    with pytest.raises(InvalidInput) as caught:
        Actor.staff(id, [])
    assert caught.value.path == "id"


@pytest.mark.parametrize("id", ["", "7", None])
def test_a_member_is_an_id(id):
    with pytest.raises(InvalidInput):
        Actor.member(id)
