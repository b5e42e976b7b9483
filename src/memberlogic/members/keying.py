"""MEM-2: the keys of contact points, made by the one normaliser that the organization has recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from memberlogic.errors import Conflict, Duplicate, InvalidInput, MemberLogicError
from memberlogic.ids import ContactPointId, MemberId, NewId, OrganizationId
from memberlogic.inputs import describe
from memberlogic.members.contact_points import ContactKey, ContactKind, ContactPoint, Written
from memberlogic.members.normalising import ContactNormaliser
from memberlogic.members.ports import MembersWork
from memberlogic.organizations.model import Organization

__all__ = [
    "ContactTaken",
    "Keyed",
    "NormaliserDiffers",
    "key_of",
    "keyed",
    "keys_of",
    "points_of",
    "record",
    "require_normaliser",
    "taken",
]

_EXPECTED = {
    ContactKind.EMAIL: "an e-mail address such as ana@example.org",
    ContactKind.PHONE: "a phone number with its country, such as +44 20 7946 0958",
}


class NormaliserDiffers(Conflict):
    """Other keys would find nobody, and let everybody register twice."""

    code = "contacts.normaliser_differs"
    rule = "MEM-2"
    sentence = (
        "The contact points of this organization are keyed by {recorded}, and this library makes keys of {ours}: "
        "open it with that normaliser, or make the keys anew with rekey_contacts."
    )


class ContactTaken(Duplicate):
    """Somebody has it already. Who, is said to those who may read members; else ``member`` is null."""

    code = "contact_point.taken"
    rule = "MEM-2"
    sentence = "Another member has this {kind} already."

    def __init__(self, *, kind: str, member: str | None, field: str = "contact point") -> None:
        MemberLogicError.__init__(self, kind=kind, field=field, member=member)


@frozen
class Keyed:
    """A contact point as it was written, with its key."""

    written: str
    key: ContactKey


def require_normaliser(organization: Organization, normaliser: ContactNormaliser) -> None:
    """Refuse to make keys of another kind than those that are there.

    Raises:
        NormaliserDiffers: unless the organization has recorded this one, or none yet.
    """
    if organization.normaliser not in (None, normaliser.mark):
        raise NormaliserDiffers(recorded=organization.normaliser, ours=normaliser.mark)


def key_of(written: Written, normaliser: ContactNormaliser, region: str | None) -> Keyed:
    """A contact point's key.

    Raises:
        InvalidInput: naming the field, if it is no address or number.
    """
    match written.kind:
        case ContactKind.EMAIL:
            key = normaliser.email(written.text)
        case ContactKind.PHONE:
            key = normaliser.phone(written.text, region)
    if key is None:
        raise InvalidInput(path=written.path, expected=_EXPECTED[written.kind], got=describe(written.text))
    return Keyed(written.text, ContactKey(written.kind, key))


def keyed(
    uow: MembersWork, id: OrganizationId, normaliser: ContactNormaliser, written: Sequence[Written]
) -> tuple[Keyed, ...]:
    """The keys of what was written, each once. The organization records at the first which normaliser made them.

    Raises:
        InvalidInput: naming the field.
        NormaliserDiffers: if the organization's keys are another's.
    """
    if not written:
        return ()
    organization, _ = uow.organizations.get(id)
    require_normaliser(organization, normaliser)
    made = keys_of(written, normaliser, organization.phone_region)
    record(uow, organization, normaliser)
    return made


def keys_of(written: Sequence[Written], normaliser: ContactNormaliser, region: str | None) -> tuple[Keyed, ...]:
    """The keys of what was written, each once.

    Raises:
        InvalidInput: naming the field.
    """
    made = [key_of(each, normaliser, region) for each in written]
    return tuple({each.key: each for each in reversed(made)}.values())[::-1]


def record(uow: MembersWork, organization: Organization, normaliser: ContactNormaliser) -> None:
    """Queue that an organization's keys are those of this normaliser, where none is recorded.

    Raises:
        NormaliserDiffers: if another one was recorded meanwhile.
    """
    if organization.normaliser is None:
        locked = uow.organizations.locked()
        require_normaliser(locked, normaliser)
        uow.organizations.change(evolve(locked, normaliser=normaliser.mark, version=locked.version + 1))


def points_of(member: MemberId, made: Sequence[Keyed], new_id: NewId, *, verified: bool) -> tuple[ContactPoint, ...]:
    """New contact points of a member."""
    return tuple(
        ContactPoint(
            id=ContactPointId(new_id()),
            member=member,
            kind=each.key.kind,
            written=each.written,
            match_key=each.key.value,
            verified=verified,
        )
        for each in made
    )


def taken(
    points: Sequence[ContactPoint], holders: Mapping[ContactKey, MemberId], *, may_read: bool
) -> ContactTaken | None:
    """The refusal for the first contact point that another member has, if there is one."""
    for each in points:
        holder = holders.get(each.key)
        if holder is not None and holder != each.member:
            return ContactTaken(kind=each.kind.value, member=str(holder) if may_read else None)
    return None
