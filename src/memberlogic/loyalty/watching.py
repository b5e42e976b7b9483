"""SCH-9: of which accounts there may be something to tell ahead of time, and when somebody looks at them."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from memberlogic.ledger.model import AccountState
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Downgrade

__all__ = ["may_be_told", "watched"]


def may_be_told(club: Club, scheme: str) -> bool:
    """Whether there can be anything to tell ahead of time of an account in a scheme."""
    progression = club.progression
    if progression is None or not progression.warnings or progression.downgrade is Downgrade.NEVER:
        return False
    return club.rank(scheme) > 0


def watched(club: Club, before: Account | None, after: Account, now: datetime) -> Account:
    """An account after a change, to be looked at by the next jobs if its scheme, its pin or its grace is another."""
    if before is not None and _held(before) == _held(after):
        return after
    at = now if after.state is not AccountState.CLOSED and may_be_told(club, after.scheme) else None
    return after if after.next_warning == at else evolve(after, next_warning=at)


def _held(account: Account) -> tuple[object, ...]:
    return account.scheme, account.scheme_since, account.pin, account.grace
