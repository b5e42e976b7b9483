"""The store and its units of work."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from attrs import define, field, fields

from memberlogic.actors import Actor
from memberlogic.care.catalogues import Entry as CatalogueEntry
from memberlogic.care.catalogues import EntryKind
from memberlogic.care.configurations import Activation, Configuration
from memberlogic.care.flows import Flow, FlowVersion
from memberlogic.care.model import Run
from memberlogic.clock import Clock
from memberlogic.contracts.batches import Batch, BatchLine
from memberlogic.contracts.model import Contract
from memberlogic.contracts.passes import VisitorPass
from memberlogic.contracts.rates import Rate
from memberlogic.contracts.spanning import next_change_of
from memberlogic.contracts.suspensions import Billing, Suspension
from memberlogic.contracts.visits import Visit
from memberlogic.engagement.templates import Template
from memberlogic.errors import WAITED, ConcurrencyConflict
from memberlogic.events import Event, OfItself, Recorded
from memberlogic.ids import (
    AccountId,
    AdjustmentId,
    CareConfigurationId,
    CareFlowId,
    CareRunId,
    CareStepId,
    ClubId,
    ContactPointId,
    ContractBatchId,
    ContractId,
    EntryId,
    ExternalId,
    HoldId,
    InquiryId,
    JournalId,
    LotId,
    MemberId,
    NoteId,
    OrganizationId,
    PassId,
    PurchaseId,
    RateId,
    SuspensionId,
    TagId,
    VisitId,
    new_id,
)
from memberlogic.ledger.journals import Journal, JournalLine
from memberlogic.ledger.model import Adjustment, Entry, Hold, Lot, WalletId
from memberlogic.loyalty.awards import Award
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import SchemeChange
from memberlogic.loyalty.purchases import Purchase, PurchaseLine
from memberlogic.loyalty.returns import Return
from memberlogic.members import Member
from memberlogic.members.consents import Consent
from memberlogic.members.contact_points import Confirmation, ContactPoint
from memberlogic.members.inquiries import Inquiry
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.parameters import Parameter, ParameterValue
from memberlogic.members.people import Person
from memberlogic.members.search_keys import SearchKey
from memberlogic.members.tags import CarriedTag, Tag
from memberlogic.notifying import Message
from memberlogic.organizations.model import Organization, Studio
from memberlogic.storing import Capability, CareDue, Command, ContractDue, Due, Header, Present, ReviewsDue
from memberlogic_memory.adjustments import MemoryAdjustments
from memberlogic_memory.awards import MemoryAwards
from memberlogic_memory.care_catalogue import MemoryCareCatalogue
from memberlogic_memory.care_configurations import MemoryCareConfigurations
from memberlogic_memory.care_flows import MemoryCareFlows
from memberlogic_memory.care_reports import MemoryCareReports
from memberlogic_memory.care_runs import MemoryCareRuns
from memberlogic_memory.consents import MemoryConsents
from memberlogic_memory.contract_batches import MemoryContractBatches
from memberlogic_memory.contract_reports import MemoryContractReports
from memberlogic_memory.contracts import MemoryContracts, MemoryRates
from memberlogic_memory.habits import MemoryHabits
from memberlogic_memory.journals import MemoryJournals
from memberlogic_memory.leads import MemoryLeads
from memberlogic_memory.ledger import MemoryWallets, Totals
from memberlogic_memory.loyalty import MemoryAccounts, MemoryClubs
from memberlogic_memory.members import MemoryMembers, MemoryMemberships
from memberlogic_memory.merging import MemoryAccountMergings, MemoryContractMergings, MemoryMergings
from memberlogic_memory.message_templates import MemoryMessageTemplates
from memberlogic_memory.notes import MemoryNotes
from memberlogic_memory.organizations import (
    MemoryExternalIds,
    MemoryHistory,
    MemoryMessages,
    MemoryOrganizations,
    MemoryStudios,
)
from memberlogic_memory.outbox import MemoryOutbox, Queued
from memberlogic_memory.parameters import MemoryParameters
from memberlogic_memory.people import MemoryConfirmations, MemoryContactPoints, MemoryPeople
from memberlogic_memory.prospects import MemoryProspects
from memberlogic_memory.purchases import MemoryPurchases
from memberlogic_memory.returns import MemoryReturns
from memberlogic_memory.schemes import MemoryMeasures, MemorySchemes
from memberlogic_memory.search_keys import MemorySearchKeys
from memberlogic_memory.statements import MemoryStatements
from memberlogic_memory.tags import MemoryTags
from memberlogic_memory.timelines import MemoryTimelines
from memberlogic_memory.visits import MemoryBilling, MemoryPasses, MemorySuspensions, MemoryVisits

__all__ = ["MemoryStorage", "MemoryWork", "Tenant"]


@define
class Tenant:
    """Everything of one organization."""

    organization: Organization | None = None
    secret: bytes = b""
    studios: dict[str, Studio] = field(factory=dict)
    external_ids: dict[tuple[str, ExternalId], UUID] = field(factory=dict)
    members: dict[MemberId, Member] = field(factory=dict)
    support_ids: dict[str, MemberId] = field(factory=dict)
    merged: dict[MemberId, MemberId] = field(factory=dict)
    """Which record leads to which."""
    tags: dict[str, Tag] = field(factory=dict)
    lead_sources: dict[MemberId, str] = field(factory=dict)
    inquiries: dict[MemberId, list[Inquiry]] = field(factory=dict)
    inquiry_notes: dict[InquiryId, str] = field(factory=dict)
    notes: dict[NoteId, tuple[MemberId, str]] = field(factory=dict)
    parameters: dict[str, Parameter] = field(factory=dict)
    parameter_values: dict[MemberId, dict[str, ParameterValue]] = field(factory=dict)
    consents: dict[MemberId, list[Consent]] = field(factory=dict)
    carried_tags: dict[MemberId, dict[TagId, CarriedTag]] = field(factory=dict)
    people: dict[MemberId, Person] = field(factory=dict)
    contact_points: dict[ContactPointId, ContactPoint] = field(factory=dict)
    confirmations: dict[ContactPointId, Confirmation] = field(factory=dict)
    memberships: dict[MemberId, tuple[MembershipSpan, ...]] = field(factory=dict)
    message_templates: dict[str, tuple[Template, ...]] = field(factory=dict)
    rates: dict[RateId, Rate] = field(factory=dict)
    contracts: dict[ContractId, Contract] = field(factory=dict)
    contracts_of: dict[MemberId, list[ContractId]] = field(factory=dict)
    search_keys: dict[MemberId, frozenset[SearchKey]] = field(factory=dict)
    suspensions: dict[SuspensionId, Suspension] = field(factory=dict)
    billing: dict[MemberId, Billing] = field(factory=dict)
    passes: dict[PassId, VisitorPass] = field(factory=dict)
    visits: dict[VisitId, Visit] = field(factory=dict)
    visits_of: dict[MemberId, list[VisitId]] = field(factory=dict)
    contract_batches: dict[ContractBatchId, Batch] = field(factory=dict)
    contract_batch_lines: dict[ContractBatchId, dict[ContractId, BatchLine]] = field(factory=dict)
    care_flows: dict[CareFlowId, Flow] = field(factory=dict)
    care_flow_versions: dict[CareFlowId, dict[int, FlowVersion]] = field(factory=dict)
    care_configurations: dict[CareConfigurationId, Configuration] = field(factory=dict)
    care_studios: dict[str, Activation] = field(factory=dict)
    care_catalogue: dict[tuple[EntryKind, str], CatalogueEntry] = field(factory=dict)
    care_runs: dict[CareRunId, Run] = field(factory=dict)
    care_runs_of: dict[MemberId, list[CareRunId]] = field(factory=dict)
    care_steps: dict[CareStepId, CareRunId] = field(factory=dict)
    care_guard: dict[MemberId, CareRunId | None] = field(factory=dict)
    """Which run of a member is the active one."""
    care_due: dict[CareRunId, datetime | None] = field(factory=dict)
    """When something comes about of itself in a run."""
    care_heard: UUID | None = None
    """Up to which event the jobs have looked for what runs wait for."""
    clubs: dict[ClubId, Club] = field(factory=dict)
    accounts: dict[AccountId, Account] = field(factory=dict)
    merged_accounts: dict[AccountId, AccountId] = field(factory=dict)
    """Which account leads to which."""
    owned: dict[tuple[MemberId, ClubId], list[AccountId]] = field(factory=dict)
    """The accounts of a member's own in a club, closed ones among them."""
    totals: dict[WalletId, Totals] = field(factory=dict)
    lots: dict[WalletId, dict[LotId, Lot]] = field(factory=dict)
    """Lots that have something left."""
    opened: dict[LotId, Lot] = field(factory=dict)
    """All lots as they were opened."""
    place_of: dict[LotId, WalletId] = field(factory=dict)
    idle: dict[WalletId, dict[LotId, datetime]] = field(factory=dict)
    """The lots that live by activity."""
    came_from: dict[LotId, list[LotId]] = field(factory=dict)
    """The lots that a lot is the origin of."""
    corrections: dict[EntryId, list[Entry]] = field(factory=dict)
    entries: dict[EntryId, Entry] = field(factory=dict)
    entries_of: dict[WalletId, list[Entry]] = field(factory=dict)
    purchases: dict[ExternalId, Purchase] = field(factory=dict)
    purchases_of: dict[AccountId, list[Purchase]] = field(factory=dict)
    returns: dict[ExternalId, Return] = field(factory=dict)
    returns_of: dict[PurchaseId, list[Return]] = field(factory=dict)
    purchase_lines: dict[PurchaseId, tuple[PurchaseLine, ...]] = field(factory=dict)
    holds: dict[HoldId, Hold] = field(factory=dict)
    adjustments: dict[AdjustmentId, Adjustment] = field(factory=dict)
    awards: dict[ExternalId, Award] = field(factory=dict)
    awards_of: dict[AccountId, list[Award]] = field(factory=dict)
    open_holds: dict[WalletId, dict[HoldId, Hold]] = field(factory=dict)
    journals: dict[JournalId, Journal] = field(factory=dict)
    journal_lines: dict[JournalId, list[JournalLine]] = field(factory=dict)
    scheme_changes: dict[AccountId, list[SchemeChange]] = field(factory=dict)
    headers: dict[str, Header] = field(factory=dict)
    events: list[Recorded] = field(factory=list)
    outbox: dict[UUID, Queued] = field(factory=dict)

    def copied(self) -> Tenant:
        """The same, apart: what is changed in the one does not show in the other."""
        made = Tenant()
        for each in fields(Tenant):
            setattr(made, each.name, _apart(getattr(self, each.name)))
        return made


def _apart(value: Any) -> Any:
    """A container of ours with the containers in it, apart; what lies in those is never changed in place."""
    if isinstance(value, dict):
        return {key: each.copy() if isinstance(each, dict | list) else each for key, each in value.items()}
    return list(value) if isinstance(value, list) else value


class MemoryStorage:
    """A store in memory: one writer at a time, readers between writers.

    Args:
        patience: how many seconds a command waits for another one before it is refused as a conflict.
    """

    owns_transactions = True
    capabilities = frozenset({Capability.CONCURRENT})

    def __init__(self, *, patience: float = 10.0) -> None:
        self._tenants: dict[OrganizationId, Tenant] = {}
        self._lock = threading.RLock()
        self._busy = False
        self._patience = patience

    @contextmanager
    def work(self, command: Command, clock: Clock) -> Iterator[MemoryWork]:
        """One attempt at a command; see :class:`memberlogic.storing.Storage`."""
        with self.alone():
            uow = MemoryWork(self.tenant(command.organization), command, clock)
            uow.answer()
            try:
                yield uow
                uow.apply()
            except BaseException:
                if uow.before is not None:
                    self._tenants[command.organization] = uow.before
                raise
            self._tenants[command.organization] = uow.tenant

    @contextmanager
    def reading(self, organization: OrganizationId, clock: Clock) -> Iterator[MemoryWork]:
        """A consistent look; see :class:`memberlogic.storing.Storage`."""
        with self.alone():
            yield MemoryWork(self.tenant(organization), None, clock)

    def due(self, before: datetime, limit: int, without: Collection[OrganizationId] = ()) -> Sequence[Due]:
        """What may change by itself by then, over all organizations."""
        with self.alone():
            due = [
                Due(organization, wallet.account, wallet.unit, totals.next_change)
                for organization, tenant in self._tenants.items()
                for wallet, totals in tenant.totals.items()
                if totals.next_change is not None and totals.next_change <= before
            ]
            due += [
                Due(organization, wallet.account, wallet.unit, totals.next_warning)
                for organization, tenant in self._tenants.items()
                for wallet, totals in tenant.totals.items()
                if totals.next_warning is not None and totals.next_warning <= before
            ]
            due += [
                Due(organization, account.id, None, account.next_review)
                for organization, tenant in self._tenants.items()
                for account in tenant.accounts.values()
                if account.next_review is not None and account.next_review <= before
            ]
            due += [
                Due(organization, account.id, None, account.next_warning)
                for organization, tenant in self._tenants.items()
                for account in tenant.accounts.values()
                if account.next_warning is not None and account.next_warning <= before
            ]
        return sorted((each for each in due if each.organization not in without), key=Due.order)[:limit]

    def reviews_due(self, before: datetime, without: Collection[OrganizationId] = ()) -> Sequence[ReviewsDue]:
        """When reviews of which clubs fell due by then, over all organizations."""
        with self.alone():
            due = Counter(
                ReviewsDue(organization, account.club, account.next_review)
                for organization, tenant in self._tenants.items()
                if organization not in without
                for account in tenant.accounts.values()
                if account.next_review is not None and account.next_review <= before
            )
        return sorted((each for each, accounts in due.items() if accounts > 1), key=ReviewsDue.order)

    def contracts_due(
        self,
        before: datetime,
        limit: int,
        without: Collection[OrganizationId] = (),
        aside: Collection[ContractId] = (),
    ) -> Sequence[ContractDue]:
        """Which contracts have something to announce by then, over all organizations."""
        with self.alone():
            due = [
                ContractDue(organization, contract.id, at)
                for organization, tenant in self._tenants.items()
                if organization not in without
                for contract in tenant.contracts.values()
                if contract.id not in aside
                if (at := next_change_of(contract)) is not None and at <= before
            ]
        return sorted(due, key=ContractDue.order)[:limit]

    def care_due(self, before: datetime, limit: int, without: Collection[OrganizationId] = ()) -> Sequence[CareDue]:
        """In which runs of Member Care something comes about by then, over all organizations."""
        with self.alone():
            due = [
                CareDue(organization, run, at)
                for organization, tenant in self._tenants.items()
                if organization not in without
                for run, at in tenant.care_due.items()
                if at is not None and at <= before
            ]
        return sorted(due, key=CareDue.order)[:limit]

    def care_listening(self, without: Collection[OrganizationId] = ()) -> Sequence[OrganizationId]:
        """The organizations in which some run ever waited for an event."""
        with self.alone():
            listening = (id for id, tenant in self._tenants.items() if tenant.care_heard is not None)
            return sorted(id for id in listening if id not in without)

    @contextmanager
    def rehearsing(self) -> Iterator[MemoryStorage]:
        """A copy of everything, which is forgotten at the end."""
        made = _Rehearsed(patience=self._patience)
        with self.alone():
            made._tenants = {organization: tenant.copied() for organization, tenant in self._tenants.items()}
        yield made

    def pause(self, seconds: float) -> None:
        """Wait before the next attempt."""
        time.sleep(seconds)

    def tenant(self, organization: OrganizationId) -> Tenant:
        """What is stored of an organization."""
        return self._tenants.get(organization) or Tenant()

    def tenants(self) -> Sequence[tuple[OrganizationId, Tenant]]:
        """What is stored of every organization."""
        return list(self._tenants.items())

    @property
    def outbox(self) -> MemoryOutbox:
        """The messages of all organizations, for the relay."""
        return MemoryOutbox(self)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While nobody else reads or writes."""
        if not self._lock.acquire(timeout=self._patience):
            raise ConcurrencyConflict(reason=WAITED)
        try:
            if self._busy:
                raise RuntimeError("a unit of work was opened inside another one of the same store and thread")
            self._busy = True
            try:
                yield
            finally:
                self._busy = False
        finally:
            self._lock.release()


class _Rehearsed(MemoryStorage):
    """A store that is forgotten: nothing leaves it."""

    owns_transactions = False


class MemoryWork:
    """One unit of work: reads what is stored, queues what is to be written."""

    # Made when they are first asked for: a command needs a few of them.
    organizations = cached_property(MemoryOrganizations)
    studios = cached_property(MemoryStudios)
    external_ids = cached_property(MemoryExternalIds)
    history = cached_property(MemoryHistory)
    messages = cached_property(MemoryMessages)
    members = cached_property(MemoryMembers)
    tags = cached_property(MemoryTags)
    leads = cached_property(MemoryLeads)
    notes = cached_property(MemoryNotes)
    prospects = cached_property(MemoryProspects)
    parameters = cached_property(MemoryParameters)
    consents = cached_property(MemoryConsents)
    people = cached_property(MemoryPeople)
    contact_points = cached_property(MemoryContactPoints)
    confirmations = cached_property(MemoryConfirmations)
    mergings = cached_property(MemoryMergings)
    memberships = cached_property(MemoryMemberships)
    timelines = cached_property(MemoryTimelines)
    habits = cached_property(MemoryHabits)
    message_templates = cached_property(MemoryMessageTemplates)
    rates = cached_property(MemoryRates)
    contracts = cached_property(MemoryContracts)
    search_keys = cached_property(MemorySearchKeys)
    contract_reports = cached_property(MemoryContractReports)
    suspensions = cached_property(MemorySuspensions)
    billing = cached_property(MemoryBilling)
    passes = cached_property(MemoryPasses)
    visits = cached_property(MemoryVisits)
    contract_batches = cached_property(MemoryContractBatches)
    care_flows = cached_property(MemoryCareFlows)
    care_configurations = cached_property(MemoryCareConfigurations)
    care_catalogue = cached_property(MemoryCareCatalogue)
    care_runs = cached_property(MemoryCareRuns)
    care_reports = cached_property(MemoryCareReports)
    contract_mergings = cached_property(MemoryContractMergings)
    clubs = cached_property(MemoryClubs)
    accounts = cached_property(MemoryAccounts)
    account_mergings = cached_property(MemoryAccountMergings)
    schemes = cached_property(MemorySchemes)
    measures = cached_property(MemoryMeasures)
    wallets = cached_property(MemoryWallets)
    adjustments = cached_property(MemoryAdjustments)
    awards = cached_property(MemoryAwards)
    statements = cached_property(MemoryStatements)
    purchases = cached_property(MemoryPurchases)
    returns = cached_property(MemoryReturns)
    journals = cached_property(MemoryJournals)

    def __init__(self, tenant: Tenant, command: Command | None, clock: Clock) -> None:
        self.tenant = tenant
        self._command = command
        self._present = Present(clock)
        self.before: Tenant | None = None
        """What was there before the unit wrote anything out."""
        self._guards: list[Callable[[], None]] = []
        self._writes: list[Callable[[], None]] = []

    @property
    def now(self) -> datetime:
        """The instant at which the command decides."""
        return self._present.now

    def not_before(self, effective_at: datetime) -> None:
        """Something was locked whose last effective instant is this."""
        self._present.not_before(effective_at)

    def answer(self) -> None:
        """Look the command's key up; everything is locked already."""
        if self._command is not None and self._command.key is not None:
            header = self.tenant.headers.get(self._command.key)
            if header is not None:
                raise header.answer(self._command)

    def queue(self, write: Callable[[], None], guard: Callable[[], None] | None = None) -> None:
        """A write for the end; all guards are asked before the first write."""
        self._writes.append(write)
        if guard is not None:
            self._guards.append(guard)

    def put(
        self,
        events: Sequence[Event | OfItself],
        messages: Sequence[Message] = (),
        *,
        effective_at: datetime | None = None,
    ) -> None:
        """Queue events and messages."""
        recorded = [self._recorded(event, effective_at or self.now) for event in events]
        self.queue(lambda: self.tenant.events.extend(recorded))
        self.queue(lambda: self.tenant.outbox.update({message.id: Queued(message) for message in messages}))

    def _recorded(self, event: Event | OfItself, effective_at: datetime) -> Recorded:
        assert self._command is not None, "a query records nothing"
        of_itself = event if isinstance(event, OfItself) else None
        return Recorded(
            id=new_id(),
            organization=self._command.organization,
            actor=Actor.system().label if of_itself else self._command.actor,
            effective_at=of_itself.effective_at if of_itself else effective_at,
            recorded_at=self.now,
            event=event.event if isinstance(event, OfItself) else event,
        )

    def finish(self, result: Any) -> None:
        """Queue the header."""
        assert self._command is not None, "a query records nothing"
        command = self._command
        if command.key is not None:
            header = Header(
                name=command.name,
                actor=command.actor,
                key=command.key,
                fingerprint=command.fingerprint,
                result=result,
            )
            key = command.key
            self.queue(lambda: self.tenant.headers.update({key: header}))

    def write_out(self) -> None:
        """Write what is queued so far; the store puts back what was there if the unit fails."""
        if self.before is None:
            self.before = self.tenant.copied()
        self.apply()
        self.wallets = MemoryWallets(self)

    def apply(self) -> None:
        """Do all writes, or none if a guard refuses."""
        for guard in self._guards:
            guard()
        for write in self._writes:
            write()
        self._guards.clear()
        self._writes.clear()
