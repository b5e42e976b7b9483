"""Inside a host's Session or Connection, sync or async: what the certification does not ask of every store (COM-15)."""

from __future__ import annotations

import asyncio
import inspect
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.util import await_only, greenlet_spawn

from memberlogic import MemberLogic
from memberlogic.certification import JoiningPromises
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import String, insert, select

pytestmark = pytest.mark.rule("COM-15")


class Base(DeclarativeBase): ...


class Note(Base):
    __tablename__ = "joining_notes"
    note: Mapped[str] = mapped_column(String(20), primary_key=True)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def store(request):
    return request.param


@pytest.fixture
def engine(store, databases):
    engine = databases.engine(store)
    Base.metadata.create_all(engine)
    yield engine if store == "sqlite" else engine.execution_options(isolation_level="READ COMMITTED")
    Base.metadata.drop_all(engine)


@pytest.fixture
def storage(engine):
    return SqlAlchemyStorage(engine)


@pytest.fixture
def world(storage):
    return World(storage)


def joined(world, host):
    ml = MemberLogic(SqlAlchemyStorage.joined(host), clock=world.clock)
    return ml.organization(world.organization.id, world.org.actor)


@pytest.mark.parametrize("autoflush", [True, False])
def test_what_is_pending_in_a_session_is_flushed_before_commands_and_queries(world, engine, autoflush):
    account = world.account()
    with Session(engine, autoflush=autoflush) as session, session.begin():
        for use in (
            lambda org: org.ledger.balance(account),
            lambda org: org.ledger.credit(account, 5, reason="order"),
        ):
            session.add(pending := Note(note=f"{len(session.identity_map)}"))
            with session.no_autoflush:
                use(joined(world, session))
            assert pending not in session.new
    with Session(engine) as session:
        assert len(session.scalars(select(Note)).all()) == 2
    assert world.available(account) == 5


def test_what_a_refused_command_takes_back_is_not_the_pending_work_of_the_host(world, engine):
    account, other = world.account(credits=[3]), world.account()
    with Session(engine) as session, session.begin():
        session.add(Note(note="kept"))
        with pytest.raises(InsufficientPoints):
            joined(world, session).ledger.transfer(source=account, target=other, points=50)
    with Session(engine) as session:
        assert [each.note for each in session.scalars(select(Note))] == ["kept"]


def test_an_error_of_the_hosts_own_flush_is_the_hosts(world, engine):
    account = world.account()
    with Session(engine) as session:
        session.execute(insert(Note).values(note="twice"))
        session.add(Note(note="twice"))
        with pytest.raises(IntegrityError):
            joined(world, session).ledger.credit(account, 5, reason="order")
    assert world.available(account) == 0


@pytest.mark.parametrize("store", ["mariadb"])
def test_where_a_deadlock_threw_the_transaction_away_the_host_commits_nothing_of_it(world, engine):
    """Somebody has the account, has done more, and waits for the note that the host has written."""
    account, ready = world.account(), threading.Event()

    def wait():
        with engine.connect() as connection:
            connection.execute(insert(Note), [{"note": str(number)} for number in range(50)])
            connection.exec_driver_sql("SELECT 1 FROM ml_accounts WHERE id = %s FOR UPDATE", (account.hex,))
            ready.set()
            connection.execute(insert(Note).values(note="gone"))
            connection.rollback()

    with engine.connect() as connection:
        connection.execute(insert(Note).values(note="gone"))
        somebody = threading.Thread(target=wait)
        somebody.start()
        assert ready.wait(10)
        with pytest.raises(ConcurrencyConflict) as conflict:
            joined(world, connection).ledger.credit(account, 5, reason="order")
        assert conflict.value.transaction_lost
        assert connection.get_transaction() is None
        connection.commit()
        somebody.join()
        assert connection.scalars(select(Note.note)).all() == []
    assert world.available(account) == 0


class AsyncHost:
    """A host with an AsyncConnection or an AsyncSession; commands go through ``run_sync``, as all of this test does."""

    def __init__(self, engine, kind):
        self._engine, self._kind = engine, kind

    @contextmanager
    def transaction(self, *, commit):
        url = self._engine.url
        drivername = "sqlite+aiosqlite" if url.get_backend_name() == "sqlite" else url.drivername
        engine = create_async_engine(url.set(drivername=drivername))
        host = await_only(engine.connect().start()) if self._kind is AsyncConnection else AsyncSession(engine)
        try:
            storage = SqlAlchemyStorage.joined(
                host.sync_connection if self._kind is AsyncConnection else host.sync_session
            )
            self._open = host
            yield storage
            await_only(host.commit() if commit else host.rollback())
        finally:
            await_only(host.close())
            await_only(engine.dispose())

    def remember(self, storage, note):
        await_only(self._open.execute(insert(Note).values(note=note)))

    def notes(self):
        with self._engine.connect() as connection:
            return sorted(connection.scalars(select(Note.note)), key=["before", "after", "kept", "gone"].index)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kind", [AsyncConnection, AsyncSession])
class TestJoiningAsync(JoiningPromises):
    @pytest.fixture
    def storage(self, engine):
        return SqlAlchemyStorage(engine)

    @pytest.fixture
    def host(self, engine, kind):
        return AsyncHost(engine, kind)


def awaited(promise):
    """A promise inside an event loop, where the sync facade of an async driver works."""

    def test(self, world, host):
        asyncio.run(greenlet_spawn(promise, self, world, host))

    test.__doc__ = promise.__doc__
    return test


for name, promise in inspect.getmembers(JoiningPromises, inspect.isfunction):
    if name.startswith("test_"):
        setattr(TestJoiningAsync, name, awaited(promise))
