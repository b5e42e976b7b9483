"""PTS-15: drafting a journal: its lines come in as a stream, in chunks, each its own transaction. Nothing moves.
Drafted again under the same reference, the same lines answer the first result; a draft that broke off is begun anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from datetime import datetime
from itertools import islice
from uuid import UUID

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.errors import Conflict, InvalidInput, NotFound
from memberlogic.events import Event
from memberlogic.ids import AccountId, ExternalId, JournalId, NewId
from memberlogic.inputs import a_key, code, describe, require_callback
from memberlogic.jobs import Progress
from memberlogic.ledger.events import JournalDrafted
from memberlogic.ledger.journaling import malformed
from memberlogic.ledger.journals import Drafted, Journal, JournalLine, JournalRow, JournalState, LineProblem, WellFormed
from memberlogic.ledger.lifecycle import JOURNAL_STATES
from memberlogic.outcomes import Outcome

__all__ = ["Draft", "DraftJournal", "draft", "run"]

CHUNK = 1000
MOST_LINES = 100_000


@frozen(kw_only=True)
class DraftJournal:
    """Draft a journal of one unit under a reference."""

    reference: str = field(validator=a_key)
    unit: Unit = field(default=POINTS, validator=code("a unit"))


@frozen(kw_only=True)
class Draft:
    """Some rows of a stream, the first of which has a number; ``before`` is what the rows before them come to."""

    wanted: DraftJournal
    first: int
    rows: Sequence[object]
    before: str
    after: str
    last: bool

    @property
    def named(self) -> Sequence[ExternalId]:
        """The accounts that are named by an external id."""
        rows = [row for row in self.rows if isinstance(row, JournalRow)]
        named = [each for row in rows for each in (row.account, row.target) if isinstance(each, ExternalId)]
        return list(dict.fromkeys(named))


class JournalDiffers(Conflict):
    """The same reference, other lines."""

    code = "journal.differs"
    rule = "PTS-15"
    sentence = "The journal {reference} is {state} with other lines; lines that differ need a reference of their own."


class JournalBeingDrafted(Conflict):
    """Two draft it at once."""

    code = "journal.being_drafted"
    rule = "PTS-15"
    sentence = "The journal {reference} is being drafted by somebody else as well; draft it again when that is over."


def draft(
    chunk: Draft,
    journal: Journal | None,
    accounts: Mapping[ExternalId, AccountId],
    actor: Actor,
    now: datetime,
    new_id: NewId,
) -> Outcome[Drafted | None, Event, Journal]:
    """Add some rows to a journal, or find that they are in it. ``journal`` is what stands under the reference.

    Raises:
        JournalDiffers: if the journal is complete with other lines.
        JournalBeingDrafted: if rows came in between.
    """
    if journal is not None and journal.state is not JournalState.DRAFTING:
        if chunk.last and (journal.digest, journal.unit) != (chunk.after, chunk.wanted.unit):
            raise JournalDiffers(reference=journal.reference, state=journal.state.value)
        return Outcome(None, (), journal)
    begins = journal is None or chunk.first == 1
    before = _empty(journal, chunk, actor, now, new_id) if begins or journal is None else journal
    if before.digest != chunk.before:
        raise JournalBeingDrafted(reference=before.reference)
    lines = tuple(_line(number, row, accounts) for number, row in enumerate(chunk.rows, chunk.first))
    after = evolve(
        before,
        digest=chunk.after,
        lines=before.lines + len(lines),
        malformed=before.malformed + sum(1 for line in lines if line.problem is not None),
    )
    if chunk.last:
        after = evolve(after, state=JOURNAL_STATES.after(after.state, "complete"))
    events = (JournalDrafted(journal=after.id, unit=after.unit, lines=after.lines),) if chunk.last else ()
    return Outcome(Drafted(after, lines, anew=journal is not None and chunk.first == 1), events, after)


def _empty(journal: Journal | None, chunk: Draft, actor: Actor, now: datetime, new_id: NewId) -> Journal:
    """The journal without lines; begun anew, it keeps its id."""
    return Journal(
        id=JournalId(new_id()) if journal is None else journal.id,
        reference=chunk.wanted.reference,
        unit=chunk.wanted.unit,
        state=JOURNAL_STATES.initial,
        digest=chunk.before,
        lines=0,
        malformed=0,
        drafted_by=actor.label,
        drafted_at=now,
    )


def _line(number: int, row: object, accounts: Mapping[ExternalId, AccountId]) -> JournalLine:
    try:
        return JournalLine(number=number, said=_well_formed(row, accounts))
    except InvalidInput as problem:
        wrong = malformed(number, problem)
    except NotFound as problem:
        wrong = LineProblem(number, str(problem.details["kind"]), problem.code, problem.message)
    return JournalLine(number=number, said=None, problem=wrong)


def _well_formed(row: object, accounts: Mapping[ExternalId, AccountId]) -> WellFormed:
    if not isinstance(row, JournalRow):
        raise InvalidInput(path="row", expected="a JournalRow", got=describe(row))
    account = _account(row.account, "account", accounts)
    target = None if row.target is None else _account(row.target, "target", accounts)
    return WellFormed(
        kind=row.kind,
        account=account,
        points=row.points,
        target=target,
        reason=row.reason,
        reference=row.reference,
        expires_at=row.expires_at,
    )


def _account(said: object, path: str, accounts: Mapping[ExternalId, AccountId]) -> AccountId:
    if isinstance(said, ExternalId):
        if said not in accounts:
            raise NotFound(kind=path, id=said)
        return accounts[said]
    if not isinstance(said, UUID):
        raise InvalidInput(path=path, expected="an id or an ExternalId", got=describe(said))
    return AccountId(said)


def run(
    rows: Iterable[JournalRow],
    wanted: DraftJournal,
    do: Callable[[Draft], Journal],
    *,
    progress: Progress | None = None,
) -> Journal:
    """Cut a stream into chunks and draft them one by one.

    Raises:
        InvalidInput: for rows that cannot be gone through, or too many of them.
    """
    if not isinstance(rows, Iterable):
        raise InvalidInput(path="rows", expected="rows of a journal", got=describe(rows))
    require_callback(progress, "progress")
    if isinstance(rows, Sized) and len(rows) > MOST_LINES:
        raise _too_many()
    for chunk in _chunks(iter(rows), wanted):
        journal = do(chunk)
        if progress is not None:
            progress(chunk.first + len(chunk.rows) - 1)
    return journal


def _chunks(rows: Iterator[object], wanted: DraftJournal) -> Iterator[Draft]:
    first, digest, some = 1, "", list(islice(rows, CHUNK))
    while True:
        if first + len(some) - 1 > MOST_LINES:
            raise _too_many()
        following = list(islice(rows, CHUNK))
        after = hashlib.sha256("\n".join([digest, *map(_content, some)]).encode()).hexdigest()
        yield Draft(wanted=wanted, first=first, rows=some, before=digest, after=after, last=not following)
        if not following:
            return
        first, digest, some = first + len(some), after, following


def _too_many() -> InvalidInput:
    return InvalidInput(path="rows", expected=f"at most {MOST_LINES} lines", got="more")


def _content(row: object) -> str:
    """What a row says, for the digest: an enum, id or instant as the text it is stored as."""
    return repr([str(each) for each in row]) if isinstance(row, tuple) else describe(row)
