"""What contracts tell the rooms above inside the transaction of a command: what was sold, what people are by it, what
happened. A part acts in the same unit of work; nothing is asked of the store for anybody who does not listen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.contracts.model import Contract
from memberlogic.contracts.ports import CheckInNotices
from memberlogic.events import Event
from memberlogic.ids import ContractId, MemberId
from memberlogic.members.membership import MembershipSpan

__all__ = ["ContractParts", "Heard", "MembershipPart", "Sale", "SaleKind", "SalePart", "Subscriber"]


class SaleKind(Enum):
    """How a rate was sold to the people on a contract. A renewal or a transfer sells nothing."""

    DRAFTED = "drafted"
    REDRAFTED = "redrafted"
    """Sold again what ended (CON-4)."""
    SWITCHED = "switched"
    """On another rate from a day on (CON-12), once nothing has to be paid for it any more."""


@frozen(kw_only=True)
class Sale:
    """A contract that this command sells, as it leaves the command."""

    kind: SaleKind
    contract: Contract
    others: Mapping[ContractId, Contract]
    """Every other contract that somebody on it is or was on, as they leave the command."""
    spans: Mapping[MemberId, Sequence[MembershipSpan]]
    """What everybody on it is by all of them (MEM-18)."""


@frozen(kw_only=True)
class Heard:
    """An event that this command writes."""

    event: Event
    effective_at: datetime
    of_itself: bool
    """Whether it came about by waiting: then the system is its actor."""


class SalePart(Protocol):
    """What a higher room does in the same transaction when a contract is drafted, drafted again or switched. The unit
    of work is that room's; everybody on the contract is locked, and the contract after them.
    """

    def sold(self, uow: Any, actor: Actor, sale: Sale) -> None:
        """Queue what follows. It acts as the system, whoever sold (COM-13). What it refuses refuses the sale: what it
        cannot do it says with an event.
        """
        ...


class MembershipPart(Protocol):
    """What a higher room does in the same transaction when what people are by their contracts was written anew
    (MEM-18): by every command that changes a contract. The unit of work is that room's; these people are locked.
    """

    def written(self, uow: Any, actor: Actor, spans: Mapping[MemberId, Sequence[MembershipSpan]]) -> None:
        """Queue what follows. ``spans`` are those of everybody on the contracts, over past and known future, as they
        leave the command; they may be what they were.
        """
        ...


class Subscriber(Protocol):
    """Who hears in the same transaction what happens to contracts and at the door: what commands file, what came about
    by waiting, also where the jobs announce it. The unit of work is that room's.
    """

    def happened(self, uow: Any, actor: Actor, events: Sequence[Heard]) -> None:
        """Queue what follows. The jobs lock the contracts only, not the people on them."""
        ...


@frozen(kw_only=True)
class ContractParts:
    """What the higher rooms contribute."""

    notices: Sequence[CheckInNotices] = ()
    selling: Sequence[SalePart] = ()
    memberships: Sequence[MembershipPart] = ()
    hearing: Sequence[Subscriber] = ()
