"""Many rows of one statement, sent as one statement over arrays, do what they do one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DataError

from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects import arrays
from memberlogic_sqlalchemy.dialects.base import positional
from memberlogic_sqlalchemy.ledger import _TAKE
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import Column, Date, DateTime, Integer, LargeBinary, MetaData, String, Table, Text, Uuid, text

_SHELF = Table(
    "shelf",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("id", Uuid),
    Column("label", String(5)),
    Column("note", Text),
    Column("at", DateTime(timezone=True)),
    Column("day", Date),
    Column("secret", LargeBinary),
    prefixes=["TEMPORARY"],
)
_ADD = inserting(_SHELF)
_INSTANTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_ROWS = st.lists(
    st.tuples(
        st.none() | st.uuids(),
        st.none() | st.text("ab\"\\{},' NULnul", max_size=5),
        st.none() | _TEXTS,
        st.none() | _INSTANTS,
        st.none() | st.dates(date(1000, 1, 1)),
        st.none() | st.binary(max_size=5),
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture
def connection(databases):
    """A connection with an empty shelf on it."""
    with databases.engine("postgresql").connect() as connection:
        _SHELF.create(connection)
        yield connection
        connection.rollback()


def add(connection, rows):
    for sent, given_ in arrays.as_one(_ADD, rows, positional(connection.dialect)):
        connection.exec_driver_sql(sent, tuple(given_))


@settings(max_examples=60)
@given(rows=_ROWS)
def test_every_value_comes_back_as_it_was(connection, rows):
    connection.execute(_SHELF.delete())
    numbered = [(number, *row) for number, row in enumerate(rows)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(arrays, "_FEW", 1)
        patched.setattr(arrays, "_MOST", 7)
        add(connection, numbered)
    assert [tuple(row) for row in connection.execute(_SHELF.select().order_by(_SHELF.c.number))] == numbered


def test_a_text_that_is_too_long_is_refused_and_not_cut(connection):
    rows = [(number, None, "123456", None, None, None, None) for number in range(20)]
    with pytest.raises(DataError, match="too long"):
        add(connection, rows)


def test_few_rows_go_one_by_one(databases):
    dialect = positional(databases.engine("postgresql").dialect)
    rows = [(number, None, None, None, None, None, None) for number in range(15)]
    assert arrays.as_one(_ADD, rows, dialect) == []
    assert len(arrays.as_one(_ADD, [*rows, rows[0]], dialect)) == 1


def test_rows_that_change_the_same_row_go_one_by_one(databases):
    dialect = positional(databases.engine("postgresql").dialect)
    taken = [(-1, 0, UUID(int=99), UUID(int=number)) for number in range(20)]
    assert len(arrays.as_one(_TAKE, taken, dialect)) == 1
    assert arrays.as_one(_TAKE, [*taken, taken[0]], dialect) == []


def test_a_statement_that_says_nothing_of_its_rows_goes_one_by_one(databases):
    dialect = positional(databases.engine("postgresql").dialect)
    said = Statement(text("SELECT 1"))
    assert arrays.as_one(said, [()] * 20, dialect) == []


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=str)
def test_whole_rows_of_every_table_can_go_at_once(databases, table):
    dialect = positional(databases.engine("postgresql").dialect)
    sent, writers = arrays._over_arrays(inserting(table), dialect)
    assert len(writers) == len(table.columns)
    assert f"INSERT INTO {table.name} " in sent
