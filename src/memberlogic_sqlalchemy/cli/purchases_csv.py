"""Reading purchases from a CSV file: one line of the file is one line of a purchase, the lines of one purchase stand
together.

| column | is |
|---|---|
| ``purchase`` | the till's own id of the purchase |
| ``account`` | whose it is: an external id, or our own id if no source of them is named |
| ``at`` | when: ISO 8601 with a time zone, ``2026-01-31T09:30:00+01:00`` or ``...Z`` |
| ``item`` | what was bought |
| ``amount`` | in minor units (cents), before the discount |
| ``quantity`` | pieces; 1 if left out |
| ``discount`` | in minor units; 0 if left out |
| ``categories`` | separated by ``|``; none if left out |
| ``brand`` | none if left out |
| ``stored_value`` | ``true`` where the line sells stored value; ``false`` if left out |
| ``studio`` | where: a code; none if left out |
| ``paid_with_stored_value`` | of the whole purchase, in minor units; 0 if left out |
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TextIO
from uuid import UUID

from attrs import frozen

from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, ExternalId
from memberlogic.inputs import describe
from memberlogic.loyalty.importing import PurchaseRow
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic_sqlalchemy.cli.journey import FileUnreadable

__all__ = ["COLUMNS", "REQUIRED", "Problem", "read_purchases"]

REQUIRED = ("purchase", "account", "at", "item", "amount")
COLUMNS = (
    *REQUIRED,
    "quantity",
    "discount",
    "categories",
    "brand",
    "stored_value",
    "studio",
    "paid_with_stored_value",
)

Row = Mapping[str, str]


_WRONG = ""
"""Where a row says that it has another number of fields than the header: no column is called so."""


@frozen
class Problem:
    """A purchase that cannot go in: the file's line on which it begins, its id, the field if one is wrong, and why."""

    line: int
    purchase: str
    field: str | None
    code: str


def read_purchases(
    path: Path, *, account_source: str | None, currency: str, bad: Callable[[Problem], None]
) -> Iterator[tuple[int, PurchaseRow]]:
    """The purchases of a file in its order, each with the line on which it begins, read as they are asked for.

    Args:
        account_source: where the accounts' external ids come from; None if the file has our own ids.
        bad: told of each purchase of which something cannot be read.

    Raises:
        FileUnreadable: if the file is not there, or is no CSV in UTF-8.
        InvalidInput: naming the file and the column, for one that is missing or unknown.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for _, group in groupby(_rows(path, file), key=lambda numbered: numbered[1]["purchase"]):
                lines = list(group)
                try:
                    purchase = _purchase([row for _, row in lines], account_source, currency)
                except InvalidInput as problem:
                    bad(Problem(lines[0][0], lines[0][1]["purchase"], problem.path, problem.code))
                else:
                    yield lines[0][0], purchase
    except OSError as error:
        raise FileUnreadable(file=str(path), problem=error.strerror or type(error).__name__) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileUnreadable(file=str(path), problem=str(error)) from error


def _rows(path: Path, file: TextIO) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(file, strict=True)
    header = next(reader, [])
    for column in header:
        if column not in COLUMNS or header.count(column) > 1:
            raise InvalidInput(
                path=f"{path}: {column}", expected=f"each of {', '.join(COLUMNS)} once", got="an unknown column"
            )
    for column in REQUIRED:
        if column not in header:
            raise InvalidInput(path=f"{path}: {column}", expected="a column of this name", got="none")
    empty = dict.fromkeys(COLUMNS, "")
    before = reader.line_num
    for values in reader:
        if values:
            wrong = "" if len(values) == len(header) else str(len(values))
            yield before + 1, empty | {_WRONG: wrong} | dict(zip(header, values, strict=False))
        before = reader.line_num


def _purchase(rows: Sequence[Row], account_source: str | None, currency: str) -> PurchaseRow:
    first = rows[0]
    for row in rows:
        if row[_WRONG]:
            raise InvalidInput(path="row", expected="as many fields as the header has", got=row[_WRONG])
    for row in rows[1:]:
        for name in ("account", "at", "studio", "paid_with_stored_value"):
            if row[name] != first[name]:
                raise InvalidInput(path=name, expected="the same on every line of a purchase", got="another")
    return PurchaseRow(
        id=first["purchase"],
        account=_account(first["account"], account_source),
        at=_instant(first["at"]),
        lines=tuple(map(_line, rows)),
        currency=currency,
        studio=first["studio"] or None,
        paid_with_stored_value=_whole(first, "paid_with_stored_value", "0"),
    )


def _account(value: str, source: str | None) -> AccountId | ExternalId:
    if source is not None:
        try:
            return ExternalId(source, value)
        except InvalidInput as problem:
            expected = str(problem.details["expected"])
            raise InvalidInput(path="account", expected=expected, got=describe(value)) from None
    try:
        return AccountId(UUID(value))
    except ValueError:
        raise InvalidInput(path="account", expected="an id (a UUID)", got=describe(value)) from None


def _instant(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidInput(path="at", expected="an instant in ISO 8601", got=describe(value)) from None
    if at.utcoffset() is None:
        raise InvalidInput(path="at", expected="an instant with a time zone", got="a naive datetime")
    return at


def _line(row: Row) -> PurchaseLine:
    return PurchaseLine(
        item=row["item"],
        amount=_whole(row, "amount", ""),
        quantity=_whole(row, "quantity", "1"),
        discount=_whole(row, "discount", "0"),
        categories=tuple(each.strip() for each in row["categories"].split("|") if each.strip()),
        brand=row["brand"] or None,
        stored_value=_truth(row, "stored_value"),
    )


def _whole(row: Row, name: str, default: str) -> int:
    text = row[name] or default
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 20:
        raise InvalidInput(path=name, expected="a whole number", got=describe(text))
    return int(text)


def _truth(row: Row, name: str) -> bool:
    text = row[name] or "false"
    if text not in ("true", "false"):
        raise InvalidInput(path=name, expected="true or false", got=describe(text))
    return text == "true"
