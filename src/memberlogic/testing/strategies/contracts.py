"""What is sold, and what a club does to many contracts at once (CON)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from memberlogic.calendar import LONGEST_MONTHS, CalendarPeriod
from memberlogic.contracts.batches import FreezeAll, Named, OpenAt
from memberlogic.contracts.cancellation_importing import CancellationRow
from memberlogic.contracts.freeze_importing import FreezeRow
from memberlogic.contracts.giving import GiveDays
from memberlogic.contracts.importing import ContractRow
from memberlogic.contracts.rate_importing import RateRow
from memberlogic.contracts.rates import (
    DayOfYear,
    EarlyTermination,
    EndsWithTerm,
    Extends,
    FreezePolicy,
    FreezeUnit,
    Notice,
    NoticeMode,
    RateTerms,
    Renewal,
    RunsOn,
    SwitchesTo,
    SwitchPath,
)
from memberlogic.contracts.services import EVERYTHING, OnlyServices, ServiceTerms, Usable, VisitLimit
from memberlogic.ids import ContractId, RateId
from memberlogic.testing.strategies.basics import codes, dates, external_ids, money, terms, texts

__all__ = [
    "cancellation_rows",
    "contract_rows",
    "days_of_the_year",
    "early_terminations",
    "freeze_policies",
    "freeze_rows",
    "freezes_of_all",
    "gifts",
    "limits",
    "named",
    "notices",
    "only_services",
    "open_at",
    "rate_rows",
    "rates",
    "renewals",
    "services",
    "switch_paths",
    "usable",
]

NO_RATES: Sequence[RateId] = ()


def days_of_the_year() -> st.SearchStrategy[DayOfYear]:
    """Every day of a year, 29 February among them."""
    return st.integers(1, 12).flatmap(
        lambda month: st.builds(DayOfYear, st.just(month), st.integers(1, LONGEST_MONTHS[month - 1]))
    )


def notices() -> st.SearchStrategy[Notice]:
    """Every way to give notice (CON-7)."""
    lengths = st.none() | terms(most_days=100, most_months=12)
    to = st.lists(days_of_the_year(), max_size=3)
    modes = st.sampled_from(NoticeMode)
    in_months = lengths.filter(lambda length: length is None or bool(length.months))
    return st.builds(Notice, length=lengths, last_days=to, mode=modes) | st.builds(
        Notice, length=in_months, whole_months=st.just(True), last_days=to, mode=modes
    )


def freeze_policies() -> st.SearchStrategy[FreezePolicy]:
    """What a rate allows of freezes (CON-5), nothing among it."""
    some = st.none() | st.integers(0, 60)
    return st.builds(
        FreezePolicy,
        allowed=st.booleans(),
        least_days=st.none() | st.integers(0, 30),
        most_days=st.none() | st.integers(30, 400),
        most_days_a_year=some,
        most_a_year=st.none() | st.integers(0, 5),
        notice_days=st.integers(0, 30),
        unit=st.sampled_from(FreezeUnit),
        days_back=st.integers(0, 30),
        open_ended=st.booleans(),
        extends=st.booleans(),
    )


def usable() -> st.SearchStrategy[Usable]:
    """Everything, some services, or nothing."""
    return st.just(EVERYTHING) | only_services()


def limits() -> st.SearchStrategy[VisitLimit]:
    """How often one may come (CON-13)."""
    for_services = st.lists(codes(), max_size=2, unique=True)
    periods = st.sampled_from(CalendarPeriod)
    return st.builds(VisitLimit, visits=st.integers(1, 30), period=periods, services=for_services)


def services() -> st.SearchStrategy[ServiceTerms]:
    """What may be used in which status, where and how often (CON-13)."""
    return st.builds(
        ServiceTerms,
        active=usable(),
        frozen=usable(),
        pending=usable(),
        on_hold=usable(),
        studios=st.lists(codes(), max_size=2, unique=True),
        limits=st.lists(limits(), max_size=2),
    )


def renewals(others: Sequence[RateId] = NO_RATES) -> st.SearchStrategy[Renewal]:
    """What follows the first term (CON-9); another rate only if there are ``others``."""
    alone: st.SearchStrategy[Renewal] = st.just(EndsWithTerm()) | st.just(RunsOn()) | terms(most_days=100).map(Extends)
    return alone | st.sampled_from(others).map(SwitchesTo) if others else alone


def switch_paths(others: Sequence[RateId]) -> st.SearchStrategy[SwitchPath]:
    """To one of some rates (CON-12)."""
    return st.builds(
        SwitchPath,
        to=st.sampled_from(others),
        fee=st.none() | money(1),
        days_to_pay=st.integers(0, 30),
        after_days=st.integers(1, 400),
        days_back=st.integers(0, 30),
    )


def early_terminations() -> st.SearchStrategy[EarlyTermination]:
    """Terms on which a contract may be left early (CON-7)."""
    return st.builds(EarlyTermination, code=codes(), fee=st.none() | money())


def rates(others: Sequence[RateId] = NO_RATES) -> st.SearchStrategy[RateTerms]:
    """Terms of rates (CON-1), with every policy.

    Args:
        others: rates on sale, to which it may switch; where there are none, it does not.
    """
    paths = st.lists(switch_paths(others), max_size=2, unique_by=lambda each: each.to) if others else st.just([])
    return st.builds(
        RateTerms,
        name=texts(),
        term=terms(),
        minimum_term=st.none() | terms(),
        renewal=renewals(others),
        initial_fee=st.none() | money(currency="EUR"),
        fee=st.none() | money(),
        fee_every=st.none() | terms(),
        notice=notices(),
        notice_later=st.none() | notices(),
        freezes=freeze_policies(),
        early_termination=st.lists(early_terminations(), max_size=2),
        cooling_off_days=st.none() | st.integers(0, 30),
        most_covered=st.integers(0, 3),
        services=services(),
        switch_paths=paths,
    )


@st.composite
def freezes_of_all(draw: st.DrawFn) -> FreezeAll:
    """A freeze of many contracts (CON-18)."""
    since = draw(dates())
    return FreezeAll(since=since, until=since + timedelta(days=draw(st.integers(1, 90))), reason=draw(codes()))


def gifts() -> st.SearchStrategy[GiveDays]:
    """Days for many contracts (CON-18)."""
    return st.builds(GiveDays, days=st.integers(1, 366), reason=codes())


def named(contracts: Sequence[ContractId]) -> st.SearchStrategy[Named]:
    """Some of these contracts."""
    return st.builds(Named, contracts=st.lists(st.sampled_from(contracts), min_size=1, unique=True))


def open_at(studios: st.SearchStrategy[str]) -> st.SearchStrategy[OpenAt]:
    """All contracts at one of some studios."""
    return st.builds(OpenAt, studio=studios)


def only_services() -> st.SearchStrategy[OnlyServices]:
    """Some services, or nothing."""
    return st.lists(codes(), max_size=3, unique=True).map(OnlyServices)


def rate_rows() -> st.SearchStrategy[RateRow]:
    """Rates of another system (CON-19)."""
    return st.builds(RateRow, external_ids(), codes(), rates(), st.booleans())


@st.composite
def contract_rows(
    draw: st.DrawFn, holders: Sequence[str], rates: Sequence[str], studios: Sequence[str], *, today: date
) -> ContractRow:
    """Contracts of another system: signed today or before, on its rates, by people whom it knows (CON-19)."""
    signed = draw(dates(today - timedelta(days=900), today))
    return ContractRow(
        draw(texts()),
        draw(st.sampled_from(holders)),
        draw(st.sampled_from(rates)),
        draw(st.sampled_from(studios)),
        signed,
        signed + timedelta(days=draw(st.integers(0, 60))),
        paid=draw(st.booleans()),
    )


@st.composite
def freeze_rows(draw: st.DrawFn, contracts: Sequence[str], *, first: date) -> FreezeRow:
    """Freezes of another system, on or after a day (CON-19)."""
    since = first + timedelta(days=draw(st.integers(0, 60)))
    until = since + timedelta(days=draw(st.integers(1, 60)))
    return FreezeRow(draw(texts()), draw(st.sampled_from(contracts)), since, until, draw(codes()))


@st.composite
def cancellation_rows(draw: st.DrawFn, contracts: Sequence[str], *, today: date) -> CancellationRow:
    """Cancellations that another system received today (CON-19)."""
    to = today + timedelta(days=draw(st.integers(0, 30)))
    return CancellationRow(draw(st.sampled_from(contracts)), today, to, extraordinary=draw(st.booleans()))
