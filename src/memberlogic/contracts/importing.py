"""CON-19: importing contracts that another system knows, also those that ended long ago. Each row is decided on what
the rows before it left; what is in already is skipped, by the other system's id.

What it was on every past day follows from its days, as with any contract. Nothing of the past is announced: what
happens from today on is (CON-16). Nothing is sold: no care flow is assigned, and nobody's home studio changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, NamedTuple

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.contracts import drafting
from memberlogic.contracts.drafting import Draft, DraftingFacts
from memberlogic.contracts.model import Contract, Payment
from memberlogic.contracts.paying import PaymentToCome
from memberlogic.contracts.posting import Changed
from memberlogic.contracts.rates import Rate
from memberlogic.errors import InvalidInput
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, ExternalId, MemberId, NewId, PaymentId, RateId
from memberlogic.importing import Formed, NoSuchRecord, Portion, RowChanged, RowsImported, by_code, external_id, formed
from memberlogic.inputs import a_day, as_tuple, code, describe, instance, optional, sequence_of
from memberlogic.members.lifecycle import require_present
from memberlogic.members.model import Member
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies

__all__ = [
    "AFTER_THE_FACT",
    "ContractImported",
    "ContractRow",
    "ContractsChunk",
    "ContractsFacts",
    "ImportedContracts",
    "decide",
]

AFTER_THE_FACT = drafting.AFTER_THE_FACT
"""The permission to bring history over."""


class ContractRow(NamedTuple):
    """A contract that another system knows. A plain tuple, looked at when its turn comes; ``id`` is that system's own,
    and so are those of the holder, of the rate and of whoever is covered beside.
    """

    id: str | ExternalId
    holder: str | ExternalId
    rate: str | ExternalId
    studio: str
    signed_on: date
    start_on: date | None = None
    """The first day; the day of signing if left out."""
    covered: Sequence[str | ExternalId] = ()
    paid: bool = True
    """Whether the initial fee was paid in full."""
    paid_on: date | None = None
    """When; on the day of signing if left out."""


@frozen(kw_only=True)
class ContractImported(Event):
    """A contract that another system knew came over."""

    type: ClassVar[str] = "contract.imported"
    contract: ContractId
    rate: RateId
    rate_version: int
    studio: str
    signed_on: date
    start_on: date
    source: str


IMPORTING: Policies[DraftingFacts] = Policies(
    drafting.must_be_signed,
    drafting.must_start_after_signing,
    drafting.must_not_cover_too_many,
    drafting.must_cover_each_once,
)
"""What holds of drafting for what was signed long ago: the rate need not be on sale any more."""

_FIELDS = {
    drafting.SignedInTheFuture.code: "signed_on",
    drafting.StartsBeforeSigning.code: "start_on",
    drafting.CoversTooMany.code: "covered",
    drafting.CoveredTwice.code: "covered",
    PaymentToCome.code: "paid_on",
    "state.illegal_transition": "holder",
}


@frozen(kw_only=True)
class _Wanted:
    """A row whose form is well."""

    id: ExternalId
    holder: ExternalId
    rate: ExternalId
    covered: tuple[ExternalId, ...] = field(
        converter=as_tuple, validator=sequence_of(ExternalId, "an id or an ExternalId", most=1_000)
    )
    studio: str = field(validator=code("a studio's code"))
    signed_on: date = field(validator=a_day)
    start_on: date | None = field(validator=optional(a_day))
    paid: bool = field(validator=instance(bool, "true or false"))
    paid_on: date | None = field(validator=optional(a_day))

    def __attrs_post_init__(self) -> None:
        if self.paid_on is not None and not self.paid:
            raise InvalidInput(path="paid_on", expected="no day, as it is not paid", got=self.paid_on.isoformat())

    @property
    def people(self) -> tuple[ExternalId, ...]:
        """Everybody on it, the holder first."""
        return (self.holder, *self.covered)


class ContractsChunk:
    """Some rows of a stream of contracts."""

    def __init__(self, portion: Portion) -> None:
        self.source = portion.source
        self.rows: Formed[_Wanted] = formed(portion, self._form)

    def _form(self, row: object) -> _Wanted:
        if not isinstance(row, ContractRow):
            raise InvalidInput(path="row", expected="a ContractRow", got=describe(row))
        covered = as_tuple(row.covered)
        if isinstance(covered, tuple):
            covered = tuple(external_id(self.source, each, f"covered[{at}]") for at, each in enumerate(covered))
        return _Wanted(
            id=external_id(self.source, row.id, "id"),
            holder=external_id(self.source, row.holder, "holder"),
            rate=external_id(self.source, row.rate, "rate"),
            covered=covered,
            studio=row.studio,
            signed_on=row.signed_on,
            start_on=row.start_on,
            paid=row.paid,
            paid_on=row.paid_on,
        )

    @property
    def ids(self) -> Sequence[ExternalId]:
        """The contracts' own ids."""
        return list(dict.fromkeys(each.id for each in self.rows.formed.values()))

    @property
    def people(self) -> Sequence[ExternalId]:
        """Everybody on them."""
        return list(dict.fromkeys(who for each in self.rows.formed.values() for who in each.people))

    @property
    def rates(self) -> Sequence[ExternalId]:
        """What was sold."""
        return list(dict.fromkeys(each.rate for each in self.rows.formed.values()))


@frozen(kw_only=True)
class ContractsFacts:
    """What a chunk looks at, loaded and locked at once."""

    chunk: ContractsChunk
    known: Mapping[ExternalId, ContractId]
    stored: Mapping[ContractId, Contract]
    people: Mapping[ExternalId, MemberId]
    members: Mapping[MemberId, Member]
    sold: Mapping[ExternalId, RateId]
    rates: Mapping[RateId, Rate]
    studios: Mapping[str, Studio]
    actor: Actor
    now: datetime


@frozen
class ImportedContracts:
    """What a chunk leaves."""

    changes: tuple[Changed, ...]
    external_ids: Mapping[ExternalId, ContractId]


def decide(facts: ContractsFacts, new_id: NewId) -> Outcome[ImportedContracts, Event | OfItself, RowsImported]:
    """Decide the rows of a chunk in order, each on what the rows before it left."""
    known, stored = dict(facts.known), dict(facts.stored)
    entered: dict[ExternalId, ContractId] = {}
    changes: list[Changed] = []
    events: list[Event] = []

    def take(_: int, row: _Wanted) -> None:
        contract = _imported(facts, row, new_id)
        entered[row.id] = known[row.id] = contract.id
        stored[contract.id] = contract
        changes.append(Changed(contract=contract, new=(*contract.coverage, *contract.payments), drafted=True))
        events.append(_event(contract, facts.chunk.source))

    def require_same(row: _Wanted) -> None:
        _require_same(facts, row, stored[known[row.id]])

    result = facts.chunk.rows.decide(known, take=take, require_same=require_same, fields=by_code(_FIELDS))
    return Outcome(ImportedContracts(tuple(changes), entered), tuple(events), result)


def _event(contract: Contract, source: str) -> Event:
    return ContractImported(
        members=contract.members,
        contract=contract.id,
        rate=contract.rate.rate,
        rate_version=contract.rate.version,
        studio=contract.studio.code,
        signed_on=contract.signed_on,
        start_on=contract.start_on,
        source=source,
    )


def _drafting(facts: ContractsFacts, row: _Wanted) -> DraftingFacts:
    """What the row asks for, in our own ids."""
    missing = next((at for at, each in enumerate(row.people) if each not in facts.people), None)
    if missing is not None:
        raise NoSuchRecord(kind="member", field="holder" if missing == 0 else f"covered[{missing - 1}]")
    if row.rate not in facts.sold:
        raise NoSuchRecord(kind="rate", field="rate")
    if row.studio not in facts.studios:
        raise NoSuchRecord(kind="studio", field="studio")
    holder, *covered = (facts.people[each] for each in row.people)
    rate = facts.rates[facts.sold[row.rate]]
    wanted = Draft(
        holder=holder,
        rate=rate.id,
        studio=row.studio,
        signed_on=row.signed_on,
        start_on=row.start_on,
        covered=tuple(covered),
    )
    members = {each: facts.members[each] for each in wanted.members}
    return drafting.facts_of(wanted, rate, facts.studios[row.studio], members, facts.actor, facts.now)


def _imported(facts: ContractsFacts, row: _Wanted, new_id: NewId) -> Contract:
    drafted = _drafting(facts, row)
    require_present(drafted.members.values(), "be on a contract")
    IMPORTING.require(drafted)
    new = drafting.signed(ContractId(new_id()), drafted, facts.rates, facts.now, new_id)
    contract = evolve(new, announced_to=local_day(facts.now, new.studio.zone))
    paid_on, fee = row.paid_on or row.signed_on, contract.fee
    if paid_on > drafted.today:
        raise PaymentToCome(paid_on=paid_on.isoformat(), today=drafted.today.isoformat())
    if fee is None or fee.minor == 0 or not row.paid:
        return contract
    return evolve(contract, payments=(Payment(id=PaymentId(new_id()), paid_on=paid_on, amount=fee),))


def _require_same(facts: ContractsFacts, row: _Wanted, contract: Contract) -> None:
    """What the row says is what is on file. Who came onto it, left it or paid since is no other contract."""
    people = {facts.people.get(each) for each in row.people}
    different = [
        column
        for column, same in {
            "holder": people <= set(contract.members),
            "rate": facts.sold.get(row.rate) == contract.rate.rate,
            "studio": row.studio == contract.studio.code,
            "signed_on": row.signed_on == contract.signed_on,
            "start_on": (row.start_on or row.signed_on) == contract.start_on,
        }.items()
        if not same
    ]
    if different:
        raise RowChanged(kind="contract", fields=different)
