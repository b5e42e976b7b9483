"""COM-17: what a queued warning of points or of a scheme says at the moment of sending: the figures that are true then,
or that there is nothing left to warn of.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from attrs import frozen

from memberlogic.ids import AccountId
from memberlogic.ledger import warning
from memberlogic.ledger.service import LedgerService
from memberlogic.loyalty import falling
from memberlogic.loyalty.service import LoyaltyService
from memberlogic.notifying import Look, Message

__all__ = ["warnings_looks"]


def warnings_looks(loyalty: LoyaltyService, ledger: LedgerService) -> Mapping[str, Look]:
    """The looks at what this room and the ledger queue, by kind."""
    again = _Again(loyalty, ledger)
    return {warning.EXPIRING: again.expiring, falling.FALLING: again.falling, falling.GRACE: again.falling}


@frozen
class _Again:
    loyalty: LoyaltyService
    ledger: LedgerService

    def expiring(self, message: Message) -> Message | None:
        account = self._account(message)
        if not self._holds(message, account):
            return None
        left = self.ledger.expiring(account, unit=str(message.figures["unit"])).days
        return warning.still(message, {each.day: each.points for each in left})

    def falling(self, message: Message) -> Message | None:
        account = self._account(message)
        return falling.still(message, self.loyalty.progress(account)) if self._holds(message, account) else None

    def _account(self, message: Message) -> AccountId:
        return AccountId(UUID(str(message.figures["account"])))

    def _holds(self, message: Message, account: AccountId) -> bool:
        return message.member in self.loyalty.account(account).holders
