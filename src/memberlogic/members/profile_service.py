"""What a host calls to change what is known of members, and to verify it (MEM-7).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.ids import ConfirmationId, ContactPointId, MemberId
from memberlogic.members import confirming, reaching, updating
from memberlogic.members.acting import require_own
from memberlogic.members.confirming import (
    AskConfirmation,
    Confirm,
    ConfirmationAsked,
    ConfirmationToken,
    Verified,
    digest_of,
    require_own_confirmation,
    with_token,
)
from memberlogic.members.contact_points import ContactKind, Written
from memberlogic.members.gathering import guardians_of, require_own_guardian, require_studio
from memberlogic.members.keying import keyed, points_of
from memberlogic.members.lifecycle import present
from memberlogic.members.normalising import ContactNormaliser
from memberlogic.members.people import Address, Details, EmergencyContact
from memberlogic.members.ports import MembersWork
from memberlogic.members.reaching import (
    AddContactPoint,
    AddingFacts,
    ChangeContactPoint,
    ChangingFacts,
    ContactPointKept,
    OfContactPoint,
    RemovingFacts,
    one_of,
    require_own_point,
)
from memberlogic.members.updating import ProfileUpdated, UpdateProfile, UpdatingFacts
from memberlogic.running import Asks, Runner

__all__ = ["ProfileService"]

UPDATE = Asks("members.update", "members.profile:update", ProfileUpdated)
ADD_CONTACT_POINT = Asks("members.add_contact_point", "members.profile:update", ContactPointKept)
CHANGE_CONTACT_POINT = Asks("members.change_contact_point", "members.profile:update", ContactPointKept)
REMOVE_CONTACT_POINT = Asks("members.remove_contact_point", "members.profile:update", ContactPointKept)
VERIFY_CONTACT_POINT = Asks("members.verify_contact_point", "members:update", Verified)
ASK_CONFIRMATION = Asks("members.ask_confirmation", "members:update", ConfirmationAsked)
CONFIRM = Asks("members.confirm", "members.profile:update", Verified)


class ProfileService:
    """What is known of members, as it changes."""

    _runner: Runner[MembersWork]
    _normaliser: ContactNormaliser

    def update(
        self,
        member: MemberId,
        *,
        given_name: str | None = None,
        family_name: str | None = None,
        known_as: str | None = None,
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
        clear: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> ProfileUpdated:
        """Change what is known of a member (MEM-7): what is given takes the place of what was, a list the whole list.
        What is left out stays. Members may change their own.

        Args:
            clear: the names of fields that are known no longer: ``["photo"]``.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member, guardian or studio.
            RuleViolation: if too little would be known, a birth date is to come, or the guardian is none.
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
        wanted = UpdateProfile(member=member, details=details, clear=clear)
        return self._runner.run(UPDATE, wanted, idempotency_key, self.update_step)

    def update_step(self, uow: MembersWork, actor: Actor, wanted: UpdateProfile) -> ProfileUpdated:
        """Updating, inside a unit of work."""
        locked = {each: uow.members.locked(each) for each in wanted.locks}
        require_own(actor, wanted.member)
        require_own_guardian(actor, wanted.details)
        require_studio(uow, wanted.details)
        outcome = updating.update(
            UpdatingFacts(
                wanted=wanted,
                member=present(locked[wanted.member], "be updated"),
                person=uow.people.of(wanted.member),
                points=uow.contact_points.of(wanted.member),
                external_ids=uow.external_ids.of("member", wanted.member),
                guardians=guardians_of(uow, wanted.details),
                wards=uow.people.wards(wanted.member),
                today=local_day(uow.now, self._runner.organization.zone),
            )
        )
        uow.members.change(outcome.facts.members)
        uow.people.change(outcome.facts.people)
        uow.search_keys.change(wanted.member, outcome.facts.gone, outcome.facts.come)
        uow.put(outcome.events)
        return outcome.result

    def add_contact_point(
        self, member: MemberId, *, kind: ContactKind, value: str, idempotency_key: str | None = None
    ) -> ContactPointKept:
        """One more e-mail address or phone number of a member, not verified yet (MEM-2). One that they have already
        changes nothing.

        Raises:
            InvalidInput: if it is no address or number.
            NotFound: if there is no such member; for members, any but themself.
            ContactTaken: if another member has it.
        """
        wanted = AddContactPoint(member=member, kind=kind, value=value)
        return self._runner.run(ADD_CONTACT_POINT, wanted, idempotency_key, self.add_contact_point_step)

    def add_contact_point_step(self, uow: MembersWork, actor: Actor, wanted: AddContactPoint) -> ContactPointKept:
        """Adding a contact point, inside a unit of work."""
        member = uow.members.locked(wanted.member)
        require_own(actor, member.id)
        made = keyed(uow, self._runner.organization.id, self._normaliser, wanted.written)
        (new,) = points_of(member.id, made, self._runner.new_id, verified=False)
        facts = AddingFacts(
            member=present(member, "get a contact point"),
            points=uow.contact_points.of(member.id),
            new=new,
            holders=uow.contact_points.holders([new.key]),
            may_read=actor.may("members:read"),
        )
        outcome = reaching.add(facts)
        uow.members.change(outcome.facts.members)
        uow.contact_points.add(outcome.facts.added)
        uow.search_keys.change(member.id, outcome.facts.gone, outcome.facts.come)
        uow.put(outcome.events)
        return outcome.result

    def change_contact_point(
        self, contact_point: ContactPointId, *, value: str, idempotency_key: str | None = None
    ) -> ContactPointKept:
        """Another address or number instead of one that a member has (MEM-7). If that was verified, this one has to be
        verified again, unless the organization has switched that off (``verify_changed_contacts``).

        Raises:
            InvalidInput: if it is no address or number of this kind.
            NotFound: if there is no such contact point; for members, any but their own.
            ContactTaken: if another member has it.
        """
        wanted = ChangeContactPoint(contact_point=contact_point, value=value)
        return self._runner.run(CHANGE_CONTACT_POINT, wanted, idempotency_key, self.change_contact_point_step)

    def change_contact_point_step(self, uow: MembersWork, actor: Actor, wanted: ChangeContactPoint) -> ContactPointKept:
        """Changing a contact point, inside a unit of work."""
        found = uow.contact_points.get(wanted.contact_point)
        member = uow.members.locked(found.member)
        require_own_point(actor, found)
        points = uow.contact_points.of(member.id)
        point = one_of(points, wanted.contact_point)
        id = self._runner.organization.id
        (made,) = keyed(uow, id, self._normaliser, [Written(point.kind, wanted.value, "value")])
        facts = ChangingFacts(
            member=member,
            point=point,
            points=points,
            keyed=made,
            holders=uow.contact_points.holders([made.key]),
            may_read=actor.may("members:read"),
            verify_changed=uow.organizations.get(id)[0].verify_changed_contacts,
        )
        outcome = reaching.change(facts)
        uow.members.change(outcome.facts.members)
        uow.contact_points.rekey(outcome.facts.changed)
        uow.search_keys.change(member.id, outcome.facts.gone, outcome.facts.come)
        uow.confirmations.remove([each.id for each in outcome.facts.changed])
        uow.put(outcome.events)
        return outcome.result

    def remove_contact_point(
        self, contact_point: ContactPointId, *, idempotency_key: str | None = None
    ) -> ContactPointKept:
        """A member is no longer reached this way (MEM-2).

        Raises:
            NotFound: if there is no such contact point; for members, any but their own.
            OutOfReach: if there would be no way to the member.
        """
        wanted = OfContactPoint(contact_point=contact_point)
        return self._runner.run(REMOVE_CONTACT_POINT, wanted, idempotency_key, self.remove_contact_point_step)

    def remove_contact_point_step(self, uow: MembersWork, actor: Actor, wanted: OfContactPoint) -> ContactPointKept:
        """Removing a contact point, inside a unit of work."""
        found = uow.contact_points.get(wanted.contact_point)
        member = uow.members.locked(found.member)
        require_own_point(actor, found)
        points = uow.contact_points.of(member.id)
        facts = RemovingFacts(
            member=member,
            point=one_of(points, wanted.contact_point),
            points=points,
            person=uow.people.of(member.id),
            external_ids=uow.external_ids.of("member", member.id),
        )
        outcome = reaching.remove(facts)
        uow.members.change(outcome.facts.members)
        uow.confirmations.remove([each.id for each in outcome.facts.removed])
        uow.contact_points.remove(outcome.facts.removed)
        uow.search_keys.change(member.id, outcome.facts.gone, outcome.facts.come)
        uow.put(outcome.events)
        return outcome.result

    def verify_contact_point(self, contact_point: ContactPointId, *, idempotency_key: str | None = None) -> Verified:
        """Verify a contact point by hand, and with it its member (MEM-7). Doing it again changes nothing.

        Raises:
            NotFound: if there is no such contact point.
            IllegalTransition: if the member is blocked.
        """
        wanted = OfContactPoint(contact_point=contact_point)
        return self._runner.run(VERIFY_CONTACT_POINT, wanted, idempotency_key, self.verify_contact_point_step)

    def verify_contact_point_step(self, uow: MembersWork, _: Actor, wanted: OfContactPoint) -> Verified:
        """Verifying by hand, inside a unit of work."""
        member = uow.members.locked(uow.contact_points.get(wanted.contact_point).member)
        point = one_of(uow.contact_points.of(member.id), wanted.contact_point)
        outcome = confirming.confirm(member, point, None, uow.now)
        uow.members.change(outcome.facts.members)
        uow.contact_points.change(outcome.facts.points)
        uow.put(outcome.events)
        return outcome.result

    def ask_confirmation(
        self, contact_point: ContactPointId, *, hours: int = 72, idempotency_key: str | None = None
    ) -> ConfirmationToken:
        """A token for the host to send to a contact point (MEM-7): whoever brings it back within so many hours has read
        what was sent there. An earlier token of the same contact point confirms nothing from then on.

        Raises:
            InvalidInput: for less than an hour or more than 90 days.
            NotFound: if there is no such contact point.
        """
        wanted = AskConfirmation(contact_point=contact_point, hours=hours)
        asked = self._runner.run(ASK_CONFIRMATION, wanted, idempotency_key, self.ask_confirmation_step)
        return with_token(asked, self._runner.token(asked.confirmation))

    def ask_confirmation_step(self, uow: MembersWork, _: Actor, wanted: AskConfirmation) -> ConfirmationAsked:
        """Asking for a confirmation, inside a unit of work. The answer is kept with its key, and has no token."""
        member = uow.members.locked(uow.contact_points.get(wanted.contact_point).member)
        point = one_of(uow.contact_points.of(member.id), wanted.contact_point)
        id = ConfirmationId(self._runner.new_id())
        outcome = confirming.ask(point, wanted, id, self._runner.token(id), uow.now)
        uow.confirmations.remove([point.id])
        uow.confirmations.add(outcome.facts)
        return outcome.result

    def confirm(self, token: str, *, idempotency_key: str | None = None) -> Verified:
        """Somebody came back with a token: the contact point to which it was sent is verified, and its member (MEM-7).
        Coming back twice changes nothing.

        Raises:
            NotFound: if there is no such token, another has taken its place, or it is of another member than who asks.
            ConfirmationExpired: if it ran out.
            IllegalTransition: if the member is blocked.
        """
        return self._runner.run(CONFIRM, Confirm(token=token), idempotency_key, self.confirm_step)

    def confirm_step(self, uow: MembersWork, actor: Actor, wanted: Confirm) -> Verified:
        """Confirming, inside a unit of work: the confirmation is looked up again once the member is locked."""
        digest = digest_of(wanted.token)
        member = uow.members.locked(uow.confirmations.get(digest).member)
        confirmation = uow.confirmations.get(digest)
        require_own_confirmation(actor, confirmation)
        point = one_of(uow.contact_points.of(member.id), confirmation.contact_point)
        outcome = confirming.confirm(member, point, confirmation, uow.now)
        uow.members.change(outcome.facts.members)
        uow.contact_points.change(outcome.facts.points)
        uow.put(outcome.events)
        return outcome.result
