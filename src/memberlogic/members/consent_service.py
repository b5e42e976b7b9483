"""What a host calls to keep consents (MEM-5). :class:`~memberlogic.members.service.MembersService` is one of these."""

from __future__ import annotations

from datetime import datetime

from memberlogic.actors import Actor
from memberlogic.ids import MemberId
from memberlogic.members import consenting
from memberlogic.members.acting import require_own
from memberlogic.members.consenting import (
    CheckSending,
    ConsentsOf,
    GiveConsent,
    HistoryOf,
    SendingChecked,
    WithdrawConsent,
)
from memberlogic.members.consents import Consent, ConsentHistory, Consents
from memberlogic.members.lifecycle import present
from memberlogic.members.ports import MembersWork
from memberlogic.running import Asks, Runner

__all__ = ["ConsentService"]

GIVE_CONSENT = Asks("members.give_consent", "members.consents:update", Consent)
WITHDRAW_CONSENT = Asks("members.withdraw_consent", "members.consents:update", Consent)
CONSENTS = Asks("members.consents", "members.consents:read", Consents)
CONSENT_HISTORY = Asks("members.consent_history", "members.consents:read", ConsentHistory)
CHECK_SENDING = Asks("members.check_sending", "members.consents:read", SendingChecked)


class ConsentService:
    """Consents of members, for a purpose over a channel."""

    _runner: Runner[MembersWork]

    def give_consent(
        self,
        member: MemberId,
        *,
        purpose: str,
        channel: str | None = None,
        source: str,
        wording: str,
        at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Consent:
        """A member agrees to a purpose over a channel (MEM-5). It is appended to what they said before, also where that
        was the same. A member may do this for themself.

        Args:
            purpose: what for, as a code: ``marketing``, ``loyalty_terms``.
            channel: over which way, as a code; None where the purpose has none.
            source: where they said it, as a code: ``web_form``, ``paper``.
            wording: the version of the words that they agreed to, as a code.
            at: when they said it, now if left out.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member.
            ConsentInTheFuture: if it is still to come.
        """
        wanted = GiveConsent(member=member, purpose=purpose, channel=channel, source=source, wording=wording, at=at)
        return self._runner.run(GIVE_CONSENT, wanted, idempotency_key, self.consent_step)

    def withdraw_consent(
        self,
        member: MemberId,
        *,
        purpose: str,
        channel: str | None = None,
        source: str,
        wording: str | None = None,
        at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Consent:
        """A member withdraws a consent, or says no to something they never agreed to (MEM-5); what was said before
        stays in the history. A member may do this for themself.

        Args:
            at: when they said it, now if left out; up to then they had agreed.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member.
            ConsentInTheFuture: if it is still to come.
        """
        wanted = WithdrawConsent(member=member, purpose=purpose, channel=channel, source=source, wording=wording, at=at)
        return self._runner.run(WITHDRAW_CONSENT, wanted, idempotency_key, self.consent_step)

    def consent_step(self, uow: MembersWork, actor: Actor, wanted: GiveConsent | WithdrawConsent) -> Consent:
        """Giving or withdrawing, inside a unit of work."""
        require_own(actor, present(uow.members.locked(wanted.member), "say so").id)
        outcome = consenting.consent(wanted, actor, uow.now, self._runner.new_id)
        uow.consents.add(outcome.facts)
        uow.put(outcome.events, effective_at=outcome.facts.at)
        return outcome.result

    def consents(self, member: MemberId, *, at: datetime | None = None) -> Consents:
        """What holds of a member's consents at an instant (MEM-5), now if left out: of each purpose and channel what
        was said last. Raises ``NotFound``.
        """
        return self._runner.ask(CONSENTS, ConsentsOf(member=member, at=at), self.consents_step)

    def consents_step(self, uow: MembersWork, actor: Actor, wanted: ConsentsOf) -> Consents:
        """Looking at consents, inside a unit of work."""
        require_own(actor, uow.members.get(wanted.member).id)
        return uow.consents.of(wanted.member).as_of(wanted.at or uow.now)

    def consent_history(self, member: MemberId) -> ConsentHistory:
        """Everything that a member ever said (MEM-5), the oldest first. Raises ``NotFound``."""
        return self._runner.ask(CONSENT_HISTORY, HistoryOf(member=member), self.consent_history_step)

    def consent_history_step(self, uow: MembersWork, actor: Actor, wanted: HistoryOf) -> ConsentHistory:
        """Looking at the history, inside a unit of work."""
        require_own(actor, uow.members.get(wanted.member).id)
        return uow.consents.of(wanted.member)

    def check_sending(self, member: MemberId, *, purpose: str, channel: str | None = None) -> SendingChecked:
        """Whether a member may be sent something for a purpose over a channel now (MEM-5): they agreed, are not
        blocked, and are verified unless the organization sends such messages to others too. Raises ``NotFound``.
        """
        wanted = CheckSending(member=member, purpose=purpose, channel=channel)
        return self._runner.ask(CHECK_SENDING, wanted, self.check_sending_step)

    def check_sending_step(self, uow: MembersWork, actor: Actor, wanted: CheckSending) -> SendingChecked:
        """Checking, inside a unit of work."""
        member = uow.members.get(wanted.member)
        require_own(actor, member.id)
        return consenting.check(
            wanted,
            member,
            uow.consents.of(member.id),
            uow.now,
            to_unverified=self._runner.organization.unverified_may_get_marketing,
        )
