"""Ordered policies: commands raise the first refusal, checks answer all (COM-11, COM-12)."""

from __future__ import annotations

import re

import pytest
from tests.walking import modules

from memberlogic.errors import MemberLogicError, NotFound
from memberlogic.outcomes import Because, Explanation
from memberlogic.rules import Policies, Policy, policy

pytestmark = pytest.mark.rule("COM-11", "COM-12")


@policy("PTS-1", "A number is even.")
def must_be_even(number):
    return None if number % 2 == 0 else NotFound(kind="even number", id=number)


@policy("PTS-2", "A number is small.")
def must_be_small(number):
    return None if number < 10 else NotFound(kind="small number", id=number)


BOTH = Policies(must_be_even, must_be_small)
DECLARED = [value for module in modules() for value in vars(module).values() if isinstance(value, Policy)]


def test_the_first_refusal_is_raised():
    BOTH.require(4)
    with pytest.raises(NotFound) as caught:
        BOTH.require(13)
    assert caught.value.details["kind"] == "even number"
    with pytest.raises(NotFound) as caught:
        BOTH.require(12)
    assert caught.value.details["kind"] == "small number"


def test_all_refusals_are_answered_in_order():
    assert [each.details["kind"] for each in BOTH.refusals(13)] == ["even number", "small number"]
    assert BOTH.refusals(2) == ()


def test_a_policy_has_a_name_and_a_rule():
    assert (must_be_even.name, must_be_even.rule.id) == ("must_be_even", "PTS-1")
    assert [each.rule.sentence for each in BOTH] == ["A number is even.", "A number is small."]


@pytest.mark.parametrize("declared", {id(each): each for each in DECLARED}.values(), ids=lambda each: each.name)
def test_every_declared_policy_is_a_sentence_of_the_rule_book(declared):
    assert re.fullmatch(r"[A-Z]{3,4}-\d+", declared.rule.id)
    assert declared.rule.sentence.endswith(".")
    assert declared.refuses.__doc__


def test_every_policy_refuses_in_an_order():
    listed = {id(each) for m in modules() for v in vars(m).values() if isinstance(v, Policies) for each in v}
    assert {each.name for each in DECLARED if id(each) not in listed} == set()


def test_an_explanation_is_data_and_text():
    because = Because("PTS-7", "points.taken_in_order", {"lots": 2, "sum_of_points": 300})
    assert because.text() == "points.taken_in_order (PTS-7): lots 2, sum of points 300"
    assert str(Explanation("Done.", (because,))) == f"Done.\n  - {because.text()}"
    assert Because("PTS-7", "nothing").text() == "nothing (PTS-7)"


def test_refusals_are_our_errors():
    assert all(isinstance(each, MemberLogicError) for each in BOTH.refusals(13))
