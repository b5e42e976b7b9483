"""What loyalty asks of storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from memberlogic.ids import AccountId, ClubId, MemberId
from memberlogic.ledger.ports import LedgerWork
from memberlogic.loyalty.model import Account, Club
from memberlogic.members.ports import MembersWork

__all__ = ["Accounts", "Clubs", "LoyaltyWork"]


class Clubs(Protocol):
    """Clubs with their rules, in versions."""

    def get(self, id: ClubId) -> Club:
        """A club as it is now. Raises ``NotFound``."""
        ...

    def add(self, club: Club) -> None:
        """Queue a new club."""
        ...


class Accounts(Protocol):
    """Accounts and who holds them."""

    def get(self, id: AccountId) -> Account:
        """One account, not locked. Raises ``NotFound``."""
        ...

    def locked(self, id: AccountId) -> Account:
        """One account, locked until the unit ends. Raises ``NotFound``."""
        ...

    def own(self, member: MemberId, club: ClubId) -> Sequence[AccountId]:
        """The member's own accounts in a club that are not closed; true while the member is locked."""
        ...

    def add(self, account: Account) -> None:
        """Queue a new account. Leaving the unit raises ``ConcurrencyConflict`` if another own account of the member
        in the club came in between.
        """
        ...

    def change(self, account: Account) -> None:
        """Queue a change to a locked account. Leaving the unit raises ``ConcurrencyConflict`` if its version is not
        the stored one.
        """
        ...


class LoyaltyWork(MembersWork, LedgerWork, Protocol):
    """A unit of work that reaches clubs and accounts."""

    @property
    def clubs(self) -> Clubs:
        """Clubs."""
        ...

    @property
    def accounts(self) -> Accounts:
        """Accounts."""
        ...
