"""CON-19: importing cancellations that another system took. The day on which each takes effect is that system's, and is
not reckoned again: which notice was kept was looked at when it was filed (CON-7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, NamedTuple

from attrs import evolve, field, frozen

from memberlogic.contracts import cancelling
from memberlogic.contracts.freeze_importing import GoesOnElsewhere, History
from memberlogic.contracts.model import Cancellation, CancellationKind, Contract
from memberlogic.contracts.posting import Changed
from memberlogic.contracts.renewing import Course
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, ExternalId
from memberlogic.importing import Formed, NoSuchRecord, Portion, RowChanged, RowsImported, by_code, external_id, formed
from memberlogic.inputs import a_day, code, describe, instance
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "CancellationImported",
    "CancellationOnFile",
    "CancellationRow",
    "CancellationsChunk",
    "CancellationsFacts",
    "ImportedCancellations",
    "PastCancellation",
    "decide",
]


class CancellationRow(NamedTuple):
    """A cancellation that another system took: from ``effective_on`` on the contract is cancelled. ``contract`` is that
    system's own id; a contract has one cancellation.
    """

    contract: str | ExternalId
    received_on: date
    effective_on: date
    reason: str = "other"
    extraordinary: bool = False


@frozen(kw_only=True)
class CancellationImported(Event):
    """A cancellation that another system took came over; if its day is past, it is announced no more."""

    type: ClassVar[str] = "contract.cancellation_imported"
    contract: ContractId
    kind: CancellationKind
    reason: str
    received_on: date
    effective_on: date
    source: str


class CancellationOnFile(RuleViolation):
    """Which of the two counts is for people to say."""

    code = "import.cancellation_on_file"
    rule = "CON-19"
    sentence = "A cancellation as of {effective_on} was filed here; it is withdrawn first, or the row left out."


@frozen(kw_only=True)
class _Wanted:
    """A row whose form is well."""

    contract: ExternalId
    received_on: date = field(validator=a_day)
    effective_on: date = field(validator=a_day)
    reason: str = field(validator=code("a reason"))
    extraordinary: bool = field(validator=instance(bool, "true or false"))


@frozen(kw_only=True)
class PastCancellation:
    """What the rules of importing a cancellation look at."""

    contract: Contract
    wanted: _Wanted
    today: date

    @property
    def kind(self) -> CancellationKind:
        """What it comes to."""
        if not self.contract.paid_in_full_by(self.wanted.effective_on):
            return CancellationKind.NEVER_PAID
        return CancellationKind.EXTRAORDINARY if self.wanted.extraordinary else CancellationKind.ORDINARY


@policy("CON-19", "An imported cancellation was received today or before.")
def must_have_been_received(p: PastCancellation) -> MemberLogicError | None:
    """Only its day may be to come."""
    received = p.wanted.received_on
    if received <= p.today:
        return None
    return cancelling.ReceivedInTheFuture(received_on=received.isoformat(), today=p.today.isoformat())


@policy("CON-19", "An imported cancellation was received on the day of signing or later.")
def must_be_received_after_signing(p: PastCancellation) -> MemberLogicError | None:
    """Signing comes first."""
    received, signed = p.wanted.received_on, p.contract.signed_on
    if received >= signed:
        return None
    return cancelling.ReceivedBeforeSigning(received_on=received.isoformat(), signed_on=signed.isoformat())


@policy("CON-19", "An imported cancellation takes effect on the day of receipt or later.")
def must_not_end_before_receipt(p: PastCancellation) -> MemberLogicError | None:
    """What ends before it is asked for is a slip of the pen."""
    received, ends = p.wanted.received_on, p.wanted.effective_on
    if ends >= received:
        return None
    return cancelling.CancelledBeforeReceipt(to=ends.isoformat(), received_on=received.isoformat())


@policy("CON-19", "A contract has one cancellation.")
def must_be_the_only_one(p: PastCancellation) -> MemberLogicError | None:
    """One that was filed here stands."""
    filed = p.contract.cancellation
    return None if filed is None else CancellationOnFile(effective_on=filed.effective_on.isoformat())


@policy("CON-19", "An imported cancellation does not prolong a contract.")
def must_not_end_after_the_term(p: PastCancellation) -> MemberLogicError | None:
    """The term ends as moved by the freezes that are in."""
    ends = Course.of(p.contract).expires_on
    if ends is None or p.wanted.effective_on <= ends:
        return None
    return cancelling.EndsBefore(to=p.wanted.effective_on.isoformat(), ends_on=ends.isoformat())


IMPORTING: Policies[PastCancellation] = Policies(
    must_have_been_received,
    must_be_received_after_signing,
    must_not_end_before_receipt,
    must_be_the_only_one,
    must_not_end_after_the_term,
)

_FIELDS = {
    cancelling.ReceivedInTheFuture.code: "received_on",
    cancelling.ReceivedBeforeSigning.code: "received_on",
    cancelling.CancelledBeforeReceipt.code: "effective_on",
    cancelling.EndsBefore.code: "effective_on",
    CancellationOnFile.code: "contract",
    GoesOnElsewhere.code: "contract",
}


class CancellationsChunk:
    """Some rows of a stream of cancellations."""

    def __init__(self, portion: Portion) -> None:
        self.source = portion.source
        self.rows: Formed[_Wanted] = formed(portion, self._form, key="contract")

    def _form(self, row: object) -> _Wanted:
        if not isinstance(row, CancellationRow):
            raise InvalidInput(path="row", expected="a CancellationRow", got=describe(row))
        return _Wanted(
            contract=external_id(self.source, row.contract, "contract"),
            received_on=row.received_on,
            effective_on=row.effective_on,
            reason=row.reason,
            extraordinary=row.extraordinary,
        )

    @property
    def contracts(self) -> Sequence[ExternalId]:
        """What is cancelled."""
        return list(dict.fromkeys(each.contract for each in self.rows.formed.values()))


@frozen(kw_only=True)
class CancellationsFacts:
    """What a chunk looks at, loaded and locked at once."""

    chunk: CancellationsChunk
    known: Mapping[ExternalId, ContractId]
    """The contracts of which a cancellation came over before."""
    named: Mapping[ExternalId, ContractId]
    contracts: Mapping[ContractId, Contract]
    now: datetime


@frozen
class ImportedCancellations:
    """What a chunk leaves."""

    changes: tuple[Changed, ...]
    external_ids: Mapping[ExternalId, ContractId]


def decide(facts: CancellationsFacts) -> Outcome[ImportedCancellations, Event | OfItself, RowsImported]:
    """Decide the rows of a chunk in order, each on what the rows before it left."""
    known, history = dict(facts.known), History(facts.contracts, facts.now)
    entered: dict[ExternalId, ContractId] = {}

    def take(_: int, row: _Wanted) -> None:
        if row.contract not in facts.named:
            raise NoSuchRecord(kind="contract", field="contract")
        id = facts.named[row.contract]
        _import(history, row, id, facts.chunk.source)
        entered[row.contract] = known[row.contract] = id

    def require_same(row: _Wanted) -> None:
        _require_same(row, history.so_far(known[row.contract]))

    result = facts.chunk.rows.decide(known, take=take, require_same=require_same, fields=by_code(_FIELDS))
    return Outcome(ImportedCancellations(history.changes, entered), tuple(history.events), result)


def _import(history: History, row: _Wanted, id: ContractId, source: str) -> None:
    contract = history.of(id)
    past = PastCancellation(contract=contract, wanted=row, today=history.today_of(contract))
    IMPORTING.require(past)
    cancellation = Cancellation(
        kind=past.kind,
        reason=row.reason,
        received_on=row.received_on,
        filed_on=row.received_on,
        effective_on=row.effective_on,
    )
    event = CancellationImported(
        members=contract.members,
        contract=contract.id,
        kind=cancellation.kind,
        reason=cancellation.reason,
        received_on=cancellation.received_on,
        effective_on=cancellation.effective_on,
        source=source,
    )
    history.keep(evolve(contract, cancellation=cancellation), event)


def _require_same(row: _Wanted, contract: Contract) -> None:
    """What the row says is what is on file."""
    filed = contract.cancellation
    said = ("received_on", "effective_on", "reason")
    different = [each for each in said if filed is None or getattr(filed, each) != getattr(row, each)]
    if different:
        raise RowChanged(kind="cancellation", fields=different)
