"""What a host calls to see what happened to a member (MEM-15). :class:`~memberlogic.members.service.MembersService` is
one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from memberlogic.actors import Actor
from memberlogic.ids import MemberId
from memberlogic.members.acting import require_own
from memberlogic.members.looking_back import LookingBack, TimelineItem, TimelinePage, told, types_shown
from memberlogic.members.ports import MembersWork
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["TimelineService"]

TIMELINE = Asks("members.timeline", "members.timeline:read", TimelinePage)


class TimelineService:
    """Looking back."""

    _runner: Runner[MembersWork]

    def timeline(
        self,
        member: MemberId,
        *,
        kinds: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[TimelineItem]:
        """What happened to a member (MEM-15), the latest by when it took effect first, read in pages as far as looked
        at (COM-20). What happened to the accounts that they hold is among it. Left out is what the actor may not read:
        contracts without ``members.contracts:read``, points without ``members.points:read``, and so on (COM-13).

        Args:
            kinds: types of events (``contract.frozen``), or their first words (``contract``); none for all.
            since: from this instant on (inclusive).
            until: before this instant (exclusive).

        Raises:
            InvalidInput: for a kind that no event is of, a naive instant, or an ``until`` before ``since``.
            NotFound: if there is no such member.
        """
        return one_by_one(partial(self._happened_after, member, kinds, since, until))

    def _happened_after(
        self,
        member: MemberId,
        kinds: Sequence[str],
        since: datetime | None,
        until: datetime | None,
        last: TimelineItem | None,
    ) -> tuple[TimelineItem, ...]:
        after = None if last is None else last.position
        wanted = LookingBack(member=member, kinds=kinds, since=since, until=until, after=after)
        return self._runner.ask(TIMELINE, wanted, self.timeline_step).items

    def timeline_step(self, uow: MembersWork, actor: Actor, wanted: LookingBack) -> TimelinePage:
        """Looking back, inside a unit of work."""
        require_own(actor, uow.members.get(wanted.member).id)
        types = types_shown(wanted.kinds, actor)
        found = uow.timelines.of(wanted.member, types, since=wanted.start, before=wanted.before, limit=wanted.size)
        return told(found)
