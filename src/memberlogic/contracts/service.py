"""What a host calls to draft contracts and to ask what they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from memberlogic.actors import Actor
from memberlogic.contracts import drafting, redrafting, selling, settling, settling_in, telling
from memberlogic.contracts.batch_service import BatchService
from memberlogic.contracts.cancellation_service import CancellationService
from memberlogic.contracts.drafting import Draft, Drafted
from memberlogic.contracts.freeze_service import FreezeService
from memberlogic.contracts.handover_service import HandoverService
from memberlogic.contracts.import_service import ImportService
from memberlogic.contracts.lapsing_service import LapsingService
from memberlogic.contracts.parts import ContractParts, SaleKind
from memberlogic.contracts.pass_service import PassService
from memberlogic.contracts.payment_service import PaymentService
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import keep, publish
from memberlogic.contracts.rate_service import RateService
from memberlogic.contracts.redrafting import Redraft
from memberlogic.contracts.report_service import ReportService
from memberlogic.contracts.settling import ContractsSettled, SettleContracts
from memberlogic.contracts.share_service import ShareService
from memberlogic.contracts.suspension_service import SuspensionService
from memberlogic.contracts.telling import ContractTold, OfContracts, OnDay
from memberlogic.contracts.visit_service import VisitService
from memberlogic.ids import ContractId, ExternalId, MemberId, RateId
from memberlogic.members.acting import require_own
from memberlogic.members.registering import ByExternalId
from memberlogic.running import Asks, Runner

__all__ = ["ContractsService"]

REDRAFT = Asks("contracts.redraft", "members.contracts:create", Drafted)
DRAFT = Asks("contracts.draft", "members.contracts:create", Drafted)
GET = Asks("contracts.get", "members.contracts:read", ContractTold)
FIND = Asks("contracts.find", "members.contracts:read", ContractTold)
OF = Asks("contracts.of", "members.contracts:read", tuple[ContractTold, ...])
SETTLE = Asks("contracts.settle", "members.contracts:update", ContractsSettled)


class ContractsService(
    RateService,
    ImportService,
    PaymentService,
    ShareService,
    HandoverService,
    FreezeService,
    BatchService,
    CancellationService,
    LapsingService,
    ReportService,
    SuspensionService,
    PassService,
    VisitService,
):
    """Membership contracts. Days are business days of the contract's studio (COM-3).

    Args:
        parts: what the rooms above contribute: what they tell at check-in (CON-15), and what they do when a contract is
            sold or changed.
    """

    def __init__(
        self,
        runner: Runner[ContractsWork],
        parts: ContractParts = ContractParts(),  # noqa: B008 - frozen
    ) -> None:
        self._runner = runner
        self._parts = parts

    def draft(
        self,
        holder: MemberId,
        *,
        rate: RateId,
        studio: str,
        signed_on: date | None = None,
        start_on: date | None = None,
        covered: Sequence[MemberId] = (),
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Drafted:
        """Sell a rate to a member (CON-2). The contract is on hold until the initial fee is paid; where the rate has
        none it counts as paid from the day of signing.

        Args:
            signed_on: today if left out; an earlier day needs the permission ``members.contracts.past:create``.
            start_on: the first day, inclusive; the day of signing if left out.
            covered: who is on it beside the holder (CON-11).

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member, rate or studio.
            PermissionDenied: for a day before today without the permission.
            RuleViolation: if the rate is retired, the days are in no order, or too many would be covered.
            Duplicate: if an external id is taken.
        """
        wanted = Draft(
            holder=holder,
            rate=rate,
            studio=studio,
            signed_on=signed_on,
            start_on=start_on,
            covered=covered,
            external_ids=external_ids,
        )
        return self._runner.run(DRAFT, wanted, idempotency_key, self.draft_step)

    def draft_step(self, uow: ContractsWork, actor: Actor, wanted: Draft, kind: SaleKind = SaleKind.DRAFTED) -> Drafted:
        """Drafting, inside a unit of work."""
        members = uow.members.all_locked(wanted.members)
        rate, studio = uow.rates.get(wanted.rate), uow.studios.get(wanted.studio)
        facts = drafting.facts_of(wanted, rate, studio, members, actor, uow.now)
        id = ContractId(self._runner.new_id())
        following = selling.following(uow.rates, rate.terms)
        outcome = drafting.draft(id, facts, following, uow.now, self._runner.new_id, kind)
        uow.external_ids.add("contract", id, wanted.external_ids)
        others = uow.contracts.of(wanted.members)
        settling_in.settle_in(uow, outcome.facts, others.values())
        return keep(uow, actor, self._parts, outcome, others)

    def redraft(
        self,
        contract: ContractId,
        *,
        start_on: date | None = None,
        signed_on: date | None = None,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Drafted:
        """Sell again what a contract was that ended (CON-4): its rate, in the version on sale now, its studio, its
        holder and everybody covered who had not left by its last day and was not anonymised since. The contract that
        ended stays as it is, and so does the day on which they first joined.

        Args:
            start_on: the first day, inclusive; the day of signing if left out.
            signed_on: today if left out; an earlier day needs the permission ``members.contracts.past:create``.

        Raises:
            NotFound: if there is no such contract.
            IllegalTransition: if it has not ended, or its holder was anonymised.
            PermissionDenied: for a day before today without the permission.
            RuleViolation: if another contract follows it by a switch or transfer, it was to follow another and never
                did, the rate is retired or covers fewer now, or the days are in no order.
            Duplicate: if an external id is taken.
        """
        wanted = Redraft(contract=contract, start_on=start_on, signed_on=signed_on, external_ids=external_ids)
        return self._runner.run(REDRAFT, wanted, idempotency_key, self.redraft_step)

    def redraft_step(self, uow: ContractsWork, actor: Actor, wanted: Redraft) -> Drafted:
        """Drafting again, inside a unit of work."""
        held = uow.contracts.held(wanted.contract)
        members = uow.members.several(held.contract.members)
        again = redrafting.as_it_ended(held.contract, members, wanted, uow.now)
        return self.draft_step(uow, actor, again, SaleKind.REDRAFTED)

    def get(self, contract: ContractId, *, on: date | None = None) -> ContractTold:
        """A contract as it is on a day, past or future; today if left out. Raises ``NotFound``."""
        return self._runner.ask(GET, OnDay(contract=contract, on=on), self.get_step)

    def get_step(self, uow: ContractsWork, actor: Actor, wanted: OnDay) -> ContractTold:
        """Looking up, inside a unit of work."""
        contract = telling.reachable(uow.contracts.get(wanted.contract), actor)
        return telling.tell(contract, wanted.on, uow.now)

    def find(self, source: str, value: str) -> ContractTold:
        """The contract with an external id (COM-19), as it is today. Raises ``NotFound``."""
        return self._runner.ask(FIND, ByExternalId(source=source, value=value), self.find_step)

    def find_step(self, uow: ContractsWork, actor: Actor, wanted: ByExternalId) -> ContractTold:
        """Looking up by external id, inside a unit of work."""
        id = uow.external_ids.find("contract", ExternalId(wanted.source, wanted.value))
        return self.get_step(uow, actor, OnDay(contract=ContractId(id)))

    def of(self, member: MemberId, *, on: date | None = None) -> tuple[ContractTold, ...]:
        """Every contract that a member is or was on, as each is on a day, by their ids. Raises ``NotFound``."""
        return self._runner.ask(OF, OfContracts(member=member, on=on), self.of_step)

    def of_step(self, uow: ContractsWork, actor: Actor, wanted: OfContracts) -> tuple[ContractTold, ...]:
        """Looking up a member's contracts, inside a unit of work."""
        member = uow.members.get(wanted.member)
        require_own(actor, member.id)
        return telling.tell_all(uow.contracts.of([member.id]).values(), wanted.on, uow.now)

    def settle(
        self, contracts: Sequence[ContractId], *, as_of: datetime | None = None, idempotency_key: str | None = None
    ) -> ContractsSettled:
        """Announce what came about by itself of some contracts (CON-16); the jobs do it for all of them. Each change is
        an event, once, stamped with the day on which it took effect.

        Args:
            as_of: only what came about by then (inclusive); everything by now if left out.

        Raises:
            InvalidInput: for an ``as_of`` that is naive or to come.
            NotFound: if there is no such contract.
        """
        wanted = SettleContracts(contracts=contracts, as_of=as_of)
        return self._runner.run(SETTLE, wanted, idempotency_key, self.settle_step)

    def settle_step(self, uow: ContractsWork, actor: Actor, wanted: SettleContracts) -> ContractsSettled:
        """Announcing, inside a unit of work."""
        contracts = uow.contracts.settling(sorted(set(wanted.contracts)))
        outcome = settling.settle_all(contracts, wanted.as_of or uow.now, uow.now)
        uow.contracts.write(outcome.facts)
        uow.put(outcome.events)
        publish(uow, actor, self._parts, outcome.events)
        return outcome.result
