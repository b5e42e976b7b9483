"""What a host calls for messages to members."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from memberlogic.actors import Actor
from memberlogic.engagement import reaching, retrying
from memberlogic.engagement.ports import EngagementWork, PlaceholderPart
from memberlogic.engagement.reaching import AskEarliest, Earliest
from memberlogic.engagement.retrying import PageOfUnsent, Retried, Retry, Unsent, UnsentPage
from memberlogic.engagement.template_service import TemplateService
from memberlogic.ids import MemberId
from memberlogic.members.acting import require_own
from memberlogic.members.residing import residence
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["MessagesService"]

UNSENT = Asks("messages.unsent", "members.messages.unsent:read", UnsentPage)
RETRY = Asks("messages.retry", "members.messages.unsent:update", Retried)
EARLIEST = Asks("messages.earliest", "members.messages:read", Earliest)


class MessagesService(TemplateService):
    """Messages to members: their templates, when they may be sent, and what became of those that could not be."""

    def __init__(self, runner: Runner[EngagementWork], parts: Sequence[PlaceholderPart] = ()) -> None:
        self._runner = runner
        self._parts = parts

    def earliest(self, member: MemberId, *, at: datetime | None = None) -> Earliest:
        """From when a message may reach a member that is due at an instant (now, if none is named): at once, or when
        the organization's quiet hours end in the zone in which the member lives (ENG-16). The relay goes by it for all
        but service messages.

        Raises:
            NotFound: if there is no such member, also for a member who asks for another.
        """
        return self._runner.ask(EARLIEST, AskEarliest(member=member, at=at), self.earliest_step)

    def earliest_step(self, uow: EngagementWork, actor: Actor, wanted: AskEarliest) -> Earliest:
        """Telling when, inside a unit of work."""
        member = uow.members.get(wanted.member).id
        require_own(actor, member)
        organization = self._runner.organization
        lives = residence(uow, member, organization.zone)
        return reaching.earliest(member, wanted.at or uow.now, organization.quiet_hours, lives)

    def unsent(self) -> Iterator[Unsent]:
        """The messages that could not be sent after the last try and were set aside (COM-17), those that were due first
        at first, each with the reason; read as far as they are looked at.
        """

        def read(last: Unsent | None) -> tuple[Unsent, ...]:
            wanted = PageOfUnsent(after=None if last is None else (last.due_at, last.message))
            return self._runner.ask(UNSENT, wanted, self.unsent_step).messages

        return one_by_one(read)

    def unsent_step(self, uow: EngagementWork, _: Actor, wanted: PageOfUnsent) -> UnsentPage:
        """One page, inside a unit of work."""
        return retrying.unsent(uow.messages.unsent(after=wanted.after, limit=wanted.size))

    def retry(self, messages: Sequence[UUID], *, idempotency_key: str | None = None) -> Retried:
        """Send messages again that were set aside (COM-17), all of them or none: they wait from now on as if none had
        been tried. What may have changed since, such as a consent, is looked at when they are sent.

        Args:
            messages: their ids, 1 to 500.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such message.
            NotSetAside: for one that waits, was sent, or is withheld.
        """
        return self._runner.run(RETRY, Retry(messages=messages), idempotency_key, self.retry_step)

    def retry_step(self, uow: EngagementWork, _: Actor, wanted: Retry) -> Retried:
        """Putting back, inside a unit of work."""
        outcome = retrying.retry(uow.messages.held(wanted.messages), wanted)
        uow.messages.retry(outcome.facts)
        uow.put(outcome.events)
        return outcome.result
