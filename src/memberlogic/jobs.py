"""The periodic jobs (COM-18): they settle what fell due and nobody touched. Killed at any point, run again, or run
twice at once, they change nothing but who writes a fact down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS
from memberlogic.errors import ConcurrencyConflict, MemberLogicError, StorageUnavailable
from memberlogic.ids import OrganizationId
from memberlogic.ledger.model import WalletId
from memberlogic.storing import Due

if TYPE_CHECKING:
    from memberlogic.application import MemberLogic

__all__ = ["JobFailure", "JobsRun", "Progress", "run"]

Progress = Callable[[int], None]
"""Called after each chunk with how many contracts, wallets and reviewed accounts have been settled so far."""


_AHEAD = 20
"""How many chunks the agenda is read ahead: what was settled lies at its head until the database tidies up, and is
passed by each time it is read.
"""


@frozen
class JobFailure:
    """An organization that could not be settled, and the code of what refused it; the next run tries again."""

    organization: OrganizationId
    code: str


@frozen(kw_only=True)
class JobsRun:
    """What the jobs did: how many contracts had something to announce, and how much; how many wallets they settled,
    with how many entries; how many accounts they reviewed, with how many changes of scheme; how many warnings they
    queued; which organizations they could not settle.
    """

    as_of: datetime
    contracts: int = 0
    announcements: int = 0
    wallets: int = 0
    entries: int = 0
    accounts: int = 0
    changes: int = 0
    warnings: int = 0
    failures: tuple[JobFailure, ...] = ()


def run(ml: MemberLogic, *, as_of: datetime, chunk: int, progress: Progress | None) -> JobsRun:
    """Settle everything that is due by ``as_of`` (inclusive), in chunks that are transactions of their own. What
    refuses one organization does not keep the others from being settled.
    """
    done = _contracts(ml, JobsRun(as_of=as_of), chunk, progress)
    before: object = None
    while due := ml.storage.due(as_of, chunk * _AHEAD, _failed(done)):
        if due == before:
            raise ConcurrencyConflict(reason="what is due stays due: somebody else is settling it")
        before = due
        for start in range(0, len(due), chunk):
            done = _chunk(ml, done, due[start : start + chunk])
            if progress is not None:
                progress(done.contracts + done.wallets)
    return done


def _failed(done: JobsRun) -> set[OrganizationId]:
    return {failure.organization for failure in done.failures}


def _chunk(ml: MemberLogic, done: JobsRun, due: Sequence[Due]) -> JobsRun:
    """What was done so far, with what is next on the agenda."""
    by_organization = attrgetter("organization")
    for organization, group in groupby(sorted(due, key=by_organization), by_organization):
        if organization not in _failed(done):
            wallets = [
                WalletId(account, unit) for account, unit in {(e.account, e.unit or POINTS): None for e in group}
            ]
            done = _settled(ml, done, organization, wallets)
    return done


def _contracts(ml: MemberLogic, done: JobsRun, chunk: int, progress: Progress | None) -> JobsRun:
    """Announce what came about of contracts (CON-16), in the same way."""
    before: object = None
    failed: set[OrganizationId] = set()
    while due := ml.storage.contracts_due(done.as_of, chunk, failed):
        if due == before:
            raise ConcurrencyConflict(reason="what is due stays due: somebody else is settling it")
        before = due
        for organization, group in groupby(sorted(due, key=attrgetter("organization")), attrgetter("organization")):
            try:
                org = ml.organization(organization, Actor.system())
                settled = org.contracts.settle([each.contract for each in group], as_of=done.as_of)
            except StorageUnavailable:
                raise
            except MemberLogicError as refusal:
                failed.add(organization)
                done = evolve(done, failures=(*done.failures, JobFailure(organization, refusal.code)))
            else:
                more = (done.contracts + settled.contracts, done.announcements + settled.announcements)
                done = evolve(done, contracts=more[0], announcements=more[1])
        if progress is not None:
            progress(done.contracts)
    return done


def _settled(ml: MemberLogic, done: JobsRun, organization: OrganizationId, wallets: Sequence[WalletId]) -> JobsRun:
    """What was done so far, with one more chunk of an organization."""
    try:
        settled = ml.organization(organization, Actor.system()).loyalty.settle(wallets, as_of=done.as_of)
    except StorageUnavailable:
        raise
    except MemberLogicError as refusal:
        return evolve(done, failures=(*done.failures, JobFailure(organization, refusal.code)))
    return evolve(
        done,
        wallets=done.wallets + settled.wallets,
        entries=done.entries + settled.entries,
        accounts=done.accounts + settled.accounts,
        changes=done.changes + settled.changes,
        warnings=done.warnings + settled.warnings,
    )
