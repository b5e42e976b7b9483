"""Ids: UUIDv7 (RFC 9562), made by the library and handed to decisions as an argument (COM-7, COM-19)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NewType, TypeAlias
from uuid import UUID

from attrs import field, frozen

from memberlogic.inputs import a_key, code

if sys.version_info >= (3, 14):  # pragma: no cover - the standard library's own
    from uuid import uuid7
else:
    from uuid6 import uuid7

__all__ = [
    "AccountId",
    "ClubId",
    "EntryId",
    "ExternalId",
    "HoldId",
    "LotId",
    "MemberId",
    "NewId",
    "OrganizationId",
    "PurchaseId",
    "SchemeChangeId",
    "new_id",
]

OrganizationId = NewType("OrganizationId", UUID)
MemberId = NewType("MemberId", UUID)
ClubId = NewType("ClubId", UUID)
AccountId = NewType("AccountId", UUID)
EntryId = NewType("EntryId", UUID)
LotId = NewType("LotId", UUID)
PurchaseId = NewType("PurchaseId", UUID)
SchemeChangeId = NewType("SchemeChangeId", UUID)
HoldId = NewType("HoldId", UUID)

NewId: TypeAlias = Callable[[], UUID]


@frozen
class ExternalId:
    """An id that the host or another system uses for a record (COM-19): where it comes from, and what it is there.
    Unique in the organization for each kind of record.
    """

    source: str = field(validator=code("a source"))
    value: str = field(validator=a_key)


def new_id() -> UUID:
    """A new id; ids made by one process ascend."""
    made: UUID = uuid7()
    return UUID(int=made.int) if type(made) is not UUID else made
