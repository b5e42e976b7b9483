"""P10c: what a command costs without a clock: statements, round trips, Python function calls.

The figures stand in ``cost.json`` and change only on purpose: ``python -m tests.test_cost`` writes them anew; the
change is then reviewed like any other. Counted are, for a command that has run before on the same connection:

- *statements*: as the driver sends them, BEGIN and COMMIT among them (sqlite3's trace, libpq's trace of Execute);
- *round trips*: on PostgreSQL, Syncs of libpq's trace: one for each pipeline; elsewhere each statement is one;
- *calls*: ``call`` and ``c_call`` events of sys.setprofile. They differ between versions of Python, so there is a
  column for each version that has been pinned, and no others are compared. They are the fewest of several runs and
  may differ by a few: what the pool and the test runner had done before shows in them, and on PostgreSQL how often
  psycopg looks whether an answer has come.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError

from memberlogic import Actor, MemberLogic, Term
from memberlogic.care.configurations import ConfigurationTerms, RateFlow
from memberlogic.care.flows import Action, ActionKind, DelayUnit, FlowTerms, Milestone
from memberlogic.care.flows import After as Delay
from memberlogic.contracts.rates import RateTerms
from memberlogic.ids import AccountId, CareStepId, ExternalId, MemberId, RateId, new_id
from memberlogic.ledger.model import After
from memberlogic_memory import MemoryStorage
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import create_engine, make_url, text

PINNED = Path(__file__).with_name("cost.json")
PYTHON = f"python {sys.version_info.major}.{sys.version_info.minor}"
TOLERANCE = {"memory": 20, "sqlite": 30, "postgresql": 40}
WARM, COUNTED = 12, 6
URL = os.environ.get("MEMBERLOGIC_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1/test")

AT_ONCE = Delay(length=0, unit=DelayUnit.DAYS)
Figures = dict[str, int]
Traced = Callable[[Callable[[], object]], tuple[int, int]]
"""Runs something and answers how many statements and round trips it took."""


class _Fixed:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 12, tzinfo=UTC)


@contextmanager
def _memory() -> Iterator[tuple[Any, Traced]]:
    def traced(run: Callable[[], object]) -> tuple[int, int]:
        run()
        return 0, 0

    yield MemoryStorage(), traced


@contextmanager
def _sqlite() -> Iterator[tuple[Any, Traced]]:
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/cost.db")
        upgrade(engine)

        def traced(run: Callable[[], object]) -> tuple[int, int]:
            sent: list[str] = []
            with engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
            driver.set_trace_callback(sent.append)
            run()
            driver.set_trace_callback(None)
            return len(sent), len(sent)

        yield SqlAlchemyStorage(engine), traced
        engine.dispose()


@contextmanager
def _postgresql() -> Iterator[tuple[Any, Traced]]:
    from psycopg.pq import Trace

    named = make_url(URL)
    database = f"ml_cost_{os.getpid()}"
    server = create_engine(named, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {database}"))
    except OperationalError as error:
        server.dispose()
        if os.environ.get("MEMBERLOGIC_REQUIRE_DATABASES") == "1":
            raise
        pytest.skip(f"PostgreSQL cannot be reached, its cost is NOT checked: {error.orig}")
    engine = create_engine(named.set(database=database), pool_size=1, max_overflow=0)
    try:
        upgrade(engine)

        def traced(run: Callable[[], object]) -> tuple[int, int]:
            with engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
            with tempfile.TemporaryFile() as out:
                driver.pgconn.trace(out.fileno())
                driver.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS | Trace.REGRESS_MODE)
                run()
                driver.pgconn.untrace()
                out.seek(0)
                kinds = [line.split(b"\t")[2] for line in out.read().splitlines() if line.startswith(b"F\t")]
            queries = kinds.count(b"Query")
            return kinds.count(b"Execute") + queries, kinds.count(b"Sync") + queries

        yield SqlAlchemyStorage(engine), traced
    finally:
        engine.dispose()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {database} WITH (FORCE)"))
        server.dispose()


STORES = {"memory": _memory, "sqlite": _sqlite, "postgresql": _postgresql}


def _calls(run: Callable[[], object]) -> int:
    """How many functions are called, ours and everybody's."""
    count = 0

    def profile(_: Any, event: str, __: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    gc.collect()
    gc.disable()
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


class _Costed:
    """What commands are counted on: each runs on records of its own that are alike, so that every run does the same."""

    def __init__(self, storage: Any) -> None:
        self.library = MemberLogic(storage, clock=_Fixed())
        zone = ZoneInfo("Europe/Berlin")
        organization = self.library.open_organization(name="Cost", zone=zone)
        self.handle = self.library.organization(organization.id, Actor.system())
        self.club = self.handle.loyalty.open_club(
            name="Cost", zone=zone, member_types=["customer"], expiry=After(Term.of_months(12))
        )
        self.studio = self.handle.settings.open_studio(code="cost", name="Cost", zone=zone).code
        terms = RateTerms(name="Cost", term=Term.of_months(12))
        self.rate = self.handle.contracts.open_rate(code="cost", terms=terms).id
        # One rate assigns a flow, the other none.
        self.free = self.handle.contracts.open_rate(code="cost-free", terms=terms).id
        call = Milestone(name="Call", schedule=AT_ONCE, action=Action(kind=ActionKind.PHONE_CALL))
        self.flow = self.handle.care.save_flow(FlowTerms(name="Cost", milestones=[call, call])).flow.id
        said = ConfigurationTerms(name="Cost", rate_flows=[RateFlow(self.rate, self.flow)], manual=[self.flow])
        self.handle.care.activate(self.handle.care.create_configuration(said).id, studio=self.studio)

    def member(self) -> MemberId:
        known = [ExternalId("cost", str(new_id()))]
        return self.handle.members.register(member_type="customer", verified=True, external_ids=known).id

    def account(self) -> AccountId:
        opened = self.handle.loyalty.open_account(club=self.club.id, member=self.member()).id
        for _ in range(3):
            self.handle.ledger.credit(opened, 100, reason="visit")
        return opened

    def accounts(self) -> tuple[AccountId, AccountId]:
        return self.account(), self.account()

    def under_contract(self) -> MemberId:
        member = self.member()
        self.draft(member, rate=self.free)
        return member

    def in_care(self) -> CareStepId:
        """An open action, which the jobs have written down."""
        member = self.under_contract()
        self.handle.care.assign(member, self.flow, studio=self.studio)
        self.library.run_jobs()
        run = self.handle.care.active(member).run
        assert run is not None
        step = run.open[0].step
        assert step is not None
        return step

    def draft(self, member: MemberId, *, rate: RateId) -> object:
        return self.handle.contracts.draft(member, rate=rate, studio=self.studio)

    def commands(self) -> Mapping[str, tuple[Callable[[], Any], Callable[[Any, int], object]]]:
        """What each command is to be done to, and the command."""
        ledger, care = self.handle.ledger, self.handle.care
        return {
            "credit": (self.accounts, lambda pair, _: ledger.credit(pair[0], 100, reason="visit")),
            "credit with key": (
                self.accounts,
                lambda pair, number: ledger.credit(pair[0], 100, reason="visit", idempotency_key=f"credit-{number}"),
            ),
            "transfer": (
                self.accounts,
                lambda pair, _: ledger.transfer(source=pair[0], target=pair[1], points=150),
            ),
            "transfer with key": (
                self.accounts,
                lambda pair, number: ledger.transfer(
                    source=pair[0], target=pair[1], points=150, idempotency_key=f"transfer-{number}"
                ),
            ),
            "balance": (self.accounts, lambda pair, _: ledger.balance(pair[0])),
            "draft without a flow": (self.member, lambda member, _: self.draft(member, rate=self.free)),
            "draft with a flow": (self.member, lambda member, _: self.draft(member, rate=self.rate)),
            "assign a flow": (
                self.under_contract,
                lambda member, _: care.assign(member, self.flow, studio=self.studio),
            ),
            "complete an action": (self.in_care, lambda step, _: care.complete(step, outcome="reached")),
        }


def measured(store: str) -> dict[str, Figures]:
    """The figures of every command on a store."""
    with STORES[store]() as (storage, traced):
        figures: dict[str, Figures] = {}
        for name, (prepare, command) in _Costed(storage).commands().items():
            subjects = [(prepare(), number) for number in range(WARM + COUNTED + 1)]
            for each in subjects[:WARM]:
                command(*each)
            statements, trips = traced(lambda: command(*subjects[-1]))  # noqa: B023
            calls = min(_calls(lambda: command(*each)) for each in subjects[WARM:-1])  # noqa: B023
            figures[name] = {"statements": statements, "round trips": trips, "calls": calls}
        return figures


@pytest.mark.parametrize("store", STORES)
def test_a_command_costs_what_is_pinned(store: str) -> None:
    pinned = json.loads(PINNED.read_text())[store]
    found = measured(store)
    exact = {name: {kind: each[kind] for kind in ("statements", "round trips")} for name, each in found.items()}
    assert exact == {
        name: {kind: each[kind] for kind in ("statements", "round trips")} for name, each in pinned.items()
    }
    far = {
        name: (each["calls"], wanted)
        for name, each in found.items()
        if (wanted := pinned[name]["calls"].get(PYTHON)) is not None and abs(each["calls"] - wanted) > TOLERANCE[store]
    }
    assert not far, f"calls found and pinned: {far}"


def write() -> None:
    """Pin what commands cost now; columns of other versions of Python are dropped, as the code has changed."""
    pinned = {
        store: {name: each | {"calls": {PYTHON: each["calls"]}} for name, each in measured(store).items()}
        for store in STORES
    }
    PINNED.write_text(json.dumps(pinned, indent=2) + "\n")


if __name__ == "__main__":
    write()
