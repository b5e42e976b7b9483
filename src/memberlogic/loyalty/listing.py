"""COM-20: the purchases of a club in pages by key, in the order in which they were recorded, read only as far as they
are looked at. What a club sold can so be read out whole, into a report, another system, or another programme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import field, frozen

from memberlogic.ids import ClubId, PurchaseId
from memberlogic.inputs import an_id, optional, whole
from memberlogic.loyalty.purchases import Purchase, PurchaseLine

__all__ = ["PageOfPurchases", "PurchaseSold", "PurchasesPage", "lazily"]


@frozen(kw_only=True)
class PageOfPurchases:
    """The next purchases of a club."""

    club: ClubId = field(validator=an_id)
    after: PurchaseId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen
class PurchaseSold:
    """A purchase with its lines, as it was recorded."""

    purchase: Purchase
    lines: tuple[PurchaseLine, ...]


@frozen
class PurchasesPage:
    """Some purchases with their lines, in the order of their recording."""

    purchases: tuple[PurchaseSold, ...]

    @classmethod
    def of(cls, purchases: Iterable[tuple[Purchase, Sequence[PurchaseLine]]]) -> PurchasesPage:
        """What a store gives."""
        return cls(tuple(PurchaseSold(purchase, tuple(lines)) for purchase, lines in purchases))


def lazily(read: Callable[[PurchaseId | None], PurchasesPage], size: int) -> Iterator[PurchaseSold]:
    """Every purchase, the first page read at once, so that a refusal is raised where it was asked for, each further
    page when it is reached; one that is not full is the last.
    """
    return _following(read, size, read(None))


def _following(
    read: Callable[[PurchaseId | None], PurchasesPage], size: int, page: PurchasesPage
) -> Iterator[PurchaseSold]:
    while True:
        yield from page.purchases
        if len(page.purchases) < size:
            return
        page = read(page.purchases[-1].purchase.id)
