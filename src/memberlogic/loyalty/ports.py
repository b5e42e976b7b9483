"""What loyalty asks of storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from memberlogic.calendar import Days
from memberlogic.ids import AccountId, AwardId, ClubId, ExternalId, MemberId, PurchaseId, ReturnId
from memberlogic.ledger.model import Move, Wallet
from memberlogic.ledger.ports import LedgerWork
from memberlogic.loyalty.awards import Award
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import DayTotals, Metric, SchemeChange
from memberlogic.loyalty.purchases import Purchase, PurchaseLine
from memberlogic.loyalty.returns import Return
from memberlogic.loyalty.standing import OnlyReviewed
from memberlogic.members.ports import MembersWork

__all__ = [
    "AccountMergings",
    "Accounts",
    "Arriving",
    "Awards",
    "Clubs",
    "LoyaltyWork",
    "Measures",
    "Purchases",
    "Returns",
    "Schemes",
]


class Clubs(Protocol):
    """Clubs with their rules, in versions."""

    def get(self, id: ClubId) -> Club:
        """A club as it is now. Raises ``NotFound``."""
        ...

    def at(self, id: ClubId, version: int) -> Club:
        """A club as it was in one of its versions."""
        ...

    def add(self, club: Club) -> None:
        """Queue a new club."""
        ...


class Accounts(Protocol):
    """Accounts and who holds them. One that became one with another (MEM-17) leads to that: looking it up by its id, or
    a wallet of it, raises a :class:`~memberlogic.storing.Signpost`, which the runner follows.
    """

    def get(self, id: AccountId) -> Account:
        """One account, not locked. Raises ``NotFound``."""
        ...

    def locked(self, id: AccountId) -> Account:
        """One account, locked until the unit ends. Raises ``NotFound``."""
        ...

    def known(self, ids: Sequence[AccountId]) -> frozenset[AccountId]:
        """Those of the accounts that are there, not locked."""
        ...

    def own(self, member: MemberId, club: ClubId) -> Sequence[AccountId]:
        """The member's own accounts in a club that are not closed; true while the member is locked."""
        ...

    def held_by(self, member: MemberId) -> Sequence[AccountId]:
        """Every account that a member holds, alone or with others, closed ones among them, those that lead to another
        not, in order of their ids; true while the member is locked.
        """
        ...

    def add(self, account: Account) -> None:
        """Queue a new account. Leaving the unit raises ``ConcurrencyConflict`` if another own account of the member
        in the club came in between.
        """
        ...

    def stand(self, account: Account) -> None:
        """Queue the state of a locked account, why it is blocked, and that one that is closed has no review any more.
        Its wallets are posted in the same unit, which writes its version.
        """
        ...

    def join(self, account: AccountId, member: MemberId) -> None:
        """Queue one more holder of a locked account, after the others; its wallets are posted in the same unit."""
        ...

    def leave(self, account: AccountId, member: MemberId) -> None:
        """Queue one holder less of a locked account; its wallets are posted in the same unit."""
        ...


class AccountMergings(Protocol):
    """Accounts of one person that became one (MEM-17)."""

    def leads(self, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """Which of some ids are of accounts that became one with others, and to which they lead; not locked."""
        ...

    def led_to(self, account: AccountId) -> Sequence[AccountId]:
        """The accounts that lead to this one, in order of their ids."""
        ...

    def formerly(self, accounts: Sequence[AccountId]) -> Mapping[AccountId, Sequence[AccountId]]:
        """The accounts that lead to each of these; nothing is asked if none are given."""
        ...

    def hand_over(self, accounts: Sequence[AccountId], duplicate: MemberId, survivor: MemberId) -> None:
        """Queue that one of two locked members holds these locked accounts, once, in the place of the other, and owns
        those that the other did; after their state was queued. So it does those that lead to another, and it is whom
        awards concern that concerned the other.
        """
        ...

    def merge(self, account: AccountId, into: AccountId) -> None:
        """Queue that a locked account, which is closed in the same unit, leads to another locked one, and so does every
        account that led to it; and that its purchases with what came back of them, its awards and its external ids are
        the other's. Entries, lots, holds and scheme changes stay where they are.
        """
        ...


@frozen
class Arriving:
    """What has to be known when purchases arrive: the wallets, locked, and those of the purchases that were recorded
    before.
    """

    wallets: Sequence[Wallet]
    known: Mapping[ExternalId, Purchase]


class Purchases(Protocol):
    """Purchases with their lines; the till's id is a natural key for ever."""

    def arriving(self, moves: Sequence[Move], purchases: Sequence[ExternalId]) -> Arriving:
        """The wallets that are about to move, as :meth:`Wallets.moving` gives and locks them, and, looked up after
        the locks were had, those of the purchases that are there already. Raises ``NotFound`` like it.
        """
        ...

    def earned(self, accounts: Sequence[AccountId], days: Days | None) -> Mapping[AccountId, Mapping[date, int]]:
        """What purchases of these accounts earned on each of these business days; nothing if ``days`` is None."""
        ...

    def find(self, purchase: ExternalId) -> Purchase:
        """One purchase by the till's id. Raises ``NotFound``."""
        ...

    def lines(self, purchase: PurchaseId) -> Sequence[PurchaseLine]:
        """The lines of a purchase, in order."""
        ...

    def of_club(
        self, club: ClubId, *, after: PurchaseId | None, limit: int
    ) -> Sequence[tuple[Purchase, Sequence[PurchaseLine]]]:
        """Purchases of a club with their lines, in the order of their ids, which is the one of their recording; those
        after one of them, at most ``limit``, in as many looks however many there are.
        """
        ...

    def of_account(
        self, account: AccountId, *, after: PurchaseId | None, limit: int
    ) -> Sequence[tuple[Purchase, Sequence[PurchaseLine]]]:
        """The next purchases of an account with their lines, in the order of their ids; those after one of them, at
        most ``limit``.
        """
        ...

    def add(self, purchases: Sequence[tuple[Purchase, Sequence[PurchaseLine]]]) -> None:
        """Queue new purchases with their lines, in batches where there are many. Leaving the unit raises
        ``ConcurrencyConflict`` if one of the tills' ids came in between.
        """
        ...


class Returns(Protocol):
    """Returns of purchases; the till's id of a return is a natural key for ever."""

    def of(self, purchase: PurchaseId) -> Sequence[Return]:
        """The returns of a purchase with their lines, in order of (recorded_at, id); true while its account is
        locked.
        """
        ...

    def known(self, receipt: ExternalId) -> Return | None:
        """A return by the till's id, if it was recorded."""
        ...

    def of_account(self, account: AccountId, *, after: ReturnId | None, limit: int) -> Sequence[Return]:
        """The next returns of an account's purchases with their lines, in the order of their ids; those after one of
        them, at most ``limit``.
        """
        ...

    def add(self, returns: Sequence[Return]) -> None:
        """Queue new returns with their lines; their purchases count so much less from then on (SCH-2), see
        :class:`Measures`. Leaving the unit raises ``ConcurrencyConflict`` if one of the tills' ids came in between.
        """


class Awards(Protocol):
    """What events other than purchases came to; the host's id is a natural key for ever."""

    def known(self, reference: ExternalId) -> Award | None:
        """The award with an id of the host's; None if there is none."""
        ...

    def times(self, club: ClubId, member: MemberId, rule: str, days: Days | None) -> int:
        """How often a rule of a club gave points to a member for events of these business days, of any if None; on all
        accounts that the member holds; true while the member is locked.
        """
        ...

    def of_account(self, account: AccountId, *, after: AwardId | None, limit: int) -> Sequence[Award]:
        """The next awards of an account, in the order of their ids; those after one of them, at most ``limit``."""
        ...

    def add(self, awards: Sequence[Award]) -> None:
        """Queue new awards. Leaving the unit raises ``ConcurrencyConflict`` if one of their ids came in between."""
        ...


class Schemes(Protocol):
    """Where accounts stand among their club's schemes, when they are reviewed, and how they came there."""

    def standing(self, accounts: Sequence[AccountId]) -> Sequence[Account]:
        """These accounts in the order asked, in one look; locked if their wallets are moving. Raises ``NotFound``."""
        ...

    def due(self, club: ClubId, before: datetime, *, after: AccountId | None = None, limit: int) -> Sequence[Account]:
        """The accounts of a club whose next review is at or before an instant, in order of their ids, after one of
        them; at most ``limit``, not locked.
        """
        ...

    def only_reviewed(
        self, club: ClubId, at: datetime, until: datetime, *, after: AccountId | None = None, limit: int
    ) -> OnlyReviewed:
        """Lock the accounts of a club whose next review is at an instant and which neither a pin nor a grace holds,
        those after one of them and at most ``limit``, in id order until the unit ends; and answer those for which
        nothing else is due by ``until``: nothing in any of their wallets, and nobody has to be told anything by now.
        In order of their ids.
        """
        ...

    def reviewed(self, accounts: Sequence[AccountId], following: datetime, at: datetime) -> None:
        """Queue that locked accounts, as they were found, were reviewed as of an instant, and when they are next; this
        writes their version, and their wallets are not posted in the unit.
        """
        ...

    def everyone(self, club: ClubId) -> Sequence[Account]:
        """Every account of a club that is not closed, in order of their ids, in one look; not locked."""
        ...

    def post(self, changes: Sequence[SchemeChange], accounts: Sequence[Account]) -> None:
        """Queue changes of scheme for the history, and where accounts stand after them and their reviews: scheme,
        since, next review, pin and grace, and when their holders are warned (SCH-9). The accounts' wallets are posted
        in the same unit, which writes their version.
        """
        ...

    def warned(self, accounts: Sequence[Account]) -> None:
        """Queue up to when the holders of locked accounts have been told that they will fall, and when somebody looks
        again; after what :meth:`post` queued.
        """
        ...

    def look(self, accounts: Sequence[AccountId], at: datetime) -> None:
        """Queue that somebody looks at locked accounts from an instant on, whether they will fall."""
        ...

    def changes(self, account: AccountId) -> Sequence[SchemeChange]:
        """The history of an account, in order of (effective_at, id)."""
        ...

    def histories(self, accounts: Sequence[AccountId]) -> Mapping[AccountId, Sequence[SchemeChange]]:
        """The histories of these accounts, each in order of (effective_at, id), in one look however many accounts
        there are; an account without changes is named with none.
        """
        ...

    def migrated(self, club: ClubId, days: Days) -> Sequence[tuple[date, str, str, int]]:
        """How many accounts of a club went from one scheme to another on each of these business days: (day, from, to,
        accounts), in order; only what happened.
        """
        ...

    def counted(self, club: ClubId) -> Mapping[str, int]:
        """How many accounts that are not closed are in each scheme of a club, by scheme code; none, where it is not
        named.
        """
        ...


class Measures(Protocol):
    """What purchases come to, less what came back of them, for the metrics of schemes (SCH-2), and what events other
    than purchases earned. Only those that count are there.
    """

    def daily(self, accounts: Sequence[AccountId], since: date) -> Mapping[AccountId, Sequence[DayTotals]]:
        """What the purchases of these accounts come to on each business day since one (inclusive), in order of days,
        in one look however many accounts there are; an account without any is named with none.
        """
        ...

    def over(self, accounts: Sequence[AccountId], metric: Metric, window: Days) -> Mapping[AccountId, int]:
        """What a metric comes to for these accounts over a window, never below 0, in one look however many accounts
        there are; an account for which nothing counts may be missing.
        """
        ...

    def of_club(self, club: ClubId, since: date) -> Mapping[AccountId, Sequence[DayTotals]]:
        """The same for every account of a club that has any, in one look however many there are."""
        ...

    def leading(
        self, club: ClubId, metric: Metric, window: Days, schemes: Collection[str], limit: int
    ) -> Sequence[AccountId]:
        """The open accounts of a club in any of these schemes that have the most of a metric over a window, the most
        first, ties by id; at most ``limit``, and none without anything in the window that counts for the metric.
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

    @property
    def account_mergings(self) -> AccountMergings:
        """Accounts of one person that became one."""
        ...

    @property
    def purchases(self) -> Purchases:
        """Purchases."""
        ...

    @property
    def returns(self) -> Returns:
        """Returns of purchases."""
        ...

    @property
    def awards(self) -> Awards:
        """What events other than purchases came to."""
        ...

    @property
    def schemes(self) -> Schemes:
        """Accounts among the schemes of their clubs."""
        ...

    @property
    def measures(self) -> Measures:
        """What purchases come to."""
        ...
