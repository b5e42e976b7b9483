"""MEM-1, MEM-7: changing what is known of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from attrs import evolve, field, frozen

from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.events import Event
from memberlogic.ids import ExternalId, MemberId
from memberlogic.inputs import an_id, as_tuple, describe, instance, sequence_of
from memberlogic.members.contact_points import ContactPoint
from memberlogic.members.knowing import GuardianGuarded, Nameless, OutOfReach, guarded, out_of_reach, unborn, unknown
from memberlogic.members.model import Member
from memberlogic.members.people import DETAILS, Details, Person
from memberlogic.members.search_keys import SearchKey, of_person
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = ["UPDATING", "MemberChanged", "ProfileUpdated", "UpdateProfile", "Updated", "UpdatingFacts", "update"]


def _fields(instance_: object, attribute: Any, value: Any) -> None:
    sequence_of(str, "the name of a field", most=len(DETAILS))(instance_, attribute, value)
    for index, name in enumerate(value):
        if name not in DETAILS:
            path, expected = f"{attribute.name}[{index}]", f"one of {', '.join(DETAILS)}"
            raise InvalidInput(path=path, expected=expected, got=describe(name))


@frozen(kw_only=True)
class UpdateProfile:
    """Change what is known of a member: what is given takes the place of what was, and what is named in ``clear`` is
    known no longer. Everything else stays.
    """

    member: MemberId = field(validator=an_id)
    details: Details = field(factory=Details, validator=instance(Details, "what is known of the person"))
    clear: tuple[str, ...] = field(default=(), converter=as_tuple, validator=_fields)

    def __attrs_post_init__(self) -> None:
        for index, name in enumerate(self.clear):
            if name in self.details.given:
                raise InvalidInput(
                    path=f"clear[{index}]", expected="a field that is not given", got=f"{name}, which is"
                )

    @property
    def locks(self) -> Sequence[MemberId]:
        """The members that are locked, in order: the guardian too, so that they get no guardian meanwhile."""
        return sorted({self.member, *self.details.guardians})


@frozen(kw_only=True)
class MemberChanged(Event):
    """Something else is known of a member; which fields, never what they say."""

    type: ClassVar[str] = "member.changed"
    member: MemberId
    fields: tuple[str, ...]


@frozen(kw_only=True)
class ProfileUpdated:
    """Which fields are others now; none if nothing was different."""

    member: MemberId
    fields: tuple[str, ...]


@frozen(kw_only=True)
class UpdatingFacts:
    """What updating looks at."""

    wanted: UpdateProfile
    member: Member
    person: Person
    points: Sequence[ContactPoint]
    external_ids: Sequence[ExternalId]
    guardians: Sequence[Person]
    """Who is to be the guardian, if somebody is."""
    wards: Sequence[MemberId]
    today: date

    @property
    def after(self) -> Person:
        """What is known afterwards."""
        stays = {name: value for name, value in self.person.given.items() if name not in self.wanted.clear}
        return Person(member=self.member.id, **stays | self.wanted.details.given)


@policy("MEM-1", "A record keeps a name, or an id of the host's.")
def must_keep_a_name(u: UpdatingFacts) -> MemberLogicError | None:
    """Only what takes something away can refuse: older records may have less."""
    return Nameless() if u.wanted.clear and unknown(u.after, u.external_ids) else None


@policy("MEM-1", "There stays a way to the person.")
def must_stay_within_reach(u: UpdatingFacts) -> MemberLogicError | None:
    """As when they were registered."""
    return OutOfReach() if u.wanted.clear and out_of_reach(u.after, u.points, u.external_ids) else None


@policy("MEM-1", "A birth date is not to come.")
def must_have_been_born(u: UpdatingFacts) -> MemberLogicError | None:
    """By the organization's day."""
    return unborn(u.wanted.details, u.today)


@policy("MEM-1", "A guardian is somebody else who has no guardian.")
def guardian_must_stand_alone(u: UpdatingFacts) -> MemberLogicError | None:
    """And who is a guardian gets none."""
    if u.wanted.details.guardian is not None and (u.wards or u.wanted.details.guardian == u.member.id):
        return GuardianGuarded(guardian=str(u.member.id))
    return guarded(u.guardians)


UPDATING: Policies[UpdatingFacts] = Policies(
    must_keep_a_name, must_stay_within_reach, must_have_been_born, guardian_must_stand_alone
)


@frozen(kw_only=True)
class Updated:
    """What updating leaves: the member and the person, if anything is different."""

    members: tuple[Member, ...] = ()
    people: tuple[Person, ...] = ()
    gone: frozenset[SearchKey] = frozenset()
    come: frozenset[SearchKey] = frozenset()
    """By what the member is searched no longer, and from now on."""


def update(facts: UpdatingFacts) -> Outcome[Updated, Event, ProfileUpdated]:
    """What is given instead of what was; an event only if something is different.

    Raises:
        RuleViolation: the first of :data:`UPDATING` that refuses.
    """
    UPDATING.require(facts)
    id, after = facts.member.id, facts.after
    different = tuple(name for name in DETAILS if getattr(after, name) != getattr(facts.person, name))
    result = ProfileUpdated(member=id, fields=different)
    if not different:
        return Outcome(Updated(), (), result)
    changed = evolve(facts.member, version=facts.member.version + 1)
    event = MemberChanged(members=(id,), member=id, fields=different)
    before, now = of_person(facts.person), of_person(after)
    updated = Updated(members=(changed,), people=(after,), gone=before - now, come=now - before)
    return Outcome(updated, (event,), result)
