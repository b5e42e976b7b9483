"""SCH-9: what is still needed, and what is to come."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.loyalty.test_staying import a_world, buy, changes, live, scheme, until

from memberlogic import Actor, CalendarYear, Daily, Downgrade, Metric, Monthly, Pin, PinKind, Term, Upgrade, Yearly
from memberlogic.certification.rising import HAPPENINGS, OPENED, THRESHOLDS, progressions
from memberlogic.errors import NotFound

pytestmark = pytest.mark.rule("SCH-9")


def test_it_says_what_is_needed_to_rise_and_to_stay_and_by_when(make_world):
    world = a_world(make_world, window=CalendarYear(), upgrade=Upgrade.AT_ONCE, review=Yearly(1, 1))
    account = world.account()
    buy(world, account, 340)
    until(world, date(2017, 3, 1))
    buy(world, account, 260)
    found = world.org.loyalty.progress(account)
    assert (found.scheme, found.metric, found.measured) == ("gold", Metric.MONEY_SPENT, 260)
    assert (found.window.start, found.window.last_day) == (date(2017, 1, 1), date(2017, 3, 1))
    assert (found.next.scheme, found.next.threshold, found.next.missing) == ("platinum", 900, 640)
    kept = found.keep
    assert (kept.scheme, kept.threshold, kept.missing, kept.measured) == ("gold", 300, 40, 260)
    assert (kept.falls_on, kept.falls_to, kept.last_day) == (date(2018, 1, 1), "silver", date(2017, 12, 31))
    assert (
        "It will fall to silver on 2018-01-01 unless 40 more come in 2017-01-01 to 2017-12-31."
        in found.explain().text()
    )
    assert [each.code for each in found.explain().reasons] == ["scheme.measured", "scheme.next", "scheme.keep"]
    buy(world, account, 40)
    assert world.org.loyalty.progress(account).keep.falls_on == date(2019, 1, 1)


def test_no_answer_waits_for_a_job_and_a_grace_is_told(make_world):
    world = a_world(make_world, window=Term.of_days(60), grace=Term.of_days(45), upgrade=Upgrade.AT_ONCE)
    account = world.account()
    buy(world, account, 100)
    until(world, date(2016, 5, 3))
    for _ in range(2):
        found = world.org.loyalty.progress(account)
        assert (found.grace.until, found.keep.falls_on, found.keep.missing) == (
            date(2016, 6, 15),
            date(2016, 6, 15),
            100,
        )
        assert found.keep.window.start == date(2016, 3, 2)
        assert "scheme.grace" in found.explain().text()
        world.ml.run_jobs()


def test_a_pin_is_told_and_what_comes_after_it(make_world):
    world = a_world(make_world, window=Term.of_days(30), review=Daily())
    account = world.account()
    world.org.loyalty.move_scheme(account, "gold", reason="goodwill", pin=Pin(PinKind.FIXED, date(2030, 5, 5)))
    found = world.org.loyalty.progress(account)
    assert (found.pin.until, found.keep.falls_on, found.keep.falls_to) == (date(2030, 5, 5), date(2030, 5, 5), "base")
    world.org.loyalty.move_scheme(account, "gold", reason="goodwill", pin=Pin(PinKind.FLOOR, date(9000, 1, 1)))
    assert world.org.loyalty.progress(account).keep is None


@pytest.mark.parametrize("said", [{"downgrade": Downgrade.NEVER}, {"review": Monthly(1)}])
def test_nothing_falls_where_nothing_lowers(make_world, said):
    world = a_world(make_world, **said)
    account = world.account()
    found = world.org.loyalty.progress(account)
    assert (found.keep, found.next.scheme, found.next.missing) == (None, "silver", 100)
    world.org.loyalty.move_scheme(account, "platinum", reason="goodwill")
    assert world.org.loyalty.progress(account).next is None


def test_a_member_may_ask_for_their_own(make_world):
    world = a_world(make_world)
    account = world.account()
    owner = world.acting_as(Actor.member(world.org.loyalty.account(account).owner))
    assert owner.loyalty.progress(account).scheme == "base"
    with pytest.raises(NotFound):
        world.acting_as(Actor.member(world.member())).loyalty.progress(account)
    still = world.account(club=world.another_club())
    with pytest.raises(Exception) as refusal:
        world.org.loyalty.progress(still)
    assert refusal.value.code == "scheme.no_progression"


@settings(max_examples=60)
@given(said=progressions(), happenings=HAPPENINGS, day=st.integers(1, 1_000), short=st.booleans())
def test_what_it_says_is_what_comes(said, happenings, day, short):
    """Nothing more is bought: it falls on that day to that scheme. What was missing is bought: it does not."""
    assume(said.metric is Metric.MONEY_SPENT)
    before = [each for each in happenings if each[0] < day]
    world, account = live(said, before, last=OPENED + timedelta(days=day))
    found = world.org.loyalty.progress(account)
    rank = [each.code for each in world.club.schemes].index(found.scheme)
    seen = len(changes(world, account))
    if found.keep is None:
        until(world, OPENED + timedelta(days=day + 1_500))
        later = changes(world, account)[seen:]
        assert all(THRESHOLDS[_rank(world, each[2])] >= THRESHOLDS[rank] for each in later)
        return
    kept = found.keep
    assert 0 < kept.missing <= kept.threshold == THRESHOLDS[rank]
    if not short:
        until(world, kept.last_day)
        world.wait(seconds=1)
        buy(world, account, kept.missing)
        until(world, kept.falls_on)
        assert _rank(world, scheme(world, account)) >= rank
        return
    if kept.missing > 1 and said.upgrade is Upgrade.AT_REVIEW:
        until(world, kept.last_day)
        world.wait(seconds=1)
        buy(world, account, kept.missing - 1)
    until(world, kept.falls_on)
    assert _rank(world, scheme(world, account)) < rank
    fell = changes(world, account)[-1]
    assert (fell[0], fell[3]) == (kept.falls_on, "downgrade")
    assert fell[2] == kept.falls_to or kept.missing > 1


def _rank(world, code):
    return [each.code for each in world.club.schemes].index(code)
