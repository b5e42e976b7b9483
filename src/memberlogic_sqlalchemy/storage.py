"""The store over a host's database, in transactions of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.engine import Dialect

from memberlogic.clock import Clock
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import ContractId, OrganizationId
from memberlogic.inputs import require_instance
from memberlogic.storing import Capability, CareDue, Command, ContractDue, Due, ReviewsDue
from memberlogic_sqlalchemy import agenda
from memberlogic_sqlalchemy.dialects import Wire, wire_for
from memberlogic_sqlalchemy.dialects.base import positional
from memberlogic_sqlalchemy.joining import JoinedStorage
from memberlogic_sqlalchemy.outbox import SqlOutbox
from memberlogic_sqlalchemy.remembering import Remembered
from memberlogic_sqlalchemy.translating import raised, translating
from memberlogic_sqlalchemy.work import SqlWork
from sqlalchemy import Connection, Engine

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.orm import Session

__all__ = ["AsyncSqlAlchemyStorage", "SqlAlchemyStorage"]

R = TypeVar("R")


class SqlAlchemyStorage:
    """A store that owns its transactions, over an Engine of the host's.

    Each unit of work takes a connection from the engine's pool and gives it back. On SQLite that connection keeps our
    settings (foreign keys on, no busy wait): give memberlogic an engine of its own there.

    Args:
        engine: SQLite, PostgreSQL, MariaDB or MySQL; the schema is made by :func:`memberlogic_sqlalchemy.upgrade`.
        pipeline: whether psycopg 3 may send several statements in one round trip.
    """

    owns_transactions = True
    capabilities = frozenset({Capability.DURABLE, Capability.JOINING, Capability.CONCURRENT})

    def __init__(self, engine: Engine, *, pipeline: bool = True) -> None:
        require_instance(engine, Engine, "engine", "an Engine (AsyncSqlAlchemyStorage takes an AsyncEngine)")
        self._open: Callable[[], Any] = engine.raw_connection
        self._connected: Callable[[], AbstractContextManager[Connection]] = engine.connect
        self._forget: Callable[[], object] = lambda: engine.dispose(close=False)
        self._gives_back = True
        self._settle(engine.dialect, pipeline=pipeline)

    def _settle(self, dialect: Dialect, *, pipeline: bool) -> None:
        self._wire = wire_for(dialect, pipeline=pipeline, own=True)
        self._dialect = positional(dialect)
        self._remembered = Remembered()

    @property
    def outbox(self) -> SqlOutbox:
        """The messages of all organizations, for the relay."""
        return SqlOutbox(self._wired)

    @classmethod
    def joined(cls, connection: Connection | Session) -> JoinedStorage:
        """The store inside a transaction of the host's (COM-15): each command in a savepoint, never a commit."""
        return JoinedStorage(connection)

    @classmethod
    def on(cls, connection: Connection, remembered: Remembered) -> SqlAlchemyStorage:
        """A store that owns its transactions on one connection, which stays open between them."""
        made = cls.__new__(cls)
        made._open = lambda: connection.connection
        made._connected = lambda: nullcontext(connection)
        made._forget = connection.invalidate
        made._gives_back = False
        made._settle(connection.dialect, pipeline=True)
        made._remembered = remembered
        return made

    @contextmanager
    def work(self, command: Command, clock: Clock) -> Iterator[SqlWork]:
        """One attempt at a command; see :class:`memberlogic.storing.Storage`."""
        with self._wired() as wire:
            uow = SqlWork(wire, command.organization, command, clock, self._remembered, wire.begin_work())
            yield uow
            uow.flush(commit=True)

    @contextmanager
    def reading(self, organization: OrganizationId, clock: Clock) -> Iterator[SqlWork]:
        """A consistent look; see :class:`memberlogic.storing.Storage`."""
        with self._wired() as wire:
            yield SqlWork(wire, organization, None, clock, self._remembered, wire.begin_reading())
            wire.rollback()

    def due(self, before: datetime, limit: int, without: Collection[OrganizationId] = ()) -> Sequence[Due]:
        """What may change by itself by then, over all organizations."""
        with self._wired() as wire:
            found = agenda.due(wire, wire.begin_reading(), before, limit, without)
            wire.rollback()
        return found

    def reviews_due(self, before: datetime, without: Collection[OrganizationId] = ()) -> Sequence[ReviewsDue]:
        """When reviews of which clubs fell due by then, over all organizations."""
        with self._wired() as wire:
            found = agenda.reviews_due(wire, wire.begin_reading(), before, without)
            wire.rollback()
        return found

    def contracts_due(
        self,
        before: datetime,
        limit: int,
        without: Collection[OrganizationId] = (),
        aside: Collection[ContractId] = (),
    ) -> Sequence[ContractDue]:
        """Which contracts have something to announce by then, over all organizations."""
        with self._wired() as wire:
            found = agenda.contracts_due(wire, wire.begin_reading(), before, limit, without, aside)
            wire.rollback()
        return found

    def care_due(self, before: datetime, limit: int, without: Collection[OrganizationId] = ()) -> Sequence[CareDue]:
        """In which runs of Member Care something comes about by then, over all organizations."""
        with self._wired() as wire:
            found = agenda.care_due(wire, wire.begin_reading(), before, limit, without)
            wire.rollback()
        return found

    def care_listening(self, without: Collection[OrganizationId] = ()) -> Sequence[OrganizationId]:
        """The organizations in which some run ever waited for an event."""
        with self._wired() as wire:
            found = agenda.care_listening(wire, wire.begin_reading(), without)
            wire.rollback()
        return found

    @contextmanager
    def rehearsing(self) -> Iterator[JoinedStorage]:
        """One transaction of our own that is rolled back; see :class:`memberlogic.storing.Storage`. Commands are
        savepoints in it, as in a host's. On SQLite nobody else writes meanwhile.
        """
        with self._connected() as connection:
            if connection.dialect.name in ("mysql", "mariadb"):
                connection.execution_options(isolation_level="READ COMMITTED")
            wire = self._wire(connection.connection, self._dialect)
            wire.prepare(connection.info)
            wire.close()
            try:
                yield JoinedStorage(connection)
            finally:
                connection.rollback()

    def pause(self, seconds: float) -> None:
        """Wait before the next attempt."""
        time.sleep(seconds)

    @contextmanager
    def _wired(self) -> Iterator[Wire]:
        with translating():
            connection = self._open()
        wire: Wire | None = None
        try:
            wire = self._wire(connection, self._dialect)
            wire.prepare(connection.info)
            yield wire
        except BaseException as error:
            made = self._undone(error, connection, wire)
            if made is error:
                raise
            raise made from error
        finally:
            if wire is not None:
                with suppress(Exception):
                    wire.close()
            if self._gives_back:
                connection.close()

    def _undone(self, error: BaseException, connection: Any, wire: Wire | None) -> BaseException:
        """What to raise once the transaction has been rolled back."""
        try:
            connection.rollback()
        except Exception:
            # The connection is gone, the transaction with it, and those beside it in the pool most likely too.
            with suppress(Exception):
                connection.invalidate()
            with suppress(Exception):
                self._forget()
            if wire is not None and not wire.writing and isinstance(error, Exception):
                return ConcurrencyConflict(reason="the connection was lost before anything was written")
        return raised(error)


class _Pausing(SqlAlchemyStorage):
    """A store on one connection of an async driver: its pauses let the event loop go on."""

    def pause(self, seconds: float) -> None:
        """Wait before the next attempt, on the event loop."""
        self._open().dbapi_connection.run_async(lambda _: asyncio.sleep(seconds))


class AsyncSqlAlchemyStorage:
    """The same store over an AsyncEngine: the same code, on SQLAlchemy's synchronous facade of an async connection."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._remembered = Remembered()

    async def run(self, use: Callable[[SqlAlchemyStorage], R]) -> R:
        """Run code that uses the store; every wait in it is the event loop's."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(lambda sync: use(_Pausing.on(sync, self._remembered)))
