"""CARE-4, CARE-5: what a milestone refers to has to be there, when a flow is saved and again when it is assigned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from attrs import field, fields, frozen

from memberlogic.care.catalogues import CATEGORY
from memberlogic.care.flows import FlowTerms, Milestone, On
from memberlogic.care.looking_up import Found, picked
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import event_types, is_hosts_kind
from memberlogic.inputs import instance
from memberlogic.outcomes import Because, Explanation
from memberlogic.rules import Policies, policy
from memberlogic.wording import LINES

__all__ = [
    "PREREQUISITES",
    "CheckFlow",
    "EventFieldUnknown",
    "EventUnknown",
    "FlowChecked",
    "PickRetired",
    "PickUnknown",
    "TemplateLacksCategory",
    "TemplateLacksChannel",
    "member_events",
    "prerequisites",
    "require_prerequisites",
]


class PickUnknown(RuleViolation):
    """Nothing of this code is there."""

    code = "care.pick_unknown"
    rule = "CARE-5"
    sentence = "{path}: there is no {kind} {picked}."


class PickRetired(RuleViolation):
    """It is there, and no longer in use."""

    code = "care.pick_retired"
    rule = "CARE-5"
    sentence = "{path}: the {kind} {picked} is no longer in use."


class TemplateLacksCategory(RuleViolation):
    """Its placeholders are not those of Member Care."""

    code = "care.template_lacks_category"
    rule = "CARE-5"
    sentence = "{path}: the template {picked} does not carry the placeholder category {category}."


class TemplateLacksChannel(RuleViolation):
    """It cannot be sent that way."""

    code = "care.template_lacks_channel"
    rule = "CARE-5"
    sentence = "{path}: the template {picked} is not made for {channel}; it is for {channels}."


class EventUnknown(RuleViolation):
    """No member event is of this kind, and no host may publish one."""

    code = "care.event_unknown"
    rule = "CARE-2"
    sentence = (
        "{path}: no event of members that starts a milestone is of the kind {kind}; near it: {near}. One that the host"
        " publishes has a first word of its own, as in training_plan.updated."
    )


class EventFieldUnknown(RuleViolation):
    """No event of this kind ever has it: the milestone would wait for ever."""

    code = "care.event_field_unknown"
    rule = "CARE-2"
    sentence = "{path}: an event {kind} has no field {field}; it has {fields}."


@frozen(kw_only=True)
class CheckFlow:
    """Look at a flow before it is saved."""

    terms: FlowTerms = field(validator=instance(FlowTerms, "the terms of a flow"))


@frozen(kw_only=True)
class Picks:
    """What the rules of a milestone's picks look at."""

    place: int
    milestone: Milestone
    found: Found

    @property
    def path(self) -> str:
        """Where the milestone stands in the flow."""
        return f"milestones[{self.place}]"


@policy("CARE-5", "The template of a message is there and in use.")
def template_must_be_in_use(p: Picks) -> MemberLogicError | None:
    """By its code."""
    message = p.milestone.message
    if message is None:
        return None
    path, entry = f"{p.path}.message.template", p.found.templates.get(message.template)
    if entry is None:
        return PickUnknown(path=path, kind="template", picked=message.template)
    return None if entry.in_use else PickRetired(path=path, kind="template", picked=message.template)


@policy("CARE-5", "The template of a message carries the placeholder category of Member Care.")
def template_must_carry_the_category(p: Picks) -> MemberLogicError | None:
    """Else its placeholders mean nothing to a member in care."""
    message = p.milestone.message
    entry = None if message is None else p.found.templates.get(message.template)
    if entry is None or CATEGORY in entry.categories:
        return None
    return TemplateLacksCategory(path=f"{p.path}.message.template", picked=entry.code, category=CATEGORY)


@policy("CARE-5", "The template of a message is made for its channel.")
def template_must_have_the_channel(p: Picks) -> MemberLogicError | None:
    """An e-mail is no text message."""
    message = p.milestone.message
    entry = None if message is None else p.found.templates.get(message.template)
    if message is None or entry is None or message.channel in entry.channels:
        return None
    return TemplateLacksChannel(
        path=f"{p.path}.message.channel",
        picked=entry.code,
        channel=message.channel,
        channels=sorted(entry.channels),
    )


@policy("CARE-5", "The service, employee or competence of an action is there.")
def picks_must_be_there(p: Picks) -> MemberLogicError | None:
    """By their codes."""
    for kind, code in picked(p.milestone.action):
        if code not in p.found.entries.get(kind, {}):
            return PickUnknown(path=f"{p.path}.action.{kind.value}", kind=kind.value, picked=code)
    return None


@policy("CARE-5", "The service, employee or competence of an action is in use.")
def picks_must_be_in_use(p: Picks) -> MemberLogicError | None:
    """What was retired cannot be picked any more."""
    for kind, code in picked(p.milestone.action):
        entry = p.found.entries.get(kind, {}).get(code)
        if entry is not None and not entry.in_use:
            return PickRetired(path=f"{p.path}.action.{kind.value}", kind=kind.value, picked=code)
    return None


@policy("CARE-2", "An event that starts a milestone is one of members, or one that the host may publish.")
def event_must_be_known(p: Picks) -> MemberLogicError | None:
    """Care's own events start nothing: a flow does not wait for itself."""
    schedule = p.milestone.schedule
    if not isinstance(schedule, On) or schedule.kind in member_events() or is_hosts_kind(schedule.kind):
        return None
    return EventUnknown(path=f"{p.path}.schedule.kind", kind=schedule.kind, near=near(schedule.kind))


@policy("CARE-2", "What is asked of an event of the library's is a field that it has.")
def event_must_have_the_fields(p: Picks) -> MemberLogicError | None:
    """Nobody knows the figures of what a host publishes."""
    schedule = p.milestone.schedule
    if not isinstance(schedule, On) or schedule.kind not in member_events():
        return None
    cls = event_types().get(schedule.kind)
    known = [] if cls is None else [each.name for each in fields(cls) if not each.metadata.get("envelope")]
    for name in schedule.where:
        if known and name not in known:
            path = f"{p.path}.schedule.where.{name}"
            return EventFieldUnknown(path=path, kind=schedule.kind, field=name, fields=known)
    return None


def near(kind: str) -> list[str]:
    """Kinds that may have been meant: those that are written alike, else those with the same first word; a few."""
    known = sorted(member_events())
    first = kind.partition(".")[0]
    return get_close_matches(kind, known) or [each for each in known if each.partition(".")[0] == first][:3]


PREREQUISITES: Policies[Picks] = Policies(
    template_must_be_in_use,
    template_must_carry_the_category,
    template_must_have_the_channel,
    picks_must_be_there,
    picks_must_be_in_use,
    event_must_be_known,
    event_must_have_the_fields,
)


_STARTS_NOTHING = ("contract_batch.", "care.", "host.")
"""Batches concern nobody, care does not wait for itself, and what a host publishes is known by the host's kind."""


def member_events() -> frozenset[str]:
    """The types of events that can start a milestone: those that concern members, whatever is imported."""
    types = (type for area, lines in LINES.items() if area.startswith("members") for type in lines)
    return frozenset(type for type in types if not type.startswith(_STARTS_NOTHING))


def prerequisites(terms: FlowTerms, found: Found) -> tuple[MemberLogicError, ...]:
    """Everything that is missing, by the order of the milestones, then of :data:`PREREQUISITES`."""
    return tuple(refusal for each in _picks(terms, found) for refusal in PREREQUISITES.refusals(each))


def require_prerequisites(terms: FlowTerms, found: Found) -> None:
    """Refuse a flow that lacks something.

    Raises:
        RuleViolation: the first of what is missing.
    """
    for each in _picks(terms, found):
        PREREQUISITES.require(each)


def _picks(terms: FlowTerms, found: Found) -> Iterable[Picks]:
    return (Picks(place=place, milestone=each, found=found) for place, each in enumerate(terms.milestones))


@frozen(kw_only=True)
class FlowChecked:
    """What would be refused if the flow were saved, and which milestones would never start."""

    refusals: tuple[MemberLogicError, ...]
    never_start: tuple[int, ...]
    """The places, counted from 0, of milestones that never start: the first without a schedule, and all behind it
    (CARE-2).
    """

    @property
    def may_be_saved(self) -> bool:
        """Whether nothing is missing."""
        return not self.refusals

    def explain(self) -> Explanation:
        """Everything that is missing."""
        missing = tuple(Because(each.rule or "CARE-5", each.code, each.details) for each in self.refusals)
        may = "The flow can be saved." if self.may_be_saved else "The flow cannot be saved."
        return Explanation(may, (*missing, *never_starting(self.never_start)))


def never_starting(places: Sequence[int]) -> tuple[Because, ...]:
    """A reason for each milestone that never starts: the first has no schedule, the others are ``behind`` it."""
    first = tuple(Because("CARE-2", "care.never_starts", {"milestone": place}) for place in places[:1])
    behind = (Because("CARE-2", "care.never_starts", {"milestone": each, "behind": places[0]}) for each in places[1:])
    return (*first, *behind)


def checked(terms: FlowTerms, found: Found) -> FlowChecked:
    """What would be refused if the flow were saved."""
    return FlowChecked(refusals=prerequisites(terms, found), never_start=tuple(terms.never_start))
