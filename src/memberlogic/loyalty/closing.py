"""PTS-1: blocking, unblocking and closing an account.

While an account is BLOCKED nothing moves but expiry. It is closed only when nothing is left on it and nothing owed,
for good; the member may then open a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.amounts import Unit
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import AccountId, ClubId
from memberlogic.inputs import an_id, code
from memberlogic.ledger.model import AccountState, Move, Wallet, WalletId
from memberlogic.loyalty.lifecycle import ACCOUNT_STATES
from memberlogic.loyalty.model import Account, Club
from memberlogic.members import MemberState
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "CLOSING",
    "UNBLOCKING",
    "AccountBlocked",
    "AccountClosed",
    "AccountFacts",
    "AccountUnblocked",
    "BlockAccount",
    "ToAccount",
    "block",
    "close",
    "moves",
    "unblock",
    "untouched",
]


@frozen(kw_only=True)
class BlockAccount:
    """Block an account for a reason, given as a code."""

    account: AccountId = field(validator=an_id)
    reason: str = field(validator=code("a reason"))


@frozen(kw_only=True)
class ToAccount:
    """Unblock or close this account."""

    account: AccountId = field(validator=an_id)


@frozen(kw_only=True)
class AccountFacts:
    """An account with its wallets, settled."""

    account: Account
    wallets: Sequence[Wallet]


@frozen(kw_only=True)
class AccountBlocked(Event):
    """Nothing moves on the account until it is unblocked, but expiry."""

    type: ClassVar[str] = "account.blocked"
    account: AccountId
    club: ClubId
    reason: str


@frozen(kw_only=True)
class AccountUnblocked(Event):
    """The account moves again."""

    type: ClassVar[str] = "account.unblocked"
    account: AccountId
    club: ClubId


@frozen(kw_only=True)
class AccountClosed(Event):
    """The account ended."""

    type: ClassVar[str] = "account.closed"
    account: AccountId
    club: ClubId


class AccountHasPoints(RuleViolation):
    """Something is left on it."""

    code = "account.has_points"
    rule = "PTS-1"
    sentence = "The account {account} has {points} {unit}; it is closed when none are left."


class AccountHasDebt(RuleViolation):
    """Something is owed."""

    code = "account.has_debt"
    rule = "PTS-1"
    sentence = "The account {account} owes {debt} {unit}; it is closed when nothing is owed."


class AccountHasHolds(RuleViolation):
    """Something is held."""

    code = "account.has_holds"
    rule = "PTS-1"
    sentence = "On the account {account} {held} {unit} are held; release or capture them first."


@policy("PTS-1", "An account is closed when nothing of it is held any more.")
def nothing_may_be_held(c: AccountFacts) -> MemberLogicError | None:
    """An open hold may still be captured."""
    found = next((wallet for wallet in c.wallets if wallet.held), None)
    return AccountHasHolds(held=found.held, **_named(found)) if found else None


@policy("PTS-1", "An account is closed only at a balance of zero.")
def nothing_may_be_left(c: AccountFacts) -> MemberLogicError | None:
    """Points are redeemed, transferred or gone first."""
    found = next((wallet for wallet in c.wallets if wallet.remaining), None)
    return AccountHasPoints(points=found.remaining, **_named(found)) if found else None


@policy("PTS-1", "An account is closed only when it owes nothing.")
def nothing_may_be_owed(c: AccountFacts) -> MemberLogicError | None:
    """Debt is settled first."""
    found = next((wallet for wallet in c.wallets if wallet.debt), None)
    return AccountHasDebt(debt=found.debt, **_named(found)) if found else None


def _named(wallet: Wallet) -> dict[str, str]:
    return {"account": str(wallet.id.account), "unit": wallet.id.unit}


class HoldersAnonymised(RuleViolation):
    """Nobody is left who could act."""

    code = "account.holders_anonymised"
    rule = "MEM-9"
    sentence = "Everybody who holds the account {account} was anonymised; it stays blocked, and its points expire."


@policy("MEM-9", "An account whose holders were all anonymised stays blocked.")
def somebody_must_be_left(c: AccountFacts) -> MemberLogicError | None:
    """Its points expire by their dates."""
    holders = [holder for wallet in c.wallets for holder in wallet.holders]
    if not holders or any(each.state is not MemberState.ANONYMISED for each in holders):
        return None
    return HoldersAnonymised(account=str(c.account.id))


UNBLOCKING: Policies[AccountFacts] = Policies(somebody_must_be_left)
CLOSING: Policies[AccountFacts] = Policies(nothing_may_be_held, nothing_may_be_left, nothing_may_be_owed)


def moves(account: Account, club: Club) -> Sequence[Move]:
    """The account's wallets, to be locked and settled."""
    units: Sequence[Unit] = sorted(club.terms)
    return tuple(Move(WalletId(account.id, unit)) for unit in units)


def untouched(wallets: Sequence[Wallet], now: datetime) -> Sequence[Wallet]:
    """The wallets of an account that changes itself: nothing of them but its last effective instant."""
    return tuple(evolve(wallet, effective_at=max(wallet.effective_at, now)) for wallet in wallets)


def _after(account: Account, action: str, now: datetime) -> Account:
    return evolve(
        account,
        state=ACCOUNT_STATES.after(account.state, action),
        effective_at=max(account.effective_at, now),
        version=account.version + 1,
    )


def block(facts: AccountFacts, wanted: BlockAccount, now: datetime) -> Outcome[Account, AccountBlocked, Account]:
    """Nothing moves until the account is unblocked.

    Raises:
        IllegalTransition: unless it is open.
    """
    blocked = evolve(_after(facts.account, "block", now), blocked_for=wanted.reason, blocked_at=now)
    event = AccountBlocked(members=blocked.holders, account=blocked.id, club=blocked.club, reason=wanted.reason)
    return Outcome(blocked, (event,), blocked)


def unblock(facts: AccountFacts, now: datetime) -> Outcome[Account, AccountUnblocked, Account]:
    """The account is open again; what expired meanwhile is gone.

    Raises:
        IllegalTransition: unless it is blocked.
        HoldersAnonymised: if everybody who holds it was anonymised.
    """
    opened = evolve(_after(facts.account, "unblock", now), blocked_for=None, blocked_at=None)
    UNBLOCKING.require(facts)
    return Outcome(opened, (AccountUnblocked(members=opened.holders, account=opened.id, club=opened.club),), opened)


def close(facts: AccountFacts, now: datetime) -> Outcome[Account, AccountClosed, Account]:
    """The account ends, for good.

    Raises:
        IllegalTransition: unless it is open.
        RuleViolation: the first of :data:`CLOSING` that refuses.
    """
    closed = _after(facts.account, "close", now)
    assert closed.state is AccountState.CLOSED
    CLOSING.require(facts)
    closed = evolve(closed, next_review=None, next_warning=None)
    return Outcome(closed, (AccountClosed(members=closed.holders, account=closed.id, club=closed.club),), closed)
