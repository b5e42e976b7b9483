"""What a host calls to register people and to see what is known of them (MEM-1, MEM-2).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.errors import NotFound
from memberlogic.events import Event
from memberlogic.ids import ExternalId, MemberId
from memberlogic.members import carrying, registering
from memberlogic.members.acting import require_own
from memberlogic.members.carrying import CarriedId, Carrying, CarryingFacts, OfExternalId
from memberlogic.members.classifying import types_of_members
from memberlogic.members.contact_points import ContactPoint
from memberlogic.members.gathering import guardians_of, require_studio
from memberlogic.members.keying import keyed, points_of
from memberlogic.members.lifecycle import present
from memberlogic.members.model import Member
from memberlogic.members.normalising import ContactNormaliser
from memberlogic.members.people import Address, Details, EmergencyContact, Person
from memberlogic.members.ports import MembersWork
from memberlogic.members.registering import Of, Register, RegisteringFacts
from memberlogic.members.support_ids import candidates
from memberlogic.outcomes import Outcome
from memberlogic.running import Asks, Runner

__all__ = ["PeopleService"]

REGISTER = Asks("members.register", "members:create", Member)
PERSON = Asks("members.person", "members.profile:read", Person)
EXTERNAL_IDS = Asks("members.external_ids", "members.profile:read", tuple[ExternalId, ...])
ADD_EXTERNAL_ID = Asks("members.add_external_id", "members.external_ids:update", CarriedId)
REMOVE_EXTERNAL_ID = Asks("members.remove_external_id", "members.external_ids:update", CarriedId)
CONTACT_POINTS = Asks("members.contact_points", "members.profile:read", tuple[ContactPoint, ...])


class PeopleService:
    """People: register them, see what is known of them."""

    _runner: Runner[MembersWork]
    _normaliser: ContactNormaliser

    def register(
        self,
        *,
        member_type: str,
        given_name: str | None = None,
        family_name: str | None = None,
        known_as: str | None = None,
        email: str | None = None,
        phones: Sequence[str] = (),
        external_ids: Sequence[ExternalId] = (),
        verified: bool = False,
        salutation: str | None = None,
        birth_date: date | None = None,
        language: str | None = None,
        zone: ZoneInfo | None = None,
        addresses: Sequence[Address] = (),
        photo: str | None = None,
        home_studio: str | None = None,
        favourite_studio: str | None = None,
        interests: Sequence[str] = (),
        emergency_contact: EmergencyContact | None = None,
        guardian: MemberId | None = None,
        idempotency_key: str | None = None,
    ) -> Member:
        """Register a member (MEM-1): with a name or an external id, and at least one of e-mail, phone, external id or a
        guardian.

        Args:
            member_type: what the organization calls this kind of member: ``customer``, ``staff``, or one that it
                defined (``org.settings.define_member_type``).
            verified: whether the host has made sure who it is; then the contact points are verified too.
            language: a tag such as ``en`` or ``pt-BR``.
            home_studio: the code of a studio of the organization; ``favourite_studio`` likewise.
            guardian: the member through whom a child is reached, who has no guardian themself.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such guardian or studio.
            RuleViolation: if too little is known, a birth date is to come, the guardian has a guardian,
                or the organization has no such member type.
            ContactTaken: if another member has the e-mail address or a phone number.
            Duplicate: if an external id is taken.
            NormaliserDiffers: if contact points are compared by other keys here.
        """
        details = Details(
            given_name=given_name,
            family_name=family_name,
            known_as=known_as,
            salutation=salutation,
            birth_date=birth_date,
            language=language,
            zone=zone,
            addresses=addresses,
            photo=photo,
            home_studio=home_studio,
            favourite_studio=favourite_studio,
            interests=interests,
            emergency_contact=emergency_contact,
            guardian=guardian,
        )
        wanted = Register(
            member_type=member_type,
            verified=verified,
            external_ids=external_ids,
            email=email,
            phones=phones,
            details=details,
        )
        return self._runner.run(REGISTER, wanted, idempotency_key, self.register_step)

    def register_step(self, uow: MembersWork, actor: Actor, wanted: Register) -> Member:
        """Registering, inside a unit of work."""
        guardians = guardians_of(uow, wanted.details)
        require_studio(uow, wanted.details)
        id, organization = MemberId(self._runner.new_id()), self._runner.organization
        made = keyed(uow, organization.id, self._normaliser, wanted.written)
        outcome = registering.register(
            RegisteringFacts(
                id=id,
                wanted=wanted,
                taken=uow.members.taken(candidates(id)),
                points=points_of(id, made, self._runner.new_id, verified=wanted.verified),
                holders=uow.contact_points.holders([each.key for each in made]),
                guardians=guardians,
                may_read=actor.may("members:read"),
                today=local_day(uow.now, organization.zone),
                types=types_of_members(uow, organization, wanted.member_type),
            )
        )
        uow.external_ids.add("member", id, wanted.external_ids)
        uow.members.add(outcome.facts.member)
        uow.people.add([outcome.facts.person])
        uow.contact_points.add(outcome.facts.points)
        uow.search_keys.change(id, (), outcome.facts.keys)
        uow.put(outcome.events)
        return outcome.result

    def person(self, member: MemberId) -> Person:
        """What is known of a member. Raises ``NotFound``, also for a member who asks for another."""
        return self._runner.ask(PERSON, Of(member=member), self.person_step)

    def person_step(self, uow: MembersWork, actor: Actor, wanted: Of) -> Person:
        """Looking a person up, inside a unit of work."""
        require_own(actor, uow.members.get(wanted.member).id)
        return uow.people.of(wanted.member)

    def external_ids(self, member: MemberId) -> tuple[ExternalId, ...]:
        """A member's external ids: the numbers of their cards, their ids in the host's other systems (COM-19). Raises
        ``NotFound``, also for a member who asks for another.
        """
        return self._runner.ask(EXTERNAL_IDS, Of(member=member), self.external_ids_step)

    def external_ids_step(self, uow: MembersWork, actor: Actor, wanted: Of) -> tuple[ExternalId, ...]:
        """Looking external ids up, inside a unit of work."""
        require_own(actor, uow.members.get(wanted.member).id)
        return tuple(uow.external_ids.of("member", wanted.member))

    def add_external_id(
        self, member: MemberId, external_id: ExternalId, *, idempotency_key: str | None = None
    ) -> CarriedId:
        """Let a member carry one more external id, such as the number of a new card (COM-19): they are found and
        checked in by it from now on. One that they carry already changes nothing.

        Raises:
            NotFound: if there is no such member.
            IllegalTransition: if they were anonymised.
            Duplicate: if another member carries it.
        """
        wanted = OfExternalId(member=member, external_id=external_id)
        return self._runner.run(ADD_EXTERNAL_ID, wanted, idempotency_key, self.add_external_id_step)

    def add_external_id_step(self, uow: MembersWork, _: Actor, wanted: OfExternalId) -> CarriedId:
        """Adding an external id, inside a unit of work."""
        outcome = carrying.carry(self._carrying(uow, wanted, "get an external id"))
        if outcome.result.changed:
            uow.external_ids.add("member", wanted.member, [wanted.external_id])
        self._carry(uow, wanted.member, outcome)
        return outcome.result

    def remove_external_id(
        self, member: MemberId, external_id: ExternalId, *, idempotency_key: str | None = None
    ) -> CarriedId:
        """Let a member carry an external id no longer, such as the number of a card they lost (COM-19): nobody is found
        by it until somebody gets it again, whoever that is.

        Raises:
            NotFound: if there is no such member, or they do not carry it.
            IllegalTransition: if they were anonymised.
            RuleViolation: the first of a record that would have neither a name nor another id, and one that there would
                be no way to.
        """
        wanted = OfExternalId(member=member, external_id=external_id)
        return self._runner.run(REMOVE_EXTERNAL_ID, wanted, idempotency_key, self.remove_external_id_step)

    def remove_external_id_step(self, uow: MembersWork, _: Actor, wanted: OfExternalId) -> CarriedId:
        """Removing an external id, inside a unit of work."""
        facts = self._carrying(uow, wanted, "give back an external id")
        if wanted.external_id not in facts.external_ids:
            raise NotFound(kind="external id", id=wanted.external_id.source)
        outcome = carrying.give_back(facts)
        uow.external_ids.remove("member", wanted.member, [wanted.external_id])
        self._carry(uow, wanted.member, outcome)
        return outcome.result

    def _carrying(self, uow: MembersWork, wanted: OfExternalId, doing: str) -> CarryingFacts:
        member = present(uow.members.locked(wanted.member), doing)
        return CarryingFacts(
            wanted=wanted,
            member=member,
            person=uow.people.of(member.id),
            points=uow.contact_points.of(member.id),
            external_ids=uow.external_ids.of("member", member.id),
        )

    def _carry(self, uow: MembersWork, member: MemberId, outcome: Outcome[Carrying, Event, CarriedId]) -> None:
        uow.members.change(outcome.facts.members)
        uow.search_keys.change(member, outcome.facts.gone, outcome.facts.come)
        uow.put(outcome.events)

    def contact_points(self, member: MemberId) -> tuple[ContactPoint, ...]:
        """A member's e-mail addresses and phone numbers, in the order in which they were added. Raises ``NotFound``,
        also for a member who asks for another.
        """
        return self._runner.ask(CONTACT_POINTS, Of(member=member), self.contact_points_step)

    def contact_points_step(self, uow: MembersWork, actor: Actor, wanted: Of) -> tuple[ContactPoint, ...]:
        """Looking contact points up, inside a unit of work."""
        require_own(actor, uow.members.get(wanted.member).id)
        return tuple(uow.contact_points.of(wanted.member))
