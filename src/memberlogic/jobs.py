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
from memberlogic.amounts import POINTS
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ledger.model import WalletId

if TYPE_CHECKING:
    from memberlogic.application import MemberLogic

__all__ = ["JobsRun", "Progress", "run"]

Progress = Callable[[int], None]
"""Called after each chunk with how many wallets and reviewed accounts have been settled so far."""


@frozen(kw_only=True)
class JobsRun:
    """What the jobs did: how many wallets they settled, with how many entries; how many accounts they reviewed, with
    how many changes of scheme.
    """

    as_of: datetime
    wallets: int
    entries: int
    accounts: int
    changes: int


def run(ml: MemberLogic, *, as_of: datetime, chunk: int, progress: Progress | None) -> JobsRun:
    """Settle everything that is due by ``as_of`` (inclusive), in chunks that are transactions of their own."""
    done = JobsRun(as_of=as_of, wallets=0, entries=0, accounts=0, changes=0)
    before: object = None
    while due := ml.storage.due(as_of, chunk):
        if due == before:
            raise ConcurrencyConflict(reason="what is due stays due: somebody else is settling it")
        before = due
        for organization, group in groupby(sorted(due, key=attrgetter("organization")), attrgetter("organization")):
            loyalty = ml.organization(organization, Actor.system()).loyalty
            wallets = sorted({WalletId(each.account, each.unit or POINTS) for each in group})
            settled = loyalty.settle(wallets, as_of=as_of)
            done = JobsRun(
                as_of=as_of,
                wallets=done.wallets + settled.wallets,
                entries=done.entries + settled.entries,
                accounts=done.accounts + settled.accounts,
                changes=done.changes + settled.changes,
            )
        if progress is not None:
            progress(done.wallets)
    return done
