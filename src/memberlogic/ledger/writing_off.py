"""PTS-14: writing off empties an account's wallet by name: what is left is gone, what is owed is forgiven. After it the
account can be closed (PTS-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.ids import AccountId, EntryId, NewId
from memberlogic.inputs import MOST, a_key, an_id, code, optional
from memberlogic.ledger.crediting import must_be_open
from memberlogic.ledger.entering import entered
from memberlogic.ledger.model import Entry, EntryKind, Move, Slice, Wallet, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = ["WRITING_OFF", "WriteOff", "WrittenOff", "write_off"]


@frozen(kw_only=True)
class WriteOff:
    """Empty an account's wallet, for a reason."""

    account: AccountId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    reason: str = field(validator=code("a reason"))
    reference: str | None = field(default=None, validator=optional(a_key))

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallet moves, with all its lots."""
        return (Move(WalletId(self.account, self.unit), takes=MOST),)


@frozen(kw_only=True)
class WrittenOff:
    """A wallet is empty: ``points`` are gone, ``debt`` is forgiven."""

    entry: EntryId
    account: AccountId
    unit: Unit
    points: int
    debt: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """What was there."""
        return Explanation(f"{self.points} {self.unit} and a debt of {self.debt} were written off.", self.because)


class WriteOffWhileHeld(RuleViolation):
    """Something is held."""

    code = "write_off.held"
    rule = "PTS-14"
    sentence = "On the account {account} {held} {unit} are held; release or capture them first."


class NothingToWriteOff(RuleViolation):
    """Nothing is left or owed."""

    code = "write_off.nothing"
    rule = "PTS-14"
    sentence = "The account {account} has no {unit} and owes none."


@policy("PTS-14", "Nothing is written off while anything is held.")
def nothing_may_be_held(wallet: Wallet) -> MemberLogicError | None:
    """What is promised to a purchase or a booking is released or captured by name, not lost beside."""
    if not wallet.held:
        return None
    return WriteOffWhileHeld(account=str(wallet.id.account), held=wallet.held, unit=wallet.id.unit)


@policy("PTS-14", "There is something to write off.")
def something_must_be_there(wallet: Wallet) -> MemberLogicError | None:
    """Points or debt."""
    if wallet.remaining or wallet.debt:
        return None
    return NothingToWriteOff(account=str(wallet.id.account), unit=wallet.id.unit)


WRITING_OFF: Policies[Wallet] = Policies(must_be_open, nothing_may_be_held, something_must_be_there)


def write_off(
    wallet: Wallet, wanted: WriteOff, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[Wallet, Entry, WrittenOff]:
    """Empty a settled wallet whose lots are all known, of what is pending too.

    Raises:
        RuleViolation: the first of :data:`WRITING_OFF` that refuses.
    """
    WRITING_OFF.require(wallet)
    why = (Because("PTS-14", "points.written_off", {"points": wallet.remaining, "debt": wallet.debt}),)
    entry = entered(
        wallet,
        EntryKind.WRITE_OFF,
        wallet.debt - wallet.remaining,
        why,
        actor=actor.label,
        at=now,
        new_id=new_id,
        debt=wallet.debt,
        slices=tuple(Slice(lot.id, -lot.remaining) for lot in wallet.lots if lot.remaining),
        reason=wanted.reason,
        reference=wanted.reference,
    )
    result = WrittenOff(
        entry=entry.id,
        account=wanted.account,
        unit=wanted.unit,
        points=wallet.remaining,
        debt=wallet.debt,
        because=why,
    )
    return Outcome(posted(wallet, entry), (entry,), result)
