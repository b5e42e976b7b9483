"""The in-memory adapter keeps every promise of the ports."""

from __future__ import annotations

import pytest
from tests.certified import certified
from tests.reliability import TRYING

from memberlogic.certification import BuyingMachine, CorrectingMachine, LedgerMachine, certify_ledger
from memberlogic_memory import MemoryStorage


class OnMemory:
    @pytest.fixture
    def storage(self):
        return MemoryStorage()


globals().update(certified(OnMemory))


@pytest.mark.rule("COM-8", "PTS-7", "PTS-9", "PTS-10", "PTS-11", "PTS-12", "PTS-14", "PTS-16")
@pytest.mark.parametrize("machine", [LedgerMachine, BuyingMachine, CorrectingMachine])
def test_the_ledger_machine_agrees_with_the_model(machine):
    examples, steps = TRYING.memory
    certify_ledger(MemoryStorage, examples=examples, steps=steps, machine=machine)
