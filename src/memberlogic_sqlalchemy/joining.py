"""COM-15: the store inside a transaction of the host's."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from memberlogic.clock import Clock
from memberlogic.errors import MemberLogicError
from memberlogic.ids import ContractId, OrganizationId
from memberlogic.inputs import require_instance
from memberlogic.storing import Capability, CareDue, Command, ContractDue, Due, ReviewsDue
from memberlogic_sqlalchemy import agenda
from memberlogic_sqlalchemy.dialects import Wire, wire_for
from memberlogic_sqlalchemy.dialects.base import positional
from memberlogic_sqlalchemy.remembering import Remembered
from memberlogic_sqlalchemy.translating import raised
from memberlogic_sqlalchemy.work import SqlWork
from sqlalchemy import Connection, NestedTransaction, text

__all__ = ["IsolationTooHigh", "JoinedStorage", "NoTransaction"]


class IsolationTooHigh(MemberLogicError):
    """On MariaDB and MySQL a transaction above READ COMMITTED reads what was true at its first statement, also after
    waiting for a lock: points would be spent twice.
    """

    code = "storage.isolation_too_high"
    rule = "COM-15"
    sentence = (
        "The host's transaction runs at {isolation}; memberlogic joins it at READ COMMITTED on this database: "
        'give the connection execution_options(isolation_level="READ COMMITTED"), or in Django the database '
        'OPTIONS["isolation_level"] = "read committed", which is its default.'
    )


class NoTransaction(MemberLogicError):
    """The host's connection commits every statement by itself: there is nothing to join."""

    code = "storage.no_transaction"
    rule = "COM-15"
    sentence = (
        "The host's connection commits every statement by itself; memberlogic joins a transaction, so that a command "
        "is all or nothing: take a connection that is not in AUTOCOMMIT, or in Django be inside transaction.atomic()."
    )


class JoinedStorage:
    """A store that lives in the host's transaction: each command in a savepoint, never a commit.

    A refusal rolls back to the savepoint and leaves the host's transaction usable. A Session is flushed first, so that
    what the host added is there for our foreign keys and ours for the host's.

    Args:
        connection: a Connection, or a Session whose connection is used.
    """

    owns_transactions = False
    capabilities = frozenset({Capability.DURABLE, Capability.JOINING, Capability.CONCURRENT})

    def __init__(self, connection: Connection | Session) -> None:
        require_instance(connection, (Connection, Session), "connection", "a Connection or a Session of SQLAlchemy")
        self._host = connection
        self._remembered = Remembered(committed=False)
        self._looked_at: object = None

    @contextmanager
    def work(self, command: Command, clock: Clock) -> Iterator[SqlWork]:
        """One attempt at a command, in a savepoint."""
        with self._savepoint() as wire:
            uow = SqlWork(wire, command.organization, command, clock, self._remembered, wire.begin_joined())
            yield uow
            uow.flush(commit=False)

    @contextmanager
    def reading(self, organization: OrganizationId, clock: Clock) -> Iterator[SqlWork]:
        """A look at what the host's transaction sees."""
        with self._looking() as wire:
            yield SqlWork(wire, organization, None, clock, self._remembered, ())

    def due(self, before: datetime, limit: int, without: Collection[OrganizationId] = ()) -> Sequence[Due]:
        """What may change by itself by then, over all organizations."""
        with self._looking() as wire:
            return agenda.due(wire, (), before, limit, without)

    def reviews_due(self, before: datetime, without: Collection[OrganizationId] = ()) -> Sequence[ReviewsDue]:
        """When reviews of which clubs fell due by then, over all organizations."""
        connection = self._connection()
        with _translated(connection), self._wired(connection) as wire:
            return agenda.reviews_due(wire, (), before, without)

    def contracts_due(
        self,
        before: datetime,
        limit: int,
        without: Collection[OrganizationId] = (),
        aside: Collection[ContractId] = (),
    ) -> Sequence[ContractDue]:
        """Which contracts have something to announce by then, over all organizations."""
        with self._looking() as wire:
            return agenda.contracts_due(wire, (), before, limit, without, aside)

    def care_due(self, before: datetime, limit: int, without: Collection[OrganizationId] = ()) -> Sequence[CareDue]:
        """In which runs of Member Care something comes about by then, over all organizations."""
        with self._looking() as wire:
            return agenda.care_due(wire, (), before, limit, without)

    def care_listening(self, without: Collection[OrganizationId] = ()) -> Sequence[OrganizationId]:
        """The organizations in which some run ever waited for an event."""
        with self._looking() as wire:
            return agenda.care_listening(wire, (), without)

    @contextmanager
    def rehearsing(self) -> Iterator[JoinedStorage]:
        """The same in a savepoint of the host's transaction, which is rolled back."""
        savepoint = self._begun(self._connection())
        try:
            yield JoinedStorage(self._host)
        finally:
            if savepoint.is_active:
                savepoint.rollback()

    def pause(self, seconds: float) -> None:
        """Wait; never called by the runner, which does not repeat commands inside the host's transaction."""
        time.sleep(seconds)

    @contextmanager
    def _savepoint(self) -> Iterator[Wire]:
        """A savepoint of the host's transaction, which is kept unless something is raised."""
        connection = self._connection()
        savepoint = self._begun(connection)
        with _translated(connection, savepoint), self._wired(connection) as wire:
            yield wire
            savepoint.commit()

    @contextmanager
    def _looking(self) -> Iterator[Wire]:
        """The host's connection as it stands."""
        connection = self._connection()
        with _translated(connection), self._wired(connection) as wire:
            yield wire

    def _begun(self, connection: Connection) -> NestedTransaction:
        with _translated(connection):
            if connection.dialect.name == "sqlite":
                _begin(connection, "BEGIN IMMEDIATE")
            self._require_transaction(connection)
            return connection.begin_nested()

    def _connection(self) -> Connection:
        """The host's connection, in its transaction. What the host's own flush raises is the host's."""
        if isinstance(self._host, Session):
            self._host.flush()
            return self._host.connection()
        return self._host

    def _require_transaction(self, connection: Connection) -> None:
        """Refuse a connection on which a command would not be all or nothing; asked once for each transaction."""
        transaction = connection.get_transaction()
        if transaction is not None and transaction is self._looked_at:
            return
        if (
            connection.get_execution_options().get("isolation_level", connection.default_isolation_level)
            == "AUTOCOMMIT"
        ):
            raise NoTransaction()
        if connection.dialect.name in ("mysql", "mariadb"):
            level = str(connection.get_isolation_level())
            if level not in ("READ COMMITTED", "READ UNCOMMITTED"):
                raise IsolationTooHigh(isolation=level)
        self._looked_at = connection.get_transaction()

    @contextmanager
    def _wired(self, connection: Connection) -> Iterator[Wire]:
        wire = wire_for(connection.dialect)(connection.connection, positional(connection.dialect))
        try:
            yield wire
        finally:
            with suppress(Exception):
                wire.close()


@contextmanager
def _translated(connection: Connection, savepoint: NestedTransaction | None = None) -> Iterator[None]:
    """Errors as ours; what was done since the savepoint is undone. Where the database threw the whole transaction away,
    SQLAlchemy is told, so that the host cannot commit half of its work unnoticed.
    """
    try:
        yield
    except BaseException as error:
        made = raised(error, joined=connection.dialect.name)
        if getattr(made, "transaction_lost", False):
            transaction = connection.get_transaction()
            if transaction is not None:
                with suppress(Exception):
                    transaction.rollback()
        elif savepoint is not None:
            with suppress(Exception):
                savepoint.rollback()
        if made is error:
            raise
        raise made from error


def _begin(connection: Connection, how: str) -> None:
    """Begin on SQLite if no transaction runs: a savepoint outside of one would commit when it is released."""
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:
        connection.execute(text(how))
