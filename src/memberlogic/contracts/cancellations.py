"""What is told of cancellations: events, and what the commands and queries answer (CON-7, CON-10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import ClassVar

from attrs import frozen

from memberlogic.calendar import first_day_before
from memberlogic.contracts.model import Cancellation, CancellationKind, ContractStatus
from memberlogic.contracts.rates import EarlyTermination
from memberlogic.events import Event
from memberlogic.ids import ContractId, NoteId
from memberlogic.outcomes import Because, Explanation

__all__ = [
    "CancellationFiled",
    "CancellationTakenBack",
    "CancellationTold",
    "CancellationWithdrawn",
    "Cancelled",
    "ContractWithdrawnFrom",
    "Moved",
    "Reckoned",
    "WithdrawnFrom",
]


@frozen(kw_only=True)
class CancellationFiled(Event):
    """A cancellation is on file; what takes effect on its day is announced on that day."""

    type: ClassVar[str] = "contract.cancellation_filed"
    contract: ContractId
    kind: CancellationKind
    reason: str
    received_on: date
    effective_on: date
    replaces: date | None
    """The effective day of the cancellation whose place it takes."""
    note_id: NoteId | None


@frozen(kw_only=True)
class CancellationWithdrawn(Event):
    """A cancellation is on file no longer; everything is as if it had never been."""

    type: ClassVar[str] = "contract.cancellation_withdrawn"
    contract: ContractId
    effective_on: date
    """The day on which it would have taken effect."""


@frozen(kw_only=True)
class ContractWithdrawnFrom(Event):
    """A contract was withdrawn from within its cooling-off time."""

    type: ClassVar[str] = "contract.withdrawn_from"
    contract: ContractId
    received_on: date
    effective_on: date


class Moved(Enum):
    """Why a cancellation takes effect on another day than the one that was reckoned."""

    ENDS_ANYWAY = "ends_anyway"
    """The contract ends before."""
    FILED_LATER = "filed_later"
    """The day is over; it takes effect on the day of filing."""
    NEVER_PAID = "never_paid"
    """A draft that was never fully paid ends at once."""


@frozen(kw_only=True)
class Reckoned:
    """To which day a cancellation is, and why. ``effective_on`` is the first day on which the contract is cancelled."""

    contract: ContractId
    kind: CancellationKind
    received_on: date
    filed_on: date
    effective_on: date
    named: bool
    """Whether the day was named with the cancellation."""
    counted_from: date | None
    """From which day its notice counts: the receipt, or the first day of the time in which another notice counts."""
    notice_end: date | None
    """The first day after the notice; None if no notice has to be kept."""
    minimum_end: date | None
    term_end: date | None
    """The end of a term that it is to by notice; None if it is not to one."""
    ends_anyway_on: date | None
    """The day on which the contract ends without it."""
    moved: Moved | None
    replaces: date | None
    """The effective day of the cancellation on file that it takes the place of."""
    early_termination: tuple[EarlyTermination, ...]
    """On which terms the rate may be left early."""

    @property
    def last_day(self) -> date:
        """The last day on which the contract is in force."""
        return first_day_before(self.effective_on)

    def explain(self) -> Explanation:
        """What led to the day."""
        since, last = self.effective_on.isoformat(), self.last_day.isoformat()
        said = f"The contract is cancelled from {since} on; its last day is {last}."
        return Explanation(said, tuple(self._reasons()))

    def _reasons(self) -> Iterator[Because]:
        if self.named:
            yield Because("CON-7", "cancellation.day_named", {"kind": self.kind.value})
        if self.counted_from is not None and self.counted_from != self.received_on:
            yield Because("CON-7", "cancellation.counts_by_later_notice", {"from": self.counted_from.isoformat()})
        days = {
            "notice_end": self.notice_end,
            "minimum_end": self.minimum_end,
            "term_end": self.term_end,
        }
        for name, day in days.items():
            if day is not None:
                yield Because("CON-7", f"cancellation.{name}", {"on": day.isoformat()})
        if self.moved is not None:
            ends = {} if self.ends_anyway_on is None else {"ends_anyway_on": self.ends_anyway_on.isoformat()}
            yield Because("CON-7", f"cancellation.{self.moved.value}", ends | {"filed_on": self.filed_on.isoformat()})
        if self.replaces is not None:
            yield Because("CON-7", "cancellation.replaces", {"effective_on": self.replaces.isoformat()})
        for each in self.early_termination:
            fee = "none" if each.fee is None else str(each.fee)
            yield Because("CON-7", "cancellation.early_termination", {"terms": each.code, "fee": fee})


@frozen(kw_only=True)
class Cancelled:
    """A cancellation was filed: what the contract is today, and to which day it was cancelled."""

    contract: ContractId
    status: ContractStatus
    reason: str
    reckoned: Reckoned

    @property
    def effective_on(self) -> date:
        """The first day on which it is cancelled."""
        return self.reckoned.effective_on

    def explain(self) -> Explanation:
        """What led to the day."""
        return self.reckoned.explain()


@frozen(kw_only=True)
class CancellationTakenBack:
    """A cancellation was withdrawn; what the contract is today."""

    contract: ContractId
    status: ContractStatus
    effective_on: date
    """The day on which it would have taken effect."""


@frozen(kw_only=True)
class WithdrawnFrom:
    """A contract was withdrawn from: it counts as never in force."""

    contract: ContractId
    status: ContractStatus
    received_on: date
    last_day: date
    """Until when, inclusive, it could be withdrawn from."""

    def explain(self) -> Explanation:
        """Why that was still possible."""
        days = {"received_on": self.received_on.isoformat(), "last_day": self.last_day.isoformat()}
        because = Because("CON-10", "contract.cooling_off", days)
        return Explanation("The contract was withdrawn from in time and counts as never in force.", (because,))


@frozen(kw_only=True)
class CancellationTold:
    """The cancellation of a contract as it is on file, and what was noted of it; None if there is none."""

    contract: ContractId
    cancellation: Cancellation | None
    note: str | None
