"""One unit of work: lazily begun, locks and keys and facts in one trip, writes queued until the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from memberlogic import converting
from memberlogic.actors import Actor
from memberlogic.clock import Clock
from memberlogic.events import Event, OfItself
from memberlogic.ids import OrganizationId, new_id
from memberlogic.notifying import Message
from memberlogic.outcomes import Because
from memberlogic.storing import Command, Header, Present
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.adjustments import SqlAdjustments
from memberlogic_sqlalchemy.awards import SqlAwards
from memberlogic_sqlalchemy.care_catalogue import SqlCareCatalogue
from memberlogic_sqlalchemy.care_configurations import SqlCareConfigurations
from memberlogic_sqlalchemy.care_flows import SqlCareFlows
from memberlogic_sqlalchemy.care_reports import SqlCareReports
from memberlogic_sqlalchemy.care_runs import SqlCareRuns
from memberlogic_sqlalchemy.confirmations import SqlConfirmations
from memberlogic_sqlalchemy.consents import SqlConsents
from memberlogic_sqlalchemy.contact_points import SqlContactPoints
from memberlogic_sqlalchemy.contract_batches import SqlContractBatches
from memberlogic_sqlalchemy.contract_reports import SqlContractReports
from memberlogic_sqlalchemy.contracts import SqlContracts
from memberlogic_sqlalchemy.dialects.base import Query, Wire
from memberlogic_sqlalchemy.habits import SqlHabits
from memberlogic_sqlalchemy.journals import SqlJournals
from memberlogic_sqlalchemy.leads import SqlLeads
from memberlogic_sqlalchemy.ledger import SqlWallets
from memberlogic_sqlalchemy.loyalty import SqlAccounts, SqlClubs
from memberlogic_sqlalchemy.members import SqlMembers, SqlMemberships
from memberlogic_sqlalchemy.merging import SqlAccountMergings, SqlContractMergings, SqlMergings
from memberlogic_sqlalchemy.message_templates import SqlMessageTemplates
from memberlogic_sqlalchemy.notes import SqlNotes
from memberlogic_sqlalchemy.organizations import SqlExternalIds, SqlHistory, SqlOrganizations, SqlStudios
from memberlogic_sqlalchemy.outbox import ADD_MESSAGE, SqlMessages, message_row
from memberlogic_sqlalchemy.parameters import SqlParameters
from memberlogic_sqlalchemy.passes import SqlPasses
from memberlogic_sqlalchemy.people import SqlPeople
from memberlogic_sqlalchemy.prospects import SqlProspects
from memberlogic_sqlalchemy.purchases import SqlPurchases
from memberlogic_sqlalchemy.rates import SqlRates
from memberlogic_sqlalchemy.remembering import Remembered
from memberlogic_sqlalchemy.returns import SqlReturns
from memberlogic_sqlalchemy.schemes import SqlMeasures, SqlSchemes
from memberlogic_sqlalchemy.search_keys import SqlSearchKeys
from memberlogic_sqlalchemy.statements import Row, Statement, inserting
from memberlogic_sqlalchemy.stating import SqlStatements
from memberlogic_sqlalchemy.suspensions import SqlBilling, SqlSuspensions
from memberlogic_sqlalchemy.tags import SqlTags
from memberlogic_sqlalchemy.timelines import SqlTimelines
from memberlogic_sqlalchemy.visits import SqlVisits
from sqlalchemy import bindparam, select

__all__ = ["SqlWork"]

_h = tables.headers.c
_HEADER = Statement(
    select(_h.command, _h.actor, _h.fingerprint, _h.result).where(
        _h.organization_id == bindparam("organization", type_=_h.organization_id.type),
        _h.idempotency_key == bindparam("key", type_=_h.idempotency_key.type),
    ),
    "organization",
    "key",
)
_ADD_HEADER = inserting(tables.headers)
_ADD_EVENT = inserting(tables.events)
_ADD_CONCERNED = inserting(tables.event_members)


class SqlWork:
    """A unit of work on a wire.

    Args:
        wire: the connection, inside its transaction or about to begin it.
        organization: the tenant; every statement names it.
        command: what is being done; None for a query.
        clock: what says the time.
        remembered: what stays true between units: club versions.
        begin: what begins the transaction, sent with the first statement; nothing if it has begun.
    """

    # Made when they are first asked for: a command needs a few of them.
    organizations = cached_property(SqlOrganizations)
    studios = cached_property(SqlStudios)
    external_ids = cached_property(SqlExternalIds)
    history = cached_property(SqlHistory)
    messages = cached_property(SqlMessages)
    members = cached_property(SqlMembers)
    tags = cached_property(SqlTags)
    leads = cached_property(SqlLeads)
    prospects = cached_property(SqlProspects)
    notes = cached_property(SqlNotes)
    parameters = cached_property(SqlParameters)
    consents = cached_property(SqlConsents)
    people = cached_property(SqlPeople)
    contact_points = cached_property(SqlContactPoints)
    confirmations = cached_property(SqlConfirmations)
    mergings = cached_property(SqlMergings)
    memberships = cached_property(SqlMemberships)
    timelines = cached_property(SqlTimelines)
    habits = cached_property(SqlHabits)
    message_templates = cached_property(SqlMessageTemplates)
    rates = cached_property(SqlRates)
    contracts = cached_property(SqlContracts)
    search_keys = cached_property(SqlSearchKeys)
    contract_reports = cached_property(SqlContractReports)
    suspensions = cached_property(SqlSuspensions)
    billing = cached_property(SqlBilling)
    passes = cached_property(SqlPasses)
    visits = cached_property(SqlVisits)
    contract_batches = cached_property(SqlContractBatches)
    care_flows = cached_property(SqlCareFlows)
    care_configurations = cached_property(SqlCareConfigurations)
    care_catalogue = cached_property(SqlCareCatalogue)
    care_runs = cached_property(SqlCareRuns)
    care_reports = cached_property(SqlCareReports)
    contract_mergings = cached_property(SqlContractMergings)
    clubs = cached_property(SqlClubs)
    accounts = cached_property(SqlAccounts)
    account_mergings = cached_property(SqlAccountMergings)
    schemes = cached_property(SqlSchemes)
    measures = cached_property(SqlMeasures)
    wallets = cached_property(SqlWallets)
    adjustments = cached_property(SqlAdjustments)
    awards = cached_property(SqlAwards)
    statements = cached_property(SqlStatements)
    purchases = cached_property(SqlPurchases)
    returns = cached_property(SqlReturns)
    journals = cached_property(SqlJournals)

    def __init__(
        self,
        wire: Wire,
        organization: OrganizationId,
        command: Command | None,
        clock: Clock,
        remembered: Remembered,
        begin: Sequence[str],
    ) -> None:
        self.wire = wire
        self.codec = wire.codec
        self.organization = organization
        self.org = wire.codec.id_in(organization)
        self.command = command
        self.command_id = new_id()
        self.remembered = remembered
        self._begin = begin
        self._present = Present(clock)
        self._key_pending = command is not None and command.key is not None
        self._writes: dict[Statement, list[Row]] = {}
        self._finished: Row | None = None
        self._explained: dict[int, tuple[tuple[Because, ...], str]] = {}

    @property
    def now(self) -> datetime:
        """The instant at which the command decides."""
        return self._present.now

    def not_before(self, effective_at: datetime) -> None:
        """A lock was taken on something whose last effective instant is this."""
        self._present.not_before(effective_at)

    def ask(self, *queries: Query) -> list[Sequence[Any]]:
        """The rows of each query, in one trip where the driver can. A command's key is looked up before anything that
        could refuse is read; and again, by :meth:`lock`, after the lock is had.
        """
        if self._key_pending and self.command is not None:
            header, *rest = self._ask((_HEADER, (self.org, self.command.key)), *queries)
            self._answer(header)
            return rest
        return self._ask(*queries)

    def _ask(self, *queries: Query) -> list[Sequence[Any]]:
        begin, self._begin = self._begin, ()
        return self.wire.ask(begin, queries)

    def lock(self, lock: Query, *after: Query) -> list[Sequence[Any]]:
        """The rows of a query that locks, and of queries that look after the lock was had. The command's key is
        looked up between them, the first time.

        Raises:
            Replayed, IdempotencyConflict: if the key was used.
        """
        if not self._key_pending or self.command is None:
            return self._ask(lock, *after)
        self._key_pending = False
        locked, header, *rest = self._ask(lock, (_HEADER, (self.org, self.command.key)), *after)
        self._answer(header)
        return [locked, *rest]

    def _answer(self, rows: Sequence[Any]) -> None:
        for name, actor, fingerprint, result in rows:
            assert self.command is not None
            header = Header(
                name=name,
                actor=actor,
                key=self.command.key,
                fingerprint=fingerprint,
                result=converting.loads(result),
            )
            raise header.answer(self.command)

    def queue(self, statement: Statement, row: Row) -> None:
        """A row to be written at the end; rows of one statement leave together, statements in order of their first
        row.
        """
        self._writes.setdefault(statement, []).append(row)

    def queue_all(self, statement: Statement, rows: Sequence[Row]) -> None:
        """Many rows of one statement."""
        if rows:
            self._writes.setdefault(statement, []).extend(rows)

    def explained(self, because: tuple[Because, ...]) -> str:
        """An explanation as JSON text; several rows of one unit may have it, and it is written out once."""
        known = self._explained.get(id(because))
        if known is not None and known[0] is because:
            return known[1]
        said = [{"rule": each.rule, "code": each.code, "figures": each.figures} for each in because]
        text = converting.dumps(said)
        self._explained[id(because)] = (because, text)
        return text

    def put(
        self,
        events: Sequence[Event | OfItself],
        messages: Sequence[Message] = (),
        *,
        effective_at: datetime | None = None,
    ) -> None:
        """Queue events and messages."""
        assert self.command is not None, "a query records nothing"
        codec = self.codec
        for each in events:
            event = each.event if isinstance(each, OfItself) else each
            at = each.effective_at if isinstance(each, OfItself) else effective_at or self.now
            actor = Actor.system().label if isinstance(each, OfItself) else self.command.actor
            id = codec.id_in(new_id())
            row = (
                self.org,
                id,
                codec.id_in(self.command_id),
                event.type,
                event.version,
                actor,
                codec.at_in(at),
                codec.at_in(self.now),
                converting.dumps(converting.to_json(event)),
            )
            self.queue(_ADD_EVENT, row)
            for member in dict.fromkeys(event.members):
                self.queue(_ADD_CONCERNED, (self.org, codec.id_in(member), codec.at_in(at), id))
        for message in messages:
            self.queue(ADD_MESSAGE, message_row(codec, self.org, message))

    def finish(self, result: Any) -> None:
        """Keep the header for the end."""
        assert self.command is not None, "a query records nothing"
        if self._key_pending:
            self.ask()
        self._finished = (
            self.org,
            self.codec.id_in(self.command_id),
            self.command.name,
            self.command.actor,
            self.command.key,
            self.command.fingerprint,
            converting.dumps(result),
            self.codec.at_in(self.now),
        )

    def write_out(self) -> None:
        """Write what is queued so far, inside the transaction."""
        self.flush(commit=False)
        self._writes.clear()
        self._explained.clear()
        self.wallets = SqlWallets(self)

    def _write_runs(self) -> None:
        if "care_runs" in self.__dict__:
            self.care_runs.write()

    def flush(self, *, commit: bool) -> None:
        """Write everything, the header last, and commit with it if the transaction is ours."""
        self.wallets.write()
        self.journals.write()
        self._write_runs()
        self.schemes.write()
        if self._finished is not None:
            self.queue(_ADD_HEADER, self._finished)
        begin, self._begin = self._begin, ()
        self.wire.write(begin, list(self._writes.items()), commit=commit)
