"""What is known of persons, in a table: one row a member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from memberlogic import converting
from memberlogic.calendar import zone
from memberlogic.ids import MemberId
from memberlogic.members.people import Address, EmergencyContact, Person
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Row, Statement, family, inserting, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import bindparam, delete, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["PERSON_COLUMNS", "SqlPeople", "person_from"]

_p = tables.people.c
PERSON_COLUMNS = tuple(column for column in tables.people.columns if column.name != "organization_id")
_one = (
    _p.organization_id == bindparam("organization", type_=_p.organization_id.type),
    _p.member_id == bindparam("member", type_=_p.member_id.type),
)
_OF = Statement(select(*PERSON_COLUMNS).where(*_one), "organization", "member")
_WARDS = Statement(
    select(_p.member_id)
    .where(
        _p.organization_id == bindparam("organization", type_=_p.organization_id.type),
        _p.guardian_id == bindparam("guardian", type_=_p.guardian_id.type),
    )
    .order_by(_p.member_id),
    "organization",
    "guardian",
)
_ADD = inserting(tables.people)
_REMOVE = Statement(delete(tables.people).where(*_one), "organization", "member")


@family
def _several(count: int) -> Statement:
    names, among = one_of(_p.member_id, count)
    organization = bindparam("organization", type_=_p.organization_id.type)
    return Statement(select(*PERSON_COLUMNS).where(_p.organization_id == organization, among), "organization", *names)


def person_from(codec: Codec, row: Row) -> Person:
    """What is known of a person as their row says it."""
    member, given, family, known_as, salutation, born, language, zone_name, photo, studio, *rest = row
    favourite, emergency, phone, relation, guardian, addresses, interests = rest
    guarded = codec.id_or_none_out(guardian)
    return Person(
        member=MemberId(codec.id_out(member)),
        given_name=given,
        family_name=family,
        known_as=known_as,
        salutation=salutation,
        birth_date=None if born is None else codec.day_out(born),
        language=language,
        zone=None if zone_name is None else zone(zone_name),
        photo=photo,
        home_studio=studio,
        favourite_studio=favourite,
        emergency_contact=None
        if emergency is None
        else EmergencyContact(name=emergency, phone=phone, relation=relation),
        guardian=None if guarded is None else MemberId(guarded),
        addresses=converting.from_json(tuple[Address, ...], converting.loads(addresses)),
        interests=tuple(converting.loads(interests)),
    )


class SqlPeople:
    """The port ``People``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Person:
        """What is known of one member."""
        (rows,) = self._uow.ask((_OF, (self._uow.org, self._uow.codec.id_in(member))))
        for row in rows:
            return person_from(self._uow.codec, row)
        return Person(member=member)

    def several(self, members: Sequence[MemberId]) -> Mapping[MemberId, Person]:
        """What is known of several members."""
        if not members:
            return {}
        codec = self._uow.codec
        wanted = padded([codec.id_in(each) for each in members])
        (rows,) = self._uow.ask((_several(len(wanted)), (self._uow.org, *wanted)))
        known = {each.member: each for each in (person_from(codec, row) for row in rows)}
        return {each: known.get(each) or Person(member=each) for each in members}

    def wards(self, guardian: MemberId) -> Sequence[MemberId]:
        """The members whose guardian this one is."""
        (rows,) = self._uow.ask((_WARDS, (self._uow.org, self._uow.codec.id_in(guardian))))
        return [MemberId(self._uow.codec.id_out(member)) for (member,) in rows]

    def add(self, people: Sequence[Person]) -> None:
        """Queue what is known of new members."""
        for each in people:
            self._add(each)

    def _add(self, person: Person) -> None:
        codec, emergency = self._uow.codec, person.emergency_contact
        row = (
            self._uow.org,
            codec.id_in(person.member),
            person.given_name,
            person.family_name,
            person.known_as,
            person.salutation,
            None if person.birth_date is None else codec.day_in(person.birth_date),
            person.language,
            None if person.zone is None else person.zone.key,
            person.photo,
            person.home_studio,
            person.favourite_studio,
            emergency.name if emergency else None,
            emergency.phone if emergency else None,
            emergency.relation if emergency else None,
            codec.id_or_none_in(person.guardian),
            converting.dumps(converting.to_json(person.addresses)),
            converting.dumps(list(person.interests)),
        )
        self._uow.queue(_ADD, row)

    def change(self, people: Sequence[Person]) -> None:
        """Queue what is known from now on."""
        for each in people:
            self._uow.queue(_REMOVE, (self._uow.org, self._uow.codec.id_in(each.member)))
        self.add(people)
