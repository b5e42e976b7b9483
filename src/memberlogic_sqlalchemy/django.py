"""COM-15 for Django: the store inside a transaction of Django's, on its own connection.

Django keeps the connection, its transaction and its savepoints; no SQLAlchemy connection is made over it (decision 43).
Statements go to the driver, past what Django has registered for its own fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from attrs import evolve
from django.db import Error as DjangoError
from django.db import connections, transaction
from sqlalchemy.engine import Dialect, make_url

from memberlogic_sqlalchemy.dialects import Wire
from memberlogic_sqlalchemy.dialects.base import positional
from memberlogic_sqlalchemy.dialects.mariadb import MariaDBWire
from memberlogic_sqlalchemy.dialects.postgresql import PostgreSQLWire
from memberlogic_sqlalchemy.dialects.sqlite import SQLiteWire
from memberlogic_sqlalchemy.joining import IsolationTooHigh, JoinedStorage, NoTransaction
from memberlogic_sqlalchemy.naming import PREFIX, Names
from memberlogic_sqlalchemy.remembering import Remembered
from memberlogic_sqlalchemy.translating import raised
from memberlogic_sqlalchemy.values import PLAIN

__all__ = ["DjangoStorage"]


class DjangoStorage(JoinedStorage):
    """A store in the transaction of ``transaction.atomic``: each command in a savepoint of Django's, never a commit.

    One serves all threads of a process: each finds Django's connection of its own. Queries work outside of a
    transaction, too; commands are refused there with :class:`~memberlogic_sqlalchemy.joining.NoTransaction`.

    Args:
        using: the alias of the database in ``settings.DATABASES``.
        schema: where our tables are, as :func:`memberlogic_sqlalchemy.named` says.
        prefix: what their names begin with.
    """

    def __init__(self, using: str = "default", *, schema: str | None = None, prefix: str = PREFIX) -> None:
        self._using = using
        self._names = Names(schema, prefix)
        self._remembered = Remembered(committed=False)

    @contextmanager
    def rehearsing(self) -> Iterator[JoinedStorage]:
        """The same in a savepoint, which is rolled back."""
        self._require_block()
        with transaction.atomic(self._using):
            try:
                yield self
            finally:
                transaction.set_rollback(True, self._using)

    @contextmanager
    def _savepoint(self) -> Iterator[Wire]:
        self._require_block()
        with self._translated(), transaction.atomic(self._using), self._driven() as wire:
            yield wire

    @contextmanager
    def _looking(self) -> Iterator[Wire]:
        with self._translated(), self._driven() as wire:
            yield wire

    def _require_block(self) -> None:
        """Refuse a connection on which a command would not be all or nothing."""
        connection: Any = connections[self._using]
        if not connection.in_atomic_block:
            raise NoTransaction()
        connection.validate_no_broken_transaction()
        if connection.vendor == "mysql" and connection.isolation_level not in ("read committed", "read uncommitted"):
            raise IsolationTooHigh(isolation=(connection.isolation_level or "the server's default").upper())

    @contextmanager
    def _driven(self) -> Iterator[Wire]:
        connection: Any = connections[self._using]
        connection.validate_no_broken_transaction()
        connection.ensure_connection()
        kind, dialect = _wire(connection.vendor, getattr(connection, "mysql_is_mariadb", False), self._names)
        with closing(kind(connection.connection, dialect)) as wire:
            yield wire

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Errors as ours. Where the database threw the whole transaction away, Django is told, so that it cannot commit
        half of the host's work; and after any error of the driver it looks whether the connection still works.
        """
        connection: Any = connections[self._using]
        try:
            yield
        except BaseException as error:
            cause = error.__cause__ if isinstance(error, DjangoError) and error.__cause__ is not None else error
            made = raised(cause, joined=connection.vendor)
            if made is cause:
                raise
            connection.errors_occurred = True
            if getattr(made, "transaction_lost", False):
                connection.set_rollback(True)
            raise made from cause


class _SQLite(SQLiteWire):
    """Django has sqlite3 parse what is declared as a date or datetime."""

    codec = evolve(
        PLAIN,
        at_out=lambda value: value.replace(tzinfo=UTC) if isinstance(value, datetime) else PLAIN.at_out(value),
        day_out=lambda value: value if isinstance(value, date) else PLAIN.day_out(value),
    )


class _PostgreSQL(PostgreSQLWire):
    """Django binds in the client, and reads instants in its own zone or without any: this cursor is as psycopg makes
    it.
    """

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        super().__init__(connection, dialect)
        self._cursor.close()
        self._cursor = _psycopg_cursor()(connection)


@cache
def _psycopg_cursor() -> Any:
    import psycopg

    class Cursor(psycopg.Cursor[Any]):
        @property
        def adapters(self) -> psycopg.adapt.AdaptersMap:
            return psycopg.adapters

    return Cursor


@cache
def _wire(vendor: str, mariadb: bool, names: Names) -> tuple[type[Wire], Dialect]:
    """How a kind of database of Django's is spoken to."""
    wires: dict[str, tuple[type[Wire], str]] = {
        "sqlite": (_SQLite, "sqlite://"),
        "postgresql": (_PostgreSQL, "postgresql+psycopg://"),
        "mysql": (MariaDBWire, "mariadb+mysqldb://" if mariadb else "mysql+mysqldb://"),
    }
    if vendor not in wires:
        raise TypeError(f"memberlogic is certified on SQLite, PostgreSQL, MariaDB and MySQL, not on {vendor}")
    kind, url = wires[vendor]
    return kind, positional(make_url(url).get_dialect()(), names)
