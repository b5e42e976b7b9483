"""The periodic jobs (COM-18): they settle what fell due and nobody touched. Killed at any point, run again, or run
twice at once, they change nothing but who writes a fact down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS
from memberlogic.errors import ConcurrencyConflict, MemberLogicError, StorageUnavailable
from memberlogic.ids import OrganizationId
from memberlogic.ledger.model import WalletId
from memberlogic.storing import ContractDue, Due

if TYPE_CHECKING:
    from memberlogic.application import Handle, MemberLogic

__all__ = ["JobFailure", "JobsRun", "Progress", "run"]

Progress = Callable[[int], None]
"""Called after each chunk with how many contracts, wallets and reviewed accounts have been settled so far."""

D = TypeVar("D", Due, ContractDue)
_WHOSE = attrgetter("organization")
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
    done = JobsRun(as_of=as_of)
    before: object = None
    while contracts := ml.storage.contracts_due(as_of, chunk, _failed(done)):
        before = _other_than(before, contracts)
        done = _chunk(ml, done, contracts, _announced)
        if progress is not None:
            progress(done.contracts)
    while due := ml.storage.due(as_of, chunk * _AHEAD, _failed(done)):
        before = _other_than(before, due)
        for start in range(0, len(due), chunk):
            done = _chunk(ml, done, due[start : start + chunk], _settled)
            if progress is not None:
                progress(done.contracts + done.wallets)
    return done


def _other_than(before: object, due: object) -> object:
    """What is due, if it is not what was due before."""
    if due == before:
        raise ConcurrencyConflict(reason="what is due stays due: somebody else is settling it")
    return due


def _failed(done: JobsRun) -> set[OrganizationId]:
    return {failure.organization for failure in done.failures}


def _chunk(
    ml: MemberLogic, done: JobsRun, due: Sequence[D], settled: Callable[[Handle, JobsRun, Sequence[D]], JobsRun]
) -> JobsRun:
    """What was done so far, with what is next on the agenda, one organization after the other."""
    for organization, group in groupby(sorted(due, key=_WHOSE), _WHOSE):
        if organization in _failed(done):
            continue
        try:
            done = settled(ml.organization(organization, Actor.system()), done, list(group))
        except StorageUnavailable:
            raise
        except MemberLogicError as refusal:
            done = evolve(done, failures=(*done.failures, JobFailure(organization, refusal.code)))
    return done


def _announced(org: Handle, done: JobsRun, due: Sequence[ContractDue]) -> JobsRun:
    """With what came about of contracts announced (CON-16)."""
    settled = org.contracts.settle([each.contract for each in due], as_of=done.as_of)
    return evolve(
        done,
        contracts=done.contracts + settled.contracts,
        announcements=done.announcements + settled.announcements,
    )


def _settled(org: Handle, done: JobsRun, due: Sequence[Due]) -> JobsRun:
    """With wallets and their accounts settled, each once, in the order of the agenda."""
    wallets = dict.fromkeys(WalletId(each.account, each.unit or POINTS) for each in due)
    settled = org.loyalty.settle([*wallets], as_of=done.as_of)
    return evolve(
        done,
        wallets=done.wallets + settled.wallets,
        entries=done.entries + settled.entries,
        accounts=done.accounts + settled.accounts,
        changes=done.changes + settled.changes,
        warnings=done.warnings + settled.warnings,
    )
