"""By what members are searched, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from memberlogic.ids import MemberId
from memberlogic.members.finding import Hit, Probe
from memberlogic.members.search_keys import SearchKey

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemorySearchKeys"]


class MemorySearchKeys:
    """The port ``SearchKeys``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def change(self, member: MemberId, gone: Collection[SearchKey], come: Collection[SearchKey]) -> None:
        """Queue that keys go and come."""
        stored = self._uow.tenant.search_keys

        def write() -> None:
            stored[member] = (stored.get(member, frozenset()) - frozenset(gone)) | frozenset(come)

        self._uow.queue(write)

    def found(self, probes: Sequence[Probe], *, after: Hit | None, limit: int, only: MemberId | None) -> Sequence[Hit]:
        """The next members who have a key in one of the ranges."""
        hits = []
        for member, keys in self._uow.tenant.search_keys.items():
            met = [key for key in keys if any(_meets(key, probe) for probe in probes)]
            if met and only in (None, member):
                hits.append(Hit(min(met), member))
        hits.sort(key=_place)
        return [each for each in hits if after is None or _place(each) > _place(after)][:limit]


def _meets(key: SearchKey, probe: Probe) -> bool:
    return key.kind is probe.kind and probe.low <= key.value <= probe.high


def _place(hit: Hit) -> tuple[SearchKey, MemberId]:
    return hit.key, hit.member
