"""What a club says of its points, and the lines of journals (PTS)."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from memberlogic.calendar import LONGEST_MONTHS, CalendarPeriod, Term
from memberlogic.ids import AccountId, ExternalId
from memberlogic.ledger.journals import JournalRow, LineKind
from memberlogic.ledger.model import (
    AdjustingPolicy,
    After,
    Arrivals,
    Expiry,
    FixedDay,
    Inactivity,
    Maximum,
    Never,
    TransferPolicy,
    WalletId,
)
from memberlogic.testing.strategies.basics import codes, ids, points, terms, texts

__all__ = [
    "adjusting",
    "after_a_term",
    "by_inactivity",
    "expiries",
    "fixed_days",
    "journal_rows",
    "leads",
    "maxima",
    "transfers",
    "wallets",
]

_ROUNDED = st.sampled_from((None, CalendarPeriod.MONTH, CalendarPeriod.QUARTER, CalendarPeriod.YEAR))


def after_a_term() -> st.SearchStrategy[After]:
    """A term after they were earned, also rounded up to the end of a period."""
    return st.builds(After, terms(), _ROUNDED)


def fixed_days() -> st.SearchStrategy[FixedDay]:
    """All together on a day of the year."""
    return st.integers(1, 12).flatmap(
        lambda month: st.builds(
            FixedDay, month=st.just(month), day=st.integers(1, LONGEST_MONTHS[month - 1]), minimum_life=terms()
        )
    )


def by_inactivity() -> st.SearchStrategy[Inactivity]:
    """A term after the last activity."""
    return st.builds(Inactivity, terms())


def expiries() -> st.SearchStrategy[Expiry]:
    """Until when points live (PTS-6), every policy."""
    return st.one_of(st.just(Never()), after_a_term(), by_inactivity(), fixed_days())


def maxima() -> st.SearchStrategy[Maximum]:
    """At most so many points in a period."""
    return st.builds(Maximum, points(), st.sampled_from(CalendarPeriod))


def transfers() -> st.SearchStrategy[TransferPolicy]:
    """What a club says of transfers (PTS-11)."""
    return st.builds(
        TransferPolicy,
        allowed=st.booleans(),
        minimum=st.integers(1, 100),
        multiples=st.integers(1, 50),
        maximum=st.none() | maxima(),
        factor=st.fractions("1/10", 3, max_denominator=10),
        arrivals=st.sampled_from(Arrivals),
    )


def adjusting() -> st.SearchStrategy[AdjustingPolicy]:
    """How far staff adjust alone (PTS-14)."""
    return st.builds(AdjustingPolicy, limit=st.none() | st.integers(0, 1000))


def leads() -> st.SearchStrategy[list[Term]]:
    """How long before something people are told: lead times, each once."""
    return st.lists(terms(most_days=90, most_months=6), max_size=3, unique=True)


def wallets() -> st.SearchStrategy[WalletId]:
    """Wallets of no account."""
    return ids().map(lambda id: WalletId(AccountId(id)))


@st.composite
def journal_rows(draw: st.DrawFn, accounts: Sequence[AccountId | ExternalId] = ()) -> JournalRow:
    """Well-formed lines of a journal (PTS-15) on these accounts; on accounts that nobody has, if none are given."""
    known = st.sampled_from(accounts) if accounts else ids().map(AccountId)
    kind, many = draw(st.sampled_from(LineKind)), draw(points(1, 1000))
    adjusts = kind is LineKind.ADJUST
    return JournalRow(
        kind,
        draw(known),
        -many if adjusts and draw(st.booleans()) else many,
        target=draw(known) if kind is LineKind.TRANSFER else None,
        reason=draw(codes()) if adjusts else None,
        reference=draw(st.none() | texts()),
    )
