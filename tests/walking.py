"""Every module and every attrs class of the core, found by walking the package, so that a test over them forgets
none.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import ModuleType

import attrs

import memberlogic


@cache
def modules() -> Sequence[ModuleType]:
    """Every module of the core."""
    names = [found.name for found in pkgutil.walk_packages(memberlogic.__path__, "memberlogic.")]
    return tuple(import_module(name) for name in sorted(names))


@cache
def frozen_classes() -> Sequence[type]:
    """Every attrs class of the core, where it is defined."""
    found = {
        f"{value.__module__}.{value.__qualname__}": value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type) and attrs.has(value) and value.__module__ == module.__name__
    }
    return tuple(found[name] for name in sorted(found))
