"""A generated club as another system would export it: people, rates, contracts, freezes and cancellations of twenty
years, in five CSV files; once tidy, once with the usual dirt. The same size and seed give the same files.

    python -m benchmarks.dirty_club FOLDER --people 1000

writes ``FOLDER/tidy`` and ``FOLDER/dirty``. The dirty club is the tidy one with

- rows that cannot go in: missing dates, days that no calendar has, ends before starts, e-mail addresses of somebody
  else in another spelling, references to nobody, values too few or too many, texts where numbers belong;
- rows too many: the same row twice, the same id with another content, the same person under another id.

Nobody's name is anybody's.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

__all__ = ["FILES", "STUDIOS", "TODAY", "mend", "write"]

TODAY = date(2026, 3, 2)
"""The last day of which the club tells; whoever imports it does so on this day or later."""

STUDIOS = ("north", "south", "harbour")
FILES: Mapping[str, tuple[str, ...]] = {
    "people": (
        "id",
        "given_name",
        "family_name",
        "birth_date",
        "email",
        "phones",
        "guardian",
        "verified",
        "registered_on",
    ),
    "rates": ("id", "code", "term", "renewal", "initial_fee", "currency", "freezes", "most_covered", "on_sale"),
    "contracts": ("id", "holder", "rate", "studio", "signed_on", "start_on", "covered", "paid", "paid_on"),
    "freezes": ("id", "contract", "since", "until", "reason"),
    "cancellations": ("contract", "received_on", "effective_on", "reason", "extraordinary"),
}
_RATES = (
    ("R1", "year", "12 months", "1 month", "2000", "yes", 0, "yes"),
    ("R2", "year-free", "12 months", "1 month", "", "yes", 0, "yes"),
    ("R3", "family", "12 months", "12 months", "4900", "yes", 4, "yes"),
    ("R4", "summer", "3 months", "none", "", "no", 0, "no"),
    ("R5", "two-years", "24 months", "none", "9900", "yes", 0, "no"),
    ("R6", "by-the-month", "1 month", "open", "", "no", 0, "yes"),
)
_FIRST = date(2006, 3, 1)
Row = tuple[str, ...]


def _tidy(people: int, seed: int) -> Iterator[tuple[str, Row]]:
    """The rows of a tidy club, by file; a person's rows follow one another."""
    chance = random.Random(seed)
    days = (TODAY - _FIRST).days
    for rate in _RATES:
        id, code, term, renewal, fee, freezes, most, on_sale = rate
        yield "rates", (id, code, term, renewal, fee, "EUR" if fee else "", freezes, str(most), on_sale)
    for number in range(1, people + 1):
        id = f"P{number}"
        joined = _FIRST + timedelta(days=chance.randrange(days))
        child = number > 10 and chance.random() < 0.04
        # Some children stand before whoever guards them.
        nearest = number - number % 10
        guardian = f"P{nearest + 10 if number % 2 and nearest + 10 <= people else nearest}"
        yield "people", _person(chance, number, joined, guardian if child and number % 10 else "")
        for turn in range(0 if child else chance.choice((0, 1, 1, 1, 2, 3))):
            yield from _contract(chance, number, f"C{number}-{turn}", joined, people)


def _person(chance: random.Random, number: int, joined: date, guardian: str) -> Row:
    born = date(1930, 1, 1) + timedelta(days=chance.randrange(28_000))
    born = date(1972, 2, 29) if number % 97 == 0 else born
    email = "" if guardian or number % 10 == 7 else f"nobody{number}@example.org"
    phone = f"+49 30 9{number:08d}" if number % 3 == 0 and not guardian else ""
    verified = "yes" if number % 5 else "no"
    return (
        f"P{number}", f"Given{number % 499}", f"Nobody{number}", born.isoformat(), email, phone, guardian, verified,
        joined.isoformat(),
    )  # fmt: skip


def _contract(chance: random.Random, number: int, id: str, joined: date, people: int) -> Iterator[tuple[str, Row]]:
    rate = chance.choice(_RATES)
    signed = min(TODAY, joined + timedelta(days=chance.randrange(1, 3000)))
    if number % 53 == 0:
        signed = date(2012, 2, 29)
    start = signed + timedelta(days=chance.choice((0, 0, 0, 5, 30)))
    paid = rate[4] == "" or chance.random() < 0.95
    paid_on = start + timedelta(days=9) if rate[4] and paid and number % 6 == 0 and start < TODAY - timedelta(9) else ""
    beside = {f"P{chance.randrange(1, people + 1)}" for _ in range(chance.randrange(3))} if rate[6] else set()
    covered = "|".join(sorted(beside - {f"P{number}"}))
    row = (id, f"P{number}", rate[0], STUDIOS[number % 3], signed.isoformat(), start.isoformat(), covered,
           "yes" if paid else "no", str(paid_on))  # fmt: skip
    yield "contracts", row
    term = {"R4": 85, "R5": 700}.get(rate[0], 6000)
    if paid and chance.random() < 0.35:
        yield from _freezes(chance, id, start + timedelta(days=20), min(term - 60, 4000))
    if chance.random() < 0.55:
        yield from _cancelled(chance, id, signed, start, term)


def _freezes(chance: random.Random, contract: str, since: date, within: int) -> Iterator[tuple[str, Row]]:
    for turn in range(chance.randrange(1, 4)):
        days = chance.randrange(7, 40)
        if within < days or since > TODAY + timedelta(days=60):
            return
        until = since + timedelta(days=days)
        reason = chance.choice(("ill", "travel", "other"))
        yield "freezes", (f"F{contract}-{turn}", contract, since.isoformat(), until.isoformat(), reason)
        gap = chance.choice((0, 30, 200, 400))
        since, within = until + timedelta(days=gap), within - days - gap


def _cancelled(chance: random.Random, contract: str, signed: date, start: date, term: int) -> Iterator[tuple[str, Row]]:
    received = signed + timedelta(days=chance.randrange(0, min(term, 1500)))
    effective = max(received, start) + timedelta(days=chance.choice((0, 1, 30, 90)))
    if received > TODAY or (effective - start).days > term:
        return
    reason = chance.choice(("moved", "price", "retired-reason", "other"))
    extraordinary = "yes" if chance.random() < 0.1 else "no"
    yield "cancellations", (contract, received.isoformat(), effective.isoformat(), reason, extraordinary)


def _without(at: int) -> Callable[[Row], Row]:
    return lambda row: (*row[:at], "", *row[at + 1 :])


def _with(at: int, value: str) -> Callable[[Row], Row]:
    return lambda row: (*row[:at], value, *row[at + 1 :])


def _swapped(first: int, second: int) -> Callable[[Row], Row]:
    """An end before its start."""

    def swap(row: Row) -> Row:
        there = list(row)
        there[first], there[second] = there[second], there[first]
        return tuple(there) if there[first] != there[second] else _without(second)(row)

    return swap


def _short(row: Row) -> Row:
    return row[:-1]


def _long(row: Row) -> Row:
    return (*row, "what is this?")


_DIRT: Mapping[str, Sequence[Callable[[Row], Row]]] = {
    "people": (
        _with(3, "1971-02-29"),
        _with(3, "29.02.1972"),
        _with(3, "2199-01-01"),
        _with(4, "nobody at example.org"),
        _with(4, " NOBODY1@Example.org "),
        _with(4, "nobody2@EXAMPLE.ORG"),
        _with(6, "P-nobody"),
        _with(7, "perhaps"),
        _short,
        _long,
    ),
    "contracts": (
        _without(4),
        _with(4, "2023-02-29"),
        _with(5, "1999-12-31"),
        _with(4, "2189-01-01"),
        _without(1),
        _with(1, "P-nobody"),
        _with(2, "R-nothing"),
        _with(3, "nowhere"),
        _with(6, "P-nobody"),
        _with(7, "maybe"),
        _short,
    ),
    "freezes": (_without(2), _swapped(2, 3), _with(2, "2011-02-29"), _with(3, "open"), _with(1, "C-nothing"), _long),
    "cancellations": (_without(1), _without(2), _with(2, "2001-02-29"), _with(2, "1990-06-30"), _short),
    "rates": (),
}


def _dirty(rows: Iterator[tuple[str, Row]], seed: int, share: float) -> Iterator[tuple[str, Row]]:
    chance = random.Random(seed + 1)
    for file, row in rows:
        first_few = row[0] in ("P1", "P2")
        if _DIRT[file] and not first_few and chance.random() < share:
            yield file, chance.choice(_DIRT[file])(row)
            continue
        yield file, row
        if file == "rates" or chance.random() >= share:
            continue
        if chance.random() < 0.5:
            yield file, row
        elif file == "people":
            again = (f"{row[0]}-again", *row[1:4], f" {row[4].upper()}", "", *row[6:])
            yield file, again if row[4] else _with(2, "Somebody")(row)
        elif file == "cancellations":
            yield file, _with(3, "another")(row)
        else:
            yield (
                file,
                (_with(3, "south" if row[3] == "north" else "north") if file == "contracts" else _with(4, "x"))(row),
            )


def write(folder: Path, people: int, *, seed: int = 1, share: float = 0.03, semicolons: bool = True) -> None:
    """Write the club, tidy and dirty. About ``share`` of the rows are bad, and as many are too many."""
    _into(folder / "tidy", _tidy(people, seed), ",", "utf-8")
    _into(folder / "dirty", _dirty(_tidy(people, seed), seed, share), ";" if semicolons else ",", "utf-8-sig")


def _into(folder: Path, rows: Iterator[tuple[str, Row]], delimiter: str, encoding: str) -> None:
    folder.mkdir(parents=True)
    files = {name: (folder / f"{name}.csv").open("w", encoding=encoding, newline="") for name in FILES}
    writers = {name: csv.writer(file, delimiter=delimiter) for name, file in files.items()}
    for name, header in FILES.items():
        writers[name].writerow(header)
    for name, row in rows:
        writers[name].writerow(row)
    for file in files.values():
        file.close()


def mend(rejects: Path, tidy: Path, into: Path) -> int:
    """Mend what was rejected by what the tidy club says; how many rows are left. A row too many is dropped: one
    whose id the tidy club does not know, or knows and has in already.
    """
    into.mkdir()
    left = 0
    for name, header in FILES.items():
        if not (rejects / f"{name}.csv").exists():
            continue
        with (rejects / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            separator = ";" if ";reject_" in file.readline() else ","
            file.seek(0)
            bad = [
                row for row in csv.DictReader(file, delimiter=separator) if row["reject_code"] != "import.row_changed"
            ]
        with (tidy / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            wanted = _keys(name, bad)
            mended = [row for row in csv.DictReader(file) if tuple(row[each] for each in _KEY[name]) in wanted]
        left += len(mended)
        with (into / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(mended)
    return left


_KEY = {"people": ("id",), "rates": ("id",), "contracts": ("id",), "freezes": ("id",), "cancellations": ("contract",)}


def _keys(name: str, bad: Sequence[Mapping[str, str]]) -> set[tuple[str, ...]]:
    return {tuple(row[each] for each in _KEY[name]) for row in bad}


def main() -> None:
    """Write the two folders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    write(said.folder, said.people, seed=said.seed)


if __name__ == "__main__":
    main()
