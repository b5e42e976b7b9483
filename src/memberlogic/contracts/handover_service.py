"""What a host calls to switch contracts to other rates and to transfer them to other studios (CON-12).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from attrs import evolve

from memberlogic.actors import Actor
from memberlogic.contracts import selling, switching, telling, transferring
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import keep
from memberlogic.contracts.switching import PreviewSwitch, Switch, Switched, SwitchWithdrawal
from memberlogic.contracts.telling import OfContract
from memberlogic.contracts.transferring import (
    PreviewTransfer,
    Transfer,
    Transferred,
    TransferWithdrawal,
)
from memberlogic.ids import ContractId, ExternalId, RateId
from memberlogic.running import Asks, Runner

__all__ = ["HandoverService"]

PREVIEW_SWITCH = Asks("contracts.preview_switch", "members.contracts:read", Switched)
SWITCH = Asks("contracts.switch", "members.contracts:update", Switched)
WITHDRAW_SWITCH = Asks("contracts.withdraw_switch", "members.contracts:update", SwitchWithdrawal)
PREVIEW_TRANSFER = Asks("contracts.preview_transfer", "members.contracts:read", Transferred)
TRANSFER = Asks("contracts.transfer", "members.contracts:update", Transferred)
WITHDRAW_TRANSFER = Asks("contracts.withdraw_transfer", "members.contracts:update", TransferWithdrawal)


class HandoverService:
    """Contracts that follow one another."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def preview_switch(self, contract: ContractId, *, rate: RateId, on: date | None = None) -> Switched:
        """What :meth:`switch` would do, without doing it; it refuses what that refuses."""
        wanted = PreviewSwitch(contract=contract, rate=rate, on=on)
        return self._runner.ask(PREVIEW_SWITCH, wanted, self.preview_switch_step)

    def preview_switch_step(self, uow: ContractsWork, actor: Actor, wanted: PreviewSwitch) -> Switched:
        """Previewing a switch, inside a unit of work."""
        contract = telling.reachable(uow.contracts.get(wanted.contract), actor)
        rate = uow.rates.get(wanted.rate)
        others, following = uow.contracts.of(contract.members), selling.following(uow.rates, rate.terms)
        id, new_id = ContractId(self._runner.new_id()), self._runner.new_id
        outcome = switching.switch(contract, others, wanted, rate, following, id, uow.now, new_id)
        return evolve(outcome.result, successor=None)

    def switch(
        self,
        contract: ContractId,
        *,
        rate: RateId,
        on: date | None = None,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Switched:
        """Switch a contract to another rate, in the version on sale now (CON-12). It is cancelled to the day, and
        another contract on the new rate begins then, for everybody who is on it. That one counts as paid, unless the
        path of the old rate names a fee: then the switch takes effect on the day or on the day of payment if later, and
        lapses by itself if the fee is not paid in time, or before the contract ends.

        Args:
            on: the first day on the new rate, today if left out; after the contract's first day, and no further back
                than the rate allows.
            external_ids: of the contract that follows.

        Raises:
            NotFound: if there is no such contract or rate.
            IllegalTransition: if the contract has ended, or is not paid.
            RuleViolation: if the rate does not list the other, that one is retired or covers fewer, the day lies too
                early, too far back or after the end, a cancellation is on file, or a switch or transfer.
            Duplicate: if an external id is taken.
        """
        wanted = Switch(contract=contract, rate=rate, on=on, external_ids=external_ids)
        return self._runner.run(SWITCH, wanted, idempotency_key, self.switch_step)

    def switch_step(self, uow: ContractsWork, actor: Actor, wanted: Switch) -> Switched:
        """Switching, inside a unit of work."""
        held, rate = uow.contracts.held(wanted.contract), uow.rates.get(wanted.rate)
        following = selling.following(uow.rates, rate.terms)
        id, new_id = ContractId(self._runner.new_id()), self._runner.new_id
        outcome = switching.switch(held.contract, held.others, wanted, rate, following, id, uow.now, new_id)
        uow.external_ids.add("contract", id, wanted.external_ids)
        return keep(uow, actor, self._parts, outcome, held.others)

    def withdraw_switch(self, contract: ContractId, *, idempotency_key: str | None = None) -> SwitchWithdrawal:
        """A switch will not be (CON-12): before its day, or while its fee is awaited. The contract goes on as if there
        had been none; the one that would have followed counts as never in force.

        Raises:
            NotFound: if there is no such contract.
            IllegalTransition: if the day of the switch has come.
            RuleViolation: if no switch is on file, or the contract that follows is handed on itself.
        """
        wanted = OfContract(contract=contract)
        return self._runner.run(WITHDRAW_SWITCH, wanted, idempotency_key, self.withdraw_switch_step)

    def withdraw_switch_step(self, uow: ContractsWork, actor: Actor, wanted: OfContract) -> SwitchWithdrawal:
        """Withdrawing a switch, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        outcome = switching.withdraw_switch(held.contract, held.others, uow.now)
        return keep(uow, actor, self._parts, outcome, held.others)

    def preview_transfer(self, contract: ContractId, *, studio: str, on: date | None = None) -> Transferred:
        """What :meth:`transfer` would do, without doing it; it refuses what that refuses."""
        wanted = PreviewTransfer(contract=contract, studio=studio, on=on)
        return self._runner.ask(PREVIEW_TRANSFER, wanted, self.preview_transfer_step)

    def preview_transfer_step(self, uow: ContractsWork, actor: Actor, wanted: PreviewTransfer) -> Transferred:
        """Previewing a transfer, inside a unit of work."""
        contract = telling.reachable(uow.contracts.get(wanted.contract), actor)
        studio = uow.studios.get(wanted.studio)
        others, id = uow.contracts.of(contract.members), ContractId(self._runner.new_id())
        outcome = transferring.transfer(contract, others, wanted, studio, id, uow.now)
        return evolve(outcome.result, successor=None)

    def transfer(
        self,
        contract: ContractId,
        *,
        studio: str,
        on: date | None = None,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Transferred:
        """Transfer a contract to another studio (CON-12). The same sale goes on there, under an id of its own: first
        day, terms, payments, freezes and a cancellation that is on file are those of the contract before. Until the day
        what is paid, frozen or changed of the people on it passes on too. There is never a fee.

        Args:
            on: the first day at the other studio, today if left out; at most three months back.
            external_ids: of the contract that follows.

        Raises:
            NotFound: if there is no such contract or studio.
            IllegalTransition: if the contract has ended.
            RuleViolation: if it is at that studio already, the day lies too far back or outside the contract, or a
                switch or transfer is on file.
            Duplicate: if an external id is taken.
        """
        wanted = Transfer(contract=contract, studio=studio, on=on, external_ids=external_ids)
        return self._runner.run(TRANSFER, wanted, idempotency_key, self.transfer_step)

    def transfer_step(self, uow: ContractsWork, actor: Actor, wanted: Transfer) -> Transferred:
        """Transferring, inside a unit of work."""
        held, studio = uow.contracts.held(wanted.contract), uow.studios.get(wanted.studio)
        id = ContractId(self._runner.new_id())
        outcome = transferring.transfer(held.contract, held.others, wanted, studio, id, uow.now)
        uow.external_ids.add("contract", id, wanted.external_ids)
        return keep(uow, actor, self._parts, outcome, held.others)

    def withdraw_transfer(self, contract: ContractId, *, idempotency_key: str | None = None) -> TransferWithdrawal:
        """A transfer will not be (CON-12): before its day; from then on, transfer back. A cancellation that had gone
        with it is the contract's own again.

        Raises:
            NotFound: if there is no such contract.
            IllegalTransition: if the day of the transfer has come.
            RuleViolation: if no transfer is on file, or the contract that follows is handed on itself.
        """
        wanted = OfContract(contract=contract)
        return self._runner.run(WITHDRAW_TRANSFER, wanted, idempotency_key, self.withdraw_transfer_step)

    def withdraw_transfer_step(self, uow: ContractsWork, actor: Actor, wanted: OfContract) -> TransferWithdrawal:
        """Withdrawing a transfer, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        outcome = transferring.withdraw_transfer(held.contract, held.others, uow.now)
        return keep(uow, actor, self._parts, outcome, held.others)
