"""Accounts among the schemes of their clubs, their history, and what purchases come to, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from attrs import evolve

from memberlogic.calendar import Days
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, ClubId
from memberlogic.loyalty.measuring import measure
from memberlogic.loyalty.model import Account, AccountState
from memberlogic.loyalty.progression import DayTotals, Metric, SchemeChange
from memberlogic.loyalty.standing import OnlyReviewed, UpForReview

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryMeasures", "MemorySchemes"]


def _is_by(at: datetime | None, instant: datetime) -> bool:
    return at is not None and at <= instant


class MemorySchemes:
    """The port ``Schemes``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow
        self._found: dict[AccountId, int] = {}
        """The versions of accounts as they were found to be reviewed only."""

    def standing(self, accounts: Sequence[AccountId]) -> Sequence[Account]:
        """These accounts, in the order asked."""
        known = self._uow.tenant.accounts
        for id in accounts:
            if id not in known:
                raise NotFound(kind="account", id=id)
        return [known[id] for id in accounts]

    def due(self, club: ClubId, before: datetime, *, after: AccountId | None = None, limit: int) -> Sequence[Account]:
        """The accounts of a club whose review is due, in order of their ids."""
        due = [
            account
            for account in self._uow.tenant.accounts.values()
            if account.club == club and account.next_review is not None and account.next_review <= before
        ]
        later = [account for account in due if after is None or account.id > after]
        return sorted(later, key=lambda account: account.id)[:limit]

    def only_reviewed(
        self, club: ClubId, at: datetime, until: datetime, *, after: AccountId | None = None, limit: int
    ) -> OnlyReviewed:
        """The next accounts of a club whose review is due, but those for which more is."""
        uow, tenant = self._uow, self._uow.tenant
        page = sorted(
            (
                each
                for each in tenant.accounts.values()
                if each.club == club and each.next_review == at and each.pin is None and each.grace is None
            ),
            key=lambda account: account.id,
        )
        page = [each for each in page if after is None or each.id > after][:limit]
        for each in page:
            uow.not_before(each.effective_at)
        here = {each.id for each in page}
        busy = {
            id.account
            for id, totals in tenant.totals.items()
            if id.account in here and (_is_by(totals.next_change, until) or _is_by(totals.next_warning, uow.now))
        }
        found = [
            UpForReview(each.id, each.scheme, each.state)
            for each in page
            if each.id not in busy and not _is_by(each.next_warning, uow.now)
        ]
        self._found |= {each.id: each.version for each in page}
        return OnlyReviewed(accounts=tuple(found), last=page[-1].id if len(page) == limit else None)

    def reviewed(self, accounts: Sequence[AccountId], following: datetime, at: datetime) -> None:
        """Queue when accounts are reviewed next."""
        known = self._uow.tenant.accounts
        before = {id: self._found[id] for id in accounts}

        def guard() -> None:
            if any(known[id].version != version for id, version in before.items()):
                raise ConcurrencyConflict(reason="the account was changed")

        def write() -> None:
            for id, version in before.items():
                account = known[id]
                known[id] = evolve(
                    account,
                    next_review=following,
                    effective_at=max(account.effective_at, at),
                    version=version + 1,
                )

        self._uow.queue(write, guard)

    def everyone(self, club: ClubId) -> Sequence[Account]:
        """Every account of a club that is not closed."""
        found = self._uow.tenant.accounts.values()
        mine = [each for each in found if each.club == club and each.state is not AccountState.CLOSED]
        return sorted(mine, key=lambda account: account.id)

    def post(self, changes: Sequence[SchemeChange], accounts: Sequence[Account]) -> None:
        """Queue changes and where accounts stand."""
        tenant = self._uow.tenant

        def write() -> None:
            for change in changes:
                tenant.scheme_changes.setdefault(change.account, []).append(change)
            for account in accounts:
                tenant.accounts[account.id] = evolve(
                    tenant.accounts[account.id],
                    scheme=account.scheme,
                    scheme_since=account.scheme_since,
                    counts_from=account.counts_from,
                    next_review=account.next_review,
                    pin=account.pin,
                    grace=account.grace,
                    next_warning=account.next_warning,
                    warned_at=account.warned_at,
                )

        self._uow.queue(write)

    def warned(self, accounts: Sequence[Account]) -> None:
        """Queue up to when holders have been told, and the next looks."""
        tenant = self._uow.tenant

        def write() -> None:
            known = tenant.accounts
            for each in accounts:
                known[each.id] = evolve(known[each.id], next_warning=each.next_warning, warned_at=each.warned_at)

        self._uow.queue(write)

    def look(self, accounts: Sequence[AccountId], at: datetime) -> None:
        """Queue that somebody looks at accounts."""
        tenant = self._uow.tenant

        def write() -> None:
            known = tenant.accounts
            known.update({id: evolve(known[id], next_warning=at) for id in accounts})

        self._uow.queue(write)

    def changes(self, account: AccountId) -> Sequence[SchemeChange]:
        """The history of an account."""
        known = self._uow.tenant.scheme_changes.get(account, ())
        return sorted(known, key=lambda change: (change.effective_at, change.id))

    def histories(self, accounts: Sequence[AccountId]) -> Mapping[AccountId, Sequence[SchemeChange]]:
        """The histories of these accounts."""
        return {account: self.changes(account) for account in accounts}

    def migrated(self, club: ClubId, days: Days) -> Sequence[tuple[date, str, str, int]]:
        """How many accounts went from one scheme to another on each day."""
        counted = Counter(
            (change.day, change.from_scheme, change.to_scheme)
            for changes in self._uow.tenant.scheme_changes.values()
            for change in changes
            if change.club == club and change.day in days
        )
        return [(*key, accounts) for key, accounts in sorted(counted.items())]

    def counted(self, club: ClubId) -> Mapping[str, int]:
        """How many accounts are in each scheme."""
        accounts = self._uow.tenant.accounts.values()
        return Counter(each.scheme for each in accounts if each.club == club and each.state is not AccountState.CLOSED)


class MemoryMeasures:
    """The port ``Measures``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def daily(self, accounts: Sequence[AccountId], since: date) -> Mapping[AccountId, Sequence[DayTotals]]:
        """What purchases come to on each day."""
        return {account: self._of(account, since) for account in accounts}

    def _of(self, account: AccountId, since: date) -> list[DayTotals]:
        days: dict[date, list[int]] = {}
        for purchase in self._uow.tenant.purchases_of.get(account, ()):
            if purchase.counted and purchase.business_day >= since:
                day = days.setdefault(purchase.business_day, [0, 0, 0, 0])
                day[0] += 1
                day[1] += purchase.spent - purchase.unspent
                day[2] += purchase.earned - purchase.unearned
                day[3] += purchase.returned
        for award in self._uow.tenant.awards_of.get(account, ()):
            if award.points and award.earned_on >= since:
                days.setdefault(award.earned_on, [0, 0, 0, 0])[2] += award.points
        return [DayTotals(day, *figures) for day, figures in sorted(days.items())]

    def over(self, accounts: Sequence[AccountId], metric: Metric, window: Days) -> Mapping[AccountId, int]:
        """What a metric comes to over a window."""
        return {account: measure(metric, window, self._of(account, window.start)) for account in accounts}

    def of_club(self, club: ClubId, since: date) -> Mapping[AccountId, Sequence[DayTotals]]:
        """What purchases of a whole club come to on each day."""
        accounts = [each.id for each in self._uow.tenant.accounts.values() if each.club == club]
        return {account: totals for account in accounts if (totals := self._of(account, since))}

    def leading(
        self, club: ClubId, metric: Metric, window: Days, schemes: Collection[str], limit: int
    ) -> Sequence[AccountId]:
        """The accounts with the most of a metric."""
        found = []
        for account in self._uow.tenant.accounts.values():
            if account.club == club and account.state is AccountState.OPEN and account.scheme in schemes:
                totals = self._of(account.id, window.start)
                counted = [each for each in totals if each.day in window]
                if any(each.purchases or metric is Metric.POINTS_EARNED for each in counted):
                    found.append((-measure(metric, window, totals), account.id))
        return [account for _, account in sorted(found)[:limit]]
