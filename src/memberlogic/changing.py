"""Frozen facts with some fields changed: what :func:`attrs.evolve` does, for facts that rules have made already, which
need no second look at their form. Hot paths use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import repeat
from operator import attrgetter, call
from typing import Any, TypeVar

from attrs import fields

__all__ = ["changed"]

T = TypeVar("T")

_Setter = Callable[[Any, Any], None]
_plans: dict[type, tuple[Callable[[Any], tuple[Any, ...]], tuple[_Setter, ...], Mapping[str, _Setter]]] = {}


def changed(facts: T, **changes: Any) -> T:
    """A copy of facts (slotted, of several fields) with these fields changed; nothing is converted or validated."""
    kind = type(facts)
    plan = _plans.get(kind)
    if plan is None:
        names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
        descriptors = {name: getattr(kind, name).__set__ for name in names}
        plan = _plans[kind] = (attrgetter(*names), tuple(descriptors.values()), descriptors)
    values, setters, by_name = plan
    made = object.__new__(kind)
    any(map(call, setters, repeat(made), values(facts)))  # setters answer None: every one is called
    for name, value in changes.items():
        by_name[name](made, value)
    return made
