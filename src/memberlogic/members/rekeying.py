"""MEM-2: making the keys of contact points anew, when the organization goes over to another normaliser."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve, frozen

from memberlogic.errors import JSON, Conflict, InvalidInput
from memberlogic.events import Event
from memberlogic.ids import ContactPointId, MemberId
from memberlogic.members.contact_points import ContactKey, ContactPoint, Written
from memberlogic.members.keying import key_of
from memberlogic.members.normalising import ContactNormaliser
from memberlogic.members.ports import MembersWork
from memberlogic.members.search_keys import SearchKey, of_contact_points
from memberlogic.organizations.changing import OrganizationChanged
from memberlogic.organizations.model import Organization
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = ["ContactsRekeyed", "KeysClash", "rekey", "rekey_step"]

_PAGE = 1000


class KeysClash(Conflict):
    """Two contact points that were different would be the same."""

    code = "contacts.keys_clash"
    rule = "MEM-2"
    sentence = (
        "{normaliser} takes these contact points for the same ones: {contact_points}. "
        "Open the organization with the normaliser that it has, and remove one of each."
    )


@frozen(kw_only=True)
class ContactsRekeyed:
    """What making the keys anew came to."""

    normaliser: str
    contact_points: int
    changed: int
    unreadable: tuple[ContactPointId, ...]
    """What the normaliser takes for no address or number; these kept the keys that they had."""

    def explain(self) -> Explanation:
        """How many keys are others now."""
        figures: dict[str, JSON] = {"changed": self.changed, "unreadable": [str(each) for each in self.unreadable]}
        summary = f"{self.contact_points} contact points are compared by keys of {self.normaliser}."
        return Explanation(summary, (Because("MEM-2", "contacts.rekeyed", figures),))


@frozen(kw_only=True)
class Rekeyed:
    """What is written."""

    organization: Organization
    points: tuple[ContactPoint, ...]
    searched: Sequence[tuple[MemberId, frozenset[SearchKey], frozenset[SearchKey]]]
    """By what members are searched no longer, and from now on."""


def rekey(
    organization: Organization, points: Sequence[ContactPoint], normaliser: ContactNormaliser
) -> Outcome[Rekeyed, Event, ContactsRekeyed]:
    """Every key anew, from what was written.

    Raises:
        KeysClash: naming the contact points, if some would be the same; then nothing changes.
    """
    unreadable: list[ContactPointId] = []
    by_key: dict[ContactKey, list[ContactPoint]] = {}
    for each in points:
        try:
            key = key_of(Written(each.kind, each.written, "written"), normaliser, organization.phone_region).key
        except InvalidInput:
            unreadable.append(each.id)
            key = each.key
        by_key.setdefault(key, []).append(each)
    clashing = [str(each.id) for same in by_key.values() if len(same) > 1 for each in same]
    if clashing:
        raise KeysClash(normaliser=normaliser.mark, contact_points=clashing)
    different = tuple(evolve(each, match_key=key.value) for key, (each,) in by_key.items() if each.key != key)
    now = {each.id: each for each in different}
    searched = [
        (member, before - after, after - before)
        for member, mine in _by_member(points, {each.member for each in different}).items()
        for before, after in [(of_contact_points(mine), of_contact_points(now.get(each.id, each) for each in mine))]
    ]
    result = ContactsRekeyed(
        normaliser=normaliser.mark,
        contact_points=len(points),
        changed=len(different),
        unreadable=tuple(unreadable),
    )
    if organization.normaliser == normaliser.mark:
        return Outcome(Rekeyed(organization=organization, points=different, searched=searched), (), result)
    changed = evolve(organization, normaliser=normaliser.mark, version=organization.version + 1)
    event = OrganizationChanged(organization=organization.id, fields=("normaliser",))
    return Outcome(Rekeyed(organization=changed, points=different, searched=searched), (event,), result)


def _by_member(points: Sequence[ContactPoint], members: Collection[MemberId]) -> Mapping[MemberId, list[ContactPoint]]:
    found: dict[MemberId, list[ContactPoint]] = {}
    for each in points:
        if each.member in members:
            found.setdefault(each.member, []).append(each)
    return found


def rekey_step(uow: MembersWork, normaliser: ContactNormaliser) -> ContactsRekeyed:
    """Making the keys anew, inside a unit of work."""
    organization = uow.organizations.locked()
    points: list[ContactPoint] = []
    page = uow.contact_points.all(None, _PAGE)
    while page:
        points += page
        page = uow.contact_points.all(page[-1].id, _PAGE)
    outcome = rekey(organization, points, normaliser)
    uow.organizations.change(outcome.facts.organization)
    uow.contact_points.rekey(outcome.facts.points)
    for member, gone, come in outcome.facts.searched:
        uow.search_keys.change(member, gone, come)
    uow.put(outcome.events)
    return outcome.result
