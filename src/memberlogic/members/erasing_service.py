"""What a host calls to anonymise and to delete members (MEM-9, MEM-10).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.ids import MemberId
from memberlogic.members import erasing, forgetting
from memberlogic.members.erasing import AnonymiseChecked, Anonymised, Erase
from memberlogic.members.ports import MemberParts, MembersWork
from memberlogic.running import Asks, Runner

__all__ = ["ErasingService"]

CHECK_ANONYMISE = Asks("members.check_anonymise", "members:read", AnonymiseChecked)
ANONYMISE = Asks("members.anonymise", "members:delete", Anonymised)
DELETE = Asks("members.delete", "members:delete", Anonymised)


class ErasingService:
    """Members who leave for good."""

    _runner: Runner[MembersWork]
    _parts: MemberParts

    def check_anonymise(self, member: MemberId) -> AnonymiseChecked:
        """What anonymising a member would come to now (MEM-9): what keeps them from it, what would be erased, and what
        runs for them and would end, by name and number, never by value. Nothing is changed. Raises ``NotFound``.
        """
        return self._runner.ask(CHECK_ANONYMISE, Erase(member=member), self.check_anonymise_step)

    def check_anonymise_step(self, uow: MembersWork, _: Actor, wanted: Erase) -> AnonymiseChecked:
        """Checking, inside a unit of work."""
        sources = forgetting.kept_sources(uow, self._runner.organization.id)
        return erasing.check(forgetting.known(uow, wanted, sources, self._parts.erasing))

    def anonymise(self, member: MemberId, *, idempotency_key: str | None = None) -> Anonymised:
        """Erase everything personal of a member, for good (MEM-9): names, contact points, birth date, addresses, photo,
        the link to a guardian and those of children to them, personal parameters, tags, notes, what messages say, and
        external ids but those of the sources that the organization keeps (``kept_sources``). What was queued for them
        is not sent. Points, purchases, contracts and their dates stay. Their e-mail address and phone number can be
        registered again at once. An account that nobody else holds is blocked; its points expire by their dates.
        Doing it again changes nothing.

        Raises:
            NotFound: if there is no such member.
            MemberHasContract: if a contract of theirs is on hold, pending, active or frozen.
            MemberHasHold: if points of theirs are held.
        """
        return self._runner.run(ANONYMISE, Erase(member=member), idempotency_key, self.erase_step)

    def delete(self, member: MemberId, *, idempotency_key: str | None = None) -> Anonymised:
        """A member leaves (MEM-10): they are anonymised, and the record appears in no list and no search any more. It
        can still be looked up by its id, and reports over points and purchases add up as before. Somebody who was
        anonymised can be deleted too. Doing it again changes nothing.

        Raises:
            NotFound: if there is no such member.
            MemberHasContract: if a contract of theirs is on hold, pending, active or frozen.
            MemberHasHold: if points of theirs are held.
        """
        return self._runner.run(DELETE, Erase(member=member, delete=True), idempotency_key, self.erase_step)

    def erase_step(self, uow: MembersWork, _: Actor, wanted: Erase) -> Anonymised:
        """Anonymising or deleting, inside a unit of work."""
        sources = forgetting.kept_sources(uow, self._runner.organization.id)
        outcome = erasing.anonymise(forgetting.held(uow, wanted, sources, self._parts.erasing))
        forgetting.erase(uow, outcome.facts, sources, self._parts.erasing)
        uow.put(outcome.events)
        return outcome.result
