"""CARE-13: every open action of a colleague who is absent goes to another one, so many runs at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from memberlogic.care.advancing import Advanced
from memberlogic.care.catalogues import Entry
from memberlogic.care.checking import PickRetired, PickUnknown
from memberlogic.care.keeping import Posted, posted
from memberlogic.care.model import Run, Step, StepState
from memberlogic.care.work_list import an_employee
from memberlogic.care.working import given
from memberlogic.errors import JSON, InvalidInput, MemberLogicError
from memberlogic.events import Event
from memberlogic.inputs import code, whole
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = ["HANDING_OVER", "ActionsReassigned", "HandOver", "HandingOver", "hand_over"]


@frozen(kw_only=True)
class HandOver:
    """Everything open that one employee has, to another; so many runs at most."""

    employee: str = field(validator=an_employee)
    to: str = field(validator=code("an employee"))
    size: int = field(default=200, validator=whole(least=1, most=1000))

    def __attrs_post_init__(self) -> None:
        if self.employee == self.to:
            raise InvalidInput(path="to", expected="another employee", got="the same")


@frozen(kw_only=True)
class HandingOver:
    """What the rules of handing over look at, and what is handed over.

    Args:
        runs: each as it was read, and as it is now.
        more: whether there may be more of it.
    """

    wanted: HandOver
    known: Mapping[str, Entry]
    runs: Sequence[tuple[Run, Advanced]]
    more: bool


@frozen(kw_only=True)
class ActionsReassigned:
    """How many actions went to another employee; ``more``, if it is to be called again for the rest."""

    employee: str
    to: str
    actions: int
    more: bool

    def explain(self) -> Explanation:
        """What was done."""
        figures: dict[str, JSON] = {"actions": self.actions, "employee": self.employee, "to": self.to}
        rest = " There may be more." if self.more else ""
        said = f"Actions that went from {self.employee} to {self.to}: {self.actions}.{rest}"
        return Explanation(said, (Because("CARE-13", "care.actions_reassigned", figures),))


@policy("CARE-5", "Actions are handed over to an employee who is in the catalogue and in use.")
def successor_must_be_in_use(h: HandingOver) -> MemberLogicError | None:
    """Whoever they are taken from may have left the catalogue long ago."""
    entry = h.known.get(h.wanted.to)
    if entry is None:
        return PickUnknown(path="to", kind="employee", picked=h.wanted.to)
    return None if entry.in_use else PickRetired(path="to", kind="employee", picked=h.wanted.to)


HANDING_OVER: Policies[HandingOver] = Policies(successor_must_be_in_use)


def hand_over(facts: HandingOver) -> Outcome[Posted, Event, ActionsReassigned]:
    """These runs, with every open action of the one in the hands of the other. Each run is written, if only to say when
    it is due next.

    Raises:
        RuleViolation: the first of :data:`HANDING_OVER` that refuses.
    """
    HANDING_OVER.require(facts)
    written, events = Posted(), []
    for stored, advanced in facts.runs:
        now = advanced.run.effective_at
        steps = [_to(each, facts.wanted) for each in advanced.run.steps]
        after = evolve(advanced.run, steps=tuple(steps))
        said = [given(after, new) for old, new in zip(advanced.run.steps, steps, strict=True) if new != old]
        events += said
        written += posted(stored, evolve(advanced, run=after), now, said)
    result = ActionsReassigned(employee=facts.wanted.employee, to=facts.wanted.to, actions=len(events), more=facts.more)
    return Outcome(written, tuple(events), result)


def _to(step: Step, wanted: HandOver) -> Step:
    if step.state is not StepState.ACTIVE or step.assignee != wanted.employee:
        return step
    return evolve(step, assignee=wanted.to)
