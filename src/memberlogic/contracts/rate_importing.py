"""CON-19: importing rates that another system sold, also those that it sells no more: contracts are on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from attrs import field, frozen

from memberlogic.contracts import selling
from memberlogic.contracts.rates import Rate, RateTerms, SwitchesTo
from memberlogic.contracts.selling import OpenRate
from memberlogic.errors import Conflict, InvalidInput, NotFound
from memberlogic.events import Event
from memberlogic.ids import ExternalId, NewId, RateId
from memberlogic.importing import Formed, Portion, RowChanged, RowsImported, by_code, external_id, formed
from memberlogic.inputs import describe, instance
from memberlogic.outcomes import Outcome

__all__ = ["ImportedRates", "RateOnOtherTerms", "RateRow", "RatesChunk", "RatesFacts", "decide"]


class RateRow(NamedTuple):
    """A rate that another system sold. ``id`` is that system's own; ``code`` is what it is called here."""

    id: str | ExternalId
    code: str
    terms: RateTerms
    on_sale: bool = True
    """Whether it is still sold."""


@frozen(kw_only=True)
class _Wanted:
    """A row whose form is well."""

    id: ExternalId
    opening: OpenRate
    on_sale: bool = field(validator=instance(bool, "true or false"))


class RateOnOtherTerms(Conflict):
    """One code is one rate: with these terms it would join the one that is there."""

    code = "import.rate_on_other_terms"
    rule = "CON-19"
    sentence = "There is a rate of this code here, with another name or other terms; this one needs another code."


_FIELDS = {
    RateOnOtherTerms.code: "code",
    NotFound.code: "terms",
    selling.RateSwitchesInACircle.code: "terms",
    selling.RateSwitchesToRetired.code: "terms",
}


class RatesChunk:
    """Some rows of a stream of rates."""

    def __init__(self, portion: Portion) -> None:
        self.source = portion.source
        self.rows: Formed[_Wanted] = formed(portion, self._form)

    def _form(self, row: object) -> _Wanted:
        if not isinstance(row, RateRow):
            raise InvalidInput(path="row", expected="a RateRow", got=describe(row))
        id = external_id(self.source, row.id, "id")
        opening = OpenRate(code=row.code, terms=row.terms, external_ids=(id,))
        return _Wanted(id=id, opening=opening, on_sale=row.on_sale)

    @property
    def ids(self) -> Sequence[ExternalId]:
        """The rates' own ids."""
        return list(dict.fromkeys(each.id for each in self.rows.formed.values()))


@frozen(kw_only=True)
class RatesFacts:
    """What a chunk looks at, loaded at once."""

    chunk: RatesChunk
    known: Mapping[ExternalId, RateId]
    rates: Mapping[RateId, Rate]
    """Every rate."""


@frozen
class ImportedRates:
    """What a chunk leaves."""

    new: tuple[Rate, ...]
    external_ids: Mapping[ExternalId, RateId]


def decide(facts: RatesFacts, new_id: NewId) -> Outcome[ImportedRates, Event, RowsImported]:
    """Decide the rows of a chunk in order, each on what the rows before it left."""
    known, rates = dict(facts.known), dict(facts.rates)
    entered: dict[ExternalId, RateId] = {}
    events: list[Event] = []

    new: list[Rate] = []

    def take(_: int, row: _Wanted) -> None:
        rate = _there(rates, row)
        if rate is None:
            outcome = _opened(rates, row, RateId(new_id()))
            rate = outcome.facts
            rates[rate.id] = rate
            new.append(rate)
            events.extend(outcome.events)
        entered[row.id] = known[row.id] = rate.id

    def require_same(row: _Wanted) -> None:
        _require_same(row, rates[known[row.id]])

    result = facts.chunk.rows.decide(known, take=take, require_same=require_same, fields=by_code(_FIELDS))
    return Outcome(ImportedRates(tuple(new), entered), tuple(events), result)


def _there(rates: Mapping[RateId, Rate], row: _Wanted) -> Rate | None:
    """The rate that is called so here: another system sold it, too, or that system knows it twice."""
    rate = next((each for each in rates.values() if each.code == row.opening.code), None)
    if rate is not None and rate.terms != row.opening.terms:
        raise RateOnOtherTerms
    return rate


def _opened(rates: Mapping[RateId, Rate], row: _Wanted, id: RateId) -> Outcome[Rate, Event, Rate]:
    opening = row.opening
    outcome = selling.open_rate(id, opening, _following(rates, opening.terms))
    if row.on_sale:
        return outcome
    retired = selling.retire_rate(outcome.facts)
    return Outcome(retired.facts, (*outcome.events, *retired.events), retired.result)


def _following(rates: Mapping[RateId, Rate], terms: RateTerms) -> Mapping[RateId, Rate]:
    """All rates, if those that the terms lead to are among them.

    Raises:
        NotFound: for the first that is not there.
    """
    renewal = terms.renewal
    leads_to = [renewal.rate] if isinstance(renewal, SwitchesTo) else []
    for each in (*leads_to, *(path.to for path in terms.switch_paths)):
        if each not in rates:
            raise NotFound(kind="rate", id=each)
    return rates


def _require_same(row: _Wanted, rate: Rate) -> None:
    """What the row says is what is sold here; whether it still is sold is for this club to say."""
    said = {"code": rate.code == row.opening.code, "terms": rate.terms == row.opening.terms}
    different = [column for column, same in said.items() if not same]
    if different:
        raise RowChanged(kind="rate", fields=different)
