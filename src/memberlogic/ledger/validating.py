"""PTS-15: validating a journal as a whole, outside the transaction that posts it: every line is tried on its account as
the lines before it would leave it, nothing is locked and nothing written. Of an account only a few figures are kept, so
that a journal of any length is tried in little memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import define, evolve, field, frozen

from memberlogic.amounts import Unit
from memberlogic.errors import MemberLogicError, NotFound, RuleViolation
from memberlogic.ids import JournalId, NewId
from memberlogic.inputs import an_id
from memberlogic.ledger import journaling
from memberlogic.ledger.journaling import LineFacts
from memberlogic.ledger.journals import Journal, JournalLine, JournalState, LineKind, LineProblem
from memberlogic.ledger.model import EntryKind, Wallet, WalletId
from memberlogic.ledger.ports import LedgerWork
from memberlogic.ledger.settling import settle_all
from memberlogic.ledger.transferring import limited_days
from memberlogic.outcomes import Because, Explanation

__all__ = ["JournalChecked", "OfJournal", "missing", "must_be_complete", "pages", "sent", "touched", "validate"]

PAGE = 1000
_SHOWN = 1000


@frozen(kw_only=True)
class OfJournal:
    """This journal."""

    journal: JournalId = field(validator=an_id)


@frozen(kw_only=True)
class JournalChecked:
    """What validating a journal found: how many lines are wrong, and of the first thousand of them why."""

    journal: JournalId
    reference: str
    unit: Unit
    lines: int
    wrong: int
    problems: tuple[LineProblem, ...]
    because: tuple[Because, ...]

    @property
    def valid(self) -> bool:
        """Whether it could be posted as things stand."""
        return not self.wrong

    def explain(self) -> Explanation:
        """How many lines are wrong, and the first of them."""
        said = [f"{self.wrong} of {self.lines} lines are wrong."]
        said += [f"Line {each.line}, {each.field or 'the row'}: {each.text}" for each in self.problems[:10]]
        return Explanation("\n".join(said), self.because)


class JournalIncomplete(RuleViolation):
    """Its drafting broke off, or goes on."""

    code = "journal.incomplete"
    rule = "PTS-15"
    sentence = "The journal {reference} has {lines} lines so far and is not complete; draft it again to its end."


def must_be_complete(journal: Journal) -> None:
    """Refuse what is about a whole journal while its lines are still coming in.

    Raises:
        JournalIncomplete: if they are.
    """
    if journal.state is JournalState.DRAFTING:
        raise JournalIncomplete(reference=journal.reference, lines=journal.lines)


@define
class _Figures:
    """What is kept of a wallet that lines have touched."""

    available: int
    debt: int
    sent: int = 0


def pages(uow: LedgerWork, journal: Journal) -> Iterator[Sequence[JournalLine]]:
    """The lines of a journal, in pages."""
    page = uow.journals.lines(journal.id, limit=PAGE)
    while page:
        yield page
        page = uow.journals.lines(journal.id, after=page[-1].number, limit=PAGE)


def touched(journal: Journal, lines: Iterable[JournalLine]) -> Sequence[WalletId]:
    """The wallets that some lines are about, each once."""
    said = [line.said for line in lines if line.said is not None]
    accounts = {each for one in said for each in (one.account, one.target) if each is not None}
    return [journal.wallet(account) for account in sorted(accounts)]


def missing(uow: LedgerWork, lines: Sequence[JournalLine], journal: Journal) -> dict[int, LineProblem]:
    """What is wrong with lines before any rule is asked: their form, or an account that is not there."""
    there = uow.journals.there([wallet.account for wallet in touched(journal, lines)])
    found = {}
    for line in lines:
        if line.problem is not None:
            found[line.number] = line.problem
            continue
        assert line.said is not None, "a line says something, or has a problem"
        for name, account in (("account", line.said.account), ("target", line.said.target)):
            if account is not None and account not in there:
                refusal = NotFound(kind="account", id=account)
                found[line.number] = LineProblem(line.number, name, refusal.code, refusal.message)
                break
    return found


def sent(uow: LedgerWork, lines: Iterable[JournalLine], wallets: dict[WalletId, Wallet]) -> dict[WalletId, int]:
    """What left by transfer in the period that a club's maximum looks at, for the wallets that lines send from."""
    senders = {line.said.account for line in lines if line.said is not None and line.said.kind is LineKind.TRANSFER}
    asked = {
        id: days
        for id, wallet in wallets.items()
        if id.account in senders and (days := limited_days(wallet, uow.now)) is not None
    }
    return dict(uow.wallets.sent_by(asked, EntryKind.TRANSFER_OUT)) if asked else {}


def validate(uow: LedgerWork, wanted: OfJournal, new_id: NewId, *, unverified_may_spend: bool) -> JournalChecked:
    """Try every line in order.

    Raises:
        NotFound: if there is no such journal.
        JournalIncomplete: while its lines are still coming in.
    """
    journal = uow.journals.get(wanted.journal)
    must_be_complete(journal)
    figures: dict[WalletId, _Figures] = {}
    problems: list[LineProblem] = []
    wrong = 0
    for lines in pages(uow, journal):
        found = missing(uow, lines, journal)
        good = [line for line in lines if line.number not in found]
        wallets = _wallets(uow, journal, good, figures, new_id)
        before = sent(uow, good, wallets)
        for line in good:
            refusal = _try(line, journal, wallets, figures, before, uow, unverified_may_spend)
            if refusal is not None:
                found[line.number] = journaling.problem(line, refusal)
        wrong += len(found)
        problems += [found[number] for number in sorted(found)][: _SHOWN - len(problems)]
    return JournalChecked(
        journal=journal.id,
        reference=journal.reference,
        unit=journal.unit,
        lines=journal.lines,
        wrong=wrong,
        problems=tuple(problems),
        because=(Because("PTS-15", "journal.validated", {"lines": journal.lines, "wrong": wrong}),),
    )


def _wallets(
    uow: LedgerWork, journal: Journal, lines: Sequence[JournalLine], figures: dict[WalletId, _Figures], new_id: NewId
) -> dict[WalletId, Wallet]:
    """The wallets of these lines, settled, without their lots: what can be spent is a figure here."""
    ids = touched(journal, lines)
    settled = settle_all(uow.wallets.viewing(ids), uow.now, new_id).facts if ids else ()
    for wallet in settled:
        figures.setdefault(wallet.id, _Figures(wallet.available, wallet.debt))
    return {wallet.id: evolve(wallet, lots=(), all_lots=False) for wallet in settled}


def _try(
    line: JournalLine,
    journal: Journal,
    wallets: dict[WalletId, Wallet],
    figures: dict[WalletId, _Figures],
    before: dict[WalletId, int],
    uow: LedgerWork,
    unverified_may_spend: bool,
) -> MemberLogicError | None:
    """What would refuse a line; what it would do is noted down."""
    said = line.said
    assert said is not None, "only well formed lines are tried"
    id = journal.wallet(said.account)
    target = None if said.target is None else journal.wallet(said.target)
    facts = LineFacts(
        journal=journal,
        number=line.number,
        said=said,
        poster=None,
        wallet=_now(wallets[id], figures[id]),
        target=None if target is None else _now(wallets[target], figures[target]),
        sent=before.get(id, 0) + figures[id].sent,
        unverified_may_spend=unverified_may_spend,
        now=uow.now,
    )
    try:
        journaling.require(facts)
    except MemberLogicError as refusal:
        return refusal
    if said.brings:
        _receive(figures[id], said.points)
        return None
    figures[id].available -= abs(said.points)
    if target is not None:
        figures[id].sent += said.points
        _receive(figures[target], facts.transfer.arriving)
    return None


def _receive(figures: _Figures, points: int) -> None:
    """What comes in settles debt first."""
    settled = min(points, figures.debt)
    figures.debt -= settled
    figures.available += points - settled


def _now(wallet: Wallet, figures: _Figures) -> Wallet:
    """A wallet with what the lines before leave of it."""
    return evolve(wallet, remaining=wallet.remaining - wallet.available + figures.available, debt=figures.debt)
