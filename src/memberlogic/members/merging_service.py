"""What a host calls to make one of two records of a person (MEM-17).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.ids import MemberId
from memberlogic.members import merging, uniting
from memberlogic.members.merging import Merge, Merged
from memberlogic.members.ports import MemberParts, MembersWork
from memberlogic.running import Asks, Runner

__all__ = ["MergingService"]

PREVIEW_MERGE = Asks("members.preview_merge", "members:read", Merged)
MERGE = Asks("members.merge", "members:delete", Merged)


class MergingService:
    """Two records of one person."""

    _runner: Runner[MembersWork]
    _parts: MemberParts

    def preview_merge(self, *, survivor: MemberId, duplicate: MemberId) -> Merged:
        """What merging two records would come to now (MEM-17): what would move, what would be filled and what dropped,
        by name and number, never by value; which accounts would become one; and everything that keeps them from it.
        Nothing is changed. Raises ``NotFound``.
        """
        wanted = Merge(survivor=survivor, duplicate=duplicate)
        return self._runner.ask(PREVIEW_MERGE, wanted, self.preview_merge_step)

    def preview_merge_step(self, uow: MembersWork, actor: Actor, wanted: Merge) -> Merged:
        """Looking ahead, inside a unit of work."""
        facts = uniting.known(uow, wanted, self._parts.merging)
        return merging.preview(facts, actor, uow.now, self._runner.new_id)

    def merge(self, *, survivor: MemberId, duplicate: MemberId, idempotency_key: str | None = None) -> Merged:
        """Make one of two records of a person, for good (MEM-17). The duplicate's contracts, accounts, purchases,
        check-ins, contact points, external ids, tags, consents, own fields, inquiries and notes are the survivor's;
        fields that the survivor does not have are filled. Of two answers to one consent the stricter holds; blocked is
        who was blocked in either record. Of two own accounts in one club the points move to the survivor's, with their
        dates; it keeps the higher scheme. Every look-up by the duplicate's id, support id, external ids, accounts and
        cards leads to the survivor from then on.

        Raises:
            NotFound: if there is no such member.
            IllegalTransition: if one of the two was anonymised.
            OneRecordOnly: if both name one record, also where one was merged into the other before.
            GuardianHasGuardian: if somebody who has a guardian would become one.
            AccountHeld: if points are held on an account that would go.
            AdjustmentWaits: if an adjustment of such an account waits for a second person.
            AccountShared: if somebody else holds such an account, too.
        """
        wanted = Merge(survivor=survivor, duplicate=duplicate)
        return self._runner.run(MERGE, wanted, idempotency_key, self.merge_step)

    def merge_step(self, uow: MembersWork, actor: Actor, wanted: Merge) -> Merged:
        """Merging, inside a unit of work."""
        facts = uniting.held(uow, wanted, self._parts.merging)
        outcome = merging.merge(facts, actor, uow.now, self._runner.new_id)
        uow.put(outcome.events)
        uniting.unite(uow, actor, outcome.facts, self._parts.merging, self._parts.blocking)
        return outcome.result
