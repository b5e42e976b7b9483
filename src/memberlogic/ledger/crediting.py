"""PTS-6, PTS-18: crediting points. They settle debt first, then open a lot that lives by the club's expiry policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import local_day
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.ids import AccountId, EntryId, LotId, NewId
from memberlogic.inputs import MOST, a_key, an_id, an_instant, code, optional, to_utc_or_none, whole
from memberlogic.ledger.expiring import expires_at
from memberlogic.ledger.idling import lives_by
from memberlogic.ledger.model import AccountState, Entry, EntryKind, Lot, Move, Wallet, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.ledger.refusals import AccountNotOpen, EveryHolderBlocked, WalletFull
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = ["RECEIVING", "Credit", "Credited", "credit", "opened_by", "require_room"]


@frozen(kw_only=True)
class Credit:
    """Credit points to an account, for a reason."""

    account: AccountId = field(validator=an_id)
    points: int = field(validator=whole(least=1))
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    reason: str = field(validator=code("a reason"))
    reference: str | None = field(default=None, validator=optional(a_key))
    expires_at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    """Instead of what the club's policy says."""

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallet moves."""
        return (Move(WalletId(self.account, self.unit)),)


@frozen(kw_only=True)
class Credited:
    """Points were credited. ``lot`` and ``expires_at`` are None if all of them settled debt; ``expires_at`` also if
    they never expire.
    """

    entry: EntryId
    account: AccountId
    unit: Unit
    points: int
    settled_debt: int
    lot: LotId | None
    expires_at: datetime | None
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """Why they live as long as they do."""
        return Explanation(f"{self.points} {self.unit} were credited.", self.because)


@policy("PTS-1", "An account that is not open does not receive.")
def must_be_open(wallet: Wallet) -> MemberLogicError | None:
    """BLOCKED and CLOSED accounts have no movement."""
    if wallet.state is AccountState.OPEN:
        return None
    return AccountNotOpen(account=str(wallet.id.account), state=wallet.state.value)


@policy("PTS-1", "Points are received unless every holder is blocked.")
def some_holder_must_take_part(wallet: Wallet) -> MemberLogicError | None:
    """One holder who is not blocked is enough to receive."""
    if any(holder.state.takes_part for holder in wallet.holders):
        return None
    return EveryHolderBlocked(account=str(wallet.id.account))


RECEIVING: Policies[Wallet] = Policies(must_be_open, some_holder_must_take_part)
"""What must be true of a wallet that points arrive in."""


def require_room(wallet: Wallet, points: int) -> None:
    """Refuse what a wallet cannot hold any more.

    Raises:
        WalletFull: above 2**53 - 1 in all.
    """
    if wallet.remaining + points > MOST:
        raise WalletFull(account=str(wallet.id.account), asked=points, unit=wallet.id.unit, most=MOST)


def opened_by(
    wallet: Wallet, points: int, earned_at: datetime, expires: datetime | None, new_id: NewId, *, named: bool = False
) -> tuple[Lot, ...]:
    """The lot that is left of a credit once debt is settled; none if nothing is. It lives by the club's policy, or
    until an instant that was named.
    """
    left = points - min(points, wallet.debt)
    if not left:
        return ()
    idle, until = (None, expires) if named else lives_by(wallet, expires)
    return (Lot(id=LotId(new_id()), amount=left, remaining=left, earned_at=earned_at, expires_at=until, idle=idle),)


def credit(
    wallet: Wallet, wanted: Credit, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[Wallet, Entry, Credited]:
    """Credit a settled wallet.

    Raises:
        InvalidInput: if an expiry is named that is not after now.
        AccountNotOpen: unless the account is open.
        EveryHolderBlocked: if nobody who holds it may take part.
        WalletFull: above 2**53 - 1 in all.
    """
    RECEIVING.require(wallet)
    require_room(wallet, wanted.points)
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise InvalidInput(path="expires_at", expected="an instant after now", got="one that has passed")
    day = local_day(now, wallet.terms.zone)
    expires = wanted.expires_at or expires_at(wallet.terms.expiry, day, wallet.terms.zone)
    opened = opened_by(wallet, wanted.points, now, expires, new_id, named=wanted.expires_at is not None)
    settled_debt = min(wanted.points, wallet.debt)
    why = Because(
        "PTS-6",
        "expiry.named" if wanted.expires_at else "expiry.by_policy",
        {"expires_at": expires.isoformat() if expires else "never"},
    )
    entry = Entry(
        id=EntryId(new_id()),
        wallet=wallet.id,
        club=wallet.club,
        scheme=wallet.scheme,
        kind=EntryKind.CREDIT,
        amount=wanted.points,
        debt=settled_debt,
        opened=opened,
        business_day=day,
        effective_at=now,
        recorded_at=now,
        actor=actor.label,
        reason=wanted.reason,
        reference=wanted.reference,
        because=(why,),
    )
    after = posted(wallet, entry)
    return Outcome(
        after,
        (entry,),
        Credited(
            entry=entry.id,
            account=wanted.account,
            unit=wanted.unit,
            points=wanted.points,
            settled_debt=settled_debt,
            lot=opened[0].id if opened else None,
            expires_at=expires if opened else None,
            available=after.available,
            because=(why,),
        ),
    )
