"""PTS-10: any number of returns, by lines or amounts, in any order, come to the same as one return of everything; the
figures on the way are those of a plain model with fractions, written from the rule.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import (
    Basis,
    Earning,
    EarningRule,
    ExternalId,
    Fixed,
    LineCondition,
    LineField,
    Multiplier,
    PurchaseLine,
    Rate,
    Redeeming,
    ReturnLine,
    Rounding,
    StoredValue,
)
from memberlogic.certification.base import conserved
from memberlogic.loyalty.weighing import weights
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-10")

CATEGORIES = ("coffee", "tea", "fuel")
lines = st.lists(
    st.builds(
        lambda amount, quantity, discount, category, stored: PurchaseLine(
            "item",
            amount,
            quantity=quantity,
            discount=min(discount, amount),
            categories=(category,) if category else (),
            stored_value=stored,
        ),
        st.integers(0, 900),
        st.integers(0, 4),
        st.integers(0, 100),
        st.sampled_from([*CATEGORIES, None]),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@st.composite
def programmes(draw):
    """Rates by money and quantity, a multiplier, two bonuses, some of them on one category; all as data."""
    rules = []
    for key, gives in (
        ("money", Rate(draw(st.integers(1, 5)), draw(st.integers(1, 60)))),
        ("pieces", Rate(draw(st.integers(1, 5)), draw(st.integers(1, 3)), Basis.QUANTITY)),
        ("more", Multiplier(Fraction(draw(st.integers(1, 9)), draw(st.integers(1, 4))))),
        ("bonus", Fixed(draw(st.integers(1, 30)))),
        ("another", Fixed(draw(st.integers(1, 30)))),
    ):
        if draw(st.booleans()):
            category = draw(st.sampled_from([*CATEGORIES[:2], None]))
            on = [LineCondition(LineField.CATEGORY, {category})] if category else []
            rules.append(EarningRule(key=key, gives=gives, lines=on))
    return Earning(
        rules=rules,
        rounding=draw(st.sampled_from(Rounding)),
        excluded_categories={"fuel"},
        stored_value=draw(st.sampled_from(StoredValue)),
        most_per_purchase=draw(st.none() | st.integers(0, 60)),
    )


def split(total, over):
    """By largest remainder, ties to the earlier."""
    if not sum(over):
        return [0] * len(over)
    exact = [Fraction(total * each, sum(over)) for each in over]
    parts = [floor(each) for each in exact]
    order = sorted(range(len(over)), key=lambda at: (-(exact[at] - parts[at]), at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


def points_of_lines(earning, bought, redeemed, stored):
    """What each line earns, unrounded."""
    paid = [line.amount - line.discount for line in bought]
    left = [a - b for a, b in zip(paid, split(redeemed, paid), strict=True)]
    if earning.stored_value is StoredValue.BOUGHT:
        left = [a - b for a, b in zip(left, split(stored, left), strict=True)]
    out = [
        "fuel" in line.categories or (line.stored_value and earning.stored_value is StoredValue.SPENT)
        for line in bought
    ]

    def matches(rule, at):
        return not out[at] and left[at] > 0 and all(set(bought[at].categories) & each.one_of for each in rule.lines)

    found = []
    for at, line in enumerate(bought):
        rates, factor = Fraction(0), Fraction(1)
        for rule in (each for each in earning.rules if matches(each, at)):
            if isinstance(rule.gives, Rate):
                counted = left[at]
                if rule.gives.basis is Basis.QUANTITY:
                    counted = Fraction(line.quantity * left[at], paid[at])
                rates += Fraction(rule.gives.points, rule.gives.per) * counted
            elif isinstance(rule.gives, Multiplier):
                factor *= rule.gives.factor
        found.append(rates * factor)
    for rule in (each for each in earning.rules if isinstance(each.gives, Fixed)):
        on = [at for at in range(len(bought)) if matches(rule, at)]
        for at in on:
            found[at] += Fraction(rule.gives.points * left[at], sum(left[each] for each in on))
    return found


ROUND = {Rounding.FLOOR: floor, Rounding.CEIL: ceil, Rounding.HALF_UP: lambda value: floor(value + Fraction(1, 2))}


@settings(max_examples=150)
@given(data=st.data(), bought=lines, earning=programmes(), shares=st.tuples(st.integers(0, 100), st.integers(0, 100)))
def test_any_split_comes_to_the_same(data, bought, earning, shares):
    world = World(MemoryStorage(), earning=earning, redeeming=Redeeming(points=1, value=1))
    accounts = [world.account(credits=[5000]) for _ in range(2)]
    paid = [line.amount - line.discount for line in bought]
    total = sum(paid)
    spent = total * shares[0] // 100
    stored = (total - spent) * shares[1] // 100
    for name, account in zip("ab", accounts, strict=True):
        done = world.org.loyalty.record_purchase(
            account=account,
            purchase=ExternalId("till", name),
            lines=bought,
            currency="EUR",
            redeem=spent,
            paid_with_stored_value=stored,
        )
    weight = points_of_lines(earning, bought, spent, stored)
    exact = sum(weight, Fraction(0))
    earned = ROUND[earning.rounding](exact)
    if earning.most_per_purchase is not None:
        earned = min(earned, earning.most_per_purchase)
    assert done.earned == earned
    purchase = world.org.loyalty.find_purchase("till", "b").purchase
    if exact:
        assert list(weights(world.club, purchase, bought)) == weight
    if not total and not any(line.quantity for line in bought):
        return
    back = [0] * len(bought)
    pieces = [0] * len(bought)
    made = []
    for step in range(data.draw(st.integers(0, 5))):
        left = [a - b for a, b in zip(paid, back, strict=True)]
        if not sum(left):
            break
        said = {"purchase": ExternalId("till", "b"), "receipt": ExternalId("till", str(step))}
        open_lines = [at for at, each in enumerate(left) if each]
        on = data.draw(st.lists(st.sampled_from(open_lines), unique=True, max_size=3))
        if on:
            wanted = {at: data.draw(st.integers(1, left[at])) for at in on}
            said["lines"] = [ReturnLine(position=at, amount=amount) for at, amount in wanted.items()]
            parts = [wanted.get(at, 0) for at in range(len(bought))]
        else:
            said["amount"] = data.draw(st.integers(1, sum(left)))
            parts = split(said["amount"], left)
        made.append(world.org.loyalty.return_purchase(**said))
        assert {each.position: each.amount for each in made[-1].lines if each.amount} == {
            at: part for at, part in enumerate(parts) if part
        }
        back = [a + b for a, b in zip(back, parts, strict=True)]
        for line in made[-1].lines:
            pieces[line.position] += line.quantity
        whole = sum(back) == total
        assert sum(each.restored for each in made) == floor(Fraction(spent * sum(back), total))
        goal = earned if whole else 0
        if exact and not whole:
            returned = sum(each * Fraction(b, p) for each, b, p in zip(weight, back, paid, strict=True) if p)
            goal = floor(earned * returned / exact)
        assert sum(each.taken for each in made) == goal
        assert all(a <= line.quantity for a, line in zip(pieces, bought, strict=True))
        conserved(world, accounts[1])
    everything = {"purchase": ExternalId("till", "a"), "receipt": ExternalId("till", "all")}
    once = world.org.loyalty.return_purchase(**everything)
    if sum(back) < total or not total:
        rest = {"purchase": ExternalId("till", "b"), "receipt": ExternalId("till", "rest")}
        made.append(world.org.loyalty.return_purchase(**rest))
    for figure in ("amount", "money", "points_value", "stored_value", "restored", "taken"):
        assert sum(getattr(each, figure) for each in made) == getattr(once, figure), figure
    assert (once.restored, once.taken) == (spent, earned)
    assert [world.available(account) for account in accounts] == [5000, 5000]
    conserved(world, *accounts)
