"""Frozen facts with some fields changed: what :func:`attrs.evolve` does, for facts that rules have made already, which
need no second look at their form. Hot paths use it.
"""

from __future__ import annotations

from typing import Any, TypeVar

from attrs import fields

__all__ = ["changed"]

T = TypeVar("T")

_names: dict[type, tuple[str, ...]] = {}
_set = object.__setattr__


def changed(facts: T, **changes: Any) -> T:
    """A copy with these fields changed; nothing is converted or validated."""
    kind = type(facts)
    names = _names.get(kind)
    if names is None:
        names = _names[kind] = tuple(each.name for each in fields(kind))  # type: ignore[arg-type]
    made = object.__new__(kind)
    for name in names:
        _set(made, name, changes[name] if name in changes else getattr(facts, name))
    return made
