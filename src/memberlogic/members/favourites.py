"""MEM-14: what a member likes best, by what they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import Term, first_day_after
from memberlogic.errors import JSON
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, whole
from memberlogic.members.people import Person
from memberlogic.outcomes import Because, Explanation

if TYPE_CHECKING:
    from memberlogic.members.ports import Habits

__all__ = ["Favourites", "Habit", "LikedBest", "Use", "favourites", "habits_of", "window_start"]

_WINDOW = Term.of_months(12)

_PURCHASES, _VISITS = "members.purchases:read", "members.visits:read"


@frozen(kw_only=True)
class Use:
    """How often somebody bought or checked in at a studio, or how much they bought of an item; when the last time."""

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
    """None if they named none, and never bought nor checked in."""
    named: bool
    """Whether they named the studio themself."""
    studios: tuple[Use, ...]
    """Where they bought or checked in, the favourite first."""
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
        said = f"Bought or checked in {first.times} times at {first.code} since {self.since}"
        why = ", the most recent of those with as many." if tied else ", more than anywhere else."
        return Explanation(
            said + why, (Because("MEM-14", "favourite.most_recent" if tied else "favourite.most", figures),)
        )


def window_start(today: date) -> date:
    """The first day of the twelve months that end with this day."""
    return first_day_after(_WINDOW.before(today))


def habits_of(kept: Habits, actor: Actor, member: MemberId, since: date) -> Mapping[str, Habit | None]:
    """What is counted, by the permission that it needs; None for what the actor may not read (COM-13)."""
    counted = {_PURCHASES: kept.bought, _VISITS: kept.visited}
    return {area: count(member, since) if actor.may(area) else None for area, count in counted.items()}


def favourites(wanted: LikedBest, person: Person, habits: Mapping[str, Habit | None], since: date) -> Favourites:
    """The favourites: the most first, of equals the most recent."""
    told = [each for each in habits.values() if each is not None]
    studios = _ranked(each for habit in told for each in habit.studios)
    first = next((each.code for each in studios), None)
    return Favourites(
        member=wanted.member,
        since=since,
        studio=person.favourite_studio or first,
        named=person.favourite_studio is not None,
        studios=studios,
        items=_ranked(each for habit in told for each in habit.items)[: wanted.items],
        left_out=tuple(area for area, habit in habits.items() if habit is None),
    )


def _ranked(uses: Iterable[Use]) -> tuple[Use, ...]:
    """Added up by code; the most first, of equals the most recent."""
    found: dict[str, Use] = {}
    for each in uses:
        known = found.get(each.code, each)
        times = each.times if known is each else known.times + each.times
        found[each.code] = Use(code=each.code, times=times, latest=max(known.latest, each.latest))
    by_code = sorted((each for each in found.values() if each.times > 0), key=lambda each: each.code)
    return tuple(sorted(by_code, key=lambda each: (each.times, each.latest), reverse=True))
