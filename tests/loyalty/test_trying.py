"""SCH-10: a dry run is what really running the reviews does, and changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loyalty.test_staying import a_world, buy, moves, scheme, until

from memberlogic import CalendarYear, Metric, Monthly, Term, Upgrade, Yearly
from memberlogic.certification.rising import LADDER, OPENED, progressions
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import ClubId, new_id
from memberlogic.testing import World

pytestmark = pytest.mark.rule("SCH-10")

AMOUNTS = st.lists(st.tuples(st.integers(0, 300), st.sampled_from([40, 100, 260, 300, 900])), max_size=5)


def a_club(storage, said, lives, thresholds=None):
    """A club with accounts, each opened in a scheme and with purchases; a day after the last of them."""
    world = a_world(lambda **settings: World(storage, **settings))
    ladder = (
        LADDER
        if thresholds is None
        else [evolve(each, threshold=thresholds.get(each.code, each.threshold)) for each in LADDER]
    )
    club = world.another_club(schemes=ladder, progression=said)
    accounts = [
        world.org.loyalty.open_account(club=club.id, member=world.member(), scheme=named).id for named, _ in lives
    ]
    bought = [(day, index, amount) for index, (_, amounts) in enumerate(lives) for day, amount in amounts]
    for day, index, amount in sorted(bought):
        until(world, OPENED + timedelta(days=day))
        world.wait(seconds=1)
        buy(world, accounts[index], amount)
    until(world, OPENED + timedelta(days=301))
    return world, club, accounts


def table(run):
    return {(each.from_scheme, each.to_scheme): each.accounts for each in run.moves}


def really(world, accounts, club, day):
    """The table of what running the reviews up to a day does."""
    before = [scheme(world, each) for each in accounts]
    world.clock.set(datetime(day.year, day.month, day.day, tzinfo=club.zone))
    world.ml.run_jobs()
    after = [scheme(world, each) for each in accounts]
    return dict(Counter(zip(before, after, strict=True)))


LIVES = st.lists(st.tuples(st.sampled_from([None, "silver", "gold", "platinum"]), AMOUNTS), min_size=1, max_size=4)


@settings(max_examples=8)
@given(said=progressions(), lives=LIVES, days=st.integers(302, 900))
def test_it_is_what_really_running_the_reviews_does(storage, said, lives, days):
    said = evolve(said, metric=Metric.MONEY_SPENT)
    world, club, accounts = a_club(storage, said, lives)
    day = OPENED + timedelta(days=days)
    found = world.org.loyalty.dry_run(club.id, as_of=day)
    assert world.org.loyalty.dry_run(club.id, as_of=day) == found
    assert table(found) == really(world, accounts, club, day)
    assert found.accounts == len(accounts)


@settings(max_examples=6)
@given(
    lives=LIVES,
    thresholds=st.sampled_from([{"silver": 50}, {"gold": 250, "platinum": 500}, {"silver": 200, "gold": 901}]),
    window=st.sampled_from([Term.of_months(14), CalendarYear()]),
)
def test_with_other_thresholds_it_is_what_a_club_with_these_would_do(storage, lives, thresholds, window):
    if "gold" in thresholds and thresholds["gold"] > 900:
        thresholds = thresholds | {"platinum": 1_000}
    # Nothing is decided before the review on 1 January, so that clubs of different thresholds have the same accounts.
    said = moves(review=Yearly(1, 1), window=window)
    world, club, _ = a_club(storage, said, lives)
    other, its, accounts = a_club(storage, said, lives, thresholds)
    day = date(2017, 1, 1)
    found = world.org.loyalty.dry_run(club.id, thresholds=thresholds, as_of=day)
    assert table(world.org.loyalty.dry_run(club.id, thresholds=thresholds)) == table(found)
    assert table(found) == really(other, accounts, its, day)


def test_it_counts_who_goes_and_who_stays_and_changes_nothing(make_world):
    world = a_world(make_world, window=Term.of_days(90), review=Monthly(1))
    accounts = [world.account() for _ in range(4)]
    for account, amount in zip(accounts, (40, 100, 250, 900), strict=True):
        buy(world, account, amount)
    world.org.loyalty.close_account(world.account())
    world.account(club=world.another_club(progression=moves()))
    stored = [world.org.loyalty.scheme_history(each) for each in accounts]
    found = world.org.loyalty.dry_run(world.club.id)
    assert table(found) == {("base", "base"): 1, ("base", "silver"): 2, ("base", "platinum"): 1}
    assert (found.accounts, found.upgrades, found.downgrades, found.in_grace) == (4, 3, 0, 0)
    lower = world.org.loyalty.dry_run(world.club.id, thresholds={"gold": 250})
    assert table(lower)["base", "gold"] == 1
    assert dict(lower.thresholds) == {"base": 0, "silver": 100, "gold": 250, "platinum": 900}
    assert "3 up, 0 down" in lower.explain().text()
    assert [world.org.loyalty.scheme_history(each) for each in accounts] == stored
    until(world, date(2016, 3, 10))
    # The reviews of 1 March are due and not written down: they are not what is tried.
    assert table(world.org.loyalty.dry_run(world.club.id)) == {
        ("base", "base"): 1,
        ("silver", "silver"): 2,
        ("platinum", "platinum"): 1,
    }
    assert table(world.org.loyalty.dry_run(world.club.id, as_of=date(2016, 7, 1))) == {
        ("base", "base"): 1,
        ("silver", "base"): 2,
        ("platinum", "base"): 1,
    }


def test_a_grace_to_come_is_counted(make_world):
    world = a_world(make_world, window=Term.of_days(20), grace=Term.of_days(30), upgrade=Upgrade.AT_ONCE)
    account = world.account()
    buy(world, account, 100)
    found = world.org.loyalty.dry_run(world.club.id, as_of=date(2016, 4, 1))
    assert (table(found), found.in_grace) == ({("silver", "silver"): 1}, 1)


def test_what_cannot_be_tried_is_refused(make_world):
    world = a_world(make_world)
    run = world.org.loyalty.dry_run
    for said, path in (
        ({"thresholds": {"diamond": 5}}, "thresholds.diamond"),
        ({"thresholds": {"silver": -1}}, "thresholds.silver"),
        ({"thresholds": {"silver": 1.5}}, "thresholds.silver"),
        ({"thresholds": {"platinum": 10**30}}, "thresholds.platinum"),
        ({"thresholds": {"silver": 300}}, "thresholds"),
        ({"thresholds": {"base": 1}}, "thresholds"),
        ({"thresholds": [1]}, "thresholds"),
        ({"as_of": OPENED}, "as_of"),
        ({"as_of": "tomorrow"}, "as_of"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            run(world.club.id, **said)
        assert refusal.value.path == path
    with pytest.raises(NotFound):
        run(ClubId(new_id()))
    with pytest.raises(Exception) as refusal:
        run(world.another_club().id)
    assert refusal.value.code == "scheme.no_progression"
