"""The schema's versions: upgrade under a lock, check, and the SQL for those who run it themselves.

Nothing migrates by itself: the host calls :func:`upgrade` when it deploys, from as many processes as it likes, and
:func:`check` when it starts.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from memberlogic.errors import WAITED, ConcurrencyConflict, MemberLogicError
from memberlogic_sqlalchemy.tables import VERSION_TABLE
from memberlogic_sqlalchemy.translating import translating
from sqlalchemy import Connection, Engine, inspect, text

__all__ = ["SchemaOutdated", "SchemaUnknown", "check", "head", "sql", "upgrade"]

_LOCK = 0x6D656D62  # "memb": the number of our advisory lock
_LOCK_NAME = "memberlogic.migrate"
_PATIENCE = 60


class SchemaOutdated(MemberLogicError):
    """The database has another version of the schema than this library needs."""

    code = "storage.schema_outdated"
    sentence = "The database is at schema version {found}; this library needs {needed}: run memberlogic db upgrade."


class SchemaUnknown(MemberLogicError):
    """The database was upgraded by a newer version of this library."""

    code = "storage.schema_unknown"
    sentence = (
        "The database is at schema version {found}, which this library does not know; it needs {needed}: "
        "install the version of the library that upgraded it."
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str:
    """The version that this library needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def upgrade(engine: Engine) -> str:
    """Bring the schema to the version that this library needs, under a lock: many processes may call it at once, one
    works, all succeed. A SQLite file is put into WAL mode.

    Returns:
        The version reached.

    Raises:
        SchemaUnknown: if a newer version of the library upgraded it before.
        StorageUnavailable: if the database cannot be reached.
        ConcurrencyConflict: if another process is upgrading for longer than a minute.
    """
    with translating(), engine.connect() as connection, _alone(connection):
        found = _version(connection)
        if found is not None and found not in _known():
            raise SchemaUnknown(found=found, needed=head())
        if found != head():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return head()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """One process at a time; the transaction is committed at the end."""
    match connection.dialect.name:
        case "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield
            connection.commit()
        case "mysql" | "mariadb":
            if connection.scalar(text(f"SELECT GET_LOCK('{_LOCK_NAME}', {_PATIENCE})")) != 1:
                raise ConcurrencyConflict(reason=WAITED)
            try:
                yield
                connection.commit()
            finally:
                connection.execute(text(f"SELECT RELEASE_LOCK('{_LOCK_NAME}')"))
        case _:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_PATIENCE * 1000}")
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield
            connection.commit()
            # The pool may hand this connection to a command, which waits in its own way.
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")


def check(engine: Engine) -> None:
    """Refuse to run against another version of the schema.

    Raises:
        SchemaOutdated, SchemaUnknown: naming the version found and the one needed.
        StorageUnavailable: if the database cannot be reached.
    """
    with translating(), engine.connect() as connection:
        found = _version(connection)
    if found is not None and found not in _known():
        raise SchemaUnknown(found=found, needed=head())
    if found != head():
        raise SchemaOutdated(found=found or "none", needed=head())


def sql(dialect: str) -> str:
    """The whole schema as a script for ``postgresql``, ``mariadb``, ``mysql`` or ``sqlite``."""
    config = _config()
    config.output_buffer = io.StringIO()
    config.attributes["dialect"] = dialect
    command.upgrade(config, "head", sql=True)
    return config.output_buffer.getvalue()
