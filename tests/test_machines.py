"""R1: no command of the ledger is forgotten by the machines that try all of them in any order."""

from __future__ import annotations

import ast
import inspect

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from memberlogic.certification import MACHINES
from memberlogic.ledger.service import LedgerService
from memberlogic.loyalty.service import LoyaltyService
from memberlogic.running import Runner
from memberlogic_memory import MemoryStorage

MOVES_NO_POINTS = {
    "loyalty.join_account": "who holds an account",
    "loyalty.leave_account": "who holds an account",
    "loyalty.move_scheme": "in which scheme an account is; a model of its own drives it (certification/rising.py)",
    "loyalty.review_together": "in which scheme accounts are; held against one by one (test_settling_at_once)",
}


def commands(service) -> set[str]:
    """The name of every command of a service: what its methods have the runner run."""
    found = set()
    for owner in service.__mro__[:-1]:
        tree = ast.parse(inspect.getsource(owner))
        said = vars(inspect.getmodule(owner))
        for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
            if ast.unparse(call.func) == "self._runner.run":
                found.add(said[ast.unparse(call.args[0])].name)
    return found


@pytest.mark.rule("COM-8")
def test_every_command_that_moves_points_is_driven_by_some_machine(monkeypatch):
    done = set()
    sound = Runner.run

    def run(self, asks, *args, **kwargs):
        result = sound(self, asks, *args, **kwargs)
        done.add(asks.name)
        return result

    monkeypatch.setattr(Runner, "run", run)
    known = commands(LedgerService) | commands(LoyaltyService)
    assert {"ledger.credit", "ledger.post_journal", "ledger.reverse", "loyalty.award", "loyalty.settle"} <= known
    assert MOVES_NO_POINTS.keys() <= known
    # What is rare is drawn in the end: more is tried only where something has not come yet.
    for many in (25, 100, 250):
        for machine in MACHINES:

            class Machine(machine):
                storage = MemoryStorage()

            trying = settings(
                derandomize=False, database=None, max_examples=many, stateful_step_count=40, deadline=None
            )
            run_state_machine_as_test(Machine, settings=trying)
        if known - done == MOVES_NO_POINTS.keys():
            break
    assert known - done == MOVES_NO_POINTS.keys()
