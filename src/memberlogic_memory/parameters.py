"""Custom parameters in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from memberlogic.errors import NotFound
from memberlogic.ids import MemberId
from memberlogic.members.filling import Filling
from memberlogic.members.parameters import Parameter, ParameterValue

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryParameters"]


class MemoryParameters:
    """The port ``Parameters``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def defined(self) -> Mapping[str, Parameter]:
        """Every definition."""
        return dict(self._uow.tenant.parameters)

    def get(self, key: str) -> Parameter:
        """One definition."""
        found = self._uow.tenant.parameters.get(key)
        if found is None:
            raise NotFound(kind="parameter", id=key)
        return found

    def define(self, parameter: Parameter) -> None:
        """Queue a definition."""
        self._uow.queue(lambda: self._uow.tenant.parameters.update({parameter.key: parameter}))

    def of(self, member: MemberId) -> Sequence[ParameterValue]:
        """What is known of a member."""
        return list(self._uow.tenant.parameter_values.get(member, {}).values())

    def fill(self, filling: Filling) -> None:
        """Queue values."""
        tenant = self._uow.tenant

        def write() -> None:
            held = tenant.parameter_values.setdefault(filling.member, {})
            for key in filling.gone:
                held.pop(key, None)
            held.update({each.key: each for each in filling.values})

        self._uow.queue(write)
