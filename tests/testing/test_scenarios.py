"""``given(…).when(…).then(…)`` fails when it should, and says why."""

from __future__ import annotations

import pytest
from attrs import frozen

from memberlogic import Earning, EarningRule, Rate, Redeeming, Scheme, Term
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.rules import Policies, policy
from memberlogic.testing import World, answers, given, happened, has, nothing_happened
from memberlogic_memory import MemoryStorage


@pytest.fixture
def world():
    earning = Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))])
    ladder = [Scheme(code="base", name="Base"), Scheme(code="silver", name="Silver", threshold=100)]
    return World(MemoryStorage(), earning=earning, redeeming=Redeeming(points=1, value=1), schemes=ladder)


def send(points):
    return lambda one, two: one.world.org.ledger.transfer(source=one.account, target=two.account, points=points)


def test_a_past_reads_like_a_sentence(world):
    ana = world.a_member("Ana").with_points(5).who_bought(240_00, paid_with=5).in_scheme("silver")
    assert (ana.points, ana.scheme) == (239, "silver")
    assert ana.who_brought_it_back().points == 5
    ana.who_signed(term=Term.of_months(12)).who_paid().who_came_in().who_cancelled()
    assert ana.status.value == "active"
    assert repr(ana) == "Ana"
    with pytest.raises(LookupError, match="Ana has bought nothing"):
        ana.who_brought_it_back()
    with pytest.raises(LookupError, match="Ben has no contract"):
        world.a_member("Ben").who_froze(7)


def test_what_happened_is_checked(world):
    ana, ben = world.a_member("Ana").with_points(100), world.a_member("Ben")
    answer = (
        given(ana, ben)
        .when(send(70))
        .then(
            has(ana, points=30, held=0, pending=0, debt=0, scheme="base"),
            has(ben, points=70),
            happened("points.transferred_out", points=-70, account=ana.account),
            answers(available=30),
        )
    )
    assert answer.available == 30
    given(ana).when(lambda ana: ana.points).then(nothing_happened())


@pytest.mark.parametrize(
    ("expected", "why"),
    [
        (lambda ana: has(ana, points=31), "Ana: available is 30, not 31"),
        (lambda ana: has(ana, scheme="gold"), "Ana: scheme is 'base', not 'gold'"),
        (lambda ana: happened("points.transferred_out", points=-1), "points.transferred_out: 70 points sent"),
        (lambda ana: happened("points.transferred_out", colour="red"), "expected points.transferred_out, colour='red'"),
        (lambda ana: happened("contract.frozen"), "expected contract.frozen"),
        (lambda ana: answers(available=1), "the answer: available is 30, not 1"),
        (lambda ana: answers(colour="red"), "the answer: colour is not there, not 'red'"),
        (lambda ana: nothing_happened(), "expected nothing, and there was written"),
    ],
)
def test_what_is_not_so_is_said(world, expected, why):
    ana, ben = world.a_member("Ana").with_points(100), world.a_member("Ben")
    done = given(ana, ben).when(send(70))
    with pytest.raises(AssertionError, match=why):
        done.then(expected(ana))


def test_a_status_is_asked_by_name_or_member(world):
    ana = world.a_member("Ana").who_signed().who_paid()
    given(ana).when(lambda ana: ana.who_cancelled()).then(has(ana, status="active"))
    with pytest.raises(AssertionError, match="status is"):
        given(ana).when(lambda ana: None).then(has(ana, status="frozen"))


def test_a_refusal_is_expected_by_class_or_code_with_its_details(world):
    ana, ben = world.a_member("Ana").with_points(10), world.a_member("Ben")
    refused = given(ana, ben).when(send(70))
    assert isinstance(refused.then_refused(InsufficientPoints, available=10), InsufficientPoints)
    refused.then_refused("points.insufficient")
    with pytest.raises(InsufficientPoints):
        refused.then()
    with pytest.raises(AssertionError, match="available is 10, not 11"):
        refused.then_refused(InsufficientPoints, available=11)
    with pytest.raises(AssertionError, match="colour is None, not 'red'"):
        refused.then_refused(InsufficientPoints, colour="red")
    with pytest.raises(AssertionError, match=r"refused by InsufficientPoints \(points"):
        refused.then_refused(InvalidInput)
    with pytest.raises(AssertionError, match=r"expected points\.insufficient, and it went through"):
        given(ana, ben).when(send(1)).then_refused("points.insufficient")


def test_what_was_refused_has_written_nothing(world):
    ana, ben = world.a_member("Ana").with_points(10), world.a_member("Ben")

    def half(ana, ben):
        send(1)(ana, ben)
        send(70)(ana, ben)

    with pytest.raises(AssertionError, match="it was refused, and yet there was written"):
        given(ana, ben).when(half).then_refused("points.insufficient")


def test_an_expectation_is_no_assertion(world):
    with pytest.raises(TypeError, match="hand it to then"):
        assert has(world.a_member("Ana"), points=0)


def test_what_is_given_belongs_to_one_world(world):
    other = World(MemoryStorage())
    with pytest.raises(AssertionError, match="one world"):
        given(world.a_member(), other).when(lambda *_: None)


class StaffStaySilver(RuleViolation):
    """A rule of a host's."""

    code = "example.staff_stay_silver"
    sentence = "Staff stay in silver; {scheme} was asked for."


@frozen
class Move:
    """What it looks at."""

    member_type: str
    scheme: str


@policy("HOUSE-1", "Staff never rise above Silver.")
def staff_stay_silver(m: Move) -> MemberLogicError | None:
    return StaffStaySilver(scheme=m.scheme) if (m.member_type, m.scheme) == ("staff", "gold") else None


def test_a_rule_of_a_hosts_is_asked_without_a_world():
    rules = Policies(staff_stay_silver)
    given(Move("staff", "gold")).when(rules.require).then_refused(StaffStaySilver, scheme="gold")
    given(Move("staff", "silver")).when(rules.require).then()
    with pytest.raises(AssertionError, match="nothing that was given belongs to a world"):
        given(Move("staff", "silver")).when(rules.require).then(nothing_happened())


def test_other_errors_are_expected_by_class():
    given(1).when(lambda one: one / 0).then_refused(ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        given(1).when(lambda one: one / 0).then()
