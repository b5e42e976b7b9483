"""PTS-14: reversing an entry that was a mistake, once. What came in is taken back, what went out is given back, of a
transfer both; but only what returns, expiry and earlier corrections have not. The entry itself stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import assert_never

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import Unit
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.ids import AccountId, EntryId, LotId, NewId
from memberlogic.inputs import MOST, a_key, an_id, code, optional
from memberlogic.ledger.consuming import with_lots
from memberlogic.ledger.crediting import must_be_open, require_room, some_holder_must_take_part
from memberlogic.ledger.entering import entered
from memberlogic.ledger.expiring import expire
from memberlogic.ledger.giving_back import as_now, give_back, taken_first, taken_last
from memberlogic.ledger.model import Entry, EntryKind, Lot, Move, Wallet, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.ledger.taking_back import TakenBack, already_taken, arrived_in, openers, take_back, undone_since
from memberlogic.ledger.withholding import become_available
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "MEANINGS",
    "REVERSING",
    "Meaning",
    "Reverse",
    "Reversed",
    "ReversingFacts",
    "beside",
    "lots_of",
    "moves",
    "reverse",
    "roots",
    "sides",
]


class Meaning(Enum):
    """What reversing an entry means."""

    TAKE_OR_GIVE = "take_or_give"
    """What came in is taken back; what went out is given back."""

    BOTH_SIDES = "both_sides"
    """What arrived is taken back, and given back where it came from."""

    REINSTATE = "reinstate"
    """Refused: what expired is reinstated."""

    WITH_ITS_PURCHASE = "with_its_purchase"
    """Refused: it belongs to a purchase's return."""

    NEVER = "never"
    """Refused: it follows from something else, or is a reversal itself."""


MEANINGS: Mapping[EntryKind, Meaning] = {
    EntryKind.CREDIT: Meaning.TAKE_OR_GIVE,
    EntryKind.EARN: Meaning.TAKE_OR_GIVE,
    EntryKind.AWARD: Meaning.TAKE_OR_GIVE,
    EntryKind.REDEEM: Meaning.TAKE_OR_GIVE,
    EntryKind.TRANSFER_OUT: Meaning.BOTH_SIDES,
    EntryKind.TRANSFER_IN: Meaning.BOTH_SIDES,
    EntryKind.MERGE_OUT: Meaning.NEVER,
    EntryKind.MERGE_IN: Meaning.NEVER,
    EntryKind.CAPTURE: Meaning.TAKE_OR_GIVE,
    EntryKind.EXPIRE: Meaning.REINSTATE,
    EntryKind.RESTORE: Meaning.WITH_ITS_PURCHASE,
    EntryKind.RETURN: Meaning.WITH_ITS_PURCHASE,
    EntryKind.SETTLE: Meaning.NEVER,
    EntryKind.AVAILABLE: Meaning.NEVER,
    EntryKind.ADJUST: Meaning.TAKE_OR_GIVE,
    EntryKind.WRITE_OFF: Meaning.TAKE_OR_GIVE,
    EntryKind.REINSTATE: Meaning.TAKE_OR_GIVE,
    EntryKind.REVERSE: Meaning.NEVER,
}
"""Every kind of entry has its row."""


@frozen(kw_only=True)
class Reverse:
    """Reverse an entry, for a reason; of a transfer either side may be named."""

    entry: EntryId = field(validator=an_id)
    reason: str = field(validator=code("a reason"))
    reference: str | None = field(default=None, validator=optional(a_key))


@frozen(kw_only=True)
class Reversed:
    """An entry was reversed by ``entries``, one for each account.

    ``points`` is what the account of the entry that was named got (above zero) or lost; ``owed`` of them it owes now,
    ``clamped`` were let go. ``counterpart_points`` is the same for the other account of a transfer. ``expired`` of what
    came back was gone at once.
    """

    reverses: EntryId
    entries: tuple[EntryId, ...]
    account: AccountId
    unit: Unit
    points: int
    counterpart: AccountId | None
    counterpart_points: int
    owed: int
    clamped: int
    expired: int
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """What was taken or given back, and why not more."""
        return Explanation(f"{self.points:+d} {self.unit}; {self.available} are available.", self.because)


@frozen(kw_only=True)
class ReversingFacts:
    """What the rules of reversing look at; the wallets are settled and know all their lots."""

    wanted: Reverse
    entry: Entry
    """The one that was named."""
    sides: tuple[Entry, ...]
    """It alone; of a transfer what left, then what arrived."""
    wallets: Mapping[WalletId, Wallet]
    corrections: Sequence[Entry]
    """What corrects any of the sides, or of what was touched."""
    lots: Sequence[Lot]
    """The lots that they took from or opened, where their points first arrived, and where they came back."""
    touched: Sequence[Entry]
    """Every entry that opened these lots or moved points of them."""

    @property
    def incoming(self) -> Entry | None:
        """The side that points came in by."""
        return next((each for each in self.sides if each.amount > 0), None)

    @property
    def outgoing(self) -> Entry | None:
        """The side that points went out by."""
        return next((each for each in self.sides if each.amount < 0), None)

    def of(self, entry: Entry) -> Sequence[Entry]:
        """What corrects one of them."""
        return [each for each in self.corrections if each.corrects == entry.id]


class ExpiredIsReinstated(RuleViolation):
    """Points that expired come back by another command."""

    code = "reverse.use_reinstate"
    rule = "PTS-14"
    sentence = "What expired is not reversed; reinstate it."


class BelongsToAReturn(RuleViolation):
    """A return's entries stand with it."""

    code = "reverse.of_a_return"
    rule = "PTS-14"
    sentence = "An entry of the kind {kind} belongs to the return of a purchase, which stands; adjust instead."


class NotReversible(RuleViolation):
    """A reversal is not reversed."""

    code = "reverse.not_reversible"
    rule = "PTS-14"
    sentence = "An entry of the kind {kind} is not reversed; adjust instead."


class AlreadyReversed(RuleViolation):
    """Once."""

    code = "reverse.already"
    rule = "PTS-14"
    sentence = "The entry was reversed before, by {by}."


class NothingLeftToReverse(RuleViolation):
    """It has all been taken or given back."""

    code = "reverse.nothing_left"
    rule = "PTS-14"
    sentence = "Of the {points} {unit} of this entry nothing is left to take or give back."


@policy("PTS-14", "What expired is reinstated; a return stands; a reversal is not reversed.")
def kind_must_be_reversible(r: ReversingFacts) -> MemberLogicError | None:
    """Every kind of entry has its row in the table."""
    kind, meaning = r.entry.kind, MEANINGS[r.entry.kind]
    if kind is EntryKind.REINSTATE and not r.entry.opened:
        return NotReversible(kind=kind.value)  # a late purchase spent them after all (COM-21): it follows from that
    match meaning:
        case Meaning.TAKE_OR_GIVE | Meaning.BOTH_SIDES:
            return None
        case Meaning.REINSTATE:
            return ExpiredIsReinstated()
        case Meaning.WITH_ITS_PURCHASE:
            return BelongsToAReturn(kind=kind.value)
        case Meaning.NEVER:
            return NotReversible(kind=kind.value)
        case _:  # pragma: no cover
            assert_never(meaning)


@policy("PTS-14", "An entry is reversed once; of a transfer both sides at once.")
def must_not_be_reversed(r: ReversingFacts) -> MemberLogicError | None:
    """Whichever side was named."""
    before = next((each for side in r.sides for each in r.of(side) if each.kind is EntryKind.REVERSE), None)
    return AlreadyReversed(by=str(before.id)) if before else None


@policy("PTS-1", "Accounts that are not open do not move.")
def accounts_must_be_open(r: ReversingFacts) -> MemberLogicError | None:
    """Of a transfer both; the one that was named first."""
    wallets = [r.wallets[r.entry.wallet], *(r.wallets[each.wallet] for each in r.sides)]
    return next((refusal for each in wallets if (refusal := must_be_open.refuses(each))), None)


@policy("PTS-1", "Points are received unless every holder is blocked.")
def somebody_must_receive(r: ReversingFacts) -> MemberLogicError | None:
    """Points are taken back from them all the same."""
    return some_holder_must_take_part.refuses(r.wallets[r.outgoing.wallet]) if r.outgoing else None


REVERSING: Policies[ReversingFacts] = Policies(
    kind_must_be_reversible, must_not_be_reversed, accounts_must_be_open, somebody_must_receive
)


def beside(entry: Entry) -> tuple[WalletId, ...]:
    """The wallet of a transfer's other side."""
    if MEANINGS[entry.kind] is not Meaning.BOTH_SIDES or entry.counterpart is None:
        return ()
    return (WalletId(entry.counterpart, entry.wallet.unit),)


def moves(entry: Entry) -> Sequence[Move]:
    """Which wallets move, with all their lots."""
    return tuple(Move(wallet, takes=MOST) for wallet in (entry.wallet, *beside(entry)))


def sides(entry: Entry, other: Sequence[Entry]) -> tuple[Entry, ...]:
    """An entry; of a transfer what left, then what arrived. ``other`` are the entries of the other wallet at the same
    instant: ids rise, so that what arrived is the next one after what left.
    """
    if not beside(entry):
        return (entry,)
    wanted = EntryKind.TRANSFER_IN if entry.kind is EntryKind.TRANSFER_OUT else EntryKind.TRANSFER_OUT
    found = [each for each in other if each.kind is wanted and each.counterpart == entry.wallet.account]
    if wanted is EntryKind.TRANSFER_IN:
        return (entry, min((each for each in found if each.id > entry.id), key=lambda each: each.id))
    return (max((each for each in found if each.id < entry.id), key=lambda each: each.id), entry)


def roots(lots: Sequence[Lot]) -> frozenset[LotId]:
    """Lots, and those in which their points first arrived."""
    return frozenset({each.id for each in lots} | {each.origin for each in lots if each.origin is not None})


def lots_of(entries: Sequence[Entry]) -> frozenset[LotId]:
    """The lots that entries took from or opened."""
    taken = {each.lot for entry in entries for each in entry.slices}
    return frozenset(taken | {lot.id for entry in entries for lot in entry.opened})


def reverse(
    facts: ReversingFacts, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[tuple[Wallet, ...], Entry, Reversed]:
    """Reverse an entry; the facts are the wallets that changed.

    Raises:
        RuleViolation: the first of :data:`REVERSING` that refuses; if nothing is left to take or give back, or the
            wallet cannot hold so much.
    """
    REVERSING.require(facts)
    incoming, outgoing = facts.incoming, facts.outgoing
    entries: list[Entry] = []
    why: list[Because] = []
    taken = None
    if incoming is not None:
        taken, because = _taken(facts, incoming)
        why.append(because)
        entries.append(_taking(facts, incoming, taken, (because,), actor, now, new_id))
    if outgoing is not None:
        given, because = _to_give(facts, outgoing, incoming, taken)
        why.append(because)
        if given:
            entries.append(_giving(facts, outgoing, given, (because,), actor, now, new_id))
    if not any(each.amount for each in entries):
        raise NothingLeftToReverse(points=abs(facts.entry.amount), unit=facts.entry.wallet.unit)
    return _done(facts, entries, taken, tuple(why), now, new_id)


def _taken(facts: ReversingFacts, entry: Entry) -> tuple[TakenBack, Because]:
    """What is taken back of points that came in."""
    wallet = facts.wallets[entry.wallet]
    family = arrived_in(entry, facts.lots)
    before = min(entry.amount, already_taken(entry, facts.lots, facts.corrections, facts.touched))
    taken = take_back(wallet, entry.amount - before, family, wallet.terms.shortfall)
    figures = {
        "came_in": entry.amount,
        "taken_before": before,
        "from_its_own_lots": taken.own,
        "from_others": taken.points - taken.own - taken.debt,
        "owed": taken.debt,
        "let_go": taken.clamped,
    }
    return taken, Because("PTS-14", "reverse.taken_back", figures)


def _to_give(
    facts: ReversingFacts, entry: Entry, incoming: Entry | None, taken: TakenBack | None
) -> tuple[int, Because]:
    """How much is given back of points that went out: what no return gave back; of a transfer what was taken from the
    other side, in proportion.
    """
    went = -entry.amount
    if incoming is not None and taken is not None:
        given = went * taken.points // incoming.amount
        return given, Because("PTS-14", "reverse.given_back", {"went_out": went, "back": given})
    before = sum(each.amount for each in facts.of(entry) if each.kind is EntryKind.RESTORE) + _undone(facts, entry)
    figures = {"went_out": went, "given_before": before, "back": went - before}
    return went - before, Because("PTS-14", "reverse.given_back", figures)


def _undone(facts: ReversingFacts, entry: Entry) -> int:
    """How many points of what the club took went by reversing the entries by which they had come in: these counted
    them as taken, and they do not come back.
    """
    lots, by = {lot.id: lot for lot in facts.lots}, openers(facts.touched)
    return -sum(
        each.points
        for each in entry.slices
        if entry.kind in (EntryKind.ADJUST, EntryKind.WRITE_OFF)
        and undone_since(lots[each.lot], entry, by, _of_one_side(facts), frozenset({EntryKind.REVERSE}))
    )


def _of_one_side(facts: ReversingFacts) -> Sequence[Entry]:
    """The corrections but those of transfers, which count nothing of what the club took as taken but what expired."""
    return [each for each in facts.corrections if each.counterpart is None]


def _taking(
    facts: ReversingFacts,
    entry: Entry,
    taken: TakenBack,
    why: tuple[Because, ...],
    actor: Actor,
    now: datetime,
    new_id: NewId,
) -> Entry:
    plain = _plain(facts, entry, why, actor, now, new_id)
    return evolve(plain, amount=-taken.points, debt=-taken.debt, slices=taken.slices)


def _giving(
    facts: ReversingFacts,
    entry: Entry,
    points: int,
    why: tuple[Because, ...],
    actor: Actor,
    now: datetime,
    new_id: NewId,
) -> Entry:
    wallet = facts.wallets[entry.wallet]
    require_room(wallet, points)
    lots, by = as_now(wallet, facts.lots), openers(facts.touched)
    if entry.kind in (EntryKind.ADJUST, EntryKind.WRITE_OFF):
        kinds, corrections = frozenset({EntryKind.REVERSE}), _of_one_side(facts)
        left = [each for each in entry.slices if not undone_since(lots[each.lot], entry, by, corrections, kinds)]
        entry = evolve(entry, slices=tuple(left))
    parts = (taken_last if len(facts.sides) > 1 else taken_first)(entry, lots, wallet.terms, points)
    given = give_back(wallet, parts, now, new_id)
    plain = _plain(facts, entry, why, actor, now, new_id)
    return evolve(plain, amount=points, debt=given.debt, slices=given.slices, opened=given.opened)


def _plain(
    facts: ReversingFacts, entry: Entry, why: tuple[Because, ...], actor: Actor, now: datetime, new_id: NewId
) -> Entry:
    wallet = facts.wallets[entry.wallet]
    return entered(
        wallet,
        EntryKind.REVERSE,
        0,
        why,
        actor=actor.label,
        at=now,
        new_id=new_id,
        reason=facts.wanted.reason,
        reference=facts.wanted.reference,
        counterpart=entry.counterpart,
        corrects=entry.id,
    )


def _done(
    facts: ReversingFacts,
    entries: Sequence[Entry],
    taken: TakenBack | None,
    why: tuple[Because, ...],
    now: datetime,
    new_id: NewId,
) -> Outcome[tuple[Wallet, ...], Entry, Reversed]:
    """The wallets after it; what came back to lots that have expired is gone at once."""
    after: dict[WalletId, Wallet] = dict(facts.wallets)
    all_entries = [each for each in entries if each.amount]
    gone: list[Entry] = []
    for entry in all_entries:
        named = {each.lot for each in entry.slices}
        known = as_now(after[entry.wallet], [lot for lot in facts.lots if lot.id in named])
        wallet = posted(with_lots(after[entry.wallet], known.values()), entry)
        arrived = become_available(wallet, now, new_id, now)
        expired = expire(arrived.facts, now, new_id, now, freed_at=now)
        after[entry.wallet] = expired.facts
        gone += (*arrived.events, *expired.events)
    mine = facts.entry
    moved = {each.wallet: each.amount for each in all_entries}
    others = [wallet for wallet in moved if wallet != mine.wallet]
    result = Reversed(
        reverses=mine.id,
        entries=tuple(each.id for each in all_entries),
        account=mine.wallet.account,
        unit=mine.wallet.unit,
        points=moved.get(mine.wallet, 0),
        counterpart=mine.counterpart if beside(mine) else None,
        counterpart_points=sum(moved[wallet] for wallet in others),
        owed=taken.debt if taken else 0,
        clamped=taken.clamped if taken else 0,
        expired=-sum(each.amount for each in gone),
        available=after[mine.wallet].available,
        because=why,
    )
    return Outcome(tuple(after[wallet] for wallet in moved), (*all_entries, *gone), result)
