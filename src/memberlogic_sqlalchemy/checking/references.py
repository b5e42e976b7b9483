"""What refers to a record that is not there: a database whose foreign keys were off when somebody tidied up."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic_sqlalchemy.checking.check import Check, differing
from memberlogic_sqlalchemy.tables import metadata
from sqlalchemy import ForeignKeyConstraint, Table, and_, null

__all__ = ["CHECKS"]


def _of(table: Table, constraint: ForeignKeyConstraint) -> Check:
    child, parent = table.alias(), constraint.referred_table.alias()
    short = table.name.removeprefix("ml_")
    to = constraint.referred_table.name.removeprefix("ml_")
    pairs = [(child.c[each.parent.name], parent.c[each.column.name]) for each in constraint.elements]
    key = [column.name for column in table.primary_key.columns if column.name != "organization_id"]
    names = {name.removesuffix("_id") if name != "id" else short: child.c[name] for name in key}
    last = pairs[-1][0] if len(pairs) == 2 else pairs[1][0]
    return differing(
        "reference.missing",
        "COM-1",
        f"What {short} refer to is there: {to}, in the same organization.",
        of=child.outerjoin(parent, and_(*(mine == theirs for mine, theirs in pairs))),
        ids=names,
        stored=last,
        counted=null(),
        wrong=and_(parent.c.organization_id.is_(null()), *(mine.is_not(null()) for mine, _ in pairs)),
    )


CHECKS: Sequence[Check] = tuple(
    _of(table, constraint)
    for table in metadata.sorted_tables
    for constraint in sorted(table.foreign_key_constraints, key=lambda each: str(each.name))
)
