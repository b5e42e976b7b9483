"""``memberlogic simulate``: the same purchases under other programmes, side by side, with nothing changed."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from attrs import frozen
from rich.console import Console
from sqlalchemy.engine import URL

from memberlogic.amounts import Rounding, rounded
from memberlogic.calendar import local_day
from memberlogic.converting import to_json
from memberlogic_sqlalchemy import migrate
from memberlogic_sqlalchemy.cli import simulating
from memberlogic_sqlalchemy.cli.database import database_option, opened
from memberlogic_sqlalchemy.cli.programme import Programme, read_programme
from memberlogic_sqlalchemy.cli.replay import titled
from memberlogic_sqlalchemy.cli.showing import json_option, show, working
from memberlogic_sqlalchemy.cli.simulating import Column, Otherwise, Plan, Played
from memberlogic_sqlalchemy.cli.stored import StoredClub, find_club, read_club
from memberlogic_sqlalchemy.cli.words import amount, day, number, percent, tenths
from memberlogic_sqlalchemy.storage import SqlAlchemyStorage
from sqlalchemy import Engine

__all__ = ["simulate"]

_STORED, _PRESENT = "stored", "present"


@click.command()
@click.option(
    "--programme",
    "programmes",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    multiple=True,
    help="A programme to play, a TOML file such as examples/complete_journey/longer.toml; several may be named.",
)
@database_option
@click.option("--club", type=click.UUID, help="Whose purchases; the only club that has any, if none is named.")
@click.option("--purchases", type=click.IntRange(1), help="Play the first so many purchases only.")
@click.option("--days", type=click.IntRange(1, 36_600), help="Play the first so many days only.")
@json_option
def simulate(
    programmes: tuple[Path, ...],
    database: URL,
    club: UUID | None,
    purchases: int | None,
    days: int | None,
    as_json: bool,
) -> None:
    """Compare programmes over the purchases that a database holds; the database is read, never written.

    Each programme plays the same purchases on a store in memory. So does the present one: where it does not come to
    what is stored, both are shown, and why.
    """
    read = {_name(path, programmes): read_programme(path) for path in programmes}
    _memory()
    # Millions of small tuples are made and none of them in a cycle: looking for cycles would cost a third of the time.
    gc.set_threshold(200_000, 50, 100)
    with opened(database) as engine:
        migrate.check(engine)
        with engine.connect() as connection:
            stored = read_club(connection, *find_club(connection, club), purchases=purchases, days=days)
        compared = _compared(engine, stored, read, limited=purchases is not None or days is not None)
    if as_json:
        show(compared.to_json(), "", as_json=True)
    else:
        compared.show(Console(markup=False))


def _name(path: Path, among: Sequence[Path]) -> str:
    """What a programme is called: its file, and the folder where that is not clear."""
    return path.stem if sum(each.stem == path.stem for each in among) == 1 else str(path.with_suffix(""))


def _memory() -> Any:
    """An empty store in memory, of the distribution that is asked for only here."""
    try:
        return import_module("memberlogic_memory").MemoryStorage()
    except ModuleNotFoundError:
        raise click.ClickException("simulating needs memberlogic-memory: pip install memberlogic-memory") from None


@frozen(kw_only=True)
class _Compared:
    """The columns, and what the present programme does not explain of what is stored."""

    stored: StoredClub
    columns: tuple[Column, ...]
    different: tuple[str, ...]
    why: tuple[str, ...]
    replayed: bool
    """Whether the first column is what is stored and the present programme, replayed, comes to it."""

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "club": str(self.stored.club.id),
            "as_of": to_json(self.stored.as_of),
            "currency": self.stored.club.currency,
            "columns": [each.to_json() for each in self.columns],
            "replayed_equals_stored": self.replayed,
            "different": list(self.different),
            "why": list(self.why),
        }

    def show(self, console: Console) -> None:
        """Print it."""
        zone = self.stored.club.zone
        said = f"{number(self.stored.purchases)} purchases from {day(local_day(self.stored.first_at, zone))} on"
        table = titled(f"{said}, as of {day(local_day(self.stored.as_of, zone))}", "")
        for column in self.columns:
            table.add_column(column.name, justify="right")
        for label, values in self._rows():
            table.add_row(label, *values)
        console.print(table)
        if self.replayed:
            console.print("The present programme, replayed, comes to exactly what is stored.")
        elif self.columns[0].name == _STORED:
            console.print(
                f"The present programme, replayed, differs from what is stored in {', '.join(self.different)}:"
            )
            for each in self.why:
                console.print(f"- {each}", markup=False, highlight=False, soft_wrap=True)

    def _schemes(self) -> list[str]:
        return list(dict.fromkeys(name for column in self.columns for name in column.schemes))

    def _rows(self) -> list[tuple[str, list[str]]]:
        columns, currency = self.columns, self.stored.club.currency
        points = [
            ("Points earned", "earned"),
            ("Points redeemed", "redeemed"),
            ("Points expired", "expired"),
            *([("Other points", "other")] if any(column.other for column in columns) else []),
            ("Points outstanding", "outstanding"),
        ]
        rows = [(f"Spent ({currency})", [amount(each.spent, currency) for each in columns])]
        rows += [(label, [number(getattr(each, name)) for each in columns]) for label, name in points]
        rows += [
            ("Redeemed at purchases", [number(each.redemptions) for each in columns]),
            (f"Value of redemptions ({currency})", [amount(each.redeemed_value, currency) for each in columns]),
            (f"Liability ({currency})", [amount(each.liability, currency) for each in columns]),
            (f"Cost: both ({currency})", [amount(each.cost, currency) for each in columns]),
            ("Cost of what was spent", [percent(each.cost, each.spent, digits=2) for each in columns]),
            ("Upgrades", [number(each.upgrades) for each in columns]),
            ("Downgrades", [number(each.downgrades) for each in columns]),
        ]
        for name in self._schemes():
            have = [number(each.schemes[name]) if name in each.schemes else "" for each in columns]
            rows.append((f"Accounts in {name}", have))
        rows += [
            ("Per account: earned", [tenths(each.of_each(each.earned)) for each in columns]),
            ("Per account: redeemed", [tenths(each.of_each(each.redeemed)) for each in columns]),
            ("Per account: outstanding", [tenths(each.of_each(each.outstanding)) for each in columns]),
            (f"Per account: cost ({currency})", [_per_account(each) for each in columns]),
        ]
        return rows


def _per_account(column: Column) -> str:
    return amount(rounded(column.of_each(column.cost), Rounding.HALF_UP), column.currency)


def _compared(engine: Engine, stored: StoredClub, read: dict[str, Programme], *, limited: bool) -> _Compared:
    """Play the present programme, then the others, each on a store of its own that is let go afterwards."""
    source = SqlAlchemyStorage(engine)
    replayed = _played(simulating.of_present(_PRESENT, stored), source, stored)
    columns, different, why = [replayed.column], [], []
    if not limited:
        books = simulating.present(_STORED, source, stored)
        different = simulating.differs(books, replayed.column)
        if different:
            columns.insert(0, books)
            with working("comparing purchases"):
                why = _why(stored, books, simulating.otherwise(source, stored, replayed))
    del replayed
    gc.collect()
    for name, programme in read.items():
        columns.append(_played(simulating.of_programme(name, programme, stored), source, stored).column)
        gc.collect()
    return _Compared(
        stored=stored,
        columns=tuple(columns),
        different=tuple(different),
        why=tuple(why),
        replayed=not limited and not different,
    )


def _played(plan: Plan, source: SqlAlchemyStorage, stored: StoredClub) -> Played:
    memory = _memory()
    with working(f"playing {plan.name}", stored.purchases) as progress:

        def imported(done: int) -> None:
            # Lines are most of what a purchase weighs, and nothing asks for them again.
            for _, tenant in memory.tenants():
                tenant.purchase_lines.clear()
            progress(done)

        return simulating.play(plan, source, memory, stored, imported)


def _why(stored: StoredClub, books: Column, otherwise: Otherwise) -> list[str]:
    """What purchases under the present rules alone do not explain."""
    words = []
    if books.other:
        words.append(
            f"Points that came or went by credits, awards, transfers, returns or corrections: {books.other:+,}."
        )
    if stored.earlier_rules:
        words.append(f"Purchases decided under an earlier version of the club: {number(stored.earlier_rules)}.")
    if stored.not_open:
        words.append(f"Accounts that are blocked or closed: {number(stored.not_open)}.")
    if stored.other_changes:
        words.append(f"Changes of scheme made by hand or as corrections: {number(stored.other_changes)}.")
    one, other = otherwise.stored, otherwise.played
    if one is not None and other is not None:
        told = f"{one.external_id.source}:{one.external_id.value} of {day(one.business_day)}"
        words.append(
            f"Purchases that come out otherwise: {number(otherwise.purchases)}. A replay redeems a block at each "
            f"purchase as soon as it can. The first of them is {told}, which earned {number(one.earned)} and redeemed "
            f"{number(one.redeemed_points)}; replayed, it earns {number(other.earned)} and redeems "
            f"{number(other.redeemed_points)}."
        )
    return words or ["Something other than purchases moved points or schemes; memberlogic check recounts the books."]
