"""A wire: one driver connection inside one transaction, to which statements are sent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

from sqlalchemy.engine import Dialect

from memberlogic_sqlalchemy.naming import Names, names_of, speaking
from memberlogic_sqlalchemy.statements import Row, Statement
from memberlogic_sqlalchemy.values import Codec

__all__ = ["Query", "Wire", "positional"]

Query = tuple[Statement, Row]


@cache
def _made(kind: Any, paramstyle: str, names: Names) -> Dialect:
    made: Dialect = kind(paramstyle="format") if paramstyle == "pyformat" else kind()
    return speaking(made, names)


def positional(dialect: Dialect, names: Names | None = None) -> Dialect:
    """A dialect like this one whose parameters stand by position, and which writes our tables under the same names or
    those that are given: the same one for every engine of a kind, so that a statement is compiled once for all of them.
    """
    kind: Any = type(dialect)
    return _made(kind, dialect.paramstyle, names_of(dialect) if names is None else names)


class Wire:
    """Sends statements one by one; dialects override what differs.

    Args:
        connection: the driver's connection as SQLAlchemy's pool or Connection hands it out.
        dialect: the positional dialect to compile for.
    """

    codec: ClassVar[Codec]

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self.connection = connection
        self.dialect = dialect
        self.writing = False
        """Whether anything has been sent that writes."""
        self._cursor = connection.cursor()

    def begin_work(self) -> Sequence[str]:
        """What begins a transaction that writes; sent before the first query."""
        raise NotImplementedError

    def begin_reading(self) -> Sequence[str]:
        """What begins a transaction that reads one consistent state."""
        raise NotImplementedError

    def begin_joined(self) -> Sequence[str]:
        """What is said at the start of a command inside the host's transaction."""
        return ()

    def prepare(self, info: dict[Any, Any]) -> None:
        """Once for each driver connection that is ours: settings that last as long as it does."""

    def ask(self, begin: Sequence[str], queries: Sequence[Query]) -> list[Sequence[Any]]:
        """Begin if there is something to begin, then the rows of each query."""
        cursor = self._cursor
        for text in begin:
            cursor.execute(text)
        answers = []
        for statement, row in queries:
            text, order = statement.on(self.dialect)
            cursor.execute(text, row if order is None else order(row))
            answers.append(cursor.fetchall())
        return answers

    def write(self, begin: Sequence[str], writes: Sequence[tuple[Statement, Sequence[Row]]], *, commit: bool) -> None:
        """Send every write in order, and the commit with them if the transaction is ours."""
        self.writing = True
        cursor = self._cursor
        for text in begin:
            cursor.execute(text)
        for statement, rows in writes:
            text, order = statement.on(self.dialect)
            ordered = rows if order is None else [order(row) for row in rows]
            if len(ordered) == 1:
                cursor.execute(text, ordered[0])
            else:
                cursor.executemany(text, ordered)
        if commit:
            self.commit()

    def commit(self) -> None:
        """Commit a transaction that is ours."""
        self.connection.commit()

    def rollback(self) -> None:
        """End a transaction that is ours without a trace."""
        self.connection.rollback()

    def close(self) -> None:
        """The cursor is done with; the connection is whoever's it was."""
        self._cursor.close()
