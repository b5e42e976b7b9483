"""PTS-1 and SCH-1: opening clubs and accounts, on every store."""

from __future__ import annotations

import pytest

from memberlogic import ExternalId, Scheme
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound
from memberlogic.ids import ClubId, new_id

LADDER = (
    Scheme(code="base", name="Base"),
    Scheme(code="silver", name="Silver", threshold=250_00),
    Scheme(code="gold", name="Gold", threshold=750_00),
)


def refused(act, **wanted):
    with pytest.raises(MemberLogicError) as refusal:
        act(**wanted)
    return refusal.value.code


@pytest.mark.rule("PTS-1")
def test_an_account_is_opened_only_for_a_type_the_club_takes(make_world):
    world = make_world(member_types=["customer", "guest"])
    staff = world.member(member_type="staff")
    code = refused(world.org.loyalty.open_account, club=world.club.id, member=staff)
    assert code == "account.member_type_not_accepted"
    world.account(member=world.member(member_type="guest"))
    club = world.another_club(member_types=["staff"])
    world.account(club=club, member=staff)


@pytest.mark.rule("PTS-1")
def test_one_open_account_of_their_own_for_each_member_and_club(world):
    member = world.member()
    account = world.account(member=member)
    assert refused(world.org.loyalty.open_account, club=world.club.id, member=member) == "account.already_open"
    world.account(member=member, club=world.another_club())
    world.org.loyalty.close_account(account)
    world.account(member=member)


@pytest.mark.rule("PTS-1")
def test_several_clubs_of_an_organization_keep_their_own_rules(world):
    from memberlogic import After, Term

    other = world.another_club(expiry=After(Term.of_days(1)))
    member = world.member()
    mine, theirs = world.account(member=member, credits=[5]), world.account(member=member, club=other, credits=[5])
    world.wait(days=3)
    assert (world.available(mine), world.available(theirs)) == (5, 0)


@pytest.mark.rule("PTS-1")
def test_a_blocked_member_opens_no_account(world):
    member = world.member()
    world.org.members.block(member, reason="abuse")
    assert refused(world.org.loyalty.open_account, club=world.club.id, member=member) == "account.member_blocked"


@pytest.mark.rule("SCH-1")
def test_an_account_starts_in_the_lowest_scheme_or_in_one_named_by_staff(make_world):
    world = make_world(schemes=LADDER)
    open_account = world.org.loyalty.open_account
    assert open_account(club=world.club.id, member=world.member()).scheme == "base"
    assert open_account(club=world.club.id, member=world.member(), scheme="gold").scheme == "gold"
    assert refused(open_account, club=world.club.id, member=world.member(), scheme="iron") == "scheme.unknown"


@pytest.mark.rule("SCH-1", "COM-11")
@pytest.mark.parametrize(
    ("schemes", "path"),
    [
        ([Scheme(code="a", name="A", threshold=1)], "schemes[0].threshold"),
        ([LADDER[0], LADDER[2], LADDER[1]], "schemes[2].threshold"),
        ([LADDER[0], Scheme(code="same", name="Same")], "schemes[1].threshold"),
        ([LADDER[0], Scheme(code="base", name="Again", threshold=5)], "schemes[1].code"),
        ([], "schemes"),
        (["gold"], "schemes[0]"),
    ],
)
def test_thresholds_begin_at_0_and_rise_and_codes_come_once(world, schemes, path):
    with pytest.raises(InvalidInput) as refusal:
        world.another_club(schemes=schemes)
    assert refusal.value.path == path


@pytest.mark.rule("COM-1")
def test_a_club_that_is_not_there_is_not_found(world):
    with pytest.raises(NotFound):
        world.org.loyalty.open_account(club=ClubId(new_id()), member=world.member())
    with pytest.raises(NotFound):
        world.org.loyalty.club(ClubId(new_id()))


def test_a_club_is_read_as_it_was_opened(make_world):
    world = make_world(schemes=LADDER, external_ids=[ExternalId("backoffice", "c-1")])
    assert world.org.loyalty.club(world.club.id) == world.club
