"""``memberlogic db``: the schema."""

from __future__ import annotations

import click
from sqlalchemy.engine import URL

from memberlogic_sqlalchemy import migrate
from memberlogic_sqlalchemy.cli.database import database_option, opened
from memberlogic_sqlalchemy.cli.showing import json_option, show, working
from memberlogic_sqlalchemy.naming import PREFIX

__all__ = ["db"]


@click.group()
def db() -> None:
    """The schema: bring it up to date, check it, print it."""


@db.command()
@database_option
@json_option
def upgrade(database: URL, as_json: bool) -> None:
    """Bring the schema to the version this library needs; many processes may do so at once."""
    with opened(database, may_create=True) as engine, working("upgrading"):
        version = migrate.upgrade(engine)
    show({"version": version}, f"The schema is at version {version}.", as_json=as_json)


@db.command()
@database_option
@json_option
def check(database: URL, as_json: bool) -> None:
    """Say whether the schema is the one this library needs."""
    with opened(database) as engine:
        migrate.check(engine)
    version = migrate.head()
    show({"version": version}, f"The schema is at version {version}, as this library needs.", as_json=as_json)


@db.command()
@click.argument("dialect", type=click.Choice(["sqlite", "postgresql", "mariadb", "mysql"]))
@click.option("--schema", help="The schema, or on MariaDB and MySQL the database, that the tables shall be in.")
@click.option("--prefix", default=PREFIX, show_default=True, help="What the names of the tables shall begin with.")
@json_option
def sql(dialect: str, schema: str | None, prefix: str, as_json: bool) -> None:
    """Print the whole schema as a script, for those who run it themselves."""
    script = migrate.sql(dialect, schema=schema, prefix=prefix)
    show({"dialect": dialect, "version": migrate.head(), "sql": script}, script.rstrip(), as_json=as_json)
