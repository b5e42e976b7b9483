"""Templates of messages in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from memberlogic.engagement.templates import Template
from memberlogic.errors import NotFound

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryMessageTemplates"]


class MemoryMessageTemplates:
    """The port ``MessageTemplates``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, code: str, version: int | None = None) -> Template:
        """One template; whether it is in use is said of all its versions."""
        versions = self._uow.tenant.message_templates.get(code, ())
        for each in reversed(versions):
            if version in (None, each.version):
                return evolve(each, in_use=versions[-1].in_use)
        raise NotFound(kind="template", id=code)

    def locked(self, code: str) -> Template | None:
        """One template."""
        return self.get(code) if code in self._uow.tenant.message_templates else None

    def all(self) -> Sequence[Template]:
        """Every template."""
        return [versions[-1] for _, versions in sorted(self._uow.tenant.message_templates.items())]

    def keep(self, template: Template) -> None:
        """Queue what became of a template."""
        known = self._uow.tenant.message_templates

        def write() -> None:
            before = tuple(each for each in known.get(template.code, ()) if each.version != template.version)
            known[template.code] = (*before, template)

        self._uow.queue(write)
