"""A member's page: whether they may come in, who they are, contracts, care, points, what happened last."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from examples.front_desk.asking import Asked
from examples.front_desk.pages import caring, contracts, loyalty, visits
from examples.front_desk.words import Verdict, name_of
from starlette.responses import Response

from memberlogic.ids import AccountId, MemberId

__all__ = ["member"]

DONE = {
    "frozen": "The contract is frozen as shown below.",
    "freeze_ended": "The freeze was changed.",
    "cancelled": "The contract is cancelled as shown below.",
    "cancelled_again": "A cancellation was on file already; this one took its place, as shown below.",
    "cancellation_withdrawn": "The cancellation was taken back; the contract runs on.",
}
_LATEST = 8


def member(asked: Asked) -> Response:
    """The page."""
    id, org = MemberId(asked.id("member")), asked.org
    overview = org.members.overview(id)
    parts: Mapping[str, Any] = overview.parts
    told = org.contracts.notices(overview.member, studio=asked.desk.studio.code)
    accounts = tuple(AccountId(UUID(each["id"])) for each in parts["accounts"])
    return asked.page(
        "member.html",
        member=org.members.get(id),
        person=org.members.person(id),
        name=name_of(org.members.person(id)),
        parts=parts,
        points=org.members.contact_points(id),
        membership=org.members.membership(id),
        tags=org.members.tags(id).texts,
        verdict=Verdict.of_now(
            told.notices, allowed=told.allowed, against=visits.against(asked, overview.member, told.notices)
        ),
        contracts=contracts.shown(asked, overview.member),
        accounts=loyalty.shown(asked, accounts),
        care=caring.shown(asked, overview.member),
        happened=list(islice(org.members.timeline(id), _LATEST)),
        at_the_door=visits.latest(asked, overview.member),
        done=DONE.get(asked.just_said() or ""),
        may_freeze=asked.may("members.freezes:create"),
        may_end_freeze=asked.may("members.freezes:update"),
        may_cancel=asked.may("members.cancellations:create"),
        may_withdraw=asked.may("members.cancellations:delete"),
    )
