"""The periodic jobs (COM-18): they settle what fell due and nobody touched. Killed at any point, run again, or run
twice at once, they change nothing but who writes a fact down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS
from memberlogic.errors import Conflict, MemberLogicError, StorageUnavailable
from memberlogic.ids import AccountId, ContractId, OrganizationId
from memberlogic.ledger.model import WalletId
from memberlogic.storing import CareDue, ContractDue, Due, ReviewsDue

if TYPE_CHECKING:
    from memberlogic.application import Handle, MemberLogic

__all__ = ["JobFailure", "JobsRun", "Progress", "run"]

Progress = Callable[[int], None]
"""Called after each chunk with how many contracts, wallets and reviewed accounts have been settled so far."""

D = TypeVar("D", Due, ContractDue, CareDue, ReviewsDue, "_Listening")
_WHOSE = attrgetter("organization")
_AHEAD = 20
"""How many chunks the agenda is read ahead: what was settled lies at its head until the database tidies up, and is
passed by each time it is read.
"""
_MOST_ASIDE = 100
"""How many contracts of an organization are set aside one by one."""


STAYS_DUE = "jobs.stays_due"
"""The code of what is due, by what is stored of it, and has nothing to be settled: ``memberlogic check`` names what is
wrong with it.
"""


@frozen
class JobFailure:
    """An organization that could not be settled, or one contract of it, and the code of what refused it; the next run
    tries again.
    """

    organization: OrganizationId
    code: str
    contract: ContractId | None = None
    """The contract that was set aside, where the rest of the organization is settled."""


@frozen(kw_only=True)
class JobsRun:
    """What the jobs did: how many contracts had something to announce, and how much; how many wallets they settled,
    with how many entries; how many accounts they reviewed, with how many changes of scheme; how many warnings they
    queued; in how many runs of Member Care something came about, with how many milestones; which organizations and
    contracts they could not settle.
    """

    as_of: datetime
    contracts: int = 0
    announcements: int = 0
    wallets: int = 0
    entries: int = 0
    accounts: int = 0
    changes: int = 0
    warnings: int = 0
    runs: int = 0
    milestones: int = 0
    failures: tuple[JobFailure, ...] = ()


def run(ml: MemberLogic, *, as_of: datetime, chunk: int, progress: Progress | None) -> JobsRun:
    """Settle everything that is due by ``as_of`` (inclusive), in chunks that are transactions of their own. What
    refuses one organization or contract, or stays due although it was settled, does not keep the others from being
    settled.
    """
    done = JobsRun(as_of=as_of)
    contracts_before: Sequence[ContractDue] = ()
    while contracts := ml.storage.contracts_due(as_of, chunk, _failed(done), _aside(done)):
        if contracts == contracts_before:
            done = _set_aside(done, contracts)
            continue
        contracts_before = contracts
        done = _chunk(ml, done, contracts, _announced)
        if progress is not None:
            progress(done.contracts)
    for reviews in ml.storage.reviews_due(as_of, _failed(done)):
        done = _chunk(ml, done, [reviews], partial(_reviewed, chunk=chunk, progress=progress))
    before: Sequence[Due] = ()
    while due := ml.storage.due(as_of, chunk * _AHEAD, _failed(done)):
        if due == before:
            done = _stuck(done, due)
            continue
        before = due
        for start in range(0, len(due), chunk):
            done = _chunk(ml, done, due[start : start + chunk], _settled)
            if progress is not None:
                progress(done.contracts + done.wallets)
    return _cared(ml, done, chunk, progress)


def _cared(ml: MemberLogic, done: JobsRun, chunk: int, progress: Progress | None) -> JobsRun:
    """With Member Care: first what runs wait for and has happened, of contracts and points too; then what is due."""
    for organization in ml.storage.care_listening(_failed(done)):
        done = _chunk(ml, done, [_Listening(organization)], _heard)
    before: Sequence[CareDue] = ()
    while runs := ml.storage.care_due(done.as_of, chunk, _failed(done)):
        if runs == before:
            done = _stuck(done, runs)
            continue
        before = runs
        done = _chunk(ml, done, runs, _advanced)
        if progress is not None:
            progress(done.contracts + done.wallets + done.runs)
    return done


def _with(done: JobsRun, failures: Iterable[JobFailure]) -> JobsRun:
    return evolve(done, failures=(*done.failures, *failures))


def _stuck(done: JobsRun, due: Sequence[Due] | Sequence[CareDue]) -> JobsRun:
    """With the organizations set aside of which something stays due."""
    return _with(done, (JobFailure(each, STAYS_DUE) for each in sorted({each.organization for each in due})))


@frozen
class _Listening:
    """An organization in which some run ever waited for an event."""

    organization: OrganizationId


def _heard(org: Handle, done: JobsRun, _: Sequence[_Listening]) -> JobsRun:
    """With what happened to members since the last time, as far as runs wait for it (CARE-2)."""
    after: UUID | None = None
    while True:
        told = org.care.listen(after=after, as_of=done.as_of)
        done = evolve(done, runs=done.runs + told.runs, milestones=done.milestones + told.milestones)
        if told.last is None:
            return done
        after = told.last


def _advanced(org: Handle, done: JobsRun, due: Sequence[CareDue]) -> JobsRun:
    """With runs brought to now (CARE-16)."""
    told = org.care.settle([each.run for each in due], as_of=done.as_of)
    return evolve(done, runs=done.runs + told.runs, milestones=done.milestones + told.milestones)


def _failed(done: JobsRun) -> set[OrganizationId]:
    return {failure.organization for failure in done.failures if failure.contract is None}


def _aside(done: JobsRun) -> set[ContractId]:
    """Contracts that were set aside, of organizations that go on."""
    failed = _failed(done)
    return {each.contract for each in done.failures if each.contract is not None and each.organization not in failed}


def _set_aside(done: JobsRun, stuck: Sequence[ContractDue]) -> JobsRun:
    """With contracts set aside that stay due; with their organization, where there are too many to be named."""
    done = _with(done, (JobFailure(each.organization, STAYS_DUE, each.contract) for each in stuck))
    named = Counter(each.organization for each in done.failures if each.contract is not None)
    many = sorted(id for id, count in named.items() if count > _MOST_ASIDE and id not in _failed(done))
    return _with(done, (JobFailure(id, STAYS_DUE) for id in many))


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
            done = _with(done, [JobFailure(organization, refusal.code)])
    return done


def _announced(org: Handle, done: JobsRun, due: Sequence[ContractDue]) -> JobsRun:
    """With what came about of contracts announced (CON-16); one that is refused is set aside."""
    try:
        settled = org.contracts.settle([each.contract for each in due], as_of=done.as_of)
    except (Conflict, StorageUnavailable):
        raise
    except MemberLogicError as refusal:
        if len(due) == 1:
            return _with(done, [JobFailure(due[0].organization, refusal.code, due[0].contract)])
        for each in due:
            done = _announced(org, done, [each])
        return done
    return evolve(
        done,
        contracts=done.contracts + settled.contracts,
        announcements=done.announcements + settled.announcements,
    )


def _reviewed(
    org: Handle, done: JobsRun, due: Sequence[ReviewsDue], *, chunk: int, progress: Progress | None
) -> JobsRun:
    """With the reviews of a club held that fell due at one instant, of accounts for which nothing else is due."""
    for each in due:
        after: AccountId | None = None
        while True:
            told = org.loyalty.review_together(each.club, due=each.at, as_of=done.as_of, after=after, limit=chunk)
            done = evolve(
                done,
                wallets=done.wallets + told.accounts,
                accounts=done.accounts + told.accounts,
                changes=done.changes + told.changes,
            )
            if progress is not None and told.accounts:
                progress(done.contracts + done.wallets)
            if told.last is None:
                break
            after = told.last
    return done


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
