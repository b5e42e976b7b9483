"""What a host calls when it was told of a payment (CON-3).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from datetime import date

from memberlogic.actors import Actor
from memberlogic.amounts import Money
from memberlogic.contracts import bouncing, following, paying, switching
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.paying import Pay, PaymentRecorded, ReversePayment
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import keep
from memberlogic.ids import ContractId, PaymentId
from memberlogic.running import Asks, Runner

__all__ = ["PaymentService"]

PAY = Asks("contracts.pay", "members.payments:create", PaymentRecorded)
REVERSE_PAYMENT = Asks("contracts.reverse_payment", "members.payments:update", PaymentRecorded)


class PaymentService:
    """Payments towards the initial fee."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def pay(
        self,
        contract: ContractId,
        amount: Money,
        *,
        paid_on: date | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> PaymentRecorded:
        """A payment towards the initial fee; payments add up. Paid in full before the first day the contract waits for
        it, on or after it the contract is active from the day of the payment that completed the fee.

        Args:
            paid_on: the studio's day of the payment, today if left out; a day before today is late knowledge (COM-21):
                a contract that has ended since takes it too. A draft that had been paid in full when it lapsed has not
                lapsed, and a switch whose fee had been paid in time takes effect.
            reference: the host's name for the payment, once for each contract.

        Raises:
            InvalidInput: for an amount that is not above 0, or a day that is none.
            NotFound: if there is no such contract.
            IllegalTransition: if the contract takes over from another by a transfer that has not come.
            RuleViolation: if the day is to come, the contract was over by then or goes on at another studio, the
                currency is not the fee's, the reference was used, more would be paid than is owed, or it would complete
                a switch of a contract that is cancelled or over (CON-12).
        """
        wanted = Pay(contract=contract, amount=amount, paid_on=paid_on, reference=reference)
        return self._runner.run(PAY, wanted, idempotency_key, self.pay_step)

    def pay_step(self, uow: ContractsWork, actor: Actor, wanted: Pay) -> PaymentRecorded:
        """Paying, inside a unit of work."""
        held = following.linked_held(uow, wanted.contract)
        contract = held.contracts[wanted.contract]
        outcome = paying.pay(contract, wanted, PaymentId(self._runner.new_id()), uow.now)
        outcome = switching.completed(outcome, contract, held.all, uow.now)
        return keep(uow, actor, self._parts, paying.paid_before_the_transfer(outcome, held.all, uow.now), held.all)

    def reverse_payment(
        self, contract: ContractId, payment: PaymentId, *, idempotency_key: str | None = None
    ) -> PaymentRecorded:
        """A payment was wrong or bounced: from today on it counts no more; what it did until then stands. If it paid
        for a switch that has not taken effect, the contract before goes on, and the switch waits for its fee again as
        long as that can be paid (CON-12).

        Raises:
            NotFound: if there is no such contract, or no such payment of it.
            IllegalTransition: if the contract has ended.
            PaymentAlreadyReversed: if it was reversed before.
        """
        wanted = ReversePayment(contract=contract, payment=payment)
        return self._runner.run(REVERSE_PAYMENT, wanted, idempotency_key, self.reverse_payment_step)

    def reverse_payment_step(self, uow: ContractsWork, actor: Actor, wanted: ReversePayment) -> PaymentRecorded:
        """Reversing a payment, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        lapses = bouncing.lapses_again(held.contract, held.others, uow.now)
        outcome = paying.reverse_payment(held.contract, wanted, uow.now, lapses)
        outcome = outcome if lapses is None else bouncing.reopened(outcome, held.contract, held.others, uow.now)
        return keep(uow, actor, self._parts, outcome, held.others)
