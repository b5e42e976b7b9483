"""The periodic jobs (COM-18): they settle what fell due and nobody touched. Killed at any point, run again, or run
twice at once, they change nothing but who writes a fact down.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ledger.model import WalletId

if TYPE_CHECKING:
    from memberlogic.application import MemberLogic

__all__ = ["JobsRun", "Progress", "run"]

Progress = Callable[[int], None]
"""Called after each chunk with how many wallets have been settled so far."""


@frozen(kw_only=True)
class JobsRun:
    """What the jobs did: how many wallets they settled, with how many entries."""

    as_of: datetime
    wallets: int
    entries: int


def run(ml: MemberLogic, *, as_of: datetime, chunk: int, progress: Progress | None) -> JobsRun:
    """Settle everything that is due by ``as_of`` (inclusive), in chunks that are transactions of their own."""
    wallets = entries = 0
    before: object = None
    while due := ml.storage.due(as_of, chunk):
        if due == before:
            raise ConcurrencyConflict(reason="what is due stays due: somebody else is settling it")
        before = due
        for organization, group in groupby(sorted(due, key=attrgetter("organization")), attrgetter("organization")):
            ledger = ml.organization(organization, Actor.system()).ledger
            settled = ledger.settle([WalletId(each.account, each.unit) for each in group], as_of=as_of)
            wallets += settled.wallets
            entries += settled.entries
        if progress is not None:
            progress(wallets)
    return JobsRun(as_of=as_of, wallets=wallets, entries=entries)
