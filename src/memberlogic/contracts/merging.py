"""MEM-17: the contracts, visits, passes and suspensions of two records of one person become one's.

Dates, payments and freezes stay as they are; only who is meant changes. A person who was on one contract by both
records is on it once, on every day on which either was, and is its holder on every day on which either was that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.contracts.covering import membership
from memberlogic.contracts.model import Contract, Coverage
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import Changed
from memberlogic.contracts.suspensions import Billing
from memberlogic.ids import CoverageId, NewId
from memberlogic.members.model import AccountsJoined, BothRecords, Erasable, MergeHolding, compared

__all__ = ["MembersContractsMerged", "as_one", "last_said", "on_it_once"]


@frozen
class MembersContractsMerged:
    """What contracts contribute to merging."""

    new_id: NewId

    def held(self, uow: ContractsWork, both: BothRecords, *, lock: bool) -> MergeHolding:
        """How much moves; nothing of it stands in the way."""
        contracts = uow.contracts.of([both.duplicate])
        if lock:
            uow.contracts.settling(sorted(contracts))
        many = {
            "contracts": len(contracts),
            **uow.contract_mergings.counted(both.duplicate),
        }
        moves = tuple(Erasable(name=name, count=count) for name, count in many.items() if count)
        own, other = (uow.billing.of(each) for each in (both.survivor, both.duplicate))
        return evolve(compared(billing=(_said(own), _said(other))), moves=moves)

    def merge(
        self,
        uow: ContractsWork,
        both: BothRecords,
        accounts: Sequence[AccountsJoined],  # noqa: ARG002
        actor: Actor,  # noqa: ARG002
    ) -> None:
        """Queue that the survivor is on every contract on which the duplicate was, what they are by all of them
        (MEM-18), and that the rest is theirs.
        """
        everything = dict(uow.contracts.of([both.survivor, both.duplicate]))
        theirs = [each for each in everything.values() if both.duplicate in each.members]
        changes = [as_one(each, both, uow.now, self.new_id) for each in theirs]
        everything |= {each.contract.id: each.contract for each in changes}
        uow.contracts.write(changes)
        spans = membership(both.survivor, everything.values())
        uow.memberships.write({both.survivor: spans, both.duplicate: ()})
        uow.billing.keep(last_said([uow.billing.of(both.survivor), uow.billing.of(both.duplicate)], both))
        uow.contract_mergings.merge(both.duplicate, both.survivor)


def as_one(contract: Contract, both: BothRecords, now: datetime, new_id: NewId) -> Changed:
    """A contract of the duplicate's, as the survivor's."""
    ids = {both.survivor, both.duplicate}
    before = {each.id: evolve(each, member=both.survivor) for each in contract.coverage if each.member in ids}
    after = on_it_once(before.values(), new_id)
    others = [each for each in contract.coverage if each.member not in ids]
    merged = evolve(
        contract,
        coverage=(*others, *after),
        effective_at=max(contract.effective_at, now),
        version=contract.version + 1,
    )
    return Changed(
        contract=merged,
        new=tuple(each for each in after if each.id not in before),
        different=tuple(each for each in after if each.id in before and each != before[each.id]),
    )


def _said(billing: Billing) -> tuple[object, object] | None:
    return None if billing.as_of is None else (billing.owed, billing.status)


def last_said(said: Iterable[Billing], both: BothRecords) -> Sequence[Billing]:
    """What billing said last of either; nothing, if it said nothing."""
    told = [(each.as_of, each) for each in said if each.as_of is not None]
    return [evolve(max(told, key=lambda one: one[0])[1], member=both.survivor)] if told else []


def on_it_once(coverage: Iterable[Coverage], new_id: NewId) -> tuple[Coverage, ...]:
    """One person's coverage by a contract without a day that is covered twice: days as its holder first, then the
    earlier coverage. Coverage of which no day is left counts as one that never began; those stay as they are.
    """
    kept: list[Coverage] = []
    for each in sorted(coverage, key=lambda one: (not one.holder, one.since, one.id)):
        if each.until == each.since:
            kept.append(each)
            continue
        pieces = [(each.since, each.until)]
        for before in (one for one in kept if one.until != one.since):
            pieces = [piece for whole in pieces for piece in _less(whole, before)]
        for number, (since, until) in enumerate(pieces or [(each.since, each.since)]):
            id = each.id if not number else CoverageId(new_id())
            kept.append(evolve(each, id=id, since=since, until=until))
    return tuple(kept)


def _less(days: tuple[date, date | None], other: Coverage) -> Iterable[tuple[date, date | None]]:
    """The days ``[since, until)`` that are not covered by another coverage."""
    since, until = days
    if since < other.since:
        yield since, other.since if until is None else min(until, other.since)
    if other.until is not None and (until is None or other.until < until):
        yield max(since, other.until), until
