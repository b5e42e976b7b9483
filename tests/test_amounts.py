"""COM-6: whole numbers and exact fractions; every division names its rounding; parts add up."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.amounts import Money, Rounding, rounded, spread
from memberlogic.errors import InvalidInput

pytestmark = pytest.mark.rule("COM-6")

WEIGHTS = st.lists(st.integers(0, 10**6) | st.fractions(0, 100, max_denominator=1000), min_size=1, max_size=20)


@given(total=st.integers(0, 10**9), weights=WEIGHTS.filter(any))
def test_parts_add_up_and_none_is_off_by_one_or_more(total, weights):
    parts = spread(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(total) * weight / sum(weights)
        assert math.floor(exact) <= part <= math.ceil(exact)
        assert abs(part - exact) < 1


@given(total=st.integers(0, 10**6), weights=WEIGHTS.filter(any))
def test_what_is_left_over_goes_to_the_largest_remainder_then_the_earlier(total, weights):
    parts = spread(total, weights)
    exact = [Fraction(total) * weight / sum(weights) for weight in weights]
    for i, mine in enumerate(exact):
        for j, theirs in enumerate(exact):
            gained, missed = parts[i] > math.floor(mine), parts[j] == math.floor(theirs)
            if gained and missed and i != j:
                assert (mine % 1, -i) > (theirs % 1, -j)


@given(total=st.integers(0, 10**6), weights=WEIGHTS.filter(any), factor=st.integers(1, 1000))
def test_only_proportions_matter(total, weights, factor):
    assert spread(total, weights) == spread(total, [weight * factor for weight in weights])


def test_spreading_examples():
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(1, [1, 1]) == [1, 0]
    assert spread(5, [0, 3, 0]) == [0, 5, 0]
    assert spread(0, [0, 0]) == [0, 0]
    assert spread(0, []) == []
    with pytest.raises(ValueError, match="nothing to spread over"):
        spread(1, [0, 0])


@given(value=st.fractions())
def test_roundings_are_what_they_are_called(value):
    assert rounded(value, Rounding.FLOOR) == math.floor(value)
    assert rounded(value, Rounding.CEIL) == math.ceil(value)
    assert rounded(value, Rounding.HALF_UP) == math.floor(value + Fraction(1, 2))
    assert rounded(value) == math.floor(value)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (12345, "EUR", "123.45 EUR"),
        (-5, "USD", "-0.05 USD"),
        (12345, "JPY", "12345 JPY"),
        (-1, "JPY", "-1 JPY"),
        (12345, "KWD", "12.345 KWD"),
        (1, "CLF", "0.0001 CLF"),
    ],
)
def test_money_has_the_digits_of_its_currency(minor, currency, text):
    assert str(Money(minor, currency)) == text


@pytest.mark.parametrize(
    ("minor", "currency", "path"),
    [
        (1.0, "EUR", "minor"),
        (True, "EUR", "minor"),
        ("1", "EUR", "minor"),
        (2**53, "EUR", "minor"),
        (1, "eur", "currency"),
        (1, "EURO", "currency"),
        (1, None, "currency"),
    ],
)
def test_money_is_no_float_and_has_a_currency(minor, currency, path):
    with pytest.raises(InvalidInput) as caught:
        Money(minor, currency)
    assert caught.value.path == path
