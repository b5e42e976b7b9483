"""What statements and reports count, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from attrs import evolve

from memberlogic.amounts import Unit
from memberlogic.errors import NotFound
from memberlogic.ids import ClubId
from memberlogic.ledger.consuming import in_order
from memberlogic.ledger.idling import Activity, Opening, is_activity, kept_since, known_expiry
from memberlogic.ledger.model import Entry, EntryKind, Hold, HoldState, Lot, Terms, WalletId
from memberlogic.ledger.movements import DayOfKind
from memberlogic.ledger.outstanding import KindTotal
from memberlogic.ledger.stating import Sums

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryStatements"]


_OF_ITSELF = (HoldState.OPEN, HoldState.LAPSED)


class MemoryStatements:
    """The port ``Statements``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def terms(self, club: ClubId, unit: Unit) -> Terms:
        """What a club says of a unit."""
        terms = self._uow.clubs.get(club).terms.get(unit)
        if terms is None:
            raise NotFound(kind="unit", id=f"{club}/{unit}")
        return terms

    def before(self, wallet: WalletId, start: datetime, recorded: datetime) -> Sums:
        """What took effect before a period."""
        entries = [each for each in self._uow.tenant.entries_of.get(wallet, ()) if each.effective_at < start]
        known = sum(each.amount for each in entries if each.recorded_at <= recorded)
        return Sums(known, sum(each.amount for each in entries))

    def lots(self, wallet: WalletId, by: datetime) -> Sequence[Lot]:
        """The lots that had something left then."""
        entries = [each for each in self._uow.tenant.entries_of.get(wallet, ()) if each.recorded_at <= by]
        opened = {lot.id: (lot, entry) for entry in entries for lot in entry.opened}
        left = {id: lot.amount for id, (lot, _) in opened.items()}
        for each in (each for entry in entries for each in entry.slices):
            left[each.lot] += each.points
        said = {each.lot for entry in entries if entry.kind is EntryKind.AVAILABLE for each in entry.slices}
        return in_order(
            evolve(
                lot,
                remaining=left[id],
                held=0,
                pending=lot.available_at is not None and id not in said,
                expires_at=self._known_expiry(lot, entry, entries),
            )
            for id, (lot, entry) in opened.items()
            if left[id]
        )

    def _known_expiry(self, lot: Lot, opening: Entry, entries: Sequence[Entry]) -> datetime | None:
        """Until when a lot lived by these entries."""
        since = kept_since(opening.kind, opening.effective_at, lot)
        active = [Activity(each.effective_at, each.recorded_at, each.id) for each in entries if is_activity(each)]
        zone = self._uow.tenant.clubs[opening.club].zone
        return known_expiry(lot, Opening(since, opening.recorded_at, opening.id), active, zone)

    def holds(self, wallet: WalletId, by: datetime) -> Sequence[Hold]:
        """Every hold that began by an instant."""
        found = [each for each in self._uow.tenant.holds.values() if each.wallet == wallet and each.held_at <= by]
        return sorted(found, key=lambda hold: (hold.until, hold.id))

    def kinds(self, club: ClubId, unit: Unit, by: datetime | None = None) -> Sequence[KindTotal]:
        """What all entries come to, by kind."""
        found: dict[EntryKind, list[Entry]] = {}
        for entry in self._uow.tenant.entries.values():
            if entry.club == club and entry.wallet.unit == unit and (by is None or entry.recorded_at <= by):
                found.setdefault(entry.kind, []).append(entry)
        return [KindTotal(kind, len(of), sum(entry.amount for entry in of)) for kind, of in found.items()]

    def daily(self, club: ClubId, unit: Unit, before: date) -> Sequence[DayOfKind]:
        """What all entries come to, by business day and kind."""
        found: dict[tuple[date, EntryKind], list[int]] = {}
        for entry in self._uow.tenant.entries.values():
            if entry.club == club and entry.wallet.unit == unit and entry.business_day < before:
                found.setdefault((entry.business_day, entry.kind), []).append(entry.amount)
        days = [DayOfKind(day, kind, len(amounts), sum(amounts)) for (day, kind), amounts in found.items()]
        return sorted(days, key=lambda each: each.day)

    def free(self, club: ClubId, unit: Unit, now: datetime) -> Sequence[tuple[datetime | None, int]]:
        """What no hold reserves, by when it is gone."""
        tenant = self._uow.tenant
        found: dict[datetime | None, int] = {}
        for wallet in self._wallets(club, unit):
            lots = tenant.lots.get(wallet, {})
            for lot in lots.values():
                found[lot.expires_at] = found.get(lot.expires_at, 0) + lot.unreserved
            for hold in tenant.open_holds.get(wallet, {}).values():
                for each in hold.slices if hold.until <= now else ():
                    expires = lots[each.lot].expires_at
                    until = None if expires is None else max(expires, hold.until)
                    found[until] = found.get(until, 0) + each.points
        return list(found.items())

    def left(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[tuple[datetime | None, int, int]]:
        """What was left then, and held, by expiry."""
        left: Counter[datetime | None] = Counter()
        held: Counter[datetime | None] = Counter()
        for wallet in self._wallets(club, unit):
            until = {lot.id: lot.expires_at for lot in self.lots(wallet, by)}
            for lot in self.lots(wallet, by):
                left[lot.expires_at] += lot.remaining
            for hold in self.holds(wallet, by):
                for each in hold.slices if by < min(hold.until, hold.resolved_at or hold.until) else ():
                    held[until[each.lot]] += each.points
        return [(each, left[each], held[each]) for each in left]

    def owed(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[WalletId]:
        """The wallets that owed, and on which a hold had run out, or pending points had become available."""
        entries, found = self._uow.tenant.entries_of, []
        for wallet in self._wallets(club, unit):
            debt = -sum(each.debt for each in entries.get(wallet, ()) if each.recorded_at <= by)
            ran_out = [each.until <= by for each in self.holds(wallet, by) if each.state in _OF_ITSELF]
            known = (each for each in entries.get(wallet, ()) if each.recorded_at <= by)
            waits = [lot.available_at for each in known for lot in each.opened if lot.available_at is not None]
            if debt and (any(ran_out) or any(each <= by for each in waits)):
                found.append(wallet)
        return sorted(found)

    def debt(self, club: ClubId, unit: Unit) -> int:
        """What all accounts owe."""
        return sum(self._uow.tenant.totals[wallet].debt for wallet in self._wallets(club, unit))

    def waited(self, club: ClubId, unit: Unit, by: datetime) -> int:
        """What was left then and becomes available later."""
        lots = [lot for wallet in self._wallets(club, unit) for lot in self.lots(wallet, by)]
        return sum(lot.remaining for lot in lots if lot.available_at is not None and lot.available_at > by)

    def pending(self, club: ClubId, unit: Unit, now: datetime) -> int:
        """What becomes available after now only."""
        of_club = (self._uow.tenant.lots.get(wallet, {}) for wallet in self._wallets(club, unit))
        waiting = (lot for lots in of_club for lot in lots.values() if lot.pending)
        return sum(lot.remaining for lot in waiting if lot.available_at is not None and lot.available_at > now)

    def owing(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[WalletId]:
        """The wallets that owe, and change of themselves by an instant."""
        totals = self._uow.tenant.totals
        due = ((wallet, totals[wallet].next_change) for wallet in self._wallets(club, unit) if totals[wallet].debt)
        return sorted(wallet for wallet, change in due if change is not None and change <= by)

    def _wallets(self, club: ClubId, unit: Unit) -> Iterator[WalletId]:
        tenant = self._uow.tenant
        return (each for each in tenant.totals if each.unit == unit and tenant.accounts[each.account].club == club)
