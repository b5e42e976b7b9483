"""PTS-10: the return of a purchase, whole or in parts, in effect as of its own instant. First the points spent on it
come back, then the points it earned are taken back, both cumulatively: any number of returns, in any order, come to the
same as one return of everything.

The till's id of the return is a natural key for ever (COM-9), as that of a purchase is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS
from memberlogic.calendar import local_day
from memberlogic.changing import changed
from memberlogic.converting import dumps
from memberlogic.errors import JSON, Conflict, InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import AccountId, ClubId, EntryId, ExternalId, LotId, NewId, PurchaseId, ReturnId
from memberlogic.inputs import MOST, an_instant, as_tuple, instance, optional, sequence_of, to_utc_or_none, whole
from memberlogic.ledger.model import AccountState, Entry, EntryKind, Lot, Move, Shortfall, Wallet, WalletId
from memberlogic.ledger.reclaiming import Reclaimed, Reclaiming, reclaim
from memberlogic.ledger.restoring import Restoring, restore
from memberlogic.loyalty.apportioning import by_amount, by_lines, everything, left_of
from memberlogic.loyalty.cumulating import SoFar, so_far, with_lines
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.purchases import MOST_LINES, Purchase, PurchaseLine, ReturnedLine
from memberlogic.loyalty.returns import PurchaseReturns, Return, ReturnLine, returned_of
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "RETURNING",
    "OfPurchase",
    "PurchaseReturned",
    "ReturnPurchase",
    "ReturnRecorded",
    "Returned",
    "ReturningFacts",
    "entries_of",
    "give_back",
    "happened",
    "moves",
    "once",
    "returns_of",
]


_RETURNING = frozenset({EntryKind.RESTORE, EntryKind.RETURN})
_EXPIRING = (EntryKind.EXPIRE, EntryKind.REINSTATE)


@frozen(kw_only=True)
class ReturnPurchase:
    """Take a purchase back: some lines, an amount, or all that is left of it."""

    purchase: ExternalId = field(validator=instance(ExternalId, "an ExternalId"))
    receipt: ExternalId = field(validator=instance(ExternalId, "an ExternalId"))
    lines: tuple[ReturnLine, ...] | None = field(
        default=None,
        converter=as_tuple,
        validator=optional(sequence_of(ReturnLine, "a ReturnLine", least=1, most=MOST_LINES)),
    )
    amount: int | None = field(default=None, validator=optional(whole(least=1)))
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))

    def __attrs_post_init__(self) -> None:
        if self.lines is not None and self.amount is not None:
            raise InvalidInput(path="amount", expected="lines or an amount, not both", got="both")
        seen: set[int] = set()
        for index, line in enumerate(self.lines or ()):
            if line.position in seen:
                raise InvalidInput(path=f"lines[{index}].position", expected="each line once", got=str(line.position))
            seen.add(line.position)

    @property
    def fingerprint(self) -> str:
        """What the content comes to, but for its instant, which a repeat may leave out."""
        lines = [(each.position, each.quantity, each.amount) for each in self.lines or ()]
        content = [self.purchase.source, self.purchase.value, self.receipt.source, self.receipt.value]
        return hashlib.sha256(dumps([content, lines, self.amount]).encode()).hexdigest()


@frozen(kw_only=True)
class OfPurchase:
    """A purchase by the till's id."""

    purchase: ExternalId = field(validator=instance(ExternalId, "an ExternalId"))


@frozen(kw_only=True)
class ReturnRecorded:
    """A purchase was taken back, or a part of it.

    Of ``amount`` the till gives back ``money``, and ``stored_value`` where it was stored; points had paid the rest, and
    ``restored`` points came back instead. ``taken`` points were taken back, ``debt`` of them are owed now, and
    ``clamped`` points were not there and let go.
    """

    returned: ReturnId
    purchase: PurchaseId
    account: AccountId
    external_id: ExternalId
    at: datetime
    lines: tuple[ReturnedLine, ...]
    amount: int
    money: int
    points_value: int
    stored_value: int
    restored: int
    taken: int
    debt: int
    clamped: int
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """What decided how many points came back and were taken back."""
        return Explanation(
            f"{self.amount} came back, {self.money} of it in money; "
            f"{self.restored} points were restored, {self.taken} taken back.",
            self.because,
        )


@frozen(kw_only=True)
class PurchaseReturned(Event):
    """A purchase was taken back, or a part of it; ``whole`` if nothing of it is left."""

    type: ClassVar[str] = "purchase.returned"
    returned: ReturnId
    purchase: PurchaseId
    account: AccountId
    club: ClubId
    amount: int
    money: int
    restored: int
    taken: int
    whole: bool


@frozen(kw_only=True)
class ReturningFacts:
    """What a return looks at; the wallet is settled to now, and all its lots are known."""

    wanted: ReturnPurchase
    wallet: Wallet
    club: Club
    """As it was at the purchase."""
    purchase: Purchase
    lines: Sequence[PurchaseLine]
    before: Sequence[Return]
    """The earlier returns of the purchase."""
    spent: Entry | None
    """The entry of what points paid."""
    spent_lots: Sequence[Lot]
    own_lots: frozenset[LotId]
    """The lots in which the points it earned arrived, or to which they came back."""
    moved: Mapping[EntryKind, int]
    """What entries of each kind did to those lots, opening them included; as it is stored."""
    settled: Sequence[Entry]
    """What settling the wallet came to, which is not stored yet."""
    corrections: Sequence[Entry]
    """What was corrected of the purchase's entries before."""
    at: datetime
    """When the goods came back; what that does to points takes effect now."""
    now: datetime

    @property
    def expired(self) -> int:
        """How many of the points it earned expired, less those that live again."""
        fresh = (slice_ for each in self.settled if each.kind is EntryKind.EXPIRE for slice_ in each.slices)
        now = sum(slice_.points for slice_ in fresh if slice_.lot in self.own_lots)
        return max(0, -now - sum(self.moved.get(kind, 0) for kind in _EXPIRING))

    def corrected(self, entry: EntryId) -> bool:
        """Whether an entry of the purchase was corrected as a mistake: then nothing of it is left to come back or to
        be taken.
        """
        return any(each.corrects == entry and each.kind not in _RETURNING for each in self.corrections)


@frozen(kw_only=True)
class Returned:
    """What a return leaves: the wallet after it, and the return."""

    wallet: Wallet
    made: Return


class ReturnInTheFuture(RuleViolation):
    """It has not happened yet."""

    code = "return.in_the_future"
    rule = "COM-8"
    sentence = "The return is of {at}, and it is {now}."


class ReturnBeforePurchase(RuleViolation):
    """Nothing comes back before it was bought."""

    code = "return.before_purchase"
    rule = "PTS-10"
    sentence = "The return is of {at}; the purchase took place at {bought}."


class ReturnToClosedAccount(RuleViolation):
    """Points would come back to an account that is closed."""

    code = "return.account_closed"
    rule = "PTS-10"
    sentence = "{points} points were spent on this and cannot come back: the account {account} is closed."


class ReturnDiffers(Conflict):
    """The same id, another content."""

    code = "return.differs"
    rule = "COM-9"
    sentence = "The return {source}:{value} was recorded before, with another content."


@policy("PTS-10", "A return has happened.")
def must_have_happened(r: ReturningFacts) -> MemberLogicError | None:
    """Its instant is not after now."""
    return None if r.at <= r.now else ReturnInTheFuture(at=r.at.isoformat(), now=r.now.isoformat())


@policy("PTS-10", "Not before the purchase.")
def must_not_precede_the_purchase(r: ReturningFacts) -> MemberLogicError | None:
    """At the same instant, it may."""
    if r.at >= r.purchase.at:
        return None
    return ReturnBeforePurchase(at=r.at.isoformat(), bought=r.purchase.at.isoformat())


RETURNING: Policies[ReturningFacts] = Policies(must_have_happened, must_not_precede_the_purchase)
"""What must be true of a return; what is too much is refused after it, by line or in all."""


def entries_of(purchase: Purchase) -> tuple[Sequence[EntryId], Sequence[EntryId]]:
    """The entries of what points paid and of what it earned: none or one each."""
    paid, earned = purchase.redeem_entry, purchase.earn_entry
    return [] if paid is None else [paid], [] if earned is None else [earned]


def moves(purchase: Purchase) -> Sequence[Move]:
    """Which wallet moves: with all its lots, as any of them may have to give."""
    return (Move(WalletId(purchase.account, POINTS), takes=MOST),)


def once(
    wanted: ReturnPurchase,
    known: Return | None,
    decide: Callable[[], Outcome[tuple[Returned, ...], Entry, ReturnRecorded]],
) -> Outcome[tuple[Returned, ...], Entry, ReturnRecorded]:
    """Decide, unless the return is known: then nothing happens, and the first result is answered.

    Raises:
        ReturnDiffers: if it had another content.
    """
    if known is None:
        return decide()
    if known.fingerprint != wanted.fingerprint or wanted.at not in (None, known.at):
        raise ReturnDiffers(source=wanted.receipt.source, value=wanted.receipt.value)
    return Outcome((), (), as_result(known))


def give_back(
    facts: ReturningFacts, actor: Actor, new_id: NewId
) -> Outcome[tuple[Returned, ...], Entry, ReturnRecorded]:
    """Take a purchase, or a part of it, back.

    Raises:
        RuleViolation: the first of :data:`RETURNING` that refuses; then what is more than was bought, and points that
            would come back to a closed account.
    """
    RETURNING.require(facts)
    back = _back(facts)
    before = so_far(facts.purchase, facts.lines, facts.club, returned_of(facts.lines, facts.before))
    after = so_far(facts.purchase, facts.lines, facts.club, with_lines(facts.lines, facts.before, back))
    restored = _restored(facts, before, after, actor, new_id)
    reclaimed = _reclaimed(facts, restored.facts, after, actor, new_id)
    wallet = changed(reclaimed.facts, effective_at=facts.now)
    made = _made(facts, wallet, back, before, after, restored, reclaimed, ReturnId(new_id()))
    return Outcome((Returned(wallet=wallet, made=made),), (*restored.events, *reclaimed.events), as_result(made))


def _back(facts: ReturningFacts) -> tuple[ReturnedLine, ...]:
    """What comes back of which line."""
    left = left_of(facts.lines, returned_of(facts.lines, facts.before))
    if facts.wanted.lines is not None:
        return by_lines(left, facts.wanted.lines)
    return everything(left) if facts.wanted.amount is None else by_amount(left, facts.wanted.amount)


def _restored(
    facts: ReturningFacts, before: SoFar, after: SoFar, actor: Actor, new_id: NewId
) -> Outcome[Wallet, Entry, int]:
    """The wallet after the points spent on it came back; as it is, if there are none."""
    spent, points = facts.spent, after.restored - before.restored
    if spent is None or not points or facts.corrected(spent.id):
        return Outcome(facts.wallet, (), 0)
    if facts.wallet.state is AccountState.CLOSED:
        raise ReturnToClosedAccount(points=points, account=str(facts.purchase.account))
    figures: dict[str, JSON] = {
        "spent": facts.purchase.redeemed_points,
        "returned": after.returned,
        "total": facts.purchase.total,
    }
    wanted = Restoring(
        spent=spent,
        lots=facts.spent_lots,
        before=before.restored,
        points=points,
        reference=facts.wanted.receipt.value,
        because=(Because("PTS-10", "return.restored", {**figures, "before": before.restored, "points": points}),),
    )
    return restore(facts.wallet, wanted, actor, facts.now, new_id)


def _reclaimed(
    facts: ReturningFacts, wallet: Wallet, after: SoFar, actor: Actor, new_id: NewId
) -> Outcome[Wallet, Entry, Reclaimed]:
    """The wallet after the points it earned were taken back: what expired, was reversed or let go counts as taken."""
    earned = facts.purchase.earn_entry
    if earned is None or facts.corrected(earned):
        return Outcome(wallet, (), Reclaimed(0, 0, 0))
    counts = sum(each.taken + each.clamped for each in facts.before)
    closed = wallet.state is AccountState.CLOSED
    figures: dict[str, JSON] = {
        "earned": facts.purchase.earned,
        "weight": str(after.weight),
        "to": after.unearned,
        "before": counts,
        "expired": facts.expired,
    }
    wanted = Reclaiming(
        earned=earned,
        own=facts.own_lots,
        points=max(0, after.unearned - counts - facts.expired),
        shortfall=Shortfall.CLAMP if closed else wallet.terms.shortfall,
        reference=facts.wanted.receipt.value,
        because=(Because("PTS-10", "return.unearned", figures),),
    )
    return reclaim(wallet, wanted, actor, facts.now, new_id)


def _made(
    facts: ReturningFacts,
    wallet: Wallet,
    back: tuple[ReturnedLine, ...],
    before: SoFar,
    after: SoFar,
    restored: Outcome[Wallet, Entry, int],
    reclaimed: Outcome[Wallet, Entry, Reclaimed],
    id: ReturnId,
) -> Return:
    wanted, purchase, taken = facts.wanted, facts.purchase, reclaimed.result
    paid = after.paid.less(before.paid)
    first, last = restored.events[:1], reclaimed.events[:1]
    figures: dict[str, JSON] = {"money": paid.money, "points": paid.points, "stored_value": paid.stored_value}
    so_much: dict[str, JSON] = {"returned": after.returned, "total": purchase.total}
    said = (entry.because for entry in (*first, *last))
    let_go = (Because("PTS-10", "return.clamped", {"points": taken.clamped}),) if taken.clamped else ()
    return Return(
        id=id,
        purchase=purchase.id,
        account=purchase.account,
        club=purchase.club,
        external_id=wanted.receipt,
        at=facts.at,
        business_day=local_day(facts.at, wallet.terms.zone),
        recorded_at=facts.now,
        lines=back,
        amount=after.returned - before.returned,
        money=paid.money,
        points_value=paid.points,
        stored_value=paid.stored_value,
        restored=sum(entry.amount for entry in first),
        unearned=after.unearned - before.unearned,
        unspent=after.unspent - before.unspent,
        taken=taken.points,
        debt=taken.debt,
        clamped=taken.clamped,
        available=wallet.available,
        whole=after.whole,
        restore_entry=first[0].id if first else None,
        return_entry=last[0].id if last else None,
        fingerprint=wanted.fingerprint,
        because=(
            Because("PTS-10", "return.paid_back", {**so_much, **figures}),
            *(each for of in said for each in of),
            *let_go,
        ),
    )


def as_result(made: Return) -> ReturnRecorded:
    """What the caller is told of a return."""
    return ReturnRecorded(
        returned=made.id,
        purchase=made.purchase,
        account=made.account,
        external_id=made.external_id,
        at=made.at,
        lines=made.lines,
        amount=made.amount,
        money=made.money,
        points_value=made.points_value,
        stored_value=made.stored_value,
        restored=made.restored,
        taken=made.taken,
        debt=made.debt,
        clamped=made.clamped,
        available=made.available,
        because=made.because,
    )


def happened(returned: Sequence[Returned]) -> tuple[PurchaseReturned, ...]:
    """What happened beside the entries."""
    return tuple(
        PurchaseReturned(
            members=tuple(holder.member for holder in each.wallet.holders),
            returned=each.made.id,
            purchase=each.made.purchase,
            account=each.made.account,
            club=each.made.club,
            amount=each.made.amount,
            money=each.made.money,
            restored=each.made.restored,
            taken=each.made.taken,
            whole=each.made.whole,
        )
        for each in returned
    )


def returns_of(purchase: Purchase, lines: Sequence[PurchaseLine], returns: Sequence[Return]) -> PurchaseReturns:
    """All returns of a purchase, with what came back of each line."""
    back = returned_of(lines, returns)
    return PurchaseReturns(
        purchase=purchase.id,
        total=purchase.total,
        returned=sum(each.amount for each in back),
        lines=back,
        returns=tuple(returns),
    )
