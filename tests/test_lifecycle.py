"""A state machine is a table; what it does not list is refused with what would be allowed (COM-11)."""

from __future__ import annotations

from enum import Enum

import pytest
from tests.walking import modules

from memberlogic.errors import IllegalTransition
from memberlogic.lifecycle import Lifecycle
from memberlogic.loyalty.lifecycle import ACCOUNT_STATES

pytestmark = pytest.mark.rule("COM-11")

MACHINES = list(
    {
        id(value): value for module in modules() for value in vars(module).values() if isinstance(value, Lifecycle)
    }.values()
)


class Door(Enum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


TABLE = {
    Door.OPEN: {"shut": Door.SHUT, "open": Door.OPEN},
    Door.SHUT: {"open": Door.OPEN, "remove": Door.GONE},
    Door.GONE: {},
}
DOOR = Lifecycle("door", Door.OPEN, TABLE)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda each: each.machine)
def test_every_state_and_action_leads_where_the_table_says_or_is_refused(machine):
    actions = {action for _, action, _ in machine.rows()}
    for state in type(machine.initial):
        for action in actions:
            row = machine.table[state]
            if action in row:
                assert machine.after(state, action) is row[action]
            else:
                with pytest.raises(IllegalTransition) as caught:
                    machine.after(state, action)
                assert caught.value.details["allowed"] == list(machine.allowed(state))
                assert caught.value.details["state"] == state.value


def test_a_state_without_a_row_is_a_defect():
    with pytest.raises(TypeError, match="no row for GONE"):
        Lifecycle("door", Door.OPEN, {Door.OPEN: {"shut": Door.SHUT}, Door.SHUT: {}})


def test_a_state_that_nothing_leads_to_is_a_defect():
    with pytest.raises(TypeError, match="nothing leads to GONE"):
        Lifecycle("door", Door.OPEN, {**TABLE, Door.SHUT: {"open": Door.OPEN}})


def test_the_diagram_shows_every_arrow():
    assert DOOR.as_mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> OPEN",
        "    OPEN --> SHUT: shut",
        "    OPEN --> OPEN: open",
        "    SHUT --> OPEN: open",
        "    SHUT --> GONE: remove",
        "    GONE --> [*]",
    ]


def test_finals_are_what_nothing_leaves():
    assert DOOR.finals() == (Door.GONE,)
    assert next(iter(DOOR.rows())) == (Door.OPEN, "shut", Door.SHUT)


def test_a_table_cannot_be_changed():
    with pytest.raises(TypeError):
        DOOR.table[Door.GONE] = {}


@pytest.mark.rule("PTS-1")
def test_a_closed_account_is_final():
    assert [state.value for state in ACCOUNT_STATES.finals()] == ["closed"]
