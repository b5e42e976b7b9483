"""The in-memory adapter keeps every promise of the ports."""

from __future__ import annotations

import pytest
from tests.certified import DRIVEN, certified
from tests.reliability import TRYING

from memberlogic.certification import MACHINES, certify_ledger
from memberlogic_memory import MemoryStorage


class OnMemory:
    @pytest.fixture
    def storage(self):
        return MemoryStorage()


globals().update(certified(OnMemory))


@pytest.mark.rule(*DRIVEN)
@pytest.mark.parametrize("machine", MACHINES)
def test_the_ledger_machine_agrees_with_the_model(machine):
    examples, steps = TRYING.memory
    certify_ledger(MemoryStorage, examples=-(-examples // len(MACHINES)), steps=steps, machine=machine)
