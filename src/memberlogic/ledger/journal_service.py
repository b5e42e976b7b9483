"""What a host calls to draft, validate and post journals (PTS-15).
:class:`~memberlogic.ledger.service.LedgerService` is one of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.ids import AccountId, JournalId
from memberlogic.jobs import Progress
from memberlogic.ledger import drafting, registering, settling, validating
from memberlogic.ledger.drafting import Draft, DraftJournal
from memberlogic.ledger.journals import Journal, JournalLine, JournalRow, JournalState
from memberlogic.ledger.listing import JournalsPage, LinesOf, LinesPage, OfReference, PageOfJournals
from memberlogic.ledger.ports import LedgerWork
from memberlogic.ledger.registering import JournalRegistered
from memberlogic.ledger.settling import SettleMoving
from memberlogic.ledger.validating import JournalChecked, OfJournal
from memberlogic.organizations.model import Feature
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["JournalService"]

DRAFT_JOURNAL = Asks("ledger.draft_journal", "ledger.journals:create", Journal, Feature.LOYALTY)
VALIDATE_JOURNAL = Asks("ledger.validate_journal", "ledger.journals:read", JournalChecked, Feature.LOYALTY)
POST_JOURNAL = Asks("ledger.post_journal", "ledger.journals:update", JournalRegistered, Feature.LOYALTY)
DISCARD_JOURNAL = Asks("ledger.discard_journal", "ledger.journals:delete", Journal, Feature.LOYALTY)
JOURNAL = Asks("ledger.journal", "ledger.journals:read", Journal, Feature.LOYALTY)
FIND_JOURNAL = Asks("ledger.find_journal", "ledger.journals:read", Journal, Feature.LOYALTY)
JOURNALS = Asks("ledger.journals", "ledger.journals:read", JournalsPage, Feature.LOYALTY)
JOURNAL_LINES = Asks("ledger.journal_lines", "ledger.journals:read", LinesPage, Feature.LOYALTY)


class JournalService:
    """Batches of lines: drafted, validated as a whole, posted entirely or not at all, then registered."""

    def __init__(self, runner: Runner[LedgerWork], settle: SettleMoving = settling.settle_moving) -> None:
        self._runner = runner
        self._settle = settle

    def draft_journal(
        self,
        reference: str,
        rows: Iterable[JournalRow],
        *,
        unit: Unit = POINTS,
        progress: Progress | None = None,
    ) -> Journal:
        """Draft a journal of at most 100,000 lines (PTS-15), in chunks; nothing moves. A line whose form is wrong is
        kept with its problem, which validating tells. The reference is its natural key: drafted again, the same lines
        answer the first journal, and a draft that broke off is begun anew.

        Args:
            reference: the host's own name of the journal, unique in the organization for ever.
            progress: told after each chunk how many rows have been looked at so far.

        Raises:
            InvalidInput: for a reference that is none, or more than 100,000 rows.
            JournalDiffers: if the reference was used for other lines.
        """
        wanted = DraftJournal(reference=reference, unit=unit)
        return drafting.run(rows, wanted, self._draft_chunk, progress=progress)

    def _draft_chunk(self, chunk: Draft) -> Journal:
        return self._runner.run(DRAFT_JOURNAL, chunk, None, self.draft_chunk_step)

    def draft_chunk_step(self, uow: LedgerWork, actor: Actor, chunk: Draft) -> Journal:
        """Drafting some rows, inside a unit of work."""
        journal = uow.journals.drafted(chunk.wanted.reference)
        named = {known: AccountId(id) for known, id in uow.external_ids.known("account", chunk.named).items()}
        outcome = drafting.draft(chunk, journal, named, actor, uow.now, self._runner.new_id)
        uow.journals.draft(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def validate_journal(self, journal: JournalId) -> JournalChecked:
        """Try every line of a journal on its account as the lines before it would leave it (PTS-15): which could not be
        posted as things stand, and why. Nothing is locked, nothing written.

        Raises:
            NotFound: if there is no such journal.
            JournalIncomplete: while its lines are still coming in.
        """
        return self._runner.ask(VALIDATE_JOURNAL, OfJournal(journal=journal), self.validate_journal_step)

    def validate_journal_step(self, uow: LedgerWork, _: Actor, wanted: OfJournal) -> JournalChecked:
        """Validating, inside a unit of work."""
        unverified = self._runner.organization.unverified_may_spend
        return validating.validate(uow, wanted, self._runner.new_id, unverified_may_spend=unverified)

    def post_journal(self, journal: JournalId, *, idempotency_key: str | None = None) -> JournalRegistered:
        """Post a journal, entirely or not at all, in one transaction (PTS-15). Posted before, it is answered as it is.

        Raises:
            NotFound: if there is no such journal.
            JournalIncomplete: while its lines are still coming in.
            IllegalTransition: if it was discarded.
            JournalRefused: for the first line that may not be posted; nothing is.
        """
        return self._runner.run(POST_JOURNAL, OfJournal(journal=journal), idempotency_key, self.post_journal_step)

    def post_journal_step(self, uow: LedgerWork, actor: Actor, wanted: OfJournal) -> JournalRegistered:
        """Posting, inside a unit of work."""
        unverified = self._runner.organization.unverified_may_spend
        return registering.post(uow, wanted, actor, self._settle, self._runner.new_id, unverified_may_spend=unverified)

    def discard_journal(self, journal: JournalId, *, idempotency_key: str | None = None) -> Journal:
        """Give a journal up that is not posted (PTS-15). It stays in the register.

        Raises:
            NotFound: if there is no such journal.
            IllegalTransition: if it is posted or discarded.
        """
        return self._runner.run(DISCARD_JOURNAL, OfJournal(journal=journal), idempotency_key, self.discard_journal_step)

    def discard_journal_step(self, uow: LedgerWork, _: Actor, wanted: OfJournal) -> Journal:
        """Discarding, inside a unit of work."""
        outcome = registering.discard(uow.journals.locked(wanted.journal))
        uow.journals.stand(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def journal(self, journal: JournalId) -> Journal:
        """One journal. Raises ``NotFound``."""
        return self._runner.ask(JOURNAL, OfJournal(journal=journal), self.journal_step)

    def journal_step(self, uow: LedgerWork, _: Actor, wanted: OfJournal) -> Journal:
        """Looking a journal up, inside a unit of work."""
        return uow.journals.get(wanted.journal)

    def find_journal(self, reference: str) -> Journal:
        """The journal of a reference. Raises ``NotFound``."""
        return self._runner.ask(FIND_JOURNAL, OfReference(reference=reference), self.find_journal_step)

    def find_journal_step(self, uow: LedgerWork, _: Actor, wanted: OfReference) -> Journal:
        """Looking a journal up by its reference, inside a unit of work."""
        return uow.journals.find(wanted.reference)

    def journals(self, *, state: JournalState | None = None) -> Iterator[Journal]:
        """The register: every journal, or those in a state, in the order in which they were first drafted, read in
        pages as far as looked at.
        """
        return one_by_one(partial(self._journals_after, state))

    def _journals_after(self, state: JournalState | None, last: Journal | None) -> tuple[Journal, ...]:
        return self._runner.ask(JOURNALS, PageOfJournals.following(last, state), self.journals_step).journals

    def journals_step(self, uow: LedgerWork, _: Actor, wanted: PageOfJournals) -> JournalsPage:
        """Listing journals, inside a unit of work."""
        return JournalsPage(tuple(uow.journals.page(wanted.state, after=wanted.after, limit=wanted.size)))

    def journal_lines(self, journal: JournalId) -> Iterator[JournalLine]:
        """Every line of a journal in order, read in pages as far as looked at; each with the id of the entry that it
        becomes. Raises ``NotFound`` if there is no such journal.
        """
        return one_by_one(partial(self._lines_after, journal))

    def _lines_after(self, journal: JournalId, last: JournalLine | None) -> tuple[JournalLine, ...]:
        return self._runner.ask(JOURNAL_LINES, LinesOf.following(last, journal), self.journal_lines_step).lines

    def journal_lines_step(self, uow: LedgerWork, _: Actor, wanted: LinesOf) -> LinesPage:
        """Listing lines, inside a unit of work."""
        journal = uow.journals.get(wanted.journal)
        return LinesPage(tuple(uow.journals.lines(journal.id, after=wanted.after, limit=wanted.size)))
