"""PTS-15: what one line of a journal may do and does. Validating asks whether it may, posting does it; both ask the
same policies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import evolve, frozen

from memberlogic.actors import Actor, ActorKind
from memberlogic.calendar import local_day
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.ids import AdjustmentId, MemberId, NewId
from memberlogic.ledger import transferring
from memberlogic.ledger.acting import somebody_may_send
from memberlogic.ledger.consuming import take
from memberlogic.ledger.crediting import RECEIVING, must_be_open, opened_by, require_room
from memberlogic.ledger.entering import entered
from memberlogic.ledger.expiring import expires_at
from memberlogic.ledger.journals import Journal, JournalLine, LineKind, LineProblem, WellFormed
from memberlogic.ledger.model import AccountState, Adjustment, AdjustmentState, Entry, EntryKind, Wallet
from memberlogic.ledger.posting import posted
from memberlogic.ledger.refusals import AccountNotOpen, InsufficientPoints
from memberlogic.ledger.transferring import TRANSFERRING, Transfer, TransferFacts
from memberlogic.outcomes import Because, Outcome
from memberlogic.rules import Policies, policy

__all__ = ["LINES", "LineFacts", "decide", "malformed", "problem", "require"]


@frozen(kw_only=True)
class LineFacts:
    """What the rules of a line look at: the wallets are settled, and as the lines before it leave them."""

    journal: Journal
    number: int
    said: WellFormed
    poster: Actor | None
    """Who posts; None while the journal is only validated."""
    wallet: Wallet
    target: Wallet | None
    sent: int
    """What left the wallet by transfer in the period that a maximum looks at, by lines before it too."""
    unverified_may_spend: bool
    now: datetime

    @property
    def spending(self) -> Wallet:
        """Where points come from."""
        return self.wallet

    @property
    def asking(self) -> MemberId | None:
        """A journal is nobody's own: staff acts for the accounts as a whole."""
        return None

    @property
    def transfer(self) -> TransferFacts:
        """The same for the rules of transfers."""
        said = self.said
        assert said.target is not None, "a transfer has a target"
        assert self.target is not None, "a transfer has a target"
        return TransferFacts(
            wanted=Transfer(
                source=said.account,
                target=said.target,
                points=said.points,
                unit=self.wallet.id.unit,
                reason=said.reason,
                reference=said.reference,
            ),
            source=self.wallet,
            target=self.target,
            asking=None,
            sent=self.sent,
            unverified_may_spend=self.unverified_may_spend,
        )


class JournalOfOnesOwn(RuleViolation):
    """The second person is another one."""

    code = "journal.own"
    rule = "PTS-14"
    sentence = "The journal adjusts points in a club that limits it: another one than its drafter has to post it."


@policy("PTS-1", "A line that brings points needs an account that receives.")
def account_must_receive(line: LineFacts) -> MemberLogicError | None:
    """Open, and not every holder blocked."""
    return next(iter(RECEIVING.refusals(line.wallet)), None)


@policy("PTS-1", "A line that takes points needs an open account.")
def account_must_be_open(line: LineFacts) -> MemberLogicError | None:
    """BLOCKED and CLOSED accounts have no movement."""
    return must_be_open.refuses(line.wallet)


@policy("PTS-1", "Points expire by name on an account that is not closed.")
def account_must_not_be_closed(line: LineFacts) -> MemberLogicError | None:
    """A blocked account has no movement but expiry."""
    if line.wallet.state is not AccountState.CLOSED:
        return None
    return AccountNotOpen(account=str(line.wallet.id.account), state=line.wallet.state.value)


@policy("PTS-15", "Not more than is available when its turn comes.")
def must_be_available(line: LineFacts) -> MemberLogicError | None:
    """The lines before it count."""
    asked = abs(line.said.points)
    if asked <= line.wallet.available:
        return None
    return InsufficientPoints(asked=asked, available=line.wallet.available, unit=line.wallet.id.unit)


@policy("PTS-14", "Where a club limits adjusting alone, a second person posts the adjustments of a journal.")
def a_second_person_must_post(line: LineFacts) -> MemberLogicError | None:
    """A journal is no way around the limit; the system has none."""
    poster = line.poster
    if poster is None or poster.kind is not ActorKind.STAFF or line.wallet.terms.adjusting.limit is None:
        return None
    return JournalOfOnesOwn() if poster.label == line.journal.drafted_by else None


_ARRIVING: Policies[LineFacts] = Policies(account_must_receive)
_SPENDING: Policies[LineFacts] = Policies(account_must_be_open, somebody_may_send, must_be_available)
_EXPIRING: Policies[LineFacts] = Policies(account_must_not_be_closed, must_be_available)
_UP: Policies[LineFacts] = Policies(account_must_receive, a_second_person_must_post)
_DOWN: Policies[LineFacts] = Policies(account_must_be_open, a_second_person_must_post, must_be_available)

LINES: Mapping[LineKind, Policies[LineFacts]] = {
    LineKind.EARN: _ARRIVING,
    LineKind.REDEEM: _SPENDING,
    LineKind.EXPIRE: _EXPIRING,
}
"""The rules of each kind of line that has one direction; of the others :func:`require` knows."""

_BECOMES: Mapping[LineKind, EntryKind] = {
    LineKind.EARN: EntryKind.EARN,
    LineKind.REDEEM: EntryKind.REDEEM,
    LineKind.ADJUST: EntryKind.ADJUST,
    LineKind.EXPIRE: EntryKind.EXPIRE,
}


def require(line: LineFacts) -> None:
    """Refuse a line that may not be posted.

    Raises:
        InvalidInput: for an expiry that has passed.
        RuleViolation: the first rule of its kind that refuses.
    """
    said = line.said
    if said.kind is LineKind.TRANSFER:
        TRANSFERRING.require(line.transfer)
        require_room(line.transfer.target, line.transfer.arriving)
        return
    policies = (_UP if said.brings else _DOWN) if said.kind is LineKind.ADJUST else LINES[said.kind]
    policies.require(line)
    if said.brings:
        require_room(line.wallet, said.points)
        if said.expires_at is not None and said.expires_at <= line.now:
            raise InvalidInput(path="expires_at", expected="an instant after now", got="one that has passed")


def decide(line: LineFacts, actor: Actor, new_id: NewId) -> Outcome[tuple[Wallet, ...], Entry, Adjustment | None]:
    """Post a line: the wallets after it, and its entries, the first of which is the line's own. The result is the
    adjustment that it is, if it is one: its drafter's, as its poster approved it (PTS-14).

    Raises:
        MemberLogicError: what :func:`require` says.
    """
    require(line)
    why = (Because("PTS-15", "journal.line", {"journal": str(line.journal.id), "line": line.number}),)
    if line.said.kind is LineKind.TRANSFER:
        outcome = transferring.transfer(line.transfer, actor, line.now, new_id)
        entries = tuple(evolve(each, because=(*each.because, *why)) for each in outcome.events)
        return Outcome(outcome.facts, entries, None)
    entry = _entry(line, actor, why, new_id)
    adjusted = _adjustment(line, entry, new_id) if line.said.kind is LineKind.ADJUST else None
    return Outcome((posted(line.wallet, entry),), (entry,), adjusted)


def _entry(line: LineFacts, actor: Actor, why: tuple[Because, ...], new_id: NewId) -> Entry:
    said, wallet, terms = line.said, line.wallet, line.wallet.terms
    day = local_day(line.now, terms.zone)
    comes = said.brings
    expires = said.expires_at or expires_at(terms.expiry, day, terms.zone) if comes else None
    named = said.expires_at is not None
    return entered(
        wallet,
        _BECOMES[said.kind],
        said.points if comes else -abs(said.points),
        why,
        actor=line.journal.drafted_by if said.kind is LineKind.ADJUST else actor.label,
        at=line.now,
        new_id=new_id,
        debt=min(said.points, wallet.debt) if comes else 0,
        slices=() if comes else tuple(slice_ for slice_, _ in take(wallet, abs(said.points))),
        opened=opened_by(wallet, said.points, line.now, expires, new_id, named=named) if comes else (),
        reason=said.reason,
        reference=said.reference,
    )


def _adjustment(line: LineFacts, entry: Entry, new_id: NewId) -> Adjustment:
    assert line.said.reason is not None, "an adjustment has a reason"
    return Adjustment(
        id=AdjustmentId(new_id()),
        wallet=entry.wallet,
        club=entry.club,
        points=entry.amount,
        reason=line.said.reason,
        reference=line.said.reference,
        expires_at=line.said.expires_at,
        state=AdjustmentState.POSTED,
        asked_by=line.journal.drafted_by,
        asked_at=line.journal.drafted_at,
        business_day=entry.business_day,
        entry=entry.id,
    )


_FIELDS: Mapping[str, str] = {
    "points.insufficient": "points",
    "points.wallet_full": "points",
    "journal.own": "kind",
    "transfer.not_allowed": "kind",
    "transfer.to_itself": "target",
    "transfer.between_clubs": "target",
    "transfer.below_minimum": "points",
    "transfer.not_in_multiples": "points",
    "transfer.above_maximum": "points",
    "transfer.nothing_would_arrive": "points",
}
"""Which field of a line a refusal is about, where it is not the account."""


def malformed(number: int, wrong: InvalidInput) -> LineProblem:
    """What is wrong with the form of a line."""
    text = f"expected {wrong.details['expected']}, got {wrong.details['got']}."
    return LineProblem(number, wrong.path, wrong.code, text)


def problem(line: JournalLine, refusal: MemberLogicError) -> LineProblem:
    """What a refusal means for a line."""
    if isinstance(refusal, InvalidInput):
        return malformed(line.number, refusal)
    about = _FIELDS.get(refusal.code, "account")
    target = line.said.target if line.said is not None else None
    if about == "account" and target is not None and refusal.details.get("account") == str(target):
        about = "target"
    return LineProblem(line.number, about, refusal.code, refusal.message)
