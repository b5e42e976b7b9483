"""P8, P11: the dirty club moves in: how many rows a second, how much memory, and whether kills leave the same club.

    python -m benchmarks.moving_in [--people 100000] [--few 10000] [--kills 5] [--database postgresql+psycopg://…/postgres]

Clubs of two sizes are generated (``benchmarks.dirty_club``) and imported by the command line, each in a
process of its own. Of the larger one:

- the tidy club goes in: rows a second, processor time, peak memory; the rows that it left are then put into the same
  schema by the driver's fastest bulk path, table by table, in one transaction (``executemany``, COPY);
- the dirty club goes in and is killed (SIGKILL) at random moments in between; what was rejected is mended and goes in
  alone; what the public services tell of it then (``benchmarks.told``, of every so many people and contracts, and the
  reports over all) has to be what they tell of the tidy one.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import frozen

from benchmarks import dirty_club, masses
from benchmarks.told import digest
from memberlogic import Actor, MemberLogic
from memberlogic.ids import OrganizationId
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from memberlogic_sqlalchemy.tables import metadata
from sqlalchemy import create_engine, make_url, text

_SOURCE = "old"
_RUN = "import sys; from memberlogic_sqlalchemy.cli.group import run; sys.exit(run(sys.argv[1:]))"


@frozen
class Club:
    """A database of its own with an empty club."""

    url: str
    organization: OrganizationId

    def command(self, folder: Path, *options: str) -> list[str]:
        return [
            *(sys.executable, "-c", _RUN, "import", "memberships", str(folder), "--database", self.url),
            *("--organization", str(self.organization), "--source", _SOURCE, *options),
        ]

    def digest(self, tidy: Path, every: int) -> str:
        engine = create_engine(self.url)
        org = MemberLogic(SqlAlchemyStorage(engine)).organization(self.organization, Actor.system())
        made = digest(org, tidy, _SOURCE, every=every)
        engine.dispose()
        return made


@contextmanager
def _empty(server: str | None, folder: Path, name: str) -> Iterator[str]:
    """A database with nothing but the schema, dropped at the end."""
    if server is None:
        url = f"sqlite:///{folder / name}.db"
        engine = create_engine(url)
        with engine.connect() as connection:
            connection.execute(text("PRAGMA journal_mode = WAL"))
        upgrade(engine)
        engine.dispose()
        yield url
        return
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS ml_{name}"))
        connection.execute(text(f"CREATE DATABASE ml_{name}"))
    url = make_url(server).set(database=f"ml_{name}").render_as_string(hide_password=False)
    engine = create_engine(url)
    upgrade(engine)
    engine.dispose()
    try:
        yield url
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE ml_{name} WITH (FORCE)"))
        admin.dispose()


def _opened(url: str) -> Club:
    engine = create_engine(url)
    ml = MemberLogic(SqlAlchemyStorage(engine))
    zone = ZoneInfo("Europe/Berlin")
    organization = ml.open_organization(name="Dirty", zone=zone)
    org = ml.organization(organization.id, Actor.system())
    for code in dirty_club.STUDIOS:
        org.settings.open_studio(code=code, name=code, zone=zone)
    engine.dispose()
    return Club(url, organization.id)


def _rows(folder: Path) -> int:
    return sum(sum(1 for _ in (folder / f"{name}.csv").open(encoding="utf-8")) - 1 for name in dirty_club.FILES)


def _measured(command: Sequence[str]) -> tuple[float, float, int]:
    """Run to the end: seconds, processor seconds, peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"the import ended with {process.returncode}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def _killed(command: Sequence[str], kills: int, whole: float) -> int:
    """Start it and kill it, so many times, each time a little later; how many it did not outrun."""
    chance, hit = random.Random(7), 0
    for turn in range(1, kills + 1):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            process.wait(timeout=2 + chance.uniform(0.1, 1) * whole * turn / (kills + 1))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            hit += 1
    return hit


def _by_executemany(source: str, target: str) -> float:
    theirs, mine = (sqlite3.connect(make_url(each).database or "") for each in (source, target))
    mine.execute("PRAGMA synchronous = FULL")
    mine.execute("PRAGMA foreign_keys = ON")
    return masses.inserted(theirs, mine)


def _by_copy(source: str, target: str) -> float:
    import psycopg

    theirs, mine = (
        psycopg.connect(make_url(each).set(drivername="postgresql").render_as_string(False))
        for each in (source, target)
    )
    taken = 0.0
    for table in metadata.sorted_tables:
        said = b""
        with theirs.cursor() as out, out.copy(f"COPY {table.name} TO STDOUT (FORMAT BINARY)") as copied:
            said = b"".join(bytes(each) for each in copied)
        start = time.perf_counter()
        with mine.cursor() as into, into.copy(f"COPY {table.name} FROM STDIN (FORMAT BINARY)") as copying:
            copying.write(said)
        taken += time.perf_counter() - start
    start = time.perf_counter()
    mine.commit()
    taken += time.perf_counter() - start
    theirs.close()
    mine.close()
    return taken


def measure(server: str | None, people: int, few: int, kills: int, every: int) -> None:
    """Everything, on one database."""
    bulk = "executemany" if server is None else "COPY"
    print(f"on {'SQLite' if server is None else 'PostgreSQL'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        dirty_club.write(folder / "few", few)
        dirty_club.write(folder / "many", people)
        tidy, dirty, rejects = folder / "many" / "tidy", folder / "many" / "dirty", folder / "rejects"
        with _empty(server, folder, "few") as url:
            _, _, least = _measured(_opened(url).command(folder / "few" / "tidy"))
        with (
            _empty(server, folder, "whole") as whole_url,
            _empty(server, folder, "bulk") as bulk_url,
            _empty(server, folder, "killed") as killed_url,
        ):
            whole, rows = _opened(whole_url), _rows(tidy)
            taken, worked, most = _measured(whole.command(tidy))
            print(
                f"  {rows:,} rows in {taken:.1f} s: {rows / taken:,.0f} a second ({worked:.1f} s of a processor)",
                flush=True,
            )
            print(
                f"  peak memory: {least} MB for {few:,} people, {most} MB for {people:,}: {most / least:.2f} times",
                flush=True,
            )
            by_hand = (_by_executemany if server is None else _by_copy)(whole_url, bulk_url)
            print(
                f"  the same stored rows by {bulk}: {by_hand:.1f} s; P8 {by_hand / taken:.2f} (wanted 0.50)", flush=True
            )
            killed = _opened(killed_url)
            hit = _killed(killed.command(dirty), kills, taken)
            _measured(killed.command(dirty, "--rejects", str(rejects)))
            mended = dirty_club.mend(rejects, tidy, folder / "mended")
            _measured(killed.command(folder / "mended"))
            same = "the same club" if killed.digest(tidy, every) == whole.digest(tidy, every) else "ANOTHER CLUB"
            print(f"  {_rows(dirty):,} dirty rows, killed {hit} times, {mended:,} mended: {same}", flush=True)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--every", type=int, default=50, help="compare every so many people and contracts one by one")
    parser.add_argument("--database", help="a PostgreSQL server; SQLite files if left out")
    said = parser.parse_args()
    measure(said.database, said.people, said.few, said.kills, said.every)


if __name__ == "__main__":
    main()
