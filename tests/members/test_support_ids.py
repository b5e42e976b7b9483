"""MEM-3: a support id can be read aloud, belongs to one member, and a mistyped one is recognised."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.errors import ConcurrencyConflict, InvalidInput, NotFound
from memberlogic.ids import MemberId, new_id
from memberlogic.members.support_ids import candidates, first_free, support_id, support_id_read, symbols_of

pytestmark = pytest.mark.rule("MEM-3")

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ids = st.uuids()


@given(id=ids)
def test_it_is_nine_unambiguous_characters_in_groups(id):
    made = support_id(id)
    assert [len(group) for group in made.split("-")] == [4, 4, 1]
    assert set(made.replace("-", "")) <= set(ALPHABET)
    assert support_id_read(made) == made == support_id(UUID(int=id.int))


@given(id=ids, place=st.integers(0, 8), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_recognised(id, place, other):
    symbols = symbols_of(support_id(id))
    wrong = symbols[:place] + other + symbols[place + 1 :]
    if wrong == symbols:
        assert support_id_read(wrong) == support_id(id)
    else:
        with pytest.raises(InvalidInput, match="mistyped"):
            support_id_read(wrong)


@given(id=ids, one=st.integers(0, 8), two=st.integers(0, 8))
def test_two_characters_that_changed_places_are_always_recognised(id, one, two):
    symbols = list(symbols_of(support_id(id)))
    same = symbols[one] == symbols[two]
    symbols[one], symbols[two] = symbols[two], symbols[one]
    if same:
        assert support_id_read("".join(symbols)) == support_id(id)
    else:
        with pytest.raises(InvalidInput, match="mistyped"):
            support_id_read("".join(symbols))


@given(id=ids, data=st.data())
def test_what_is_heard_is_understood(id, data):
    """O for 0, I and L for 1, small letters, hyphens and spaces anywhere or nowhere."""
    heard = {"0": "0oO", "1": "1iIlL"}
    said = ""
    for symbol in symbols_of(support_id(id)):
        said += data.draw(st.sampled_from(heard.get(symbol, symbol + symbol.lower())))
        said += data.draw(st.sampled_from(["", "-", " "]))
    assert support_id_read(said) == support_id(id)


@pytest.mark.parametrize("said", ["", "TQ22-W896", "TQ22-W896-XX", "UUUU-UUUU-U", "TQ22_W896_X", None, 7, "ß" * 5])
def test_what_is_no_support_id_is_refused_with_its_field(said):
    with pytest.raises(InvalidInput) as refusal:
        support_id_read(said)
    assert refusal.value.path == "support_id"


@given(id=ids, taken=st.integers(0, 8))
def test_a_taken_one_is_not_given_again(id, taken):
    several = candidates(id)
    assert len(set(several)) == len(several) == 8
    if taken < 8:
        assert first_free(id, set(several[:taken])) == several[taken]
    else:
        with pytest.raises(ConcurrencyConflict):
            first_free(id, set(several))


def test_a_member_is_found_by_it_as_it_was_said(world):
    member = world.org.members.get(world.member())
    said = member.support_id.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    assert world.org.members.find_by_support_id(said) == member


def test_one_that_nobody_has_is_not_found(world):
    with pytest.raises(NotFound):
        world.org.members.find_by_support_id(support_id(new_id()))


def test_one_of_another_organization_is_not_found(world, make_world):
    other = make_world()
    theirs = other.org.members.get(other.member()).support_id
    with pytest.raises(NotFound):
        world.org.members.find_by_support_id(theirs)


def test_a_member_whose_first_one_is_taken_gets_the_next(world, monkeypatch):
    """On every store the register is asked which are taken."""
    first = world.member()
    mine = world.org.members.get(first).support_id
    made = candidates

    def colliding(id: MemberId) -> tuple[str, ...]:
        return (mine, *made(id)[1:])

    monkeypatch.setattr("memberlogic.members.people_service.candidates", colliding)
    monkeypatch.setattr("memberlogic.members.support_ids.candidates", colliding)
    second = world.org.members.get(world.member())
    assert second.support_id == made(second.id)[1] != mine


def test_a_block_leaves_it_as_it_is(world):
    member = world.org.members.get(world.member())
    blocked = world.org.members.block(member.id, reason="abuse")
    assert blocked.support_id == member.support_id == world.org.members.get(member.id).support_id
