"""What a host calls to keep member records."""

from __future__ import annotations

from datetime import datetime

from memberlogic.actors import Actor
from memberlogic.ids import ExternalId, MemberId
from memberlogic.members import forgetting, registering, standing
from memberlogic.members.acting import require_own
from memberlogic.members.consent_service import ConsentService
from memberlogic.members.erasing_service import ErasingService
from memberlogic.members.export_service import ExportService
from memberlogic.members.favourite_service import FavouriteService
from memberlogic.members.finding_service import FindingService
from memberlogic.members.import_service import ImportService
from memberlogic.members.inquiry_service import InquiryService
from memberlogic.members.merging_service import MergingService
from memberlogic.members.model import Member
from memberlogic.members.normalising import ContactNormaliser
from memberlogic.members.overview_service import OverviewService
from memberlogic.members.parameter_service import ParameterService
from memberlogic.members.people_service import PeopleService
from memberlogic.members.ports import MemberParts, MembersWork
from memberlogic.members.profile_service import ProfileService
from memberlogic.members.prospect_service import ProspectService
from memberlogic.members.publishing_service import PublishingService
from memberlogic.members.registering import Block, ByExternalId, Of
from memberlogic.members.standing import Membership, OfMembership
from memberlogic.members.tag_service import TagService
from memberlogic.members.timeline_service import TimelineService
from memberlogic.running import Asks, Runner

__all__ = ["MembersService"]

VERIFY = Asks("members.verify", "members:update", Member)
BLOCK = Asks("members.block", "members:update", Member)
UNBLOCK = Asks("members.unblock", "members:update", Member)
GET = Asks("members.get", "members:read", Member)
FIND = Asks("members.find", "members:read", Member)
MEMBERSHIP = Asks("members.membership", "members.contracts:read", Membership)


class MembersService(
    PeopleService,
    ImportService,
    ErasingService,
    MergingService,
    ExportService,
    ProfileService,
    FindingService,
    TagService,
    ConsentService,
    ParameterService,
    InquiryService,
    ProspectService,
    TimelineService,
    FavouriteService,
    OverviewService,
    PublishingService,
):
    """Member records: register, verify, block, unblock, look up."""

    def __init__(
        self,
        runner: Runner[MembersWork],
        normaliser: ContactNormaliser,
        parts: MemberParts = MemberParts(),  # noqa: B008 - frozen
    ) -> None:
        self._runner = runner
        self._normaliser = normaliser
        self._parts = parts

    def verify(self, member: MemberId, *, idempotency_key: str | None = None) -> Member:
        """Verify a member; verifying one who is ACTIVE changes nothing. Raises ``IllegalTransition`` if blocked."""
        return self._runner.run(VERIFY, Of(member=member), idempotency_key, self.verify_step)

    def verify_step(self, uow: MembersWork, _: Actor, wanted: Of) -> Member:
        """Verifying, inside a unit of work."""
        outcome = registering.verify(uow.members.locked(wanted.member))
        uow.members.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def block(self, member: MemberId, *, reason: str, idempotency_key: str | None = None) -> Member:
        """Block a member, for a reason code (MEM-8): they take no part until unblocked, and what they hold of their
        points is released. Contracts, reviews and expiry go on. Raises ``IllegalTransition`` if blocked already, or
        anonymised.
        """
        wanted = Block(member=member, reason=reason)
        return self._runner.run(BLOCK, wanted, idempotency_key, self.block_step)

    def block_step(self, uow: MembersWork, _: Actor, wanted: Block) -> Member:
        """Blocking, inside a unit of work."""
        outcome = registering.block(uow.members.locked(wanted.member), wanted)
        forgetting.blocked(uow, wanted.member, self._parts.blocking)
        uow.members.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def unblock(self, member: MemberId, *, idempotency_key: str | None = None) -> Member:
        """Unblock a member, back to the state before. Raises ``IllegalTransition`` if not blocked."""
        return self._runner.run(UNBLOCK, Of(member=member), idempotency_key, self.unblock_step)

    def unblock_step(self, uow: MembersWork, _: Actor, wanted: Of) -> Member:
        """Unblocking, inside a unit of work."""
        outcome = registering.unblock(uow.members.locked(wanted.member))
        uow.members.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def get(self, member: MemberId) -> Member:
        """One member record. Raises ``NotFound``."""
        return self._runner.ask(GET, Of(member=member), self.get_step)

    def get_step(self, uow: MembersWork, _: Actor, wanted: Of) -> Member:
        """Looking up, inside a unit of work."""
        return uow.members.get(wanted.member)

    def find(self, source: str, value: str) -> Member:
        """The member with an external id (COM-19). Raises ``NotFound``."""
        return self._runner.ask(FIND, ByExternalId(source=source, value=value), self.find_step)

    def find_step(self, uow: MembersWork, _: Actor, wanted: ByExternalId) -> Member:
        """Looking up by external id, inside a unit of work."""
        return uow.members.get(MemberId(uow.external_ids.find("member", ExternalId(wanted.source, wanted.value))))

    def membership(self, member: MemberId, *, at: datetime | None = None) -> Membership:
        """Prospect, member or former member (MEM-18): what a person is at an instant, past or future, by the contracts
        that cover them; now if left out. Each contract counts on its own studio's days.

        Raises:
            InvalidInput: for an instant without a time zone.
            NotFound: if there is no such member.
        """
        return self._runner.ask(MEMBERSHIP, OfMembership(member=member, at=at), self.membership_step)

    def membership_step(self, uow: MembersWork, actor: Actor, wanted: OfMembership) -> Membership:
        """Telling, inside a unit of work."""
        member = uow.members.get(wanted.member)
        require_own(actor, member.id)
        return standing.tell(member.id, uow.memberships.of(member.id), wanted.at or uow.now)
