"""Services, employees and competences in a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memberlogic import converting
from memberlogic.care.catalogues import Entry, EntryKind
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from sqlalchemy import bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlCareCatalogue"]

_c = tables.care_catalogue.c
_of_kind = (
    _c.organization_id == bindparam("organization", type_=_c.organization_id.type),
    _c.kind == bindparam("kind_", type_=_c.kind.type),
)
_row = select(_c.kind, _c.code, _c.name, _c.competences, _c.in_use)
_ALL = Statement(_row.where(*_of_kind), "organization", "kind_")
_ADD = inserting(tables.care_catalogue)
_CHANGED = ("name", "competences", "in_use")
_CHANGE = Statement(
    update(tables.care_catalogue)
    .values({name: bindparam(f"new_{name}", type_=_c[name].type) for name in _CHANGED})
    .where(*_of_kind, _c.code == bindparam("code_", type_=_c.code.type)),
    *(f"new_{name}" for name in _CHANGED),
    "organization",
    "kind_",
    "code_",
)


@family
def _known(count: int) -> Statement:
    names, among = one_of(_c.code, count)
    return Statement(_row.where(*_of_kind, among), "organization", "kind_", *names)


class SqlCareCatalogue:
    """The port ``CareCatalogue``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def known(self, kind: EntryKind, codes: Collection[str]) -> Mapping[str, Entry]:
        """Those of the codes that are there."""
        if not codes:
            return {}
        wanted = padded(sorted(set(codes)))
        (rows,) = self._uow.ask((_known(len(wanted)), (self._uow.org, kind.value, *wanted)))
        return {row[1]: _entry(row) for row in rows}

    def all(self, kind: EntryKind) -> Sequence[Entry]:
        """Every one of a kind."""
        (rows,) = self._uow.ask((_ALL, (self._uow.org, kind.value)))
        # Sorted here: databases disagree on the order of texts.
        return sorted(map(_entry, rows), key=lambda each: each.code)

    def keep(self, entry: Entry) -> None:
        """Queue an entry."""
        said = (entry.name, converting.dumps(list(entry.competences)), int(entry.in_use))
        if self.known(entry.kind, [entry.code]):
            self._uow.queue(_CHANGE, (*said, self._uow.org, entry.kind.value, entry.code))
        else:
            self._uow.queue(_ADD, (self._uow.org, entry.kind.value, entry.code, *said))


def _entry(row: Sequence[Any]) -> Entry:
    kind, code, name, competences, in_use = row
    return Entry(
        kind=EntryKind(kind),
        code=code,
        name=name,
        competences=tuple(converting.loads(competences)),
        in_use=bool(in_use),
    )
