"""MEM-11: what loyalty holds of a member, for an access request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from memberlogic import converting
from memberlogic.amounts import Unit
from memberlogic.errors import JSON
from memberlogic.ids import AccountId, MemberId
from memberlogic.ledger.model import Entry, Wallet, WalletId
from memberlogic.loyalty.awards import Award
from memberlogic.loyalty.closing import moves
from memberlogic.loyalty.model import Account
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.purchases import Purchase, PurchaseLine
from memberlogic.loyalty.returns import Return
from memberlogic.paging import one_by_one

__all__ = ["AccountsOfMember"]

_PAGE = 500
Bought: TypeAlias = tuple[Purchase, Sequence[PurchaseLine]]


class AccountsOfMember:
    """What loyalty contributes to an export: every account that the member holds, with everything that happened on it,
    as it was written down.
    """

    def export(self, uow: LoyaltyWork, member: MemberId) -> Mapping[str, JSON]:
        """The accounts, in order of their ids."""
        held = (uow.accounts.get(each) for each in uow.accounts.held_by(member))
        return {"accounts": [_told(uow, each, member) for each in held]}


def _told(uow: LoyaltyWork, account: Account, member: MemberId) -> JSON:
    wallets = uow.wallets.viewing([each.wallet for each in moves(account, uow.clubs.get(account.club))])

    def purchases(last: Bought | None) -> Sequence[Bought]:
        return uow.purchases.of_account(account.id, after=None if last is None else last[0].id, limit=_PAGE)

    def returns(last: Return | None) -> Sequence[Return]:
        return uow.returns.of_account(account.id, after=None if last is None else last.id, limit=_PAGE)

    def awards(last: Award | None) -> Sequence[Award]:
        return uow.awards.of_account(account.id, after=None if last is None else last.id, limit=_PAGE)

    return {
        "account": {
            "id": str(account.id),
            "club": str(account.club),
            "own": account.owner == member,
            "holders": len(account.holders),
            "state": account.state.value,
            "blocked_for": account.blocked_for,
            "scheme": account.scheme,
            "opened_at": account.opened_at.isoformat(),
        },
        "external_ids": _all(uow.external_ids.of("account", account.id)),
        "wallets": [_wallet(uow, each) for each in wallets],
        "merged_accounts": [
            {"id": str(id), "entries": _all(each for wallet in wallets for each in _entries(uow, id, wallet.id.unit))}
            for id in uow.account_mergings.led_to(account.id)
        ],
        "schemes": _all(uow.schemes.changes(account.id)),
        "purchases": [
            {"purchase": converting.to_json(purchase), "lines": _all(lines)}
            for purchase, lines in one_by_one(purchases)
        ],
        "returns": _all(one_by_one(returns)),
        "awards": _all(each for each in one_by_one(awards) if each.member == member),
    }


def _entries(uow: LoyaltyWork, account: AccountId, unit: Unit) -> Iterable[Entry]:
    def entries(last: Entry | None) -> Sequence[Entry]:
        after: tuple[datetime, UUID] | None = None if last is None else (last.effective_at, last.id)
        return uow.wallets.entries(WalletId(account, unit), after=after, limit=_PAGE)

    return one_by_one(entries)


def _wallet(uow: LoyaltyWork, wallet: Wallet) -> JSON:
    return {
        "unit": wallet.id.unit,
        "remaining": wallet.remaining,
        "held": wallet.held,
        "debt": wallet.debt,
        "lots": _all(wallet.lots),
        "holds": _all(uow.statements.holds(wallet.id, uow.now)),
        "entries": _all(_entries(uow, wallet.id.account, wallet.id.unit)),
        "adjustments_waiting": _all(uow.adjustments.waiting_for(wallet.id)),
    }


def _all(facts: Iterable[Any]) -> list[JSON]:
    return [converting.to_json(each) for each in facts]
