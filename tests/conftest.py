"""Four stores for every rule. A database server that is not there is a loud skip for a newcomer, and a failure where
MEMBERLOGIC_REQUIRE_DATABASES is set (as `.ci/run` does). Properties are tried with other examples in every run, but
under `.ci/run` with those that follow from the commit: what it says of a commit, it says again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from memberlogic.certification.relaying import empty_outbox
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import Engine, create_engine, text

STORES = ("memory", "sqlite", "postgresql", "mariadb")
SERVERS = {
    "postgresql": ("MEMBERLOGIC_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1/postgres"),
    "mariadb": ("MEMBERLOGIC_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1/mysql"),
}

settings.register_profile(
    "memberlogic",
    deadline=None,
    derandomize=os.environ.get("MEMBERLOGIC_RELIABILITY") == "ci",
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("memberlogic")


class Databases:
    """One database a server and test process, made when first asked for and dropped at the end."""

    def __init__(self, worker: str, folder: str) -> None:
        self._name = f"ml_test_{os.getpid()}_{worker}"
        self._folder = folder
        self._engines: dict[str, Engine] = {}

    def url(self, store: str) -> str:
        """Where the database of a store is."""
        return self.engine(store).url.render_as_string(hide_password=False)

    def engine(self, store: str) -> Engine:
        """An engine on the store's database, upgraded."""
        if store not in self._engines:
            made = (
                create_engine(f"sqlite:///{self._folder}/club.db")
                if store == "sqlite"
                else self._server(store, self._name)
            )
            upgrade(made)
            self._engines[store] = made
        return self._engines[store]

    @contextmanager
    def empty(self, store: str, called: str = "empty") -> Iterator[Engine]:
        """An engine on a database with nothing in it, which is dropped afterwards."""
        name = f"{self._name}_{called}"
        file = Path(self._folder, f"{called}.db")
        engine = create_engine(f"sqlite:///{file}") if store == "sqlite" else self._server(store, name)
        try:
            yield engine
        finally:
            engine.dispose()
            if store == "sqlite":
                file.unlink()
            else:
                self._administer(store, f"DROP DATABASE {name}")

    def _server(self, store: str, name: str) -> Engine:
        variable, default = SERVERS[store]
        url = make_url(os.environ.get(variable, default))
        try:
            self._administer(store, f"CREATE DATABASE {name}")
        except Exception as error:
            problem = f"no {store} at {url!r} (set {variable}): {type(error).__name__}"
            if os.environ.get("MEMBERLOGIC_REQUIRE_DATABASES"):
                pytest.fail(problem)
            pytest.skip(problem)
        return create_engine(url.set(database=name), pool_size=10)

    def _administer(self, store: str, statement: str) -> None:
        variable, default = SERVERS[store]
        admin = create_engine(os.environ.get(variable, default), isolation_level="AUTOCOMMIT")
        try:
            with admin.connect() as connection:
                connection.execute(text(statement))
        finally:
            admin.dispose()

    def close(self) -> None:
        """Drop what was made."""
        for store, engine in self._engines.items():
            engine.dispose()
            if store in SERVERS:
                self._administer(store, f"DROP DATABASE {self._name}")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The databases of this test process."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = Databases(worker, str(tmp_path_factory.mktemp("databases")))
    yield made
    made.close()


def make_storage(databases: Databases, store: str):
    """A store by name; those on databases share one database, where tenants do not meet."""
    return MemoryStorage() if store == "memory" else SqlAlchemyStorage(databases.engine(store))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """The name of each store in turn."""
    return request.param


@pytest.fixture
def storage(databases: Databases, store: str):
    """Each store in turn, with nothing left to send by the tests before: it may be moved to any day."""
    made = make_storage(databases, store)
    empty_outbox(made)
    return made


@pytest.fixture
def world(storage) -> World:
    """A new organization with a club, on each store in turn."""
    return World(storage)


@pytest.fixture
def make_world(storage):
    """Make a world with settings of its own: ``make_world(expiry=...)``."""
    return lambda **said: World(storage, **said)
