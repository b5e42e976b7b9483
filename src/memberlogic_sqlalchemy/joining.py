"""COM-15: the store inside a transaction of the host's."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from memberlogic.clock import Clock
from memberlogic.errors import MemberLogicError
from memberlogic.ids import AccountId, OrganizationId
from memberlogic.storing import Capability, Command, Due
from memberlogic_sqlalchemy.dialects import Wire, wire_for
from memberlogic_sqlalchemy.dialects.base import positional
from memberlogic_sqlalchemy.ledger import DUE
from memberlogic_sqlalchemy.remembering import Remembered
from memberlogic_sqlalchemy.translating import raised
from memberlogic_sqlalchemy.work import SqlWork
from sqlalchemy import Connection, text

__all__ = ["IsolationTooHigh", "JoinedStorage"]


class IsolationTooHigh(MemberLogicError):
    """On MariaDB and MySQL a transaction above READ COMMITTED reads what was true at its first statement, also after
    waiting for a lock: points would be spent twice.
    """

    code = "storage.isolation_too_high"
    rule = "COM-15"
    sentence = (
        "The host's transaction runs at {isolation}; memberlogic joins it at READ COMMITTED on this database: "
        'give the connection execution_options(isolation_level="READ COMMITTED").'
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
        self._host = connection
        self._remembered = Remembered()
        self._isolation_known = False

    @contextmanager
    def work(self, command: Command, clock: Clock) -> Iterator[SqlWork]:
        """One attempt at a command, in a savepoint."""
        try:
            connection = self._connection()
            self._require_isolation(connection)
            savepoint = connection.begin_nested()
        except Exception as error:
            raise raised(error, joined=True) from error
        try:
            with self._wired(connection) as wire:
                uow = SqlWork(wire, command.organization, command, clock, self._remembered, ())
                yield uow
                uow.flush(commit=False)
            savepoint.commit()
        except BaseException as error:
            # Where the database threw the whole transaction away, the savepoint went with it.
            with suppress(Exception):
                savepoint.rollback()
            raise raised(error, joined=True) from error

    @contextmanager
    def reading(self, organization: OrganizationId, clock: Clock) -> Iterator[SqlWork]:
        """A look at what the host's transaction sees."""
        with self._wired(self._connection()) as wire:
            yield SqlWork(wire, organization, None, clock, self._remembered, ())

    def due(self, before: datetime, limit: int) -> Sequence[Due]:
        """What may change by itself by then, over all organizations."""
        with self._wired(self._connection()) as wire:
            codec = wire.codec
            (rows,) = wire.ask((), [(DUE, (codec.at_in(before), limit))])
        return [
            Due(OrganizationId(codec.id_out(organization)), AccountId(codec.id_out(account)), unit, codec.at_out(at))
            for organization, account, unit, at in rows
        ]

    def pause(self, seconds: float) -> None:
        """Wait; never called by the runner, which does not repeat commands inside the host's transaction."""
        time.sleep(seconds)

    def _connection(self) -> Connection:
        """The host's connection, in its transaction."""
        if isinstance(self._host, Session):
            self._host.flush()
            connection = self._host.connection()
        else:
            connection = self._host
        if connection.dialect.name == "sqlite":
            _begin_immediate(connection)
        return connection

    def _require_isolation(self, connection: Connection) -> None:
        if self._isolation_known or connection.dialect.name not in ("mysql", "mariadb"):
            return
        level = str(connection.get_isolation_level())
        if level not in ("READ COMMITTED", "READ UNCOMMITTED"):
            raise IsolationTooHigh(isolation=level)
        self._isolation_known = True

    @contextmanager
    def _wired(self, connection: Connection) -> Iterator[Wire]:
        wire = wire_for(connection.dialect)(connection.connection, positional(connection.dialect))
        try:
            yield wire
        finally:
            with suppress(Exception):
                wire.close()


def _begin_immediate(connection: Connection) -> None:
    """Take SQLite's write lock if no transaction runs: a savepoint outside of one would commit when it is released."""
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:
        connection.execute(text("BEGIN IMMEDIATE"))
