"""MEM-2, MEM-7: contact points are added, changed, removed and verified, on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from memberlogic import ContactKind, ExternalId
from memberlogic.actors import Actor
from memberlogic.errors import IllegalTransition, InvalidInput, NotFound, RuleViolation
from memberlogic.members import MemberState
from memberlogic.members.confirming import ConfirmationExpired
from memberlogic.members.keying import ContactTaken

pytestmark = pytest.mark.rule("MEM-7", "MEM-2")

EMAIL, PHONE = ContactKind.EMAIL, ContactKind.PHONE


def ana(world, **said):
    return world.org.members.register(
        **{"member_type": "customer", "given_name": "Ana", "email": "ana@example.org"} | said
    )


def point_of(world, member, at=0):
    return world.org.members.contact_points(member.id)[at]


def types(world, member):
    return [each.event.type for each in world.events() if member.id in each.event.members]


def test_one_more_is_added_once(world):
    member = ana(world)
    added = world.org.members.add_contact_point(member.id, kind=PHONE, value="+44 1632 960001")
    point = point_of(world, member, 1)
    assert (added.contact_point, added.kind, added.verified) == (point.id, PHONE, False)
    before = world.events()
    again = world.org.members.add_contact_point(member.id, kind=PHONE, value="+441632960001")
    assert again == added
    assert world.events() == before
    assert types(world, member)[-1] == "member.contact_point_added"


def test_what_another_has_is_neither_added_nor_changed_to(world):
    member, other = ana(world), ana(world, email="ben@example.org")
    staff = world.staff("members.profile:update")
    for act in (
        lambda org: org.members.add_contact_point(member.id, kind=EMAIL, value="BEN@example.org"),
        lambda org: org.members.change_contact_point(point_of(world, member).id, value="BEN@example.org"),
    ):
        with pytest.raises(ContactTaken) as refusal:
            act(world.org)
        assert refusal.value.details["member"] == str(other.id)
        with pytest.raises(ContactTaken) as refusal:
            act(staff)
        assert refusal.value.details["member"] is None
    assert len(world.org.members.contact_points(member.id)) == 1


@pytest.mark.parametrize("was_verified", [False, True])
@pytest.mark.parametrize("asks_again", [False, True])
@pytest.mark.parametrize(("value", "other"), [("ANA@example.org", False), ("new@example.org", True)])
def test_a_verified_one_that_changes_is_verified_again_where_the_organization_asks_for_it(
    world, was_verified, asks_again, value, other
):
    """Every combination. Another spelling of the same address needs nothing."""
    world.org.settings.change(verify_changed_contacts=asks_again)
    member = ana(world, verified=was_verified)
    before = point_of(world, member)
    done = world.org.members.change_contact_point(before.id, value=value)
    after = point_of(world, member)
    again = was_verified and asks_again and other
    assert (after.id, after.written, after.verified) == (before.id, value, was_verified and not again)
    assert (done.verified, done.verification_needed) == (after.verified, again)
    expected = ["member.contact_point_changed", *(["member.verification_needed"] if again else [])]
    assert types(world, member)[2:] == expected
    assert world.org.members.get(member.id).state is member.state, "the member stays who they are"


def test_the_same_again_changes_nothing(world):
    member = ana(world)
    second = world.org.members.add_contact_point(member.id, kind=EMAIL, value="b@example.org")
    before = world.events()
    assert not world.org.members.change_contact_point(point_of(world, member).id, value="ana@example.org").verified
    taken = world.org.members.change_contact_point(point_of(world, member).id, value="B@example.org")
    assert taken.contact_point == second.contact_point, "the member has it under another id"
    assert world.events() == before


def test_what_is_no_address_is_refused(world):
    member = ana(world)
    for act in (
        lambda: world.org.members.add_contact_point(member.id, kind=EMAIL, value="nobody"),
        lambda: world.org.members.change_contact_point(point_of(world, member).id, value="+441632960001"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            act()
        assert refusal.value.path == "value"


def test_the_last_way_to_a_member_stays(world):
    member = ana(world)
    with pytest.raises(RuleViolation) as refusal:
        world.org.members.remove_contact_point(point_of(world, member).id)
    assert refusal.value.code == "member.out_of_reach"
    second = world.org.members.add_contact_point(member.id, kind=PHONE, value="+441632960001").contact_point
    gone = point_of(world, member).id
    world.org.members.remove_contact_point(gone)
    assert [each.id for each in world.org.members.contact_points(member.id)] == [second]
    assert types(world, member)[-1] == "member.contact_point_removed"
    with pytest.raises(NotFound):
        world.org.members.remove_contact_point(gone)
    assert ana(world, given_name="Other"), "what was given up is another's at once"


def test_who_has_an_id_of_the_hosts_may_lose_all(world):
    member = ana(world, external_ids=[ExternalId("crm", "1")])
    world.org.members.remove_contact_point(point_of(world, member).id)
    assert world.org.members.contact_points(member.id) == ()


@pytest.mark.rule("COM-13", "COM-11")
def test_a_member_reaches_their_own_contact_points_and_nobody_elses(world):
    mine, other = ana(world), ana(world, email="ben@example.org")
    me, theirs = world.acting_as(Actor.member(mine.id)), point_of(world, other).id
    assert me.members.add_contact_point(mine.id, kind=PHONE, value="+441632960001").contact_point
    assert me.members.change_contact_point(point_of(world, mine).id, value="a@example.org")
    token = world.org.members.ask_confirmation(theirs).token
    for act in (
        lambda: me.members.add_contact_point(other.id, kind=PHONE, value="+441632960002"),
        lambda: me.members.change_contact_point(theirs, value="b@example.org"),
        lambda: me.members.remove_contact_point(theirs),
        lambda: me.members.confirm(token),
    ):
        with pytest.raises(NotFound) as refusal:
            act()
    assert str(other.id) not in str(refusal.value.details), "nor is it said whose it is"
    assert point_of(world, other).written == "ben@example.org"


class TestVerifying:
    """By hand, or by a token."""

    def test_by_hand_the_contact_point_and_its_member_are_verified(self, world):
        member = ana(world)
        point = point_of(world, member)
        done = world.org.members.verify_contact_point(point.id)
        assert (done.contact_point, done.kind, done.state) == (point.id, EMAIL, MemberState.ACTIVE)
        assert point_of(world, member).verified
        assert world.org.members.get(member.id).state is MemberState.ACTIVE
        assert types(world, member)[2:] == ["member.contact_point_verified", "member.verified"]
        before = world.events()
        assert world.org.members.verify_contact_point(point.id) == done
        assert world.events() == before

    def test_a_token_confirms_and_coming_back_twice_changes_nothing(self, world):
        member = ana(world)
        point = point_of(world, member)
        asked = world.org.members.ask_confirmation(point.id)
        assert asked.expires_at == world.clock.now() + timedelta(hours=72)
        world.wait(hours=71)
        done = world.org.members.confirm(asked.token)
        assert (done.member, done.contact_point, done.state) == (member.id, point.id, MemberState.ACTIVE)
        before = world.events()
        assert world.org.members.confirm(asked.token) == done
        assert world.events() == before

    def test_a_token_confirms_until_it_expires_and_not_at_that_instant(self, world):
        member = ana(world)
        asked = world.org.members.ask_confirmation(point_of(world, member).id, hours=1)
        world.wait(hours=1)
        with pytest.raises(ConfirmationExpired) as refusal:
            world.org.members.confirm(asked.token)
        assert refusal.value.details == {"expires_at": asked.expires_at.isoformat()}
        assert not point_of(world, member).verified

    def test_the_last_token_counts_and_only_for_the_address_it_was_sent_to(self, world):
        member = ana(world)
        point = point_of(world, member)
        first = world.org.members.ask_confirmation(point.id)
        second = world.org.members.ask_confirmation(point.id)
        assert first.token != second.token
        with pytest.raises(NotFound):
            world.org.members.confirm(first.token)
        world.org.members.change_contact_point(point.id, value="other@example.org")
        with pytest.raises(NotFound):
            world.org.members.confirm(second.token)
        assert not point_of(world, member).verified

    @pytest.mark.rule("COM-9")
    def test_a_token_is_kept_nowhere_and_is_the_same_for_the_same_key(self, world, storage):
        member = ana(world)
        point = point_of(world, member)
        asked = world.org.members.ask_confirmation(point.id, idempotency_key="k")
        assert world.org.members.ask_confirmation(point.id, idempotency_key="k") == asked
        assert asked.token not in repr(asked)
        with storage.reading(world.organization.id, world.clock) as uow:
            from memberlogic.members.confirming import digest_of

            assert asked.token not in repr(uow.confirmations.get(digest_of(asked.token)))
        assert world.org.members.confirm(asked.token)

    def test_a_token_of_another_organization_is_nobodys(self, world, make_world):
        token = world.org.members.ask_confirmation(point_of(world, ana(world)).id).token
        for wrong in (token[:-1] + "?", "x" * 32):
            with pytest.raises(NotFound):
                world.org.members.confirm(wrong)
        with pytest.raises(NotFound) as refusal:
            make_world().org.members.confirm(token)
        assert token not in str(refusal.value)

    def test_a_blocked_member_is_not_verified(self, world):
        member = ana(world)
        point = point_of(world, member)
        token = world.org.members.ask_confirmation(point.id).token
        world.org.members.block(member.id, reason="abuse")
        for act in (
            lambda: world.org.members.confirm(token),
            lambda: world.org.members.verify_contact_point(point.id),
        ):
            with pytest.raises(IllegalTransition):
                act()
        world.org.members.unblock(member.id)
        assert world.org.members.confirm(token).state is MemberState.ACTIVE

    def test_an_active_members_new_address_is_verified_alone(self, world):
        member = ana(world, verified=True)
        added = world.org.members.add_contact_point(member.id, kind=EMAIL, value="b@example.org")
        before = world.org.members.get(member.id)
        world.org.members.confirm(world.org.members.ask_confirmation(added.contact_point).token)
        assert types(world, member)[-1] == "member.contact_point_verified"
        assert world.org.members.get(member.id).version == before.version + 1
        assert all(each.verified for each in world.org.members.contact_points(member.id))
