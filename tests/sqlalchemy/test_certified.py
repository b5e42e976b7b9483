"""The relational adapter keeps every promise of the ports, on each database."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy.orm import Session
from tests.certified import DRIVEN, certified
from tests.reliability import TRYING

from memberlogic.certification import MACHINES, JoiningPromises, certify_care, certify_ledger
from memberlogic_memory import MemoryStorage
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import Column, MetaData, String, Table, delete, insert, select

DATABASES = ["sqlite", "postgresql", "mariadb"]
HOST = MetaData()
NOTES = Table("host_notes", HOST, Column("note", String(20), primary_key=True))


class OnDatabase:
    @pytest.fixture(params=DATABASES)
    def store(self, request):
        return request.param

    @pytest.fixture
    def storage(self, databases, store):
        return SqlAlchemyStorage(databases.engine(store))


globals().update(certified(OnDatabase))


class ConnectionHost:
    """A host that works on a Connection, or on a Session."""

    def __init__(self, engine, *, session):
        self._engine = (
            engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="READ COMMITTED")
        )
        self._session = session
        self._open = {}

    @contextmanager
    def transaction(self, *, commit):
        host = Session(self._engine) if self._session else self._engine.connect()
        with host:
            storage = SqlAlchemyStorage.joined(host)
            self._open[id(storage)] = host
            yield storage
            (host.commit if commit else host.rollback)()

    def remember(self, storage, note):
        self._open[id(storage)].execute(insert(NOTES).values(note=note))

    def notes(self):
        with self._engine.connect() as connection:
            return sorted(connection.scalars(select(NOTES.c.note)), key=["before", "after", "kept", "gone"].index)


@pytest.mark.rule("COM-15")
@pytest.mark.parametrize("session", [False, True], ids=["connection", "session"])
class TestJoining(OnDatabase, JoiningPromises):
    @pytest.fixture
    def host(self, databases, store, session):
        engine = databases.engine(store)
        HOST.create_all(engine)
        yield ConnectionHost(engine, session=session)
        with engine.begin() as connection:
            connection.execute(delete(NOTES))


@pytest.mark.rule(*DRIVEN)
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("store", DATABASES)
def test_the_ledger_machine_agrees_with_the_model(databases, store, machine):
    examples, steps = TRYING.database
    each = -(-examples // len(MACHINES))
    certify_ledger(lambda: SqlAlchemyStorage(databases.engine(store)), examples=each, steps=steps, machine=machine)


@pytest.mark.rule("CARE-3", "CARE-10", "CARE-16")
@pytest.mark.parametrize("store", DATABASES)
def test_member_care_goes_the_same_way_whatever_the_jobs_do(databases, store):
    examples, steps = TRYING.database
    each = -(-examples // len(MACHINES))
    certify_care(lambda: SqlAlchemyStorage(databases.engine(store)), MemoryStorage, examples=each, steps=steps)
