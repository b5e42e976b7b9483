"""MEM-4: setting what is known of a member, each value by the definition of its parameter.

Events, results and headers name the keys, never the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from memberlogic.errors import JSON, InvalidInput
from memberlogic.events import Event
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, code, describe, instance
from memberlogic.members import conforming
from memberlogic.members.parameters import Parameter, ParameterValue
from memberlogic.outcomes import Because, Explanation, Figures, Outcome

__all__ = ["Filling", "MemberParametersSet", "ParametersOf", "ParametersSet", "SetParameters", "fill"]

_MOST = 200
_key = code("a key")


@frozen
class _Named:
    """What a validator of the house asks of an attribute."""

    name: str


def _as_forms(values: Any) -> Any:
    if not isinstance(values, Mapping) or not 0 < len(values) <= _MOST:
        got = f"{len(values)}" if isinstance(values, Mapping) else describe(values)
        raise InvalidInput(path="values", expected=f"1 to {_MOST} values by their keys", got=got)
    forms: dict[str, JSON] = {}
    for key, value in values.items():
        _key(None, _Named("values"), key)
        try:
            forms[key] = conforming.form(value)
        except InvalidInput as problem:
            raise _at(key, problem) from None
    return Figures(forms)


def _at(key: str, problem: InvalidInput) -> InvalidInput:
    path = ".".join(each for each in ("values", key, problem.path.strip(".$")) if each)
    return InvalidInput(path=path, expected=str(problem.details["expected"]), got=str(problem.details["got"]))


@frozen(kw_only=True)
class SetParameters:
    """Set these values of a member by key; None clears one. The others stay."""

    member: MemberId = field(validator=an_id)
    values: Mapping[str, JSON] = field(converter=_as_forms, hash=False)


@frozen(kw_only=True)
class ParametersOf:
    """Look at what is known of a member."""

    member: MemberId = field(validator=an_id)
    retired: bool = field(default=False, validator=instance(bool, "true or false"))


@frozen(kw_only=True)
class ParametersSet:
    """Which parameters of a member have another value now, which have none any more, and which were so already."""

    member: MemberId
    changed: tuple[str, ...]
    cleared: tuple[str, ...]
    same: tuple[str, ...]

    def explain(self) -> Explanation:
        """Why some changed nothing."""
        reasons = tuple(Because("MEM-4", "parameter.same", {"parameter": key}) for key in self.same)
        return Explanation(f"{len(self.changed)} parameters were set, {len(self.cleared)} cleared.", reasons)


@frozen(kw_only=True)
class Filling:
    """What is to be written: the values of these keys go, then these values come."""

    member: MemberId
    gone: tuple[str, ...]
    values: tuple[ParameterValue, ...]


@frozen(kw_only=True)
class MemberParametersSet(Event):
    """What is known of a member was changed: which parameters, never to what."""

    type: ClassVar[str] = "member.parameters_set"
    member: MemberId
    changed: tuple[str, ...]
    cleared: tuple[str, ...]


def fill(
    wanted: SetParameters, defined: Mapping[str, Parameter], held: Mapping[str, ParameterValue]
) -> Outcome[Filling, Event, ParametersSet]:
    """Set what is given, if all of it is well and nothing that is required is missing afterwards.

    Args:
        defined: every parameter of the organization, by key.
        held: what is known of the member, by key.

    Raises:
        InvalidInput: naming the first value that is unknown, retired, of another form, or required and missing.
    """
    read = {key: _read(key, said, defined.get(key)) for key, said in sorted(wanted.values.items())}
    changed = {key: value for key, value in read.items() if value is not None and value != held.get(key)}
    cleared = tuple(key for key, value in read.items() if value is None and key in held)
    after = {*held, *changed} - set(cleared)
    for parameter in sorted(defined.values(), key=lambda each: each.key):
        if parameter.required and not parameter.retired and parameter.key not in after:
            expected = "a value, as the parameter is required"
            raise InvalidInput(path=f"values.{parameter.key}", expected=expected, got="none")
    result = ParametersSet(
        member=wanted.member,
        changed=tuple(changed),
        cleared=cleared,
        same=tuple(key for key in read if key not in changed and key not in cleared),
    )
    event = MemberParametersSet(members=(wanted.member,), member=wanted.member, changed=result.changed, cleared=cleared)
    gone = tuple(key for key in (*changed, *cleared) if key in held)
    facts = Filling(member=wanted.member, gone=gone, values=tuple(changed.values()))
    return Outcome(facts, (event,) if changed or cleared else (), result)


def _read(key: str, said: JSON, parameter: Parameter | None) -> ParameterValue | None:
    if parameter is None:
        expected = "a parameter that the organization defined"
        raise InvalidInput(path=f"values.{key}", expected=expected, got="an unknown key")
    if said is None:
        return None
    if parameter.retired:
        raise InvalidInput(path=f"values.{key}", expected="a parameter that is in use", got="one that is retired")
    try:
        return conforming.read(parameter, said)
    except InvalidInput as problem:
        raise _at(key, problem) from None
