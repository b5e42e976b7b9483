"""MEM-17: what merging two records looks at and writes, over all capabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memberlogic.actors import Actor
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import MemberId
from memberlogic.members.erasing import Ward
from memberlogic.members.forgetting import blocked
from memberlogic.members.merging import Half, Merge, MergingFacts, Union
from memberlogic.members.model import BothRecords, Member, MemberState, compared
from memberlogic.members.ports import BlockingPart, MembersWork, MergePart

__all__ = ["acting", "held", "known", "unite"]


def acting(uow: MembersWork, actor: Actor) -> Actor:
    """Who acts: a member whose record was merged into another is whoever that one is."""
    if actor.member_id is None:
        return actor
    into = uow.mergings.leads([actor.member_id]).get(actor.member_id)
    return actor if into is None else Actor.member(MemberId(into))


def held(uow: MembersWork, wanted: Merge, parts: Sequence[MergePart]) -> MergingFacts:
    """Everything that is known of two records, locked with those whose guardian they are, in order of their ids; then
    what other capabilities hold of them.

    Raises:
        NotFound: if there is no such member.
        ConcurrencyConflict: if somebody became a ward of theirs at the same moment.
    """
    wards = {*uow.people.wards(wanted.survivor), *uow.people.wards(wanted.duplicate)}
    locked = uow.members.all_locked(sorted({wanted.survivor, wanted.duplicate, *wards}))
    if not locked.keys() >= {*uow.people.wards(wanted.survivor), *uow.people.wards(wanted.duplicate)}:
        raise ConcurrencyConflict(reason="the member became a guardian")
    return _known(uow, wanted, locked, parts, lock=True)


def known(uow: MembersWork, wanted: Merge, parts: Sequence[MergePart]) -> MergingFacts:
    """The same for a look, which locks nothing."""
    two = {each: uow.members.get(each) for each in (wanted.survivor, wanted.duplicate)}
    wards = uow.members.several([ward for each in two for ward in uow.people.wards(each)])
    return _known(uow, wanted, {**wards, **two}, parts, lock=False)


def _known(
    uow: MembersWork, wanted: Merge, members: Mapping[MemberId, Member], parts: Sequence[MergePart], *, lock: bool
) -> MergingFacts:
    survivor, duplicate = (_half(uow, each, members) for each in (wanted.survivor, wanted.duplicate))
    both = BothRecords(
        survivor=wanted.survivor, duplicate=wanted.duplicate, blocks=duplicate.blocked and not survivor.blocked
    )
    gone = any(each.member.state is MemberState.ANONYMISED for each in (survivor, duplicate))
    one = wanted.survivor == wanted.duplicate
    # What cannot be merged at all has nothing elsewhere to be looked at.
    looked = () if gone or one else tuple(each.held(uow, both, lock=lock) for each in parts)
    own = compared(
        lead_source=(survivor.lead.source, duplicate.lead.source),
        member_type=(survivor.member.type, duplicate.member.type),
    )
    return MergingFacts(wanted=wanted, survivor=survivor, duplicate=duplicate, holdings=(own, *looked))


def _half(uow: MembersWork, id: MemberId, members: Mapping[MemberId, Member]) -> Half:
    lead = uow.leads.of(id)
    return Half(
        member=members[id],
        person=uow.people.of(id),
        points=tuple(uow.contact_points.of(id)),
        external_ids=tuple(uow.external_ids.of("member", id)),
        tags=tuple(uow.tags.of(id)),
        values=tuple(uow.parameters.of(id)),
        lead=lead,
        consents=uow.consents.of(id),
        support_ids=(members[id].support_id, *(each.support_id for each in uow.mergings.led_to(id))),
        notes=len(uow.notes.of(id)) + sum(each.note is not None for each in lead.inquiries),
        messages=len(uow.messages.of(id)),
        wards=tuple(Ward(member=members[each], person=uow.people.of(each)) for each in uow.people.wards(id)),
    )


def unite(
    uow: MembersWork, actor: Actor, union: Union, parts: Sequence[MergePart], blocking: Sequence[BlockingPart]
) -> None:
    """Queue that the duplicate's is the survivor's, in every capability. Where the survivor is blocked by it, what
    follows from that comes first: what is held of their points is free before points are joined.
    """
    both = union.both
    if both.blocks:
        blocked(uow, both.survivor, blocking)
        uow.write_out()
    for each in parts:
        each.merge(uow, both, union.accounts, actor)
    uow.tags.take(both.duplicate, [each.tag.id for each in union.taken_tags])
    uow.tags.give(union.tags)
    uow.parameters.fill(union.emptied)
    uow.parameters.fill(union.filling)
    uow.leads.come_from(both.duplicate, None)
    uow.leads.come_from(both.survivor, union.source)
    uow.search_keys.change(both.duplicate, union.keys_gone, ())
    uow.search_keys.change(both.survivor, union.keys_before, union.keys_after)
    for said in union.consents:
        uow.consents.add(said)
    uow.people.change(union.people)
    uow.members.change(union.members)
    uow.mergings.merge(both.duplicate, both.survivor)
