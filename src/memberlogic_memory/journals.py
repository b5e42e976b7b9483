"""Journals in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve

from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, EntryId, JournalId
from memberlogic.ledger.journals import Drafted, Journal, JournalLine, JournalState

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryJournals"]


class MemoryJournals:
    """The port ``Journals``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: JournalId) -> Journal:
        """One journal."""
        journal = self._uow.tenant.journals.get(id)
        if journal is None:
            raise NotFound(kind="journal", id=id)
        return journal

    def locked(self, id: JournalId) -> Journal:
        """One journal, locked."""
        return self.get(id)

    def find(self, reference: str) -> Journal:
        """The journal of a reference."""
        found = self.drafted(reference)
        if found is None:
            raise NotFound(kind="journal", id=reference)
        return found

    def drafted(self, reference: str) -> Journal | None:
        """The journal of a reference, if there is one."""
        found = (each for each in self._uow.tenant.journals.values() if each.reference == reference)
        return next(found, None)

    def draft(self, drafted: Drafted | None) -> None:
        """Queue a journal with new lines."""
        if drafted is None:
            return
        journal = drafted.journal

        def guard() -> None:
            there = self.drafted(journal.reference)
            if there is not None and there.id != journal.id:
                raise ConcurrencyConflict(reason="the reference was taken in between")

        def write() -> None:
            tenant = self._uow.tenant
            tenant.journals[journal.id] = journal
            if drafted.anew:
                tenant.journal_lines[journal.id] = []
            tenant.journal_lines.setdefault(journal.id, []).extend(drafted.lines)

        self._uow.queue(write, guard)

    def stand(self, journal: Journal) -> None:
        """Queue what became of a journal."""
        self._uow.queue(lambda: self._uow.tenant.journals.update({journal.id: journal}))

    def register(self, journal: JournalId, became: Sequence[tuple[int, EntryId]]) -> None:
        """Queue which entries lines became."""
        self._uow.queue(partial(self._register, journal, became))

    def _register(self, journal: JournalId, became: Sequence[tuple[int, EntryId]]) -> None:
        lines = self._uow.tenant.journal_lines[journal]
        for number, entry in became:
            lines[number - 1] = evolve(lines[number - 1], entry=entry)

    def lines(self, journal: JournalId, *, after: int = 0, limit: int) -> Sequence[JournalLine]:
        """The next lines of a journal."""
        lines = self._uow.tenant.journal_lines.get(journal, [])[after : after + limit]
        return [self._led(line) for line in lines]

    def _led(self, line: JournalLine) -> JournalLine:
        merged, said = self._uow.tenant.merged_accounts, line.said
        if said is None or line.entry is not None:
            return line
        target = None if said.target is None else merged.get(said.target, said.target)
        return evolve(line, said=evolve(said, account=merged.get(said.account, said.account), target=target))

    def page(self, state: JournalState | None, *, after: JournalId | None, limit: int) -> Sequence[Journal]:
        """The next journals."""
        found = (each for each in self._uow.tenant.journals.values() if state in (None, each.state))
        journals = sorted(found, key=lambda each: each.id)
        return [each for each in journals if after is None or each.id > after][:limit]

    def there(self, accounts: Collection[AccountId]) -> frozenset[AccountId]:
        """Those of the accounts that are there."""
        return self._uow.accounts.known(sorted(accounts))

    def lock_accounts(self, journal: JournalId) -> None:
        """Lock the accounts of a journal."""
        accounts = self._uow.tenant.accounts
        for line in self._uow.tenant.journal_lines.get(journal, []):
            for id in (line.said.account, line.said.target) if line.said is not None else ():
                if id is not None and id in accounts:
                    self._uow.not_before(accounts[id].effective_at)
