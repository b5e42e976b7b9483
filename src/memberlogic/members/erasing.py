"""MEM-9, MEM-10, MEM-16: anonymising a member, for good, and leaving the record out of lists; nothing else is deleted.

What is personal goes; ids, dates, points and purchases stay, so that every count and sum is what it was. Events,
results and headers name what was erased and how much of it, never what it said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ExternalId, MemberId, TagId
from memberlogic.inputs import an_id
from memberlogic.members.contact_points import ContactPoint
from memberlogic.members.filling import Filling
from memberlogic.members.lifecycle import MEMBER_STATES
from memberlogic.members.model import Blocker, BlockerKind, Erasable, Holding, Member, MemberState
from memberlogic.members.people import Person
from memberlogic.members.search_keys import (
    SearchKey,
    of_contact_points,
    of_external_ids,
    of_person,
    of_support_id,
)
from memberlogic.members.updating import MemberChanged
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "ERASING",
    "AnonymiseChecked",
    "Anonymised",
    "Erase",
    "Erased",
    "ErasingFacts",
    "MemberAnonymised",
    "MemberDeleted",
    "MemberHasContract",
    "MemberHasHold",
    "Ward",
    "anonymise",
    "check",
]


@frozen(kw_only=True)
class Erase:
    """Anonymise this member; delete them, if the record is also left out of lists from now on."""

    member: MemberId = field(validator=an_id)
    delete: bool = False

    @property
    def action(self) -> str:
        """The action as the table of account states names it."""
        return "delete" if self.delete else "anonymise"


@frozen(kw_only=True)
class AnonymiseChecked:
    """What anonymising a member would come to now: what keeps them from it, what would be erased, what runs for them
    and would end, and whose guardian they would be no longer.
    """

    member: MemberId
    state: MemberState
    blockers: tuple[Blocker, ...]
    erases: tuple[Erasable, ...]
    ends: tuple[Erasable, ...] = ()
    wards: tuple[MemberId, ...]

    @property
    def allowed(self) -> bool:
        """Whether nothing keeps them from it."""
        return not self.blockers

    def explain(self) -> Explanation:
        """Every blocker, else what would go, and what would end."""
        if self.blockers:
            said = "The member cannot be anonymised yet."
            return Explanation(said, tuple(_because(each) for each in self.blockers))
        gone = [_gone("member.would_erase", self.erases)]
        gone += [_gone("member.would_end", self.ends)] if self.ends else []
        return Explanation("The member can be anonymised.", tuple(gone))


@frozen(kw_only=True)
class Anonymised:
    """A member who was anonymised: what was erased by this, nothing if it was done before."""

    member: MemberId
    deleted: bool
    erased: tuple[Erasable, ...]
    wards: tuple[MemberId, ...]
    """Who has lost their guardian by it, and may have to be given another."""

    def explain(self) -> Explanation:
        """What went."""
        said = "The member was anonymised." if self.erased else "Nothing was left to erase."
        return Explanation(said, (_gone("member.erased", self.erased),))


def _because(blocker: Blocker) -> Because:
    figures = {blocker.kind.value: str(blocker.id), "state": blocker.state}
    return Because("MEM-9", f"member.has_{blocker.kind.value}", figures)


def _gone(code: str, erased: Iterable[Erasable]) -> Because:
    return Because("MEM-9", code, {each.name: each.count for each in erased})


@frozen(kw_only=True)
class MemberAnonymised(Event):
    """What was known of a person was erased for good; what, never what it said."""

    type: ClassVar[str] = "member.anonymised"
    member: MemberId
    fields: tuple[str, ...]


@frozen(kw_only=True)
class MemberDeleted(Event):
    """The record of a person who was anonymised appears in no list any more."""

    type: ClassVar[str] = "member.deleted"
    member: MemberId


@frozen(kw_only=True)
class Ward:
    """A member whose guardian is to be anonymised."""

    member: Member
    person: Person


@frozen(kw_only=True)
class ErasingFacts:
    """What is known of a member, everywhere."""

    wanted: Erase
    member: Member
    person: Person
    points: tuple[ContactPoint, ...] = ()
    kept_ids: tuple[ExternalId, ...] = ()
    gone_ids: tuple[ExternalId, ...] = ()
    support_ids: tuple[str, ...] = ()
    """Those of records that were merged into the member's (MEM-17)."""
    tags: tuple[TagId, ...] = ()
    personal: tuple[str, ...] = ()
    """The keys of the member's values that are personal."""
    notes: int = 0
    messages: int = 0
    """How many messages of theirs still say something."""
    wards: tuple[Ward, ...] = ()
    holdings: tuple[Holding, ...] = ()

    @property
    def done(self) -> bool:
        """Whether it was done before."""
        return self.member.state is MemberState.ANONYMISED and self.member.deleted >= self.wanted.delete

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        """What keeps them from it."""
        return tuple(blocker for each in self.holdings for blocker in each.blockers)

    @property
    def erasable(self) -> tuple[Erasable, ...]:
        """What goes, by name, in alphabetical order."""
        kinds = [each.kind.value for each in self.points]
        many = {kind: kinds.count(kind) for kind in kinds} | {
            "external_ids": len(self.gone_ids),
            "tags": len(self.tags),
            "parameters": len(self.personal),
            "notes": self.notes,
            "messages": self.messages,
            "wards": len(self.wards),
        }
        for name, value in self.person.given.items():
            many[name] = len(value) if isinstance(value, tuple) else 1
        for holding in self.holdings:
            for each in holding.erasable:
                many[each.name] = many.get(each.name, 0) + each.count
        return tuple(Erasable(name=name, count=many[name]) for name in sorted(many) if many[name])

    @property
    def keys_before(self) -> frozenset[SearchKey]:
        """By what the member is searched."""
        if self.member.deleted:
            return frozenset()
        known = of_person(self.person) | of_contact_points(self.points)
        return known | of_external_ids((*self.kept_ids, *self.gone_ids)) | self._keys_of_support_ids

    @property
    def keys_after(self) -> frozenset[SearchKey]:
        """By what the member is searched from then on."""
        if self.wanted.delete or self.member.deleted:
            return frozenset()
        return of_external_ids(self.kept_ids) | self._keys_of_support_ids

    @property
    def _keys_of_support_ids(self) -> frozenset[SearchKey]:
        return frozenset(key for each in (self.member.support_id, *self.support_ids) for key in of_support_id(each))


class MemberHasContract(RuleViolation):
    """A contract is not over yet."""

    code = "member.has_contract"
    rule = "MEM-9"
    sentence = "The contract {contract} is {state}; a member is anonymised when all their contracts are over."


class MemberHasHold(RuleViolation):
    """Points are reserved."""

    code = "member.has_hold"
    rule = "MEM-9"
    sentence = "The hold {hold} is {state}; capture or release it before the member is anonymised."


def _first(facts: ErasingFacts, kind: BlockerKind) -> Blocker | None:
    return next((each for each in facts.blockers if each.kind is kind), None)


@policy("MEM-9", "Who is anonymised has no contract that is on hold, pending, active or frozen.")
def contracts_must_be_over(facts: ErasingFacts) -> MemberLogicError | None:
    """Cancel it, and wait for its end."""
    found = _first(facts, BlockerKind.CONTRACT)
    return None if found is None else MemberHasContract(contract=str(found.id), state=found.state)


@policy("MEM-9", "Who is anonymised holds no points.")
def nothing_may_be_held(facts: ErasingFacts) -> MemberLogicError | None:
    """An open hold may still be captured."""
    found = _first(facts, BlockerKind.HOLD)
    return None if found is None else MemberHasHold(hold=str(found.id), state=found.state)


ERASING: Policies[ErasingFacts] = Policies(contracts_must_be_over, nothing_may_be_held)


@frozen(kw_only=True)
class Erased:
    """What is to be written; ``done`` if there is nothing."""

    done: bool
    member: MemberId
    members: tuple[Member, ...] = ()
    people: tuple[Person, ...] = ()
    points: tuple[ContactPoint, ...] = ()
    external_ids: tuple[ExternalId, ...] = ()
    tags: tuple[TagId, ...] = ()
    filling: Filling
    keys: frozenset[SearchKey] = frozenset()


def check(facts: ErasingFacts) -> AnonymiseChecked:
    """What anonymising would come to; nothing is different."""
    return AnonymiseChecked(
        member=facts.member.id,
        state=facts.member.state,
        blockers=facts.blockers,
        erases=facts.erasable,
        ends=tuple(each for holding in facts.holdings for each in holding.ends),
        wards=_whose(facts.wards),
    )


def _whose(wards: Sequence[Ward]) -> tuple[MemberId, ...]:
    return tuple(each.member.id for each in wards)


def anonymise(facts: ErasingFacts) -> Outcome[Erased, Event, Anonymised]:
    """Everything personal goes, for good. Done before, nothing is different and nothing happened.

    Raises:
        RuleViolation: the first of :data:`ERASING` that refuses.
    """
    id, wanted = facts.member.id, facts.wanted
    nothing = Filling(member=id, gone=(), values=())
    if facts.done:
        result = Anonymised(member=id, deleted=facts.member.deleted, erased=(), wards=())
        return Outcome(Erased(done=True, member=id, filling=nothing), (), result)
    ERASING.require(facts)
    after = evolve(
        facts.member,
        state=MEMBER_STATES.after(facts.member.state, wanted.action),
        before_block=None,
        blocked_for=None,
        deleted=wanted.delete,
        version=facts.member.version + 1,
    )
    alone = tuple(evolve(each.member, version=each.member.version + 1) for each in facts.wards)
    erased = Erased(
        done=False,
        member=id,
        members=(after, *alone),
        people=(Person(member=id), *(evolve(each.person, guardian=None) for each in facts.wards)),
        points=facts.points,
        external_ids=facts.gone_ids,
        tags=facts.tags,
        filling=evolve(nothing, gone=facts.personal),
        keys=facts.keys_before - facts.keys_after,
    )
    result = Anonymised(member=id, deleted=after.deleted, erased=facts.erasable, wards=_whose(facts.wards))
    return Outcome(erased, _events(facts), result)


def _events(facts: ErasingFacts) -> tuple[Event, ...]:
    id = facts.member.id
    events: list[Event] = []
    if facts.member.state is not MemberState.ANONYMISED:
        fields = tuple(each.name for each in facts.erasable)
        events.append(MemberAnonymised(members=(id,), member=id, fields=fields))
    if facts.wanted.delete:
        events.append(MemberDeleted(members=(id,), member=id))
    wards = _whose(facts.wards)
    events += [MemberChanged(members=(each,), member=each, fields=("guardian",)) for each in wards]
    return tuple(events)
