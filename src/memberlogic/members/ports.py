"""What members ask of storage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.calendar import Days
from memberlogic.errors import JSON
from memberlogic.events import Recorded
from memberlogic.ids import ContactPointId, MemberId, NoteId, TagId
from memberlogic.members.consents import Consent, ConsentHistory
from memberlogic.members.contact_points import Confirmation, ContactKey, ContactPoint
from memberlogic.members.favourites import Habit
from memberlogic.members.filling import Filling
from memberlogic.members.finding import Hit, PageOfMembers, Probe
from memberlogic.members.inquiries import InquiryTold, Lead
from memberlogic.members.looking_back import Position
from memberlogic.members.membership import MembershipSpan, MembershipStatus
from memberlogic.members.model import AccountsJoined, BothRecords, Holding, Member, MergeHolding
from memberlogic.members.parameters import Parameter, ParameterValue
from memberlogic.members.people import Person
from memberlogic.members.prospecting import LeadReport, Stage, Staged
from memberlogic.members.search_keys import SearchKey
from memberlogic.members.tagging import Tagging
from memberlogic.members.tags import CarriedTag, Tag, TagInUse
from memberlogic.organizations.model import Feature, Organization, Tier
from memberlogic.organizations.ports import OrganizationsWork

__all__ = [
    "ActivityPart",
    "BlockingPart",
    "Confirmations",
    "Consents",
    "ContactPoints",
    "ErasurePart",
    "ExportPart",
    "Habits",
    "Leads",
    "MemberParts",
    "Members",
    "MembersWork",
    "Memberships",
    "MergePart",
    "Mergings",
    "Notes",
    "Parameters",
    "People",
    "ProfileAsked",
    "ProfilePart",
    "Prospects",
    "SearchKeys",
    "Tags",
    "Timelines",
]


class Members(Protocol):
    """Member records. One that was merged into another (MEM-17) is no record any more: looking it up by its id raises a
    :class:`~memberlogic.storing.Signpost`, which the runner follows.
    """

    def get(self, id: MemberId) -> Member:
        """One record, not locked. Raises ``NotFound`` if there is none in this organization."""
        ...

    def locked(self, id: MemberId) -> Member:
        """One record, locked until the unit ends. Raises ``NotFound``."""
        ...

    def by_support_id(self, support_id: str) -> Member:
        """The record with a support id (MEM-3), not locked; the one that a merged record leads to by its. Raises
        ``NotFound`` if there is none here.
        """
        ...

    def several(self, ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        """Several records, not locked; those that are there."""
        ...

    def listed(self, page: PageOfMembers) -> Sequence[Member]:
        """The next records of a type and state, in order of their ids."""
        ...

    def taken(self, support_ids: Collection[str]) -> Collection[str]:
        """Those of the support ids that somebody has."""
        ...

    def in_use(self, types: Sequence[str]) -> Collection[str]:
        """Those of the member types that somebody is of."""
        ...

    def types(self) -> Collection[str]:
        """Every member type that somebody is of. It looks at everybody: it is for refusals."""
        ...

    def all_locked(self, ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        """Several records, locked in order of their ids until the unit ends. Raises ``NotFound`` for the first that is
        not there.
        """
        ...

    def add(self, member: Member) -> None:
        """Queue a new record. That its support id is taken by then is a conflict."""
        ...

    def change(self, members: Sequence[Member]) -> None:
        """Queue changes to locked records. Leaving the unit raises ``ConcurrencyConflict`` unless each version is one
        more than the stored one.
        """
        ...


class Consents(Protocol):
    """What members said of consents (MEM-5); appended, never changed."""

    def of(self, member: MemberId) -> ConsentHistory:
        """Everything that a member said, by its instant, then by when it was recorded, then by its id."""
        ...

    def add(self, consent: Consent) -> None:
        """Queue what a member said."""
        ...


class Parameters(Protocol):
    """Custom parameters: what an organization defined, and the values of its members (MEM-4)."""

    def defined(self) -> Mapping[str, Parameter]:
        """Every definition by its key, retired ones among them; true while the organization is locked."""
        ...

    def get(self, key: str) -> Parameter:
        """One definition. Raises ``NotFound``."""
        ...

    def define(self, parameter: Parameter) -> None:
        """Queue a definition, new or changed; its kind never changes."""
        ...

    def of(self, member: MemberId) -> Sequence[ParameterValue]:
        """What is known of a member, in any order; true while the member is locked."""
        ...

    def fill(self, filling: Filling) -> None:
        """Queue that the values of some keys go, then that others come. Erasing is this, for the personal ones."""
        ...


class Leads(Protocol):
    """Where members come from: lead sources, inquiries and notes (MEM-12)."""

    def of(self, member: MemberId) -> Lead:
        """What is known of a member, inquiries by their instants, then by their ids; true while the member is
        locked.
        """
        ...

    def ask(self, told: InquiryTold) -> None:
        """Queue an inquiry, its note apart."""
        ...

    def forget_notes(self, member: MemberId) -> None:
        """Queue that the notes of a member's inquiries are gone; the inquiries stay."""
        ...

    def come_from(self, member: MemberId, source: str | None) -> None:
        """Queue a source in the place of the one before; None for none."""
        ...


class Prospects(Protocol):
    """What became of leads, counted over everybody (MEM-12)."""

    def report(self, days: Days, at: datetime) -> LeadReport:
        """The inquiries of business days, as far as is known at an instant; rows by source, then studio, those without
        first.
        """
        ...

    def staged(self, stage: Stage, at: datetime, *, after: MemberId | None = None, limit: int) -> Sequence[Staged]:
        """Who stands on a list at an instant, in order of their ids; those after one, at most ``limit``."""
        ...


class Tags(Protocol):
    """Tags, and who carries them (MEM-6). Keys are those of :func:`~memberlogic.members.tags.tag_key`."""

    def known(self, keys: Sequence[str]) -> Mapping[str, Tag]:
        """Those of the tags that the organization has, by key."""
        ...

    def of(self, member: MemberId) -> Sequence[CarriedTag]:
        """What a member carries, in any order; true while the member is locked."""
        ...

    def carriers(self, key: str, *, after: MemberId | None = None, limit: int) -> Sequence[MemberId]:
        """Who carries a tag, in order of their ids, after one of them; at most ``limit``."""
        ...

    def listed(self, *, after: TagId | None = None, limit: int) -> Sequence[TagInUse]:
        """The organization's tags in order of their ids, after one of them; at most ``limit``."""
        ...

    def give(self, given: Tagging) -> None:
        """Queue tags that are new, and that a member carries some. Leaving the unit raises ``ConcurrencyConflict`` if
        another command wrote one of the new tags in between.
        """
        ...

    def take(self, member: MemberId, tags: Sequence[TagId]) -> None:
        """Queue that a member carries these no longer."""
        ...

    def forget_unused(self) -> None:
        """Queue that the tags are gone which nobody carries once everything queued before is done. Leaving the unit
        raises ``ConcurrencyConflict`` if another command gives one of them to somebody.
        """
        ...


class People(Protocol):
    """What is known of persons (MEM-1); whoever changes it has locked the member."""

    def of(self, member: MemberId) -> Person:
        """What is known of one member; nothing, if nothing is kept."""
        ...

    def several(self, members: Sequence[MemberId]) -> Mapping[MemberId, Person]:
        """What is known of several members; of each something, if only that nothing is kept."""
        ...

    def wards(self, guardian: MemberId) -> Sequence[MemberId]:
        """The members whose guardian this one is, in order of their ids."""
        ...

    def add(self, people: Sequence[Person]) -> None:
        """Queue what is known of new members."""
        ...

    def change(self, people: Sequence[Person]) -> None:
        """Queue what is known from now on; nothing of what was known before stays."""
        ...


class ContactPoints(Protocol):
    """E-mail addresses and phone numbers (MEM-2); whoever changes a member's has locked the member."""

    def of(self, member: MemberId) -> Sequence[ContactPoint]:
        """A member's, in the order in which they were added."""
        ...

    def get(self, id: ContactPointId) -> ContactPoint:
        """One by its id. Raises ``NotFound``."""
        ...

    def holders(self, keys: Collection[ContactKey]) -> Mapping[ContactKey, MemberId]:
        """Who has which of these."""
        ...

    def add(self, points: Sequence[ContactPoint]) -> None:
        """Queue new ones. That a key was taken in between is a conflict."""
        ...

    def change(self, points: Sequence[ContactPoint]) -> None:
        """Queue, by id, whether these are verified, and how they are written; their keys stay."""
        ...

    def rekey(self, points: Sequence[ContactPoint]) -> None:
        """Queue new keys, all at once: what one gives up another may take."""
        ...

    def remove(self, points: Sequence[ContactPoint]) -> None:
        """Queue that these are gone."""
        ...

    def all(self, after: ContactPointId | None, limit: int) -> Sequence[ContactPoint]:
        """The organization's, in order of their ids; those after an id, at most ``limit``."""
        ...


class Confirmations(Protocol):
    """Contact points that wait to be confirmed (MEM-7), one confirmation each; whoever asks has locked the member."""

    def get(self, digest: str) -> Confirmation:
        """The one whose token has this digest. Raises ``NotFound``, which does not repeat the digest."""
        ...

    def add(self, confirmation: Confirmation) -> None:
        """Queue a new one."""
        ...

    def remove(self, points: Sequence[ContactPointId]) -> None:
        """Queue that these contact points wait no longer."""
        ...


class Memberships(Protocol):
    """What people are by their contracts (MEM-18), as spans that the same command writes that changes a contract."""

    def of(self, member: MemberId) -> Sequence[MembershipSpan]:
        """The spans of a person over past and known future, in order; none for whom no contract ever covered."""
        ...

    def several(self, members: Sequence[MemberId]) -> Mapping[MemberId, Sequence[MembershipSpan]]:
        """The spans of several people; of each something, if only that there are none."""
        ...

    def at(
        self, instant: datetime, status: MembershipStatus, *, after: MemberId | None = None, limit: int = 500
    ) -> Sequence[MemberId]:
        """Whoever has a status other than prospect at an instant, in order of their ids; those after one, at most
        ``limit``.
        """
        ...

    def write(self, spans: Mapping[MemberId, Sequence[MembershipSpan]]) -> None:
        """Queue the spans of people who are locked, in the place of those they had."""
        ...


class Timelines(Protocol):
    """What happened to members (MEM-15): the events that concern them; entries and purchases of the accounts that they
    hold are events too.
    """

    def of(
        self, member: MemberId, types: Collection[str] | None, *, since: datetime, before: Position, limit: int
    ) -> Sequence[Recorded]:
        """The events of these types, of any if None, that took effect from an instant on and stand before a position;
        the last by (effective_at, id) first, at most ``limit``.
        """
        ...


class Habits(Protocol):
    """Where members go and what they buy (MEM-14), counted; on all accounts that they hold."""

    def bought(self, member: MemberId, since: date) -> Habit:
        """What purchases of the business days from one on (inclusive) come to, in any order: how many at each studio,
        and how much of each item. What came back counts less, a purchase nothing is left of not at all.
        """
        ...

    def visited(self, member: MemberId, since: date) -> Habit:
        """How often a member was let in at each studio on the business days from one on (inclusive), in any order;
        mistakes that were undone not among it.
        """
        ...


class SearchKeys(Protocol):
    """By what members are searched (COM-20). Keys are compared character by character, as the core made them."""

    def change(self, member: MemberId, gone: Collection[SearchKey], come: Collection[SearchKey]) -> None:
        """Queue that a member has some keys no longer, and others from now on."""
        ...

    def found(self, probes: Sequence[Probe], *, after: Hit | None, limit: int, only: MemberId | None) -> Sequence[Hit]:
        """The next members who have a key in one of the ranges (of different kinds, in order), each with the first of
        these keys, in order of key and member; those after a hit, at most ``limit``. ``only`` looks at one member.
        """
        ...


class Notes(Protocol):
    """Free text that staff wrote beside something that was filed of a member, kept apart and erasable (COM-10)."""

    def add(self, id: NoteId, member: MemberId, text: str) -> None:
        """Queue a note of a member."""
        ...

    def texts(self, ids: Sequence[NoteId]) -> Mapping[NoteId, str]:
        """What was noted; those that are there."""
        ...

    def of(self, member: MemberId) -> Mapping[NoteId, str]:
        """Everything that was noted of a member."""
        ...

    def erase(self, member: MemberId) -> None:
        """Queue that nothing noted of a member is there any more."""
        ...


class Mergings(Protocol):
    """Records of one person that became one (MEM-17)."""

    def leads(self, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """Which of some ids are of records that were merged, and to which others they lead; not locked."""
        ...

    def led_to(self, member: MemberId) -> Sequence[Member]:
        """The records that were merged into this one, in order of their ids; true while it is locked."""
        ...

    def merge(self, duplicate: MemberId, survivor: MemberId) -> None:
        """Queue that a locked record leads to another, and so does every record that led to it; and that what is kept
        under its id is kept under the other's: contact points with what waits to be confirmed, external ids, consents,
        inquiries, notes, messages, and whom the events concern that were queued or recorded so far, each of them once.
        """
        ...


class BlockingPart(Protocol):
    """What a higher room does in the same transaction when a member is blocked (MEM-8). The unit of work is that
    room's; the member is locked.
    """

    def blocked(self, uow: Any, member: MemberId) -> None:
        """Queue what follows for a member who takes no part from now on."""
        ...


class ErasurePart(Protocol):
    """What a higher room holds of a member, and how it is erased (MEM-9). The unit of work is that room's."""

    def held(self, uow: Any, member: MemberId, kept: Collection[str], *, lock: bool) -> Holding:
        """What keeps the member from being anonymised, and what would be erased; true until the unit ends if it locks,
        which it may once the member is locked. External ids of the sources in ``kept`` stay.
        """
        ...

    def erase(self, uow: Any, member: MemberId, kept: Collection[str]) -> None:
        """Queue that what is personal is gone, and what follows for somebody who is no more."""
        ...


class MergePart(Protocol):
    """What a higher room holds of two records of one person, and how it becomes one's (MEM-17). The unit of work is
    that room's.
    """

    def held(self, uow: Any, both: BothRecords, *, lock: bool) -> MergeHolding:
        """What of the duplicate's moves, and what keeps the records from being merged; true until the unit ends if it
        locks, which it may once both members are locked.
        """
        ...

    def merge(self, uow: Any, both: BothRecords, accounts: Sequence[AccountsJoined], actor: Actor) -> None:
        """Queue that what is the duplicate's is the survivor's; ``accounts`` become one, as :meth:`held` said."""
        ...


class ExportPart(Protocol):
    """What a higher room holds of a member, for an access request (MEM-11). The unit of work is that room's."""

    def export(self, uow: Any, member: MemberId) -> Mapping[str, JSON]:
        """Everything, as JSON values under the names of their parts."""
        ...


@frozen(kw_only=True)
class ProfileAsked:
    """Whose profile is asked for, by whom (MEM-13)."""

    member: MemberId
    actor: Actor
    organization: Organization


@frozen
class ProfilePart:
    """What a room tells in a member's profile (MEM-13), by what an actor and the organization need for it.

    ``told`` answers JSON values, settled in memory: what the query of the part answers. The unit of work is that
    room's.
    """

    name: str
    permission: str
    told: Callable[[Any, ProfileAsked], JSON]
    feature: Feature | None = None
    tier: Tier | None = None


@frozen
class ActivityPart:
    """One kind of thing that members do (MEM-13): what an actor needs to know of it, and when a member did it last;
    None if never.
    """

    kind: str
    permission: str
    latest: Callable[[Any, MemberId], datetime | None]


@frozen(kw_only=True)
class MemberParts:
    """What the higher rooms contribute."""

    blocking: Sequence[BlockingPart] = ()
    erasing: Sequence[ErasurePart] = ()
    merging: Sequence[MergePart] = ()
    exporting: Sequence[ExportPart] = ()
    profile: Sequence[ProfilePart] = ()
    activity: Sequence[ActivityPart] = ()


class MembersWork(OrganizationsWork, Protocol):
    """A unit of work that reaches members."""

    @property
    def members(self) -> Members:
        """Member records."""
        ...

    @property
    def tags(self) -> Tags:
        """Tags, and who carries them."""
        ...

    @property
    def consents(self) -> Consents:
        """What members said of consents."""
        ...

    @property
    def parameters(self) -> Parameters:
        """Custom parameters."""
        ...

    @property
    def people(self) -> People:
        """What is known of persons."""
        ...

    @property
    def contact_points(self) -> ContactPoints:
        """E-mail addresses and phone numbers."""
        ...

    @property
    def leads(self) -> Leads:
        """Where members come from."""
        ...

    @property
    def search_keys(self) -> SearchKeys:
        """By what members are searched."""
        ...

    @property
    def notes(self) -> Notes:
        """What staff noted."""
        ...

    @property
    def confirmations(self) -> Confirmations:
        """Contact points that wait to be confirmed."""
        ...

    @property
    def mergings(self) -> Mergings:
        """Records of one person that became one."""
        ...

    @property
    def memberships(self) -> Memberships:
        """What people are by their contracts."""
        ...

    @property
    def timelines(self) -> Timelines:
        """What happened to members."""
        ...

    @property
    def habits(self) -> Habits:
        """Where members go and what they buy."""
        ...

    @property
    def prospects(self) -> Prospects:
        """What became of leads."""
        ...

    def write_out(self) -> None:
        """Write what is queued so far, so that it can be read again; it stays part of the unit, all or nothing. What
        was read before is not true any more.
        """
        ...
