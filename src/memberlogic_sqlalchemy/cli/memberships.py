"""Moving a club in: the files of a folder through the public services, one after the other, and what did not go in to
files of the same form.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from attrs import evolve, frozen

from memberlogic.application import Handle
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.importing import (
    DependsOnRejected,
    ImportRows,
    NoSuchRecord,
    RefusedRow,
    RowReject,
    RowsReport,
    reject,
)
from memberlogic.members.importing import NoGuardian
from memberlogic_sqlalchemy.cli.journey import FileUnreadable
from memberlogic_sqlalchemy.cli.memberships_csv import FILES, OWN, Line, Table, many, opened_csv

__all__ = ["FileReport", "NothingToImport", "move_in"]


class NothingToImport(MemberLogicError):
    """The folder has none of the files."""

    code = "import.nothing"
    sentence = "There is nothing to import in {folder}: it has none of the files {files}."


@frozen
class FileReport:
    """What became of a file."""

    file: str
    rows: int
    imported: int
    skipped: int
    rejected: int


_KINDS = {"member": "people", "rate": "rates", "contract": "contracts"}
"""In which file a kind of record stands that rows of others name."""


def move_in(
    org: Handle,
    folder: Path,
    *,
    source: str,
    studio: str | None,
    chunk: int,
    rejects: Path | None,
    working: Callable[[str], Any],
) -> Sequence[FileReport]:
    """Import the files of a folder.

    Everything is looked at first that can be wrong with the folder as a whole, so that what is mistyped or cut off
    stops it before anything went in.

    Args:
        studio: the code of the studio of contracts that name none.
        rejects: in which folder to write what did not go in.
        working: what shows how far it is: a context manager for the name of a file.
    """
    ImportRows(source=source, chunk=chunk)
    _require_studio(org, studio)
    found = [(each, path) for each in FILES if (path := _file(folder, each)) is not None]
    if not found:
        raise NothingToImport(folder=str(folder), files=[f"{each.name}.csv" for each in FILES])
    for table, path in found:
        with opened_csv(path, table) as (_, _, lines):
            for _ in lines:
                pass
    _clear(folder, rejects)
    rejected: dict[str, set[str]] = {}
    reports = []
    for table, path in found:
        with working(f"{table.name}.csv") as progress:
            one = _File(table, path, rejects, rejected, studio)
            reports.append(one.report(partial(_into, org, one, source, chunk, progress)))
    return reports


def _file(folder: Path, table: Table) -> Path | None:
    """The file of a table, also ``People.CSV``; one that is there twice is for people to choose from."""
    name = f"{table.name}.csv"
    found = sorted(each for each in folder.iterdir() if each.name.lower() == name and each.is_file())
    if len(found) > 1:
        raise FileUnreadable(file=str(found[0]), problem=f"{found[1].name} is there, too; keep one of them")
    return found[0] if found else None


def _require_studio(org: Handle, studio: str | None) -> None:
    codes = [each.code for each in org.settings.studios()]
    if studio is not None and studio not in codes:
        expected = f"the code of a studio here ({', '.join(codes) or 'there is none yet'})"
        raise InvalidInput(path="--studio", expected=expected, got=repr(studio))


def _clear(folder: Path, rejects: Path | None) -> None:
    """Rejects of a run before are not those of this one."""
    if rejects is None:
        return
    if rejects.resolve() == folder.resolve():
        raise InvalidInput(path="rejects", expected="another folder than the one that is imported", got="the same")
    rejects.mkdir(parents=True, exist_ok=True)
    for each in FILES:
        (rejects / f"{each.name}.csv").unlink(missing_ok=True)


def _into(
    org: Handle, file: _File, source: str, chunk: int, progress: Callable[[int], None], rows: Iterator[Any]
) -> RowsReport:
    imports: dict[str, Callable[..., RowsReport]] = {
        "people": org.members.import_people,
        "rates": org.contracts.import_rates,
        "contracts": org.contracts.import_contracts,
        "freezes": org.contracts.import_freezes,
        "cancellations": org.contracts.import_cancellations,
    }

    def done(count: int) -> None:
        file.forget()
        progress(count)

    return imports[file.table.name](rows, source=source, chunk=chunk, progress=done, on_reject=file.reject)


class _File:
    """One file on its way: which row of the stream stands where, and what was rejected."""

    def __init__(
        self,
        table: Table,
        path: Path,
        rejects: Path | None,
        rejected: dict[str, set[str]],
        studio: str | None,
    ) -> None:
        self.table = table
        self._path = path
        self._name = f"{table.name}.csv"
        self._rejects = None if rejects is None else rejects / self._name
        self._ids = rejected.setdefault(table.name, set())
        self._rejected = rejected
        self._studio = studio
        self._stack = ExitStack()
        self._writer: Any = None
        self._header: Sequence[str] = ()
        self._delimiter = ","
        self._lines: dict[int, Line] = {}
        self._given = 0

    def report(self, into: Callable[[Iterator[Any]], RowsReport]) -> FileReport:
        """Import the rows."""
        with self._stack:
            done = into(self._rows())
        return FileReport(
            file=self._name, rows=done.rows, imported=done.imported, skipped=done.skipped, rejected=done.rejected
        )

    def _rows(self) -> Iterator[Any]:
        """The rows in the order in which they go in: people with a guardian after the others."""
        for later in (False, True) if self.table.name == "people" else (None,):
            with opened_csv(self._path, self.table) as (header, delimiter, lines):
                self._header, self._delimiter = header, delimiter
                for line in lines if later is None else _of_people(lines, later):
                    self._given += 1
                    self._lines[self._given] = line
                    yield self._row(line)

    def _row(self, line: Line) -> Any:
        """What the services take of a row; one that cannot be read, with its reason."""
        id, cells = line.cells[self.table.id], line.cells
        if line.problem is not None:
            return RefusedRow(id, line.problem)
        if self._studio is not None and not cells.get("studio", "-"):
            cells = {**cells, "studio": self._studio}
        try:
            row = self.table.row(cells)
        except InvalidInput as problem:
            return RefusedRow(id, problem)
        if cells.get("rate") in self._rejected.get("rates", ()):
            # The rate may be in, on other terms: what was sold is for people to say.
            return RefusedRow(id, DependsOnRejected(field="rate", kind="rate"), row)
        return row

    def reject(self, refused: RowReject) -> None:
        """Tell of a row that did not go in."""
        line = self._lines[refused.row]
        if refused.code in (NoSuchRecord.code, NoGuardian.code) and refused.field is not None:
            refused = self._dependent(line, refused, refused.field)
        if refused.field in ("until", "effective_on") and line.cells["last_day"]:
            # The column that says it in this row.
            refused = evolve(refused, field="last_day")
        self._ids.add(line.cells[self.table.id])
        self._write(line, refused)

    def _dependent(self, line: Line, refused: RowReject, field: str) -> RowReject:
        """Whether a row names one that was rejected."""
        column, _, at = field.partition("[")
        kind = {"holder": "member", "covered": "member", "guardian": "member"}.get(column, column)
        named = many(line.cells[column])[int(at.rstrip("]"))] if at else line.cells[column]
        if named not in self._rejected.get(_KINDS.get(kind, ""), ()):
            return refused
        return reject(refused.row, DependsOnRejected(field=field, kind=kind))

    def forget(self) -> None:
        """The rows so far are done with."""
        self._lines.clear()

    def _write(self, line: Line, refused: RowReject) -> None:
        if self._rejects is None:
            return
        own = [index for index, name in enumerate(self._header) if name.startswith(OWN)]
        if self._writer is None:
            # As a spreadsheet opens it right that wrote a file with these separators.
            file: TextIO = self._stack.enter_context(self._rejects.open("w", encoding="utf-8-sig", newline=""))
            self._writer = csv.writer(file, delimiter=self._delimiter)
            kept = [name for index, name in enumerate(self._header) if index not in own]
            self._writer.writerow([*kept, f"{OWN}line", f"{OWN}field", f"{OWN}code", f"{OWN}sentence"])
        # What is beyond the header has no column to stand in; the sentence tells of it.
        said = [*line.raw, *[""] * (len(self._header) - len(line.raw))][: len(self._header)]
        cells = [each for index, each in enumerate(said) if index not in own]
        self._writer.writerow([*cells, line.number, refused.field or "", refused.code, refused.sentence])


def _of_people(lines: Iterator[Line], later: bool) -> Iterator[Line]:
    """Those who have no guardian, or ``later`` those who have one, whom the others may be. Rows of an id keep their
    order: a row that comes after one with a guardian waits with it. The ids of those with one are what is kept of the
    file.
    """
    guarded = set[str]()
    for line in lines:
        if line.cells["guardian"]:
            guarded.add(line.cells["id"])
        if (line.cells["id"] in guarded) is later:
            yield line
