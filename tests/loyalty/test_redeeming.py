"""PTS-8 through the public service, on every store: redeeming with a quote."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import (
    After,
    Earning,
    EarningRule,
    ExternalId,
    PurchaseLine,
    PurchaseRow,
    Rate,
    RedeemBlocks,
    Redeeming,
    Term,
)
from memberlogic.actors import Actor
from memberlogic.amounts import spread
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty import redeeming
from memberlogic.loyalty.redeeming import REDEEMING, RedeemingFacts
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-8")

EARNING = Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))])
HUNDRED = Redeeming(points=100, value=50)


def buy(world, account, total, id="1", **said):
    return world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", id),
        lines=[PurchaseLine("item", total)],
        currency="EUR",
        **said,
    )


def refusal(act, *args, **said):
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **said)
    return caught.value


def test_points_pay_before_the_rest_earns(make_world):
    """100 points are 50 cents: 300 points pay 1.50 of 10 euros, and 8.50 earn 8 points."""
    world = make_world(earning=EARNING, redeeming=HUNDRED)
    account = world.account(credits=[200, 120])
    done = buy(world, account, 1000, redeem=300)
    assert (done.redeemed_points, done.redeemed_value, done.eligible, done.earned) == (300, 150, 850, 8)
    assert done.available == world.available(account) == 28
    redeemed, earned = world.entries(account)[-2:]
    assert (redeemed.kind, redeemed.amount, redeemed.reference) == (EntryKind.REDEEM, -300, "1")
    assert [each.points for each in redeemed.slices] == [-200, -100]
    assert (earned.kind, earned.amount) == (EntryKind.EARN, 8)
    conserved(world, account)


def test_points_are_redeemed_before_earning_even_if_the_purchase_would_earn_enough(make_world):
    world = make_world(earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))]), redeeming=HUNDRED)
    account = world.account(credits=[99])
    assert refusal(buy, world, account, 1000, redeem=100).code == "points.insufficient"


def test_redeeming_more_than_is_available_is_refused_with_both_figures(make_world):
    world = make_world(redeeming=HUNDRED)
    account = world.account(credits=[299])
    refused = refusal(buy, world, account, 1000, redeem=300)
    assert (refused.code, refused.details["asked"], refused.details["available"]) == ("points.insufficient", 300, 299)
    assert world.available(account) == 299
    with pytest.raises(NotFound):
        world.org.loyalty.find_purchase("till", "1")


@pytest.mark.parametrize(
    ("terms", "total", "points", "code"),
    [
        (None, 1000, 100, "redeem.not_offered"),
        (Redeeming(points=100, value=50, minimum=300), 1000, 200, "redeem.below_minimum"),
        (Redeeming(points=100, value=50, minimum=300), 1000, 300, None),
        (HUNDRED, 1000, 150, "redeem.not_in_multiples"),
        (Redeeming(points=100, value=50, multiples=25), 1000, 125, None),
        (Redeeming(points=100, value=50, multiples=25), 1000, 120, "redeem.not_in_multiples"),
        (HUNDRED, 149, 300, "redeem.above_maximum_share"),
        (HUNDRED, 150, 300, None),
        (Redeeming(points=100, value=50, maximum_share=Fraction(1, 2)), 299, 300, "redeem.above_maximum_share"),
        (Redeeming(points=100, value=50, maximum_share=Fraction(1, 2)), 300, 300, None),
        (Redeeming(points=100, value=50, minimum_total=500), 499, 100, "redeem.total_below_minimum"),
        (Redeeming(points=100, value=50, minimum_total=500), 500, 100, None),
        (Redeeming(points=100, value=50, multiples=1), 500, 1, "redeem.worth_nothing"),
        (Redeeming(points=100, value=50, multiples=1), 500, 2, None),
        (HUNDRED, 1000, 400, "points.insufficient"),
    ],
)
def test_the_clubs_limits_include_their_bounds(make_world, terms, total, points, code):
    world = make_world(redeeming=terms)
    account = world.account(credits=[300])
    if code is None:
        assert buy(world, account, total, redeem=points).redeemed_points == points
    else:
        assert refusal(buy, world, account, total, redeem=points).code == code
        assert world.available(account) == 300


def test_the_value_is_floored_to_minor_units(make_world):
    world = make_world(redeeming=Redeeming(points=3, value=2, multiples=1))
    account = world.account(credits=[100])
    assert buy(world, account, 1000, redeem=5).redeemed_value == 3  # 10 / 3


def test_points_pay_no_more_than_other_payments_leave(make_world):
    world = make_world(redeeming=HUNDRED)
    account = world.account(credits=[300])
    refused = refusal(buy, world, account, 1000, redeem=300, paid_with_stored_value=900)
    assert (refused.code, refused.details["most"]) == ("redeem.above_maximum_share", 100)
    assert buy(world, account, 1000, redeem=200, paid_with_stored_value=900).redeemed_value == 100


@pytest.mark.parametrize(
    ("terms", "credits", "total", "points", "why"),
    [
        (HUNDRED, 1234, 10_000, 1200, ["redeem.available", "redeem.multiples"]),
        (HUNDRED, 1200, 10_000, 1200, ["redeem.available"]),
        (HUNDRED, 1234, 499, 900, ["redeem.maximum_share", "redeem.multiples"]),
        (Redeeming(points=100, value=50, maximum_share=Fraction(3, 10)), 1234, 1000, 600, ["redeem.maximum_share"]),
        (
            Redeeming(points=100, value=50, minimum=500),
            420,
            1000,
            0,
            ["redeem.available", "redeem.multiples", "redeem.minimum"],
        ),
        (Redeeming(points=100, value=50, minimum_total=500), 420, 499, 0, ["redeem.total_below_minimum"]),
        (Redeeming(points=2, value=1, multiples=1), 3000, 1050, 2100, ["redeem.maximum_share"]),
        (None, 420, 499, 0, ["redeem.not_offered"]),
        (HUNDRED, 0, 1000, 0, ["redeem.available", "redeem.minimum"]),
    ],
)
def test_a_quote_answers_the_most_and_why_not_more(make_world, terms, credits, total, points, why):
    world = make_world(redeeming=terms)
    account = world.account(credits=[credits] if credits else [])
    quote = world.org.loyalty.quote(account, total=total, currency="EUR")
    assert (quote.points, quote.available) == (points, credits)
    assert quote.value == (terms.worth(points) if terms else 0)
    assert [because.code for because in quote.because] == why
    assert world.entries(account)[-1].kind is EntryKind.CREDIT if credits else not world.entries(account)
    if points:
        assert buy(world, account, total, redeem=points).redeemed_value == quote.value


def test_a_quote_leaves_to_other_payments_what_they_pay(make_world):
    """Of 10 euros stored value pays 8: points pay the 2 that are left, though half of it would be theirs."""
    world = make_world(redeeming=evolve(HUNDRED, maximum_share=Fraction(1, 2)))
    account = world.account(credits=[2000])
    quote = world.org.loyalty.quote(account, total=1000, currency="EUR", paid_with_stored_value=800)
    assert (quote.points, quote.value) == (400, 200)
    assert [(each.code, each.figures) for each in quote.because] == [
        ("redeem.left_to_pay", {"left": 200, "rounding": "floor"})
    ]
    assert refusal(buy, world, account, 1000, redeem=500, paid_with_stored_value=800).details["most"] == 200
    assert buy(world, account, 1000, redeem=400, paid_with_stored_value=800).redeemed_value == 200
    with pytest.raises(InvalidInput) as caught:
        world.org.loyalty.quote(account, total=1000, currency="EUR", paid_with_stored_value=1001)
    assert caught.value.path == "paid_with_stored_value"


def test_share_and_value_are_floored_to_minor_units(make_world):
    """3 points pay 2 cents; half of 7 cents is 3: 5 points are worth 3, 6 are worth 4. 5 are the fewest that pay 3."""
    world = make_world(redeeming=Redeeming(points=3, value=2, multiples=1, maximum_share=Fraction(1, 2)))
    account = world.account(credits=[100])
    quote = world.org.loyalty.quote(account, total=7, currency="EUR")
    assert (quote.points, quote.value) == (5, 3)
    assert quote.because[0].figures == {"share": "1/2", "pays": 3, "rounding": "floor"}
    assert refusal(buy, world, account, 7, redeem=6).code == "redeem.above_maximum_share"
    assert buy(world, account, 7, redeem=5).redeemed_value == 3


@pytest.mark.rule("PTS-19")
def test_an_import_redeems_as_many_blocks_as_fit(make_world):
    """Steps of 300 and blocks of 200: four blocks would be available, three are the most in the club's steps."""
    world = make_world(redeeming=Redeeming(points=100, value=1, multiples=300))
    account = world.account(credits=[900])
    row = PurchaseRow(id="1", account=account, at=world.clock.now(), currency="EUR", lines=(PurchaseLine("item", 99),))
    world.org.loyalty.import_purchases([row], source="till", redeem=RedeemBlocks(points=200, most_blocks=4))
    assert world.org.loyalty.find_purchase("till", "1").purchase.redeemed_points == 600


@pytest.mark.rule("COM-8")
def test_what_has_expired_is_neither_quoted_nor_redeemed(make_world):
    world = make_world(redeeming=HUNDRED, expiry=After(Term.of_days(5)))
    account = world.account(credits=[500])
    world.wait(days=5)
    quote = world.org.loyalty.quote(account, total=1000, currency="EUR")
    assert (quote.points, quote.available) == (0, 0)
    assert refusal(buy, world, account, 1000, redeem=100).details["available"] == 0


@pytest.mark.rule("PTS-7")
def test_points_that_expire_soonest_pay_first(make_world):
    world = make_world(redeeming=HUNDRED)
    account = world.account(credits=[100])
    world.org.ledger.credit(account, 100, reason="welcome", expires_at=world.clock.now() + timedelta(days=3))
    buy(world, account, 1000, redeem=100)
    (left,) = world.wallet(account).lots
    assert left.expires_at is None


@pytest.mark.rule("PTS-1")
def test_who_may_not_act_does_not_redeem_but_the_purchase_can_be_recorded(make_world):
    world = make_world(redeeming=HUNDRED, earning=EARNING)
    member, unverified = world.member(), world.member(verified=False)
    account, other = world.account(member=member, credits=[100]), world.account(member=unverified, credits=[100])
    world.org.members.block(member, reason="abuse")
    assert refusal(buy, world, account, 1000, redeem=100).code == "account.every_holder_blocked"
    assert refusal(buy, world, account, 1000, redeem=100, holder=member).code == "account.holder_blocked"
    assert (
        world.org.loyalty.quote(account, total=1000, currency="EUR").because[0].code == "account.every_holder_blocked"
    )
    assert buy(world, account, 1000).earned == 0
    assert refusal(buy, world, other, 1000, "2", redeem=100).code == "account.holder_unverified"
    assert buy(world, other, 1000, "2").earned == 10
    with pytest.raises(NotFound):
        buy(world, other, 1000, "3", redeem=100, holder=member)


@pytest.mark.rule("COM-13")
def test_a_member_asks_for_a_quote_on_their_own_account_only(make_world):
    world = make_world(redeeming=HUNDRED)
    member = world.member()
    account, other = world.account(member=member, credits=[100]), world.account(credits=[100])
    mine = world.acting_as(Actor.member(member)).loyalty
    assert mine.quote(account, total=1000, currency="EUR").points == 100
    with pytest.raises(NotFound):
        mine.quote(other, total=1000, currency="EUR")


@pytest.mark.rule("COM-6")
def test_a_quote_in_another_currency_is_refused(make_world):
    world = make_world(redeeming=HUNDRED)
    asked = refusal(world.org.loyalty.quote, world.account(), total=1000, currency="USD")
    assert asked.code == "purchase.other_currency"


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("field", "value"), [("total", -1), ("total", 1.5), ("currency", "eur"), ("account", "me"), ("holder", "me")]
)
def test_a_quote_of_the_wrong_form_names_the_field(field, value):
    world = World(MemoryStorage(), redeeming=HUNDRED)
    wanted = {"account": world.account(), "total": 100, "currency": "EUR"} | {field: value}
    with pytest.raises(InvalidInput) as caught:
        world.org.loyalty.quote(wanted.pop("account"), **wanted)
    assert caught.value.path == field


@given(
    points=st.integers(1, 50),
    value=st.integers(1, 50),
    multiples=st.integers(1, 60),
    minimum=st.integers(1, 100),
    share=st.fractions(Fraction(1, 10), 1, max_denominator=10),
    available=st.integers(1, 400),
    total=st.integers(0, 500),
    other=st.integers(0, 500),
    blocks=st.tuples(st.integers(1, 60), st.integers(1, 5)),
)
def test_a_quote_is_the_most_that_is_not_refused_and_an_import_takes_as_many_blocks_as_fit(
    points, value, multiples, minimum, share, available, total, other, blocks
):
    """The most value, by the fewest points that pay it."""
    other = min(other, total)
    terms = Redeeming(points=points, value=value, multiples=multiples, minimum=minimum, maximum_share=share)
    world = World(MemoryStorage(), redeeming=terms)
    account = world.account(credits=[available])
    quote = world.org.loyalty.quote(account, total=total, currency="EUR", paid_with_stored_value=other)

    def allowed(asked):
        exact = Fraction(asked * value, points)
        return (
            minimum <= asked <= available
            and asked % multiples == 0
            and int(exact) <= min(int(share * total), total - other)
            and int(exact) >= 1
        )

    values = {asked: asked * value // points for asked in range(1, available + 1) if allowed(asked)}
    assert quote.value == max(values.values(), default=0)
    assert quote.points == min((asked for asked, worth in values.items() if worth == quote.value), default=0)
    for asked in range(1, available + 1):
        facts = RedeemingFacts(
            wallet=world.wallet(account),
            club=world.club,
            points=asked,
            total=total,
            left_to_pay=total - other,
            asking=None,
            unverified_may_spend=True,
        )
        assert (not REDEEMING.refusals(facts)) is allowed(asked)
    step, most = blocks
    policy = RedeemBlocks(points=step, most_blocks=most)
    fitting = [count * step for count in range(1, most + 1) if count * step in values]
    assert redeeming.blocks(evolve(facts, points=0), policy) == max(fitting, default=0)


@given(value=st.integers(0, 500), amounts=st.lists(st.integers(0, 300), min_size=1, max_size=9))
@pytest.mark.rule("PTS-3")
def test_what_points_paid_is_taken_off_the_lines_so_that_it_adds_up(value, amounts):
    value = min(value, sum(amounts))
    parts = spread(value, amounts)
    assert sum(parts) == value
    assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))
    total = sum(amounts)
    assert all(abs(part * total - value * amount) < max(total, 1) for part, amount in zip(parts, amounts, strict=True))


def test_the_rules_of_redeeming_speak_in_their_order():
    assert [each.name for each in REDEEMING] == [
        "club_must_offer_it",
        "account_must_be_open",
        "somebody_may_redeem",
        "account_must_not_owe",
        "total_must_reach_the_minimum",
        "points_must_reach_the_minimum",
        "points_must_be_a_multiple",
        "points_must_stay_within_the_share",
        "points_must_be_worth_something",
        "points_must_be_available",
    ]
