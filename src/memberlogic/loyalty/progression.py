"""What a club says of going up and down between its schemes (SCH-2, SCH-4 to SCH-6), and what came of it (SCH-8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from attrs import field, frozen

from memberlogic.calendar import LONGEST_MONTHS, Days, Term
from memberlogic.converting import converter, tagged
from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, ClubId, SchemeChangeId
from memberlogic.inputs import a_date, as_tuple, instance, optional, whole
from memberlogic.warning import lead_times

__all__ = [
    "AnniversaryYear",
    "CalendarYear",
    "Cause",
    "Daily",
    "DayTotals",
    "Downgrade",
    "Grace",
    "Metric",
    "Monthly",
    "OnAnniversary",
    "Pin",
    "PinKind",
    "Pinned",
    "Progression",
    "Review",
    "Rolling",
    "SchemeChange",
    "SinceChange",
    "Upgrade",
    "Window",
    "Yearly",
]


class Metric(Enum):
    """What is counted for an account over a window (SCH-2)."""

    POINTS_EARNED = "points_earned"
    """Points earned by purchases and other events, when earned; what became of them afterwards does not matter."""

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


@frozen
class Rolling:
    """The last days or months before the review day (SCH-2)."""

    term: Term = field(validator=instance(Term, "a term"))


@frozen
class CalendarYear:
    """The calendar year, as far as it lies before the review day; on 1 January the whole year before (SCH-2)."""


@frozen
class AnniversaryYear:
    """The account's own year, from one anniversary of its opening to the next, as far as it lies before the review
    day; on an anniversary the whole year before (SCH-2).
    """


@frozen
class SinceChange:
    """The business days since the last change of scheme, or since the account was opened (SCH-2)."""


Window = Rolling | CalendarYear | AnniversaryYear | SinceChange
tagged(Window)
_read_window = converter.get_structure_hook(Window)


def _window(value: Any, kind: Any) -> Any:
    """A window as JSON; a bare term, as it was written before there were others, is a rolling one."""
    if isinstance(value, dict) and "is" not in value:
        return Rolling(converter.structure(value, Term))
    return _read_window(value, kind)


converter.register_structure_hook(Window, _window)


def as_window(value: object) -> object:
    """A converter: a bare term is a rolling window."""
    return Rolling(value) if isinstance(value, Term) else value


@frozen(kw_only=True)
class Progression:
    """What a club says of going up and down: what is counted, over which time before the review day, and what a
    review may do. The thresholds stand at the schemes.
    """

    metric: Metric = field(validator=instance(Metric, "a metric"))
    window: Window = field(
        converter=as_window,
        validator=instance(
            (Rolling, CalendarYear, AnniversaryYear, SinceChange), "a term, a kind of year, or since the change"
        ),
    )
    """Over which time before the review day it is counted; a bare term is a rolling window."""
    upgrade: Upgrade = field(validator=instance(Upgrade, "at once or at review"))
    downgrade: Downgrade = field(validator=instance(Downgrade, "never, to reached or one rank"))
    review: Review = field(validator=instance((Daily, Monthly, Yearly, OnAnniversary), "when reviews are"))

    minimum_stay: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """No downgrade before it has passed since the last change; its end is a review of its own (SCH-5)."""
    grace: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """How long before a downgrade the account is warned; the end of it is a review of its own (SCH-5)."""
    warnings: tuple[Term, ...] = field(default=(), converter=as_tuple, validator=lead_times)
    """How long before an account falls its holders are told, once for each (SCH-9)."""

    def __attrs_post_init__(self) -> None:
        if isinstance(self.window, SinceChange) and self.minimum_stay is None:
            raise InvalidInput(
                path="minimum_stay", expected="a term, as the window is the time since the last change", got="None"
            )


class PinKind(Enum):
    """What a pin keeps from happening by itself (SCH-7)."""

    FIXED = "fixed"
    """Nothing automatic changes the scheme."""

    FLOOR = "floor"
    """Nothing automatic takes the account lower."""


@frozen
class Pin:
    """How a manual move is held, and until which business day of the club; on that day it holds no more (SCH-7)."""

    kind: PinKind = field(validator=instance(PinKind, "fixed or floor"))
    until: date = field(validator=a_date)

    def __attrs_post_init__(self) -> None:
        if not 1000 <= self.until.year <= 9998:
            raise InvalidInput(path="until", expected="a day of the years 1000 to 9998", got=self.until.isoformat())


@frozen(kw_only=True)
class Pinned:
    """The scheme in which a manual move holds an account, on the business days before ``until`` (SCH-7)."""

    kind: PinKind
    scheme: str
    until: date


@frozen(kw_only=True)
class Grace:
    """A review found the account below its scheme and lets it stay until a business day, which is a review of its own
    (SCH-5).
    """

    since: date
    """The first day of the window of the review that found it."""
    until: date


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
    MANUAL = "manual"
    """Staff moved it, for a reason (SCH-7)."""
    KEPT = "kept"
    """It reached its own scheme again since the last change, which starts a new since (SCH-5)."""


@frozen(kw_only=True)
class SchemeChange:
    """An account went from one scheme to another (SCH-8), with everything that decided it. Where staff moved it to the
    scheme it was in, and where it kept that by reaching it again, both are the same.
    """

    id: SchemeChangeId
    account: AccountId
    club: ClubId
    from_scheme: str
    to_scheme: str
    cause: Cause
    metric: Metric | None
    """None where the club counts nothing, and staff moved the account."""
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
    reason: str | None = None
    """Why staff moved it, as a code."""
    pin: Pin | None = None
    """How the move is held."""
