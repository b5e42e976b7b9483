"""COM-19: external ids that a member gets or gives back later: a new card at the desk, a lost one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.errors import MemberLogicError
from memberlogic.events import Event
from memberlogic.ids import ExternalId, MemberId
from memberlogic.inputs import an_id, instance
from memberlogic.members.contact_points import ContactPoint
from memberlogic.members.knowing import Nameless, OutOfReach, out_of_reach, unknown
from memberlogic.members.model import Member
from memberlogic.members.people import Person
from memberlogic.members.search_keys import SearchKey, of_external_ids
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "GIVING_BACK",
    "CarriedId",
    "Carrying",
    "CarryingFacts",
    "ExternalIdAdded",
    "ExternalIdRemoved",
    "OfExternalId",
    "carry",
    "give_back",
]


@frozen(kw_only=True)
class OfExternalId:
    """A member is to carry an external id, or to carry it no longer."""

    member: MemberId = field(validator=an_id)
    external_id: ExternalId = field(validator=instance(ExternalId, "an ExternalId"))


@frozen(kw_only=True)
class ExternalIdAdded(Event):
    """A member carries one more external id; of which source, never which."""

    type: ClassVar[str] = "member.external_id_added"
    member: MemberId
    source: str


@frozen(kw_only=True)
class ExternalIdRemoved(Event):
    """A member carries an external id no longer; of which source, never which."""

    type: ClassVar[str] = "member.external_id_removed"
    member: MemberId
    source: str


@frozen(kw_only=True)
class CarriedId:
    """Of which source an external id was, and whether anything is different now."""

    member: MemberId
    source: str
    changed: bool


@frozen(kw_only=True)
class CarryingFacts:
    """What carrying an external id, and giving it back, looks at."""

    wanted: OfExternalId
    member: Member
    person: Person
    points: Sequence[ContactPoint]
    external_ids: Sequence[ExternalId]
    """What the member carries."""

    @property
    def left(self) -> Sequence[ExternalId]:
        """What they would still carry."""
        return [each for each in self.external_ids if each != self.wanted.external_id]


@frozen(kw_only=True)
class Carrying:
    """What is left: the member, if anything is different, and by what they are searched from now on and no longer."""

    members: tuple[Member, ...] = ()
    come: frozenset[SearchKey] = frozenset()
    gone: frozenset[SearchKey] = frozenset()


@policy("MEM-1", "A record keeps a name, or an id of the host's.")
def must_keep_a_name(c: CarryingFacts) -> MemberLogicError | None:
    """As when they were registered."""
    return Nameless() if unknown(c.person, c.left) else None


@policy("MEM-1", "There stays a way to the person.")
def must_stay_within_reach(c: CarryingFacts) -> MemberLogicError | None:
    """As when they were registered."""
    return OutOfReach() if out_of_reach(c.person, c.points, c.left) else None


GIVING_BACK: Policies[CarryingFacts] = Policies(must_keep_a_name, must_stay_within_reach)


def carry(facts: CarryingFacts) -> Outcome[Carrying, Event, CarriedId]:
    """One more external id; one that the member carries already changes nothing."""
    id, source = facts.member.id, facts.wanted.external_id.source
    if facts.wanted.external_id in facts.external_ids:
        return Outcome(Carrying(), (), CarriedId(member=id, source=source, changed=False))
    come = of_external_ids([facts.wanted.external_id]) - of_external_ids(facts.external_ids)
    event = ExternalIdAdded(members=(id,), member=id, source=source)
    carrying = Carrying(members=(_next(facts.member),), come=come)
    return Outcome(carrying, (event,), CarriedId(member=id, source=source, changed=True))


def give_back(facts: CarryingFacts) -> Outcome[Carrying, Event, CarriedId]:
    """One external id less, which another member may carry at once.

    Raises:
        RuleViolation: the first of :data:`GIVING_BACK` that refuses.
    """
    GIVING_BACK.require(facts)
    id, source = facts.member.id, facts.wanted.external_id.source
    gone = of_external_ids([facts.wanted.external_id]) - of_external_ids(facts.left)
    event = ExternalIdRemoved(members=(id,), member=id, source=source)
    carrying = Carrying(members=(_next(facts.member),), gone=gone)
    return Outcome(carrying, (event,), CarriedId(member=id, source=source, changed=True))


def _next(member: Member) -> Member:
    return evolve(member, version=member.version + 1)
