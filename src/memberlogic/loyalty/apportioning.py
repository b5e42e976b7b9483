"""PTS-10: what of each line comes back, by lines or by amount, and what of it goes back in money. More than was bought
is refused, with what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from memberlogic.amounts import spread
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.loyalty.purchases import Purchase, PurchaseLine, ReturnedLine
from memberlogic.loyalty.returns import ReturnLine

__all__ = ["Paid", "by_amount", "by_lines", "everything", "left_of", "paid_of", "whole_is_back"]


class ReturnAbovePurchase(RuleViolation):
    """More is to come back than is left of the purchase."""

    code = "return.above_purchase"
    rule = "PTS-10"
    sentence = "{asked} are to come back, and {left} of the purchase are left."


class ReturnAboveLine(RuleViolation):
    """More is to come back than is left of a line."""

    code = "return.above_line"
    rule = "PTS-10"
    sentence = (
        "Of line {position} quantity {quantity} and amount {amount} are to come back; "
        "quantity {left_quantity} and amount {left_amount} are left."
    )


class ReturnNoSuchLine(RuleViolation):
    """The purchase has no such line."""

    code = "return.no_such_line"
    rule = "PTS-10"
    sentence = "The purchase has {lines} lines, counted from 0, and none at {position}."


class ReturnNothingLeft(RuleViolation):
    """Everything came back before."""

    code = "return.nothing_left"
    rule = "PTS-10"
    sentence = "Nothing of this is left: all of it came back before."


@frozen
class Paid:
    """How an amount was paid: it goes back the same ways."""

    money: int
    points: int
    stored_value: int

    def less(self, before: Paid) -> Paid:
        """What is new, against what went back before."""
        return Paid(self.money - before.money, self.points - before.points, self.stored_value - before.stored_value)


def left_of(lines: Sequence[PurchaseLine], returned: Sequence[ReturnedLine]) -> tuple[ReturnedLine, ...]:
    """What is left of each line."""
    return tuple(
        ReturnedLine(position=back.position, quantity=line.quantity - back.quantity, amount=line.paid - back.amount)
        for line, back in zip(lines, returned, strict=True)
    )


def everything(left: Sequence[ReturnedLine]) -> tuple[ReturnedLine, ...]:
    """All that is left.

    Raises:
        ReturnNothingLeft: if there is nothing.
    """
    found = tuple(each for each in left if each.quantity or each.amount)
    if not found:
        raise ReturnNothingLeft()
    return found


def by_amount(left: Sequence[ReturnedLine], amount: int) -> tuple[ReturnedLine, ...]:
    """An amount, pro rata over what is left of all lines, by largest remainder. Pieces count as returned with the last
    of their line's amount.

    Raises:
        ReturnAbovePurchase: if less is left.
    """
    most = sum(each.amount for each in left)
    if amount > most:
        raise ReturnAbovePurchase(asked=amount, left=most)
    if amount == most:
        return everything(left)
    parts = spread(amount, [each.amount for each in left])
    return tuple(
        ReturnedLine(position=each.position, quantity=each.quantity if part == each.amount else 0, amount=part)
        for each, part in zip(left, parts, strict=True)
        if part
    )


def by_lines(left: Sequence[ReturnedLine], wanted: Sequence[ReturnLine]) -> tuple[ReturnedLine, ...]:
    """What is wanted of some lines, in their order.

    Raises:
        ReturnNoSuchLine, ReturnNothingLeft, ReturnAboveLine: naming the first line that is wrong.
    """
    return tuple(sorted(_of_lines(left, wanted), key=lambda each: each.position))


def _of_lines(left: Sequence[ReturnedLine], wanted: Sequence[ReturnLine]) -> Iterator[ReturnedLine]:
    for each in wanted:
        if each.position >= len(left):
            raise ReturnNoSuchLine(position=each.position, lines=len(left))
        of = left[each.position]
        if not of.quantity and not of.amount:
            raise ReturnNothingLeft(position=each.position)
        back = _of_line(of, each)
        refusal = _above(of, back)
        if refusal is not None:
            raise refusal
        yield back


def _of_line(left: ReturnedLine, wanted: ReturnLine) -> ReturnedLine:
    """Quantity and amount, where one of them is left out: the amount of some pieces is their share of what is left,
    floored, and all of it with the last piece.
    """
    quantity, amount = wanted.quantity, wanted.amount
    if quantity is None and amount is None:
        return left
    if amount is None:
        assert quantity is not None
        amount = left.amount * quantity // left.quantity if 0 < quantity <= left.quantity else left.amount
    if quantity is None:
        quantity = left.quantity if amount == left.amount else 0
    return ReturnedLine(position=left.position, quantity=quantity, amount=amount)


def _above(left: ReturnedLine, back: ReturnedLine) -> MemberLogicError | None:
    if back.quantity <= left.quantity and back.amount <= left.amount:
        return None
    return ReturnAboveLine(
        position=left.position,
        quantity=back.quantity,
        amount=back.amount,
        left_quantity=left.quantity,
        left_amount=left.amount,
    )


def whole_is_back(purchase: Purchase, returned: int, left: Sequence[ReturnedLine]) -> bool:
    """Whether nothing is left: of the amount, or of the pieces where nothing was to pay."""
    if purchase.total:
        return returned == purchase.total
    return not any(each.quantity for each in left)


def paid_of(purchase: Purchase, returned: int) -> Paid:
    """How what came back so far was paid: points first, floored; of the rest stored value, floored; the rest is money.
    So parts add up to the whole, and a cent that cannot be split goes back in money.
    """
    if not purchase.total:
        return Paid(0, 0, 0)
    points = purchase.redeemed_value * returned // purchase.total
    rest = purchase.total - purchase.redeemed_value
    stored = purchase.stored_value * (returned - points) // rest if rest else 0
    return Paid(returned - points - stored, points, stored)
