"""What a store may keep between units of work: club versions never change, so each is read and built once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from uuid import UUID

from memberlogic.loyalty.model import Club

__all__ = ["Remembered"]


class Remembered:
    """A bounded memory of club versions, shared by threads."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._clubs: OrderedDict[tuple[UUID, UUID, int], Club] = OrderedDict()
        self._lock = threading.Lock()

    def club(self, organization: UUID, id: UUID, version: int) -> Club | None:
        """This version of a club, if it is known."""
        return self._clubs.get((organization, id, version))

    def keep(self, organization: UUID, club: Club) -> Club:
        """Keep a club as it was read from the store."""
        with self._lock:
            self._clubs[organization, club.id, club.version] = club
            if len(self._clubs) > self._size:
                self._clubs.popitem(last=False)
        return club
