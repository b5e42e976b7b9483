"""Services, employees and competences in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from memberlogic.care.catalogues import Entry, EntryKind

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryCareCatalogue"]


class MemoryCareCatalogue:
    """The port ``CareCatalogue``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def known(self, kind: EntryKind, codes: Collection[str]) -> Mapping[str, Entry]:
        """Those of the codes that are there."""
        entries = self._uow.tenant.care_catalogue
        return {code: entries[kind, code] for code in codes if (kind, code) in entries}

    def all(self, kind: EntryKind) -> Sequence[Entry]:
        """Every one of a kind."""
        found = (each for each in self._uow.tenant.care_catalogue.values() if each.kind is kind)
        return sorted(found, key=lambda each: each.code)

    def keep(self, entry: Entry) -> None:
        """Queue an entry."""
        self._uow.queue(lambda: self._uow.tenant.care_catalogue.update({(entry.kind, entry.code): entry}))
