"""Our tables in a schema of the host's, or under another prefix: the adapter, the migrations, the metadata and the
recount use the same names.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, CreateTable
from tests.certified import certified
from tests.reliability import TRYING

from memberlogic import Actor, AsyncMemberLogic, MemberLogic
from memberlogic.certification import LedgerMachine, certify_ledger
from memberlogic.errors import InvalidInput
from memberlogic.testing import World
from memberlogic_sqlalchemy import (
    AsyncSqlAlchemyStorage,
    SqlAlchemyStorage,
    build_metadata,
    check,
    include_name,
    include_object,
    migrate,
    named,
    recount,
    tables,
    upgrade,
)
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, inspect, text, update

PLACES = {
    "sqlite-prefix": ("sqlite", {"prefix": "club_"}),
    "postgresql-prefix": ("postgresql", {"prefix": "club_"}),
    "postgresql-schema": ("postgresql", {"schema": "Loyalty"}),
    "mariadb-prefix": ("mariadb", {"prefix": "club_"}),
    "mariadb-schema": ("mariadb", {"schema": "{database}_loyalty", "prefix": "x"}),
}


@contextmanager
def placed(databases, place, called):
    """An engine on an empty database, with what its names are."""
    store, said = PLACES[place]
    with databases.empty(store, called) as engine:
        said = {name: value.format(database=engine.url.database) for name, value in said.items()}
        if "schema" in said:
            with engine.begin() as connection:
                schema = connection.dialect.identifier_preparer.quote_schema(said["schema"])
                connection.execute(text(f"CREATE SCHEMA {schema}"))
        try:
            yield named(engine, **said), said
        finally:
            if store == "mariadb" and "schema" in said:
                with engine.begin() as connection:
                    connection.execute(text(f"DROP SCHEMA {said['schema']}"))


@pytest.fixture(scope="module", params=PLACES)
def place(request, databases):
    with placed(databases, request.param, "placed") as made:
        upgrade(made[0])
        yield made


@pytest.fixture
def engine(place):
    return place[0]


class Placed:
    @pytest.fixture
    def storage(self, engine):
        return SqlAlchemyStorage(engine)


WANTED = ("Wallets", "Contracts", "Storage", "Outbox", "CareRuns")
globals().update({name: cls for name, cls in certified(Placed).items() if any(each in name for each in WANTED)})


def test_the_ledger_machine_agrees_with_the_model(engine):
    examples, steps = TRYING.database
    certify_ledger(lambda: SqlAlchemyStorage(engine), examples=-(-examples // 20), steps=steps, machine=LedgerMachine)


def structure(engine, schema, prefix="ml_"):
    """What a database has of ours: columns, keys, indexes; what refers to tables, without the prefix."""
    looking = inspect(engine)
    return {
        table.removeprefix(prefix): (
            [
                (each["name"], str(each["type"]), each["nullable"], each["default"])
                for each in looking.get_columns(table, schema)
            ],
            looking.get_pk_constraint(table, schema)["constrained_columns"],
            sorted(
                (each["name"], each["referred_table"].removeprefix(prefix), *each["constrained_columns"])
                for each in looking.get_foreign_keys(table, schema)
            ),
            sorted(
                (each["name"], *each["column_names"], each["unique"]) for each in looking.get_indexes(table, schema)
            ),
            sorted(each["name"] for each in looking.get_check_constraints(table, schema)),
        )
        for table in looking.get_table_names(schema)
        if table.startswith(prefix)
    }


def test_every_table_is_there_and_nothing_anywhere_else(databases, place):
    engine, said = place
    here = structure(engine, said.get("schema"), said.get("prefix", "ml_"))
    assert here == structure(databases.engine(engine.dialect.name), None)
    assert len(here) == len(inspect(engine).get_table_names(said.get("schema")))
    assert "schema" not in said or inspect(engine).get_table_names() == []


def test_the_metadata_is_what_the_migrations_made(place):
    engine, said = place
    version = f"{said.get('prefix', 'ml_')}schema_version"

    def mine(name, type_, _):
        return name == said.get("schema") if type_ == "schema" else name != version

    with engine.connect() as connection:
        opts = {"include_schemas": "schema" in said, "include_name": mine, "compare_server_default": False}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, build_metadata(**said)) == []


def lines(statement, dialect):
    """A statement's lines, in any order."""
    return sorted(line.strip(" ,") for line in str(statement.compile(dialect=dialect)).splitlines())


@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_under_our_own_names_the_metadata_is_our_own(databases, store):
    made, dialect = build_metadata(), databases.engine(store).dialect
    assert set(made.tables) == set(tables.metadata.tables)
    for table in tables.metadata.sorted_tables:
        copy = made.tables[table.name]
        assert lines(CreateTable(copy), dialect) == lines(CreateTable(table), dialect)
        ours, theirs = (sorted(lines(CreateIndex(each), dialect) for each in one.indexes) for one in (table, copy))
        assert ours == theirs


@pytest.mark.parametrize("name", PLACES)
def test_the_script_makes_what_upgrade_makes(databases, name):
    """Run as those do who run it themselves: by a plain connection, on an empty database or schema."""
    store, _ = PLACES[name]
    with placed(databases, name, "script") as (engine, said):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements(migrate.sql(store, **said)):
                connection.exec_driver_sql(statement)
            connection.invalidate()  # it is in another database now
        check(engine)
        assert upgrade(engine) == migrate.head()
        here = structure(engine, said.get("schema"), said.get("prefix", "ml_"))
        assert here == structure(databases.engine(store), None)
        World(SqlAlchemyStorage(engine)).account(credits=[5])
        assert recount(engine) == []


def statements(script):
    """A script's statements; none of ours has a semicolon in a text."""
    plain = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    return [each for each in map(str.strip, plain.split(";")) if each]


@pytest.mark.parametrize(
    "said", [{"schema": "a.b"}, {"schema": ""}, {"schema": 1}, {"prefix": ""}, {"prefix": "ml_x_"}, {"prefix": "A"}]
)
def test_what_is_no_name_is_refused_naming_it(said):
    (path,) = said
    for use in (
        lambda: named(create_engine("postgresql+psycopg://"), **said),
        lambda: build_metadata(**said),
        lambda: include_name(**said),
        lambda: include_object(**said),
        lambda: migrate.sql("postgresql", **said),
    ):
        with pytest.raises(InvalidInput) as refusal:
            use()
        assert refusal.value.details["path"] == path


def test_sqlite_has_no_schemas():
    for use in (
        lambda: named(create_engine("sqlite://"), schema="loyalty"),
        lambda: migrate.sql("sqlite", schema="loyalty"),
    ):
        with pytest.raises(InvalidInput, match="SQLite"):
            use()


@pytest.mark.parametrize("store", ["postgresql", "mariadb"])
def test_a_schema_that_is_not_there_is_named(databases, store):
    with databases.empty(store, "nowhere") as engine:
        with pytest.raises(migrate.NoSuchSchema, match="nowhere"):
            upgrade(named(engine, schema="nowhere"))
        with pytest.raises(migrate.SchemaOutdated, match="none"):
            check(engine)


def test_a_session_on_the_engine_joins_and_the_hosts_own_tables_stay_its_own(engine):
    """Also one that begins as ours do."""
    world = World(SqlAlchemyStorage(engine))
    account, own = world.account(), Table("ml_models", MetaData(), Column("number", Integer))
    own.create(engine)
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with Session(engine.execution_options(**level)) as session, session.begin():
        session.execute(insert(own).values(number=1))
        ml = MemberLogic(SqlAlchemyStorage.joined(session), clock=world.clock)
        ml.organization(world.organization.id, world.org.actor).ledger.credit(account, 5, reason="order")
    assert world.available(account) == 5
    assert "ml_models" in inspect(engine).get_table_names()
    own.drop(engine)


def test_the_database_is_checked_and_recounted_where_it_is(engine):
    check(engine)
    world = World(SqlAlchemyStorage(engine))
    account = world.account(credits=[5])
    id = account.hex if engine.dialect.name == "mariadb" else account
    wallets = update(tables.wallets).where(tables.wallets.c.account_id == id)
    assert recount(engine, organization=world.organization.id) == []
    with engine.begin() as connection:
        connection.execute(wallets.values(remaining=6))
    assert recount(engine, organization=world.organization.id)
    with engine.begin() as connection:
        connection.execute(wallets.values(remaining=5))


def test_an_async_engine_has_names_too(databases):
    async def main(engine):
        ml = AsyncMemberLogic(AsyncSqlAlchemyStorage(named(engine, prefix="club_")))
        tenant = await ml.administer(lambda ml: ml.open_organization(name="Club", zone=ZoneInfo("Asia/Tokyo")))
        await engine.dispose()
        return tenant

    with placed(databases, "sqlite-prefix", "async") as (plain, _):
        upgrade(plain)
        tenant = asyncio.run(main(create_async_engine(plain.url.set(drivername="sqlite+aiosqlite"))))
        ml = MemberLogic(SqlAlchemyStorage(plain))
        assert ml.organization(tenant.id, Actor.system()).organization.name == "Club"
