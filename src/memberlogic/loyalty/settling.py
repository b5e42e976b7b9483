"""COM-8: bringing accounts to now: what fell due in their wallets, and the reviews of the accounts themselves, in order
of the instants at which they did; at the same instant a wallet's points expire before its account is reviewed. Commands
settle first, the jobs settle what nobody touched, queries settle in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.events import OfItself
from memberlogic.ids import AccountId, ClubId, NewId
from memberlogic.ledger.model import Entry, Inactivity, Move, Wallet
from memberlogic.ledger.past import Past
from memberlogic.ledger.settling import FellDue, settle_all
from memberlogic.ledger.warning import warn
from memberlogic.loyalty import changing
from memberlogic.loyalty.backdating import Late, counted_then
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.progressing import after_reviews, in_scheme, in_scheme_then, looks_back_to, matters, reviewed
from memberlogic.loyalty.reviewing import is_due, measured_since
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.telling import tell, tell_of_graces
from memberlogic.outcomes import Outcome

__all__ = [
    "AccountsSettled",
    "due_in",
    "looking_back",
    "settle_accounts",
    "settle_moving",
    "settle_reviewing",
    "settle_viewing",
    "settled",
    "standings",
    "write",
]

_PAGE = 500
_SYSTEM = Actor.system().label


@frozen(kw_only=True)
class AccountsSettled:
    """What settling came to: how many wallets had something due, with how many entries; how many accounts were
    reviewed, with how many changes of scheme.
    """

    wallets: int
    entries: int
    accounts: int
    changes: int
    warnings: int = 0
    """How many messages were queued of points that will expire (PTS-13) and of accounts that will fall (SCH-9)."""


def standings(
    uow: LoyaltyWork,
    wallets: Sequence[Wallet],
    clubs: Mapping[ClubId, Club],
    instants: Sequence[datetime],
    late: Mapping[AccountId, datetime],
) -> Mapping[AccountId, Standing]:
    """Those accounts of moving wallets that purchases at some instants may review or upgrade, and those to which one
    comes late, with what their purchases have come to; two looks, however many they are, and none if there are none.
    """
    last = min(max(instants, default=uow.now), uow.now)
    ids = sorted(
        {each.id.account for each in wallets if each.id.account in late or matters(clubs[each.club], each, last)}
    )
    if not ids:
        return {}
    first = min([*instants, uow.now])
    accounts = uow.schemes.standing(ids)
    days = [looks_back_to(clubs[each.club], each, first, uow.now if each.id in late else last) for each in accounts]
    days += [counted_then(clubs[each.club], each, late[each.id]) for each in accounts if each.id in late]
    totals = uow.measures.daily(ids, min(days))
    return {account.id: Standing.of(account, totals[account.id]) for account in accounts}


def settled(uow: LoyaltyWork, accounts: Sequence[Account], until: datetime, new_id: NewId) -> Sequence[Standing]:
    """Those of some accounts whose review fell due by an instant, after it; in memory."""
    due = {account.id: account for account in accounts if is_due(account, until)}
    clubs = {id: uow.clubs.get(id) for id in sorted({account.club for account in due.values()})}
    days = [measured_since(clubs[each.club], each, each.next_review or until) for each in due.values()]
    totals = uow.measures.daily([*due], min(days)) if due else {}
    return [
        reviewed(Standing.of(account, totals[id]), clubs[account.club], until, uow.now, new_id)
        for id, account in due.items()
    ]


def looking_back(
    uow: LoyaltyWork, wallets: Sequence[Wallet], late: Mapping[AccountId, datetime], *, paying: bool
) -> tuple[Sequence[Wallet], Mapping[AccountId, Late]]:
    """Moving wallets, with all their lots where a purchase comes late, and what has to be known of such accounts: their
    histories, and where points pay, or live by activity, what became of them since. Nothing is asked where none comes
    late.
    """
    if not late:
        return wallets, {}
    ids = [each.id for each in wallets if each.id.account in late]
    whole = {each.id: each for each in uow.wallets.viewing(ids)}
    histories = uow.schemes.histories(sorted(late))
    lively = any(each.idle or isinstance(each.terms.expiry, Inactivity) for each in whole.values())
    pasts = uow.wallets.past(ids, min(late.values())) if paying or lively else {}
    known = {id.account: Late(changes=tuple(histories[id.account]), past=pasts.get(id, Past())) for id in ids}
    return [whole.get(each.id, each) for each in wallets], known


def due_in(uow: LoyaltyWork, club: ClubId, now: datetime, new_id: NewId) -> Iterator[tuple[Account, Standing]]:
    """Every account of a club whose review is due and not written down yet: before and after it; in pages."""
    page = uow.schemes.due(club, now, limit=_PAGE)
    while page:
        yield from zip(page, settled(uow, page, now, new_id), strict=True)
        page = uow.schemes.due(club, now, after=page[-1].id, limit=_PAGE)


def settle_moving(
    uow: LoyaltyWork, moves: Sequence[Move], new_id: NewId, until: datetime | None = None
) -> Outcome[tuple[Wallet, ...], Entry, FellDue]:
    """Load, lock and settle wallets with the reviews of their accounts inside a unit of work, to now or to an instant
    before it: what fell due is queued with the command's own entries, each with the scheme of its instant (PTS-18).
    """
    return _settle_moving(uow, moves, new_id, until)[0]


def settle_reviewing(
    uow: LoyaltyWork, moves: Sequence[Move], new_id: NewId
) -> tuple[Outcome[tuple[Wallet, ...], Entry, FellDue], Mapping[AccountId, Account]]:
    """The same, with the accounts that were reviewed as they are after it."""
    outcome, after = _settle_moving(uow, moves, new_id)
    return outcome, {each.account.id: each.account for each in after}


def settle_viewing(
    uow: LoyaltyWork, wallets: Sequence[Wallet], new_id: NewId, until: datetime | None = None
) -> Outcome[tuple[Wallet, ...], Entry, FellDue]:
    """Settle wallets in memory, to now or to an instant before it: each entry with the scheme of its instant (PTS-18),
    whichever reviews have been written down. Where nothing fell due nothing more is looked at.
    """
    outcome = settle_all(wallets, until or uow.now, new_id, recorded_at=uow.now)
    moved = sorted({each.wallet.account for each in outcome.events})
    if not moved:
        return outcome
    due = {each.account.id: each.changes for each in settled(uow, uow.schemes.standing(moved), uow.now, new_id)}
    changes = {account: (*uow.schemes.changes(account), *due.get(account, ())) for account in moved}
    entries = tuple(in_scheme_then(each, changes[each.wallet.account]) for each in outcome.events)
    return Outcome(outcome.facts, entries, outcome.result)


def settle_accounts(uow: LoyaltyWork, moves: Sequence[Move], new_id: NewId, until: datetime) -> AccountsSettled:
    """The same, for the jobs, which want to know what it came to: wallets for which nothing is due but that lots
    expire all at once; the others one by one.
    """
    expired = uow.wallets.expire_due([each.wallet for each in moves], until, new_id)
    rest = [each for each in moves if each.wallet not in expired.wallets]
    outcome, after = _settle_moving(uow, rest, new_id, until)
    changed = {each.account.id: each.account for each in after}
    return AccountsSettled(
        wallets=len(moves) - len(rest) + len(outcome.result.wallets),
        entries=expired.entries + len(outcome.events),
        accounts=len(after),
        changes=sum(len(each.changes) for each in after),
        warnings=warn(uow, outcome.facts, new_id) + tell(uow, outcome.facts, changed, new_id),
    )


def _settle_moving(
    uow: LoyaltyWork, moves: Sequence[Move], new_id: NewId, until: datetime | None = None
) -> tuple[Outcome[tuple[Wallet, ...], Entry, FellDue], Sequence[Standing]]:
    wallets = uow.wallets.moving(moves)
    at = until or uow.now
    outcome = settle_all(wallets, at, new_id, recorded_at=uow.now)
    due = sorted({each.id.account for each in wallets if is_due(each, at)})
    after = settled(uow, uow.schemes.standing(due), at, new_id) if due else ()
    if after:
        outcome = _with_reviews(wallets, outcome, {each.account.id: each for each in after})
    uow.wallets.post(outcome.result.wallets, outcome.events, outcome.result.holds)
    uow.put(outcome.result.events)
    return outcome, write(uow, after, new_id)


def _with_reviews(
    wallets: Sequence[Wallet], outcome: Outcome[tuple[Wallet, ...], Entry, FellDue], after: Mapping[AccountId, Standing]
) -> Outcome[tuple[Wallet, ...], Entry, FellDue]:
    """Settled wallets and their entries, with what the reviews of their accounts came to."""
    seen = tuple(after_reviews(each, after.get(each.id.account)) for each in outcome.facts)
    changed = tuple(now for before, now in zip(wallets, seen, strict=True) if now is not before)
    changes = {account: standing.changes for account, standing in after.items()}
    entries = tuple(in_scheme(each, changes.get(each.wallet.account, ())) for each in outcome.events)
    return Outcome(seen, entries, evolve(outcome.result, wallets=changed))


def write(uow: LoyaltyWork, standings: Iterable[Standing | None], new_id: NewId) -> Sequence[Standing]:
    """Queue what became of accounts and what their holders are told of it; their wallets are posted beside, which
    writes their version. Those that changed, as they are remembered.
    """
    changed = tell_of_graces(uow, [each for each in standings if each is not None and each.changed], new_id)
    if not changed:
        return changed
    changes = [change for each in changed for change in each.changes]
    uow.schemes.post(changes, [each.account for each in changed])
    for each in changed:
        uow.put(each.graces)
        for change in each.changes:
            event = changing.as_event(change, each.account.holders)
            if change.actor == _SYSTEM:
                uow.put((OfItself(event, change.effective_at),))
            else:
                uow.put((event,), effective_at=change.effective_at)
    return changed
