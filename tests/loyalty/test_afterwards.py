"""PTS-3, last sentence, through the public service, on every store: purchases without the card, credited later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from memberlogic import (
    Actor,
    After,
    Earning,
    EarningRule,
    ExternalId,
    Maximum,
    Metric,
    Monthly,
    Never,
    Progression,
    PurchaseLine,
    PurchaseRow,
    Rate,
    Scheme,
    Term,
    Upgrade,
)
from memberlogic.calendar import CalendarPeriod, Days
from memberlogic.certification.base import conserved
from memberlogic.errors import IdempotencyConflict, MemberLogicError, PermissionDenied
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.progression import Downgrade

pytestmark = pytest.mark.rule("PTS-3")

START = datetime(2026, 1, 1, 11, tzinfo=UTC)
BASE = EarningRule(key="base", gives=Rate(1, 100))
JANUARY = EarningRule(key="january", gives=Rate(1, 100), days=Days(date(2026, 1, 1), date(2026, 2, 1)))
SILVER = Scheme(code="silver", name="Silver", threshold=10_000, earning=[EarningRule(key="base", gives=Rate(3, 100))])


def made(make_world, **said):
    """A club that credits within 30 days, points living 20 days, at least 14 from now."""
    club = {
        "at": START,
        "earning": Earning(rules=[BASE, JANUARY], afterwards=Term.of_days(30)),
        "expiry": After(Term.of_days(20)),
        "grace": Term.of_days(14),
        "schemes": (Scheme(code="base", name="Base"), SILVER),
        "progression": Progression(
            metric=Metric.MONEY_SPENT,
            window=Term.of_days(365),
            upgrade=Upgrade.AT_ONCE,
            downgrade=Downgrade.NEVER,
            review=Monthly(1),
        ),
    }
    return make_world(**(club | said))


def wanted(account, id: str = "R-1", cents: int = 2_000, **said):
    return {
        "account": account,
        "purchase": ExternalId("till", id),
        "lines": [PurchaseLine("item", cents)],
        "currency": "EUR",
    } | said


def until(world, *day: int) -> None:
    world.clock.forward(datetime(*day, 11, tzinfo=UTC) - world.clock.now())


def refused(act, **said) -> str:
    with pytest.raises(MemberLogicError) as caught:
        act(**said)
    return caught.value.code


def test_scheme_rules_and_dates_are_those_of_the_purchase_and_the_lot_lives_at_least_the_grace_term(make_world):
    """20.00 of 15 January, credited on 10 February: silver since the 5th earns three times, January's rule is over, and
    points of 15 January were gone on 4 February. They live until the start of the 24th.
    """
    world = made(make_world)
    account = world.account()
    until(world, 2026, 2, 5)
    world.org.loyalty.record_purchase(**wanted(account, "T-1", 10_000))
    until(world, 2026, 2, 10)
    world.ml.run_jobs()
    assert world.org.loyalty.account(account).scheme == "silver"
    at = datetime(2026, 1, 15, 11, tzinfo=UTC)
    done = world.org.loyalty.credit_purchase(**wanted(account, at=at))
    assert (done.scheme, done.earned, done.business_day, done.at) == ("base", 40, date(2026, 1, 15), at)
    assert done.expires_at == datetime(2026, 2, 23, 23, tzinfo=UTC)
    assert (done.because[0].rule, done.because[0].code) == ("PTS-3", "purchase.credited_afterwards")
    assert done.because[0].figures == {
        "at": "2026-01-15T11:00:00+00:00",
        "by_policy": "2026-02-03T23:00:00+00:00",
        "expires_at": "2026-02-23T23:00:00+00:00",
    }
    earned = next(each for each in world.entries(account) if each.amount == 40)
    assert (earned.kind, earned.effective_at, earned.recorded_at) == (EntryKind.EARN, at, world.clock.now())
    assert (earned.scheme, earned.opened[0].expires_at) == ("base", done.expires_at)
    found = world.org.loyalty.find_purchase("till", "R-1").purchase
    assert (found.earned, found.spent, found.counted, found.business_day) == (40, 2_000, True, date(2026, 1, 15))
    before = world.available(account)
    until(world, 2026, 2, 24)
    world.ml.run_jobs()
    assert world.available(account) == before - 40
    conserved(world, account)


def test_where_the_policy_gives_longer_than_the_grace_term_it_stands(make_world):
    world = made(make_world)
    account, at = world.account(), START
    until(world, 2026, 1, 3)
    done = world.org.loyalty.credit_purchase(**wanted(account, at=at))
    assert done.expires_at == datetime(2026, 1, 20, 23, tzinfo=UTC)
    forever = made(make_world, expiry=Never())
    assert forever.org.loyalty.credit_purchase(**wanted(forever.account(), at=at)).expires_at is None


def test_without_a_grace_term_what_is_over_is_gone_at_its_own_instant(make_world):
    world = made(make_world, grace=None)
    account = world.account()
    until(world, 2026, 1, 30)
    world.org.ledger.credit(account, 1, reason="welcome")
    done = world.org.loyalty.credit_purchase(**wanted(account, at=START))
    assert (done.earned, done.expires_at, world.available(account)) == (40, datetime(2026, 1, 20, 23, tzinfo=UTC), 1)
    conserved(world, account)


@pytest.mark.rule("SCH-2", "SCH-4")
def test_it_counts_for_the_metric_on_its_own_day(make_world):
    world = made(make_world)
    account = world.account()
    until(world, 2026, 1, 20)
    world.org.loyalty.record_purchase(**wanted(account, "T-1", 6_000))
    world.org.loyalty.credit_purchase(**wanted(account, cents=4_000, at=START + timedelta(days=2)))
    assert world.org.loyalty.account(account).scheme == "silver"


@pytest.mark.rule("PTS-2")
def test_caps_count_it_on_its_own_day(make_world):
    earning = Earning(rules=[BASE], afterwards=Term.of_days(30), caps=[Maximum(25, CalendarPeriod.DAY)])
    world = made(make_world, earning=earning)
    account = world.account()
    world.org.loyalty.record_purchase(**wanted(account, "T-1"))
    until(world, 2026, 1, 5)
    at = START + timedelta(hours=1)
    assert world.org.loyalty.credit_purchase(**wanted(account, at=at)).earned == 5


def test_the_window_runs_from_the_business_day_of_the_purchase(make_world):
    """Of 1 January, 30 days: until the end of 30 January in Berlin."""
    world = made(make_world)
    account = world.account()
    last = datetime(2026, 1, 30, 23, tzinfo=UTC) - timedelta(microseconds=1)
    world.clock.forward(last - world.clock.now())
    assert world.org.loyalty.credit_purchase(**wanted(account, at=START)).earned == 40
    world.wait(microseconds=1)
    with pytest.raises(MemberLogicError) as late:
        world.org.loyalty.credit_purchase(**wanted(account, "R-2", at=START))
    assert late.value.code == "purchase.credited_too_late"
    assert late.value.details == {"day": "2026-01-01", "until": "2026-01-31"}


def test_refusals_in_their_order(make_world):
    world = made(make_world)
    account, credit = world.account(), world.org.loyalty.credit_purchase
    future = START + timedelta(microseconds=1)
    assert refused(credit, **wanted(account, at=future)) == "purchase.in_the_future"
    assert refused(credit, **wanted(account, at=START, currency="USD")) == "purchase.other_currency"
    until(world, 2026, 1, 2)
    assert refused(credit, **wanted(account, at=START - timedelta(1))) == "purchase.before_account"
    none = made(make_world, earning=Earning(rules=[BASE]))
    refusal = refused(none.org.loyalty.credit_purchase, **wanted(none.account(), at=none.clock.now()))
    assert refusal == "purchase.not_credited_afterwards"
    world.org.loyalty.close_account(account)
    assert refused(credit, **wanted(account, at=START)) == "account.not_open"


@pytest.mark.rule("COM-9")
def test_once_for_ever_however_it_came_in(make_world):
    world = made(make_world)
    account, other = world.account(), world.account()
    credit, record = world.org.loyalty.credit_purchase, world.org.loyalty.record_purchase
    recorded = wanted(account, "T-1", at=START)
    record(**recorded)
    row = PurchaseRow("I-1", account, START, [PurchaseLine("item", 100)], "EUR")
    world.org.loyalty.import_purchases([row], source="till")
    for id in ("T-1", "I-1"):
        assert refused(credit, **wanted(account, id, at=START)) == "purchase.already_credited"
        assert refused(credit, **wanted(other, id, at=START)) == "purchase.already_credited"
    first = credit(**wanted(account, at=START), idempotency_key="desk-1")
    assert credit(**wanted(account, at=START), idempotency_key="desk-1") == first
    with pytest.raises(IdempotencyConflict):
        credit(**wanted(account, at=START, cents=1), idempotency_key="desk-1")
    assert refused(credit, **wanted(account, at=START)) == "purchase.already_credited"
    # The till was offline, and knows the card after all: it is the same purchase.
    assert record(**wanted(account, at=START)) == first
    assert refused(record, **wanted(other, at=START)) == "purchase.differs"
    assert len([each for each in world.entries(account) if each.kind is EntryKind.EARN]) == 3
    conserved(world, account, other)


@pytest.mark.rule("COM-13")
def test_it_is_not_the_members_to_do(make_world):
    world = made(make_world)
    member = world.member()
    account = world.account(member=member)
    with pytest.raises(PermissionDenied) as denied:
        world.acting_as(Actor.member(member)).loyalty.credit_purchase(**wanted(account, at=START))
    assert denied.value.details["permission"] == "members.purchases:create"
    staff = world.staff("members.purchases:create")
    assert staff.loyalty.credit_purchase(**wanted(account, at=START)).earned == 40
    assert world.entries(account)[-1].actor == "staff:sam"


def test_while_blocked_it_earns_nothing_and_is_recorded(make_world):
    world = made(make_world)
    account = world.account()
    world.org.loyalty.block_account(account, reason="fraud")
    until(world, 2026, 1, 3)
    done = world.org.loyalty.credit_purchase(**wanted(account, at=datetime(2026, 1, 2, tzinfo=UTC)))
    assert done.earned == 0
    assert not world.org.loyalty.find_purchase("till", "R-1").purchase.counted
