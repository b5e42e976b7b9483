"""SCH-9: how far an account is: what is counted, what is still needed for the next scheme, and what is needed to keep
this one and by when. What is to come is what the reviews will do if nothing more is bought.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from attrs import evolve, frozen

from memberlogic.calendar import Days, Term, local_day, start_of_day
from memberlogic.ids import AccountId
from memberlogic.loyalty.footing import Footing, footing
from memberlogic.loyalty.measuring import Tally
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import DayTotals, Downgrade, Grace, Metric, Pinned, Progression, Rolling
from memberlogic.loyalty.reporting import NoProgression
from memberlogic.loyalty.reviewing import measured_since, reviews
from memberlogic.loyalty.windowing import window_of_tomorrow
from memberlogic.outcomes import Because, Explanation

__all__ = ["Progress", "ToKeep", "ToNext", "fall", "foreseen_since", "progress"]

_MOST_REVIEWS = 20_000


@frozen(kw_only=True)
class ToNext:
    """What is still needed for a scheme, over the window that a review tomorrow would use."""

    scheme: str
    threshold: int
    missing: int
    """0 if it is reached, and the next review raises."""


@frozen(kw_only=True)
class ToKeep:
    """What is needed to keep a scheme, or the account falls on a day to another one."""

    scheme: str
    threshold: int
    missing: int
    """How much more must be counted in the window before the day."""
    falls_on: date
    """The business day of the review that lowers."""
    falls_to: str
    window: Days
    """What that review looks at."""
    measured: int
    """What it would find as things stand."""

    @property
    def last_day(self) -> date:
        """The last day on which it can still be reached."""
        return self.window.last_day


@frozen(kw_only=True)
class Progress:
    """How far an account is. ``next`` is None in the highest scheme, ``keep`` where nothing will lower the account."""

    account: AccountId
    scheme: str
    metric: Metric
    window: Days
    """What a review tomorrow would look at."""
    measured: int
    next: ToNext | None
    keep: ToKeep | None
    grace: Grace | None
    pin: Pinned | None
    next_review: datetime | None

    def explain(self) -> Explanation:
        """The same in words, with the figures."""
        said = [f"In {self.scheme}, with {self.measured} of {self.metric.value} in {_days(self.window)}."]
        if self.next is not None:
            said.append(f"{self.next.missing} more for {self.next.scheme}.")
        if self.keep is not None:
            said.append(
                f"It will fall to {self.keep.falls_to} on {self.keep.falls_on.isoformat()} unless "
                f"{self.keep.missing} more come in {_days(self.keep.window)}."
            )
        return Explanation(" ".join(said), tuple(self._reasons()))

    def _reasons(self) -> Sequence[Because]:
        found = [Because("SCH-2", "scheme.measured", {self.metric.value: self.measured, "window": _days(self.window)})]
        if self.next is not None:
            coming = self.next
            found.append(
                Because(
                    "SCH-9",
                    "scheme.next",
                    {"scheme": coming.scheme, "threshold": coming.threshold, "missing": coming.missing},
                )
            )
        if self.keep is not None:
            kept = self.keep
            found.append(
                Because(
                    "SCH-9",
                    "scheme.keep",
                    {
                        "scheme": kept.scheme,
                        "threshold": kept.threshold,
                        "missing": kept.missing,
                        "by": kept.last_day.isoformat(),
                        "falls_to": kept.falls_to,
                        "window": _days(kept.window),
                    },
                )
            )
        if self.grace is not None:
            found.append(Because("SCH-5", "scheme.grace", {"until": self.grace.until.isoformat()}))
        if self.pin is not None:
            pinned = {"pin": self.pin.kind.value, "scheme": self.pin.scheme, "until": self.pin.until.isoformat()}
            found.append(Because("SCH-7", "scheme.pinned", pinned))
        return found


def _days(window: Days) -> str:
    return f"{window.start.isoformat()} to {window.last_day.isoformat()}" if window.start < window.end else "no day yet"


def foreseen_since(club: Club, account: Account, now: datetime) -> date:
    """The first day whose purchases matter to what is to come.

    Raises:
        NoProgression: if the club counts nothing.
    """
    if club.progression is None:
        raise NoProgression()
    since = window_of_tomorrow(club, account, now).start
    return min(since, measured_since(club, account, account.next_review or now))


def progress(club: Club, account: Account, totals: Sequence[DayTotals], now: datetime) -> Progress:
    """How far a settled account is; ``totals`` reach back to :func:`foreseen_since`."""
    progression = _progression(club)
    tally = Tally.of(progression.metric, totals)
    window = window_of_tomorrow(club, account, now)
    measured = tally.over(window)
    today = local_day(now, club.zone)
    pin = account.pin if account.pin is not None and today < account.pin.until else None
    return Progress(
        account=account.id,
        scheme=account.scheme,
        metric=progression.metric,
        window=window,
        measured=measured,
        next=_next(club, account, measured),
        keep=fall(club, account, tally, now),
        grace=account.grace,
        pin=pin,
        next_review=account.next_review,
    )


def fall(club: Club, account: Account, tally: Tally, now: datetime) -> ToKeep | None:
    """The first review to come that takes a settled account below its scheme if nothing more is bought; None if none
    will.
    """
    progression = _progression(club)
    rank = club.rank(account.scheme)
    if not rank or progression.downgrade is Downgrade.NEVER:
        return None
    from_now, horizon = _from(club, account, now), _horizon(progression, account, local_day(now, club.zone))
    for number, held in enumerate(reviews(from_now, club, tally)):
        if club.rank(held.after.scheme) < rank:
            threshold = club.thresholds[account.scheme]
            return ToKeep(
                scheme=account.scheme,
                threshold=threshold,
                missing=threshold - held.found.measured,
                falls_on=held.found.day,
                falls_to=held.after.scheme,
                window=held.found.window,
                measured=held.found.measured,
            )
        if held.found.day > horizon or number == _MOST_REVIEWS:
            return None
    return None


def _next(club: Club, account: Account, measured: int) -> ToNext | None:
    rank = club.rank(account.scheme) + 1
    if rank == len(club.schemes):
        return None
    scheme = club.schemes[rank]
    return ToNext(scheme=scheme.code, threshold=scheme.threshold, missing=max(0, scheme.threshold - measured))


def _from(club: Club, account: Account, now: datetime) -> Account:
    """While it is fixed no review changes it: the first that matters is the one at the end of the pin."""
    if account.pin is None or footing(club, account, local_day(now, club.zone)) is not Footing.FIXED:
        return account
    return evolve(account, next_review=start_of_day(account.pin.until, club.zone))


def _horizon(progression: Progression, account: Account, today: date) -> date:
    """A day by which everything has run out that keeps an account where it is if nothing more is bought."""
    day = today if account.pin is None else max(today, account.pin.until)
    window = progression.window
    for term in (window.term if isinstance(window, Rolling) else None, progression.minimum_stay, progression.grace):
        day = day if term is None else term.after(day)
    return Term.of_years(2).after(day)


def _progression(club: Club) -> Progression:
    if club.progression is None:
        raise NoProgression()
    return club.progression
