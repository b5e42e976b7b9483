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
