"""What contracts ask of storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from memberlogic.calendar import Days
from memberlogic.contracts.deadlines import Look
from memberlogic.contracts.model import Contract
from memberlogic.contracts.notices import Notice
from memberlogic.contracts.passes import VisitorPass
from memberlogic.contracts.rates import Rate
from memberlogic.contracts.reporting import Absent, CancelledFor, Ending, PageOfAbsent, PageOfEndings, Standing
from memberlogic.contracts.suspensions import Billing, Suspension
from memberlogic.contracts.visits import Tally, Visit
from memberlogic.ids import ContractBatchId, ContractId, MemberId, PassId, RateId, SuspensionId, VisitId
from memberlogic.members.ports import MembersWork
from memberlogic.organizations.model import Studio

if TYPE_CHECKING:
    from memberlogic.contracts.batches import Batch, BatchLine, LineState
    from memberlogic.contracts.lapsing import LyingDrafts
    from memberlogic.contracts.posting import Changed

__all__ = [
    "AllHeld",
    "BillingSaid",
    "CheckInNotices",
    "ContractBatches",
    "ContractMergings",
    "ContractReports",
    "Contracts",
    "ContractsWork",
    "Held",
    "Passes",
    "Rates",
    "Suspensions",
    "Visits",
]


@frozen(kw_only=True)
class Held:
    """A contract that is locked with the people on it, and the other contracts of these people."""

    contract: Contract
    others: Mapping[ContractId, Contract]


@frozen(kw_only=True)
class AllHeld:
    """Contracts that are locked with the people on them, and the other contracts of these people."""

    contracts: Mapping[ContractId, Contract]
    others: Mapping[ContractId, Contract]

    @property
    def all(self) -> Mapping[ContractId, Contract]:
        """All of them."""
        return {**self.others, **self.contracts}


class Rates(Protocol):
    """What is sold."""

    def get(self, id: RateId) -> Rate:
        """One rate with the version on sale, or last on sale. Raises ``NotFound``."""
        ...

    def locked(self, id: RateId) -> Rate:
        """The same, locked until the unit ends. Raises ``NotFound``."""
        ...

    def all(self) -> Sequence[Rate]:
        """Every rate, in order of their codes."""
        ...

    def add(self, rate: Rate) -> None:
        """Queue a new rate. Raises ``Duplicate`` if its code is taken; what comes in between is a conflict."""
        ...

    def change(self, rate: Rate) -> None:
        """Queue what a locked rate became; a version that is new is kept beside those before it."""
        ...


class Contracts(Protocol):
    """Contracts with everything that was filed of them."""

    def get(self, id: ContractId) -> Contract:
        """One contract, not locked. Raises ``NotFound`` if there is none in this organization."""
        ...

    def held(self, id: ContractId, also: Sequence[MemberId] = ()) -> Held:
        """A contract, after everybody who is or was on it, and ``also`` those who are to come onto it, was locked, in
        order of their ids, and then the contract itself, until the unit ends; with the other contracts of all these
        people. Raises ``NotFound``.
        """
        ...

    def lying(self, wanted: LyingDrafts) -> Sequence[Contract]:
        """The next contracts that have been on hold from their first day until today, signed long enough ago, without a
        cancellation on file, not locked, in order of their ids; those after one, at most ``size``.
        """
        ...

    def of(self, members: Sequence[MemberId]) -> Mapping[ContractId, Contract]:
        """Every contract that some of these members are or were on, not locked, in order of their ids."""
        ...

    def present(self, ids: Sequence[ContractId]) -> Sequence[Contract]:
        """Those of some contracts that are there, not locked, in order of their ids."""
        ...

    def all_held(self, ids: Sequence[ContractId]) -> AllHeld:
        """The same as :meth:`held`, of several contracts: everybody on any of them is locked first, in order of their
        ids, then the contracts in order of theirs. Raises ``NotFound`` for the first that is not there.
        """
        ...

    def open_at(self, studio: Studio, day: date) -> Sequence[ContractId]:
        """Every contract of a studio that is neither cancelled nor expired on a day, by its stored spans, in order of
        their ids.
        """
        ...

    def settling(self, ids: Sequence[ContractId]) -> Sequence[Contract]:
        """Contracts to be announced by the jobs: locked in order of their ids, without the people on them, of whom
        settling changes nothing. Raises ``NotFound`` for the first that is not there.
        """
        ...

    def write(self, changes: Sequence[Changed]) -> None:
        """Queue new contracts and what became of others, with their spans and the instant of their next change. Leaving
        the unit raises ``ConcurrencyConflict`` unless each version is one more than the stored one.
        """
        ...


class ContractReports(Protocol):
    """Figures and lists over contracts (CON-17); ``studio`` is one of them, or None for all."""

    def standing(self, on: date, studio: str | None) -> Sequence[Standing]:
        """How many contracts have which status on a day, with how many people on them that day, in order of studio,
        then of status.
        """
        ...

    def moved(self, days: Days, studio: str | None) -> Mapping[str, Mapping[str, int]]:
        """For each of ``signed``, ``started``, ``frozen`` and ``expired``, how many contracts of which studio in these
        days. A contract started on its first day in force.
        """
        ...

    def cancelled(self, days: Days, studio: str | None) -> Sequence[CancelledFor]:
        """How many contracts a cancellation ended in these days, by kind and reason, in any order."""
        ...

    def kept(self, first: date, second: date, studio: str | None) -> tuple[int, int]:
        """How many people are on an active contract on the first day, and how many of them on the second, too."""
        ...

    def ending(self, page: PageOfEndings) -> Sequence[Ending]:
        """Contracts that end, in order of the day and of their ids, after a position, at most a page."""
        ...

    def looked_at(
        self, before: date, studio: str | None, *, after: Look | None = None, limit: int = 500
    ) -> Sequence[tuple[date, Contract]]:
        """Contracts whose :func:`~memberlogic.contracts.deadlines.look_from` is before a day, each with that day, in
        order of the days and of their ids, after a position, at most a page. Found by that day, not by looking at all.
        """
        ...

    def absent(self, today: date, page: PageOfAbsent) -> Sequence[Absent]:
        """People on an active contract without a visit that counts in the last days of which today is one, in order of
        their ids, after one of them, at most a page.
        """
        ...


class Suspensions(Protocol):
    """Suspensions (CON-14); whoever changes one has locked the member, or everybody on the contract."""

    def get(self, id: SuspensionId) -> Suspension:
        """One by its id. Raises ``NotFound``."""
        ...

    def of(self, member: MemberId, contracts: Sequence[ContractId]) -> Sequence[Suspension]:
        """Those of a member and those of these contracts, past ones too, in order of their ids."""
        ...

    def add(self, suspension: Suspension) -> None:
        """Queue a new one."""
        ...

    def change(self, suspension: Suspension) -> None:
        """Queue when one ended early."""
        ...


class BillingSaid(Protocol):
    """What billing says of members (CON-14); whoever changes it has locked the member."""

    def of(self, member: MemberId) -> Billing:
        """What it last said of a member; nothing, if nothing is kept."""
        ...

    def keep(self, said: Sequence[Billing]) -> None:
        """Queue what it says, in the place of what it said before."""
        ...


class Passes(Protocol):
    """Visitor passes (CON-15); whoever changes one has locked its owner."""

    def get(self, id: PassId) -> VisitorPass:
        """One by its id. Raises ``NotFound``."""
        ...

    def of(self, member: MemberId) -> Sequence[VisitorPass]:
        """Those of a person, in order of their ids."""
        ...

    def add(self, visitor_pass: VisitorPass) -> None:
        """Queue a new one."""
        ...

    def change(self, passes: Sequence[VisitorPass]) -> None:
        """Queue how many visits were made, and that some were taken back. More visits than there are is a conflict."""
        ...


class Visits(Protocol):
    """Visits (CON-15); whoever adds or changes one has locked the member."""

    def get(self, id: VisitId) -> Visit:
        """One by its id. Raises ``NotFound``."""
        ...

    def around(self, member: MemberId, since: datetime, until: datetime) -> Sequence[Visit]:
        """Those of a member between two instants, both inclusive, in order of their instants, then ids."""
        ...

    def over(self, member: MemberId, days: Days) -> Sequence[Visit]:
        """Those of a member on some business days, in order of their instants, then ids."""
        ...

    def at(
        self, studio: str, day: date, *, after: tuple[datetime, VisitId] | None = None, limit: int = 500
    ) -> Sequence[Visit]:
        """Those at a studio on a business day, the latest instants first, then the latest ids; those behind a position,
        at most a page.
        """
        ...

    def tallies(self, member: MemberId, days: Days) -> Sequence[Tally]:
        """How many of them count, by contract, service and business day, in any order: one look at one index."""
        ...

    def add(self, visits: Sequence[Visit]) -> None:
        """Queue new ones."""
        ...

    def change(self, visits: Sequence[Visit]) -> None:
        """Queue that some were undone."""
        ...


class CheckInNotices(Protocol):
    """What a room above has to tell at the door: care actions that are due, coupons. It tells, and never decides."""

    def of(self, uow: Any, member: MemberId, studio: Studio, at: datetime) -> Sequence[Notice]:
        """The notices for a member who stands at the door of a studio; what would block is told as a warning. The unit
        of work is that room's.
        """
        ...


class ContractBatches(Protocol):
    """Batches of contracts, with a line for each contract. A batch is locked before any member."""

    def get(self, id: ContractBatchId) -> Batch:
        """One batch, not locked. Raises ``NotFound``."""
        ...

    def locked(self, id: ContractBatchId) -> Batch:
        """The same, locked until the unit ends. Raises ``NotFound``."""
        ...

    def add(self, batch: Batch, lines: Sequence[BatchLine]) -> None:
        """Queue a new batch with its lines."""
        ...

    def change(self, batch: Batch, lines: Sequence[BatchLine]) -> None:
        """Queue what a locked batch and some of its lines became."""
        ...

    def counts(self, id: ContractBatchId) -> Mapping[LineState, int]:
        """How many lines are in each state, as stored."""
        ...

    def lines(
        self, id: ContractBatchId, states: Sequence[LineState], *, after: ContractId | None, limit: int
    ) -> Sequence[BatchLine]:
        """The next lines in one of these states, in order of their contracts' ids."""
        ...


class ContractMergings(Protocol):
    """What contracts keep under the ids of people whose records become one (MEM-17); both members are locked."""

    def counted(self, member: MemberId) -> Mapping[str, int]:
        """How many ``visits``, ``passes`` and ``suspensions`` a member has, passes that they are the host of not among
        them.
        """
        ...

    def merge(self, duplicate: MemberId, survivor: MemberId) -> None:
        """Queue that coverage, visits, suspensions and passes are the other's, also where the one brought a guest, and
        that billing says nothing of the one any more. The contracts are locked, and written in the same unit.
        """
        ...


class ContractsWork(MembersWork, Protocol):
    """A unit of work that reaches contracts."""

    @property
    def rates(self) -> Rates:
        """What is sold."""
        ...

    @property
    def contracts(self) -> Contracts:
        """Contracts."""
        ...

    @property
    def contract_reports(self) -> ContractReports:
        """Figures and lists over contracts."""
        ...

    @property
    def suspensions(self) -> Suspensions:
        """Suspensions."""
        ...

    @property
    def billing(self) -> BillingSaid:
        """What billing says of members."""
        ...

    @property
    def passes(self) -> Passes:
        """Visitor passes."""
        ...

    @property
    def visits(self) -> Visits:
        """Visits."""
        ...

    @property
    def contract_batches(self) -> ContractBatches:
        """Batches of contracts."""
        ...

    @property
    def contract_mergings(self) -> ContractMergings:
        """What is kept under the ids of people whose records become one."""
        ...
