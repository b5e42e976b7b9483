"""psycopg's faster path says and does what the plain one does, also where what it prepared is gone."""

from __future__ import annotations

import pytest

from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import create_engine, text


@pytest.fixture
def engine(databases):
    """A pool of one connection, so that every command meets what the one before left."""
    made = create_engine(databases.engine("postgresql").url, pool_size=1, max_overflow=0)
    yield made
    made.dispose()


@pytest.mark.parametrize("pipeline", [True, False])
def test_commands_go_on_where_prepared_statements_were_discarded(engine, pipeline):
    world = World(SqlAlchemyStorage(engine, pipeline=pipeline))
    first, second = world.account(credits=[300]), world.account()
    for _ in range(3):
        world.org.ledger.transfer(source=first, target=second, points=50)
        with engine.connect() as connection:
            connection.execute(text("DEALLOCATE ALL"))
    assert world.available(first) == 150
    assert world.available(second) == 150


def test_a_refusal_leaves_what_is_prepared_in_place(engine):
    world = World(SqlAlchemyStorage(engine))
    first, second = world.account(credits=[300]), world.account()
    world.org.ledger.transfer(source=first, target=second, points=50)
    count = text("SELECT count(*) FROM pg_prepared_statements")
    with engine.connect() as connection:
        before = connection.execute(count).scalar_one()
    with pytest.raises(InsufficientPoints):
        world.org.ledger.transfer(source=first, target=second, points=5000)
    with engine.connect() as connection:
        assert connection.execute(count).scalar_one() == before > 0


def prepared(engine):
    """What is prepared of ours on an engine's connection: each statement by its name."""
    listed = text("SELECT name, statement FROM pg_prepared_statements WHERE name LIKE 'memberlogic%'")
    with engine.connect() as connection:
        return {row.name: row.statement for row in connection.execute(listed)}


def test_nothing_is_prepared_where_the_host_says_so(databases):
    url = databases.engine("postgresql").url
    made = create_engine(url, pool_size=1, max_overflow=0, connect_args={"prepare_threshold": None})
    world = World(SqlAlchemyStorage(made))
    world.org.ledger.transfer(source=world.account(credits=[300]), target=world.account(), points=50)
    found = prepared(made)
    made.dispose()
    assert found == {}


def test_a_name_stands_for_one_statement_whichever_connection_prepared_it(engine):
    """Behind a pooler a connection may meet what another one prepared: never another statement of that name."""
    other = create_engine(engine.url, pool_size=1, max_overflow=0)
    World(SqlAlchemyStorage(engine)).account(credits=[300])
    World(SqlAlchemyStorage(other)).contract()
    here, there = prepared(engine), prepared(other)
    other.dispose()
    assert set(here.values()) != set(there.values())
    both = here.keys() & there.keys()
    assert both
    assert all(here[name] == there[name] for name in both)
