"""SCH-4 and SCH-6 around a purchase: the reviews that fell due by its instant come before it, the upgrade that it
reaches comes after it. So a purchase that causes an upgrade earns at the old scheme (PTS-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.changing import changed
from memberlogic.ids import NewId
from memberlogic.ledger.model import Entry, Wallet
from memberlogic.loyalty.measuring import with_award, with_purchase
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import SchemeChange
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.reviewing import is_due, measured_since, review
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.upgrading import may_upgrade, raised, upgrade
from memberlogic.loyalty.windowing import window_of_tomorrow

__all__ = [
    "after_award",
    "after_purchase",
    "after_reviews",
    "in_scheme",
    "in_scheme_then",
    "looks_back_to",
    "matters",
    "reviewed",
]


def matters(club: Club, wallet: Wallet, last: datetime) -> bool:
    """Whether what an account's purchases come to matters to a purchase by an instant: it is reviewed by then, or may
    go up at once.
    """
    return is_due(wallet, last) or may_upgrade(club, wallet)


def looks_back_to(club: Club, account: Account, first: datetime, last: datetime) -> date:
    """The first day whose purchases matter to a purchase of an account between two instants."""
    if club.progression is None:
        return local_day(first, club.zone)
    since = min(window_of_tomorrow(club, account, first).start, measured_since(club, account, first))
    if account.next_review is not None and account.next_review <= last:
        return min(since, measured_since(club, account, account.next_review))
    return since


def reviewed(standing: Standing, club: Club, until: datetime, now: datetime, new_id: NewId) -> Standing:
    """The account after every review that fell due by an instant."""
    outcome = review(standing.account, club, standing.totals, until, now, new_id)
    if outcome.facts is standing.account:
        return standing
    return changed(
        standing,
        account=outcome.facts,
        changes=(*standing.changes, *outcome.events),
        graces=(*standing.graces, *outcome.result),
    )


def after_reviews(wallet: Wallet, standing: Standing | None) -> Wallet:
    """A settled wallet after the reviews of its account; as it is if there were none."""
    if standing is None or standing.account.next_review == wallet.next_review:
        return wallet
    account = standing.account
    return changed(
        wallet,
        scheme=account.scheme,
        next_review=account.next_review,
        effective_at=max(wallet.effective_at, account.effective_at),
    )


def in_scheme(entry: Entry, changes: Sequence[SchemeChange]) -> Entry:
    """An entry that settling posted, with the scheme of its instant (PTS-18): at the same instant points expire before
    the account is reviewed.
    """
    scheme = entry.scheme
    for change in changes:
        if change.effective_at < entry.effective_at:
            scheme = change.to_scheme
    return entry if scheme == entry.scheme else changed(entry, scheme=scheme)


def in_scheme_then(entry: Entry, changes: Sequence[SchemeChange]) -> Entry:
    """An entry with the scheme of its instant, by every change that the account ever had, in order."""
    before = [change for change in changes if change.effective_at < entry.effective_at]
    if before:
        return changed(entry, scheme=before[-1].to_scheme)
    return changed(entry, scheme=changes[0].from_scheme) if changes else entry


def after_purchase(
    standing: Standing, club: Club, wallet: Wallet, purchase: Purchase, actor: Actor, now: datetime, new_id: NewId
) -> tuple[Standing, Wallet]:
    """The account and its wallet after a purchase that is in effect, with the upgrade that it reaches at once."""
    after = changed(standing, totals=with_purchase(standing.totals, purchase))
    return _upgraded(after, club, wallet, actor, purchase.at, now, new_id)


def after_award(
    standing: Standing, club: Club, wallet: Wallet, points: int, actor: Actor, now: datetime, new_id: NewId
) -> tuple[Standing, Wallet]:
    """The account and its wallet after points that an event other than a purchase earned now, with the upgrade that
    they reach at once.
    """
    after = changed(standing, totals=with_award(standing.totals, local_day(now, club.zone), points))
    return _upgraded(after, club, wallet, actor, now, now, new_id)


def _upgraded(
    after: Standing, club: Club, wallet: Wallet, actor: Actor, at: datetime, now: datetime, new_id: NewId
) -> tuple[Standing, Wallet]:
    change = upgrade(wallet, after.account, club, after.totals, actor, at, now, new_id)
    if change is None:
        return after, wallet
    account = raised(club, after.account, change)
    return (
        changed(after, account=account, changes=(*after.changes, change)),
        changed(wallet, scheme=change.to_scheme, next_review=account.next_review),
    )
