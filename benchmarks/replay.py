"""P4: the replayed year, in memory against a plain-dict program, on a SQLite file against sqlite3's executemany.

    python -m benchmarks.replay [--rounds 3] [--purchases 20000]

In memory, both sides read the same Parquet files, no further than they have to, and come to the same figures. On a
file, the opponent is handed every row that our replay wrote, table by table, and only inserts them, in one transaction,
into the same schema; handing them over is not timed. Both sides look for cycles of garbage as seldom.
"""

from __future__ import annotations

import argparse
import gc
import os
import sqlite3
import tempfile
import time
import tomllib
from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks import masses, reckoning
from memberlogic.application import MemberLogic
from memberlogic_memory import MemoryStorage
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from memberlogic_sqlalchemy.cli import replaying
from memberlogic_sqlalchemy.cli.journey import Journey
from memberlogic_sqlalchemy.cli.programme import read_programme
from sqlalchemy import create_engine

PROGRAMME = Path(__file__).parent.parent / "examples" / "complete_journey" / "club.toml"


def in_memory(purchases: int | None) -> dict[str, int]:
    """Our replay on the memory store; what it earned and redeemed."""
    programme, journey = read_programme(PROGRAMME), Journey()
    clock = replaying.ReplayClock(replaying.first_day(programme, journey.first_at))
    ml = MemberLogic(MemoryStorage(), clock=clock)
    excluded = journey.product_types(programme.excluded_product_types)
    opened = replaying.open_year(ml, programme, excluded=excluded, households=journey.households)
    report = replaying.play(ml, clock, opened, programme, islice(journey.purchases(), purchases))
    return {"purchases": report.recorded, "earned": report.earned, "redeemed": report.redeemed_points}


def by_dictionaries(purchases: int | None) -> dict[str, object]:
    """The same by hand."""
    said = tomllib.loads(PROGRAMME.read_text(encoding="utf-8"))
    return reckoning.reckon(reckoning.read(said["excluded_product_types"], most=purchases), said)


def on_a_file(file: Path, purchases: int | None) -> float:
    """Our replay on a SQLite file; how long it took, reading included."""
    engine = create_engine(f"sqlite:///{file}")
    upgrade(engine)
    start = time.perf_counter()
    programme, journey = read_programme(PROGRAMME), Journey()
    clock = replaying.ReplayClock(replaying.first_day(programme, journey.first_at))
    excluded = journey.product_types(programme.excluded_product_types)
    with engine.begin() as connection:
        joined = MemberLogic(SqlAlchemyStorage.joined(connection), clock=clock)
        opened = replaying.open_year(joined, programme, excluded=excluded, households=journey.households)
    ml = MemberLogic(SqlAlchemyStorage(engine), clock=clock)
    replaying.play(ml, clock, opened, programme, islice(journey.purchases(), purchases))
    taken = time.perf_counter() - start
    engine.dispose()
    return taken


def by_executemany(source: Path, file: Path) -> float:
    """The same rows by hand, into the same schema; how long the inserting took."""
    engine = create_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    theirs, mine = sqlite3.connect(source), sqlite3.connect(file)
    mine.execute("PRAGMA journal_mode = WAL")
    mine.execute("PRAGMA synchronous = FULL")
    mine.execute("PRAGMA foreign_keys = ON")
    return masses.inserted(theirs, mine)


def main() -> None:
    """Take turns, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--purchases", type=int, help="only the first so many")
    asked = parser.parse_args()
    gc.set_threshold(200_000, 50, 100)
    by_dictionaries(1)  # pyarrow loads pandas, where there is one, with the first value that it is given
    turns: dict[str, list[float]] = {"memory": [], "dictionaries": [], "file": [], "executemany": []}
    processor: dict[str, list[float]] = {"memory": [], "dictionaries": []}
    for number in range(1, asked.rounds + 1):
        figures = []
        for name, turn in (("memory", in_memory), ("dictionaries", by_dictionaries)):
            gc.collect()
            start, worked = time.perf_counter(), time.process_time()
            figures.append(turn(asked.purchases))
            turns[name].append(time.perf_counter() - start)
            processor[name].append(time.process_time() - worked)
        ours, theirs = figures
        if {name: theirs[name] for name in ours} != ours:
            raise SystemExit(f"the figures differ: {ours}, by hand {theirs}")
        with tempfile.TemporaryDirectory() as folder:
            turns["file"].append(on_a_file(Path(folder, "ours.db"), asked.purchases))
            turns["executemany"].append(by_executemany(Path(folder, "ours.db"), Path(folder, "theirs.db")))
        print(number, {name: round(each[-1], 1) for name, each in turns.items()}, flush=True)
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for ours, theirs, times, reach in (
        ("memory", "dictionaries", turns, 5),
        ("memory", "dictionaries", processor, 5),
        ("file", "executemany", turns, 6),
    ):
        ratio = median(mine / other for mine, other in zip(times[ours], times[theirs], strict=True))
        kind = "processor time" if times is processor else "time"
        mine, other = median(times[ours]), median(times[theirs])
        verdict = "reached" if ratio <= reach else "MISSED"
        print(f"P4 {ours}: {ratio:.1f} times {theirs} ({kind} {mine:.1f} s, {other:.1f} s; at most {reach}: {verdict})")


if __name__ == "__main__":
    main()
