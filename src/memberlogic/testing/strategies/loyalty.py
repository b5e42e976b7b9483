"""What a club says of earning, redeeming and its ranks, and what people buy (PTS, SCH)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from memberlogic.amounts import Rounding
from memberlogic.calendar import LONGEST_MONTHS, CalendarPeriod, Term
from memberlogic.ids import AccountId, ExternalId
from memberlogic.ledger.model import Order, Shortfall
from memberlogic.loyalty.importing import PurchaseRow
from memberlogic.loyalty.model import Scheme
from memberlogic.loyalty.programme import (
    AwardRule,
    Basis,
    Earning,
    EarningRule,
    Fixed,
    Gives,
    Hours,
    LineCondition,
    LineField,
    MostOften,
    Multiplier,
    Offer,
    Rate,
    Redeeming,
    StoredValue,
)
from memberlogic.loyalty.progression import (
    AnniversaryYear,
    CalendarYear,
    Daily,
    Downgrade,
    Metric,
    Monthly,
    OnAnniversary,
    Pin,
    PinKind,
    Progression,
    Review,
    Rolling,
    SinceChange,
    Upgrade,
    Window,
    Yearly,
)
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.loyalty.redeeming import RedeemBlocks
from memberlogic.loyalty.returns import ReturnLine
from memberlogic.testing.strategies.basics import (
    FIRST,
    LAST,
    amounts,
    codes,
    currencies,
    dates,
    days,
    ids,
    instants,
    local_times,
    points,
    studios,
    terms,
    texts,
    zones,
)
from memberlogic.testing.strategies.ledger import adjusting, expiries, leads, maxima, transfers

__all__ = [
    "award_rules",
    "bonuses",
    "clubs",
    "conditions",
    "earning_rules",
    "earnings",
    "gives",
    "hours",
    "ladders",
    "monthly",
    "most_often",
    "multipliers",
    "offers",
    "pins",
    "points_for_money",
    "progressions",
    "purchase_lines",
    "purchase_rows",
    "purchases",
    "redeem_blocks",
    "redeemings",
    "return_lines",
    "reviews",
    "windows",
    "yearly",
]

ITEMS, CATEGORIES, BRANDS = ("coffee", "mug", "gift_card"), ("drinks", "kitchen", "fuel"), ("acme", "globex")
"""What is sold: few enough that conditions meet lines."""

NONE: Collection[str] = ()
_KINDS = {LineField.ITEM: ITEMS, LineField.CATEGORY: CATEGORIES, LineField.BRAND: BRANDS}


def points_for_money() -> st.SearchStrategy[Rate]:
    """So many points for each so many minor units, or pieces."""
    return st.builds(Rate, points(1, 10), st.sampled_from((1, 7, 100)), st.sampled_from(Basis))


def bonuses() -> st.SearchStrategy[Fixed]:
    """So many points, once a purchase."""
    return st.builds(Fixed, points(1, 1000))


def multipliers() -> st.SearchStrategy[Multiplier]:
    """Factors of what rates give."""
    return st.builds(Multiplier, st.fractions(Fraction(1, 4), Fraction(5), max_denominator=4))


def gives() -> st.SearchStrategy[Gives]:
    """What a rule gives (PTS-2)."""
    return st.one_of(points_for_money(), bonuses(), multipliers())


def conditions() -> st.SearchStrategy[LineCondition]:
    """Which lines a rule is for."""
    return st.sampled_from(LineField).flatmap(
        lambda by: st.builds(
            LineCondition, st.just(by), st.sets(st.sampled_from(_KINDS[by]), min_size=1), st.booleans()
        )
    )


def hours() -> st.SearchStrategy[Hours]:
    """Happy hours, also over midnight."""
    both = st.tuples(local_times(), local_times()).filter(lambda pair: pair[0] != pair[1])
    return both.map(lambda pair: Hours(*pair))


def _some(known: Collection[str]) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(sorted(known)), max_size=2) if known else st.just(set())


def _one_or_none(known: Collection[str]) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(sorted(known)) if known else st.none()


@st.composite
def earning_rules(draw: st.DrawFn, *, schemes: Collection[str] = NONE, offers: Collection[str] = NONE) -> EarningRule:
    """Rules of earning (PTS-2).

    Args:
        schemes: the codes of schemes for which one may be; where none are given, all are for everybody.
        offers: the codes of offers to which one may belong.
    """
    given = draw(gives())
    return EarningRule(
        key=draw(codes()),
        gives=given,
        lines=draw(st.lists(conditions(), max_size=2)),
        minimum=draw(st.just(0) | amounts(1, 10_000)),
        days=draw(st.none() | days()),
        weekdays=draw(st.sets(st.integers(1, 7), max_size=6)),
        hours=draw(st.none() | hours()),
        schemes=draw(_some(schemes)),
        studios=draw(st.sets(codes(), max_size=1)),
        offer=draw(_one_or_none(offers)),
        pending=None if isinstance(given, Multiplier) else draw(st.none() | terms(most_days=30, most_months=2)),
    )


def most_often() -> st.SearchStrategy[MostOften]:
    """How often a member is awarded at most."""
    return st.builds(MostOften, st.integers(1, 5), st.none() | st.sampled_from(CalendarPeriod))


def award_rules(*, schemes: Collection[str] = NONE, offers: Collection[str] = NONE) -> st.SearchStrategy[AwardRule]:
    """Points for what is no purchase (PTS-4)."""
    return st.builds(
        AwardRule,
        key=codes(),
        event=st.sampled_from(("registration", "check_in", "birthday", "referral")),
        points=points(1, 1000),
        most=st.none() | most_often(),
        days=st.none() | days(),
        schemes=_some(schemes),
        offer=_one_or_none(offers),
    )


def offers() -> st.SearchStrategy[Offer]:
    """Named periods with rules of their own."""
    return st.builds(Offer, code=codes(), name=texts(), days=days())


@st.composite
def earnings(draw: st.DrawFn, *, schemes: Collection[str] = NONE) -> Earning:
    """How purchases and other events earn in a club (PTS-2 to PTS-4); rules name only offers that are there."""
    known = draw(st.lists(offers(), max_size=2, unique_by=lambda each: each.code))
    named = {"schemes": schemes, "offers": [each.code for each in known]}

    def by_key(rule: EarningRule | AwardRule) -> str:
        return rule.key

    return Earning(
        rules=draw(st.lists(earning_rules(**named), max_size=4, unique_by=by_key)),
        offers=known,
        awards=draw(st.lists(award_rules(**named), max_size=2, unique_by=by_key)),
        studios=draw(st.lists(studios(), max_size=2, unique_by=lambda each: each.code)),
        rounding=draw(st.sampled_from(Rounding)),
        excluded_categories=draw(st.sets(st.sampled_from(CATEGORIES), max_size=1)),
        stored_value=draw(st.sampled_from(StoredValue)),
        most_per_purchase=draw(st.none() | st.integers(0, 1000)),
        caps=draw(st.lists(maxima(), max_size=2, unique_by=lambda each: each.per)),
        afterwards=draw(st.none() | terms(most_days=60, most_months=3)),
    )


def redeemings() -> st.SearchStrategy[Redeeming]:
    """How points pay (PTS-8)."""
    return st.builds(
        Redeeming,
        points=points(1, 100),
        value=st.integers(1, 100),
        minimum=st.integers(1, 100),
        multiples=st.integers(1, 50),
        maximum_share=st.fractions(Fraction(1, 10), Fraction(1), max_denominator=10),
        minimum_total=st.just(0) | amounts(1, 5000),
    )


@st.composite
def ladders(draw: st.DrawFn, *, most: int = 4) -> tuple[Scheme, ...]:
    """Schemes in rank order: the lowest at 0, each above the one before (SCH-1)."""
    named = draw(st.lists(codes(), min_size=1, max_size=most, unique=True))
    steps = draw(st.lists(st.integers(1, 1_000), min_size=len(named), max_size=len(named)))
    thresholds = [sum(steps[:rank]) for rank in range(len(named))]
    own = st.lists(earning_rules(), max_size=1)
    return tuple(
        Scheme(code=code, name=draw(texts()), threshold=threshold, earning=draw(own))
        for code, threshold in zip(named, thresholds, strict=True)
    )


def windows(*, within: st.SearchStrategy[Term] | None = None) -> st.SearchStrategy[Window]:
    """Over which time something is counted (SCH-2)."""
    known: list[Window] = [CalendarYear(), AnniversaryYear(), SinceChange()]
    return st.builds(Rolling, terms() if within is None else within) | st.sampled_from(known)


def monthly() -> st.SearchStrategy[Monthly]:
    """On a day of each month."""
    return st.builds(Monthly, st.integers(1, 31))


def yearly() -> st.SearchStrategy[Yearly]:
    """On a day of each year, 29 February among them."""
    return st.integers(1, 12).flatmap(
        lambda month: st.builds(Yearly, st.just(month), st.integers(1, LONGEST_MONTHS[month - 1]))
    )


def reviews() -> st.SearchStrategy[Review]:
    """When reviews are (SCH-6), every calendar."""
    return st.one_of(st.just(Daily()), monthly(), yearly(), st.just(OnAnniversary()))


@st.composite
def progressions(
    draw: st.DrawFn,
    *,
    metrics: Collection[Metric] = tuple(Metric),
    review: st.SearchStrategy[Review] = reviews(),  # noqa: B008 - a strategy is immutable
    within: st.SearchStrategy[Term] = terms(),  # noqa: B008
    warnings: st.SearchStrategy[Sequence[Term]] = leads(),  # noqa: B008
) -> Progression:
    """What a club may say of going up and down (SCH-2 to SCH-6), every policy with every other.

    Args:
        within: how long windows, stays and graces are.
        warnings: how long before an account falls its holders are told.
    """
    window = draw(windows(within=within))
    return Progression(
        metric=draw(st.sampled_from(list(metrics))),
        window=window,
        upgrade=draw(st.sampled_from(Upgrade)),
        downgrade=draw(st.sampled_from(Downgrade)),
        review=draw(review),
        minimum_stay=draw(within if isinstance(window, SinceChange) else st.none() | within),
        grace=draw(st.none() | within),
        warnings=draw(warnings),
    )


def pins(*, today: date = date(2026, 1, 15)) -> st.SearchStrategy[Pin]:
    """How a move by hand is held (SCH-7), until a day after today."""
    return st.builds(Pin, st.sampled_from(PinKind), dates(date.fromordinal(today.toordinal() + 1), date(2030, 12, 31)))


@st.composite
def clubs(draw: st.DrawFn) -> Mapping[str, Any]:
    """Everything that a club says, for ``World(storage, **settings)`` and ``loyalty.open_club(..., **settings)``: its
    schemes, earning, redeeming, expiry and the rest fit together. Its currency is EUR.
    """
    ladder = draw(ladders())
    grace = draw(st.none() | terms(most_days=60, most_months=6))
    return {
        "zone": draw(zones()),
        "schemes": ladder,
        "earning": draw(earnings(schemes=[each.code for each in ladder])),
        "redeeming": draw(st.none() | redeemings()),
        "progression": draw(st.none() | progressions()),
        "expiry": draw(expiries()),
        "transfer": draw(transfers()),
        "grace": grace,
        "shortfall": draw(st.sampled_from(Shortfall)),
        "warnings": draw(leads()),
        "order": draw(st.sampled_from(Order)),
        "adjusting": draw(adjusting()),
        "reinstating": None if grace is None else draw(st.none() | terms(most_days=60, most_months=6)),
    }


@st.composite
def purchase_lines(draw: st.DrawFn) -> PurchaseLine:
    """Lines of purchases: discounts that are part of the amount, and gifts of nothing among them."""
    amount = draw(amounts(0, 50_000))
    return PurchaseLine(
        draw(st.sampled_from(ITEMS)),
        amount,
        quantity=draw(st.integers(1, 20)),
        discount=draw(st.just(0) | st.integers(0, amount)),
        categories=tuple(draw(st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True))),
        brand=draw(st.none() | st.sampled_from(BRANDS)),
        stored_value=draw(st.booleans()),
    )


def purchases(*, most: int = 4) -> st.SearchStrategy[tuple[PurchaseLine, ...]]:
    """What is bought at once: one line or some."""
    return st.lists(purchase_lines(), min_size=1, max_size=most).map(tuple)


def purchase_rows(
    accounts: Sequence[AccountId | ExternalId] = (),
    *,
    first: date = FIRST,
    last: date = LAST,
    currency: str | None = "EUR",
) -> st.SearchStrategy[PurchaseRow]:
    """Purchases of a stream (PTS-19) on these accounts; on accounts that nobody has, if none are given.

    Args:
        first: the day of the earliest, after the accounts were opened; ``last`` is the day after the latest.
        currency: the club's; any, if None.
    """
    known = st.sampled_from(accounts) if accounts else ids().map(AccountId)
    return st.builds(
        PurchaseRow,
        id=texts(),
        account=known,
        at=instants(first, last),
        lines=purchases(),
        currency=currencies() if currency is None else st.just(currency),
        studio=st.none() | codes(),
        paid_with_stored_value=st.just(0),
    )


def return_lines(lines: Sequence[PurchaseLine]) -> st.SearchStrategy[ReturnLine]:
    """Something of a line of a purchase: all of it, or some pieces."""
    sold = [place for place, each in enumerate(lines) if each.paid > 0]
    if not sold:
        return st.nothing()
    return st.sampled_from(sold).flatmap(
        lambda place: st.builds(
            ReturnLine, position=st.just(place), quantity=st.none() | st.integers(1, lines[place].quantity)
        )
    )


def redeem_blocks() -> st.SearchStrategy[RedeemBlocks]:
    """An import's rule of redeeming."""
    return st.builds(
        RedeemBlocks, points=points(1, 1000), minimum_total=st.just(0) | amounts(), most_blocks=st.integers(1, 5)
    )
