"""MEM-11: everything that is held on one member, as one JSON document, for whoever asks to see it.

The one answer of the library that says what is known of a person in full: it is read, never kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from attrs import field, frozen

from memberlogic import converting
from memberlogic.errors import JSON
from memberlogic.events import Recorded
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id
from memberlogic.members.looking_back import Position
from memberlogic.members.ports import ExportPart, MembersWork
from memberlogic.outcomes import Figures

__all__ = ["ExportMember", "MemberExport", "document"]

_PAGE = 500
_RELATED = ("person", "guardian_of")
"""Parts that say with whom the member is related: who their guardian is, and whose they are."""
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BEGINNING = datetime(1000, 1, 1, tzinfo=UTC)
_END: Position = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=0))


@frozen(kw_only=True)
class ExportMember:
    """Say everything that is held on this member."""

    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class MemberExport:
    """Everything that was held on a member at an instant, by its part: JSON values, ready to be written to a file."""

    member: MemberId
    made_at: datetime
    document: Mapping[str, JSON] = field(converter=Figures, hash=False, repr=False)


def document(uow: MembersWork, member: MemberId, parts: Sequence[ExportPart]) -> MemberExport:
    """What this room holds, then what each other one does."""
    said: dict[str, JSON] = dict(_own(uow, member))
    for each in parts:
        said |= each.export(uow, member)
    said |= {name: _without_others(uow, member, value) for name, value in said.items() if name not in _RELATED}
    return MemberExport(member=member, made_at=uow.now, document=said)


def _own(uow: MembersWork, member: MemberId) -> Mapping[str, JSON]:
    return {
        "member": _json(uow.members.get(member)),
        "external_ids": _json(uow.external_ids.of("member", member)),
        "person": _json(uow.people.of(member)),
        "guardian_of": _json(uow.people.wards(member)),
        "contact_points": _json(uow.contact_points.of(member)),
        "consents": _json(uow.consents.of(member).consents),
        "tags": _json(sorted(uow.tags.of(member), key=lambda each: (each.since, each.tag.text))),
        "parameters": _json(sorted(uow.parameters.of(member), key=lambda each: each.key)),
        "lead": _json(uow.leads.of(member)),
        "notes": [{"id": str(id), "text": text} for id, text in sorted(uow.notes.of(member).items())],
        "membership": _json(uow.memberships.of(member)),
        "messages": [
            {"message": _json(each.message), "delivery": each.delivery.value, "reason": each.reason}
            for each in uow.messages.of(member)
        ],
        "events": [_json(each) for each in _events(uow, member)],
    }


def _events(uow: MembersWork, member: MemberId) -> Iterator[Recorded]:
    """Every event that concerns them, the last first, in pages."""
    before = _END
    while page := uow.timelines.of(member, None, since=_BEGINNING, before=before, limit=_PAGE):
        yield from page
        before = (page[-1].effective_at, page[-1].id)


def _without_others(uow: MembersWork, member: MemberId, value: JSON) -> JSON:
    """A part without the ids of other people: what names one of them, as somebody concerned or as who acted, is not
    there.
    """
    named = sorted({MemberId(UUID(id)) for text in _texts(value) for id in _ID.findall(text)} - {member})
    others = {
        str(id) for start in range(0, len(named), _PAGE) for id in uow.members.several(named[start : start + _PAGE])
    }
    return _without(value, others) if others else value


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each)


def _names(value: JSON, ids: Collection[str]) -> bool:
    return isinstance(value, str) and any(each in ids for each in _ID.findall(value))


def _without(value: JSON, ids: Collection[str]) -> JSON:
    if isinstance(value, Mapping):
        return {name: _without(each, ids) for name, each in value.items() if not _names(each, ids)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without(each, ids) for each in value if not _names(each, ids)]
    return value


def _json(value: object) -> JSON:
    # Whole facts: an enclosing list or tuple is written item by item.
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return cast("JSON", converting.to_json(value))
