"""MEM-4: an organization defines the parameters that it keeps of its members. A definition is retired, never deleted,
and its type never changes: what was written under it stays what it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from attrs import evolve, field, frozen

from memberlogic.errors import Duplicate, InvalidInput, RuleViolation
from memberlogic.events import Event
from memberlogic.inputs import as_tuple, code, describe, instance, optional
from memberlogic.members.parameters import Parameter, ParameterKind
from memberlogic.outcomes import Outcome

__all__ = [
    "ChangeParameter",
    "DefineParameter",
    "ParameterChanged",
    "ParameterDefined",
    "ParameterDefinitions",
    "ParameterRetired",
    "RetireParameter",
    "change",
    "define",
    "retire",
]

_OPTION = "an option of 1 to 64 printable characters, no space around it"


def _options(_: object, attribute: Any, value: Any) -> None:
    if not isinstance(value, tuple) or len(value) > 100:
        got = f"{len(value)}" if isinstance(value, tuple) else describe(value)
        raise InvalidInput(path=attribute.name, expected="at most 100 options", got=got)
    for index, each in enumerate(value):
        plain = isinstance(each, str) and 0 < len(each) <= 64 and each.isprintable() and each == each.strip()
        if not plain or each in value[:index]:
            got = describe(each) if not plain else "one that is there already"
            raise InvalidInput(path=f"{attribute.name}[{index}]", expected=_OPTION, got=got)


def _require_fitting(kind: ParameterKind, options: tuple[str, ...]) -> None:
    if kind.has_options != bool(options):
        expected = "the options to choose from" if kind.has_options else f"none, as a {kind.value} has no options"
        raise InvalidInput(path="options", expected=expected, got=f"{len(options)} options")


@frozen(kw_only=True)
class DefineParameter:
    """Define a parameter under a key, or bring back a retired one of the same type."""

    key: str = field(validator=code("a key"))
    kind: ParameterKind = field(validator=instance(ParameterKind, "a type (ParameterKind)"))
    required: bool = field(default=False, validator=instance(bool, "true or false"))
    personal: bool = field(default=True, validator=instance(bool, "true or false"))
    options: tuple[str, ...] = field(default=(), converter=as_tuple, validator=_options)

    def __attrs_post_init__(self) -> None:
        _require_fitting(self.kind, self.options)


@frozen(kw_only=True)
class ChangeParameter:
    """Change what may change of a definition; what is None stays."""

    key: str = field(validator=code("a key"))
    required: bool | None = field(default=None, validator=optional(instance(bool, "true or false")))
    personal: bool | None = field(default=None, validator=optional(instance(bool, "true or false")))
    options: tuple[str, ...] | None = field(default=None, converter=as_tuple, validator=optional(_options))


@frozen(kw_only=True)
class RetireParameter:
    """Retire a parameter."""

    key: str = field(validator=code("a key"))


@frozen(kw_only=True)
class ParameterDefinitions:
    """Everything that an organization defined, in order of the keys."""

    parameters: tuple[Parameter, ...]


@frozen(kw_only=True)
class ParameterDefined(Event):
    """A parameter was defined, or brought back."""

    type: ClassVar[str] = "parameter.defined"
    parameter: str
    kind: ParameterKind
    required: bool
    personal: bool


@frozen(kw_only=True)
class ParameterChanged(Event):
    """A definition was changed; ``options`` says whether the options were."""

    type: ClassVar[str] = "parameter.changed"
    parameter: str
    required: bool
    personal: bool
    options: bool


@frozen(kw_only=True)
class ParameterRetired(Event):
    """A parameter takes no more values."""

    type: ClassVar[str] = "parameter.retired"
    parameter: str


class ParameterKindStays(RuleViolation):
    """What was written under a key stays what it is."""

    code = "parameter.kind_stays"
    rule = "MEM-4"
    sentence = "The parameter {parameter} is a {kind} for ever; define a {asked} under another key."


class ParameterStaysPersonal(RuleViolation):
    """What members told as personal is erased when they leave."""

    code = "parameter.stays_personal"
    rule = "MEM-4"
    sentence = "The parameter {parameter} is personal and stays so; define another one that is not."


class ParameterIsRetired(RuleViolation):
    """It takes no more values, so there is nothing to change."""

    code = "parameter.retired"
    rule = "MEM-4"
    sentence = "The parameter {parameter} is retired; define it again to bring it back."


def define(wanted: DefineParameter, known: Parameter | None) -> Outcome[Parameter, Event, Parameter]:
    """A new parameter, or a retired one brought back.

    Raises:
        Duplicate: if the key is in use.
        ParameterKindStays: if the retired one is of another type.
        ParameterStaysPersonal: if the retired one is personal and this is not.
    """
    if known is not None:
        if not known.retired:
            raise Duplicate(kind="parameter", field="key")
        if known.kind is not wanted.kind:
            raise ParameterKindStays(parameter=known.key, kind=known.kind.value, asked=wanted.kind.value)
        if known.personal and not wanted.personal:
            raise ParameterStaysPersonal(parameter=known.key)
    made = Parameter(
        key=wanted.key,
        kind=wanted.kind,
        required=wanted.required,
        personal=wanted.personal,
        options=wanted.options,
    )
    event = ParameterDefined(parameter=made.key, kind=made.kind, required=made.required, personal=made.personal)
    return Outcome(made, (event,), made)


def change(wanted: ChangeParameter, known: Parameter) -> Outcome[Parameter, Event, Parameter]:
    """The definition with what is given; what members have is looked at again when their values are next set.

    Raises:
        ParameterIsRetired: if it is.
        ParameterStaysPersonal: if it is personal and shall no longer be.
        InvalidInput: for options that do not fit the type.
    """
    if known.retired:
        raise ParameterIsRetired(parameter=known.key)
    if known.personal and wanted.personal is False:
        raise ParameterStaysPersonal(parameter=known.key)
    changed = evolve(
        known,
        required=known.required if wanted.required is None else wanted.required,
        personal=known.personal if wanted.personal is None else wanted.personal,
        options=known.options if wanted.options is None else wanted.options,
    )
    _require_fitting(changed.kind, changed.options)
    if changed == known:
        return Outcome(known, (), known)
    event = ParameterChanged(
        parameter=known.key,
        required=changed.required,
        personal=changed.personal,
        options=changed.options != known.options,
    )
    return Outcome(changed, (event,), changed)


def retire(known: Parameter, now: datetime) -> Outcome[Parameter, Event, Parameter]:
    """No more values; those that are there stay. Retiring it again changes nothing."""
    if known.retired:
        return Outcome(known, (), known)
    retired = evolve(known, retired_at=now)
    return Outcome(retired, (ParameterRetired(parameter=known.key),), retired)
