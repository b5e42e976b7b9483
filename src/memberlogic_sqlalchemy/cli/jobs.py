"""``memberlogic jobs``: settling what fell due."""

from __future__ import annotations

import gc
from datetime import datetime

import click
from sqlalchemy.engine import URL

from memberlogic.application import MemberLogic
from memberlogic.converting import to_json
from memberlogic_sqlalchemy import migrate
from memberlogic_sqlalchemy.cli.database import database_option, opened
from memberlogic_sqlalchemy.cli.showing import json_option, show, working
from memberlogic_sqlalchemy.storage import SqlAlchemyStorage

__all__ = ["instant", "jobs"]


def instant(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """An instant with its time zone (COM-2)."""
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no instant such as 2026-01-31T00:00:00+01:00") from None
    if instant.tzinfo is None:
        raise click.BadParameter(f"{value!r} has no time zone; write 2026-01-31T00:00:00+01:00 or end it with Z")
    return instant


@click.group()
def jobs() -> None:
    """The periodic jobs: they write down what is so anyway."""


@jobs.command()
@database_option
@click.option(
    "--as-of", metavar="INSTANT", callback=instant, help="Settle what fell due by then, inclusive; else by now."
)
@click.option("--chunk", type=click.IntRange(1, 1000), default=500, show_default=True, help="Wallets a transaction.")
@json_option
def run(database: URL, as_of: datetime | None, chunk: int, as_json: bool) -> None:
    """Settle what fell due and nobody touched, of all organizations. Killed or run twice, nothing is doubled."""
    with opened(database) as engine:
        migrate.check(engine)
        ml = MemberLogic(SqlAlchemyStorage(engine))
        # What is loaded by now stays: looked through again and again, it would cost a third of our own time.
        gc.freeze()
        with working("wallets settled") as progress:
            done = ml.run_jobs(as_of=as_of, chunk=chunk, progress=progress)
    words = f"As of {done.as_of.isoformat()}: {done.wallets} wallets settled with {done.entries} entries."
    for failure in done.failures:
        what = f"organization {failure.organization}" + (f", contract {failure.contract}" if failure.contract else "")
        words += f"\nNot settled: {what}: {failure.code}."
    show(to_json(done), words, as_json=as_json)
