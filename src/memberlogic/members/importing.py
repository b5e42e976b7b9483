"""MEM-19: importing people whom another system knows. Each row is decided as registering would decide it, on what the
rows before it left; who is in already is skipped, by the other system's id.

What is written of it is one event, :class:`MemberImported`, of today: whoever welcomes those who register does not
welcome everybody again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import ClassVar, NamedTuple

from attrs import evolve, field, frozen

from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ExternalId, MemberId, NewId
from memberlogic.importing import Formed, NoSuchRecord, Portion, RowChanged, RowsImported, external_id, formed
from memberlogic.inputs import a_day, describe
from memberlogic.members.contact_points import ContactKey, ContactKind, Written
from memberlogic.members.keying import ContactTaken, Keyed, points_of
from memberlogic.members.knowing import Unborn
from memberlogic.members.lifecycle import present
from memberlogic.members.model import Member, MemberState
from memberlogic.members.people import Address, Details, Person
from memberlogic.members.registering import NewMember, Register, RegisteringFacts, register
from memberlogic.organizations.changing import UnknownMemberType
from memberlogic.outcomes import Outcome

__all__ = [
    "ImportedPeople",
    "MemberImported",
    "NoGuardian",
    "PeopleChunk",
    "PeopleFacts",
    "PersonRow",
    "decide",
    "drawn",
]


class PersonRow(NamedTuple):
    """Somebody whom another system knows. A plain tuple, looked at when its turn comes; ``id`` is that system's own,
    and so is ``guardian``, whose row comes before.
    """

    id: str | ExternalId
    member_type: str = "customer"
    given_name: str | None = None
    family_name: str | None = None
    known_as: str | None = None
    salutation: str | None = None
    birth_date: date | None = None
    language: str | None = None
    email: str | None = None
    phones: Sequence[str] = ()
    addresses: Sequence[Address] = ()
    home_studio: str | None = None
    guardian: str | ExternalId | None = None
    verified: bool = False
    registered_on: date | None = None
    """When that system came to know them; none if it does not say."""


@frozen(kw_only=True)
class MemberImported(Event):
    """Somebody whom another system knew came over."""

    type: ClassVar[str] = "member.imported"
    member: MemberId
    member_type: str
    state: MemberState
    source: str
    registered_on: date | None


class NoGuardian(RuleViolation):
    """Nobody is in who could be it: nobody at all, the child itself, or a child. Which of them may differ from one run
    to the next; what has to be done is the same.
    """

    code = "import.no_guardian"
    rule = "MEM-19"
    sentence = "The guardian has to be somebody else who is in, by their old id, and has no guardian of their own."


_FIELDS = {
    Unborn.code: "birth_date",
    NoGuardian.code: "guardian",
    "state.illegal_transition": "guardian",
    UnknownMemberType.code: "member_type",
}


@frozen
class _Wanted:
    """A row whose form is well."""

    id: ExternalId
    wanted: Register
    guardian: ExternalId | None
    registered_on: date | None
    keys: tuple[Keyed, ...]


@frozen(kw_only=True)
class _Day:
    """A day of a row, looked at as every day is."""

    registered_on: date = field(validator=a_day)


class PeopleChunk:
    """Some rows of a stream of people; ``key`` makes the keys of contact points."""

    def __init__(self, portion: Portion, key: Callable[[Sequence[Written]], tuple[Keyed, ...]]) -> None:
        self.source = portion.source
        self.rows: Formed[_Wanted] = formed(portion, partial(_form, source=portion.source, key=key))

    @property
    def named(self) -> Sequence[ExternalId]:
        """Everybody whom the rows name, themselves and guardians."""
        named = [each for row in self.rows.formed.values() for each in (row.id, row.guardian) if each is not None]
        return list(dict.fromkeys(named))

    @property
    def guardians(self) -> Collection[ExternalId]:
        """Whom they name as guardians."""
        return {row.guardian for row in self.rows.formed.values() if row.guardian is not None}

    @property
    def keys(self) -> Collection[ContactKey]:
        """The keys of all contact points."""
        return {each.key for row in self.rows.formed.values() for each in row.keys}

    @property
    def types(self) -> Sequence[str]:
        """The member types that are asked for."""
        return sorted({row.wanted.member_type for row in self.rows.formed.values()})


def _form(row: object, source: str, key: Callable[[Sequence[Written]], tuple[Keyed, ...]]) -> _Wanted:
    if not isinstance(row, PersonRow):
        raise InvalidInput(path="row", expected="a PersonRow", got=describe(row))
    id = external_id(source, row.id, "id")
    details = Details(
        given_name=row.given_name,
        family_name=row.family_name,
        known_as=row.known_as,
        salutation=row.salutation,
        birth_date=row.birth_date,
        language=row.language,
        addresses=row.addresses,
        home_studio=row.home_studio,
    )
    wanted = Register(
        member_type=row.member_type,
        verified=row.verified,
        external_ids=(id,),
        email=row.email,
        phones=row.phones,
        details=details,
    )
    guardian = None if row.guardian is None else external_id(source, row.guardian, "guardian")
    if row.registered_on is not None:
        _Day(registered_on=row.registered_on)
    return _Wanted(id, wanted, guardian, row.registered_on, key(wanted.written))


@frozen(kw_only=True)
class PeopleFacts:
    """What a chunk looks at, loaded at once."""

    chunk: PeopleChunk
    known: Mapping[ExternalId, MemberId]
    """Who is in already, of everybody whom the rows name."""
    members: Mapping[MemberId, Member]
    """Those of them who are guardians, or whose rows came again."""
    people: Mapping[MemberId, Person]
    """What is known of them."""
    holders: Mapping[ContactKey, MemberId]
    taken: Collection[str]
    """The support ids that are not free, of those that are to be given."""
    studios: Collection[str]
    types: Mapping[str, Collection[str]]
    today: date
    may_read: bool


@frozen
class ImportedPeople:
    """What a chunk leaves."""

    new: tuple[NewMember, ...]
    external_ids: Mapping[ExternalId, MemberId]


def drawn(chunk: PeopleChunk, known: Collection[ExternalId], new_id: NewId) -> Mapping[int, MemberId]:
    """Ids for the rows that may be new."""
    return {number: MemberId(new_id()) for number, row in chunk.rows.formed.items() if row.id not in known}


def decide(
    facts: PeopleFacts, ids: Mapping[int, MemberId], new_id: NewId
) -> Outcome[ImportedPeople, Event, RowsImported]:
    """Decide the rows of a chunk in order, each on what the rows before it left."""
    decided = _Deciding(facts, ids, new_id)
    result = facts.chunk.rows.decide(
        decided.known, take=decided.take, require_same=decided.require_same, fields=_wrong_field
    )
    return Outcome(ImportedPeople(tuple(decided.new), decided.entered), tuple(decided.events), result)


def _wrong_field(refusal: MemberLogicError) -> str | None:
    if isinstance(refusal, ContactTaken):
        return _COLUMNS[ContactKind(refusal.details["kind"])]
    return _FIELDS.get(refusal.code)


class _Deciding:
    """What the rows of a chunk came to so far."""

    def __init__(self, facts: PeopleFacts, ids: Mapping[int, MemberId], new_id: NewId) -> None:
        self._facts, self._ids, self._new_id = facts, ids, new_id
        self.known = dict(facts.known)
        self._members, self._people = dict(facts.members), dict(facts.people)
        self._holders, self._taken = dict(facts.holders), set(facts.taken)
        self.new: list[NewMember] = []
        self.entered: dict[ExternalId, MemberId] = {}
        self.events: list[Event] = []

    def require_same(self, row: _Wanted) -> None:
        """What the row says is what is on file. Where people belong is the library's to change (CARE-9), and nothing is
        said of who was anonymised.

        Raises:
            RowChanged: if it is not.
        """
        member = self._members[self.known[row.id]]
        if member.state is MemberState.ANONYMISED:
            return
        said = {each: value for each, value in row.wanted.details.given.items() if each != "home_studio"}
        said |= {} if row.guardian is None else {"guardian": self.known.get(row.guardian, "nobody who is in")}
        person = self._people[member.id]
        different = [each for each, value in said.items() if getattr(person, each) != value]
        elsewhere = {each.key.kind for each in row.keys if self._holders.get(each.key) != member.id}
        different += [column for kind, column in _COLUMNS.items() if kind in elsewhere]
        different += ["member_type"] if row.wanted.member_type != member.type else []
        if different:
            raise RowChanged(kind="member", fields=different if self._facts.may_read else ["row"])

    def take(self, number: int, row: _Wanted) -> None:
        """Take a row in.

        Raises:
            MemberLogicError: if it is refused.
        """
        facts, id = self._facts, self._ids[number]
        if row.registered_on is not None and row.registered_on > facts.today:
            raise InvalidInput(path="registered_on", expected="a day that is not to come", got="one that is to come")
        for code in row.wanted.details.studios:
            if code not in facts.studios:
                raise NoSuchRecord(kind="studio", field="home_studio")
        guardian, wanted = self._guardian(row), row.wanted
        if guardian is not None:
            wanted = evolve(wanted, details=evolve(wanted.details, guardian=guardian.member))
        outcome = register(
            RegisteringFacts(
                id=id,
                wanted=wanted,
                taken=self._taken,
                points=points_of(id, row.keys, self._new_id, verified=wanted.verified),
                holders=self._holders,
                guardians=() if guardian is None else (guardian,),
                may_read=False,
                today=facts.today,
                types=facts.types[wanted.member_type],
            )
        )
        self._keep(row, outcome.facts)

    def _guardian(self, row: _Wanted) -> Person | None:
        if row.guardian is None:
            return None
        known = self.known.get(row.guardian)
        if known is None or row.guardian == row.id:
            raise NoGuardian
        person = self._people[present(self._members[known], "be a guardian").id]
        if person.guardian is not None:
            raise NoGuardian
        return person

    def _keep(self, row: _Wanted, new: NewMember) -> None:
        member = new.member
        self.new.append(new)
        self.entered[row.id] = self.known[row.id] = member.id
        self._members[member.id], self._people[member.id] = member, new.person
        self._holders |= {each.key: member.id for each in row.keys}
        self._taken.add(member.support_id)
        imported = MemberImported(
            members=(member.id,),
            member=member.id,
            member_type=member.type,
            state=member.state,
            source=self._facts.chunk.source,
            registered_on=row.registered_on,
        )
        self.events.append(imported)


_COLUMNS = {ContactKind.EMAIL: "email", ContactKind.PHONE: "phones"}
