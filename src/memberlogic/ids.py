"""Ids: UUIDv7 (RFC 9562), made by the library and handed to decisions as an argument (COM-7, COM-19)."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from time import time_ns
from typing import NewType, TypeAlias
from uuid import UUID, SafeUUID

from attrs import field, frozen

from memberlogic.inputs import a_key, code

if sys.version_info >= (3, 14):  # pragma: no cover - the standard library's own
    from uuid import uuid7
else:
    from uuid6 import uuid7

__all__ = [
    "AccountId",
    "AdjustmentId",
    "AwardId",
    "CareConfigurationId",
    "CareFlowId",
    "CareMilestoneId",
    "CareRunId",
    "CareStepId",
    "ClubId",
    "ConfirmationId",
    "ConsentId",
    "ContactPointId",
    "ContractBatchId",
    "ContractId",
    "CoverageId",
    "EntryId",
    "ExternalId",
    "FreezeId",
    "GiftId",
    "HoldId",
    "InquiryId",
    "JournalId",
    "LotId",
    "MemberId",
    "NewId",
    "NoteId",
    "OrganizationId",
    "PassId",
    "PaymentId",
    "PurchaseId",
    "RateId",
    "ReturnId",
    "SchemeChangeId",
    "SuspensionId",
    "TagId",
    "VisitId",
    "new_id",
]

OrganizationId = NewType("OrganizationId", UUID)
MemberId = NewType("MemberId", UUID)
ClubId = NewType("ClubId", UUID)
AccountId = NewType("AccountId", UUID)
EntryId = NewType("EntryId", UUID)
LotId = NewType("LotId", UUID)
PurchaseId = NewType("PurchaseId", UUID)
ReturnId = NewType("ReturnId", UUID)
SchemeChangeId = NewType("SchemeChangeId", UUID)
HoldId = NewType("HoldId", UUID)
AdjustmentId = NewType("AdjustmentId", UUID)
JournalId = NewType("JournalId", UUID)
AwardId = NewType("AwardId", UUID)
TagId = NewType("TagId", UUID)
ConsentId = NewType("ConsentId", UUID)
InquiryId = NewType("InquiryId", UUID)
ContactPointId = NewType("ContactPointId", UUID)
ConfirmationId = NewType("ConfirmationId", UUID)
RateId = NewType("RateId", UUID)
PaymentId = NewType("PaymentId", UUID)
NoteId = NewType("NoteId", UUID)
FreezeId = NewType("FreezeId", UUID)
GiftId = NewType("GiftId", UUID)
ContractBatchId = NewType("ContractBatchId", UUID)
ContractId = NewType("ContractId", UUID)
CoverageId = NewType("CoverageId", UUID)
SuspensionId = NewType("SuspensionId", UUID)
PassId = NewType("PassId", UUID)
VisitId = NewType("VisitId", UUID)
CareFlowId = NewType("CareFlowId", UUID)
CareMilestoneId = NewType("CareMilestoneId", UUID)
CareConfigurationId = NewType("CareConfigurationId", UUID)
CareRunId = NewType("CareRunId", UUID)
CareStepId = NewType("CareStepId", UUID)

NewId: TypeAlias = Callable[[], UUID]


@frozen(cache_hash=True)
class ExternalId:
    """An id that the host or another system uses for a record (COM-19): where it comes from, and what it is there.
    Unique in the organization for each kind of record.
    """

    source: str = field(validator=code("a source"))
    value: str = field(validator=a_key)


_counting = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A new id; ids made by one process ascend.

    Those of one millisecond count on from a random start (RFC 9562, 6.2: monotonic random).
    """
    global _last  # noqa: PLW0603 - what ascends has to know the last one
    with _counting:
        if time_ns() // 1_000_000 > _last >> 80:
            _last = max(uuid7().int, _last + 1)
        else:
            _last += 1
        value = _last
    # What UUID(int=...) does, without its checks of all the other ways to make one.
    made = object.__new__(UUID)
    object.__setattr__(made, "int", value)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def _start_anew() -> None:
    """A forked process must not count on from its parent's start."""
    global _last, _counting  # noqa: PLW0603
    _counting = threading.Lock()
    _last = uuid7().int


if hasattr(os, "register_at_fork"):  # pragma: no branch - everywhere but on Windows
    os.register_at_fork(after_in_child=_start_anew)
