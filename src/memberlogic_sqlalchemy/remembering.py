"""What a store may keep between units: versions of clubs, rates and flows never change, so each is read and
built once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from uuid import UUID

from memberlogic.care.flows import FlowVersion
from memberlogic.contracts.rates import RateVersion
from memberlogic.loyalty.model import Club

__all__ = ["Remembered"]


class Remembered:
    """A bounded memory of versions of clubs, rates and flows, shared by threads.

    Args:
        committed: whether what is read here was committed; inside a host's transaction a version of a rate or flow may
            be rolled back, and another come under its number.
    """

    def __init__(self, size: int = 512, *, committed: bool = True) -> None:
        self._size = size
        self._committed = committed
        self._clubs: OrderedDict[tuple[UUID, UUID, int], Club] = OrderedDict()
        self._rates: OrderedDict[tuple[UUID, UUID, int], RateVersion] = OrderedDict()
        self._flows: OrderedDict[tuple[UUID, UUID, int], FlowVersion] = OrderedDict()
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

    def rate(self, organization: UUID, id: UUID, version: int) -> RateVersion | None:
        """This version of a rate, if it is known."""
        return self._rates.get((organization, id, version))

    def keep_rate(self, organization: UUID, rate: RateVersion) -> RateVersion:
        """Keep a version of a rate as it was read from the store."""
        if not self._committed:
            return rate
        with self._lock:
            self._rates[organization, rate.rate, rate.version] = rate
            if len(self._rates) > self._size:
                self._rates.popitem(last=False)
        return rate

    def flow(self, organization: UUID, id: UUID, version: int) -> FlowVersion | None:
        """This version of a flow, if it is known."""
        return self._flows.get((organization, id, version))

    def keep_flow(self, organization: UUID, flow: FlowVersion) -> FlowVersion:
        """Keep a version of a flow as it was read from the store."""
        if not self._committed:
            return flow
        with self._lock:
            self._flows[organization, flow.flow, flow.version] = flow
            if len(self._flows) > self._size:
                self._flows.popitem(last=False)
        return flow
