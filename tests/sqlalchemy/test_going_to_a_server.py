"""What docs/how-to/postgresql.md says of servers, pools and replicas is so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.documents import ROOT, run

from memberlogic import Actor, MemberLogic
from memberlogic.errors import StorageUnavailable
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import create_engine, text


def test_the_page_runs_on_a_server_too_and_takes_its_facts_along(databases, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with databases.empty("postgresql") as engine:
        monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
        run(ROOT / "docs" / "how-to" / "postgresql.md")


@pytest.fixture
def small(databases):
    """A pool of one connection."""
    made = create_engine(databases.engine("postgresql").url, pool_size=1, max_overflow=0)
    yield made
    made.dispose()


def test_a_connection_is_held_during_a_command_only(small):
    world = World(SqlAlchemyStorage(small))
    world.account(credits=[10])
    assert small.pool.checkedout() == 0


def test_a_connection_that_the_server_closed_meanwhile_is_noticed_and_the_command_goes_on(small, databases):
    world = World(SqlAlchemyStorage(small))
    account = world.account(credits=[10])
    for _ in range(2):
        with small.connect() as connection:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with databases.engine("postgresql").connect() as admin:
            admin.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        world.org.ledger.credit(account, 1, reason="visit")
    assert world.available(account) == 12


@pytest.mark.parametrize("pipeline", [True, False])
def test_queries_are_answered_where_nothing_may_be_written_and_commands_are_refused(databases, pipeline):
    engine = databases.engine("postgresql")
    world = World(SqlAlchemyStorage(engine))
    account = world.account()
    world.org.ledger.credit(account, 10, reason="visit", expires_at=world.clock.now() + timedelta(days=1))
    world.wait(days=2)
    read_only = create_engine(engine.url, connect_args={"options": "-c default_transaction_read_only=on"})
    org = MemberLogic(SqlAlchemyStorage(read_only, pipeline=pipeline), clock=world.clock).organization(
        world.organization.id, Actor.system()
    )
    try:
        assert org.ledger.balance(account).available == 0, "settled in memory"
        with pytest.raises(StorageUnavailable):
            org.ledger.credit(account, 1, reason="visit")
    finally:
        read_only.dispose()
    assert len(world.entries(account)) == 1
