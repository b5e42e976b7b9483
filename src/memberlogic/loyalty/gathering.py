"""What answers about a whole club have to look at: in a few looks, however many accounts there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memberlogic.ids import AccountId
from memberlogic.loyalty.model import Account
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.progression import DayTotals
from memberlogic.loyalty.reporting import ClosestFacts
from memberlogic.loyalty.windowing import window_of_tomorrow

__all__ = ["candidates"]


def candidates(
    uow: LoyaltyWork, facts: ClosestFacts, due: Mapping[AccountId, Account]
) -> tuple[Sequence[Account], Mapping[AccountId, Sequence[DayTotals]]]:
    """The accounts that may be closest to a scheme, those whose reviews are due as they are after them, with what their
    purchases come to. Where each account has a window of its own, these are all that are below the scheme.
    """
    club = facts.club
    if facts.window is None:
        everyone = [due.get(each.id, each) for each in uow.schemes.everyone(club.id)]
        since = min((window_of_tomorrow(club, each, facts.now).start for each in everyone), default=None)
        return everyone, {} if since is None else uow.measures.of_club(club.id, since)
    limit = facts.wanted.limit + len(due)
    leading = uow.measures.leading(club.id, facts.progression.metric, facts.window, facts.lower, limit)
    others = uow.schemes.standing([id for id in leading if id not in due])
    totals = uow.measures.daily([*due, *(each.id for each in others)], facts.window.start)
    return [*due.values(), *others], totals
