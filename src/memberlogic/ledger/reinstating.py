"""PTS-14: reinstating points that expired within the club's window. They live again for the grace term from today, in
lots of their own that remember when they were earned and in which lot they first arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import local_day, start_of_day
from memberlogic.errors import MemberLogicError, NotFound, RuleViolation
from memberlogic.ids import AccountId, EntryId, LotId, NewId
from memberlogic.inputs import a_key, an_id, as_tuple, code, optional, sequence_of
from memberlogic.ledger.crediting import must_be_open, require_room, some_holder_must_take_part
from memberlogic.ledger.entering import entered
from memberlogic.ledger.model import Entry, EntryKind, Lot, Move, Slice, Wallet, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.ledger.taking_back import openers, undone_since, written
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "REINSTATING",
    "Reinstate",
    "Reinstated",
    "ReinstatingFacts",
    "earned",
    "expired_since",
    "expired_within",
    "reinstate",
]


@frozen(kw_only=True)
class Reinstate:
    """Revive what expired within the club's window, for a reason: these lots, or all of them."""

    account: AccountId = field(validator=an_id)
    lots: tuple[LotId, ...] | None = field(
        default=None, converter=as_tuple, validator=optional(sequence_of(UUID, "an id (a UUID)", least=1))
    )
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    reason: str = field(validator=code("a reason"))
    reference: str | None = field(default=None, validator=optional(a_key))

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallet moves."""
        return (Move(WalletId(self.account, self.unit)),)


@frozen(kw_only=True)
class Reinstated:
    """Points live again until ``expires_at``; ``settled_debt`` of them settled debt. One entry for each that had let
    them expire.
    """

    entries: tuple[EntryId, ...]
    account: AccountId
    unit: Unit
    points: int
    settled_debt: int
    expires_at: datetime
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """Which points, and until when they live."""
        return Explanation(f"{self.points} {self.unit} live again until {self.expires_at.isoformat()}.", self.because)


@frozen(kw_only=True)
class ReinstatingFacts:
    """What the rules of reinstating look at; the wallet is settled."""

    wanted: Reinstate
    wallet: Wallet
    expired: Sequence[Entry]
    """The EXPIRE entries of the wallet within the club's window, in order."""
    corrections: Sequence[Entry]
    """What corrects them, or the entries by which the points came in."""
    lots: Mapping[LotId, Lot]
    """The lots that they took from, and where the points first arrived."""
    touched: Sequence[Entry]
    """Every entry that opened these lots or moved points of them."""
    counted: Mapping[EntryId, int] = field(factory=dict)
    """How many expired points of each purchase, by its EARN entry, its returns counted as taken (PTS-10)."""


@frozen
class _Revival:
    """Points of a lot that an entry let expire."""

    entry: EntryId
    lot: Lot
    points: int


class ReinstatingNotAllowed(RuleViolation):
    """The club has no window."""

    code = "reinstate.not_allowed"
    rule = "PTS-14"
    sentence = "In this club what has expired stays so."


class NothingToReinstate(RuleViolation):
    """Nothing expired within the window, or all of it was revived before."""

    code = "reinstate.nothing"
    rule = "PTS-14"
    sentence = "Nothing of the account {account} expired within {window} that was not revived before."


class AlreadyReinstated(RuleViolation):
    """A lot is revived only as far as it expired and was not revived before."""

    code = "reinstate.already"
    rule = "PTS-14"
    sentence = "What expired of the lot {lot} was revived before."


@policy("PTS-14", "Only if the club revives what has expired.")
def club_must_allow_it(r: ReinstatingFacts) -> MemberLogicError | None:
    """A club without a window does not."""
    return ReinstatingNotAllowed() if r.wallet.terms.reinstating is None else None


@policy("PTS-1", "An account that is not open does not receive.")
def account_must_be_open(r: ReinstatingFacts) -> MemberLogicError | None:
    """BLOCKED and CLOSED accounts have no movement."""
    return must_be_open.refuses(r.wallet)


@policy("PTS-1", "Points are received unless every holder is blocked.")
def somebody_must_receive(r: ReinstatingFacts) -> MemberLogicError | None:
    """One holder who is not blocked is enough."""
    return some_holder_must_take_part.refuses(r.wallet)


@policy("PTS-14", "A lot is revived only as far as it expired and was not revived before.")
def each_lot_must_have_something_left(r: ReinstatingFacts) -> MemberLogicError | None:
    """Of lots that are named, each."""
    left = {each.lot.id for each in _revivals(r)}
    again = next((id for id in r.wanted.lots or () if id not in left), None)
    return AlreadyReinstated(lot=str(again)) if again is not None else None


@policy("PTS-14", "There is something to revive.")
def something_must_have_expired(r: ReinstatingFacts) -> MemberLogicError | None:
    """Within the club's window."""
    if _revivals(r):
        return None
    return NothingToReinstate(account=str(r.wallet.id.account), window=str(r.wallet.terms.reinstating))


REINSTATING: Policies[ReinstatingFacts] = Policies(
    account_must_be_open,
    club_must_allow_it,
    somebody_must_receive,
    each_lot_must_have_something_left,
    something_must_have_expired,
)


def expired_since(wallet: Wallet, now: datetime) -> datetime:
    """From which instant on expiries have to be looked at; now, where the club has no window."""
    window, zone = wallet.terms.reinstating, wallet.terms.zone
    return now if window is None else start_of_day(window.before(local_day(now, zone)), zone)


def expired_within(wallet: Wallet, entries: Sequence[Entry], now: datetime) -> tuple[Entry, ...]:
    """The EXPIRE entries of a wallet that are within the club's window: their business day plus the window is after
    today.
    """
    window, today = wallet.terms.reinstating, local_day(now, wallet.terms.zone)
    if window is None:
        return ()
    expired = [each for each in entries if each.kind is EntryKind.EXPIRE and each.wallet == wallet.id]
    return tuple(each for each in expired if today < window.after(each.business_day))


def earned(touched: Iterable[Entry]) -> tuple[EntryId, ...]:
    """The entries by which points of purchases came in: what returns may have counted."""
    return tuple(each.id for each in touched if each.kind is EntryKind.EARN)


def _revivals(facts: ReinstatingFacts) -> tuple[_Revival, ...]:
    """What can be revived: of each entry and lot so much as expired, less what was revived of it; nothing of points
    whose entry was reversed since, for that counted them as taken, and of a purchase only what its returns did not
    count, the first that expired first. Lots of one origin that expired together are revived as one.
    """
    before = _revived(facts)
    by, counted = openers(facts.touched), Counter(facts.counted)
    within, named = {each.id for each in facts.expired}, facts.wanted.lots
    found: list[_Revival] = []
    for entry in _every_expiry(facts):
        for slice_ in entry.slices:
            lot = facts.lots.get(slice_.lot)
            if lot is None or undone_since(lot, entry, by, facts.corrections, _UNDOING):
                continue
            known = min(before[entry.id, _root(lot)], -slice_.points)
            before[entry.id, _root(lot)] -= known
            gave = by.get(_root(lot))
            taken = 0 if gave is None else min(counted[gave], -slice_.points - known)
            if gave is not None:
                counted[gave] -= taken
            left = -slice_.points - known - taken
            if left and entry.id in within and (named is None or lot.id in named):
                found.append(_Revival(entry.id, lot, left))
    return tuple(found)


def _revived(facts: ReinstatingFacts) -> Counter[tuple[EntryId | None, LotId]]:
    """How much of what an entry let expire lives again, by the lot in which it first arrived."""
    before: Counter[tuple[EntryId | None, LotId]] = Counter()
    for entry in (each for each in facts.corrections if each.kind is EntryKind.REINSTATE):
        for lot in entry.opened:
            before[entry.corrects, lot.origin or lot.id] += lot.amount
        for slice_ in entry.slices:  # a late purchase spent them after all (COM-21)
            if slice_.points > 0 and slice_.lot in facts.lots:
                before[entry.corrects, _root(facts.lots[slice_.lot])] += slice_.points
    return before


def _every_expiry(facts: ReinstatingFacts) -> Sequence[Entry]:
    """Also those before the club's window: what returns counted may have expired then."""
    found = {each.id: each for each in (*facts.touched, *facts.expired) if each.kind is EntryKind.EXPIRE}
    return sorted(found.values(), key=written)


_UNDOING = frozenset({EntryKind.REVERSE})


def _root(lot: Lot) -> LotId:
    return lot.origin or lot.id


def reinstate(
    facts: ReinstatingFacts, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[Wallet, Entry, Reinstated]:
    """Revive points of a settled wallet, until the start of (today + grace).

    Raises:
        NotFound: for a lot that did not expire within the window.
        RuleViolation: the first of :data:`REINSTATING` that refuses, or that the wallet cannot hold so much.
    """
    wanted, wallet, terms = facts.wanted, facts.wallet, facts.wallet.terms
    for id in wanted.lots or ():
        if not any(slice_.lot == id for entry in facts.expired for slice_ in entry.slices):
            raise NotFound(kind="expired lot", id=id)
    REINSTATING.require(facts)
    revivals = _revivals(facts)
    points = sum(each.points for each in revivals)
    require_room(wallet, points)
    assert terms.grace is not None, "a club that reinstates has a grace term"
    today = local_day(now, terms.zone)
    until = start_of_day(terms.grace.after(today), terms.zone)
    why = (Because("PTS-14", "points.reinstated", {"lots": len(revivals), "expires_at": until.isoformat()}),)
    entries: list[Entry] = []
    owed = wallet.debt
    for expired in facts.expired:
        mine = [each for each in revivals if each.entry == expired.id]
        if not mine:
            continue
        opened = tuple(_alive(each, until, new_id) for each in mine)
        debt, slices = _settling(owed, opened)
        owed -= debt
        entry = entered(
            wallet,
            EntryKind.REINSTATE,
            sum(lot.amount for lot in opened),
            why,
            actor=actor.label,
            at=now,
            new_id=new_id,
            debt=debt,
            slices=slices,
            opened=opened,
            reason=wanted.reason,
            reference=wanted.reference,
            corrects=expired.id,
        )
        entries.append(entry)
    after = posted(wallet, *entries)
    result = Reinstated(
        entries=tuple(each.id for each in entries),
        account=wanted.account,
        unit=wanted.unit,
        points=points,
        settled_debt=wallet.debt - owed,
        expires_at=until,
        available=after.available,
        because=why,
    )
    return Outcome(after, tuple(entries), result)


def _alive(revival: _Revival, until: datetime, new_id: NewId) -> Lot:
    lot = revival.lot
    return Lot(
        id=LotId(new_id()),
        amount=revival.points,
        remaining=revival.points,
        earned_at=lot.earned_at,
        expires_at=until,
        origin=_root(lot),
        idle=lot.idle,
    )


def _settling(owed: int, opened: Sequence[Lot]) -> tuple[int, tuple[Slice, ...]]:
    """What settles debt: taken from lots that are opened whole, so that what was revived of which is known for ever."""
    slices, left = [], owed
    for lot in opened:
        part = min(left, lot.amount)
        left -= part
        if part:
            slices.append(Slice(lot.id, -part))
    return owed - left, tuple(slices)
