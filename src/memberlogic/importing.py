"""Bringing in what another system knows: a stream of rows of any length in chunks, each its own transaction. A bad row
is told with its number and reason while the good ones go in; one that is in already is skipped, by the other system's
id (COM-19), so that what was interrupted is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Generic, TypeVar

from attrs import field, frozen

from memberlogic.errors import Conflict, InvalidInput, MemberLogicError, NotFound
from memberlogic.ids import ExternalId
from memberlogic.inputs import code, describe, require_callback, whole
from memberlogic.jobs import Progress

__all__ = [
    "Formed",
    "ImportRows",
    "NoSuchRecord",
    "RowChanged",
    "RowReject",
    "RowsImported",
    "RowsReport",
    "external_id",
    "formed",
    "in_chunks",
    "reject",
    "run",
]

F = TypeVar("F")
_NO_FIELDS: Mapping[str, str] = {}
_SHOWN = 1000
"""How many rejected rows a report keeps; a callback is told of all."""


class RowChanged(Conflict):
    """What is in stays as it is: what the row says now is told to the services, if it is right."""

    code = "import.row_changed"
    rule = "COM-19"
    sentence = (
        "The {kind} is in already, and what the row says of {fields} is not what is on file; nothing was changed."
    )

    def __init__(self, *, kind: str, fields: Sequence[str]) -> None:
        super().__init__(kind=kind, fields=list(fields))
        self.first = fields[0]


class NoSuchRecord(NotFound):
    """A row names a record that is not in. Whose id that is, is not repeated."""

    code = "import.no_such_record"
    rule = "COM-19"
    sentence = "{field}: there is no {kind} with this id here."

    def __init__(self, *, kind: str, field: str) -> None:
        MemberLogicError.__init__(self, kind=kind, field=field)


@frozen(kw_only=True)
class ImportRows:
    """Import rows of a source, so many in a transaction."""

    source: str = field(validator=code("a source"))
    chunk: int = field(default=1000, validator=whole(least=1, most=5_000))


@frozen
class RowReject:
    """A row that did not go in: its number in the stream, from 1, the field if one is wrong, and the reason's code and
    sentence. Neither repeats what the row says.
    """

    row: int
    field: str | None
    code: str
    sentence: str


@frozen(kw_only=True)
class RowsImported:
    """What became of the rows of a chunk."""

    rows: int
    imported: int
    skipped: int
    rejects: tuple[RowReject, ...]


@frozen(kw_only=True)
class RowsReport:
    """What became of a stream: ``skipped`` rows were in already; of the rejected the first thousand are named."""

    rows: int = 0
    imported: int = 0
    skipped: int = 0
    rejected: int = 0
    rejects: tuple[RowReject, ...] = ()

    def with_chunk(self, chunk: RowsImported) -> RowsReport:
        """The report after one more chunk."""
        return RowsReport(
            rows=self.rows + chunk.rows,
            imported=self.imported + chunk.imported,
            skipped=self.skipped + chunk.skipped,
            rejected=self.rejected + len(chunk.rejects),
            rejects=(*self.rejects, *chunk.rejects[: _SHOWN - len(self.rejects)]),
        )


@frozen
class Formed(Generic[F]):
    """The rows of a chunk whose form is well, by their numbers; the others are rejects already."""

    rows: int
    formed: Mapping[int, F]
    rejects: tuple[RowReject, ...]

    def decide(
        self, take: Callable[[int, F], bool], rejected: Callable[[int, MemberLogicError], RowReject]
    ) -> RowsImported:
        """Take the rows in order, and tell what became of the chunk.

        Args:
            take: takes a row in, and answers whether it was new; what it raises refuses the row.
            rejected: how a row that was refused is told.
        """
        rejects, imported, skipped = [*self.rejects], 0, 0
        for number, row in self.formed.items():
            try:
                new = take(number, row)
            except MemberLogicError as refusal:
                rejects.append(rejected(number, refusal))
                continue
            imported, skipped = imported + new, skipped + (not new)
        told = tuple(sorted(rejects, key=lambda each: each.row))
        return RowsImported(rows=self.rows, imported=imported, skipped=skipped, rejects=told)


def formed(first: int, rows: Sequence[object], form: Callable[[object], F]) -> Formed[F]:
    """Look at the form of rows, the first of which has a number."""
    found: dict[int, F] = {}
    rejects: list[RowReject] = []
    for number, row in enumerate(rows, first):
        try:
            found[number] = form(row)
        except MemberLogicError as problem:
            rejects.append(reject(number, problem))
    return Formed(len(rows), found, tuple(rejects))


def in_chunks(rows: Iterable[object], size: int) -> Iterator[tuple[int, Sequence[object]]]:
    """Chunks of a stream, each with the number of its first row; an empty stream is one empty chunk, which may still be
    refused.

    Raises:
        InvalidInput: for what is no stream.
    """
    if not isinstance(rows, Iterable):
        raise InvalidInput(path="rows", expected="rows to import", got=describe(rows))
    stream, first = iter(rows), 1
    while True:
        some = list(islice(stream, size))
        if some or first == 1:
            yield first, some
        if len(some) < size:
            return
        first += len(some)


def run(
    rows: Iterable[object],
    wanted: ImportRows,
    do: Callable[[int, Sequence[object]], RowsImported],
    *,
    progress: Progress | None,
    on_reject: Callable[[RowReject], None] | None,
) -> RowsReport:
    """Cut a stream into chunks and do them one by one. What is done stays done, whatever comes after."""
    require_callback(progress, "progress")
    require_callback(on_reject, "on_reject")
    report = RowsReport()
    for first, some in in_chunks(rows, wanted.chunk):
        imported = do(first, some)
        report = report.with_chunk(imported)
        for each in imported.rejects if on_reject is not None else ():
            on_reject(each)  # type: ignore[misc]
        if progress is not None:
            progress(report.rows)
    return report


def external_id(source: str, value: object, path: str) -> ExternalId:
    """The other system's id of a record.

    Raises:
        InvalidInput: naming the field of the row.
    """
    if isinstance(value, ExternalId):
        return value
    try:
        return ExternalId(source, value)  # type: ignore[arg-type]
    except InvalidInput as problem:
        raise InvalidInput(path=path, expected=str(problem.details["expected"]), got=describe(value)) from None


def reject(number: int, refusal: MemberLogicError, fields: Mapping[str, str] = _NO_FIELDS) -> RowReject:
    """A row that was refused, with the field that is wrong: that of the refusal, else the one that ``fields`` says of
    its code.
    """
    match refusal:
        case InvalidInput():
            path: str | None = refusal.path
        case NoSuchRecord():
            path = str(refusal.details["field"])
        case RowChanged():
            path = refusal.first
        case _:
            path = fields.get(refusal.code)
    return RowReject(number, path, refusal.code, str(refusal))
