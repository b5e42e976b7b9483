"""What events other than purchases came to, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memberlogic.calendar import Days
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import AccountId, AwardId, ClubId, ExternalId, MemberId
from memberlogic.loyalty.awards import Award

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryAwards"]


class MemoryAwards:
    """The port ``Awards``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def known(self, reference: ExternalId) -> Award | None:
        """The award with an id of the host's."""
        return self._uow.tenant.awards.get(reference)

    def times(self, club: ClubId, member: MemberId, rule: str, days: Days | None) -> int:
        """How often a rule gave."""
        mine = (each for each in self._uow.tenant.awards.values() if (each.club, each.member) == (club, member))
        return sum(1 for each in mine if rule in each.given and (days is None or each.business_day in days))

    def of_account(self, account: AccountId, *, after: AwardId | None, limit: int) -> Sequence[Award]:
        """The next awards of an account."""
        found = sorted(self._uow.tenant.awards_of.get(account, ()), key=lambda each: each.id)
        return [each for each in found if after is None or each.id > after][:limit]

    def add(self, awards: Sequence[Award]) -> None:
        """Queue new awards."""
        tenant = self._uow.tenant

        def guard() -> None:
            if any(each.external_id in tenant.awards for each in awards):
                raise ConcurrencyConflict(reason="a record with the same key came in between")

        def write() -> None:
            for each in awards:
                tenant.awards[each.external_id] = each
                tenant.awards_of.setdefault(each.account, []).append(each)

        self._uow.queue(write, guard)
