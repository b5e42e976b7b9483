"""The facts of purchases: lines as the till knows them, and what was made of them (PTS-2)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from itertools import chain
from operator import itemgetter, le
from typing import Any, NamedTuple

from attrs import frozen

from memberlogic.converting import plain_tuple
from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, ClubId, EntryId, ExternalId, PurchaseId
from memberlogic.inputs import describe
from memberlogic.ledger.model import Lot
from memberlogic.outcomes import Because

__all__ = [
    "MOST_LINES",
    "EarnedLot",
    "Purchase",
    "PurchaseFound",
    "PurchaseLine",
    "ReturnedLine",
    "checked_lines",
    "lots_of",
    "soonest_expiry",
    "written",
]

MOST_LINES = 10_000
_MOST = 2**53 - 1
_LONGEST = 128


class PurchaseLine(NamedTuple):
    """One line of a purchase. A plain tuple: an import makes millions of them; :func:`checked_lines` looks at them.

    ``amount`` is in minor units before ``discount``, which is part of it; ``quantity`` counts whole pieces (or grams:
    the smallest step in which the item is sold).
    """

    item: str
    amount: int
    quantity: int = 1
    discount: int = 0
    categories: tuple[str, ...] = ()
    brand: str | None = None
    stored_value: bool = False
    """Whether the line sells stored value (a gift card, a top-up)."""

    @property
    def paid(self) -> int:
        """What counts: the amount after its discount."""
        return self.amount - self.discount


plain_tuple(PurchaseLine)


@frozen
class EarnedLot:
    """Points of a purchase that arrived together."""

    points: int
    available_at: datetime | None
    """Since when they can be spent; None if at once (PTS-5)."""
    expires_at: datetime | None
    """Until when they could be spent when they were earned; None if they never expire."""


def lots_of(opened: Sequence[Lot]) -> tuple[EarnedLot, ...]:
    """The lots that a purchase opened, as it tells them."""
    return tuple([EarnedLot(lot.amount, lot.available_at, lot.expires_at) for lot in opened])


def soonest_expiry(opened: Sequence[Lot]) -> datetime | None:
    """Until when the first of some lots lives."""
    if len(opened) == 1:
        return opened[0].expires_at
    return min((lot.expires_at for lot in opened if lot.expires_at is not None), default=None)


@frozen(kw_only=True)
class Purchase:
    """A purchase as it was recorded, with what it redeemed and earned; its lines are kept beside it.

    ``total`` is after discounts and before any payment; ``eligible`` is the part of it that could earn; ``spent`` and
    ``counted`` are what a scheme's metric counts (SCH-2), nothing while blocked.
    """

    id: PurchaseId
    account: AccountId
    club: ClubId
    club_version: int
    scheme: str
    external_id: ExternalId
    """The till's own id."""
    at: datetime
    business_day: date
    recorded_at: datetime
    studio: str | None
    currency: str
    total: int
    eligible: int
    stored_value: int
    """What stored value paid, in minor units."""
    redeemed_points: int
    redeemed_value: int
    earned: int
    settled_debt: int
    """The part of what was earned that settled debt."""
    spent: int
    counted: bool
    expires_at: datetime | None
    """Until when the first of what was earned lives; None if it never expires, or nothing was earned."""
    available: int
    """What the account could spend after it."""
    redeem_entry: EntryId | None
    earn_entry: EntryId | None
    fingerprint: str
    """What the content comes to: the same id with another content is another purchase."""
    because: tuple[Because, ...]
    unspent: int = 0
    """What of ``spent`` came back since (PTS-10)."""
    unearned: int = 0
    """How many points less than ``earned`` it counts since."""
    returned: bool = False
    """Whether all of it came back."""
    actor: str | None = None
    """Who recorded it; None where that was before this was kept."""
    lots: tuple[EarnedLot, ...] = ()
    """What was earned and did not settle debt, by when it is available."""


@frozen(kw_only=True)
class ReturnedLine:
    """What came back of a line of a purchase."""

    position: int
    quantity: int
    amount: int


@frozen
class PurchaseFound:
    """A purchase with its lines, and what came back of each (PTS-10)."""

    purchase: Purchase
    lines: tuple[PurchaseLine, ...]
    returned: tuple[ReturnedLine, ...] = ()


def _text(value: object) -> bool:
    return type(value) is str and 0 < len(value) <= _LONGEST and value.isprintable() and value == value.strip()


def checked_lines(lines: Any, path: str = "lines") -> tuple[PurchaseLine, ...]:
    """Lines of the right form.

    Raises:
        InvalidInput: naming the first field that is wrong, as in ``lines[2].amount``.
    """
    if isinstance(lines, str | bytes | dict) or not hasattr(lines, "__iter__"):
        raise InvalidInput(path=path, expected="lines of a purchase", got=describe(lines))
    checked = tuple(lines)
    if len(checked) > MOST_LINES:
        raise InvalidInput(path=path, expected=f"at most {MOST_LINES} lines", got=str(len(checked)))
    if not _all_well(checked):
        for index, line in enumerate(checked):
            problem = _problem(line)
            if problem is not None:
                field, expected, got = problem
                below = f"{path}[{index}]" + (f".{field}" if field else "")
                raise InvalidInput(path=below, expected=expected, got=describe(got))
    return checked


def _all_well(lines: Sequence[Any]) -> bool:
    """Whether nothing is wrong with the figures of any line, and all texts were found well before; a look at whole
    columns, as there are many lines. Which line is wrong, if one is, :func:`_problem` says.
    """
    if not lines:
        return True
    if {*map(type, lines)} != {PurchaseLine} or {*map(len, lines)} != {_FIELDS}:
        return False
    _, amounts, quantities, discounts, categories, _, stored_values = zip(*lines, strict=True)
    return (
        {*map(type, chain(amounts, quantities, discounts))} == {int}
        and {*map(type, categories)} == {tuple}
        and {*map(type, stored_values)} == {bool}
        and min(discounts) >= 0
        and all(map(le, discounts, amounts))
        and max(amounts) <= _MOST
        and min(quantities) >= 0
        and max(quantities) <= _MOST
        and _all_seen(lines)
    )


def _all_seen(lines: Sequence[Any]) -> bool:
    try:
        return not {*map(_TEXTS, lines)}.difference(_texts_seen) or all(_problem(line) is None for line in lines)
    except TypeError:
        return False


def written(lines: Sequence[PurchaseLine]) -> str:
    """Checked lines as JSON, all their values in one flat list, without its brackets. What is the same of each item is
    written once.
    """
    known = _texts_seen
    parts = []
    for line in lines:
        item, amount, quantity, discount, categories, brand, stored_value = line
        head, tail = known.get((item, categories, brand)) or _written(item, categories, brand)
        parts.append(f"{head},{amount},{quantity},{discount},{tail},{'true' if stored_value else 'false'}")
    return ",".join(parts)


def _written(item: object, categories: object, brand: object) -> tuple[str, str]:
    return _encoded(item), f"{_encoded(categories)},{_encoded(brand)}"


_FIELDS = len(PurchaseLine._fields)
_TEXTS = itemgetter(0, 4, 5)
_encoded = json.JSONEncoder(separators=(",", ":")).encode

_texts_seen: dict[tuple[Any, ...], tuple[str, str]] = {}
"""Texts of lines that were found well before, and how they are written; a memory only, and a bounded one."""
_MOST_SEEN = 200_000


def _problem(line: object) -> tuple[str, str, object] | None:
    """The first field of a line that is wrong: its name, what was expected, what is there."""
    if not isinstance(line, PurchaseLine):
        return "", "a PurchaseLine", line
    item, amount, quantity, discount, categories, brand, stored_value = line
    if not (
        type(amount) is int
        and type(discount) is int
        and type(quantity) is int
        and 0 <= discount <= amount <= _MOST
        and 0 <= quantity <= _MOST
        and type(stored_value) is bool
        and type(categories) is tuple
    ):
        return _figures_problem(line)
    texts = (item, categories, brand)
    try:
        if texts in _texts_seen:
            return None
    except TypeError:
        return _texts_problem(*texts)
    problem = _texts_problem(*texts)
    if problem is None:
        if len(_texts_seen) >= _MOST_SEEN:
            _texts_seen.clear()
        _texts_seen[texts] = _written(item, categories, brand)
    return problem


def _figures_problem(line: Any) -> tuple[str, str, object]:
    for field, value in (("amount", line.amount), ("quantity", line.quantity)):
        if type(value) is not int or not 0 <= value <= _MOST:
            return field, f"a whole number from 0 to {_MOST}", value
    if type(line.discount) is not int or not 0 <= line.discount <= line.amount:
        return "discount", "a whole number from 0 to the amount", line.discount
    if type(line.stored_value) is not bool:
        return "stored_value", "true or false", line.stored_value
    return "categories", "a tuple of categories", line.categories


def _texts_problem(item: object, categories: Sequence[object], brand: object) -> tuple[str, str, object] | None:
    expected = f"a text of 1 to {_LONGEST} printable characters, no space around it"
    if not _text(item):
        return "item", expected, item
    for index, category in enumerate(categories):
        if not _text(category):
            return f"categories[{index}]", expected, category
    if brand is not None and not _text(brand):
        return "brand", expected, brand
    return None
