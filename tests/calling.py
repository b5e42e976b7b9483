"""Every public command and query, found in the services, with arguments that could be meant: so that a test over all
of them forgets none. What a new one takes is built from its type hints; `Facts` says what exists.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction
from functools import cache
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from memberlogic.amounts import Money
from memberlogic.application import Handle
from memberlogic.calendar import Term
from memberlogic.care.configurations import ConfigurationTerms
from memberlogic.care.flows import Action, ActionKind, After, DelayUnit, FlowTerms, Milestone
from memberlogic.contracts.cancellation_importing import CancellationRow
from memberlogic.contracts.freeze_importing import FreezeRow
from memberlogic.contracts.importing import ContractRow
from memberlogic.contracts.passes import PassKind
from memberlogic.contracts.rate_importing import RateRow
from memberlogic.contracts.rates import RateTerms
from memberlogic.engagement.templates import Category
from memberlogic.ids import (
    AccountId,
    CareConfigurationId,
    CareFlowId,
    CareRunId,
    CareStepId,
    ClubId,
    ContactPointId,
    ContractId,
    ExternalId,
    MemberId,
    PassId,
    RateId,
    SuspensionId,
    VisitId,
    new_id,
)
from memberlogic.ledger.model import WalletId
from memberlogic.running import Asks
from memberlogic.testing import World

SERVICES = {
    "settings": "organizations",
    "members": "members",
    "contracts": "contracts",
    "care": "care",
    "loyalty": "loyalty",
    "ledger": "ledger",
    "messages": "engagement",
}
"""What a handle calls a service, and the room that it belongs to."""


@cache
def asked() -> Mapping[str, Asks[Any]]:
    """Every `Asks` of the services, by name."""
    found = {}
    for service in SERVICES:
        for base in _services()[service].__mro__:
            module = vars(import_module(base.__module__))
            found |= {value.name: value for value in module.values() if isinstance(value, Asks)}
    return found


def methods() -> Iterable[str]:
    """Every public method of the services, named as its `Asks` is: ``ledger.transfer``."""
    for service, kind in _services().items():
        for name, value in inspect.getmembers(kind):
            if inspect.isfunction(value) and not name.startswith("_") and not name.endswith("_step"):
                yield f"{service}.{name}"


def _services() -> dict[str, type]:
    hints: dict[str, type] = {}
    for service, room in SERVICES.items():
        module = import_module(f"memberlogic.{room}.service")
        hints[service] = getattr(module, f"{service.capitalize()}Service")
    return hints


def method(org: Handle, name: str) -> Callable[..., Any]:
    """The method of a handle that goes by a name."""
    service, _, action = name.partition(".")
    return getattr(getattr(org, service), action)


class Facts:
    """What exists in a world: an id or value for each type that a command takes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[Any, Callable[[], Any]] = {
            AccountId: lambda: world.account(credits=[1000]),
            MemberId: world.member,
            ContactPointId: self._contact_point,
            ClubId: lambda: world.club.id,
            RateId: world.rate,
            SuspensionId: lambda: world.org.contracts.suspend_member(world.member(), reason="house_ban").id,
            PassId: lambda: world.org.contracts.issue_pass(world.member(), PassKind.DAY).id,
            VisitId: self._visit,
            RateRow: lambda: RateRow(ExternalId("old", str(new_id())), f"r-{new_id()}", self._terms()),
            ContractRow: self._contract_row,
            FreezeRow: lambda: FreezeRow(
                ExternalId("old", str(new_id())), self._moved_in(), self.of(date), self.of(date) + timedelta(1)
            ),
            CancellationRow: lambda: CancellationRow(self._moved_in(), self.of(date), self.of(date)),
            ContractId: lambda: world.contract(rate=world.rate(initial_fee=Money(1000, "EUR"))),
            CareFlowId: lambda: world.org.care.save_flow(self._flow()).flow.id,
            CareConfigurationId: lambda: world.org.care.create_configuration(self.of(ConfigurationTerms)).id,
            CareRunId: self._run,
            CareStepId: self._action,
            UUID: new_id,
            FlowTerms: self._flow,
            Milestone: lambda: Milestone(name="Call", action=Action(kind=ActionKind.PHONE_CALL)),
            ConfigurationTerms: lambda: ConfigurationTerms(name=str(new_id())),
            WalletId: lambda: WalletId(world.account()),
            ExternalId: lambda: ExternalId("till", str(new_id())),
            ZoneInfo: lambda: ZoneInfo("Europe/Berlin"),
            datetime: world.clock.now,
            date: lambda: world.clock.now().date(),
            Fraction: lambda: Fraction(1),
            int: lambda: 1,
            bool: lambda: True,
            str: lambda: "customer",
        }

    def _terms(self) -> RateTerms:
        return RateTerms(name="Year", term=Term.of_months(12))

    def _contract_row(self) -> ContractRow:
        """A row that can go in: whoever and whatever it names is there."""
        org, old, studio = self.world.org, ExternalId("old", str(new_id())), self.world.studio()
        org.members.register(member_type="customer", external_ids=[old])
        org.contracts.open_rate(code=f"r-{new_id()}", terms=self._terms(), external_ids=[old])
        return ContractRow(old.value, old, old, studio, self.of(date))

    def _moved_in(self) -> ExternalId:
        """A contract that another system knew."""
        row = self._contract_row()
        self.world.org.contracts.import_contracts([row], source="old")
        return ExternalId("old", row.id)

    def _contact_point(self) -> ContactPointId:
        members = self.world.org.members
        member = members.register(member_type="customer", given_name="Ana", email=f"{new_id()}@example.org")
        return members.contact_points(member.id)[0].id

    def _visit(self) -> VisitId:
        member = self.world.member()
        self.world.contract(member=member)
        return self.world.org.contracts.check_in(member, studio=self.world.studio()).visit

    def _run(self) -> CareRunId:
        care, studio = self.world.org.care, self.world.studio()
        flow = care.save_flow(self._flow()).flow.id
        terms = ConfigurationTerms(name=str(new_id()), manual=[flow])
        care.activate(care.create_configuration(terms).id, studio=studio)
        return care.assign(self.world.member(), flow, studio=studio).run

    def _action(self) -> CareStepId:
        care, studio, member = self.world.org.care, self.world.studio(), self.world.member()
        self.world.contract(member=member, studio=studio)
        at_once = After(length=0, unit=DelayUnit.HOURS)
        call = Milestone(name="Call", schedule=at_once, action=Action(kind=ActionKind.PHONE_CALL))
        flow = care.save_flow(FlowTerms(name=str(new_id()), milestones=[call])).flow.id
        care.activate(
            care.create_configuration(ConfigurationTerms(name=str(new_id()), manual=[flow])).id, studio=studio
        )
        run = care.assign(member, flow, studio=studio).run
        care.settle([run])
        return care.run(run).open[0].step

    def _flow(self) -> FlowTerms:
        return FlowTerms(name=str(new_id()), milestones=[self.of(Milestone)])

    def of(self, kind: Any) -> Any:
        """A value of a type."""
        if kind in self._known:
            return self._known[kind]()
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return None if NoneType in arguments else self.of(arguments[0])
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {self.of(arguments[0]): self.of(arguments[1])}
        if origin in (tuple, frozenset, list) or (isinstance(origin, type) and issubclass(origin, Iterable)):
            return origin([self.of(arguments[0])]) if origin in (tuple, frozenset, list) else [self.of(arguments[0])]
        if hasattr(kind, "__supertype__"):
            return kind(new_id()) if kind.__name__.endswith("Id") else self.of(kind.__supertype__)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return next(iter(kind))
        if attrs.has(kind):
            return self._built(kind)
        if hasattr(kind, "_field_defaults"):
            hints = get_type_hints(kind)
            return kind(**{name: self.named(name, hints[name]) for name in kind._fields[: self._needed(kind)]})
        raise AssertionError(f"say in tests/calling.py what a {kind} is")

    def named(self, name: str, kind: Any) -> Any:
        """A value for a field or parameter; few names say more than their types."""
        if name == "currency":
            return "EUR"
        if name == "source" and Mapping in map(get_origin, get_args(kind)):
            return {}
        if name == "kind" and kind is str:
            return "training_plan.updated"
        if name == "languages":
            return {"en": ("Hello", "Hello {{ member.first_name }}")}
        if name == "categories":
            return [Category.MEMBER]
        if name == "to" and kind is str:
            return "colleague"
        if name == "support_id":
            return self.world.org.members.get(self.world.member()).support_id
        if name == "studio":
            return self.world.studio()
        value = self.of(kind)
        return value + timedelta(days=30) if name in ("until", "second") and isinstance(value, date) else value

    def _needed(self, kind: Any) -> int:
        return len(kind._fields) - len(kind._field_defaults)

    def _built(self, kind: type) -> Any:
        attrs.resolve_types(kind)
        needed = [each for each in attrs.fields(kind) if each.init and each.default is attrs.NOTHING]
        if not needed and kind.__name__ == "Term":
            return kind(days=30)
        if kind.__name__ == "Money":
            return kind(100, "EUR")
        return kind(**{each.alias: self.named(each.name, each.type) for each in needed})

    def arguments(self, name: str) -> dict[str, Any]:
        """What a command or query must be given."""
        return {parameter: self.named(parameter, kind) for parameter, kind in parameters(name).items()}


@cache
def _hints(name: str) -> Mapping[str, Any]:
    service, _, action = name.partition(".")
    return get_type_hints(getattr(_services()[service], action))


def parameters(name: str, *, optional: bool = False) -> dict[str, Any]:
    """The required parameters of a command with their types, or all of them."""
    service, _, action = name.partition(".")
    signature = inspect.signature(getattr(_services()[service], action))
    return {
        each.name: _hints(name)[each.name]
        for each in signature.parameters.values()
        if each.name != "self" and (optional or each.default is inspect.Parameter.empty)
    }


def ids_of(name: str) -> Sequence[str]:
    """The parameters that are the id of a record, or hold some; ``after`` is only where a list goes on."""
    known = parameters(name, optional=True).items()
    return [parameter for parameter, kind in known if _is_id(kind) and parameter != "after"]


def _is_id(kind: Any) -> bool:
    if kind is WalletId or (hasattr(kind, "__supertype__") and kind.__name__.endswith("Id")):
        return True
    return any(_is_id(each) for each in get_args(kind))
