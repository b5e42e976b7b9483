"""What differs per database, one file each. :func:`wire_for` picks the one for a dialect and driver."""

from __future__ import annotations

from sqlalchemy.engine import Dialect

from memberlogic_sqlalchemy.dialects.base import Wire
from memberlogic_sqlalchemy.dialects.mariadb import MariaDBWire
from memberlogic_sqlalchemy.dialects.postgresql import OwnPipelineWire, PipelineWire, PostgreSQLWire
from memberlogic_sqlalchemy.dialects.sqlite import SQLiteWire

__all__ = ["Wire", "wire_for"]


def wire_for(dialect: Dialect, *, pipeline: bool = True, own: bool = False) -> type[Wire]:
    """The wire for a dialect; ``pipeline=False`` leaves out the faster path of psycopg, ``own`` says that the
    connection's transactions are all ours.

    Raises:
        TypeError: for a database that memberlogic is not certified on.
    """
    match dialect.name:
        case "sqlite":
            return SQLiteWire
        case "postgresql":
            fast = pipeline and dialect.driver == "psycopg" and not dialect.is_async
            piped = OwnPipelineWire if own else PipelineWire
            return piped if fast else PostgreSQLWire
        case "mysql" | "mariadb":
            return MariaDBWire
        case other:
            raise TypeError(f"memberlogic is certified on SQLite, PostgreSQL, MariaDB and MySQL, not on {other}")
