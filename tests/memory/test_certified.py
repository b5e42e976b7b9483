"""The in-memory adapter keeps every promise of the ports."""

from __future__ import annotations

import pytest
from tests.reliability import TRYING

from memberlogic.certification import (
    AdjustmentsPromises,
    BuyingMachine,
    ConcurrencyPromises,
    LedgerMachine,
    OutboxPromises,
    PurchasesPromises,
    ReturnsPromises,
    SchemesPromises,
    StatementsPromises,
    StoragePromises,
    WalletsPromises,
    certify_ledger,
)
from memberlogic_memory import MemoryStorage


class OnMemory:
    @pytest.fixture
    def storage(self):
        return MemoryStorage()


@pytest.mark.rule("COM-1", "COM-9", "COM-10", "COM-19")
class TestStorage(OnMemory, StoragePromises):
    """On memory."""


@pytest.mark.rule("PTS-7", "PTS-9", "COM-8", "PTS-12", "COM-18")
class TestWallets(OnMemory, WalletsPromises):
    """On memory."""


@pytest.mark.rule("PTS-2", "PTS-19", "COM-9", "COM-19")
class TestPurchases(OnMemory, PurchasesPromises):
    """On memory."""


@pytest.mark.rule("PTS-10", "SCH-2", "COM-9")
class TestReturns(OnMemory, ReturnsPromises):
    """On memory."""


@pytest.mark.rule("SCH-2", "SCH-6", "SCH-8", "COM-18")
class TestSchemes(OnMemory, SchemesPromises):
    """On memory."""


@pytest.mark.rule("PTS-14", "COM-16", "COM-1")
class TestAdjustments(OnMemory, AdjustmentsPromises):
    """On memory."""


@pytest.mark.rule("PTS-9", "PTS-16", "COM-1")
class TestStatements(OnMemory, StatementsPromises):
    """On memory."""


@pytest.mark.rule("COM-16", "PTS-11", "COM-18")
class TestConcurrency(OnMemory, ConcurrencyPromises):
    """On memory."""


@pytest.mark.rule("COM-17")
class TestOutbox(OnMemory, OutboxPromises):
    """On memory."""


@pytest.mark.rule("COM-8", "PTS-7", "PTS-9", "PTS-10", "PTS-11", "PTS-12", "PTS-16")
@pytest.mark.parametrize("machine", [LedgerMachine, BuyingMachine])
def test_the_ledger_machine_agrees_with_the_model(machine):
    examples, steps = TRYING.memory
    certify_ledger(MemoryStorage, examples=examples, steps=steps, machine=machine)
