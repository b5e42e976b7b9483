"""CARE-14, CARE-17: what the relay is going to do with a member's messages that wait, if nothing else happens: each is
looked at when its time comes, in the relay's own order, as one that leaves today puts off those behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from memberlogic.care.advancing import Advanced, advance
from memberlogic.care.model import Run, Step
from memberlogic.care.sending import check
from memberlogic.members import consenting
from memberlogic.members.consenting import CheckSending
from memberlogic.members.consents import ConsentHistory
from memberlogic.members.model import Member, MemberState
from memberlogic.notifying import Delivery, Message, Posted
from memberlogic.organizations.model import Organization
from memberlogic.organizations.quieting import not_before

__all__ = ["Foreseen", "MessageFacts", "WaitsFor", "foresee"]

WaitsFor = Literal["quiet", "one_a_day", "paused"]


@frozen(kw_only=True)
class MessageFacts:
    """What the relay goes by.

    Args:
        posted: every message that was queued for the member.
        zone: where the member lives.
    """

    member: Member
    organization: Organization
    consents: ConsentHistory
    posted: Sequence[Posted]
    zone: ZoneInfo

    @property
    def by_id(self) -> Mapping[UUID, Posted]:
        """The messages by their ids."""
        return {each.message.id: each for each in self.posted}


@frozen(kw_only=True)
class Foreseen:
    """What becomes of a message that waits.

    Args:
        at: when it leaves, if the relay runs then; None if it is not sent, or if nobody knows when.
        waits_for: what it waits for last; None if it leaves at its own time.
        reason: why it is not going to be sent.
    """

    at: datetime | None = None
    waits_for: WaitsFor | None = None
    reason: str | None = None


@frozen
class _Look:
    """What a look at a message answers: it leaves, if there is neither a reason nor something that it waits for."""

    reason: str | None = None
    waits_for: WaitsFor | None = None
    until: datetime | None = None


_Queued = tuple[datetime, datetime, UUID]
"""When a message is looked at next, since when it is to be, and which it is: the order of the relay."""


def foresee(
    facts: MessageFacts, runs: Sequence[Run], advanced: Advanced | None, now: datetime
) -> Mapping[UUID, Foreseen]:
    """What becomes of each message of a member's runs that is queued.

    Args:
        runs: every run, settled to now; ``advanced`` is the one that is active, with what it goes by.
    """
    steps = {step.message: (run, step) for run in runs for step in run.steps if step.message is not None}
    known = {id: each for id, each in facts.by_id.items() if each.delivery is Delivery.QUEUED and id in steps}
    if not known:
        return {}

    def then(run: Run, at: datetime) -> Run:
        if advanced is None or run.id != advanced.run.id:
            return run
        return advance(advanced.run, advanced.heard, at, lambda: UUID(int=0)).run

    course = _Course(facts, steps, then, dict(facts.by_id))
    return course.of(
        [(max(each.message.not_before, now), each.message.not_before, id) for id, each in known.items()], now
    )


@frozen
class _Course:
    """What the relay does, look by look."""

    facts: MessageFacts
    steps: Mapping[UUID, tuple[Run, Step]]
    then: Callable[[Run, datetime], Run]
    posted: dict[UUID, Posted]

    def of(self, queue: list[_Queued], now: datetime) -> Mapping[UUID, Foreseen]:
        """Everything until nothing waits any more: at the latest each is too old."""
        waits = {id: self._look(id, now).waits_for for at, _, id in queue if at > now}
        found: dict[UUID, Foreseen] = {}
        heapify(queue)
        while queue:
            at, _, id = heappop(queue)
            look = self._look(id, at)
            if look.waits_for is None:
                self._settle(id, at, look.reason)
                told = Foreseen(reason=look.reason) if look.reason else Foreseen(at=at, waits_for=waits.get(id))
                found.setdefault(id, told)
                continue
            if look.until is None:
                found.setdefault(id, Foreseen(waits_for=look.waits_for))
            waits[id] = look.waits_for
            again = look.until or max(at, self._too_old(id))
            heappush(queue, (again, again, id))
        return found

    def _look(self, id: UUID, at: datetime) -> _Look:
        """As the relay looks: at consent and block, at quiet hours, then at the run."""
        facts, message = self.facts, self.posted[id].message
        reason = _kept_back(message, facts, at)
        if reason is not None:
            return _Look(reason=reason)
        quiet_until = not_before(at, facts.organization.quiet_hours, facts.zone)
        if quiet_until > at:
            return _Look(waits_for="quiet", until=quiet_until)
        run, step = self.steps[id]
        run = self.then(run, at)
        checked = check(run, step, [*self.posted.values()], facts.zone, self._limit, at)
        if checked.reason is not None or checked.waits_until is None:
            return _Look(reason=checked.reason)
        if checked.waits_for == "one_a_day":
            return _Look(waits_for="one_a_day", until=checked.waits_until)
        known = any(at in each and each.until is not None for each in run.still)
        return _Look(waits_for="paused", until=checked.waits_until if known else None)

    @property
    def _limit(self) -> int:
        return self.facts.organization.care_message_limit_days

    def _too_old(self, id: UUID) -> datetime:
        return self.steps[id][1].due_at + timedelta(days=self._limit)

    def _settle(self, id: UUID, at: datetime, reason: str | None) -> None:
        delivery = Delivery.SENT if reason is None else Delivery.WITHHELD
        self.posted[id] = evolve(self.posted[id], delivery=delivery, reason=reason, settled_at=at)


def _kept_back(message: Message, facts: MessageFacts, at: datetime) -> str | None:
    """Why the relay would not send it, by what a member agreed to and may get."""
    if facts.member.state is MemberState.BLOCKED:
        return "member_blocked"
    if message.purpose is None:
        return None
    wanted = CheckSending(member=facts.member.id, purpose=message.purpose, channel=message.channel)
    to_unverified = facts.organization.unverified_may_get_marketing
    checked = consenting.check(wanted, facts.member, facts.consents, at, to_unverified=to_unverified)
    return next((each.code for each in checked.refusals), None)
