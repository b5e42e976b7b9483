"""PTS-15: posting a journal, entirely or not at all, in one transaction: its accounts are locked in the order of their
ids, its lines decided in order and written page by page. Then it is immutable and registered; posted again, it is
answered as it is. Discarding one that is not posted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import Unit
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import EntryId, JournalId, NewId
from memberlogic.ledger import journaling
from memberlogic.ledger.events import JournalDiscarded, JournalPosted
from memberlogic.ledger.journaling import LineFacts
from memberlogic.ledger.journals import Journal, JournalLine, JournalState, LineKind, LineProblem
from memberlogic.ledger.lifecycle import JOURNAL_STATES
from memberlogic.ledger.model import Adjustment, Entry, Move, Wallet, WalletId
from memberlogic.ledger.ports import LedgerWork
from memberlogic.ledger.settling import SettleMoving
from memberlogic.ledger.validating import OfJournal, missing, must_be_complete, pages, sent, touched
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = ["JournalRegistered", "discard", "post", "registered"]


@frozen(kw_only=True)
class JournalRegistered:
    """A journal is in the ledger: what it came to, who posted it and when."""

    journal: JournalId
    reference: str
    unit: Unit
    lines: int
    entries: int
    posted_by: str | None
    posted_at: datetime | None
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """What it came to."""
        return Explanation(f"{self.lines} lines were posted as {self.entries} entries.", self.because)


class JournalRefused(RuleViolation):
    """A line may not be posted, so none is."""

    code = "journal.refused"
    rule = "PTS-15"
    sentence = (
        "Line {line}, {field}: {problem} Nothing of the journal {reference} was posted; validating tells all lines."
    )


def registered(journal: Journal) -> JournalRegistered:
    """What is said of a posted journal."""
    return JournalRegistered(
        journal=journal.id,
        reference=journal.reference,
        unit=journal.unit,
        lines=journal.lines,
        entries=journal.entries,
        posted_by=journal.posted_by,
        posted_at=journal.posted_at,
        because=(Because("PTS-15", "journal.posted", {"lines": journal.lines, "entries": journal.entries}),),
    )


def post(
    uow: LedgerWork,
    wanted: OfJournal,
    actor: Actor,
    settle: SettleMoving,
    new_id: NewId,
    *,
    unverified_may_spend: bool,
) -> JournalRegistered:
    """Post a journal inside a unit of work.

    Raises:
        NotFound: if there is no such journal.
        JournalIncomplete: while its lines are still coming in.
        IllegalTransition: if it was discarded.
        JournalRefused: for the first line that may not be posted.
    """
    journal = uow.journals.locked(wanted.journal)
    if journal.state is JournalState.POSTED:
        return registered(journal)
    must_be_complete(journal)
    after = JOURNAL_STATES.after(journal.state, "post")
    uow.journals.lock_accounts(journal.id)
    entries = 0
    for lines in pages(uow, journal):
        for problem in missing(uow, lines, journal).values():
            raise _refused(journal, problem)
        entries += _post_page(uow, journal, lines, actor, settle, new_id, unverified_may_spend)
        uow.write_out()
    done = evolve(journal, state=after, entries=entries, posted_by=actor.label, posted_at=uow.now)
    uow.journals.stand(done)
    uow.put((JournalPosted(journal=done.id, unit=done.unit, lines=done.lines, entries=entries),))
    return registered(done)


def _post_page(
    uow: LedgerWork,
    journal: Journal,
    lines: Sequence[JournalLine],
    actor: Actor,
    settle: SettleMoving,
    new_id: NewId,
    unverified_may_spend: bool,
) -> int:
    """Decide and queue some lines; how many entries they became."""
    takes = _takes(journal, lines)
    moves = [Move(wallet, takes=takes[wallet]) for wallet in touched(journal, lines)]
    wallets = {wallet.id: wallet for wallet in settle(uow, moves, new_id).facts}
    before = sent(uow, lines, wallets)
    moved: dict[WalletId, Wallet] = {}
    entries: list[Entry] = []
    became: list[tuple[int, EntryId]] = []
    adjusted: list[Adjustment] = []
    for line in lines:
        said = line.said
        assert said is not None, "malformed lines were refused"
        id = journal.wallet(said.account)
        facts = LineFacts(
            journal=journal,
            number=line.number,
            said=said,
            poster=actor,
            wallet=wallets[id],
            target=None if said.target is None else wallets[journal.wallet(said.target)],
            sent=before.get(id, 0),
            unverified_may_spend=unverified_may_spend,
            now=uow.now,
        )
        try:
            outcome = journaling.decide(facts, actor, new_id)
        except MemberLogicError as refusal:
            raise _refused(journal, journaling.problem(line, refusal)) from refusal
        if said.kind is LineKind.TRANSFER:
            before[id] = before.get(id, 0) + said.points
        for wallet in outcome.facts:
            wallets[wallet.id] = moved[wallet.id] = wallet
        became.append((line.number, outcome.events[0].id))
        entries += outcome.events
        adjusted += [outcome.result] if outcome.result is not None else []
    uow.wallets.post([moved[id] for id in sorted(moved)], entries)
    uow.journals.register(journal.id, became)
    for adjustment in adjusted:
        uow.adjustments.put(adjustment)
    return len(entries)


def _takes(journal: Journal, lines: Sequence[JournalLine]) -> Counter[WalletId]:
    """How many points some lines take of each wallet in all: no more of its lots is needed, however many it has."""
    takes: Counter[WalletId] = Counter()
    for line in lines:
        if line.said is not None and not line.said.brings:
            takes[journal.wallet(line.said.account)] += abs(line.said.points)
    return takes


def _refused(journal: Journal, problem: LineProblem) -> JournalRefused:
    return JournalRefused(
        journal=str(journal.id),
        reference=journal.reference,
        line=problem.line,
        field=problem.field or "row",
        reason=problem.code,
        problem=problem.text,
    )


def discard(journal: Journal) -> Outcome[Journal, Event, Journal]:
    """A journal that will not be posted.

    Raises:
        IllegalTransition: if it is posted.
    """
    after = evolve(journal, state=JOURNAL_STATES.after(journal.state, "discard"))
    return Outcome(after, (JournalDiscarded(journal=after.id, unit=after.unit, lines=after.lines),), after)
