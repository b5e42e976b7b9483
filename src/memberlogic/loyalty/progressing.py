"""SCH-4 and SCH-6 around a purchase: the reviews that fell due by its instant come before it, the upgrade that it
reaches comes after it. So a purchase that causes an upgrade earns at the old scheme (PTS-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from memberlogic.actors import Actor
from memberlogic.changing import changed
from memberlogic.ids import NewId
from memberlogic.ledger.model import Entry, Wallet
from memberlogic.loyalty.measuring import with_purchase
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.progression import SchemeChange
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.reviewing import measured_since, review
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.upgrading import upgrade, upgrade_window

__all__ = ["after_purchase", "after_reviews", "in_scheme", "looks_back_to", "reviewed"]


def looks_back_to(club: Club, wallet: Wallet, first: datetime, last: datetime) -> date | None:
    """The first day whose purchases matter to a purchase between two instants; None if none do, as nothing is
    reviewed by then and nothing upgrades at once.
    """
    days = []
    window = upgrade_window(club, wallet, first)
    if window is not None:
        days.append(window.start)
    if wallet.next_review is not None and wallet.next_review <= last:
        days.append(measured_since(club, wallet.next_review))
    return min(days, default=None)


def reviewed(standing: Standing, club: Club, until: datetime, now: datetime, new_id: NewId) -> Standing:
    """The account after every review that fell due by an instant."""
    outcome = review(standing.account, club, standing.totals, until, now, new_id)
    if outcome.facts is standing.account:
        return standing
    return changed(standing, account=outcome.facts, changes=(*standing.changes, *outcome.events), reviewed=True)


def after_reviews(wallet: Wallet, standing: Standing | None) -> Wallet:
    """A settled wallet after the reviews of its account; as it is if there were none."""
    if standing is None or not standing.reviewed:
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


def after_purchase(
    standing: Standing, club: Club, wallet: Wallet, purchase: Purchase, actor: Actor, now: datetime, new_id: NewId
) -> tuple[Standing, Wallet]:
    """The account and its wallet after a purchase that is in effect, with the upgrade that it reaches at once."""
    after = changed(standing, totals=with_purchase(standing.totals, purchase))
    change = upgrade(wallet, club, after.totals, actor, purchase.at, now, new_id)
    if change is None:
        return after, wallet
    account = changed(after.account, scheme=change.to_scheme, scheme_since=change.effective_at)
    return (
        changed(after, account=account, changes=(*after.changes, change)),
        changed(wallet, scheme=change.to_scheme),
    )
