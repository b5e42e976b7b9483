"""The facts of returns: what of a purchase came back, and what that came to (PTS-10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.ids import AccountId, ClubId, EntryId, ExternalId, PurchaseId, ReturnId
from memberlogic.inputs import optional, whole
from memberlogic.loyalty.purchases import MOST_LINES, PurchaseLine, ReturnedLine
from memberlogic.outcomes import Because

__all__ = ["PurchaseReturns", "Return", "ReturnLine", "ReturnedLine", "returned_of"]


@frozen(kw_only=True)
class ReturnLine:
    """What of a line comes back, as the till knows it; ``position`` counts the purchase's lines from 0.

    Without ``amount`` it is what the quantity came to; without ``quantity`` none, unless the whole amount comes back;
    without either it is all that is left of the line. Amounts are in minor units, after discounts.
    """

    position: int = field(validator=whole(least=0, most=MOST_LINES - 1))
    quantity: int | None = field(default=None, validator=optional(whole(least=1)))
    amount: int | None = field(default=None, validator=optional(whole(least=1)))


@frozen(kw_only=True)
class Return:
    """A return as it was recorded: what came back, how it was paid back, and what became of the points."""

    id: ReturnId
    purchase: PurchaseId
    account: AccountId
    club: ClubId
    external_id: ExternalId
    """The till's own id of the return."""
    at: datetime
    business_day: date
    recorded_at: datetime
    lines: tuple[ReturnedLine, ...]
    amount: int
    """What the lines come to."""
    money: int
    """What of it goes back in money."""
    points_value: int
    """What of it points had paid; they come back instead."""
    stored_value: int
    """What of it stored value had paid; it goes back there."""
    restored: int
    """Points spent on the purchase that came back."""
    unearned: int
    """Points that the purchase counts less now, whatever was left of them to take."""
    unspent: int
    """Money that the purchase counts less now (SCH-2), in minor units."""
    taken: int
    """Points that were taken back, those that became debt among them."""
    debt: int
    clamped: int
    """Points that were not there and were let go."""
    available: int
    """What the account could spend after it."""
    whole: bool
    """Whether nothing of the purchase is left."""
    restore_entry: EntryId | None
    return_entry: EntryId | None
    fingerprint: str
    """What the content comes to: the same id with another content is another return."""
    because: tuple[Because, ...]


@frozen(kw_only=True)
class PurchaseReturns:
    """All returns of a purchase in order, and what came back of each line."""

    purchase: PurchaseId
    total: int
    returned: int
    lines: tuple[ReturnedLine, ...]
    """One for each line of the purchase, in order."""
    returns: tuple[Return, ...]

    @property
    def left(self) -> int:
        """What can still come back, in minor units."""
        return self.total - self.returned


def returned_of(lines: Sequence[PurchaseLine], returns: Iterable[Return]) -> tuple[ReturnedLine, ...]:
    """What came back of each line of a purchase, in order."""
    quantities, amounts = [0] * len(lines), [0] * len(lines)
    for each in (line for made in returns for line in made.lines):
        quantities[each.position] += each.quantity
        amounts[each.position] += each.amount
    return tuple(
        ReturnedLine(position=position, quantity=quantity, amount=amount)
        for position, (quantity, amount) in enumerate(zip(quantities, amounts, strict=True))
    )
