"""What a host calls to freeze contracts (CON-5, CON-6).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from datetime import date

from memberlogic.actors import Actor
from memberlogic.contracts import freeze_checking, freeze_telling, freezing, unfreezing
from memberlogic.contracts.following import followed_by
from memberlogic.contracts.freeze_checking import FreezeCheck
from memberlogic.contracts.freeze_telling import FreezeTold
from memberlogic.contracts.freezing import FileFreeze, FreezeRecorded
from memberlogic.contracts.moving_on import on_both, whole
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import keep
from memberlogic.contracts.telling import OfContract, reachable
from memberlogic.contracts.unfreezing import EndFreeze, WithdrawFreeze
from memberlogic.ids import ContractId, FreezeId
from memberlogic.running import Asks, Runner

__all__ = ["FreezeService"]

FREEZE = Asks("contracts.freeze", "members.freezes:create", FreezeRecorded)
CHECK_FREEZE = Asks("contracts.check_freeze", "members.freezes:read", FreezeCheck)
END_FREEZE = Asks("contracts.end_freeze", "members.freezes:update", FreezeRecorded)
WITHDRAW_FREEZE = Asks("contracts.withdraw_freeze", "members.freezes:update", FreezeRecorded)
FREEZES = Asks("contracts.freezes", "members.freezes:read", tuple[FreezeTold, ...])


class FreezeService:
    """Freezes: filed, asked for, ended early, withdrawn."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def freeze(
        self,
        contract: ContractId,
        *,
        since: date,
        until: date | None = None,
        reason: str,
        idempotency_key: str | None = None,
    ) -> FreezeRecorded:
        """Freeze a contract on the days ``[since, until)`` (CON-5), as the rate in force on ``since`` allows. Where
        that says so, the term, the minimum term and the notice deadline move by the days frozen (CON-6).

        Args:
            since: the first frozen day, of the contract's studio.
            until: the first day that is not frozen; open-ended if left out, until a limit is reached or it is ended.
            reason: a code.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such contract.
            IllegalTransition: if the contract is not paid, or has ended.
            RuleViolation: the first rule that refuses; ``check_freeze`` answers all of them.
        """
        wanted = FileFreeze(contract=contract, since=since, until=until, reason=reason)
        return self._runner.run(FREEZE, wanted, idempotency_key, self.freeze_step)

    def freeze_step(self, uow: ContractsWork, actor: Actor, wanted: FileFreeze) -> FreezeRecorded:
        """Freezing, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        contract = whole(reachable(held.contract, actor), held.others, uow.now)
        outcome = freezing.freeze(contract, wanted, FreezeId(self._runner.new_id()), uow.now)
        return keep(uow, actor, self._parts, on_both(outcome, held.contract, held.others, uow.now), held.others)

    def check_freeze(
        self, contract: ContractId, *, since: date, until: date | None = None, reason: str = "asked"
    ) -> FreezeCheck:
        """Every reason that would refuse a freeze, at once; the first day from today on which one of the same length
        is refused by none; and what it would move. Nothing is changed. Raises ``NotFound``.
        """
        wanted = FileFreeze(contract=contract, since=since, until=until, reason=reason)
        return self._runner.ask(CHECK_FREEZE, wanted, self.check_freeze_step)

    def check_freeze_step(self, uow: ContractsWork, actor: Actor, wanted: FileFreeze) -> FreezeCheck:
        """Checking a freeze, inside a unit of work."""
        contract = reachable(uow.contracts.get(wanted.contract), actor)
        contract = whole(contract, followed_by(uow, contract), uow.now)
        return freeze_checking.check(contract, wanted, FreezeId(self._runner.new_id()), uow.now)

    def end_freeze(
        self,
        contract: ContractId,
        freeze: FreezeId,
        *,
        on: date | None = None,
        idempotency_key: str | None = None,
    ) -> FreezeRecorded:
        """A freeze ends sooner (CON-6): what it moved moves back by the days that are then not frozen. Minimum and unit
        of the rate do not matter.

        Args:
            on: the first day that is not frozen, tomorrow at the earliest; tomorrow if left out.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such contract, or no such freeze of it.
            IllegalTransition: if the contract has ended.
            RuleViolation: for a day before tomorrow, for one on or after which the freeze ends by itself, for one on or
                before its first, or if it was withdrawn.
        """
        wanted = EndFreeze(contract=contract, freeze=freeze, on=on)
        return self._runner.run(END_FREEZE, wanted, idempotency_key, self.end_freeze_step)

    def end_freeze_step(self, uow: ContractsWork, actor: Actor, wanted: EndFreeze) -> FreezeRecorded:
        """Ending a freeze, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        contract = whole(reachable(held.contract, actor), held.others, uow.now)
        outcome = unfreezing.end_freeze(contract, wanted, uow.now)
        return keep(uow, actor, self._parts, on_both(outcome, held.contract, held.others, uow.now), held.others)

    def withdraw_freeze(
        self, contract: ContractId, freeze: FreezeId, *, idempotency_key: str | None = None
    ) -> FreezeRecorded:
        """A freeze that has not begun is withdrawn: it never begins, and counts in no limit (CON-6).

        Raises:
            NotFound: if there is no such contract, or no such freeze of it.
            IllegalTransition: if the contract has ended.
            RuleViolation: if it has begun, or was withdrawn.
        """
        wanted = WithdrawFreeze(contract=contract, freeze=freeze)
        return self._runner.run(WITHDRAW_FREEZE, wanted, idempotency_key, self.withdraw_freeze_step)

    def withdraw_freeze_step(self, uow: ContractsWork, actor: Actor, wanted: WithdrawFreeze) -> FreezeRecorded:
        """Withdrawing a freeze, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        contract = whole(reachable(held.contract, actor), held.others, uow.now)
        outcome = unfreezing.withdraw_freeze(contract, wanted, uow.now)
        return keep(uow, actor, self._parts, on_both(outcome, held.contract, held.others, uow.now), held.others)

    def freezes(self, contract: ContractId) -> tuple[FreezeTold, ...]:
        """The freezes of a contract, as they were filed and as they come to be, by their first days; those that were
        withdrawn among them. Raises ``NotFound``.
        """
        return self._runner.ask(FREEZES, OfContract(contract=contract), self.freezes_step)

    def freezes_step(self, uow: ContractsWork, actor: Actor, wanted: OfContract) -> tuple[FreezeTold, ...]:
        """Listing freezes, inside a unit of work."""
        return freeze_telling.tell_freezes(reachable(uow.contracts.get(wanted.contract), actor))
