"""Contracts made of days, for tests of what is computed from them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from memberlogic.amounts import Money
from memberlogic.calendar import Term
from memberlogic.contracts.model import Contract, Coverage, Freeze, Payment
from memberlogic.contracts.rates import RateTerms, RateVersion
from memberlogic.ids import ContractId, CoverageId, FreezeId, MemberId, PaymentId, RateId, new_id
from memberlogic.organizations.model import Studio

BERLIN = Studio("north", ZoneInfo("Europe/Berlin"))
HOLDER = MemberId(new_id())
FEE = Money(5000, "EUR")


def terms(**said) -> RateTerms:
    """Terms of a year, where nothing else is said."""
    return RateTerms(**({"name": "Rate", "term": Term.of_months(12)} | said))


def contract(*rates: RateTerms, signed: date, start: date | None = None, **said) -> Contract:
    """A contract on rates, one after the other."""
    versions = tuple(RateVersion(rate=RateId(new_id()), version=0, terms=each) for each in rates or (terms(),))
    facts = {
        "id": ContractId(new_id()),
        "rates": versions,
        "studio": BERLIN,
        "signed_on": signed,
        "start_on": start or signed,
        "coverage": (Coverage(id=CoverageId(new_id()), member=HOLDER, holder=True, since=signed),),
        "announced_to": signed,
        "effective_at": datetime(2000, 1, 1, tzinfo=UTC),
    }
    return Contract(**(facts | said))


def freeze(since: date, until: date | None, *, ended: date | None = None) -> Freeze:
    """A freeze."""
    return Freeze(id=FreezeId(new_id()), since=since, until=until, reason="ill", filed_on=since, ended=ended)


def payment(paid_on: date, minor: int = FEE.minor, *, reversed_on: date | None = None) -> Payment:
    """A payment in euros."""
    return Payment(id=PaymentId(new_id()), paid_on=paid_on, amount=Money(minor, "EUR"), reversed_on=reversed_on)
