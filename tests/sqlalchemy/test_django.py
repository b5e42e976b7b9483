"""Inside Django's own transactions, on Django's own connections, with each of its drivers (COM-15)."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress

import pytest

pytest.importorskip("django", reason="the tests of Django's transactions need it: pip install --group test")

from attrs import evolve
from django.db import connections, transaction
from tests.sqlalchemy.djangos import connected

from memberlogic import MemberLogic, Term
from memberlogic.certification import JoiningPromises
from memberlogic.certification.base import conserved
from memberlogic.contracts.rates import RateTerms
from memberlogic.errors import ConcurrencyConflict, StorageUnavailable
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage
from memberlogic_sqlalchemy.django import DjangoStorage
from memberlogic_sqlalchemy.joining import IsolationTooHigh, NoTransaction

pytestmark = pytest.mark.rule("COM-15")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def store(request):
    return request.param


@pytest.fixture
def storage(databases, store):
    return SqlAlchemyStorage(databases.engine(store))


@pytest.fixture
def django(databases, store):
    """A function that connects Django to the store's database; the connection is closed at the end."""

    def connect(**options):
        connected(databases, store, **options)
        connections[store].close()
        del connections[store]
        return connections[store]

    yield connect
    connections[store].close()
    del connections[store]


@pytest.fixture
def notes(databases, store, django):
    """The host: a table of its own, written through Django's cursors."""
    host = DjangoHost(django(), store)
    host.run("CREATE TABLE django_notes (note VARCHAR(20) PRIMARY KEY)")
    yield host
    host.run("DROP TABLE django_notes")


class DjangoHost:
    """A host that works inside ``transaction.atomic``."""

    def __init__(self, connection, using):
        self._connection, self.using = connection, using

    def run(self, statement, *row):
        with connections[self.using].cursor() as cursor:
            cursor.execute(statement, row)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def transaction(self, *, commit):
        with transaction.atomic(self.using):
            yield DjangoStorage(self.using)
            transaction.set_rollback(not commit, self.using)

    def remember(self, storage, note):
        self.run("INSERT INTO django_notes VALUES (%s)", note)

    def notes(self):
        found = {note for (note,) in self.run("SELECT note FROM django_notes")}
        return [note for note in ("before", "after", "kept", "gone") if note in found]


class TestJoiningDjango(JoiningPromises):
    @pytest.fixture
    def storage(self, databases, store):
        return SqlAlchemyStorage(databases.engine(store))

    @pytest.fixture
    def host(self, notes):
        return notes


def joined(world, store):
    return MemberLogic(DjangoStorage(store), clock=world.clock).organization(world.organization.id, world.org.actor)


@pytest.fixture
def world(storage):
    return World(storage)


@pytest.fixture
def org(world, notes):
    return joined(world, notes.using)


def test_a_command_outside_of_an_atomic_block_is_refused_and_a_query_is_answered(world, org):
    account = world.account(credits=[10])
    with pytest.raises(NoTransaction, match="atomic"):
        org.ledger.credit(account, 5, reason="welcome")
    assert org.ledger.balance(account).available == 10
    assert [entry.amount for entry in org.ledger.entries(account)] == [10]


def test_instants_are_the_same_instants_whatever_zone_django_is_in(world, org, notes):
    account = world.account(credits=[10])
    with transaction.atomic(notes.using):
        org.ledger.credit(account, 5, reason="welcome")
        said = [(entry.effective_at, entry.amount) for entry in org.ledger.entries(account)]
        read = org.ledger.balance(account)
    assert said == [(entry.effective_at, entry.amount) for entry in world.org.ledger.entries(account)]
    assert read == world.org.ledger.balance(account)


def test_a_nested_block_takes_only_its_own_work_back(world, org, notes):
    account = world.account()
    with transaction.atomic(notes.using):
        org.ledger.credit(account, 5, reason="kept")
        with suppress(ZeroDivisionError), transaction.atomic(notes.using):
            org.ledger.credit(account, 7, reason="gone")
            notes.remember(None, "gone")
            1 / 0  # noqa: B018
        with transaction.atomic(notes.using):
            org.ledger.credit(account, 11, reason="kept")
            notes.remember(None, "kept")
    assert world.available(account) == 16
    assert notes.notes() == ["kept"]
    conserved(world, account)


def test_what_waits_for_the_commit_runs_after_it_although_a_command_was_refused(world, org, notes):
    """Also where the refusal is not caught inside: then neither is kept, and nothing runs."""
    account, other, ran = world.account(credits=[3]), world.account(), []
    with transaction.atomic(notes.using):
        transaction.on_commit(lambda: ran.append(world.available(other)), using=notes.using)
        org.ledger.transfer(source=account, target=other, points=2)
        with pytest.raises(InsufficientPoints):
            org.ledger.transfer(source=account, target=other, points=50)
        assert ran == []
    assert ran == [2]
    with suppress(InsufficientPoints), transaction.atomic(notes.using):
        transaction.on_commit(lambda: ran.append("never"), using=notes.using)
        notes.remember(None, "gone")
        org.ledger.transfer(source=account, target=other, points=1)
        org.ledger.transfer(source=account, target=other, points=50)
    assert (ran, notes.notes(), world.available(other)) == ([2], [], 2)


def test_a_block_that_is_to_be_rolled_back_takes_no_more_commands(world, org, notes):
    account = world.account()
    with transaction.atomic(notes.using):
        transaction.set_rollback(True, notes.using)
        for use in (lambda: org.ledger.credit(account, 5, reason="late"), lambda: org.ledger.balance(account)):
            with pytest.raises(transaction.TransactionManagementError):
                use()
    assert world.available(account) == 0


def test_a_rehearsal_leaves_the_transaction_as_it_was(world, org, notes):
    account = world.account()
    ml = MemberLogic(DjangoStorage(notes.using), clock=world.clock)
    with pytest.raises(NoTransaction), ml.rehearsal():
        pass
    with transaction.atomic(notes.using):
        notes.remember(None, "kept")
        with ml.rehearsal() as tried:
            rehearsed = tried.organization(world.organization.id, world.org.actor)
            assert rehearsed.ledger.credit(account, 5, reason="trial").available == 5
        org.ledger.credit(account, 1, reason="real")
    assert (notes.notes(), world.available(account)) == (["kept"], 1)


def test_what_was_rolled_back_is_not_remembered(world, org, notes):
    """One storage serves a process for ever: a rate's second version is the one that was kept."""
    terms = RateTerms(name="Year", term=Term.of_months(12))
    rate = world.org.contracts.open_rate(code="year", terms=terms)
    for name, keep in (("Gone", False), ("Kept", True)):
        with transaction.atomic(notes.using):
            org.contracts.revise_rate(rate.id, terms=evolve(terms, name=name))
            assert org.contracts.rate(rate.id).current.terms.name == name
            transaction.set_rollback(not keep, notes.using)
    assert org.contracts.rate(rate.id).current.terms.name == "Kept"


def test_each_thread_is_in_its_own_transaction(world, org, notes):
    account, refused = world.account(), []

    def outside():
        try:
            org.ledger.credit(account, 5, reason="elsewhere")
        except NoTransaction as refusal:
            refused.append(refusal.code)
        finally:
            connections[notes.using].close()

    with transaction.atomic(notes.using):
        org.ledger.credit(account, 1, reason="here")
        thread = threading.Thread(target=outside)
        thread.start()
        thread.join()
    assert refused == ["storage.no_transaction"]
    assert world.available(account) == 1


@pytest.mark.parametrize("level", ["repeatable read", None])
@pytest.mark.parametrize("store", ["mariadb"])
def test_a_level_at_which_points_would_be_spent_twice_is_refused(world, django, store, level):
    django(isolation_level=level)
    account = world.account()
    with transaction.atomic(store), pytest.raises(IsolationTooHigh, match=r"REPEATABLE READ|SERVER'S DEFAULT"):
        joined(world, store).ledger.credit(account, 5, reason="welcome")


@contextmanager
def losing(world, django, store, account):
    """A transaction of Django's that the database throws away at its next command to an account."""
    if store == "postgresql":
        from django.db.backends.postgresql.psycopg_any import IsolationLevel

        django(isolation_level=IsolationLevel.REPEATABLE_READ)
    with transaction.atomic(store):
        with connections[store].cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_notes VALUES ('gone')" if store == "mariadb" else "SELECT 1 FROM ml_tags"
            )
        if store == "mariadb":
            with deadlocking(world, account):
                yield
        else:
            world.org.ledger.credit(account, 3, reason="elsewhere")
            yield


@contextmanager
def deadlocking(world, account):
    """Somebody has the account, has done more, and waits for the note that Django has written."""
    ready = threading.Event()

    def wait():
        with world.storage._connected() as connection:
            for number in range(50):
                connection.exec_driver_sql(f"INSERT INTO django_notes VALUES ('{number}')")
            connection.exec_driver_sql("SELECT 1 FROM ml_accounts WHERE id = %s FOR UPDATE", (account.hex,))
            ready.set()
            connection.exec_driver_sql("INSERT INTO django_notes VALUES ('gone')")
            connection.rollback()

    somebody = threading.Thread(target=wait)
    somebody.start()
    assert ready.wait(10)
    yield
    somebody.join()


def test_where_the_database_threw_the_transaction_away_django_commits_nothing_of_it(world, org, notes, django, store):
    account = world.account()
    with losing(world, django, store, account):
        with pytest.raises(ConcurrencyConflict) as conflict:
            org.ledger.credit(account, 5, reason="gone")
        assert conflict.value.transaction_lost
        with pytest.raises(transaction.TransactionManagementError):
            notes.remember(None, "after")
    assert notes.notes() == []
    assert world.available(account) == (0 if store == "mariadb" else 3)


def cut(world, notes):
    """End Django's connection from the outside."""
    if notes.using == "sqlite":
        connections["sqlite"].connection.close()
        return
    mine, end = {
        "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"),
        "mariadb": ("SELECT CONNECTION_ID()", "KILL {}"),
    }[notes.using]
    ((id,),) = notes.run(mine)
    with world.storage._connected() as connection:
        connection.exec_driver_sql(end.format(id))


def test_a_database_that_is_gone_is_named_as_such(world, org, notes, store):
    account = world.account(credits=[5])
    with suppress(Exception), transaction.atomic(store):
        cut(world, notes)
        for use in (lambda: org.ledger.credit(account, 5, reason="late"), lambda: org.ledger.balance(account)):
            with pytest.raises(StorageUnavailable):
                use()
        assert connections[store].errors_occurred
    connections[store].close()
    assert org.ledger.balance(account).available == 5
