"""MEM-14: what a member likes best, by what they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import Term, first_day_after
from memberlogic.errors import JSON
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, whole
from memberlogic.members.people import Person
from memberlogic.outcomes import Because, Explanation

__all__ = ["PURCHASES", "Favourites", "Habit", "LikedBest", "Use", "counted_areas", "favourites", "window_start"]

_WINDOW = Term.of_months(12)

PURCHASES = "members.purchases:read"
"""What reading purchases needs."""


@frozen(kw_only=True)
class Use:
    """How often a studio was visited to buy, or how much was bought of an item, and when the last time."""

    code: str
    times: int
    latest: datetime


@frozen(kw_only=True)
class Habit:
    """What a member does, as far as it was counted."""

    studios: tuple[Use, ...] = ()
    items: tuple[Use, ...] = ()


@frozen(kw_only=True)
class LikedBest:
    """A member's favourites; at most so many items."""

    member: MemberId = field(validator=an_id)
    items: int = field(default=5, validator=whole(least=0, most=100))


@frozen(kw_only=True)
class Favourites:
    """What a member likes best: by business days from ``since`` on (inclusive)."""

    member: MemberId
    since: date
    studio: str | None
    """None if they named none and bought nowhere."""
    named: bool
    """Whether they named the studio themself."""
    studios: tuple[Use, ...]
    """Where they bought, the favourite first."""
    items: tuple[Use, ...]
    """What they bought most of, the favourite first."""
    left_out: tuple[str, ...]
    """The permissions that the actor lacks; what they are for was not counted."""

    def explain(self) -> Explanation:
        """Why it is this studio."""
        first = next(iter(self.studios), None)
        figures: dict[str, JSON] = {"since": self.since.isoformat(), "times": 0 if first is None else first.times}
        if self.named:
            return Explanation(f"They named {self.studio} themself.", (Because("MEM-14", "favourite.named", {}),))
        if first is None:
            said = f"Nothing was counted at any studio since {self.since}."
            return Explanation(said, (Because("MEM-14", "favourite.unknown", figures),))
        tied = sum(each.times == first.times for each in self.studios) > 1
        said = f"Bought {first.times} times at {first.code} since {self.since}"
        why = ", the most recent of those with as many." if tied else ", more than anywhere else."
        return Explanation(
            said + why, (Because("MEM-14", "favourite.most_recent" if tied else "favourite.most", figures),)
        )


def window_start(today: date) -> date:
    """The first day of the twelve months that end with this day."""
    return first_day_after(_WINDOW.before(today))


def counted_areas(actor: Actor) -> Sequence[str]:
    """What the actor may read of what is counted (COM-13)."""
    return tuple(each for each in (PURCHASES,) if actor.may(each))


def favourites(wanted: LikedBest, person: Person, habit: Habit, since: date, areas: Sequence[str]) -> Favourites:
    """The favourites: the most first, of equals the most recent."""
    studios = _ranked(habit.studios)
    first = next((each.code for each in studios), None)
    return Favourites(
        member=wanted.member,
        since=since,
        studio=person.favourite_studio or first,
        named=person.favourite_studio is not None,
        studios=studios,
        items=_ranked(habit.items)[: wanted.items],
        left_out=tuple(each for each in (PURCHASES,) if each not in areas),
    )


def _ranked(uses: Iterable[Use]) -> tuple[Use, ...]:
    by_code = sorted((each for each in uses if each.times > 0), key=lambda each: each.code)
    return tuple(sorted(by_code, key=lambda each: (each.times, each.latest), reverse=True))
