"""psycopg's faster paths answer and leave exactly what the plain one does, whatever is asked of them: refusals, keys
used twice, and errors of the database in the middle of a pipeline among it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic.calendar import Term
from memberlogic.errors import MemberLogicError
from memberlogic.ids import ExternalId
from memberlogic.ledger.model import After
from memberlogic.loyalty.programme import Earning, EarningRule, Rate, Redeeming
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.testing import World
from memberlogic.testing.worlds import NOON
from memberlogic_sqlalchemy import SqlAlchemyStorage, joining, upgrade
from memberlogic_sqlalchemy.dialects import arrays
from memberlogic_sqlalchemy.dialects.postgresql import OwnPipelineWire, PipelineWire, PostgreSQLWire
from memberlogic_sqlalchemy.tables import metadata
from sqlalchemy import Connection, Engine, create_engine, text

_TRIPPING = (
    """CREATE FUNCTION bench_trip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.reference = 'breaks' THEN RAISE EXCEPTION 'broken on purpose'; END IF;
    IF NEW.reference = 'too much' THEN NEW.amount := NULL; END IF;
    IF NEW.reference = 'busy' AND nextval('bench_trips') % 2 = 1 THEN
        RAISE EXCEPTION 'busy on purpose' USING ERRCODE = '40001'; END IF;
    RETURN NEW; END $$""",
    "CREATE SEQUENCE bench_trips",
    "CREATE TRIGGER bench_trip BEFORE INSERT ON ml_entries FOR EACH ROW EXECUTE FUNCTION bench_trip()",
)
"""Entries of some references fail in the database: always, by a constraint, or each second time as if another
transaction had been faster.
"""
_KEYED = {"fingerprint", "secret", "support_id"}
"""Columns that differ between organizations whatever is done: each has a secret, each member a support id."""
_MADE_OF_IDS = {"ml_search_keys"}
"""Tables of texts that are made of ids."""
_SUPPORT_ID = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b|(?<=\"support_id\":\")[0-9A-Z-]+")
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")

ACCOUNTS = st.integers(0, 2)
KEYS = st.none() | st.sampled_from(["k1", "k2"])
POINTS = st.sampled_from([1, 40, 100, 5000])
REFERENCES = st.sampled_from([None, None, None, "breaks", "too much", "busy"])
LINES = st.lists(st.builds(PurchaseLine, st.sampled_from(["tea", "nuts"]), st.sampled_from([0, 99, 1500])), max_size=3)
COMMANDS = st.lists(
    st.tuples(st.just("credit"), ACCOUNTS, POINTS, KEYS, REFERENCES)
    | st.tuples(st.just("transfer"), ACCOUNTS, ACCOUNTS, POINTS, KEYS)
    | st.tuples(st.just("purchase"), ACCOUNTS, st.sampled_from(["1", "2", "busy"]), LINES, st.sampled_from([0, 0, 100]))
    | st.tuples(st.just("hold"), ACCOUNTS, POINTS, KEYS)
    | st.tuples(st.just("wait"), st.sampled_from([1, 40])),
    max_size=12,
)


@pytest.fixture(scope="module")
def tripping(databases) -> Iterator[Engine]:
    """A database in which some entries cannot be written."""
    databases.engine("postgresql")
    with databases.empty("postgresql") as empty:
        upgrade(empty)
        engine = create_engine(empty.url, pool_size=1, max_overflow=0)
        with engine.begin() as connection:
            for statement in _TRIPPING:
                connection.execute(text(statement))
        yield engine
        engine.dispose()


class Told:
    """What came of commands on one store: each answer, and what is left in the tables."""

    def __init__(self, storage: Any, commands: list[tuple[Any, ...]]) -> None:
        self.world = World(
            storage,
            expiry=After(Term.of_days(30)),
            earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]),
            redeeming=Redeeming(points=100, value=100),
        )
        self.accounts = [self.world.account(credits=[300]), self.world.account(), self.world.account(credits=[40, 40])]
        self.answers = [self._answer(*command) for command in commands]

    def _answer(self, name: str, *parts: Any) -> tuple[str, str]:
        try:
            return "done", repr(getattr(self, f"_{name}")(*parts))
        except MemberLogicError as error:
            return "refused", f"{error.code} {dict(error.details)!r}"
        except Exception as error:
            return "failed", type(error).__qualname__

    def _credit(self, account: int, points: int, key: str | None, reference: str | None) -> object:
        return self.world.org.ledger.credit(
            self.accounts[account], points, reason="bench", reference=reference, idempotency_key=key
        )

    def _transfer(self, source: int, target: int, points: int, key: str | None) -> object:
        return self.world.org.ledger.transfer(
            source=self.accounts[source], target=self.accounts[target], points=points, idempotency_key=key
        )

    def _purchase(self, account: int, till: str, lines: list[PurchaseLine], redeem: int) -> object:
        return self.world.org.loyalty.record_purchase(
            account=self.accounts[account],
            purchase=ExternalId("till", till),
            lines=lines,
            currency="EUR",
            redeem=redeem,
        )

    def _hold(self, account: int, points: int, key: str | None) -> object:
        return self.world.org.ledger.hold(
            self.accounts[account], points, until=NOON + timedelta(days=20), idempotency_key=key
        )

    def _wait(self, days: int) -> None:
        self.world.wait(days=days)

    def left(self, connection: Connection) -> dict[str, list[Any]]:
        """Every row of the organization."""
        left = {}
        for table in (each for each in metadata.sorted_tables if each.name not in _MADE_OF_IDS):
            named = [column for column in table.columns if column.name not in _KEYED]
            mine = table.c.get("organization_id", table.c.get("id"))
            assert mine is not None, table.name
            query = table.select().with_only_columns(*named).where(mine == self.world.organization.id)
            left[table.name] = [tuple(row) for row in connection.execute(query.order_by(*table.primary_key.columns))]
        return left


def plainly(told: object) -> str:
    """A text in which ids are the numbers of their order: those of one run ascend."""
    found = _SUPPORT_ID.sub("-", repr(told))
    known = sorted({UUID(each) for each in _ID.findall(found)})
    numbers = {id: f"#{number}" for number, id in enumerate(known)}
    return _ID.sub(lambda each: numbers[UUID(each.group())], found)


def first_trip(connection: Connection) -> None:
    """The next entry that meets somebody faster fails."""
    connection.execute(text("SELECT setval('bench_trips', 2)"))


@pytest.fixture(params=[16, 1], ids=["many rows as one", "every row as one"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From how many rows on a statement travels over arrays."""
    monkeypatch.setattr(arrays, "_FEW", request.param)


@pytest.mark.usefixtures("few")
@settings(max_examples=40)
@given(commands=COMMANDS)
def test_a_pipeline_of_ours_says_and_leaves_what_single_statements_do(tripping: Engine, commands: list[Any]) -> None:
    """Transactions that are ours, which are tried again after a conflict."""
    told = []
    for pipeline, wire in ((False, PostgreSQLWire), (True, OwnPipelineWire)):
        with tripping.begin() as connection:
            first_trip(connection)
        storage = SqlAlchemyStorage(tripping, pipeline=pipeline)
        assert storage._wire is wire
        done = Told(storage, commands)
        with tripping.connect() as connection:
            told.append((plainly(done.answers), plainly(done.left(connection))))
    assert told[0] == told[1]


@pytest.mark.usefixtures("few")
@settings(max_examples=40)
@given(commands=COMMANDS)
def test_a_joined_pipeline_says_and_leaves_what_single_statements_do(tripping: Engine, commands: list[Any]) -> None:
    """Savepoints in a transaction of the host's, which goes on after every error."""
    told = []
    with tripping.connect() as connection, pytest.MonkeyPatch.context() as patched:
        for wire in (PostgreSQLWire, PipelineWire):
            patched.setattr(joining, "wire_for", lambda _, wire=wire: wire)
            first_trip(connection)
            done = Told(SqlAlchemyStorage.joined(connection), commands)
            told.append((plainly(done.answers), plainly(done.left(connection))))
        connection.rollback()
    assert told[0] == told[1]
