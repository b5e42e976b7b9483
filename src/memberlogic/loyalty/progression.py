"""What a club says of going up and down between its schemes (SCH-2, SCH-4 to SCH-6), and what came of it (SCH-8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum

from attrs import field, frozen

from memberlogic.calendar import LONGEST_MONTHS, Days, Term
from memberlogic.converting import tagged
from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, ClubId, SchemeChangeId
from memberlogic.inputs import instance, whole

__all__ = [
    "Cause",
    "Daily",
    "DayTotals",
    "Downgrade",
    "Metric",
    "Monthly",
    "OnAnniversary",
    "Progression",
    "Review",
    "SchemeChange",
    "Upgrade",
    "Yearly",
]


class Metric(Enum):
    """What is counted for an account over a window (SCH-2)."""

    POINTS_EARNED = "points_earned"
    """Points earned by purchases, when earned; what became of them afterwards does not matter."""

    MONEY_SPENT = "money_spent"
    """Totals of purchases in minor units, excluded lines and what points paid included."""

    PURCHASES = "purchases"
    """How many purchases."""

    VISITS = "visits"
    """Business days with a purchase."""


class Upgrade(Enum):
    """When an account goes up (SCH-4)."""

    AT_ONCE = "at_once"
    """With the movement that reaches the threshold; a review raises too what waited for it."""

    AT_REVIEW = "at_review"
    """At the next review."""


class Downgrade(Enum):
    """Whether, and how far, an account goes down at a review (SCH-5)."""

    NEVER = "never"
    TO_REACHED = "to_reached"
    """To the scheme that is reached."""

    ONE_RANK = "one_rank"
    """One rank at most."""


@frozen
class Daily:
    """A review on every business day (SCH-6)."""


@frozen
class Monthly:
    """A review on a day of each month, on its last where it is shorter (SCH-6)."""

    day: int = field(default=1, validator=whole(least=1, most=31))


@frozen
class Yearly:
    """A review on a day of each year; 29 February is the 28th in common years (SCH-6)."""

    month: int = field(default=1, validator=whole(least=1, most=12))
    day: int = field(default=1, validator=whole(least=1, most=31))

    def __attrs_post_init__(self) -> None:
        longest = LONGEST_MONTHS[self.month - 1]
        if self.day > longest:
            raise InvalidInput(path="day", expected=f"a day of that month, 1 to {longest}", got=str(self.day))


@frozen
class OnAnniversary:
    """A review on each anniversary of the business day on which the account was opened (SCH-6)."""


Review = Daily | Monthly | Yearly | OnAnniversary
tagged(Review)


@frozen(kw_only=True)
class Progression:
    """What a club says of going up and down: what is counted, over which time before the review day, and what a
    review may do. The thresholds stand at the schemes.
    """

    metric: Metric = field(validator=instance(Metric, "a metric"))
    window: Term = field(validator=instance(Term, "a term"))
    """How long the window is that ends before the review day (rolling)."""
    upgrade: Upgrade = field(validator=instance(Upgrade, "at once or at review"))
    downgrade: Downgrade = field(validator=instance(Downgrade, "never, to reached or one rank"))
    review: Review = field(validator=instance((Daily, Monthly, Yearly, OnAnniversary), "when reviews are"))

    def window_before(self, day: date) -> Days:
        """The window of a review on a day: it ends before that day, ``[day - term, day)``."""
        return Days(self.window.before(day), day)


@frozen
class DayTotals:
    """What the purchases of one account that count come to on one business day."""

    day: date
    purchases: int
    spent: int
    """Minor units, excluded lines and what points paid included."""
    earned: int
    """Points, when they were earned."""
    returned: int = 0
    """How many of the purchases came back whole: they count no more, but the visit does."""


class Cause(Enum):
    """Why an account's scheme changed (SCH-8)."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    CORRECTION = "correction"
    """Late knowledge: a review that was held was decided again (COM-21)."""


@frozen(kw_only=True)
class SchemeChange:
    """An account went from one scheme to another (SCH-8), with everything that decided it."""

    id: SchemeChangeId
    account: AccountId
    club: ClubId
    from_scheme: str
    to_scheme: str
    cause: Cause
    metric: Metric
    measured: int
    """What the metric came to."""
    window: Days
    thresholds: Mapping[str, int]
    """The entry threshold of each scheme, in rank order, as they were."""
    day: date
    """The business day from which the new scheme holds."""
    effective_at: datetime
    """The instant from which it holds: the start of the review day, or the movement that reached it."""
    recorded_at: datetime
    actor: str
