"""SCH-5, SCH-6, SCH-11: reviews. What a review may do to an account, and the missed ones settled one by one, each as
of its day at the start of the business day. Points already earned are not re-rated: nothing here touches the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never

from attrs import evolve

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.ids import NewId
from memberlogic.ledger.model import AccountState, Wallet
from memberlogic.loyalty.changing import changed
from memberlogic.loyalty.measuring import Tally
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import DayTotals, Downgrade, SchemeChange
from memberlogic.loyalty.reaching import reached
from memberlogic.loyalty.scheduling import next_review
from memberlogic.outcomes import Outcome

__all__ = ["after_review", "is_due", "measured_since", "review"]


def is_due(account: Account | Wallet, now: datetime) -> bool:
    """Whether a review of an account is due, by the account or by one of its wallets."""
    return account.next_review is not None and account.next_review <= now


def measured_since(club: Club, held: datetime) -> date:
    """The first day of the window of a review."""
    day = local_day(held, club.zone)
    return day if club.progression is None else club.progression.window_before(day).start


def after_review(club: Club, scheme: str, state: AccountState, measured: int, downgrade: Downgrade) -> str:
    """The scheme after a review that finds a metric: up to what is reached unless the account is blocked, down as far
    as the club goes.
    """
    found = reached(club, measured)
    rank, reached_rank = club.rank(scheme), club.rank(found)
    if reached_rank > rank:
        return scheme if state is AccountState.BLOCKED else found
    if reached_rank == rank:
        return scheme
    match downgrade:
        case Downgrade.NEVER:
            return scheme
        case Downgrade.TO_REACHED:
            return found
        case Downgrade.ONE_RANK:
            return club.schemes[rank - 1].code
        case _:  # pragma: no cover
            assert_never(downgrade)


def review(
    account: Account, club: Club, totals: Sequence[DayTotals], until: datetime, now: datetime, new_id: NewId
) -> Outcome[Account, SchemeChange, None]:
    """Every review that fell due by an instant, in order, each over the window that ends before its own day; written
    down ``now``.

    ``totals`` reach back to :func:`measured_since`. Done in steps, it gives the same account as done once. Closed
    accounts are not reviewed any more (SCH-11).
    """
    progression = club.progression
    if not is_due(account, until):
        return Outcome(account, (), None)
    if progression is None or account.state is AccountState.CLOSED:
        return Outcome(evolve(account, next_review=None), (), None)
    tally = Tally.of(progression.metric, totals)
    changes: list[SchemeChange] = []
    held, scheme, since, last = account.next_review, account.scheme, account.scheme_since, account.effective_at
    while held is not None and held <= until:
        window = progression.window_before(local_day(held, club.zone))
        measured = tally.over(window)
        after = after_review(club, scheme, account.state, measured, progression.downgrade)
        if after != scheme:
            change = changed(
                account.id,
                club,
                progression,
                from_scheme=scheme,
                to_scheme=after,
                measured=measured,
                window=window,
                at=held,
                now=now,
                actor=Actor.system().label,
                new_id=new_id,
            )
            changes.append(change)
            scheme, since = after, held
        last, held = held, next_review(club, account, held)
    after_all = evolve(
        account,
        scheme=scheme,
        scheme_since=since,
        next_review=held,
        effective_at=max(account.effective_at, last),
    )
    return Outcome(after_all, tuple(changes), None)
