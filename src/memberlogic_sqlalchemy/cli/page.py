"""A page of ``memberlogic report``: what it says, as data, and as one HTML text that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

__all__ = ["Page", "Row", "Section", "Table", "Tile", "rendered"]

_TEMPLATE = Path(__file__).with_name("report.html.j2")


@frozen
class Tile:
    """A figure that is read first."""

    label: str
    value: str
    note: str = ""


@frozen
class Row:
    """A row of a table, and why it is so."""

    cells: Sequence[str]
    why: Sequence[str] = ()


@frozen
class Table:
    """Figures; the columns from the second on stand to the right unless others are named."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]
    numbers: Sequence[int] | None = None

    @property
    def right(self) -> Sequence[int]:
        """The columns that stand to the right."""
        return range(1, len(self.columns)) if self.numbers is None else self.numbers


@frozen(kw_only=True)
class Section:
    """A heading with a plot, what its colours mean, and a table with the same figures."""

    heading: str
    said: Sequence[str] = ()
    plot: Markup | None = None
    key: Sequence[tuple[str, str]] = ()
    table: Table | None = None


@frozen(kw_only=True)
class Page:
    """A whole page."""

    title: str
    subtitle: str
    tiles: Sequence[Tile]
    sections: Sequence[Section]
    footer: str


def rendered(page: Page) -> str:
    """The page as HTML; every text in it is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(page=page) + "\n"
