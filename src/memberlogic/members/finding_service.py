"""What a host calls to find members. :class:`~memberlogic.members.service.MembersService` is one of these."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from memberlogic.actors import Actor
from memberlogic.members.finding import (
    BySupportId,
    Found,
    FoundPage,
    Hit,
    ListedPage,
    PageOfMembers,
    Searching,
    listed,
    probes,
    shown,
)
from memberlogic.members.model import Member, MemberState
from memberlogic.members.normalising import ContactNormaliser
from memberlogic.members.ports import MembersWork
from memberlogic.members.search_keys import SearchKind
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["FindingService"]

FIND_BY_SUPPORT_ID = Asks("members.find_by_support_id", "members:read", Member)
SEARCH = Asks("members.search", "members.profile:read", FoundPage)
LIST = Asks("members.list", "members:read", ListedPage)


class FindingService:
    """Looking members up."""

    _runner: Runner[MembersWork]
    _normaliser: ContactNormaliser

    def find_by_support_id(self, support_id: str) -> Member:
        """The member with a support id, as it was read aloud or typed (MEM-3): small letters, O for 0, I or L for 1
        and missing hyphens are understood.

        Raises:
            InvalidInput: if it is mistyped, which its check character tells.
            NotFound: if it is well, and nobody here has it.
        """
        return self._runner.ask(FIND_BY_SUPPORT_ID, BySupportId(support_id=support_id), self.find_by_support_id_step)

    def find_by_support_id_step(self, uow: MembersWork, _: Actor, wanted: BySupportId) -> Member:
        """Looking up by support id, inside a unit of work."""
        return listed(uow.members.by_support_id(wanted.support_id))

    def search(self, text: str, *, exact: bool = False, by: SearchKind | None = None) -> Iterator[Found]:
        """Members whose name, e-mail address, phone number, support id or external id begins with a text (COM-20),
        without regard to case and accents; each once, in order of what they were found by, read in pages as far as
        looked at. Names are found in full, either way around, and by each word. A member finds only themself.

        Args:
            exact: only what is the text, not what begins with it.
            by: look only there.

        Raises:
            InvalidInput: for a text that is empty or longer than 200 characters.
        """
        return one_by_one(partial(self._found_after, text, exact, by))

    def _found_after(self, text: str, exact: bool, by: SearchKind | None, last: Found | None) -> tuple[Found, ...]:
        after: Hit | None = None if last is None else last.hit
        wanted = Searching(text=text, exact=exact, by=by, after=after)
        return self._runner.ask(SEARCH, wanted, self.search_step).found

    def search_step(self, uow: MembersWork, actor: Actor, wanted: Searching) -> FoundPage:
        """Searching, inside a unit of work."""
        organization, _ = uow.organizations.get(self._runner.organization.id)
        looked = probes(wanted, self._normaliser, organization.phone_region)
        hits = uow.search_keys.found(looked, after=wanted.after, limit=wanted.size, only=actor.member_id)
        ids = [each.member for each in hits]
        return shown(hits, uow.members.several(ids), uow.people.several(ids))

    def list(self, *, member_type: str | None = None, state: MemberState | None = None) -> Iterator[Member]:
        """The members of a type, in an account state, or all (COM-20), in the order in which they were registered, read
        in pages as far as looked at.

        Raises:
            InvalidInput: for a type that is no code.
        """
        return one_by_one(partial(self._listed_after, member_type, state))

    def _listed_after(
        self, member_type: str | None, state: MemberState | None, last: Member | None
    ) -> tuple[Member, ...]:
        after = None if last is None else last.id
        wanted = PageOfMembers(member_type=member_type, state=state, after=after)
        return self._runner.ask(LIST, wanted, self.list_step).members

    def list_step(self, uow: MembersWork, _: Actor, wanted: PageOfMembers) -> ListedPage:
        """Listing members, inside a unit of work."""
        return ListedPage(tuple(uow.members.listed(wanted)))
