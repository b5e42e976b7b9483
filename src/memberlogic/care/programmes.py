"""Flows and configurations as a file says them: in JSON or TOML, by names instead of ids, so that what one organization
made can be read by another (CARE-1, CARE-6).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from enum import Enum
from typing import Any

from attrs import field, frozen

from memberlogic import converting
from memberlogic.calendar import Term
from memberlogic.care.flows import FlowTerms
from memberlogic.errors import ExtraMissing, InvalidInput
from memberlogic.ids import ExternalId
from memberlogic.inputs import as_tuple, code, describe, instance, many, optional, require_instance, sequence_of, text

__all__ = ["ConfigurationInFile", "FileForm", "Programme", "RateFlowInFile", "read_programme"]

_name = text(200, "a name")


class FileForm(Enum):
    """How a file is written."""

    JSON = "json"
    TOML = "toml"


@frozen(kw_only=True)
class RateFlowInFile:
    """The flow that contracts on a rate assign: the rate by its code, or by an external id; the flow by its name."""

    flow: str = field(validator=_name)
    rate: str | None = field(default=None, validator=optional(code("a rate's code")))
    external_id: ExternalId | None = field(
        default=None, validator=optional(instance(ExternalId, "an external id of a rate"))
    )

    def __attrs_post_init__(self) -> None:
        if (self.rate is None) == (self.external_id is None):
            got = "neither" if self.rate is None else "both"
            raise InvalidInput(path="rate", expected="the code of a rate, or an external_id", got=got)


@frozen(kw_only=True)
class ConfigurationInFile:
    """A configuration, by the names of its flows."""

    name: str = field(validator=_name)
    default_flow: str | None = field(default=None, validator=optional(_name))
    rate_flows: tuple[RateFlowInFile, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(RateFlowInFile, "a rate with its flow")
    )
    manual: tuple[str, ...] = field(default=(), converter=as_tuple, validator=many(_name, "a name"))
    complete_automatically_after: Term | None = field(default=None, validator=optional(instance(Term, "a term")))

    def __attrs_post_init__(self) -> None:
        _each_once("manual", self.manual)

    @property
    def named(self) -> Iterable[tuple[str, str]]:
        """Every flow that it names, with the path of where."""
        if self.default_flow is not None:
            yield "default_flow", self.default_flow
        yield from ((f"rate_flows[{place}].flow", each.flow) for place, each in enumerate(self.rate_flows))
        yield from ((f"manual[{place}]", each) for place, each in enumerate(self.manual))


@frozen(kw_only=True)
class Programme:
    """What a file says: flows, which of them are retired, and configurations.

    Milestones have no ids here: those are an organization's own, and stay when a flow is read again.
    """

    flows: tuple[FlowTerms, ...] = field(default=(), converter=as_tuple, validator=sequence_of(FlowTerms, "a flow"))
    retired: tuple[str, ...] = field(default=(), converter=as_tuple, validator=many(_name, "a name"))
    configurations: tuple[ConfigurationInFile, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ConfigurationInFile, "a configuration")
    )

    def __attrs_post_init__(self) -> None:
        _each_once("flows", [each.name for each in self.flows])
        _each_once("configurations", [each.name for each in self.configurations])
        _each_once("retired", self.retired)
        for place, flow in enumerate(self.flows):
            for index, each in enumerate(flow.milestones):
                if each.id is not None:
                    path = f"flows[{place}].milestones[{index}].id"
                    raise InvalidInput(path=path, expected="none: ids are an organization's own", got="one")
        named = {each.name for each in self.flows}
        for place, name in enumerate(self.retired):
            if name not in named:
                raise InvalidInput(path=f"retired[{place}]", expected="the name of a flow of the file", got=name)

    def as_mapping(self) -> Mapping[str, Any]:
        """What the file says, as JSON values; what is empty is left out."""
        said: Mapping[str, Any] = _filled(converting.to_json(self))
        return said

    def as_json(self) -> str:
        """The file as JSON."""
        return json.dumps(self.as_mapping(), indent=2, ensure_ascii=False) + "\n"

    def as_toml(self) -> str:
        """The file as TOML.

        Raises:
            ExtraMissing: without ``memberlogic[toml]``.
        """
        try:
            import tomli_w
        except ImportError:
            raise ExtraMissing(extra="toml") from None
        return tomli_w.dumps(self.as_mapping())


def _each_once(path: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            raise InvalidInput(path=f"{path}[{place}]", expected="each name once", got=f"{name} again")
        seen.add(name)


def read_programme(source: str | Mapping[str, Any], form: FileForm = FileForm.JSON) -> Programme:
    """What a file says.

    Args:
        source: its text, or what was read from it already.
        form: how the text is written.

    Raises:
        InvalidInput: with the path of the first field that is wrong, unknown or missing (``$.flows[0].milestones``).
    """
    require_instance(form, FileForm, "form", "json or toml (FileForm)")
    try:
        values = _plain(_parsed(source, form) if isinstance(source, str) else source)
    except RecursionError:
        raise InvalidInput(path="$", expected="flows and configurations", got="something nested too deeply") from None
    if not isinstance(values, Mapping):
        raise InvalidInput(path="$", expected="a file's text, or a mapping", got=describe(values))
    return converting.from_json(Programme, values)


_WHERE = re.compile(r"(.*) \(at (.+)\)", re.S)


def _parsed(source: str, form: FileForm) -> Any:
    if form is FileForm.TOML:
        try:
            return tomllib.loads(source)
        except ValueError as error:
            raise InvalidInput(path="$", expected="TOML", got=_said(str(error), source)) from None
    try:
        return json.loads(source, object_pairs_hook=_keys_once)
    except json.JSONDecodeError as error:
        got = _said(f"{error.msg} (at line {error.lineno}, column {error.colno})", source)
        raise InvalidInput(path="$", expected="JSON", got=got) from None
    except ValueError:
        raise InvalidInput(path="$", expected="JSON", got="a number that is far too large") from None


def _said(problem: str, source: str) -> str:
    """What a reader of the standard library found wrong, and where."""
    found = _WHERE.fullmatch(problem)
    if found is None:
        return "something else"
    end = f"the end, line {len(source.splitlines())}"
    return f"something else at {end if found[2] == 'end of document' else found[2]}: {_lowered(found[1])}"


def _lowered(said: str) -> str:
    return said[:1].lower() + said[1:]


def _keys_once(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    said: dict[str, Any] = {}
    for key, value in pairs:
        if key in said:
            got = f"{key} again" if len(key) <= 64 and key.isprintable() else "one that is there twice"
            raise InvalidInput(path="$", expected="each key of an object once", got=got)
        said[key] = value
    return said


def _plain(value: Any) -> Any:
    """TOML has days and times of its own: they become what they are in JSON."""
    match value:
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case date() | time():
            return value.isoformat()
        case _:
            return value


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(each) for key, each in value.items() if each is not None and each not in ([], (), {})}
    return [_filled(each) for each in value] if isinstance(value, list | tuple) else value
