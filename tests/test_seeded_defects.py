"""R5b: broken builds of the stores, each caught by the certification suite; the sound ones pass it."""

from __future__ import annotations

import inspect
import threading
import time
from contextlib import contextmanager

import pytest
from attrs import evolve

from memberlogic.certification import ConcurrencyPromises, StoragePromises, WalletsPromises
from memberlogic.ledger.model import EntryKind
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage
from memberlogic_memory.ledger import MemoryWallets
from memberlogic_memory.storage import MemoryWork
from memberlogic_sqlalchemy import SqlAlchemyStorage, ledger, tables
from memberlogic_sqlalchemy.ledger import SqlWallets
from memberlogic_sqlalchemy.statements import Statement
from sqlalchemy import bindparam, case, literal_column, update

SUITES = (StoragePromises, WalletsPromises, ConcurrencyPromises)


def broken_promises(storage, suites=SUITES) -> list[str]:
    """The promises that a store breaks."""
    broken = []
    for suite in suites:
        for name, promise in inspect.getmembers(suite, inspect.isfunction):
            if not name.startswith("test_") or len(inspect.signature(promise).parameters) > 2:
                continue
            try:
                promise(suite(), World(storage()))
            except (Exception, pytest.fail.Exception):
                broken.append(name)
    return broken


def test_the_sound_store_breaks_no_promise():
    assert broken_promises(MemoryStorage) == []


@pytest.mark.rule("COM-16")
def test_a_store_without_version_check_is_caught(monkeypatch):
    def queue(self, write, guard=None):
        self._writes.append(write)

    monkeypatch.setattr(MemoryWork, "queue", queue)
    assert "test_a_stale_version_is_refused" in broken_promises(MemoryStorage)


@pytest.mark.rule("COM-9")
def test_a_store_that_looks_the_key_up_before_it_locks_is_caught(monkeypatch):
    sound = MemoryWork.answer

    class Hasty(MemoryStorage):
        @contextmanager
        def work(self, command, clock):
            known.headers = dict(self.tenant(command.organization).headers)
            time.sleep(0.01)  # so that the others have looked as well before the first one commits
            with super().work(command, clock) as uow:
                yield uow

    def answer(self):
        stored, self.tenant.headers = self.tenant.headers, known.headers
        try:
            sound(self)
        finally:
            self.tenant.headers = stored

    known = threading.local()
    monkeypatch.setattr(MemoryWork, "answer", answer)
    assert broken_promises(Hasty) == ["test_one_key_used_at_once_is_one_command"]


def lose_the_last_lot(entry):
    """An entry whose last lot is not written."""
    if entry.kind is EntryKind.TRANSFER_IN and len(entry.opened) > 1:
        return evolve(entry, opened=entry.opened[:-1])
    return entry


@pytest.mark.rule("PTS-11")
@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_store_that_loses_a_lot_is_caught(databases, store, monkeypatch):
    owner = MemoryWallets if store == "memory" else SqlWallets
    sound = owner.post
    monkeypatch.setattr(
        owner,
        "post",
        lambda self, wallets, entries, holds=(): sound(
            self, wallets, [lose_the_last_lot(each) for each in entries], holds
        ),
    )
    make = MemoryStorage if store == "memory" else lambda: SqlAlchemyStorage(databases.engine("sqlite"))
    broken = broken_promises(make, (WalletsPromises, ConcurrencyPromises))
    assert "test_enough_lots_come_for_what_is_taken" in broken


def blind_touch():
    """The account's update that does not care which version it finds."""
    accounts = tables.accounts
    one_more = accounts.c.version + literal_column("1")
    version = case((accounts.c.version == bindparam("expected"), one_more), else_=one_more)
    core = update(accounts).values(effective_at=bindparam("new_effective"), version=version)
    mine = (accounts.c.organization_id == bindparam("organization"), accounts.c.id == bindparam("id_"))
    return Statement(core.where(*mine), *ledger._TOUCH.names)


@pytest.mark.rule("COM-16")
@pytest.mark.parametrize("store", ["postgresql", "mariadb"])
def test_a_database_store_that_neither_locks_nor_checks_versions_is_caught(databases, store, monkeypatch):
    """Either of the two is enough to be right; without both, points are spent twice until a lot would fall below 0."""
    monkeypatch.setattr(ledger, "_lock", ledger._look)
    monkeypatch.setattr(ledger, "_TOUCH", blind_touch())
    broken = broken_promises(lambda: SqlAlchemyStorage(databases.engine(store)), (WalletsPromises, ConcurrencyPromises))
    assert "test_a_stale_version_is_refused" in broken
