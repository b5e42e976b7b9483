"""``memberlogic import``: bringing in what other systems know."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import URL

from memberlogic.actors import Actor
from memberlogic.application import MemberLogic
from memberlogic.converting import to_json
from memberlogic.ids import OrganizationId
from memberlogic.loyalty.importing import ImportReport, PurchaseRow, Reject
from memberlogic.loyalty.redeeming import RedeemBlocks
from memberlogic_sqlalchemy import migrate
from memberlogic_sqlalchemy.cli.database import database_option, opened
from memberlogic_sqlalchemy.cli.memberships import FileReport, move_in
from memberlogic_sqlalchemy.cli.purchases_csv import Problem, read_purchases
from memberlogic_sqlalchemy.cli.showing import json_option, show, working
from memberlogic_sqlalchemy.storage import SqlAlchemyStorage

__all__ = ["import_"]

_SHOWN = 20


@click.group("import")
def import_() -> None:
    """Bring in what other systems know."""


@import_.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
@click.option("--organization", type=click.UUID, required=True, help="Whose purchases they are.")
@click.option("--source", default="till", show_default=True, help="Where the purchases' ids come from: a code.")
@click.option("--account-source", help="Where the accounts' external ids come from; our own ids, if none is named.")
@click.option("--currency", required=True, help="The currency of all amounts, as in ISO 4217.")
@click.option("--redeem-points", type=click.IntRange(1), help="At each purchase, redeem a block of so many points.")
@click.option("--redeem-from", type=click.IntRange(0), default=0, help="Only if the purchase comes to so much.")
@click.option(
    "--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Write what did not go in here, as CSV."
)
@click.option("--chunk", type=click.IntRange(1, 10_000), default=1000, show_default=True, help="Rows a transaction.")
@json_option
def purchases(
    file: Path,
    database: URL,
    organization: UUID,
    source: str,
    account_source: str | None,
    currency: str,
    redeem_points: int | None,
    redeem_from: int,
    rejects: Path | None,
    chunk: int,
    as_json: bool,
) -> int:
    """Import purchases from a CSV file: purchase, account, at, item, amount, and if there are any quantity, discount,
    categories, brand, stored_value, studio, paid_with_stored_value.

    A line is a line of a purchase; those of one purchase stand together, purchases in order of time. What is in
    already is skipped, so that an import which was interrupted is simply run again. A bad purchase is rejected while
    the good ones go in; the exit code is 1 if any was.
    """
    redeem = RedeemBlocks(points=redeem_points, minimum_total=redeem_from) if redeem_points else None
    numbered = _Numbered()
    with opened(database) as engine:
        migrate.check(engine)
        org = MemberLogic(SqlAlchemyStorage(engine)).organization(OrganizationId(organization), Actor.system())
        with working("purchases") as progress:
            rows = read_purchases(file, account_source=account_source, currency=currency, bad=numbered.problems.append)

            def looked_at(done: int) -> None:
                numbered.forget(done)
                progress(done)

            report = org.loyalty.import_purchases(
                numbered.rows(rows),
                source=source,
                chunk=chunk,
                redeem=redeem,
                progress=looked_at,
                on_reject=numbered.rejected,
            )
    problems = sorted(numbered.problems, key=lambda problem: problem.line)
    if rejects is not None:
        _write(rejects, problems)
    if as_json:
        answer = {**to_json(report), "rejected": len(problems), "rejects": [to_json(each) for each in problems]}
        show(answer, "", as_json=True)
    else:
        _tell(report, problems, rejects)
    return 1 if problems else 0


class _Numbered:
    """Where the purchases of a stream stand in their file, as long as anybody may ask."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._lines: dict[int, tuple[int, str]] = {}

    def rows(self, read: Iterator[tuple[int, PurchaseRow]]) -> Iterator[PurchaseRow]:
        """The purchases themselves."""
        for number, (line, row) in enumerate(read, 1):
            self._lines[number] = line, row.id
            yield row

    def rejected(self, reject: Reject) -> None:
        """Tell of a purchase that the rules did not take."""
        line, purchase = self._lines[reject.row]
        self.problems.append(Problem(line, purchase, reject.field, reject.code))

    def forget(self, done: int) -> None:
        """So many purchases are done with."""
        for number in [number for number in self._lines if number <= done]:
            del self._lines[number]


def _write(path: Path, problems: list[Problem]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "purchase", "field", "code"])
        writer.writerows((each.line, each.purchase, each.field or "", each.code) for each in problems)


def _tell(report: ImportReport, problems: list[Problem], rejects: Path | None) -> None:
    console = Console(markup=False)
    console.print(
        f"{report.recorded:,} purchases went in, {report.skipped:,} were in already, {len(problems):,} were rejected."
    )
    console.print(f"{report.earned:,} points were earned, {report.redeemed_points:,} were redeemed.")
    if problems:
        table = Table("line", "purchase", "field", "code", title="Rejected", title_justify="left")
        for each in problems[:_SHOWN]:
            table.add_row(str(each.line), each.purchase, each.field or "", each.code)
        console.print(table)
        if len(problems) > _SHOWN and rejects is None:
            console.print(f"and {len(problems) - _SHOWN:,} more; --rejects FILE writes all of them.")


@import_.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@database_option
@click.option("--organization", type=click.UUID, required=True, help="To whom they come.")
@click.option("--source", required=True, help="The system that they come from, as a code: its ids are kept with it.")
@click.option("--studio", help="The code of the studio of contracts that name none.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write what did not go in into this folder, as files of the same form; those of a run before are replaced.",
)
@click.option("--dry-run", is_flag=True, help="Do everything, say what came of it, and undo it.")
@click.option("--chunk", type=click.IntRange(1, 5_000), default=1000, show_default=True, help="Rows a transaction.")
@json_option
def memberships(
    folder: Path,
    database: URL,
    organization: UUID,
    source: str,
    studio: str | None,
    rejects: Path | None,
    dry_run: bool,
    chunk: int,
    as_json: bool,
) -> int:
    """Import the people, rates, contracts, freezes and cancellations of another system from the CSV files of a folder:
    people.csv, rates.csv, contracts.csv, freezes.csv, cancellations.csv; any may be missing.

    What is in already is skipped, so that an import which was interrupted is simply run again. A bad row is rejected
    while the good ones go in; the files of --rejects are mended and imported as a folder of their own. The exit code is
    1 if any row was rejected. A dry run on SQLite keeps others from writing while it lasts.
    """
    with opened(database) as engine:
        migrate.check(engine)
        ml = MemberLogic(SqlAlchemyStorage(engine))
        with ml.rehearsal() if dry_run else nullcontext(ml) as used:
            org = used.organization(OrganizationId(organization), Actor.system())
            reports = move_in(org, folder, source=source, studio=studio, chunk=chunk, rejects=rejects, working=working)
    if as_json:
        show({"dry_run": dry_run, "files": [to_json(each) for each in reports]}, "", as_json=True)
    else:
        _tell_files(reports, rejects, dry_run)
    return 1 if any(each.rejected for each in reports) else 0


def _tell_files(reports: Sequence[FileReport], rejects: Path | None, dry_run: bool) -> None:
    console = Console(markup=False)
    table = Table("file", *("would go in" if dry_run else "went in", "in already", "rejected"))
    for each in reports:
        table.add_row(each.file, f"{each.imported:,}", f"{each.skipped:,}", f"{each.rejected:,}")
    console.print(table)
    if any(each.rejected for each in reports):
        where = "--rejects FOLDER writes them" if rejects is None else f"they are in {rejects}"
        console.print(f"What was rejected can be mended and imported alone: {where}.")
    if dry_run:
        console.print("Nothing was written.")
