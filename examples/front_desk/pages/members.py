"""A member's page: whether they may come in, who they are, contracts, care, points, what happened last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from examples.front_desk.asking import Asked
from examples.front_desk.desk import CARD
from examples.front_desk.pages import caring, contracts, loyalty, visits
from examples.front_desk.words import name_of, word
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


def _ids(asked: Asked, member: MemberId) -> Iterator[tuple[str, str]]:
    """The numbers of their cards, and their ids elsewhere."""
    for each in asked.org.members.external_ids(member):
        yield ("Card" if each.source == CARD else word(each.source).capitalize()), each.value


def member(asked: Asked) -> Response:
    """The page."""
    id, org = MemberId(asked.id("member")), asked.org
    overview = org.members.overview(id)
    parts: Mapping[str, Any] = overview.parts
    person, happened = org.members.person(id), list(islice(org.members.timeline(id), _LATEST))
    accounts = tuple(AccountId(UUID(each["id"])) for each in parts["accounts"])
    return asked.page(
        "member.html",
        member=org.members.get(id),
        person=person,
        name=name_of(person),
        parts=parts,
        points=org.members.contact_points(id),
        membership=org.members.membership(id),
        tags=org.members.tags(id).texts,
        ids=[*_ids(asked, id)],
        guardian=None if person.guardian is None else name_of(org.members.person(person.guardian)),
        verdict=visits.verdict(asked, overview.member),
        contracts=contracts.shown(asked, overview.member),
        accounts=loyalty.shown(asked, accounts),
        care=caring.shown(asked, overview.member),
        happened=happened,
        plans=caring.names(asked, happened),
        at_the_door=visits.latest(asked, overview.member),
        done=DONE.get(asked.just_said() or ""),
        may_freeze=asked.may("members.freezes:create"),
        may_end_freeze=asked.may("members.freezes:update"),
        may_cancel=asked.may("members.cancellations:create"),
        may_withdraw=asked.may("members.cancellations:delete"),
    )
