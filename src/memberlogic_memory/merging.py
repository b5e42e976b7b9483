"""Records of one person that became one, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from attrs import evolve

from memberlogic.ids import AccountId, MemberId
from memberlogic.members import Member

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryAccountMergings", "MemoryContractMergings", "MemoryMergings"]

K = TypeVar("K")
T = TypeVar("T")


def _leads_on(leads: dict[K, K], gone: K, into: K) -> None:
    """What led to one leads to the other, and so does the one itself."""
    leads.update({each: into for each, to in leads.items() if to == gone})
    leads[gone] = into


def _all_to(kept: dict[K, list[T]], gone: K, into: K) -> None:
    kept.setdefault(into, []).extend(kept.pop(gone, []))


class MemoryMergings:
    """The port ``Mergings``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def leads(self, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """Which of some ids lead where."""
        return {id: into for id, into in self._uow.tenant.merged.items() if id in ids}

    def led_to(self, member: MemberId) -> Sequence[Member]:
        """The records that lead to this one."""
        tenant = self._uow.tenant
        return [tenant.members[each] for each, into in sorted(tenant.merged.items()) if into == member]

    def merge(self, duplicate: MemberId, survivor: MemberId) -> None:
        """Queue that one record is the other."""
        self._uow.queue(lambda: self._merge(duplicate, survivor))

    def _merge(self, duplicate: MemberId, survivor: MemberId) -> None:
        tenant = self._uow.tenant
        _leads_on(tenant.merged, duplicate, survivor)
        for point in [each for each in tenant.contact_points.values() if each.member == duplicate]:
            tenant.contact_points[point.id] = evolve(point, member=survivor)
        for waits in [each for each in tenant.confirmations.values() if each.member == duplicate]:
            tenant.confirmations[waits.contact_point] = evolve(waits, member=survivor)
        for key in [key for key, id in tenant.external_ids.items() if (key[0], id) == ("member", duplicate)]:
            tenant.external_ids[key] = survivor
        tenant.consents.setdefault(survivor, []).extend(
            evolve(each, member=survivor) for each in tenant.consents.pop(duplicate, [])
        )
        tenant.inquiries.setdefault(survivor, []).extend(
            evolve(each, member=survivor) for each in tenant.inquiries.pop(duplicate, [])
        )
        for note in [id for id, (of, _) in tenant.notes.items() if of == duplicate]:
            tenant.notes[note] = (survivor, tenant.notes[note][1])
        for id, queued in [(id, each) for id, each in tenant.outbox.items() if each.message.member == duplicate]:
            tenant.outbox[id] = evolve(queued, message=evolve(queued.message, member=survivor))


class MemoryContractMergings:
    """The port ``ContractMergings``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def counted(self, member: MemberId) -> Mapping[str, int]:
        """How much a member has."""
        tenant = self._uow.tenant
        return {
            "visits": len(tenant.visits_of.get(member, ())),
            "passes": sum(each.member == member for each in tenant.passes.values()),
            "suspensions": sum(each.member == member for each in tenant.suspensions.values()),
        }

    def merge(self, duplicate: MemberId, survivor: MemberId) -> None:
        """Queue that it is the other's. Who is on a contract is written with the contract."""
        self._uow.queue(lambda: self._merge(duplicate, survivor))

    def _merge(self, duplicate: MemberId, survivor: MemberId) -> None:
        tenant = self._uow.tenant
        tenant.contracts_of.pop(duplicate, None)
        for visit in tenant.visits_of.get(duplicate, ()):
            tenant.visits[visit] = evolve(tenant.visits[visit], member=survivor)
        _all_to(tenant.visits_of, duplicate, survivor)
        for suspension in [each for each in tenant.suspensions.values() if each.member == duplicate]:
            tenant.suspensions[suspension.id] = evolve(suspension, member=survivor)
        for each in list(tenant.passes.values()):
            if duplicate in (each.member, each.host):
                tenant.passes[each.id] = evolve(
                    each,
                    member=survivor if each.member == duplicate else each.member,
                    host=survivor if each.host == duplicate else each.host,
                )
        tenant.billing.pop(duplicate, None)


class MemoryAccountMergings:
    """The port ``AccountMergings``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def leads(self, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """Which of some ids lead where."""
        return {id: into for id, into in self._uow.tenant.merged_accounts.items() if id in ids}

    def led_to(self, account: AccountId) -> Sequence[AccountId]:
        """The accounts that lead to this one."""
        return sorted(each for each, into in self._uow.tenant.merged_accounts.items() if into == account)

    def formerly(self, accounts: Sequence[AccountId]) -> Mapping[AccountId, Sequence[AccountId]]:
        """The accounts that lead to each of these."""
        return {each: self.led_to(each) for each in accounts}

    def hand_over(self, accounts: Sequence[AccountId], duplicate: MemberId, survivor: MemberId) -> None:
        """Queue that one holds these accounts in the place of the other."""
        self._uow.queue(lambda: self._hand_over(accounts, duplicate, survivor))

    def _hand_over(self, accounts: Sequence[AccountId], duplicate: MemberId, survivor: MemberId) -> None:
        tenant = self._uow.tenant
        leading = [id for id in tenant.merged_accounts if duplicate in tenant.accounts[id].holders]
        for id in (*accounts, *leading):
            account = tenant.accounts[id]
            holders = dict.fromkeys(survivor if each == duplicate else each for each in account.holders)
            owner = survivor if account.owner == duplicate else account.owner
            tenant.accounts[id] = evolve(account, holders=tuple(holders), owner=owner)
            if owner != account.owner:
                tenant.owned[duplicate, account.club].remove(id)
                tenant.owned.setdefault((owner, account.club), []).append(id)
        for reference, award in [(key, each) for key, each in tenant.awards.items() if each.member == duplicate]:
            tenant.awards[reference] = evolve(award, member=survivor)
            mine = tenant.awards_of[award.account]
            mine[mine.index(award)] = tenant.awards[reference]

    def merge(self, account: AccountId, into: AccountId) -> None:
        """Queue that one account leads to the other."""
        self._uow.queue(lambda: self._merge(account, into))

    def _merge(self, account: AccountId, into: AccountId) -> None:
        tenant = self._uow.tenant
        _leads_on(tenant.merged_accounts, account, into)
        for key in [key for key, id in tenant.external_ids.items() if (key[0], id) == ("account", account)]:
            tenant.external_ids[key] = into
        for purchase in tenant.purchases_of.pop(account, []):
            moved = evolve(purchase, account=into)
            tenant.purchases[moved.external_id] = moved
            tenant.purchases_of.setdefault(into, []).append(moved)
            for made in tenant.returns_of.get(purchase.id, []):
                tenant.returns[made.external_id] = evolve(made, account=into)
            if purchase.id in tenant.returns_of:
                tenant.returns_of[purchase.id] = [
                    tenant.returns[each.external_id] for each in tenant.returns_of[purchase.id]
                ]
        for award in tenant.awards_of.pop(account, []):
            tenant.awards[award.external_id] = evolve(award, account=into)
            tenant.awards_of.setdefault(into, []).append(tenant.awards[award.external_id])
