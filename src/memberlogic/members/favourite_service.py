"""What a host calls to see what a member likes best (MEM-14). :class:`~memberlogic.members.service.MembersService` is
one of these.
"""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.ids import MemberId
from memberlogic.members.acting import require_own
from memberlogic.members.favourites import Favourites, LikedBest, favourites, habits_of, window_start
from memberlogic.members.ports import MembersWork
from memberlogic.running import Asks, Runner

__all__ = ["FavouriteService"]

FAVOURITES = Asks("members.favourites", "members.profile:read", Favourites)


class FavouriteService:
    """What members like best."""

    _runner: Runner[MembersWork]

    def favourites(self, member: MemberId, *, items: int = 5) -> Favourites:
        """What a member likes best (MEM-14): the studio that they named, else the one with the most purchases and
        check-ins over the last twelve months, and the items of which they bought most; of equals the most recent. What
        came back does not count. Purchases and check-ins are counted for an actor who may read them.

        Args:
            items: how many items at most, 0 to 100.

        Raises:
            NotFound: if there is no such member, also for a member who asks for another.
        """
        return self._runner.ask(FAVOURITES, LikedBest(member=member, items=items), self.favourites_step)

    def favourites_step(self, uow: MembersWork, actor: Actor, wanted: LikedBest) -> Favourites:
        """Telling what a member likes best, inside a unit of work."""
        member = uow.members.get(wanted.member).id
        require_own(actor, member)
        since = window_start(local_day(uow.now, self._runner.organization.zone))
        habits = habits_of(uow.habits, actor, member, since)
        return favourites(wanted, uow.people.of(member), habits, since)
