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

from attrs import frozen

from memberlogic.application import Handle
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.importing import NoSuchRecord, RowReject, RowsReport, reject
from memberlogic_sqlalchemy.cli.memberships_csv import FILES, OWN, Line, Table, many, opened_csv

__all__ = ["DependsOnRejected", "FileReport", "NothingToImport", "move_in"]


class NothingToImport(MemberLogicError):
    """The folder has none of the files."""

    code = "import.nothing"
    sentence = "There is nothing to import in {folder}: it has none of the files {files}."


class DependsOnRejected(RuleViolation):
    """It is mended with the row that it needs."""

    code = "import.depends_on_rejected"
    rule = "COM-19"
    sentence = "{field}: the row of this {kind} was rejected in this run, too."


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

    Args:
        studio: the code of the studio of contracts that name none.
        rejects: in which folder to write what did not go in.
        working: what shows how far it is: a context manager for the name of a file.
    """
    found = [each for each in FILES if (folder / f"{each.name}.csv").is_file()]
    if not found:
        raise NothingToImport(folder=str(folder), files=[f"{each.name}.csv" for each in FILES])
    _clear(folder, rejects)
    rejected: dict[str, set[str]] = {}
    reports = []
    for table in found:
        with working(f"{table.name}.csv") as progress:
            one = _File(table, folder, rejects, rejected, studio)
            reports.append(one.report(partial(_into, org, one, source, chunk, progress)))
    return reports


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
        file.flush()
        progress(count)

    return imports[file.table.name](rows, source=source, chunk=chunk, progress=done, on_reject=file.reject)


class _File:
    """One file on its way: which row of the stream stands where, and what was rejected."""

    def __init__(
        self,
        table: Table,
        folder: Path,
        rejects: Path | None,
        rejected: dict[str, set[str]],
        studio: str | None,
    ) -> None:
        self.table = table
        self._path = folder / f"{table.name}.csv"
        self._rejects = None if rejects is None else rejects / self._path.name
        self._ids = rejected.setdefault(table.name, set())
        self._rejected = rejected
        self._studio = studio
        self._stack = ExitStack()
        self._writer: Any = None
        self._header: Sequence[str] = ()
        self._lines: dict[int, Line] = {}
        self._given = 0
        self._waiting: list[tuple[Line, RowReject]] = []
        self._many = 0

    def report(self, into: Callable[[Iterator[Any]], RowsReport]) -> FileReport:
        """Import the rows; people whose guardian is another come after the others."""
        passes = [False, True] if self.table.name == "people" else [None]
        reports = []
        with self._stack:
            for guarded in passes:
                self._given = 0
                reports.append(into(self._rows(guarded)))
                self.flush()
        unread = self._many - sum(each.rejected for each in reports)
        return FileReport(
            file=self._path.name,
            rows=sum(each.rows for each in reports) + unread,
            imported=sum(each.imported for each in reports),
            skipped=sum(each.skipped for each in reports),
            rejected=self._many,
        )

    def _rows(self, guarded: bool | None) -> Iterator[Any]:
        with opened_csv(self._path, self.table) as (header, lines):
            self._header = header
            for line in lines:
                if guarded is not None and bool(line.cells["guardian"]) is not guarded:
                    continue
                try:
                    row = self._read(line)
                except InvalidInput as problem:
                    self._put(line, reject(line.number, problem))
                    continue
                self._given += 1
                self._lines[self._given] = line
                yield row

    def _read(self, line: Line) -> Any:
        if line.problem is not None:
            raise line.problem
        cells = line.cells
        if self._studio is not None and not cells.get("studio", "-"):
            cells = {**cells, "studio": self._studio}
        return self.table.row(cells)

    def reject(self, refused: RowReject) -> None:
        """Tell of a row that the rules did not take."""
        line = self._lines[refused.row]
        if refused.code == NoSuchRecord.code and refused.field is not None:
            refused = self._dependent(line, refused, refused.field)
        self._put(line, refused)

    def _dependent(self, line: Line, refused: RowReject, field: str) -> RowReject:
        """Whether a row names one that was rejected."""
        column, _, at = field.partition("[")
        kind = {"holder": "member", "covered": "member", "guardian": "member"}.get(column, column)
        named = many(line.cells[column])[int(at.rstrip("]"))] if at else line.cells[column]
        if named not in self._rejected.get(_KINDS.get(kind, ""), ()):
            return refused
        return reject(refused.row, DependsOnRejected(field=field, kind=kind), {DependsOnRejected.code: field})

    def _put(self, line: Line, refused: RowReject) -> None:
        self._many += 1
        self._ids.add(line.cells[self.table.id])
        self._waiting.append((line, refused))

    def flush(self) -> None:
        """The rows so far are done with: write those that did not go in, in their order."""
        self._lines.clear()
        for line, refused in sorted(self._waiting, key=lambda each: each[0].number):
            self._write(line, refused)
        self._waiting.clear()

    def _write(self, line: Line, refused: RowReject) -> None:
        if self._rejects is None:
            return
        own = [index for index, name in enumerate(self._header) if name.startswith(OWN)]
        if self._writer is None:
            file: TextIO = self._stack.enter_context(self._rejects.open("w", encoding="utf-8", newline=""))
            self._writer = csv.writer(file)
            kept = [name for index, name in enumerate(self._header) if index not in own]
            self._writer.writerow([*kept, f"{OWN}line", f"{OWN}field", f"{OWN}code", f"{OWN}sentence"])
        # What is beyond the header has no column to stand in; the sentence tells of it.
        said = [*line.raw, *[""] * (len(self._header) - len(line.raw))][: len(self._header)]
        cells = [each for index, each in enumerate(said) if index not in own]
        self._writer.writerow([*cells, line.number, refused.field or "", refused.code, refused.sentence])
