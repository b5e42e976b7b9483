"""COM-9, MEM-17: the till's id is a natural key for ever: the same purchase answers the first result, for its account
or one that leads to it; another content is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from attrs import evolve

from memberlogic.ids import AccountId, ExternalId
from memberlogic.ledger.model import Entry
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.recording import PurchaseDiffers, PurchaseRecorded, Recorded, RecordPurchase, as_result
from memberlogic.outcomes import Outcome

__all__ = ["NOT_MERGED", "Formerly", "doubted", "once", "require_same"]

Formerly: TypeAlias = Mapping[AccountId, Sequence[AccountId]]
"""The accounts that lead to an account."""

NOT_MERGED: Formerly = MappingProxyType({})


def doubted(wanted: Iterable[RecordPurchase], known: Mapping[ExternalId, Purchase]) -> Sequence[AccountId]:
    """The accounts of purchases that were recorded before with another content, as it seems: or for an account that
    has become one with this (MEM-17).
    """
    return [
        each.account for each in wanted if each.purchase in known and not same(each, known[each.purchase], NOT_MERGED)
    ]


def repeated(wanted: RecordPurchase, known: Purchase, formerly: Formerly) -> PurchaseRecorded:
    """The first result of a purchase that was recorded before.

    Raises:
        PurchaseDiffers: if the content is another one.
    """
    require_same(wanted, known, formerly)
    return as_result(known)


def require_same(wanted: RecordPurchase, known: Purchase, formerly: Formerly) -> None:
    """Refuse another content than that of a purchase that was recorded before.

    Raises:
        PurchaseDiffers: if it is another one.
    """
    if not same(wanted, known, formerly):
        raise PurchaseDiffers(source=wanted.purchase.source, value=wanted.purchase.value)


def same(wanted: RecordPurchase, known: Purchase, formerly: Formerly) -> bool:
    """Whether a purchase that was recorded before had this content, for this account or one that leads to it."""
    if wanted.at not in (None, known.at):
        return False
    others = (evolve(wanted, account=each) for each in formerly.get(wanted.account, ()))
    return any(known.fingerprint == each.fingerprint for each in (wanted, *others))


def once(
    wanted: RecordPurchase,
    known: Mapping[ExternalId, Purchase],
    formerly: Formerly,
    decide: Callable[[], Outcome[tuple[Recorded, ...], Entry, PurchaseRecorded]],
) -> Outcome[tuple[Recorded, ...], Entry, PurchaseRecorded]:
    """Decide, unless the purchase is known: then nothing happens, and the first result is answered. ``formerly`` are
    the accounts that lead to its account.
    """
    before = known.get(wanted.purchase)
    return decide() if before is None else Outcome((), (), repeated(wanted, before, formerly))
