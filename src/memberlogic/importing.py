"""Bringing in what another system knows: a stream of rows of any length in chunks, each its own transaction. A bad row
is told with its number and reason while the good ones go in; one that is in already is skipped, by the other system's
id (COM-19), so that what was interrupted is simply run again.

The first row of an id counts. Once it was rejected, no later one of that id goes in: which of them is meant is for
people to say, and whatever names the id would be another's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from attrs import field, frozen

from memberlogic.errors import Conflict, InvalidInput, MemberLogicError, NotFound, RuleViolation
from memberlogic.ids import ExternalId
from memberlogic.inputs import code, describe, require_callback, whole
from memberlogic.jobs import Progress

__all__ = [
    "DependsOnRejected",
    "Formed",
    "IdRejected",
    "ImportRows",
    "NoSuchRecord",
    "Portion",
    "RefusedRow",
    "RowChanged",
    "RowReject",
    "RowsImported",
    "RowsReport",
    "by_code",
    "external_id",
    "formed",
    "in_chunks",
    "reject",
    "run",
]

F = TypeVar("F")
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


class DependsOnRejected(RuleViolation):
    """It is mended with the row that it needs."""

    code = "import.depends_on_rejected"
    rule = "COM-19"
    sentence = "{field}: the row of this {kind} was rejected in this run, too."


class IdRejected(RuleViolation):
    """Which of two rows is meant is for people to say."""

    code = "import.id_rejected"
    rule = "COM-19"
    sentence = "{field}: a row of this id was rejected before in this run; only one of the two can go in."


class RefusedRow(NamedTuple):
    """A row that its reader cannot vouch for, such as one with a day that no calendar has, in the place of what would
    be taken: it is rejected as what ``refusal`` says, and so are later rows of its id. One with a ``row`` is looked at
    as ever if its id is in already.
    """

    id: object
    refusal: MemberLogicError
    row: object = None


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
class Portion:
    """Rows of a stream that go in together: the number of the first, and which ids were rejected before."""

    source: str
    first: int
    rows: Sequence[object]
    refused: Collection[ExternalId] = ()


@frozen(kw_only=True)
class RowsImported:
    """What became of the rows of a chunk, and the ids of those that were rejected."""

    rows: int
    imported: int
    skipped: int
    rejects: tuple[RowReject, ...]
    refused: tuple[ExternalId, ...]


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


@frozen(kw_only=True)
class Formed(Generic[F]):
    """The rows of a chunk by their numbers: those whose form is well, and what is wrong with the others."""

    key: str
    """What the column is called by which a row is known."""
    portion: Portion
    ids: Mapping[int, ExternalId]
    formed: Mapping[int, F]
    problems: Mapping[int, MemberLogicError]

    def decide(
        self,
        known: Collection[ExternalId],
        *,
        take: Callable[[int, F], None],
        require_same: Callable[[F], None],
        fields: Callable[[MemberLogicError], str | None],
    ) -> RowsImported:
        """Take the rows in order, and tell what became of the chunk.

        Args:
            known: the ids that are in; ``take`` adds to them.
            take: takes a row in; what it raises refuses the row.
            require_same: looks at one that is in already, and raises if it says something else than what is on file.
            fields: which field is wrong, of refusals that do not say so themselves.
        """
        rejects: list[RowReject] = []
        refused: dict[ExternalId, None] = {}
        skipped = 0
        for number in range(self.portion.first, self.portion.first + len(self.portion.rows)):
            row, id, problem = self.formed.get(number), self.ids.get(number), self.problems.get(number)
            try:
                if row is not None and id in known:
                    require_same(row)
                    skipped += 1
                    continue
                if problem is not None:
                    raise problem
                if id in refused or id in self.portion.refused:
                    raise IdRejected(field=self.key)
                take(number, self.formed[number])
            except MemberLogicError as refusal:
                rejects.append(reject(number, refusal, fields(refusal)))
                if id is not None:
                    refused[id] = None
        rows = len(self.portion.rows)
        return RowsImported(
            rows=rows,
            imported=rows - skipped - len(rejects),
            skipped=skipped,
            rejects=tuple(rejects),
            refused=tuple(refused),
        )


def formed(portion: Portion, form: Callable[[object], F], *, key: str = "id") -> Formed[F]:
    """Look at the form of rows, known by the id in a column."""
    ids: dict[int, ExternalId] = {}
    found: dict[int, F] = {}
    problems: dict[int, MemberLogicError] = {}
    for number, given in enumerate(portion.rows, portion.first):
        refused = given if isinstance(given, RefusedRow) else None
        row = given if refused is None else refused.row
        with suppress(InvalidInput):
            ids[number] = external_id(portion.source, getattr(given, key if refused is None else "id", None), key)
        if refused is not None:
            problems[number] = _refusal(refused)
        try:
            if refused is None or row is not None:
                found[number] = form(row)
        except MemberLogicError as problem:
            problems.setdefault(number, problem)
    return Formed(key=key, portion=portion, ids=ids, formed=found, problems=problems)


def _refusal(row: RefusedRow) -> MemberLogicError:
    given: object = row.refusal
    if isinstance(given, MemberLogicError):
        return given
    return InvalidInput(path="refusal", expected="a MemberLogicError", got=describe(given))


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
    do: Callable[[Portion], RowsImported],
    *,
    progress: Progress | None,
    on_reject: Callable[[RowReject], None] | None,
) -> RowsReport:
    """Cut a stream into chunks and do them one by one. What is done stays done, whatever comes after. What is kept of
    the chunks before is which ids were rejected.
    """
    require_callback(progress, "progress")
    require_callback(on_reject, "on_reject")
    report, refused = RowsReport(), set[ExternalId]()
    for first, some in in_chunks(rows, wanted.chunk):
        imported = do(Portion(source=wanted.source, first=first, rows=some, refused=refused))
        report = report.with_chunk(imported)
        refused.update(imported.refused)
        for each in imported.rejects if on_reject is not None else ():
            on_reject(each)  # type: ignore[misc]
        if progress is not None:
            progress(report.rows)
    return report


def by_code(fields: Mapping[str, str]) -> Callable[[MemberLogicError], str | None]:
    """Which field is wrong, by the code of the refusal."""
    return lambda refusal: fields.get(refusal.code)


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


def reject(number: int, refusal: MemberLogicError, field: str | None = None) -> RowReject:
    """A row that was refused, with the field that is wrong: that of the refusal, if it says so, else ``field``."""
    match refusal:
        case InvalidInput():
            path: str | None = refusal.path
        case NoSuchRecord() | DependsOnRejected() | IdRejected():
            path = str(refusal.details["field"])
        case RowChanged():
            path = refusal.first
        case _:
            path = field
    return RowReject(number, path, refusal.code, str(refusal))
