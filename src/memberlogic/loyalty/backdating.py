"""COM-21: an account as of the instant of a purchase that is recorded late, and what became of its scheme since.

The account's path through the schemes is walked again from that instant with the purchase counted. If nothing in its
history contradicts it, the path is written down as it would have been, each change as of its own instant: so it does
not matter when the jobs ran. If the account has changed its scheme since, what was announced stands, and the account is
raised once if it would now stand higher. Nothing goes down by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day, start_of_day
from memberlogic.ids import AccountId, NewId, SchemeChangeId
from memberlogic.ledger.model import AccountState, Wallet
from memberlogic.ledger.past import Past
from memberlogic.loyalty.measuring import measure, with_purchase
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Cause, SchemeChange
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.reviewing import review
from memberlogic.loyalty.scheduling import next_review
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.upgrading import upgrade

__all__ = ["Late", "after_late_purchase", "late_in", "scheme_at", "state_at"]

_SYSTEM = Actor.system()


@frozen(kw_only=True)
class Late:
    """What has to be known beyond wallet and standing when a purchase comes late."""

    changes: tuple[SchemeChange, ...]
    """The account's history, in order."""
    past: Past = Past()  # noqa: RUF009 - frozen
    """What became of its points since; nothing where points do not pay."""


def late_in(
    wallets: Sequence[Wallet], instants: Mapping[AccountId, Sequence[datetime]]
) -> Mapping[AccountId, datetime]:
    """The accounts on which something took effect after a purchase that is still to come, by the earliest such
    purchase; ``instants`` are those of the purchases of each account in the order in which they come.
    """
    late: dict[AccountId, datetime] = {}
    for wallet in wallets:
        latest = wallet.effective_at
        for at in instants.get(wallet.id.account, ()):
            if at < latest:
                late[wallet.id.account] = min(at, late.get(wallet.id.account, at))
            else:
                latest = at
    return late


def scheme_at(account: Account, changes: Sequence[SchemeChange], at: datetime) -> str:
    """The scheme of an account at an instant, from its history: what takes effect at it is in effect."""
    later = next((each for each in changes if each.effective_at > at), None)
    return account.scheme if later is None else later.from_scheme


def state_at(account: Account, at: datetime) -> AccountState:
    """The state of an account at an instant: before the block that still stands it was open, as far as is known."""
    if account.state is AccountState.BLOCKED and account.blocked_at is not None and at < account.blocked_at:
        return AccountState.OPEN
    return account.state


def after_late_purchase(
    standing: Standing, club: Club, wallet: Wallet, late: Late, purchase: Purchase, now: datetime, new_id: NewId
) -> tuple[Standing, Wallet]:
    """The account and its wallet after a late purchase: where its path through the schemes leads with it."""
    after = evolve(standing, totals=with_purchase(standing.totals, purchase))
    history = (*late.changes, *standing.changes)
    since = [each for each in history if each.effective_at > purchase.at]
    path, scheme = _path(after, club, wallet, history, purchase.at, now, new_id)
    higher = club.rank(scheme) - club.rank(wallet.scheme)
    if higher < 0 or not (higher if since else path):
        return after, wallet
    changes = (_raised(after, club, wallet, scheme, (*since, *path)[-1], now, new_id),) if since else path
    last = changes[-1]
    account = evolve(after.account, scheme=last.to_scheme, scheme_since=last.effective_at)
    return evolve(after, account=account, changes=(*after.changes, *changes)), evolve(wallet, scheme=last.to_scheme)


def _raised(
    standing: Standing, club: Club, wallet: Wallet, scheme: str, decisive: SchemeChange, now: datetime, new_id: NewId
) -> SchemeChange:
    """The correction of an account whose history went another way: from where it stands, since its last instant, with
    what the review that decides finds now: the last one that raises, or the one that lowered and would not have.
    """
    return evolve(
        decisive,
        id=SchemeChangeId(new_id()),
        from_scheme=wallet.scheme,
        to_scheme=scheme,
        cause=Cause.CORRECTION,
        measured=measure(decisive.metric, decisive.window, standing.totals),
        thresholds=club.thresholds,
        day=local_day(wallet.effective_at, club.zone),
        effective_at=wallet.effective_at,
        recorded_at=now,
        actor=_SYSTEM.label,
    )


def _path(
    standing: Standing,
    club: Club,
    wallet: Wallet,
    history: Sequence[SchemeChange],
    at: datetime,
    now: datetime,
    new_id: NewId,
) -> tuple[tuple[SchemeChange, ...], str]:
    """The changes of scheme since an instant, had everything been known that is known now, and where they lead. A
    purchase that raises at once does so at its instant; those of later days, of which only the day is looked at, at the
    start of that day.
    """
    account, until = standing.account, wallet.effective_at
    then = evolve(
        account, scheme=scheme_at(account, history, at), next_review=next_review(club, account, at), effective_at=at
    )
    changes: list[SchemeChange] = []
    raised = {each.effective_at: each for each in history if each.cause is Cause.CORRECTION and each.effective_at > at}
    bought = {
        max(at, start_of_day(each.day, club.zone)) for each in standing.totals if each.day >= local_day(at, club.zone)
    }
    blocked = {account.blocked_at} if account.blocked_at is not None and account.blocked_at > at else set()
    for instant in sorted({at, until, *raised, *(each for each in (*bought, *blocked) if each <= until)}):
        reviewed = review(then, club, standing.totals, instant, now, new_id)
        changes += [_decided_again(each, club) for each in reviewed.events]
        then = evolve(reviewed.facts, state=state_at(account, instant))
        if instant in bought:
            as_it_was = evolve(wallet, scheme=then.scheme, state=then.state)
            up = upgrade(as_it_was, club, standing.totals, _SYSTEM, instant, now, new_id)
            if up is not None:
                changes.append(up if instant == at else evolve(up, cause=Cause.CORRECTION))
                then = evolve(then, scheme=up.to_scheme)
        if instant in raised and club.rank(raised[instant].to_scheme) > club.rank(then.scheme):
            then = evolve(then, scheme=raised[instant].to_scheme)
    return tuple(changes), then.scheme


def _decided_again(change: SchemeChange, club: Club) -> SchemeChange:
    up = club.rank(change.to_scheme) > club.rank(change.from_scheme)
    return evolve(change, cause=Cause.CORRECTION) if up else change
