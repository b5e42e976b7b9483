"""MEM-13: the profile of a member in one call, part by part. What is not there says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, cast

from attrs import field, frozen

from memberlogic import converting
from memberlogic.calendar import local_day
from memberlogic.errors import JSON
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id
from memberlogic.members import standing
from memberlogic.members.favourites import LikedBest, favourites, habits_of, window_start
from memberlogic.members.parameters import MemberParameters
from memberlogic.members.ports import ActivityPart, MemberParts, MembersWork, ProfileAsked, ProfilePart
from memberlogic.members.tagging import CarriedTags
from memberlogic.outcomes import Figures

__all__ = ["NOT_BUILT", "Absence", "AskOverview", "Overview", "overview"]

NOT_BUILT = ("cards", "coupons", "segments")
"""Parts of a profile that the library does not have."""


class Absence(Enum):
    """Why a part of a profile is not there."""

    NOT_BUILT = "not_built"
    """The library does not have it."""
    NOT_PERMITTED = "not_permitted"
    """The actor lacks the permission that it needs."""
    NOT_AVAILABLE = "not_available"
    """The organization lacks the feature or the tier that it needs (COM-14)."""


@frozen(kw_only=True)
class AskOverview:
    """The profile of this member."""

    member: MemberId = field(validator=an_id)


def _read_only(absent: Mapping[str, Absence]) -> Mapping[str, Absence]:
    return cast("Mapping[str, Absence]", Figures(cast("Any", absent)))


@frozen(kw_only=True)
class Overview:
    """A member at an instant: every part is told, or absent for a reason. It is made to be read, and never kept."""

    member: MemberId
    at: datetime
    parts: Mapping[str, JSON] = field(converter=Figures, hash=False, repr=False)
    """JSON values by name, each what the query of that part answers."""
    absent: Mapping[str, Absence] = field(converter=_read_only, hash=False)
    """Why each of the other parts is not there."""


def _identity(uow: MembersWork, asked: ProfileAsked) -> JSON:
    return {
        "support_id": uow.members.get(asked.member).support_id,
        "person": _json(uow.people.of(asked.member)),
        "contact_points": [_json(each) for each in uow.contact_points.of(asked.member)],
    }


def _account_state(uow: MembersWork, asked: ProfileAsked) -> JSON:
    return _json(uow.members.get(asked.member))


def _membership(uow: MembersWork, asked: ProfileAsked) -> JSON:
    return _json(standing.tell(asked.member, uow.memberships.of(asked.member), uow.now))


def _consents(uow: MembersWork, asked: ProfileAsked) -> JSON:
    return _json(uow.consents.of(asked.member).as_of(uow.now))


def _tags(uow: MembersWork, asked: ProfileAsked) -> JSON:
    return _json(CarriedTags.of(asked.member, uow.tags.of(asked.member)))


def _parameters(uow: MembersWork, asked: ProfileAsked) -> JSON:
    held, defined = uow.parameters.of(asked.member), uow.parameters.defined()
    return _json(MemberParameters.of(asked.member, held, defined, retired=False))


def _favourites(uow: MembersWork, asked: ProfileAsked) -> JSON:
    since = window_start(local_day(uow.now, asked.organization.zone))
    habits = habits_of(uow.habits, asked.actor, asked.member, since)
    return _json(favourites(LikedBest(member=asked.member), uow.people.of(asked.member), habits, since))


_OWN: Sequence[ProfilePart] = (
    ProfilePart("identity", "members.profile:read", _identity),
    ProfilePart("account_state", "members:read", _account_state),
    ProfilePart("membership", "members.contracts:read", _membership),
    ProfilePart("consents", "members.consents:read", _consents),
    ProfilePart("tags", "members.tags:read", _tags),
    ProfilePart("parameters", "members.parameters:read", _parameters),
    ProfilePart("favourites", "members.profile:read", _favourites),
)


def overview(uow: MembersWork, asked: ProfileAsked, parts: MemberParts) -> Overview:
    """What this room tells, then the others, then what of all was the last."""
    latest = ProfilePart("last_activity", "members.profile:read", partial(_latest, parts.activity))
    there = (*_OWN, *parts.profile, latest)
    absent = {each.name: reason for each in there if (reason := _missing(each, asked)) is not None}
    return Overview(
        member=asked.member,
        at=uow.now,
        parts={each.name: each.told(uow, asked) for each in there if each.name not in absent},
        absent=absent | dict.fromkeys(NOT_BUILT, Absence.NOT_BUILT),
    )


def _missing(part: ProfilePart, asked: ProfileAsked) -> Absence | None:
    """The reason that a part is not told; what the actor may not read comes first."""
    if not asked.actor.may(part.permission):
        return Absence.NOT_PERMITTED
    if part.feature is not None and part.feature not in asked.organization.features:
        return Absence.NOT_AVAILABLE
    if part.tier is not None and not asked.organization.tier.covers(part.tier):
        return Absence.NOT_AVAILABLE
    return None


def _latest(activity: Sequence[ActivityPart], uow: MembersWork, asked: ProfileAsked) -> JSON:
    """The last thing that the member did, of what the actor may read; at the same instant by its kind."""
    known = [each for each in activity if asked.actor.may(each.permission)]
    found = [(at, each.kind) for each in known if (at := each.latest(uow, asked.member)) is not None]
    at, kind = max(found, default=(None, None))
    left_out = sorted({each.permission for each in activity} - {each.permission for each in known})
    return {"at": None if at is None else at.isoformat(), "kind": kind, "left_out": left_out}


def _json(value: object) -> JSON:
    return cast("JSON", converting.to_json(value))
