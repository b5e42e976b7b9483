"""A database that an earlier version filled is upgraded with what is in it, and answers as it did.

``schemas/NNNN.json`` holds the rows that the library of that version wrote, and what it answered about them.
"""

from __future__ import annotations

import base64
import json
import logging
import multiprocessing
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command

from memberlogic import converting
from memberlogic.actors import Actor
from memberlogic.application import MemberLogic
from memberlogic.clock import FixedClock
from memberlogic.ids import AccountId, OrganizationId
from memberlogic_sqlalchemy import SqlAlchemyStorage, migrate, recount, tables, upgrade
from sqlalchemy import Date, DateTime, LargeBinary, MetaData, Table, Uuid, create_engine, insert, inspect

DATABASES = ["sqlite", "postgresql", "mariadb"]
EARLIER = sorted(Path(__file__).with_name("schemas").glob("*.json"), key=lambda file: file.name)


def value(column, said, dialect):
    """What JSON says of a value, as its column takes it on a database."""
    if said is None:
        return None
    if isinstance(column.type, Uuid):
        return said if dialect in ("mysql", "mariadb") else UUID(said)
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(said)
    if isinstance(column.type, Date):
        return date.fromisoformat(said)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(said)
    return said


def filled(engine, file):
    """A database at an earlier version of the schema, with the rows of that version."""
    said = json.loads(file.read_text())
    with engine.connect() as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, file.stem)
        for name, content in said["tables"].items():
            now = tables.metadata.tables[name]
            then = Table(name, MetaData(), *(now.c[column]._copy() for column in content["columns"]))
            rows = [
                {
                    column.name: value(column, each, engine.dialect.name)
                    for column, each in zip(then.columns, row, strict=True)
                }
                for row in content["rows"]
            ]
            connection.execute(insert(then), rows)
        connection.commit()
    return said


@pytest.fixture(params=DATABASES)
def engine(request, databases):
    """An empty database of each kind."""
    with databases.empty(request.param) as engine:
        yield engine


@pytest.mark.rule("COM-8", "COM-9", "COM-10")
@pytest.mark.parametrize("file", EARLIER, ids=lambda file: file.stem)
def test_what_an_earlier_version_wrote_answers_as_it_did(engine, file):
    said = filled(engine, file)
    assert upgrade(engine) == migrate.head()
    assert recount(engine) == []
    clock = FixedClock(datetime.fromisoformat(said["now"]))
    ml = MemberLogic(SqlAlchemyStorage(engine), clock=clock)
    org = ml.organization(OrganizationId(UUID(said["organization"])), Actor.system())
    accounts = {name: AccountId(UUID(id)) for name, id in said["accounts"].items()}
    answers = said["answers"]
    for name, account in accounts.items():
        balance = converting.to_json(org.ledger.balance(account))
        assert balance == balance | answers["balances"][name]
        statement = org.ledger.statement(account, since=date(2026, 1, 1), until=date(2026, 4, 16))
        assert statement.text(explained=True) == answers["statements"][name]
        assert org.loyalty.account(account).scheme == answers["schemes"][name]
    purchase = converting.to_json(org.loyalty.find_purchase("till", "r-1"))
    assert purchase["purchase"] == purchase["purchase"] | answers["purchase"]["purchase"]
    again = org.ledger.transfer(
        source=accounts["joint"], target=accounts["two"], points=30, idempotency_key="transfer-1"
    )
    assert converting.to_json(again) == answers["transfer"]
    with SqlAlchemyStorage(engine).reading(OrganizationId(UUID(said["organization"])), clock) as uow:
        assert len(uow.history.events(limit=1000)) >= len(said["tables"]["ml_events"]["rows"])
    org.ledger.transfer(source=accounts["one"], target=accounts["two"], points=40)
    clock.forward(timedelta(days=10))
    assert ml.run_jobs().failures == ()
    assert org.ledger.balance(accounts["joint"]).available == 0
    assert recount(engine) == []


def _upgrade(url, ready, answers):
    engine = create_engine(url)
    ready.wait()
    answers.put(upgrade(engine))
    engine.dispose()


@pytest.mark.parametrize("file", EARLIER[-1:], ids=lambda file: file.stem)
def test_many_processes_upgrade_at_once(engine, file):
    filled(engine, file)
    engine.dispose()
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Barrier(4), context.Queue()
    url = engine.url.render_as_string(hide_password=False)
    processes = [context.Process(target=_upgrade, args=(url, ready, answers)) for _ in range(4)]
    for process in processes:
        process.start()
    assert [answers.get(timeout=120) for _ in processes] == [migrate.head()] * 4
    for process in processes:
        process.join()
    assert recount(engine) == []


def _upgrade_telling(url, ready, answers):
    told = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())
    logger = logging.getLogger("alembic.runtime.migration")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    engine = create_engine(url)
    ready.wait()
    try:
        answers.put((upgrade(engine), len([each for each in told if each.startswith("Running upgrade")])))
    except Exception as problem:
        answers.put((repr(problem), 0))
    engine.dispose()


def test_of_many_processes_on_an_empty_database_one_migrates_and_the_others_wait(engine):
    engine.dispose()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["memberlogic_sqlalchemy", "tests.sqlalchemy.test_upgrading"])
    ready, answers = context.Barrier(8), context.Queue()
    url = engine.url.render_as_string(hide_password=False)
    processes = [context.Process(target=_upgrade_telling, args=(url, ready, answers)) for _ in range(8)]
    for process in processes:
        process.start()
    told = sorted(answers.get(timeout=300) for _ in processes)
    for process in processes:
        process.join()
    revisions = len(migrate._known())
    assert told == [*[(migrate.head(), 0)] * 7, (migrate.head(), revisions)]
    migrate.check(engine)


def test_an_upgraded_schema_is_the_one_that_is_declared(engine):
    """Column by column: what the revisions make is what the tables say."""
    upgrade(engine)
    looking = inspect(engine)
    for table in tables.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in looking.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        indexes = {index["name"] for index in looking.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes
