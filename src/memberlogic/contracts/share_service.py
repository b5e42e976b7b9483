"""What a host calls to say who is on a contract (CON-11).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from datetime import date

from memberlogic.actors import Actor
from memberlogic.contracts import sharing
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import keep
from memberlogic.contracts.sharing import ChangeHolder, Cover, CoverageChanged, Uncover
from memberlogic.ids import ContractId, MemberId
from memberlogic.members.lifecycle import present
from memberlogic.running import Asks, Runner

__all__ = ["ShareService"]

COVER = Asks("contracts.cover", "members.contracts:update", CoverageChanged)
UNCOVER = Asks("contracts.uncover", "members.contracts:update", CoverageChanged)
CHANGE_HOLDER = Asks("contracts.change_holder", "members.contracts:update", CoverageChanged)


class ShareService:
    """Who is on a contract."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def cover(
        self, contract: ContractId, member: MemberId, *, since: date | None = None, idempotency_key: str | None = None
    ) -> CoverageChanged:
        """A member comes onto a contract beside its holder (CON-11). Their status and services follow the contract from
        that day on.

        Args:
            since: the first day, inclusive, today if left out; a day before today, back to the day of signing, needs
                the permission ``members.contracts.past:create``.

        Raises:
            NotFound: if there is no such contract or member.
            IllegalTransition: if the contract has ended.
            PermissionDenied: for a day before today without the permission.
            RuleViolation: if the day lies outside the contract, the member is on it then or later, or the rate of that
                day covers fewer.
        """
        wanted = Cover(contract=contract, member=member, since=since)
        return self._runner.run(COVER, wanted, idempotency_key, self.cover_step)

    def cover_step(self, uow: ContractsWork, actor: Actor, wanted: Cover) -> CoverageChanged:
        """Coming onto a contract, inside a unit of work."""
        held = uow.contracts.held(wanted.contract, also=[wanted.member])
        present(uow.members.get(wanted.member), "be on a contract")
        outcome = sharing.cover(held.contract, held.others, wanted, actor, uow.now, self._runner.new_id)
        return keep(uow, actor, self._parts, outcome, held.others)

    def uncover(
        self, contract: ContractId, member: MemberId, *, on: date | None = None, idempotency_key: str | None = None
    ) -> CoverageChanged:
        """A covered member leaves a contract (CON-11): from that day on neither status nor services come of it. A
        leaving that is to come can be put on another day; whoever should stay after all is covered anew from that day.

        Args:
            on: the first day without the contract, today if left out; a day before today needs the permission
                ``members.contracts.past:create``.

        Raises:
            NotFound: if there is no such contract or member.
            IllegalTransition: if the contract has ended.
            PermissionDenied: for a day before today without the permission.
            RuleViolation: if the day lies outside the contract, or the member is its holder or not on it.
        """
        wanted = Uncover(contract=contract, member=member, on=on)
        return self._runner.run(UNCOVER, wanted, idempotency_key, self.uncover_step)

    def uncover_step(self, uow: ContractsWork, actor: Actor, wanted: Uncover) -> CoverageChanged:
        """Leaving a contract, inside a unit of work."""
        held = uow.contracts.held(wanted.contract, also=[wanted.member])
        present(uow.members.get(wanted.member), "leave a contract")
        outcome = sharing.uncover(held.contract, held.others, wanted, actor, uow.now)
        return keep(uow, actor, self._parts, outcome, held.others)

    def change_holder(
        self,
        contract: ContractId,
        *,
        to: MemberId,
        on: date | None = None,
        leaving: bool = False,
        idempotency_key: str | None = None,
    ) -> CoverageChanged:
        """Another member holds a contract from a day on (CON-11); dates, payments and freezes stay as they are.

        Args:
            to: the new holder, covered already or new to the contract.
            on: their first day as its holder, today if left out; a day before today needs the permission
                ``members.contracts.past:create``.
            leaving: whether the old holder leaves on that day; otherwise they stay, covered beside.

        Raises:
            NotFound: if there is no such contract or member.
            IllegalTransition: if the contract has ended.
            PermissionDenied: for a day before today without the permission.
            RuleViolation: if the day lies outside the contract or before another change of the holder, the member holds
                it already or comes later, or the rate covers fewer.
        """
        wanted = ChangeHolder(contract=contract, to=to, on=on, leaving=leaving)
        return self._runner.run(CHANGE_HOLDER, wanted, idempotency_key, self.change_holder_step)

    def change_holder_step(self, uow: ContractsWork, actor: Actor, wanted: ChangeHolder) -> CoverageChanged:
        """Changing the holder, inside a unit of work."""
        held = uow.contracts.held(wanted.contract, also=[wanted.to])
        present(uow.members.get(wanted.to), "hold a contract")
        outcome = sharing.change_holder(held.contract, held.others, wanted, actor, uow.now, self._runner.new_id)
        return keep(uow, actor, self._parts, outcome, held.others)
