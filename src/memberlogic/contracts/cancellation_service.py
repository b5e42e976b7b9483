"""What a host calls to cancel contracts, and to withdraw (CON-7, CON-10).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from datetime import date

from memberlogic.actors import Actor
from memberlogic.contracts import cancelling, following, noting, switching, telling, withdrawing
from memberlogic.contracts.cancellations import (
    CancellationTakenBack,
    CancellationTold,
    Cancelled,
    Reckoned,
    WithdrawnFrom,
)
from memberlogic.contracts.cancelling import Cancel, PreviewCancellation
from memberlogic.contracts.moving_on import on_both, require_still_to_move, whole
from memberlogic.contracts.noting import CancellationOf
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import keep
from memberlogic.contracts.telling import OfContract
from memberlogic.contracts.withdrawing import WithdrawFrom
from memberlogic.ids import ContractId
from memberlogic.running import Asks, Runner

__all__ = ["CancellationService"]

CANCEL = Asks("contracts.cancel", "members.cancellations:create", Cancelled)
PREVIEW_CANCELLATION = Asks("contracts.preview_cancellation", "members.contracts:read", Reckoned)
CANCELLATION = Asks("contracts.cancellation", "members.cancellations:read", CancellationTold)
WITHDRAW_CANCELLATION = Asks("contracts.withdraw_cancellation", "members.cancellations:delete", CancellationTakenBack)
WITHDRAW_FROM = Asks("contracts.withdraw_from", "members.cancellations:create", WithdrawnFrom)


class CancellationService:
    """Cancellations, and withdrawing from a contract."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def cancel(
        self,
        contract: ContractId,
        *,
        received_on: date,
        reason: str,
        note: str | None = None,
        to: date | None = None,
        extraordinary: bool = False,
        idempotency_key: str | None = None,
    ) -> Cancelled:
        """Cancel a contract (CON-7). The day on which it takes effect is reckoned now, by the rate's notice, and stays;
        until then the contract stays as it is. A draft that was never fully paid ends at once. A cancellation that is
        on file to a later or the same day is replaced. Of a contract that will be transferred the cancellation is on
        file of the one that follows; a switch that waits for its fee lapses.

        Args:
            received_on: the studio's day on which the cancellation came, today or before; notice runs from
                the day after it.
            reason: a code of the organization's list (``org.settings.change(cancellation_reasons=...)``).
            note: free text beside it, up to 2,000 characters, kept apart and told by :meth:`cancellation` only.
            to: the first day on which the contract is no longer in force; the first possible one if left out.
            extraordinary: no notice has to be kept; the day must be named.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such contract.
            IllegalTransition: if the contract has ended.
            RuleViolation: if the reason is not on the list, the receipt lies in the future or before signing, the named
                day lies before the receipt, after the end or is not possible by notice, a cancellation to an earlier
                day is on file, or the contract is switched or will be transferred by then.
        """
        wanted = Cancel(
            contract=contract,
            received_on=received_on,
            reason=reason,
            note=note,
            to=to,
            extraordinary=extraordinary,
        )
        return self._runner.run(CANCEL, wanted, idempotency_key, self.cancel_step)

    def cancel_step(self, uow: ContractsWork, actor: Actor, wanted: Cancel) -> Cancelled:
        """Cancelling, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        reasons = self._runner.organization.cancellation_reasons
        contract = whole(held.contract, held.others, uow.now)
        outcome = cancelling.cancel(contract, wanted, reasons, uow.now, self._runner.new_id)
        outcome = switching.given_up(outcome, held.others, uow.now)
        outcome = on_both(outcome, held.contract, held.others, uow.now)
        noting.note(uow, outcome.facts, wanted.note)
        return keep(uow, actor, self._parts, outcome, held.others)

    def preview_cancellation(
        self, contract: ContractId, *, received_on: date, to: date | None = None, extraordinary: bool = False
    ) -> Reckoned:
        """To which day a contract would be cancelled, why, and on which terms it may be left early; nothing is changed.
        It takes and refuses what :meth:`cancel` does, but needs no reason.
        """
        wanted = PreviewCancellation(contract=contract, received_on=received_on, to=to, extraordinary=extraordinary)
        return self._runner.ask(PREVIEW_CANCELLATION, wanted, self.preview_cancellation_step)

    def preview_cancellation_step(self, uow: ContractsWork, actor: Actor, wanted: PreviewCancellation) -> Reckoned:
        """Previewing, inside a unit of work."""
        contract = telling.reachable(uow.contracts.get(wanted.contract), actor)
        after = following.followed_by(uow, contract)
        told = cancelling.preview(whole(contract, after, uow.now), wanted, uow.now)
        require_still_to_move(contract, after, told.effective_on, uow.now)
        return told

    def cancellation(self, contract: ContractId) -> CancellationTold:
        """The cancellation of a contract that is on file, with what was noted. Raises ``NotFound``."""
        return self._runner.ask(CANCELLATION, CancellationOf(contract=contract), self.cancellation_step)

    def cancellation_step(self, uow: ContractsWork, actor: Actor, wanted: CancellationOf) -> CancellationTold:
        """Looking a cancellation up, inside a unit of work."""
        contract = telling.reachable(uow.contracts.get(wanted.contract), actor)
        return noting.tell(contract, uow.notes.texts(noting.notes_of(contract)))

    def withdraw_cancellation(
        self, contract: ContractId, *, idempotency_key: str | None = None
    ) -> CancellationTakenBack:
        """Take a cancellation back, until the day before it takes effect (CON-7). The contract runs on as if there had
        been none; freezes that were cut off are there again, and their limits are not checked again (CON-8).

        Raises:
            NotFound: if there is no such contract.
            IllegalTransition: if the cancellation took effect.
            RuleViolation: if none is on file, or it belongs to a switch or transfer.
        """
        wanted = OfContract(contract=contract)
        return self._runner.run(WITHDRAW_CANCELLATION, wanted, idempotency_key, self.withdraw_cancellation_step)

    def withdraw_cancellation_step(self, uow: ContractsWork, actor: Actor, wanted: OfContract) -> CancellationTakenBack:
        """Withdrawing a cancellation, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        outcome = withdrawing.withdraw_cancellation(whole(held.contract, held.others, uow.now), uow.now)
        return keep(uow, actor, self._parts, on_both(outcome, held.contract, held.others, uow.now), held.others)

    def withdraw_from(
        self, contract: ContractId, *, received_on: date, idempotency_key: str | None = None
    ) -> WithdrawnFrom:
        """Withdraw from a contract within the cooling-off time of its rate (CON-10): it counts as never in force, is
        cancelled from the day of signing, and makes nobody a former member. Contracts that it was switched or
        transferred to are the same sale and go with it; the cooling-off time is that of the contract that was signed,
        and counts from its signing, whoever holds it by then.

        Args:
            received_on: the studio's day on which the withdrawal came; the last day of the cooling-off time is in time.
                It may be entered later.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such contract.
            IllegalTransition: if the contract has ended.
            RuleViolation: if the rate has no cooling-off time, it is over, the receipt lies in the future or before
                signing, or the contract follows another by a switch that has not come.
        """
        wanted = WithdrawFrom(contract=contract, received_on=received_on)
        return self._runner.run(WITHDRAW_FROM, wanted, idempotency_key, self.withdraw_from_step)

    def withdraw_from_step(self, uow: ContractsWork, actor: Actor, wanted: WithdrawFrom) -> WithdrawnFrom:
        """Withdrawing from a contract, inside a unit of work."""
        held = following.linked_held(uow, wanted.contract)
        contract = held.contracts[wanted.contract]
        return keep(uow, actor, self._parts, withdrawing.withdraw_from(contract, held.all, wanted, uow.now), held.all)
