"""A member's contracts, as their page and its forms show them."""

from __future__ import annotations

from datetime import date

from attrs import frozen
from examples.front_desk.asking import Asked
from examples.front_desk.words import money, name_of, word

from memberlogic import ContractStatus
from memberlogic.contracts.freeze_telling import FreezeTold
from memberlogic.contracts.rates import Rate
from memberlogic.contracts.suspensions import Suspension
from memberlogic.contracts.telling import ContractTold
from memberlogic.errors import NotFound
from memberlogic.ids import ContractId, MemberId

__all__ = ["ContractShown", "of_address", "shown"]

_OVER = (ContractStatus.CANCELLED, ContractStatus.EXPIRED)


@frozen(kw_only=True)
class ContractShown:
    """A contract with the name of its rate, its freezes, and what may be done with it."""

    told: ContractTold
    rate: Rate
    freezes: tuple[FreezeTold, ...]
    others: tuple[str, ...]
    """Who else is on it."""
    today: date
    suspended: Suspension | None
    """What keeps its members out today."""

    @property
    def state(self) -> str:
        """What it is, in a word: suspended goes before what it would be else."""
        if self.suspended is not None and not self.over:
            return "suspended"
        return "not signed" if self.told.status is None else word(self.told.status)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.told.status in _OVER

    @property
    def path(self) -> str:
        """Behind the member's address."""
        return f"contracts/{self.told.contract}"

    @property
    def owed(self) -> str | None:
        """What is owed of the initial fee."""
        fee = self.rate.terms.initial_fee
        return money(self.told.owed, fee.currency) if self.told.owed and fee is not None else None

    @property
    def frozen(self) -> tuple[FreezeTold, ...]:
        """Freezes that are not over and were not withdrawn."""
        return tuple(
            each
            for each in self.freezes
            if not each.withdrawn and each.until != each.since and (each.until is None or each.until > self.today)
        )


def shown(asked: Asked, member: MemberId) -> tuple[ContractShown, ...]:
    """Every contract of a member: those that run first, of these the latest."""
    found = [_shown(asked, member, each) for each in asked.org.contracts.of(member)]
    return tuple(sorted(found, key=lambda each: (each.over, -each.told.start_on.toordinal())))


def of_address(asked: Asked) -> ContractShown:
    """The contract that the address names, which the member is or was on.

    Raises:
        NotFound: if they are not.
    """
    member, wanted = MemberId(asked.id("member")), ContractId(asked.id("contract"))
    told = next((each for each in asked.org.contracts.of(member) if each.contract == wanted), None)
    if told is None:
        raise NotFound(kind="contract", id="of this member")
    return _shown(asked, member, told)


def _shown(asked: Asked, member: MemberId, told: ContractTold) -> ContractShown:
    org, today = asked.org, asked.desk.today
    suspended = [each for each in org.contracts.suspensions(member) if each.contract == told.contract and today in each]
    return ContractShown(
        told=told,
        rate=org.contracts.rate(told.rate),
        freezes=org.contracts.freezes(told.contract),
        others=tuple(name_of(org.members.person(each.member)) for each in told.covered if each.member != member),
        today=today,
        suspended=suspended[0] if suspended else None,
    )
