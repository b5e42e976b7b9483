"""A state machine as a table: every state, every action, nothing implied.

The table is the rule. What it does not list is refused with what would be allowed, and the diagrams in the docs are
generated from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeVar

from memberlogic.errors import IllegalTransition

__all__ = ["Lifecycle"]

S = TypeVar("S", bound=Enum)


class Lifecycle(Generic[S]):
    """A validated transition table.

    Args:
        machine: what moves through the states, in a club manager's word ("account").
        initial: where it starts.
        table: for each state, the action and the state it leads to. Every state must have a row, so that a final
            state is final on purpose; an action may lead back to its own state (a no-op).

    Raises:
        TypeError: if a state has no row or cannot be reached.
    """

    def __init__(self, machine: str, initial: S, table: Mapping[S, Mapping[str, S]]) -> None:
        states = type(initial)
        missing = [state.name for state in states if state not in table]
        if missing:
            raise TypeError(f"{machine}: no row for {', '.join(missing)}")
        reached, frontier = {initial}, [initial]
        while frontier:
            for after in table[frontier.pop()].values():
                if after not in reached:
                    reached.add(after)
                    frontier.append(after)
        unreached = [state.name for state in states if state not in reached]
        if unreached:
            raise TypeError(f"{machine}: nothing leads to {', '.join(unreached)}")
        self.machine = machine
        self.initial = initial
        self.table: Mapping[S, Mapping[str, S]] = MappingProxyType(
            {state: MappingProxyType(dict(row)) for state, row in table.items()}
        )

    def allowed(self, state: S) -> tuple[str, ...]:
        """The actions that a state takes, in the table's order."""
        return tuple(self.table[state])

    def after(self, state: S, action: str) -> S:
        """Where an action leads.

        Raises:
            IllegalTransition: if the state does not take it.
        """
        row = self.table[state]
        if action not in row:
            raise IllegalTransition(
                machine=self.machine, state=str(state.value), action=action, allowed=self.allowed(state)
            )
        return row[action]

    def finals(self) -> tuple[S, ...]:
        """The states that nothing leaves."""
        return tuple(state for state, row in self.table.items() if all(after is state for after in row.values()))

    def as_mermaid(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial.name}"]
        for state, row in self.table.items():
            lines += [f"    {state.name} --> {after.name}: {action}" for action, after in row.items()]
        lines += [f"    {state.name} --> [*]" for state in self.finals()]
        return "\n".join(lines)

    def rows(self) -> Iterable[tuple[S, str, S]]:
        """Every arrow: state, action, state after."""
        for state, row in self.table.items():
            for action, after in row.items():
                yield state, action, after
