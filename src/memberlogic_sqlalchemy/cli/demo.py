"""``memberlogic demo``: the replayed year in a SQLite file, and what a loyalty manager wants to see of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import URL, make_url

from memberlogic.actors import Actor
from memberlogic.application import Handle, MemberLogic
from memberlogic.calendar import CalendarPeriod, Days
from memberlogic.converting import to_json
from memberlogic.ids import AccountId
from memberlogic.ledger.outstanding import Outstanding
from memberlogic.ledger.stating import Expiring
from memberlogic.loyalty.model import Club, Scheme
from memberlogic.loyalty.reporting import Closest, Migration
from memberlogic_sqlalchemy.checking import CHECKS, recount
from memberlogic_sqlalchemy.cli.database import database_or, opened
from memberlogic_sqlalchemy.cli.journey import Journey
from memberlogic_sqlalchemy.cli.programme import read_programme
from memberlogic_sqlalchemy.cli.replay import Replayed, data_option, dollars, replayed, titled, totals_table
from memberlogic_sqlalchemy.cli.replaying import ReplayClock, end_of_year
from memberlogic_sqlalchemy.cli.report import write_account, write_club
from memberlogic_sqlalchemy.cli.showing import json_option, show, working
from memberlogic_sqlalchemy.storage import SqlAlchemyStorage
from sqlalchemy import Engine

__all__ = ["demo"]

_FILE = Path("demo.db")
_PROGRAMME = Path(__file__).with_name("complete_journey.toml")
_CLOSEST = 10
_STATEMENT = Days(date(2017, 12, 1), date(2018, 1, 2))
"""The month before the review, and the day of it."""


@click.command()
@database_or(_FILE)
@click.option(
    "--programme",
    type=click.Path(path_type=Path, dir_okay=False),
    default=_PROGRAMME,
    help="Another programme than the example's.",
)
@data_option
@json_option
def demo(database: URL, programme: Path, data: Path | None, as_json: bool) -> int:
    """Replay a real year of a loyalty card into a SQLite file, and show what came of it."""
    said, journey = read_programme(programme), Journey(data)
    if database == make_url(f"sqlite:///{_FILE}"):
        for file in (_FILE, *(_FILE.with_name(f"{_FILE.name}-{part}") for part in ("wal", "shm"))):
            file.unlink(missing_ok=True)
    with opened(database, may_create=True) as engine:
        done = replayed(engine, said, journey)
        with working("recounting", len(CHECKS)) as progress:
            findings = recount(
                engine, organization=done.opened.organization, progress=lambda checked, _: progress(checked)
            )
        report = _Report(engine, done)
        pages = _pages(engine, done, database, report.nearest)
        if as_json:
            show(
                report.as_json() | {"checks": len(CHECKS), "findings": to_json(findings), "pages": pages},
                "",
                as_json=True,
            )
        else:
            console = Console(markup=False)
            report.show(console)
            console.print()
            for finding in findings:
                console.print(finding.text())
            if not findings:
                console.print(f"Conservation: {len(CHECKS)} checks recounted the whole database, and all is well.")
            console.print(f"Look around: memberlogic check --database {database.render_as_string()}")
            for page in pages:
                console.print(f"Open in a browser: {page}", soft_wrap=True)
    return 1 if findings else 0


def _pages(engine: Engine, done: Replayed, database: URL, household: AccountId | None) -> list[str]:
    """Write the pages of the club and of a household beside the database; where they are."""
    beside = Path(database.database or "") if database.get_backend_name() == "sqlite" else _FILE
    beside = _FILE if beside.name in ("", ":memory:") else beside
    organization, at = done.opened.organization, end_of_year(done.programme)
    club = beside.with_name(f"{beside.stem}-club.html")
    write_club(engine, organization, done.opened.club.id, at, club)
    if household is None:
        return [str(club)]
    page = beside.with_name(f"{beside.stem}-household.html")
    write_account(engine, organization, household, at, page)
    return [str(club), str(page)]


class _Report:
    """What a loyalty manager wants to see, as of the start of the day after the year."""

    def __init__(self, engine: Engine, done: Replayed) -> None:
        self._engine = engine
        self._done = done
        self._at = end_of_year(done.programme)
        ml = MemberLogic(SqlAlchemyStorage(engine), clock=ReplayClock(self._at))
        self._org: Handle = ml.organization(done.opened.organization, Actor.system())
        self._club: Club = done.opened.club
        # Under other programmes than the example's: the scheme below the highest, if there are so many.
        self._near: Scheme = self._club.schemes[min(2, len(self._club.schemes) - 1)]
        self._households = {account: household for household, account in done.opened.accounts.items()}

    @property
    def _migration(self) -> Migration:
        return self._org.loyalty.migration(self._club.id, date(2017, 1, 1), date(2018, 1, 2))

    @property
    def _closest(self) -> Closest:
        return self._org.loyalty.closest(self._club.id, self._near.code, _CLOSEST)

    @property
    def nearest(self) -> AccountId | None:
        """The household closest to the next scheme, if any is."""
        accounts = self._closest.accounts
        return accounts[0].account if accounts else None

    @property
    def _outstanding(self) -> Outstanding:
        return self._org.ledger.outstanding(self._club.id)

    @property
    def _next_month(self) -> Days:
        return CalendarPeriod.MONTH.containing(date(2018, 1, 1))

    def _expiring(self) -> list[Expiring]:
        return [each for each in self._outstanding.expiring if each.day in self._next_month]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        worth = self._done.programme
        return {
            **self._done.figures,
            "liability_cents": self._done.figures["outstanding"] * worth.redeem_cents // worth.redeem_points,
            "migration": to_json(self._migration),
            "closest": [
                {"household": self._households[each.account], **to_json(each)} for each in self._closest.accounts
            ],
            "expiring": to_json(self._expiring()),
        }

    def show(self, console: Console) -> None:
        """Print it, one table after another."""
        console.print(totals_table(self._done))
        console.print()
        console.print(self._migration_table())
        console.print()
        closest = self._closest
        console.print(self._closest_table(closest))
        console.print()
        console.print(self._expiring_table())
        if closest.accounts:
            console.print()
            account: AccountId = closest.accounts[0].account
            self._show_statement(console, account)

    def _migration_table(self) -> Table:
        names = {scheme.code: scheme.name for scheme in self._club.schemes}
        ranks = list(names)
        moves = self._migration.moves
        months = sorted({move.month for move in moves})
        # Twelve months have to fit into eighty columns.
        table = titled("Migration between schemes, by the month of the review", "from, to", box=SIMPLE, padding=0)
        for month in months:
            table.add_column(f" {month:%b}", justify="right")
        for up in (True, False):
            ways = {(move.from_scheme, move.to_scheme) for move in moves if move.up is up}
            for way in sorted(ways, key=lambda way: (ranks.index(way[0]), ranks.index(way[1]))):
                found = {move.month: move.accounts for move in moves if (move.from_scheme, move.to_scheme) == way}
                cells = (f"{found[month]:,}" if month in found else "·" for month in months)
                table.add_row(f"{names[way[0]]} {'↗' if up else '↘'} {names[way[1]]}", *cells)
        return table

    def _closest_table(self, closest: Closest) -> Table:
        names = {scheme.code: scheme.name for scheme in self._club.schemes}
        title = (
            f"Closest to {self._near.name} ({dollars(closest.threshold)} in {self._done.programme.window_days} days)"
        )
        table = titled(title, "household", "now")
        for heading in ("spent in the window", "still needed"):
            table.add_column(heading, justify="right")
        for each in closest.accounts:
            household = self._households[each.account]
            table.add_row(household, names[each.scheme], dollars(each.measured), dollars(each.missing))
        return table

    def _expiring_table(self) -> Table:
        title = f"What expires in {self._next_month.start:%B %Y}"
        table = titled(title, "week from", show_footer=True)
        weeks: dict[date, int] = {}
        for each in self._expiring():
            week = max(self._next_month.start, CalendarPeriod.WEEK.containing(each.day).start)
            weeks[week] = weeks.get(week, 0) + each.points
        table.columns[0].footer = "in all"
        table.add_column("points", justify="right", footer=f"{sum(weeks.values()):,}")
        for week, points in weeks.items():
            table.add_row(f"{week:%d %B}", f"{points:,}")
        return table

    def _show_statement(self, console: Console, account: AccountId) -> None:
        names = {scheme.code: scheme.name for scheme in self._club.schemes}
        said = self._org.ledger.statement(account, since=_STATEMENT.start, until=_STATEMENT.end)
        title = f"Statement of household {self._households[account]}, {said.days.start} to {said.days.last_day}"
        console.print(title, style="italic", highlight=False)

        def line(day: date, what: str, points: str, balance: str, scheme: str = "") -> None:
            console.print(f"{day}  {what:<16}{points:>8}{balance:>10}  {scheme}", highlight=False)

        line(said.days.start, "opening balance", "", f"{said.opening:,}")
        for each in (*said.lines, *said.later):
            what = each.kind.value.replace("_", " ")
            line(each.business_day, what, f"{each.points:+,}", f"{each.balance:,}", names[each.scheme])
            for why in each.because:
                console.print(f"              {why.text()}", style="dim", highlight=False, soft_wrap=True, markup=False)
        line(said.days.last_day, "closing balance", "", f"{said.closing:,}")
        for gone in said.expiring:
            line(gone.day, "will expire", f"-{gone.points:,}", "")
