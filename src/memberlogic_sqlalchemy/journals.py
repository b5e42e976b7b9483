"""Journals in tables (PTS-15): what is drafted, in batches, and which entry each line became."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, EntryId, JournalId
from memberlogic.ledger.journals import (
    Drafted,
    Journal,
    JournalLine,
    JournalState,
    LineKind,
    LineProblem,
    WellFormed,
)
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import Column, ColumnElement, and_, bindparam, case, delete, func, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlJournals"]

_j, _l, _je, _a = tables.journals.c, tables.journal_lines.c, tables.journal_entries.c, tables.accounts.c
_mine = _j.organization_id == bindparam("organization", type_=_j.organization_id.type)
_row = select(*(column for column in tables.journals.columns if column.name != "organization_id"))
_by_id = _row.where(_mine, _j.id == bindparam("id_", type_=_j.id.type))
_by_reference = _row.where(_mine, _j.reference == bindparam("reference_", type_=_j.reference.type))
_GET = Statement(_by_id, "organization", "id_")
_LOCK = Statement(_by_id.with_for_update(), "organization", "id_")
_FIND = Statement(_by_reference, "organization", "reference_")
_FIND_LOCKED = Statement(_by_reference.with_for_update(), "organization", "reference_")
_page = _row.where(_mine, _j.id > bindparam("after", type_=_j.id.type)).order_by(_j.id).limit(bindparam("limit"))
_PAGE = Statement(_page, "organization", "after", "limit")
_IN_STATE = Statement(
    _page.where(_j.state == bindparam("state_", type_=_j.state.type)), "organization", "after", "limit", "state_"
)
_ADD = inserting(tables.journals)
_ADD_LINE = inserting(tables.journal_lines)
_ADD_ENTRY = inserting(tables.journal_entries)
_CHANGED = (
    "unit",
    "state",
    "digest",
    "line_count",
    "malformed",
    "drafted_by",
    "drafted_at",
    "entry_count",
    "posted_by",
)
_STAND = Statement(
    update(tables.journals)
    .values({name: bindparam(f"new_{name}", type_=_j[name].type) for name in (*_CHANGED, "posted_at")})
    .where(_mine, _j.id == bindparam("id_", type_=_j.id.type)),
    *(f"new_{name}" for name in (*_CHANGED, "posted_at")),
    "organization",
    "id_",
)
_of_journal = (
    _l.organization_id == bindparam("organization", type_=_l.organization_id.type),
    _l.journal_id == bindparam("journal", type_=_l.journal_id.type),
)
_CLEAR = Statement(delete(tables.journal_lines).where(*_of_journal), "organization", "journal")
_from, _to = tables.accounts.alias("source"), tables.accounts.alias("target")


def _led(named: Column[Any], account: Any) -> ColumnElement[Any]:
    """The account that a line names, or the one that it leads to while nothing was posted of the line."""
    return case((_je.entry_id.is_(None), func.coalesce(account.c.merged_into_id, named)), else_=named)


_LINES = Statement(
    select(
        _l.number,
        _l.kind,
        _led(_l.account_id, _from),
        _l.points,
        _led(_l.target_id, _to),
        _l.reason,
        _l.reference,
        _l.expires_at,
        _l.problem_field,
        _l.problem_code,
        _l.problem_text,
        _je.entry_id,
    )
    .select_from(
        tables.journal_lines.outerjoin(
            tables.journal_entries,
            and_(
                _je.organization_id == _l.organization_id,
                _je.journal_id == _l.journal_id,
                _je.number == _l.number,
            ),
        )
        .outerjoin(_from, and_(_from.c.organization_id == _l.organization_id, _from.c.id == _l.account_id))
        .outerjoin(_to, and_(_to.c.organization_id == _l.organization_id, _to.c.id == _l.target_id))
    )
    .where(*_of_journal, _l.number > bindparam("after", type_=_l.number.type))
    .order_by(_l.number)
    .limit(bindparam("limit")),
    "organization",
    "journal",
    "after",
    "limit",
)
_named = (
    select(_l.account_id).where(*_of_journal).union(select(_l.target_id).where(*_of_journal, _l.target_id.is_not(None)))
)
_LOCK_ACCOUNTS = Statement(
    select(_a.id, _a.effective_at)
    .where(
        _a.organization_id == bindparam("organization", type_=_a.organization_id.type),
        _a.id.in_(select(_named.subquery("named").c.account_id)),
    )
    .order_by(_a.id)
    .with_for_update(key_share=True),
    "organization",
    "journal",
)


class SqlJournals:
    """The port ``Journals``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._stored: set[JournalId] = set()
        self._became: list[tuple[Any, ...]] = []

    def get(self, id: JournalId) -> Journal:
        """One journal."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        return self._one(rows, id)

    def locked(self, id: JournalId) -> Journal:
        """One journal, locked."""
        (rows,) = self._uow.lock((_LOCK, (self._uow.org, self._uow.codec.id_in(id))))
        return self._one(rows, id)

    def find(self, reference: str) -> Journal:
        """The journal of a reference."""
        (rows,) = self._uow.ask((_FIND, (self._uow.org, reference)))
        return self._one(rows, reference)

    def drafted(self, reference: str) -> Journal | None:
        """The journal of a reference, locked, if there is one."""
        (rows,) = self._uow.lock((_FIND_LOCKED, (self._uow.org, reference)))
        return self._one(rows, reference) if rows else None

    def _one(self, rows: Sequence[Any], id: object) -> Journal:
        for row in rows:
            journal = self._journal(row)
            self._stored.add(journal.id)
            return journal
        raise NotFound(kind="journal", id=id)

    def draft(self, drafted: Drafted | None) -> None:
        """Queue a journal with new lines."""
        if drafted is None:
            return
        journal = drafted.journal
        if journal.id in self._stored:
            self.stand(journal)
        else:
            id, *rest = self._values(journal)
            self._uow.queue(_ADD, (self._uow.org, id, journal.reference, *rest))
        if drafted.anew:
            self._uow.queue(_CLEAR, (self._uow.org, self._uow.codec.id_in(journal.id)))
        if drafted.lines:
            self._uow.queue_all(_ADD_LINE, [self._line_row(journal.id, line) for line in drafted.lines])

    def stand(self, journal: Journal) -> None:
        """Queue what became of a journal."""
        id, *rest = self._values(journal)
        self._uow.queue(_STAND, (*rest, self._uow.org, id))

    def register(self, journal: JournalId, became: Sequence[tuple[int, EntryId]]) -> None:
        """Queue which entries lines became."""
        id_in, org = self._uow.codec.id_in, self._uow.org
        id = id_in(journal)
        self._became += [(org, id, number, id_in(entry)) for number, entry in became]

    def write(self) -> None:
        """Queue what names entries, which are queued by now."""
        if self._became:
            self._uow.queue_all(_ADD_ENTRY, self._became)
            self._became = []

    def lines(self, journal: JournalId, *, after: int = 0, limit: int) -> Sequence[JournalLine]:
        """The next lines of a journal."""
        (rows,) = self._uow.ask((_LINES, (self._uow.org, self._uow.codec.id_in(journal), after, limit)))
        return [self._line(row) for row in rows]

    def page(self, state: JournalState | None, *, after: JournalId | None, limit: int) -> Sequence[Journal]:
        """The next journals."""
        row = (self._uow.org, self._uow.codec.id_in(after or UUID(int=0)), limit)
        (rows,) = self._uow.ask((_PAGE, row) if state is None else (_IN_STATE, (*row, state.value)))
        return [self._journal(row) for row in rows]

    def there(self, accounts: Collection[AccountId]) -> frozenset[AccountId]:
        """Those of the accounts that are there."""
        return self._uow.accounts.known(sorted(accounts))

    def lock_accounts(self, journal: JournalId) -> None:
        """Lock the accounts of a journal."""
        (rows,) = self._uow.lock((_LOCK_ACCOUNTS, (self._uow.org, self._uow.codec.id_in(journal))))
        if rows:
            self._uow.not_before(max(self._uow.codec.at_out(row[1]) for row in rows))

    def _values(self, journal: Journal) -> tuple[Any, ...]:
        codec = self._uow.codec
        return (
            codec.id_in(journal.id),
            journal.unit,
            journal.state.value,
            journal.digest,
            journal.lines,
            journal.malformed,
            journal.drafted_by,
            codec.at_in(journal.drafted_at),
            journal.entries,
            journal.posted_by,
            None if journal.posted_at is None else codec.at_in(journal.posted_at),
        )

    def _journal(self, row: Sequence[Any]) -> Journal:
        codec = self._uow.codec
        id, reference, unit, state, digest, lines, malformed, drafted_by, drafted_at, entries, posted_by, posted_at = (
            row
        )
        return Journal(
            id=JournalId(codec.id_out(id)),
            reference=reference,
            unit=unit,
            state=JournalState(state),
            digest=digest,
            lines=lines,
            malformed=malformed,
            drafted_by=drafted_by,
            drafted_at=codec.at_out(drafted_at),
            entries=entries,
            posted_by=posted_by,
            posted_at=None if posted_at is None else codec.at_out(posted_at),
        )

    def _line_row(self, journal: JournalId, line: JournalLine) -> tuple[Any, ...]:
        codec, said, problem = self._uow.codec, line.said, line.problem
        told = (None, None, None) if problem is None else (problem.field, problem.code, problem.text[:1000])
        head = (self._uow.org, codec.id_in(journal), line.number)
        if said is None:
            return (*head, None, None, None, None, None, None, None, *told)
        return (
            *head,
            said.kind.value,
            codec.id_in(said.account),
            said.points,
            codec.id_or_none_in(said.target),
            said.reason,
            said.reference,
            None if said.expires_at is None else codec.at_in(said.expires_at),
            *told,
        )

    def _line(self, row: Sequence[Any]) -> JournalLine:
        codec = self._uow.codec
        number, kind, account, points, target_id, reason, reference, expires_at, about, code, text, entry_id = row
        target, entry = codec.id_or_none_out(target_id), codec.id_or_none_out(entry_id)
        said = None
        if kind is not None:
            said = WellFormed(
                kind=LineKind(kind),
                account=AccountId(codec.id_out(account)),
                points=points,
                target=None if target is None else AccountId(target),
                reason=reason,
                reference=reference,
                expires_at=None if expires_at is None else codec.at_out(expires_at),
            )
        return JournalLine(
            number=number,
            said=said,
            problem=None if code is None else LineProblem(number, about, code, text),
            entry=None if entry is None else EntryId(entry),
        )
