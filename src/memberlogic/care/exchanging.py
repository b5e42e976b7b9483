"""CARE-1, CARE-6: flows and configurations written to a file and read from one; reading the same twice changes
nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from operator import attrgetter
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen

from memberlogic.care import configuring, retiring, saving
from memberlogic.care.checking import prerequisites
from memberlogic.care.configurations import Configuration, ConfigurationTerms, RateFlow
from memberlogic.care.configuring import CONFIGURING, ConfiguringFacts
from memberlogic.care.flows import Flow, FlowState, FlowTerms, FlowVersion, Milestone
from memberlogic.care.looking_up import Found
from memberlogic.care.programmes import ConfigurationInFile, Programme, RateFlowInFile
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.events import Event
from memberlogic.ids import CareConfigurationId, CareFlowId, CareMilestoneId, ExternalId, NewId, RateId
from memberlogic.inputs import instance
from memberlogic.outcomes import Because, Explanation

__all__ = [
    "Here",
    "ImportProgramme",
    "Part",
    "PartChange",
    "Plan",
    "ProgrammeChecked",
    "ProgrammeImported",
    "checked",
    "imported",
    "planned",
    "written",
]


@frozen(kw_only=True)
class ImportProgramme:
    """Make flows and configurations what a file says; what it does not name stays."""

    programme: Programme = field(validator=instance(Programme, "a Programme"))


class PartChange(Enum):
    """What importing makes of a flow or configuration."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@frozen(kw_only=True)
class Part:
    """A flow or configuration of the file, and what becomes of it here. ``id`` is None for what would be created."""

    name: str
    change: PartChange
    id: UUID | None = None


@frozen(kw_only=True)
class ProgrammeImported:
    """What importing made of each flow and configuration of the file, in the file's order."""

    flows: tuple[Part, ...]
    configurations: tuple[Part, ...]

    def explain(self) -> Explanation:
        """How many were created, changed and left as they are."""
        return _explained("Imported", self.flows, self.configurations)


@frozen(kw_only=True)
class ProgrammeChecked:
    """What importing would make of the file, or everything for which it would be refused."""

    refusals: tuple[MemberLogicError, ...]
    flows: tuple[Part, ...]
    configurations: tuple[Part, ...]

    @property
    def may_be_imported(self) -> bool:
        """Whether nothing would be refused."""
        return not self.refusals

    def explain(self) -> Explanation:
        """What would be refused, else what would be done."""
        if self.may_be_imported:
            return _explained("It would be imported", self.flows, self.configurations)
        why = tuple(Because(each.rule or "CARE-5", each.code, each.details) for each in self.refusals)
        return Explanation("It cannot be imported.", why)


def _explained(what: str, flows: Iterable[Part], configurations: Iterable[Part]) -> Explanation:
    reasons = tuple(
        Because(rule, f"care.import_{kind}", {each.value: sum(p.change is each for p in parts) for each in PartChange})
        for rule, kind, parts in (("CARE-1", "flows", tuple(flows)), ("CARE-6", "configurations", configurations))
    )
    done = ", ".join(
        f"{sum(int(str(each.figures[change.value])) for each in reasons)} {change.value}" for change in PartChange
    )
    return Explanation(f"{what}: {done}.", reasons)


@frozen(kw_only=True)
class Here:
    """What importing has to know: the flows and configurations of the organization by name, all versions of those
    flows, what the file's flows refer to, and the rates that it names.
    """

    flows: Mapping[str, Flow]
    versions: Mapping[CareFlowId, Sequence[FlowVersion]]
    configurations: Mapping[str, Configuration]
    found: Found
    rates: Mapping[str, RateId]
    rates_known: Mapping[ExternalId, UUID]


@frozen(kw_only=True)
class Plan:
    """What becomes of everything in the file: facts with what was there before, events, and what is refused."""

    flows: tuple[tuple[Flow | None, Flow], ...]
    configurations: tuple[tuple[Configuration | None, Configuration], ...]
    events: tuple[Event, ...]
    refusals: tuple[MemberLogicError, ...]

    @property
    def flow_parts(self) -> tuple[Part, ...]:
        """What becomes of each flow."""
        return tuple(_part(after.name, after.id, before, after) for before, after in self.flows)

    @property
    def configuration_parts(self) -> tuple[Part, ...]:
        """What becomes of each configuration."""
        return tuple(_part(after.terms.name, after.id, before, after) for before, after in self.configurations)


def _part(name: str, id: UUID, before: object, after: object) -> Part:
    change = PartChange.UNCHANGED if before == after else PartChange.CHANGED
    return Part(name=name, change=PartChange.CREATED if before is None else change, id=id)


def planned(programme: Programme, here: Here, new_id: NewId) -> Plan:
    """What importing comes to: what can be done, and everything that is refused, with its path in the file."""
    events: list[Event] = []
    refusals: list[MemberLogicError] = []
    flows: list[tuple[Flow | None, Flow]] = []
    for place, terms in enumerate(programme.flows):
        before = here.flows.get(terms.name)
        kept = _kept(terms, before)
        # What is here already needs nothing: it was checked when it was saved, and is again when it is assigned.
        same = before is not None and kept == before.current.terms
        missing = () if same else prerequisites(terms, here.found)
        refusals += [_below(f"$.flows[{place}]", each) for each in missing]
        if not missing:
            after, said = _flow(before, kept, here, new_id, retired=terms.name in programme.retired)
            flows.append((before, after))
            events += said
    known = {**here.flows, **{after.name: after for _, after in flows}}
    lacking = {each.name for each in programme.flows} - {after.name for _, after in flows}
    configurations: list[tuple[Configuration | None, Configuration]] = []
    for place, each in enumerate(programme.configurations):
        path = f"$.configurations[{place}]"
        unknown = list(_unknown(path, each, known, lacking, here))
        refusals += unknown
        if not unknown and not lacking & {name for _, name in each.named}:
            old = here.configurations.get(each.name)
            facts = _facts(each, old, known, programme.retired, here)
            not_allowed = CONFIGURING.first(facts)
            if not_allowed is not None:
                refusals.append(_below(path, not_allowed))
                continue
            made = _configuration(old, facts, new_id)
            configurations.append((old, made[0]))
            events += made[1]
    return Plan(
        flows=tuple(flows), configurations=tuple(configurations), events=tuple(events), refusals=tuple(refusals)
    )


def _flow(
    before: Flow | None, terms: FlowTerms, here: Here, new_id: NewId, *, retired: bool
) -> tuple[Flow, Sequence[Event]]:
    if before is None:
        saved = saving.save_flow(CareFlowId(new_id()), terms, here.found, new_id)
    else:
        saved = saving.change_flow(before, terms, here.versions[before.id], here.found, new_id)
    stated = retiring.retire_flow(saved.facts) if retired else retiring.bring_flow_back(saved.facts)
    return stated.facts, (*saved.events, *stated.events)


def _kept(terms: FlowTerms, before: Flow | None) -> FlowTerms:
    """The terms of a file with the ids of the milestones that are here: the same ones first, then those of the same
    name, each once and in order; the others are new.
    """
    if before is None:
        return terms
    known = before.current.terms.milestones
    ids: dict[int, CareMilestoneId | None] = {}
    free = dict.fromkeys(range(len(known)))
    for key in (_without_id, attrgetter("name")):
        waiting: dict[Any, deque[int]] = {}
        for index in free:
            waiting.setdefault(key(known[index]), deque()).append(index)
        for place, each in enumerate(terms.milestones):
            alike = waiting.get(key(each))
            if place not in ids and alike:
                index = alike.popleft()
                ids[place] = known[index].id
                del free[index]
    return evolve(
        terms, milestones=tuple(evolve(each, id=ids.get(place)) for place, each in enumerate(terms.milestones))
    )


def _without_id(milestone: Milestone) -> Milestone:
    return evolve(milestone, id=None)


def _below(path: str, refusal: MemberLogicError) -> MemberLogicError:
    """The same refusal, with where in the file it belongs."""
    inner = refusal.details.get("path")
    return type(refusal)(**{**refusal.details, "path": path if inner is None else f"{path}.{inner}"})


def _unknown(
    path: str, said: ConfigurationInFile, flows: Mapping[str, Flow], lacking: Iterable[str], here: Here
) -> Iterable[MemberLogicError]:
    expected = "the name of a flow of the file, or of one that is here"
    for where, name in said.named:
        if name not in flows and name not in lacking:
            yield InvalidInput(path=f"{path}.{where}", expected=expected, got=name)
    rates: list[RateId] = []
    for place, each in enumerate(said.rate_flows):
        rate = _rate(each, here)
        where = f"{path}.rate_flows[{place}].{'rate' if each.external_id is None else 'external_id'}"
        if rate is None:
            yield InvalidInput(path=where, expected="a rate that is here", got=_named(each))
        elif rate in rates:
            yield InvalidInput(path=where, expected="at most one flow for each rate", got=f"{_named(each)} again")
        else:
            rates.append(rate)


def _named(said: RateFlowInFile) -> str:
    return said.rate or (f"{said.external_id.source}/{said.external_id.value}" if said.external_id else "none")


def _rate(said: RateFlowInFile, here: Here) -> RateId | None:
    if said.external_id is not None:
        found = here.rates_known.get(said.external_id)
        return None if found is None else RateId(found)
    return here.rates.get(said.rate or "")


def _facts(
    said: ConfigurationInFile,
    before: Configuration | None,
    flows: Mapping[str, Flow],
    retired: Iterable[str],
    here: Here,
) -> ConfiguringFacts:
    """What the rules of a configuration look at; a flow that the file says is retired was named before, there."""
    rates = [(_rate(each, here), flows[each.flow].id) for each in said.rate_flows]
    terms = ConfigurationTerms(
        name=said.name,
        default_flow=None if said.default_flow is None else flows[said.default_flow].id,
        rate_flows=tuple(RateFlow(rate, flow) for rate, flow in rates if rate is not None),
        manual=tuple(flows[each].id for each in said.manual),
        complete_automatically_after=said.complete_automatically_after,
    )
    allowed = {flows[each].id for each in retired if each in flows}
    return ConfiguringFacts(
        terms=terms,
        flows={each.id: each for each in flows.values()},
        rates=[rate for rate, _ in rates if rate is not None],
        named_before=allowed if before is None else allowed | before.terms.flows,
    )


def _configuration(
    before: Configuration | None, facts: ConfiguringFacts, new_id: NewId
) -> tuple[Configuration, Sequence[Event]]:
    if before is None:
        made = configuring.create_configuration(CareConfigurationId(new_id()), facts)
    else:
        made = configuring.change_configuration(before, facts)
    return made.facts, made.events


def checked(plan: Plan) -> ProgrammeChecked:
    """What importing would come to; nothing was made, so that what is new has no id."""

    def told(parts: Iterable[Part]) -> tuple[Part, ...]:
        return tuple(evolve(each, id=None) if each.change is PartChange.CREATED else each for each in parts)

    return ProgrammeChecked(
        refusals=plan.refusals, flows=told(plan.flow_parts), configurations=told(plan.configuration_parts)
    )


def imported(plan: Plan) -> ProgrammeImported:
    """What importing came to.

    Raises:
        InvalidInput, RuleViolation: the first of what is refused, with its path in the file.
    """
    if plan.refusals:
        raise plan.refusals[0]
    return ProgrammeImported(flows=plan.flow_parts, configurations=plan.configuration_parts)


def written(flows: Iterable[Flow], configurations: Iterable[Configuration], codes: Mapping[RateId, str]) -> Programme:
    """Flows and configurations as a file says them, rates by their codes: flows that are in use, and those that a
    configuration names.
    """
    configured = tuple(configurations)
    named = {id for each in configured for id in each.terms.flows}
    kept = sorted(
        (each for each in flows if each.state is FlowState.IN_USE or each.id in named), key=lambda each: each.name
    )
    names = {each.id: each.name for each in kept}
    return Programme(
        flows=tuple(
            evolve(each.current.terms, milestones=tuple(map(_without_id, each.current.terms.milestones)))
            for each in kept
        ),
        retired=tuple(each.name for each in kept if each.state is FlowState.RETIRED),
        configurations=tuple(_as_in_file(each.terms, names, codes) for each in configured),
    )


def _as_in_file(
    terms: ConfigurationTerms, names: Mapping[CareFlowId, str], codes: Mapping[RateId, str]
) -> ConfigurationInFile:
    return ConfigurationInFile(
        name=terms.name,
        default_flow=None if terms.default_flow is None else names[terms.default_flow],
        rate_flows=tuple(RateFlowInFile(rate=codes[each.rate], flow=names[each.flow]) for each in terms.rate_flows),
        manual=tuple(names[each] for each in terms.manual),
        complete_automatically_after=terms.complete_automatically_after,
    )
