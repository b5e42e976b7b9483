"""MEM-9: what contracts hold of a member. Dates, payments and freezes stay; the numbers by which others know a contract
or a visitor pass go with its holder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from memberlogic.calendar import local_day
from memberlogic.contracts.model import Contract, ContractStatus
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.spanning import status
from memberlogic.ids import MemberId
from memberlogic.members.model import Blocker, BlockerKind, Erasable, Holding, parted

__all__ = ["MembersContracts"]

_RUNNING = (ContractStatus.ON_HOLD, ContractStatus.PENDING, ContractStatus.ACTIVE, ContractStatus.FROZEN)


class MembersContracts:
    """What contracts contribute to anonymising."""

    def held(self, uow: ContractsWork, member: MemberId, kept: Collection[str], *, lock: bool) -> Holding:  # noqa: ARG002
        """A contract that is not over keeps everybody on it. Contracts change only while their people are locked."""
        blockers = []
        for each in uow.contracts.of([member]).values():
            today = local_day(uow.now, each.studio.zone)
            now_is = status(each, today)
            on_it = any(c.member == member and (c.until is None or c.until > today) for c in each.coverage)
            if on_it and now_is in _RUNNING:
                blockers.append(Blocker(kind=BlockerKind.CONTRACT, id=each.id, state=now_is.value))
        ids = sum(len(parted(uow.external_ids.of("contract", each.id), kept)[False]) for each in _own(uow, member))
        passes = sum(len(parted(uow.external_ids.of("pass", each.id), kept)[False]) for each in uow.passes.of(member))
        known = {"contract_external_ids": ids, "pass_external_ids": passes}
        erasable = tuple(Erasable(name=name, count=count) for name, count in known.items() if count)
        return Holding(blockers=tuple(blockers), erasable=erasable)

    def erase(self, uow: ContractsWork, member: MemberId, kept: Collection[str]) -> None:
        """The host's numbers of the member's own contracts and visitor passes are gone."""
        for each in _own(uow, member):
            uow.external_ids.remove("contract", each.id, parted(uow.external_ids.of("contract", each.id), kept)[False])
        for known in uow.passes.of(member):
            uow.external_ids.remove("pass", known.id, parted(uow.external_ids.of("pass", known.id), kept)[False])


def _own(uow: ContractsWork, member: MemberId) -> Sequence[Contract]:
    contracts = uow.contracts.of([member]).values()
    return [each for each in contracts if any(c.holder and c.member == member for c in each.coverage)]
