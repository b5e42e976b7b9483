"""Where an account stands among the schemes of its club, while commands go on and before anything is written."""

from __future__ import annotations

from attrs import frozen

from memberlogic.loyalty.model import Account
from memberlogic.loyalty.progression import DayTotals, SchemeChange

__all__ = ["Standing"]


@frozen(kw_only=True)
class Standing:
    """An account with what its purchases come to, and what has become of it since it was loaded."""

    account: Account
    totals: tuple[DayTotals, ...]
    """By business day, since the first day that a review or an upgrade looks at."""
    changes: tuple[SchemeChange, ...] = ()
    """In order; not written yet."""
    reviewed: bool = False
    """Whether a review was held, so that the next one is another."""

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.reviewed or bool(self.changes)
