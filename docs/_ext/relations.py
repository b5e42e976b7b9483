"""Tables and what they refer to as static SVG, one picture for each room of the schema."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import attrs

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint

_TITLE, _ROW, _BETWEEN, _CHAR, _BESIDE, _EDGE, _PAGE = 24, 17, 16, 6.6, 52, 10, 720
BOLD, UNDERLINED = ' font-weight="bold"', ' text-decoration="underline"'
_PLAIN = "fill:var(--color-background-primary,#fff)"


@attrs.frozen
class Reference:
    """A foreign key, without the organization that every one contains."""

    columns: tuple[str, ...]
    to: Table
    single: bool
    """At most one row for each row referred to."""
    optional: bool


def references(table: Table) -> list[Reference]:
    """What a table refers to, in the order of its columns."""
    place = {column.name: index for index, column in enumerate(table.columns)}
    single = [
        {column.name for column in constraint.columns} - {"organization_id"}
        for constraint in table.constraints
        if isinstance(constraint, (PrimaryKeyConstraint, UniqueConstraint))
    ]
    found = []
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint):
            columns = tuple(name for name in constraint.column_keys if name != "organization_id")
            optional = any(table.columns[name].nullable for name in columns)
            found.append(Reference(columns, constraint.referred_table, set(columns) in single, optional))
    return sorted(found, key=lambda each: [place[name] for name in each.columns])


def short(table: Table) -> str:
    """Its name without the prefix that all have."""
    return table.name.removeprefix("ml_")


def _anchor(table: Table) -> str:
    """Where Sphinx puts its heading."""
    return table.name.replace("_", "-")


@attrs.define
class _Box:
    table: Table
    rows: list[str]
    keys: int
    column: int
    x: int = 0
    y: int = 0
    width: int = 0
    turn: int = 0
    """Where the lines that lead to it turn."""

    @property
    def height(self) -> int:
        return _TITLE + _ROW * len(self.rows) + 6

    def middle(self, row: int) -> int:
        return self.y + _TITLE + _ROW * row + _ROW // 2 + 2


def drawn(room: str, tables: Sequence[Table]) -> str:
    """Each table right of those it refers to; what lies in another room is named and not drawn."""
    inside = set(tables)
    depth: dict[Table, int] = {}

    def deep(table: Table) -> int:
        if table not in depth:
            to = [each.to for each in references(table) if each.to in inside and each.to is not table]
            depth[table] = 1 + max(map(deep, to)) if to else 0
        return depth[table]

    boxes = {table: _box(table, inside, deep(table)) for table in tables}
    _place(boxes)
    right = max(box.x + box.width for box in boxes.values()) + _EDGE
    bottom = max(box.y + box.height for box in boxes.values()) + _EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right} {bottom}" width="{right}" height="{bottom}" '
        f'style="max-width:100%;height:auto" role="img" aria-label="Tables: {escape(room)}" font-family="sans-serif" '
        'font-size="12" fill="none" stroke="currentColor">',
        f"<title>{escape(room)}</title>",
    ]
    for box in boxes.values():
        for each in references(box.table):
            if each.to in inside and each.to is not box.table:
                parts.append(_line(box, boxes[each.to], each))
    for box in boxes.values():
        parts += _shown(box)
    return "".join([*parts, "</svg>"])


def _box(table: Table, inside: set[Table], column: int) -> _Box:
    referring = references(table)
    keys = [column.name for column in table.primary_key.columns if column.name != "organization_id"]
    rows = keys[:] or ["organization_id"]
    for each in referring:
        rows += [name for name in each.columns if name not in rows]
    for each in referring:
        if each.to not in inside or each.to is table:
            rows[rows.index(each.columns[-1])] += f" → {short(each.to)}"
    return _Box(table, rows, max(len(keys), 1), column)


def _place(boxes: dict[Table, _Box]) -> None:
    """Columns as wide as what stands in them. A table stands beside the one that it follows from, as high as it can."""
    x = _EDGE
    referred = {each.to for box in boxes.values() for each in references(box.table)}
    for column in range(1 + max(box.column for box in boxes.values())):
        there = [box for box in boxes.values() if box.column == column and (column or box.table in referred)]
        if not there:
            continue
        width = _wide(there)
        for box in there:
            box.x, box.width = x, width
        for index, box in enumerate(box for box in there if box.table in referred):
            box.turn = x + width + 18 + 8 * (index % 3)
        x += width + _BESIDE
    free: dict[int, int] = {}
    alone = [box for box in boxes.values() if box.column == 0 and box.table not in referred]
    waiting = sorted((box for box in boxes.values() if box not in alone), key=lambda box: box.column)
    order = {box.table: index for index, box in enumerate(waiting)}

    def beside(box: _Box) -> Table | None:
        """The nearest table it refers to: the one in the column before."""
        near = [
            each.to for each in references(box.table) if each.to in boxes and boxes[each.to].column == box.column - 1
        ]
        return min(near, key=order.__getitem__, default=None)

    def put(box: _Box, top: int) -> None:
        box.y = max(top, free.get(box.column, _EDGE))
        free[box.column] = box.y + box.height + _BETWEEN
        for other in waiting:
            if beside(other) is box.table:
                put(other, box.y)

    for box in waiting:
        if beside(box) is None:
            # Below what stands there already, and what it leads to: nothing is pushed away from what it follows from.
            put(box, free.get(box.column, _EDGE))
    # What nothing leads to and what leads nowhere stands below, side by side.
    x, y = _EDGE, max(free.values(), default=_EDGE)
    for box in alone:
        box.width = _wide([box])
        if x > _EDGE and x + box.width > _PAGE:
            x, y = _EDGE, max(other.y + other.height for other in alone if other.x) + _BETWEEN
        box.x, box.y = x, y
        x += box.width + _BETWEEN


def _wide(boxes: Sequence[_Box]) -> int:
    return 20 + round(_CHAR * max(len(text) for box in boxes for text in (f"{short(box.table)}ab", *box.rows)))


def _line(box: _Box, to: _Box, each: Reference) -> str:
    """From the columns that refer to the table referred to: a fork where many may do so, a ring where none has to."""
    names = [row.partition(" ")[0] for row in box.rows]
    y, end = box.middle(names.index(each.columns[-1])), to.y + _TITLE // 2
    start, finish = box.x, to.x + to.width
    path = f"M{start} {y}H{to.turn}V{end}H{finish}"
    fork = f"M{start - 9} {y - 4}V{y + 4}" if each.single else f"M{start} {y - 5}L{start - 9} {y}L{start} {y + 5}"
    one = f"M{finish + 7} {end - 4}V{end + 4}"
    ring = f'<circle cx="{start - 13}" cy="{y}" r="4" style="{_PLAIN}"/>' if each.optional else ""
    return f'<path d="{path}{fork}{one}"/>{ring}'


def _shown(box: _Box) -> list[str]:
    title, x = short(box.table), box.x
    parts = [
        f'<rect x="{x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="5" style="{_PLAIN}"/>',
        f'<path d="M{x} {box.y + _TITLE}H{x + box.width}"/>',
        f'<a href="#{_anchor(box.table)}">{_text(x + 10, box.y + 16, title, BOLD)}</a>',
    ]
    for index, row in enumerate(box.rows):
        parts.append(_text(x + 10, box.middle(index) + 4, row, UNDERLINED if index < box.keys else ""))
    return parts


def _text(x: int, y: int, said: str, more: str) -> str:
    return f'<text x="{x}" y="{y}" fill="currentColor" stroke="none"{more}>{escape(said)}</text>'
