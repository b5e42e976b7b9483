"""What the ledger asks of storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from memberlogic.amounts import Unit
from memberlogic.calendar import Days
from memberlogic.ids import AccountId, AdjustmentId, ClubId, EntryId, HoldId, JournalId, LotId, NewId
from memberlogic.ledger.adjusted import Alone, StaffTotal
from memberlogic.ledger.expiring import Expired
from memberlogic.ledger.journals import Drafted, Journal, JournalLine, JournalState
from memberlogic.ledger.model import Adjustment, Entry, EntryKind, Hold, Lot, Move, Terms, Wallet, WalletId
from memberlogic.ledger.movements import DayOfKind
from memberlogic.ledger.outstanding import KindTotal
from memberlogic.ledger.past import Past
from memberlogic.ledger.stating import Sums
from memberlogic.organizations.ports import OrganizationsWork

__all__ = ["Adjustments", "Journals", "LedgerWork", "Statements", "Wallets"]


class Wallets(Protocol):
    """Wallets with their lots and entries. The account row is the only lock of its wallets. That of an account which
    became one with another (MEM-17) is empty: :meth:`moving` and :meth:`viewing` raise a
    :class:`~memberlogic.storing.Signpost` for it, after any key was looked up.
    """

    def moving(self, moves: Sequence[Move]) -> Sequence[Wallet]:
        """The wallets that are about to move, in the order asked, their accounts locked in id order until the unit
        ends. A wallet that is asked for twice is answered twice.

        Each comes with its lots in order of consumption (PTS-7): everything that is due, then as many as hold the
        points it ``takes``, and where anything was due one lot that is not; ``all_lots`` says if there are no more.
        One of which nothing is taken comes with all its lots where a warning is due.
        While something is held it comes with all its lots and all its open holds: what a hold frees may lie anywhere.
        While something is pending, or where points live by activity, it comes with all its lots.
        A unit that has a wallet's account open gives the wallet of that unit even if nothing was ever in it.

        Raises:
            NotFound: for the first account, in the order asked, that is not there.
        """
        ...

    def viewing(self, wallets: Sequence[WalletId]) -> Sequence[Wallet]:
        """The wallets with all their lots, not locked. Raises ``NotFound`` like :meth:`moving`."""
        ...

    def post(self, wallets: Sequence[Wallet], entries: Sequence[Entry], holds: Sequence[Hold] = ()) -> None:
        """Queue entries, holds, and the wallets that change as they are afterwards. The entries' slices and opened
        lots are the writes, and so are the slices of holds: reserved by one that is open, not any more by one that is
        not. Lots that an AVAILABLE entry names are not pending any more. Of a wallet its ``next_change``,
        ``next_warning``, ``effective_at``, ``pending``, ``idle``, ``activity_at`` and ``followed`` are taken. Where
        points live by activity, each entry that is some, and then what followed it, in order of their instants, moves
        the expiry of all lots of its wallet that live by it and have not expired by then, those with nothing left too,
        in one statement for each term and day; what entries opened is read as it was then. What was sent here after an
        entry does not live by it.

        Leaving the unit raises ``ConcurrencyConflict`` if a wallet's version is not the stored one, and never lets a
        lot or a total fall below zero.
        """
        ...

    def expire_due(self, wallets: Sequence[WalletId], until: datetime, new_id: NewId) -> Expired:
        """Lock the accounts of these wallets in id order until the unit ends, and queue, for all at once, the expiry of
        those for which nothing else is due by an instant: entries, slices, totals and next changes as settling them one
        by one would leave them (PTS-12, COM-8). Answers which these are; nothing else may be posted of their accounts.

        Left alone, to be settled one by one, are the wallets of an account that is not there, whose review is due by
        the instant, or of which somebody has to be told something by now; a wallet of which
        :func:`~memberlogic.ledger.expiring.only_expires` does not hold; and with it those of the same account.
        """
        ...

    def past(self, wallets: Collection[WalletId], since: datetime) -> Mapping[WalletId, Past]:
        """What took effect on each of these wallets after an instant, as far as it says what could have been spent at
        it; one look, however many wallets there are. True while their accounts are locked.
        """
        ...

    def of_hold(self, id: HoldId) -> WalletId:
        """The wallet of a hold, not locked; a hold stays where it is. Raises ``NotFound``."""
        ...

    def hold(self, id: HoldId) -> Hold:
        """A hold as it is stored; true while its account is locked. Raises ``NotFound``."""
        ...

    def sent(self, wallet: WalletId, kind: EntryKind, days: Days | None) -> int:
        """How many points left by entries of a kind on these business days; 0 if ``days`` is None."""
        ...

    def sent_by(self, days: Mapping[WalletId, Days], kind: EntryKind) -> Mapping[WalletId, int]:
        """The same for several wallets, each over its own days, in one look; those from which nothing left may be
        missing.
        """
        ...

    def entries(
        self, wallet: WalletId, *, after: tuple[datetime, UUID] | None = None, limit: int = 500
    ) -> Sequence[Entry]:
        """The next entries of a wallet in order of (effective_at, id), after a position; at most ``limit``."""
        ...

    def entry(self, id: EntryId) -> Entry:
        """An entry with its slices and the lots it opened, as it will be for ever. Raises ``NotFound``."""
        ...

    def corrections(self, entries: Collection[EntryId]) -> Sequence[Entry]:
        """The entries that correct any of these, in order of (recorded_at, id), with their slices and the lots they
        opened; true while the accounts are locked.
        """
        ...

    def touching(self, lots: Collection[LotId]) -> Sequence[Entry]:
        """The entries that opened, took from or gave back to any of these lots, in order of (recorded_at, id), with all
        their slices and the lots they opened; true while the lots' accounts are locked.
        """
        ...

    def lots(self, ids: Collection[LotId]) -> Sequence[Lot]:
        """These lots as they are now, those with nothing left among them, and every lot whose origin is one of them;
        in order of consumption, true while their accounts are locked.
        """
        ...

    def moved(self, lots: Collection[LotId]) -> Mapping[EntryKind, int]:
        """What entries of each kind did to these lots, in signed points: opened them, gave to them, took from them;
        true while their accounts are locked.
        """
        ...

    def counted_expired(self, account: AccountId, earned: Collection[EntryId]) -> Mapping[EntryId, int]:
        """How many expired points of each of these EARN entries of an account the returns of its purchase counted as
        taken (PTS-10): what they unearned, less what they took and what they let go. Nothing of an entry whose purchase
        did not come back; true while the account is locked.
        """
        ...


class Adjustments(Protocol):
    """Adjustments by staff: every ADJUST entry is one, and so is what waits to become one."""

    def get(self, id: AdjustmentId) -> Adjustment:
        """One adjustment, not locked; true while its account is locked. Raises ``NotFound``."""
        ...

    def waiting_for(self, wallet: WalletId) -> Sequence[Adjustment]:
        """What waits for a second person on a wallet; true while its account is locked."""
        ...

    def alone(self, club: ClubId, unit: Unit, actor: str, day: date | None) -> Alone:
        """What an actor adjusted alone in a club on one of its business days, where that was limited: how many times,
        and how many points, up and down together. Nothing, and nothing is asked, if ``day`` is None.
        """
        ...

    def put(self, adjustment: Adjustment) -> None:
        """Queue an adjustment, new or resolved. Leaving the unit raises ``ConcurrencyConflict`` if another one took
        its ``turn``: nobody does more alone than the limit by doing it on two accounts at once.
        """
        ...

    def waiting(self, club: ClubId, unit: Unit, after: Adjustment | None, limit: int) -> Sequence[Adjustment]:
        """What waits in a club, in order of (asked_at, id), after one of them; at most ``limit``."""
        ...

    def by_staff(self, club: ClubId, unit: Unit, days: Days) -> Sequence[StaffTotal]:
        """What was posted on these business days, by who adjusted, in order of the actors."""
        ...


class Statements(Protocol):
    """What statements and reports count, set-based: one look, however many accounts there are."""

    def terms(self, club: ClubId, unit: Unit) -> Terms:
        """What a club says of a unit. Raises ``NotFound`` for the club, or for a unit that it does not have."""
        ...

    def before(self, wallet: WalletId, start: datetime, recorded: datetime) -> Sums:
        """What a wallet's entries that took effect before ``start`` come to: those that were recorded by ``recorded``
        (inclusive), and all.
        """
        ...

    def lots(self, wallet: WalletId, by: datetime) -> Sequence[Lot]:
        """The lots of a wallet that had something left, by what was recorded by an instant (inclusive), with what was
        left of each then, whether it was pending, and its expiry as was known then; of holds they say nothing.
        """
        ...

    def holds(self, wallet: WalletId, by: datetime) -> Sequence[Hold]:
        """Every hold of a wallet that began by an instant (inclusive), whatever became of it."""
        ...

    def kinds(self, club: ClubId, unit: Unit, by: datetime | None = None) -> Sequence[KindTotal]:
        """What all entries of a club come to, by kind; only kinds that there are, and where an instant is given only
        entries that were recorded by then (inclusive).
        """
        ...

    def daily(self, club: ClubId, unit: Unit, before: date) -> Sequence[DayOfKind]:
        """What all entries of a club come to, by business day and kind, of the days before one (exclusive); in order of
        days, only what there is.
        """
        ...

    def free(self, club: ClubId, unit: Unit, now: datetime) -> Sequence[tuple[datetime | None, int]]:
        """What no hold reserves at ``now``, of all open lots of a club, by the instant at which it expires (None:
        never), each once; what is pending among it, and what holds that ran out by then reserved: what one of them kept
        beyond its expiry, by the instant at which that hold ran out (PTS-9).
        """
        ...

    def left(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[tuple[datetime | None, int, int]]:
        """What was left of a club's lots by what was recorded by an instant (inclusive), and what running holds
        reserved of it then, by the instant at which it expires as was known then (None: never), each once.
        """
        ...

    def owed(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[WalletId]:
        """The wallets of a club that owed something by what was recorded by an instant (inclusive), and on which a hold
        had run out or pending points had become available by then, written down or not: few.
        """
        ...

    def waited(self, club: ClubId, unit: Unit, by: datetime) -> int:
        """What was left of a club's lots by what was recorded by an instant (inclusive), and becomes available after it
        only.
        """
        ...

    def pending(self, club: ClubId, unit: Unit, now: datetime) -> int:
        """What becomes available after ``now`` only, over all accounts of a club."""
        ...

    def debt(self, club: ClubId, unit: Unit) -> int:
        """What all accounts of a club owe."""
        ...

    def owing(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[WalletId]:
        """The wallets of a club that owe something and change of themselves by an instant (inclusive): few, where the
        jobs run.
        """
        ...


class Journals(Protocol):
    """Journals and their lines (PTS-15). The journal's row is locked before the accounts."""

    def get(self, id: JournalId) -> Journal:
        """One journal, not locked. Raises ``NotFound``."""
        ...

    def locked(self, id: JournalId) -> Journal:
        """One journal, locked until the unit ends. Raises ``NotFound``."""
        ...

    def find(self, reference: str) -> Journal:
        """The journal of a reference, not locked. Raises ``NotFound``."""
        ...

    def drafted(self, reference: str) -> Journal | None:
        """The journal of a reference, locked until the unit ends; None if there is none yet."""
        ...

    def draft(self, drafted: Drafted | None) -> None:
        """Queue a journal with new lines, and that its older lines go where it is begun anew; nothing for None. Leaving
        the unit raises ``ConcurrencyConflict`` if another journal took the reference in between.
        """
        ...

    def stand(self, journal: Journal) -> None:
        """Queue what became of a locked journal."""
        ...

    def register(self, journal: JournalId, became: Sequence[tuple[int, EntryId]]) -> None:
        """Queue which entry each of some lines became."""
        ...

    def lines(self, journal: JournalId, *, after: int = 0, limit: int) -> Sequence[JournalLine]:
        """The next lines of a journal after a number, in order; at most ``limit``. Where an account that a line names
        leads to another by now (MEM-17), the line names that.
        """
        ...

    def page(self, state: JournalState | None, *, after: JournalId | None, limit: int) -> Sequence[Journal]:
        """The next journals, or those in a state, in order of their ids; at most ``limit``."""
        ...

    def there(self, accounts: Collection[AccountId]) -> frozenset[AccountId]:
        """Those of the accounts that are there."""
        ...

    def lock_accounts(self, journal: JournalId) -> None:
        """Lock every account that the lines of a journal name and that is there, in the order of their ids."""
        ...


class LedgerWork(OrganizationsWork, Protocol):
    """A unit of work that reaches wallets."""

    @property
    def wallets(self) -> Wallets:
        """Wallets with their lots and entries."""
        ...

    @property
    def adjustments(self) -> Adjustments:
        """Adjustments by staff."""
        ...

    @property
    def statements(self) -> Statements:
        """What statements and reports count."""
        ...

    @property
    def journals(self) -> Journals:
        """Journals."""
        ...

    def write_out(self) -> None:
        """Write what is queued so far, so that it can be read again; it stays part of the unit, all or nothing. What
        was read before is not true any more.
        """
        ...
