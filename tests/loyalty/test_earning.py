"""PTS-2 and PTS-3 through the public service: what purchases earn."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import (
    Basis,
    CalendarPeriod,
    Days,
    Earning,
    EarningRule,
    ExternalId,
    Fixed,
    Hours,
    LineCondition,
    LineField,
    Maximum,
    Multiplier,
    Offer,
    PurchaseLine,
    Rate,
    Redeeming,
    Rounding,
    Scheme,
    StoredValue,
    Studio,
)
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput
from memberlogic.ledger.model import EntryKind
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-2")

_numbers = itertools.count(1)
BASE = EarningRule(key="base", gives=Rate(1, 100))
PAYS = Redeeming(points=100, value=100)


def buy(world, account, *lines, **said):
    """Record a purchase of lines, or of one line of an amount."""
    made = [PurchaseLine("item", line) if isinstance(line, int) else line for line in lines]
    wanted = {"purchase": ExternalId("till", str(next(_numbers))), "currency": "EUR"} | said
    return world.org.loyalty.record_purchase(account=account, lines=made, **wanted)


def earned(make_world, lines, *rules, earning=None, schemes=None, scheme=None, studio=None, **said):
    """What a purchase earns under these rules."""
    world = make_world(
        earning=Earning(rules=rules, **(earning or {})), **({"schemes": schemes} if schemes else {}), **said
    )
    member = world.member()
    account = world.org.loyalty.open_account(club=world.club.id, member=member, scheme=scheme).id
    return buy(world, account, *lines, studio=studio).earned


def test_a_rate_gives_points_for_money(make_world):
    """1 point per whole euro, floored once per purchase: 2 x 1.50 is 3 points, not 2."""
    world = make_world(earning=Earning(rules=[BASE]))
    account = world.account()
    done = buy(world, account, 150, 150)
    assert (done.total, done.eligible, done.earned, done.available) == (300, 300, 3, 3)
    (entry,) = world.entries(account)
    assert (entry.kind, entry.amount, entry.id) == (
        EntryKind.EARN,
        3,
        world.org.loyalty.find_purchase("till", done.external_id.value).purchase.earn_entry,
    )
    conserved(world, account)


def test_a_rate_gives_points_per_quantity(make_world):
    rule = EarningRule(key="cups", gives=Rate(3, 2, Basis.QUANTITY))
    assert earned(make_world, [PurchaseLine("coffee", 500, quantity=5)], rule) == 7  # floor(15 / 2)


def test_amounts_count_after_discounts(make_world):
    assert earned(make_world, [PurchaseLine("shoes", 10_000, discount=2_550)], BASE) == 74


def test_multipliers_multiply_each_other_on_the_lines_they_match(make_world):
    fruit = (LineCondition(LineField.CATEGORY, {"fruit"}),)
    rules = [
        BASE,
        EarningRule(key="double", gives=Multiplier(Fraction(2))),
        EarningRule(key="fruit", gives=Multiplier(Fraction(3, 2)), lines=fruit),
    ]
    lines = [PurchaseLine("apple", 1000, categories=("fruit", "food")), PurchaseLine("bread", 500)]
    assert earned(make_world, lines, *rules) == 10 * 3 + 5 * 2


def test_a_fixed_bonus_is_given_once_and_not_multiplied(make_world):
    rules = [BASE, EarningRule(key="hello", gives=Fixed(50)), EarningRule(key="double", gives=Multiplier(Fraction(2)))]
    assert earned(make_world, [1000, 2000], *rules) == 30 * 2 + 50


@pytest.mark.parametrize(
    ("condition", "points"),
    [
        (LineCondition(LineField.ITEM, {"apple"}), 10),
        (LineCondition(LineField.ITEM, {"apple"}, exclude=True), 7),
        (LineCondition(LineField.CATEGORY, {"fruit", "meat"}), 12),
        (LineCondition(LineField.CATEGORY, {"fruit"}, exclude=True), 5),
        (LineCondition(LineField.BRAND, {"Acme"}), 2),
        (LineCondition(LineField.BRAND, {"Acme"}, exclude=True), 15),
    ],
)
def test_line_conditions_include_or_exclude_items_categories_and_brands(make_world, condition, points):
    lines = [
        PurchaseLine("apple", 1000, categories=("fruit",)),
        PurchaseLine("pear", 200, categories=("food", "fruit"), brand="Acme"),
        PurchaseLine("bread", 500, categories=("bakery",)),
    ]
    assert earned(make_world, lines, EarningRule(key="some", gives=Rate(1, 100), lines=(condition,))) == points


def test_all_conditions_of_a_rule_have_to_hold():
    conditions = (LineCondition(LineField.CATEGORY, {"fruit"}), LineCondition(LineField.BRAND, {"Acme"}, exclude=True))
    rule = EarningRule(key="some", gives=Rate(1, 100), lines=conditions)
    lines = [PurchaseLine("a", 100, categories=("fruit",), brand="Acme"), PurchaseLine("b", 200, categories=("fruit",))]
    assert earned(lambda **said: World(MemoryStorage(), **said), lines, rule) == 2


@pytest.mark.parametrize(("amount", "points"), [(4999, 49), (5000, 150)])
def test_the_minimum_purchase_looks_at_the_total_before_payment(make_world, amount, points):
    rules = [BASE, EarningRule(key="large", gives=Fixed(100), minimum=5000)]
    world = make_world(earning=Earning(rules=rules), redeeming=PAYS)
    account = world.account(credits=[100])
    assert buy(world, account, amount).earned == points
    # Paid with 1 euro of points: the total before payment still decides.
    assert buy(world, account, amount, redeem=100).earned == points - 1


@pytest.mark.parametrize(
    ("instant", "points"),
    [
        (datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC), 10),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), 20),
        (datetime(2026, 4, 2, 21, 59, 59, tzinfo=UTC), 20),
        (datetime(2026, 4, 2, 22, 0, tzinfo=UTC), 10),
    ],
)
def test_a_period_is_half_open_in_business_days_of_the_club(make_world, instant, points):
    days = Days(date(2026, 4, 1), date(2026, 4, 3))
    double = EarningRule(key="april", gives=Multiplier(Fraction(2)), days=days)
    assert earned(make_world, [1000], BASE, double, at=instant) == points
    offer = EarningRule(key="april", gives=Multiplier(Fraction(2)), offer="spring")
    offers = [Offer(code="spring", name="Spring", days=days)]
    assert earned(make_world, [1000], BASE, offer, at=instant, earning={"offers": offers}) == points


NIGHT = Hours(time(22), time(2))


@pytest.mark.parametrize(
    ("instant", "points"),
    [
        # Friday, 16 January 2026, in New York (UTC - 5).
        (datetime(2026, 1, 17, 2, 59, tzinfo=UTC), 10),
        (datetime(2026, 1, 17, 3, 0, tzinfo=UTC), 20),
        (datetime(2026, 1, 17, 6, 59, tzinfo=UTC), 20),
        (datetime(2026, 1, 17, 7, 0, tzinfo=UTC), 10),
        (datetime(2026, 1, 18, 3, 0, tzinfo=UTC), 10),
        (datetime(2026, 1, 16, 6, 59, tzinfo=UTC), 10),
    ],
)
@pytest.mark.rule("COM-3")
def test_local_hours_may_run_over_midnight_and_belong_to_the_weekday_they_began_on(make_world, instant, points):
    friday_night = EarningRule(key="night", gives=Multiplier(Fraction(2)), weekdays={5}, hours=NIGHT)
    studios = [Studio("new-york", ZoneInfo("America/New_York"))]
    got = earned(make_world, [1000], BASE, friday_night, at=instant, studio="new-york", earning={"studios": studios})
    assert got == points


@pytest.mark.parametrize(("studio", "points"), [("south", 20), ("north", 10), (None, 10)])
def test_a_rule_may_count_in_some_studios_only(make_world, studio, points):
    south = EarningRule(key="south", gives=Multiplier(Fraction(2)), studios={"south"})
    assert earned(make_world, [1000], BASE, south, studio=studio) == points


SCHEMES = [
    Scheme(code="standard", name="Standard"),
    Scheme(code="gold", name="Gold", threshold=10, earning=[EarningRule(key="base", gives=Rate(2, 100))]),
]


@pytest.mark.parametrize(("scheme", "points"), [(None, 10), ("gold", 20)])
def test_a_schemes_rule_beats_the_clubs_of_the_same_key(make_world, scheme, points):
    assert earned(make_world, [1000], BASE, schemes=SCHEMES, scheme=scheme) == points


@pytest.mark.parametrize(("scheme", "points"), [(None, 10), ("gold", 15)])
def test_a_rule_may_count_for_some_schemes_only(make_world, scheme, points):
    schemes = [SCHEMES[0], Scheme(code="gold", name="Gold", threshold=10)]
    bonus = EarningRule(key="bonus", gives=Fixed(5), schemes={"gold"})
    assert earned(make_world, [1000], BASE, bonus, schemes=schemes, scheme=scheme) == points


def test_a_rule_that_is_not_in_force_beats_nothing(make_world):
    december = EarningRule(key="base", gives=Rate(2, 100), days=Days(date(2026, 12, 1), date(2027, 1, 1)))
    schemes = [Scheme(code="standard", name="Standard", earning=[december])]
    assert earned(make_world, [1000], BASE, schemes=schemes) == 10
    december_day = datetime(2026, 12, 5, 12, tzinfo=UTC)
    assert earned(make_world, [1000], BASE, schemes=schemes, at=december_day) == 20


@pytest.mark.parametrize(
    ("rounding", "amount", "points"),
    [
        (Rounding.FLOOR, 199, 1),
        (Rounding.HALF_UP, 149, 1),
        (Rounding.HALF_UP, 150, 2),
        (Rounding.CEIL, 101, 2),
        (Rounding.CEIL, 100, 1),
    ],
)
def test_points_are_rounded_once_by_name(make_world, rounding, amount, points):
    assert earned(make_world, [amount], BASE, earning={"rounding": rounding}) == points


def test_a_cap_per_purchase(make_world):
    assert earned(make_world, [10_000], BASE, earning={"most_per_purchase": 40}) == 40


def test_caps_per_day_and_period_count_what_was_earned_by_business_day(make_world):
    caps = [Maximum(15, CalendarPeriod.DAY), Maximum(25, CalendarPeriod.MONTH)]
    world = make_world(
        at=datetime(2026, 1, 30, 22, 30, tzinfo=UTC), earning=Earning(rules=[BASE], caps=caps)
    )  # 23:30 on 30 January in Berlin
    account = world.account()
    assert [buy(world, account, 1000).earned for _ in range(3)] == [10, 5, 0]
    world.wait(hours=1)
    assert [buy(world, account, 1000).earned for _ in range(2)] == [10, 0]
    assert buy(world, world.account(), 1000).earned == 10
    world.wait(days=1)
    assert buy(world, account, 1000).earned == 10
    conserved(world, account)


@pytest.mark.rule("PTS-3")
def test_what_was_paid_with_points_earns_nothing(make_world):
    """5 euros of points on 7, 2 and 1 euros: taken off pro rata, 3.50, 1.00 and 0.50; fuel was 7 euros."""
    fuel = PurchaseLine("fuel", 700, categories=("FUEL",))
    rules = Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))], excluded_categories={"FUEL"})
    world = make_world(earning=rules, redeeming=PAYS)
    account = world.account(credits=[500])
    done = buy(world, account, fuel, 200, 100, redeem=500)
    assert (done.redeemed_points, done.redeemed_value, done.eligible, done.earned) == (500, 500, 150, 150)
    conserved(world, account)


@pytest.mark.rule("PTS-3")
def test_what_points_paid_adds_up_by_largest_remainder_ties_to_the_earlier_line(make_world):
    """100 off 3 equal lines of 101: 34, 33, 33. Only the first may earn: 67 are left of it."""
    rule = EarningRule(key="first", gives=Rate(1, 1), lines=(LineCondition(LineField.ITEM, {"first"}),))
    world = make_world(earning=Earning(rules=[rule]), redeeming=PAYS)
    account = world.account(credits=[100])
    lines = [PurchaseLine("first", 101), PurchaseLine("second", 101), PurchaseLine("third", 101)]
    assert buy(world, account, *lines, redeem=100).earned == 67


@pytest.mark.rule("PTS-3")
def test_a_rate_by_quantity_counts_quantity_x_eligible_by_amount(make_world):
    """Of 8 cups for 4 euros, 1 euro is paid with points: 6 cups count."""
    rule = EarningRule(key="cups", gives=Rate(1, 1, Basis.QUANTITY))
    world = make_world(earning=Earning(rules=[rule]), redeeming=PAYS)
    account = world.account(credits=[100])
    assert buy(world, account, PurchaseLine("cups", 400, quantity=8), redeem=100).earned == 6


@pytest.mark.rule("PTS-3")
def test_a_fixed_bonus_needs_an_eligible_amount_above_zero(make_world):
    world = make_world(earning=Earning(rules=[EarningRule(key="hello", gives=Fixed(5))]), redeeming=PAYS)
    account = world.account(credits=[300])
    assert buy(world, account, 300, redeem=300).earned == 0
    assert buy(world, account, 0).earned == 0
    assert buy(world, account, 1).earned == 5


@pytest.mark.rule("PTS-3")
@pytest.mark.parametrize(("earning", "spending", "buying"), [(StoredValue.SPENT, 10, 0), (StoredValue.BOUGHT, 4, 30)])
def test_stored_value_earns_when_it_is_spent_or_when_it_is_bought_never_both(make_world, earning, spending, buying):
    world = make_world(earning=Earning(rules=[BASE], stored_value=earning))
    account = world.account()
    assert buy(world, account, 1000, paid_with_stored_value=600).earned == spending
    assert buy(world, account, PurchaseLine("gift card", 3000, stored_value=True)).earned == buying


@pytest.mark.rule("PTS-3")
def test_excluded_categories_earn_nothing(make_world):
    lines = [PurchaseLine("petrol", 5000, categories=("motor", "fuel")), PurchaseLine("bread", 300)]
    assert earned(make_world, lines, BASE, earning={"excluded_categories": {"fuel", "gift cards"}}) == 3


@pytest.mark.rule("PTS-3")
def test_a_purchase_of_zero_earns_zero_and_is_recorded(make_world):
    world = make_world(earning=Earning(rules=[BASE]))
    account = world.account()
    done = buy(world, account)
    assert (done.total, done.earned) == (0, 0)
    assert world.org.loyalty.find_purchase("till", done.external_id.value).purchase.total == 0
    assert world.entries(account) == []


@pytest.mark.rule("PTS-3")
def test_a_purchase_while_blocked_earns_zero_and_is_recorded(make_world):
    world = make_world(earning=Earning(rules=[BASE]))
    member = world.member()
    account = world.account(member=member)
    world.org.members.block(member, reason="abuse")
    done = buy(world, account, 1000)
    assert (done.total, done.earned) == (1000, 0)
    found = world.org.loyalty.find_purchase("till", done.external_id.value).purchase
    assert (found.spent, found.counted) == (0, False)
    assert "earning.blocked (PTS-3): lost 10" in done.explain().text()
    world.org.members.unblock(member)
    assert buy(world, account, 1000).earned == 10


@pytest.mark.rule("COM-12")
def test_a_purchase_explains_which_rules_gave_what_on_which_lines(make_world):
    fruit = (LineCondition(LineField.CATEGORY, {"fruit"}),)
    rules = [BASE, EarningRule(key="fruit", gives=Multiplier(Fraction(2)), lines=fruit)]
    world = make_world(earning=Earning(rules=rules, excluded_categories={"fuel"}, most_per_purchase=30))
    account = world.account()
    lines = [
        PurchaseLine("bread", 1050),
        PurchaseLine("fuel", 700, categories=("fuel",)),
        PurchaseLine("apple", 1000, categories=("fruit",)),
    ]
    done = buy(world, account, *lines)
    assert done.explain().text().splitlines() == [
        "0 points paid 0 of 2750; 30 were earned.",
        "  - earning.rate (PTS-2): rule base, gave 41/2, lines [0, 2]",
        "  - earning.multiplier (PTS-2): rule fruit, gave 2, lines [2]",
        "  - earning.excluded (PTS-3): lines [1]",
        "  - earning.rounded (PTS-2): exact 61/2, rounding floor, to 30",
    ]
    assert world.entries(account)[-1].because == done.because


@pytest.mark.rule("COM-6", "COM-11")
@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: Earning(rules=[BASE, BASE]), "rules[1].key"),
        (lambda: Earning(caps=[Maximum(1, CalendarPeriod.DAY)] * 2), "caps[1].per"),
        (lambda: Hours(time(8), time(8)), "end"),
        (lambda: Hours(time(8, tzinfo=UTC), time(9)), "start"),
        (lambda: EarningRule(key="x", gives=Rate(1, 1), weekdays={0}), "weekdays"),
        (lambda: EarningRule(key="x", gives=Rate(1, 1), days=Days(date(2026, 2, 1), date(2026, 2, 1))), "days"),
        (lambda: EarningRule(key="Base rule", gives=Rate(1, 1)), "key"),
        (lambda: EarningRule(key="x", gives=1), "gives"),
        (lambda: Rate(0, 1), "points"),
        (lambda: Rate(1, 1.5), "per"),
        (lambda: Multiplier(1.5), "factor"),
        (lambda: Fixed(True), "points"),
        (lambda: LineCondition(LineField.ITEM, set()), "one_of"),
        (lambda: LineCondition(LineField.ITEM, "apple"), "one_of"),
        (lambda: Earning(excluded_categories=[1]), "excluded_categories"),
        (lambda: Redeeming(points=0, value=1), "points"),
        (lambda: Redeeming(points=1, value=1, maximum_share=Fraction(3, 2)), "maximum_share"),
    ],
)
def test_a_programme_of_the_wrong_form_names_the_field(make, path):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.path == path


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("said", "path"),
    [
        (
            {"earning": Earning(rules=[EarningRule(key="x", gives=Fixed(1), schemes={"gold"})])},
            "earning.rules[0].schemes",
        ),
        ({"earning": Earning(rules=[EarningRule(key="x", gives=Fixed(1), offer="spring")])}, "earning.rules[0].offer"),
        ({"schemes": [Scheme(code="s", name="S", earning=[BASE, BASE])]}, "schemes[0].earning[1].key"),
        ({"currency": "euro"}, "currency"),
        ({"redeeming": 5}, "redeeming"),
        ({"earning": None}, "earning"),
    ],
)
def test_a_club_that_names_what_it_does_not_have_is_refused(said, path):
    with pytest.raises(InvalidInput) as caught:
        World(MemoryStorage(), **said)
    assert caught.value.path == path


def naive(lines, rules, excluded, rounding, redeemed):
    """The formula of PTS-2 and PTS-3, line by line, written for the reader."""
    total = sum(line.amount - line.discount for line in lines)
    left = []
    for line in lines:
        paid = line.amount - line.discount
        share = Fraction(redeemed * paid, total) if total else Fraction(0)
        left.append([paid, int(share), share - int(share)])
    missing = redeemed - sum(part for _, part, _ in left)
    for index in sorted(range(len(lines)), key=lambda i: (-left[i][2], i))[:missing]:
        left[index][1] += 1
    points, given = Fraction(0), set()
    for line, (paid, part, _) in zip(lines, left, strict=True):
        eligible = 0 if set(line.categories) & excluded else paid - part
        rates, factor = Fraction(0), Fraction(1)
        for rule in rules:
            if eligible and all((c.one_of & set(line.categories) != set()) != c.exclude for c in rule.lines):
                if isinstance(rule.gives, Multiplier):
                    factor *= rule.gives.factor
                elif isinstance(rule.gives, Fixed):
                    given.add(rule)
                elif rule.gives.basis is Basis.MONEY:
                    rates += Fraction(eligible * rule.gives.points, rule.gives.per)
                else:
                    rates += Fraction(line.quantity * eligible, paid) * rule.gives.points / rule.gives.per
        points += rates * factor
    points += sum(rule.gives.points for rule in given)
    if rounding is Rounding.FLOOR:
        return points.__floor__()
    if rounding is Rounding.CEIL:
        return points.__ceil__()
    return (points + Fraction(1, 2)).__floor__()


CATEGORIES = st.sampled_from(["a", "b", "c"])
LINES = st.lists(
    st.builds(
        lambda amount, discount, quantity, categories: PurchaseLine(
            "item", amount, quantity, min(discount, amount), tuple(categories)
        ),
        st.integers(0, 5000),
        st.integers(0, 300),
        st.integers(0, 9),
        st.lists(CATEGORIES, unique=True),
    ),
    max_size=12,
)
GIVES = st.one_of(
    st.builds(Rate, st.integers(1, 7), st.integers(1, 130), st.sampled_from(Basis)),
    st.builds(Multiplier, st.fractions(Fraction(1, 10), 5, max_denominator=12)),
    st.builds(Fixed, st.integers(1, 40)),
)
CONDITIONS = st.lists(
    st.builds(LineCondition, st.just(LineField.CATEGORY), st.frozensets(CATEGORIES, min_size=1), st.booleans()),
    max_size=2,
)
RULES = st.lists(st.tuples(GIVES, CONDITIONS), max_size=5).map(
    lambda made: [
        EarningRule(key=f"rule-{index}", gives=gives, lines=conditions)
        for index, (gives, conditions) in enumerate(made)
    ]
)


@pytest.mark.rule("PTS-3")
@given(
    lines=LINES,
    rules=RULES,
    excluded=st.frozensets(CATEGORIES, max_size=2),
    rounding=st.sampled_from(Rounding),
    redeem=st.integers(0, 3000),
)
def test_points_are_what_the_formula_says_in_exact_fractions(lines, rules, excluded, rounding, redeem):
    world = World(
        MemoryStorage(),
        earning=Earning(rules=rules, excluded_categories=excluded, rounding=rounding),
        redeeming=Redeeming(points=1, value=1),
    )
    account = world.account(credits=[3000])
    redeem = min(redeem, sum(line.paid for line in lines))
    done = buy(world, account, *lines, redeem=redeem)
    assert done.earned == naive(lines, rules, excluded, rounding, redeem)
    assert done.available == 3000 - redeem + done.earned
    conserved(world, account)
