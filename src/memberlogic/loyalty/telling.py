"""SCH-9, SCH-5: telling that an account will fall, and remembering it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from memberlogic.ids import AccountId, NewId
from memberlogic.ledger.model import Wallet
from memberlogic.loyalty.falling import begun, looked_at, queued, to_be_told
from memberlogic.loyalty.foreseeing import foreseen_since
from memberlogic.loyalty.model import Account
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.progressing import reviewed
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.watching import may_be_told, watched

__all__ = ["look_again", "tell", "tell_of_graces"]


def tell(uow: LoyaltyWork, wallets: Sequence[Wallet], after: Mapping[AccountId, Account], new_id: NewId) -> int:
    """Queue what is due by now of the accounts of locked wallets, and their next looks, in the same transaction; how
    many messages that came to. ``after`` are those that this unit has changed. Like all warnings these are of now.
    """
    told = {
        each.id.account: [holder.member for holder in each.holders if holder.state.takes_part]
        for each in wallets
        if each.id.account in after or may_be_told(uow.clubs.get(each.club), each.scheme)
    }
    stored = uow.schemes.standing(sorted(id for id in told if id not in after))
    accounts = [*stored, *(account for id, account in sorted(after.items()) if id in told)]
    due = [each for each in accounts if each.next_warning is not None and each.next_warning <= uow.now]
    if not due:
        return 0
    clubs = {each.id: uow.clubs.get(each.club) for each in due}
    totals = uow.measures.daily(
        [each.id for each in due], min(foreseen_since(clubs[each.id], each, uow.now) for each in due)
    )
    # Reviews that are due by now and that this run does not write down are held in memory.
    now = [reviewed(Standing.of(each, totals[each.id]), clubs[each.id], uow.now, uow.now, new_id) for each in due]
    said = [
        (warned, told[each.account.id])
        for each in now
        for warned in to_be_told(clubs[each.account.id], each.account, each.totals, uow.now)
    ]
    messages = queued(said, uow.now, new_id)
    uow.schemes.warned([looked_at(clubs[each.account.id], each.account, each.totals, uow.now) for each in now])
    uow.put((), messages)
    return len(messages)


def tell_of_graces(uow: LoyaltyWork, standings: Sequence[Standing], new_id: NewId) -> Sequence[Standing]:
    """Queue what there is to say of graces that began; the accounts as they are remembered, to be looked at where they
    changed.
    """
    known = []
    for each in standings:
        club = uow.clubs.get(each.account.club)
        messages = begun(each, club, uow.now, new_id)
        uow.put((), messages)
        account = watched(club, each.stored, each.account, uow.now)
        known.append(evolve(each, account=evolve(account, warned_at=uow.now) if messages else account))
    return known


def look_again(uow: LoyaltyWork, wallets: Sequence[Wallet]) -> None:
    """What came back may make accounts fall earlier: the next jobs look at them."""
    watching = [each for each in wallets if may_be_told(uow.clubs.get(each.club), each.scheme)]
    uow.schemes.look(sorted({each.id.account for each in watching}), uow.now)
