"""Reading what another system exports of its members: five CSV files in one folder, any of which may be missing. Each
column says what it takes; ``memberlogic import memberships --help`` and the guide print these tables.

Files are UTF-8, with or without a byte order mark, separated by commas, semicolons or tabs; space around a value counts
for nothing, nor do empty cells beyond the header, nor a first line ``sep=;`` beyond what it says. Days are
``2026-01-31``. Columns whose names begin with ``reject_`` are passed over: the importer writes them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any, TextIO

from attrs import frozen

from memberlogic.amounts import Money
from memberlogic.calendar import Term
from memberlogic.contracts.cancellation_importing import CancellationRow
from memberlogic.contracts.freeze_importing import FreezeRow
from memberlogic.contracts.importing import ContractRow
from memberlogic.contracts.rate_importing import RateRow
from memberlogic.contracts.rates import EndsWithTerm, Extends, FreezePolicy, Notice, NoticeMode, RateTerms, RunsOn
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.inputs import describe
from memberlogic.members.importing import PersonRow
from memberlogic.members.people import Address
from memberlogic_sqlalchemy.cli.journey import FileUnreadable

__all__ = ["FILES", "OWN", "Column", "ColumnsDiffer", "Line", "Table", "many", "opened_csv"]

OWN = "reject_"
"""What the names of the columns begin with that a file of rejects has beside those of the rows."""

Cells = Mapping[str, str]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OTHER_DAY = re.compile(r"[0-9]{1,4}[./ -][0-9]{1,2}[./ -][0-9]{1,4}\.?( .*)?|[0-9]{5}")
_BETWEEN = re.compile(r"[\s-]+")
_NO_UTF8 = re.compile("[\udc80-\udcff]")
_TERM = re.compile(r"([0-9]{1,5}) (day|week|month|year)s?")
_SEPARATOR = re.compile(r"""["']?sep=([,;\t])["']?[,;\t]*\r?\n?""", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9]{1,16}")


@frozen
class Column:
    """A column of a file: what it takes, whether it has to be there, and what it means if it says nothing."""

    name: str
    takes: str
    required: bool = False


@frozen
class Line:
    """A row of a file: where it begins, what it says, and what is wrong with it as a row."""

    number: int
    cells: Cells
    raw: Sequence[str]
    problem: InvalidInput | None = None


@frozen
class Table:
    """One of the files."""

    name: str
    id: str
    """The column by which a row is known."""
    columns: tuple[Column, ...]
    row: Callable[[Cells], Any]
    """What the services take, of a row.

    Raises:
        InvalidInput: naming the column.
    """


def _day(cells: Cells, name: str) -> date | None:
    said = cells[name]
    if not said:
        return None
    try:
        if _DAY.fullmatch(said):
            return date.fromisoformat(said)
    except ValueError:
        pass
    if _OTHER_DAY.fullmatch(said) and not _DAY.fullmatch(said):
        expected = "a day written as year-month-day, such as 2024-02-29 (in Excel: the format yyyy-mm-dd)"
        raise InvalidInput(path=name, expected=expected, got="a day that is written otherwise")
    got = "one that no calendar has" if _DAY.fullmatch(said) else describe(said)
    raise InvalidInput(path=name, expected="a day of the calendar such as 2024-02-29", got=got)


def _needed(cells: Cells, name: str) -> date:
    day = _day(cells, name)
    if day is None:
        raise InvalidInput(path=name, expected="a day such as 2026-01-31", got="nothing")
    return day


def _until(cells: Cells, name: str) -> date | None:
    """A first day that is not in it any more, or the last one that is."""
    day, last = _day(cells, name), _day(cells, "last_day")
    if last is None:
        return day
    if day is not None:
        raise InvalidInput(path="last_day", expected=f"nothing, as {name} says it", got="a day")
    if last == date.max:
        raise InvalidInput(path="last_day", expected="a day such as 2026-01-31", got="the last one there is")
    return last + timedelta(days=1)


def _truth(cells: Cells, name: str, default: bool) -> bool:
    said = cells[name].lower()
    if said in ("yes", "true", "1"):
        return True
    if said in ("no", "false", "0"):
        return False
    if not said:
        return default
    raise InvalidInput(path=name, expected="yes or no", got=describe(said))


def many(said: str) -> tuple[str, ...]:
    """Several values in one cell, separated by ``|``."""
    return tuple(each.strip() for each in said.split("|") if each.strip())


def _whole(cells: Cells, name: str) -> int | None:
    said = cells[name]
    if said and not _NUMBER.fullmatch(said):
        raise InvalidInput(path=name, expected="a whole number", got=describe(said))
    return int(said) if said else None


def _term(cells: Cells, name: str, also: str = "") -> Term | None:
    said = cells[name].lower()
    if not said:
        return None
    found = _TERM.fullmatch(said)
    if found is None:
        expected = f"a length such as 12 months or 30 days{also}"
        raise InvalidInput(path=name, expected=expected, got=describe(said))
    many, unit = int(found[1]), found[2]
    try:
        if unit in ("day", "week"):
            return Term.of_days(many * (7 if unit == "week" else 1))
        return Term.of_months(many * (12 if unit == "year" else 1))
    except InvalidInput:
        raise InvalidInput(path=name, expected="a length from 1 day to 100 years", got=describe(said)) from None


def _money(cells: Cells, name: str) -> Money | None:
    minor = _whole(cells, name)
    if minor is None:
        return None
    try:
        return Money(minor, cells["currency"].upper())
    except InvalidInput as problem:
        path = name if problem.path == "minor" else "currency"
        expected = str(problem.details["expected"])
        raise InvalidInput(path=path, expected=expected, got=str(problem.details["got"])) from None


def _address(cells: Cells) -> tuple[Address, ...]:
    if not any(cells[each] for each in ("street", "postcode", "city", "region", "country")):
        return ()
    try:
        return (
            Address(
                lines=(cells["street"],),
                postcode=cells["postcode"] or None,
                city=cells["city"] or None,
                region=cells["region"] or None,
                country=cells["country"].upper(),
            ),
        )
    except InvalidInput as problem:
        path = "street" if problem.path.startswith("lines") else problem.path
        expected = str(problem.details["expected"])
        raise InvalidInput(path=path, expected=expected, got=str(problem.details["got"])) from None


def _person(cells: Cells) -> PersonRow:
    return PersonRow(
        id=cells["id"],
        member_type=cells["member_type"] or "customer",
        given_name=cells["given_name"] or None,
        family_name=cells["family_name"] or None,
        known_as=cells["known_as"] or None,
        salutation=cells["salutation"] or None,
        birth_date=_day(cells, "birth_date"),
        language=cells["language"] or None,
        email=cells["email"] or None,
        phones=many(cells["phones"]),
        addresses=_address(cells),
        home_studio=cells["home_studio"] or None,
        guardian=cells["guardian"] or None,
        verified=_truth(cells, "verified", False),
        registered_on=_day(cells, "registered_on"),
    )


def _notice(cells: Cells) -> Notice:
    said = cells["notice"].lower()
    length = None if said == "none" else _term(cells, "notice", ", or none") or Term.of_months(1)
    mode = cells["notice_mode"].lower() or NoticeMode.END_OF_TERM.value
    if mode not in {each.value for each in NoticeMode}:
        raise InvalidInput(path="notice_mode", expected="end_of_term or from_receipt", got=describe(mode))
    return Notice(length=length, mode=NoticeMode(mode))


def _rate(cells: Cells) -> RateRow:
    renewal = cells["renewal"].lower() or "none"
    term = _term(cells, "term")
    if term is None:
        raise InvalidInput(path="term", expected="a length such as 12 months or 30 days", got="nothing")
    freezes = FreezePolicy(
        allowed=_truth(cells, "freezes", False),
        open_ended=_truth(cells, "freezes_open_ended", False),
        extends=_truth(cells, "freezes_extend", True),
    )
    extends = None if renewal in ("none", "open") else _term(cells, "renewal", ", or none, or open")
    terms = RateTerms(
        name=cells["name"] or cells["code"],
        term=term,
        minimum_term=_term(cells, "minimum_term"),
        renewal=Extends(extends) if extends else RunsOn() if renewal == "open" else EndsWithTerm(),
        initial_fee=_money(cells, "initial_fee"),
        fee=_money(cells, "fee"),
        fee_every=_term(cells, "fee_every"),
        notice=_notice(cells),
        freezes=freezes,
        cooling_off_days=_whole(cells, "cooling_off_days"),
        most_covered=_whole(cells, "most_covered") or 0,
    )
    return RateRow(cells["id"], cells["code"], terms, _truth(cells, "on_sale", True))


def _contract(cells: Cells) -> ContractRow:
    if not cells["studio"]:
        raise InvalidInput(path="studio", expected="a studio's code here, or one for all by --studio", got="nothing")
    return ContractRow(
        id=cells["id"],
        holder=cells["holder"],
        rate=cells["rate"],
        studio=cells["studio"],
        signed_on=_needed(cells, "signed_on"),
        start_on=_day(cells, "start_on"),
        covered=many(cells["covered"]),
        paid=_truth(cells, "paid", True),
        paid_on=_day(cells, "paid_on"),
    )


def _freeze(cells: Cells) -> FreezeRow:
    since, until = _needed(cells, "since"), _until(cells, "until")
    if cells["last_day"] and until is not None and until <= since:
        raise InvalidInput(path="last_day", expected="the first frozen day or a later one", got=cells["last_day"])
    return FreezeRow(cells["id"], cells["contract"], since, until, cells["reason"] or "other")


def _cancellation(cells: Cells) -> CancellationRow:
    effective_on = _until(cells, "effective_on")
    if effective_on is None:
        raise InvalidInput(path="effective_on", expected="a day here or in last_day", got="nothing in either")
    return CancellationRow(
        contract=cells["contract"],
        received_on=_needed(cells, "received_on"),
        effective_on=effective_on,
        reason=cells["reason"] or "other",
        extraordinary=_truth(cells, "extraordinary", False),
    )


FILES: Sequence[Table] = (
    Table(
        "people",
        "id",
        (
            Column("id", "the old system's id of the person", required=True),
            Column("member_type", "a member type of the organization; `customer`"),
            Column("given_name", "a text"),
            Column("family_name", "a text"),
            Column("known_as", "what they are called, where that is another name"),
            Column("salutation", "a text"),
            Column("birth_date", "a day"),
            Column("language", "a tag such as `en` or `pt-BR`"),
            Column("email", "an e-mail address, of nobody else"),
            Column("phones", "phone numbers, of nobody else, separated by `|`"),
            Column("street", "a line of the address; needed if anything else of it is there"),
            Column("postcode", "a text"),
            Column("city", "a text"),
            Column("region", "a text"),
            Column("country", "two letters, such as `GB`; needed if there is a street"),
            Column("home_studio", "a studio's code"),
            Column("guardian", "the old id of the person through whom a child is reached"),
            Column("verified", "`yes` or `no`: whether it is certain who they are; `no`"),
            Column("registered_on", "the day on which the old system came to know them"),
        ),
        _person,
    ),
    Table(
        "rates",
        "id",
        (
            Column("id", "the old system's id of the rate", required=True),
            Column("code", "what it is called here: small letters, digits, `_`, `.`, `-`", required=True),
            Column("name", "a text; the code"),
            Column("term", "the first term: `12 months`, `30 days`, `1 year`", required=True),
            Column("minimum_term", "for how long it cannot be left by notice; the first term"),
            Column("renewal", "`none`, `open`, or by how much it is extended: `1 month`; `none`"),
            Column("initial_fee", "in minor units (cents); none"),
            Column("fee", "in minor units, told to the host only; none"),
            Column("fee_every", "a length; none"),
            Column("currency", "of both fees, as in ISO 4217"),
            Column("notice", "a length, or `none`; `1 month`"),
            Column("notice_mode", "`end_of_term` or `from_receipt`; `end_of_term`"),
            Column("freezes", "`yes` or `no`: whether new ones are allowed; `no`"),
            Column("freezes_open_ended", "`yes` or `no`; `no`"),
            Column("freezes_extend", "`yes` or `no`: whether frozen days are added to the term; `yes`"),
            Column("cooling_off_days", "a whole number; none"),
            Column("most_covered", "how many may be on it beside the holder; 0"),
            Column("on_sale", "`yes` or `no`: whether it is still sold; `yes`"),
        ),
        _rate,
    ),
    Table(
        "contracts",
        "id",
        (
            Column("id", "the old system's id of the contract", required=True),
            Column("holder", "the old id of a person", required=True),
            Column("rate", "the old id of a rate", required=True),
            Column("studio", "a studio's code; the one of `--studio`"),
            Column("signed_on", "a day", required=True),
            Column("start_on", "the first day; the day of signing"),
            Column("covered", "old ids of who is on it beside the holder, separated by `|`"),
            Column("paid", "`yes` or `no`: whether the initial fee was paid; `yes`"),
            Column("paid_on", "when; the day of signing"),
        ),
        _contract,
    ),
    Table(
        "freezes",
        "id",
        (
            Column("id", "the old system's id of the freeze", required=True),
            Column("contract", "the old id of a contract", required=True),
            Column("since", "the first frozen day", required=True),
            Column("until", "the first day that is not frozen; without it and `last_day` it has no end"),
            Column("last_day", "the last frozen day, in the place of `until`"),
            Column("reason", "a code; `other`"),
        ),
        _freeze,
    ),
    Table(
        "cancellations",
        "contract",
        (
            Column("contract", "the old id of a contract", required=True),
            Column("received_on", "a day", required=True),
            Column("effective_on", "the first day on which it is not in force any more"),
            Column("last_day", "the last day on which it is, in the place of `effective_on`"),
            Column("reason", "a code; `other`"),
            Column("extraordinary", "`yes` or `no`; `no`"),
        ),
        _cancellation,
    ),
)
"""In the order in which they go in."""


class ColumnsDiffer(MemberLogicError):
    """The header of a file is not what it has to be; everything that is wrong with it is told at once."""

    code = "import.columns"
    sentence = "{file}: {problems}; the columns are {names}."


@contextmanager
def opened_csv(path: Path, table: Table) -> Iterator[tuple[Sequence[str], str, Iterator[Line]]]:
    """The header of a file, what separates its values, and its rows, read as they are asked for.

    Raises:
        FileUnreadable: naming the line, if the file cannot be read, or is no CSV in UTF-8.
        ColumnsDiffer: if columns are unknown, missing or there twice.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            delimiter, begins = _delimiter(file)
            rows = _rows(path, csv.reader(_sound(path, file, begins), strict=True, delimiter=delimiter), begins)
            _, first = next(rows, (begins, []))
            if not first:
                raise FileUnreadable(file=str(path), problem="its first line is empty, and has to name the columns")
            header = [_BETWEEN.sub("_", each.strip().lower()) for each in first]
            _require(path, table, header)
            yield header, delimiter, _lines(rows, table, header)
    except OSError as error:
        raise FileUnreadable(file=str(path), problem=error.strerror or type(error).__name__) from error


def _delimiter(file: TextIO) -> tuple[str, int]:
    """What separates the values, and in which line the file begins: after the one that Excel is told it by."""
    first = file.readline()
    if said := _SEPARATOR.fullmatch(first):
        return said[1], 2
    file.seek(0)
    return max(",;\t", key=first.count), 1


def _sound(path: Path, lines: Iterable[str], begins: int) -> Iterator[str]:
    """The lines, as long as they are UTF-8."""
    for number, line in enumerate(lines, begins):
        if not line.isascii() and _NO_UTF8.search(line):
            problem = f"line {number} is not in UTF-8; save it as CSV UTF-8 (in Excel: Save As, CSV UTF-8)"
            raise FileUnreadable(file=str(path), problem=problem)
        yield line


def _rows(path: Path, reader: Any, first: int) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows, each with the line in which it begins."""
    begins = first
    try:
        for values in reader:
            yield begins, values
            begins = reader.line_num + first
    except csv.Error as error:
        problem = f"in the row that begins in line {begins} a quote is not closed or stands alone ({error})"
        raise FileUnreadable(file=str(path), problem=problem) from error


def _require(path: Path, table: Table, header: Sequence[str]) -> None:
    names = [each.name for each in table.columns]
    said = [each for each in header if each and not each.startswith(OWN)]
    wrong = {
        "unknown": [each for each in said if each not in names],
        "there twice": [each for each in names if said.count(each) > 1],
        "missing": [each.name for each in table.columns if each.required and each.name not in said],
    }
    problems = [f"{what}: {', '.join(dict.fromkeys(columns))}" for what, columns in wrong.items() if columns]
    if problems:
        raise ColumnsDiffer(file=path.name, problems="; ".join(problems), names=names)


def _lines(rows: Iterator[tuple[int, Sequence[str]]], table: Table, header: Sequence[str]) -> Iterator[Line]:
    empty = {each.name: "" for each in table.columns}
    for number, values in rows:
        if any(each.strip() for each in values):
            said = {name: each.strip() for name, each in zip(header, values, strict=False)}
            yield Line(number, empty | said, values, _problem(values, header))


def _problem(values: Sequence[str], header: Sequence[str]) -> InvalidInput | None:
    """What is wrong with a row as a row. Beyond the header, and where it names no column, nothing may stand."""
    named = [each for each in header if each]
    beyond = [each for at, each in enumerate(values) if each.strip() and (at >= len(header) or not header[at])]
    if len(values) >= len(header) - len(_trailing(header)) and not beyond:
        return None
    hint = "; is a quote not closed?" if any("\n" in each or "\r" in each for each in values) else ""
    expected = f"as many values as the header has, {len(named)}{hint}"
    return InvalidInput(path="row", expected=expected, got=str(len(values)))


def _trailing(header: Sequence[str]) -> Sequence[str]:
    """The columns at the end that have no name."""
    return list(takewhile(lambda name: not name, reversed(header)))
