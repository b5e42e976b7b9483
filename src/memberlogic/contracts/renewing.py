"""CON-6, CON-9, CON-18: the course that a contract runs: its terms one after the other, and when it is frozen.

Nothing here looks at a cancellation: it cuts off what this computes (CON-8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from attrs import frozen

from memberlogic.calendar import LAST_DAY, Term, first_day_after, year_of
from memberlogic.contracts.model import Contract, Freeze
from memberlogic.contracts.rates import EndsWithTerm, Extends, FreezePolicy, RateVersion, RunsOn, SwitchesTo

__all__ = ["Course", "Frozen", "Stretch"]

_MONTH = Term.of_months(1)
_YEARS = 9
"""After as many years every length of a year has come."""


@frozen(kw_only=True)
class Frozen:
    """The days ``[since, until)`` of a freeze as they come to be; without an end while nothing limits them."""

    freeze: Freeze
    since: date
    until: date | None
    extends: bool

    def __contains__(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def days_until(self, day: date) -> int:
        """How many frozen days lie before a day."""
        end = day if self.until is None else min(self.until, day)
        return max(0, (end - self.since).days)


@frozen(kw_only=True)
class Stretch:
    """The time ``[since, until)`` that a contract spends on one rate; without an end if it stays there."""

    rate: RateVersion
    since: date
    until: date | None


@frozen(kw_only=True)
class Course:
    """What the facts of a contract come to, but for a cancellation."""

    contract: Contract
    frozen: tuple[Frozen, ...]
    stretches: tuple[Stretch, ...]

    @classmethod
    def of(cls, contract: Contract, *, open_until: date | None = None) -> Course:
        """The course of a contract.

        Args:
            open_until: where a freeze without an end counts as ending, if it does (CON-6: for a cancellation).
        """
        filed = sorted((each for each in contract.freezes if not each.withdrawn), key=lambda each: each.since)
        frozen: list[Frozen] = []
        for freeze in filed:
            frozen.append(_frozen(contract, frozen, freeze, open_until))
        return cls(contract=contract, frozen=tuple(frozen), stretches=tuple(_stretches(contract, frozen)))

    @property
    def expires_on(self) -> date | None:
        """The day on which its term ends for good; None if it renews, runs on, or is frozen without an end."""
        return _expires_on(self.stretches)

    def stretch_on(self, day: date) -> Stretch:
        """Which rate it is on on a day; before the first day, the first."""
        return _at(self.stretches, day)

    def rate_on(self, day: date) -> RateVersion:
        """The rate in force on a day: its policy and notice count then (CON-9)."""
        return self.stretch_on(day).rate

    def term_end(self, stretch: Stretch, number: int) -> date | None:
        """The end of the first term (0) or of a further one on a rate, frozen days added; None if there is none."""
        unmoved = _unmoved_end(stretch, number)
        return None if unmoved is None else self.moved(stretch, unmoved)

    def term_ends(self, since: date, until: date) -> Iterator[tuple[date, Stretch]]:
        """The ends of terms in ``[since, until)``, each with the rate on which that term was."""
        for stretch in self.stretches:
            number = self._first(stretch, since)
            while (end := self.term_end(stretch, number)) is not None and end < until:
                yield end, stretch
                number += 1

    def term_end_from(self, day: date) -> date | None:
        """The first end of a term on or after a day; None if there is none."""
        ends = (self.term_end(each, self._first(each, day)) for each in self.stretches)
        return _earliest(*(end for end in ends if end is not None and end >= day))

    def term_end_after(self, day: date) -> date | None:
        """The end of the term that runs on a day; None if there is none to come."""
        return self.term_end_from(first_day_after(day))

    def _first(self, stretch: Stretch, day: date) -> int:
        """The number of the first term on a rate that ends on or after a day, or never; found by halving, as terms
        may be short and contracts old.
        """

        def too_early(number: int) -> bool:
            end = self.term_end(stretch, number)
            return end is not None and end < day

        most = 1
        while too_early(most):
            most *= 2
        least = 0
        while least < most:
            middle = (least + most) // 2
            least, most = (middle + 1, most) if too_early(middle) else (least, middle)
        return least

    def moved(self, stretch: Stretch, day: date) -> date | None:
        """A day of a stretch, moved by the days given before it and, where freezes extend the term, by those frozen;
        None if it is frozen without an end before.
        """
        return _moved(self.contract, self.frozen, stretch.since, day)

    def minimum_end(self, stretch: Stretch) -> date | None:
        """The first day to which it can be left by notice on this rate."""
        terms = stretch.rate.terms
        return self.moved(stretch, (terms.minimum_term or terms.term).after(stretch.since))

    def frozen_on(self, day: date) -> Frozen | None:
        """The freeze that covers a day."""
        return next((each for each in self.frozen if day in each), None)


def _frozen(contract: Contract, before: Sequence[Frozen], freeze: Freeze, open_until: date | None) -> Frozen:
    """What a freeze comes to after those that begin before it."""
    stretches = _stretches(contract, before)
    policy = _at(stretches, freeze.since).rate.terms.freezes
    until = _earliest(freeze.end, _limit(contract, policy, before, freeze) if freeze.until is None else None)
    if until is None and open_until is not None:
        until = max(open_until, freeze.since)
    if not policy.extends:
        until = _earliest(until, _expires_on(stretches))
    return Frozen(freeze=freeze, since=freeze.since, until=until, extends=policy.extends)


def _at(stretches: Sequence[Stretch], day: date) -> Stretch:
    return next((each for each in reversed(stretches) if each.since <= day), stretches[0])


def _expires_on(stretches: Sequence[Stretch]) -> date | None:
    last = stretches[-1]
    return last.until if isinstance(last.rate.terms.renewal, EndsWithTerm) else None


def _stretches(contract: Contract, frozen: Sequence[Frozen]) -> Sequence[Stretch]:
    """One rate after the other: each begins where the first term of the one before ends, frozen days added."""
    found: list[Stretch] = []
    since: date | None = contract.start_on
    for rate in contract.rates:
        if since is None:
            break
        ends = isinstance(rate.terms.renewal, EndsWithTerm | SwitchesTo)
        until = _moved(contract, frozen, since, rate.terms.term.after(since)) if ends else None
        found.append(Stretch(rate=rate, since=since, until=until))
        since = until
    return found


def _unmoved_end(stretch: Stretch, number: int) -> date | None:
    """The end of the n-th further term, from the anchor, in one addition where both are months (COM-5)."""
    terms = stretch.rate.terms
    if number == 0:
        return terms.term.after(stretch.since)
    match terms.renewal:
        case Extends(period):
            if terms.term.months and period.months:
                return _MONTH.after(stretch.since, terms.term.months + number * period.months)
            return period.after(terms.term.after(stretch.since), number)
        case EndsWithTerm() | RunsOn() | SwitchesTo():
            return None


def _moved(contract: Contract, frozen: Sequence[Frozen], since: date, end: date) -> date | None:
    """An end of a term that began to count at ``since``, later by the days of the freezes that began before it, and by
    those that were given before it.
    """
    for began, days in _delays(contract, frozen):
        if began >= end:
            break
        if began >= since:
            if days is None:
                return None
            end = _later(end, days)
    return end


def _delays(contract: Contract, frozen: Sequence[Frozen]) -> Sequence[tuple[date, int | None]]:
    """What moves ends of terms, in order: from which day, and by how many days; None if nobody knows yet."""
    delays = [
        (each.since, None if each.until is None else (each.until - each.since).days) for each in frozen if each.extends
    ]
    given = [(each.given_on, each.days) for each in contract.gifts if each.taken_back_on is None]
    return sorted([*delays, *given], key=lambda each: each[0]) if given else delays


def _later(day: date, days: int) -> date:
    return date.fromordinal(min(day.toordinal() + days, LAST_DAY.toordinal()))


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _limit(contract: Contract, policy: FreezePolicy, before: Sequence[Frozen], freeze: Freeze) -> date | None:
    """The day on which a freeze without an end reaches a limit of its rate; None if there is none (CON-6). Where the
    rate allows none without an end, another system granted it (CON-19), and the limits say nothing of it.
    """
    if not policy.open_ended:
        return None
    found = None if policy.most_days is None else freeze.since + timedelta(days=policy.most_days)
    if policy.most_days_a_year is None:
        return found
    year = year_of(contract.start_on, freeze.since)
    since = freeze.since
    for _ in range(_YEARS):
        used = sum(each.days_until(year.end) - each.days_until(year.start) for each in before)
        left = max(0, policy.most_days_a_year - used)
        if left < (year.end - since).days:
            return _earliest(found, since + timedelta(days=left))
        since, year = year.end, year_of(contract.start_on, year.end)
    return found
