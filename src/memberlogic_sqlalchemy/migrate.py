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
from sqlalchemy.engine import Dialect, make_url

from memberlogic.errors import WAITED, ConcurrencyConflict, MemberLogicError
from memberlogic_sqlalchemy.naming import PREFIX, Names, checked, names_of
from memberlogic_sqlalchemy.tables import VERSION_TABLE, organizations
from memberlogic_sqlalchemy.translating import translating
from sqlalchemy import Connection, Engine, inspect, text

__all__ = ["NoSuchSchema", "SchemaOutdated", "SchemaUnknown", "SchemaUnversioned", "check", "head", "sql", "upgrade"]

_LOCK = 0x6D656D62  # "memb": the number of our advisory lock
_LOCK_NAME = "memberlogic.migrate"
_PATIENCE = 60
_OURS = Names()


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


class SchemaUnversioned(MemberLogicError):
    """Our tables were made by something else than our migrations: which version they are is not known."""

    code = "storage.schema_unversioned"
    sentence = (
        "The database has memberlogic's tables and not {table}, which says their version: they were made by something "
        "else than memberlogic db upgrade or its script."
    )


class NoSuchSchema(MemberLogicError):
    """The schema in which our tables are to be is not there."""

    code = "storage.no_such_schema"
    sentence = "The database has no schema {schema}: create it, and let memberlogic's user make tables in it."


def _config(names: Names = _OURS) -> Config:
    config = Config()
    config.attributes["names"] = names
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
    names = names_of(connection.dialect)
    table = names.of(VERSION_TABLE)
    looking = inspect(connection)
    if not looking.has_table(table, schema=names.schema):
        if looking.has_table(names.of(organizations.name), schema=names.schema):
            raise SchemaUnversioned(table=table)
        return None
    where = {"version_table": table, "version_table_schema": names.schema}
    return MigrationContext.configure(connection, opts=where).get_current_revision()


def upgrade(engine: Engine) -> str:
    """Bring the schema to the version that this library needs, under a lock: many processes may call it at once, one
    works, all succeed. A SQLite file is put into WAL mode.

    Returns:
        The version reached.

    Raises:
        SchemaUnversioned: if our tables are there, and not made by our migrations.
        SchemaUnknown: if a newer version of the library upgraded it before.
        NoSuchSchema: if the schema that the engine was :func:`named` with is not there.
        StorageUnavailable: if the database cannot be reached.
        ConcurrencyConflict: if another process is upgrading for longer than a minute.
    """
    with translating(), engine.connect() as connection, _alone(connection), _inside(connection):
        found = _version(connection)
        if found is not None and found not in _known():
            raise SchemaUnknown(found=found, needed=head())
        if found != head():
            config = _config(names_of(connection.dialect))
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


@contextmanager
def _inside(connection: Connection) -> Iterator[None]:
    """In the schema of our names: Alembic's own statements name none."""
    schema = names_of(connection.dialect).schema
    if schema is None:
        yield
        return
    if not inspect(connection).has_schema(schema):
        raise NoSuchSchema(schema=schema)
    before = connection.scalar(text("SELECT DATABASE()")) if connection.dialect.name != "postgresql" else None
    connection.execute(text(_entering(connection.dialect, schema)))
    try:
        yield
    finally:
        if before is not None:
            connection.execute(text(_entering(connection.dialect, before)))


def _entering(dialect: Dialect, schema: str) -> str:
    """What makes a schema the one that is meant: until the transaction ends, or something else is said."""
    how = "SET LOCAL search_path TO" if dialect.name == "postgresql" else "USE"
    return f"{how} {dialect.identifier_preparer.quote_schema(schema)}"


def check(engine: Engine) -> None:
    """Refuse to run against another version of the schema.

    Raises:
        SchemaOutdated, SchemaUnknown, SchemaUnversioned: naming the version found and the one needed.
        StorageUnavailable: if the database cannot be reached.
    """
    with translating(), engine.connect() as connection:
        found = _version(connection)
    if found is not None and found not in _known():
        raise SchemaUnknown(found=found, needed=head())
    if found != head():
        raise SchemaOutdated(found=found or "none", needed=head())


def sql(dialect: str, *, schema: str | None = None, prefix: str = PREFIX) -> str:
    """The whole schema as a script for ``postgresql``, ``mariadb``, ``mysql`` or ``sqlite``, for an empty database or
    schema; :func:`check` is content with what it makes.

    Args:
        dialect: for which database.
        schema: where the tables shall be, as :func:`named` says.
        prefix: what their names shall begin with.

    Raises:
        InvalidInput: for a schema on SQLite, or for what is no name.
    """
    kind = make_url(f"{dialect}://").get_dialect()()
    names = checked(Names(schema, prefix), kind)
    config = _config(names)
    config.output_buffer = io.StringIO()
    config.attributes["dialect"] = dialect
    config.attributes["entering"] = _entering(kind, schema) if schema is not None else None
    command.upgrade(config, "head", sql=True)
    return config.output_buffer.getvalue()
