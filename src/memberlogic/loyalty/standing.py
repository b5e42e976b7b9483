"""Where an account stands among the schemes of its club, while commands go on and before anything is written."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from memberlogic.events import OfItself
from memberlogic.ids import AccountId
from memberlogic.loyalty.model import Account, AccountState
from memberlogic.loyalty.progression import DayTotals, SchemeChange

__all__ = ["OnlyReviewed", "Standing", "UpForReview"]


@frozen
class UpForReview:
    """An account for which nothing but its review is due, and which nothing holds: as much of it as decides then."""

    account: AccountId
    scheme: str
    state: AccountState


@frozen(kw_only=True)
class OnlyReviewed:
    """A page of a club's accounts whose review is due, locked: those of them for which nothing else is."""

    accounts: tuple[UpForReview, ...]
    last: AccountId | None
    """The last account of a full page, after which the next one begins; None if there is no next one."""


@frozen(kw_only=True)
class Standing:
    """An account with what its purchases come to, and what has become of it since it was loaded."""

    account: Account
    totals: tuple[DayTotals, ...]
    """By business day, since the first day that a review or an upgrade looks at."""
    stored: Account
    """As it was loaded."""
    changes: tuple[SchemeChange, ...] = ()
    """In order; not written yet."""
    graces: tuple[OfItself, ...] = ()
    """The graces that began and ended; not written yet."""

    @classmethod
    def of(cls, account: Account, totals: Sequence[DayTotals]) -> Standing:
        """An account as it was loaded."""
        return cls(account=account, totals=tuple(totals), stored=account)

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.account is not self.stored
