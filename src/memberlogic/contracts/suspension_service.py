"""What a host calls to suspend (CON-14). :class:`~memberlogic.contracts.service.ContractsService` is one of these."""

from __future__ import annotations

from datetime import date, datetime

from memberlogic.actors import Actor
from memberlogic.amounts import Money
from memberlogic.contracts import owing, suspending
from memberlogic.contracts.owing import BillingTold, TellBilling
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.suspending import EndSuspension, OfMember, SuspendContract, SuspendMember
from memberlogic.contracts.suspensions import Billing, Suspension
from memberlogic.ids import ContractId, MemberId, SuspensionId
from memberlogic.members.lifecycle import present
from memberlogic.running import Asks, Runner

__all__ = ["SuspensionService"]

SUSPEND_CONTRACT = Asks("contracts.suspend_contract", "members.suspensions:create", Suspension)
SUSPEND_MEMBER = Asks("contracts.suspend_member", "members.suspensions:create", Suspension)
END_SUSPENSION = Asks("contracts.end_suspension", "members.suspensions:update", Suspension)
SUSPENSIONS = Asks("contracts.suspensions", "members.suspensions:read", tuple[Suspension, ...])
TELL_BILLING = Asks("contracts.tell_billing", "members.billing:update", BillingTold)
BILLING = Asks("contracts.billing", "members.billing:read", Billing)


class SuspensionService:
    """Suspensions, and what billing says."""

    _runner: Runner[ContractsWork]

    def suspend_contract(
        self,
        contract: ContractId,
        *,
        reason: str,
        since: date | None = None,
        until: date | None = None,
        idempotency_key: str | None = None,
    ) -> Suspension:
        """Give nobody access by a contract on the days ``[since, until)``, for a reason code (``arrears``). Its status,
        its term and its freezes are as if nothing was.

        Args:
            since: a day of the contract's studio; today if left out.
            until: the first day with access again; until it is ended, if left out.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such contract.
            SuspensionWithoutDays: if it would end before it begins.
        """
        wanted = SuspendContract(contract=contract, reason=reason, since=since, until=until)
        return self._runner.run(SUSPEND_CONTRACT, wanted, idempotency_key, self.suspend_contract_step)

    def suspend_contract_step(self, uow: ContractsWork, _: Actor, wanted: SuspendContract) -> Suspension:
        """Suspending, inside a unit of work."""
        contract, id = uow.contracts.held(wanted.contract).contract, SuspensionId(self._runner.new_id())
        outcome = suspending.suspend_contract(contract, wanted, id, uow.now)
        uow.suspensions.add(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def suspend_member(
        self,
        member: MemberId,
        *,
        reason: str,
        since: date | None = None,
        until: date | None = None,
        idempotency_key: str | None = None,
    ) -> Suspension:
        """Give a member no access anywhere on the days ``[since, until)``, for a reason code (``house_ban``): by no
        contract and no visitor pass. A day is that of the studio that they come to.

        Args:
            since: the organization's today if left out.
            until: the first day with access again; until it is ended, if left out.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member.
            SuspensionWithoutDays: if it would end before it begins.
        """
        wanted = SuspendMember(member=member, reason=reason, since=since, until=until)
        return self._runner.run(SUSPEND_MEMBER, wanted, idempotency_key, self.suspend_member_step)

    def suspend_member_step(self, uow: ContractsWork, _: Actor, wanted: SuspendMember) -> Suspension:
        """Suspending, inside a unit of work."""
        present(uow.members.locked(wanted.member), "be suspended")
        id = SuspensionId(self._runner.new_id())
        outcome = suspending.suspend_member(wanted, self._runner.organization, id, uow.now)
        uow.suspensions.add(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def end_suspension(
        self, suspension: SuspensionId, *, on: date | None = None, idempotency_key: str | None = None
    ) -> Suspension:
        """Give access again from a day on, today if left out. A suspension that has not begun by then never does.

        Raises:
            NotFound: if there is no such suspension.
            RuleViolation: if the day is before today, or the suspension ends by then anyway.
        """
        wanted = EndSuspension(suspension=suspension, on=on)
        return self._runner.run(END_SUSPENSION, wanted, idempotency_key, self.end_suspension_step)

    def end_suspension_step(self, uow: ContractsWork, _: Actor, wanted: EndSuspension) -> Suspension:
        """Ending, inside a unit of work."""
        suspension, contract = suspending.held(uow, wanted.suspension)
        outcome = suspending.end_suspension(suspension, contract, self._runner.organization, wanted, uow.now)
        uow.suspensions.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def suspensions(self, member: MemberId) -> tuple[Suspension, ...]:
        """Every suspension of a member and of the contracts that they are or were on, past ones too, in the order in
        which they were filed. Raises ``NotFound``.
        """
        return self._runner.ask(SUSPENSIONS, OfMember(member=member), self.suspensions_step)

    def suspensions_step(self, uow: ContractsWork, _: Actor, wanted: OfMember) -> tuple[Suspension, ...]:
        """Listing, inside a unit of work."""
        member = uow.members.get(wanted.member)
        return tuple(uow.suspensions.of(member.id, list(uow.contracts.of([member.id]))))

    def tell_billing(
        self,
        member: MemberId,
        *,
        owed: Money | None = None,
        status: str | None = None,
        as_of: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> BillingTold:
        """Say what the host's billing knows of a member: what they owe, and a status code. It is shown at check-in and
        decides nothing; to refuse access, suspend.

        Args:
            as_of: when it was so, now if left out. What is older than what is known changes nothing.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member.
            BillingToCome: if ``as_of`` is to come.
        """
        wanted = TellBilling(member=member, owed=owed, status=status, as_of=as_of)
        return self._runner.run(TELL_BILLING, wanted, idempotency_key, self.tell_billing_step)

    def tell_billing_step(self, uow: ContractsWork, _: Actor, wanted: TellBilling) -> BillingTold:
        """Keeping what billing says, inside a unit of work."""
        member = present(uow.members.locked(wanted.member), "be billed")
        outcome = owing.tell_billing(wanted, uow.billing.of(member.id), uow.now)
        uow.billing.keep(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def billing(self, member: MemberId) -> Billing:
        """What billing last said of a member; nothing, if it said nothing. Raises ``NotFound``."""
        return self._runner.ask(BILLING, OfMember(member=member), self.billing_step)

    def billing_step(self, uow: ContractsWork, _: Actor, wanted: OfMember) -> Billing:
        """Looking up, inside a unit of work."""
        return uow.billing.of(uow.members.get(wanted.member).id)
