"""CON-19: importing freezes that another system granted. What a rate allows of freezes (CON-5) was looked at when they
were granted, and is not looked at again, also whether a freeze may go on without an end; what the rate says of frozen
days (CON-6) counts.

A freeze beyond the end of its contract is on file and cut off, as any other (CON-8): so it matters not whether the
cancellation came before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, NamedTuple

from attrs import evolve, field, frozen

from memberlogic.calendar import local_day
from memberlogic.contracts import freeze_policies
from memberlogic.contracts import freeze_refusals as refused
from memberlogic.contracts.freeze_facts import FreezeFacts
from memberlogic.contracts.model import Contract, Freeze
from memberlogic.contracts.posting import Changed, Part, settled
from memberlogic.contracts.renewing import Course
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, ExternalId, FreezeId, NewId
from memberlogic.importing import Formed, NoSuchRecord, Portion, RowChanged, RowsImported, by_code, external_id, formed
from memberlogic.inputs import a_day, code, describe, optional
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "FreezeImported",
    "FreezeRow",
    "FreezesChunk",
    "FreezesFacts",
    "GoesOnElsewhere",
    "History",
    "ImportedFreezes",
    "decide",
]


class FreezeRow(NamedTuple):
    """A freeze ``[since, until)`` that another system granted, whatever the rate allows; one without an end lasts until
    it is ended. ``id`` and ``contract`` are that system's own ids.
    """

    id: str | ExternalId
    contract: str | ExternalId
    since: date
    until: date | None = None
    reason: str = "other"


@frozen(kw_only=True)
class FreezeImported(Event):
    """A freeze that another system granted came over; what it changes of past days is announced no more."""

    type: ClassVar[str] = "contract.freeze_imported"
    contract: ContractId
    freeze: FreezeId
    since: date
    until: date | None
    reason: str
    source: str


class GoesOnElsewhere(RuleViolation):
    """Two contracts are one sale by now."""

    code = "import.goes_on_elsewhere"
    rule = "CON-19"
    sentence = "The contract was switched or transferred here; what another system says of it is filed by hand."


@policy("CON-19", "An imported freeze begins within the term, as moved by other freezes.")
def must_begin_in_the_term(f: FreezeFacts) -> MemberLogicError | None:
    """A cancellation is not looked at: it cuts off."""
    start, ends = f.first_day, f.course.expires_on
    if start <= f.since and (ends is None or f.since < ends):
        return None
    over = None if ends is None else ends.isoformat()
    return refused.FreezeOutsideTerm(since=f.since.isoformat(), start_on=start.isoformat(), over_on=over)


IMPORTING: Policies[FreezeFacts] = Policies(
    must_begin_in_the_term,
    freeze_policies.must_be_paid,
    freeze_policies.must_not_overlap,
)
"""What is asked of a freeze so that its contract is frozen on its days."""

_FIELDS = {
    refused.FreezeUnpaid.code: "contract",
    refused.FreezeOutsideTerm.code: "since",
    refused.FreezeOverlaps.code: "since",
    GoesOnElsewhere.code: "contract",
}


@frozen(kw_only=True)
class _Wanted:
    """A row whose form is well."""

    id: ExternalId
    contract: ExternalId
    since: date = field(validator=a_day)
    until: date | None = field(validator=optional(a_day))
    reason: str = field(validator=code("a reason's code"))

    def __attrs_post_init__(self) -> None:
        if self.until is not None and self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())


class FreezesChunk:
    """Some rows of a stream of freezes."""

    def __init__(self, portion: Portion) -> None:
        self.source = portion.source
        self.rows: Formed[_Wanted] = formed(portion, self._form)

    def _form(self, row: object) -> _Wanted:
        if not isinstance(row, FreezeRow):
            raise InvalidInput(path="row", expected="a FreezeRow", got=describe(row))
        id = external_id(self.source, row.id, "id")
        contract = external_id(self.source, row.contract, "contract")
        return _Wanted(id=id, contract=contract, since=row.since, until=row.until, reason=row.reason)

    @property
    def ids(self) -> Sequence[ExternalId]:
        """The freezes' own ids."""
        return list(dict.fromkeys(each.id for each in self.rows.formed.values()))

    @property
    def contracts(self) -> Sequence[ExternalId]:
        """Whose freezes they are."""
        return list(dict.fromkeys(each.contract for each in self.rows.formed.values()))


class History:
    """Contracts as the rows of a chunk leave them, one after the other."""

    def __init__(self, contracts: Mapping[ContractId, Contract], now: datetime) -> None:
        self._before = contracts
        self._after: dict[ContractId, Contract] = {}
        self._new: dict[ContractId, list[Part]] = {}
        self._now = now
        self.events: list[Event | OfItself] = []

    def of(self, id: ContractId) -> Contract:
        """A contract as the rows before left it, brought to now.

        Raises:
            GoesOnElsewhere: if it was switched or transferred: the services file what concerns both contracts.
        """
        known = self._after.get(id)
        if known is not None:
            return known
        contract = self._before[id]
        if contract.successor is not None or contract.predecessor is not None:
            raise GoesOnElsewhere()
        return settled(contract, self._now).contract

    def today_of(self, contract: Contract) -> date:
        """The business day of a contract's studio."""
        return local_day(self._now, contract.studio.zone)

    def so_far(self, id: ContractId) -> Contract:
        """A contract as the rows before left it, for a look."""
        return self._after.get(id, self._before[id])

    def keep(self, contract: Contract, filed: Event, *new: Part) -> None:
        """A contract as a row left it. What came about by waiting before is announced first."""
        if contract.id not in self._after:
            self.events += settled(self._before[contract.id], self._now).announced
        self._after[contract.id] = contract
        self._new.setdefault(contract.id, []).extend(new)
        self.events.append(filed)

    @property
    def changes(self) -> tuple[Changed, ...]:
        """What is to be written: each contract once."""
        return tuple(
            Changed(
                contract=evolve(each, version=self._before[id].version + 1, effective_at=self._now),
                new=tuple(self._new[id]),
            )
            for id, each in self._after.items()
        )


@frozen(kw_only=True)
class FreezesFacts:
    """What a chunk looks at, loaded and locked at once."""

    chunk: FreezesChunk
    known: Mapping[ExternalId, FreezeId]
    named: Mapping[ExternalId, ContractId]
    contracts: Mapping[ContractId, Contract]
    now: datetime


@frozen
class ImportedFreezes:
    """What a chunk leaves."""

    changes: tuple[Changed, ...]
    external_ids: Mapping[ExternalId, FreezeId]


def decide(facts: FreezesFacts, new_id: NewId) -> Outcome[ImportedFreezes, Event | OfItself, RowsImported]:
    """Decide the rows of a chunk in order, each on what the rows before it left."""
    known, history = dict(facts.known), History(facts.contracts, facts.now)
    entered: dict[ExternalId, FreezeId] = {}

    def named(row: _Wanted) -> ContractId:
        if row.contract not in facts.named:
            raise NoSuchRecord(kind="contract", field="contract")
        return facts.named[row.contract]

    def take(_: int, row: _Wanted) -> None:
        freeze = _imported(history, row, named(row), FreezeId(new_id()), facts.chunk.source)
        entered[row.id] = known[row.id] = freeze.id

    def require_same(row: _Wanted) -> None:
        _require_same(row, known[row.id], history.so_far(named(row)))

    result = facts.chunk.rows.decide(known, take=take, require_same=require_same, fields=by_code(_FIELDS))
    return Outcome(ImportedFreezes(history.changes, entered), tuple(history.events), result)


def _imported(history: History, row: _Wanted, id: ContractId, freeze: FreezeId, source: str) -> Freeze:
    contract = history.of(id)
    today = history.today_of(contract)
    course = Course.of(contract)
    IMPORTING.require(FreezeFacts(contract=contract, course=course, today=today, since=row.since, until=row.until))
    filed = Freeze(id=freeze, since=row.since, until=row.until, reason=row.reason, filed_on=min(row.since, today))
    event = FreezeImported(
        members=contract.members,
        contract=contract.id,
        freeze=freeze,
        since=filed.since,
        until=filed.until,
        reason=filed.reason,
        source=source,
    )
    history.keep(evolve(contract, freezes=(*contract.freezes, filed)), event, filed)
    return filed


def _require_same(row: _Wanted, known: FreezeId, contract: Contract) -> None:
    """What the row says is what was filed; that it was ended early since is no other freeze."""
    filed = next((each for each in contract.freezes if each.id == known), None)
    if filed is None:
        raise RowChanged(kind="freeze", fields=["contract"])
    said = {"since": filed.since, "until": filed.until, "reason": filed.reason}
    different = [column for column, value in said.items() if getattr(row, column) != value]
    if different:
        raise RowChanged(kind="freeze", fields=different)
