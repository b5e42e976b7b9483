"""PTS-4 through the public service, on every store."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import (
    Actor,
    After,
    AwardRule,
    CalendarPeriod,
    Days,
    Downgrade,
    Earning,
    ExternalId,
    Metric,
    Monthly,
    MostOften,
    Progression,
    PurchaseLine,
    Scheme,
    Term,
    Upgrade,
)
from memberlogic.calendar import birthdays_kept_on, kept_in
from memberlogic.certification.base import conserved
from memberlogic.certification.concurrency import at_once
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound, PermissionDenied
from memberlogic.ids import new_id
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.awarding import AWARDING, BornOn
from memberlogic.loyalty.programme import Offer
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-4")

DAY, MONTH = CalendarPeriod.DAY, CalendarPeriod.MONTH
CLUB = {
    "earning": Earning(
        awards=[
            AwardRule(key="welcome", event="registration", points=100, most=MostOften(1)),
            AwardRule(key="visit", event="check_in", points=5, most=MostOften(1, DAY)),
            AwardRule(key="friend", event="referral", points=50, most=MostOften(2, MONTH)),
            AwardRule(key="host", event="quiz", points=7),
        ]
    )
}


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def give(world, account, event, value=None, **more):
    reference = ExternalId("host", value or str(new_id()))
    return world.org.loyalty.award(account, event=event, reference=reference, **more)


def codes(done):
    return [each.code for each in done.because]


def test_an_event_earns_by_its_rule(make_world):
    world = make_world(**CLUB, expiry=After(Term.of_days(90)))
    account = world.account()
    done = give(world, account, "registration", "r-1")
    assert (done.points, done.available, done.settled_debt, codes(done)) == (100, 100, 0, ["award.given"])
    # 15 January + 90 days = 15 April, at midnight in Berlin (summer time).
    assert done.expires_at == datetime(2026, 4, 14, 22, tzinfo=UTC)
    (entry,) = world.entries(account)
    assert (entry.id, entry.kind, entry.amount) == (done.entry, EntryKind.AWARD, 100)
    assert (entry.reason, entry.reference, entry.because) == ("registration", "r-1", done.because)
    (event,) = [each for each in world.events() if each.event.type == "points.awarded"] or [None]
    assert event is None or event.event.points == 100
    conserved(world, account)


def test_the_hosts_id_answers_the_first_result_for_ever(make_world):
    world = make_world(**CLUB)
    account, other = world.account(), world.account()
    first = give(world, account, "quiz", "q-1")
    world.wait(days=40)
    assert give(world, account, "quiz", "q-1") == first
    assert give(world, account, "quiz", "q-2").points == 7
    for change in ({"account": other}, {"event": "referral"}, {"at": world.clock.now()}):
        said = {"account": account, "event": "quiz"} | change
        with pytest.raises(MemberLogicError) as caught:
            world.org.loyalty.award(said.pop("account"), reference=ExternalId("host", "q-1"), **said)
        assert caught.value.code == "award.differs"
    assert world.available(account) == 14


@pytest.mark.parametrize(("event", "times", "points", "days"), [("check_in", 1, 5, 1), ("referral", 2, 50, 31)])
def test_a_limit_for_each_member_and_period(make_world, event, times, points, days):
    world = make_world(**CLUB)
    account = world.account()
    given_ = [give(world, account, event).points for _ in range(times + 1)]
    assert given_ == [points] * times + [0]
    last = give(world, account, event, "again")
    assert (last.points, last.entry, last.expires_at, codes(last)) == (0, None, None, ["award.limit_reached"])
    assert last.because[0].figures["times"] == times
    assert give(world, account, event, "again") == last, "an award of nothing is an award"
    world.wait(days=days)
    assert give(world, account, event).points == points
    assert give(world, world.account(), event).points == points, "another member"
    conserved(world, account)


def test_once_in_a_life(make_world):
    world = make_world(**CLUB)
    account = world.account()
    give(world, account, "registration")
    world.wait(days=3000)
    assert give(world, account, "registration").points == 0


def test_a_limit_counts_by_member_also_over_a_joint_account(make_world):
    world = make_world(**CLUB)
    ana, ben = world.member(), world.member()
    own, joint = world.account(member=ana), world.account(member=ben)
    world.org.loyalty.join_account(joint, ana)
    assert give(world, own, "check_in").points == 5
    assert give(world, joint, "check_in", member=ana).points == 0, "she was counted on her own account"
    assert give(world, joint, "check_in").points == 5, "his, as it is his account"
    assert give(world, joint, "check_in", member=ben).points == 0
    with pytest.raises(NotFound):
        give(world, own, "check_in", member=ben)


def test_a_member_who_checks_in_at_two_places_at_once_earns_once(make_world):
    world = make_world(**CLUB)
    ana, ben = world.member(), world.member()
    accounts = [world.account(member=ana), world.account(member=ben)]
    world.org.loyalty.join_account(accounts[1], ana)
    answers = at_once(4, lambda index: give(world, accounts[index % 2], "check_in", member=ana))
    assert sorted(each.points for each in answers) == [0, 0, 0, 5]
    conserved(world, *accounts)


def test_one_event_that_is_reported_by_two_at_once_is_awarded_once(make_world):
    world = make_world(**CLUB)
    account = world.account()
    answers = at_once(4, lambda _: give(world, account, "quiz", "q-1"))
    assert all(each == answers[0] for each in answers), answers
    assert world.available(account) == 7


def test_the_day_of_the_event_counts_for_limits_and_rules_and_the_points_arrive_now(make_world):
    world = make_world(**CLUB, expiry=After(Term.of_days(10)))
    account = world.account()
    yesterday = world.clock.now() - timedelta(days=1)
    assert give(world, account, "check_in").points == 5
    late = give(world, account, "check_in", at=yesterday)
    assert late.points == 5, "yesterday's"
    assert give(world, account, "check_in", at=yesterday).points == 0
    entry = world.entries(account)[-1]
    assert (entry.business_day, entry.effective_at) == (date(2026, 1, 15), world.clock.now())
    assert late.expires_at == datetime(2026, 1, 24, 23, tzinfo=UTC)
    soon = world.clock.now() + timedelta(microseconds=1)
    assert refusal(give, world, account, "check_in", at=soon) == "award.in_the_future"


def test_a_business_day_is_the_clubs(make_world):
    world = make_world(**CLUB, at=datetime(2026, 1, 15, 22, 59, tzinfo=UTC))  # 23:59 in Berlin
    account = world.account()
    assert give(world, account, "check_in").points == 5
    world.wait(minutes=1)
    assert give(world, account, "check_in").points == 5


def test_days_offers_and_schemes(make_world):
    spring = Days(date(2026, 3, 1), date(2026, 6, 1))
    earning = Earning(
        offers=[Offer(code="spring", name="Spring", days=spring)],
        awards=[
            AwardRule(key="all", event="quiz", points=1),
            AwardRule(key="spring", event="quiz", points=10, offer="spring"),
            AwardRule(key="march", event="quiz", points=100, days=Days(date(2026, 3, 1), date(2026, 4, 1))),
            AwardRule(key="gold", event="quiz", points=1000, schemes=["gold"]),
        ],
    )
    schemes = [Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=10)]
    world = make_world(earning=earning, schemes=schemes)
    account = world.account()
    gold = world.org.loyalty.open_account(club=world.club.id, member=world.member(), scheme="gold").id
    assert (give(world, account, "quiz").points, give(world, gold, "quiz").points) == (1, 1001)
    world.clock.set(datetime(2026, 3, 31, 12, tzinfo=UTC))
    done = give(world, account, "quiz")
    assert (done.points, codes(done)) == (111, ["award.given"] * 3 + ["award.not_in_this_scheme"])
    world.clock.set(datetime(2026, 6, 1, 12, tzinfo=UTC))
    done = give(world, account, "quiz")
    assert (done.points, codes(done)[1:3]) == (1, ["award.not_on_this_day"] * 2)


@pytest.mark.parametrize(
    ("awards", "path"),
    [
        ([AwardRule(key="a", event="e", points=1), AwardRule(key="a", event="f", points=1)], "awards[1].key"),
        ([AwardRule(key="a", event="e", points=1, schemes=["gold"])], "earning.awards[0].schemes"),
        ([AwardRule(key="a", event="e", points=1, offer="spring")], "earning.awards[0].offer"),
    ],
)
def test_what_a_club_does_not_have_is_named(world, awards, path):
    with pytest.raises(InvalidInput) as caught:
        world.another_club(earning=Earning(awards=awards))
    assert caught.value.path == path


def test_an_event_without_a_rule_is_refused(make_world):
    world = make_world(**CLUB)
    with pytest.raises(MemberLogicError) as caught:
        give(world, world.account(), "refferal")
    assert caught.value.code == "award.event_unknown"
    assert caught.value.details["events"] == ["check_in", "quiz", "referral", "registration"]


@pytest.mark.rule("PTS-1")
def test_while_blocked_it_earns_nothing_and_is_recorded(make_world):
    world = make_world(**CLUB)
    member = world.member()
    account, blocked = world.account(member=member), world.account()
    world.org.loyalty.block_account(blocked, reason="fraud")
    world.org.members.block(member, reason="fraud")
    for each in (account, blocked):
        done = give(world, each, "registration", str(each))
        assert (done.points, codes(done), done.because[0].figures) == (0, ["award.blocked"], {"lost": 100})
    world.org.loyalty.unblock_account(blocked)
    assert give(world, blocked, "registration", str(blocked)).points == 0, "nothing is granted retroactively"
    assert give(world, blocked, "registration").points == 100, "and nothing was used up"
    closed = world.account()
    world.org.loyalty.close_account(closed)
    assert refusal(give, world, closed, "registration") == "account.not_open"


def test_no_member_awards(make_world):
    world = make_world(**CLUB)
    member = world.member()
    account = world.account(member=member)
    mine = world.acting_as(Actor.member(member)).loyalty
    with pytest.raises(PermissionDenied):
        mine.award(account, event="registration", reference=ExternalId("host", "1"))
    with pytest.raises(NotFound):
        give(world, new_id(), "registration")


def test_debt_is_settled_first(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[30])
    (credit,) = world.entries(account)
    world.org.ledger.transfer(source=account, target=world.account(), points=30)
    world.org.ledger.reverse(credit.id, reason="mistake")
    done = give(world, account, "registration")
    assert (done.points, done.settled_debt, done.available) == (100, 30, 70)
    assert world.org.ledger.reverse(done.entry, reason="mistake").owed == 30
    conserved(world, account)


# schemes

SCHEMES = [Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=120)]


def progression(upgrade, metric=Metric.POINTS_EARNED):
    return Progression(
        metric=metric, window=Term.of_days(90), upgrade=upgrade, downgrade=Downgrade.TO_REACHED, review=Monthly(day=1)
    )


@pytest.mark.rule("SCH-2", "SCH-4")
def test_what_events_earn_upgrades_at_once(make_world):
    world = make_world(**CLUB, schemes=SCHEMES, progression=progression(Upgrade.AT_ONCE))
    account = world.account()
    give(world, account, "registration")
    give(world, account, "quiz")
    assert world.org.loyalty.account(account).scheme == "base"
    closest = world.org.loyalty.closest(world.club.id, "gold").accounts
    assert [(each.account, each.measured, each.missing) for each in closest] == [(account, 107, 13)]
    give(world, account, "quiz")
    give(world, account, "check_in")
    assert world.org.loyalty.account(account).scheme == "base"
    give(world, account, "referral")
    assert world.org.loyalty.account(account).scheme == "gold"
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert (change.measured, change.to_scheme) == (169, "gold")
    assert world.entries(account)[-1].scheme == "base", "it earns at the old scheme"
    assert give(world, account, "quiz").points == 7
    assert world.entries(account)[-1].scheme == "gold"


@pytest.mark.rule("SCH-2", "SCH-6")
def test_what_events_earn_counts_at_reviews(make_world):
    world = make_world(**CLUB, schemes=SCHEMES, progression=progression(Upgrade.AT_REVIEW))
    account = world.account()
    for event in ("registration", "referral"):
        give(world, account, event)
    world.clock.set(datetime(2026, 2, 1, 12, tzinfo=UTC))
    assert world.org.loyalty.account(account).scheme == "gold"
    world.clock.set(datetime(2026, 5, 1, 12, tzinfo=UTC))
    give(world, account, "quiz")
    assert world.org.loyalty.account(account).scheme == "base", "the review came before the award"
    history = world.org.loyalty.scheme_history(account).changes
    assert [(each.measured, each.to_scheme) for each in history] == [(150, "gold"), (0, "base")]


@pytest.mark.rule("SCH-2")
@pytest.mark.parametrize("metric", [Metric.MONEY_SPENT, Metric.PURCHASES, Metric.VISITS])
def test_they_count_for_no_other_metric(make_world, metric):
    schemes = [Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=1)]
    world = make_world(**CLUB, schemes=schemes, progression=progression(Upgrade.AT_ONCE, metric))
    account = world.account()
    give(world, account, "registration")
    assert world.org.loyalty.account(account).scheme == "base"
    assert world.org.loyalty.closest(world.club.id, "gold").accounts == ()
    lines = [PurchaseLine("things", 100)]
    world.org.loyalty.record_purchase(account=account, purchase=ExternalId("till", "1"), currency="EUR", lines=lines)
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert change.measured == (100 if metric is Metric.MONEY_SPENT else 1), "a purchase and an award on one day"


# birthdays


@pytest.mark.parametrize(("born", "year", "kept"), [((2004, 2, 29), 2026, (2, 28)), ((2004, 2, 29), 2028, (2, 29))])
def test_a_birthday_on_29_february_is_kept_on_the_28th_in_common_years(born, year, kept):
    assert kept_in(date(*born), year) == date(year, *kept)


@given(born=st.dates(date(1900, 1, 1), date(2026, 1, 1)), year=st.integers(1900, 2200))
def test_every_birthday_is_kept_once_a_year(born, year):
    kept = kept_in(born, year)
    assert kept.year == year
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (date(year, 12, 31).timetuple().tm_yday == 366))]
    assert [day for day in days if (born.month, born.day) in birthdays_kept_on(day)] == [kept]


def test_a_job_of_the_hosts_asks_whose_birthday_it_is(make_world):
    rules = [AwardRule(key="b", event="birthday", points=20, most=MostOften(1, CalendarPeriod.YEAR))]
    world = make_world(earning=Earning(awards=rules), at=datetime(2026, 2, 27, 23, 30, tzinfo=UTC))
    kept = world.org.loyalty.birthdays(world.club.id)
    assert (kept.day, kept.born) == (date(2026, 2, 28), (BornOn(2, 28), BornOn(2, 29))), "it is 0:30 in Berlin"
    assert world.org.loyalty.birthdays(world.club.id, on=date(2028, 2, 28)).born == (BornOn(2, 28),)
    account = world.account()
    for year, points in ((2026, 20), (2026, 20), (2027, 20)):
        world.clock.set(datetime(year, 3, 1, tzinfo=UTC))
        assert give(world, account, "birthday", f"birthday-{year}").points == points
    assert world.available(account) == 40
    with pytest.raises(NotFound):
        world.org.loyalty.birthdays(new_id())


def test_the_order_of_refusals():
    assert [each.name for each in AWARDING] == ["must_not_be_closed", "event_must_be_known", "must_have_happened"]


reports = st.lists(
    st.tuples(st.sampled_from(["check_in", "referral", "quiz"]), st.integers(0, 1), st.integers(0, 40)), max_size=25
)


@settings(max_examples=60)
@given(events=reports)
def test_any_series_of_events_against_a_plain_model(events):
    """Count by member and period; an event is of so many days ago."""
    world = World(MemoryStorage(), **CLUB)
    accounts, given_, total = [world.account(), world.account()], Counter(), Counter()
    world.wait(days=60)
    for event, index, ago in events:
        at = world.clock.now() - timedelta(days=ago)
        day = at.astimezone(world.club.zone).date()
        period = {"check_in": day, "referral": (day.year, day.month), "quiz": None}[event]
        most = {"check_in": 1, "referral": 2, "quiz": 10**9}[event]
        points = {"check_in": 5, "referral": 50, "quiz": 7}[event]
        gives = points if given_[event, index, period] < most else 0
        given_[event, index, period] += bool(gives)
        total[index] += gives
        assert give(world, accounts[index], event, at=at).points == gives
        world.wait(hours=5)
    assert [world.available(account) for account in accounts] == [total[0], total[1]]
    conserved(world, *accounts)
