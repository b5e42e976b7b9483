"""COM-8: the id of a step follows from what it is. An action that came about by waiting has it before anybody wrote the
action down: whoever saw it in the work list can work it, and the jobs write it down under the same id.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from memberlogic.ids import CareRunId, CareStepId

__all__ = ["due_at_of", "step_id"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LAST = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MILLISECOND


def step_id(run: CareRunId, place: int, turn: int, due_at: datetime) -> CareStepId:
    """The id of a start of a milestone of a run: a UUIDv7 (RFC 9562) of the instant at which it was due, so that ids
    ascend; what is random elsewhere is a digest of the run, the place and the turn.
    """
    milliseconds = min(max((due_at - _EPOCH) // _MILLISECOND, 0), _LAST)
    digest = blake2b(run.bytes + place.to_bytes(4, "big") + turn.to_bytes(4, "big"), digest_size=10).digest()
    rest = int.from_bytes(digest, "big")
    first, last = rest >> 62 & 0xFFF, rest & ((1 << 62) - 1)
    return CareStepId(UUID(int=milliseconds << 80 | 0x7 << 76 | first << 64 | 0b10 << 62 | last))


def due_at_of(step: CareStepId) -> datetime:
    """The last instant at which a step of this id was due."""
    return _EPOCH + min(step.int >> 80, _LAST) * _MILLISECOND + (_MILLISECOND - timedelta.resolution)
