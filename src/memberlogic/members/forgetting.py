"""MEM-8, MEM-9: what blocking and anonymising look at and write, over all capabilities."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import MemberId, OrganizationId
from memberlogic.members.erasing import Erase, Erased, ErasingFacts, Ward
from memberlogic.members.model import Member, parted
from memberlogic.members.ports import BlockingPart, ErasurePart, MembersWork

__all__ = ["blocked", "erase", "held", "kept_sources", "known"]

CANCELLED = "member_anonymised"
"""Why a message that was queued for somebody who was anonymised is not sent."""


def blocked(uow: MembersWork, member: MemberId, parts: Sequence[BlockingPart]) -> None:
    """Let every capability do what follows for somebody who is blocked."""
    for each in parts:
        each.blocked(uow, member)


def kept_sources(uow: MembersWork, id: OrganizationId) -> Collection[str]:
    """The sources whose external ids stay, as the organization says now."""
    return uow.organizations.get(id)[0].kept_sources


def held(uow: MembersWork, wanted: Erase, sources: Collection[str], parts: Sequence[ErasurePart]) -> ErasingFacts:
    """Everything that is known of a member, locked with those whose guardian they are, in order of their ids.

    Raises:
        NotFound: if there is no such member.
        ConcurrencyConflict: if somebody became their ward at the same moment.
    """
    locked = uow.members.all_locked(sorted({wanted.member, *uow.people.wards(wanted.member)}))
    if not locked.keys() >= set(uow.people.wards(wanted.member)):
        raise ConcurrencyConflict(reason="the member became a guardian")
    return _known(uow, wanted, locked, sources, parts, lock=True)


def known(uow: MembersWork, wanted: Erase, sources: Collection[str], parts: Sequence[ErasurePart]) -> ErasingFacts:
    """The same for a look, which locks nothing."""
    wards = uow.members.several(uow.people.wards(wanted.member))
    seen = {wanted.member: uow.members.get(wanted.member), **wards}
    return _known(uow, wanted, seen, sources, parts, lock=False)


def _known(
    uow: MembersWork,
    wanted: Erase,
    members: Mapping[MemberId, Member],
    sources: Collection[str],
    parts: Sequence[ErasurePart],
    *,
    lock: bool,
) -> ErasingFacts:
    id = wanted.member
    wards = sorted(each for each in members if each != id)
    external_ids = parted(uow.external_ids.of("member", id), sources)
    defined = uow.parameters.defined()
    return ErasingFacts(
        wanted=wanted,
        member=members[id],
        person=uow.people.of(id),
        points=tuple(uow.contact_points.of(id)),
        kept_ids=external_ids[True],
        gone_ids=external_ids[False],
        support_ids=tuple(each.support_id for each in uow.mergings.led_to(id)),
        tags=tuple(each.tag.id for each in uow.tags.of(id)),
        personal=tuple(sorted(each.key for each in uow.parameters.of(id) if defined[each.key].personal)),
        notes=len(uow.notes.of(id)) + sum(each.note is not None for each in uow.leads.of(id).inquiries),
        messages=sum(bool(each.message.figures) for each in uow.messages.of(id)),
        wards=tuple(Ward(member=members[each], person=uow.people.of(each)) for each in wards),
        holdings=tuple(each.held(uow, id, sources, lock=lock) for each in parts),
    )


def erase(uow: MembersWork, erased: Erased, sources: Collection[str], parts: Sequence[ErasurePart]) -> None:
    """Queue that it is gone, in every capability. What was to be said to the member goes last: other capabilities may
    have queued something meanwhile.
    """
    if erased.done:
        return
    id = erased.member
    for each in parts:
        each.erase(uow, id, sources)
    uow.members.change(erased.members)
    uow.people.change(erased.people)
    uow.confirmations.remove([each.id for each in erased.points])
    uow.contact_points.remove(erased.points)
    uow.external_ids.remove("member", id, erased.external_ids)
    uow.search_keys.change(id, erased.keys, ())
    uow.parameters.fill(erased.filling)
    uow.leads.forget_notes(id)
    uow.notes.erase(id)
    uow.tags.take(id, erased.tags)
    uow.tags.forget_unused()
    uow.messages.cancel(id, CANCELLED)
