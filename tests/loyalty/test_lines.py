"""Lines of purchases are looked at and written by columns and from memory; it comes to what one line at a time does."""

import hashlib
import json
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, ExternalId
from memberlogic.loyalty import purchases
from memberlogic.loyalty.earning import _Matching
from memberlogic.loyalty.programme import Earning, EarningRule, LineCondition, LineField, Rate
from memberlogic.loyalty.purchases import PurchaseLine, checked_lines
from memberlogic.loyalty.recording import RecordPurchase

TEXTS = st.sampled_from(["tea", "Öl", 'a "b"', "\\", "牛乳", "🍵", "nut/loaf"])
AMOUNTS = st.integers(0, 3) | st.sampled_from([2**53 - 1])


@st.composite
def good(draw: st.DrawFn) -> PurchaseLine:
    """A line of the right form."""
    amount = draw(st.integers(0, 1_000))
    return PurchaseLine(
        draw(TEXTS),
        amount,
        draw(AMOUNTS),
        draw(st.integers(0, amount)),
        tuple(draw(st.lists(TEXTS, max_size=2))),
        draw(st.none() | TEXTS),
        draw(st.booleans()),
    )


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, -1, 5, 2**53, 1.0, "", " tea", "tea\n", "tea", ["tea"], ("tea",), ("",), (1,), {}, b"tea"]
)


@st.composite
def bad(draw: st.DrawFn) -> PurchaseLine:
    """A line one field of which is something else, which may be right by chance."""
    line: list[Any] = list(draw(good()))
    line[draw(st.integers(0, 6))] = draw(ODD)
    return PurchaseLine(*line)


def _asked(lines: tuple[PurchaseLine, ...]) -> tuple[str, str] | None:
    try:
        checked_lines(lines)
    except InvalidInput as refusal:
        return refusal.path, str(refusal.details["got"])
    return None


@pytest.mark.rule("COM-11")
@given(st.lists(good() | bad(), max_size=5), st.booleans())
def test_the_first_wrong_field_is_named_as_line_by_line(lines: list[PurchaseLine], forgotten: bool) -> None:
    """Whether texts were seen before or not."""
    if forgotten:
        purchases._texts_seen.clear()
    found = _asked(tuple(lines))
    alone = [(index, problem) for index, line in enumerate(lines) if (problem := _asked((line,)))]
    if not alone:
        assert found is None
    else:
        index, (path, got) = alone[0]
        assert found == (path.replace("[0]", f"[{index}]", 1), got)


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize("line", [("tea", 1, 1, 0, (), None, False), "tea", None, 7])
def test_what_is_no_line_is_named(line: object) -> None:
    """Even a tuple of the right values, after a line that is well."""
    with pytest.raises(InvalidInput) as refused:
        checked_lines((PurchaseLine("tea", 1), line))
    assert refused.value.path == "lines[1]"


@pytest.mark.rule("COM-9")
@given(st.lists(good(), max_size=5), st.booleans())
def test_a_purchases_content_is_what_json_writes(lines: list[PurchaseLine], forgotten: bool) -> None:
    """The fingerprint that databases keep: of one flat list of all values, as the standard library writes it."""
    stored = sum(line.paid for line in lines)
    wanted = RecordPurchase(
        account=AccountId(UUID(int=7)),
        purchase=ExternalId("till", "ä 1"),
        lines=tuple(lines),
        currency="EUR",
        studio="mitte",
        redeem=3,
        paid_with_stored_value=stored,
    )
    if forgotten:
        purchases._texts_seen.clear()
    content = [UUID(int=7).hex, "till", "ä 1", "EUR", "mitte", 3, stored, *chain.from_iterable(lines)]
    expected = hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
    assert wanted.fingerprint == expected


RULES = (
    EarningRule(key="base", gives=Rate(1, 100)),
    EarningRule(key="tea", gives=Rate(1, 50), lines=[LineCondition(by=LineField.ITEM, one_of=["tea"])]),
)


@pytest.mark.rule("PTS-2")
@given(st.lists(good(), max_size=8), st.lists(good(), max_size=3))
def test_lines_are_matched_from_memory_as_one_by_one(lines: list[PurchaseLine], before: list[PurchaseLine]) -> None:
    """Whatever was matched before, and however little is remembered."""
    matching = _Matching(RULES, Earning(rules=RULES, excluded_categories=["Öl"]))
    matching._MOST_KNOWN = 4
    matching.groups(before, [1] * len(before))
    groups, out = matching.groups(lines, [line.paid for line in lines])
    found = {at: formula.indices for formula, positions in groups.items() for at in positions}
    may = {at for at, line in enumerate(lines) if "Öl" not in line.categories and not line.stored_value}
    assert out == [at for at in range(len(lines)) if at not in may]
    assert found == {at: (0, 1) if lines[at].item == "tea" else (0,) for at in may if lines[at].paid}
