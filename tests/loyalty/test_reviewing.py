"""SCH-4, SCH-5, SCH-6 and SCH-11, decided: what a review may do to an account. Pure: no store, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import Daily, Downgrade, Metric, Monthly, OnAnniversary, Progression, Scheme, Term, Upgrade, Yearly
from memberlogic.calendar import local_day, start_of_day
from memberlogic.ids import AccountId, ClubId, MemberId, new_id
from memberlogic.ledger.model import AccountState, Never, TransferPolicy
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Cause, DayTotals
from memberlogic.loyalty.reviewing import after_review, review
from memberlogic.loyalty.scheduling import first_review, review_day_after

NEW_YORK = ZoneInfo("America/New_York")
OPENED = datetime(2017, 1, 1, 17, tzinfo=UTC)
NOW = datetime(2019, 1, 1, tzinfo=UTC)
CODES = ("base", "silver", "gold", "platinum")
THRESHOLDS = (0, 25_000, 75_000, 150_000)


def club(**said) -> Club:
    """The club of The Complete Journey, or one that differs in how accounts move."""
    moves = {
        "metric": Metric.MONEY_SPENT,
        "window": Term.of_days(90),
        "upgrade": Upgrade.AT_REVIEW,
        "downgrade": Downgrade.TO_REACHED,
        "review": Monthly(1),
    }
    return Club(
        id=ClubId(new_id()),
        name="Journey",
        zone=NEW_YORK,
        member_types=["customer"],
        schemes=[Scheme(code=c, name=c, threshold=t) for c, t in zip(CODES, THRESHOLDS, strict=True)],
        expiry=Never(),
        transfer=TransferPolicy(),
        progression=Progression(**(moves | said)),
    )


def account(of: Club, scheme: str = "base", state: AccountState = AccountState.OPEN) -> Account:
    """An account opened at noon on 1 January 2017."""
    owner = MemberId(new_id())
    opened = Account(
        id=AccountId(new_id()),
        club=of.id,
        owner=owner,
        holders=(owner,),
        scheme=scheme,
        scheme_since=OPENED,
        next_review=None,
        state=state,
        opened_at=OPENED,
        effective_at=OPENED,
    )
    return evolve(opened, next_review=first_review(of, opened))


def spent(day: date, cents: int) -> DayTotals:
    """One purchase on a day."""
    return DayTotals(day, 1, cents, cents // 100)


def start(*day: int) -> datetime:
    """The start of a day in New York."""
    return start_of_day(date(*day), NEW_YORK)


@pytest.mark.rule("SCH-5")
@pytest.mark.parametrize("state", [AccountState.OPEN, AccountState.BLOCKED])
@pytest.mark.parametrize("downgrade", Downgrade)
@pytest.mark.parametrize("scheme", CODES)
@pytest.mark.parametrize("found", CODES)
def test_what_a_review_may_do_in_every_case(scheme, found, downgrade, state):
    rank, reached = CODES.index(scheme), CODES.index(found)
    if reached > rank:
        expected = rank if state is AccountState.BLOCKED else reached
    elif downgrade is Downgrade.NEVER:
        expected = rank
    elif downgrade is Downgrade.TO_REACHED:
        expected = reached
    else:
        expected = max(reached, rank - 1)
    assert after_review(club(), scheme, state, THRESHOLDS[reached], downgrade) == CODES[expected]


@pytest.mark.rule("SCH-4", "SCH-6")
def test_a_review_raises_at_the_start_of_its_day_to_what_the_days_before_it_reach():
    of = club()
    totals = (spent(date(2017, 1, 2), 30_000), spent(date(2017, 1, 31), 45_000), spent(date(2017, 2, 1), 99_999))
    early = review(account(of), of, totals, start(2017, 2, 1) - timedelta(microseconds=1), NOW, new_id)
    assert (early.facts.scheme, early.events) == ("base", ())
    outcome = review(account(of), of, totals, start(2017, 2, 1), NOW, new_id)
    (change,) = outcome.events
    assert (change.from_scheme, change.to_scheme, change.cause) == ("base", "gold", Cause.UPGRADE)
    assert change.measured == 75_000
    assert (change.window.start, change.window.end) == (date(2016, 11, 3), date(2017, 2, 1))
    assert (change.day, change.effective_at) == (date(2017, 2, 1), start(2017, 2, 1))
    assert change.thresholds == dict(zip(CODES, THRESHOLDS, strict=True))
    assert outcome.facts.scheme_since == start(2017, 2, 1)
    assert outcome.facts.next_review == start(2017, 3, 1)


@pytest.mark.rule("SCH-6")
def test_missed_reviews_are_settled_one_by_one_each_as_of_its_day():
    of = club()
    outcome = review(account(of), of, (spent(date(2017, 1, 15), 80_000),), start(2017, 6, 30), NOW, new_id)
    # 90 days before 1 April is 1 January: the purchase counts on 1 February, March and April, on 1 May no more.
    assert [(each.day, each.from_scheme, each.to_scheme) for each in outcome.events] == [
        (date(2017, 2, 1), "base", "gold"),
        (date(2017, 5, 1), "gold", "base"),
    ]
    assert outcome.facts.next_review == start(2017, 7, 1)


@pytest.mark.rule("SCH-5")
@pytest.mark.parametrize(
    ("downgrade", "path"),
    [
        (Downgrade.NEVER, []),
        (Downgrade.TO_REACHED, [("platinum", "base")]),
        (Downgrade.ONE_RANK, [("platinum", "gold"), ("gold", "silver"), ("silver", "base")]),
    ],
)
def test_downgrades_go_as_far_as_the_club_says_at_each_review(downgrade, path):
    of = club(downgrade=downgrade)
    outcome = review(account(of, "platinum"), of, (), start(2017, 12, 31), NOW, new_id)
    assert [(each.from_scheme, each.to_scheme) for each in outcome.events] == path
    assert all(each.cause is Cause.DOWNGRADE for each in outcome.events)


@pytest.mark.rule("SCH-11")
def test_blocked_accounts_are_not_upgraded_and_their_reviews_otherwise_run():
    of = club()
    rich = (spent(date(2017, 1, 15), 200_000),)
    kept = review(account(of, "silver", AccountState.BLOCKED), of, rich, start(2017, 2, 1), NOW, new_id)
    assert (kept.facts.scheme, kept.events) == ("silver", ())
    assert kept.facts.next_review == start(2017, 3, 1)
    lowered = review(account(of, "silver", AccountState.BLOCKED), of, (), start(2017, 2, 1), NOW, new_id)
    assert lowered.facts.scheme == "base"


@pytest.mark.rule("SCH-11")
def test_closed_accounts_are_not_reviewed():
    of = club()
    outcome = review(account(of, "gold", AccountState.CLOSED), of, (), start(2018, 1, 1), NOW, new_id)
    assert (outcome.facts.scheme, outcome.facts.next_review, outcome.events) == ("gold", None, ())


@pytest.mark.rule("SCH-8")
def test_every_change_starts_a_new_since_and_a_review_without_one_does_not():
    of = club()
    before = account(of)
    kept = review(before, of, (), start(2017, 3, 1), NOW, new_id)
    assert kept.facts.scheme_since == before.scheme_since
    raised = review(before, of, (spent(date(2017, 2, 15), 25_000),), start(2017, 4, 1), NOW, new_id)
    assert raised.facts.scheme_since == start(2017, 3, 1)


PURCHASES = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 120_000)), max_size=12)
PROGRESSIONS = st.fixed_dictionaries(
    {
        "metric": st.sampled_from([Metric.MONEY_SPENT, Metric.POINTS_EARNED]),
        "window": st.one_of(
            st.builds(Term.of_days, st.integers(1, 120)), st.builds(Term.of_months, st.integers(1, 12))
        ),
        "downgrade": st.sampled_from(Downgrade),
        "review": st.one_of(
            st.just(Daily()), st.builds(Monthly, st.integers(1, 31)), st.just(Yearly(3, 31)), st.just(OnAnniversary())
        ),
    }
)


def totals_of(purchases) -> tuple[DayTotals, ...]:
    """The daily totals of purchases (days after opening, cents)."""
    days: dict[date, list[int]] = {}
    for after, cents in purchases:
        days.setdefault(date(2017, 1, 1) + timedelta(days=after), []).append(cents)
    return tuple(DayTotals(day, len(each), sum(each), sum(each)) for day, each in sorted(days.items()))


@pytest.mark.rule("SCH-3", "SCH-5", "SCH-6")
@given(purchases=PURCHASES, said=PROGRESSIONS, scheme=st.sampled_from(CODES), days=st.integers(0, 520))
def test_reviews_do_what_a_day_by_day_loop_over_the_purchases_does(purchases, said, scheme, days):
    of = club(**said)
    first = date(2017, 1, 1)
    rank, next_day = CODES.index(scheme), review_day_after(said["review"], first, first)
    expected = []
    for day in (first + timedelta(days=each) for each in range(1, days + 1)):
        if day != next_day:
            continue
        next_day = review_day_after(said["review"], first, day)
        since = said["window"].before(day)
        counted = sum(cents for after, cents in purchases if since <= first + timedelta(days=after) < day)
        found = max(each for each, threshold in enumerate(THRESHOLDS) if threshold <= counted)
        if found < rank:
            steps = {Downgrade.NEVER: rank, Downgrade.TO_REACHED: found, Downgrade.ONE_RANK: rank - 1}
            found = steps[said["downgrade"]]
        if found != rank:
            expected.append((day, CODES[rank], CODES[found]))
        rank = found
    now = start_of_day(first + timedelta(days=days), NEW_YORK) if days else OPENED
    outcome = review(account(of, scheme), of, totals_of(purchases), now, NOW, new_id)
    assert [(each.day, each.from_scheme, each.to_scheme) for each in outcome.events] == expected
    assert outcome.facts.scheme == CODES[rank]


@pytest.mark.rule("SCH-6", "COM-8")
@given(
    purchases=PURCHASES,
    said=PROGRESSIONS,
    stops=st.lists(st.integers(1, 12_000), max_size=8),
    hours=st.integers(1, 12_000),
)
def test_settled_in_any_steps_it_is_what_it_is_settled_once(purchases, said, stops, hours):
    of = club(**said)
    before, totals = account(of), totals_of(purchases)
    end = OPENED + timedelta(hours=hours)
    once = review(before, of, totals, end, NOW, new_id)
    account_, changes = before, []
    for at in [*(OPENED + timedelta(hours=each) for each in sorted(stops) if each < hours), end]:
        outcome = review(account_, of, totals, at, NOW, new_id)
        account_, changes = outcome.facts, [*changes, *outcome.events]
    assert account_ == once.facts

    def forget(change):
        return evolve(change, id=None, recorded_at=None)

    assert [forget(each) for each in changes] == [forget(each) for each in once.events]
    assert all(local_day(each.effective_at, NEW_YORK) == each.day for each in changes)
