"""CARE-1, CARE-2, CARE-4: flows as data: milestones in a fixed order, each with what starts it and what it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time
from enum import Enum
from typing import Any

from attrs import field, frozen

from memberlogic.converting import tagged_or_none
from memberlogic.errors import JSON, InvalidInput
from memberlogic.ids import CareFlowId, CareMilestoneId
from memberlogic.inputs import an_id, as_tuple, checked, code, describe, instance, optional, sequence_of, text, whole
from memberlogic.outcomes import Figures

__all__ = [
    "Action",
    "ActionKind",
    "After",
    "DelayUnit",
    "Flow",
    "FlowState",
    "FlowTerms",
    "FlowVersion",
    "MessageContent",
    "Milestone",
    "On",
    "Schedule",
    "Surface",
    "Unseen",
    "describe_schedule",
]


_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LONGEST_FIGURE = 128
_FIGURE = "a text of at most 128 characters, a whole number, or true or false"


class DelayUnit(Enum):
    """In what a delay is counted. Hours are elapsed time; days, weeks and months are counted on the calendar of the
    studio.
    """

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


_LONGEST = {DelayUnit.DAYS: 36_600, DelayUnit.WEEKS: 5_228, DelayUnit.MONTHS: 1_200}
"""What is counted on the calendar: a hundred years, as terms."""


def _at_problem(value: object) -> str | None:
    if type(value) is time and value.tzinfo is None:
        return None
    return "a time of day without a zone, such as time(9, 0): it is the studio's"


@frozen(kw_only=True)
class After:
    """TIME: so long after the milestone before was due or done (CARE-2); at a time of day, if one is given. Days,
    weeks and months make a hundred years at most, hours are 100,000 at most.
    """

    length: int = field(validator=whole(least=0, most=100_000))
    unit: DelayUnit = field(validator=instance(DelayUnit, "hours, days, weeks or months"))
    at: time | None = field(default=None, validator=optional(checked(_at_problem)))

    def __attrs_post_init__(self) -> None:
        if self.length > (most := _LONGEST.get(self.unit, self.length)):
            raise InvalidInput(path="length", expected=f"{most} {self.unit.value} at most", got=describe(self.length))
        if self.at is not None and self.unit is DelayUnit.HOURS:
            raise InvalidInput(path="at", expected="no time of day, as the delay is in hours", got=self.at.isoformat())


def _figures(_: object, attribute: Any, value: object) -> None:
    """Figures of an event by name; which one is none is said, where its name may be."""
    path = attribute.name
    if not isinstance(value, Mapping):
        raise InvalidInput(path=path, expected="figures of the event by name", got=describe(value))
    for name, each in value.items():
        if not isinstance(name, str):
            raise InvalidInput(path=path, expected="names that are texts", got=describe(name))
        if not isinstance(each, str | bool | int) or (isinstance(each, str) and len(each) > _LONGEST_FIGURE):
            there = f"{path}.{name}" if _NAME.fullmatch(name) else path
            raise InvalidInput(path=there, expected=_FIGURE, got=describe(each))


def _told_apart(where: Any) -> Any:
    """Figures as they are compared: true is not 1."""
    return {name: (isinstance(each, bool), each) for name, each in where.items()}


def _as_figures(value: Any) -> Any:
    return Figures(value) if isinstance(value, Mapping) else value


def _same(told: JSON, wanted: JSON) -> bool:
    return told == wanted and isinstance(told, bool) is isinstance(wanted, bool)


@frozen(kw_only=True)
class On:
    """EVENT: the first event of this kind that concerns the member, after the milestone before (CARE-2).

    Args:
        kind: a type of event: ``visit.recorded``, ``contract.cancellation_filed``, or one that the host publishes,
            such as ``training_plan.updated``.
        where: figures that the event must have, each a text, a whole number, or true or false.
        times: up to how many events start the milestone, each once; the next milestone starts with the first, the
            repeats run beside it.
    """

    kind: str = field(validator=code("a kind of event"))
    where: Mapping[str, JSON] = field(
        factory=dict, converter=_as_figures, validator=_figures, hash=False, eq=_told_apart
    )
    times: int = field(default=1, validator=whole(least=1, most=1_000))

    def fits(self, figures: Mapping[str, JSON]) -> bool:
        """Whether an event with these figures has what it must have; true is not the number 1."""
        return all(_same(figures.get(name), value) for name, value in self.where.items())


@frozen(kw_only=True)
class Unseen:
    """A signal made from what is known (CARE-2): no visit for so many days, counted from the milestone before or from
    the last visit after it. Time that stands still does not count.
    """

    days: int = field(validator=whole(least=1, most=3_660))


Schedule = After | On | Unseen
tagged_or_none(Schedule)


class ActionKind(Enum):
    """What staff does."""

    APPOINTMENT = "appointment"
    PHONE_CALL = "phone_call"
    CONVERSATION = "conversation"


class Surface(Enum):
    """Where staff sees an action (CARE-12)."""

    CARE_TOOL = "care_tool"
    CHECK_IN_DIALOG = "check_in_dialog"
    CHECK_IN_LIST = "check_in_list"


@frozen(kw_only=True)
class Action:
    """Something for staff to do (CARE-4).

    Args:
        service: what is booked; an appointment has one, and nothing else does.
        employee: who is to do it, by the code of the catalogue; open for anybody if left out.
        competence: what whoever does it must be able to do; instead of an employee.
        surface: where a conversation is shown; appointments and phone calls are shown in the care tool.
    """

    kind: ActionKind = field(validator=instance(ActionKind, "appointment, phone_call or conversation"))
    service: str | None = field(default=None, validator=optional(code("a service")))
    employee: str | None = field(default=None, validator=optional(code("an employee")))
    competence: str | None = field(default=None, validator=optional(code("a competence")))
    surface: Surface = field(
        default=Surface.CARE_TOOL, validator=instance(Surface, "care_tool, check_in_dialog or check_in_list")
    )

    def __attrs_post_init__(self) -> None:
        if (self.service is not None) != (self.kind is ActionKind.APPOINTMENT):
            wanted = "the service that is booked" if self.service is None else "no service, but for an appointment"
            raise InvalidInput(path="service", expected=wanted, got=self.service or "none")
        if self.employee is not None and self.competence is not None:
            raise InvalidInput(path="competence", expected="an employee or a competence, not both", got=self.competence)
        if self.surface is not Surface.CARE_TOOL and self.kind is not ActionKind.CONVERSATION:
            raise InvalidInput(path="surface", expected="care_tool, but for a conversation", got=self.surface.value)


@frozen(kw_only=True)
class MessageContent:
    """Something to be sent: a template, over a channel (CARE-4)."""

    template: str = field(validator=code("a template"))
    channel: str = field(validator=code("a channel"))


@frozen(kw_only=True)
class Milestone:
    """A step of a flow: its schedule, and an action, a message or both (CARE-4); one with both is done when its action
    is. One without a schedule never starts (CARE-2).
    """

    name: str = field(validator=text(200))
    schedule: Schedule | None = field(
        default=None, validator=optional(instance((After, On, Unseen), "After, On or Unseen"))
    )
    action: Action | None = field(default=None, validator=optional(instance(Action, "an Action")))
    message: MessageContent | None = field(default=None, validator=optional(instance(MessageContent, "a message")))
    id: CareMilestoneId | None = field(default=None, validator=optional(an_id))
    """Its own over all versions of the flow; made when the flow is saved."""

    def __attrs_post_init__(self) -> None:
        if self.action is None and self.message is None:
            raise InvalidInput(path="action", expected="an action, a message or both", got="neither")

    @property
    def times(self) -> int:
        """How often it is started at most."""
        return self.schedule.times if isinstance(self.schedule, On) else 1


@frozen(kw_only=True)
class FlowTerms:
    """What a flow is (CARE-1).

    Args:
        milestones: at least one, in their order.
        pauses_while_frozen: whether time stands still also while the member's contracts are frozen.
        purpose: what a member must have agreed to, over a message's channel, to be sent its messages (CARE-14).
    """

    name: str = field(validator=text(200))
    milestones: tuple[Milestone, ...] = field(
        converter=as_tuple, validator=sequence_of(Milestone, "a Milestone", least=1, most=10_000)
    )
    pauses_while_frozen: bool = field(default=False, validator=instance(bool, "true or false"))
    purpose: str = field(default="member_care", validator=code("a purpose"))

    def __attrs_post_init__(self) -> None:
        named = [each.id for each in self.milestones if each.id is not None]
        if len(set(named)) != len(named):
            raise InvalidInput(path="milestones", expected="each milestone once", got="one that is there twice")

    @property
    def never_start(self) -> Sequence[int]:
        """The places, counted from 0, of milestones that never start: the first without a schedule, and all behind
        it, as the order is fixed.
        """
        without = [place for place, each in enumerate(self.milestones) if each.schedule is None]
        return range(without[0], len(self.milestones)) if without else ()


class FlowState(Enum):
    """A retired flow is assigned no more; a deleted one is not shown either. Runs of it go on."""

    IN_USE = "in_use"
    RETIRED = "retired"
    DELETED = "deleted"


@frozen(kw_only=True)
class FlowVersion:
    """A flow as it was saved once (CARE-1): what a run keeps."""

    flow: CareFlowId
    version: int
    terms: FlowTerms


@frozen(kw_only=True)
class Flow:
    """A template of care, by its current version."""

    current: FlowVersion
    state: FlowState = FlowState.IN_USE

    @property
    def id(self) -> CareFlowId:
        """The flow."""
        return self.current.flow

    @property
    def name(self) -> str:
        """What it is called."""
        return self.current.terms.name


def describe_schedule(schedule: Schedule | None) -> str:
    """A schedule in words."""
    match schedule:
        case None:
            return "never: it has no schedule"
        case After():
            at = "" if schedule.at is None else f" at {schedule.at.isoformat('minutes')}"
            return f"after {_many(schedule.length, schedule.unit.value)}{at}"
        case On():
            return f"on {schedule.kind}" + (f", up to {schedule.times} times" if schedule.times > 1 else "")
        case Unseen():
            return f"after {_many(schedule.days, 'days')} without a visit"


def _many(number: int, unit: str) -> str:
    return f"{number} {unit.removesuffix('s') if number == 1 else unit}"
