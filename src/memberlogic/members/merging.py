"""MEM-17: two records of one person become one. One survives; everything moves to it, and the other becomes a signpost
that says nothing but where it leads. It cannot be undone.

What the survivor says of itself stands, and what it does not say the other one says. Where the two differ in what a
member allowed, or whether they take part, the stricter holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.errors import IllegalTransition, MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import AccountId, ConsentId, ExternalId, MemberId, NewId
from memberlogic.inputs import an_id
from memberlogic.members.consents import Consent, ConsentHistory
from memberlogic.members.contact_points import ContactPoint
from memberlogic.members.erasing import Ward
from memberlogic.members.filling import Filling
from memberlogic.members.inquiries import Lead
from memberlogic.members.lifecycle import MEMBER_STATES
from memberlogic.members.model import AccountsJoined, BothRecords, Erasable, Member, MemberState, MergeHolding
from memberlogic.members.parameters import ParameterValue
from memberlogic.members.people import DETAILS, Person
from memberlogic.members.search_keys import (
    SearchKey,
    of_contact_points,
    of_external_ids,
    of_person,
    of_support_id,
)
from memberlogic.members.tagging import Tagging
from memberlogic.members.tags import CarriedTag
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "MERGING",
    "ConsentTightened",
    "Half",
    "MemberMerged",
    "Merge",
    "Merged",
    "MergingFacts",
    "merge",
    "preview",
]

SOURCE = "merge"
"""Where a consent was withdrawn that one of two records had withdrawn."""

_MOST_INTERESTS = 50
_MOST_ADDRESSES = 10
_LISTS = ("addresses", "interests")


@frozen(kw_only=True)
class Merge:
    """These are two records of one person: the duplicate goes into the survivor."""

    survivor: MemberId = field(validator=an_id)
    duplicate: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class ConsentTightened:
    """One record had agreed to a purpose over a channel, the other had not: it counts as withdrawn."""

    purpose: str
    channel: str | None


@frozen(kw_only=True)
class Merged:
    """Two records became one, or would: what of the duplicate moves to the survivor, by name and number.

    ``filled`` are the fields that the survivor did not have and the duplicate did; ``dropped`` those in which they
    differed, of which the survivor's stands and the other is gone. Of ``lead_source`` that of the record stands that
    was made first, of ``billing`` what was said last. ``ends`` is what the survivor has too and can have one of only.
    ``state`` is the survivor's account state then.
    ``blockers`` keep it from being done; a merge that was done has none.
    """

    member: MemberId
    duplicate: MemberId
    done: bool
    state: MemberState
    moves: tuple[Erasable, ...]
    ends: tuple[Erasable, ...] = ()
    filled: tuple[str, ...]
    dropped: tuple[str, ...]
    consents: tuple[ConsentTightened, ...]
    accounts: tuple[AccountsJoined, ...]
    blockers: tuple[Because, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing keeps it from being done."""
        return not self.blockers

    def explain(self) -> Explanation:
        """Every blocker, else what moves, what is gone, and what holds for both."""
        if self.blockers:
            return Explanation("The two records cannot be merged yet.", self.blockers)
        said = "The two records are one now." if self.done else "The two records can be merged."
        reasons = [_because("moves", {each.name: each.count for each in self.moves})] if self.moves else []
        reasons += [_because("ends", {each.name: each.count for each in self.ends})] if self.ends else []
        reasons += [_because("filled", {"fields": ", ".join(self.filled)})] if self.filled else []
        reasons += [_because("dropped", {"fields": ", ".join(self.dropped)})] if self.dropped else []
        reasons += [_because("consent_withdrawn", {"purpose": c.purpose, "channel": c.channel}) for c in self.consents]
        for each in self.accounts:
            points = {part.unit: part.points - part.debt for part in each.points}
            joined = {"account": str(each.account), "into": str(each.into), **points, "scheme": each.scheme}
            reasons.append(_because("accounts_joined", joined))
        return Explanation(said, (*reasons, _because("state", {"state": self.state.value})))


def _because(code: str, figures: Mapping[str, Any]) -> Because:
    return Because("MEM-17", f"merge.{code}", figures)


@frozen(kw_only=True)
class MemberMerged(Event):
    """Two records of one person became one: the duplicate leads to the member from now on, and so do ``accounts`` to
    the account beside them in ``into``.
    """

    type: ClassVar[str] = "member.merged"
    member: MemberId
    duplicate: MemberId
    accounts: tuple[AccountId, ...]
    into: tuple[AccountId, ...]


@frozen(kw_only=True)
class Half:
    """What is known of one of the two."""

    member: Member
    person: Person
    points: tuple[ContactPoint, ...]
    external_ids: tuple[ExternalId, ...]
    tags: tuple[CarriedTag, ...]
    values: tuple[ParameterValue, ...]
    lead: Lead
    consents: ConsentHistory
    support_ids: tuple[str, ...]
    """Those by which it is found: its own, and those of records that lead to it."""
    notes: int
    messages: int
    wards: tuple[Ward, ...]
    """Those whose guardian it is."""

    @property
    def keys(self) -> frozenset[SearchKey]:
        """By what it is searched."""
        said = [key for each in self.support_ids for key in of_support_id(each)]
        return (
            of_person(self.person)
            | of_contact_points(self.points)
            | of_external_ids(self.external_ids)
            | frozenset(said)
        )

    @property
    def verified(self) -> bool:
        """Whether it is verified, blocked or not."""
        return MemberState.ACTIVE in (self.member.state, self.member.before_block)

    @property
    def blocked(self) -> bool:
        """Whether it is blocked."""
        return self.member.state is MemberState.BLOCKED


@frozen(kw_only=True)
class MergingFacts:
    """What is known of both, everywhere."""

    wanted: Merge
    survivor: Half
    duplicate: Half
    holdings: tuple[MergeHolding, ...] = ()

    @property
    def halves(self) -> tuple[Half, Half]:
        """The survivor, then the duplicate."""
        return self.survivor, self.duplicate

    @property
    def accounts(self) -> tuple[AccountsJoined, ...]:
        """Which accounts become one."""
        return tuple(each for holding in self.holdings for each in holding.accounts)

    @property
    def refusals(self) -> tuple[MemberLogicError, ...]:
        """What other capabilities refuse."""
        return tuple(each for holding in self.holdings for each in holding.refusals)


class OneRecordOnly(RuleViolation):
    """There is nothing to merge."""

    code = "merge.one_record"
    rule = "MEM-17"
    sentence = "Both name the member {member}: they are one record."


class GuardianHasGuardian(RuleViolation):
    """A guardian would have one."""

    code = "merge.guardian_has_guardian"
    rule = "MEM-17"
    sentence = (
        "The member {duplicate} is somebody's guardian, and {survivor} has a guardian; somebody who has one is nobody's"
        " guardian. Take one of the links off first."
    )


@policy("MEM-17", "A record is not merged with itself.")
def must_be_two_records(m: MergingFacts) -> MemberLogicError | None:
    """Nor with one that was merged into it before: that one leads to it."""
    if m.survivor.member.id != m.duplicate.member.id:
        return None
    return OneRecordOnly(member=str(m.survivor.member.id))


@policy("MEM-17", "Nobody is merged who was anonymised.")
def nobody_may_be_anonymised(m: MergingFacts) -> MemberLogicError | None:
    """There is nothing left by which to tell that it is the same person."""
    for each in m.halves:
        if each.member.state is MemberState.ANONYMISED:
            allowed = MEMBER_STATES.allowed(each.member.state)
            return IllegalTransition(machine="member", state=each.member.state.value, action="merge", allowed=allowed)
    return None


@policy("MEM-17", "A guardian has no guardian, once the two are one.")
def guardian_must_stand_alone(m: MergingFacts) -> MemberLogicError | None:
    """But for a link between the two, which is gone."""
    survivor, duplicate = m.survivor, m.duplicate
    own = survivor.person.guardian not in (None, duplicate.member.id)
    if not own or all(each.member.id == survivor.member.id for each in duplicate.wards):
        return None
    return GuardianHasGuardian(survivor=str(survivor.member.id), duplicate=str(duplicate.member.id))


@policy("MEM-17", "Nothing that either has elsewhere stands in the way.")
def nothing_may_stand_in_the_way(m: MergingFacts) -> MemberLogicError | None:
    """Points that are held, an account that is shared."""
    return next(iter(m.refusals), None)


MERGING: Policies[MergingFacts] = Policies(
    must_be_two_records, nobody_may_be_anonymised, guardian_must_stand_alone, nothing_may_stand_in_the_way
)


@frozen(kw_only=True)
class Union:
    """What is to be written."""

    both: BothRecords
    accounts: tuple[AccountsJoined, ...]
    members: tuple[Member, ...]
    people: tuple[Person, ...]
    taken_tags: tuple[CarriedTag, ...]
    tags: Tagging
    emptied: Filling
    filling: Filling
    source: str | None
    consents: tuple[Consent, ...]
    keys_gone: frozenset[SearchKey]
    """Of the duplicate: all."""
    keys_before: frozenset[SearchKey]
    keys_after: frozenset[SearchKey]


def preview(facts: MergingFacts, actor: Actor, now: datetime, new_id: NewId) -> Merged:
    """What merging would come to, with everything that keeps it from being done; nothing is different."""
    refusals = [refusal for each in MERGING for refusal in _all_of(each.refuses(facts), facts)]
    blockers = tuple(Because(each.rule or "MEM-17", each.code, each.details) for each in refusals)
    return evolve(_result(facts, _consents(facts, actor, now, new_id)), done=False, blockers=blockers)


def _all_of(refusal: MemberLogicError | None, facts: MergingFacts) -> Iterable[MemberLogicError]:
    """A policy's refusal; where other capabilities refuse, all of theirs."""
    if refusal is None:
        return ()
    return facts.refusals if refusal in facts.refusals else (refusal,)


def merge(facts: MergingFacts, actor: Actor, now: datetime, new_id: NewId) -> Outcome[Union, MemberMerged, Merged]:
    """Everything of the duplicate is the survivor's, for good.

    Raises:
        IllegalTransition: if one of the two was anonymised.
        RuleViolation: the first of :data:`MERGING` that refuses.
    """
    MERGING.require(facts)
    survivor, duplicate = facts.halves
    id, other = survivor.member.id, duplicate.member.id
    person, consents = _person(facts), _consents(facts, actor, now, new_id)
    tags, values = _new_tags(facts), _new_values(facts)
    merged = evolve(
        survivor,
        person=person,
        points=(*survivor.points, *duplicate.points),
        external_ids=(*survivor.external_ids, *duplicate.external_ids),
        support_ids=(*survivor.support_ids, *duplicate.support_ids),
    )
    wards = tuple(each for each in duplicate.wards if each.member.id != id)
    union = Union(
        both=_both(facts),
        accounts=facts.accounts,
        members=(
            _standing(facts),
            _signpost(duplicate.member),
            *(evolve(each.member, version=each.member.version + 1) for each in wards),
        ),
        people=(person, Person(member=other), *(evolve(each.person, guardian=id) for each in wards)),
        taken_tags=duplicate.tags,
        tags=Tagging(member=id, new=(), added=tags),
        emptied=Filling(member=other, gone=tuple(each.key for each in duplicate.values), values=()),
        filling=Filling(member=id, gone=(), values=values),
        source=_source(facts),
        consents=consents,
        keys_gone=duplicate.keys,
        keys_before=survivor.keys - merged.keys,
        keys_after=merged.keys - survivor.keys,
    )
    event = MemberMerged(
        members=(id, other),
        member=id,
        duplicate=other,
        accounts=tuple(each.account for each in facts.accounts),
        into=tuple(each.into for each in facts.accounts),
    )
    return Outcome(union, (event,), _result(facts, consents))


def _both(facts: MergingFacts) -> BothRecords:
    survivor, duplicate = facts.halves
    return BothRecords(
        survivor=survivor.member.id,
        duplicate=duplicate.member.id,
        blocks=duplicate.blocked and not survivor.blocked,
    )


def _standing(facts: MergingFacts) -> Member:
    """The survivor's record: blocked if either was, verified if either was."""
    survivor, duplicate = facts.halves
    member = survivor.member
    state = MemberState.ACTIVE if survivor.verified or duplicate.verified else MemberState.UNVERIFIED
    blocked = survivor.blocked or duplicate.blocked
    return evolve(
        member,
        state=MemberState.BLOCKED if blocked else state,
        before_block=state if blocked else None,
        blocked_for=member.blocked_for or duplicate.member.blocked_for,
        version=member.version + 1,
    )


def _signpost(member: Member) -> Member:
    """What is left of a duplicate: no more than of somebody who was deleted."""
    return evolve(
        member,
        state=MemberState.ANONYMISED,
        before_block=None,
        blocked_for=None,
        deleted=True,
        version=member.version + 1,
    )


def _person(facts: MergingFacts) -> Person:
    """What is known of the person: what the survivor says, else what the duplicate does; of lists both."""
    own, other = facts.survivor.person, facts.duplicate.person
    kinds = {each.kind for each in own.addresses}
    addresses = (*own.addresses, *(each for each in other.addresses if each.kind not in kinds))
    filled = {name: getattr(other, name) for name in _scalars() if getattr(own, name) is None}
    return evolve(
        own,
        **filled,
        addresses=addresses[:_MOST_ADDRESSES],
        interests=tuple(dict.fromkeys((*own.interests, *other.interests)))[:_MOST_INTERESTS],
        guardian=_guardian(facts),
    )


def _guardian(facts: MergingFacts) -> MemberId | None:
    """Neither of the two is the other's; and somebody who is a guardian gets none."""
    survivor, duplicate = facts.halves
    ids = {survivor.member.id, duplicate.member.id}
    if survivor.person.guardian not in {None, *ids}:
        return survivor.person.guardian
    if duplicate.person.guardian in {None, *ids} or any(each.member.id not in ids for each in survivor.wards):
        return None
    return duplicate.person.guardian


def _scalars() -> Sequence[str]:
    return [name for name in DETAILS if name not in (*_LISTS, "guardian")]


def _new_tags(facts: MergingFacts) -> tuple[CarriedTag, ...]:
    has = {each.tag.id for each in facts.survivor.tags}
    return tuple(each for each in facts.duplicate.tags if each.tag.id not in has)


def _new_values(facts: MergingFacts) -> tuple[ParameterValue, ...]:
    has = {each.key for each in facts.survivor.values}
    return tuple(each for each in facts.duplicate.values if each.key not in has)


def _source(facts: MergingFacts) -> str | None:
    """Where the person came from: what the record says that was made first, else what the other does."""
    first, second = sorted(facts.halves, key=lambda each: each.member.id)
    return first.lead.source or second.lead.source


def _consents(facts: MergingFacts, actor: Actor, now: datetime, new_id: NewId) -> tuple[Consent, ...]:
    """What has to be written so that of two answers the stricter holds, whichever was said last."""
    own, other = (each.consents.as_of(now) for each in facts.halves)
    said = (*facts.survivor.consents.consents, *facts.duplicate.consents.consents)
    in_order = tuple(sorted(said, key=lambda each: (each.at, each.recorded_at, each.id)))
    last = ConsentHistory(member=facts.survivor.member.id, consents=in_order).as_of(now)
    found = []
    for each in own.consents:
        theirs, latest = other.of(each.purpose, each.channel), last.of(each.purpose, each.channel)
        if theirs is None or latest is None or each.given is theirs.given or not latest.given:
            continue
        found.append(
            Consent(
                id=ConsentId(new_id()),
                member=facts.survivor.member.id,
                purpose=each.purpose,
                channel=each.channel,
                given=False,
                at=now,
                source=SOURCE,
                wording=None,
                recorded_at=now,
                actor=actor.label,
            )
        )
    return tuple(found)


def _result(facts: MergingFacts, consents: Iterable[Consent]) -> Merged:
    survivor, duplicate = facts.halves
    person = _person(facts)
    before, after, other = survivor.person.given, person.given, duplicate.person.given
    keys = {each.key: each.value for each in survivor.values}
    different = [each.key for each in duplicate.values if each.key in keys and keys[each.key] != each.value]
    filled = [name for name in after if after[name] != before.get(name)]
    dropped = [name for name in other if name not in filled and other[name] != after.get(name)]
    filled += [each.key for each in _new_values(facts)]
    for each in facts.holdings:
        filled, dropped = [*filled, *each.filled], [*dropped, *each.dropped]
    return Merged(
        member=survivor.member.id,
        duplicate=duplicate.member.id,
        done=True,
        state=_standing(facts).state,
        moves=_moves(facts),
        ends=tuple(each for holding in facts.holdings for each in holding.ends),
        filled=tuple(sorted(filled)),
        dropped=tuple(sorted((*dropped, *different))),
        consents=tuple(ConsentTightened(purpose=each.purpose, channel=each.channel) for each in consents),
        accounts=facts.accounts,
    )


def _moves(facts: MergingFacts) -> tuple[Erasable, ...]:
    duplicate = facts.duplicate
    kinds = [each.kind.value for each in duplicate.points]
    many = {kind: kinds.count(kind) for kind in kinds} | {
        "external_ids": len(duplicate.external_ids),
        "tags": len(_new_tags(facts)),
        "consents": len(duplicate.consents.consents),
        "inquiries": len(duplicate.lead.inquiries),
        "notes": duplicate.notes,
        "messages": duplicate.messages,
        "wards": len(duplicate.wards),
    }
    for each in (each for holding in facts.holdings for each in holding.moves):
        many[each.name] = many.get(each.name, 0) + each.count
    return tuple(Erasable(name=name, count=many[name]) for name in sorted(many) if many[name])
