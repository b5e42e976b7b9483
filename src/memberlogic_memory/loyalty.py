"""Clubs and accounts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, ClubId, MemberId
from memberlogic.loyalty.model import Account, AccountState, Club
from memberlogic.storing import Signpost

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryAccounts", "MemoryClubs"]


class MemoryClubs:
    """The port ``Clubs``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: ClubId) -> Club:
        """One club."""
        club = self._uow.tenant.clubs.get(id)
        if club is None:
            raise NotFound(kind="club", id=id)
        return club

    def at(self, id: ClubId, version: int) -> Club:
        """A club in a version."""
        club = self.get(id)
        assert club.version == version, "a club has one version: nothing changes it yet"
        return club

    def add(self, club: Club) -> None:
        """Queue a new club."""
        self._uow.queue(lambda: self._uow.tenant.clubs.update({club.id: club}))


class MemoryAccounts:
    """The port ``Accounts``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: AccountId) -> Account:
        """One account."""
        tenant = self._uow.tenant
        account = tenant.accounts.get(id)
        if account is None:
            raise NotFound(kind="account", id=id)
        if id in tenant.merged_accounts:
            raise Signpost("account", {id: tenant.merged_accounts[id]})
        return account

    def locked(self, id: AccountId) -> Account:
        """One account, locked."""
        account = self.get(id)
        self._uow.not_before(account.effective_at)
        return account

    def known(self, ids: Sequence[AccountId]) -> frozenset[AccountId]:
        """Those that are there."""
        return frozenset(id for id in ids if id in self._uow.tenant.accounts)

    def own(self, member: MemberId, club: ClubId) -> Sequence[AccountId]:
        """The member's own accounts that are not closed."""
        tenant = self._uow.tenant
        owned = tenant.owned.get((member, club), ())
        return [id for id in owned if tenant.accounts[id].state is not AccountState.CLOSED]

    def held_by(self, member: MemberId) -> Sequence[AccountId]:
        """Every account that a member holds."""
        tenant = self._uow.tenant
        held = (each.id for each in tenant.accounts.values() if member in each.holders)
        return sorted(each for each in held if each not in tenant.merged_accounts)

    def add(self, account: Account) -> None:
        """Queue a new account."""

        def guard() -> None:
            if self.own(account.owner, account.club):
                raise ConcurrencyConflict(reason="the member opened another account")

        def write() -> None:
            self._store(account)
            self._uow.tenant.owned.setdefault((account.owner, account.club), []).append(account.id)

        self._uow.queue(write, guard)

    def stand(self, account: Account) -> None:
        """Queue the state of an account."""

        def write() -> None:
            stored = self._uow.tenant.accounts[account.id]
            closed = account.state is AccountState.CLOSED
            changed = evolve(
                stored,
                state=account.state,
                blocked_for=account.blocked_for,
                blocked_at=account.blocked_at,
                next_review=None if closed else stored.next_review,
                next_warning=None if closed else stored.next_warning,
            )
            self._store(changed)

        self._uow.queue(write)

    def join(self, account: AccountId, member: MemberId) -> None:
        """Queue one more holder."""

        def write() -> None:
            stored = self._uow.tenant.accounts[account]
            self._store(evolve(stored, holders=(*stored.holders, member)))

        self._uow.queue(write)

    def leave(self, account: AccountId, member: MemberId) -> None:
        """Queue one holder less."""

        def write() -> None:
            stored = self._uow.tenant.accounts[account]
            self._store(evolve(stored, holders=tuple(each for each in stored.holders if each != member)))

        self._uow.queue(write)

    def _store(self, account: Account) -> None:
        self._uow.tenant.accounts[account.id] = account
