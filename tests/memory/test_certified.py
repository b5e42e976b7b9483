"""The in-memory adapter keeps every promise of the ports."""

from __future__ import annotations

import pytest
from tests.certified import DRIVEN, certified
from tests.reliability import TRYING

from memberlogic.certification import MACHINES, certify_care, certify_ledger
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


@pytest.mark.rule("CARE-3", "CARE-10", "CARE-16")
def test_member_care_goes_the_same_way_whatever_the_jobs_do():
    examples, steps = TRYING.memory
    certify_care(MemoryStorage, MemoryStorage, examples=-(-examples // len(MACHINES)), steps=steps)
