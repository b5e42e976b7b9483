"""PostgreSQL. READ COMMITTED by name, so that what is read after waiting for a lock is what the lock's holder left.

With psycopg 3 the same statements travel as a pipeline: one round trip for everything that is read, one for everything
that is written, the commit with it; and many rows of one statement as one statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from memberlogic.errors import MemberLogicError
from memberlogic_sqlalchemy.dialects.arrays import as_one
from memberlogic_sqlalchemy.dialects.base import Query, Wire
from memberlogic_sqlalchemy.statements import Row, Statement
from memberlogic_sqlalchemy.values import NATIVE

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.dialects.pipelining import Trips

__all__ = ["OwnPipelineWire", "PipelineWire", "PostgreSQLWire"]


class AutocommitEngine(MemberLogicError):
    """The engine commits every statement by itself."""

    code = "storage.autocommit"
    rule = "COM-15"
    sentence = (
        "The engine is in AUTOCOMMIT; memberlogic needs one with transactions, so that a command is all or nothing."
    )


_IDLE = 0
"""libpq's PQTRANS_IDLE."""

_TRIPS = "memberlogic.trips"
_PATIENCE = "SET LOCAL lock_timeout = '10s'"


class PostgreSQLWire(Wire):
    """Any driver, statement by statement."""

    codec = NATIVE

    def prepare(self, info: dict[Any, Any]) -> None:  # noqa: ARG002 - what is asked here may differ each time
        """A driver connection that commits every statement by itself cannot hold a command together; one in which a
        listener of the host's has begun a transaction is rolled back, so that the command's is its own.
        """
        driver = self.connection.driver_connection
        if getattr(driver, "autocommit", False):
            raise AutocommitEngine()
        if hasattr(driver, "pgconn") and driver.pgconn.transaction_status != _IDLE:
            self.connection.rollback()

    def begin_joined(self) -> Sequence[str]:
        """Wait no longer than in a transaction of ours; undone with the savepoint, ended with the transaction."""
        return (_PATIENCE,)

    def begin_work(self) -> Sequence[str]:
        """The driver has begun; these hold until the transaction ends."""
        return ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", _PATIENCE)

    def begin_reading(self) -> Sequence[str]:
        """One snapshot for all queries."""
        return ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",)


@contextmanager
def _pipeline(driver: Any) -> Iterator[None]:
    """A pipeline that is over before an error leaves it: psycopg would log what it cannot tell any more."""
    with driver.pipeline() as pipeline:
        try:
            yield
            pipeline.sync()
        except Exception:
            with suppress(Exception):
                pipeline.sync()
            raise


class PipelineWire(PostgreSQLWire):
    """psycopg 3, in pipelines."""

    def ask(self, begin: Sequence[str], queries: Sequence[Query]) -> list[Sequence[Any]]:
        """All queries in one round trip."""
        driver = self.connection.driver_connection
        cursors = []
        with _pipeline(driver):
            for text in begin:
                driver.execute(text)
            for statement, row in queries:
                text, order = statement.on(self.dialect)
                cursors.append(driver.execute(text, row if order is None else order(row), prepare=True))
        return [cursor.fetchall() for cursor in cursors]

    def write(self, begin: Sequence[str], writes: Sequence[tuple[Statement, Sequence[Row]]], *, commit: bool) -> None:
        """All writes and the commit in one round trip."""
        self.writing = True
        driver = self.connection.driver_connection
        with _pipeline(driver):
            for text in begin:
                driver.execute(text)
            for text, row in self._sent(writes):
                driver.execute(text, row, prepare=True)
            if commit:
                driver.commit()

    def _sent(self, writes: Sequence[tuple[Statement, Sequence[Row]]]) -> Sequence[tuple[str, Row]]:
        """What goes to the server for every write, in order."""
        sent: list[tuple[str, Row]] = []
        for statement, rows in writes:
            sent += as_one(statement, rows, self.dialect) or [self._ordered(statement, row) for row in rows]
        return sent

    def _ordered(self, statement: Statement, row: Row) -> tuple[str, Row]:
        text, order = statement.on(self.dialect)
        return text, row if order is None else order(row)


class OwnPipelineWire(PipelineWire):
    """psycopg 3 on a connection whose transactions are ours: BEGIN and COMMIT travel with the statements."""

    def prepare(self, info: dict[Any, Any]) -> None:
        """What is prepared on this driver connection is remembered with it."""
        super().prepare(info)
        if _TRIPS not in info:
            from memberlogic_sqlalchemy.dialects.pipelining import Trips

            info[_TRIPS] = Trips()
        self._trips: Trips = info[_TRIPS]

    def begin_work(self) -> Sequence[str]:
        """Sent with the first queries."""
        return ("BEGIN ISOLATION LEVEL READ COMMITTED", _PATIENCE)

    def begin_reading(self) -> Sequence[str]:
        """One snapshot for all queries."""
        return ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",)

    def ask(self, begin: Sequence[str], queries: Sequence[Query]) -> list[Sequence[Any]]:
        """All queries in one round trip."""
        return self._go(begin, [self._ordered(statement, row) for statement, row in queries], None)

    def write(self, begin: Sequence[str], writes: Sequence[tuple[Statement, Sequence[Row]]], *, commit: bool) -> None:
        """All writes and the commit in one round trip."""
        self.writing = True
        self._go(begin, self._sent(writes), "COMMIT" if commit else None)

    def _go(self, begin: Sequence[str], statements: Sequence[tuple[str, Row]], end: str | None) -> list[Sequence[Any]]:
        return self._trips.go(self.connection.driver_connection, begin, statements, end)
