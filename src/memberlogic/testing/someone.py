"""Somebody in a world, whose past is told as a sentence: ``world.a_member().who_bought(240).who_signed()``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from memberlogic.amounts import Money
from memberlogic.contracts.model import ContractStatus
from memberlogic.ids import AccountId, ContractId, ExternalId, MemberId, RateId, new_id
from memberlogic.ledger.reading import Balance
from memberlogic.loyalty.purchases import PurchaseLine

if TYPE_CHECKING:
    from memberlogic.testing.worlds import World

__all__ = ["NothingThere", "Someone"]


class NothingThere(LookupError):
    """Somebody is asked for what they do not have: a contract, a purchase."""


class Someone:
    """A member of a world. What they did is done at once, by the world's handle, and answers the same person, so that
    one thing follows another.

    Attributes:
        id: the member.
        member_type: as what they joined.
        contracts: what they signed, in order.
        purchases: what they bought and kept, in order.
    """

    def __init__(self, world: World, id: MemberId, name: str, member_type: str) -> None:
        self.world = world
        self.id = id
        self.name = name
        self.member_type = member_type
        self.contracts: list[ContractId] = []
        self.purchases: list[ExternalId] = []
        self._account: AccountId | None = None

    def __repr__(self) -> str:
        return self.name

    @property
    def account(self) -> AccountId:
        """Their account in the world's club, opened when it is first asked for if that was not done."""
        if self._account is None:
            self._account = self.world.account(member=self.id)
        return self._account

    @account.setter
    def account(self, account: AccountId) -> None:
        self._account = account

    @property
    def contract(self) -> ContractId:
        """The contract that they signed last."""
        if not self.contracts:
            raise NothingThere(f"{self.name} has no contract")
        return self.contracts[-1]

    # What is so now

    @property
    def balance(self) -> Balance:
        """What their account holds."""
        return self.world.org.ledger.balance(self.account)

    @property
    def points(self) -> int:
        """What they can spend."""
        return self.balance.available

    @property
    def scheme(self) -> str:
        """The code of the scheme that they are in."""
        return self.world.org.loyalty.account(self.account).scheme

    @property
    def status(self) -> ContractStatus | None:
        """What their contract is today."""
        return self.world.org.contracts.get(self.contract).status

    # What they did

    def with_points(self, points: int, *, reason: str = "welcome") -> Someone:
        """They were given points."""
        self.world.org.ledger.credit(self.account, points, reason=reason)
        return self

    def in_scheme(self, scheme: str) -> Someone:
        """They were moved to a scheme."""
        self.world.org.loyalty.move_scheme(self.account, scheme, reason="goodwill")
        return self

    def who_bought(self, amount: int, item: str = "item", *, paid_with: int = 0, **said: Any) -> Someone:
        """They bought something for so many minor units, and paid part of it with points.

        Args:
            said: what else there is of the line, as :class:`~memberlogic.PurchaseLine` has it.
        """
        till = ExternalId("till", str(new_id()))
        self.world.org.loyalty.record_purchase(
            account=self.account,
            purchase=till,
            lines=[PurchaseLine(item, amount, **said)],
            currency=self.world.club.currency,
            redeem=paid_with,
        )
        self.purchases.append(till)
        return self

    def who_brought_it_back(self) -> Someone:
        """They returned what they bought last."""
        if not self.purchases:
            raise NothingThere(f"{self.name} has bought nothing that could come back")
        receipt = ExternalId("till", str(new_id()))
        self.world.org.loyalty.return_purchase(purchase=self.purchases[-1], receipt=receipt)
        self.purchases.pop()
        return self

    def who_signed(self, rate: RateId | None = None, *, studio: str = "north", **terms: Any) -> Someone:
        """They signed a contract today, on a rate that there is or on a new one with these terms."""
        on = self.world.rate(**terms) if rate is None else rate
        self.contracts.append(self.world.contract(rate=on, member=self.id, studio=self.world.studio(studio)))
        return self

    def who_paid(self) -> Someone:
        """They paid what is owed of the initial fee, if anything is."""
        told = self.world.org.contracts.get(self.contract)
        fee = self.world.org.contracts.rate(told.rate).terms.initial_fee
        if told.owed and fee is not None:
            self.world.org.contracts.pay(self.contract, Money(told.owed, fee.currency))
        return self

    def who_froze(self, days: int, *, after: int = 0, reason: str = "travel") -> Someone:
        """They froze their contract for so many days, from so many days on."""
        since = self.world.today() + timedelta(days=after)
        until = since + timedelta(days=days)
        self.world.org.contracts.freeze(self.contract, since=since, until=until, reason=reason)
        return self

    def who_cancelled(self, *, reason: str = "moved") -> Someone:
        """Their notice came in today."""
        self.world.org.contracts.cancel(self.contract, received_on=self.world.today(), reason=reason)
        return self

    def who_came_in(self, *, studio: str = "north") -> Someone:
        """They stood at the door, whether they were let in or not."""
        self.world.org.contracts.check_in(self.id, studio=self.world.studio(studio))
        return self
